"""What learners get: the course without solutions, made from the one that has them."""
import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PureWindowsPath

import nbformat
from nbformat import NotebookNode

from ..engine.language import mark, tr
from .course import (
    Folder,
    copy_data,
    copy_package,
    find_course,
    find_notebooks,
    home_of,
    new_folder,
    written_in,
)
from .editions import EDITIONS, HAPPENS, HINT, PREDICT, SEEN, SOLUTION, Edition, edition, speaking
from .folds import FOLD, title_of

KEPT = (*HINT, *SEEN, *HAPPENS)      # folds that give no solution away
# The head of each glossary's copy. The formula sheet that follows the terms shows solved exercises
GLOSSARIES = {"en": "# Glossary\n\n中文：[GLOSSARY.zh.md](GLOSSARY.zh.md)\n\n",
              "zh_CN": "# 术语表\n\nEnglish: [GLOSSARY.md](GLOSSARY.md)\n\n"}
README = mark("""\
# Neural style transfer: a course in notebooks

Exercises with hints, without solutions. Begin with
[{name}](notebooks/{first}).
""")
INSTALL = (mark("""\
## Install

With Python 3.10 to 3.14, in this folder (Linux, macOS):

```console
$ python3 -m venv .venv
$ .venv/bin/pip install .
$ .venv/bin/stylelib doctor
$ .venv/bin/jupyter lab notebooks/{first}
```
"""), mark("""\
On Windows, in PowerShell:

```console
> py -m venv .venv
> .venv\\Scripts\\pip install .
> .venv\\Scripts\\stylelib doctor
> .venv\\Scripts\\jupyter lab notebooks\\{there}
```
"""), mark("""\
Installing needs a network once, for PyTorch and the weights of the networks. The doctor says what is missing,
if anything, and how to get it.
"""))
NOT_HERE = (mark("""\
The package `stylelib` must be installed. Then type, in this folder:

```console
$ jupyter lab notebooks/{first}
```
"""),)
RIGHTS = mark("""\
Text and figures: CC BY 4.0 (LICENSE-TEXT). Code: MIT (LICENSE). Photos and paintings:
[data/SOURCES.md](data/SOURCES.md).
""")


def write_handouts(folder: Folder, outputs: bool = True, course: Folder | None = None,
                   languages: Sequence[Edition] = ()) -> int:
    """Write a project that learners can install, without solutions.

    Args:
        folder: a new or empty folder. It gets what `write_student_course` writes, a README, and the package,
            if it lies beside the notebooks.
        outputs: False also removes what the cells have printed and drawn.
        course: the folder with the original; None finds it.
        languages: of the notebooks, and each of a README: README.md is in the first one, README.zh.md in
            Chinese; none means the one in use.

    Returns:
        Number of notebooks written in one language.

    Raises:
        KitError: no course was found, or `folder` is not empty.
    """
    course, languages = find_course(course), languages or [edition()]
    with new_folder(folder) as draft:
        count = write_student_course(course, draft, outputs, languages)
        whole = (course / "pyproject.toml").is_file()
        if whole:
            copy_package(course, draft)
            if (course / "environment.yml").exists():       # so that Binder can start it
                shutil.copy(course / "environment.yml", draft)
        for language in languages:
            name = "README.md" if language == languages[0] else language.page("README.md")
            with speaking(language.code):
                (draft / name).write_text(_readme(course, whole), "utf-8")
    return count


def _readme(course, whole):
    first = find_notebooks(course, language=edition())[0].relative_to(course / "notebooks")
    words = {"first": first.as_posix(), "there": str(PureWindowsPath(first)), "name": first.name}
    return "\n".join(tr(part, **words) for part in (README, *(INSTALL if whole else NOT_HERE), RIGHTS))


@contextlib.contextmanager
def student_project(course: Folder | None = None) -> Iterator[Path]:
    """A folder with what learners get, in all languages in which the course is written, for a while.

    Args:
        course: the folder with the original; None finds it.

    Yields:
        Path of a folder that can stand for the course's own.
    """
    with tempfile.TemporaryDirectory(prefix="student-") as place:
        found = find_course(course)
        written = [one for one in EDITIONS if written_in(found, one) == one]
        write_handouts(Path(place) / "course", course=found, languages=written)
        yield Path(place) / "course"


def write_student_course(course: Path, folder: Path, outputs: bool = True,
                         languages: Sequence[Edition] = EDITIONS[:1]) -> int:
    """Write the notebooks without solutions, the pictures that they need, and the glossary's terms.

    The pages for teachers are not among them, nor is the formula sheet, which shows solved exercises.

    Args:
        course: the course's folder.
        folder: where to. It gets `notebooks/`, `data/` and the licences.
        outputs: False also removes what the cells have printed and drawn.
        languages: which notebooks; those that a language lacks are in English.

    Returns:
        Number of notebooks written in one language.
    """
    copy_data(course, folder)
    for language in dict.fromkeys(written_in(course, one) for one in languages):
        place = folder / "notebooks" / language.folder
        place.mkdir(parents=True, exist_ok=True)
        for path in find_notebooks(course, language=language):
            notebook = student_copy(nbformat.read(path, as_version=4), outputs, language)
            nbformat.write(notebook, place / path.name)
    _write_glossaries(course, folder / "notebooks")
    return len(find_notebooks(course, language=languages[0]))


def _write_glossaries(course, notebooks):
    """Their terms, with links to the notebooks that are there."""
    for language in EDITIONS:
        page, head = course / "notebooks" / language.page("GLOSSARY.md"), GLOSSARIES.get(language.code)
        if page.exists() and head:
            sections = re.split(r"(?m)^(?=## )", page.read_text("utf-8"))
            home = home_of(notebooks.parent, language).relative_to(notebooks).as_posix()
            place = "" if home == "." else f"{home}/"
            terms = re.sub(r"\]\((?:\w+/)?(?=\d\d_\w+\.ipynb)", f"]({place}", "".join(sections[1:2]))
            (notebooks / page.name).write_text(head + terms, "utf-8")


def student_copy(notebook: NotebookNode, outputs: bool = True,
                 language: Edition = EDITIONS[0]) -> NotebookNode:
    """The notebook without solutions: neither folded ones, nor cells tagged "solution"; hints stay.

    What a cell that answers a prediction printed and drew is collapsed: JupyterLab shows it when the cell is
    run, or clicked. Changes the notebook in place.

    Args:
        notebook: a notebook of the course.
        outputs: False also removes what the cells have printed and drawn.
        language: of the notebook.
    """
    asked = False
    notebook.cells = [cell for cell in notebook.cells if "solution" not in cell.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = without_solutions(cell.source, language)
            asked = any(words in cell.source for words in PREDICT)
        elif not outputs:
            cell.outputs, cell.execution_count = [], None
        elif asked:
            cell.metadata["jupyter"] = {"outputs_hidden": True}
            asked = False
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    return notebook


def without_solutions(text: str, language: Edition = EDITIONS[0]) -> str:
    """Markdown without what is folded away as a solution; hints, and what to see, stay.

    A solution goes; an answer or a diagnosis leaves a place to write.
    """
    def replacement(fold):
        title = title_of(fold)
        if title.startswith(KEPT):
            return fold[0]
        return "" if title.startswith(SOLUTION) else language.yours
    return re.sub(r"\n{3,}", "\n\n", FOLD.sub(replacement, text)).strip()
