"""The command line as a person uses it: as a process, with good input and with every kind of bad input."""
import functools
import os
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from stylelib import load_image
from stylelib.cli import main

from .conftest import PAINTING, PHOTO


def run(*arguments, **settings):
    return subprocess.run([sys.executable, "-m", "stylelib", *map(str, arguments)], capture_output=True, text=True, timeout=300, **settings)


def test_stylize_as_a_process(tmp_path):
    result = run("stylize", PHOTO, PAINTING, "-o", tmp_path / "out.png", "--size", 64, "--steps", 4, "--frames", tmp_path / "film")
    assert result.returncode == 0, result.stderr
    assert "64x43 px, 4 steps" in result.stdout and "100%" in result.stderr
    image = load_image(tmp_path / "out.png")
    assert image.shape == (1, 3, 43, 64) and (image - load_image(PHOTO, 64)).abs().mean() > 0.005
    assert sorted(os.listdir(tmp_path / "film")) == ["0001.jpg", "0002.jpg", "0003.jpg", "0004.jpg"]


def test_quiet_is_quiet(tmp_path, capfd):
    assert main(["stylize", str(PHOTO), str(PAINTING), "-o", str(tmp_path / "a.jpg"), "--size", "64", "--steps", "1", "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")


def test_ctrl_c_saves_the_latest_picture(tmp_path):
    command = [sys.executable, "-m", "stylelib", "stylize", PHOTO, PAINTING, "-o", tmp_path / "out.png", "--size", "64", "--steps", "2000",
               "--frames", tmp_path / "film"]
    # A shell that runs these tests in the background makes them, and all that they start, deaf to Ctrl-C: not so this one
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               preexec_fn=functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL))
    deadline = time.monotonic() + 120
    while not (tmp_path / "film" / "0002.jpg").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (tmp_path / "film" / "0002.jpg").exists(), "no second frame within two minutes"
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "stopped early" in output and load_image(tmp_path / "out.png").shape == (1, 3, 43, 64)


@pytest.fixture
def bad(tmp_path):
    """A folder with one of each kind of bad file."""
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("just text")
    (tmp_path / "truncated.jpg").write_bytes(PHOTO.read_bytes()[:9000])
    (tmp_path / "weights.pth").write_bytes(b"damaged")
    Image.new("RGB", (1, 1)).save(tmp_path / "tiny.png")
    Image.new("1", (20000, 10000)).save(tmp_path / "bomb.png")
    return tmp_path


@pytest.mark.parametrize("content, output, options, words", [
    ("missing.jpg", "out.png", [], "no such file"),
    (".", "out.png", [], "folder"),
    ("text.jpg", "out.png", [], "not a picture"),
    ("truncated.jpg", "out.png", [], "damaged"),
    ("empty.jpg", "out.png", [], "not a picture"),
    ("tiny.png", "out.png", [], "at least 16 px"),
    ("bomb.png", "out.png", [], "million pixels"),
    (PHOTO, "out.xyz", [], "picture format"),
    (PHOTO, "no/folder/out.png", [], "does not exist"),
    (PHOTO, "/proc/out.png", [], "cannot write"),
    (PHOTO, "out.png", ["--size", "-3"], "got -3"),
    (PHOTO, "out.png", ["--size", "big"], "invalid int value: 'big'"),
    (PHOTO, "out.png", ["--steps", "0"], "got 0"),
    (PHOTO, "out.png", ["--style-weight", "-1"], "got -1"),
    (PHOTO, "out.png", ["--style-weight", "nan"], "got nan"),
    (PHOTO, "out.png", ["--style-layers", "relu1_1,relu9_9"], "unknown layer 'relu9_9'"),
    (PHOTO, "out.png", ["--weights", "weights.pth"], "damaged"),
    (PHOTO, "out.png", ["--weights", "no.pth"], "no weights file"),
    (PHOTO, "out.png", ["--init", "chaos"], "chaos"),
    (PHOTO, "out.png", ["--frames", "text.jpg"], "text.jpg"),
    (PHOTO, "out.png", ["--colour"], "--colour"),
])
def test_bad_input_is_one_clear_line_and_status_2(content, output, options, words, bad, monkeypatch, capsys):
    monkeypatch.chdir(bad)
    before = sorted(os.listdir(bad))
    try:
        status = main(["stylize", str(content), str(PAINTING), "-o", output, "--quiet", *options])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2 and captured.out == ""
    assert words in captured.err and captured.err.count("\n") == 1
    assert sorted(os.listdir(bad)) == before       # nothing written


@pytest.mark.parametrize("arguments", [[], ["paint"], ["stylize", "a.jpg"], ["stylize", "missing.jpg", "missing.jpg", "-o", "a.png"]])
def test_bad_usage_as_a_process(arguments, tmp_path):
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr


def test_start_up_imports_nothing_slow_and_leaves_the_garbage_collector_on(tmp_path):
    """torchvision takes a second; SymPy half a one, and PyTorch imports it unasked for the gradient of more than one number."""
    code = ("import gc, sys, stylelib; from stylelib.cli import main; "
            f"main(['stylize', {str(PHOTO)!r}, {str(PAINTING)!r}, '-o', sys.argv[1], '--size', '64', '--steps', '2', '--quiet']); "
            "print(gc.isenabled(), [name for name in ('torchvision', 'matplotlib', 'ipywidgets', 'sympy') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out.png")], capture_output=True, text=True)
    assert done.stdout.strip() == "True []", done.stderr


def test_recipes(capsys):
    assert main(["recipes"]) == 0
    report = capsys.readouterr().out
    assert all(name in report for name in ("paper", "pytorch", "d2l", "keras"))
