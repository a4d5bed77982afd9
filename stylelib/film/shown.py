"""What both readers give: when a frame is shown, how long, and how to get its picture."""
from collections.abc import Callable

from torch import Tensor

# (time, seconds, function that makes the picture): frames that are left out cost no conversion. The function
# must be called before the next frame is asked for
Shown = tuple[float, float, Callable[[], Tensor]]
