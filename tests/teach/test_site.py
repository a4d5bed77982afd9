"""The course to read: each page opens from a plain folder, with pictures and formulas; the search works."""
import re

import nbformat
import pytest

from stylelib.cli import main
from stylelib.teach.site import write_site

from ..places import NOTEBOOKS, ROOT

PAGES = [*NOTEBOOKS, *sorted((ROOT / "notebooks").glob("*.md")), ROOT / "tests/benchmarks/README.md"]
LOOK = """async () => {
    await MathJax?.startup?.promise;
    const count = what => document.querySelectorAll(what).length;
    const open = image => { image.loading = "eager"; return image.decode().catch(() => null); };
    await Promise.all([...document.images].map(open));
    return {title: document.querySelector("h1").innerText, wide: document.documentElement.scrollWidth,
            broken: [...document.images].filter(image => !image.naturalWidth).length,
            pictures: count("article .cell_output img"),
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


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_page_opens_whole(path, site, page):
    page.goto((site / path.relative_to(ROOT).with_suffix(".html")).as_uri())
    # without formulas there is no MathJax on the page
    seen = page.evaluate(LOOK.replace("MathJax?", "window.MathJax?"))
    assert page.problems == []
    assert not seen["broken"] and not seen["wrong"] and seen["wide"] <= 1280
    assert seen["set"] == seen["formulas"]
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


@pytest.mark.parametrize("words, found", [("gram", "03 Gram matrices"), ("receptive", "01 CNN features")])
def test_the_search_finds_pages_from_a_plain_folder(words, found, site, page):
    page.goto((site / "index.html").as_uri())
    page.fill("input[name=q]", words)
    page.press("input[name=q]", "Enter")
    page.wait_for_selector("#search-results li a")
    page.click(f"#search-results a:has-text('{found}')")
    page.wait_for_selector(f"h1:has-text('{found}')")
    assert page.problems == []


def test_navigation_leads_to_every_page_and_no_link_is_dead(site, page):
    page.goto((site / "index.html").as_uri())
    links = page.eval_on_selector_all(".sidebar-tree a",
                                      "links => links.map(link => link.getAttribute('href'))")
    assert {path.relative_to(ROOT).with_suffix(".html").as_posix() for path in PAGES} <= set(links)
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
