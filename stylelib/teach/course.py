"""Where the course is, which notebooks belong to it, and how a new folder is written: whole or not at all."""
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..engine.language import tr
from ..engine.terminal import one_line
from .editions import EDITIONS, Edition

LICENCES = ("LICENSE", "LICENSE-TEXT", "CITATION.cff")
OWN = (".*", "playground-*", "own", "my-*")      # in notebooks/: what whoever uses it has made
# What pip needs to install this package from a folder, beside the package itself
SOURCES = ("pyproject.toml", "README.md", *LICENCES)
Folder = str | os.PathLike[str]


class KitError(ValueError):
    """A teachers' command cannot do its work. The message says why, and what to do."""


def not_installed(package: str) -> KitError:
    """The error for a package that a teachers' command needs, and that not everybody has."""
    return KitError(tr("the package {package!r} is not installed; type: "
                       '{python} -m pip install "stylelib[kit]"', package=package, python=sys.executable))


def find_course(folder: Folder | None = None) -> Path:
    """The folder that holds `notebooks/` and `data/`.

    Args:
        folder: where to look; None looks in the current folder, then where this package lies.

    Returns:
        Path.

    Raises:
        KitError: there is no course.
    """
    places = [Path(folder)] if folder else [Path.cwd(), Path(__file__).parents[2]]
    for place in places:
        if _named_as_ours(home_of(place)) and (place / "data").is_dir():
            return place.resolve()
    raise KitError(tr("no course in {folder!r}: go to the folder that holds notebooks/ and data/, "
                      "or name it with --course FOLDER", folder=str(places[0])))


def written_in(course: Path, language: Edition) -> Edition:
    """The language itself if a course has notebooks in it; or else English, or any in which it has some.

    Args:
        course: the course's folder.
        language: one of EDITIONS.
    """
    return next((one for one in (language, *EDITIONS) if _named_as_ours(course / "notebooks" / one.folder)),
                language)


def home_of(course: Path, language: Edition = EDITIONS[0]) -> Path:
    """The folder of the notebooks in a language; of the English ones, or any, if there are none in it.

    Args:
        course: the course's folder.
        language: one of EDITIONS.
    """
    return course / "notebooks" / written_in(course, language).folder


def find_notebooks(course: Path, names: Sequence[str] = (), language: Edition = EDITIONS[0]) -> list[Path]:
    """Paths of the course's notebooks, in order, without a learner's own, such as Untitled.ipynb.

    Args:
        course: the course's folder.
        names: which ones: paths, names, or the beginnings of names such as "04"; none means all that can be
            read.
        language: one of EDITIONS; those of another if there are none in it.

    Raises:
        KitError: a name fits no notebook, or one that cannot be read; or there is none that can be read.
    """
    paths = _named_as_ours(home_of(course, language))
    broken = {path: fault for path in paths if (fault := _fault(path))}
    readable = [path for path in paths if path not in broken]
    if not names and not readable:
        raise KitError(tr("no notebook in {folder} can be read: {faults}", folder=course,
                          faults="; ".join(f"{path.name} {broken[path]}" for path in paths)))
    chosen: set[Path] = set()
    for name in names:
        found = [path for path in paths if path.name.startswith(Path(name).name)]
        if not found:
            raise KitError(tr("no notebook {name!r}: there are {known}", name=str(name),
                              known=", ".join(path.stem for path in paths)))
        chosen.update(found)
    for path in chosen & set(broken):
        raise KitError(f"{path} {broken[path]}")
    return sorted(chosen) if names else readable


def unreadable(course: Path) -> list[tuple[Path, str]]:
    """Notebooks that are named as the course's own, but cannot be read.

    Args:
        course: the course's folder.

    Returns:
        [(path, what is wrong with it)].
    """
    homes = {home_of(course, one) for one in EDITIONS}
    faults = [(path, _fault(path)) for home in sorted(homes) for path in _named_as_ours(home)]
    return [(path, fault) for path, fault in faults if fault]


def title_of(source: str, path: Path) -> str:
    """What a notebook is called: by the heading in its first cell, or else by its file."""
    heading = re.search(r"(?m)^# (.*)", source)
    return heading[1].strip() if heading else path.stem


def copy_notebooks(course: Path, folder: Path, ignore: Sequence[str] = ()) -> None:
    """Copy `notebooks/`, in all languages, without what its owner has made there: notebooks, pictures.

    Args:
        course: the course's folder.
        folder: where to; it is made.
        ignore: more names that are left out, as patterns.
    """
    ours = {path for one in EDITIONS for path in find_notebooks(course, language=one)}
    patterns = shutil.ignore_patterns(*OWN, *ignore)

    def left_out(place, names):
        return patterns(place, names) | {name for name in names
                                         if name.endswith(".ipynb") and Path(place, name) not in ours}
    shutil.copytree(course / "notebooks", folder, ignore=left_out)


def _named_as_ours(home):
    """Files named like 04_style_transfer.ipynb, and not like the copy that JupyterLab makes of it."""
    paths = sorted(home.glob("[0-9][0-9]_*.ipynb"))
    return [path for path in paths if not re.search(r"-Copy\d*$", path.stem)]


def _fault(path):
    """Why a file is no notebook, as the end of a sentence that begins with its name; "" if it is one."""
    try:
        notebook = json.loads(path.read_text("utf-8"))
    except OSError as error:
        # Translators: the name of a file stands before this, and before the next three
        return tr("cannot be read ({reason})", reason=error.strerror)
    except ValueError as error:         # not UTF-8, empty, cut off, or with the marks of a merge
        return tr("is no notebook that can be read ({reason})", reason=one_line(error)[:100])
    cells = notebook.get("cells") if isinstance(notebook, dict) and notebook.get("nbformat") == 4 else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) and {"cell_type", "source"} <= set(cell)
                                              for cell in cells):
        return tr("is no notebook of format 4")
    return "" if cells else tr("has no cells")


@contextlib.contextmanager
def new_folder(path: Folder) -> Iterator[Path]:
    """A temporary folder that takes the name `path` only when everything in it was written.

    Args:
        path: a folder that does not exist yet, or is empty.

    Yields:
        Path to write in.

    Raises:
        KitError: there is something at `path` already, or it cannot be written.
    """
    path = Path(path).absolute()
    if path.is_dir() and any(path.iterdir()):
        raise KitError(tr("the folder {folder} is not empty: name a new one, or delete it first",
                          folder=path))
    if path.exists() and not path.is_dir():
        raise KitError(tr("{path} is a file: name a new folder", path=path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        private = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise KitError(tr("cannot write in {folder} ({reason}): name another folder", folder=path.parent,
                          reason=error.strerror)) from None
    try:
        # mkdtemp makes folders that nobody else may read: an ordinary one inside
        draft = private / "draft"
        draft.mkdir()
        yield draft
        if path.exists():       # it may be the folder in which somebody stands: it stays, and is filled
            for part in draft.iterdir():
                part.rename(path / part.name)
        else:
            draft.rename(path)
    finally:
        shutil.rmtree(private, ignore_errors=True)


def copy_package(course: Path, folder: Path) -> None:
    """Copy this package, so that pip can install it from the folder that is made.

    Args:
        course: the project's folder, with its `pyproject.toml`.
        folder: where to; it is there already.
    """
    for name in SOURCES:
        if (course / name).exists():
            shutil.copy(course / name, folder)
    shutil.copytree(course / "stylelib", folder / "stylelib", ignore=shutil.ignore_patterns("__pycache__"))


def copy_data(course: Path, folder: Path) -> None:
    """Copy the pictures with their credits, and the licences that must go with them.

    Args:
        course: the course's folder.
        folder: where to; `data/` is made in it.
    """
    folder.mkdir(exist_ok=True)
    shutil.copytree(course / "data", folder / "data", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in LICENCES:
        if (course / name).exists():
            shutil.copy(course / name, folder)
