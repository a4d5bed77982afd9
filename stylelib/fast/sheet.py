"""All built-in styles on one sheet."""
from typing import Any

from PIL import Image, ImageDraw
from torch import Tensor

from ..engine.checks import check_positive_int
from ..engine.language import mark, tr
from ..engine.letters import font_for
from ..engine.progress import PAINTING, ProgressBar
from ..images import as_picture, from_pil, to_pil
from .paint import paint_fast
from .ready import STYLES

PAINTED = 512           # px: the size at which each style is painted, before it is shrunk for the sheet
GAP = 0.06              # between pictures, as a share of a picture's longest side
INK, PAPER = (40, 40, 40), (255, 255, 255)


def contact_sheet(photo: Any, side: int = 300, *, columns: int | None = None, device: Any = "auto",
                  progress: bool = True) -> Tensor:
    """The photo, and below it all built-in styles with their numbers.

    Args:
        photo: whatever `as_picture` takes.
        side: longest side of each picture on the sheet, in pixels.
        columns: None chooses so many that the sheet is about 4 : 3.
        device: as in `Settings`.
        progress: show a progress bar.

    Returns:
        (1, 3, H, W), RGB, in [0, 1].

    Raises:
        ImageError: the photo cannot be read or is too small.
        ValueError: side or columns is no positive number.
    """
    side = check_positive_int("size", side, mark("number of pixels"))
    columns = columns if columns is None else check_positive_int("columns", columns, mark("number of them"))
    photo = as_picture(photo, "photo", max(side, PAINTED))
    pictures = [(_small(photo, side), tr("photo"))]
    with ProgressBar(PAINTING, shown=progress) as bar:
        for number in range(STYLES):
            image = paint_fast(photo, number, size=max(side, PAINTED), device=device).image
            pictures.append((_small(image, side), str(number)))
            bar.show((number + 1) / STYLES)
    return from_pil(_sheet(pictures, columns))


def _small(image, side):
    picture = to_pil(image)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


def _sheet(pictures, columns):
    """Pictures of one size with their names below them, in rows."""
    width, height = pictures[0][0].size
    gap = round(GAP * max(width, height))
    text = max(2 * gap, 16)                             # the height of a name
    font = font_for((name for _, name in pictures), round(0.8 * text))
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
