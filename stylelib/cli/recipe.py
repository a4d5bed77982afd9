"""The recipe of a picture on the command line: written into it, and used again for another."""
import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..engine.language import tr
from ..settings import defaults
from .arguments import Parser, path
from .fast import KNOBS

if TYPE_CHECKING:
    from ..engine.recipe import Recipe

MASKS = {"mask": "--mask", "style_mask": "--style-mask"}


def add_options(command: Parser) -> None:
    """Add the options of `stylize` that concern the recipe."""
    command.add_argument("--recipe", metavar="RECIPE",
                         help=tr("take the knobs of this recipe: a line that begins with stylelib:1, or a "
                                 "picture that carries one; knobs that you type yourself go first"))
    command.add_argument("--title", default="", help=tr("of the picture, for its recipe and its label"))


def apply(options: argparse.Namespace) -> None:
    """Turn the knobs that the recipe turns and nobody has typed.

    Photo, paintings and masks are those that are typed: a recipe knows their names, but no folders.

    Raises:
        ValueError: it is no recipe, or it needs what was not typed.
    """
    if options.recipe is None:
        return
    recipe = _recipe(options.recipe)
    if options.fast and "fast" not in recipe.knobs:
        raise ValueError(tr("the recipe is one of many steps: leave out --fast"))
    if "strength" in recipe.knobs and "fast" not in recipe.knobs:
        raise ValueError(tr("the recipe goes on from a picture in one pass whose strength is {strength:g}, "
                            "as only the studio does: paste it there", strength=recipe.knobs["strength"]))
    if len(recipe.paintings) != len(options.style):
        raise ValueError(tr("the recipe has {count} painting(s), {paintings}, and you named {named}",
                            count=len(recipe.paintings), paintings=", ".join(recipe.paintings),
                            named=len(options.style)))
    for name, option in MASKS.items():
        masks = recipe.knobs.get(name, ())
        if masks and not getattr(options, name):
            raise ValueError(tr("the recipe has a mask, {masks}: name its file with {option}",
                                masks=", ".join(masks), option=option))
    for name, value in recipe.knobs.items():
        if name in (*MASKS, "stopped") or name in options.typed:
            continue
        if getattr(options, name) == options.parser.get_default(name):      # --keep-colors notes no typing
            setattr(options, name, value)


def recipe_for(options: argparse.Namespace) -> "Recipe":
    """How the picture will have been made, if nobody stops it. To be asked before the work, which it may end.

    Raises:
        ValueError: it cannot be written down.
    """
    from ..engine.recipe import recipe_of
    slow = *defaults(), "network", "weights", "pooling"
    names = (*KNOBS, "fast", "strength") if options.fast else slow
    knobs = {name: getattr(options, name) for name in (*names, *MASKS)}
    return recipe_of(options.content, options.style, title=options.title, **knobs)


def writer(recipe: "Recipe", stopped: int | None = None) -> Callable[[Any, str], None]:
    """What saves a picture with its recipe.

    Args:
        recipe: from `recipe_for`.
        stopped: after how many steps the painting ended early; None if it did not.
    """
    from .. import images
    knobs = recipe.knobs if stopped is None else {**recipe.knobs, "stopped": stopped}
    return lambda image, output: images.save_image(image, output, replace(recipe, knobs=knobs))


def read(picture: str) -> "Recipe":
    """The recipe that a picture file carries.

    Raises:
        ValueError: it carries none.
    """
    from ..engine.tags import read_recipe
    recipe = read_recipe(picture)
    if recipe is None:
        raise ValueError(tr("{picture} carries no recipe: name a picture that stylelib has saved with its "
                            "own", picture=picture))
    return recipe


def _recipe(text):
    from ..engine.recipe import parse_recipe
    return parse_recipe(text) if text.lstrip().startswith("stylelib:") else read(path(text))
