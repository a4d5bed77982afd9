"""Painted frames, kept beside the film until it is whole: what was painted is never painted again.

Each frame is a PNG that appears whole or not at all, and knows when it is shown. A file of settings beside
them says what they are frames of: only the same film, painted in the same way, is continued.
"""
import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from ..engine.inputs import ImageError
from ..engine.language import mark, tr, tr_count
from ..engine.writing import cannot_write, temporary_file
from ..images import from_pil, to_pil
from .frames import Frame

SETTINGS = "film.json"
OURS = re.compile(r"\d{6,}\.png|film\.\w+|\.stylelib-\w+")     # the last ones: what a killed process leaves
COMPRESSION = 1         # of a PNG, 0 to 9: higher takes time, and brushwork hardly gets smaller


def folder_beside(output: str | os.PathLike[str]) -> Path:
    """Where the painted frames of a film are kept: painted.mp4.frames beside painted.mp4."""
    target = Path(os.path.realpath(os.path.expanduser(output)))
    return target.with_name(f"{target.name}.frames")


class Kept:
    """A folder of painted frames. It is made when its first frame is put into it.

    Args:
        folder: where it is, or will be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, index: int) -> bool:
        """Whether a frame is there."""
        return self._file(index).exists()

    def row(self, first: int = 0, last: int | None = None) -> int:
        """How many frames are there from `first` on, up to the first gap, or to `last`."""
        index = first
        while self.has(index) and (last is None or index <= last):
            index += 1
        return index - first

    def put(self, index: int, frame: Frame) -> None:
        """Keep a frame.

        Raises:
            ImageError: it cannot be written.
        """
        about = PngImagePlugin.PngInfo()
        about.add_text("time", repr(frame.time))
        about.add_text("seconds", repr(frame.seconds))
        with temporary_file(self._file(index)) as part:
            to_pil(frame.image).save(part, "PNG", compress_level=COMPRESSION, pnginfo=about)
            os.replace(part, self._file(index))

    def get(self, index: int) -> Frame:
        """A frame that is there, as it was put in: its colours had 8 bits.

        Raises:
            ImageError: its file is damaged.
        """
        with self._opened(index) as picture:
            return Frame(from_pil(picture), *_times(picture))

    def time(self, index: int) -> float:
        """When a frame is shown; its pixels are not read.

        Raises:
            ImageError: its file is damaged.
        """
        with self._opened(index) as picture:
            return _times(picture)[0]

    @contextlib.contextmanager
    def claimed(self, settings: dict[str, Any]) -> Iterator[None]:
        """A block in which frames with these settings are painted; a folder without any is gone after it.

        Args:
            settings: all that makes a difference to painted frames, as JSON can hold it.

        Raises:
            ImageError: the folder holds something else, which is not touched; or it cannot be made.
        """
        with self._clear_errors():
            self._check(settings)
        try:
            with self._clear_errors():
                self._claim(settings)
            yield
        except BaseException as error:          # also Ctrl-C: whoever shows it may say what is kept
            if len(self):
                error.kept = self.folder        # type: ignore[attr-defined]
            raise
        finally:
            if not len(self):
                self.clear()

    def __len__(self) -> int:
        """How many frames there are, with gaps or without."""
        return sum(1 for path in self.folder.glob("*.png") if OURS.fullmatch(path.name))

    def clear(self) -> None:
        """Delete the frames and their folder; what somebody else has put there stays."""
        with contextlib.suppress(OSError):
            for path in sorted(self.folder.iterdir()):          # the settings last
                if OURS.fullmatch(path.name):
                    path.unlink()
            self.folder.rmdir()

    @contextlib.contextmanager
    def _clear_errors(self):
        try:
            yield
        except OSError as error:        # its name is too long, or the disk is full
            raise ImageError(cannot_write(self.folder, error)) from None

    def _claim(self, settings):
        self.folder.mkdir(exist_ok=True)
        for path in self.folder.glob(".stylelib-*"):
            path.unlink()
        with temporary_file(self.folder / SETTINGS) as part:
            part.write_text(json.dumps(settings, indent=1), "utf-8")
            os.replace(part, self.folder / SETTINGS)

    def _check(self, settings):
        """Whether the folder can be used for frames with these settings."""
        if not self.folder.exists():
            return
        known = self._settings()
        if known is None:
            raise ImageError(tr("{folder} is needed for painted frames, and holds something else: move it "
                                "away, or choose another output", folder=self.folder))
        other = [_told(name, known.get(name)) for name, value in json.loads(json.dumps(settings)).items()
                 if known.get(name) != value]
        if len(self) and other:
            raise ImageError(tr_count(
                "{folder} keeps {n} frame that was painted otherwise ({settings}): go on with those "
                "settings, delete the folder, or choose another output",
                "{folder} keeps {n} frames that were painted otherwise ({settings}): go on with those "
                "settings, delete the folder, or choose another output",
                len(self), folder=self.folder, settings=", ".join(other)))

    def _settings(self):
        """Those of the frames that are there; {} if nothing is there, None if that is something else."""
        try:
            text = (self.folder / SETTINGS).read_text("utf-8")
            known = json.loads(text)
            return known if isinstance(known, dict) else None
        except FileNotFoundError:
            others = [path for path in self.folder.iterdir() if not path.name.startswith(".stylelib-")]
            return None if others else {}
        except (OSError, ValueError):
            return None

    def _file(self, index):
        return self.folder / f"{index:06d}.png"

    @contextlib.contextmanager
    def _opened(self, index):
        try:
            with Image.open(self._file(index), formats=["PNG"]) as picture:
                yield picture
        except (OSError, ValueError, SyntaxError, KeyError) as error:   # what Pillow raises, and _times
            raise ImageError(tr("the painted frame {file} is damaged ({error}): delete it and start again, "
                                "then it is painted anew", file=self._file(index), error=error)) from None


def _times(picture):
    return float(picture.info["time"]), float(picture.info["seconds"])


def _told(name, value):
    """A setting as the message tells it."""
    others = {"film": mark("another film"), "style": mark("another style")}
    return tr(others[name]) if name in others else f"{name} {value}"
