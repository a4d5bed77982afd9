"""Films in a notebook: playing, as a strip of frames, and as one column of pixels over time."""
import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from PIL import Image, ImageDraw, ImageFont

from ...engine.inputs import ImageError
from ...images import to_pil
from .figures import WIDTH, check_named, finish

MARK = "#d55e00"            # what is looked at
MOST = 190_000              # bytes of a film that plays: notebooks stay small
COLORS = (256, 128, 64, 32)     # of all frames together; as many as fit into MOST
SMALLER = 0.8               # the next size where even the fewest colours are too many bytes
GAP, LINE, FONT = 6, 22, 14     # px: between films, for their names, the names' letters
REST = 4                    # the last frame stays as long as so many others: one sees that it begins anew
Films = Mapping[str, Iterable[Any]]


# ------------------------------------------------------------------------------------------------ what plays

def film(films: Films | Sequence[Any], rate: float = 8, width: int = 600) -> None:
    """Play films side by side, in step, again and again.

    It is stored as an animated PNG: a picture for each program that shows notebooks, of which those that do
    not play it show the first frame. All frames share at most 256 colours.

    Args:
        films: {name: frames}, or frames alone; a frame is whatever `show.pictures` takes. All are of one size
            and equally many.
        rate: frames a second.
        width: of the whole in pixels, at most; less where it would have more than 190 kB.

    Raises:
        ValueError: no films, of different lengths or sizes, or (ImageError) a frame that cannot be shown.
    """
    named = dict(films) if isinstance(films, Mapping) else {"": list(films)}
    sheets = _sheets(_frames_of(named, "film"), width)
    data, width = _animated(sheets, rate), sheets[0].width
    while len(data) > MOST and width > 100:
        width = int(SMALLER * width)
        data = _animated(_sheets(_frames_of(named, "film"), width), rate)
    names = ", ".join(filter(None, named))
    words = f"A film of {len(sheets)} frames{': ' if names else ''}{names}"
    display({"image/png": base64.b64encode(data).decode(), "text/plain": f"<{words}>"},
            metadata={"image/png": {"alt": words}}, raw=True)


def _sheets(films, width):
    """All films side by side, their names above: one Pillow picture for each time."""
    (rows, columns), count = next(iter(films.values()))[0].shape[:2], len(films)
    wide = min(columns, (width - GAP * (count - 1)) // count)
    size, top = (wide, max(1, round(rows * wide / columns))), LINE if any(films) else 0
    sheets = []
    for frames in zip(*films.values()):
        sheet = Image.new("RGB", (count * (wide + GAP) - GAP, top + size[1]), "white")
        for i, (name, frame) in enumerate(zip(films, frames)):
            sheet.paste(Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS),
                        (i * (wide + GAP), top))
            ImageDraw.Draw(sheet).text((i * (wide + GAP) + wide / 2, LINE - 6), _fitting(name, wide), "black",
                                       ImageFont.load_default(FONT), anchor="ms")
        sheets.append(sheet)
    return sheets


def _fitting(name, width):
    """As much of a name as can be written above its film."""
    font = ImageFont.load_default(FONT)
    whole = name
    while name and font.getlength(name) > width:
        name = name[:-1]
    return name if name == whole else f"{name[:-1]}…"


def _animated(sheets, rate):
    """The bytes of an animated PNG, with as many colours as fit."""
    width, height = sheets[0].size
    together = Image.new("RGB", (width, height * len(sheets)))
    for i, sheet in enumerate(sheets):
        together.paste(sheet, (0, height * i))
    times = [round(1000 / rate)] * (len(sheets) - 1) + [round(1000 * REST / rate)]
    for colors in COLORS:
        palette = together.quantize(colors)
        # dithered, a still background would seem to boil
        first, *others = [sheet.quantize(palette=palette, dither=Image.Dither.NONE) for sheet in sheets]
        file = io.BytesIO()
        first.save(file, "PNG", save_all=True, append_images=others, duration=times, loop=0, optimize=True)
        if file.tell() <= MOST:
            break
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
    rows, columns, _ = next(iter(shown.values()))[0].shape
    left, top, wide, tall = crop or (0, 0, columns, rows)
    if left < 0 or top < 0 or wide < 1 or tall < 1 or left + wide > columns or top + tall > rows:
        raise ValueError(f"show.strip: the part {crop} does not lie within frames of {columns}x{rows} px: "
                         "(left, top, width, height)")
    length = len(next(iter(shown.values())))
    times = np.unique(np.linspace(0, length - 1, min(count, length)).round().astype(int))
    widths = ([columns / rows] if crop else []) + [wide / tall] * len(times)    # at equal heights
    height = WIDTH / sum(widths)
    figure, axes = plt.subplots(len(shown), len(widths), figsize=(WIDTH, len(shown) * (height + 0.06) + 0.5),
                                width_ratios=widths, squeeze=False, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    for row, (name, frames) in zip(axes, shown.items()):
        if crop:
            _draw(row[0], frames[times[0]], "lanczos")
            row[0].add_patch(Rectangle((left - 0.5, top - 0.5), wide, tall, fill=False, edgecolor=MARK,
                                       linewidth=2))
        for axis, time in zip(row[bool(crop):], times):
            part = frames[time][top:top + tall, left:left + wide]
            _draw(axis, part, "nearest" if crop else "lanczos")
            if axis in axes[0]:
                axis.set_title(f"frame {time + 1}", fontsize=10)
        row[0].set_ylabel(name, fontsize=10)
    finish(figure, title)


def time_slice(films: Films, column: float = 0.5, title: str | None = None) -> None:
    """Show one column of pixels over time, films below each other: what flickers is frayed.

    At the left stands the first frame with the column marked. To the right of it, the column of each frame
    stands beside that of the frame before. A thing that keeps its colour leaves a smooth line.

    Args:
        films: {name: frames}, as in `show.film`.
        column: which one: from 0 at the left to 1 at the right; or an int, in pixels.
        title: of the figure.

    Raises:
        ValueError: as in `show.film`, or there is no such column.
    """
    shown = _frames_of(films, "time_slice")
    rows, columns, _ = next(iter(shown.values()))[0].shape
    place = column if isinstance(column, int) else round(column * (columns - 1))
    if not 0 <= place < columns:
        raise ValueError(f"show.time_slice: there is no column {column} in frames {columns} px wide: from 0 "
                         "to 1, or an int in pixels")
    height = 1.35
    before = height * columns / rows
    figure, axes = plt.subplots(len(shown), 2, figsize=(WIDTH, len(shown) * (height + 0.1) + 0.75),
                                width_ratios=[before, WIDTH - before - 0.8], squeeze=False,
                                layout="constrained")
    for (whole, right), (name, frames) in zip(axes, shown.items()):
        _draw(whole, frames[0], "lanczos")
        whole.axvline(place, color=MARK, linewidth=2)
        whole.set_ylabel(name, fontsize=10)
        _draw(right, np.stack([frame[:, place] for frame in frames], 1), "nearest")
        right.set_aspect("auto")
    axes[0, 0].set_title("the first frame", fontsize=10)
    axes[0, 1].set_title("the marked column, frame after frame", fontsize=10)
    length = len(next(iter(shown.values())))
    axes[-1, 1].set_xticks(range(0, length, max(1, length // 10)),
                           range(1, length + 1, max(1, length // 10)), fontsize=9)
    axes[-1, 1].set_xlabel("frame", fontsize=10)
    finish(figure, title)


# ---------------------------------------------------------------------------------------------------- shared

def _draw(axis: Axes, pixels: np.ndarray, interpolation: str) -> None:
    axis.imshow(pixels, interpolation=interpolation)
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


def _frames_of(films, what):
    """{name: list of arrays (H, W, 3)}, all of one size and equally many; a clear error for anything else."""
    check_named(films, what, "{'name': frames}")
    shown = {str(name): [_pixels(frame, f"frame {i + 1} of {name!r}") for i, frame in enumerate(frames)]
             for name, frames in films.items()}
    lengths, sizes = ({name: len(frames) for name, frames in shown.items()},
                      {frame.shape[1::-1] for frames in shown.values() for frame in frames})
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        raise ValueError(f"show.{what} needs films with equally many frames, got "
                         + ", ".join(f"{name!r} with {length}" for name, length in lengths.items()))
    if len(sizes) > 1:
        raise ValueError(f"show.{what} needs frames of one size, got "
                         + ", ".join(f"{width}x{height} px" for width, height in sorted(sizes)))
    return shown


def _pixels(frame, name):
    try:
        return np.asarray(to_pil(getattr(frame, "image", frame)).convert("RGB"))
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from None
