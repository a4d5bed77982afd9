"""The pictures in data/, their credits, and the program that paints our own styles."""
import importlib.util
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

import stylelib

DATA = Path(__file__).parents[2] / "data"
FILES = sorted(path.relative_to(DATA).as_posix()
               for path in DATA.glob("*/*")
               if path.is_file() and path.suffix != ".pyc" and path.parent.name != "teasers")
MASKS = [name for name in FILES if name.startswith("masks/")]
FILMS = [name for name in FILES if name.startswith("film/")]         # tests/film/test_clips.py is about these
PICTURES = [name for name in FILES if name not in MASKS + FILMS]
PAINTED = ["brush_strokes", "stained_glass", "woodcut_waves", "mosaic"]
SIZE = 128


def _load_program(name):
    spec = importlib.util.spec_from_file_location(name, DATA / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


program, mask_program = _load_program("paint_styles"), _load_program("make_masks")


def grey(picture):
    return np.asarray(picture.convert("L"), dtype=float) / 255


def blocks(picture):
    """Mean colours of a 16x16 grid."""
    return np.asarray(picture.convert("RGB").resize((16, 16), Image.Resampling.BOX), dtype=float)


def orientation(picture, radius=0.5):
    """The direction of the lines, 0..180 degrees anticlockwise: the structure tensor of the whole picture."""
    slope_y, slope_x = np.gradient(grey(picture.filter(ImageFilter.GaussianBlur(radius))))
    steepest = 0.5 * math.atan2(2 * (slope_x * slope_y).sum(), (slope_x**2 - slope_y**2).sum())
    return (90 - math.degrees(steepest)) % 180


def turn(first, second):
    """The smallest angle between two directions of lines."""
    return abs((first - second + 90) % 180 - 90)


def detail(picture):
    """The picture without its large shapes."""
    return grey(picture) - grey(picture.filter(ImageFilter.GaussianBlur(picture.width / 32)))


def similarity(values, right, down):
    """How much a picture resembles itself when moved by that many pixels: 1 the same, 0 unrelated."""
    height, width = values.shape
    return (values[down:, right:] * values[:height - down, :width - right]).mean() / (values**2).mean()


def mean_frequency(picture):
    """Where the middle of the spectrum lies, in cycles per pixel."""
    window = np.hanning(picture.width)
    power = np.abs(np.fft.rfft2(detail(picture) * np.outer(window, window))) ** 2
    frequency = np.hypot(np.fft.fftfreq(picture.width)[:, None], np.fft.rfftfreq(picture.width))
    return (power * frequency).sum() / power.sum()


# ----------------------------------------------------------------------------------------------- the pictures

def test_every_picture_is_credited_and_every_credit_has_its_picture():
    sources = (DATA / "SOURCES.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|(.+)\|$", sources, flags=re.M)
    assert sorted(name for name, _ in rows) == FILES
    for name, cells in rows:
        assert re.search(r"CC0|CC BY|public domain|no known copyright", cells), f"{name} has no licence"


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_small_and_load(name):
    assert (DATA / name).stat().st_size < 200_000
    image = stylelib.load_image(DATA / name)
    assert image.shape[:2] == (1, 3)
    assert 300 <= min(image.shape[2:]) and max(image.shape[2:]) <= 640
    assert image.std() > 0.05
    assert dict(Image.open(DATA / name).getexif()) == {}


def has_frame(picture):
    """Whether a border is one plain colour, or at least two stand out from what lies behind them."""
    pixels = np.asarray(picture.convert("RGB"), dtype=float)
    sides = [pixels, pixels[::-1], pixels.swapaxes(0, 1), pixels.swapaxes(0, 1)[::-1]]
    plain = [side[:3].std(axis=1).mean() < 5 for side in sides]
    steps = [np.abs(side[:4].mean(axis=(0, 1)) - side[20:40].mean(axis=(0, 1))).mean() > 45 for side in sides]
    return any(plain) or sum(steps) >= 2


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_has_a_frame(name):
    picture = Image.open(DATA / name)
    assert not has_frame(picture)
    for color in ((0, 0, 0), (235, 230, 215)):                    # the test itself must see one
        framed = Image.new("RGB", picture.size, color)
        framed.paste(picture.crop((6, 6, picture.width - 6, picture.height - 6)), (6, 6))
        assert has_frame(framed)


def test_the_starry_night_has_no_bare_canvas_left():
    """Bare canvas is pale and hardly coloured: there is no more of it at the edge than further in."""
    pixels = np.asarray(Image.open(DATA / "style/starry_night.jpg"), dtype=float)
    for side in (pixels, pixels[::-1], pixels.swapaxes(0, 1), pixels.swapaxes(0, 1)[::-1]):
        pale = (side.min(axis=2) > 110) & (np.ptp(side, axis=2) < 70)
        # with canvas left it was 2 to 4 times as much
        assert pale[:4].mean() < 1.3 * pale[8:24].mean() + 0.03


# -------------------------------------------------------------------------------------------------- the masks

@pytest.mark.parametrize("name", MASKS)
def test_the_stored_mask_is_what_the_program_makes(name):
    stored = np.asarray(Image.open(DATA / name), dtype=int)
    made = np.asarray(mask_program.to_picture(mask_program.MASKS[Path(name).stem]()), dtype=int)
    assert stored.shape == made.shape and np.abs(stored - made).max() <= 1


@pytest.mark.parametrize("name, picture", [
    ("china_sky", "content/china.jpg"),
    ("flower_bloom", "content/flower.jpg"),
    ("starry_night_sky", "style/starry_night.jpg"),
])
def test_masks_belong_to_their_pictures(name, picture):
    """Same size, mostly black or white, and what is inside differs in colour from what is outside."""
    mask = np.asarray(Image.open(DATA / f"masks/{name}.png"), dtype=float) / 255
    pixels = np.asarray(Image.open(DATA / picture), dtype=float)
    assert mask.shape == pixels.shape[:2] and (DATA / f"masks/{name}.png").stat().st_size < 20_000
    assert 0.1 < mask.mean() < 0.9 and ((mask < 0.01) | (mask > 0.99)).mean() > 0.97
    assert np.abs(pixels[mask > 0.99].mean(0) - pixels[mask < 0.01].mean(0)).max() > 40


def test_the_command_makes_the_masks(tmp_path):
    command = [sys.executable, DATA / "make_masks.py", "--out", tmp_path / "new"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert sorted(f"masks/{path.name}" for path in (tmp_path / "new").iterdir()) == MASKS


# ------------------------------------------------------------------------------------------- our own pictures

@pytest.mark.parametrize("name", PAINTED)
def test_the_stored_picture_is_what_the_program_paints(name):
    """Painted at half the size, which is also a test that size changes the fineness only."""
    stored, painted = blocks(Image.open(DATA / f"style/{name}.jpg")), blocks(program.PAINTERS[name](size=256))
    assert np.abs(stored - painted).mean() < 6
    assert np.abs(stored - blocks(program.PAINTERS[name](size=SIZE, seed=1))).mean() > 12


@pytest.mark.parametrize("name", PAINTED)
def test_a_seed_gives_the_same_picture(name):
    state = np.random.get_state()[1].copy()
    first, second = (program.PAINTERS[name](size=64, seed=5, scale=2.0) for _ in range(2))
    assert first.size == (64, 64) and first.mode == "RGB"
    assert first.tobytes() == second.tobytes()
    assert np.array_equal(np.random.get_state()[1], state)


@pytest.mark.parametrize("name", PAINTED)
def test_angle_turns_the_marks(name):
    radius = 3 if name == "mosaic" else 0.5          # square tiles have edges both ways: look at their bands
    seen = {angle: orientation(program.PAINTERS[name](size=SIZE, angle=float(angle), scale=1.3), radius)
            for angle in (0, 45, 90, 135)}
    for angle, direction in seen.items():
        assert turn(direction, angle) < 26, seen
    assert turn(seen[0], seen[90]) > 75 and turn(seen[45], seen[135]) > 75


@pytest.mark.parametrize("name", ["brush_strokes", "stained_glass", "woodcut_waves"])
def test_length_stretches_the_marks_along_their_direction(name):
    """Horizontal marks, moved sideways: long ones still cover themselves, short ones do not."""
    paint = program.PAINTERS[name]
    short, long = (detail(paint(size=256, angle=0.0, length=length)) for length in (0.5, 2.0))
    reach = {"brush_strokes": 7, "stained_glass": 7, "woodcut_waves": 20}[name]
    part = np.s_[:50, :130] if name == "woodcut_waves" else np.s_[:, :]        # the lines of its sky
    assert similarity(long[part], reach, 0) > similarity(short[part], reach, 0) + 0.05


def test_length_stretches_the_mosaics_tiles():
    """With long tiles the nearest neighbour lies in the next row, with short ones in the same row."""
    shares = []
    for aspect in (0.6, 2.4):
        contours = program.tile_contours(np.random.default_rng(0), 0.0)
        places, directions = program.set_tiles(np.random.default_rng(0), contours, 24, aspect, 0.0)
        offsets = places[None] - places[:, None]
        distances = np.hypot(*np.moveaxis(offsets, 2, 0)) + np.where(np.eye(len(places)), np.inf, 0)
        nearest = offsets[np.arange(len(places)), distances.argmin(axis=1)]
        along = np.abs(nearest[:, 0] * np.cos(directions) + nearest[:, 1] * np.sin(directions))
        shares.append((along > 0.7 * np.linalg.norm(nearest, axis=1)).mean())
    assert shares[0] > 0.7 and shares[1] < 0.3, shares


@pytest.mark.parametrize("name", PAINTED)
def test_scale_makes_the_marks_coarser(name):
    fine, coarse = (mean_frequency(program.PAINTERS[name](size=256, scale=scale)) for scale in (0.75, 2.0))
    assert coarse < 0.92 * fine


@pytest.mark.parametrize("name", PAINTED)
def test_palette_changes_the_colours_only(name):
    warm, cool = (program.PAINTERS[name](size=SIZE, palette=palette, scale=1.3)
                  for palette in ("ember", "lagoon"))
    red, _, blue = (np.asarray(cool, float) - np.asarray(warm, float)).mean(axis=(0, 1)) / 255
    assert red < -0.1 and blue > 0.1
    assert turn(orientation(warm, 2), orientation(cool, 2)) < 15


@pytest.mark.parametrize("name", PAINTED)
@pytest.mark.parametrize("palette", program.PALETTES)
def test_every_painter_takes_every_palette(name, palette):
    picture = np.asarray(program.PAINTERS[name](size=32, palette=palette, scale=2.0), dtype=float)
    assert picture.std() > 10


@pytest.mark.parametrize("wrong, words", [
    ({"palette": "mud"}, "palette must be one of ember"),
    ({"size": 0}, "size must"), ({"size": 64.0}, "size must"),
    ({"length": 0.0}, "length must"), ({"scale": -1.0}, "scale must"),
])
def test_what_cannot_be_painted_is_refused(wrong, words):
    for painter in program.PAINTERS.values():
        with pytest.raises(ValueError, match=words):
            painter(**wrong)


def test_the_command_paints_into_a_folder(tmp_path):
    command = [sys.executable, DATA / "paint_styles.py", "--out", tmp_path / "new"]
    command += ["--only", "woodcut_waves", "--size", "64", "--seed", "3", "--stroke-length", "2"]
    command += ["--angle", "90", "--palette", "sepia", "--scale", "1.5"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["woodcut_waves.jpg"]
    expected = program.woodcut_waves(64, seed=3, length=2.0, angle=90.0, palette="sepia", scale=1.5)
    assert np.abs(blocks(Image.open(tmp_path / "new/woodcut_waves.jpg")) - blocks(expected)).max() < 12
    refused = subprocess.run([*command[:2], "--scale", "0"], capture_output=True, text=True, timeout=120)
    assert refused.returncode == 2 and "scale must lie between" in refused.stderr
