"""The rooms keep to their rules: who may import whom, how long files and lines are, what is drawn."""
import ast
import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from stylelib.engine.lines import width_of

from . import rooms
from .places import NOTEBOOKS
from .rooms_drawing import drawing

LONGEST = 110       # characters of a line
CORE_LINES = 200
SOURCES = [rooms.ROOT / "conftest.py", *(path for folder in ("stylelib", "tests")
                                         for path in sorted((rooms.ROOT / folder).rglob("*.py")))]
OURS = {"stylelib", "tests"}
SVG = "{http://www.w3.org/2000/svg}"


def _names(paths):
    return [path.relative_to(rooms.ROOT).as_posix() for path in paths]


@pytest.fixture
def write(tmp_path):
    """A function that writes a file somewhere under tmp_path, and returns its path."""
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path
    return write


def test_arrows_point_down():
    """The core uses style and engine, which use no room above; learn knows nothing of teach."""
    assert {rooms.room(module) for module in rooms.modules()} == set(rooms.MAY_USE)
    wrong = [f"{module} -> {used}" for module, used in sorted(rooms.arrows())
             if rooms.room(used) not in {rooms.room(module)} | rooms.MAY_USE[rooms.room(module)]
             and used != "__init__"]
    assert wrong == []


def test_the_six_files_use_only_those_before_them():
    order = rooms.STORY
    backwards = [f"{module} -> {used}" for module, used in rooms.arrows() if module in order and used in order
                 and order.index(used) > order.index(module)]
    assert backwards == []


def test_the_package_does_without_its_tests_and_its_own_door():
    """A file that imports the door, `import stylelib`, could be loaded by the door before it is finished."""
    for path in rooms.PACKAGE.rglob("*.py"):
        homes = {home for _, home, _ in rooms.imported_names(path)}
        assert "tests" not in {home.partition(".")[0] for home in homes}, path
    assert not {module for module, used in rooms.arrows() if used == "__init__"} - {"__main__", "cli"}


def test_relative_and_absolute_imports_are_the_same(write, tmp_path):
    path = write("stylelib/style/masks.py", "from ..losses import a\nfrom . import b\nimport stylelib.c\n"
                 "def f():\n    from stylelib.engine.checks import d\n")
    assert list(rooms.imported_names(path, tmp_path)) == [
        (1, "stylelib.losses", "a"), (2, "stylelib.style", "b"), (3, "stylelib.c", ""),
        (5, "stylelib.engine.checks", "d")]


@pytest.mark.parametrize("room", ["batch", "engine", "fast", "learn/show", "style"])
def test_a_room_that_tells_of_its_files_tells_of_all(room):
    files = {path.stem for path in (rooms.PACKAGE / room).glob("*.py")} - {"__init__"}
    told = ast.get_docstring(ast.parse((rooms.PACKAGE / room / "__init__.py").read_text("utf-8")))
    assert files <= set(told.split())


# --- Private names ------------------------------------------------------------------------------------------

def private(name):
    return name.startswith("_") and not name.endswith("__")


def borrowed(path, root=rooms.ROOT):
    """Private names that a file takes from others of ours, as "line: name"."""
    here = set()            # names of this file that stand for something of ours
    for line, home, name in rooms.imported_names(path, root):
        if home.partition(".")[0] in OURS:
            here.add(name or home.partition(".")[0])
            if any(map(private, [name, *home.split(".")])):
                yield f"{line}: {home}.{name}"
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and private(node.attr):
            if ast.unparse(node.value).partition(".")[0] in here:
                yield f"{node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", SOURCES, ids=_names(SOURCES))
def test_no_private_name_is_borrowed(path):
    assert list(borrowed(path)) == []


def test_borrowed_names_are_found(write, tmp_path):
    path = write("tests/test_x.py", "from stylelib.plan import _plan, plan\n"
                 "from stylelib import transfer, __version__\nfrom .helpers import _help\n"
                 "import numpy as np\nplan(transfer._shrunk, np._core, transfer.__name__)\n")
    assert list(borrowed(path, tmp_path)) == [
        "1: stylelib.plan._plan", "3: tests.helpers._help", "5: transfer._shrunk"]


# --- Length, and what ruff looks at -------------------------------------------------------------------------

@pytest.mark.parametrize("name", rooms.STORY)
def test_a_file_of_the_story_is_short(name):
    lines = (rooms.PACKAGE / f"{name}.py").read_text("utf-8").count("\n")
    assert lines <= CORE_LINES, f"{name}.py has {lines} lines"


def test_ruff_finds_nothing():
    """Nor lines over 110 characters, functions of more than seven arguments: see pyproject.toml."""
    run = subprocess.run([sys.executable, "-m", "ruff", "check", "--output-format", "concise", "--no-cache",
                          *_names(SOURCES)], cwd=rooms.ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def many_arguments(path):
    """Functions that ruff is told to let pass, although they have more than seven arguments."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    return [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)
            and "PLR0913" in lines[node.lineno - 1]]


def test_only_entrances_with_all_their_knobs_have_more_than_seven_arguments():
    excused = [(path.stem, name) for path in SOURCES for name in many_arguments(path)]
    assert sorted(excused) == [("objective", "__init__"), ("paint", "paint_fast"),
                                ("paint", "stylize_film"), ("train", "train_fast"), ("transfer", "stylize"),
                                ("ways", "film_way")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_code_in_notebooks_fits_the_page(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    long = [(i, line) for i, cell in enumerate(cells) if cell["cell_type"] == "code"
            for line in "".join(cell["source"]).splitlines() if len(line) > LONGEST]
    assert long == []


# --- The drawing --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", rooms.DRAWINGS)
def test_the_drawing_is_that_of_todays_imports(language):
    stored = rooms.DRAWINGS[language].read_text("utf-8")
    assert stored == drawing(rooms.arrows(), language), "type: python -m tests.rooms"


@pytest.mark.parametrize("language", rooms.DRAWINGS)
def test_every_text_lies_in_its_box(language):
    """A letter's width is guessed: 0.6 of its size in code, else 0.5; a Chinese one is twice as wide."""
    image = ElementTree.fromstring(drawing(rooms.arrows(), language))
    page, *boxes = ([float(box.get(side)) for side in ("x", "y", "width", "height")]
                    for box in image.iter(f"{SVG}rect"))
    legend = max(top + height for _, top, _, height in boxes)
    for text in image.iter(f"{SVG}text"):
        x, y, size = (float(text.get(name)) for name in ("x", "y", "font-size"))
        wide = width_of(text.text) * size * (0.6 if "code" in text.get("class") else 0.5)
        begin = x - wide / 2 if text.get("text-anchor") else x
        around = [box for box in boxes
                  if box[0] <= begin <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]]
        left, top, width, height = min(around or [page], key=lambda box: box[2] * box[3])
        assert around or y > legend, f"{text.text!r} lies between the boxes"
        assert begin + wide <= left + width and y + 4 <= top + height, text.text


def test_the_drawing_follows_the_imports():
    """An arrow more or less changes it, and it names every file of the rooms."""
    arrows = rooms.arrows()
    text = drawing(arrows)
    assert drawing(arrows - {("objective", "losses")}) != text
    assert drawing(arrows | {("film.flow", "learn.show")}) != text
    for module in rooms.modules():
        if rooms.room(module) not in ("cli", "door"):
            assert module.split(".")[:2][-1] in text, module


def test_the_pages_show_the_drawing():
    for page, name in {"README.md": "rooms", "CONTRIBUTING.md": "rooms", "README.zh.md": "rooms.zh"}.items():
        assert f"(.github/{name}.svg)" in (rooms.ROOT / page).read_text("utf-8")
