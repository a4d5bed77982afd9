"""Live panels for the notebooks: the only part of this package that imports ipywidgets."""
from .browse import before_after, contact_sheet
from .mixing import StyleSlider, style_slider
from .playground import Playground, playground
from .studio import Studio, studio

__all__ = ["Playground", "Studio", "StyleSlider", "before_after", "contact_sheet", "playground", "studio",
           "style_slider"]
