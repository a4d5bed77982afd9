"""Films in a notebook: playing, as a strip of frames, and as one column of pixels over time."""
import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any, cast

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from PIL import Image, ImageDraw

from ...engine.inputs import ImageError
from ...engine.language import mark, tr, tr_count
from ...engine.letters import font_for
from ...engine.lines import wrap
from ...images import to_pil
from .figures import WIDTH, check_named, finish

NO_ROW = mark("show.time_slice: there is no row {place} among {count}: from 0 to 1, or an int in pixels")
NO_COLUMN = mark("show.time_slice: there is no column {place} among {count}: from 0 to 1, or an int in "
                 "pixels")
MARK = "#d55e00"            # what is looked at
MOST = 125_000              # bytes of a film that plays: notebooks stay small
COLORS = (256, 128, 64, 32)     # of all frames together; as many as fit into MOST
SMALLER = 0.95              # the next size where 32 colours are too many bytes; nbstrict forgives such a step
SMALLEST = 16               # px, of a film: then it may be too many bytes
LARGER = 2                  # times, at most, that a film is shown larger than it is stored
GAP, LINE, FONT = 6, 15, 11     # px: between films, for their names, the names' letters
REST = 4                    # the last frame stays as long as so many others: one sees that it begins anew
LETTER = 0.085              # inches, of a name in a figure
Films = Mapping[str, Iterable[Any]]


# ------------------------------------------------------------------------------------------------ what plays

def film(films: Films | Sequence[Any], rate: float = 8, width: int = 600, alt: str | None = None) -> None:
    """Play films side by side, in step, again and again.

    It is stored as an animated PNG: a picture for each program that shows notebooks, of which those that do
    not play it show the first frame. All frames share at most 256 colours. If it would have more than 125 kB,
    it is stored with fewer colours, then smaller, and shown enlarged.

    Args:
        films: {name: frames}, or frames alone; a frame is whatever `show.pictures` takes. All are of one size
            and equally many.
        rate: frames a second.
        width: of the whole as it is shown, in pixels, at most; less if frames are less than half as large.
        alt: what is seen, in words, for those who cannot see it; None: the number of frames and the names.

    Raises:
        ValueError: no films, of different lengths or sizes, a rate or width out of range, or (ImageError) a
            frame that cannot be shown.
    """
    named = _frames_of(films if isinstance(films, Mapping) else {"": films}, "film")
    if not 0 < rate <= 50:
        raise ValueError(tr("show.film plays up to 50 frames a second, got rate={rate}", rate=rate))
    if width < (SMALLEST + GAP) * len(named):
        raise ValueError(tr("show.film needs {least} px or more for each film, got width={width}",
                            least=SMALLEST + GAP, width=width))
    data, stored = _small_enough(named, rate, width)
    words = alt or _words(named)
    display({"image/png": base64.b64encode(data).decode(), "text/plain": f"<{words}>"},
            metadata={"image/png": {"alt": words, "width": min(width, LARGER * stored)}}, raw=True)


def _words(films):
    """What is seen, for those who cannot see it."""
    names, count = ", ".join(name for name in films if name), len(_first(films))
    if not names:
        return tr_count("A film of {n} frame", "A film of {n} frames", count)
    if len(films) == 1:
        return tr_count("A film of {n} frame: {name}", "A film of {n} frames: {name}", count, name=names)
    return tr_count("A film of {n} frame, side by side: {names}",
                    "A film of {n} frames, side by side: {names}", count, names=names)


def _small_enough(films, rate, width):
    """The bytes of an animated PNG of at most MOST bytes, and its width."""
    columns = _first(films)[0].shape[1]
    wide, colors = min(columns, (width + GAP) // len(films) - GAP), list(COLORS)
    while True:
        sheets = _sheets(films, wide)
        data = _animated(sheets, rate, colors[0])
        if len(data) <= MOST or wide < SMALLEST:
            return data, sheets[0].width
        if len(colors) > 1:
            colors.pop(0)
        else:
            wide = int(SMALLER * wide)


def _sheets(films, wide):
    """All films side by side, their names above: one Pillow picture for each time."""
    rows, columns = _first(films)[0].shape[:2]
    size, top = (wide, max(1, round(rows * wide / columns))), LINE if any(films) else 0
    font = font_for(films, FONT)
    sheets = []
    for frames in zip(*films.values()):
        sheet = Image.new("RGB", (len(films) * (wide + GAP) - GAP, top + size[1]), "white")
        draw = ImageDraw.Draw(sheet)
        for i, (name, frame) in enumerate(zip(films, frames)):
            left = i * (wide + GAP)
            sheet.paste(Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS), (left, top))
            draw.text((left + wide / 2, LINE - 4), _fitting(name, font, wide), "black", font, anchor="ms")
        sheets.append(sheet)
    return sheets


def _fitting(name, font, width):
    """As much of a name as can be written above its film."""
    whole = name
    while name and font.getlength(name) > width:
        name = name[:-1]
    return name if name == whole else f"{name[:-1]}…"


def _animated(sheets, rate, colors):
    """The bytes of an animated PNG."""
    width, height = sheets[0].size
    together = Image.new("RGB", (width, height * len(sheets)))
    for i, sheet in enumerate(sheets):
        together.paste(sheet, (0, height * i))
    # of each fourth pixel a way; better colours, but slow if they were looked for among all
    few = together.resize((max(1, width // 4), max(1, together.height // 4)), Image.Resampling.NEAREST)
    palette = few.quantize(colors, kmeans=1)
    # dithered, a still background would seem to boil
    first, *others = [sheet.quantize(palette=palette, dither=Image.Dither.NONE) for sheet in sheets]
    times = [round(1000 / rate)] * len(others) + [round(1000 * REST / rate)]
    file = io.BytesIO()
    first.save(file, "PNG", save_all=True, append_images=others, duration=times, loop=0, optimize=True)
    return file.getvalue()


# ------------------------------------------------------------------------------------------------- on paper

def strip(films: Films, count: int = 6, crop: tuple[int, int, int, int] | None = None,
          title: str | None = None) -> None:
    """Show frames side by side in time, a row for each film.

    Args:
        films: {name: frames}, as in `show.film`.
        count: frames in a row, from the first to the last; all if there are fewer.
        crop: (left, top, width, height) in pixels: only this part is shown, magnified; the whole first frame
            stands before it, with a box around the part.
        title: of the figure.

    Raises:
        ValueError: as in `show.film`, or the part does not lie within the frames.
    """
    shown = _frames_of(films, "strip")
    (rows, columns), length = _first(shown)[0].shape[:2], len(_first(shown))
    left, top, wide, tall = part = crop or (0, 0, columns, rows)
    if left < 0 or top < 0 or wide < 1 or tall < 1 or left + wide > columns or top + tall > rows:
        raise ValueError(tr("show.strip: the part {part} does not lie within frames of {width}x{height} px: "
                            "(left, top, width, height)", part=crop, width=columns, height=rows))
    if count < 1:
        raise ValueError(tr("show.strip shows 1 frame or more, got count={count}", count=count))
    times = np.unique(np.linspace(0, length - 1, min(count, length)).round().astype(int))
    widths = ([columns / rows] if crop else []) + [wide / tall] * len(times)    # at equal heights
    height = (WIDTH - 0.4) / sum(widths)
    figure, axes = plt.subplots(len(shown), len(widths), figsize=(WIDTH, len(shown) * (height + 0.04) + 0.3),
                                width_ratios=widths, squeeze=False, layout="constrained")
    cast(Any, figure.get_layout_engine()).set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    for row, (name, frames) in zip(axes, shown.items()):
        if crop:
            _draw(row[0], frames[0])
            _mark(row[0], *part)
        for axis, time in zip(row[bool(crop):], times):
            _draw(axis, frames[time][top:top + tall, left:left + wide])
        row[0].set_ylabel("\n".join(wrap(name, max(6, int(height / LETTER)))), fontsize=10)
    for axis, time in zip(axes[0, bool(crop):], times):
        axis.set_title(tr("frame {number}", number=time + 1), fontsize=10)
    finish(figure, title)


def time_slice(films: Films, column: float = 0.5, title: str | None = None, *, row: float | None = None,
               part: tuple[float, float] = (0.0, 1.0)) -> None:
    """Show one column of pixels over time, or one row, of films side by side: what flickers is frayed.

    Above stands the first frame with the column marked. Below, the column of each frame stands to the right
    of that of the frame before. What keeps its colour leaves a smooth line. Where things move sideways, take
    a row: then the row of each frame stands below that of the frame before, and what moves leaves slanting
    lines.

    Args:
        films: {name: frames}, as in `show.film`.
        column: which one: from 0 at the left to 1 at the right; or an int, in pixels.
        title: of the figure.
        row: likewise from 0 at the top to 1 at the bottom; then no column is shown.
        part: of the column or row: where it begins and ends, from 0 to 1. A part is seen larger.

    Raises:
        ValueError: as in `show.film`, or there is no such column, row or part.
    """
    shown = _frames_of(films, "time_slice")
    rows, columns, _ = _first(shown)[0].shape
    across = row is not None
    place = _place(row, rows, NO_ROW) if across else _place(column, columns, NO_COLUMN)
    begin, end = _part(part, columns if across else rows)
    figure, axes = _slice_axes(len(shown), rows / columns, across)
    for above, below, (name, frames) in zip(*axes, shown.items()):
        _draw(above, frames[0])
        above.set_title(name, fontsize=10)
        if across:
            _mark(above, begin, place, end - begin, 1)
            lines = np.stack([frame[place, begin:end] for frame in frames])
        else:
            _mark(above, place, begin, 1, end - begin)
            lines = np.stack([frame[begin:end, place] for frame in frames], 1)
        _draw(below, lines, "nearest")
        below.set_aspect("auto")
    _name_time(axes[1], len(_first(shown)), across)
    finish(figure, title)


def _slice_axes(count, aspect, across):
    """A figure with room for a frame and its slice, for each of `count` films, and for the names of time."""
    wide = (WIDTH - (0.5 if across else 0)) / count
    heights = [wide * aspect, 0.75 * min(wide, 3)]
    return plt.subplots(2, count, figsize=(WIDTH, sum(heights) + (0.3 if across else 0.7)), squeeze=False,
                        height_ratios=heights, layout="constrained")


def _place(share, count, complaint):
    """Which of `count` columns or rows is meant."""
    place = int(share) if isinstance(share, Integral) else round(share * (count - 1))
    if not 0 <= place < count:
        raise ValueError(tr(complaint, place=share, count=count))
    return place


def _part(part, count):
    """From where to where, in pixels."""
    begin, end = part
    if not 0 <= begin < end <= 1:
        raise ValueError(tr("show.time_slice: part={part} is no part: from a share to a larger one, such as "
                            "(0.25, 0.75)", part=part))
    first = min(int(begin * count), count - 1)
    return first, max(first + 1, round(end * count))


def _name_time(axes, length, down):
    """Which frame is where."""
    step = max(1, length // 6)
    for axis in axes if not down else axes[:1]:
        (axis.set_yticks if down else axis.set_xticks)(range(0, length, step), range(1, length + 1, step),
                                                       fontsize=9)
        (axis.set_ylabel if down else axis.set_xlabel)(tr("← frame") if down else tr("frame →"), fontsize=10)


# ---------------------------------------------------------------------------------------------------- shared

def _first(films):
    """The frames of the first film."""
    return next(iter(films.values()))


def _draw(axis: Axes, pixels: np.ndarray, interpolation: str = "lanczos") -> None:
    axis.imshow(pixels, interpolation=interpolation)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


def _mark(axis, left, top, wide, tall):
    """A box around some pixels that is seen on dark and bright pictures."""
    for color, width in (("white", 3.0), (MARK, 1.6)):
        axis.add_patch(Rectangle((left - 0.5, top - 0.5), wide, tall, fill=False, edgecolor=color,
                                 linewidth=width))


def _frames_of(films, what):
    """{name: list of arrays (H, W, 3)}, all of one size and equally many; a clear error for anything else."""
    check_named(films, what, "{'name': frames}")
    for name, frames in films.items():
        if not isinstance(frames, Iterable) or isinstance(frames, str | torch.Tensor | np.ndarray):
            raise ValueError(tr("show.{function} needs a list of frames for {name!r}, got a {type}",
                                function=what, name=name, type=type(frames).__name__))
    shown = {str(name): [_pixels(frame, tr("frame {number} of {name!r}", number=i + 1, name=name))
                         for i, frame in enumerate(frames)]
             for name, frames in films.items()}
    lengths, sizes = ({name: len(frames) for name, frames in shown.items()},
                      {frame.shape[1::-1] for frames in shown.values() for frame in frames})
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        counts = ", ".join(tr("{name!r} with {length}", name=name, length=length)
                           for name, length in lengths.items())
        raise ValueError(tr("show.{function} needs films with equally many frames, got {counts}",
                            function=what, counts=counts))
    if len(sizes) > 1:
        seen = ", ".join(f"{width}x{height} px" for width, height in sorted(sizes))
        raise ValueError(tr("show.{function} needs frames of one size, got {sizes}", function=what,
                            sizes=seen))
    return shown


def _pixels(frame, name):
    try:
        return np.asarray(to_pil(getattr(frame, "image", frame)).convert("RGB"))
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from None
