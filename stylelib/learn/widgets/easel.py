"""What the studio paints: how its knobs stand, as plain data, and all that follows. Knows nothing of widgets.

    Wish            how the knobs stand
    paint           the picture, at once
    code, line      how to make it again: in Python, and as one line
    read_line       that line again, as a Wish
    finishing       arguments of `stylize_steps` that go on from that picture

A painting is a file; "style:7" is one of the built-in styles, which have no painting.
"""
import functools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...engine.language import mark, tr
from ...engine.recipe import DEFAULTS, Recipe, parse_recipe, recipe_of
from ...fast.paint import paint_fast
from ...fast.ready import STYLES
from ...fast.styles import hand_of_painting, many_styles_on
from ...images import load_image
from ...settings import Settings
from .look import THUMBNAIL
from .painter import Knobs
from .pictures import small_address

BUILT_IN = "style:"
CPU = torch.device("cpu")                   # a picture of this size is there sooner than it would be on a GPU
USUAL = {"strength": 1.0, "strokes": 1.0, "colors": False}
SEEN = 256          # px: how large a painting the networks look at
# How the studio's knobs are called by `paint_fast`
CALLED = {"strength": "strength", "strokes": "style_scale", "colors": "keep_colors"}
# What a recipe may say besides: the other knobs, and how long the optimisation went on
FOLLOWED = {*CALLED.values(), "size", "mask", "style_shares", "fast", "steps", "stopped"}

NO_PHOTO = mark("the recipe's photo is {name!r}, and there is none of that name here: upload it first")
NO_PAINTING = mark("the recipe's painting is {name!r}, and there is none of that name here: upload it first")
NO_MASK = mark("the recipe's mask is {name!r}, and there is none of that name here: paint one")


@dataclass(frozen=True)
class Wish:
    """How the knobs stand.

    Attributes:
        photo: its file.
        painting: a file, or a built-in style.
        second: likewise; "" for none.
        mixture: the share of the second, from 0 to 1.
        strength: from 0, the photo, to 1.
        strokes: their length; 1 is the network's own.
        colors: of `paint_fast`'s `keep_colors`.
        size: longest side in pixels.
        mask: a file, "" for none.
    """

    photo: str
    painting: str
    second: str = ""
    mixture: float = 0.5
    strength: float = 1.0
    strokes: float = 1.0
    colors: bool | str = False
    size: int = 256
    mask: str = ""

    @property
    def styles(self) -> list[tuple[str, float]]:
        """[(painting or built-in style, its share)], without those that count nothing."""
        both = [(self.painting, 1 - self.mixture), (self.second, self.mixture)]
        if not self.second:
            return [(self.painting, 1.0)]
        return [(name, round(share, 4)) for name, share in both if share > 0]

    @property
    def knobs(self) -> Knobs:
        """Those arguments of `paint_fast` that are not at their defaults, and the size."""
        turned = {CALLED[name]: getattr(self, name) for name, usual in USUAL.items()
                  if getattr(self, name) != usual}
        return {"size": self.size, **turned, **({"mask": self._masks()} if self.mask else {})}

    @property
    def can_be_finished(self) -> bool:
        """Whether there are paintings to look at: a built-in style has none."""
        return not any(name.startswith(BUILT_IN) for name, _ in self.styles)

    def _masks(self):
        """As `paint_fast` and `stylize` want it: one for each painting."""
        count = len(self.styles)
        return self.mask if count == 1 else [self.mask] * count


def paint(wish: Wish) -> Tensor:
    """The picture, (1, 3, H, W), in [0, 1].

    Raises:
        ImageError: a picture that cannot be read, or is too small.
    """
    shares = [share for _, share in wish.styles]
    styles = [_hand(name, wish.colors) for name, _ in wish.styles]
    return paint_fast(_photo(wish.photo, _changed(wish.photo), wish.size), styles, device=CPU,
                      shares=shares if len(shares) > 1 else None, **wish.knobs).image


def code(wish: Wish, imports: bool = True) -> str:
    """Python code that makes the picture.

    Args:
        wish: what is painted.
        imports: with its import.
    """
    styles = [_source(name) for name, _ in wish.styles]
    knobs = dict(wish.knobs)
    if len(styles) > 1:
        knobs["shares"] = [share for _, share in wish.styles]
    arguments = ", ".join(f"{name}={_literal(value)}" for name, value in knobs.items())
    pictures = f"{_literal(wish.photo)}, {_literal(styles[0] if len(styles) == 1 else styles)}"
    call = f"picture = paint_fast({pictures},\n    {arguments}).image"
    return f"from stylelib import paint_fast\n\n{call}" if imports else call


def recipe(wish: Wish, steps: int = 0) -> Recipe:
    """The recipe of the picture.

    What was painted at once, `paint_fast` and `stylelib stylize --recipe` make again. What the optimisation
    went on with, `stylize` makes again if strength and strokes are the usual ones: else its start is another.

    Args:
        wish: what was painted at once.
        steps: of the optimisation that went on from there.
    """
    shares = [share for _, share in wish.styles]
    knobs = {**wish.knobs, **({"style_shares": shares} if len(shares) > 1 else {})}
    if steps:
        knobs.update(init="fast", style_weight=finishing(wish)["style_weight"], stopped=steps)
    return recipe_of(wish.photo, [_source(name) for name, _ in wish.styles], fast=not steps, **knobs)


def read_line(line: str, now: Wish, photos: Mapping[str, str], paintings: Mapping[str, str],
              masks: Mapping[str, str]) -> tuple[Wish, int]:
    """What a recipe wishes, and how many steps of the optimisation it has besides.

    Args:
        line: the recipe.
        now: how the knobs stand: a mixture of one painting stays as it is.
        photos, paintings, masks: {name in a recipe: file}. Of paintings also {"style:7": "style:7"}.

    Raises:
        ValueError: it is no recipe, or one that the studio cannot follow.
    """
    said = parse_recipe(line)
    if len(said.paintings) > 2:
        raise ValueError(tr("the studio mixes two paintings, and this recipe has {count}",
                            count=len(said.paintings)))
    knobs, shares = said.knobs, said.knobs.get("style_shares", (1.0, 1.0))
    first, second, *_ = (*(_found(name, paintings, NO_PAINTING) for name in said.paintings), "")
    mask = _found(knobs["mask"][0], masks, NO_MASK) if knobs.get("mask") else ""
    if len(set(knobs.get("mask", ()))) > 1:
        raise ValueError(tr("the studio takes one mask, and this recipe has several"))
    wish = Wish(_found(said.photo, photos, NO_PHOTO), first, second, mask=mask,
                mixture=shares[1] / sum(shares) if second else now.mixture,
                strength=knobs.get("strength", 1.0), strokes=knobs.get("style_scale", 1.0),
                colors=knobs.get("keep_colors", False), size=knobs.get("size", Settings.size))
    implied = {"init": "fast", "style_weight": finishing(wish)["style_weight"]}
    for name, value in knobs.items():
        if name not in FOLLOWED and value not in (DEFAULTS[name], implied.get(name)):
            raise ValueError(tr("the studio has no knob for the recipe's {name}: `stylelib stylize --recipe` "
                                "takes it", name=name))
    return wish, knobs.get("stopped", 0 if "fast" in knobs else knobs.get("steps", Settings.steps))


def finishing(wish: Wish) -> Knobs:
    """Arguments of `stylize_steps`, without steps, that go on from the picture of a wish.

    The weaker the style, the less it weighs: a tenth at half strength.
    """
    styles = [name for name, _ in wish.styles]
    return {"content": wish.photo, "style": styles[0] if len(styles) == 1 else styles, "size": wish.size,
            "init": "auto", "style_weight": float(f"{10 ** (2 * (wish.strength - 1)):.2g}"),
            "style_shares": [share for _, share in wish.styles] if len(styles) > 1 else None,
            "style_scale": wish.strokes, "keep_colors": wish.colors,
            **({"mask": wish.knobs["mask"]} if wish.mask else {})}


def stroke_size(wish: Wish, steps: int = 0) -> float:
    """How long the painting's longest side is where its strokes are as large as the picture's, in pixels.

    One pass looks at a square of 256 px; the optimisation at a painting as large as the picture.
    """
    return wish.strokes * (wish.size if steps else SEEN)


def style_samples(photo: str) -> dict[str, str]:
    """{"style:7": the address of a small picture in that style} of all built-in ones, for a style sheet."""
    return _samples(photo, _changed(photo))


@functools.lru_cache(maxsize=4)
def _samples(path, changed):
    painter, image = many_styles_on(CPU), load_image(path, 3 * THUMBNAIL[0])
    with torch.no_grad():
        painted = painter(image.expand(STYLES, -1, -1, -1), torch.eye(STYLES))
    return {f"{BUILT_IN}{number}": small_address(picture[None], *THUMBNAIL)
            for number, picture in enumerate(painted)}


def _hand(name, colors):
    """A style as `paint_fast` takes it: looked at once, if the photo's colours do not change it before."""
    if name.startswith(BUILT_IN):
        return _source(name)
    return name if colors else _hand_of_file(name, _changed(name))


@functools.lru_cache(maxsize=16)
def _hand_of_file(path, changed):
    return hand_of_painting(path, CPU)


@functools.lru_cache(maxsize=4)
def _photo(path, changed, size):
    return load_image(path, size)


def _changed(path):
    """When a file was written: another one of its name is another picture. 0 if there is none."""
    return os.path.getmtime(path) if os.path.exists(path) else 0


def _source(name):
    return int(name.removeprefix(BUILT_IN)) if name.startswith(BUILT_IN) else name


def _literal(value: Any) -> str:
    """As Python code, with double quotes."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _found(name, known, complaint):
    if name not in known:
        raise ValueError(tr(complaint, name=name))
    return known[name]
