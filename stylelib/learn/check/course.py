"""Where the course lies, with the pictures that its exercises use."""
from pathlib import Path

from ...engine.language import tr
from ...engine.places import course_folders


def data_file(name: str) -> Path:
    """A file of the course's `data/`.

    Args:
        name: of the file in that folder, such as "content/china.jpg".

    Raises:
        FileNotFoundError: it is in none of the `course_folders`.
    """
    for place in course_folders():
        if (place / "data" / name).exists():
            return place / "data" / name
    raise FileNotFoundError(tr("data/{name} is missing: run the notebook in the course's folder `notebooks`",
                               name=name))
