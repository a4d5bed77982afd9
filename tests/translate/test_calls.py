"""How the package calls `tr`: late enough, with whole sentences, and with the values that they name."""
import ast
from string import Formatter

import pytest

from .messages import PACKAGE

FILES = sorted(PACKAGE.rglob("*.py"))


def calls(node, late=False):
    """(a call of tr or tr_count, whether it waits until somebody calls a function)."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "tr_count"):
        yield node, late
    body = node.body if isinstance(node, ast.FunctionDef | ast.Lambda) else []
    for child in ast.iter_child_nodes(node):
        yield from calls(child, late or child is body or (isinstance(body, list) and child in body))


def wrong(code):
    """What is wrong with the calls in some code, as "line: ..."."""
    for call, late in calls(ast.parse(code)):
        if not late:
            yield f"{call.lineno}: the language is chosen later: mark it, and translate it where it is used"
        for message in call.args[:2 if call.func.id == "tr_count" else 1]:
            if pieced(message):
                yield f"{call.lineno}: put together from pieces, it is in no catalogue"
            if isinstance(message, ast.Constant):
                yield from (f"{call.lineno}: {name}: a field, or a value, too many"
                            for name in unequal(call, message.value))


def pieced(message):
    """Whether it is an f-string, a sum, or one of two texts: babel takes those for one."""
    branches = [message.body, message.orelse] if isinstance(message, ast.IfExp) else []
    return (isinstance(message, ast.JoinedStr | ast.BinOp)
            or any(isinstance(branch, ast.Constant) for branch in branches))


def unequal(call, message):
    """The fields of a message without a value, and the reverse; where no values are, braces are letters."""
    counts, given = call.func.id == "tr_count", {keyword.arg for keyword in call.keywords}
    if not given and not counts:
        return {"{{"} if "{{" in message else set()
    fields = {name for _, name, _, _ in Formatter().parse(message) if name is not None}
    return set() if None in given else (fields - {"n"} if counts else fields) ^ given       # None: **values


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_messages_are_asked_for_rightly(path):
    assert list(wrong(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("code, count", [
    ('def f(x=1):\n    return tr("{a} of {b!r}", a=x, b=2), tr("{error}"), lambda: tr("a")', 0),
    ('def f(n):\n    return tr_count("one cat", "{n} {x}", n, x=1), tr("{n} of {x}", x=1)', 2),
    ('NAME = tr("a name")', 1), ('def f(name=tr("a name")):\n    pass', 1),
    ('def f(x):\n    return tr(f"{x} px"), tr("a" + x), tr("a" if x else "b"), tr(A if x else B)', 3),
    ('def f(x):\n    return tr("{width} px", size=x)', 2), ('def f():\n    return tr("{{name: weight}}")', 1),
])
def test_wrong_calls_are_found(code, count):
    assert len(list(wrong(code))) == count
