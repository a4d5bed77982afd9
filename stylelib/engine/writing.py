"""Picture files to write: whether there is a place for one, and a file that appears whole or not at all."""
import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from .inputs import ImageError
from .language import mark, tr

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
           ".bmp": "BMP"}
TEMPORARY = ".stylelib-"        # how the names of files begin that are not whole yet


def check_output(path: str | os.PathLike[str], endings: Iterable[str] = tuple(FORMATS),
                 kind: str = mark("picture")) -> Path:
    """Find out before the work whether a picture can be written to `path`.

    Args:
        path: where to write.
        endings: those that its name may have, in lower case.
        kind: what is to be written, for messages.

    Returns:
        Path of the file to write: with ~ replaced by the home folder, and for a link the file that it leads
        to.

    Raises:
        ImageError: an unknown ending, something other than a file in its place, or a folder that is missing
            or cannot be written to.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ImageError(tr("where to write must be the name of a file, got a {kind}",
                            kind=type(path).__name__))
    if Path(path).suffix.lower() not in endings:
        # Translators: {kind} is "picture", "film" or "page"
        raise ImageError(tr("cannot tell the {kind} format of {name!r}: end its name in {endings}",
                            kind=tr(kind), name=str(path), endings=", ".join(endings)))
    try:
        target = Path(os.path.realpath(os.path.expanduser(path)))
        _check_target(path, target, kind)
    except ImageError:
        raise
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from None
    with temporary_file(target):
        return target


def _cannot_write(path, error):
    return ImageError(cannot_write(path, error))


def cannot_write(path: str | os.PathLike[str], error: Exception) -> str:
    """What to say of a file that could not be written."""
    return tr("cannot write {name!r} ({reason}): choose another place",
              name=str(path), reason=getattr(error, "strerror", None) or error)


def _check_target(path, target, kind):
    """Whether there is a place for a file; raises OSError as well."""
    with contextlib.suppress(FileNotFoundError):
        # a name that is too long, or a folder that cannot be entered
        target.lstat()
    if target.is_dir():
        raise ImageError(tr("{path} is a folder: give the name of a {kind} file", path=path, kind=tr(kind)))
    if not target.parent.is_dir():
        raise ImageError(tr("the folder {folder} does not exist: create it or choose another",
                            folder=Path(path).parent))
    if target.exists() and not target.is_file():
        raise ImageError(tr("{path} is no ordinary file: choose another name", path=path))
    if target.exists() and not os.access(target, os.W_OK):
        raise ImageError(tr("{path} is write-protected: choose another name", path=path))


@contextlib.contextmanager
def temporary_file(path: Path) -> Iterator[Path]:
    """A new empty file beside `path`; gone at the end, unless it was renamed to `path` meanwhile."""
    # short: the name of `path` may have all 255 bytes
    temporary = path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    try:
        # Not by tempfile, which makes private files: a picture is an ordinary one
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise ImageError(tr("cannot write to the folder {folder} ({reason}): choose another",
                            folder=path.parent, reason=error.strerror)) from None
    try:
        yield temporary
    except ImageError:                              # says so already
        raise
    # a ValueError: more pixels a side than the format can hold
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
