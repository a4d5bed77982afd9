"""Any ordinary picture file becomes the same kind of tensor, and every bad one a clear message."""
import os
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from stylelib import ImageError, load_image, resize_image, save_image
from stylelib.reading import MAX_PIXELS

from .conftest import PHOTO


@pytest.fixture
def colors():
    """A 40x30 px picture without symmetry: red grows to the right, green downwards, blue is 0.2."""
    down, across = np.mgrid[0:30, 0:40]
    return np.stack([across * 6, down * 8, np.full((30, 40), 51)], axis=2).astype(np.uint8)


def test_layout_range_and_channel_order(colors, tmp_path):
    Image.fromarray(colors).save(tmp_path / "a.png")
    image = load_image(tmp_path / "a.png")
    assert image.shape == (1, 3, 30, 40) and image.dtype == torch.float32 and image.is_contiguous()
    assert image[0, 0, 5, 10] == pytest.approx(60 / 255) and image[0, 1, 5, 10] == pytest.approx(40 / 255)
    assert image[0, 2].eq(51 / 255).all()


def test_size_is_the_longest_side_and_never_enlarges(colors, tmp_path):
    Image.fromarray(colors).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png", 24).shape == (1, 3, 18, 24)
    assert load_image(tmp_path / "a.png", 400).shape == (1, 3, 30, 40)
    assert load_image(PHOTO, 256).shape == (1, 3, 171, 256)


def test_shrinking_averages_instead_of_skipping(tmp_path):
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "a.png")
    small = load_image(tmp_path / "a.png", 16)
    assert small.sub(0.5).abs().max() < 0.1      # plain sampling would give all black or all white


def test_camera_rotation_is_applied(colors, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6                             # "turn by 90 degrees clockwise to view"
    Image.fromarray(colors).save(tmp_path / "a.png", exif=exif)
    upright = torch.rot90(torch.from_numpy(colors).permute(2, 0, 1)[None] / 255, -1, (2, 3))
    assert torch.allclose(load_image(tmp_path / "a.png"), upright)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white(mode, tmp_path):
    picture = Image.new("RGBA", (20, 20), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 10, 20))
    picture.convert(mode).save(tmp_path / "a.png")
    image = load_image(tmp_path / "a.png")
    assert image[..., :10].eq(1).all() and image[..., 10:].eq(0).all()


@pytest.mark.parametrize("mode, suffix", [("L", "png"), ("P", "png"), ("1", "png"), ("CMYK", "jpg"), ("CMYK", "tif"), ("L", "jpg")])
def test_other_modes_become_rgb(mode, suffix, tmp_path):
    picture = Image.new("RGB", (20, 20), "white").convert(mode)
    picture.save(tmp_path / f"a.{suffix}")
    image = load_image(tmp_path / f"a.{suffix}")
    assert image.shape == (1, 3, 20, 20) and image.min() > 0.97


def test_16_bit_grey_keeps_its_shades(tmp_path):
    grey = np.linspace(0, 65535, 400).reshape(20, 20).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / "a.png")
    image = load_image(tmp_path / "a.png")
    assert torch.allclose(image[0, 0], torch.from_numpy(grey / 65535).float(), atol=1 / 255)


def test_an_open_file_works_too():
    with open(PHOTO, "rb") as file:
        assert torch.equal(load_image(file, 64), load_image(PHOTO, 64))


def _png(width, height):
    """A PNG that claims to be width x height pixels, with next to no pixels in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"few")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)


@pytest.mark.parametrize("name, content, words", [
    ("missing.jpg", None, "no such file"),
    ("empty.jpg", b"", "not a picture"),
    ("text.jpg", b"not a picture at all", "not a picture"),
    ("truncated.jpg", PHOTO.read_bytes()[:5000], "damaged"),
    ("short.png", _png(40, 40), "damaged"),
    ("bomb.png", _png(60_000, 60_000), "million pixels"),
    ("big.png", _png(MAX_PIXELS // 8000 + 1, 8000), "million pixels"),
], ids=lambda value: value if isinstance(value, str) and "." in value else "")
def test_bad_files(name, content, words, tmp_path, recwarn):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ImageError, match=words) as caught:
        load_image(tmp_path / name)
    assert name in str(caught.value) and "\n" not in str(caught.value)
    assert not recwarn.list


def test_a_folder_is_no_picture(tmp_path):
    with pytest.raises(ImageError, match="folder"):
        load_image(tmp_path)


@pytest.mark.parametrize("width, height, size", [(1, 1, None), (15, 100, None), (1000, 50, 256)])
def test_too_small_for_the_network(width, height, size, tmp_path):
    Image.new("RGB", (width, height)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="at least 16 px"):
        load_image(tmp_path / "a.png", size)


@pytest.mark.parametrize("size", [0, -3, 2.5, "256", True])
def test_bad_size_is_quoted(size):
    with pytest.raises(ValueError, match=f"positive number of pixels, got {size!r}"):
        load_image(PHOTO, size)


@pytest.mark.parametrize("suffix, tolerance", [("png", 0.002), ("tif", 0.002), ("bmp", 0.002), ("jpg", 0.03), ("webp", 0.05)])
def test_round_trip(suffix, tolerance, tmp_path):
    image = load_image(PHOTO, 64)
    save_image(image, tmp_path / f"a.{suffix}")
    assert (load_image(tmp_path / f"a.{suffix}") - image).abs().mean() < tolerance
    assert os.listdir(tmp_path) == [f"a.{suffix}"]


def test_saving_clamps(tmp_path):
    image = torch.full((1, 3, 20, 20), 0.5)
    image[..., :10], image[..., 10:] = -0.4, 1.7
    save_image(image, tmp_path / "a.png")
    saved = load_image(tmp_path / "a.png")
    assert saved[..., :10].eq(0).all() and saved[..., 10:].eq(1).all()


@pytest.mark.parametrize("name, words", [("a.xyz", "format"), ("a", "format"), ("no/such/a.png", "does not exist"), (".", "format")])
def test_bad_output_names(name, words, tmp_path):
    with pytest.raises(ImageError, match=words):
        save_image(torch.zeros(1, 3, 20, 20), tmp_path / name)


def test_a_failed_save_leaves_the_old_file(tmp_path):
    save_image(torch.zeros(1, 3, 20, 20), tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()
    with pytest.raises(ImageError, match="NaN"):
        save_image(torch.full((1, 3, 20, 20), torch.nan), tmp_path / "a.png")
    with pytest.raises(ImageError, match="shape"):
        save_image(torch.zeros(1, 4, 20, 20), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == before and os.listdir(tmp_path) == ["a.png"]


def test_resize_keeps_the_place_of_things(random):
    image = random(1, 3, 20, 30)
    assert torch.allclose(resize_image(image, 20, 30), image, atol=1e-5)
    ramp = torch.linspace(0, 1, 32).expand(1, 3, 32, 32)
    small = resize_image(ramp, 16, 16)
    assert small.shape == (1, 3, 16, 16) and small[0, 0, 3].diff().gt(0).all()
    assert small.mean() == pytest.approx(0.5, abs=1e-3)
