"""Slides: what opens a page and what fits on one; and in a real browser, that nothing runs off any page.

The browser tests are fast (seconds a deck) and need no JupyterLab, so they always run where there is a
chromium.
"""
import base64
import io
import re
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from stylelib.cli import main
from stylelib.teach.editions import speaking
from stylelib.teach.listing import essential
from stylelib.teach.pages import HEIGHT, WIDTH, pages, slide_type
from stylelib.teach.slides import write_slides

from ..places import NOTEBOOKS, TRANSLATED
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
            code: Math.min(24, ...[...page.querySelectorAll("pre")]
                .map(text => parseFloat(text.style.fontSize))),
            heights: [...page.querySelectorAll("img:not(.again)")].map(image => image.offsetHeight),
            least: [...page.querySelectorAll("img:not(.again)")].map(image => Math.min(330,
                0.8 * 1212 * image.naturalHeight / image.naturalWidth, 2 * image.naturalHeight)),
            alts: [...page.querySelectorAll("img")].map(image => image.alt),
            notes: page.querySelectorAll("aside.notes").length,
            filled: page.firstElementChild.lastElementChild.getBoundingClientRect().bottom,
            bottom: Math.max(page.scrollHeight, ...pieces.map(piece => piece.bottom)),
            right: Math.max(page.scrollWidth, ...pieces.map(piece => piece.right)),
            pictures: count(".jp-RenderedImage img"), formulas: count("mjx-container"),
            unset: count("mjx-merror"),
            broken: [...page.querySelectorAll("img")].filter(image => !image.naturalWidth).length}; })"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("decks") / "slides"
    assert write_slides(folder) == len(NOTEBOOKS)
    if TRANSLATED:
        with speaking("zh_CN"):
            write_slides(folder.parent / "zh")
    return folder


@pytest.fixture
def page_size():
    return WIDTH, HEIGHT


@pytest.mark.parametrize("path", [*NOTEBOOKS, *TRANSLATED[::3]],        # a few Chinese ones: all take minutes
                         ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_runs_off_a_page(path, decks, page):
    chinese = path.parent.name == "zh"
    page.goto(((decks.parent / "zh" if chinese else decks) / f"{path.stem}.html").as_uri())
    page.evaluate("() => window.ready")
    measured = page.evaluate(MEASURE)
    notebook = nbformat.read(path, as_version=4)
    for number, one in enumerate(measured, 1):
        where = f"page {number}: {one['text'][:60]!r}"
        assert one["seen"] and one["bottom"] <= HEIGHT and one["right"] <= WIDTH, where
        assert one["zoom"] >= 0.7, f"{where} can hardly be read: {one['zoom']}"
        assert not one["broken"] and not one["unset"], where
        assert one["code"] >= 16, f"{where}: letters of {one['code']} px"
        for alt in one["alts"]:
            assert len(alt) > (1 if chinese else 4), f"{where}: {alt}"
            assert not re.search("No description|[0-9a-f]{64}", alt), f"{where}: {alt}"
        if len(one["heights"]) == 1:
            assert one["heights"][0] >= one["least"][0], f"{where}: picture of {one['heights'][0]} px"
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
    names = [f"{path.stem}.html" for path in NOTEBOOKS]
    assert links == [name + end for name in names for end in ("", "?print-pdf")]
    assert all((decks / name).exists() for name in names)
    page.click("a")
    page.evaluate("() => window.ready")
    page.click(".place a")
    assert page.title() == "Slides"


def test_each_page_is_a_page_of_paper_and_the_first_is_of_full_size(decks, page):
    page.goto((decks / "00_start_here.html").as_uri())
    page.evaluate("() => window.ready")
    count, large = page.evaluate("() => [Reveal.getTotalSlides(), document.querySelector('h1').offsetWidth]")
    page.goto((decks / "00_start_here.html").as_uri() + "?print-pdf")
    page.evaluate("() => window.ready")
    page.wait_for_function(f"() => document.querySelectorAll('.pdf-page').length == {count}")
    assert page.evaluate("() => document.querySelector('.pdf-page h1').offsetWidth") >= 0.9 * large


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


def kinds(*cells):
    """[(text of a block, its slide type)] of a deck."""
    deck = pages(new_notebook(cells=list(cells)))
    return [(cell.source, cell.metadata.slideshow.slide_type) for cell in deck.cells]


def test_an_answer_comes_at_the_next_key_press_and_the_next_question_on_the_next_page():
    folded = "1. Why?\n\n<details><summary>Answer</summary>\n\nSo.\n\n</details>\n\n2. How?"
    assert kinds(markdown("## Questions"), markdown(folded)) == [
        ("## Questions", "slide"), ("1. Why?", "-"), ("#### Answer\n\nSo.", "fragment"),
        ("2. How?", "subslide")]


def test_a_solution_has_a_page_of_its_own_and_what_happens_is_for_the_speaker():
    folds = ("<details><summary>Hint</summary>\n\nThink.\n\n</details>\n\n"
             "<details><summary>Solution</summary>\n\n`1`\n\n</details>\n\nWe use it.")
    tried = "**Try it** `A = 2`\n\n<details><summary>What happens</summary>\n\nMore.\n\n</details>"
    assert kinds(markdown("## Exercise"), markdown(folds), markdown("## Next"), markdown(tried)) == [
        ("## Exercise", "slide"), ("#### Hint\n\nThink.", "fragment"),
        ("#### Solution\n\n`1`", "subslide"), ("We use it.", "-"),
        ("## Next", "slide"), ("**Try it** `A = 2`", "-"), ("#### What happens\n\nMore.", "notes")]


def drawing(code, width=900, height=300):
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    output = new_output("display_data", {"image/png": base64.b64encode(file.getvalue()).decode()})
    return new_code_cell(code, outputs=[output])


SEEN = "<details><summary>What to see</summary>\n\n{}\n\n</details>"


def test_a_vote_is_not_spoiled():
    """Question, code, picture, answer: each waits for the one before; the speaker knows the answer."""
    deck = kinds(markdown("## Chapter\n\n**Predict.** Which?"),
                 drawing("a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nshow.pictures(a)"),
                 markdown(SEEN.format("This.")), markdown("More text."))
    assert deck == [("## Chapter", "slide"), ("**Predict.** Which?", "-"),
                    ("**They will see:**\n\nThis.", "notes"),
                    ("a = 1\nb = 2\nc = 3\nd = 4\ne = 5", "subslide"), ("", "subslide"),
                    ("This.", "fragment"), ("More text.", "fragment")]


def test_a_long_answer_leaves_the_picture_large_and_has_the_next_page():
    deck = kinds(markdown("## Chapter\n\n**Predict.** Which?"), drawing("show.pictures(a)", 600, 400),
                 markdown(SEEN.format("word " * 100)))
    assert [kind for _, kind in deck] == ["slide", "-", "notes", "subslide", "subslide"]
    assert deck[-1][0].startswith("#### What to see\n\nword")


def test_text_before_a_question_stands_on_its_page():
    deck = kinds(markdown("## Chapter"), drawing("show.pictures(a)"),
                 markdown("Now each half.\n\n**Predict.** Which?"))
    assert deck[-2:] == [("Now each half.", "subslide"), ("**Predict.** Which?", "-")]


def test_the_picture_of_the_first_cell_ends_the_title_page():
    deck = kinds(markdown("# Title\n\nWhy?\n\n![a pagoda](a.jpg)\n\n**You can**\n\n- see"))
    assert [kind for _, kind in deck] == ["slide", "-", "-", "subslide", "-"]


def test_knobs_are_skipped_and_notes_are_kept():
    deck = kinds(markdown("## Chapter"), code("A = 1", tags=["parameters"]), markdown("Text."),
                 markdown("Mine.", slideshow={"slide_type": "notes"}))
    assert deck == [("## Chapter", "slide"), ("Text.", "-"), ("Mine.", "notes")]


@pytest.mark.parametrize("source, left", [
    ("import math\nx = 1\nassert x\ncheck.claim('one', x == 1)", "x = 1"),
    ("# draws\nshow.pictures({'a': x})", ""),
    ("figure, (left, right) = plt.subplots(1, 2)\nleft.plot(x)\nfor a in x:\n    right.plot(a)", ""),
    ("def bars(values):\n    plt.bar(values)\n\nbars(x)", "bars(x)"),
    ("@torch.no_grad()\ndef f(x):\n    return x\n\n\n\nprint(f(1))",
     "@torch.no_grad()\ndef f(x):\n    return x"),
    ("%pip install stylelib", "%pip install stylelib"),
    ("for axis in axes:\n    share = 1\n    axis.bar(share)", ""),
    ("for a in b:\n    c[a] = 1\n    check.claim('one', c)\n    assert c", "for a in b:\n    c[a] = 1"),
    ("for a in b:\n    c = 1\n    print(c)", "for a in b:\n    c = 1\n    print(c)"),
    ("[1, 2].index(1)\nf()()\n'text'.join(x)", "[1, 2].index(1)\nf()()\n'text'.join(x)"),
])
def test_code_on_slides_is_without_plumbing(source, left):
    assert essential(source) == left


def test_where_nothing_is_drawn_prints_stay():
    assert essential("x = 1\nprint(x)", prints=True) == "x = 1\nprint(x)"


def test_long_text_goes_on_on_the_next_page():
    deck = pages(new_notebook(cells=[markdown("## Chapter\n\n" + "\n\n".join(["word " * 60] * 7))]))
    kinds = [cell.metadata.slideshow.slide_type for cell in deck.cells]
    assert kinds[0] == "slide" and kinds.count("subslide") == 1
    assert "".join(cell.source for cell in deck.cells).count("word") == 420


def test_a_picture_makes_room_for_its_explanation_but_stays_large():
    deck = pages(new_notebook(cells=[drawing("draw()", 600, 250), markdown("word " * 30)]))
    assert [cell.metadata.slideshow.slide_type for cell in deck.cells] == ["slide", "-", "fragment"]
    height = deck.cells[1].outputs[0].metadata["image/png"]["height"]
    assert 0.85 * 504 <= height <= 504


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
    (["new", "04", "--route", "90"], "a route names its notebooks itself"),
    (["new", "--route", "90", "--course", "course"], "routes stand in notebooks/TEACHING.md"),
    (["new", "--course", "."], "no course in"),
])
def test_bad_input_is_one_line_and_status_2(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for folder in ("full", "course/data", "course/notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    nbformat.write(new_notebook(cells=[markdown("# A")]), tmp_path / "course/notebooks/00_a.ipynb")
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
