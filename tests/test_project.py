"""Files that say the same thing twice must agree: README, pyproject.toml, environment.yml, .ci/run."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_conda_and_pip_ask_for_the_same():
    """conda brings Python, torch and torchvision; the package itself brings the rest, from its one list."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    conda = {}
    for entry in environment:
        if isinstance(entry, str):
            name, bounds = re.fullmatch(r"([a-z-]+)(.*)", entry).groups()
            conda[name] = bounds
    pip = {Requirement(line).name: Requirement(line).specifier for line in PROJECT["dependencies"]}
    bounds = lambda text: set(text.split(","))      # noqa: E731
    assert bounds(conda["pytorch-cpu"]) == bounds(str(pip["torch"]))
    assert bounds(conda["torchvision"]) == bounds(str(pip["torchvision"]))
    # Binder understands no other way to write it
    pinned = re.fullmatch(r"=(\d+\.\d+)", conda["python"])
    assert pinned and SpecifierSet(PROJECT["requires-python"]).contains(pinned[1])
    assert {"pip": ["-e ."]} in environment and set(conda) == {"python", "pytorch-cpu", "torchvision", "pip"}


def test_dependencies_are_bounded():
    extras = PROJECT["optional-dependencies"]
    assert "stylelib[kit]" in extras["test"]            # the kit is tested too
    for line in PROJECT["dependencies"] + extras["test"][1:] + extras["kit"]:
        assert Requirement(line).specifier, f"{line} has no bounds"


@pytest.mark.parametrize("system, machine, newest",
                         [("darwin", "x86_64", "1.26.4"), ("darwin", "arm64", "2.4.6"),
                                                     ("linux", "x86_64", "2.4.6"), ("win32", "AMD64", "2.4.6")])
def test_numpy_fits_torch(system, machine, newest):
    """Macs with an Intel processor get torch 2.2.2, which knows NumPy 1 only."""
    here = {"sys_platform": system, "platform_machine": machine}
    numpy = [line for line in map(Requirement, PROJECT["dependencies"])
             if line.name == "numpy" and (line.marker is None or line.marker.evaluate(here))]
    assert len(numpy) == 1
    assert [version for version in ("1.26.4", "2.4.6") if version in numpy[0].specifier][-1] == newest


def test_the_readmes_name_the_pythons_that_pip_accepts():
    lowest, highest = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    for readme in (README, (ROOT / "README.zh.md").read_text("utf-8")):
        assert f"Python 3.{lowest} " in readme and f" 3.{int(highest) - 1}" in readme


def test_a_checkout_keeps_its_line_ends():
    """Git on Windows writes CRLF unless told otherwise, and hashes of sources and bytes of outputs are compared."""
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text("utf-8").splitlines()
    for path in (*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("notebooks/*.md"), *ROOT.glob("stylelib/*.py"), *ROOT.glob("*.md")):
        assert b"\r" not in path.read_bytes(), path


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason=".ci/run is for bash")
def test_ci_types_the_readmes_own_test_command():
    blocks = re.findall(r"```bash\n(.*?)```", README, re.S)
    assert len(blocks) == 2, "the README has two bash blocks: one opens the course, one runs the tests"
    dry_run = (ROOT / ".ci/run").read_text("utf-8").replace("eval ", ": ").replace("apt-get ", ": ")
    output = subprocess.run(["bash", "-c", dry_run, ".ci/run"], cwd=ROOT, capture_output=True, text=True).stdout
    assert output == f"+ {blocks[1].strip()}\n" and "pytest" in output


def test_the_readmes_files_exist():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert {"LICENSE", "LICENSE-TEXT", "CITATION.cff", "data/SOURCES.md",
            "notebooks/TEACHING.md"} <= set(links)
    assert [link for link in links if not (ROOT / link).exists()] == []
