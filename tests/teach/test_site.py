"""The course to read: each page opens from a plain folder, with pictures and formulas; the search works."""
import re
import shutil

import nbformat
import pytest

from stylelib.cli import main
from stylelib.teach.crossings import Crossings
from stylelib.teach.editions import EDITIONS
from stylelib.teach.site import FILES, copy_sources, write_site
from stylelib.teach.slides import write_slides

from ..places import NOTEBOOKS, ROOT, TRANSLATED

CHINESE = [*(path for path in TRANSLATED if path.parent.name == "zh"),
           *sorted((ROOT / "notebooks").glob("*.zh.md"))]
PAGES = [*NOTEBOOKS, *sorted({*(ROOT / "notebooks").glob("*.md")} - {*CHINESE}), *CHINESE,
         ROOT / "tests/benchmarks/README.md"]
LOOK = """async () => {
    await MathJax?.startup?.promise;
    const count = what => document.querySelectorAll(what).length;
    const open = image => { image.loading = "eager"; return image.decode().catch(() => null); };
    await Promise.all([...document.images].map(open));
    return {title: document.querySelector("h1").innerText, wide: document.documentElement.scrollWidth,
            broken: [...document.images].filter(image => !image.naturalWidth).length,
            pictures: count("article .cell_output img"),
            alts: [...document.images].map(image => image.alt), language: document.documentElement.lang,
            levels: count("[role=heading]:not([aria-level])"),
            formulas: count(".math"), set: count(".math mjx-container"), wrong: count("mjx-merror"),
            folds: [...document.querySelectorAll("details")]
                .filter(fold => fold.querySelector("summary") && !fold.open).length}; }"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "course-site"
    assert write_site(folder) == "", "Sphinx warns"
    written = [path.name for path in folder.parent.iterdir()]
    assert written == ["course-site"], "something was written beside the site"
    return folder


def test_a_second_site_in_one_process_is_made_without_a_warning(site, tmp_path):
    """Sphinx keeps names in registers that outlive it."""
    assert write_site(tmp_path / "again") == ""


def address(path):
    """Of a page, in the site: Chinese pages lie in zh/ as the English ones lie above it."""
    place = path.relative_to(ROOT).as_posix().replace("/zh/", "/").replace(".zh.", ".")
    return f"{'zh/' if path in CHINESE else ''}{place.rpartition('.')[0]}.html"


def test_the_search_needs_no_script_of_one_sphinx_only(chinese_course, tmp_path):
    """Which scripts Sphinx itself writes changes with its version."""
    copy_sources(chinese_course, tmp_path / "sources", Crossings(chinese_course, EDITIONS[0], EDITIONS))
    named = re.findall(r"_static/([\w.-]+)", (FILES / "search.html").read_text("utf-8"))
    ours = {path.name for path in (tmp_path / "sources" / "_static").iterdir()} | {"places.js"}
    assert named and {*named} <= ours


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_page_opens_whole(path, site, page):
    page.goto((site / address(path)).as_uri())
    # without formulas there is no MathJax on the page
    seen = page.evaluate(LOOK.replace("MathJax?", "window.MathJax?"))
    assert page.problems == []
    assert not seen["broken"] and not seen["wrong"] and seen["wide"] <= 1280
    assert seen["set"] == seen["formulas"] and not seen["levels"]
    assert seen["language"] == ("zh-CN" if path in CHINESE else "en")
    for alt in seen["alts"]:
        assert len(alt) > (1 if path in CHINESE else 4), alt
        assert not re.search(r"No description|[0-9a-f]{64}|_images/", alt), alt
    if path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=4)
        outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
        assert seen["pictures"] == sum(any(kind.startswith("image/") for kind in output.get("data", {}))
                                       for output in outputs)
        assert seen["folds"] == sum(cell.source.count("<details>")
                                    for cell in notebook.cells if cell.cell_type == "markdown")
        assert "$$" not in page.inner_text("article")


@pytest.mark.parametrize("name", ["GLOSSARY", "TEACHING", "03_gram_matrices"])
def test_nothing_is_lost_on_paper(name, site, page):
    """A white box lay over the last lines of each printed page, and wide tables lost their last column."""
    page.set_viewport_size({"width": 700, "height": 1000})      # A4 between its margins
    page.emulate_media(media="print")
    page.goto((site / "notebooks" / f"{name}.html").as_uri())
    page.evaluate("async () => { await window.MathJax?.startup?.promise; }")
    assert not page.is_visible(".skip-to-content")
    cut = "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth + 1).length"
    assert page.eval_on_selector_all(".table-wrapper", cut) == 0


def search(page, site, words):
    """The titles of what is found."""
    page.goto((site / "index.html").as_uri())
    page.fill("input[name=q]", words)
    page.press("input[name=q]", "Enter")
    page.wait_for_selector("#search-results [role=status]")
    return page.eval_on_selector_all("ul.search li a", "links => links.map(link => link.innerText)")


@pytest.mark.parametrize("words, found", [
    ("gram", "03 Gram matrices"), ("receptive", "01 CNN features"), ("L-BFGS", "02 Content loss"),
    ("relu4_2", "05 Knobs"), ("paintings larger", "The painting is larger than the picture"),
    ("矩阵", "术语表"), ("展签", "术语表"), ("威尔逊区间", "术语表"), ("格拉姆矩阵", "术语表")])
def test_the_search_finds_places_from_a_plain_folder(words, found, site, page):
    hits = search(page, site if words.isascii() else site / "zh", words)
    # a notebook's sections that are called alike, such as "Questions", are told apart by the notebook
    assert any(found in hit for hit in hits) and len(set(hits)) > 0.9 * len(hits)
    page.click(f"#search-results a:has-text('{found}')")
    page.wait_for_selector("article h1")
    place = page.evaluate("() => decodeURIComponent(location.hash).slice(1)")
    assert place and page.evaluate("id => document.getElementById(id) !== null", place)
    assert page.problems == []


def test_the_search_says_when_there_is_nothing(site, page):
    assert search(page, site, "xyzzy") == []
    assert "Nothing was found" in page.inner_text("#search-results")
    assert search(page, site, "<img src=x>") == [] or page.problems == []


def test_two_pages_with_one_title_are_told_apart(site, page):
    hits = search(page, site, "step by step")
    assert len([hit for hit in hits if hit == "Neural style transfer, step by step"]) <= 1


def test_code_that_is_cut_off_is_reached_by_the_keyboard(site, page):
    page.set_viewport_size({"width": 500, "height": 900})
    page.goto((site / "notebooks" / "03_gram_matrices.html").as_uri())
    page.wait_for_function("() => document.querySelectorAll('pre[tabindex]').length")
    cut = "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth && box.tabIndex !== 0).length"
    assert page.eval_on_selector_all("pre", cut) == 0


def test_navigation_leads_to_every_page_and_no_link_is_dead(site, page):
    links = set()
    for folder in ("", "zh/"):
        page.goto((site / folder / "index.html").as_uri())
        found = page.eval_on_selector_all(".sidebar-tree a",
                                          "links => links.map(link => link.getAttribute('href'))")
        links |= {f"{folder}{link}" for link in found}
    assert {address(path) for path in PAGES} <= links
    for file in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#?]+)', file.read_text("utf-8")):
            if not re.match(r"\w+:|//", link):
                assert (file.parent / link).exists(), f"{file.relative_to(site)}: {link}"


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").touch()
    assert main(["site", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "not empty" in error and error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_notebooks_of_ones_own_are_neither_pages_nor_a_fault(tmp_path):
    """JupyterLab makes Untitled.ipynb in the folder where somebody clicks."""
    course = tmp_path / "course"
    for folder in ("notebooks", "data/teasers"):
        (course / folder).mkdir(parents=True)
    for path in (NOTEBOOKS[3], ROOT / "notebooks" / "GLOSSARY.md"):
        shutil.copy(path, course / "notebooks")
    for folder in ("notebooks", "data"):
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Mine")]),
                       course / folder / "Untitled.ipynb")
    (course / "notebooks" / "Untitled1.ipynb").touch()                  # opened, and never saved
    (course / "notebooks" / "03_gram_matrices-Copy1.ipynb").write_text("no notebook")
    write_site(tmp_path / "site", course)
    assert not list((tmp_path / "site").rglob("Untitled*")) and not list((tmp_path / "site").rglob("*Copy1*"))
    assert "Untitled" not in (tmp_path / "site" / "index.html").read_text("utf-8")
    assert write_slides(tmp_path / "slides", course=course) == 1
    decks = sorted(path.name for path in (tmp_path / "slides").glob("*.html"))
    assert decks == ["03_gram_matrices.html", "index.html"]
