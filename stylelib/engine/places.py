"""Where the course may lie."""
from pathlib import Path


def course_folders() -> tuple[Path, ...]:
    """Folders that may hold it, seen from a notebook, a translated one, the course, this package."""
    return Path(".."), Path("../.."), Path("."), Path(__file__).parents[2]


def data_folder() -> Path:
    """The course's `data/`, by the first of the `course_folders` that has it; "../data" if none has."""
    found = (folder / "data" for folder in course_folders())
    return next((data for data in found if (data / "SOURCES.md").is_file()), Path("../data"))
