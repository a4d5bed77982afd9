"""A class's work in one table: who has solved what, judged again from the learners' own code."""
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..learn.check.verdict import Verdict
from .course import Folder, KitError, find_course, find_notebooks
from .judge import MISSING, judge
from .sandbox import Sandbox, isolation
from .tables import printable, write_csv
from .work import Exercise, Learner, code_cells, exercises_of, find_answer, find_learners

AT_A_TIME = 2
SHORT = {"not attempted": "empty"}
NO_COPY, NO_ANSWER = "there is no copy of this notebook", "no cell defines {function}"


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
        states = Counter(SHORT.get(verdict.status, verdict.status) for verdict in verdicts)
        solved = states.pop("correct", 0)
        line = f"{exercise}: {solved} of {len(verdicts)} solved it"
        line += "".join(f", {count} {state}" for state, count in states.most_common())
        wrong = Counter(verdict.message for verdict in verdicts if verdict.status == "wrong")
        for message, count in wrong.most_common(1):
            line += f"\n    most often ({count}): {printable(message.removeprefix('Not yet: '))[:150]}"
        return line

    def write(self, path: Folder, reasons: Folder | None = None) -> None:
        """Write the table as CSV, names x exercises; in a second file also why, a line for each verdict.

        Args:
            path: of the table; an older one is replaced.
            reasons: of the second file; None writes none.
        """
        head = ["name", *map(str, self.exercises), "solved"]
        table = [[name, *(SHORT.get(verdict.status, verdict.status) for verdict in verdicts),
                  sum(map(bool, verdicts))] for name, verdicts in self.rows]
        write_csv(Path(path), [head, *table])
        if reasons is not None:
            lines = [[name, str(exercise), verdict.status, verdict.message] for name, verdicts in self.rows
                     for exercise, verdict in zip(self.exercises, verdicts)]
            lines += [[name, "", "strange", what] for name, what in self.strange]
            write_csv(Path(reasons), [["name", "exercise", "verdict", "message"], *lines])


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
    originals = find_notebooks(find_course(course))
    exercises = [each for path in originals for each in exercises_of(path)]
    learners = find_learners(Path(folder), exercises)
    handed = {stem for learner in learners for stem in learner.copies}
    exercises = [each for each in exercises if each.notebook in handed]
    ours = {path.stem: [cell.source for cell in code_cells(path)] for path in originals}
    walls = [] if trust else isolation()

    def work(learner: Learner) -> Sequence[Verdict]:
        with Sandbox(walls) as sandbox:
            verdicts = _verdicts(learner, exercises, ours, sandbox, seconds)
        told(f"{learner.name}: {sum(map(bool, verdicts))} of {len(verdicts)}")
        return verdicts

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        try:
            found = list(pool.map(work, learners))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return Results(exercises, [(learner.name, verdicts) for learner, verdicts in zip(learners, found)],
                   [(learner.name, what) for learner in learners for what in learner.strange])


def _verdicts(learner, exercises, ours, sandbox, seconds) -> Sequence[Verdict]:
    cells = {}
    for stem, path in learner.copies.items():
        try:
            cells[stem] = code_cells(path)
        except KitError as error:
            learner.strange.append(f"{path.name} {error}")
    return [_verdict(each, cells.get(each.notebook), ours[each.notebook], sandbox, seconds)
            for each in exercises]


def _verdict(exercise, cells, ours, sandbox, seconds):
    if cells is None:
        return Verdict(exercise.checker, MISSING, NO_COPY)
    answer = find_answer(exercise, cells, ours)
    if answer is None:
        return Verdict(exercise.checker, MISSING, NO_ANSWER.format(function=exercise.function))
    return judge(exercise, answer, sandbox, seconds)
