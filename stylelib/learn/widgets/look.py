"""How the playground looks: a style sheet, and the thumbnails of its galleries."""
import contextlib
from collections.abc import Mapping, Sequence

from ...engine.inputs import ImageError
from .page import asset
from .pictures import thumbnail

THUMBNAIL = 66, 44          # px


def style_sheet(panel: str, galleries: Mapping[str, Sequence[str]]) -> str:
    """The panel's style sheet, as HTML.

    Args:
        panel: a class that only this panel has: each has galleries of its own.
        galleries: {class of a gallery: picture files in the order of its buttons}.
    """
    width, height = THUMBNAIL
    rules = [asset("playground.css"),
             f".{panel} {{ --thumb-width: {width}px; --thumb-height: {height}px }}"]
    for gallery, paths in galleries.items():
        for i, path in enumerate(paths, 1):
            # a damaged file's button stays without a picture; pressing it says what is wrong
            with contextlib.suppress(ImageError):
                rules.append(f".{panel} .{gallery} .widget-toggle-button:nth-child({i}) "
                             f"{{ background-image: url({thumbnail(path, width, height)}) }}")
    return "<style>" + "\n".join(rules) + "</style>"
