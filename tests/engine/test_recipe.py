"""Recipes: what a line can say comes back from it, and from each kind of file; nothing else does."""
import json
import random as chance

import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from stylelib import ImageError, Recipe, parse_recipe, read_recipe, recipe_of, save_image, use_language
from stylelib.engine.credits import Credit, find_credit
from stylelib.engine.recipe import DEFAULTS, LONGEST, name_of_picture, read_text
from stylelib.settings import STATISTICS

from ..conftest import DATA, PAINTING, PHOTO

LINE = "stylelib:1 photo=china painting=starry_night"
# Every knob, away from its default
TURNED = dict(size=256, steps=7, init="noise", seed=3, scales=2, style_weight=0.3, tv_weight=2.0,
              style_shares=[1.0, 0.25], style_scale=1e-3, content_layers=["relu3_1"],
              style_layers={"relu1_1": 1.0, "relu2_1": 0.5}, statistic="sliced", keep_colors="covariance",
              method="adam", precision="auto", network="vgg16", weights="mine.pth", pooling="average",
              fast=True, strength=0.1 + 0.2, stopped=4, mask=["sky", "my ground"], style_mask=['"q" 湖'])


def test_every_knob_comes_back_from_the_line():
    assert set(TURNED) == set(DEFAULTS)
    recipe = recipe_of("a/my photo.jpg", ["b/one.png", {3: 0.5, 12: 0.25}], **TURNED)
    back = parse_recipe(recipe.line)
    assert back.photo == "my photo" and back.paintings == ("one", "style:3=0.5,12=0.25")
    assert back.knobs == recipe.knobs == {**TURNED, "mask": ("sky", "my ground"),
                                          "style_mask": ('"q" 湖',)}
    assert back.line == recipe.line and "\n" not in recipe.line
    wrapped = recipe.line.replace("my photo", "my\nphoto").replace(" size", "\n  size")   # by a mail program
    assert parse_recipe(wrapped) == back


def test_only_what_was_turned_is_said():
    assert recipe_of(PHOTO, PAINTING, **DEFAULTS, device="cpu").line == LINE
    assert recipe_of(PHOTO, PAINTING, size=256, style_weight=2, device="cuda").line == (
        f"{LINE} size=256 style_weight=2")
    assert recipe_of(PHOTO, PAINTING, keep_colors=True).line == f"{LINE} keep_colors=luminance"
    assert parse_recipe(f" {LINE} size=256\n").knobs == {"size": 256}


@pytest.mark.parametrize("source, name", [
    ("/home/eva/Bilder/See.jpg", "See"), (r"C:\Users\eva\lake.v2.png", "lake.v2"), ("style:7", "style:7"),
    (7, "style:7"), ({3: 0.5, 12: 1}, "style:3=0.5,12=1"), ("x/mine.safetensors", "mine.safetensors"),
    (torch.zeros(1), "picture"), ("u\u0308ber.jpg", "\u00fcber")])
def test_names_have_no_folders(source, name):
    assert name_of_picture(source) == name


def test_no_folder_gets_into_a_file(tmp_path):
    """Also not by the knobs that are files."""
    recipe = recipe_of(tmp_path / "a.jpg", [tmp_path / "b.jpg"], init=str(tmp_path / "i.png"),
                       weights=str(tmp_path / "w.pth"), mask=str(tmp_path / "m.png"))
    assert tmp_path.name not in recipe.text and "init=i.png weights=w.pth" in recipe.line.replace("  ", " ")


@pytest.mark.parametrize("line, words", [
    ("", "begins with stylelib:1, got ''"),
    ("photo=china", "begins with stylelib:1, got 'photo=china'"),
    ("stylelib:2 photo=a painting=b", "has format 2, and this stylelib knows 1: update stylelib"),
    ("stylelib:1 painting=b", "names one photo= and at least one painting="),
    ("stylelib:1 photo=a", "names one photo= and at least one painting="),
    (f"{LINE} size=2 size=3", "says size twice"),
    (f"{LINE} photo=b", "says photo twice"),
    (f"{LINE} sise=3", "knows no 'sise': is 'size' meant?"),
    (f"{LINE} device=cuda", "knows no 'device'"),
    (f"{LINE} size", "made of name=value, got 'size'"),
    (f"{LINE} size=", "made of name=value, got 'size='"),
    (f"{LINE} mask=\u201cmy sky\u201d", "made of name=value, got 'sky"),
    (f'{LINE} mask="sky', 'made of name=value, got \'mask="sky\''),
    (f'{LINE} mask="a"b', "made of name=value"),
    (f'{LINE} mask="\\q"', "inside quotes, write"),
    (f"{LINE} size=big", "size must be a whole number, got 'big'"),
    (f"{LINE} size=0", "size must be a positive number of pixels, got 0"),
    (f"{LINE} style_weight=nan", "style_weight must be a number, 0 or more, got nan"),
    (f"{LINE} strength=1.5", "strength must be a number from 0 to 1, got 1.5"),
    (f"{LINE} strength=-1", "strength must be a number, 0 or more"),
    (f"{LINE} fast=no", "fast must be yes, or left out, got 'no'"),
    (f"{LINE} statistic=gramm", f"statistic must be one of {', '.join(STATISTICS)}, got 'gramm'"),
    (f"{LINE} method=magic", "method must be one of 'lbfgs', 'adam', 'sgd', got 'magic'"),
    (f"{LINE} style_shares=1,b", "style_shares must be numbers with commas between them"),
    (f"{LINE} style_shares=1,2", "style_shares must have one number for each painting, got 2 for 1"),
    (f"{LINE} style_layers=a,a", "style_layers must be layers with commas"),
    (f"{LINE} style_layers=a=1,b", "style_layers must be layers with commas"),
    ("stylelib:1 photo=../a painting=b", "names pictures without folders, got '../a'"),
    (f"{LINE} init=C:\\x.png", "names pictures without folders"),
    (f"{LINE} {'x' * LONGEST}", f"a line of at most {LONGEST} characters"),
    (None, "a recipe is a line"),
])
def test_what_is_wrong_is_said_in_one_line(line, words):
    with pytest.raises(ValueError) as caught:
        parse_recipe(line)
    assert words in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_any_text_gives_a_recipe_or_one_clear_error():
    """Letters of a good line, shuffled, cut and doubled: nothing but a ValueError may come of it."""
    good = f'{LINE} size=256 mask="a b" style_layers=relu1_1=1,relu2_1=2 strength=.5'
    source = chance.Random(0)
    read = 0
    for _ in range(2000):
        letters = list(good)
        for _ in range(source.randrange(4)):
            letters[source.randrange(len(letters))] = source.choice('= "\\1a,\n/')
        try:
            parse_recipe("".join(letters))
            read += 1
        except ValueError as error:
            assert str(error) and "\n" not in str(error)
    assert 200 < read < 1800


@pytest.mark.parametrize("knobs, words", [
    ({"init": torch.zeros(1)}, "a recipe cannot say init=: it is a Tensor"),
    ({"statistic": object()}, "a recipe cannot say statistic=: it is a object"),
    ({"stepps": 3}, "a recipe holds no 'stepps': is 'steps' meant?")])
def test_what_no_line_can_hold_is_refused(knobs, words):
    with pytest.raises(ValueError, match=words):
        recipe_of(PHOTO, PAINTING, **knobs)


# In files

@pytest.fixture
def recipe():
    return recipe_of(PHOTO, PAINTING, size=64, title='"Nachts" am See, 湖', artist="Eva Müller",
                     statement="Two lines.\n<b>Bold</b> \U0001f3a8")


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif"])
def test_a_file_carries_it(ending, recipe, tmp_path, random):
    image, path = random(1, 3, 20, 30), tmp_path / f"a.{ending}"
    save_image(image, tmp_path / f"b.{ending}")
    save_image(image, path, recipe)
    assert read_recipe(path) == read_recipe(str(path)) == recipe
    with open(path, "rb") as file, Image.open(path) as picture:
        assert read_recipe(file) == read_recipe(picture) == recipe
        assert picture.tobytes() == Image.open(tmp_path / f"b.{ending}").tobytes()
    assert read_recipe(tmp_path / f"b.{ending}") is None


def test_a_bmp_file_carries_nothing(recipe, tmp_path, random):
    save_image(random(1, 3, 20, 30), tmp_path / "a.bmp", recipe)
    assert read_recipe(tmp_path / "a.bmp") is None


def test_a_text_behind_the_pixels_is_found(recipe, tmp_path, random):
    """ImageMagick and others write it there."""
    save_image(random(1, 3, 20, 30), tmp_path / "a.png", recipe)
    data = (tmp_path / "a.png").read_bytes()
    start = data.index(b"iTXt") - 4
    end = start + 12 + int.from_bytes(data[start:start + 4], "big")
    moved = data[:start] + data[end:-12] + data[start:end] + data[-12:]
    (tmp_path / "b.png").write_bytes(moved)
    assert read_recipe(tmp_path / "b.png") == recipe


@pytest.mark.parametrize("name, content, words", [
    ("none.png", None, "no such file"), ("a.txt", b"a letter", "not a picture that can be read"),
    ("empty.png", b"", "not a picture that can be read"),
    ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "cut.png")])
def test_what_is_no_picture_is_said(name, content, words, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ImageError, match=words):
        read_recipe(tmp_path / name)


@pytest.mark.parametrize("text", [
    "", "no json", "[]", "7", "{}", '{"recipe": 3}', '{"recipe": "stylelib:1"}', "[" * 100_000,
    json.dumps({"recipe": LINE, "title": 3}), json.dumps({"recipe": LINE, "credits": [1]}),
    json.dumps({"recipe": LINE, "credits": {"china": {"who": "x"}}}),
    json.dumps({"recipe": LINE, "credits": {"china": {"what": 3}}}),
    json.dumps({"recipe": LINE, "statement": "x" * (LONGEST + 1)})])
def test_a_damaged_recipe_is_an_error_not_a_crash(text, tmp_path):
    info = PngInfo()
    info.add_itxt("stylelib", text)
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png", pnginfo=info)
    with pytest.raises(ValueError, match="recipe"):
        read_recipe(tmp_path / "a.png")


def test_more_in_the_text_than_this_version_knows_is_no_fault():
    text = json.dumps({"stylelib": "9", "recipe": LINE, "mood": "blue"})
    assert read_text(text) == Recipe(photo="china", paintings=("starry_night",), version="9")


# Credits

def test_the_courses_own_pictures_have_credits():
    for path in [*DATA.glob("content/*.jpg"), *DATA.glob("style/*.jpg")]:
        credit = find_credit(path)
        assert credit and credit.what and credit.rights and "x" + str(512) not in credit.what, path
    assert find_credit(PHOTO) == Credit("pagoda by a lake", '"China" by danielbuechele, CC BY 2.0')
    assert find_credit(PAINTING).what == "Vincent van Gogh, The Starry Night (1889)"


def test_a_credit_is_told_in_the_language_in_use():
    credit = find_credit(DATA / "content" / "coffee.jpg")
    assert str(credit) == "a cup of coffee; Rachel Michetti, courtesy of Pikolo Espresso Bar, CC0"
    use_language("zh_CN")
    try:
        assert str(credit).startswith("一杯咖啡")
    finally:
        use_language("en")
    assert str(Credit("a dog")) == "a dog" and str(Credit()) == ""


def test_other_pictures_have_those_of_the_list_beside_them(tmp_path):
    rows = "| file | credit and licence | what |\n|---|---|---|\n| `own.jpg` | Eva, CC0 | a dog, 3x4 |\n"
    (tmp_path / "SOURCES.md").write_text(rows, "utf-8")
    assert find_credit(tmp_path / "own.jpg") == Credit("a dog", "Eva, CC0")
    assert find_credit(tmp_path / "other.jpg") is None and find_credit("own.jpg") is None
    (tmp_path / "SOURCES.md").write_bytes(b"\xff\xfe\xff")
    assert find_credit(tmp_path / "own.jpg") is None
