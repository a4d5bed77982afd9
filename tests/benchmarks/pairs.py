"""The pictures of the comparison: some that the course holds, and some that it does not."""
import functools
import importlib.util

from matplotlib.cbook import get_sample_data
from PIL import Image
from skimage import data

from stylelib import load_image

from .tools import DATA

# Not in data/: photos in the public domain that packages carry, and new compositions by the course's painters
PAINTED = {"blue_strokes": ("brush_strokes", {"seed": 7, "palette": "lagoon", "angle": 75.0}),
           "ember_mosaic": ("mosaic", {"seed": 4, "palette": "ember", "angle": 60.0})}
PHOTOS = {"hopper": lambda: get_sample_data("grace_hopper.jpg", asfileobj=False),
          "camera": lambda: Image.fromarray(data.camera())}


def picture(name, size):
    """A photo or a painting, (1, 3, H, W), its longest side at most `size` px."""
    if name in PHOTOS:
        return load_image(PHOTOS[name](), size)
    if name in PAINTED:
        return load_image(_painted(name), size)
    file, = DATA.glob(f"*/{name}.jpg")
    return load_image(file, size)


@functools.cache
def _painted(name):
    """A new composition in the manner of one of the paintings of data/."""
    spec = importlib.util.spec_from_file_location("paint_styles", DATA / "paint_styles.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    manner, changes = PAINTED[name]
    return getattr(program, manner)(**changes)
