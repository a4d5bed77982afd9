"""Where notebooks get their panels: `from stylelib.widgets import playground`. The code: learn/widgets/."""
from .learn.widgets import Playground, StyleSlider, before_after, contact_sheet, playground, style_slider

__all__ = ["Playground", "StyleSlider", "before_after", "contact_sheet", "playground", "style_slider"]
