"""The package's door: its names are loaded when they are used, and are what they should be."""
import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import stylelib


def printed(code):
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_large_is_loaded_before_it_is_used():
    code = """import sys, stylelib, stylelib.settings
print(sorted({"torch", "numpy", "PIL", "matplotlib", "ipywidgets"} & set(sys.modules)))
from stylelib import *
load_image, stylize
print(sorted({"torch", "numpy", "PIL", "matplotlib", "ipywidgets"} & set(sys.modules)))"""
    assert printed(code).splitlines() == ["[]", "['PIL', 'numpy', 'torch']"]


@pytest.mark.parametrize("first", ["", "import stylelib.optimize", "from stylelib.optimize import Step",
                                   "from stylelib import stylize"])
def test_optimize_is_the_function_whatever_was_imported_before(first):
    """The file of the same name would take its place, as any file does in its package."""
    look = "from stylelib import optimize\nprint(optimize is stylelib.optimize, optimize.__name__)"
    assert printed(f"import stylelib\n{first}\n{look}") == "True optimize"


def test_editors_know_the_same_names():
    """`if TYPE_CHECKING` repeats the names, since type checkers don't look into _HOMES."""
    tree = ast.parse(Path(stylelib.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {(node.module, name.name) for node in block.body for name in node.names}
    found = set()
    for module, name in told:
        in_a_room = module == "learn"       # check and show are modules themselves
        home = import_module(f"stylelib.{module}.{name}" if in_a_room else f"stylelib.{module}")
        assert getattr(stylelib, name) is (home if in_a_room else getattr(home, name))
        found.add(name)
    assert found == {*stylelib.__all__, "check", "show"}


def test_the_door_is_listed_and_has_no_other_names():
    assert {"stylize", "check", "show", "optimize", "__version__"} <= set(dir(stylelib))
    with pytest.raises(AttributeError, match="module 'stylelib' has no attribute 'stylise'"):
        _ = stylelib.stylise
    with pytest.raises(ImportError, match="cannot import name 'stylise'"):
        from stylelib import stylise  # noqa: F401
