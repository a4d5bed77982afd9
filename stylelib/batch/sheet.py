"""All pictures of a batch on one sheet, with captions."""
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from ..engine.writing import temporary_file
from .jobs import Job
from .record import KEY

SIDE, LEAST = 240, 48           # px: longest side of a picture on the sheet, and where there are very many
PIXELS = 30e6                   # of the whole sheet, about
ROW = 8                         # pictures of one photo that still stand in one row
INK, QUIET, PAPER = (40, 40, 40), (120, 120, 120), (255, 255, 255)


def write_sheet(jobs: Sequence[Job], file: Path) -> None:
    """Lay out those pictures that are there, and write the sheet as JPEG.

    Args:
        jobs: in order; what is the same for all of them stands once, in the heading.
        file: to write, .jpg.
    """
    side = round(max(LEAST, min(SIDE, (PIXELS / len(jobs)) ** 0.5)))
    columns, gap = _columns(jobs), max(4, side // 16)
    font, line = ImageFont.load_default(max(9, side // 18)), max(12, side // 13)
    heading, captions = _captions(jobs)
    pictures = [_small(job.file, side) for job in jobs]
    width, height = (max(picture.size[axis] for picture in pictures) for axis in (0, 1))
    lines = len(captions[0])
    step = width + gap, height + round((lines + 0.5) * line) + gap
    top = gap + 2 * line if heading else gap
    sheet = Image.new("RGB", (gap + columns * step[0], top + -(-len(jobs) // columns) * step[1]), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((gap, gap), _fitted(heading, sheet.width - 2 * gap, font), INK, font)
    for i, picture in enumerate(pictures):
        left, y = gap + i % columns * step[0], top + i // columns * step[1]
        sheet.paste(picture, (left + (width - picture.width) // 2, y + height - picture.height))
        for number, text in enumerate(captions[i]):
            draw.text((left + width / 2, y + height + line * (number + 0.9)), _fitted(text, width, font),
                      QUIET if number else INK, font, anchor="mm")
    with temporary_file(file) as temporary:
        sheet.save(temporary, "JPEG", quality=90, subsampling=0, comment=KEY.encode())
        os.replace(temporary, file)


def _small(file, side):
    with Image.open(file) as picture:
        return ImageOps.contain(picture.convert("RGB"), (side, side), Image.Resampling.LANCZOS)


def _columns(jobs):
    """A row for each photo, or for each photo and style, where that fits; else about as wide as high."""
    for names in ({job.names for job in jobs}, {job.names[0] for job in jobs}):
        columns = len(jobs) // len(names)
        if 1 < columns <= ROW and columns * len(names) == len(jobs):
            return columns
    return min(len(jobs), round((len(jobs) * 4 / 3) ** 0.5) or 1)


def _captions(jobs):
    """(what all have in common, [lines below each picture]); each has the same number of lines."""
    varied = dict.fromkeys(name for job in jobs for name in job.varied)
    parts = [[*job.names, *map(job.about, varied)] for job in jobs]
    same = [len(set(column)) == 1 for column in zip(*parts)]
    heading = ", ".join(text for text, alike in zip(parts[0], same) if alike and text)
    return heading, [[text for text, alike in zip(line, same) if not alike] for line in parts]


def _fitted(text, width, font):
    """The text, its middle left out where it is too long."""
    kept = len(text)
    short = text
    while font.getlength(short) > width and kept > 4:
        kept -= 1
        short = f"{text[:(kept + 1) // 2]}…{text[len(text) - kept // 2:]}"
    return short
