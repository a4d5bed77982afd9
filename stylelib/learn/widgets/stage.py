"""What one looks at: picture, photo under a movable border, painting, lens, mask. And what one takes away.

Border, lens and brush live on the page alone (assets/stage.js): moving them asks the kernel nothing. Only a
finished stroke of the mask comes here.
"""
from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from ...engine.language import tr
from . import front
from .front import Speaking
from .page import asset


class Stage(Speaking):
    """A large picture, and what helps to look at it.

    Args:
        on_mask: function of the bytes of a PNG file, white where the style shall be, b"" without a mask;
            called after each stroke. None: no mask can be painted.

    Attributes:
        value: the picture, the bytes of a JPEG or PNG file.
        before, painting: the photo and the painting, likewise; b"" hides them, and what compares with them.
        alt: what the picture shows, in words.
        names: (photo, picture, painting): what to call them.
        stroke_size: length of the painting's longest side where its strokes are as large as the picture's,
            in pixels of the picture.
        mask: what shall be seen as the mask, the bytes of a PNG file.
    """

    value = traitlets.Bytes().tag(sync=True)
    before = traitlets.Bytes().tag(sync=True)
    painting = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    names = traitlets.List(traitlets.Unicode(), default_value=["", "", ""]).tag(sync=True)
    stroke_size = traitlets.Float(256.0).tag(sync=True)
    mask = traitlets.Bytes().tag(sync=True)
    masks = traitlets.Bool(False).tag(sync=True)
    _css = asset("stage.css")
    _esm = asset("stage.js")

    def __init__(self, on_mask: Callable[[bytes], None] | None = None):
        super().__init__(front.STAGE, masks=on_mask is not None)
        self._on_mask = on_mask
        self.on_msg(self._receive)

    def _receive(self, widget, message, buffers):
        if message.get("is") == "mask" and self._on_mask is not None:
            self.mask = bytes(buffers[0])
            self._on_mask(self.mask)


class Share(Speaking):
    """Downloads, and a recipe as a line.

    The files are made when they are asked for, and saved by the browser: the kernel may be elsewhere.

    Args:
        kinds: [(kind, text of its button, tooltip)], not yet translated.
        make: function of a kind -> (file name, MIME type, bytes).
        use: function of a line that was pasted.
        copied: function without arguments, called when the recipe, or any text of the panel, was copied.

    Attributes:
        line: the recipe of the picture; "" where no line can say it.
        ready: whether there is a picture to download.
    """

    line = traitlets.Unicode().tag(sync=True)
    ready = traitlets.Bool(False).tag(sync=True)
    kinds: Any = traitlets.List().tag(sync=True)
    _css = asset("share.css")
    _esm = asset("share.js")

    def __init__(self, kinds: Sequence[tuple[str, str, str]],
                 make: Callable[[str], tuple[str, str, bytes]], use: Callable[[str], Any],
                 copied: Callable[[], None] = lambda: None):
        super().__init__(front.SHARE, kinds=[[kind, tr(text), tr(title)] for kind, text, title in kinds])
        self._make, self._use, self._copied = make, use, copied
        self.on_msg(self._receive)

    def _receive(self, widget, message, buffers):
        if message["is"] == "copied":
            self._copied()
            return
        if message["is"] == "use":
            if self._use(message["line"]) is False:         # the page keeps it, to be corrected
                self.send({"is": "wrong line", "line": message["line"]})
            return
        try:
            name, kind, content = self._make(message["kind"])
        except (ValueError, OSError, MemoryError) as error:
            failed = tr("This did not work.")
            self.send({"is": "failed", "words": f"{failed} {error}"})
            return
        self.send({"is": "file", "name": name, "type": kind,
                   "words": tr("{name} is among your downloads.", name=name)}, [content])
