"""Any ordinary picture file becomes the same kind of tensor, and every bad one a clear message."""
import io
import os
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from stylelib import ImageError, Result, load_image, resize_image, save_image
from stylelib.engine.checks import check_positive_int
from stylelib.engine.inputs import check_picture
from stylelib.engine.reading import MAX_PIXELS
from stylelib.images import as_picture, check_output, to_pil

from ..conftest import PHOTO


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


@pytest.mark.parametrize("mode, suffix", [
    ("L", "png"), ("P", "png"), ("1", "png"), ("L", "jpg"), ("CMYK", "jpg"), ("CMYK", "tif")])
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
    """A PNG that claims to be width x height pixels, with almost no pixels in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"few")), (b"IEND", b"")):
        png += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return png


@pytest.mark.parametrize("name, content, words", [
    ("missing.jpg", None, "no such file"),
    ("empty.jpg", b"", "not a picture but an empty file"),
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


@pytest.mark.parametrize("suffix, tolerance",
                         [("png", 0.002), ("tif", 0.002), ("bmp", 0.002), ("jpg", 0.03), ("webp", 0.05)])
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


@pytest.mark.parametrize("name, words", [
    ("a.xyz", "format"), ("a", "format"), (".", "format"), ("no/such/a.png", "does not exist")])
def test_bad_output_names(name, words, tmp_path):
    with pytest.raises(ImageError, match=words):
        save_image(torch.zeros(1, 3, 20, 20), tmp_path / name)


def test_where_to_write_is_a_name():
    for place in (io.BytesIO(), 3, b"a.png"):
        with pytest.raises(ImageError, match="where to write must be the name of a file, got a"):
            save_image(torch.zeros(1, 3, 20, 20), place)


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


# ----------------------------------------------------------------------------------- one way for pictures in

def test_every_kind_of_picture_comes_in_as_the_same(colors, tmp_path):
    Image.fromarray(colors).save(tmp_path / "a.png")
    expected = load_image(tmp_path / "a.png")
    levels = torch.from_numpy(colors).permute(2, 0, 1)[None]
    with open(tmp_path / "a.png", "rb") as file:
        for source in (tmp_path / "a.png", str(tmp_path / "a.png"), file, Image.fromarray(colors),
                       colors, colors[::-1][::-1], colors / 255, (colors / 255).astype(">f8"), levels,
                       expected, expected.double(), expected.clone().requires_grad_(), expected.numpy()):
            image = as_picture(source)
            assert image.dtype == torch.float32 and not image.requires_grad
            assert torch.allclose(image, expected, atol=1e-6) and image.device.type == "cpu"
    assert torch.equal(as_picture(colors[..., 0]), expected[:, :1].expand(-1, 3, -1, -1))          # grey
    assert (as_picture(expected.half()) - expected).abs().max() < 1e-3


@pytest.mark.parametrize("height, width, size",
                         [(427, 640, 96), (171, 256, 97), (64, 64, 64), (33, 90, 63), (20, 30, 400)])
def test_tensors_are_shrunk_as_before(height, width, size, random):
    """Bit for bit what `stylize` did when it had this code itself."""
    image = random(1, 3, height, width)
    factor = min(1.0, size / max(height, width))
    shape = [round(side * factor) for side in (height, width)]
    expected = image if shape == [height, width] else resize_image(image, *shape).clamp(0, 1)
    assert torch.equal(as_picture(image, "content", size), expected)


def test_a_panorama_is_refused_as_a_tensor_as_well(random):
    with pytest.raises(ImageError, match=r"content is 128x3 px here; .*at least 16 px a side"):
        as_picture(random(1, 3, 20, 900), "content", 128)


def test_what_resizing_overshoots_is_clamped(random):
    image = random(1, 3, 20, 20) * 1.3 - 0.15
    assert torch.equal(check_picture(image), image.clamp(0, 1))


@pytest.mark.parametrize("change, words", [
    (lambda x: x * 255, "content goes from 0 to 255 and must lie in .*: divide by 255"),
    (lambda x: x * 65535, "divide by 65535"),
    (lambda x: x * 2 - 1, "goes from -1 to 1 .*: add 1 and divide by 2"),
    (lambda x: (x - 0.45) / 0.22, "prepared for a network"),
    (lambda x: x * 255 - 117, "prepared for a network"),
    (lambda x: x * 1.6, r"x\.clamp\(0, 1\)"),
    (lambda x: (x * 255).long(), r"int64 numbers.*x\.to\(torch\.uint8\)"),
    (lambda x: x.masked_fill(x > 0.9, torch.nan), "content contains NaN"),
    (lambda x: x / 0, "infinite")])
def test_another_range_is_quoted(change, words):
    ramp = torch.linspace(0, 1, 20).expand(1, 3, 20, 20)
    with pytest.raises(ImageError, match=words) as caught:
        as_picture(change(ramp), "content")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("source, words", [
    (torch.zeros(3, 20, 30), r"\(3, 20, 30\): write x\[None\]"),
    (torch.zeros(20, 30, 3), r"write x\.permute\(2, 0, 1\)\[None\]"),
    (torch.zeros(1, 20, 30, 3), r"x\.permute\(0, 3, 1, 2\)"),
    (torch.zeros(2, 3, 20, 30), r"x\[:1\]"), (torch.zeros(1, 4, 20, 30), r"x\[:, :3\]"),
    (torch.zeros(1, 1, 20, 30), "x.expand"), (torch.zeros(20, 30), "x.expand"),
    (np.zeros((20, 30, 4)), r"x\[\.\.\., :3\]"), (np.zeros((3, 20, 30)), r"x\.transpose\(1, 2, 0\)"),
    (np.zeros((2, 20, 30, 3)), "array of shape"),
    (np.array(["a"]), "array of numbers"), (np.zeros((20, 30, 3), complex), "numbers"),
    (None, "got None"), (3, "got 3"),
    (["a.jpg"], "got a list"), ({}, "got a dict"), (b"a.jpg", "got a bytes")])
def test_what_is_no_picture(source, words):
    with pytest.raises(ImageError, match=words) as caught:
        as_picture(source, "style")
    assert "style" in str(caught.value) and "\n" not in str(caught.value)


def test_hints_of_shape_are_right(random):
    """What the messages tell people to write gives a picture."""
    for x, hint in ((random(3, 20, 30), "x[None]"), (random(20, 30, 3), "x.permute(2, 0, 1)[None]"),
                    (random(1, 20, 30, 3), "x.permute(0, 3, 1, 2)"),
                    (random(2, 3, 20, 30), "x[:1]"), (random(1, 4, 20, 30), "x[:, :3]"),
                    (random(1, 1, 20, 30), "x.expand(1, 3, -1, -1)"),
                    (random(1, 20, 30), "x.expand(1, 3, -1, -1)"),
                    (random(20, 30), "x.expand(1, 3, -1, -1)")):
        with pytest.raises(ImageError) as caught:
            as_picture(x)
        assert str(caught.value).endswith(hint) and as_picture(eval(hint, {"x": x})).shape == (1, 3, 20, 30)


@pytest.mark.parametrize("value", [np.int64(5), np.uint8(5), 5])
def test_numpys_whole_numbers_are_numbers(value):
    assert check_positive_int("size", value, "number of pixels") == 5
    assert type(check_positive_int("size", value, "px")) is int
    assert load_image(PHOTO, np.int64(64)).shape == (1, 3, 43, 64)


@pytest.mark.parametrize("value",
                         [np.int64(0), np.bool_(True), np.float64(5), None, torch.tensor(5), "5", [5]])
def test_other_numbers_are_not(value):
    with pytest.raises(ValueError, match="size must be a positive number of pixels, got"):
        check_positive_int("size", value, "number of pixels")


# ---------------------------------------------------------------------------------------------------- saving

def test_levels_are_saved_as_levels(colors, tmp_path):
    expected, levels = Image.fromarray(colors), torch.from_numpy(colors).permute(2, 0, 1)[None]
    for image in (levels, levels[0], levels / 255, colors, colors / 255, expected):
        assert np.array_equal(to_pil(image), expected)
        save_image(image, tmp_path / "a.png")
        assert np.array_equal(Image.open(tmp_path / "a.png"), expected)


@pytest.mark.parametrize("image, words", [
    (torch.linspace(0, 255, 20).expand(1, 3, 20, 20), "from 0 to 255 .*divide by 255"),
    (torch.zeros(1, 3, 20, 20).long(), "int64"),
    (None, "got None"), ("a.png", "got a str")])
def test_what_cannot_be_saved(image, words, tmp_path):
    with pytest.raises(ImageError, match=words):
        save_image(image, tmp_path / "a.png")
    assert not os.listdir(tmp_path)


def test_a_name_of_255_bytes(tmp_path):
    name = "a" * 251 + ".png"
    save_image(torch.zeros(1, 3, 20, 20), tmp_path / name)
    assert os.listdir(tmp_path) == [name]
    with pytest.raises(ImageError, match=r"cannot write .*too long"):
        save_image(torch.zeros(1, 3, 20, 20), tmp_path / ("a" + name))


def test_permissions_are_those_of_any_new_file(tmp_path, monkeypatch):
    """They are found out without changing the process's umask, which its threads share."""
    old = os.umask(0o027)
    monkeypatch.setattr(os, "umask", None)
    try:
        save_image(torch.zeros(1, 3, 20, 20), tmp_path / "a.png")
        if os.name == "posix":
            assert (tmp_path / "a.png").stat().st_mode & 0o777 == 0o640
            (tmp_path / "a.png").chmod(0o600)                  # a private picture stays private
            save_image(torch.ones(1, 3, 20, 20), tmp_path / "a.png")
            assert (tmp_path / "a.png").stat().st_mode & 0o777 == 0o600
    finally:
        monkeypatch.undo()
        os.umask(old)


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.png").symlink_to(tmp_path / "folder" / "real.png")
    save_image(torch.zeros(1, 3, 20, 20), tmp_path / "a.png")
    assert (tmp_path / "a.png").is_symlink() and load_image(tmp_path / "folder" / "real.png").max() == 0


def test_a_tilde_in_the_output(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    save_image(torch.zeros(1, 3, 20, 20), "~/a.png")
    assert (tmp_path / "a.png").is_file()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(ImageError, match="no ordinary file"):
        save_image(torch.zeros(1, 3, 20, 20), tmp_path / "a.png")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0,
                    reason="nothing is forbidden to this user")
def test_places_that_are_protected(tmp_path):
    save_image(torch.zeros(1, 3, 20, 20), tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0o444)
    (tmp_path / "private").mkdir(mode=0)
    for name, words in (("a.png", "write-protected"), ("private/a.png", "Permission denied")):
        with pytest.raises(ImageError, match=words):
            check_output(tmp_path / name)


def test_more_pixels_than_the_format_holds(tmp_path):
    with pytest.raises(ImageError, match=r"cannot write .*(16383|encoding error 5)"):
        save_image(torch.zeros(1, 3, 2, 17000), tmp_path / "a.webp")
    assert not os.listdir(tmp_path)


def test_a_result_is_taken_for_the_picture_that_it_holds(tmp_path, random):
    image = random(1, 3, 20, 30)
    assert torch.equal(as_picture(Result(image, [])), image)
    save_image(Result(image, []), tmp_path / "a.png")
    assert torch.allclose(load_image(tmp_path / "a.png"), image, atol=0.5 / 255 + 1e-6)
