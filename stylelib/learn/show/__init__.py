"""Figures for the notebooks, with captions inside the figure.

figures     pictures, curves, tables of colour
fast        networks that paint: a training, a map of styles, a race, a judge's verdicts
filters     a filter that slides over a patch of numbers; a sheet of many
tables      activations laid out as a table, and an entry of a Gram matrix
flow        the whole method as one drawing
signed      maps of values with a sign
valley      ways down a valley

Importing this room makes notebooks store figures as JPEG, which keeps their files small.
"""
from IPython import get_ipython
from matplotlib_inline.backend_inline import set_matplotlib_formats

from .fast import loss_race, style_map, training, verdicts
from .figures import WIDTH, curves, heatmaps, losses, pictures
from .filters import filter_sheet, sliding_filter
from .flow import flow
from .signed import signed
from .tables import tables, together, unrolled
from .valley import descents

__all__ = ["WIDTH", "curves", "descents", "filter_sheet", "flow", "heatmaps", "loss_race", "losses",
           "pictures", "signed", "sliding_filter", "style_map", "tables", "together", "training", "unrolled",
           "verdicts"]

if get_ipython() is not None:
    set_matplotlib_formats("jpeg", pil_kwargs={"quality": 80, "optimize": True, "progressive": True})
