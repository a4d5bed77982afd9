"""The command line: python -m tests.benchmarks [PART ...]"""
import argparse
import json
import sys
import time
from pathlib import Path

from . import evaluation, gpu, growth, levers, memory, notebooks, quality, startup, ten
from .report import goals_table, page
from .tools import ROOT, machine

PARTS = {"evaluation": evaluation, "quality": quality, "ten": ten, "levers": levers, "memory": memory,
         "growth": growth, "startup": startup, "gpu": gpu, "notebooks": notebooks}
DEFAULT = [name for name in PARTS if name != "notebooks"]
HERE = Path(__file__).parent


def main(arguments=None):
    options = _parser().parse_args(arguments)
    folder = options.output or (ROOT / "build" / "benchmarks-quick" if options.quick else HERE)
    folder.mkdir(parents=True, exist_ok=True)
    results = _stored(folder, options.quick)
    for name in [] if options.page else options.parts or DEFAULT:
        part = PARTS[name]
        print(f"# {name}: {part.TITLE}", flush=True)
        started = time.perf_counter()
        measured = part.measure(options.quick, folder)
        # as it will be read again: keys are strings
        results["parts"][name] = json.loads(json.dumps(measured))
        results["machines"][name] = machine()
        _write(folder / "results.json", json.dumps(results, indent=1) + "\n")
        for table in part.tables(results["parts"][name]).values():
            print(table.plain(), end="\n\n")
        print(f"({time.perf_counter() - started:.0f} s)\n", flush=True)
    if not results["parts"]:
        print("no part has been measured: type python -m tests.benchmarks", file=sys.stderr)
        return 2
    for name, part in PARTS.items():
        if name in results["parts"] and hasattr(part, "figures"):
            part.figures(results["parts"][name], folder)
    _write(folder / "README.md", page(results, PARTS))
    goals = [goal for name, part in PARTS.items() if name in results["parts"]
             for goal in part.goals(results["parts"][name])]
    print(goals_table(goals).plain())
    print(f"\nwritten: {folder / 'results.json'}, {folder / 'README.md'}")
    return 0


def _parser():
    minutes = "\n".join(f"  {name:11} about {part.MINUTES:2} min   {part.TITLE}"
                        for name, part in PARTS.items())
    together = sum(PARTS[name].MINUTES for name in DEFAULT)
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measure how fast, how good and how large. Writes results.json and README.md.",
        epilog=f"parts, and what they take on two quiet cores:\n{minutes}\n"
               f"Without names all but notebooks, about {together} min. Nothing else should run meanwhile.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART",
                        help="what to measure; the other results are kept")
    parser.add_argument("--quick", action="store_true",
                        help="tiny pictures and few rounds: shows that it works, in a few minutes")
    parser.add_argument("--output", type=Path, metavar="DIR",
                        help="where to write (tests/benchmarks; with --quick build/benchmarks-quick)")
    parser.add_argument("--page", action="store_true",
                        help="measure nothing, write the page and the figures from results.json")
    return parser


def _stored(folder, quick):
    """The results so far. Quick and full ones are not mixed."""
    try:
        results = json.loads((folder / "results.json").read_text("utf-8"))
    except FileNotFoundError:
        results = None
    if results and results["quick"] == quick:
        return results
    return {"quick": quick, "machines": {}, "parts": {}}


def _write(path, text):
    path.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
