"""All pictures of a batch on one sheet, with captions."""
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from ..engine.letters import font_for
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
    heading, captions = _captions(jobs)
    texts = [heading, *(text for lines in captions for text in lines)]
    font, line = font_for(texts, max(9, side // 18)), max(12, side // 13)
    cells = [_cell(_small(job.file, side), lines, font, line) for job, lines in zip(jobs, captions)]
    rows = [cells[i:i + columns] for i in range(0, len(cells), columns)]
    width, top = max(cell.width for cell in cells), gap + 2 * line if heading else gap
    heights = [max(cell.height for cell in row) + gap for row in rows]
    sheet = Image.new("RGB", (gap + columns * (width + gap), top + sum(heights)), PAPER)
    ImageDraw.Draw(sheet).text((gap, gap), _fitted(heading, sheet.width - 2 * gap, font), INK, font)
    for row, height in zip(rows, heights):
        for number, cell in enumerate(row):
            left = gap + number * (width + gap) + (width - cell.width) // 2
            sheet.paste(cell, (left, top + height - gap - cell.height))
        top += height
    with temporary_file(file) as temporary:
        sheet.save(temporary, "JPEG", quality=90, subsampling=0, comment=KEY.encode())
        os.replace(temporary, file)


def _cell(picture, lines, font, line):
    """A picture with its caption below it."""
    width, height = picture.size
    cell = Image.new("RGB", (width, height + round((len(lines) + 0.5) * line)), PAPER)
    cell.paste(picture)
    draw = ImageDraw.Draw(cell)
    for number, text in enumerate(lines):
        draw.text((width / 2, height + line * (number + 0.9)), _fitted(text, width, font),
                  QUIET if number else INK, font, anchor="mm")
    return cell


def _small(file, side):
    with Image.open(file) as picture:
        return ImageOps.contain(picture.convert("RGB"), (side, side), Image.Resampling.LANCZOS)


def _columns(jobs):
    """How many in a row: about 4 : 3, but what is painted of one photo stays side by side where it can."""
    usual = max(1, round((len(jobs) * 4 / 3) ** 0.5))
    for names in ({job.names for job in jobs}, {job.names[0] for job in jobs}):
        together = len(jobs) // len(names)
        if 1 < together <= ROW and together * len(names) == len(jobs):
            return min(len(jobs), together * max(1, round(usual / together)))
    return usual


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
