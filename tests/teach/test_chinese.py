"""The kit in Chinese: made from the Chinese notebooks, with their words understood.

What is asked of a message is that it is the translated one, if there is one: `tr` says which.
"""
import contextlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from stylelib.cli import main
from stylelib.engine.language import tr
from stylelib.teach import doctor, editions
from stylelib.teach.course import find_course, find_notebooks, home_of
from stylelib.teach.crossings import Crossings
from stylelib.teach.folds import FOLD, title_of
from stylelib.teach.gallery import write_gallery
from stylelib.teach.grading import write_grading
from stylelib.teach.handouts import student_project, write_handouts
from stylelib.teach.hubs import write_hubs
from stylelib.teach.links import parse_repository
from stylelib.teach.offline import write_offline
from stylelib.teach.pages import pages
from stylelib.teach.routes import route_notebook
from stylelib.teach.site import write_site
from stylelib.teach.slides import write_slides
from stylelib.teach.work import code_cells, exercises_of, find_answer

from ..places import ROOT, TRANSLATED
from .conftest import BOOKS

CHINESE = editions.edition("zh_CN")
NAMES = [path.name for path in BOOKS]
LINK = re.compile(r"\]\(([^)#\s]+)")


def text_of(path):
    return "\n\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def dead_links(folder):
    """Links to files that are not there, of all notebooks and pages in a folder."""
    found = []
    for path in [*folder.rglob("*.ipynb"), *folder.rglob("*.md")]:
        text = text_of(path) if path.suffix == ".ipynb" else path.read_text("utf-8")
        names = [name for name in LINK.findall(re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL))
                 if not re.match(r"\w+:", name) and name.endswith((".ipynb", ".md", ".jpg"))]
        found += [(path.name, name) for name in names if not (path.parent / name).exists()]
    return found


def kinds_of_folds(path):
    """What each fold is, cell by cell: whichever language its title is in."""
    kinds = (editions.HINT, editions.SOLUTION, editions.SEEN, editions.HAPPENS)
    return [[next((i for i, titles in enumerate(kinds) if title_of(fold).startswith(titles)), "answer")
             for fold in FOLD.finditer(cell.source)] for cell in nbformat.read(path, as_version=4).cells]


@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_translated_fold_is_what_it_is_in_english(path):
    """With another title, a solution would be handed out, or a hint would not."""
    english = ROOT / "notebooks" / path.name
    assert kinds_of_folds(path) == kinds_of_folds(english)
    assert text_of(path).count(CHINESE.predict) == text_of(english).count("**Predict")
    assert doctor.stated_seconds(path) == doctor.stated_seconds(english) > 0


def test_where_the_notebooks_of_a_language_are(chinese_course, tmp_path):
    home = chinese_course / "notebooks"
    assert find_notebooks(chinese_course, language=CHINESE) == [home / "zh" / name for name in NAMES]
    assert find_notebooks(chinese_course) == [home / name for name in NAMES]
    shutil.copytree(chinese_course / "data", tmp_path / "data")
    shutil.copytree(home / "zh", tmp_path / "notebooks" / "zh")
    assert find_course(tmp_path) == tmp_path                    # as what learners get
    assert home_of(tmp_path) == tmp_path / "notebooks" / "zh"
    shutil.move(tmp_path / "notebooks" / "zh" / NAMES[0], tmp_path / "notebooks")
    shutil.rmtree(tmp_path / "notebooks" / "zh")
    assert home_of(tmp_path, CHINESE) == tmp_path / "notebooks"


def test_student_copies(chinese_course, tmp_path, in_chinese):
    assert write_handouts(tmp_path / "new", course=chinese_course) == 2
    notebooks = sorted((tmp_path / "new").rglob("*.ipynb"))
    assert notebooks == [tmp_path / "new" / "notebooks" / "zh" / name for name in NAMES]
    for path in notebooks:
        text = text_of(path)
        assert "参考答案" not in text and "<summary>答案" not in text and text.count("*你的答案：*") == 3
        assert text.count("<summary>提示") == text_of(chinese_course / "notebooks" / "zh" / path.name).count(
            "<summary>提示")
        assert "<summary>看什么" in text
        hidden = [cell for cell in nbformat.read(path, as_version=4).cells if "jupyter" in cell.metadata]
        assert len(hidden) == text.count("**先猜一猜")
    assert f"](notebooks/zh/{NAMES[0]})" in (tmp_path / "new" / "README.md").read_text("utf-8")
    dead = dead_links(tmp_path / "new" / "notebooks")
    assert set(dead) <= {(NAMES[1], "../../README.zh.md"), (NAMES[1], "../03_gram_matrices.ipynb"),
                         (NAMES[0], "../../README.zh.md"), (NAMES[0], "../03_gram_matrices.ipynb")}


def test_nbgraders_source_has_solutions_and_finds_its_data(chinese_course, tmp_path, in_chinese):
    count, points = write_grading(tmp_path / "new", course=chinese_course)
    assert count == 2 and points == sum(len(exercises_of(path)) for path in BOOKS)
    folder = tmp_path / "new" / "source" / "03_gram_matrices"
    notebook = nbformat.read(folder / NAMES[1], as_version=4)
    assert "# 03 格拉姆矩阵" in notebook.cells[0].source
    solved = [cell for cell in notebook.cells if "### BEGIN SOLUTION" in cell.source]
    assert len(solved) == len(exercises_of(BOOKS[1]))
    assert "](data/teasers" in notebook.cells[0].source
    with _standing_in(folder):
        place = next(cell for cell in notebook.cells if cell.get("id") == "place")
        exec(place.source, {})
        assert os.path.isdir("../../data/style")


@pytest.fixture
def english_course(chinese_course, tmp_path):
    """The same course without its Chinese notebooks and pages."""
    course = tmp_path / "english"
    shutil.copytree(chinese_course, course, ignore=shutil.ignore_patterns("zh", "*.zh.md"))
    return course


def test_english_notebooks_stay_english_where_there_are_no_others(english_course, tmp_path, in_chinese):
    write_handouts(tmp_path / "handout", course=english_course)
    text = text_of(tmp_path / "handout" / "notebooks" / NAMES[1])
    assert text.count("*Your answer:*") == 3 and CHINESE.yours not in text
    write_grading(tmp_path / "grading", course=english_course)
    folder = tmp_path / "grading" / "source" / "03_gram_matrices"
    cells = nbformat.read(folder / NAMES[1], as_version=4).cells
    with _standing_in(folder):
        exec(next(cell.source for cell in cells if cell.get("id") == "place"), {})
        assert os.path.isdir("../data/style")


def test_each_language_of_a_learners_site_has_its_own_readme(chinese_course, english_course, in_chinese):
    with student_project(chinese_course) as project:
        assert f"](notebooks/{NAMES[0]})" in (project / "README.md").read_text("utf-8")
        assert (project / "README.md").read_text("utf-8").isascii()
        own = (project / "README.zh.md").read_text("utf-8")
        assert f"](notebooks/zh/{NAMES[0]})" in own and not own.isascii()
    with student_project(english_course) as project:
        assert not (project / "README.zh.md").exists()


@contextlib.contextmanager
def _standing_in(folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def test_an_untouched_chinese_stub_is_no_answer_and_no_fault(chinese_course):
    """Exercises are read from the English notebook; comments in Chinese stubs are others."""
    exercise = exercises_of(BOOKS[1])[0]
    cells = code_cells(chinese_course / "notebooks" / "zh" / NAMES[1])
    stub = next(cell for cell in cells if cell.name == exercise.cell.name)
    changed = type(stub)(stub.name, stub.source.replace("raise", "# 你的代码\n    raise"))
    ours = {cell.source for cell in [*cells, changed, *code_cells(BOOKS[1])]}
    assert find_answer(exercise, [*cells, changed], ours).source == changed.source
    answer = type(stub)(stub.name, "def gram_matrix(features):\n    return 1")
    assert find_answer(exercise, [answer], ours).source == answer.source


def test_slides(chinese_course, tmp_path, in_chinese):
    assert write_slides(tmp_path / "new", course=chinese_course) == 2
    index = (tmp_path / "new" / "index.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in index and ">03 格拉姆矩阵</a>" in index and tr("to print") in index
    deck = (tmp_path / "new" / "03_gram_matrices.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in deck and tr("all decks") in deck
    assert "data:image/jpeg" in deck.partition("</section>")[0]        # the picture of the first screen
    text = text_of(chinese_course / "notebooks" / "zh" / NAMES[1])
    assert deck.count("celltag_question") == text.count("**先猜一猜")
    notes = "".join(re.findall(r'<aside class="notes">.*?</aside>', deck, re.DOTALL))
    assert notes.count("会发生什么") == deck.count("会发生什么") == text.count("<summary>会发生什么") > 0


def test_what_reveal_says_is_translated(chinese_course, tmp_path, in_chinese, page):
    write_slides(tmp_path / "new", course=chinese_course)
    page.goto((tmp_path / "new" / f"{BOOKS[0].stem}.html").as_uri())
    page.evaluate("window.ready")
    labels = page.eval_on_selector_all(".reveal .controls [aria-label]",
                                       "all => all.map(one => one.getAttribute('aria-label'))")
    assert sorted(labels) == sorted(map(tr, ("previous slide", "next slide", "above slide", "below slide")))
    assert page.locator(".resume-button").text_content() == tr("Resume presentation") != "Resume presentation"
    assert page.problems == []


def test_chinese_letters_take_the_room_of_two():
    def filled(text):
        return len({cell.metadata["slideshow"]["slide_type"] for cell in
                    pages(new_notebook(cells=[new_markdown_cell(f"# A\n\n{text}\n\n{text}")])).cells})
    assert filled("字" * 500) > filled("a" * 500) == 2


def test_a_route_speaks_as_its_guide_does(chinese_course, tmp_path, in_chinese):
    course = tmp_path / "course"
    shutil.copytree(chinese_course, course)
    english = "| 0:00 | 5 | 03 [Key points](03_gram_matrices.ipynb) | Look. |"
    table = "\n\n| a | b | c | d |\n|---|---|---|---|\n"
    (course / "notebooks" / "TEACHING.md").write_text(f"### Route: half a day{table}{english}\n", "utf-8")
    (course / "notebooks" / "TEACHING.zh.md").write_text(
        f"### 路线：半天{table}| 0:00 | 5 | 03 [要点](zh/03_gram_matrices.ipynb) | 看一看。 |\n", "utf-8")
    name, notebook = route_notebook(course, "half")
    sources = [cell.source for cell in notebook.cells]
    assert name == "半天" and sources[1] == "## 要点" and "格拉姆矩阵" in "".join(sources)
    assert sources[2].endswith("03 要点\n\n看一看。")
    (course / "notebooks" / "TEACHING.zh.md").write_text("### 路线：半天\n", "utf-8")
    assert route_notebook(course, "half")[1].cells[2].source.endswith("Look.")


def test_a_folder_without_a_network_has_both_languages(chinese_course, tmp_path, in_chinese):
    course = tmp_path / "course"
    shutil.copytree(chinese_course, course)
    (course / "pyproject.toml").touch()
    (course / "notebooks" / "zh" / "Untitled.ipynb").touch()
    for student in (False, True):
        def run(command):
            os.makedirs(command[command.index("--wheel-dir") + 1])
            return subprocess.CompletedProcess(command, 0)
        folder = tmp_path / f"kit-{student}"
        write_offline(folder, course=course, student=student, run=run)
        found = sorted(path.relative_to(folder / "course" / "notebooks").as_posix()
                       for path in folder.rglob("*.ipynb"))
        assert found == [*NAMES, *(f"zh/{name}" for name in NAMES)]
        text = text_of(folder / "course" / "notebooks" / "zh" / NAMES[1])
        assert ("参考答案" in text) is not student
        assert f"notebooks/zh/{NAMES[0]}" in (folder / "install.sh").read_text("utf-8")
        script = (folder / "install.ps1").read_text("utf-8-sig")
        assert f"notebooks\\zh\\{NAMES[0]}" in script
        # Windows PowerShell reads Chinese only behind this mark
        assert script.isascii() or (folder / "install.ps1").read_bytes().startswith(b"\xef\xbb\xbf")


def test_what_hangs_on_the_wall(chinese_course, tmp_path, in_chinese):
    write_hubs(tmp_path / "new", parse_repository("https://github.com/school/art"), course=chinese_course)
    said = (tmp_path / "new" / "HUBS.md").read_text("utf-8")
    assert said.count(f"notebooks%2Fzh%2F{NAMES[1]}") == 2 and tr("The links, to copy:") in said
    assert "built-in" not in said and "{" not in said
    poster = (tmp_path / "new" / "poster.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in poster and "<h2>03 格拉姆矩阵</h2>" in poster
    assert poster.count('class="teaser"') == 3
    cells = code_cells(tmp_path / "new" / "repository" / "notebooks" / "zh" / NAMES[1])
    assert 'os.path.join(COURSE, "notebooks/zh")' in cells[0].source


def test_a_gallery(tmp_path, in_chinese, chinese_course):
    (tmp_path / "works").mkdir()
    shutil.copy(chinese_course / "data" / "content" / "china.jpg", tmp_path / "works")
    write_gallery(tmp_path / "works", tmp_path / "page")
    page = (tmp_path / "page" / "index.html").read_text("utf-8")
    assert '<html lang="zh-CN">' in page and f"<h1>{tr('Gallery')}</h1>" in page
    assert f'data-copied="{tr("Copied")}"' in page
    assert tr("Nothing is known about how this picture was made.") in page
    assert "built-in method" not in page


def test_the_doctor_reads_chinese_times_and_its_report_stays_english(chinese_course, in_chinese):
    assert doctor.stated_seconds(chinese_course / "notebooks" / "zh" / NAMES[1]) == 90
    finding = doctor.Finding(False, "memory", "1 GB", "close something")
    report = json.loads(doctor.as_json([finding]))
    assert set(report) == {"ok", "system", "python", "findings"}
    assert report["findings"][0]["subject"] == "memory" and tr("memory") in str(finding)
    lines = str(finding).split("\n")
    assert lines[0].startswith(tr("PROBLEM"))
    assert tr("to fix it: {remedy}", remedy="close something") in lines[1]


# ------------------------------------------------------------------------------------------------ the site

@pytest.fixture(scope="module")
def site(chinese_course, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "new"
    assert write_site(folder, chinese_course) == "", "Sphinx warns"
    return folder


SHARED = ["index", "README", "notebooks/GLOSSARY", *(f"notebooks/{path.stem}" for path in BOOKS)]


def test_each_language_has_its_site_and_says_so(site):
    for name in [*SHARED, "search"]:
        assert '<html class="no-js" lang="en"' in (site / f"{name}.html").read_text("utf-8")
        assert '<html class="no-js" lang="zh-CN"' in (site / "zh" / f"{name}.html").read_text("utf-8")
    for file in site.rglob("*.html"):
        assert "zh/notebooks/zh" not in file.as_posix() and ".zh.html" not in file.name


@pytest.mark.parametrize("name", SHARED)
def test_a_link_leads_to_the_same_page_in_the_other_language(name, site, page):
    page.goto((site / f"{name}.html").as_uri())
    page.click(".editions a[hreflang=zh-CN]")
    assert page.url == (site / "zh" / f"{name}.html").as_uri()
    assert page.inner_text(".editions") == "English"
    page.click(".editions a")
    assert page.url == (site / f"{name}.html").as_uri() and page.problems == []


def test_a_page_in_one_language_only_leads_to_the_first_page_of_the_other(site, page):
    page.goto((site / "data" / "SOURCES.html").as_uri())
    page.click(".editions a")
    assert page.url == (site / "zh" / "index.html").as_uri()


def test_links_between_pages_fit(site):
    book = (site / "zh" / "notebooks" / "03_gram_matrices.html").read_text("utf-8")
    assert 'href="GLOSSARY.html"' in book and 'href="../README.html"' in book
    assert 'href="../../notebooks/03_gram_matrices.html#key-points"' in book
    assert 'href="zh/README.html"' in (site / "README.html").read_text("utf-8")
    for file in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#?]+)', file.read_text("utf-8")):
            if not re.match(r"\w+:|//", link):
                assert (file.parent / link).exists(), f"{file.relative_to(site)}: {link}"


@pytest.mark.parametrize("target, there", [("https://example.org", "https://example.org"), ("#top", "#top"),
                                           (NAMES[1], NAMES[1]), ("../../README.zh.md", "../README.md")])
def test_a_picture_that_is_a_link_fits_wherever_it_leads(target, there, chinese_course):
    crossings = Crossings(chinese_course, CHINESE, editions.EDITIONS)
    file = chinese_course / "notebooks" / "zh" / NAMES[0]
    text = crossings.relinked(f"[![a](../../data/example.jpg)]({target})", Path("notebooks", NAMES[0]), file)
    assert text == f"[![a](../data/example.jpg)]({there})"


@pytest.mark.parametrize("words, snippet", [
    ("格拉姆矩阵", "格拉姆矩阵"), ("风格", "风格损失"), ("格拉姆矩阵的风格", "风格"),
    ("怎么算VGG的格拉姆矩阵？", "格拉姆矩阵"), ("gram matrices", "格拉姆矩阵")])
def test_the_search_finds_words_inside_sentences(words, snippet, site, page):
    page.goto((site / "zh" / "index.html").as_uri())
    page.fill("input[name=q]", words)
    page.press("input[name=q]", "Enter")
    page.wait_for_selector("#search-results [role=status]")
    found = page.inner_text("ul.search")
    assert snippet in found and "要点" in found and page.problems == []
    assert page.input_value("input[name=q]") == words


def test_the_themes_words_are_translated(site, page, in_chinese):
    page.goto((site / "zh" / "notebooks" / "03_gram_matrices.html").as_uri())
    assert page.inner_text(".toc-title").strip().lower() == tr("On this page").lower()
    assert page.get_attribute("#__navigation", "aria-label") == tr("Toggle site navigation sidebar")
    assert page.get_attribute(".sidebar-search", "placeholder") == tr("Search")
    assert page.title() == f"03 格拉姆矩阵 - {tr('Neural style transfer, step by step')}"
    icons = page.locator("svg title").all_text_contents()
    assert icons and not [icon for icon in icons if icon.isascii()], icons


def test_a_word_that_the_course_lacks_is_not_found_by_one_letter_of_it(site, page):
    page.goto((site / "zh" / "search.html").as_uri() + "?q=犀矩")
    page.wait_for_selector("#search-results [role=status]")
    assert page.locator("ul.search li").count() == 0 and page.problems == []


def test_the_command_names_the_page_in_the_users_language(tmp_path, chinese_course, monkeypatch, capsys):
    def write(folder, course):
        for place in (folder, folder / "zh"):
            place.mkdir()
            (place / "index.html").touch()
        return ""
    monkeypatch.setattr("stylelib.teach.site.write_site", lambda folder, course: write(Path(folder), course))
    for language, first in (("en", "index.html"), ("zh_CN", "zh/index.html")):
        folder = tmp_path / language
        assert main(["--language", language, "site", str(folder)]) == 0
        assert str(folder / first) in capsys.readouterr().out.split()[-1 if language == "zh_CN" else 2]


def test_a_narrow_page_has_room(site, page):
    page.set_viewport_size({"width": 390, "height": 800})
    for name in SHARED:
        page.goto((site / "zh" / f"{name}.html").as_uri())
        assert page.is_visible(".editions a")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_course_in_english_only_has_no_way_across(tmp_path, chinese_course):
    course = tmp_path / "course"
    shutil.copytree(chinese_course, course, ignore=shutil.ignore_patterns("*.zh.md", "zh", "*.ipynb", "*.md"))
    (course / "README.md").write_text("# Course\n", "utf-8")
    text = "# One\n\n`a[0](b)` and $x[1](c)$\n\n```\nf[2](d)\n```"
    nbformat.write(new_notebook(cells=[new_markdown_cell(text)]), course / "notebooks" / "01_one.ipynb")
    assert write_site(tmp_path / "new", course) == ""
    assert not (tmp_path / "new" / "zh").exists()
    text = (tmp_path / "new" / "notebooks" / "01_one.html").read_text("utf-8")
    assert 'class="editions"' not in text and "a[0](b)" in text
