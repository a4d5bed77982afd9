"""(i) Ten pictures in one pass and the same ten by the default, side by side."""
import functools
import io
import statistics

from PIL import Image, ImageDraw, ImageFont

from stylelib import load_network, paint_fast, stylize
from stylelib.engine.devices import choose_precision
from stylelib.images import from_pil, to_pil

from .pairs import picture
from .report import Table
from .tools import seconds
from .yardstick import STYLE_WEIGHT, Yardstick

TITLE = "ten pictures in one pass, ten by the default"
MINUTES = 8
# Each photo with two paintings. The course holds neither hopper and camera nor blue_strokes and ember_mosaic
PAINTINGS = {"china": ("starry_night", "mosaic"), "chelsea": ("brush_strokes", "woodcut_waves"),
             "coffee": ("woodcut_waves", "stained_glass"), "camera": ("ember_mosaic", "starry_night"),
             "hopper": ("blue_strokes", "brush_strokes")}
WAYS = {"fast": "in one pass", "default": "by the default"}
LIMIT = 400_000         # bytes of the sheet
GAP, LINE = 6, 22       # px


def measure(quick, folder):
    """{"size", "precision", "pairs": [{"names", "photo": {"C", "S", "L"}, "fast", "default"}]}."""
    size, steps, photos = (64, {"steps": 3}, ["china"]) if quick else (256, {}, list(PAINTINGS))
    network, pairs, rows = load_network(), [], []
    precision = choose_precision("auto", "cpu")     # the faster one: the pictures look the same
    paint_fast(*(picture(name, 64) for name in ("china", "starry_night")))      # its weights are read once
    ways = {"fast": functools.partial(paint_fast, size=size, device="cpu"),
            "default": functools.partial(stylize, size=size, device="cpu", network=network, progress=False,
                                         precision=precision, **steps)}
    for photo in photos:
        cells = [_with_paintings(photo, size)]
        for painting in PAINTINGS[photo]:
            entry, pictures = _measure_pair(network, (photo, painting), size, ways)
            pairs.append(entry)
            cells += pictures
        rows.append(cells)
    (folder / "ten.jpg").write_bytes(small_enough(sheet(rows)))
    return {"size": size, "precision": precision, "pairs": pairs}


def _measure_pair(network, names, size, ways):
    """One pair in both ways: what was measured, and the two pictures."""
    photo, painting = (picture(name, size) for name in names)
    yardstick, pictures = Yardstick(network, photo, painting), []
    entry = {"names": list(names), "photo": yardstick(photo)}
    for way, paint in ways.items():
        took = seconds(lambda: pictures.append(to_pil(paint(photo, painting).image)))       # noqa: B023
        entry[way] = {"seconds": took, **yardstick(from_pil(pictures[-1]))}
    reached = ", ".join(f"{WAYS[way]} {entry[way]['L']:.2f} after {entry[way]['seconds']:.1f} s"
                        for way in ways)
    print(f"  {' + '.join(names)}: {reached}", flush=True)
    return entry, pictures


def tables(result):
    rows = []
    for key, name in {"photo": "the photo itself", **WAYS}.items():
        values = [pair[key] for pair in result["pairs"]]
        took = statistics.median(value.get("seconds", 0) for value in values)
        rows.append([name, *(f"{statistics.median(value[term] for value in values):.2f}" for term in "CSL"),
                     f"{took:.2f} s" if took else ""])
    return {"medians": Table(f"Medians over {len(result['pairs'])} pictures of {result['size']} px, by the "
                             f"yardstick L = C + {STYLE_WEIGHT:g} S; VGG-19 in {result['precision']}; "
                             "seconds in a program that runs already",
                             ["picture", "C", "S", "L", "time"], rows)}


def sentences(result):
    """The sheet."""
    return {"sheet": "![Photos, each with two paintings, in one pass and by the default](ten.jpg)"}


def goals(result):
    return []


# --- the sheet ----------------------------------------------------------------------------------------------

def _with_paintings(photo, size):
    """A photo with its two paintings, small, in its lower corners."""
    image = to_pil(picture(photo, size))
    side = size // 4
    for i, name in enumerate(PAINTINGS[photo]):
        small = to_pil(picture(name, size)).resize((side, side), Image.Resampling.LANCZOS)
        framed = Image.new("RGB", (side + 4, side + 4), "white")
        framed.paste(small, (2, 2))
        image.paste(framed, (i * (image.width - side - 4), image.height - side - 4))
    return image


def sheet(rows):
    """All pictures, five in a row, with a line of words above."""
    width = max(image.width for cells in rows for image in cells)
    heights = [max(image.height for image in cells) for cells in rows]
    canvas = Image.new("RGB", (5 * (width + GAP) - GAP, LINE + sum(heights) + GAP * len(rows)), "white")
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(14)
    words = ["photo, two paintings", *(f"{which}: {way}" for which in ("left one", "right one")
                                       for way in WAYS.values())]
    y = LINE
    for cells, height in zip(rows, heights):
        for column, image in enumerate(cells):
            canvas.paste(image, (column * (width + GAP) + (width - image.width) // 2,
                                 y + (height - image.height) // 2))
        y += height + GAP
    for column, text in enumerate(words):
        draw.text((column * (width + GAP) + width // 2, 2), text, "black", font, anchor="mt")
    return canvas


def small_enough(image):
    """As a JPEG of quality 80, or less if it would be too large a file."""
    for quality in (80, 75, 70, 60, 50):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= LIMIT:
            break
    return file.getvalue()
