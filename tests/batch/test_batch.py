"""`stylelib batch`: folders, sweeps and tables; what is done stays, what is bad is named."""
import csv
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
from PIL import Image

from stylelib.batch import sweep
from stylelib.batch.jobs import Job, named
from stylelib.batch.record import read_record
from stylelib.batch.sheet import write_sheet
from stylelib.engine.tags import read_recipe

from ..conftest import DATA, PAINTING, PHOTO
from ..test_cli import status_of

FAST = ["--fast", "--size", "64", "--workers", "1"]
SLOW = ["--size", "32", "--steps", "2", "--workers", "1"]


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Two small photos in a folder "photos", where the test begins."""
    monkeypatch.chdir(tmp_path)
    os.mkdir("photos")
    make("photos/a.jpg", 0)
    make("photos/b.PNG", 90)
    return tmp_path / "photos"


def make(name, turn=0):
    with Image.open(PHOTO) as picture:
        picture.resize((72, 48)).rotate(turn).save(name)


def pictures(folder):
    return sorted(name for name in os.listdir(folder) if name not in ("losses.csv", "sheet.jpg"))


def table(folder):
    with open(os.path.join(folder, "losses.csv"), encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_with_each_and_again(photos, capsys):
    command = ["batch", "photos", "--style", "style:7", PAINTING, "-o", "out", *FAST]
    assert status_of(*command) == 0
    output = capsys.readouterr()
    assert output.out == "out: 4 pictures, 4 of them painted now; see sheet.jpg and losses.csv\n"
    assert "100%" in output.err
    assert pictures("out") == ["a__starry_night.png", "a__style-7.png", "b__starry_night.png",
                               "b__style-7.png"]
    times = {name: os.stat(f"out/{name}").st_mtime_ns for name in pictures("out")}
    assert status_of(*command, "--quiet") == 0 and capsys.readouterr() == ("", "")
    assert {name: os.stat(f"out/{name}").st_mtime_ns for name in times} == times
    make("photos/a.jpg", 180)                       # another picture of that name, and another strength
    assert status_of(*command) == 0
    assert "4 pictures, 2 of them painted now" in capsys.readouterr().out
    assert status_of(*command, "--strength", "0.5") == 0
    assert "4 pictures, 4 of them painted now" in capsys.readouterr().out


def test_sweeps_and_their_losses(photos):
    assert status_of("batch", "photos/a.jpg", "--style", PAINTING, "-o", "out", "--sweep",
                     "style-weight=0.3,3", "--sweep", "keep-colors=none,luminance", *SLOW, "--quiet") == 0
    rows = table("out")
    assert [(row["style_weight"], row["keep_colors"]) for row in rows] == [
        ("0.3", "none"), ("0.3", "luminance"), ("3", "none"), ("3", "luminance")]
    assert rows[0]["file"] == "a__starry_night__style-weight-0.3_keep-colors-none.png"
    assert {row["photo"] for row in rows} == {"a.jpg"} and {row["size"] for row in rows} == {"32"}
    assert all(float(row["content_loss"]) + float(row["style_loss"]) ==
               pytest.approx(float(row["total_loss"])) and int(row["evaluations"]) > 1 for row in rows)
    assert len({open(f"out/{row['file']}", "rb").read() for row in rows}) == 4


def test_a_table(photos, capsys):
    shutil.copy(PAINTING, "p.jpg")
    lines = ["photo;style;strength", "photos/a.jpg;p.jpg;", "photos/b.PNG; style:3=1,5=1 ;0,5"]
    with open("jobs.csv", "w", encoding="utf-8-sig") as file:
        file.write("\n".join(lines))
    assert status_of("batch", "--table", "jobs.csv", "-o", "out", *FAST) == 2
    assert "jobs.csv, line 3: strength: invalid float value: '0,5'" in capsys.readouterr().err
    with open("jobs.csv", "w", encoding="utf-8") as file:
        file.write("\n".join(lines).replace("0,5", "0.5"))
    assert status_of("batch", "--table", "jobs.csv", "-o", "out", *FAST) == 0
    assert pictures("out") == ["a__p.png", "b__style-3-1-5-1__strength-0.5.png"]


def test_hostile_names_never_collide(photos):
    for name in ("one/x y.JPG", "two/x y.jpg", "two/x-y.png", "two/{ä}'中.jpeg", f"two/{'long' * 50}.jpg"):
        os.makedirs(os.path.dirname(name), exist_ok=True)
        make(name, len(name))
    assert status_of("batch", "one", "two", "two/x y.jpg", "--style", "style:1", "-o", "out", "--quiet",
                     *FAST) == 0
    assert len(pictures("out")) == 5 and {"one-x-y__style-1.png", "ä-中__style-1.png"} <= {*pictures("out")}


def test_names_hold_for_every_pair(tmp_path):
    """Also where signs are left out, and on disks that take capitals for small letters."""
    stems = ["a", "A", "a b", "a-b", "a_b", "a__b", "-", "'"]
    jobs = [Job(tmp_path / f"{photo}.jpg", tmp_path / f"{style}.jpg", {"init": init}, ("init",))
            for photo, style, init in itertools.product(stems, stems, ("noise", "x y", "x-y"))]
    files = [job.file.name.casefold() for job in named([*jobs, *jobs], tmp_path)]
    assert len(files) == len(set(files)) == len(jobs)


def test_what_is_no_photo(photos, capsys):
    """A film and notes are passed over; a damaged picture is named, and the exit status says so."""
    (photos / "film.mp4").write_bytes(b"film")
    (photos / "notes.txt").write_text("notes")
    (photos / "bad.jpg").write_bytes(b"no picture")
    assert status_of("batch", "photos", "--style", "style:1", "style:2", "-o", "out", *FAST) == 1
    errors = capsys.readouterr().err
    assert "no pictures, passed over: film.mp4, notes.txt" in errors
    assert errors.count("skipped: ") == 1 and "bad.jpg is not a picture" in errors
    assert "(2 pictures)" in errors and len(pictures("out")) == 4 == len(table("out"))


def test_the_output_may_be_the_folder_of_the_photos(photos, capsys):
    for _ in range(2):
        assert status_of("batch", "photos", "--style", "style:1", "-o", "photos", *FAST) == 0
    assert "2 pictures, 0 of them painted now" in capsys.readouterr().out
    assert pictures("photos") == ["a.jpg", "a__style-1.png", "b.PNG", "b__style-1.png"]


def test_what_somebody_else_made_stays(photos, capsys):
    make("photos/a__style-1.png")
    before = (photos / "a__style-1.png").read_bytes()
    assert status_of("batch", "photos", "photos/a.jpg", "--style", "style:1", "-o", "photos", *FAST) == 1
    assert "a__style-1.png was not painted by this command and stays" in capsys.readouterr().err
    assert (photos / "a__style-1.png").read_bytes() == before
    for name, write in (("sheet.jpg", make), ("losses.csv", lambda name: open(name, "w").write("a,b"))):
        os.mkdir(f"other-{name}")
        write(f"other-{name}/{name}")
        assert status_of("batch", "photos", "--style", "style:1", "-o", f"other-{name}", *FAST) == 2
        assert "and would be lost: choose another folder" in capsys.readouterr().err
        assert os.listdir(f"other-{name}") == [name]


@pytest.mark.parametrize("options, words", [
    (["photos", "--style", "style:1", "--sweep", "strenght=1"], "unknown knob 'strenght'"),
    (["photos", "--style", "style:1", "--sweep", "style-shares=1"], "unknown knob 'style-shares'"),
    (["photos", "--style", "style:1", "--sweep", "strength="], "--sweep needs a knob and its values"),
    (["photos", "--style", "style:1", "--sweep", "strength=1,x"], "strength: invalid float value: 'x'"),
    (["photos", "--style", "style:1", "--sweep", "strength=0.5,2"], "must be a number from 0 to 1, got 2"),
    (["photos", "--style", "style:1", "--sweep", "strength=1,1"], "each once: strength has 1, 1"),
    (["photos", "--style", "style:1", "--sweep", "size=1", "--sweep", "size=2"], "swept twice"),
    (["photos", "--style", "style:1", "--sweep", "steps=1"], "steps means nothing with --fast"),
    (["photos", "--style", "gone.jpg"], "no such file: gone.jpg"),
    (["photos", "gone", "--style", "style:1"], "no such file or folder"),
    (["empty", "--style", "style:1"], "there is no photo to paint"),
    (["photos"], "give photos and at least one --style, or a --table"),
    (["--table", "gone.csv"], "no such file"), (["--table", "photos/a.jpg"], "is no table in UTF-8"),
    (["--table", "bad.csv"], "must have the columns photo and style"),
    (["photos", "--style", "style:1", "--workers", "0"], "--workers must be|workers must be a positive"),
    (["photos", "--style", "style:1", "-o", "bad.csv"], "bad.csv is a file: give the name of a folder"),
    (["photos", "--style", "style:1", "-o", "/proc/nothing"], "cannot make the folder /proc/nothing"),
])
def test_bad_input_is_one_line_and_status_2(options, words, photos, capsys):
    os.mkdir("empty")
    with open("bad.csv", "w") as file:
        file.write("photo,painting\n")
    assert status_of("batch", "-o", "out", "--fast", "--size", "64", *options) == 2
    errors = capsys.readouterr().err
    assert any(word in errors for word in words.split("|")) and errors.count("\n") == 1
    assert not [name for name in os.listdir() if name not in ("photos", "empty", "bad.csv")] or \
        os.listdir("out") == []


def test_from_python(photos):
    batch = sweep("photos", 7, "out", fast=True, size=64, strength=[0.5, 1.0], progress=False)
    assert batch.painted == 4 and batch.errors == [] and not batch.stopped
    assert [row["strength"] for row in batch.rows] == ["0.5", "1"] * 2
    assert read_record(batch.done[0].file)["settings"]["strength"] == 0.5
    assert "/" not in str(read_record(batch.done[0].file))          # nobody's folders go with a picture


def test_the_sheet_shows_each_picture_once(tmp_path):
    colors = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]
    jobs = []
    for i, color in enumerate(colors):
        Image.new("RGB", (60, 40 + 10 * i), color).save(tmp_path / f"{i}.png")
        jobs.append(Job(tmp_path / "a.jpg", 7, {"size": i}, ("size",), True, ("a", "style-7"),
                        tmp_path / f"{i}.png"))
    write_sheet(jobs, tmp_path / "sheet.jpg")
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        seen = np.asarray(sheet.convert("RGB")).astype(int)
        for i, color in enumerate(colors):
            near = (abs(seen - color).max(axis=2) < 12).sum()
            assert near == pytest.approx(240 * 240 * (40 + 10 * i) / 60, rel=0.1)


# Processes

def process(*arguments):
    return subprocess.Popen([sys.executable, "-m", "stylelib", "batch", *map(str, arguments)], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                            env={**os.environ, "OMP_NUM_THREADS": "1"})


def contents(folder):
    """The pixels of each picture."""
    found = {}
    for name in pictures(folder):
        with Image.open(os.path.join(folder, name)) as picture:
            found[name] = picture.tobytes()
    return found


def wait_for_pictures(folder, count):
    """Until so many are whole: while one is written, its name begins with a dot."""
    deadline = time.monotonic() + 120
    while not os.path.isdir(folder) or sum(name[0] != "." for name in pictures(folder)) < count:
        assert time.monotonic() < deadline, "no pictures within two minutes"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals as on Unix")
def test_two_workers_of_which_one_is_killed_paint_the_same(photos):
    for i in range(10):
        make(f"photos/{i}.jpg", 30 * i)
    options = ["photos", "--style", "style:1", "style:2", "--fast", "--size", "64"]
    alone = process(*options, "-o", "alone", "--workers", 1)
    assert alone.wait(120) == 0
    both = process(*options, "-o", "both", "--workers", 2)
    wait_for_pictures("both", 2)
    workers = [child for child in psutil.Process(both.pid).children(recursive=True)
               if "spawn_main" in " ".join(child.cmdline())]
    workers[-1].kill()
    _, errors = both.communicate(timeout=120)
    assert both.returncode == 0, errors
    assert len(contents("both")) == 24 and contents("both") == contents("alone")
    assert "Traceback" not in errors and not [name for name in os.listdir("both") if name[0] == "."]
    assert psutil.wait_procs(workers, timeout=10)[1] == []


@pytest.mark.skipif(os.name == "nt", reason="signals as on Unix")
def test_ctrl_c_keeps_what_is_done_and_the_next_start_goes_on(photos):
    options = ["photos", "--style", PAINTING, "-o", "out", "--size", "64", "--workers", "1", "--sweep"]
    running = process(*options, "steps=1,3000")
    wait_for_pictures("out", 1)
    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130 and "Traceback" not in errors
    assert "stopped; 1 picture is in out, and the same command goes on" in errors
    assert pictures("out") == ["a__starry_night__steps-1.png"] and len(table("out")) == 1
    again = process(*options, "steps=1,2")
    assert "4 pictures, 3 of them painted now" in again.communicate(timeout=60)[0]


@pytest.mark.parametrize("style, fast", [(5, True), ("painting", False)])
def test_a_gallery_can_say_how_they_were_made(tmp_path, style, fast):
    """A picture of a batch carries the same recipe as one of `stylelib stylize`."""
    style = str(DATA / "style" / "mosaic.jpg") if style == "painting" else style
    steps = {} if fast else {"steps": 1, "scales": 1}
    batch = sweep(DATA / "content" / "china.jpg", style, tmp_path / "out", fast=fast, progress=False,
                  size=48, style_scale=[2.0], **steps)
    recipe = read_recipe(batch.done[0].file)
    assert (recipe.photo, recipe.knobs["style_scale"]) == ("china", 2.0)
    assert recipe.knobs.get("fast", False) == fast
    assert recipe.paintings == (("style:5",) if fast else ("mosaic",))
    assert "/" not in recipe.line
