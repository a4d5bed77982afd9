"""What the playground says in words: about its picture, its state, its code."""
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ...engine.language import mark, tr
from ...prepare import choose_start
from ...settings import Settings
from ..names import name_of
from .painter import Part, knobs_of

# What a start looks like, for those who cannot see it
STARTS = {"content": mark("The photo {photo}, from which the painting will start"),
          "style": mark("The painting {painting}, faded, from which the painting will start"),
          "noise": mark("Grey with a little noise, from which the painting will start"),
          "fast": mark("The photo {photo}, painted like {painting} in one pass, from which the painting will "
                       "start")}
STATES = mark("ready"), mark("paused"), mark("finished"), mark("failed")       # and "painting"


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
        return tr(STARTS[choose_start(knobs, knobs.size)], photo=photo, painting=painting)
    first, *others = dict.fromkeys(name_of(part.settings["style"]) for part in now.parts)
    said = tr("The photo {photo}, painted in the style of {painting}", photo=photo, painting=first)
    for name in others:
        # Translators: {said} is "The photo china, painted in the style of mosaic"
        said = tr("{said}, then of {painting}", said=said, painting=name)
    return said


def report(now: Now) -> str:
    """How far it is, as HTML: a table of facts, and the hint."""
    title = tr("State")
    # Translators: that it paints just now; elsewhere "painting" is a picture
    state = (tr("<dt>State</dt><dd>painting</dd>") if now.state == "painting" else
             f"<dt>{title}</dt><dd>{tr(now.state)}</dd>")
    facts: dict[str, Any] = {tr("Evaluations"): now.history[-1][0] if now.history else 0}
    if now.state == "painting":
        left = now.seconds_left
        facts[tr("Time left")] = "..." if left is None else _duration(left)
    if now.history:
        facts.update({tr(name): f"{value:.2g}" for name, value in now.history[-1][1].items()})
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items())
    ended = tr(now.state) if now.state != "painting" else ""
    heard = f'<div role="status" class="unseen">{ended}</div>'            # it is seen in the table
    return f'<dl class="facts">{state}{rows}</dl>{heard}<div role="status">{html.escape(now.hint)}</div>'


def recipe(now: Now) -> str:
    """The code of the picture, as HTML: never of any other than the one that is seen, or will be."""
    if not now.code:
        return tr("Knobs were turned on the way: after Pause or at the end, the code of the picture is shown "
                  "here.")
    if now.state == "painting":
        words = tr("When it is finished, this code makes the same:")
    elif now.picture is None:
        words = tr("Start does the same as this code:")
    else:
        words = tr("This code makes the picture above:")
    return f"{words}<pre><code>{html.escape(now.code.strip())}</code></pre>"


def complaint(error: Exception) -> str:
    """An error as HTML. Ours are sentences already; of any other, its name helps whoever is asked."""
    known = isinstance(error, ValueError | ArithmeticError | OSError | MemoryError)
    text = str(error) if known and str(error) else f"{type(error).__name__}: {error}"
    failed = tr("This did not work.")
    return f'<div class="bad" role="alert"><b>{failed}</b> {html.escape(text)}</div>'


def success(text: str) -> str:
    """Good news, as HTML."""
    return f'<div class="good" role="status">{text}</div>'


def _duration(seconds):
    return (tr("about {seconds:.0f} s", seconds=seconds) if seconds < 100 else
            tr("about {minutes:.0f} min", minutes=seconds / 60))
