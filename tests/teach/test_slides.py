"""Slides: what opens a page and what fits on one; and in a real browser, that nothing runs off any page.

The browser tests are fast (seconds a deck) and need no JupyterLab, so they always run where there is a
chromium.
"""
import base64
import io
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from stylelib.cli import main
from stylelib.teach.pages import HEIGHT, ROOM, WIDTH, pages, slide_type
from stylelib.teach.slides import write_slides

from ..places import NOTEBOOKS
from ..refresh import tidy

# How large a page is, how far its content was made smaller, and what it says
MEASURE = """() => Reveal.getSlides().map(page => {
    const {h, v} = Reveal.getIndices(page);
    Reveal.slide(h, v, 99);
    const count = what => page.querySelectorAll(what).length;
    const pieces = [...page.querySelectorAll("p, li, pre, img, table, mjx-container")]
        .map(piece => piece.getBoundingClientRect());
    return {text: page.innerText, seen: page.offsetHeight > 0,
            zoom: Number(page.firstElementChild.style.zoom),
            bottom: Math.max(page.scrollHeight, ...pieces.map(piece => piece.bottom)),
            right: Math.max(page.scrollWidth, ...pieces.map(piece => piece.right)),
            pictures: count("img"), formulas: count("mjx-container"), unset: count("mjx-merror"),
            broken: [...page.querySelectorAll("img")].filter(image => !image.naturalWidth).length}; })"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("decks") / "slides"
    assert write_slides(folder) == len(NOTEBOOKS)
    return folder


@pytest.fixture
def page_size():
    return WIDTH, HEIGHT


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_runs_off_a_page(path, decks, page):
    page.goto((decks / f"{path.stem}.html").as_uri())
    page.evaluate("() => window.ready")
    measured = page.evaluate(MEASURE)
    notebook = nbformat.read(path, as_version=4)
    for number, one in enumerate(measured, 1):
        where = f"page {number}: {one['text'][:60]!r}"
        assert one["seen"] and one["bottom"] <= HEIGHT and one["right"] <= WIDTH, where
        assert one["zoom"] >= 0.7, f"{where} can hardly be read: {one['zoom']}"
        assert not one["broken"] and not one["unset"], where
    pictures = sum(any(kind.startswith("image/") for kind in output.get("data", {}))
                   for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs)
    assert sum(one["pictures"] for one in measured) == pictures
    assert page.problems == []
    text = "\n".join(one["text"] for one in measured)
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            assert cell.source.splitlines()[0].removeprefix("## ").replace("`", "")[:20] in text


def test_the_overview_shows_the_neighbours_of_a_page(decks, page):
    page.goto((decks / "04_style_transfer.html").as_uri())
    page.evaluate("() => window.ready")
    page.keyboard.press("Escape")
    near = page.evaluate("""() => Reveal.getSlides().map(page => page.getBoundingClientRect())
        .filter(place => place.x > -1000 && place.x < 2000 && place.y > -1000 && place.y < 2000).length""")
    assert near >= 4


def test_formulas_are_set_without_a_network(decks, page):
    page.goto((decks / "03_gram_matrices.html").as_uri())
    page.evaluate("() => window.ready")
    measured = page.evaluate(MEASURE)
    assert sum(one["formulas"] for one in measured) > 20
    assert not any("$" in one["text"].replace("$ ", "") and "\\" in one["text"] for one in measured)


def test_an_overfull_page_is_made_smaller(tmp_path, decks, page):
    """The browser's own safety net: it catches what the estimate lets through."""
    deck = (decks / "04_style_transfer.html").read_text("utf-8")
    broken = decks / "overfull.html"
    broken.write_text(deck.replace("<h1", "<p style='height: 600px'>much</p><h1", 1), "utf-8")
    page.goto(broken.as_uri())
    page.evaluate("() => window.ready")
    first = page.evaluate(MEASURE)[0]
    broken.unlink()
    assert 0.4 <= first["zoom"] < 0.9 and first["bottom"] <= HEIGHT


def test_the_index_leads_to_all_decks(decks, page):
    page.goto((decks / "index.html").as_uri())
    links = page.eval_on_selector_all("a", "links => links.map(link => link.getAttribute('href'))")
    assert links == [f"{path.stem}.html" for path in NOTEBOOKS]
    assert all((decks / link).exists() for link in links)


def markdown(text, **metadata):
    return new_markdown_cell(text, metadata=metadata)


def code(text="x = 1\ny = 2", **metadata):
    return new_code_cell(text, metadata=metadata)


@pytest.mark.parametrize("cell, before, expected", [
    (markdown("# Title\n\ntext"), None, "slide"),
    (markdown("## Chapter"), code(), "slide"),
    (markdown("### Section"), code(), "subslide"),
    (markdown("**Predict.** What?"), code(), "subslide"),
    (markdown("**What to see.** This."), code(), "fragment"),
    (markdown("More."), markdown("Text."), "-"),
    (code(), markdown("Text."), "subslide"),
    (code("import math\nfrom os import path"), markdown("Text."), "skip"),
    (code("check.thing(thing)"), code(), "-"),
    (code(tags=["exercise"]), markdown("Text."), "-"),
    (markdown("## Chapter", slideshow={"slide_type": "subslide"}), None, "subslide"),
    (code(slideshow={"slide_type": "nonsense"}), None, "subslide"),
])
def test_slide_types(cell, before, expected):
    assert slide_type(cell, before) == expected


def test_folds_open_as_pages_of_their_own():
    folded = "1. Why?\n\n<details><summary>Answer</summary>\n\nSo.\n\n</details>\n\n2. How?"
    deck = pages(new_notebook(cells=[markdown("## Questions"), markdown(folded)]))
    assert [(cell.source, cell.metadata.slideshow.slide_type) for cell in deck.cells] == [
        ("## Questions", "slide"), ("1. Why?", "-"), ("#### Answer", "subslide"), ("So.", "-"),
        ("2. How?", "subslide")]


def test_long_text_goes_on_on_the_next_page():
    deck = pages(new_notebook(cells=[markdown("## Chapter\n\n" + "\n\n".join(["word " * 60] * 7))]))
    kinds = [cell.metadata.slideshow.slide_type for cell in deck.cells]
    assert kinds[0] == "slide" and kinds.count("subslide") == 1
    assert "".join(cell.source for cell in deck.cells).count("word") == 420


def test_a_picture_makes_room_for_its_explanation():
    file = io.BytesIO()
    Image.new("RGB", (600, 300)).save(file, "PNG")
    output = new_output("display_data", {"image/png": base64.b64encode(file.getvalue()).decode()})
    notebook = new_notebook(cells=[new_code_cell("draw()", outputs=[output]), markdown("word " * 100)])
    deck = pages(notebook)
    assert [cell.metadata.slideshow.slide_type for cell in deck.cells] == ["slide", "-", "fragment"]
    height = deck.cells[1].outputs[0].metadata["image/png"]["height"]
    assert 0.55 * 540 < height < ROOM - 150


def test_code_blocks_in_text_stay_whole():
    listing = "```python\na = 1\n\nb = 2\n```"
    deck = pages(new_notebook(cells=[markdown(f"## Chapter\n\n{listing}\n\n- one\n\n  more of it")]))
    assert [cell.source for cell in deck.cells] == ["## Chapter", listing, "- one\n\n  more of it"]


def test_stored_slide_types_are_kept_when_a_notebook_is_tidied(tmp_path):
    notebook = new_notebook(cells=[markdown("## Chapter"), code(), markdown("Text."),
                                   markdown("Mine.", slideshow={"slide_type": "notes"})])
    notebook.metadata.course = {"source_hash": "of the outputs"}
    path = tmp_path / "a.ipynb"
    nbformat.write(notebook, path)
    assert tidy(path) is True
    again = nbformat.read(path, as_version=4)
    kinds = [cell.metadata.slideshow.slide_type for cell in again.cells]
    assert kinds == ["slide", "subslide", "fragment", "notes"]
    assert again.metadata.course.source_hash == "of the outputs"
    assert tidy(path) is False


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebooks_carry_their_slide_types(path):
    """So that JupyterLab shows them, and plain `jupyter nbconvert --to slides` works too."""
    cells = nbformat.read(path, as_version=4).cells
    stored = [cell.metadata.get("slideshow", {}).get("slide_type", "-") for cell in cells]
    expected = [slide_type(cell, before) for before, cell in zip([None, *cells], cells)]
    assert stored == expected, "python -m tests.refresh --tidy"


@pytest.mark.parametrize("arguments, words", [
    (["new", "77"], "no notebook '77': there are 00_start_here"),
    (["full", "04"], "not empty"),
    ([], "required: DIR (see stylelib slides --help)"),
    (["new", "--course", "."], "no course in"),
])
def test_bad_input_is_one_line_and_status_2(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file.txt").touch()
    try:
        status = main(["slides", *arguments])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2 and captured.out == "" and words in captured.err and captured.err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_missing_package_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nbconvert", None)
    monkeypatch.delitem(sys.modules, "stylelib.teach.slides")
    assert main(["slides", str(tmp_path / "new")]) == 2
    error = capsys.readouterr().err
    assert "nbconvert" in error and 'pip install "stylelib[kit]"' in error and error.count("\n") == 1
