"""The doctor finds each kind of problem, says how to fix it, and works where everything else is broken."""
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
from collections import namedtuple
from dataclasses import replace
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from stylelib.cli import main
from stylelib.engine.weights import PACKAGED
from stylelib.fast import ready, styles
from stylelib.teach import doctor, lab
from stylelib.teach.lab import jupyterlab, new_token, page_settings, try_kernel

from ..places import NOTEBOOKS, ROOT

WITHOUT_LAB = ("import stylelib.teach.doctor as d; d.check_jupyter = lambda: []; "
               "d.check_memory = lambda: [d.Finding(True, 'memory', 'enough')]; "
               "print(*d.examine(), sep='\\n')")
SPEED = 0.5


def ok(subject, **more):
    return lambda *_: iter([doctor.Finding(True, subject, "as it should be",
                                           "a remedy that nobody needs", **more)])


@pytest.fixture
def healthy(monkeypatch):
    """What depends on this machine's memory, disk, speed and JupyterLab is replaced: all is well here."""
    monkeypatch.setattr(doctor, "check_memory", ok("memory", value=8.0))
    monkeypatch.setattr(doctor, "check_disk", ok("disk"))
    monkeypatch.setattr(doctor, "check_speed", lambda network: next(ok("speed", value=SPEED)()))
    monkeypatch.setattr(doctor, "check_jupyter", ok("JupyterLab"))


@pytest.fixture
def report(healthy, capsys, monkeypatch, tmp_path):
    """The report that is to be collected, asked for somewhere else than in the course's folder."""
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--json", "--course", str(ROOT)]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_report_is_complete(report):
    assert report["ok"] and all(finding["ok"] for finding in report["findings"])
    subjects = {finding["subject"] for finding in report["findings"]}
    assert subjects > {"Python", "torch", "PyTorch", "memory", "disk", "processor", "weights",
                       "speed", "one pass", "JupyterLab"}
    assert all(finding["text"] and "\n" not in finding["text"] for finding in report["findings"])
    assert report["python"] and report["system"]


def test_the_report_holds_no_remedy_for_what_is_well_and_no_name_unasked(report, healthy, capsys):
    assert not any(finding["remedy"] for finding in report["findings"])
    assert set(report) == {"ok", "system", "python", "findings"}
    assert main(["doctor", "--json", "--machine", "--course", str(ROOT)]) == 0
    assert "machine" in json.loads(capsys.readouterr().out)


def test_each_notebook_gets_its_time_on_this_machine(report):
    measured = {finding["subject"]: finding["value"]
                for finding in report["findings"] if finding["subject"].startswith("notebook")}
    expected = {}
    for path in NOTEBOOKS:
        stated = int(re.search(r"runs in about (\d+) seconds", path.read_text("utf-8"))[1])
        expected[f"notebook {path.stem[:2]}"] = stated * SPEED / doctor.REFERENCE_STEP
    assert measured.keys() == expected.keys()
    assert all(abs(measured[name] - expected[name]) <= 1 for name in expected)


def test_the_speed_is_a_number_of_seconds(vgg, monkeypatch):
    now = iter([0, 9, 10, 12, 20, 23])                      # three steps, of 9, 2 and 3 seconds
    monkeypatch.setattr("stylelib.engine.devices.choose_precision", lambda *_: "float32")
    monkeypatch.setattr("stylelib.teach.doctor.time.perf_counter", lambda: next(now))
    finding = doctor.check_speed(vgg, size=48)
    assert finding.ok and finding.value == 2 and "2.00 s for one step at 48 px" in finding.text


def test_networks_that_paint_are_tried(monkeypatch, tmp_path):
    intact, speed = doctor.check_painters(size=48)
    assert intact.ok and speed.ok and speed.value > 0 and "s for a picture of 48 px" in speed.text
    styles.any_style_on.cache_clear()
    styles.many_styles_on.cache_clear()
    (tmp_path / "ready.safetensors").write_bytes(ready.READY.read_bytes()[:-1])
    monkeypatch.setattr(ready, "READY", tmp_path / "ready.safetensors")
    finding, = doctor.check_painters(size=48)
    assert not finding.ok and finding.text == "the weights of the networks that paint are missing or damaged"
    assert "unpack the course again" in finding.remedy


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
    result = subprocess.run([sys.executable, "-c", WITHOUT_LAB], env=environment,
                            capture_output=True, text=True, timeout=120)
    problem, = (line for line in result.stdout.splitlines() if line.startswith("PROBLEM"))
    assert "PyTorch" in problem and words in problem, result.stdout + result.stderr
    assert f"to fix it: {sys.executable} -m pip install --force-reinstall torch torchvision" in result.stdout
    assert "ok       memory" in result.stdout and "weights  " not in result.stdout


def test_with_a_damaged_torch_everything_else_says_what_to_do(tmp_path):
    environment = broken(tmp_path, "torch", "raise ImportError('DLL load failed')")

    def run(*arguments):
        return subprocess.run([sys.executable, *arguments], env=environment,
                              capture_output=True, text=True, timeout=120)

    assert run("-m", "stylelib", "--help").returncode == 0
    stylize = run("-m", "stylelib", "stylize", "a.jpg", "b.jpg", "-o", "c.png")
    assert stylize.returncode == 2
    assert stylize.stderr.count("\n") == 1 and "stylelib doctor" in stylize.stderr
    imported = run("-c", "from stylelib import load_image")
    assert "ImportError: DLL load failed" in imported.stderr
    nonsense = run("-c", "import stylelib; stylelib.nonsense")
    assert nonsense.stderr.strip().endswith("has no attribute 'nonsense'")


def test_the_doctor_needs_no_package_of_the_teachers():
    """A learner has what stylelib itself asks for; sphinx, nbconvert and the like come with stylelib[kit]."""
    requirements = map(Requirement, importlib.metadata.requires("stylelib"))
    theirs = [one.name for one in requirements if one.marker and "kit" in str(one.marker)]
    assert len(theirs) >= 5
    hidden = [name.replace("-", "_") for name in theirs]
    code = f"import sys; sys.modules.update(dict.fromkeys({hidden})); {WITHOUT_LAB}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert "ok       speed" in result.stdout and "ok       notebook 00" in result.stdout
    assert "could not be checked" not in result.stdout


def test_only_the_command_line_knows_the_teachers_room():
    package = ROOT / "stylelib"
    others = [path for path in package.rglob("*.py")
              if path.relative_to(package).parts[0] not in ("teach", "cli")]
    assert len(others) > 30
    for path in others:
        assert not re.search(r"^\s*(from|import) \S*\bteach\b", path.read_text("utf-8"), re.MULTILINE), path


def test_a_jupyterlab_that_does_not_start(tmp_path, monkeypatch):
    shadowed = broken(tmp_path, "jupyterlab", "raise SystemExit('no such luck')")
    monkeypatch.setenv("PYTHONPATH", shadowed["PYTHONPATH"])
    with pytest.raises(RuntimeError, match="no such luck"), jupyterlab(token=new_token()):
        pass
    monkeypatch.setattr("stylelib.teach.lab.try_kernel", lambda code: "")
    problem, kernel = doctor.check_jupyter()
    assert not problem.ok and "no such luck" in problem.text
    assert "--force-reinstall jupyterlab" in problem.remedy and kernel.ok


def test_nobody_else_gets_into_the_doctors_jupyterlab(monkeypatch):
    """Who knows the token may run programs as this user.

    So it is random, and not on a command line, which everybody can read.
    """
    started, token, popen = [], new_token(), subprocess.Popen

    def start(command, **settings):
        started.append((command, settings))
        return popen(command, **settings)
    monkeypatch.setattr("stylelib.teach.lab.subprocess.Popen", start)
    with jupyterlab(token=token) as address:
        for guess in ("doctor", "", "token", new_token()):
            with pytest.raises(urllib.error.HTTPError) as refused:
                lab.visit(f"{address}/api/kernels", guess)
            assert refused.value.code == 403
        assert "federated_extensions" in page_settings(address, token)
    (command, settings), = started
    assert not any(token in word or "token" in word.lower()
                   for word in command) and settings["env"]["JUPYTER_TOKEN"] == token
    assert len(token) > 30 and new_token() != new_token()


def test_a_jupyterlab_with_a_token_of_its_own_is_not_waited_for(tmp_path, monkeypatch):
    (tmp_path / "jupyter_server_config.json").write_text('{"IdentityProvider": {"token": "of its own"}}')
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with pytest.raises(RuntimeError, match="sets a token of its own"), jupyterlab(token=new_token()):
        pass


def test_what_a_kernel_says():
    assert try_kernel("raise ValueError('of mine')") == "ValueError: of mine"


@pytest.mark.parametrize("settings, ok", [
    ({"federated_extensions": [{"name": doctor.WIDGETS}]}, True),
    ({"federated_extensions": [{"name": "other"}]}, False),
    ({}, False),
    ({"federated_extensions": [{"name": doctor.WIDGETS}], "disabledExtensions": [doctor.WIDGETS]}, False),
])
def test_widgets_need_their_extension_in_jupyterlab(settings, ok):
    finding = doctor.check_widgets(settings)
    assert finding.ok is ok and ("pip install --force-reinstall ipywidgets" in finding.remedy)


def only(findings):
    """The problems among findings."""
    return [finding for finding in findings if not finding.ok]


@pytest.mark.parametrize("version, machine, ok, words", [
    ((3, 9), "x86_64", False, "install Python 3.10 to 3.14,"), ((3, 14), "arm64", True, ""),
    ((3, 15), "arm64", False, "install Python 3.10 to 3.14,"), ((3, 12), "x86_64", True, ""),
    ((3, 13), "x86_64", False, "install Python 3.10 to 3.12,")])
def test_a_python_that_pytorch_does_not_know(version, machine, ok, words, monkeypatch):
    """On a Mac with an Intel processor it is another one."""
    monkeypatch.setattr("platform.system", lambda: "Darwin" if version > (3, 10) else "Linux")
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("stylelib.teach.doctor.sys", SimpleNamespace(version_info=(*version, 1)))
    finding = doctor.check_python()
    assert finding.ok is ok and words in finding.remedy


def test_the_doctor_and_pip_know_the_same_pythons():
    metadata = importlib.metadata.metadata("stylelib")["Requires-Python"]
    assert SpecifierSet(metadata) == SpecifierSet(f">={dotted(doctor.OLDEST)},<3.{doctor.NEWEST[1] + 1}")


def dotted(version):
    return ".".join(map(str, version))


def test_packages_that_are_missing_or_old(monkeypatch):
    version = doctor.importlib.metadata.version

    def pretend(name):
        if name == "tqdm":
            raise doctor.importlib.metadata.PackageNotFoundError(name)
        return "0.1" if name == "pillow" else version(name)
    monkeypatch.setattr("stylelib.teach.doctor.importlib.metadata.version", pretend)
    problems = {problem.subject: problem for problem in only(doctor.check_packages())}
    assert set(problems) == {"tqdm", "pillow"}
    assert problems["tqdm"].text == "is not installed" and 'pip install "tqdm' in problems["tqdm"].remedy
    assert problems["pillow"].text.startswith("0.1, but")
    assert 'pip install "pillow' in problems["pillow"].remedy


def test_little_memory_and_a_full_disk(monkeypatch):
    memory = namedtuple("memory", "available total")
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory(2**30, 4 * 2**30))
    monkeypatch.setattr("stylelib.teach.doctor.shutil.disk_usage",
                        lambda folder: namedtuple("disk", "free")(2**20))
    (memory,), (disk,) = doctor.check_memory(), doctor.check_disk()
    assert not memory.ok and memory.text.startswith("1.0 of 4.0 GB") and memory.value == 1.0
    assert "close other programs" in memory.remedy
    assert not disk.ok and "free 1 GB" in disk.remedy


def test_a_check_that_fails_is_a_finding_and_the_others_go_on():
    def missing():
        import no_such_package  # noqa: F401
        yield
    problem, = doctor.guarded("memory", missing)
    assert not problem.ok and problem.remedy.endswith("pip install --force-reinstall no_such_package")
    problem, = doctor.guarded("disk", lambda: [][0])
    assert not problem.ok and "IndexError" in problem.text and problem.remedy


def test_a_problem_is_status_1_in_words_and_in_json(monkeypatch, capsys):
    found = [doctor.Finding(True, "a", "fine"), doctor.Finding(False, "b", "bad", "do this", 3.5)]
    monkeypatch.setattr("stylelib.teach.doctor.examine", lambda course: iter(found))
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "ok       a" in text and "PROBLEM  b" in text and "to fix it: do this" in text
    assert "1 problem(s)" in text
    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is False
    assert report["findings"][1] == {
        "ok": False, "subject": "b", "text": "bad", "remedy": "do this", "value": 3.5}


def test_damaged_weights(monkeypatch):
    monkeypatch.setitem(PACKAGED, "oxford", replace(PACKAGED["oxford"], sha256="0"))
    squeezenet, vgg = doctor.check_network()                 # without weights there is nothing to time
    assert squeezenet.ok and not vgg.ok
    assert "damaged" in vgg.text
    assert vgg.remedy.startswith(f"{sys.executable} -m pip install --force-reinstall")


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(**settings):
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr("stylelib.teach.doctor.shutil.disk_usage",
                        lambda folder: namedtuple("disk", "free")(2**40))
    monkeypatch.setattr("stylelib.teach.doctor.tempfile.TemporaryFile", refuse)
    disk, folder = doctor.check_disk()
    assert disk.ok and not folder.ok and "nothing can be written" in folder.text
    assert "[Errno" not in folder.text and folder.remedy


def test_without_a_course_there_are_no_minutes(tmp_path):
    finding, = doctor.check_notebooks(0.5, tmp_path)
    assert finding.ok and "none in this folder" in finding.text


def test_a_named_folder_without_a_course_is_bad_input(tmp_path, capsys):
    assert main(["doctor", "--course", str(tmp_path / "nowhere")]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and "no course in" in captured.err and captured.err.count("\n") == 1


@pytest.fixture
def course(tmp_path):
    """A course of one notebook, with others beside it."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "data").mkdir()
    shutil.copy(NOTEBOOKS[0], tmp_path / "notebooks")
    return tmp_path


def test_a_notebook_that_is_not_the_courses_does_not_matter(course):
    shutil.copy(NOTEBOOKS[0], course / "notebooks" / f"{NOTEBOOKS[0].stem}-Copy1.ipynb")
    (course / "notebooks" / "Untitled.ipynb").write_text('{"cells": []}')
    findings = list(doctor.check_notebooks(0.5, course))
    assert [finding.subject for finding in findings] == ["notebook 00"] and only(findings) == []


@pytest.mark.parametrize("text", ["", '{"cells": []}', "<<<<<<< HEAD", '{"cells": [], "nbformat": 4}', "[1]",
                                  '{"nbformat": 4, "cells": [3]}'])
def test_a_notebook_that_cannot_be_read_is_named_and_nothing_else_is_blamed(text, course, healthy):
    (course / "notebooks" / "01_cnn_features.ipynb").write_text(text)
    problem, = only(doctor.examine(course))
    assert problem.subject == "notebooks" and "01_cnn_features.ipynb" in problem.text
    assert "\n" not in problem.text
    assert "get a fresh copy of this file" in problem.remedy
    (course / "notebooks" / NOTEBOOKS[0].name).write_text(text)         # now there is none that can be read
    assert [problem.subject for problem in only(doctor.examine(course))] == ["notebooks", "notebooks"]
