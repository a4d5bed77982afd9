"""Figures for the notebooks, with captions inside the figure.

figures     pictures, curves, tables of colour

Importing this room makes notebooks store figures as JPEG, which keeps their files small.
"""
from IPython import get_ipython
from matplotlib_inline.backend_inline import set_matplotlib_formats

from .figures import WIDTH, curves, heatmaps, losses, pictures

__all__ = ["WIDTH", "curves", "heatmaps", "losses", "pictures"]

if get_ipython() is not None:
    set_matplotlib_formats("jpeg", pil_kwargs={"quality": 88})
