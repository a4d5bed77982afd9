"""Figures for the notebooks, with captions inside the figure.

figures     pictures, curves, tables of colour
flow        the whole method as one drawing
signed      maps of values with a sign
tables      activations laid out as a table, and an entry of a Gram matrix
valley      ways down a valley

Importing this room makes notebooks store figures as JPEG, which keeps their files small.
"""
from IPython import get_ipython
from matplotlib_inline.backend_inline import set_matplotlib_formats

from .figures import WIDTH, curves, heatmaps, losses, pictures
from .flow import flow
from .signed import signed
from .tables import tables, together, unrolled
from .valley import descents

__all__ = ["WIDTH", "curves", "descents", "flow", "heatmaps", "losses", "pictures", "signed", "tables",
           "together", "unrolled"]

if get_ipython() is not None:
    set_matplotlib_formats("jpeg", pil_kwargs={"quality": 80, "optimize": True, "progressive": True})
