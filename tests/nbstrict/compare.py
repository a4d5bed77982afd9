"""When are two runs of a notebook the same? Text to the last printed digit, pictures on a coarse grid.

Of an animation, each frame counts.
"""
import base64
import io
import re
from collections.abc import Sequence

import numpy as np
from nbformat import NotebookNode
from PIL import Image, ImageSequence

# A number with a decimal point or an exponent. Whole numbers are counts, and have to be equal.
FLOAT = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE][-+]?\d))(?:[eE][-+]?\d+)?(?!\d|\.\d)")
PICTURE_TYPES = ("image/png", "image/jpeg")
GRID = 24                   # blocks a side: shows what is where, and is too coarse for rounding and fonts
TOLERANCE = 0.03            # of a picture, unless its cell has a tag such as image-tol=0.08
SHARE = 0.1                 # of a number, the most that rounding may change: two printed digits at least
TAG = "image-tol="


def same_text(stored: str, new: str) -> bool:
    """Equal, except for floats that differ by one unit of their last printed digit.

    The unit must be small beside the number: 0.1 and 0.2 differ by one unit as well, and by a factor of two.
    A longer number moves the columns of a table, so runs of spaces and dashes may have other lengths.
    """
    if _without_floats(stored) != _without_floats(new):
        return False
    return all(_close(a, b) for a, b in zip(FLOAT.findall(stored), FLOAT.findall(new), strict=True))


def picture_difference(stored: Sequence[NotebookNode], new: Sequence[NotebookNode],
                       tolerance: float) -> str | None:
    """What differs between the pictures in two lists of outputs, in words; None if nothing does."""
    olds, news = _pictures(stored), _pictures(new)
    if len(olds) != len(news):
        return f"{len(olds)} pictures are stored, {len(news)} were made now"
    for number, (old, fresh) in enumerate(zip(olds, news, strict=True), 1):
        words = None if old == fresh else _difference(old, fresh, tolerance)
        if words:
            return f"picture {number} {words}"
    return None


def picture_tolerance(cell: NotebookNode, default: float = TOLERANCE) -> float:
    """The tolerance that a cell's tags ask for.

    Raises:
        ValueError: the tag has no number.
    """
    for tag in cell.metadata.get("tags", []):
        if tag.startswith(TAG):
            try:
                return float(tag.removeprefix(TAG))
            except ValueError:
                raise ValueError(f"the tag {tag!r} has no number: write {TAG}0.08, for example") from None
    return default


def _difference(stored, new, tolerance):
    """What differs between two encoded pictures, in words; None if nothing does."""
    (old_size, old_grids), (size, grids) = _coarse(stored), _coarse(new)
    if any(abs(a - b) > 0.06 * a for a, b in zip(old_size, size, strict=True)):
        return f"is stored as {old_size[0]}x{old_size[1]} px, and was {size[0]}x{size[1]} px now"
    if len(old_grids) != len(grids):
        return f"is stored with {len(old_grids)} frames, and had {len(grids)} now"
    for number, (old, grid) in enumerate(zip(old_grids, grids, strict=True), 1):
        difference, likeness = abs(old - grid).mean(), _correlation(old, grid)
        if difference > tolerance or likeness < 1 - tolerance:
            where = f" in frame {number}" if len(grids) > 1 else ""
            return (f"differs{where}: by {difference:.3f} of the range on average (limit {tolerance:g}), "
                    f"with correlation {likeness:.3f} (limit {1 - tolerance:g})")
    return None


def _without_floats(text):
    text = FLOAT.sub("\0", text)
    return re.sub(r"[ \t]+", " ", re.sub(r"-{3,}", "---", text))


def _close(a, b):
    unit, size = max(_last_place(a), _last_place(b)), max(abs(float(a)), abs(float(b)))
    # 1.001: 3.15 - 3.14 is more than 0.01 in binary
    return abs(float(a) - float(b)) <= 1.001 * min(unit, SHARE * size)


def _last_place(number):
    """The value of one unit in the last printed place: "3.14" -> 0.01, "2.5e+03" -> 100."""
    digits, _, exponent = number.lower().partition("e")
    return 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))


def _pictures(outputs):
    """The encoded pictures of some outputs: one for each output that has any."""
    datas = [output.get("data", {}) for output in outputs]
    return [next(data[kind] for kind in PICTURE_TYPES if kind in data)
            for data in datas if set(PICTURE_TYPES) & set(data)]


def _coarse(encoded):
    """Base64 -> ((width, height), block means (GRID, GRID, 3) in [0, 1] of each frame)."""
    picture = Image.open(io.BytesIO(base64.b64decode(encoded)))
    return picture.size, [_block_means(frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture)]


def _block_means(frame):
    frame = Image.alpha_composite(Image.new("RGBA", frame.size, "white"), frame).convert("RGB")
    return np.asarray(frame.resize((GRID, GRID), Image.Resampling.BOX), float) / 255


def _correlation(a, b):
    if max(a.std(), b.std()) < 0.02:        # two empty pictures: a correlation would compare their noise
        return 1.0
    if min(a.std(), b.std()) < 1e-6:        # one empty picture: a correlation would divide by zero
        return 0.0
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]
