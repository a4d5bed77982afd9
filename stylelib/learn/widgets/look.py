"""How panels look: style sheets, and the thumbnails of their galleries."""
import contextlib
import functools
import os
from collections.abc import Sequence

from ...engine.inputs import ImageError
from .page import asset
from .pictures import thumbnail

THUMBNAIL = 66, 44          # px


def style_sheet(*names: str) -> str:
    """Style sheets of a panel, as HTML.

    Args:
        names: of the files in assets/.
    """
    return "<style>" + "\n".join(map(asset, names)) + "</style>"


def thumbnail_sheet(gallery: str, addresses: Sequence[str | None]) -> str:
    """The style sheet that turns toggle buttons into thumbnails, as HTML.

    Args:
        gallery: a class that only this gallery has.
        addresses: of the pictures, in the order of the buttons; None leaves a button without.
    """
    width, height = THUMBNAIL
    rules = [f".{gallery} {{ --thumb-width: {width}px; --thumb-height: {height}px }}"]
    button = f".gallery.{gallery} .widget-toggle-button"        # stronger than board.css of a second panel
    rules += [f"{button}:nth-child({i}) {{ background-image: url({address}) }}"
              for i, address in enumerate(addresses, 1) if address]
    return "<style>" + "\n".join(rules) + "</style>"


def file_thumbnail(path: str) -> str | None:
    """The address of a picture file's thumbnail, for a style sheet; None of a damaged file.

    Pressing its button says what is wrong with it.
    """
    with contextlib.suppress(ImageError, OSError):
        return _thumbnail(path, os.path.getmtime(path))
    return None


@functools.lru_cache(maxsize=512)
def _thumbnail(path, changed):
    return thumbnail(path, *THUMBNAIL)
