"""Where notebooks get their panels: `from stylelib.widgets import playground`. The code: learn/widgets/."""
from .learn.widgets import Playground, before_after, contact_sheet, playground

__all__ = ["Playground", "before_after", "contact_sheet", "playground"]
