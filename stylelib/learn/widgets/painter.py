"""A style transfer in the background: start, pause, turn a knob, continue. Knows nothing of widgets."""
import atexit
import functools
import json
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from ...engine.language import tr
from ...networks import Network, load_network
from ...settings import Settings, defaults
from ...transfer import TransferStep, stylize_steps

Knobs = dict[str, Any]          # arguments of `stylize`, without steps; files by their names
DEFAULTS = defaults()
_painters: weakref.WeakSet = weakref.WeakSet()


@dataclass
class Part:
    """A part of the work: updates of the picture with the same settings.

    Attributes:
        settings: arguments of `stylize`, without steps.
        steps: how many updates were made so far.
    """

    settings: Knobs
    steps: int = 0


@dataclass(frozen=True, eq=False)
class Origin:
    """A picture to go on from, that something else has painted.

    Attributes:
        picture: (1, 3, H, W), in [0, 1].
        code: Python code that makes it, as `picture`.
    """

    picture: Tensor
    code: str


class Painter:
    """Paints in a thread of its own, and can be stopped at every step.

    A paused transfer is a generator that nobody asks for the next step, so nothing runs while it waits. When
    a knob is turned, that generator is dropped, and a new one starts from the picture as it is.

    Args:
        steps: updates of the picture from each start, and after each turn of a knob.
        on_change: function without arguments, called (in the thread) after each step and at the end.

    Attributes:
        state: "ready", "painting", "paused", "finished" or "failed".
        picture: (1, 3, H, W), None before the first step.
        history: [(evaluations, {term: loss})].
        turns: evaluations at which a knob was turned.
        parts: what made the picture so far. The first part began from its own start, each other one from the
            picture of the one before.
        progress, seconds: the share of this part's work that is done, and the time that it took.
        error: the exception that ended a failed transfer.
    """

    state: str
    picture: Tensor | None
    history: list[tuple[int, dict[str, float]]]
    turns: list[int]
    parts: list[Part]
    progress: float
    seconds: float
    error: Exception | None

    def __init__(self, steps: int, on_change: Callable[[], None]):
        self.steps, self.on_change = steps, on_change
        self.lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._work: threading.Event | None = None
        self.reset()
        _painters.add(self)

    @property
    def evaluations(self) -> int:
        """Losses and gradients computed so far."""
        return self.history[-1][0] if self.history else 0

    @property
    def seconds_left(self) -> float | None:
        """Until this part is finished, at the speed so far; None while nothing is known."""
        return self.seconds * (1 - self.progress) / self.progress if self.progress else None

    @property
    def preparing(self) -> bool:
        """Whether it is still computing what to aim at: no step has been made with the present settings."""
        return self.state == "painting" and (self._steps is None or not self.parts[-1].steps)

    def reset(self) -> None:
        """Forget the picture. What is being computed ends with the current step, and is thrown away."""
        with self.lock:
            self._stop()
            self.state, self.picture, self.error = "ready", None, None
            self.history, self.turns, self.parts = [], [], []
            self.progress, self.seconds = 0.0, 0.0
            self._origin: Origin | None = None
            self._settings: Knobs | None = None
            self._steps: Iterator[TransferStep] | None = None

    def start(self, settings: Knobs, origin: Origin | None = None) -> None:
        """Begin from the start, in the background, with these arguments of `stylize`; or from a picture."""
        with self.lock:
            self.reset()
            self._origin = origin
            self.resume(settings)

    def resume(self, settings: Knobs) -> None:
        """Go on from the picture as it is.

        With other settings than before, or after the end, a new part begins. With another photo there is
        nothing to go on from: that is a start.
        """
        with self.lock:
            if not self.goes_on(settings):
                self.reset()
            if self.state == "painting":
                self.turn(settings)
                return
            if self.state in ("finished", "failed"):
                self._steps = None
            self.turn(settings)
            self.state, self.error = "painting", None
            self._work = work = threading.Event()       # set: this thread is to end
            self._thread = threading.Thread(target=self._paint, args=(work, self._thread), name="playground",
                                            daemon=True)
            self._thread.start()

    def turn(self, settings: Knobs) -> None:
        """Take other settings from the next step on. Where to start (`init`) counts until the first step.

        Raises:
            ValueError: another photo; that is for `start`.
        """
        with self.lock:
            if self._settings is not None and not self.goes_on(settings):
                raise ValueError(tr("this picture is of {old}: press Start for {new}",
                                    old=self._settings["content"], new=settings["content"]))
            if self.differs(settings):
                self._settings, self._steps = self._counting(settings), None

    def goes_on(self, settings: Knobs) -> bool:
        """Whether these settings can go on from the picture: it is of the same photo.

        Any other photo would shine through as a ghost.
        """
        return self._settings is None or settings["content"] == self._settings["content"]

    def differs(self, settings: Knobs) -> bool:
        """Whether these settings would begin a new part."""
        return self._settings is None or self._counting(settings) != self._settings

    def _counting(self, settings):
        """These settings, as far as they count: where to start does so only before the first step."""
        if self._settings is None or self.picture is None:
            return dict(settings)
        return {**settings, "init": self._settings["init"]}

    def pause(self) -> None:
        """Stop after the current step, and keep everything."""
        with self.lock:
            if self.state == "painting":
                self.state = "paused"
                self._stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing runs; returns whether that is so before the timeout."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    @property
    def painted(self) -> list[Part]:
        """The parts that have changed the picture, those with at least one step, as they are now."""
        return [replace(part) for part in self.parts if part.steps]

    def code(self, steps: int | None = None) -> str:
        """Python code that makes the picture as it is now, bit by bit, however often a knob was turned.

        Args:
            steps: as it was after so many steps, of all its parts; None is now.
        """
        parts, origin = self.painted, self._origin
        if steps is not None:
            parts = _first(parts, steps)
        if len(parts) == 1 and parts[0].steps == self.steps and origin is None:
            return whole(parts[0].settings, self.steps)
        lines = ["from stylelib import Settings, stylize_steps"] if origin is None else [
            "from stylelib import Settings, paint_fast, stylize_steps", "", origin.code]
        for part in parts:
            goes_on = origin is not None or part is not parts[0]
            pictures, knobs = _arguments(part.settings, self.steps, goes_on)
            knobs = f"Settings({knobs}){_mask(part.settings)}"
            lines += ["", f"for step in stylize_steps({pictures},\n        {knobs}):",
                      f"    if step.index == {part.steps}:", "        break",
                      "picture = step.at_full_size()"]
        return "\n".join(lines)

    def code_at_end(self) -> str:
        """Python code of the picture when it will be finished; "" if it is painted in more than one part."""
        parts = len(self.parts) if self._steps is not None else len(self.painted) + 1
        return whole(self._settings, self.steps) if self._settings is not None and parts == 1 else ""

    def _stop(self):
        if self._work is not None:
            self._work.set()

    def _paint(self, work, previous):
        if previous is not None:
            previous.join()                             # it may still be busy with its last step
        try:
            while not work.is_set():
                steps = self._present() or self._begin(work)
                if steps is not None:
                    self._step(steps, work)
                    self.on_change()
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody but the panel can show it
            with self.lock:
                self._steps = None                      # a generator that raised has no more steps to give
                if not work.is_set():
                    self.state, self.error = "failed", error
                    self._stop()
            self.on_change()

    def _present(self):
        """The steps of the settings as they are; None if they have not begun."""
        with self.lock:
            return self._steps

    def _begin(self, work):
        """A new part: from the start, or from the picture as it is.

        None if a button or a knob came in between.
        """
        with self.lock:
            settings, first = self._settings, self.picture is None
            picture = self._origin.picture if first and self._origin else self.picture
        # The large shapes are there already: no need to begin at a coarse size again
        goes_on = {} if picture is None else {"init": picture, "scales": 1}
        knobs = Settings(**{**knobs_of(settings), "steps": self.steps, **goes_on})
        # Without the lock: the network may have to be fetched, and Pause must not wait for that
        steps = stylize_steps(settings["content"], settings["style"], knobs, mask=settings.get("mask"),
                              network=shared_network())
        steps = (step for step in steps if step.index)      # the panel shows the start before there are steps
        with self.lock:
            if work.is_set() or settings is not self._settings:
                return None
            if not first:
                self.turns.append(self.evaluations)
            self.parts = [*self.painted, Part(settings)]
            self.progress, self.seconds, self._before = 0.0, 0.0, self.evaluations
            self._steps = steps
            return steps

    def _step(self, steps, work):
        """Ask for a step, which takes its time, and keep it unless there was a reset meanwhile."""
        with self.lock:
            if work.is_set() or steps is not self._steps:
                return
            part = self.parts[-1]
        started = time.perf_counter()
        step = next(steps, None)
        seconds = time.perf_counter() - started
        with self.lock:
            if step is not None and self.parts and self.parts[-1] is part:
                self._record(step, seconds)
            elif step is None and steps is self._steps and not work.is_set():
                self.state = "finished"
                self._stop()

    def _record(self, step, seconds):
        self.picture = step.at_full_size()
        self.history.append((self._before + step.evaluations, step.losses))
        self.parts[-1].steps += 1
        self.progress, self.seconds = step.progress, self.seconds + seconds


def _first(parts, steps):
    """Those parts, shortened, that the first so many steps were."""
    kept = []
    for part in parts:
        kept.append(replace(part, steps=min(part.steps, steps)))
        steps -= kept[-1].steps
    return [part for part in kept if part.steps]


def whole(settings: Knobs, steps: int) -> str:
    """Python code of a picture that is painted from the start to the end with these settings."""
    pictures, knobs = _arguments(settings, steps)
    knobs += _mask(settings)
    return f"from stylelib import stylize\n\npicture = stylize({pictures},\n    {knobs}).image"


def _arguments(settings, steps, goes_on=False):
    """(the pictures, the knobs) as Python code; of the knobs those that are not at their defaults.

    Args:
        settings: arguments of `stylize`, without steps.
        steps: the one that is missing there.
        goes_on: start from the variable `picture`.
    """
    knobs = knobs_of(settings)
    written = [f"size={knobs.pop('size')}", f"steps={steps}"]
    if goes_on:
        del knobs["init"]
    written += [f"{name}={_literal(value)}" for name, value in knobs.items() if value != DEFAULTS[name]]
    if goes_on:
        written += ["init=picture", "scales=1"]
    return f"{_literal(settings['content'])}, {_literal(settings['style'])}", ", ".join(written)


def _mask(settings):
    return f", mask={_literal(settings['mask'])}" if settings.get("mask") else ""


def knobs_of(settings: Knobs) -> Knobs:
    """What a `Settings` takes: without the two pictures."""
    return {name: value for name, value in settings.items() if name in DEFAULTS}


def _literal(value):
    return repr(value) if isinstance(value, bool | int | float) else json.dumps(value, ensure_ascii=False)


@functools.cache
def shared_network() -> Network:
    """One for all panels; `stylize_steps` works on a copy."""
    return load_network()


@atexit.register
def _stop_all():
    """Python must not end under a thread that still computes."""
    painters = list(_painters)
    for painter in painters:
        painter.pause()
    for painter in painters:
        painter.wait(5)
