"""Recipes inside picture files: a text in a PNG (iTXt), the comment of the EXIF data elsewhere."""
import json
import os
import warnings
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .inputs import ImageError
from .language import tr
from .reading import MAX_PIXELS, READABLE, File, name_of, why_unreadable
from .recipe import Recipe, read_text

KEY = "stylelib"                    # of a PNG's text
EXIF, COMMENT = 0x8769, 0x9286      # the part of the EXIF data that holds UserComment, and its number
ASCII = b"ASCII\0\0\0"              # how a UserComment says in which letters it is written


def options_for(recipe: Recipe | None, kind: str) -> dict[str, Any]:
    """What Pillow's `save` must be told to write a recipe into a file.

    Args:
        recipe: None writes none.
        kind: Pillow's name of the format. A BMP file can carry nothing.
    """
    if recipe is None or kind == "BMP":
        return {}
    if kind == "PNG":
        info = PngInfo()
        info.add_itxt(KEY, recipe.text)
        return {"pnginfo": info}
    exif = Image.Exif()
    letters = json.dumps(json.loads(recipe.text))       # ASCII only: UserComment knows no UTF-8
    exif[EXIF] = {COMMENT: ASCII + letters.encode("ascii")}
    return {"exif": exif.tobytes()}


def read_recipe(file: File) -> Recipe | None:
    """How a picture was made, if its file says so.

    Args:
        file: a picture file's path, an open binary file, or a Pillow picture that was read from one.

    Returns:
        Recipe; None if the file holds none.

    Raises:
        ImageError: the file is missing or is no picture.
        ValueError: its recipe is damaged, or from a newer stylelib.
    """
    text = _text_in(file)
    return None if text is None else read_text(text)


def _text_in(file):
    """The text of a recipe, not read yet; None if there is none."""
    if isinstance(file, Image.Image):
        return _text_of(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")             # of large pictures, and of strange EXIF data
            with Image.open(os.path.expanduser(file) if isinstance(file, str) else file) as picture:
                return _text_of(picture) if picture.format in READABLE else None
    except OSError as error:
        known = isinstance(error, Image.UnidentifiedImageError)
        raise ImageError(tr("{name} is not a picture that can be read", name=name_of(file)) if known else
                         why_unreadable(file, error)) from None
    except Exception as error:      # noqa: BLE001  a damaged file makes Pillow raise almost anything
        raise ImageError(tr("{name} is damaged and cannot be read ({error})",
                            name=name_of(file), error=error)) from None


def _text_of(picture):
    text = picture.info.get(KEY)
    if text is None and picture.format == "PNG" and picture.width * picture.height <= MAX_PIXELS:
        text = picture.text.get(KEY)                    # some programs write texts behind the pixels
    if text is not None:
        return str(text)
    comment = picture.getexif().get_ifd(EXIF).get(COMMENT, b"")
    if isinstance(comment, bytes) and comment.startswith(ASCII + b'{"stylelib"'):
        return comment[len(ASCII):].decode("ascii", "replace").rstrip("\0 ")
    return None

