"""Where notebooks take their panels from: `from stylelib.widgets import playground`. The code is in `learn/widgets/`."""
from .learn.widgets import Playground, before_after, contact_sheet, playground

__all__ = ["Playground", "before_after", "contact_sheet", "playground"]
