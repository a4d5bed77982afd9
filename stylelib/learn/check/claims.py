"""What a notebook's text says, held against what its cells have computed."""
from typing import Any

from ...engine.language import mark, tr

BROKEN = mark("With these settings it is no longer true that {sentence}.")


def claim(sentence: str, holds: Any) -> None:
    """Say nothing where a sentence of the text holds; say so where it does not.

    An assertion would stop the notebook of a learner who turns a knob to see what happens. nbval notices a
    broken claim all the same: it compares what is printed with what is stored.

    Args:
        sentence: a main clause without its full stop: "the photo is further away than the noise".
        holds: anything that is true or false, also a tensor of one value.
    """
    if not holds:
        print(tr(BROKEN, sentence=sentence))
