"""What a learner has solved so far, and after how many tries."""
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...engine.language import mark, tr, tr_count
from .verdict import GIVEN, Verdict

NOTHING = mark("Nothing tried yet: solve an exercise, run its check, and report() counts it.")


@dataclass(frozen=True)
class Progress:
    """One exercise.

    Attributes:
        exercise: the checker's name.
        solved: whether it was right at least once.
        tries: answers up to the first right one, it included; without those that were left empty.
        message: what the last check printed.
    """

    exercise: str
    solved: bool
    tries: int
    message: str

    def words(self) -> str:
        """The exercise and its tries: "gram_matrix (2 tries)"."""
        return tr_count("{exercise} ({n} try)", "{exercise} ({n} tries)", self.tries, exercise=self.exercise)


class Report(tuple[Progress, ...]):
    """The exercises that were checked in this kernel, in the order of their first check."""

    def __str__(self) -> str:
        if not self:
            return tr(NOTHING)
        solved, missing = ([one.words() for one in self if one.solved is wanted] for wanted in (True, False))
        names, others = ", ".join(solved), ", ".join(missing)
        if not solved:
            return tr("Solved 0 of {checked} checked here. Not yet: {others}.",
                      checked=len(self), others=others)
        if not missing:
            return tr("Solved {solved} of {checked} checked here: {names}.",
                      solved=len(solved), checked=len(self), names=names)
        return tr("Solved {solved} of {checked} checked here: {names}. Not yet: {others}.",
                  solved=len(solved), checked=len(self), names=names, others=others)

    def json(self) -> str:
        """The same for a program: {"solved": 2, "checked": 3, "exercises": [{"exercise": ...}, ...]}."""
        return json.dumps({"solved": sum(one.solved for one in self), "checked": len(self),
                           "exercises": [asdict(one) for one in self]}, indent=2)

    def _ipython_display_(self) -> None:
        """Nothing: as a cell's last line it has already been printed."""


def report(file: str | Path | None = None) -> Report:
    """Say what is solved, and after how many tries: of what was checked since this kernel was started.

    Learners look at it, and a teacher goes round and asks. As a proof it is worth nothing, since a notebook
    can be edited: `stylelib collect` judges the answers again.

    Args:
        file: also write it there as JSON, to be handed in; None does not.

    Returns:
        Report: a tuple of Progress, with `json()`.
    """
    found = Report(_progress(verdicts) for verdicts in _by_exercise().values())
    print(found)
    if file is not None:
        Path(file).write_text(found.json() + "\n", "utf-8")
    return found


def _by_exercise() -> dict[str, list[Verdict]]:
    verdicts: dict[str, list[Verdict]] = {}
    for verdict in GIVEN:
        verdicts.setdefault(verdict.exercise, []).append(verdict)
    return verdicts


def _progress(verdicts: Sequence[Verdict]) -> Progress:
    states = [verdict.status for verdict in verdicts if verdict.status != "not attempted"]
    solved = "correct" in states
    tries = states.index("correct") + 1 if solved else len(states)
    return Progress(verdicts[0].exercise, solved, tries, verdicts[-1].message)
