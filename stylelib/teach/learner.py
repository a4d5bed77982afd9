"""The process in which a learner's code runs: `python -m stylelib.teach.learner`, in a sandbox.

It is told a learner's cells and one exercise at a time, and forks for each, so that what one cell breaks does
not reach the next. It answers with the values that the learner's function returns: the verdict is found
elsewhere, see `judge`.
"""
import ast
import contextlib
import os
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from ..engine.language import use_language
from ..learn import check, show  # show: nearly all notebooks import it, and it takes a second
from ..learn.check.verdict import judged
from .wire import Garbled, pack, receive, replaced, send, tensors_in

DONE = 77                   # exit status of a fork that was told to end
NOBODIES = 2**17            # the first of many users who are nobody
SPARE = 2 * 2**30           # bytes of memory that an answer may take, beyond what PyTorch has
PROCESSES = 32              # and threads: autograd needs a few
FILE = 16 * 2**20           # bytes of a file that it may write
LONGEST = 2000              # letters of an error that are passed on
__all__ = ["main", "show"]


def main() -> int:
    """Serve exercises from standard input, until it ends, or a fork of this process ends by itself."""
    calls, replies = _own_streams()
    torch.set_num_threads(1)
    replies.write(b"!")         # ready: from here on it is the learner's time
    while True:
        try:
            task = pickle.loads(receive(calls))
        except EOFError:
            return 0
        child = os.fork()
        if not child:
            try:
                _serve(task, calls, replies)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) != DONE:
            return 1


def _own_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output under other numbers: what a learner prints goes nowhere."""
    calls, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    # unbuffered: a fork must not read what is meant for the next one
    return open(calls, "rb", buffering=0), open(replies, "wb", buffering=0)


def _serve(task, calls, replies):
    """Answer calls until the message that ends them."""
    _limit(task)
    answer = Answerer(task)
    try:
        _reply(replies, _tried(answer.begin))
        while True:
            name, argument = pickle.loads(receive(calls, sys.maxsize))
            if name == "done":
                os._exit(DONE)
            _reply(replies, _tried(lambda name=name, argument=argument: getattr(answer, name)(argument)))
    except (EOFError, Garbled, OSError):
        os._exit(1)


def _reply(stream, value):
    send(stream, pack(value))


def _tried(function: Callable[[], Any]) -> dict[str, Any]:
    try:
        return function()
    except BaseException as error:      # noqa: BLE001 - whatever a learner's code raises, SystemExit too
        with contextlib.suppress(Exception):
            return {"error": type(error).__name__, "message": str(error)[:LONGEST]}
        return {"error": "Exception", "message": ""}


def _limit(task):
    """Little memory, no large file, few processes. Root becomes nobody, as that limit would not hold it."""
    import resource

    with contextlib.suppress(OSError):
        with open("/proc/self/statm") as file:      # not on macOS
            pages = int(file.read().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + SPARE,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (int(task["seconds"]) + 2,) * 2)
    # each sandbox another nobody, or one could use up the other's processes; where nobody may not read this
    # Python, as with --trust and a Python in root's home, imports of the learner's code would fail
    if os.getuid() == 0 and open_to_all(sys.base_prefix):
        nobody = NOBODIES + task["number"] % NOBODIES
        os.setgroups([])
        os.setgid(nobody)
        os.setuid(nobody)
    limit = task["processes"] + PROCESSES
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))


def open_to_all(folder: str) -> bool:
    """Whether every user of the system may enter a folder."""
    path = Path(folder)
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))


class Answerer:
    """A learner's function, called with what the judge sends.

    Args:
        task: {"prelude": [the notebook's imports, its knobs], "own": [the learner's other cells],
            "source": the answer's cell, "function": its name, "checker": of the exercise,
            "language": of its messages}.
    """

    def __init__(self, task: dict[str, Any]):
        self.task = task
        self.function: Any = None
        self.graphs: list[tuple[list[Tensor], Any]] = []       # inputs and output of each call

    def begin(self, *_: Any) -> dict[str, Any]:
        """Run the cells. An error counts only if it kept the function from being there."""
        space = {"__name__": "__main__"}
        for source in self.task["prelude"]:
            exec(compile(source, "<the notebook's imports and knobs>", "exec"), space)
        for source in self.task["own"]:
            _define(source, space)
        space.pop(self.task["function"], None)
        try:
            exec(_compiled(self.task["source"]), space)
        except BaseException:
            if self.task["function"] not in space:
                raise
        self.function = space[self.task["function"]]
        return {"callable": callable(self.function)}

    def call(self, given: dict[str, Any]) -> dict[str, Any]:
        """The function's value for {"arguments", "leaves": which tensors are, "gradients": are they on?}."""
        originals = list(tensors_in(given["arguments"]))
        handed = [tensor if leaf or not tensor.requires_grad else tensor.clone()
                  for tensor, leaf in zip(originals, given["leaves"])]
        before = [tensor.detach().clone() for tensor in handed]
        arguments = replaced(given["arguments"], iter(handed))
        keys = [list(each) if isinstance(each, dict) else None for each in arguments]
        with torch.set_grad_enabled(given["gradients"]):
            value = self.function(*arguments)
        self.graphs.append((originals, value))
        changed = [[index, now.detach()] for index, (now, old) in enumerate(zip(handed, before))
                   if now.shape == old.shape and not torch.equal(now.detach(), old)]
        other = [[index, list(each)] for index, (old, each) in enumerate(zip(keys, arguments))
                 if old is not None and list(each) != old]
        return {"value": value, "changed": changed, "keys": other}

    def gradients(self, given: tuple[int, Tensor]) -> dict[str, Any]:
        """Of an earlier call's value, toward its tensors: (number of the call, what comes from above)."""
        originals, value = self.graphs[given[0]]
        leaves = [tensor for tensor in originals if tensor.requires_grad]
        found = iter(torch.autograd.grad(value, leaves, given[1], retain_graph=True, allow_unused=True))
        return {"gradients": [next(found) if tensor.requires_grad else None for tensor in originals]}

    def judge(self, _: Any) -> dict[str, Any]:
        """What the checker says here, where a learner's code could have changed it: see `judge.CONFIRMED`."""
        use_language(self.task["language"])
        verdict = judged(getattr(check, self.task["checker"]), self.function)
        return {"status": verdict.status, "message": verdict.message}

    def weights(self, given: tuple[Any, ...]) -> dict[str, Any]:
        """What the function returns, and the weights that its first argument has afterwards."""
        value = self.function(*given)
        return {"value": value, "weights": {name: weight.detach() for name, weight in
                                            given[0].named_parameters()}}


def _define(source: str, space: dict[str, Any]) -> None:
    """Only what a cell of the learner's imports and defines: an answer may need it, and it is quick."""
    with contextlib.suppress(Exception):
        for part in ast.parse(_plain(source)).body:
            if isinstance(part, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)):
                with contextlib.suppress(Exception):
                    exec(compile(ast.Module([part], []), "<another cell>", "exec"), space)


def _compiled(source: str) -> Any:
    try:
        return compile(source, "<the answer>", "exec")
    except SyntaxError:
        return compile(_plain(source), "<the answer>", "exec")


def _plain(source: str) -> str:
    """Without IPython's own lines, %timeit and !ls."""
    return re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", source)


if __name__ == "__main__":
    sys.exit(main())
