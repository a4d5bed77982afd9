"""The font that the package brings: with it, figures and sheets write Chinese alike on any machine.

Matplotlib's and Pillow's own fonts have no hanzi, and would draw little boxes. Where they have all letters of
a text, they draw it as ever. `data/make_font.py` makes the font.
"""
from collections.abc import Iterable
from pathlib import Path

from PIL import ImageFont

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-stylelib.ttf"
NAME = "Noto Sans SC stylelib"
FIRST = "\u2e80"            # from here on: Chinese, Japanese, Korean, and their punctuation


def font_for(texts: Iterable[str], size: float) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """Pillow's own font; where it lacks a letter of these texts, ours."""
    if any(letter >= FIRST for text in texts for letter in text):
        return ImageFont.truetype(FONT, size)
    return ImageFont.load_default(size)


def add_to_matplotlib() -> None:
    """Letters that a figure's own font lacks are drawn with ours from now on, in plain figures, too."""
    from matplotlib import font_manager, rcParams  # here: sheets are made without it
    if NAME not in rcParams["font.family"]:
        font_manager.fontManager.addfont(FONT)
        rcParams["font.family"] = [*rcParams["font.family"], NAME]
