"""The course for nbgrader: its source is right by the course's checkers, and nbgrader gives the points."""
import csv
import json
import os
import shutil
import subprocess
import sys
import warnings
from types import SimpleNamespace

import nbformat
import pytest

from stylelib.cli import main
from stylelib.learn.check import knobs
from stylelib.learn.check.verdict import NOT_ATTEMPTED
from stylelib.teach.course import KitError
from stylelib.teach.grading import BEGIN, END, NOT_RUN, write_grading
from stylelib.teach.work import exercises_of

from ..notebooks.rules import problems
from ..places import NOTEBOOKS

NBGRADER = os.environ.get("NBGRADER") or shutil.which("nbgrader")
GRADED = [path for path in NOTEBOOKS if exercises_of(path)]
GRAMS = "03_gram_matrices"


@pytest.fixture(scope="module")
def grading(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grading") / "new"
    assert main(["handout", "--nbgrader", "--no-outputs", str(folder)]) == 0
    return folder


def source_of(folder, path):
    return nbformat.read(folder / "source" / path.stem / path.name, as_version=4)


def marked(notebook, part):
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get(part)]


def points(cells, answer):
    """What nbgrader would see: the cells that it runs, with other answers, and the value of each test."""
    namespace, given = {"__name__": "__main__"}, []
    for cell in cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or NOT_RUN in cell.metadata.get("tags", []):
            continue
        if marks.get("grade"):
            given.append(eval(cell.source, namespace))
        else:
            exec(answer(cell.source) if marks else cell.source, namespace)
    return given


def as_released(source):
    """What nbgrader makes of a solution."""
    head, _, rest = source.partition(BEGIN)
    return head + "raise NotImplementedError" + rest.partition(END)[2]


@pytest.mark.parametrize("path", GRADED, ids=lambda path: path.stem)
def test_solutions_get_all_points_and_stubs_none(path, grading, monkeypatch, capsys):
    exercises, notebook = exercises_of(path), source_of(grading, path)
    nbformat.validate(notebook)
    # test_exercises paints the poster; here only its pictures must be found
    monkeypatch.setattr(knobs, "stylize", lambda photo, *_, **__: SimpleNamespace(image=photo))
    monkeypatch.setattr(knobs.brief, "judged", lambda *_: None)
    monkeypatch.chdir(grading / "source" / path.stem)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)      # which the first cell changes
    assert points(notebook.cells, str) == [1] * len(exercises)
    monkeypatch.chdir(grading / "source" / path.stem)
    capsys.readouterr()
    assert points(notebook.cells, as_released) == [0] * len(exercises)
    assert capsys.readouterr().out.count(NOT_ATTEMPTED) == len(exercises)
    stubs = [as_released(cell.source) for cell in marked(notebook, "solution")]
    assert stubs == [exercise.cell.source for exercise in exercises]
    names = [cell.metadata["nbgrader"]["grade_id"] for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert len(set(names)) == len(names) == 2 * len(exercises)
    shutil.rmtree(grading / "source" / path.stem / "work")


def test_pictures_and_links_are_found_beside_an_assignment(grading):
    for path in GRADED:
        here = grading / "source" / path.stem / path.name
        found = [problem for problem in problems(here) if "there is no" in problem or "no link" in problem]
        assert [problem for problem in found if "GLOSSARY" not in problem] == [], path.name
        assert (here.parent / "data" / "SOURCES.md").exists()


def test_no_page_for_teachers_is_in_the_source(grading):
    names = {path.name for path in grading.rglob("*")}
    assert not names & {"ANSWERS.md", "TEACHING.md", "HUBS.md", "GLOSSARY.md"}


def test_an_exercise_without_a_solution_is_told(tmp_path):
    (tmp_path / "course" / "notebooks").mkdir(parents=True)
    (tmp_path / "course" / "data").mkdir()
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "<summary>Solution" not in cell.source]
    nbformat.write(notebook, tmp_path / "course" / "notebooks" / NOTEBOOKS[0].name)
    with pytest.raises(KitError, match="deprocess has no folded solution"):
        write_grading(tmp_path / "new", course=tmp_path / "course")
    assert [path.name for path in tmp_path.iterdir()] == ["course"]


# --- nbgrader itself ----------------------------------------------------------------------------------------

@pytest.fixture
def nbgrader(grading, tmp_path):
    """Runs nbgrader, which may live in an environment of its own; kernels live in this one."""
    if not NBGRADER:
        pytest.skip("no nbgrader: name the program with NBGRADER=/path/to/nbgrader")
    kernel = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": [sys.executable, "-m", "ipykernel_launcher", "-f",
                                           "{connection_file}"],
                                  "display_name": "Python 3", "language": "python"}))
    environment = {**os.environ, "JUPYTER_PATH": str(tmp_path / "jupyter"),
                   "PATH": os.pathsep.join([os.path.dirname(NBGRADER), os.environ["PATH"]])}

    def run(*words):
        ran = subprocess.run([NBGRADER, *words], cwd=grading, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr[-2000:]
    return run


@pytest.mark.slow
def test_nbgrader_gives_the_points(nbgrader, grading):
    """Right, wrong and empty answers, one that warns, and cells of the learner's own, also such that fail."""
    nbgrader("generate_assignment", GRAMS)
    released = grading / "release" / GRAMS / f"{GRAMS}.ipynb"
    path = next(path for path in NOTEBOOKS if path.stem == GRAMS)
    solutions = [cell.source for cell in marked(source_of(grading, path), "solution")]
    assert [cell.source for cell in marked(nbformat.read(released, 4), "solution")] == [
        exercise.cell.source for exercise in exercises_of(path)]
    wrong = solutions[0].replace("return flat", "return 2 * flat")
    warned = solutions[0].replace("    flat", "    import warnings; warnings.warn('x')\n    flat", 1)
    assert warned != solutions[0] != wrong
    for name, answers in {"anna": {0: warned, 1: solutions[1], 2: solutions[2]},
                          "ben": {0: wrong, 1: "sys.exit()"}}.items():
        hand_in(nbformat.read(released, 4), answers, grading / "submitted" / name / GRAMS)
    nbgrader("autograde", GRAMS)
    nbgrader("export")
    with open(grading / "grades.csv", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {name: (float(row["score"]), float(row["max_score"])) for name, row in rows.items()} == {
        "anna": (3, 3), "ben": (0, 3)}
    graded = nbformat.read(grading / "autograded" / "ben" / GRAMS / f"{GRAMS}.ipynb", 4)
    said = "".join(str(cell.outputs) for cell in marked(graded, "grade"))
    assert "Not yet" in said and NOT_ATTEMPTED in said
    if not shutil.which("bwrap"):
        return
    # what collect says of the same folder
    assert main(["collect", str(grading / "submitted"), "-o", str(grading / "collected.csv")]) == 0
    table = (grading / "collected.csv").read_text("utf-8-sig").splitlines()
    assert table[1:] == ["anna,correct,correct,correct,3", "ben,wrong,missing,empty,0"]


def hand_in(notebook, answers, folder):
    for index, cell in enumerate(marked(notebook, "solution")):
        cell.source = answers.get(index, cell.source)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in ("mine = STYLE", "1 / 0")]
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{GRAMS}.ipynb")
