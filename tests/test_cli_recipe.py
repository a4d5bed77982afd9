"""Recipes on the command line: a picture says how it was made, and is made again by it."""
import os
import shutil

import pytest
import torch

from stylelib import Result, load_image, read_recipe, recipe_of, save_image

from .conftest import DATA, PAINTING, PHOTO
from .test_cli import status_of

MASK = DATA / "masks" / "china_sky.png"
LINE = "stylelib:1 photo=china painting=starry_night"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def stylize(*options, style=PAINTING, output="o.png"):
    return status_of("stylize", PHOTO, style, "-o", output, "--quiet", *options)


def test_a_picture_is_made_again_by_its_recipe():
    turned = ["--size", 32, "--steps", 2, "--init", "content", "--keep-colors", "--style-layers",
              "relu1_1=1,relu2_1=0.5", "--title", "Blue?"]
    assert stylize(*turned, "--mask", MASK) == 0
    recipe = read_recipe("o.png")
    assert recipe.line == (f"{LINE} size=32 steps=2 init=content style_layers=relu1_1=1,relu2_1=0.5 "
                           "keep_colors=luminance mask=china_sky")
    assert recipe.title == "Blue?" and set(recipe.credits) == {"china", "starry_night"}
    for said in ("o.png", recipe.line):
        assert stylize("--recipe", said, "--mask", MASK, "--title", "Blue?", output="again.png") == 0
        assert (load_image("again.png") == load_image("o.png")).all()
        assert read_recipe("again.png") == recipe


def test_in_one_pass_too():
    assert stylize("--fast", "--size", 32, "--strength", 0.5, style="style:7", output="o.webp") == 0
    assert read_recipe("o.webp").line == ("stylelib:1 photo=china painting=style:7 size=32 fast=yes "
                                          "strength=0.5")
    assert stylize("--recipe", "o.webp", style="style:7", output="again.webp") == 0
    assert (load_image("again.webp") == load_image("o.webp")).all()


def test_what_is_typed_goes_before_the_recipe(monkeypatch):
    given = {}

    def paint(*pictures, **knobs):
        given.update(knobs)
        return Result(torch.zeros(1, 3, 16, 16), [])
    monkeypatch.setattr("stylelib.transfer.stylize", paint)
    assert stylize("--recipe", f"{LINE} size=99 steps=7 keep_colors=luminance network=squeezenet1_1",
                   "--size", 512, "--match-colors", "histogram") == 0
    assert (given["size"], given["steps"], given["keep_colors"]) == (512, 7, "histogram")
    assert read_recipe("o.png").line == f"{LINE} steps=7 keep_colors=histogram network=squeezenet1_1"


def test_a_stopped_picture_says_so(monkeypatch):
    monkeypatch.setattr("stylelib.transfer.stylize", lambda *pictures, on_step, **knobs: (
        Result(torch.zeros(1, 3, 16, 16), [], interrupted=True)))
    assert stylize("--steps", 9) == 130
    assert read_recipe("o.png").line == f"{LINE} steps=9 stopped=0"


@pytest.mark.parametrize("options, words", [
    (["--recipe", "nothing.png"], "no such file: nothing.png"),
    (["--recipe", "plain.png"], "plain.png carries no recipe"),
    (["--recipe", "photo=china size=3"], "no such file: photo=china size=3"),
    (["--recipe", f"{LINE} size=x"], "--size must be a whole number, got 'x'"),
    (["--recipe", f"{LINE} mask=sky"], "the recipe has a mask, sky: name its file with --mask"),
    (["--recipe", f"{LINE} painting=mosaic"], "the recipe has 2 painting(s), starry_night, mosaic, and you "
                                              "named 1"),
    (["--recipe", f"{LINE} steps=3", "--fast"], "the recipe is one of many steps: leave out --fast"),
    (["--recipe", f"{LINE} init=fast strength=0.5"], "whose strength is 0.5, as only the studio does"),
    (["--recipe", f"{LINE} fast=yes", "--steps", "3"], "--steps means nothing with --fast"),
])
def test_bad_recipes_are_one_line_and_status_2(options, words, capsys):
    shutil.copy(PHOTO, "plain.jpg")
    save_image(load_image(PHOTO, 32), "plain.png")
    assert status_of("stylize", PHOTO, PAINTING, "-o", "o.png", *options) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and words in captured.err
    assert not os.path.exists("o.png")


def test_recipes_are_printed(capsys):
    for name, size in (("a.png", 32), ("b.jpg", 64)):
        save_image(load_image(PHOTO, 32), name, recipe_of(PHOTO, PAINTING, size=size))
    assert status_of("recipes", "a.png", "b.jpg") == 0
    assert capsys.readouterr().out == f"{LINE} size=32\n{LINE} size=64\n"
    assert status_of("recipes", PHOTO) == 2
    assert "china.jpg carries no recipe" in capsys.readouterr().err
