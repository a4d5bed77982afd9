"""What the course's pictures are called."""
from pathlib import Path

from ..engine.language import mark, tr

# The pictures in data/
PICTURES = {mark("astronaut"), mark("chelsea"), mark("china"), mark("coffee"), mark("flower"), mark("rocket"),
            mark("brush strokes"), mark("hubble deep field"), mark("ihc"), mark("mosaic"),
            mark("stained glass"), mark("starry night"), mark("woodcut waves")}


def name_of(picture: str | Path) -> str:
    """What a picture is called below it: "starry_night.jpg" is "starry night", in the language in use.

    Args:
        picture: its file, or the file's name without the ending. A name that is not the course's stays.
    """
    name = Path(picture).stem.replace("_", " ")
    return tr(name) if name in PICTURES else name
