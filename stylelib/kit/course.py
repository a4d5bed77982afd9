"""Where the course is, and how a command of the kit writes a folder: whole or not at all."""
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

LICENCES = ("LICENSE", "LICENSE-TEXT", "CITATION.cff")


class KitError(ValueError):
    """A command of the kit cannot do its work. The message says why, and what to do."""


def not_installed(package):
    """The error for a package that the kit needs and that is not everybody's."""
    return KitError(f"the package {package!r} is not installed; type: {sys.executable} -m pip install \"stylelib[kit]\"")


def find_course(folder=None):
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
        if list(place.glob("notebooks/*.ipynb")) and (place / "data").is_dir():
            return place.resolve()
    raise KitError(f"no course in {str(places[0])!r}: go to the folder that holds notebooks/ and data/, or name it with --course FOLDER")


def find_notebooks(course, names=()):
    """Paths of the course's notebooks, in order.

    Args:
        course: the course's folder.
        names: which ones: paths, names, or the beginnings of names such as "04"; none means all.

    Raises:
        KitError: a name fits no notebook.
    """
    paths = sorted((course / "notebooks").glob("*.ipynb"))
    chosen = []
    for name in names:
        found = [path for path in paths if path.name.startswith(Path(name).name)]
        if not found:
            raise KitError(f"no notebook {str(name)!r}: there are {', '.join(path.stem for path in paths)}")
        chosen += found
    return sorted(set(chosen)) if names else paths


@contextlib.contextmanager
def new_folder(path):
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
        raise KitError(f"the folder {path} is not empty: name a new one, or delete it first")
    if path.exists() and not path.is_dir():
        raise KitError(f"{path} is a file: name a new folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise KitError(f"cannot write in {path.parent} ({error.strerror}): name another folder") from None
    try:
        yield draft
        draft.chmod(0o755)              # mkdtemp makes folders that nobody else may read
        if path.exists():               # it may be the folder in which somebody stands: it stays, and is filled
            for part in draft.iterdir():
                part.rename(path / part.name)
        else:
            draft.rename(path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def copy_data(course, folder):
    """Copy the pictures with their credits, and the licences that must go with them.

    Args:
        course: the course's folder.
        folder: where to; `data/` comes into being in it.
    """
    folder.mkdir(exist_ok=True)
    shutil.copytree(course / "data", folder / "data", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in LICENCES:
        if (course / name).exists():
            shutil.copy(course / name, folder)
