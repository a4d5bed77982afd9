"""Is everything here that the course needs? One finding a line, each problem with the command that mends it."""
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
import time
from dataclasses import dataclass

GIGABYTE = 2**30
NEEDED_MEMORY = 2           # GB free: a 512 px transfer with its notebook
SLOW_STEP = 5               # seconds at 256 px: with more, a notebook takes over a quarter of an hour
NEEDED_DISK = 1             # GB free: pictures, notebooks, caches


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        ok: False for a problem.
        subject: what was looked at.
        text: what was found.
        remedy: for a problem, the command or the step that mends it.
    """

    ok: bool
    subject: str
    text: str
    remedy: str = ""

    def __str__(self):
        line = f"{'ok     ' if self.ok else 'PROBLEM'}  {self.subject:<12} {self.text}"
        return line if self.ok else f"{line}\n         {'':<12} to mend it: {self.remedy}"


def examine():
    """Look at Python, packages, memory, disk, processor, weights and JupyterLab, and time one step.

    Yields:
        Finding, as soon as each is known.
    """
    yield _python()
    yield from _packages()
    yield _memory()
    yield _disk()
    yield _processor()
    yield from _network()
    yield _jupyter()


def _python():
    ok = sys.version_info >= (3, 10)
    return Finding(ok, "Python", platform.python_version(),
                   "install Python 3.10 or newer and make a new virtual environment with it")


def _packages():
    """The installed versions against those that stylelib's own metadata asks for."""
    from packaging.requirements import Requirement
    for line in importlib.metadata.requires("stylelib") or []:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(False, requirement.name, "is not installed", f'{_pip()} "{requirement}"')
            continue
        ok = requirement.specifier.contains(version, prereleases=True)
        wanted = "" if ok else f", but {requirement.specifier} is needed"
        yield Finding(ok, requirement.name, version + wanted, f'{_pip()} "{requirement}"')


def _memory():
    import psutil
    free = psutil.virtual_memory().available / GIGABYTE
    return Finding(free >= NEEDED_MEMORY, "memory", f"{free:.1f} GB free, {NEEDED_MEMORY} GB are enough for 512 px",
                   "close other programs and notebooks, or work with --size 256")


def _disk():
    free = shutil.disk_usage(os.getcwd()).free / GIGABYTE
    return Finding(free >= NEEDED_DISK, "disk", f"{free:.0f} GB free in this folder", f"free {NEEDED_DISK} GB of disk space")


def _processor():
    import torch
    threads = torch.get_num_threads()
    if torch.cuda.is_available():
        return Finding(True, "processor", f"GPU {torch.cuda.get_device_name()}, and {threads} CPU threads")
    if torch.backends.mps.is_available():
        return Finding(True, "processor", f"Apple GPU, and {threads} CPU threads")
    return Finding(True, "processor", f"{threads} CPU threads; no GPU, and none is needed")


def _network():
    """The weights, and the time of one step with them."""
    from .networks import NetworkError, load_network
    try:
        network = load_network()
    except NetworkError as error:
        text, _, remedy = str(error).partition(": ")
        yield Finding(False, "weights", text, remedy)
        return
    yield Finding(True, "weights", "VGG-19 (Oxford) is present and intact")
    yield _speed(network)


def _speed(network, size=256):
    import torch

    from .devices import choose_device, choose_precision
    from .transfer import TransferLoss
    device = choose_device("auto")
    faster = choose_precision("auto", device)
    picture = torch.rand(1, 3, size * 2 // 3, size, generator=torch.Generator().manual_seed(0))
    loss = TransferLoss(network, picture, picture.flip(3))
    image = picture.clone().requires_grad_(True)
    seconds = []
    for _ in range(3):              # the first one also warms up
        started = time.perf_counter()
        sum(loss(image).values()).backward()
        seconds.append(time.perf_counter() - started)
    return Finding(min(seconds) < SLOW_STEP, "speed",
                   f"{min(seconds):.2f} s for one step at {size} px on the CPU in float32; fastest here: {device} in {faster}",
                   "close other programs; if it stays slow, set SIZE = 96 in the notebooks")


def _jupyter():
    ok = all(importlib.util.find_spec(name) for name in ("jupyterlab", "ipykernel", "ipywidgets"))
    text = "can be started with: jupyter lab notebooks" if ok else "is incomplete"
    return Finding(ok, "JupyterLab", text, f"{_pip()} jupyterlab ipywidgets")


def _pip():
    return f"{sys.executable} -m pip install"
