"""The course for nbgrader: an assignment for each notebook with exercises, graded by the course's checkers.

nbgrader runs a learner's whole notebook. All cells that no exercise needs are tagged `skip-execution`, which
nbclient obeys and JupyterLab does not: learners run everything, grading takes seconds instead of minutes.
"""
import ast
import re
import textwrap

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from ..engine.language import mark, tr
from .course import Folder, KitError, copy_data, find_course, find_notebooks, new_folder, written_in
from .editions import EDITIONS, SOLUTION, Edition, edition
from .folds import FOLD, title_of
from .handouts import student_copy
from .work import STUB, Exercise, exercises_of

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# Not an assertion, where "Run All" would stop: nbgrader takes a number for the points
POINTS = "1 if {} else 0  # points"
NOT_RUN = "skip-execution"      # nbclient's name for it
# Notebooks look for pictures in ../data, nbgrader hands out nothing from beside an assignment's folder
PLACE = """\
# {why}
import os
import warnings

warnings.showwarning = lambda message, *_, **__: print(f"{warning}: {{message}}")
if os.path.isdir("data"):
    os.makedirs("{work}", exist_ok=True)
    os.chdir("{work}")"""
WHY = mark("Pictures are found from here, and warnings are no errors: nbgrader would take the point away")
WARNING = mark("Warning")
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "style"
# {solution}
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError"}}
# {seconds}
c.Execute.timeout = 120
"""
CLEARED = mark("A cleared solution looks as in the course")
SECONDS = mark("Seconds for a cell: the first one imports PyTorch")


def write_grading(folder: Folder, outputs: bool = True, course: Folder | None = None) -> tuple[int, int]:
    """Write a folder in which nbgrader can work: the assignments' source, with solutions and tests.

    It is in the language in use; in English where the course is not written in that.

    Args:
        folder: a new or empty folder. It gets `source/`, with a folder for each notebook that has exercises,
            and `nbgrader_config.py`.
        outputs: False removes what the cells have printed and drawn.
        course: the folder with the original; None finds it.

    Returns:
        (number of assignments, number of points).

    Raises:
        KitError: no course or no exercise was found, a solution is missing, or `folder` is not empty.
    """
    course = find_course(course)
    language = written_in(course, edition())
    found = {path: exercises_of(path) for path in find_notebooks(course, language=language)}
    assignments = {path: exercises for path, exercises in found.items() if exercises}
    if not assignments:
        raise KitError(tr("no notebook in {folder} has an exercise with its check below", folder=course))
    with new_folder(folder) as draft:
        (draft / "nbgrader_config.py").write_text(
            CONFIG.format(solution=tr(CLEARED), seconds=tr(SECONDS)), "utf-8")
        for path, exercises in assignments.items():
            place = draft / "source" / path.stem
            place.mkdir(parents=True)
            copy_data(course, place)
            notebook = graded(nbformat.read(path, as_version=4), exercises, outputs, language)
            nbformat.write(notebook, place / path.name)
    return len(assignments), sum(map(len, assignments.values()))


def graded(notebook: NotebookNode, exercises: list[Exercise], outputs: bool = True,
           language: Edition = EDITIONS[0]) -> NotebookNode:
    """A notebook as nbgrader's source: solutions between its marks, tests worth a point each.

    Args:
        notebook: of the course; it is changed.
        exercises: its exercises.
        outputs: False removes what the cells have printed and drawn.
        language: of the notebook.

    Raises:
        KitError: an exercise has no folded solution.
    """
    solutions = {each.cell.source: solved(each, notebook) for each in exercises}
    preludes = set(exercises[0].prelude)
    names = {each.cell.source: each.checker for each in exercises}
    notebook = student_copy(notebook, outputs, language)
    last = None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _moved(cell.source)
        elif cell.source in solutions:
            last = names[cell.source]
            cell.source = solutions[cell.source]
            cell.metadata["nbgrader"] = _marks(last, solution=True)
        elif last is not None:                      # the cell below a stub checks it
            cell.source = POINTS.format(cell.source)
            cell.metadata["nbgrader"] = _marks(f"test_{last}", points=1)
            cell.outputs, cell.execution_count, last = [], None, None
        elif cell.source not in preludes:
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), NOT_RUN]
    first = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells.insert(first, new_code_cell(_place(language), id="place"))
    return notebook


def _place(language):
    """The first cell: it goes as deep as the notebook lies in the course, from where its code finds data."""
    work = f"work/{language.folder}" if language.folder else "work"
    return PLACE.format(why=tr(WHY), warning=tr(WARNING), work=work)


def _moved(text):
    """Links of a notebook that lies beside its data, in a folder beside those of the other notebooks."""
    text = re.sub(r"\]\((\.\./)+data/", "](data/", text)
    return re.sub(r"\]\((\d\d_\w+)\.ipynb", r"](../\1/\1.ipynb", text)


def _marks(name, solution=False, points=None):
    marks = {"grade": points is not None, "grade_id": name, "locked": not solution, "schema_version": 3,
             "solution": solution, "task": False}
    return marks if points is None else {**marks, "points": points}


def solved(exercise: Exercise, notebook: NotebookNode) -> str:
    """The stub with the folded solution's body in place of its last line, between nbgrader's marks.

    Args:
        exercise: of the notebook.
        notebook: still with its folds.

    Raises:
        KitError: there is no folded solution that defines the function.
    """
    head, _, rest = exercise.cell.source.rpartition(STUB)
    for cell in notebook.cells:
        for fold in FOLD.finditer(cell.source if cell.cell_type == "markdown" else ""):
            code = "\n".join(PYTHON.findall(fold["text"]))
            if title_of(fold).startswith(SOLUTION) and f"def {exercise.function}(" in code:
                body = textwrap.indent(_body(code, exercise.function), "    ")
                return f"{head}{BEGIN}\n{body}\n    {END}{rest}"
    raise KitError(tr("{notebook}: {function} has no folded solution", notebook=exercise.notebook,
                      function=exercise.function))


def _body(code, name):
    """The lines of a function below its docstring, comments included, without their indent."""
    function = next(node for node in ast.parse(code).body
                    if isinstance(node, ast.FunctionDef) and node.name == name)
    start = function.body[1 if ast.get_docstring(function) else 0].lineno
    return textwrap.dedent("\n".join(code.splitlines()[start - 1:function.end_lineno]))
