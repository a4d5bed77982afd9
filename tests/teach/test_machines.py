"""What a class's machines are like, from the reports that learners have sent."""
import csv
import json

import pytest

from stylelib.cli import main
from stylelib.teach import doctor
from stylelib.teach.doctor import Finding, as_json
from stylelib.teach.machines import UNREADABLE, read_machines


def report(minutes, *problems):
    return as_json([Finding(True, "speed", "fast", value=0.5), Finding(True, "memory", "much", value=8.0),
                    Finding(True, "notebook 01", "a minute", value=30), *problems,
                    Finding(True, "notebook 05", "long", value=60 * minutes)])


DISK = Finding(False, "disk", "0 GB free", "free 1 GB", 0.1)
PYTHON = Finding(False, "Python", "3.9.1", "install Python 3.12")


@pytest.fixture
def reports(tmp_path):
    folder = tmp_path / "reports"
    (folder / "dora_123_assignsubmission_file").mkdir(parents=True)
    (folder / "anna.json").write_text(report(2), "utf-8")
    (folder / "ben.json").write_text(report(9), "utf-16")          # PowerShell's `>`
    (folder / "cleo.json").write_text(report(1, DISK, PYTHON), "utf-8-sig")
    (folder / "dora_123_assignsubmission_file" / "report.json").write_text(report(3, DISK))
    return folder


def test_the_worst_come_first(reports):
    machines = read_machines(reports)
    assert [machine.name for machine in machines] == ["cleo", "dora", "ben", "anna"]
    assert [machine.slow for machine in machines] == [False, False, True, False]
    assert machines[0].problems == ("disk: 0 GB free", "Python: 3.9.1") and machines[0].disk == 0.1
    assert (machines[2].minutes, machines[2].step, machines[2].memory) == (9, 0.5, 8.0)


def test_the_table_and_what_to_do(reports, tmp_path, capsys):
    assert main(["doctor", "--collect", str(reports), "-o", str(tmp_path / "class.csv")]) == 0
    said = capsys.readouterr().out
    assert "cleo: 2 problems" in said and "to fix it: install Python 3.12" in said
    assert "ben: slow, the slowest notebook 9 min" in said and "anna: ready" in said
    assert said.endswith("4 machines: 2 with problems, 1 where a notebook takes more than 5 minutes\n")
    with open(tmp_path / "class.csv", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["cleo", "dora", "ben", "anna"]
    assert rows[0]["problems"] == "2" and rows[3]["minutes"] == "2.0" and rows[0]["system"]


@pytest.mark.parametrize("text", ["", "PROBLEM", "[]", '{"findings": [1]}', "[" * 100_000, '{"ok": true}',
                                  '{"findings": [{"ok": true}], "python": "", "system": ""}',
                                  "x" * 2_000_000])
def test_what_is_no_report_comes_first_and_stops_nothing(text, reports):
    (reports / "eve.json").write_text(text)
    first, *others = read_machines(reports)
    assert (first.name, first.problems) == ("eve", (UNREADABLE,)) and len(others) == 4


def test_a_report_cannot_move_the_cursor_or_compute(reports, tmp_path, capsys):
    finding = {"ok": False, "subject": "=1+1", "text": "a\x1b[2Jb\nc", "remedy": "d\re", "value": "many"}
    (reports / "=eve.json").write_text(json.dumps({"findings": [finding], "python": "\x07", "system": "@x"}))
    assert main(["doctor", "--collect", str(reports), "-o", str(tmp_path / "class.csv")]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said and "\r" not in said and "=1+1: a [2Jb c" in said
    with open(tmp_path / "class.csv", encoding="utf-8-sig") as file:
        row = next(row for row in csv.DictReader(file) if "eve" in row["name"])
    assert row["name"] == "'=eve" and row["what"].startswith("'=") and row["system"] == "'@x"


def test_links_are_not_followed(reports, tmp_path):
    (tmp_path / "secret.json").write_text(report(1))
    (reports / "link.json").symlink_to(tmp_path / "secret.json")
    assert "link" not in [machine.name for machine in read_machines(reports)]


@pytest.mark.parametrize("findings", [[], [PYTHON]])
def test_a_learner_writes_a_report_and_sees_it(findings, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda course: iter([Finding(True, "disk", "9 GB"), *findings]))
    file = tmp_path / "anna.json"
    assert main(["doctor", "--json", str(file)]) == len(findings)
    said = capsys.readouterr().out
    assert "ok       disk" in said and said.endswith(f"{file}: the report, to be sent\n")
    machine, = read_machines(tmp_path)
    assert machine.name == "anna" and len(machine.problems) == len(findings)
    assert "machine" not in json.loads(file.read_text("utf-8"))     # often its owner's name


@pytest.mark.parametrize("arguments, words", [
    (["--json", "nowhere/a.json"], "name a file such as anna.json"),
    (["--json", "a.txt"], "name a file such as anna.json"),
    (["--collect", "nowhere"], "there is no folder"),
    (["--collect", "."], "no report in"),
    (["-o", "a.csv"], "needs --collect")])
def test_bad_input_is_one_line_and_status_2(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "examine", lambda course: pytest.fail("it begins all the same"))
    try:
        status = main(["doctor", *arguments])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2 and captured.out == "" and words in captured.err and captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
