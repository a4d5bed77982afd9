"""All built-in styles on one sheet."""
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from ..images import as_picture, from_pil, to_pil
from .paint import paint_fast
from .ready import STYLES

PAINTED = 512           # px: the size at which each style is painted, before it is shrunk for the sheet
GAP = 0.06              # between pictures, as a share of a picture's longest side
INK, PAPER = (40, 40, 40), (255, 255, 255)


def contact_sheet(photo: Any, side: int = 300, *, columns: int | None = None, device: Any = "auto",
                  progress: Any = iter) -> Tensor:
    """The photo, and below it all built-in styles with their numbers.

    Args:
        photo: whatever `as_picture` takes.
        side: longest side of each picture on the sheet, in pixels.
        columns: None chooses so many that the sheet is about 4 : 3.
        device: as in `Settings`.
        progress: wraps the numbers while they are painted, such as `tqdm`.

    Returns:
        (1, 3, H, W), RGB, in [0, 1].

    Raises:
        ImageError: the photo cannot be read or is too small.
    """
    photo = as_picture(photo, "photo", max(side, PAINTED))
    pictures = [(to_pil(photo), "photo")]
    for number in progress(range(STYLES)):
        pictures.append((to_pil(paint_fast(photo, number, device=device).image), str(number)))
    return from_pil(_sheet([(_small(picture, side), name) for picture, name in pictures], columns))


def _small(picture, side):
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


def _sheet(pictures, columns):
    """Pictures of one size with their names below them, in rows."""
    width, height = pictures[0][0].size
    gap = round(GAP * max(width, height))
    text = max(2 * gap, 16)                             # the height of a name
    font = ImageFont.load_default(round(0.8 * text))
    columns = columns or max(1, round((len(pictures) * (height + text) / width * 4 / 3) ** 0.5))
    rows = -(-len(pictures) // columns)
    step = width + gap, height + text + gap
    sheet = Image.new("RGB", (gap + columns * step[0], gap + rows * step[1]), PAPER)
    draw = ImageDraw.Draw(sheet)
    for i, (picture, name) in enumerate(pictures):
        left, top = gap + i % columns * step[0], gap + i // columns * step[1]
        sheet.paste(picture, (left, top))
        draw.text((left + width / 2, top + height + text / 2), name, INK, font, anchor="mm")
    return sheet
