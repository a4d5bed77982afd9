"""A style transfer in the background: start, pause, turn a knob, continue. Knows nothing of widgets."""
import atexit
import functools
import json
import threading
import time
import weakref

from ..networks import load_network
from ..transfer import stylize_steps

DEFAULTS = {"init": "content", "style_weight": 1.0, "style_layers": None, "tv_weight": 0.0, "keep_colors": False}
_painters = weakref.WeakSet()


class Painter:
    """Paints in a thread of its own, and can be stopped at every step.

    A paused transfer is a generator that nobody asks for the next step, so nothing runs while it waits. When a knob is
    turned, that generator is dropped, and a new one starts from the picture as it is.

    Args:
        steps: updates of the picture from each start, and after each turn of a knob.
        on_change: function without arguments, called (in the thread) after each step and at the end.

    Attributes:
        state: "ready", "painting", "paused", "finished" or "failed".
        picture: (1, 3, H, W), None before the first step.
        history: [(evaluations, {term: loss})].
        turns: evaluations at which a knob was turned.
        parts: [[settings, steps]], what made the picture so far: so many updates with these settings, the first from its
            own start, each other one from the picture of the one before.
        progress, seconds: share of this part's work that is done, and the time that it took.
        error: the exception that ended a failed transfer.
    """

    def __init__(self, steps, on_change):
        self.steps, self.on_change = steps, on_change
        self.lock = threading.RLock()
        self._thread, self._work = None, None
        self.reset()
        _painters.add(self)

    @property
    def evaluations(self):
        """Losses and gradients computed so far."""
        return self.history[-1][0] if self.history else 0

    @property
    def seconds_left(self):
        """Until this part is finished, at the speed so far; None while nothing is known."""
        return self.seconds * (1 - self.progress) / self.progress if self.progress else None

    @property
    def preparing(self):
        """Whether no step has come yet from the settings as they are: the targets are being computed."""
        return self.state == "painting" and (self._steps is None or not self.parts[-1][1])

    def reset(self):
        """Forget the picture. What is being computed ends with the current step, and is thrown away."""
        with self.lock:
            self._stop()
            self.state, self.picture, self.error = "ready", None, None
            self.history, self.turns, self.parts = [], [], []
            self.progress, self.seconds = 0.0, 0.0
            self._settings, self._steps = None, None

    def start(self, settings):
        """Begin anew, in the background, with these arguments of `stylize`."""
        with self.lock:
            self.reset()
            self.resume(settings)

    def resume(self, settings):
        """Go on from the picture as it is. With other settings than before, or after the end, a new part begins."""
        with self.lock:
            if self.state == "painting":
                self.turn(settings)
                return
            if self.state in ("finished", "failed"):
                self._steps = None
            self.turn(settings)
            self.state, self.error = "painting", None
            self._work = work = threading.Event()       # set: this thread is to end
            self._thread = threading.Thread(target=self._paint, args=(work, self._thread), name="playground", daemon=True)
            self._thread.start()

    def turn(self, settings):
        """Take other settings from the next step on. Where to start (`init`) counts at the start only."""
        with self.lock:
            if self.differs(settings):
                if self._settings is not None:
                    settings = {**settings, "init": self._settings["init"]}
                self._settings, self._steps = dict(settings), None

    def differs(self, settings):
        """Whether these settings would begin a new part."""
        known = self._settings
        return known is None or {**settings, "init": known["init"]} != known

    def pause(self):
        """Stop after the current step, and keep everything."""
        with self.lock:
            if self.state == "painting":
                self.state = "paused"
                self._stop()

    def wait(self, timeout=None):
        """Wait until nothing runs any more; returns whether that is so."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def code(self):
        """Python code that makes the picture as it is now, to the last bit, however often a knob was turned."""
        parts = [part for part in self.parts if part[1]]
        if len(parts) == 1 and parts[0][1] == self.steps:
            return f"from stylelib import stylize\n\npicture = {call('stylize', parts[0][0], self.steps)}.image"
        lines = ["from itertools import islice", "", "from stylelib import stylize_steps", ""]
        for settings, steps in parts:
            painting = call("stylize_steps", settings, self.steps, goes_on="picture = " in lines[-1])
            lines += [f"*_, step = islice({painting}, {steps})", "picture = step.at_full_size()"]
        return "\n".join(lines)

    def _stop(self):
        if self._work is not None:
            self._work.set()

    def _paint(self, work, previous):
        if previous is not None:
            previous.join()                             # it may still be busy with its last step
        try:
            while not work.is_set():
                with self.lock:
                    if work.is_set():
                        break
                    steps = self._steps or self._begin()
                    part = self.parts[-1]
                started = time.perf_counter()
                step = next(steps, None)
                seconds = time.perf_counter() - started
                with self.lock:
                    if step is not None and part in self.parts[-1:]:     # else there was a reset meanwhile
                        self._record(step, seconds)
                    elif step is None and steps is self._steps and not work.is_set():
                        self.state = "finished"
                        self._stop()
                self.on_change()
        except Exception as error:                      # whatever it is, the panel has to show it: nobody else would
            with self.lock:
                self._steps = None                      # a generator that raised has no more steps to give
                if not work.is_set():
                    self.state, self.error = "failed", error
                    self._stop()
            self.on_change()

    def _begin(self):
        """A new part: from the start, or from the picture as it is."""
        if self.picture is None:
            self.parts, arguments = [], {}
        else:
            # The large shapes stand already, so there is no need to begin coarse again
            arguments = {"init": self.picture, "scales": 1}
            self.turns.append(self.evaluations)
        self.parts.append([self._settings, 0])
        self.progress, self.seconds, self._before = 0.0, 0.0, self.evaluations
        settings = {name: value for name, value in {**self._settings, **arguments}.items() if value is not None}
        self._steps = stylize_steps(steps=self.steps, network=_network(), **settings)
        return self._steps

    def _record(self, step, seconds):
        self.picture = step.at_full_size()
        self.history.append((self._before + step.evaluations, step.losses))
        self.parts[-1][1] += 1
        self.progress, self.seconds = step.progress, self.seconds + seconds


def call(function, settings, steps, goes_on=False):
    """A line of Python (broken in two, as it is long): the call of `function` with these settings, defaults left out.

    Args:
        function: "stylize" or "stylize_steps".
        settings: its arguments.
        steps: another one.
        goes_on: start from the variable `picture`.
    """
    settings = dict(settings)
    content, style, size = (settings.pop(name) for name in ("content", "style", "size"))
    arguments = [_literal(content), _literal(style), f"size={size}", f"steps={steps}"]
    if goes_on:
        del settings["init"]
    arguments += [f"{name}={_literal(value)}" for name, value in settings.items() if value != DEFAULTS[name]]
    if goes_on:
        arguments += ["init=picture", "scales=1"]
    return f"{function}({', '.join(arguments[:2])},\n    {', '.join(arguments[2:])})"


def _literal(value):
    return repr(value) if isinstance(value, bool | int | float) else json.dumps(value, ensure_ascii=False)


@functools.cache
def _network():
    """One for all panels; `stylize_steps` works on a copy."""
    return load_network()


@atexit.register
def _stop_all():
    """The interpreter must not go away under a thread that computes."""
    painters = list(_painters)
    for painter in painters:
        painter.pause()
    for painter in painters:
        painter.wait(5)
