"""What a command owes to its terminal: signals, streams that may be closed or full, and errors in words.

Nothing is imported that can be missing or broken: `stylelib doctor` needs this, too.
"""
import _thread
import contextlib
import errno
import functools
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from typing import TextIO

from .language import mark, tr

PATIENCE = 3        # seconds after a Ctrl-C in which another one means the same
SOON = 0.01         # seconds after which a Ctrl-C that was dropped comes again
# A batch system, a container's end and `timeout` send SIGTERM, a closed terminal SIGHUP, Windows' Ctrl-Break
# SIGBREAK
STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")

WORDS = {           # what has happened to a file, by the system's name for it; {name} is the file's
    "ENOENT": mark("no such file or folder: {name}"),
    "EACCES": mark("no permission for {name}: choose another place"),
    "EPERM": mark("no permission for {name}: choose another place"),
    "EEXIST": mark("{name} exists already: choose another name"),
    "ENOTDIR": mark("{name} leads through something that is a file, not a folder"),
    "EISDIR": mark("{name} is a folder: give the name of a file"),
    "ENAMETOOLONG": mark("the name {name} is too long: choose a shorter one"),
    "ELOOP": mark("{name} is a link that leads back to itself"),
    "ENOSPC": mark("the disk is full, so {name} cannot be written: free some space, or choose another place"),
    "EDQUOT": mark("your share of the disk is full, so {name} cannot be written: free some space, or choose "
                   "another place"),
    "EROFS": mark("{name} lies on a disk that cannot be written to: choose another place"),
    "EMFILE": mark("too many files are open, so {name} cannot be opened: close other programs"),
}
# What a RuntimeError of PyTorch says on Linux, on Windows, on GPUs, in C++, and in oneDNN's convolutions,
# which have no better words for it
NO_MEMORY = ("can't allocate", "not enough memory", "out of memory", "bad_alloc",
             "could not create a primitive")


class Signals:
    """Every signal that ends a program, as one KeyboardInterrupt.

    Who presses Ctrl-C twice means it once: another one within PATIENCE seconds is ignored, so that what the
    first one has started, saving the latest picture, gets done. After that time another one interrupts again,
    in case that work hangs.

    Attributes:
        first: when the first signal arrived, or the first after PATIENCE seconds; None before that.
    """

    def __init__(self) -> None:
        self.first: float | None = None
        self._held = False
        self._again: threading.Timer | None = None

    @contextlib.contextmanager
    def heard(self, to_the_end: bool = False) -> Iterator["Signals"]:
        """In this block the signals arrive here. Those that the caller ignores (nohup) stay ignored.

        Args:
            to_the_end: the process ends after the block: nothing is left that another Ctrl-C could stop.
        """
        before, report = {}, sys.unraisablehook
        sys.unraisablehook = functools.partial(self._dropped, report)
        if threading.current_thread() is threading.main_thread():       # Python allows it nowhere else
            for number in (getattr(signal, name) for name in STOP_SIGNALS if hasattr(signal, name)):
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    before[number] = signal.signal(number, self._arrive)
        try:
            yield self
        finally:
            sys.unraisablehook = report
            if self._again is not None:
                self._again.cancel()
            for number, handler in before.items():
                signal.signal(number, signal.SIG_IGN if to_the_end else handler)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """A signal in this block is noted in `first`, and interrupts nothing."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def _arrive(self, number, frame):
        now, again = time.monotonic(), self.first is not None
        if again and now - self.first < PATIENCE:
            return
        self.first = now
        if again or not self._held:
            raise KeyboardInterrupt(number)

    def _dropped(self, report, lost):
        """Python drops whatever is raised while it clears an object away: a Ctrl-C is raised once more."""
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            report(lost)
            return
        self.first = None
        self._again = threading.Timer(SOON, _thread.interrupt_main, lost.exc_value.args)
        self._again.start()


def say(text: str, stream: TextIO | None) -> None:
    """Print a remark, if it can be printed: the work is done, even if nobody can be told.

    Args:
        text: a line.
        stream: sys.stdout or sys.stderr; None, as in a program without a console, swallows it.
    """
    with contextlib.suppress(OSError, ValueError):      # full or closed, by the reader or by ourselves
        show(text, stream)


def show(text: str, stream: TextIO | None) -> None:
    """Print what a command is for, such as a report; letters that the stream does not know become codes.

    Raises:
        OSError: the stream is closed or full.
    """
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
    except OSError:
        _give_up(stream)
        raise


def open_streams() -> None:
    """Let closed standard streams lead nowhere: else the next file that is opened would take their place."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))


def finish_streams() -> None:
    """Write out what still waits; Python would complain about a full disk and change the exit status."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except OSError:
            _give_up(stream)


def _give_up(stream):
    """What is written to this stream from now on, and what still waits in it, goes nowhere."""
    with contextlib.suppress(OSError, ValueError):      # ValueError: it is no stream of the system's
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)


def in_words(error: BaseException) -> str:
    """An error as one line for people, without the system's numbers."""
    if is_out_of_memory(error):
        ours = type(error) is MemoryError and str(error)
        return one_line(error) if ours else tr("not enough memory: take a smaller size")
    if isinstance(error, OSError) and error.errno is not None:
        named = isinstance(error.filename, (str, bytes, os.PathLike))
        name = repr(os.fspath(error.filename)) if named else tr("the output")
        words = WORDS.get(errno.errorcode.get(error.errno, ""), "{name}: {strerror}")
        return tr(words, name=name, strerror=error.strerror)
    return one_line(error) or type(error).__name__


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out. PyTorch says so in the words of a RuntimeError."""
    said = any(words in str(error).lower() for words in NO_MEMORY)
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and said)


def our_fault(error: BaseException) -> str:
    """The line for an error that nobody foresaw: what somebody who fixes it needs to know."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    # Translators: {kind} is a type of Python's errors, {words} what it says; the line goes to the authors
    return tr("{kind} in {file}, line {number}: {words}: that is a fault in the program, please report "
              "this line", kind=type(error).__name__, file=os.path.basename(place.filename),
              number=place.lineno, words=one_line(error))


def one_line(error: BaseException) -> str:
    """An error's own words in one line."""
    return " ".join(str(error).split())
