"""Metadata helps but never decides whether a picture loads; each kind of non-picture has its own message."""
import io
import os
import struct
import subprocess
import warnings
import zlib

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from stylelib import ImageError, load_image
from stylelib.engine.reading import READABLE, read_picture
from stylelib.style.masks import load_mask

from ..conftest import PHOTO

# Primaries as columns, in XYZ relative to D50 as profiles hold them (from the published profiles)
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
DISPLAY_P3 = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657],
                       [-0.00105, 0.04189, 0.78407]])
ADOBE_RGB = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
D50 = (0.9642, 1.0, 0.8249)


# ------------------------------------------------------------------------------------------ damaged metadata

BROKEN_EXIF = {
    "text of bytes": str(b"Exif\x00\x00MM\x00*").encode(),
    "cut off": b"Exif\0\0MM\0*",
    "nothing": b"Exif\0\0",
    "points past its end": b"Exif\0\0II*\0\xff\xff\0\0",
    "odd count": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\xff\xff\xff\x7f",
}


def _saved(kind, exif):
    buffer = io.BytesIO()
    with Image.open(PHOTO) as picture:
        small = picture.resize((40, 30))
    more = {"MPO": {"save_all": True, "append_images": [small]}, "WEBP": {"lossless": True}}
    small.save(buffer, kind, exif=exif, **more.get(kind, {}))
    return buffer.getvalue(), small


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG", "MPO"])
@pytest.mark.parametrize("broken", BROKEN_EXIF)
def test_a_broken_exif_is_ignored(kind, broken):
    data, small = _saved(kind, BROKEN_EXIF[broken])
    with warnings.catch_warnings():
        warnings.simplefilter("error")               # as under python -W error
        image, mask = load_image(io.BytesIO(data)), load_mask(io.BytesIO(data))
    assert image.shape == (1, 3, 30, 40) and mask.shape == (1, 1, 30, 40)
    assert (image - torch.from_numpy(np.array(small)).permute(2, 0, 1) / 255).abs().mean() < 0.03


def test_a_tiff_with_a_broken_exif_is_a_picture():
    data, _ = _saved("TIFF", b"")
    picture = Image.open(io.BytesIO(data))
    buffer = io.BytesIO()
    # the EXIF is said to lie past the file's end
    picture.save(buffer, "TIFF", tiffinfo={34665: 2**31 - 1})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_image(buffer).shape == (1, 3, 30, 40) and load_mask(buffer).shape == (1, 1, 30, 40)


def test_a_good_orientation_beside_broken_entries_is_used():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif = exif.tobytes() + b"\0"                    # and something behind it
    data, _ = _saved("PNG", exif)
    assert load_image(io.BytesIO(data)).shape == (1, 3, 40, 30)


def test_warnings_stay_on_after_reading():
    before = list(warnings.filters)
    load_image(io.BytesIO(_saved("JPEG", BROKEN_EXIF["cut off"])[0]))
    assert warnings.filters == before


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_with(chunk):
    """The small photo as a PNG with one more chunk in front of its pixels."""
    data, small = _saved("PNG", b"")
    return data[:33] + chunk + data[33:], small


@pytest.mark.parametrize("name", ["too long a text", "too long a profile", "text with a wrong checksum",
                                  "cut-off gamma"])
def test_a_png_with_sound_pixels_is_a_picture(name):
    long = zlib.compress(bytes(2_000_000))
    chunk = {"too long a text": _chunk(b"zTXt", b"Comment\0\0" + long),
             "too long a profile": _chunk(b"iCCP", b"icc\0\0" + long),
             "text with a wrong checksum": _chunk(b"tEXt", b"a\0b")[:-1] + b"?",
             "cut-off gamma": _chunk(b"gAMA", b"\0")}[name]
    data, small = _png_with(chunk)
    assert torch.equal(load_image(io.BytesIO(data))[0],
                       torch.from_numpy(np.array(small)).permute(2, 0, 1) / 255)


@pytest.mark.parametrize("name", ["gamma", "profile", "turn"])
def test_a_damaged_text_costs_no_colours_and_no_turn(name):
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = {"gamma": _chunk(b"gAMA", struct.pack(">I", 100_000)),
            "profile": _chunk(b"iCCP", b"icc\0\0" + zlib.compress(rgb_profile(DISPLAY_P3, 2.2))),
            "turn": _chunk(b"eXIf", exif.tobytes()[6:])}[name]
    sound, plain = _png_with(kept)[0], _png_with(b"")[0]
    damaged = _png_with(kept + _chunk(b"tEXt", b"a\0b")[:-1] + b"?")[0]
    expected = load_image(io.BytesIO(sound))
    assert torch.equal(load_image(io.BytesIO(damaged)), expected)
    assert not torch.equal(load_image(io.BytesIO(plain)).flatten(), expected.flatten())


def test_a_png_with_broken_pixels_is_not():
    data, _ = _png_with(_chunk(b"tEXt", b"a\0b"))
    with pytest.raises(ImageError, match="damaged"):
        load_image(io.BytesIO(data[:-400]))


# --------------------------------------------------------------------------------------------------- colours

def _profile(space, tags):
    """An ICC profile, version 2: a header, a table of tags, their data."""
    start, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    kind, pcs = (b"prtr", b"Lab ") if space == b"CMYK" else (b"mntr", b"XYZ ")
    date = 2024, 1, 1, 0, 0, 0
    rest = struct.pack(">4sI4s4s4s6H4s4s", b"none", 0x02400000, kind, space, pcs, *date, b"acsp", bytes(4))
    header = rest + bytes(24) + struct.pack(">3i", *(round(65536 * v) for v in D50))
    size, count = struct.pack(">I", start + len(body)), struct.pack(">I", len(tags))
    return size + (header + bytes(128))[:124] + count + table + body


def _names():
    text = b"test\0"
    return {b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78),
            b"cprt": b"text" + bytes(4) + text}


def _xyz(values):
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(65536 * value) for value in values))


def _curve(gamma):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(256 * gamma))


def rgb_profile(primaries, gamma):
    colorants = {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries.T)}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(gamma))
    return _profile(b"RGB ", {**_names(), b"wtpt": _xyz(D50), **colorants, **curves})


def grey_profile(gamma):
    return _profile(b"GRAY", {**_names(), b"wtpt": _xyz(D50), b"kTRC": _curve(gamma)})


def cmyk_profile(colour):
    """A printer whose inks have the L, a, b of `colour`, each and together; paper is white."""
    straight, encoded = bytes(range(256)), bytes([round(colour[0] * 2.55), colour[1] + 128, colour[2] + 128])
    # the last ink varies fastest
    table = bytes([255, 128, 128]) + bytes([0, 128, 128]) + 7 * (encoded + bytes([0, 128, 128]))
    matrix = struct.pack(">9i", *(65536 * np.eye(3, dtype=int).flatten()))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + 4 * straight + table + 3 * straight
    return _profile(b"CMYK", {**_names(), b"wtpt": _xyz(D50), b"A2B0": lut})


def light(levels):
    """sRGB levels -> light, IEC 61966-2-1."""
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


@pytest.fixture
def levels():
    """The photo's own sRGB levels, (H, W, 3) from 0 to 1."""
    with Image.open(PHOTO) as picture:
        return np.asarray(picture.resize((96, 64))) / 255


def _in(levels, primaries, gamma):
    """The same colours in other primaries with another gamma, as 8-bit levels."""
    mixed = light(levels) @ (np.linalg.inv(primaries) @ SRGB).T
    return Image.fromarray((mixed.clip(0, 1) ** (1 / gamma) * 255).round().astype(np.uint8))


@pytest.mark.parametrize("primaries, gamma", [(DISPLAY_P3, 2.2), (ADOBE_RGB, 2.2), (SRGB, 1.8)],
                         ids=["Display P3", "Adobe RGB", "gamma 1.8"])
@pytest.mark.parametrize("kind, options", [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True}),
                                           ("JPEG", {"quality": 100, "subsampling": 0})])
def test_colours_come_back_from_another_profile(primaries, gamma, kind, options, levels):
    picture, buffer = _in(levels, primaries, gamma), io.BytesIO()
    picture.save(buffer, kind, icc_profile=rgb_profile(primaries, gamma), **options)
    loaded = load_image(buffer)[0].permute(1, 2, 0).numpy()
    off = 255 * np.abs(loaded - levels)
    assert off.mean() < 1 and np.quantile(off, 0.99) < 4           # 8 bits twice, and JPEG
    ignored = 255 * np.abs(np.asarray(picture) / 255 - levels)
    assert ignored.mean() > 3 * off.mean()           # so the profile made the difference


def test_transparency_and_palettes_keep_their_profile(levels):
    picture, buffer = _in(levels, DISPLAY_P3, 2.2), io.BytesIO()
    profile = rgb_profile(DISPLAY_P3, 2.2)
    half = picture.copy()
    half.putalpha(Image.fromarray(np.repeat(np.uint8([[0, 255]]), 48, axis=1).repeat(64, axis=0)))
    half.save(buffer, "PNG", icc_profile=profile)
    loaded = load_image(buffer)[0].permute(1, 2, 0).numpy()
    assert (loaded[:, :48] == 1).all() and 255 * np.abs(loaded - levels)[:, 48:].mean() < 1
    indexed, plain, buffer = picture.quantize(64), io.BytesIO(), io.BytesIO()
    indexed.save(buffer, "PNG", icc_profile=profile)
    indexed.convert("RGB").save(plain, "PNG", icc_profile=profile)
    assert torch.equal(load_image(buffer), load_image(plain))


def test_grey_with_a_profile(levels):
    grey = levels.mean(2)
    picture, buffer = Image.fromarray((light(grey) ** (1 / 1.8) * 255).round().astype(np.uint8)), io.BytesIO()
    picture.save(buffer, "PNG", icc_profile=grey_profile(1.8))
    loaded = load_image(buffer)[0].permute(1, 2, 0).numpy()
    assert 255 * np.abs(loaded - grey[..., None]).mean() < 1


def test_print_colours_with_a_profile():
    """Cyan by its name, pink by its profile."""
    picture, buffer = Image.new("CMYK", (20, 20), (255, 0, 0, 0)), io.BytesIO()
    picture.save(buffer, "TIFF", icc_profile=cmyk_profile((60, 60, 0)))
    y = (60 + 16) / 116                              # from L, a, b to light, CIE 1976
    pink = np.linalg.inv(SRGB) @ (np.array(D50) * np.array([y + 60 / 500, y, y]) ** 3)
    expected = 255 * np.where(pink <= 0.0031308, 12.92 * pink, 1.055 * pink ** (1 / 2.4) - 0.055)
    assert np.allclose(read_picture(buffer).getpixel((5, 5)), expected, atol=3)
    assert expected[0] > 200 > 130 > expected[1]


@pytest.mark.parametrize("profile", [b"no profile", b"", grey_profile(1.8), cmyk_profile((60, 60, 0)),
                                     rgb_profile(ADOBE_RGB, 2.2)[:300]],
                         ids=["words", "empty", "of grey", "of print", "cut off"])
def test_a_profile_that_does_not_fit_is_ignored(profile, levels):
    picture, buffer = Image.fromarray((levels * 255).round().astype(np.uint8)), io.BytesIO()
    picture.save(buffer, "PNG", icc_profile=profile)
    assert np.array_equal(read_picture(buffer), picture)


def test_without_a_profile_or_with_that_of_srgb_nothing_changes(levels):
    picture = Image.fromarray((levels * 255).round().astype(np.uint8))
    for options in ({}, {"icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()}):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", **options)
        assert np.array_equal(read_picture(buffer), picture)


def test_a_masks_levels_are_no_colours():
    picture, buffer = Image.new("L", (20, 20), 128), io.BytesIO()
    picture.save(buffer, "PNG", icc_profile=grey_profile(1.0))
    assert load_mask(buffer).eq(128 / 255).all()
    assert load_image(buffer).min() > 0.7            # as a picture it would be much lighter


@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8])
def test_a_pngs_gamma(gamma, levels):
    encoded = (light(levels) ** gamma * 255).round().astype(np.uint8)
    data = io.BytesIO()
    Image.fromarray(encoded).save(data, "PNG")
    data = data.getvalue()
    chunk = _chunk(b"gAMA", struct.pack(">I", round(gamma * 100000)))
    loaded = load_image(io.BytesIO(data[:33] + chunk + data[33:]))[0].permute(1, 2, 0).numpy()
    assert np.abs(loaded - levels).mean() * 255 < 3
    # the usual one means sRGB: nothing changes
    usual = _chunk(b"gAMA", struct.pack(">I", 45455))
    assert np.array_equal(read_picture(io.BytesIO(data[:33] + usual + data[33:])), encoded)


# --------------------------------------------------------------------------------- levels in unusual numbers

def test_8_bit_levels_in_a_wide_file_are_not_black():
    grey, buffer = np.arange(400).reshape(20, 20).clip(0, 255), io.BytesIO()
    Image.fromarray(grey.astype(np.int32)).save(buffer, "TIFF")
    assert np.array_equal(np.asarray(read_picture(buffer))[..., 0], grey)


def test_levels_beyond_16_bits_are_refused():
    for levels in (np.full((20, 20), 70_000), np.full((20, 20), -3)):
        buffer = io.BytesIO()
        Image.fromarray(levels.astype(np.int32)).save(buffer, "TIFF")
        level = levels[0, 0]
        with pytest.raises(ImageError, match=f"goes from {level} to {level}, more than 16 bits"):
            load_image(buffer)


def test_nothing_to_see_is_refused():
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (90, 0, 0, 0)).save(buffer, "PNG")
    for load in (load_image, load_mask):
        with pytest.raises(ImageError, match="transparent everywhere"):
            load(buffer)


# -------------------------------------------------------------------------------------- what is no picture

@pytest.mark.parametrize("data, words", [
    (b"", "empty file"),
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC.*Most Compatible"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS.*git lfs pull"),
    (b"\n<!DOCTYPE html><html>", "web page"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"), (b"%PDF-1.7", "PDF"),
    (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
    (b"\xff\x0a\0\0", "JPEG XL"),
    (b"any words", "be read: use a JPEG, PNG, WebP or TIFF")])
def test_strangers(data, words, tmp_path):
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(ImageError, match=rf"a\.jpg is not a picture (but|that) .*{words}") as caught:
        load_image(tmp_path / "a.jpg")
    assert "\n" not in str(caught.value)


def test_postscript_starts_no_program(tmp_path, monkeypatch):
    """Pillow would decode it by starting Ghostscript."""
    Image.new("RGB", (20, 20)).save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / "a.jpg")
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(ImageError, match="PostScript"):
        load_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("name", ["https://example.org/a.jpg", "HTTP://example.org/a.jpg",
                                  "data:image/png;base64,AAAA"])
def test_a_web_address(name):
    with pytest.raises(ImageError, match=r"web address.*download"):
        load_image(name)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here, whole = f" (looked in {tmp_path})", str(tmp_path / "a.jpg")
    for name, place in (("../data/a.jpg", here), ("~no-such-user/a.jpg", here), (whole, "")):
        with pytest.raises(ImageError) as caught:
            load_image(name)
        assert str(caught.value) == f"no such file: {name}{place}"


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    assert load_image("~/a.png").shape == (1, 3, 20, 20)


def test_odd_names(tmp_path):
    os.symlink(tmp_path / "circle.png", tmp_path / "circle.png")
    for name, words in (("", "name of the picture is empty"), ("a" * 300 + ".png", "such a long name"),
                        ("a\0b.png", "null"), (tmp_path / "circle.png", "circle"), (tmp_path, "folder")):
        with pytest.raises(ImageError, match=words):
            load_image(name)


@pytest.mark.parametrize("source, words", [(None, "got NoneType"), (b"\x89PNG", "got bytes"), (3, "got int"),
                                           (io.StringIO("a"), "binary file")])
def test_what_is_no_file(source, words):
    with pytest.raises(ImageError, match=words):
        load_image(source)


def test_a_text_file_is_no_fault_of_permissions():
    with open(PHOTO, encoding="utf-8") as file:
        with pytest.raises(ImageError, match="must be opened as a binary file"):
            load_image(file)


def test_a_closed_file():
    file = open(PHOTO, "rb")
    file.close()
    with pytest.raises(ImageError, match="closed file"):
        load_image(file)


@pytest.mark.parametrize("how", ["close", "with", "loaded", "file", "new"])
def test_a_closed_pillow_picture_is_not_called_damaged(how):
    picture = Image.new("RGB", (20, 20)) if how == "new" else Image.open(PHOTO)
    if how == "with":
        with picture:
            pass
    elif how == "file":
        with open(PHOTO, "rb") as file:
            picture = Image.open(file)
    else:
        if how == "loaded":
            picture.load()
        picture.close()
    for load in (load_image, load_mask):
        with pytest.raises(ImageError, match=r"is a Pillow picture that was closed .*again$") as caught:
            load(picture)
        assert "damaged" not in str(caught.value)


def test_a_pillow_picture_that_was_read_before_its_file_was_closed():
    with Image.open(PHOTO) as picture:
        picture.load()
    assert torch.equal(load_image(picture), load_image(PHOTO))


def test_a_large_pillow_picture_is_not_called_closed(monkeypatch):
    with Image.open(PHOTO) as picture:
        picture.load()
    monkeypatch.setattr("stylelib.engine.reading.MAX_PIXELS", 1000)
    with pytest.raises(ImageError, match="more than 0 million pixels"):
        load_image(picture)


def test_a_damaged_pillow_picture_is_not_called_closed():
    with pytest.raises(ImageError, match="is damaged and cannot be decoded"):
        load_image(Image.open(io.BytesIO(PHOTO.read_bytes()[:5000])))


@pytest.mark.parametrize("kind", [kind for kind in READABLE if kind not in ("HEIF", "PSD", "QOI", "MPO")])
def test_every_format_that_is_named(kind):
    Image.init()
    if kind not in Image.SAVE:
        pytest.skip(f"this Pillow cannot write {kind}")
    buffer = io.BytesIO()
    more = {"sizes": [(48, 48)]} if kind == "ICO" else {}
    Image.new("RGB", (48, 48), (200, 100, 50)).save(buffer, kind, **more)
    image = load_image(buffer)
    assert image.shape == (1, 3, 48, 48)
    assert torch.allclose(image.mean((2, 3)), torch.tensor([[200, 100, 50]]) / 255, atol=0.05)
