"""The doctor: that it finds each kind of problem, says how to mend it, and works where everything else is broken."""
import json
import os
import re
import subprocess
import sys
from collections import namedtuple
from dataclasses import replace

import pytest

from stylelib import doctor
from stylelib.cli import main
from stylelib.kit.lab import jupyterlab, try_kernel
from stylelib.weights import PACKAGED

from .notebook_format import NOTEBOOKS, ROOT

WITHOUT_LAB = "import stylelib.doctor as d; d._jupyter = lambda: []; print(*d.examine(), sep='\\n')"


@pytest.fixture(scope="module")
def report():
    """The report on this machine, from a process of its own that starts somewhere else."""
    result = subprocess.run([sys.executable, "-m", "stylelib", "doctor", "--json", "--course", ROOT], capture_output=True, text=True,
                            timeout=300, cwd=ROOT / "tests")
    assert result.returncode == 0, result.stdout + result.stderr
    return json.loads(result.stdout)


def test_the_report_is_complete(report):
    assert report["ok"] and all(finding["ok"] for finding in report["findings"])
    subjects = {finding["subject"] for finding in report["findings"]}
    assert subjects > {"Python", "torch", "PyTorch", "memory", "disk", "processor", "weights", "speed", "JupyterLab", "kernel", "widgets"}
    assert all(finding["text"] and "\n" not in finding["text"] for finding in report["findings"])
    assert report["python"] and report["system"]


def test_each_notebook_gets_its_time_on_this_machine(report):
    seconds = {finding["subject"]: finding["value"] for finding in report["findings"]}
    expected = {}
    for path in NOTEBOOKS:
        stated = int(re.search(r"runs in about (\d+) seconds", path.read_text("utf-8"))[1])
        expected[f"notebook {path.stem[:2]}"] = stated * seconds["speed"] / doctor.REFERENCE_STEP
    measured = {subject: value for subject, value in seconds.items() if subject.startswith("notebook")}
    assert measured.keys() == expected.keys()
    assert all(abs(measured[name] - expected[name]) <= 1 for name in expected)


@pytest.mark.parametrize("text, seconds", [
    ("**Time:** about 30 minutes to study; runs in about 50 seconds on two CPU cores.", 50),
    ("runs in about 2 minutes on two CPU cores.", 120),
    ("**Time:** long", None),
])
def test_stated_seconds(text, seconds, tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"source": ["# A\n", text]}]}))
    assert doctor.stated_seconds(path) == seconds


def broken(folder, package, code):
    """An environment in which a package is shadowed by one that runs `code` when it is imported."""
    (folder / package).mkdir()
    (folder / package / "__init__.py").write_text(code)
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.mark.parametrize("code, words", [
    ("raise OSError('libtorch_cpu.so: cannot open shared object file')", "libtorch_cpu.so: cannot open"),
    ("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')", "No module named 'torch'"),
    ("", "cannot be loaded"),         # a folder of the learner's own that is called torch
])
def test_a_damaged_torch_is_reported(code, words, tmp_path):
    environment = broken(tmp_path, "torch", code)
    result = subprocess.run([sys.executable, "-c", WITHOUT_LAB], env=environment, capture_output=True, text=True, timeout=120)
    problems = [line for line in result.stdout.splitlines() if line.startswith("PROBLEM")]
    assert len(problems) == 1 and "PyTorch" in problems[0] and words in problems[0], result.stdout + result.stderr
    assert f"to mend it: {sys.executable} -m pip install --force-reinstall torch torchvision" in result.stdout
    assert "ok       memory" in result.stdout and "weights  " not in result.stdout


def test_with_a_damaged_torch_everything_else_says_what_to_do(tmp_path):
    environment = broken(tmp_path, "torch", "raise ImportError('DLL load failed')")

    def run(*arguments):
        return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120)

    assert run("-m", "stylelib", "--help").returncode == 0
    stylize = run("-m", "stylelib", "stylize", "a.jpg", "b.jpg", "-o", "c.png")
    assert stylize.returncode == 2 and stylize.stderr.count("\n") == 1 and "stylelib doctor" in stylize.stderr
    imported = run("-c", "from stylelib import load_image")
    assert "ImportError: stylelib cannot work: DLL load failed. What to do: python -m stylelib doctor" in imported.stderr
    assert run("-c", "import stylelib; stylelib.nonsense").stderr.strip().endswith("has no attribute 'nonsense'")


def test_a_jupyterlab_that_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", broken(tmp_path, "jupyterlab", "raise SystemExit('no such luck')")["PYTHONPATH"])
    with pytest.raises(RuntimeError, match="no such luck"), jupyterlab():
        pass
    monkeypatch.setattr("stylelib.kit.lab.try_kernel", lambda code: "")
    problem, kernel = doctor._jupyter()
    assert not problem.ok and "no such luck" in problem.text and "--force-reinstall jupyterlab" in problem.remedy and kernel.ok


def test_what_a_kernel_says():
    assert try_kernel("raise ValueError('of mine')") == "ValueError: of mine"


@pytest.mark.parametrize("settings, ok", [
    ({"federated_extensions": [{"name": doctor.WIDGETS}]}, True),
    ({"federated_extensions": [{"name": "other"}]}, False),
    ({}, False),
    ({"federated_extensions": [{"name": doctor.WIDGETS}], "disabledExtensions": [doctor.WIDGETS]}, False),
])
def test_widgets_need_their_extension_in_jupyterlab(settings, ok):
    finding = doctor._widgets(settings)
    assert finding.ok is ok and ("pip install --force-reinstall ipywidgets" in finding.remedy)


def only(findings):
    """The problems among findings."""
    return [finding for finding in findings if not finding.ok]


def test_packages_that_are_missing_or_old(monkeypatch):
    version = doctor.importlib.metadata.version

    def pretend(name):
        if name == "tqdm":
            raise doctor.importlib.metadata.PackageNotFoundError(name)
        return "0.1" if name == "pillow" else version(name)
    monkeypatch.setattr("stylelib.doctor.importlib.metadata.version", pretend)
    problems = {problem.subject: problem for problem in only(doctor._packages())}
    assert set(problems) == {"tqdm", "pillow"}
    assert problems["tqdm"].text == "is not installed" and 'pip install "tqdm' in problems["tqdm"].remedy
    assert problems["pillow"].text.startswith("0.1, but") and 'pip install "pillow' in problems["pillow"].remedy


def test_little_memory_and_a_full_disk(monkeypatch):
    memory = namedtuple("memory", "available total")
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory(2**30, 4 * 2**30))
    monkeypatch.setattr("stylelib.doctor.shutil.disk_usage", lambda folder: namedtuple("disk", "free")(2**20))
    (memory,), (disk,) = doctor._memory(), doctor._disk()
    assert not memory.ok and memory.text.startswith("1.0 of 4.0 GB") and memory.value == 1.0 and "close other programs" in memory.remedy
    assert not disk.ok and "free 1 GB" in disk.remedy


def test_a_check_that_fails_is_a_finding_and_the_others_go_on():
    def missing():
        import no_such_package  # noqa: F401
        yield
    problem, = doctor._guarded("memory", missing)
    assert not problem.ok and problem.remedy.endswith("pip install --force-reinstall no_such_package")
    problem, = doctor._guarded("disk", lambda: [][0])
    assert not problem.ok and "IndexError" in problem.text and problem.remedy


def test_a_problem_is_status_1_in_words_and_in_json(monkeypatch, capsys):
    found = [doctor.Finding(True, "a", "fine"), doctor.Finding(False, "b", "bad", "do this", 3.5)]
    monkeypatch.setattr("stylelib.doctor.examine", lambda course: iter(found))
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "ok       a" in text and "PROBLEM  b" in text and "to mend it: do this" in text and "1 problem(s)" in text
    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert report["findings"][1] == {"ok": False, "subject": "b", "text": "bad", "remedy": "do this", "value": 3.5}


def test_damaged_weights(monkeypatch):
    monkeypatch.setitem(PACKAGED, "oxford", replace(PACKAGED["oxford"], sha256="0"))
    squeezenet, vgg = doctor._network(ROOT)             # without weights there is nothing to time
    assert squeezenet.ok and not vgg.ok
    assert "damaged" in vgg.text and vgg.remedy.startswith(f"{sys.executable} -m pip install --force-reinstall")


def test_without_a_course_there_are_no_minutes(tmp_path):
    finding, = doctor._minutes(0.5, tmp_path)
    assert finding.ok and "none in this folder" in finding.text
