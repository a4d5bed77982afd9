"""Slides of a route: exactly the sections that the guide names, each with its minute for the speaker."""
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from stylelib.teach.course import KitError
from stylelib.teach.routes import ROUTES, read_route, route_notebook, sections
from stylelib.teach.slides import write_slides

from ..places import NOTEBOOKS, ROOT

CHAPTERS = ["# 03 Three\n\nText.", "## 1 One\n\nText.", "### Inside\n\nText.", "## 2 Two", "## 3 Three",
            "### Last\n\nText."]


@pytest.fixture
def course(tmp_path):
    """A course whose guide has one row, which is given: `course("| 0:00 | 5 | ... |")`."""
    for folder in ("data", "notebooks"):
        (tmp_path / folder).mkdir()
    cells = [*map(new_markdown_cell, CHAPTERS), new_code_cell("check.last(last)")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "03_three.ipynb")

    def write(*rows):
        table = "\n".join(["| from | min | place | what |", "|---|---|---|---|", *rows])
        text = f"## Routes\n\n### Route: half a day\n\nFor all.\n\n{table}\n\n## Next\n"
        (tmp_path / "notebooks" / "TEACHING.md").write_text(text, "utf-8")
        return tmp_path
    return write


def headings(notebook):
    return [cell.source.lstrip("# ") for cell in notebook.cells if cell.source.startswith("##")]


@pytest.mark.parametrize("action, found", [
    ("Look.", ["2 Two"]),
    ("Sections 1 and 2.", ["1 One", "Inside", "2 Two"]),
    ("Sections 1 to 3; more.", ["1 One", "Inside", "2 Two", "3 Three", "Last"]),
    ("Then *Last*, in *italics*.", ["2 Two", "Last"]),
    ("Exercise `check.last`.", ["2 Two", "Last"]),
    ("From the top of 03.", ["1 One", "Inside", "2 Two"]),
    ("All of 03 up to *3 Three*.", ["1 One", "Inside", "2 Two"]),
    ("Look. In 04: click into section 3, *Last*.", ["2 Two"]),
])
def test_a_row_names_sections(action, found, course):
    folder = course(f"| 0:10 | 5 | 03 [2 Two](03_three.ipynb) | {action} |")
    assert headings(route_notebook(folder, "half")[1]) == found


def test_minutes_are_notes_and_a_section_comes_once(course):
    folder = course("| 0:00 | 5 | the room | Welcome; [guide](a.md). |",
                    "| 0:05 | 10 | 03 [1 One](03_three.ipynb) | Vote. |",
                    "| 0:15 | 5 | break | Coffee. |",
                    "| 0:20 | 10 | 03 [1 One](03_three.ipynb) | *2 Two*. |")
    name, notebook = route_notebook(folder, "half")
    assert name == "half a day" and headings(notebook) == ["1 One", "Inside", "Break\n\n5 minutes", "2 Two"]
    noted = {"slideshow": {"slide_type": "notes"}}
    notes = [cell.source for cell in notebook.cells if cell.metadata == noted]
    assert notes[:2] == ["**0:00, 5 min**: the room\n\nWelcome; guide.",
                         "**0:05, 10 min**: 03 1 One\n\nVote."]
    write_slides(folder / "slides", course=folder, route="half")
    deck = (folder / "slides" / "route_half.html").read_text("utf-8")
    assert deck.count('<aside class="notes">') == len(notes) and "0:20, 10 min" in deck


def test_headings_within_a_cell_are_found_but_not_those_in_folds_and_listings():
    hidden = "```\n## no\n```\n\n<details><summary>Hint</summary>\n\n## no\n\n</details>"
    cell = new_markdown_cell(f"Text.\n\n## A\n\n{hidden}\n\n### B\n\nMore.")
    assert [(part.heading, part.level, len(part.cells)) for part in sections(new_notebook(cells=[cell]))] == [
        ("A", 2, 2), ("B", 3, 2)]


@pytest.mark.parametrize("row, words", [
    ("| 0:00 | 5 | 03 [9 Nine](03_three.ipynb) | Look. |", "no heading '9 Nine' in 03_three.ipynb"),
    ("| 0:00 | 5 | 04 [1 One](04_four.ipynb) | Look. |", "names 04_four.ipynb, which is not in"),
    ("| 0:00 | five | nothing |", "no route 'half' with a table"),
])
def test_a_guide_that_is_out_of_step_is_named(row, words, course):
    with pytest.raises(KitError, match=words):
        route_notebook(course(row), "half")


@pytest.mark.parametrize("route", ROUTES)
def test_the_courses_routes(route):
    """Every row that names a notebook has its linked section in the deck."""
    name, rows = read_route(ROOT, route)
    _, notebook = route_notebook(ROOT, route)
    assert name and {heading for row in rows for heading, _ in row.links} <= set(headings_only(notebook))
    whole = (nbformat.read(path, as_version=4) for path in NOTEBOOKS)
    assert len(notebook.cells) < sum(len(each.cells) for each in whole)


def headings_only(notebook):
    return [heading.splitlines()[0] for heading in headings(notebook)]
