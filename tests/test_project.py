"""Files that say the same thing twice must agree: READMEs, pyproject.toml, environment.yml, .ci/run, ..."""
import importlib.util
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import stylelib

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ("CONTRIBUTING.md", "tests/faults/README.md")      # with commands for whoever works on the course
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, TOOLS = SETTINGS["project"], SETTINGS["tool"]


def test_conda_and_pip_ask_for_the_same():
    """conda brings Python, torch and torchvision; the package itself brings the rest, from its one list."""
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    conda = {}
    for entry in environment:
        if isinstance(entry, str):
            name, bounds = re.fullmatch(r"([a-z-]+)(.*)", entry).groups()
            conda[name] = bounds
    pip = {Requirement(line).name: Requirement(line).specifier for line in PROJECT["dependencies"]}
    assert SpecifierSet(conda["pytorch-cpu"]) == pip["torch"]
    assert SpecifierSet(conda["torchvision"]) == pip["torchvision"]
    # Binder understands no other way to write it
    pinned = re.fullmatch(r"=(\d+\.\d+)", conda["python"])
    assert pinned and SpecifierSet(PROJECT["requires-python"]).contains(pinned[1])
    assert {"pip": ["-e ."]} in environment and set(conda) == {"python", "pytorch-cpu", "torchvision", "pip"}


def test_dependencies_are_bounded():
    extras = PROJECT["optional-dependencies"]
    assert "stylelib[kit,film,cluster,studio]" in extras["test"]       # all of them are tested too
    lists = (extras[name] for name in ("kit", "film", "cluster", "studio"))
    for line in sum(lists, PROJECT["dependencies"] + extras["test"][1:]):
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
    """Git on Windows would write CRLF; hashes of sources and bytes of outputs are compared."""
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text("utf-8").splitlines()
    for pattern in ("notebooks/*.ipynb", "notebooks/*.md", "stylelib/**/*.py", "*.md", ".github/*.svg"):
        assert not [path for path in ROOT.glob(pattern) if b"\r" in path.read_bytes()]


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason=".ci/run is for bash")
def test_ci_types_the_readmes_own_test_command():
    blocks = re.findall(r"```bash\n(.*?)```", README, re.S)
    assert len(blocks) == 2, "the README has two bash blocks: one opens the course, one runs the tests"
    dry_run = (ROOT / ".ci/run").read_text("utf-8").replace("eval ", ": ").replace("apt-get ", ": ")
    run = subprocess.run(["bash", "-c", dry_run, ".ci/run"], cwd=ROOT, capture_output=True, text=True)
    output = run.stdout
    assert output == f"+ {blocks[1].strip()}\n" and "pytest" in output


@pytest.mark.parametrize("page", ["README.md", "README.zh.md", "CHANGELOG.md", *PAGES])
def test_files_that_a_page_links_to_exist(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []
    if page.startswith("README"):
        assert {"LICENSE", "LICENSE-TEXT", "CITATION.cff", "data/SOURCES.md", "notebooks/TEACHING.md",
                "CONTRIBUTING.md", "CHANGELOG.md"} <= {link.replace(".zh.md", ".md") for link in links}


def test_one_version_everywhere():
    """What is released stands in the changelog, with the date by which it is cited."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+) - (\S+)$", changelog, re.MULTILINE)
    assert (citation["version"], str(citation["date-released"])) == newest.groups()
    assert stylelib.__version__ == citation["version"]
    assert set(re.findall(r"^### (.*)$", changelog, re.MULTILINE)) <= {
        "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


# --- Commands of the pages for whoever works on the course -------------------------------------------------

def commands(page):
    """[[words] of each command after a $], with those that are joined by && apart."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [shlex.split(part, comments=True) for line in lines for part in line.split(" && ")]


def modules_started(page):
    """[(module, its arguments)] of each `python -m MODULE ARGUMENTS`, but for those of Python and pytest."""
    return [(words[2], words[3:]) for words in commands(page)
            if words[1:2] == ["-m"] and words[2] not in ("venv", "pytest")]


def test_the_pages_programs_are_installed():
    """All in .venv/bin comes with Python, the package, its test extra, or the line before."""
    brought = {Requirement(line).name for line in PROJECT["optional-dependencies"]["test"]}
    known = {".venv/bin/python", ".venv/bin/pip", "python3", *(f".venv/bin/{name}" for name in brought)}
    for page in PAGES:
        for words in commands(page):
            if words[:2] == [".venv/bin/pip", "install"]:
                known |= {f".venv/bin/{words[2]}"}
            assert words[0] in known, f"{page}: {' '.join(words)}"


@pytest.mark.parametrize("module", ["tests.refresh", "tests.faults", "tests.benchmarks", "tests.rooms"])
def test_options_in_the_pages_exist(module):
    given = [words for page in PAGES for name, words in modules_started(page) if name == module]
    options = {word for words in given for word in words if word.startswith("--")}
    assert given, f"no page says how to start {module}"
    if options:
        known = subprocess.run([sys.executable, "-m", module, "--help"], cwd=ROOT, capture_output=True,
                               text=True, check=True).stdout
        assert options <= set(re.findall(r"--[a-z-]+", known))


def test_what_the_pages_start_exists():
    for page in PAGES:
        for module, _ in modules_started(page):
            assert importlib.util.find_spec(module), f"{page}: {module}"
        for words in commands(page):
            for word in words:
                if word.startswith(("tests/", "notebooks/")):
                    assert (ROOT / word).exists(), f"{page}: {word}"


def test_contributing_is_one_page():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert text.count("\n") <= 100 and len(text.split()) <= 900


def test_the_hooks_start_what_exists():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    for hook in hooks:
        python, option, module, *_ = hook["entry"].split()
        assert (python, option, hook["language"]) == ("python", "-m", "system")
        assert importlib.util.find_spec(module), hook
        assert not files or any(re.search(hook.get("files", ""), file) for file in files), hook


def test_issue_forms_ask_what_can_be_answered():
    """Each field has a label and an id of its own; the doctor's command is the one that there is."""
    forms = {path.name: yaml.safe_load(path.read_text("utf-8"))
             for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")}
    forms.pop("config.yml")
    assert len(forms) == 2
    for name, form in forms.items():
        ids = [field["id"] for field in form["body"]]
        assert form["name"] and form["description"] and len(ids) == len(set(ids)), name
        assert all(field["attributes"]["label"] for field in form["body"]), name
    text = (ROOT / ".github" / "ISSUE_TEMPLATE" / "fails.yml").read_text("utf-8")
    assert "`stylelib doctor --json`" in text


def test_what_is_no_program_is_installed_too():
    """All that is not Python, such as weights, is package data; each folder with Python is a package."""
    setuptools = TOOLS["setuptools"]
    known = {path for package, patterns in setuptools["package-data"].items() for pattern in patterns
             for path in ROOT.joinpath(*package.split(".")).glob(pattern)}
    files = [path for path in (ROOT / "stylelib").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    programs = {path for path in files if path.suffix == ".py"}
    assert sorted(set(files) - programs - known) == []
    assert {ROOT / "stylelib/fast/weights" / name for name in
            ("ready.safetensors", "NOTICE.txt", "LICENSE-APACHE.txt")} <= known
    folders = {path.parent.relative_to(ROOT) for path in programs if path.name == "__init__.py"}
    assert set(setuptools["packages"]) == {".".join(folder.parts) for folder in folders}


# --- Types -------------------------------------------------------------------------------------------------

def public_functions():
    """{name: function} of all functions and public methods that `import stylelib` offers."""
    found = {}
    for name in stylelib.__all__:
        thing = getattr(stylelib, name)
        if inspect.isclass(thing):
            methods = {key: method for key, method in vars(thing).items() if inspect.isfunction(method)}
            found.update({f"{name}.{key}": method for key, method in methods.items()
                          if key in ("__init__", "__call__") or key[0] != "_"})
        elif inspect.isfunction(thing):
            found[name] = thing
    return found


def test_public_names_say_their_types():
    bare = []
    for name, function in public_functions().items():
        if "<string>" in function.__code__.co_filename:         # made by dataclass, from annotated fields
            continue
        signature = inspect.signature(function)
        parts = {key: given.annotation for key, given in signature.parameters.items() if key != "self"}
        if not name.endswith("__init__"):
            parts["return"] = signature.return_annotation
        bare += [f"{name}: {key}" for key, kind in parts.items() if kind is inspect.Parameter.empty]
    assert bare == []
    assert (ROOT / "stylelib" / "py.typed").exists()


def test_notebooks_are_written_for_the_oldest_python(tmp_path):
    """What a newer one understands stops learners who have it: `picture[..., *part]` is Python 3.11's."""
    oldest = "py" + re.match(r">=(\d+)\.(\d+)", PROJECT["requires-python"]).expand(r"\1\2")
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "E9",
            "--target-version", oldest]
    run = subprocess.run([*ruff, "notebooks"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    (tmp_path / "new.py").write_text("picture[..., *part]\n", "utf-8")
    assert subprocess.run([*ruff, str(tmp_path)], capture_output=True).returncode == 1


@pytest.mark.slow
def test_mypy_finds_nothing(tmp_path):
    run = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path), "--no-error-summary"],
                         cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
