"""Small widgets with JavaScript of their own, for what ipywidgets leaves undone.

Its Image has no alternative text. Its FileUpload sends a file as one message: Jupyter's server closes the
connection on more than 10 MiB, and nobody is told. Its sliders and toggle buttons tell a screen reader
neither their name nor their state. After a restart of the kernel its widgets look alive. Its count of views
never forgets those of a page that was closed.
"""
from collections.abc import Callable, Sequence
from pathlib import Path

import anywidget
import traitlets

from ...engine.inputs import ImageError
from ...engine.language import tr
from . import front
from .front import Speaking

CHUNK = 4 * 2**20           # bytes of a file in one message
LIMIT = 100 * 2**20         # bytes of a file
WAYS = ("file", "clipboard", "camera")


def asset(name: str) -> str:
    """The text of a file that the page gets: a style sheet, or a widget's JavaScript."""
    return (Path(__file__).with_name("assets") / name).read_text("utf-8")


class Picture(anywidget.AnyWidget):
    """A picture on the page.

    Attributes:
        value: the bytes of a JPEG or PNG file.
        alt: what it shows, in words, for those who cannot see it.
    """

    value = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    _css = asset("picture.css")
    _esm = asset("picture.js")


class Upload(Speaking):
    """Buttons that bring a picture: from a file, the clipboard or a webcam, piece by piece.

    A file can also be dropped on the gallery that holds them, and Ctrl+V pastes anywhere on the panel.

    Args:
        description: what a screen reader calls the first button; it shows "Upload".
        on_file: function of the file's name and its content (bytes).
        on_error: function of an ImageError; called when the file is larger than LIMIT, or when clipboard or
            webcam give no picture.
        ways: of WAYS, the file first.
    """

    description = traitlets.Unicode().tag(sync=True)
    chunk = traitlets.Int(CHUNK).tag(sync=True)
    limit = traitlets.Int(LIMIT).tag(sync=True)
    ways = traitlets.List(traitlets.Enum(WAYS)).tag(sync=True)
    _css = asset("upload.css")
    _esm = asset("upload.js")

    def __init__(self, description: str, on_file: Callable[[str, bytes], None],
                 on_error: Callable[[Exception], None], ways: Sequence[str] = WAYS[:1]):
        super().__init__(front.UPLOAD, description=description, ways=list(ways))
        self._on_file, self._on_error, self._content = on_file, on_error, bytearray()
        self.on_msg(self._receive)

    def _receive(self, widget, piece, buffers):
        if "complaint" in piece:
            self._on_error(ImageError(piece["complaint"]))
            return
        name, size = piece["name"], piece["size"]
        if piece["start"] == 0:
            self._content = bytearray()
        self._content += buffers[0]
        if size > self.limit:
            self._on_error(ImageError(tr(
                "{name} has {size:.0f} MB; {limit} MB are the limit: shrink it first", name=name,
                size=size / 2**20, limit=self.limit // 2**20)))
        elif len(self._content) == size:
            content, self._content = bytes(self._content), bytearray()
            self._on_file(name, content)


class Names(Speaking):
    """Gives each slider of its panel the name and value that stand beside it, toggle buttons their state."""

    _esm = asset("names.js")

    def __init__(self) -> None:
        super().__init__(front.NAMES)


class Gone(Speaking):
    """Shows nothing while the kernel lives. When it has ended, locks the panel and says what to do.

    ipywidgets marks its widgets after "Restart Kernel" only; nothing is said of a kernel that was shut down
    or killed. It also hides the still picture in the output before the panel's.
    """

    _css = asset("gone.css")
    _esm = asset("gone.js")

    def __init__(self) -> None:
        super().__init__(front.GONE)


class Views(anywidget.AnyWidget):
    """Shows nothing. Knows which views of its panel there are.

    A page that is closed or reloaded does not say that its views are gone. So each new view makes the
    kernel ask who is there, and only living pages answer.

    Args:
        on_none: function without arguments, called when the last view has gone.
    """

    _esm = asset("views.js")

    def __init__(self, on_none: Callable[[], None]):
        super().__init__()
        self._on_none = on_none
        self._there: set[str] = set()
        self.on_msg(self._hear)

    def _hear(self, widget, message, buffers):
        view, event = message["view"], message["is"]
        if event == "new":
            self._there = {view}
            self.send("who is there?")
        elif event == "here":
            self._there.add(view)
        else:
            self._there.discard(view)
            if not self._there:
                self._on_none()
