"""Code on slides: what a room should read of a cell, without what only draws, prints or checks."""
import ast

DRAWS = ("plt", "show", "axis", "axes", "figure", "check", "display")  # calls of these, and what they hold


def essential(source: str, prints: bool = False) -> str:
    """A cell's code without imports, assertions, checks and drawing.

    Args:
        source: code of a cell. What is not Python, such as %magic, stays as it is.
        prints: keep `print` too: without a picture, what it prints is the cell's point.

    Returns:
        What is left of it, perhaps "".
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return source
    draws = {*DRAWS, *_drawn_on(body)} | (set() if prints else {"print"})
    kept = [part for part in body if not _plumbing(part, draws)]
    lines = {number for part in kept for number in _lines(part)}
    gone = {number for part in body for number in _lines(part)} - lines
    gone |= {number for part in kept for check in _checks_inside(part) for number in _lines(check)}
    return _without(source.splitlines(), gone) if kept else ""


def _checks_inside(part):
    """Assertions in its loops and functions, where they do not stand alone."""
    for node in ast.walk(part):
        body = node.body if isinstance(getattr(node, "body", None), list) else []
        checks = [each for each in body if isinstance(each, ast.Assert)
                  or (isinstance(each, ast.Expr) and _root(each.value) == "check")]
        if len(checks) < len(body):
            yield from checks


def _drawn_on(body):
    """Names that `plt` gave: of figures and axes."""
    made = [part for part in body if isinstance(part, ast.Assign) and _root(part.value) == "plt"]
    return {name.id for part in made for target in part.targets for name in ast.walk(target)
            if isinstance(name, ast.Name)}


def _lines(part):
    """Indices of the lines that a statement takes."""
    first = min([part.lineno, *(each.lineno for each in getattr(part, "decorator_list", []))])
    return range(first - 1, part.end_lineno)


def _without(lines, gone):
    """Comments on lines of their own go with the line below; no two empty lines stay together."""
    kept, gone = [], set(gone)
    for number in reversed(range(len(lines))):
        if number in gone or (lines[number].startswith("#") and number + 1 in gone):
            gone.add(number)
        elif lines[number].strip() or (kept and kept[-1].strip()):
            kept.append(lines[number])
    return "\n".join(reversed(kept)).strip("\n")


def _plumbing(part, draws):
    if isinstance(part, ast.Import | ast.ImportFrom | ast.Assert):
        return True
    if isinstance(part, ast.For | ast.With | ast.If):
        inside = [*part.body, *getattr(part, "orelse", [])]
        drawn = any(_plumbing(each, draws - {"print"}) for each in inside)
        return all(_plumbing(each, draws) or (drawn and _names_a_value(each)) for each in inside)
    if isinstance(part, ast.FunctionDef):
        return any(isinstance(each, ast.Call) and _root(each) in ("plt", "show") for each in ast.walk(part))
    if isinstance(part, ast.Assign):
        return _root(part.value) == "plt"
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) and _root(part.value) in draws


def _names_a_value(part):
    """`share = ...`, and nothing that stays, such as `shares[layer] = ...`."""
    return isinstance(part, ast.Assign) and all(isinstance(target, ast.Name) for target in part.targets)


def _root(node):
    """The first name of `figure.axes[0].plot(x)`: "figure"."""
    while not isinstance(node, ast.Name):
        node = getattr(node, "func", None) or getattr(node, "value", None)
        if not isinstance(node, ast.AST):
            return ""
    return node.id
