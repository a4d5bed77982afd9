"""`stylelib stylize --fast` and `stylelib styles`, as a person uses them."""
import os
import re
import shutil
import subprocess
import sys

import pytest
import torch

from stylelib import Result, load_image, paint_fast, save_painter
from stylelib.cli import make_parser
from stylelib.cli.fast import KNOBS, read_style

from ..conftest import PAINTING, PHOTO
from ..test_cli import fails, run, status_of

SLOW = ["torchvision", "skimage", "matplotlib", "ipywidgets", "sympy"]


def test_fast_as_a_process(tmp_path):
    result = run("stylize", PHOTO, PAINTING, "--fast", "-o", tmp_path / "out.png", "--size", 64)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{tmp_path / 'out.png'}: 64x43 px, in one pass\n"
    assert (load_image(tmp_path / "out.png") - paint_fast(PHOTO, PAINTING, 64).image).abs().max() < 0.01


def test_nothing_slow_is_imported(tmp_path):
    """Torchvision alone takes a second; VGG is not read."""
    code = ("import sys\nfrom stylelib.cli import main\nimport stylelib.networks as networks\n"
            "networks.load_network = None\n"
            f"for style in ({str(PAINTING)!r}, 'style:7'):\n"
            "    out = ['--fast', '-o', sys.argv[1], '--quiet']\n"
            f"    assert not main(['stylize', {str(PHOTO)!r}, style, *out])\n"
            f"print([name for name in {SLOW} if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out.png")],
                          capture_output=True, text=True)
    known = ["[]", "['sympy']"] if tuple(map(int, torch.__version__.split(".")[:2])) < (2, 13) else ["[]"]
    assert done.stdout.strip() in known, done.stdout + done.stderr


@pytest.mark.parametrize("typed, style", [
    ("style:7", {7: 1.0}), ("style:3=0.5,12=0.5", {3: 0.5, 12: 0.5}), ("style:3,12=2", {3: 1.0, 12: 2.0}),
    ("a.jpg", "a.jpg"), ("mystyle:7", "mystyle:7")])
def test_styles_by_number(typed, style):
    assert read_style(typed) == style


@pytest.mark.skipif(os.name == "nt", reason="no file can have such a name")
def test_a_file_of_that_name_goes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(PAINTING, "style:7")
    assert read_style("style:7") == "style:7"


def test_every_option_reaches_the_painting(tmp_path, monkeypatch):
    given = {}

    def paint(photo, styles, size, **settings):
        given.update(settings, styles=styles, size=size)
        return Result(torch.zeros(1, 3, 16, 16), [])
    monkeypatch.setattr("stylelib.fast.paint.paint_fast", paint)
    assert status_of("stylize", PHOTO, PAINTING, "style:4", "--fast", "-o", tmp_path / "o.png", "--quiet",
                     "--size", 99, "--shares", "1,2", "--style-scale", 2, "--match-colors", "histogram",
                     "--device", "cpu", "--strength", 0.5, "--mask", "m.png", "--mask", "n.png",
                     "--style-mask", "s.png") == 0
    assert given == dict(styles=[str(PAINTING), {4: 1.0}], size=99, shares=[1, 2], style_scale=2,
                         keep_colors="histogram", device="cpu", strength=0.5, mask=["m.png", "n.png"],
                         style_mask=["s.png"])


def test_a_network_of_ones_own(small, tmp_path):
    save_painter(small, tmp_path / "mine.safetensors")
    assert status_of("stylize", PHOTO, tmp_path / "mine.safetensors", "--fast", "-o", tmp_path / "o.png",
                     "--size", 32, "--quiet") == 0
    assert load_image(tmp_path / "o.png").shape == (1, 3, 21, 32)


# Options that mean nothing

def only_step_by_step():
    """[(option, a value)] of all that --fast knows no use for, each with its default where it has one."""
    ours = make_parser().parse_args(["stylize", "a.jpg", "b.jpg", "-o", "c.png"])
    help_text = ours.parser.format_help()
    known = {*(f"--{name.replace('_', '-')}" for name in KNOBS), "--fast", "--strength", "--shares",
             "--keep-colors", "--match-colors", "--mask", "--style-mask", "--recipe", "--title", "--output",
             "--quiet", "--help"}
    options = sorted(set(re.findall(r"--[a-z][a-z-]+", help_text.partition("positional")[0])) - known)
    values = {name: getattr(ours, name[2:].replace("-", "_")) for name in options}
    return [(name, value if isinstance(value, str | int | float) else "1") for name, value in values.items()]


def test_there_are_such_options():
    assert {"--steps", "--init", "--film", "--style-weight", "--network"} <= {name for name, _ in
                                                                               only_step_by_step()}


@pytest.mark.parametrize("option, value", only_step_by_step(), ids=lambda value: str(value))
def test_what_means_nothing_is_refused_even_with_its_default(option, value, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert status_of("stylize", PHOTO, PAINTING, "--fast", "-o", "o.png", f"{option}={value}") == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and os.listdir() == []
    assert f"{option} means nothing with --fast: leave out one of them" in captured.err


@pytest.mark.parametrize("style, options, words", [
    (PAINTING, ["--strength", "0.5"], "--strength goes with --fast"),
    ("style:7", [], "style:7 goes with --fast: add it, or name a painting"),
    ("style:7", ["--fast", "--strength", "1.1"], "--strength must be a number from 0 to 1, got 1.1"),
    ("style:7", ["--fast", "--strength", "much"], "invalid float value: 'much'"),
    ("style:26", ["--fast"], "a built-in style must be a number from 0 to 25, got 26"),
    ("style:seven", ["--fast"], "typed as style:7 or style:3=0.5,12=0.5, got 'style:seven'"),
    ("style:", ["--fast"], "got 'style:'"),
    ("style:3=", ["--fast"], "got 'style:3='"),
    ("style:3,3", ["--fast"], "'style:3,3' names style 3 twice"),
    ("style:3=-1", ["--fast"], "the weight of style 3 must be a number, 0 or more, got -1"),
    ("style:3=0", ["--fast"], "one of the weights of the built-in styles must be above 0"),
    ("style:3", ["--fast", "--shares", "1,2"], "one number for each painting, got 2 for 1"),
    ("style:3", ["--fast", "--style-mask", str(PHOTO)], "--style-mask must belong to a painting"),
    ("none.jpg", ["--fast"], "no such file: none.jpg"),
    ("none.safetensors", ["--fast"], "no file 'none.safetensors' with a network that paints"),
    ("text.safetensors", ["--fast"], "'text.safetensors' holds no network that paints: it is damaged"),
    (PAINTING, ["--fast", "--size", "0"], "--size must be a positive number of pixels, got 0"),
    (PAINTING, ["--fast", "--device", "tpu"], "--device must be auto"),
])
def test_bad_input_is_one_clear_line_and_status_2(style, options, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.safetensors").write_text("no network")
    assert status_of("stylize", PHOTO, style, "-o", "o.png", *options) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and words in captured.err
    assert os.listdir() == ["text.safetensors"]


def test_a_picture_that_cannot_be_saved_is_saved_elsewhere(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "system").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "system"))
    fails(monkeypatch, "out.png")
    assert status_of("stylize", PHOTO, "style:7", "--fast", "-o", "out.png", "--size", 32) == 2
    errors = capsys.readouterr().err
    place = re.search(r"the picture is saved as (.*)\n", errors)[1]
    assert "the disk is full" in errors and load_image(place).shape == (1, 3, 21, 32)


def test_the_output_may_not_be_an_input(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copy(PHOTO, "a.jpg")
    for command in (["stylize", "a.jpg", "style:7", "--fast"], ["styles", "a.jpg"]):
        assert status_of(*command, "-o", "a.jpg") == 2
        assert "a.jpg is the photo itself, which would be lost" in capsys.readouterr().err
    assert load_image("a.jpg").shape == load_image(PHOTO).shape


# The sheet

@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr("stylelib.fast.sheet.PAINTED", 32)


def test_the_sheet(at_once, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)         # without a photo it is the course's, wherever one works
    for photo in ([PHOTO], []):
        assert status_of("styles", *photo, "-o", "sheet.png", "--size", 32) == 0
        captured = capsys.readouterr()
        height, width = load_image("sheet.png").shape[2:]
        assert captured.out == f"sheet.png: {width}x{height} px, all built-in styles\n"
        assert "100%" in captured.err
    assert status_of("styles", PHOTO, "-o", "quiet.png", "--size", 32, "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert torch.equal(load_image("quiet.png"), load_image("sheet.png"))


@pytest.mark.parametrize("arguments, words", [
    (["none.jpg", "-o", "o.png"], "no such file: none.jpg"), ([PHOTO, "-o", "o.xyz"], "picture format"),
    ([PHOTO, "-o", "o.png", "--size", "0"], "--size must be a positive number of pixels, got 0"),
    ([PHOTO, "-o", "o.png", "--device", "tpu"], "--device must be auto"), ([PHOTO], "-o/--output")])
def test_bad_sheets(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert status_of("styles", *arguments, "--quiet") == 2
    captured = capsys.readouterr()
    assert words in captured.err and captured.err.count("\n") == 1 and os.listdir() == []


def test_without_the_course_a_photo_must_be_named(tmp_path, monkeypatch, capsys):
    from stylelib.teach import course

    def none_here(*_):
        raise course.KitError("no course here")
    monkeypatch.setattr(course, "find_course", none_here)
    monkeypatch.chdir(tmp_path)
    assert status_of("styles", "-o", "o.png") == 2
    assert capsys.readouterr().err == "stylelib: the course's own photo is not here: name a photo\n"
