"""What the widgets show: pictures, thumbnails, sheets and curves, as the bytes of a file."""
import base64
import io
import os
import threading
from collections.abc import Mapping, Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator
from PIL import Image, ImageDraw, ImageOps
from torch import Tensor

from ...engine.inputs import ImageError
from ...engine.language import mark, tr
from ...engine.letters import add_to_matplotlib, font_for
from ...engine.recipe import Recipe
from ...engine.tags import options_for
from ...images import load_image, to_pil

# Three colours that stay apart for colour-blind eyes, and dashes that stay apart without colours
TERMS = {mark("content"): ("#0072b2", "-"), mark("style"): ("#d55e00", "--"),
         mark("smoothness"): ("#009e73", ":")}
INK, PAPER, FRAME = "#444444", "white", "#d55e00"
COMPARED = 640          # px: photo and painting as they are compared with the picture
SHARP = 2               # pixels of a thumbnail for each px of the page: projectors enlarge it
History = Sequence[tuple[int, Mapping[str, float]]]      # [(evaluations, {term: loss})]
Place = tuple[int, int, int, int]       # left, top, right, bottom in pixels
FONT_SIZE = 13          # px
_drawing = threading.Lock()         # Matplotlib lays out text in one thread at a time
add_to_matplotlib()


def jpeg(picture: Tensor | Image.Image, quality: int = 80) -> bytes:
    """A tensor (1, 3, H, W) or a Pillow picture -> the bytes of a JPEG file."""
    buffer = io.BytesIO()
    picture = picture if isinstance(picture, Image.Image) else to_pil(picture)
    picture.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def png(picture: Tensor, recipe: Recipe | None = None) -> bytes:
    """A picture (1, 3, H, W) -> the bytes of a PNG file, which carries a recipe."""
    buffer = io.BytesIO()
    to_pil(picture).save(buffer, "PNG", **options_for(recipe, "PNG"))
    return buffer.getvalue()


def for_page(path: str | os.PathLike) -> bytes:
    """A picture file as a JPEG of moderate size; b"" if it cannot be read, which is said elsewhere."""
    try:
        return jpeg(load_image(path, COMPARED), 92)
    except ImageError:
        return b""


def thumbnail(path: str | os.PathLike, width: int, height: int) -> str:
    """A picture file, cropped to width x height on the page -> an address that a style sheet can use."""
    return small_address(load_image(path, 2 * SHARP * width), width, height)


def small_address(picture: Tensor, width: int, height: int) -> str:
    """A picture (1, 3, H, W), cropped to width x height -> an address for a style sheet."""
    small = ImageOps.fit(to_pil(picture), (SHARP * width, SHARP * height))
    return "data:image/jpeg;base64," + base64.b64encode(jpeg(small, 80)).decode()


def loss_curves(history: History, turns: Sequence[int] = (), width: float = 2.7,
                height: float = 2.3) -> bytes:
    """Each term of the loss over the evaluations, on a logarithmic axis.

    Args:
        history: [(evaluations, {term: loss})].
        turns: evaluations at which a knob was turned; a thin vertical line each.
        width, height: in inches; 200 dots each.

    Returns:
        The bytes of a PNG file.
    """
    with _drawing:
        figure = Figure(figsize=(width, height), facecolor=PAPER)
        FigureCanvasAgg(figure)
        axis = figure.add_axes((0.19, 0.21, 0.78, 0.66))
        for name in dict.fromkeys(name for _, losses in history for name in losses):
            points = [(count, losses.get(name, float("nan"))) for count, losses in history]
            color, dashes = TERMS[name]
            axis.plot(*zip(*points), dashes, color=color, linewidth=1.6, label=tr(name))
        for count in turns:
            axis.axvline(count, color=INK, linewidth=0.6, alpha=0.5)
        axis.set_yscale("log")
        _tidy(axis)
        if history:
            figure.legend(loc="upper right", bbox_to_anchor=(0.99, 1.0), ncols=3, fontsize=9, frameon=False,
                          labelcolor=INK, handlelength=1.4, columnspacing=0.8, borderaxespad=0.2)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=200)
    return buffer.getvalue()


def _tidy(axis):
    low, high = axis.get_ylim()
    few = high / low < 30               # less than a decade and a half: label 2 and 5 as well
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,), numticks=6))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axis.set_xlabel(tr("evaluations"), fontsize=9, color=INK, labelpad=2)
    axis.tick_params(labelsize=8.5, labelcolor=INK, color=INK, length=2)
    axis.grid(alpha=0.25, linewidth=0.5)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color("#aaaaaa")


def sheet(rows: Sequence[Sequence[Tensor]], cell: int = 150, row_names: Sequence[str] | None = None,
          column_names: Sequence[str] | None = None) -> tuple[Image.Image, list[list[Place]]]:
    """Pictures in a table with names above and on the left.

    Args:
        rows: list of lists of pictures (1, 3, H, W).
        cell: longest side of a picture, in pixels.
        row_names, column_names: lists of text.

    Returns:
        (Pillow picture, places): places[row][column] is where a picture is, (left, top, right, bottom).
    """
    sizes = [picture.shape[2:] for row in rows for picture in row]
    longest = max(max(size) for size in sizes)
    height, width = (round(max(sides) * cell / longest) for sides in zip(*sizes))
    names = [*(row_names or [])]
    font, gap = font_for([*names, *(column_names or [])], FONT_SIZE), 6
    left = max((int(font.getlength(name)) + 14 for name in names), default=gap)
    top = 26 if column_names else gap
    canvas = Image.new("RGB", (left + len(rows[0]) * (width + gap), top + len(rows) * (height + gap)), PAPER)
    draw = ImageDraw.Draw(canvas)
    places: list[list[Place]] = []
    for i, row in enumerate(rows):
        y = top + i * (height + gap)
        places.append([])
        if row_names:
            draw.text((left - 8, y + height / 2), row_names[i], INK, font, anchor="rm")
        for j, picture in enumerate(row):
            x = left + j * (width + gap)
            if column_names and not i:
                draw.text((x + width / 2, top - 8), column_names[j], INK, font, anchor="ms")
            small = ImageOps.contain(to_pil(picture), (width, height), Image.Resampling.LANCZOS)
            canvas.paste(small, (x + (width - small.width) // 2, y + (height - small.height) // 2))
            places[-1].append((x, y, x + width, y + height))
    return canvas, places


def labelled(rows: Sequence[Sequence[Tensor]], names: Sequence[Sequence[str]],
             cell: int = 300) -> Image.Image:
    """Pictures in a table, each with a name above it.

    Args:
        rows: list of lists of pictures (1, 3, H, W).
        names: likewise.
        cell: longest side of a picture, in pixels.
    """
    parts = [sheet([row], cell, column_names=list(words))[0] for row, words in zip(rows, names)]
    canvas = Image.new("RGB", (max(part.width for part in parts), sum(part.height for part in parts)), PAPER)
    top = 0
    for part in parts:
        canvas.paste(part, (0, top))
        top += part.height
    return canvas


def framed(canvas: Image.Image, place: Place) -> Image.Image:
    """A copy of a sheet with a frame around one of its pictures."""
    canvas, (left, top, right, bottom) = canvas.copy(), place
    ImageDraw.Draw(canvas).rectangle((left - 3, top - 3, right + 2, bottom + 2), outline=FRAME, width=3)
    return canvas


def captioned(canvas: Image.Image, text: str) -> Image.Image:
    """A copy of a sheet with a line of text below it, wider if the text needs it."""
    font, gap = font_for([text], FONT_SIZE), 6
    width = max(canvas.width, int(font.getlength(text)) + 2 * gap)
    taller = Image.new("RGB", (width, canvas.height + 24), PAPER)
    taller.paste(canvas)
    ImageDraw.Draw(taller).text((gap, canvas.height + 15), text, INK, font, anchor="ls")
    return taller
