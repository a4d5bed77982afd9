"""Neural style transfer, small enough to read: the package behind the course in `notebooks/`.

Six files tell the story, in the order in which a picture passes through them: `images`, `networks`, `losses`,
`objective`, `optimize`, `transfer`. Names are loaded when they are first used, so that `stylelib --help` and
`stylelib doctor` start without PyTorch.
"""
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:       # for editors and type checkers, which do not look into _HOMES
    from .engine.inputs import ImageError
    from .engine.language import use_language
    from .engine.recipe import Recipe, parse_recipe, recipe_of
    from .engine.tags import read_recipe
    from .engine.weights import NetworkError
    from .fast.paint import paint_fast
    from .fast.ready import load_painter, save_painter
    from .fast.train import train_fast
    from .film.paint import stylize_film
    from .images import as_picture, load_image, resize_image, save_image
    from .learn import check, show
    from .losses import content_loss, gram_matrix, relative_change, style_loss, total_variation
    from .networks import Network, load_network
    from .objective import TransferLoss
    from .optimize import DivergenceError, Step, optimize
    from .scene import Painting
    from .settings import Settings
    from .transfer import Result, stylize, stylize_steps

__version__ = "0.1.0"
_HOMES = {
    "images": ("as_picture", "load_image", "resize_image", "save_image"),
    "engine.inputs": ("ImageError",),
    "engine.language": ("use_language",),
    "engine.recipe": ("Recipe", "parse_recipe", "recipe_of"),
    "engine.tags": ("read_recipe",),
    "networks": ("Network", "load_network"),
    "engine.weights": ("NetworkError",),
    "fast.paint": ("paint_fast",),
    "fast.ready": ("load_painter", "save_painter"),
    "fast.train": ("train_fast",),
    "film.paint": ("stylize_film",),
    "losses": ("content_loss", "gram_matrix", "relative_change", "style_loss", "total_variation"),
    "objective": ("TransferLoss",),
    "optimize": ("DivergenceError", "Step", "optimize"),
    "scene": ("Painting",),
    "settings": ("Settings",),
    "transfer": ("Result", "stylize", "stylize_steps"),
}
_ROOMS = {"check": "learn.check", "show": "learn.show"}       # modules that learners take from this door
__all__ = [name for names in _HOMES.values() for name in names]


def __getattr__(name):
    if name in _ROOMS:
        return import_module(f".{_ROOMS[name]}", __name__)
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__, *_ROOMS})


class _Package(ModuleType):
    """Keeps `stylelib.optimize` the function: importing the file `optimize.py` would put the module there."""

    @property
    def optimize(self):
        return __getattr__("optimize")

    @optimize.setter
    def optimize(self, module):
        pass


sys.modules[__name__].__class__ = _Package
