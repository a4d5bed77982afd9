"""The judge: our checkers, in our process, decide about a function that lives in a learner's process.

A checker calls the function as always. The call goes over a pipe, and so do gradients: autograd's way back
leads through the learner's process, too. So nothing that a learner's code does to its own process, to
`stylelib.check` or to PyTorch reaches the verdict.

Three checkers look at *how* an answer works, at hooks and at an optimiser's steps, and must be where it is.
Whatever they say is believed only if fresh numbers from here come back right: see CONFIRMED.
"""
import builtins
import pickle
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ..engine.language import language, mark, tr
from ..learn import check
from ..learn.check.springs import Springs
from ..learn.check.training import Loss, Network, Painter
from ..learn.check.verdict import Verdict, equal, judged
from .sandbox import Sandbox
from .wire import Garbled, receive, send, tensors_in, unpack
from .work import Answer, Exercise

STOPPED, MISSING = "stopped", "missing"
# Translators: these are about a learner's answer, a function that runs in a process of its own
TOO_SLOW = mark("it had not ended after {seconds:g} s: an endless loop?")
ENDED = mark("its process ended in the middle: by sys.exit or os._exit, for want of memory, or by a crash")
TOO_MUCH = mark("what its process sent back could not be read, or was far too much")
NOT_CONFIRMED = mark("Not yet: the checker was content, but with fresh numbers the answer is wrong")


class Stopped(BaseException):
    """A learner's process has given no answer. Not an Exception: no checker may take it for one."""


def judge(exercise: Exercise, answer: Answer, sandbox: Sandbox, seconds: float) -> Verdict:
    """The verdict about an answer.

    Args:
        exercise: of the course.
        answer: of a learner.
        sandbox: what starts processes for learners' code.
        seconds: that the answer may take altogether.

    Returns:
        Verdict, of status "correct", "wrong", "not attempted", or "stopped".
    """
    remote = Remote(sandbox, seconds)
    checker = getattr(check, exercise.checker)
    task = {"prelude": exercise.prelude, "own": answer.own, "source": answer.source, "seconds": seconds,
            "function": exercise.function, "checker": exercise.checker, "language": language(),
            **sandbox.numbers}
    try:
        return _verdict(checker, remote, task)
    except Stopped as stopped:
        sandbox.end()
        return Verdict(exercise.checker, STOPPED, str(stopped))
    except Exception as error:      # noqa: BLE001 - a reply of a form that nobody foresaw
        sandbox.end()
        return Verdict(exercise.checker, STOPPED, f"{tr(TOO_MUCH)} ({type(error).__name__})")


def _verdict(checker, remote, task):
    try:
        known = remote.begin(task)
    except Exception as error:      # noqa: BLE001 - of the learner's cell: the checker explains it
        return _done(remote, judged(checker, _raising(error)))
    if not known:
        return _done(remote, judged(checker, None))
    name = task["checker"]
    if name not in CONFIRMED:
        return _done(remote, judged(checker, remote))
    said = remote.ask("judge", None)
    verdict = Verdict(name, *(str(said[part]) for part in ("status", "message")))
    if verdict.status not in ("correct", "wrong", "not attempted"):
        raise Stopped(tr(TOO_MUCH))
    if verdict and not _confirmed(CONFIRMED[name], remote):
        verdict = Verdict(name, "wrong", tr(NOT_CONFIRMED))
    return _done(remote, verdict)


def _done(remote, verdict):
    remote.done()
    return verdict


def _raising(error):
    def answer(*_):
        raise error
    return answer


class Remote:
    """A learner's function as seen from here. What it raises there, it raises here.

    Args:
        sandbox: where its process is.
        seconds: how long it may take in all, in its process.
    """

    def __init__(self, sandbox: Sandbox, seconds: float):
        self.sandbox, self.seconds, self.left, self.calls = sandbox, seconds, seconds, 0

    def begin(self, task: dict[str, Any]) -> bool:
        """Send the exercise. Returns whether there is something that can be called."""
        return bool(self._exchange(pickle.dumps(task))["callable"])

    def done(self) -> None:
        """Let the process end, and the next exercise begin."""
        try:
            send(self.sandbox.calls, pickle.dumps(("done", None)))
        except OSError:
            self.sandbox.end()

    def __call__(self, *arguments: Any) -> Any:
        inputs = list(tensors_in(arguments))
        said = self.ask("call", {"arguments": arguments, "leaves": [tensor.is_leaf for tensor in inputs],
                                 "gradients": torch.is_grad_enabled()})
        number, self.calls = self.calls, self.calls + 1
        _changed_alike(arguments, inputs, said)
        value = said["value"]
        if isinstance(value, Tensor) and value.requires_grad and any(t.requires_grad for t in inputs):
            return Far.apply(self, number, value.detach(), *inputs)
        return value

    def ask(self, name: str, argument: Any) -> Any:
        """What a method of the learner's `Answerer` returns."""
        return self._exchange(pickle.dumps((name, argument)))

    def _exchange(self, message):
        try:
            with self.sandbox.watched(max(self.left, 0.01)) as watch:
                send(self.sandbox.calls, message)
                said = unpack(receive(self.sandbox.replies))
        except Garbled:
            raise Stopped(tr(TOO_MUCH)) from None
        except (EOFError, OSError):
            why = tr(TOO_SLOW, seconds=self.seconds) if watch.rang else tr(ENDED)
            raise Stopped(why) from None
        self.left -= watch.seconds
        if not isinstance(said, dict):
            raise Stopped(tr(TOO_MUCH))
        if "error" in said:
            raise _error(str(said["error"]), str(said["message"]))
        return said


def _changed_alike(arguments: Sequence[Any], inputs: Sequence[Tensor], said: dict[str, Any]) -> None:
    """What the answer did to its arguments there, done to those here: the checkers look at them."""
    with torch.no_grad():
        for index, now in said["changed"]:
            inputs[index].data.copy_(now)
    for index, keys in said["keys"]:
        for key in set(arguments[index]) - set(keys):
            del arguments[index][key]
        arguments[index].update({key: None for key in keys if key not in arguments[index]})


def _error(name: str, message: str) -> Exception:
    """An exception of the same name that says the same."""
    known = getattr(builtins, name, None)
    base = known if isinstance(known, type) and issubclass(known, Exception) else Exception
    kind = type(name if name.isidentifier() else "Exception", (base,), {"__str__": lambda _: message})
    return kind.__new__(kind)       # type: ignore[call-overload]


class Far(torch.autograd.Function):
    """A value from a learner's process, with the way back to what it was made from."""

    @staticmethod
    def forward(ctx: Any, remote: Remote, number: int, value: Tensor, *inputs: Tensor) -> Tensor:
        """The value as it came."""
        ctx.remote, ctx.number = remote, number
        return value.clone()

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> Any:
        """Gradients toward the inputs, asked for there."""
        said = ctx.remote.ask("gradients", (ctx.number, above[0].detach().clone()))
        return (None, None, None, *said["gradients"])


# --- What is looked at inside a learner's process, once more from here -------------------------------------

def _confirmed(test: Callable[[Remote, torch.Generator], bool], remote: Remote) -> bool:
    try:
        return bool(test(remote, torch.Generator().manual_seed(secrets.randbelow(2**31))))
    except Exception:       # noqa: BLE001 - whatever comes back or is raised there, it is not right
        return False


def _reads_layers(remote: Remote, fresh: torch.Generator) -> bool:
    """The output of each layer of a model whose weights nobody knows."""
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Tanh(), torch.nn.Conv2d(4, 5, 3))
    _shuffle(model, fresh)
    image = torch.rand(1, 3, 9, 8, generator=fresh)
    return all(equal(remote(model, index, image.clone()), model[:index + 1](image).detach())
               for index in (1, 2))


def _lowers(remote: Remote, fresh: torch.Generator) -> bool:
    """A loss whose minimum nobody knows is lower at the end, and the picture is one."""
    shape = (1, 3, 5, 8)
    image = 0.2 + 0.6 * torch.rand(shape, generator=fresh)
    loss = Springs(shape, fresh, ("content", "style"), 0)
    got = remote(image.clone(), loss, 40)
    goal = loss.value(torch.stack(list(loss.targets.values())).mean(0))
    fell = (loss.value(image) - loss.value(got)) / (loss.value(image) - goal)
    return got.shape == image.shape and 0 <= got.min() and got.max() <= 1 and fell > 0.15


def _trains(remote: Remote, fresh: torch.Generator) -> bool:
    """The first loss of a painter whose weights nobody knows, and weights that have moved."""
    painter, network = Painter(), Network()
    _shuffle(painter, fresh)
    _shuffle(network, fresh)
    photos = [torch.rand(1, 3, 12, 16, generator=fresh) for _ in range(5)]
    loss = Loss(torch.rand(1, 3, 15, 11, generator=fresh), network)
    with torch.no_grad():
        first = float(sum(loss.terms(painter(photos[0]), photos[0], network)))
    said = remote.ask("weights", (painter, network, photos, loss))
    moved = [not torch.equal(said["weights"][name], weight.detach())
             for name, weight in painter.named_parameters()]
    return len(said["value"]) == 5 and abs(said["value"][0] - first) <= 1e-3 * first and any(moved)


def _shuffle(model, fresh):
    """Weights by chance, some of them large enough to matter."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=fresh) / 3)


CONFIRMED: dict[str, Callable[[Remote, torch.Generator], bool]] = {
    "read_layer": _reads_layers, "transfer": _lowers, "training_bug": _trains}
