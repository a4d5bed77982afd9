"""What the studio says in words about the picture that is seen."""
from pathlib import Path

from ...engine.language import tr, tr_count
from ..names import name_of
from .easel import BUILT_IN, Wish


def painting_name(painting: str) -> str:
    """What a painting or built-in style is called: "starry night", "style 7"."""
    if painting.startswith(BUILT_IN):
        # Translators: one of the 26 built-in styles
        return tr("style {number}", number=painting.removeprefix(BUILT_IN))
    return name_of(painting)


def file_stem(painting: str) -> str:
    """What it is called in the name of a file: "starry_night", "style_7"."""
    return Path(painting).stem.replace(":", "_").replace(" ", "_")


def caption(wish: Wish, steps: int) -> str:
    """How the picture was painted, in a few words, to stand below it."""
    painting, strength = _paintings(wish), wish.strength
    if strength == 1 and not steps:
        return tr("{painting}, in one pass", painting=painting)
    if strength == 1:
        return tr_count("{painting}, painted on for {n} step", "{painting}, painted on for {n} steps", steps,
                        painting=painting)
    if not steps:
        return tr("{painting}, strength {strength:.0%}, in one pass", painting=painting, strength=strength)
    return tr_count("{painting}, strength {strength:.0%}, painted on for {n} step",
                    "{painting}, strength {strength:.0%}, painted on for {n} steps", steps,
                    painting=painting, strength=strength)


def alternative(wish: Wish, steps: int) -> str:
    """What the picture shows, for those who cannot see it."""
    photo, how = name_of(wish.photo), caption(wish, steps)
    # Translators: {how} is such as "starry night, strength 40%, in one pass"
    if wish.mask:
        return tr("The photo {photo}, painted like {how}; only where the mask says so", photo=photo, how=how)
    return tr("The photo {photo}, painted like {how}", photo=photo, how=how)


def _paintings(wish):
    """The painting, or both with their shares."""
    if len(wish.styles) == 1:
        return painting_name(wish.styles[0][0])
    (first, share), (second, rest) = wish.styles
    return tr("{share:.0%} {first} and {rest:.0%} {second}", share=share, first=painting_name(first),
              rest=rest, second=painting_name(second))
