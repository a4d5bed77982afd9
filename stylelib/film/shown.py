"""What both readers give: when a frame is shown, how long, and how to get its picture."""
from collections.abc import Callable

from torch import Tensor

from ..engine.language import mark, tr

THE_FILM = mark("the film")         # what messages call one without a name
# (time, seconds, function that makes the picture): frames that are left out cost no conversion. The function
# must be called before the next frame is asked for
Shown = tuple[float, float, Callable[[], Tensor]]


def no_frame(name: str) -> str:
    """What to say of a film that has nothing to show."""
    return tr("{name} has no frame that can be read: get a fresh copy", name=name)
