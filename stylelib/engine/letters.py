"""The font that the package brings: with it, figures and sheets write Chinese alike on any machine.

Matplotlib's and Pillow's own fonts have no hanzi, and would draw little boxes. A text without any is drawn as
ever. `data/make_font.py` makes the font.
"""
import functools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PIL import ImageFont

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-stylelib.ttf"
NAME = "Noto Sans SC stylelib"
FIRST = "\u2e80"            # from here on: Chinese, Japanese, Korean, and their punctuation


def font_for(texts: Iterable[str], size: float) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """Pillow's own font; ours for texts of which any has a Chinese letter."""
    if _is_chinese(texts):
        return ImageFont.truetype(FONT, size)
    return ImageFont.load_default(size)


def add_to_matplotlib() -> None:
    """Letters that a figure's own font lacks are drawn with ours from now on, in plain figures, too."""
    from matplotlib import font_manager, mathtext, rcParams  # here: sheets are made without it
    if NAME not in [font.name for font in font_manager.fontManager.ttflist]:
        font_manager.fontManager.addfont(FONT)
        font = next(font for font in font_manager.fontManager.ttflist if font.name == NAME)
        font_manager.fontManager.ttflist.append(replace(font, weight=700))      # or bold text complains
        mathtext.MathTextParser.parse = _with_chinese(mathtext.MathTextParser.parse)  # type: ignore
    if NAME not in rcParams["font.family"]:
        rcParams["font.family"] = [*rcParams["font.family"], NAME]


def _with_chinese(parse):
    """Matplotlib's reader of text with formulas, which takes one font only: ours where there is Chinese."""
    @functools.wraps(parse)
    def parse_text(self, s, dpi=72, prop=None, **options):
        if prop is not None and _is_chinese([s]):
            prop = prop.copy()
            prop.set_family(NAME)
        return parse(self, s, dpi, prop, **options)
    return parse_text


def _is_chinese(texts):
    return any(letter >= FIRST for text in texts for letter in text)
