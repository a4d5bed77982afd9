"""What the playground says in words: about its picture, its state, its code."""
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from ...prepare import choose_start
from ...settings import Settings
from .painter import Part, knobs_of

# What a start looks like, for those who cannot see it
STARTS = {"content": "The photo {photo}", "style": "The painting {painting}, faded",
          "noise": "Grey with a little noise",
          "fast": "The photo {photo}, painted like {painting} in one pass"}


@dataclass(frozen=True, eq=False)
class Now:
    """What a panel is about at one moment, collected under a lock.

    Attributes:
        settings: as the knobs stand, see `Playground.settings`.
        state, picture, history, turns, parts, progress, error: see `Painter`.
        seconds_left: until this part is finished; None while nothing is known.
        hint: what the next press of a button will do; "" where that is plain.
        code: of the picture that is seen, or will be; "" where there is none yet.
    """

    settings: Mapping[str, Any]
    hint: str
    code: str
    state: str = "ready"
    picture: Tensor | None = None
    history: Sequence[tuple[int, Mapping[str, float]]] = ()
    turns: Sequence[int] = ()
    parts: Sequence[Part] = ()
    progress: float = 0.0
    seconds_left: float | None = None
    error: Exception | None = None


def alternative(now: Now) -> str:
    """What the picture shows, for those who cannot see it."""
    photo, painting = name_of(now.settings["content"]), name_of(now.settings["style"])
    if now.picture is None:
        knobs = Settings(**knobs_of(dict(now.settings)))
        start = STARTS[choose_start(knobs, knobs.size)]
        return f"{start.format(photo=photo, painting=painting)}, from which the painting will start"
    styles = dict.fromkeys(name_of(part.settings["style"]) for part in now.parts)
    return f"The photo {photo}, painted in the style of {', then of '.join(styles)}"


def report(now: Now) -> str:
    """How far it is, as HTML: a table of facts, and the hint."""
    facts: dict[str, Any] = {"State": now.state, "Evaluations": now.history[-1][0] if now.history else 0}
    if now.state == "painting":
        left = now.seconds_left
        facts["Time left"] = "..." if left is None else f"about {_duration(left)}"
    if now.history:
        facts.update({name: f"{value:.2g}" for name, value in now.history[-1][1].items()})
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items())
    ended = now.state if now.state != "painting" else ""
    heard = f'<div role="status" class="unseen">{ended}</div>'            # it is seen in the table
    return f'<dl class="facts">{rows}</dl>{heard}<div role="status">{html.escape(now.hint)}</div>'


def recipe(now: Now) -> str:
    """The code of the picture, as HTML: never of any other than the one that is seen, or will be."""
    if not now.code:
        return ("Knobs were turned on the way: after Pause or at the end, the code of the picture is "
                "shown here.")
    if now.state == "painting":
        words = "When it is finished, this code makes the same:"
    elif now.picture is None:
        words = "Start does the same as this code:"
    else:
        words = "This code makes the picture above:"
    return f"{words}<pre><code>{html.escape(now.code.strip())}</code></pre>"


def complaint(error: Exception) -> str:
    """An error as HTML. Ours are sentences already; of any other, its name helps whoever is asked."""
    known = isinstance(error, ValueError | ArithmeticError | OSError)
    text = str(error) if known and str(error) else f"{type(error).__name__}: {error}"
    return f'<div class="bad" role="alert"><b>This did not work.</b> {html.escape(text)}</div>'


def success(text: str) -> str:
    """Good news, as HTML."""
    return f'<div class="good" role="status">{text}</div>'


def name_of(path: str | Path) -> str:
    """What a picture file is called on the page."""
    return Path(path).stem.replace("_", " ")


def _duration(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
