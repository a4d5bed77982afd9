"""A class's work: verdicts are found again, whatever a learner's code does to its own process."""
import csv
import json
import os
import shutil

import pytest

from stylelib.cli import main
from stylelib.learn.check.verdict import Verdict
from stylelib.teach import sandbox
from stylelib.teach.collect import Results, collect
from stylelib.teach.course import KitError
from stylelib.teach.editions import speaking
from stylelib.teach.wire import Garbled, pack, unpack
from stylelib.teach.work import exercises_of, find_answer, find_learners

from ..places import NOTEBOOKS

BOOK = NOTEBOOKS[3]
RIGHT = "def gram_matrix(features):\n    f = features.flatten(2)\n    return f @ f.mT / f.shape[2]"
WRONG = "def gram_matrix(features):\n    return features"
PATCH = ("import stylelib.learn.check.verdict as v, stylelib.learn.check.grams as g\n"
         "v._judge = lambda *_: ('correct', 'Correct.')\ng.compare = lambda *_: None\nprint('Correct.')\n")
# what a learner wrote: what the table must say
CLASS = {
    "right": (RIGHT, "correct"), "wrong": (WRONG, "wrong"), "empty": (None, "empty"),
    "patch": (PATCH + WRONG, "wrong"),
    "loop": ("def gram_matrix(features):\n    while True:\n        pass", "stopped"),
    "exit": ("import os\ndef gram_matrix(features):\n    os._exit(0)", "stopped"),
    "delete": ("import shutil\ndef gram_matrix(features):\n    shutil.rmtree({victim!r})", "wrong"),
    "garbage": ("", "missing"),
}


def copies(folder, victim):
    original = json.loads(BOOK.read_text("utf-8"))
    place = next(i for i, cell in enumerate(original["cells"])
                 if "exercise" in cell["metadata"].get("tags", []))
    for name, (source, _) in CLASS.items():
        (folder / name).mkdir(parents=True)
        if source is not None:
            original["cells"][place]["source"] = source.replace("{victim!r}", repr(str(victim)))
        text = "{" if name == "garbage" else json.dumps(original)
        (folder / name / BOOK.name).write_text(text, "utf-8")
        original = json.loads(BOOK.read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_a_hostile_class(tmp_path, capsys):
    try:
        sandbox.isolation()
    except KitError as error:
        pytest.skip(str(error))
    victim = tmp_path / "victim"
    victim.mkdir()
    copies(tmp_path / "class", victim)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    table = tmp_path / "results.csv"
    assert main(["collect", str(tmp_path / "class"), "-o", str(table), "--seconds", "3"]) == 0
    with open(table, encoding="utf-8-sig", newline="") as file:
        found = {row["name"]: row["03 gram_matrix"] for row in csv.DictReader(file)}
    assert found == {name: state for name, (_, state) in CLASS.items()}
    assert "03 gram_matrix: 1 of 8 solved it" in capsys.readouterr().out
    table.unlink()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path in before
            and path != tmp_path} == {path: at for path, at in before.items() if path != tmp_path}


def test_refused_without_isolation(tmp_path, monkeypatch, capsys):
    copies(tmp_path / "class", tmp_path)
    monkeypatch.setattr("stylelib.teach.sandbox.shutil.which", lambda name: None)
    assert main(["collect", str(tmp_path / "class"), "-o", str(tmp_path / "a.csv")]) == 2
    said = capsys.readouterr().err
    assert "--trust" in said and said.count("\n") == 1 and not (tmp_path / "a.csv").exists()


def test_learners_are_found_in_folders_and_in_names(tmp_path):
    exercises = exercises_of(BOOK)
    assert [each.checker for each in exercises] == ["gram_matrix", "style_loss", "style_divisor"]
    for name in ("Eva Lund_123_assignsubmission_file_", "ben/notebooks"):
        (tmp_path / name).mkdir(parents=True)
        shutil.copy(BOOK, tmp_path / name)
    shutil.copy(BOOK, tmp_path / f"carla_{BOOK.name}")
    shutil.copy(BOOK, tmp_path / "dora.ipynb")                  # known by what it checks
    (tmp_path / "zed").mkdir()
    os.symlink(BOOK, tmp_path / "zed" / BOOK.name)
    learners = {learner.name: learner for learner in find_learners(tmp_path, exercises)}
    assert list(learners) == ["ben", "carla", "dora", "Eva Lund", "zed"]
    assert [len(learner.copies) for learner in learners.values()] == [1, 1, 1, 1, 0]
    assert "is a link" in learners["zed"].strange[0]
    with pytest.raises(KitError, match="no folder"):
        find_learners(tmp_path / "no", exercises)


def test_an_answer_is_found_in_its_own_cell_or_further_down():
    first, *_ = exercises_of(BOOK)
    own, below = type(first.cell)(first.cell.name, RIGHT), type(first.cell)("x", WRONG)
    assert find_answer(first, [own, below], []).source == RIGHT
    assert find_answer(first, [first.cell, below], [first.cell.source]).source == WRONG
    assert find_answer(first, [first.cell], [first.cell.source]).source == first.cell.source
    assert find_answer(first, [below], [WRONG]) is None         # the course's own cell is no answer


@pytest.mark.parametrize("folder", ["", "zh"])
def test_work_in_any_language_counts(folder, tmp_path, monkeypatch, chinese_course):
    """Who has the notebooks in both languages hands in both, and has worked in one."""
    def judged(exercise, answer, *_):
        return Verdict(exercise.checker, "correct" if answer.source == RIGHT else "not attempted", "")
    monkeypatch.setattr("stylelib.teach.collect.judge", judged)
    shutil.copytree(chinese_course / "notebooks", tmp_path / "ann" / "notebooks")
    copy = tmp_path / "ann" / "notebooks" / folder / BOOK.name
    notebook = json.loads(copy.read_text("utf-8"))
    stub = next(cell for cell in notebook["cells"] if "exercise" in cell["metadata"].get("tags", []))
    stub["source"] = RIGHT
    copy.write_text(json.dumps(notebook), "utf-8")
    said = []
    results = collect(tmp_path, chinese_course, trust=True, told=said.append)
    (_, verdicts), = results.rows
    solved = [exercise.checker for exercise, verdict in zip(results.exercises, verdicts) if verdict]
    assert solved == ["gram_matrix"] and results.strange == []
    assert said == [f"ann: 1 of {len(results.exercises)}"]


def test_the_summary_counts_in_one_sentence():
    exercise = exercises_of(BOOK)[0]
    states = ["correct", "wrong", "wrong", "not attempted"]
    rows = [(state, [Verdict("gram_matrix", state, "Not yet: no")]) for state in states]
    results = Results([exercise], rows, [])
    first, second = results.summary().splitlines()
    assert first == "03 gram_matrix: 1 of 4 solved it, 2 wrong, 1 empty"
    assert second == "    most often (2): no"
    with speaking("zh_CN"):
        assert results.summary().splitlines()[0] == "03 gram_matrix：4 人中 1 人做对，错误 2 人，未填写 1 人"


def test_only_plain_data_comes_back(random):
    value = {"a": [1, 2.5, "x", None, True], "b": (random(2, 3),)}
    got = unpack(pack(value))
    assert got["a"] == value["a"] and (got["b"][0] == value["b"][0]).all()
    assert type(unpack(pack(print))).__name__ == "builtin_function_or_method"
    for message in (b"", b"x" * 50, pack(1)[:-3], b"\xff" * 9):
        with pytest.raises(Garbled):
            unpack(message)


@pytest.mark.slow
def test_with_trust_right_answers_are_right_whoever_collects(tmp_path):
    copies(tmp_path / "class", tmp_path)
    for name in set(CLASS) - {"right", "wrong"}:
        shutil.rmtree(tmp_path / "class" / name)
    assert main(["collect", str(tmp_path / "class"), "-o", str(tmp_path / "a.csv"), "--trust"]) == 0
    with open(tmp_path / "a.csv", newline="", encoding="utf-8-sig") as file:
        rows = {row["name"]: row["03 gram_matrix"] for row in csv.DictReader(file)}
    assert rows == {"right": "correct", "wrong": "wrong"}
