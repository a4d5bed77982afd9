"""The playground's knobs as a recipe, and back."""
from collections.abc import Mapping

from ...engine.language import tr
from ...engine.recipe import Recipe, parse_recipe, recipe_of
from .easel import NO_PAINTING, NO_PHOTO
from .painter import Knobs, Part, knobs_of

# What the playground's knobs say besides the two pictures, and when nobody has turned them
USUAL = {"size": 512, "init": "auto", "style_weight": 1.0, "style_layers": None, "tv_weight": 0.0,
         "keep_colors": False}
PASSED_OVER = ("steps", "stopped")      # how long it was painted is no knob


def recipe_of_part(part: Part, steps: int) -> Recipe:
    """The recipe of a picture that was painted with the same knobs from its start on.

    Args:
        part: its settings, and after how many steps it is what is seen.
        steps: after how many it would have been finished.
    """
    knobs = {**knobs_of(part.settings), "steps": steps}
    if part.steps < steps:
        knobs["stopped"] = part.steps
    return recipe_of(part.settings["content"], part.settings["style"], **knobs)


def settings_of_line(line: str, photos: Mapping[str, str], paintings: Mapping[str, str]) -> Knobs:
    """What a recipe says of the playground's knobs: arguments of `stylize`, without steps.

    Args:
        line: the recipe.
        photos, paintings: {name in a recipe: file}.

    Raises:
        ValueError: it is no recipe, or one with knobs or pictures that the playground has not got.
    """
    said = parse_recipe(line)
    if len(said.paintings) > 1:
        raise ValueError(tr("the playground takes one painting, and this recipe has {count}",
                            count=len(said.paintings)))
    for name in said.knobs:
        if name not in (*USUAL, *PASSED_OVER):
            raise ValueError(tr("the playground has no knob for the recipe's {name}: `stylelib stylize "
                                "--recipe` takes it, or the studio", name=name))
    settings = {**USUAL, **{name: value for name, value in said.knobs.items() if name in USUAL}}
    if settings["keep_colors"] not in (False, "luminance"):
        raise ValueError(tr("the playground keeps colours by luminance only, and this recipe by {way}",
                            way=settings["keep_colors"]))
    for complaint, name, known in ((NO_PHOTO, said.photo, photos),
                                   (NO_PAINTING, said.paintings[0], paintings)):
        if name not in known:
            raise ValueError(tr(complaint, name=name))
    return {**settings, "keep_colors": bool(settings["keep_colors"]), "content": photos[said.photo],
            "style": paintings[said.paintings[0]]}
