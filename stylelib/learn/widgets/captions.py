"""What the studio says in words about the picture that is seen."""
from .easel import BUILT_IN, Wish
from .words import name_of


def painting_name(painting: str) -> str:
    """What a painting or built-in style is called: "starry night", "style 7"."""
    if painting.startswith(BUILT_IN):
        return f"style {painting.removeprefix(BUILT_IN)}"
    return name_of(painting)


def caption(wish: Wish, steps: int) -> str:
    """How the picture was painted, in a few words, to stand below it."""
    styles = wish.styles
    words = " and ".join(painting_name(name) if len(styles) == 1 else f"{share:.0%} {painting_name(name)}"
                         for name, share in styles)
    strength = f", strength {wish.strength:.0%}" if wish.strength < 1 else ""
    return f"{words}{strength}, {f'painted on for {steps} steps' if steps else 'in one pass'}"


def alternative(wish: Wish, steps: int) -> str:
    """What the picture shows, for those who cannot see it."""
    part = "; only where the mask says so" if wish.mask else ""
    return f"The photo {name_of(wish.photo)}, painted like {caption(wish, steps)}{part}"
