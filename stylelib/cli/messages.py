"""What the command line says when something goes wrong: one line, in its user's words."""
import contextlib
import re
import sys

from ..engine import terminal
from ..engine.language import ENGLISH, language, tr
from ..engine.terminal import in_words, one_line, say
from ..settings import defaults

BAD_INPUT, STOPPED = 2, 130
# What the command line calls an argument of Python's
OPTIONS = {name: f"--{name.replace('_', '-')}"
           for name in (*defaults(), "mask", "style_mask", "pooling", "weights", "strength", "start",
                        "seconds", "every", "workers")}
NAMES = "|".join(OPTIONS)
# Where a message has an argument's name, which may also be an English word, or a file's: before what says how
# it must be. So in Chinese, where that need not be the message's beginning
PLACE = re.compile(rf"(^|\bin )({NAMES})(?= must | \d)")
CHINESE_PLACE = re.compile(rf"(?<![\w./\\'\"-])({NAMES})(?= ?(?:必须|应|至少|要对应|中|的形状)|：应)",
                           re.ASCII)


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
        doctor = f"{sys.executable} -m stylelib doctor"
        return tr("{error}; what to do: {command}", error=one_line(error), command=doctor)
    if isinstance(error, (ValueError, ArithmeticError, OSError)) or terminal.is_out_of_memory(error):
        return as_typed(in_words(error))
    return terminal.our_fault(error)


def as_typed(message: str) -> str:
    """A message of the package, its arguments as typed here: weights='oxford' is --weights oxford."""
    message = message.replace("weights=None", "--weights random")
    message = re.sub(rf"\b({NAMES})='(\w+)'", lambda found: f"{OPTIONS[found[1]]} {found[2]}", message)
    message = PLACE.sub(lambda found: found[1] + OPTIONS[found[2]], message)
    return message if language() == ENGLISH else CHINESE_PLACE.sub(lambda found: OPTIONS[found[0]], message)
