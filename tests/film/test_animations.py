"""Animated GIF, WebP and PNG: without PyAV, in the right order, at the right time."""
import io
import sys
import warnings

import pytest
import torch
from PIL import Image

from stylelib import ImageError
from stylelib.film.animations import durations
from stylelib.film.frames import film_info, read_film
from stylelib.film.writer import write_film
from stylelib.images import to_pil

from .films import film, picture


@pytest.fixture(autouse=True)
def no_pyav(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)


def error(one, other):
    return 255 * (one - other).abs().mean().item()


def animation(path, count=5, **more):
    """Written by Pillow alone."""
    pictures = [to_pil(picture(index)) for index in range(count)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], **more)
    return path


@pytest.mark.parametrize("name", ["a.webp", "a.gif"])
def test_an_animation_comes_back(name, tmp_path):
    path = film(tmp_path / name, 10, width=65, height=47)           # odd sides stay
    info = film_info(path)
    assert (info.width, info.height, info.frames, info.sound) == (65, 47, 10, False)
    assert info.rate == pytest.approx(10) and info.seconds == pytest.approx(1)
    frames = list(read_film(path))
    assert [frame.time for frame in frames] == pytest.approx([index / 10 for index in range(10)])
    for index, frame in enumerate(frames):
        assert frame.image.shape == (1, 3, 47, 65)
        assert error(frame.image, picture(index, 65, 47)) < 8       # another frame differs by 20
    assert next(read_film(path, 32)).image.shape == (1, 3, 23, 32)


@pytest.mark.parametrize("name", ["a.webp", "a.gif"])
def test_frames_that_are_not_equally_long(name, tmp_path):
    times = [0.0, 0.1, 0.5, 0.55, 1.3]
    with write_film(tmp_path / name) as writer:
        for index, time in enumerate(times):
            writer.add(picture(index), time + 2, 0.7)
    frames = list(read_film(tmp_path / name))
    assert [frame.time for frame in frames] == pytest.approx(times, abs=0.006)
    assert frames[-1].seconds == pytest.approx(0.7, abs=0.006)


def test_errors_of_rounding_do_not_add_up():
    """30 frames a second are 33.3 ms each, and a GIF counts in 10 ms."""
    times = [index / 30 for index in range(301)]
    assert sum(durations(times, 0.01)) == 10_000 and set(durations(times, 0.01)) == {30, 40}
    assert sum(durations(times, 0.001)) == 10_000 and set(durations(times, 0.001)) == {33, 34}
    # browsers show a tenth of a second instead of 10 ms
    assert min(durations([index / 100 for index in range(11)], 0.01)) == 20
    assert set(durations([index / 240 for index in range(11)], 0.001)) == {11}


@pytest.mark.parametrize("name", ["a.webp", "a.gif"])
@pytest.mark.parametrize("given, seconds", [(0, 0.1), (10, 0.1), (20, 0.02)])
def test_haste_is_read_as_browsers_show_it(name, given, seconds, tmp_path):
    frames = list(read_film(animation(tmp_path / name, duration=given)))
    assert [frame.seconds for frame in frames] == pytest.approx([seconds] * 5)


def test_an_animated_png(tmp_path):
    frames = list(read_film(animation(tmp_path / "a.png", duration=40)))
    assert len(frames) == 5 and all(error(frame.image, picture(i)) < 1 for i, frame in enumerate(frames))
    # the first picture may be there only for those who cannot show the others
    path = animation(tmp_path / "b.png", duration=40, default_image=True)
    frames = list(read_film(path))
    assert len(frames) == film_info(path).frames == 4 and error(frames[0].image, picture(1)) < 1


def test_transparent_parts_are_laid_on_white(tmp_path):
    pictures = [Image.new("RGBA", (20, 20), (200, 0, 0, alpha)) for alpha in (0, 255)]
    pictures[0].save(tmp_path / "a.webp", save_all=True, append_images=pictures[1:], lossless=True)
    first, second = (frame.image.mean((2, 3))[0] * 255 for frame in read_film(tmp_path / "a.webp"))
    assert torch.allclose(first, torch.tensor([255.0, 255, 255]), atol=1)
    assert torch.allclose(second, torch.tensor([200.0, 0, 0]), atol=1)


@pytest.mark.parametrize("name", ["a.gif", "a.png"])
def test_an_animation_that_is_cut_off(name, tmp_path):
    data = animation(tmp_path / name, 12, duration=50).read_bytes()
    (tmp_path / name).write_bytes(data[:len(data) * 6 // 10])
    with pytest.warns(UserWarning, match=rf"{name} is damaged or cut off after \d frames"):
        frames = list(read_film(tmp_path / name))
    assert 3 < len(frames) < 11 and error(frames[2].image, picture(2)) < 8


def test_a_whole_animation_gives_no_warning(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("a.gif", "a.webp", "a.png"):
            assert len(list(read_film(animation(tmp_path / name)))) == 5


def test_an_open_file(tmp_path):
    data = animation(tmp_path / "a.webp").read_bytes()
    assert film_info(io.BytesIO(data)).frames == 5
    assert len(list(read_film(io.BytesIO(data)))) == 5


def test_sizes_that_are_refused(tmp_path, monkeypatch):
    pictures = [Image.new("RGB", (1, 1), color) for color in ("red", "blue")]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:])
    with pytest.raises(ImageError, match=r"a\.gif is 1x1 px here"):
        list(read_film(tmp_path / "a.gif"))
    monkeypatch.setattr("stylelib.film.animations.MAX_PIXELS", 1000)
    with pytest.raises(ImageError, match="more than 0 million pixels"):
        list(read_film(animation(tmp_path / "b.gif")))


def test_a_bright_film_is_clamped(tmp_path):
    with write_film(tmp_path / "a.webp") as writer:
        writer.add(picture(0) + 0.5)
        writer.add(picture(1) - 0.3)
        with pytest.raises(ImageError, match="NaN"):
            writer.add(picture(2) * float("nan"))
    assert writer.frames == 2 and len(list(read_film(tmp_path / "a.webp"))) == 2
