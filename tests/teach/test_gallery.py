"""The gallery: what hangs, what stands on its labels, and that nothing handed in can harm the page."""
import json
import os
from html.parser import HTMLParser

import pytest
from PIL import Image

from stylelib import read_recipe, recipe_of, save_image
from stylelib.teach.gallery import LARGE, SMALL, write_gallery
from stylelib.teach.labels import NO_RIGHTS, NOTHING, label_of

from ..conftest import PAINTING, PHOTO
from ..test_cli import status_of

HOSTILE = "<script>alert('x')</script>"


def paint(path, size=(60, 40), recipe=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_image(Image.new("RGB", size, "teal"), path, recipe)


def made(**words):
    return recipe_of(PHOTO, PAINTING, size=64, **words)


class Page(HTMLParser):
    """What a browser would find on the page: `pictures` and `names` of the walls, `words`, all its `tags`."""

    def __init__(self, path):
        super().__init__()
        self.pictures, self.names, self.words, self.tags, self._in = [], [], "", [], ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self._in = tag
        if tag == "img" and "loading" in dict(attributes):
            self.pictures.append(dict(attributes))

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, text):
        if self._in == "h2":
            self.names.append(text)
        if self._in not in ("style", "script"):
            self.words += text


@pytest.fixture
def wall(tmp_path):
    """Two learners, one of them hostile, and what else lies in such folders."""
    folder = tmp_path / "wall"
    paint(folder / "Eva Müller" / "10.webp", recipe=made(title="Ten"))
    paint(folder / "Eva Müller" / "2.png", recipe=made())
    paint(folder / "Eva Müller" / "last.jpg")
    name = "a.png" if os.name == "nt" else f"a {HOSTILE.replace('/', '|')}.png"
    paint(folder / "李" / name)
    paint(folder / "李" / "b.jpg", recipe=made(title=HOSTILE, artist=HOSTILE, statement=HOSTILE))
    paint(folder / "李" / ".hidden.png")
    (folder / "李" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (folder / "Eva Müller" / "series.json").write_text(json.dumps({
        "title": "Three", "statement": "Why?", "pictures": {"last.jpg": "The first", "gone.jpg": "?"}}))
    (folder / "李" / "series.json").write_text('{"title": 3, "statement": "' + HOSTILE + '", "pictures": []}')
    (folder / "empty").mkdir()
    return folder


def test_what_hangs(wall, tmp_path):
    count, problems = write_gallery(wall, tmp_path / "page", "Our wall")
    assert count == 5 and len(problems) == 1 and "broken.png" in problems[0]
    page = Page(tmp_path / "page" / "index.html")
    assert page.names == ["Eva Müller", "李"] and "5 pictures by" in page.words and "Our wall" in page.words
    assert [picture["src"] for picture in page.pictures] == [f"pictures/00{i}.jpg" for i in range(1, 6)]
    first, second, third = (picture["alt"] for picture in page.pictures[:3])
    assert first == "The first: a picture of which nothing else is known"    # the series names it
    assert second == third == ("Pagoda by a lake, painted in the manner of Vincent van Gogh, "
                               "The Starry Night (1889)")
    assert page.words.index("The first") < page.words.index("Pagoda by a lake") < page.words.index("Ten")
    assert page.words.count(NOTHING) == 2 and '"China" by danielbuechele, CC BY 2.0' in page.words
    assert sorted(path.name for path in (tmp_path / "page").iterdir()) == ["index.html", "pictures"]


def test_nothing_hostile_becomes_markup(wall, tmp_path):
    write_gallery(wall, tmp_path / "page", HOSTILE)
    page = Page(tmp_path / "page" / "index.html")
    assert page.tags.count("script") == 1 and page.words.count(HOSTILE) >= 5


def test_pictures_are_written_anew(tmp_path):
    """Smaller, with their recipe, and without the place where a phone was."""
    paint(tmp_path / "in" / "a.png", (3000, 30), made())
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0)}
    exif[0x0112] = 6                                        # turned by a quarter
    Image.new("RGB", (60, 40)).save(tmp_path / "in" / "b.jpg", exif=exif.tobytes())
    assert write_gallery(tmp_path / "in", tmp_path / "page") == (2, [])
    wide, phone = (Image.open(tmp_path / "page" / "pictures" / f"00{i}.jpg") for i in (1, 2))
    assert wide.size == (LARGE, 20) and read_recipe(wide) == made()
    assert phone.size == (40, 60) and not phone.getexif().get_ifd(0x8825)


def test_a_damaged_recipe_is_named_and_the_picture_hangs(tmp_path):
    paint(tmp_path / "in" / "a.png", recipe=made())
    data = (tmp_path / "in" / "a.png").read_bytes()
    info = Image.open(tmp_path / "in" / "a.png").info["stylelib"]
    from PIL.PngImagePlugin import PngInfo
    text = PngInfo()
    text.add_itxt("stylelib", info.replace("size=64", "size=big"))
    Image.open(tmp_path / "in" / "a.png").save(tmp_path / "in" / "a.png", pnginfo=text)
    assert data != (tmp_path / "in" / "a.png").read_bytes()
    count, problems = write_gallery(tmp_path / "in", tmp_path / "page")
    assert count == 1 and "size must be a whole number" in problems[0]
    assert NOTHING in Page(tmp_path / "page" / "index.html").words


@pytest.mark.parametrize("text", ["", "[]", "{", "\ufffe", "[" * 100_000, '{"pictures": {"a.png": 3}}'])
def test_no_series_file_stops_it(text, tmp_path):
    paint(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "series.json").write_text(text, "utf-16" if text == "\ufffe" else "utf-8")
    assert write_gallery(tmp_path / "in", tmp_path / "page")[0] == 1


@pytest.mark.skipif(os.name == "nt", reason="links need a permission there")
def test_links_lead_nowhere(tmp_path):
    paint(tmp_path / "private" / "a.png")
    paint(tmp_path / "in" / "b.png")
    (tmp_path / "in" / "a.png").symlink_to(tmp_path / "private" / "a.png")
    (tmp_path / "in" / "eva").symlink_to(tmp_path / "private")
    assert write_gallery(tmp_path / "in", tmp_path / "page")[0] == 1


def test_one_file_holds_everything(wall, tmp_path):
    assert status_of("gallery", wall, "-o", tmp_path / "page.html") == 0
    page = Page(tmp_path / "page.html")
    assert len(page.pictures) == 5
    assert all(picture["src"].startswith("data:image/jpeg;base64,") for picture in page.pictures)
    assert SMALL < LARGE and not (tmp_path / "pictures").exists()


@pytest.mark.parametrize("arguments, words", [
    (["none", "-o", "new"], "no folder 'none'"), (["empty", "-o", "new"], "no picture in empty"),
    (["broken", "-o", "new"], "no picture in broken"), (["broken", "-o", "new.html"], "no picture in broken"),
    (["full", "-o", "full"], "is not empty"), (["full", "-o", "there.html"], "is there already"),
    (["full", "-o", "gone/new.html"], "does not exist"), (["full"], "-o/--output")])
def test_bad_input_is_one_line_and_leaves_nothing(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "there.html").touch()
    paint(tmp_path / "full" / "a.png")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.png").write_text("no picture")
    before = sorted(tmp_path.rglob("*"))
    assert status_of("gallery", *arguments) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1 and sorted(tmp_path.rglob("*")) == before


def test_labels_say_what_is_missing():
    recipe = recipe_of("my_dog.jpg", [{3: 0.5, 12: 0.5}, "mine.safetensors"], fast=True)
    label = label_of(recipe, "x.png", (9, 8))
    assert label.title == "My dog" and label.medium == "Neural style transfer in one pass, 9 × 8 px"
    assert label.alt == "My dog, painted in the manner of built-in styles 3, 12 and of the network mine"
    assert label.sources[0] == "After built-in styles 3, 12." and NO_RIGHTS in label.sources[2]


# In a browser

@pytest.mark.slow
@pytest.mark.parametrize("page_size", [(1920, 1080), (390, 844)], ids=str)
def test_the_page_in_a_browser(wall, page, tmp_path):
    """Nothing from a network, nothing cut; keys turn the pictures, and the focus comes along."""
    write_gallery(wall, tmp_path / "page")
    page.goto((tmp_path / "page" / "index.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".frame").nth(1).focus()
    page.keyboard.press("Enter")
    assert "Starry Night" in page.get_attribute("dialog img", "alt") and page.is_visible("dialog .label")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog")
    # the browser itself gives the focus back first
    page.wait_for_function("[...document.querySelectorAll('.frame')].indexOf(document.activeElement) == 3")
    assert page.problems == []


@pytest.mark.slow
def test_each_picture_is_a_poster_on_paper(wall, page, tmp_path):
    write_gallery(wall, tmp_path / "page")
    page.goto((tmp_path / "page" / "index.html").as_uri())
    printed = page.pdf(format="A4")
    assert printed.count(b"/Type /Page\n") == 5 + 2         # two walls have a statement, on a page of its own
