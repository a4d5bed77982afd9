"""A class's work in one table: who has solved what, judged again from the learners' own code."""
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..engine.language import mark, tr
from ..learn.check.verdict import Verdict
from .course import Folder, KitError, find_course, find_notebooks
from .editions import EDITIONS
from .judge import MISSING, STOPPED, judge
from .sandbox import Sandbox, isolation
from .tables import printable, write_csv
from .work import Cell, Exercise, Learner, code_cells, exercises_of, find_answer, find_learners

AT_A_TIME = 2
NO_COPY, NO_ANSWER = mark("there is no copy of this notebook"), mark("no cell defines {function}")
# What a table and a summary call the states of an answer
STATES = {"correct": mark("correct"), "wrong": mark("wrong"), "not attempted": mark("empty"),
          STOPPED: mark("stopped"), MISSING: mark("missing")}
STATUSES = {**STATES, "not attempted": mark("not attempted")}


@dataclass(frozen=True)
class Results:
    """Verdicts of a class.

    Attributes:
        exercises: the columns, of all notebooks that anybody has handed in.
        rows: [(name of the learner, a verdict for each exercise)].
        strange: [(name, what could not be taken)].
    """

    exercises: Sequence[Exercise]
    rows: Sequence[tuple[str, Sequence[Verdict]]]
    strange: Sequence[tuple[str, str]]

    def summary(self) -> str:
        """A line for each exercise: how many have solved it, and what most of the others are told."""
        return "\n".join(self._line(exercise, [verdicts[index] for _, verdicts in self.rows])
                         for index, exercise in enumerate(self.exercises))

    def _line(self, exercise, verdicts):
        states = Counter(verdict.status for verdict in verdicts)
        solved = states.pop("correct", 0)
        # Translators: exercise is "03 gram_matrix"
        line = tr("{exercise}: {solved} of {everybody} solved it", exercise=exercise, solved=solved,
                  everybody=len(verdicts))
        for state, count in states.most_common():
            # Translators: line is what stands before; state is "wrong", "empty", "stopped" or "missing"
            line = tr("{line}, {count} {state}", line=line, count=count, state=tr(STATES[state]))
        wrong = Counter(verdict.message for verdict in verdicts if verdict.status == "wrong")
        for message, count in wrong.most_common(1):
            told = printable(message.removeprefix(tr("Not yet: {hint}", hint="")))[:150]
            line += "\n    " + tr("most often ({count}): {hint}", count=count, hint=told)
        return line

    def write(self, path: Folder, reasons: Folder | None = None) -> None:
        """Write the table as CSV, names x exercises; in a second file also why, a line for each verdict.

        Args:
            path: of the table; an older one is replaced.
            reasons: of the second file; None writes none.
        """
        head = [tr("name"), *map(str, self.exercises), tr("solved")]
        table = [[name, *(tr(STATES[verdict.status]) for verdict in verdicts),
                  sum(map(bool, verdicts))] for name, verdicts in self.rows]
        write_csv(Path(path), [head, *table])
        if reasons is not None:
            lines = [[name, str(exercise), tr(STATUSES[verdict.status]), verdict.message]
                     for name, verdicts in self.rows for exercise, verdict in zip(self.exercises, verdicts)]
            lines += [[name, "", tr("strange"), what] for name, what in self.strange]
            write_csv(Path(reasons), [[tr("name"), tr("exercise"), tr("verdict"), tr("message")], *lines])


def collect(folder: Folder, course: Folder | None = None, *, trust: bool = False, seconds: float = 10,
            told: Callable[[str], None] = lambda line: None) -> Results:
    """Judge all that a class has handed in.

    Args:
        folder: one folder for each learner, or notebooks with the learners' names in theirs. It is only read.
        course: the folder with the original; None finds it.
        trust: run learners' code without isolation.
        seconds: that each answer may take.
        told: called with a line of progress after each learner.

    Returns:
        Results.

    Raises:
        KitError: there is no course, no work, or no isolation.
    """
    course = find_course(course)
    originals = find_notebooks(course)
    exercises = [each for path in originals for each in exercises_of(path)]
    learners = find_learners(Path(folder), exercises)
    handed = {stem for learner in learners for stem in learner.copies}
    exercises = [each for each in exercises if each.notebook in handed]
    ours = _our_cells(course)
    walls = [] if trust else isolation()

    def work(learner: Learner) -> Sequence[Verdict]:
        with Sandbox(walls) as sandbox:
            verdicts = _verdicts(learner, exercises, ours, sandbox, seconds)
        told(tr("{name}: {solved} of {count}", name=learner.name, solved=sum(map(bool, verdicts)),
                count=len(verdicts)))
        return verdicts

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        try:
            found = list(pool.map(work, learners))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return Results(exercises, [(learner.name, verdicts) for learner, verdicts in zip(learners, found)],
                   [(learner.name, what) for learner in learners for what in learner.strange])


def _our_cells(course):
    """{name of a notebook: the code of its cells, in each language}: learners may have worked in any."""
    ours: dict[str, set[str]] = {}
    for path in {path for one in EDITIONS for path in find_notebooks(course, language=one)}:
        ours.setdefault(path.stem, set()).update(cell.source for cell in code_cells(path))
    return ours


def _verdicts(learner, exercises, ours, sandbox, seconds) -> Sequence[Verdict]:
    cells: dict[str, list[Cell]] = {}
    for stem, paths in learner.copies.items():
        for path in paths:
            try:
                cells[stem] = [*cells.get(stem, ()), *code_cells(path)]
            except KitError as error:
                learner.strange.append(f"{path.name} {error}")
    return [_verdict(each, cells.get(each.notebook), ours[each.notebook], sandbox, seconds)
            for each in exercises]


def _verdict(exercise, cells, ours, sandbox, seconds):
    if cells is None:
        return Verdict(exercise.checker, MISSING, tr(NO_COPY))
    answer = find_answer(exercise, cells, ours)
    if answer is None:
        return Verdict(exercise.checker, MISSING, tr(NO_ANSWER, function=exercise.function))
    return judge(exercise, answer, sandbox, seconds)
