"""Files that say the same thing twice must agree: README, pyproject.toml, environment.yml, .ci/run."""
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

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
    assert conda["python"] == PROJECT["requires-python"]
    assert {"pip": ["-e .[test]"]} in environment and set(conda) == {"python", "pytorch-cpu", "torchvision", "pip"}


def test_dependencies_are_bounded():
    extras = PROJECT["optional-dependencies"]
    assert "stylelib[kit]" in extras["test"]            # the kit is tested too
    for line in PROJECT["dependencies"] + extras["test"][1:] + extras["kit"]:
        assert Requirement(line).specifier, f"{line} has no bounds"


def test_ci_types_the_readmes_own_test_command():
    blocks = re.findall(r"```bash\n(.*?)```", README, re.S)
    assert len(blocks) == 2, "the README has two bash blocks: one opens the course, one runs the tests"
    dry_run = (ROOT / ".ci/run").read_text("utf-8").replace("eval ", ": ").replace("apt-get ", ": ")
    output = subprocess.run(["bash", "-c", dry_run, ".ci/run"], cwd=ROOT, capture_output=True, text=True).stdout
    assert output == f"+ {blocks[1].strip()}\n" and "pytest" in output


def test_the_readmes_files_exist():
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE-TEXT", "CITATION.cff", "data/SOURCES.md"])
def test_papers_are_there(name):
    assert (ROOT / name).stat().st_size > 300
