"""Live panels for the notebooks: the only part of this package that imports ipywidgets."""
from .browse import before_after, contact_sheet
from .mixing import StyleSlider, style_slider
from .playground import Playground, playground

__all__ = ["Playground", "StyleSlider", "before_after", "contact_sheet", "playground", "style_slider"]
