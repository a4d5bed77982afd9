"""Figures for the notebooks, with captions inside the figure.

figures     pictures, curves, tables of colour
exhibition  a wall of pictures with their labels, shares with their intervals, many pictures on two scales
fast        networks that paint: a training, a map of styles, a race, a judge's verdicts
film        films that play, strips of frames, one column of pixels over time
motion      a flow as arrows and colours, and what is hidden
ways        ways compared by numbers: bars, calm against sharp
filters     a filter that slides over a patch of numbers; a sheet of many
tables      activations laid out as a table, and an entry of a Gram matrix
flow        the whole method as one drawing
signed      maps of values with a sign
valley      ways down a valley

Importing this room makes notebooks store figures as JPEG, which keeps their files small, and lets figures
write Chinese.
"""
from IPython import get_ipython
from matplotlib_inline.backend_inline import set_matplotlib_formats

from ...engine.letters import add_to_matplotlib
from .exhibition import shares, two_scales, wall
from .fast import loss_race, style_map, training, verdicts
from .figures import WIDTH, curves, heatmaps, losses, pictures
from .film import film, strip, time_slice
from .filters import filter_sheet, sliding_filter
from .flow import flow
from .motion import hidden, optical_flow
from .signed import signed
from .tables import tables, together, unrolled
from .valley import descents
from .ways import calm_and_sharp, ways

__all__ = ["WIDTH", "calm_and_sharp", "curves", "descents", "film", "filter_sheet", "flow", "heatmaps",
           "hidden", "loss_race", "losses", "optical_flow", "pictures", "shares", "signed", "sliding_filter",
           "strip", "style_map", "tables", "time_slice", "together", "training", "two_scales", "unrolled",
           "verdicts", "wall", "ways"]

add_to_matplotlib()
if get_ipython() is not None:
    set_matplotlib_formats("jpeg", pil_kwargs={"quality": 80, "optimize": True, "progressive": True})
