"""Where the course lies, with the pictures that its exercises use."""
from pathlib import Path

from ...engine.language import tr


def places() -> tuple[Path, ...]:
    """Where the course may be, seen from a notebook, from the course's folder, or from this package."""
    return Path(".."), Path("."), Path(__file__).parents[3]


def data_file(name: str) -> Path:
    """A file of the course's `data/`.

    Args:
        name: of the file in that folder, such as "content/china.jpg".

    Raises:
        FileNotFoundError: it is in none of the `places`.
    """
    for place in places():
        if (place / "data" / name).exists():
            return place / "data" / name
    raise FileNotFoundError(tr("data/{name} is missing: run the notebook in the course's folder `notebooks`",
                               name=name))
