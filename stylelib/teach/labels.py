"""What hangs beside a picture: its label, and what it shows for those who cannot see it."""
from collections.abc import Sequence
from dataclasses import dataclass

from ..engine.credits import Credit
from ..engine.language import mark, tr, tr_count
from ..engine.recipe import Recipe

NOTHING = mark("Nothing is known about how this picture was made.")
NO_RIGHTS = mark("nobody says whose it is, or under which licence")


@dataclass(frozen=True)
class Label:
    """A wall label.

    Attributes:
        title: of the picture.
        artist: who made it; "" if nobody says.
        alt: what it shows, for those who cannot see it.
        medium: as "oil on canvas" stands on other labels.
        sources: a sentence about each painting and the photo: what it is, and whose.
        statement: the artist's words about this picture.
        line: the recipe, to be copied; "" if there is none.
    """

    title: str
    artist: str
    alt: str
    medium: str
    sources: tuple[str, ...] = ()
    statement: str = ""
    line: str = ""


def label_of(recipe: Recipe | None, file: str, sides: Sequence[int], title: str = "",
             artist: str = "") -> Label:
    """The label of a picture.

    Args:
        recipe: that its file carries; None if it carries none.
        file: its name, which is all that is known without a recipe.
        sides: width and height in px.
        title, artist: what the series says of it; the recipe's own words go first.
    """
    size = f"{sides[0]} × {sides[1]} px"
    if recipe is None:
        name = title or file
        return Label(name, artist, tr("{picture}: a picture of which nothing else is known", picture=name),
                     size, (tr(NOTHING),))
    photo, paintings = _what(recipe, recipe.photo), [_what(recipe, name) for name in recipe.paintings]
    way = (tr("Neural style transfer in one pass, {size}", size=size) if recipe.knobs.get("fast")
           else tr("Neural style transfer step by step, {size}", size=size))
    # Translators: a painting or photo, and whose it is: "The Great Wave; Hokusai, public domain"
    sources = [*(tr("After {painting}.", painting=_told(recipe, name)) for name in recipe.paintings),
               tr("Photo: {photo}.", photo=_told(recipe, recipe.photo))]
    # Translators: between two paintings: "in the manner of A and of B"
    both = tr(" and of ")
    alt = tr("{photo}, painted in the manner of {paintings}", photo=_capital(photo),
             paintings=both.join(paintings))
    return Label(recipe.title or title or _capital(photo), recipe.artist or artist, alt, way,
                 tuple(sources), recipe.statement, recipe.line)


def _told(recipe, name):
    """A photo or painting, and whose it is."""
    credit = recipe.credits.get(name, Credit())
    rights = tr(credit.rights) or ("" if name.startswith("style:") else tr(NO_RIGHTS))
    what = _what(recipe, name)
    return tr("{picture}; {rights}", picture=what, rights=rights) if rights else what


def _what(recipe, name):
    """What a photo or painting is, or at least what its file is called."""
    if name.startswith("style:"):
        numbers = [pair.partition("=")[0] for pair in name.removeprefix("style:").split(",")]
        return tr_count("built-in style {numbers}", "built-in styles {numbers}", len(numbers),
                        numbers=", ".join(numbers))
    if name.endswith(".safetensors"):
        return tr("the network {name}", name=name.removesuffix(".safetensors"))
    credit = recipe.credits.get(name)
    return tr(credit.what) if credit and credit.what else name.replace("_", " ")


def _capital(text):
    return text[:1].upper() + text[1:]
