"""The masks in data/masks/: white where something counts, black elsewhere.

    python data/make_masks.py                 # makes all of them again
    python data/make_masks.py --out /tmp/mine

In the photos a colour rule finds one thing: a threshold, the largest connected region without holes, and a
soft edge. In the painting, where colours do not tell the sky from the hills, the border is a line drawn by
hand. Nothing is random.
"""
import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from skimage import filters, measure, morphology

DATA = Path(__file__).parent


def china_sky():
    """The sky over the pagoda, with the lake that mirrors it: light pixels with more blue than red."""
    red, _, blue = _channels("content/china.jpg")
    return _largest((red + blue > 1.15) & (blue > red - 0.03))


def flower_bloom():
    """The dahlia, with the second one below it: more red than blue."""
    red, _, blue = _channels("content/flower.jpg")
    return _largest(red > blue + 0.15)


def starry_night_sky():
    """The sky of The Starry Night: above a line along the hills, without the cypress."""
    width, height = Image.open(DATA / "style/starry_night.jpg").size
    hills = [(0, 372), (60, 366), (150, 362), (260, 366), (340, 368),
             (430, 350), (500, 318), (560, 294), (640, 262)]
    cypress = [(82, 400), (86, 165), (104, 140), (112, 60), (122, 20),
               (132, 100), (146, 200), (178, 310), (205, 400)]
    picture = Image.new("L", (width, height))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 0), *hills, (width, 0)], fill=255)
    draw.polygon(cypress, fill=0)
    return np.asarray(picture) > 0


MASKS = {mask.__name__: mask for mask in (china_sky, flower_bloom, starry_night_sky)}


def _channels(name):
    """Red, green and blue, each (H, W), in [0, 1]."""
    return np.moveaxis(np.asarray(Image.open(DATA / name), dtype=np.float32) / 255, 2, 0)


def _largest(found):
    """The largest connected region of what was found, without specks and without holes."""
    found = morphology.opening(found, morphology.disk(2))
    regions = measure.label(found)
    region = regions == np.bincount(regions.flat)[1:].argmax() + 1
    closed = morphology.closing(region, morphology.disk(3))
    # not remove_small_holes: before scikit-image 0.26 its limit has another name
    holes = measure.label(~closed, connectivity=1)
    return closed | (np.bincount(holes.flat)[holes] <= 4000)


def to_picture(region):
    """True and False, (H, W) -> a grey picture with an edge that is two pixels soft."""
    smooth = filters.gaussian(region.astype(np.float32), sigma=1.0, mode="nearest")
    return Image.fromarray(np.rint(255 * smooth).astype(np.uint8))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=DATA / "masks", help="folder (default: data/masks)")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    for name, mask in MASKS.items():
        to_picture(mask()).save(folder / f"{name}.png", optimize=True)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
