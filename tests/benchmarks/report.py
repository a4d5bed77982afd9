"""Tables, goals and the page: made from results.json, and from nothing else."""
import re
from dataclasses import dataclass
from pathlib import Path

TEMPLATE = Path(__file__).with_name("page.md")


@dataclass(frozen=True)
class Table:
    """A table of text: `rows` is a list of lists as long as `header`."""

    title: str
    header: list
    rows: list

    def markdown(self):
        """As the page shows it."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        return f"**{self.title}**\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def plain(self):
        """As the terminal shows it: columns below each other."""
        rows = [[cell.replace("`", "").replace("**", "") for cell in row]
                for row in (self.header, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join([self.title, *("  " + "  ".join(map(str.ljust, row, widths)).rstrip()
                                        for row in rows)])


@dataclass(frozen=True)
class Goal:
    """What is wanted, what was measured, and whether that is good enough."""

    wanted: str
    measured: str
    reached: bool


def times_text(ratio):
    """1.0432 -> '1.04 times'."""
    return f"{ratio:.2f} times"


def goals_table(goals):
    """All goals of all parts."""
    return Table("What is wanted, and what was measured", ["goal", "measured", "reached"],
                 [[goal.wanted, goal.measured, "yes" if goal.reached else "**no**"] for goal in goals])


def page(results, parts):
    """The text of README.md.

    Args:
        results: what results.json holds.
        parts: {name: module} of all parts.

    Returns:
        the template with its {names} replaced. A part that was not measured yet says how to measure it.
    """
    fills = {"machine": _machine_text(results), "kind": _kind_text(results)}
    goals = []
    for name, part in parts.items():
        if name in results["parts"]:
            measured = results["parts"][name]
            fills.update({f"{name}.{key}": table.markdown() for key, table in part.tables(measured).items()})
            fills.update({f"{name}.{key}": text
                          for key, text in getattr(part, "sentences", lambda _: {})(measured).items()})
            goals += part.goals(measured)
    fills["goals"] = goals_table(goals).markdown()
    missing = "*Not measured in this run: `python -m tests.benchmarks {}` measures it.*"

    def fill(match):
        return fills.get(match[1], missing.format(match[1].partition(".")[0]))
    return re.sub(r"\{([a-z]+(?:\.[a-z_]+)?)\}", fill, TEMPLATE.read_text("utf-8"))


def _machine_text(results):
    """Where the parts were measured: one line for each machine, with its parts if there are several."""
    parts_of = {}
    for part, machine in results["machines"].items():
        words = (f"{machine['date']}: {machine['processor']}, "
                 f"{machine['threads']} of {machine['cores']} cores, "
                 f"{machine['instructions']} instructions, PyTorch {machine['torch']}.")
        parts_of.setdefault(words, []).append(part)
    if len(parts_of) < 2:
        return "".join(f"Measured on {words}" for words in parts_of)
    lines = "\n".join(f"- {', '.join(parts)}: on {words}" for words, parts in parts_of.items())
    return f"Measured on more than one machine, so compare within a part only:\n\n{lines}\n"


def _kind_text(results):
    if results["quick"]:
        return ("**This was a quick run with tiny pictures. It shows that the benchmark works. "
                "Its numbers mean little.**")
    return "These are full runs; their parts may have been measured at different hours."


def pyplot():
    """Matplotlib for files. The same numbers give the same file."""
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    plt.rcParams["svg.hashsalt"] = "stylelib"
    return plt


def save_svg(figure, path):
    """Write a figure without its date, and close it."""
    figure.savefig(path, metadata={"Date": None})
    pyplot().close(figure)
