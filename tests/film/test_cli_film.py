"""`stylelib film`: a film painted from the command line, and what is no film."""
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch
from PIL import Image

from stylelib import stylize_film
from stylelib.film.animations import Animation
from stylelib.film.frames import film_info, read_film
from stylelib.film.kept import Kept, folder_beside
from stylelib.film.writer import write_film

from ..conftest import PAINTING
from ..test_cli import COMMAND, NEW_GROUP, START, status_of
from .films import add_tone, film, film_by_pyav, picture

av = pytest.importorskip("av", reason="PyAV is missing: pip install 'stylelib[film]'")
KNOBS = ["--way", "fast", "--size", "64"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a film, where the test begins."""
    monkeypatch.chdir(tmp_path)
    film("a.mp4", 6)
    return tmp_path


def test_a_film_is_painted(here, capfd):
    options = ["--start", "0.1", "--seconds", "0.4", "--every", "2"]
    assert status_of("film", "a.mp4", "style:7", "-o", "out.mp4", *KNOBS, *options) == 0
    shown, bar = capfd.readouterr()
    assert shown == "out.mp4: 64x48 px, 2 frames, 0.4 s of film\n"
    assert "painting 100%" in bar and "writing 100%" in bar and sorted(os.listdir()) == ["a.mp4", "out.mp4"]
    assert film_info("out.mp4").frames == 2


def test_every_option_reaches_the_film(here, monkeypatch):
    told = {}

    def painted(clip, style, output, way, size, **knobs):
        told.update(knobs, clip=clip, style=style, output=output, way=way, size=size)
        raise ValueError("enough")
    monkeypatch.setattr("stylelib.film.paint.stylize_film", painted)
    typed = {"way": "optimise", "size": 32, "start": 1.5, "seconds": 2.5, "every": 3, "workers": 2,
             "steps": 4, "cluster": "tcp://a:1", "device": "cpu", "style_weight": 2.0}
    options = [text for name, value in typed.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    assert status_of("film", "a.mp4", "b.jpg", "-o", "out.mp4", *options, "--no-sound", "--quiet") == 2
    assert told == {**typed, "clip": "a.mp4", "style": "b.jpg", "output": "out.mp4", "sound": False,
                    "progress": False}
    assert status_of("film", "a.mp4", "style:3=0.5,12=0.5", "-o", "out.mp4", "--strength", "0.5") == 2
    assert (told["way"], told["strength"], told["style"]) == ("steady", 0.5, {3: 0.5, 12: 0.5})


# ------------------------------------------------------------------------------------------------ what is bad

@pytest.fixture
def bad(here):
    """Files of all kinds that are no films, or no good ones."""
    (here / "text.mp4").write_text("no film")
    (here / "empty.mp4").touch()
    (here / "folder.mp4").mkdir()
    Image.new("RGB", (64, 48)).save("picture.png")
    Image.new("RGB", (64, 48)).save("still.gif")
    whole = (here / "a.mp4").read_bytes()
    (here / "cut.mp4").write_bytes(film_by_pyav(here / "b.mp4", 20).read_bytes()[:1500])
    (here / "noise.mp4").write_bytes(whole[:64] + os.urandom(len(whole)))
    with av.open("song.mp4", "w") as container:
        add_tone(container, container.add_stream("aac", rate=48_000), 0.2)
    _write(here / "dot.avi", 1, 1)
    _write(here / "low.avi", 64, 8)
    shutil.copy("a.mp4", "mine.mp4")
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe.mp4")
    return here


def _write(path, width, height):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("rawvideo", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "rgb24"
        frame = av.VideoFrame(width, height, "rgb24")
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


@pytest.mark.parametrize("clip, output, options, words", [
    ("none.mp4", "out.mp4", [], "none.mp4"),
    ("text.mp4", "out.mp4", [], "text.mp4 is no film that can be read"),
    ("empty.mp4", "out.mp4", [], "empty.mp4 is an empty file"),
    ("folder.mp4", "out.mp4", [], "folder.mp4 is a folder"),
    ("picture.png", "out.mp4", [], "picture.png is a picture, not a film: paint it with stylize"),
    ("still.gif", "out.mp4", [], "still.gif is a picture, not a film"),
    ("cut.mp4", "out.mp4", [], "cut.mp4 is damaged or was cut off"),
    ("noise.mp4", "out.mp4", [], "noise.mp4 "),
    ("song.mp4", "out.mp4", [], "song.mp4 has sound but no moving pictures"),
    ("dot.avi", "out.mp4", [], "dot.avi is 1x1 px here; a film needs at least 16 px a side"),
    ("low.avi", "out.mp4", [], "low.avi is 64x8 px here"),
    pytest.param("/dev/zero", "out.mp4", [], "/dev/zero is a stream or a device", marks=posix),
    pytest.param("pipe.mp4", "out.mp4", [], "pipe.mp4 is a stream or a device", marks=posix),
    ("a.mp4", "a.mp4", [], "a.mp4 is the film itself, which would be lost"),
    ("mine.mp4", "./mine.mp4", [], "mine.mp4 is the film itself"),
    ("a.mp4", "out.avi", [], "cannot tell the film format of 'out.avi'"),
    ("a.mp4", "out", [], "cannot tell the film format of 'out'"),
    ("a.mp4", "folder.mp4", [], "folder.mp4 is a folder"),
    ("a.mp4", "no/out.mp4", [], "the folder no does not exist"),
    ("a.mp4", "n" * 247 + ".mp4", [], "too long"),
    ("a.mp4", "/proc/out.mp4", [], "/proc"),
    ("a.mp4", "out.mp4", ["--start", "9"], "a.mp4 has no frame after 9 s that can be read"),
    ("a.mp4", "out.mp4", ["--start", "9", "--workers", "2"], "has no frame after 9 s"),
    ("a.mp4", "out.mp4", ["--start", "-1"], "--start must be a number, 0 or more, got -1"),
    ("a.mp4", "out.mp4", ["--seconds", "0"], "--seconds must be a number above 0, got 0"),
    ("a.mp4", "out.mp4", ["--every", "0"], "--every must be a positive number of frames, got 0"),
    ("a.mp4", "out.mp4", ["--size", "0"], "--size must be a positive number of pixels, got 0"),
    ("a.mp4", "out.mp4", ["--size", "8"], "a.mp4 is 8x6 px here"),
    ("a.mp4", "out.mp4", ["--workers", "0"], "--workers must be a positive number of processes, got 0"),
    ("a.mp4", "out.mp4", ["--workers", "2", "--cluster", "tcp://a:1"], "leave out cluster"),
    ("a.mp4", "out.mp4", ["--strength", "2"], "--strength must be a number from 0 to 1, got 2"),
    ("a.mp4", "out.mp4", ["--steps", "3"], "--steps means nothing with --way fast"),
    ("a.mp4", "out.mp4", ["--way", "optimise"], "style:7 goes with --way fast or steady"),
    ("a.mp4", "out.mp4", ["--way", "slow"], "invalid choice: 'slow'"),
])
def test_bad_input_is_one_clear_line_and_status_2(clip, output, options, words, bad, capsys):
    before = sorted(os.listdir())
    assert status_of("film", clip, "style:7", "-o", output, "--quiet", *KNOBS, *options) == 2
    shown, errors = capsys.readouterr()
    assert words in errors and errors.count("\n") == 1 and "[Errno" not in errors and shown == ""
    assert sorted(os.listdir()) == before


def test_a_start_after_the_end_shows_no_progress_bar(here, capsys):
    assert status_of("film", "a.mp4", "style:7", "-o", "out.mp4", *KNOBS, "--start", "99") == 2
    errors = capsys.readouterr().err
    assert "a.mp4 has no frame after 99 s" in errors and errors.count("\n") == 1 and "painting" not in errors


@pytest.mark.parametrize("style, words", [
    ("none.jpg", "none.jpg"), ("style:99", "99"), ("text.mp4", "text.mp4"),
    ("style:x", "a built-in style is typed as style:7")])
def test_a_style_that_is_none(style, words, bad, capsys):
    before = sorted(os.listdir())
    assert status_of("film", "a.mp4", style, "-o", "out.mp4", "--quiet", *KNOBS) == 2
    errors = capsys.readouterr().err
    assert words in errors and errors.count("\n") == 1 and sorted(os.listdir()) == before


def test_a_film_that_is_cut_off_is_painted_as_far_as_it_goes(here, capsys):
    data = film_by_pyav(here / "whole.webm", 40, codec="libvpx").read_bytes()
    (here / "b.webm").write_bytes(data[:len(data) // 2])
    assert status_of("film", "b.webm", "style:7", "-o", "out.mp4", "--quiet", *KNOBS) == 0
    errors = capsys.readouterr().err
    assert "b.webm " in errors and "cut off" in errors and errors.count("\n") == 1
    assert 1 < film_info("out.mp4").frames < 40


# ---------------------------------------------------------------------------- stopped, and by several workers

@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to groups of processes")
def test_ctrl_c_leaves_a_film_and_the_same_command_goes_on(here):
    film("long.mp4", 120)
    command = [sys.executable, "-c", START + COMMAND, "film", "long.mp4", "style:7", "-o", "out.mp4", *KNOBS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               **NEW_GROUP)
    deadline = time.monotonic() + 120
    while len(Kept(folder_beside("out.mp4"))) < 3 and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    shown, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in errors, errors
    count = len(list(read_film("out.mp4")))
    assert f"{count} frames, {count / 10:.1f} s of film (stopped early); the painted frames are kept" in shown
    assert 3 <= count == len(Kept(folder_beside("out.mp4"))) < 120
    options = ["--seconds", str((count + 2) / 10)]      # another part of it
    assert status_of("film", "long.mp4", "style:7", "-o", "out.mp4", "--quiet", *KNOBS, *options) == 2
    seen = []
    whole = stylize_film("long.mp4", {7: 1.0}, "out.mp4", "fast", 64, progress=False, on_frame=seen.append)
    assert (whole.found, len(seen), film_info("out.mp4").frames) == (count, 120 - count, 120)
    assert sorted(os.listdir()) == ["a.mp4", "long.mp4", "out.mp4"]


def test_ctrl_c_while_the_film_is_finished_says_what_is_kept(here, monkeypatch, capsys):
    def stop(self):
        raise KeyboardInterrupt
    monkeypatch.setattr(Animation, "finish", stop)
    assert status_of("film", "a.mp4", "style:7", "-o", "out.webp", "--quiet", *KNOBS) == 130
    errors = capsys.readouterr().err
    assert errors.startswith("stylelib: stopped before there was a film; the painted frames are kept in ")
    assert errors.count("\n") == 1 and len(Kept(folder_beside("out.webp"))) == 6


def test_other_settings_are_one_line(here, capsys):
    def stop(frame):
        raise KeyboardInterrupt
    stylize_film("a.mp4", {7: 1.0}, "out.mp4", "fast", 64, progress=False, on_frame=stop)
    before = (here / "out.mp4").read_bytes()
    assert status_of("film", "a.mp4", "style:8", "-o", "out.mp4", "--quiet", "--way", "fast") == 2
    errors = capsys.readouterr().err
    assert "keeps 1 frame that was painted otherwise (another style, size 64): go on with" in errors
    assert errors.count("\n") == 1 and (here / "out.mp4").read_bytes() == before


def test_two_workers_make_the_same_film(tmp_path, monkeypatch, capfd):
    pytest.importorskip("distributed", reason="Dask is missing: pip install 'stylelib[cluster]'")
    monkeypatch.chdir(tmp_path)
    with write_film("two.mp4", 10) as writer:
        for index in range(8):              # two scenes, two stretches
            writer.add(picture(index) if index < 4 else 1 - picture(index + 20).flip(1, 2))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)                # as a worker has
    try:
        stylize_film("two.mp4", PAINTING, "one.mp4", size=64, progress=False)
    finally:
        torch.set_num_threads(threads)
    options = ["--size", "64", "--workers", "2"]
    assert status_of("film", "two.mp4", PAINTING, "-o", "out.mp4", *options) == 0
    assert "painting 100%" in capfd.readouterr().err
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "one.mp4").read_bytes()
    assert sorted(os.listdir()) == ["one.mp4", "out.mp4", "two.mp4"]
