"""Where learners' code runs: a process without network, home and writable files, by bubblewrap on Linux.

It sees the system's programs, this Python with its packages, and nothing else: no home, no course, no other
learner's work. It may write to a small folder in memory, which ends with it.
"""
import contextlib
import os
import platform
import re
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..engine.language import mark, tr
from ..engine.terminal import one_line
from .course import KitError

PACKAGE = Path(__file__).parents[1]
SCRATCH = 32 * 2**20        # bytes that may be written, in memory
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives",
          "/nix/store", "/gnu/store")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
EMPTY = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/src")      # matplotlib would read all fonts
MISSING = mark("learners' code is run only where it can do no harm, by bubblewrap: install it (on Debian and "
               "Ubuntu: sudo apt install bubblewrap), or run learners' code with your own rights: --trust")
# Translators: reason is what bubblewrap itself says, in English
FAILS = mark("bubblewrap is installed, but cannot isolate here ({reason}): ask whoever runs this system to "
             "allow it user namespaces, or run learners' code with your own rights: --trust")


def isolation() -> list[str]:
    """The beginning of a command that is isolated.

    Raises:
        KitError: bubblewrap is missing, or may not isolate here. The message says what to do.
    """
    program = shutil.which("bwrap")
    if not hasattr(os, "fork"):
        raise KitError(tr("learners' code is run on Linux or macOS only; on Windows, in WSL"))
    if not program:
        raise KitError(tr(MISSING))
    command = [program, *_walls()]
    tried = subprocess.run([*command, sys.executable, "-c", "import torch"], capture_output=True, text=True)
    if tried.returncode:
        raise KitError(tr(FAILS, reason=one_line(ValueError(tried.stderr))[-200:]))
    return command


def _walls() -> list[str]:
    """Options of bubblewrap. Root keeps the right to become nobody: see `learner`."""
    root = os.getuid() == 0
    yours = (["--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL",
              "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-all"])
    words = [*yours, "--die-with-parent", "--new-session", "--clearenv"]
    # first, or it would hide a Python that lies in it
    words += ["--perms", "1777", "--size", str(SCRATCH), "--tmpfs", "/tmp"]
    for name in _ours():            # who is nobody must get through the folders above, too
        for folder in reversed(Path(name).parents[:-1]):
            words += ["--perms", "755", "--dir", str(folder)]
    for name in (*SYSTEM, *_ours()):
        words += ["--ro-bind-try", name, name]
    for name in EMPTY:
        words += ["--tmpfs", name, "--remount-ro", name] if os.path.isdir(name) else []
    words += ["--perms", "755", "--dir", "/dev"]
    for name in DEVICES:
        words += ["--dev-bind", name, name]
    words += ["--proc", "/proc"]
    for name, value in _environment("/tmp").items():
        words += ["--setenv", name, value]
    return [*words, "--chdir", "/tmp", "--remount-ro", "/"]


def _ours() -> list[str]:
    """This Python, its packages, and this package: no folder of the course, which holds its solutions."""
    paths = [sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), str(PACKAGE)]
    return sorted({os.path.abspath(name) for name in paths} - {"/", "/usr"})


def _environment(scratch: str) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": scratch, "TMPDIR": scratch, "MPLCONFIGDIR": scratch,
            "MPLBACKEND": "agg", "PYTHONPATH": str(PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONSAFEPATH": "1", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}


def _counted_already() -> int:
    """Processes and threads of this user, where a limit counts those outside the sandbox, too."""
    import psutil

    release = [int(part) for part in re.findall(r"\d+", platform.release())[:2]]
    if os.getuid() == 0 or (shutil.which("bwrap") and sys.platform == "linux" and release >= [5, 14]):
        return 0
    mine = (process.info for process in psutil.process_iter(["uids", "num_threads"]))
    return sum(each["num_threads"] or 0 for each in mine if each["uids"] and each["uids"].real == os.getuid())


class Watch:
    """How long something took, and whether a process was ended because it took too long."""

    def __init__(self) -> None:
        self.rang, self.seconds = False, 0.0


class Sandbox:
    """A process for one learner's code. It starts when it is needed, and again after it has ended.

    Args:
        walls: from `isolation`; none means without isolation.

    Attributes:
        numbers: what the process must know to limit itself.
    """

    def __init__(self, walls: list[str]):
        self._walls = walls
        self.numbers = {"number": secrets.randbelow(2**16), "processes": _counted_already()}
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch = ""

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def calls(self) -> IO[bytes]:
        """Where to write to the process."""
        stream = self._running().stdin
        assert stream is not None
        return stream

    @property
    def replies(self) -> IO[bytes]:
        """Where to read from it."""
        stream = self._running().stdout
        assert stream is not None
        return stream

    def _running(self):
        if self._process is None:
            self._scratch = tempfile.mkdtemp(prefix="stylelib-")
            plain = {} if self._walls else {"env": _environment(self._scratch), "cwd": self._scratch}
            self._process = subprocess.Popen(
                [*self._walls, sys.executable, "-m", "stylelib.teach.learner"], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True, **plain)
            # read in advance, or starting would count as the learner's time
            self._process.stdout.read(1)
        return self._process

    @contextlib.contextmanager
    def watched(self, seconds: float) -> Iterator[Watch]:
        """In this block the process is ended after so many seconds."""
        process, watch = self._running(), Watch()

        def ring():
            watch.rang = True
            _kill(process)

        timer, started = threading.Timer(seconds, ring), time.monotonic()
        timer.start()
        try:
            yield watch
        finally:
            timer.cancel()
            watch.seconds = time.monotonic() - started

    def end(self) -> None:
        """End the process with all that it has started."""
        if self._process is not None:
            _kill(self._process)
            for stream in filter(None, (self._process.stdin, self._process.stdout)):
                with contextlib.suppress(OSError):      # something may wait to be written
                    stream.close()
            self._process.wait()
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._process = None


def _kill(process):
    """The group; in a sandbox all that is left ends with bubblewrap, which ends with this."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
