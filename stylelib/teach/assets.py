"""Programs for the browser that Python packages carry: so nothing has to be loaded from a network."""
import importlib.util
from pathlib import Path

from .course import not_installed


def mathjax_file() -> Path:
    """MathJax as one file.

    It draws formulas as SVG, which needs no fonts: some browsers load none from a plain folder.
    """
    return package_folder("sphinx-mathjax-offline") / "static" / "mathjax" / "tex-svg.js"


def package_folder(name: str) -> Path:
    """The folder of an installed package, found without importing it.

    Raises:
        KitError: it is not installed.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise not_installed(name)
    return Path(spec.submodule_search_locations[0])
