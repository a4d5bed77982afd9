"""A class's machines in one table: the doctor's reports that learners have sent, the worst first."""
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.language import mark, tr, tr_count
from .course import Folder, KitError
from .doctor import subject_in_words
from .tables import write_csv
from .work import PLATFORMS, shown

LARGEST = 1_000_000         # bytes of a report; real ones have 5000
SLOW_NOTEBOOK = 5           # minutes: from here on the guide says to look at stored outputs instead
# Heads of a table; step_s are the seconds of one step
COLUMNS = (mark("name"), mark("problems"), mark("what"), mark("minutes"), mark("step_s"), mark("memory_GB"),
           mark("disk_GB"), mark("python"), mark("system"))
UNREADABLE = mark("no report of the doctor")


@dataclass(frozen=True)
class Machine:
    """What the doctor found on one machine.

    Attributes:
        name: of the file, or of the folder it came in.
        problems: what the doctor calls one, each with its subject.
        remedies: what fixes them.
        minutes: of the slowest notebook there; None if unknown.
        step: seconds of one step at 256 px; None if unknown.
        memory, disk: free GB; None if unknown.
        python, system: as the machine calls them.
    """

    name: str
    problems: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    minutes: float | None = None
    step: float | None = None
    memory: float | None = None
    disk: float | None = None
    python: str = ""
    system: str = ""

    @property
    def slow(self) -> bool:
        """Will its owner wait so long that stored outputs are better?"""
        return (self.minutes or 0) > SLOW_NOTEBOOK

    @property
    def trouble(self) -> tuple[bool, int, float, str]:
        """A key to sort by: without a report first, then by problems, then by waiting."""
        return (self.problems != (UNREADABLE,), -len(self.problems), -(self.minutes or 0), self.name.lower())


def read_machines(folder: Folder) -> list[Machine]:
    """Read all reports in a folder, and in the folders in it.

    Args:
        folder: holds the files that `stylelib doctor --json FILE` wrote, named after the learners, or a
            folder for each learner.

    Returns:
        [Machine], the worst first. A file that holds no report counts as one of these.

    Raises:
        KitError: there is no such folder, or no report in it.
    """
    place = Path(folder)
    if not place.is_dir():
        raise KitError(tr("there is no folder {folder!r}: name the one that holds the doctor's reports",
                          folder=str(folder)))
    files = [path for path in sorted([*place.glob("*"), *place.glob("*/*")])
             if path.suffix.lower() in (".json", ".txt") and path.is_file() and not path.is_symlink()
             and not path.name.startswith(".")]
    if not files:
        raise KitError(tr("no report in {folder!r}: it should hold files such as anna.json, each written "
                          "by: stylelib doctor --json anna.json", folder=str(folder)))
    return sorted((_machine(path, place) for path in files), key=lambda machine: machine.trouble)


def _machine(path, place):
    own = path.stem if path.parent == place else path.parent.name
    name = shown(PLATFORMS.sub("", own)) or shown(own)
    try:
        report = json.loads(_text(path))
        findings = [_checked(finding) for finding in report["findings"]]
        named = {finding["subject"]: finding.get("value") for finding in findings}
        bad = [finding for finding in findings if not finding["ok"]]
        seconds = [value for subject, value in named.items() if subject.startswith("notebook ") and value]
        return Machine(name, tuple(f"{subject_in_words(each['subject'])}: {each['text']}" for each in bad),
                       tuple(each["remedy"] for each in bad), max(seconds) / 60 if seconds else None,
                       named.get("speed"), named.get("memory"), named.get("disk"),
                       shown(str(report["python"])), shown(str(report["system"])))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Machine(name, (UNREADABLE,), (tr("let them type: stylelib doctor --json FILE"),))


def _text(path: Path) -> str:
    """UTF-8, or what Windows PowerShell makes of `>`: UTF-16."""
    if path.stat().st_size > LARGEST:
        raise ValueError("too large")
    data = path.read_bytes()
    return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def _checked(finding: Any) -> dict[str, Any]:
    """A finding whose parts have their types: anybody may have written it."""
    value = finding.get("value")
    number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9
    return {"ok": finding["ok"] is True, "value": float(value) if number else None,
            **{part: shown(str(finding[part]))[:300] for part in ("subject", "text", "remedy")}}


def summary(machines: Sequence[Machine]) -> str:
    """Whom to help: a line for each machine with a problem, what fixes it, and how slow the others are."""
    lines = []
    for machine in machines:
        lines.append(f"{machine.name}: {_state(machine)}")
        for problem, remedy in zip(machine.problems, machine.remedies):
            told = f"\n        {tr('to fix it: {remedy}', remedy=remedy)}" if remedy else ""
            lines.append(f"    {tr(problem)}{told}")
    broken = sum(bool(machine.problems) for machine in machines)
    slow = sum(machine.slow for machine in machines)
    lines.append(tr("{count} machines: {broken} with problems, {slow} where a notebook takes more than "
                    "{minutes} minutes", count=len(machines), broken=broken, slow=slow,
                    minutes=SLOW_NOTEBOOK))
    return "\n".join(lines)


def _state(machine):
    """How many problems there are, or whether it is slow; and how slow."""
    count = len(machine.problems)
    state = (tr_count("{n} problem", "{n} problems", count) if count
             else tr("slow") if machine.slow else tr("ready"))
    if machine.minutes is None:
        return state
    # Translators: state is "2 problems", "slow" or "ready", about a learner's machine
    return tr("{state}, the slowest notebook {minutes:.0f} min", state=state, minutes=machine.minutes)


def write_table(machines: Sequence[Machine], path: Folder) -> None:
    """Write the table as CSV, a line for each machine.

    Args:
        machines: from `read_machines`.
        path: of the file; an older one is replaced.
    """
    write_csv(Path(path), [map(tr, COLUMNS), *map(_row, machines)])


def _row(machine):
    minutes = None if machine.minutes is None else round(machine.minutes, 1)
    known = [minutes, machine.step, machine.memory, machine.disk, machine.python, machine.system]
    return [machine.name, len(machine.problems), "; ".join(map(tr, machine.problems)),
            *("" if value is None else value for value in known)]
