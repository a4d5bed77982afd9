"""check.exhibition names each fault of a folder in a line, and paints again what its labels say."""
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from stylelib import check, load_image, paint_fast, read_recipe, recipe_of, save_image, stylize
from stylelib.engine.credits import Credit
from stylelib.learn.check import verdict
from stylelib.learn.series import WORDS, read_series, remake
from stylelib.learn.widgets import easel
from stylelib.learn.widgets.pictures import png
from stylelib.teach import gallery

from ..places import ROOT

DATA = ROOT / "data"
PHOTO, PAINTING = DATA / "content" / "china.jpg", DATA / "style" / "starry_night.jpg"
SAID = {"artist": "Anna", "title": "Four", "statement": "Four of one hand.",
        "pictures": {f"{n}.png": f"No. {n}" for n in (4, 2, 1, 3)}}
LABEL = recipe_of(PHOTO, PAINTING, size=40, title="Pagoda", steps=2)


def picture(seed):
    return torch.rand(1, 3, 24, 36, generator=torch.Generator().manual_seed(seed))


def hang(folder, number, recipe=LABEL, image=None):
    save_image(picture(number) if image is None else image, folder / f"{number}.png", recipe)


def say(folder, **changes):
    (folder / WORDS).write_text(json.dumps({**SAID, **changes}), "utf-8")


@pytest.fixture
def series(tmp_path):
    """A folder in which nothing is wrong."""
    for number in range(1, 5):
        hang(tmp_path, number)
    say(tmp_path)
    return tmp_path


def test_a_series_that_can_hang(series, capsys):
    before = len(verdict.GIVEN)
    said = check.exhibition(series)
    assert said and said.status == "correct"
    assert said.message.startswith("Correct. Four pictures, a statement")
    assert capsys.readouterr().out == f"{said.message}\n"
    assert verdict.GIVEN[before:] == [said]                     # check.report() counts it
    assert check.exhibition(str(series))                        # a text will do


def test_a_folder_that_is_not_there_or_empty_was_not_attempted(tmp_path):
    for folder in (tmp_path / "nowhere", tmp_path):
        assert check.exhibition(folder).status == "not attempted"


def _remove(folder):
    (folder / "3.png").unlink()


def _twice(folder):
    hang(folder, 3, image=picture(1))


def _damaged(folder):
    (folder / "2.png").write_bytes((folder / "2.png").read_bytes()[:200])


FAULTS = [
    (_remove, "a series here has 4 pictures, and there are 3 (4.png, 2.png, 1.png)"),
    (_remove, "series.json names 3.png, which is not there"),
    (lambda folder: hang(folder, 5), "there are 5"),
    (_twice, "1.png and 3.png are the same picture"),
    (_damaged, "2.png is damaged"),
    (lambda folder: (folder / WORDS).unlink(), "there is no series.json: it says artist, title, statement"),
    (lambda folder: (folder / WORDS).write_text("{"), "series.json cannot be read: save it as JSON"),
    (lambda folder: (folder / WORDS).write_text("[1]"), "and holds a list"),
    (lambda folder: say(folder, statement=" "), "series.json has no statement"),
    (lambda folder: say(folder, statement="TODO"), "series.json has no statement"),
    (lambda folder: say(folder, title=3), "series.json has no title"),
    (lambda folder: say(folder, artist=None), "series.json has no artist"),
    (lambda folder: say(folder, statement="x" * 400), "the statement has 400 characters: a label holds 300"),
    (lambda folder: hang(folder, 2, None), "2.png carries no recipe"),
    (lambda folder: (hang(folder, 2, replace(LABEL, title="")), say(folder, pictures={})),
        "2.png has no title"),
    (lambda folder: hang(folder, 2, replace(LABEL, credits={})), "2.png: nobody says whose 'china' is"),
    (lambda folder: hang(folder, 2, replace(LABEL, credits={**LABEL.credits, "china": Credit("a pagoda")})),
        "nobody says whose 'china' is"),
    (lambda folder: hang(folder, 2, recipe_of(picture(1), PAINTING, title="x")),
        "names a picture without a file"),
]


@pytest.mark.parametrize("spoil, words", FAULTS, ids=[words for _, words in FAULTS])
def test_each_fault_has_its_line(series, spoil, words):
    spoil(series)
    said = check.exhibition(series)
    assert said.status == "wrong" and said.message.startswith("Not yet: ")
    lines = [line for line in said.message.splitlines() if words in line]
    assert len(lines) == 1 and "\n" not in lines[0]


def test_faults_are_counted(series):
    _remove(series)
    (series / WORDS).unlink()
    head, *faults = check.exhibition(series).message.splitlines()
    assert head == "Not yet: 2 things to do." and [line[:2] for line in faults] == ["- ", "- "]


def test_a_built_in_style_needs_no_credit(series):
    hang(series, 2, recipe_of(PHOTO, 7, fast=True, title="x"))
    assert check.exhibition(series)


def test_a_title_stands_in_the_recipe_or_in_the_series(series):
    say(series, pictures={})
    assert check.exhibition(series)                             # all four recipes have one
    for number in range(1, 5):
        hang(series, number, replace(LABEL, title=""))
    said = check.exhibition(series)
    assert said.message.startswith("Not yet: 4 things to do.") and "4.png has no title" in said.message
    say(series)
    assert check.exhibition(series)


def test_what_the_studio_gives_can_hang(series):
    """Its download has a recipe without a title: the series says it. What was stopped cannot be repeated."""
    wish = easel.Wish(str(PHOTO), str(PAINTING), size=40, strength=0.8)
    (series / "2.png").write_bytes(png(easel.paint(wish), easel.recipe(wish)))
    assert check.exhibition(series)
    again = remake(read_recipe(series / "2.png"), DATA)
    assert (again - load_image(series / "2.png")).abs().max() < 0.02
    (series / "2.png").write_bytes(png(easel.paint(wish), easel.recipe(wish, steps=7)))
    assert check.exhibition(series)
    with pytest.raises(ValueError, match="stopped after 7 steps"):
        remake(read_recipe(series / "2.png"), DATA)


def test_what_it_reads_is_what_the_gallery_reads(series):
    assert WORDS == gallery.WORDS
    found = read_series(series)
    hung, problems = gallery.write_gallery(series, series.parent / f"{series.name}-page")
    page = (series.parent / f"{series.name}-page" / "index.html").read_text("utf-8")
    assert hung == 4 and not problems
    assert [path.name for path in found.files] == ["4.png", "2.png", "1.png", "3.png"]
    assert all(text in page for text in ("Anna", "Four of one hand."))


def test_pictures_are_painted_again_from_their_labels(series):
    knobs = {"size": 40, "strength": 0.7, "keep_colors": "luminance"}
    for number in range(1, 5):
        mix = {number: 0.5, number + 1: 0.5}
        hang(series, number, recipe_of(PHOTO, mix, fast=True, title="x", **knobs),
             paint_fast(PHOTO, mix, **knobs).image)
    said = check.exhibition(series, DATA)
    assert said and "each painted again from its own label" in said.message
    hang(series, 3, recipe_of(PHOTO, 9, fast=True, title="x", **knobs), load_image(series / "3.png"))
    assert "3.png is not what its recipe makes: " in check.exhibition(series, DATA).message
    hang(series, 3, recipe_of(PHOTO, 9, fast=True, title="x", size=32), load_image(series / "3.png"))
    assert "3.png has 40x27 px, and its recipe makes 32x21" in check.exhibition(series, DATA).message


def test_steps_masks_and_paintings_are_repeated():
    knobs = {"size": 40, "steps": 2, "init": "content", "style_weight": 3.0,
             "mask": DATA / "masks" / "china_sky.png"}
    recipe = recipe_of(PHOTO, PAINTING, **knobs)
    again = remake(recipe, DATA)
    assert (again - stylize(PHOTO, PAINTING, **knobs, progress=False).image).abs().max() < 0.02
    assert (again - remake(recipe_of(PHOTO, PAINTING, **{**knobs, "mask": None}), DATA)).abs().max() > 0.05


@pytest.mark.parametrize("recipe, words", [
    (replace(LABEL, photo="holiday"), "no pictures called 'holiday' are in"),
    (replace(LABEL, paintings=("twin",)), "2 pictures called 'twin'"),
    (replace(LABEL, knobs={"stopped": 3}), "stopped after 3 steps"),
])
def test_what_cannot_be_repeated_says_why(recipe, words, tmp_path):
    for place in ("china.jpg", "twin.jpg", "deeper/twin.png"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        save_image(picture(0), tmp_path / place)
    with pytest.raises(ValueError, match=words):
        remake(recipe, tmp_path)


def test_the_checker_passes_on_what_cannot_be_repeated(series):
    hang(series, 3, replace(LABEL, photo="holiday", credits={**LABEL.credits, "holiday": Credit("a", "b")}))
    for number in (1, 2, 4):
        hang(series, number, replace(LABEL, knobs={"stopped": 1}))
    assert "3.png: no pictures called 'holiday'" in check.exhibition(series, Path(DATA)).message
