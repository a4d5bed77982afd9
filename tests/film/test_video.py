"""Films by PyAV: what goes in comes out, in the right place, at the right time, in the right colours."""
import io
import os
import sys
import threading
import warnings
import weakref
from fractions import Fraction
from itertools import pairwise

import numpy as np
import psutil
import pytest
import torch

from stylelib import ImageError
from stylelib.film.frames import film_info, read_film
from stylelib.film.video import Movie
from stylelib.film.writer import write_film

from .films import add_tone, film, film_by_pyav, packets_of_sound, picture

av = pytest.importorskip("av", reason="PyAV is missing: pip install 'stylelib[film]'")


def error(one, other):
    """Mean difference of two pictures, in grey levels."""
    return 255 * (one - other).abs().mean().item()


# ------------------------------------------------------------------------------------------------ round trips

def test_a_film_comes_back(tmp_path):
    info = film_info(film(tmp_path / "a.mp4"))
    assert (info.width, info.height, info.rate, info.frames, info.sound) == (64, 48, 10, 10, False)
    assert info.seconds == pytest.approx(1) and "64x48 px, 10 frames a second, 1.0 s" in str(info)
    frames = list(read_film(tmp_path / "a.mp4"))
    assert [frame.time for frame in frames] == pytest.approx([index / 10 for index in range(10)])
    assert [frame.seconds for frame in frames] == pytest.approx([0.1] * 10)
    for index, frame in enumerate(frames):
        assert frame.image.shape == (1, 3, 48, 64) and frame.image.dtype == torch.float32
        assert error(frame.image, picture(index)) < 3               # another frame differs by 20
        assert (frame.image - picture(index)).mean().abs() * 255 < 1


def test_colours_are_those_that_were_written(tmp_path):
    """Another matrix, or another range of levels, would shift these by 5 to 20 levels."""
    colors = torch.tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]]).float()
    for height in (48, 720):                                        # an HD film has another usual matrix
        image = colors.T.reshape(1, 3, 1, 6).repeat_interleave(16, 3).expand(1, 3, height, 96)
        with write_film(tmp_path / "a.mp4") as writer:
            writer.add(image)
        back = next(read_film(tmp_path / "a.mp4")).image
        middles = back[:, :, height // 2, 8::16]
        assert (middles - colors.T[None]).abs().max() * 255 < 5


def test_a_browser_can_play_it(tmp_path):
    data = film(tmp_path / "a.mp4", width=65, height=47).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")                # at once, not after all of it has come
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.width, stream.height) == (
            "h264", "yuv420p", 66, 48)
        assert (stream.colorspace, stream.color_primaries, stream.color_trc, stream.color_range) == (1,) * 4


@pytest.mark.slow
def test_chromium_plays_it(tmp_path, page):
    film(tmp_path / "a.mp4", count=12)
    (tmp_path / "a.html").write_text("<video src='a.mp4' muted></video>", "utf-8")
    page.goto((tmp_path / "a.html").as_uri())
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    seen = page.evaluate("(v => [v.videoWidth, v.videoHeight, v.duration])(document.querySelector('video'))")
    assert seen == pytest.approx([64, 48, 1.2], abs=0.01)
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').ended")


def test_an_odd_last_row_and_column_are_doubled(tmp_path):
    film(tmp_path / "a.mp4", 2, width=65, height=47)
    image = next(read_film(tmp_path / "a.mp4")).image
    assert image.shape == (1, 3, 48, 66)
    assert error(image[:, :, :47, :65], picture(0, 65, 47)) < 3
    assert error(image[..., 65], image[..., 64]) < 3


@pytest.mark.parametrize("degrees, matrix", [(90, (0, 1, -1, 0)), (180, (-1, 0, 0, -1)),
                                             (270, (0, -1, 1, 0))])
def test_a_film_is_turned_as_the_camera_was_held(degrees, matrix, tmp_path):
    """The matrix that phones write into their files: x' = a x + c y, y' = b x + d y, here clockwise."""
    path = film(tmp_path / "a.mp4", 2)
    data = bytearray(path.read_bytes())
    place = data.index(b"tkhd") + 44
    for offset, value in zip((0, 4, 12, 16), matrix):
        data[place + offset:place + offset + 4] = (value * 65536).to_bytes(4, "big", signed=True)
    path.write_bytes(data)
    expected = torch.rot90(picture(0), -degrees // 90, (2, 3))
    info = film_info(path)
    assert (info.height, info.width) == expected.shape[2:]
    assert error(next(read_film(path)).image, expected) < 3
    small = next(read_film(path, 32)).image
    assert small.shape[2:] == ((32, 24) if degrees % 180 else (24, 32))
    assert error(small, torch.nn.functional.avg_pool2d(expected, 2)) < 4


@pytest.mark.parametrize("ratio, size", [((2, 1), (128, 48)), ((1, 2), (64, 96))])
def test_pixels_that_are_not_square_are_stretched(ratio, size, tmp_path):
    path = film_by_pyav(tmp_path / "a.mp4", 2, sample_aspect_ratio=Fraction(*ratio))
    info, image = film_info(path), next(read_film(path)).image
    assert (info.width, info.height) == size and image.shape[2:] == size[::-1]


def test_frames_that_are_not_equally_long(tmp_path):
    times = [0.0, 0.1, 0.5, 0.55, 1.3]
    with write_film(tmp_path / "a.mp4", 30) as writer:
        for index, time in enumerate(times):
            writer.add(picture(index), time + 2, 0.7)               # a film begins with its first frame
    frames = list(read_film(tmp_path / "a.mp4"))
    assert [frame.time for frame in frames] == pytest.approx(times, abs=1e-3)
    assert [frame.seconds for frame in frames] == pytest.approx([0.1, 0.4, 0.05, 0.75, 0.7], abs=1e-3)
    with pytest.raises(ValueError, match=r"a frame at 0\.1 s cannot follow one at 0\.1 s"):
        with write_film(tmp_path / "b.mp4") as writer:
            writer.add(picture(0), 0.1)
            writer.add(picture(1), 0.1)
    assert not (tmp_path / "b.mp4").exists()


@pytest.mark.parametrize("name", ["a.mp4", "a.webp", "a.gif"])
def test_a_part_of_a_film(name, tmp_path):
    path = film(tmp_path / name, 30)
    frames = list(read_film(path, start=1.2, seconds=1.0, every=3))
    assert [frame.time for frame in frames] == pytest.approx([1.2, 1.5, 1.8, 2.1], abs=1e-3)
    assert error(frames[1].image, picture(15)) < 8
    # the last one ends with the part
    assert [frame.seconds for frame in frames] == pytest.approx([0.3, 0.3, 0.3, 0.1], abs=1e-3)
    with pytest.raises(ImageError, match=r"no frame of .* appears from 0\.51 s to 0\.56 s: choose a"):
        list(read_film(path, start=0.51, seconds=0.05))
    with pytest.raises(ImageError, match=r"no frame after 9 s .*choose an earlier start"):
        list(read_film(path, start=9))


@pytest.mark.parametrize("name, codec", [("a.mpg", "mpeg2video"), ("a.h264", "libx264"), ("a.ts", "libx264"),
                                         ("a.mp4", "libx264")])
def test_it_can_be_read_from_any_frame_on(name, codec, tmp_path):
    path = film_by_pyav(tmp_path / name, 50, rate=25, codec=codec, gop_size=12, max_b_frames=2)
    whole = list(read_film(path))
    for index in (1, 12, 25, 31, 49):
        part, rest = list(read_film(path, start=whole[index].time)), whole[index:]
        assert [frame.time for frame in part] == pytest.approx([frame.time for frame in rest])
        assert all(torch.equal(one.image, other.image) for one, other in zip(part, rest, strict=True))


# ----------------------------------------------------------------------------------------------------- sound

def test_sound_is_copied(tmp_path):
    source = film_by_pyav(tmp_path / "a.mp4", 20, sound="aac")
    assert film_info(source).sound
    film(tmp_path / "b.mp4", 20, sound=source)
    assert film_info(tmp_path / "b.mp4").sound
    given, got = packets_of_sound(source), packets_of_sound(tmp_path / "b.mp4")
    assert len(given) > 80 and [data for _, data in got] == [data for _, data in given]
    assert [time for time, _ in got] == pytest.approx([time for time, _ in given], abs=1e-3)


def test_the_last_frame_keeps_its_length_where_the_sound_begins_first(tmp_path):
    frames = list(read_film(film_by_pyav(tmp_path / "a.ts", 10, sound="aac")))
    assert frames[0].time > 0.01
    assert frames[-1].seconds == pytest.approx(0.1, abs=1e-3)


def test_sound_begins_and_ends_with_the_pictures(tmp_path):
    source = film_by_pyav(tmp_path / "a.mp4", 20, sound="aac")
    with write_film(tmp_path / "b.mp4", sound=source) as writer:
        for frame in read_film(source, start=0.5, seconds=1.0):
            writer.add(frame.image, frame.time, frame.seconds)
    given, got = dict(map(reversed, packets_of_sound(source))), packets_of_sound(tmp_path / "b.mp4")
    assert 40 < len(got) < 52                                       # of 1024 samples each
    assert [given[data] - time for time, data in got] == pytest.approx([0.5] * len(got), abs=2e-3)
    assert got[-1][0] < 1.0


def test_where_sound_comes_from(tmp_path):
    gif = film(tmp_path / "a.gif", 5)
    for name, source in (("a.mp4", gif), ("b.mp4", film(tmp_path / "a.webp", 5))):      # without sound
        assert not film_info(film(tmp_path / name, 5, sound=source)).sound
    for source, words in ((tmp_path / "no.mp4", "no such file"), (io.BytesIO(b""), "by its path, got a B")):
        with pytest.raises(ImageError, match=words):
            write_film(tmp_path / "c.mp4", sound=source)
    whole = film_by_pyav(tmp_path / "whole.mkv", 40, sound="aac").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(whole[:len(whole) // 2])
    film(tmp_path / "c.mp4", 40, sound=tmp_path / "cut.mkv")
    assert 1 < packets_of_sound(tmp_path / "c.mp4")[-1][0] < 3
    assert len(list(read_film(tmp_path / "c.mp4"))) == 40


def test_sound_that_does_not_fit_is_left_out_with_a_word(tmp_path):
    source = film_by_pyav(tmp_path / "a.mov", 5, sound="pcm_s16le")
    with pytest.warns(UserWarning, match=r"the sound of .*a\.mov \(pcm_s16le\) does not fit into MP4: "):
        film(tmp_path / "b.mp4", 5, sound=source)
    assert not film_info(tmp_path / "b.mp4").sound and len(list(read_film(tmp_path / "b.mp4"))) == 5
    with warnings.catch_warnings():                                 # a film without sound is no fault
        warnings.simplefilter("error")
        film(tmp_path / "c.mp4", 5, sound=film(tmp_path / "mute.mp4", 5))


def test_a_mov_holds_less_sound_than_an_mp4(tmp_path):
    source = film_by_pyav(tmp_path / "a.mkv", 5, sound="flac")
    assert film_info(film(tmp_path / "b.mp4", 5, sound=source)).sound
    with pytest.warns(UserWarning, match=r"a\.mkv \(flac\) does not fit into MOV: the painted film has none"):
        film(tmp_path / "b.mov", 5, sound=source)
    assert not film_info(tmp_path / "b.mov").sound and len(list(read_film(tmp_path / "b.mov"))) == 5


def test_after_a_full_disk_the_film_of_the_sound_is_closed(tmp_path, monkeypatch):
    def full(frame):
        raise OSError(28, "No space left")
    source = film_by_pyav(tmp_path / "sound.mp4", 20, sound="aac")
    movie = Movie(tmp_path / "a.mp4", ".mp4", sound=source)
    movie.add(np.zeros((48, 64, 3), np.uint8), 0.0, 1.0)
    monkeypatch.setattr(movie, "_write", full)
    with pytest.raises(OSError, match="No space left"):
        movie.finish()
    assert not any(file.path.startswith(str(tmp_path)) for file in psutil.Process().open_files())


# ------------------------------------------------------------------------- interrupted, and what is left over

@pytest.mark.parametrize("name", ["a.mp4", "a.webp", "a.gif"])
def test_an_interrupted_film_can_be_played(name, tmp_path):
    sound = film_by_pyav(tmp_path / "sound.mp4", 20, sound="aac")
    with pytest.raises(KeyboardInterrupt):
        with write_film(tmp_path / name, 10, sound=sound) as writer:
            for index in range(7):
                writer.add(picture(index))
            raise KeyboardInterrupt
    frames = list(read_film(tmp_path / name))
    assert len(frames) == 7 and error(frames[6].image, picture(6)) < 8
    if name == "a.mp4":
        assert 0.6 < packets_of_sound(tmp_path / name)[-1][0] < 0.7
    assert sorted(os.listdir(tmp_path)) == sorted([name, "sound.mp4"])


@pytest.mark.parametrize("name", ["a.mp4", "a.webp"])
@pytest.mark.parametrize("frames", [0, 3])
def test_after_an_error_the_old_file_stays_and_nothing_else(name, frames, tmp_path):
    (tmp_path / name).write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        with write_film(tmp_path / name) as writer:
            for index in range(frames):
                writer.add(picture(index))
            raise ZeroDivisionError
    assert os.listdir(tmp_path) == [name] and (tmp_path / name).read_bytes() == b"old"


def test_while_it_is_written_the_old_file_stays(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"old")
    with write_film(tmp_path / "a.mp4") as writer:
        writer.add(picture(0))
        assert (tmp_path / "a.mp4").read_bytes() == b"old"
        assert len(os.listdir(tmp_path)) == 2
    assert os.listdir(tmp_path) == ["a.mp4"] and writer.frames == 1
    assert len(list(read_film(tmp_path / "a.mp4"))) == 1


def test_what_cannot_be_written(tmp_path):
    with pytest.raises(ImageError, match=r"no frame was added to .*a\.mp4"):
        with write_film(tmp_path / "a.mp4"):
            pass
    with pytest.raises(ImageError, match=r"one size: got 32x48 px after 64x48 px"):
        with write_film(tmp_path / "a.mp4") as writer:
            writer.add(picture(0))
            writer.add(picture(0, 32))
    for name, words in (("a.avi", r"film format of .*\.mp4, .*\.gif"), ("", "film format"),
                        ("no/a.mp4", "folder .* does not exist")):
        with pytest.raises(ImageError, match=words):
            write_film(tmp_path / name if name else name)
    for more, words in (({"rate": 0}, "rate must"), ({"quality": 52}, "from 0 to 51"),
                        ({"quality": 1.5}, "whole number")):
        with pytest.raises(ValueError, match=words):
            write_film(tmp_path / "a.mp4", **more)
    assert os.listdir(tmp_path) == []


# ---------------------------------------------------------------------------------------- one frame at a time

def test_no_more_than_a_frame_or_two_is_in_memory(tmp_path):
    """100 frames of 480x270 would be 155 MB."""
    path = tmp_path / "a.mp4"
    with write_film(path) as writer:
        still = picture(0, 480, 270)
        for _ in range(100):
            writer.add(still)
    alive, process = weakref.WeakSet(), psutil.Process()
    most, most_bytes, before = 0, 0, None
    for frame in read_film(path):
        alive.add(frame)
        most, now = max(most, len(alive)), process.memory_info().rss
        before = before or now
        most_bytes = max(most_bytes, now - before)
    assert most <= 2 and most_bytes < 80e6


class Endless(io.RawIOBase):
    """Raw pictures (YUV4MPEG2) without end, as a camera gives them; counts what was read."""

    def __init__(self):
        self.given, self.waiting = 0, b"YUV4MPEG2 W64 H48 F25:1 Ip A1:1 C420jpeg\n"

    def readable(self):
        return True

    def readinto(self, buffer):
        while len(self.waiting) < len(buffer):
            self.waiting += b"FRAME\n" + bytes([self.given // 4614 % 250]) * (64 * 48 * 3 // 2)
        buffer[:] = self.waiting[:len(buffer)]
        self.waiting = self.waiting[len(buffer):]
        self.given += len(buffer)
        return len(buffer)


def test_a_stream_without_end_is_not_read_ahead():
    camera = Endless()
    frames = read_film(camera)
    first, given = next(frames), camera.given
    assert first.image.shape == (1, 3, 48, 64) and given < 2e6
    for _ in range(100):
        next(frames)
    assert camera.given < given + 110 * 4614
    frames.close()
    assert len(list(read_film(Endless(), seconds=0.4))) == 10
    later = list(read_film(Endless(), start=0.4, seconds=0.4))
    assert len(later) == 10 and later[0].time == pytest.approx(0.4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_film_through_a_pipe(tmp_path):
    data = film_by_pyav(tmp_path / "a.mkv").read_bytes()
    os.mkfifo(tmp_path / "pipe")
    writing = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(data,))
    writing.start()
    try:
        assert len(list(read_film(tmp_path / "pipe"))) == 10
    finally:
        writing.join(10)


# -------------------------------------------------------------------------------------------------- bad input

def test_a_film_that_is_cut_off(tmp_path):
    whole = film(tmp_path / "a.mp4", 40, quality=5).read_bytes()        # its table of frames comes first
    (tmp_path / "b.mp4").write_bytes(whole[:len(whole) * 6 // 10])
    with pytest.warns(UserWarning, match=r"b\.mp4 is damaged or cut off .*read up to \d\.\d s") as told:
        frames = list(read_film(tmp_path / "b.mp4"))
    assert 5 < len(frames) < 35 and len(told) == 1 and "\n" not in str(told[0].message)
    assert error(frames[3].image, picture(3)) < 3
    last = film_by_pyav(tmp_path / "c.mp4", 40).read_bytes()            # here it comes last
    (tmp_path / "c.mp4").write_bytes(last[:len(last) // 2])
    with pytest.raises(ImageError, match=r"c\.mp4 is damaged or was cut off, .*table of frames"):
        list(read_film(tmp_path / "c.mp4"))


def test_a_webm_that_is_cut_off(tmp_path):
    whole = film_by_pyav(tmp_path / "a.webm", 60, codec="libvpx").read_bytes()
    (tmp_path / "a.webm").write_bytes(whole[:len(whole) // 2])
    with pytest.warns(UserWarning, match="cut off"):
        assert 10 < len(list(read_film(tmp_path / "a.webm"))) < 50


def test_a_whole_film_gives_no_warning(tmp_path):
    films = [film(tmp_path / "a.mp4"), film_by_pyav(tmp_path / "a.mkv", sound="aac"),
             film_by_pyav(tmp_path / "a.ts", sound="aac"), film_by_pyav(tmp_path / "a.mov", sound="aac"),
             film_by_pyav(tmp_path / "a.webm", codec="libvpx"),
             film_by_pyav(tmp_path / "a.avi", codec="mpeg4")]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in films:
            frames = list(read_film(path))
            assert len(frames) == 10 and frames[0].time == pytest.approx(0, abs=0.21), path
            assert [later.time - frame.time for frame, later in pairwise(frames)] == pytest.approx(
                [0.1] * 9, abs=2e-3), path
            assert len(list(read_film(path, start=0.5))) in range(3, 6), path


def _bytes(kind):
    from PIL import Image
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("name, data, words", [
    ("a.mp4", b"", "empty file"), ("a.mp4", b"any words", "no film that can be read"),
    ("a.txt", b"any words\n" * 50, "no film that can be read"),
    ("a.mp4", bytes(5000), "no film that can be read"),
    ("a.jpg", _bytes("JPEG"), "is a picture, not a film"), ("a.gif", _bytes("GIF"), "is a picture"),
    ("a.webp", _bytes("WEBP"), "is a picture"), ("a.tga", _bytes("TGA"), "no film that can be read")])
def test_what_is_no_film(name, data, words, tmp_path, capfd):
    (tmp_path / name).write_bytes(data)
    for look in (film_info, lambda path: list(read_film(path))):
        with pytest.raises(ImageError, match=words) as caught:
            look(tmp_path / name)
        assert "\n" not in str(caught.value) and name in str(caught.value)
    assert capfd.readouterr() == ("", "")                               # FFmpeg itself says nothing


def test_names_that_are_no_film(tmp_path):
    for path, words in ((tmp_path, "is a folder, not a film"), (tmp_path / "no.mp4", "no such file"),
                        ("https://example.org/a.mp4", "web address.*download the film"), ("", "is empty"),
                        ("concat:a|b", "no such file"), (3, "got int"), (io.StringIO("a"), "opened with")):
        for look in (film_info, read_film):                             # at once, not with the first frame
            with pytest.raises(ImageError, match=words):
                look(path)


def test_sound_alone_is_no_film(tmp_path):
    with av.open(str(tmp_path / "a.m4a"), "w", format="mp4") as container:
        add_tone(container, container.add_stream("aac", rate=48_000), 0.5)
    with pytest.raises(ImageError, match="sound but no moving pictures"):
        film_info(tmp_path / "a.m4a")


def test_sizes_that_are_refused_and_one_that_is_not(tmp_path, monkeypatch):
    tiny = tmp_path / "tiny.mp4"
    with write_film(tiny) as writer:
        writer.add(torch.rand(1, 3, 1, 1))
    with pytest.raises(ImageError, match=r"tiny\.mp4 is 2x2 px here; a film needs at least 16 px"):
        list(read_film(tiny))
    large = tmp_path / "large.mp4"
    with write_film(large, quality=40) as writer:
        writer.add(torch.nn.functional.interpolate(picture(0), (2160, 3840)))
    assert next(read_film(large)).image.shape == (1, 3, 2160, 3840)
    monkeypatch.setattr("stylelib.film.video.MAX_PIXELS", 8_000_000)
    with pytest.raises(ImageError, match="more than 8 million pixels"):
        next(read_film(large))


@pytest.mark.parametrize("wrong, words", [({"size": 0}, "size"), ({"start": -1}, "start"),
                                          ({"seconds": 0}, "seconds"), ({"every": 1.5}, "every")])
def test_numbers_that_are_refused(wrong, words, tmp_path):
    film(tmp_path / "a.gif", 2)
    with pytest.raises(ValueError, match=f"{words} must be"):
        read_film(tmp_path / "a.gif", **wrong)


def test_without_pyav(tmp_path, monkeypatch):
    path, gif = film(tmp_path / "a.mp4"), film(tmp_path / "a.gif")
    monkeypatch.setitem(sys.modules, "av", None)
    for work in (lambda: film_info(path), lambda: next(read_film(path)),
                 lambda: write_film(tmp_path / "b.mp4")):
        with pytest.raises(ImageError, match=r"needs PyAV .*: pip install 'stylelib\[film\]'"):
            work()
    assert len(list(read_film(gif))) == 10


def test_an_open_file(tmp_path):
    with open(film(tmp_path / "a.mp4"), "rb") as file:
        assert film_info(file).frames == 10
        assert len(list(read_film(file))) == 10
        assert np.isclose(next(read_film(file, start=0.5)).time, 0.5)
