"""Live panels for the notebooks: the only part of this package that imports ipywidgets."""
from .browse import before_after, contact_sheet
from .playground import Playground, playground

__all__ = ["Playground", "before_after", "contact_sheet", "playground"]
