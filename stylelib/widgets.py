"""Where notebooks get their panels: `from stylelib.widgets import playground`. The code: learn/widgets/."""
from .learn.widgets import (
    Playground,
    Studio,
    StyleSlider,
    before_after,
    contact_sheet,
    playground,
    studio,
    style_slider,
)

__all__ = ["Playground", "Studio", "StyleSlider", "before_after", "contact_sheet", "playground", "studio",
           "style_slider"]
