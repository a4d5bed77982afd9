"""Where the course's files are."""
from pathlib import Path

ROOT = Path(__file__).parents[1]


def notebooks_in(folder: Path) -> list[Path]:
    """The course's notebooks, by their names.

    Whoever works there may have an Untitled.ipynb, or a copy that JupyterLab made.
    """
    return [path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")) if "-Copy" not in path.stem]


NOTEBOOKS = notebooks_in(ROOT / "notebooks")
# Made from them by `python -m tests.translate`: notebooks/zh/00_start_here.ipynb, ...
TRANSLATED = [path for language in sorted((ROOT / "notebooks" / "locale").glob("*"))
              for path in notebooks_in(ROOT / "notebooks" / language.name.partition("_")[0])]
