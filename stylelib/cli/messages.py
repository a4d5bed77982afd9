"""What the command line says when something goes wrong: one line, in its user's words."""
import contextlib
import re
import sys

from ..engine import terminal
from ..engine.terminal import in_words, one_line, say
from ..settings import defaults

BAD_INPUT, STOPPED = 2, 130
# What the command line calls an argument of Python's
OPTIONS = {name: f"--{name.replace('_', '-')}"
           for name in (*defaults(), "mask", "style_mask", "pooling", "weights", "strength", "start",
                        "seconds", "every", "workers")}
NAMES = "|".join(OPTIONS)


def fail(message: str) -> int:
    """Print what went wrong; returns the exit status."""
    say(f"stylelib: {message}", sys.stderr)
    return BAD_INPUT


def remark(message: str) -> None:
    """Print something that went wrong beside the work, without disturbing a progress bar."""
    from tqdm import tqdm
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            tqdm.write(f"stylelib: {message}", file=sys.stderr)


def about(error: Exception) -> str:
    """What to print about an error.

    Even one that nobody foresaw is a line that can be reported, not a traceback.
    """
    if isinstance(error, ImportError):          # PyTorch is missing or damaged, for instance
        return f"{one_line(error)}; what to do: {sys.executable} -m stylelib doctor"
    if isinstance(error, (ValueError, ArithmeticError, OSError)) or terminal.is_out_of_memory(error):
        return as_typed(in_words(error))
    return terminal.our_fault(error)


def as_typed(message: str) -> str:
    """A message of the package, its arguments as typed here: weights='oxford' is --weights oxford."""
    message = message.replace("weights=None", "--weights random")
    message = re.sub(rf"\b({NAMES})='(\w+)'", lambda found: f"{OPTIONS[found[1]]} {found[2]}", message)
    return re.sub(rf"(^|\bin )({NAMES})(?= must | \d)", lambda found: found[1] + OPTIONS[found[2]], message)
