"""The rooms of stylelib, read from what its files import. `python -m tests.rooms` draws them.

The drawing, `.github/rooms.svg` and in Chinese `rooms.zh.svg`, is shown by the READMEs and CONTRIBUTING.md;
tests/test_rooms.py fails when it is out of date, and when a file imports what its room may not use.
"""
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "stylelib"
DRAWINGS = {"en": ROOT / ".github" / "rooms.svg", "zh": ROOT / ".github" / "rooms.zh.svg"}

# The six files as a picture passes through them, and their small parts
STORY = ("images", "networks", "losses", "objective", "optimize", "transfer")
PARTS = ("scene", "prepare", "plan", "margin", "lbfgs", "settings", "result")
MAY_USE = {             # besides its own files
    "core": {"style", "fast", "engine"},
    "style": {"core", "engine"},
    "fast": {"core", "style", "engine"},
    "film": {"core", "style", "fast", "engine"},
    "batch": {"core", "fast", "engine"},
    "engine": {"core", "style"},
    "learn": {"core", "style", "fast", "film", "engine"},
    "teach": {"core", "style", "fast", "film", "engine", "learn"},
    "cli": {"core", "style", "fast", "film", "batch", "engine", "learn", "teach"},
    "door": {"core", "style", "fast", "film", "engine", "learn"},
}
DOORS = {"__init__": "door", "widgets": "door", "__main__": "cli", "cli": "cli"}


def room(module: str) -> str:
    """The room of a file: room("losses") -> "core", room("style.masks") -> "style"."""
    first = module.partition(".")[0]
    return "core" if first in STORY + PARTS else DOORS.get(first, first)


def modules() -> dict[str, Path]:
    """{"losses": its file, "style.masks": its file, ...}; a folder's __init__.py has the folder's name."""
    return {_dotted(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def imported_names(path: Path, root: Path = ROOT) -> Iterator[tuple[int, str, str]]:
    """(line, where from, name) of each import in a file, also inside functions.

    "From" is written in full, whether the import is relative or not: (3, "stylelib.losses", "gram_matrix").
    `import numpy` has the name "".
    """
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[:len(package) - node.level + 1] if node.level else ()
            home = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((node.lineno, home, alias.name) for alias in node.names)


def arrows() -> set[tuple[str, str]]:
    """Who imports whom inside the package: {("objective", "losses"), ("style.masks", "losses"), ...}"""
    known = modules()
    found = set()
    for module, path in known.items():
        for _, home, name in imported_names(path):
            if home.partition(".")[0] == PACKAGE.name:
                home = home.partition(".")[2]
                whole = f"{home}.{name}".strip(".")             # `from . import terminal` imports a module
                target = whole if whole in known else home or "__init__"
                found |= {(module, target)} - {(module, module)}
    return found


def main() -> int:
    from .rooms_drawing import drawing  # here, because the drawing is made from this file
    for language, path in DRAWINGS.items():
        path.write_text(drawing(arrows(), language), "utf-8", newline="\n")
        print(f"written: {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
