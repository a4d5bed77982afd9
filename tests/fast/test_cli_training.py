"""`stylelib train-fast`: it writes a network that paints, and whatever ends it early loses nothing."""
import inspect
import itertools
import os
import re
import signal

import pytest
from PIL import Image

from stylelib import DivergenceError
from stylelib.cli import main, make_parser
from stylelib.cli.training import KNOBS
from stylelib.fast.ready import load_painter, save_painter
from stylelib.fast.train import train_fast

from ..conftest import PAINTING


@pytest.fixture
def photos(tmp_path):
    """A folder with a photo and something else."""
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.effect_noise((80, 64), 80).convert("RGB").save(folder / "a.jpg")
    (folder / "notes.txt").write_text("no picture")
    return folder


def run(output, *options, style=PAINTING):
    try:
        return main([str(part) for part in ("train-fast", style, "-o", output, "--size", 32, *options)])
    except SystemExit as stop:
        return stop.code


def test_it_writes_a_network_that_paints(photos, tmp_path, capfd, photo):
    file = tmp_path / "a.safetensors"
    assert run(file, "--iterations", 8, "--photos", photos) == 0
    output, errors = capfd.readouterr()
    assert re.fullmatch(rf"{re.escape(str(file))}: 8 iterations in \d+ s\n", output)
    assert "training 100%" in errors and "Traceback" not in errors
    assert errors.count("skipped: ") == 1 and "notes.txt" in errors
    assert load_painter(file)(photo).shape == photo.shape
    assert sorted(os.listdir(tmp_path)) == ["a.safetensors", "photos"]


def test_it_goes_on_from_a_file_and_may_replace_it(tmp_path, capfd):
    file = tmp_path / "a.safetensors"
    assert run(file, "--iterations", 2, "--quiet") == 0
    before = load_painter(file)
    assert run(file, "--continue", file, "--iterations", 1, "--seed", 3, "--quiet") == 0
    assert capfd.readouterr() == ("", "")
    after, new = load_painter(file), next(train_fast(PAINTING, iterations=1, size=32, seed=3, progress=False))
    moved, apart = ([float((a - b).norm()) for a, b in zip(after.parameters(), other.parameters())]
                    for other in (before, new.painter))
    assert 0 < sum(moved) < sum(apart) / 10


def test_a_network_is_the_same_file_in_every_language(tmp_path):
    files = [tmp_path / f"{language}.safetensors" for language in ("en", "zh_CN")]
    for file in files:
        assert run(file, "--iterations", 1, "--quiet", "--language", file.stem) == 0
    english, chinese = (file.read_bytes() for file in files)
    assert english == chinese and b": step 1: content " in english


def test_minutes_end_by_the_clock(tmp_path, capfd):
    assert run(tmp_path / "a.safetensors", "--minutes", 0.01) == 0
    assert re.search(r": \d+ iterations? in [1-9] s\n", capfd.readouterr().out)


def interrupted_after(count):
    """`train_fast`, with Ctrl-C in the middle."""
    def training(*arguments, **settings):
        yield from itertools.islice(train_fast(*arguments, **settings), count)
        signal.raise_signal(signal.SIGINT)
    return training


def test_ctrl_c_saves_what_was_learned(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("stylelib.fast.train.train_fast", interrupted_after(2))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run(tmp_path / "a.safetensors", "--iterations", 1000) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert "2 iterations" in capfd.readouterr().out
    load_painter(tmp_path / "a.safetensors")


def test_ctrl_c_before_the_first_iteration_writes_nothing(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("stylelib.fast.train.train_fast", interrupted_after(0))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run(tmp_path / "a.safetensors") == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capfd.readouterr().err == "stylelib: stopped before the first iteration; nothing was written\n"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("error, status, words, written", [
    (MemoryError("too large"), 2, "too large; the network after 2 iterations is saved as", True),
    (DivergenceError("the style loss became nan"), 2, "the style loss became nan", False)])
def test_an_error_saves_what_is_sound(error, status, words, written, tmp_path, capfd, monkeypatch):
    def training(*arguments, **settings):
        yield from itertools.islice(train_fast(*arguments, **settings), 2)
        raise error
    monkeypatch.setattr("stylelib.fast.train.train_fast", training)
    assert run(tmp_path / "a.safetensors", "--quiet") == status
    assert words in capfd.readouterr().err
    assert (tmp_path / "a.safetensors").exists() == written


def test_where_the_file_cannot_be_written_the_work_is_kept(tmp_path, capfd, monkeypatch):
    kept = tmp_path / "elsewhere"
    kept.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(kept))

    def full(painter, file, about):
        if not str(file).startswith(str(kept)):
            raise ValueError("the disk is full")
        save_painter(painter, file, about)
    monkeypatch.setattr("stylelib.fast.ready.save_painter", full)
    assert run(tmp_path / "a.safetensors", "--iterations", 1, "--quiet") == 2
    place = re.search(r"the disk is full; the network after 1 iteration is saved as (.*)\n",
                      capfd.readouterr().err)
    load_painter(place[1])


@pytest.mark.parametrize("output, options, words", [
    ("a.png", [], "a network's file ends in .safetensors"),
    ("gone/a.safetensors", [], "does not exist"),
    ("a.safetensors", ["--photos", "gone"], "--photos needs a folder"),
    ("a.safetensors", ["--photos", "empty"], "there is no photo in the folder"),
    ("a.safetensors", ["--iterations", "0"], "iterations must be a positive number of updates, got 0"),
    ("a.safetensors", ["--minutes", "nan"], "minutes must be a number above 0, got nan"),
    ("a.safetensors", ["--minutes", "1", "--iterations", "5"], "not allowed with"),
    ("a.safetensors", ["--size", "8"], "size must be at least 32 px"),
    ("a.safetensors", ["--style-weight=-2"], "style-weight must be a number, 0 or more, got -2"),
    ("a.safetensors", ["--continue", "gone.safetensors"], "no file 'gone.safetensors' with a network"),
    ("a.safetensors", ["--continue", str(PAINTING)], "holds no network that paints"),
])
def test_bad_input_is_one_line_and_nothing_is_written(output, options, words, tmp_path, capfd, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert run(output, *options) == 2
    error = capfd.readouterr().err
    assert words in error and error.count("\n") == 1 and os.listdir(tmp_path) == ["empty"]


def test_a_painting_that_is_missing_is_one_line(tmp_path, capfd):
    assert run(tmp_path / "a.safetensors", style="gone.jpg") == 2
    assert "no such file: gone.jpg" in capfd.readouterr().err and os.listdir(tmp_path) == []


def test_options_have_the_defaults_that_python_has():
    parser = make_parser().parse_args(["train-fast", "a", "-o", "b"]).parser
    help_text = " ".join(parser.format_help().split())
    known = inspect.signature(train_fast).parameters
    assert set(KNOBS) <= set(known)
    for name in ("iterations", "size", "style_weight", "seed"):
        option = help_text.split(f"--{name.replace('_', '-')} ")[-1]
        assert f"(default: {known[name].default:g})" in option.split(" --")[0]
