"""A series for the wall: its files as they are read, and a picture painted again from its own label."""
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from ..engine.language import tr
from ..engine.recipe import PICTURES, Recipe
from ..engine.writing import FORMATS

WORDS = "series.json"       # beside the pictures: {"artist", "title", "statement", "pictures": {file: title}}
NETWORK = {"network": "vgg19", "weights": "auto", "pooling": "max"}


@dataclass(frozen=True)
class Series:
    """What lies in a folder.

    Attributes:
        files: the pictures, in the order in which they shall hang.
        words: what series.json says; {} if there is none.
        titles: {file name: title}.
    """

    files: list[Path]
    words: dict[str, Any] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


def read_series(folder: Path) -> Series:
    """The pictures of a folder, and what its series.json says.

    Raises:
        ValueError: no such folder, or a series.json that cannot be read or is no JSON object.
    """
    if not folder.is_dir():
        raise ValueError(tr("there is no folder {folder}: give the one that holds the series", folder=folder))
    words = {}
    if (folder / WORDS).is_file():
        try:
            words = json.loads((folder / WORDS).read_text("utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise ValueError(tr("{file} cannot be read: save it as JSON, in UTF-8 ({error})", file=WORDS,
                                error=error)) from None
        if not isinstance(words, dict):
            raise ValueError(tr("{file} must hold {example}, and holds a {type}", file=WORDS,
                                example='{"title": ..., "statement": ...}', type=type(words).__name__))
    told = words.get("pictures")
    titles = {name: str(title) for name, title in told.items()} if isinstance(told, dict) else {}
    files = sorted((path for path in folder.iterdir() if path.suffix.lower() in FORMATS and path.is_file()
                    and path.name[0] not in "._"), key=lambda path: path.name.casefold())
    order = {name: place for place, name in enumerate(titles)}
    return Series(sorted(files, key=lambda path: order.get(path.name, len(order))), words, titles)


def remake(recipe: Recipe, sources: Path) -> Tensor:
    """Paint a picture again from what its label says.

    Args:
        recipe: that it carries.
        sources: a folder that holds the photo, the paintings and the masks, at any depth. They are known by
            their names only.

    Returns:
        (1, 3, H, W), in [0, 1].

    Raises:
        ValueError: a picture of that name is not there, or is there twice; or the recipe cannot be repeated,
            since somebody stopped it.
    """
    from ..fast.paint import paint_fast
    from ..networks import load_network
    from ..transfer import stylize
    if "stopped" in recipe.knobs:
        raise ValueError(tr("its painting was stopped after {steps} steps, which no recipe can repeat: paint "
                            "it to the end", steps=recipe.knobs["stopped"]))
    knobs = {name: value for name, value in recipe.knobs.items() if name not in ("fast", *NETWORK)}
    knobs |= {name: [_find(mask, sources) for mask in knobs[name]] for name in PICTURES if name in knobs}
    photo, paintings = _find(recipe.photo, sources), [_find(name, sources) for name in recipe.paintings]
    if recipe.knobs.get("fast"):
        knobs["shares"] = knobs.pop("style_shares", None)
        return paint_fast(photo, paintings, **knobs).image
    name, weights, pooling = (recipe.knobs.get(knob, usual) for knob, usual in NETWORK.items())
    network = load_network(name, None if weights in ("random", "None", "none") else weights, pooling)
    return stylize(photo, paintings, **knobs, network=network, progress=False).image


def _find(name, sources):
    """A picture by its name; a built-in style as `paint_fast` takes it."""
    if name.startswith("style:"):
        parts = [part.partition("=") for part in name.removeprefix("style:").split(",")]
        return {int(number): float(weight or 1) for number, _, weight in parts}
    found = [path for path in sorted(sources.rglob("*")) if name in (path.stem, path.name) and path.is_file()
             and path.suffix.lower() in (*FORMATS, ".safetensors")]
    if len(found) != 1:
        raise ValueError(tr("{count} pictures called {name!r} are in {folder}: there must be one",
                            count=len(found), name=name, folder=sources) if found else
                         tr("no pictures called {name!r} are in {folder}: there must be one", name=name,
                            folder=sources))
    return found[0]
