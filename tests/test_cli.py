"""The command line as a person uses it: as a process, with good input and with every kind of bad input."""
import errno
import inspect
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import weakref
from types import SimpleNamespace

import pytest
import torch
from packaging.version import Version
from PIL import Image

from stylelib import DivergenceError, Result, __version__, load_image, load_network
from stylelib.cli import main, make_parser
from stylelib.engine.terminal import PATIENCE, WORDS, Signals, in_words
from stylelib.settings import defaults, explanations

from .conftest import PAINTING, PHOTO

# A shell that runs these tests in the background makes them, and all that they start, deaf to Ctrl-C: not so
# what begins with this
START = "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
COMMAND = "from stylelib.cli import main; sys.exit(main())"
# else Ctrl-Break would end the tests, too
NEW_GROUP = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {}


def run(*arguments, **settings):
    return subprocess.run([sys.executable, "-m", "stylelib", *map(str, arguments)],
                          capture_output=True, text=True, timeout=300, **settings)


def status_of(*arguments):
    """Run the command line in this process; its exit status, also where argparse ends it."""
    try:
        return main(list(map(str, arguments)))
    except SystemExit as stop:
        return stop.code


def test_stylize_as_a_process(tmp_path):
    result = run("stylize", PHOTO, PAINTING, "-o", tmp_path / "out.png", "--size", 64, "--steps", 4,
                 "--film", tmp_path / "film.webp")
    assert result.returncode == 0, result.stderr
    assert "64x43 px, 4 steps" in result.stdout and "100%" in result.stderr
    image = load_image(tmp_path / "out.png")
    assert image.shape == (1, 3, 43, 64) and (image - load_image(PHOTO, 64)).abs().mean() > 0.005
    assert sorted(os.listdir(tmp_path)) == ["film.webp", "out.png"]
    with Image.open(tmp_path / "film.webp") as film:
        assert film.size == (64, 43) and film.n_frames == 4


def test_quiet_is_quiet(tmp_path, capfd):
    assert main(["stylize", str(PHOTO), str(PAINTING), "-o", str(tmp_path / "a.jpg"), "--size", "64",
                 "--steps", "1", "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")


# What ends a painting: signals

def send(process, name):
    """Ctrl-C or its like to another process; Windows knows only Ctrl-Break."""
    process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else getattr(signal, name))


@pytest.mark.parametrize("names",
                         [["SIGINT"], ["SIGTERM"], ["SIGHUP"], ["SIGINT", "SIGINT", "SIGINT"]], ids="-".join)
def test_signals_save_the_latest_picture(names, tmp_path):
    if os.name == "nt" and names != ["SIGINT"]:
        pytest.skip("Windows has no such signal")
    command = [sys.executable, "-c", START + COMMAND, "stylize", PHOTO, PAINTING, "-o", tmp_path / "out.png",
               "--size", "64",
               "--steps", "2000", "--film", tmp_path / "film.webp"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, **NEW_GROUP)
    deadline = time.monotonic() + 120
    shown = ""
    while not re.search(r" [1-9]\d*%", shown) and time.monotonic() < deadline:
        shown += process.stderr.read(1)
    assert re.search(r" [1-9]\d*%", shown), "no hundredth of the work within two minutes"
    for name in names:
        send(process, name)
        time.sleep(0.05)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "stopped early" in output and load_image(tmp_path / "out.png").shape == (1, 3, 43, 64)
    with Image.open(tmp_path / "film.webp") as film:
        assert film.n_frames > 1
    assert sorted(os.listdir(tmp_path)) == ["film.webp", "out.png"]
    assert "Traceback" not in errors


def test_another_ctrl_c_means_the_same_until_patience_is_over(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("stylelib.engine.terminal.time.monotonic", lambda: now[0])
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Signals().heard() as signals:
            with signals.held():
                signal.raise_signal(signal.SIGINT)          # noted, no more
            assert signals.first == 100
            signal.raise_signal(signal.SIGINT)              # passed over
            now[0] += PATIENCE
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_ctrl_c_while_an_object_is_cleared_away_is_not_lost():
    """As when the memory of a painting is counted: Python would only print it, and go on."""
    class Thing:
        pass

    def forget():
        signal.raise_signal(signal.SIGTERM)
        sum(range(100))                 # time to arrive in this function
    thing, before = Thing(), signal.signal(signal.SIGTERM, signal.SIG_DFL)
    weakref.finalize(thing, forget)
    try:
        with Signals().heard(), pytest.raises(KeyboardInterrupt):
            del thing
            for _ in range(1000):
                time.sleep(0.01)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_ignored_signals_stay_ignored():
    """`nohup stylelib ...` goes on when the terminal is closed."""
    number = getattr(signal, "SIGHUP", signal.SIGTERM)
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Signals().heard():
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("arguments, words", [
    (["stylize", "a.jpg", "b.jpg", "-o", "c.png"], "stopped before there was a picture; nothing was written"),
    (["doctor"], "stopped: the report is not complete")])
def test_ctrl_c_while_pytorch_is_imported_is_one_line(arguments, words, tmp_path):
    (tmp_path / "torch.py").write_text("raise KeyboardInterrupt")
    result = run(*arguments, env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])})
    assert result.returncode == 130 and result.stderr == f"stylelib: {words}\n"


def test_ctrl_c_in_a_notebooks_import_stays_an_exception(tmp_path):
    (tmp_path / "torch.py").write_text("raise KeyboardInterrupt")
    code = "try:\n    from stylelib import stylize\nexcept KeyboardInterrupt:\n    print('caught')"
    result = subprocess.run([sys.executable, "-c", code],
                            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
                            capture_output=True, text=True)
    assert result.stdout.strip() == "caught", result.stderr


@pytest.mark.parametrize("arguments, place, words", [
    (["doctor"], "stylelib.teach.doctor.examine", "the report is not complete"),
    (["handout", "new"], "stylelib.teach.handouts.write_handouts", "nothing was written"),
    (["stylize", PHOTO, PAINTING, "-o", "o.png"], "stylelib.networks.load_network",
     "before there was a picture"),
])
def test_ctrl_c_is_told_truly(arguments, place, words, tmp_path, monkeypatch, capsys):
    def interrupted(*arguments, **settings):
        raise KeyboardInterrupt
    monkeypatch.setattr(place, interrupted)
    monkeypatch.chdir(tmp_path)
    assert status_of(*arguments) == 130
    captured = capsys.readouterr()
    assert captured.out == "" and words in captured.err and captured.err.count("\n") == 1


# What ends a painting: errors. Its steps are replaced: what is looked at is what becomes of the picture

def replaced(monkeypatch, error=None, steps=3):
    """Instead of `stylize`: some steps, then an error, or the end."""
    def stylize(content, style, *, on_step, **settings):
        image = torch.full((1, 3, 32, 48), 0.5)
        for i in range(1, steps + 1):
            on_step(SimpleNamespace(index=i, at_full_size=lambda: image))
        if error is not None:
            raise error
        return Result(image, [None] * steps)
    monkeypatch.setattr("stylelib.networks.load_network", lambda *_: None)
    monkeypatch.setattr("stylelib.transfer.stylize", stylize)


def fails(monkeypatch, *names):
    """Writing to files of these names fails, as on a full disk."""
    from stylelib.images import save_image

    def save(image, path, recipe=None):
        if os.path.basename(path) in names:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        save_image(image, path, recipe)
    monkeypatch.setattr("stylelib.images.save_image", save)


PAINT = ["stylize", PHOTO, PAINTING, "-o", "out.png", "--quiet"]
OUT_OF_MEMORY = getattr(torch, "OutOfMemoryError", torch.cuda.OutOfMemoryError)
ERRORS = [
    (MemoryError("this size needs 4 GB: take size 256"), "take size 256"),
    (MemoryError(), "take a smaller size"),
    (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 "
                  "bytes"), "take a smaller size"),
    (RuntimeError("std::bad_alloc"), "take a smaller size"),
    (RuntimeError("could not create a primitive"), "take a smaller size"),
    (OUT_OF_MEMORY("CUDA out of memory. Tried to allocate 2.00 GiB"), "take a smaller size"),
    (DivergenceError("the style loss became nan: lower the weight"), "lower the weight"),
    (ValueError("style_weight must be a number, 0 or more, got -1"),
     "--style-weight must be a number, 0 or more"),
    (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
    (KeyError("nobody foresaw this"), "fault in the program"),
]


@pytest.mark.parametrize("error, words", ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_every_error_is_one_line_and_the_picture_so_far_is_kept(error, words, steps, tmp_path, monkeypatch,
                                                                capsys):
    monkeypatch.chdir(tmp_path)
    replaced(monkeypatch, error, steps)
    assert status_of(*PAINT) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and words in captured.err and captured.err.count("\n") == 1
    assert "[Errno" not in captured.err
    assert os.path.exists("out.png") == bool(steps)
    told = f"the picture after {steps} step{'s' * (steps > 1)} is saved as out.png"
    assert (told in captured.err) == bool(steps)


def test_the_picture_that_an_error_carries_goes_first(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    error = DivergenceError("nan")
    error.result = Result(torch.zeros(1, 3, 20, 30), [None])
    replaced(monkeypatch, error)
    assert status_of(*PAINT) == 2
    assert load_image("out.png").shape == (1, 3, 20, 30) and "saved as out.png" in capsys.readouterr().err


def test_a_painting_that_cannot_be_saved_is_saved_elsewhere(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "system").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "system"))
    replaced(monkeypatch)
    fails(monkeypatch, "out.png")
    assert status_of(*PAINT) == 2
    errors = capsys.readouterr().err
    place = re.search(r"saved as (.*)\n", errors)[1]
    assert "the disk is full" in errors and errors.count("\n") == 1
    assert place.startswith(str(tmp_path / "system"))
    assert load_image(place).shape == (1, 3, 32, 48)


def test_a_painting_that_can_be_saved_nowhere_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "system").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "system"))
    monkeypatch.setattr("stylelib.images.to_pil", lambda image: 1 / 0)
    replaced(monkeypatch)
    assert status_of(*PAINT) == 2
    assert capsys.readouterr().err.count("\n") == 1 and os.listdir(tmp_path / "system") == []


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyError("unforeseen")])
def test_a_film_that_cannot_be_written_does_not_end_the_painting(error, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise error
    monkeypatch.chdir(tmp_path)
    replaced(monkeypatch)
    monkeypatch.setattr("stylelib.film.animations.Animation.add", full)
    assert status_of(*PAINT, "--film", "film.webp") == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2 and "the film ends at step 1, the painting goes on: " in errors[0]
    assert errors[1].startswith("stylelib: no film: ")
    assert errors[1].endswith("; the picture after 3 steps is saved as out.png")
    assert os.listdir() == ["out.png"] and load_image("out.png").shape == (1, 3, 32, 48)


@pytest.mark.parametrize("error, status",
                         [(None, 0), (KeyboardInterrupt(), 130), (DivergenceError("nan"), 2)])
def test_whatever_ends_the_painting_its_film_is_whole(error, status, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    replaced(monkeypatch, error, 10)
    assert status_of(*PAINT, "--steps", "10", "--film", "film.gif") == status
    with Image.open("film.gif") as film:
        times = []
        for index in range(film.n_frames):
            film.seek(index)
            times.append(film.info["duration"])
    # `replaced` shows the same picture again and again: Pillow joins them
    assert sum(times) == pytest.approx(9 * 250 + 2000, abs=300)
    assert sorted(os.listdir()) == ["film.gif", "out.png"]


def test_without_a_step_there_is_no_film(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    replaced(monkeypatch, ValueError("no such layer"), 0)
    assert status_of(*PAINT, "--film", "film.webp") == 2
    assert capsys.readouterr().err == "stylelib: no such layer\n" and os.listdir() == []


@pytest.mark.parametrize("steps, frames, seconds", [(4, 4, 2.75), (100, 100, 9.9), (1000, 111, 9.9)])
def test_a_film_of_any_number_of_steps_has_a_good_length(steps, frames, seconds, tmp_path):
    from stylelib.cli.making import Making
    from stylelib.film.frames import read_film
    with Making(str(tmp_path / "a.webp"), steps) as film:
        for index in range(1, steps + 1):
            image = torch.full((1, 3, 16, 16), index / steps)
            image[..., index % 16] = 1 - index / steps
            film.add(SimpleNamespace(index=index, at_full_size=lambda image=image: image))
    shown = list(read_film(tmp_path / "a.webp"))
    assert len(shown) == pytest.approx(frames, rel=0.05)
    assert sum(frame.seconds for frame in shown) == pytest.approx(seconds, abs=0.5)
    assert shown[-1].seconds == pytest.approx(2, abs=0.1)
    assert (shown[-1].image - image).abs().mean() < 0.1         # the last picture is always shown


def test_ctrl_c_while_the_picture_is_saved(tmp_path, monkeypatch, capsys):
    from stylelib.images import save_image

    def save(image, path, recipe):
        signal.raise_signal(signal.SIGTERM)
        save_image(image, path, recipe)
    monkeypatch.chdir(tmp_path)
    replaced(monkeypatch)
    monkeypatch.setattr("stylelib.images.save_image", save)
    assert status_of(*PAINT[:-1]) == 130
    captured = capsys.readouterr()
    assert captured == ("out.png: 48x32 px, 3 steps\n", "") and load_image("out.png").shape == (1, 3, 32, 48)


# Streams that nobody reads

ENDS = {            # what becomes of a stream before the command starts
    "closed": "os.close({number}); sys.{name} = None; ",
    "full": "os.dup2(os.open('/dev/full', os.O_WRONLY), {number}); ",
    "broken": "r, w = os.pipe(); os.dup2(w, {number}); os.close(r); ",
}


def run_with(stream, end, *arguments, **settings):
    if end == "full" and not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    number = {"stdout": 1, "stderr": 2}[stream]
    code = START + ENDS[end].format(name=stream, number=number) + COMMAND
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True,
                          timeout=300, **settings)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("end", ["closed", "full", "broken"])
def test_a_picture_that_is_written_counts(stream, end, tmp_path):
    out = tmp_path / "out.png"
    result = run_with(stream, end, "stylize", PHOTO, PAINTING, "-o", out, "--size", 32, "--steps", 2)
    assert result.returncode == 0 and load_image(out).shape == (1, 3, 21, 32), result.stderr
    assert "Traceback" not in result.stderr and "Exception" not in result.stderr


@pytest.mark.parametrize("end, status", [("closed", 0), ("full", 2), ("broken", 0)])
def test_a_report_that_nobody_gets(end, status):
    result = run_with("stdout", end, "recipes")
    assert result.returncode == status and "Exception" not in result.stderr
    assert result.stderr == ("" if not status
                             else "stylelib: the disk is full, so the output cannot be written: "
                             "free some space, or choose another place\n")


@pytest.mark.parametrize("end", ENDS)
def test_an_error_that_nobody_gets(end):
    result = run_with("stderr", end, "stylize", "none.jpg", "none.jpg", "-o", "o.png")
    assert result.returncode == 2 and result.stdout == ""


def test_names_that_the_console_cannot_show(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = run("stylize", PHOTO, PAINTING, "-o", "\u753b.png", "--size", 32, "--steps", 1, cwd=tmp_path,
                 env={**environment, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))})
    assert result.returncode == 0 and "\\u753b.png: 32x21 px" in result.stdout, result.stderr
    assert (tmp_path / "\u753b.png").exists()


@pytest.fixture
def bad(tmp_path):
    """A folder with one of each kind of bad file."""
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("just text")
    (tmp_path / "truncated.jpg").write_bytes(PHOTO.read_bytes()[:9000])
    (tmp_path / "weights.pth").write_bytes(b"damaged")
    Image.new("RGB", (1, 1)).save(tmp_path / "tiny.png")
    Image.new("1", (20000, 10000)).save(tmp_path / "bomb.png")
    Image.new("L", (32, 32), 255).save(tmp_path / "white.png")
    shutil.copy(PHOTO, tmp_path / "copy.jpg")
    Image.new("RGB", (32, 32)).save(tmp_path / "mine.webp")
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
    pytest.param(PHOTO, "/proc/out.png", [], "cannot write",
                 marks=pytest.mark.skipif(not os.path.isdir("/proc"),
                                          reason="no folder in which even root cannot write")),
    (PHOTO, "out.png", ["--size", "-3"], "got -3"),
    (PHOTO, "out.png", ["--size", "big"], "invalid int value: 'big'"),
    (PHOTO, "out.png", ["--steps", "0"], "got 0"),
    (PHOTO, "out.png", ["--style-weight", "-1"], "got -1"),
    (PHOTO, "out.png", ["--style-weight", "nan"], "got nan"),
    (PHOTO, "out.png", ["--style-layers", "relu1_1,relu9_9"], "unknown layer 'relu9_9'"),
    (PHOTO, "out.png", ["--weights", "weights.pth"], "damaged"),
    (PHOTO, "out.png", ["--weights", "no.pth"], "no weights file"),
    (PHOTO, "out.png", ["--init", "chaos"], "chaos"),
    (PHOTO, "out.png", ["--film", "film"], "cannot tell the film format of 'film'"),
    (PHOTO, "out.png", ["--film", "no/film.webp"], "does not exist"),
    (PHOTO, "out.png", ["--film", "text.jpg/film.webp"], "Not a directory"),
    (PHOTO, "out.png", ["--film", ""], "--film: must be a name, got an empty one"),
    (PHOTO, "out.png", ["--film", "n" * 300 + ".webp"], "too long"),
    (PHOTO, "out.webp", ["--film", "./out.webp"], "is the picture itself: give the film another name"),
    ("mine.webp", "out.png", ["--film", "mine.webp"], "mine.webp is the photo itself"),
    (PHOTO, "out.png", ["--film", "new.webp", "--style-weight", "-1"],
     "--style-weight must be a number, 0 or more"),
    (PHOTO, "n" * 300 + ".png", [], "too long"),
    ("n" * 300 + ".png", "out.png", [], "such a long name"),
    ("", "out.png", [], "CONTENT: must be a name, got an empty one"),
    (PHOTO, "out.png", ["--colour"], "unrecognized arguments: --colour (see stylelib stylize --help)"),
    (PHOTO, "out.png", ["--style-weight", "inf"], "--style-weight must be a number, 0 or more, got inf"),
    (PHOTO, "out.png", ["--style-weight", "much"], "invalid float value: 'much'"),
    (PHOTO, "out.png", ["--tv-weight", "-1"], "--tv-weight must be a number, 0 or more, got -1"),
    (PHOTO, "out.png", ["--scales", "0"], "--scales must be a positive number of sizes, got 0"),
    (PHOTO, "out.png", ["--method", "magic"], "magic"),
    (PHOTO, "out.png", ["--pooling", "min"], "min"),
    (PHOTO, "out.png", ["--shares", "1,2"], "one number for each painting, got 2 for 1"),
    (PHOTO, "out.png", ["--shares", "1,x"], "must be numbers with commas between them"),
    (PHOTO, "out.png", ["--style-layers", "relu1_1=1,relu2_1"],
     "needs a number as the weight of relu2_1, got none: give a weight to each layer, or to none"),
    (PHOTO, "out.png", ["--style-layers", "relu1_1=much"],
     "needs a number as the weight of relu1_1, got 'much'"),
    (PHOTO, "out.png", ["--style-layers", "relu1_1=-1"],
     "in --style-layers must be a number, 0 or more, got -1"),
    (PHOTO, "out.png", ["--statistic", "magic"], "magic"),
    (PHOTO, "out.png", ["--precision", "float64"], "float64"),
    (PHOTO, "out.png", ["--device", "cuda:99"], "this machine has no"),
    (PHOTO, "out.png", ["--device", "tpu"], "--device must be"),
    (PHOTO, "out.png", ["--seed", str(2**70)], "--seed must be a whole number from 0 to 2^63 - 1"),
    (PHOTO, "out.png", ["--seed", "-1"], "--seed must be a whole number from 0 to 2^63 - 1, got -1"),
    (PHOTO, "out.png", ["--shares", "0"], "one of the shares in --style-shares must be above 0"),
    (PHOTO, "out.png", ["--style-scale", "1e9"], "--style-scale 1e+09 would make"),
    (PHOTO, "out.png", ["--style-layers", ""], "must name at least one layer"),
    (PHOTO, "out.png", ["--style-layers", "relu1_1,relu1_1"], "names relu1_1 twice"),
    (PHOTO, "out.png", ["--weights", "deepscale"], "use --weights oxford or --weights random"),
    ("copy.jpg", "copy.jpg", [], "copy.jpg is the photo itself"),
    (PHOTO, "white.png", ["--init", "white.png"], "white.png is the picture to start from itself"),
    (PHOTO, "white.png", ["--mask", "white.png"], "white.png is the mask itself"),
    (PHOTO, "white.png", ["--style-mask", "white.png"], "white.png is the painting's mask itself"),
])
def test_bad_input_is_one_clear_line_and_status_2(content, output, options, words, bad, monkeypatch, capsys):
    monkeypatch.chdir(bad)
    before = sorted(os.listdir(bad))
    status = status_of("stylize", content, PAINTING, "-o", output, "--quiet", *options)
    captured = capsys.readouterr()
    assert status == 2 and captured.out == ""
    assert words in captured.err and captured.err.count("\n") == 1 and "[Errno" not in captured.err
    assert sorted(os.listdir(bad)) == before       # nothing written


@pytest.mark.parametrize("arguments", [[], ["paint"], ["stylize", "a.jpg"],
                                       ["stylize", "missing.jpg", "missing.jpg", "-o", "a.png"]])
def test_bad_usage_as_a_process(arguments, tmp_path):
    result = run(*arguments, cwd=tmp_path)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr


def test_start_up_imports_nothing_slow_and_leaves_the_garbage_collector_on(tmp_path):
    """torchvision takes a second, SymPy half a second.

    PyTorch imports SymPy for the gradient of more than one number, without being asked.
    """
    slow = ["torchvision", "matplotlib", "ipywidgets", "sympy"]
    if Version(torch.__version__) < Version("2.13"):
        slow.remove("sympy")        # older versions import it themselves
    code = ("import gc, sys, stylelib; from stylelib.cli import main; "
            f"main(['stylize', {str(PHOTO)!r}, {str(PAINTING)!r}, '-o', sys.argv[1], '--size', '64', "
            "'--steps', '2', '--quiet']); "
            f"print(gc.isenabled(), [name for name in {slow} if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out.png")],
                          capture_output=True, text=True)
    assert done.stdout.strip() == "True []", done.stderr


def test_the_output_may_not_be_an_input_under_another_name(bad, monkeypatch, capsys):
    monkeypatch.chdir(bad)
    os.link("copy.jpg", "other name.jpg")
    before = PHOTO.read_bytes()
    assert status_of("stylize", PHOTO, "copy.jpg", "-o", "other name.jpg", "--quiet") == 2
    assert "the painting itself" in capsys.readouterr().err
    assert (bad / "copy.jpg").read_bytes() == (bad / "other name.jpg").read_bytes() == before


def test_errors_of_files_are_words():
    for kind in WORDS:
        number = getattr(errno, kind)
        text = in_words(OSError(number, os.strerror(number), "a/b.png"))
        assert "'a/b.png'" in text and str(number) not in text and os.strerror(number) not in text
    assert in_words(OSError(errno.EIO, "Input/output error", "a.png")) == "'a.png': Input/output error"
    assert in_words(OSError("of its own")) == "of its own"
    assert in_words(ValueError("two\nlines")) == "two lines"


def test_the_command_line_has_pythons_knobs_and_defaults():
    ours = vars(make_parser().parse_args(["stylize", "a.jpg", "b.jpg", "-o", "c.png"]))
    assert {name: ours[name] for name in defaults()} == defaults()
    theirs = inspect.signature(load_network).parameters
    assert (ours["network"], ours["weights"], ours["pooling"]) == tuple(
        theirs[name].default for name in ("name", "weights", "pooling"))


def test_every_knob_reaches_the_painting(tmp_path, monkeypatch):
    given = {}

    def stylize(content, style, *, progress, on_step, **settings):
        given.update(settings)
        return Result(torch.zeros(1, 3, 16, 16), [])
    monkeypatch.setattr("stylelib.networks.load_network", lambda *arguments: arguments)
    monkeypatch.setattr("stylelib.transfer.stylize", stylize)
    assert status_of("stylize", PHOTO, PAINTING, PAINTING, "-o", tmp_path / "o.png", "--quiet", "--size", 99,
                     "--steps", 7, "--scales", 2, "--init", "noise", "--seed", 5, "--style-weight", 2,
                     "--tv-weight", 0.5, "--style-scale", 0.5, "--shares", "1,2", "--statistic", "sliced",
                     "--match-colors", "histogram", "--method", "adam", "--pooling", "average",
                     "--network", "vgg16", "--weights", "random", "--content-layers", "relu3_1",
                     "--style-layers", "relu1_1,relu2_1", "--mask", "m.png", "--mask", "n.png",
                     "--style-mask", "s.png", "--device", "cpu", "--precision", "float32") == 0
    assert given == dict(size=99, steps=7, scales=2, init="noise", seed=5, style_weight=2, tv_weight=0.5,
                         style_scale=0.5,
                         style_shares=[1, 2], keep_colors="histogram", statistic="sliced", method="adam",
                         network=("vgg16", None, "average"),
                         content_layers=["relu3_1"], style_layers=["relu1_1", "relu2_1"],
                         mask=["m.png", "n.png"], style_mask=["s.png"],
                         device="cpu", precision="float32")


@pytest.mark.parametrize("typed, value", [
    ("relu1_1", ["relu1_1"]), ("relu1_1, relu2_1,", ["relu1_1", "relu2_1"]),
    ("relu1_1=0.5,relu2_1 = 1", {"relu1_1": 0.5, "relu2_1": 1})])
@pytest.mark.parametrize("option, name", [("--style-layers", "style_layers"),
                                          ("--content-layers", "content_layers")])
def test_layers_may_have_weights(option, name, typed, value):
    options = make_parser().parse_args(["stylize", "a.jpg", "b.jpg", "-o", "c.png", option, typed])
    assert getattr(options, name) == value


def test_the_old_name_of_the_shares_still_works():
    options = [make_parser().parse_args(["stylize", "a.jpg", "b.jpg", "c.jpg", "-o", "d.png", option, "1,2"])
               for option in ("--shares", "--style-shares")]
    assert [one.style_shares for one in options] == [[1, 2], [1, 2]]


def test_a_layers_weight_changes_the_picture(tmp_path):
    pictures = []
    for i, layers in enumerate(["relu1_1,relu2_1", "relu1_1=0.5,relu2_1=0.5", "relu1_1=1,relu2_1=0"]):
        assert status_of("stylize", PHOTO, PAINTING, "-o", tmp_path / f"{i}.png", "--quiet", "--size", 32,
                         "--steps", 2, "--style-layers", layers) == 0
        pictures.append(load_image(tmp_path / f"{i}.png"))
    assert torch.equal(pictures[0], pictures[1]) and not torch.equal(pictures[0], pictures[2])


def test_a_painting_can_begin_with_a_picture(tmp_path):
    assert status_of("stylize", PHOTO, PAINTING, "-o", tmp_path / "o.png", "--quiet", "--size", 32,
                     "--steps", 1, "--style-weight", 0, "--init", PHOTO) == 0
    assert (load_image(tmp_path / "o.png") - load_image(PHOTO, 32)).abs().max() < 0.01


def test_version_and_help(capsys):
    assert status_of("--version") == 0 and capsys.readouterr().out == f"stylelib {__version__}\n"
    assert status_of("stylize", "--help") == 0
    words = " ".join(capsys.readouterr().out.split())
    for name, text in explanations().items():
        if name != "keep_colors":           # two options, with words of their own
            common = re.split("None| From Python|, see", text.replace('"', ""))[0]
            assert common.rstrip(".") in words, name
    assert "None" not in words and "Python" not in words
    assert "(default: 512)" in words and "(default: float32)" in words


@pytest.mark.parametrize("arguments", [["--help"], ["stylize", "--help"], ["doctor", "--help"], ["--version"],
                                       ["stylize", "a.jpg", "b.jpg", "-o", "c.png", "--size", "0"]],
                         ids=" ".join)
def test_help_and_typing_errors_wait_for_no_large_package(arguments):
    code = ("import contextlib, sys\nfrom stylelib.cli import main\n"
            f"with contextlib.suppress(SystemExit): main({arguments})\n"
            "print([name for name in ('torch', 'numpy', 'PIL', 'tqdm') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_the_home_folder_in_a_name(tmp_path, monkeypatch):
    """No shell opens the ~ in --output=~/o.png."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    replaced(monkeypatch)
    assert status_of("stylize", PHOTO, PAINTING, "--output=~/o.png", "--quiet") == 0
    assert (tmp_path / "o.png").exists()


def test_recipes(capsys):
    assert main(["recipes"]) == 0
    report = capsys.readouterr().out
    assert all(name in report for name in ("paper", "pytorch", "d2l", "keras"))
