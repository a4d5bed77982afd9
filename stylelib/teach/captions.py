"""Alternative texts: what a picture shows, for those who cannot see it, from the captions in the code.

A text that was stored with a picture, as with a film, is taken as it is. Else captions are read, not run:
`show.pictures({"the photo": photo, f"after {n} steps": image})` gives "the photo; after … steps". Names that
stand for constants, and loops over them, are followed as far as the code says what they are.
"""
import ast
import re
from typing import Any

from nbformat import NotebookNode

from ..engine.language import tr

UNKNOWN = "…"
LONGEST = 300           # letters of an alternative text
TITLES = {"title", "label", "xlabel", "ylabel"}
DRAWN = ("image/jpeg", "image/png")


class Names:
    """What the names of a notebook stand for, as far as its code says so without being run."""

    def __init__(self):
        self.values: dict[str, Any] = {}

    def read(self, tree: ast.AST) -> None:
        """Take in the assignments of a cell."""
        for part in ast.walk(tree):
            if not (isinstance(part, ast.Assign) and len(part.targets) == 1):
                continue
            target = part.targets[0]
            if isinstance(target, ast.Name):
                self.values[target.id] = self.sequence(part.value)
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                known = self.values.get(target.value.id) or []
                if isinstance(known, list):
                    self.values[target.value.id] = known + [self.words(target.slice)]

    def words(self, node: ast.AST | None) -> str:
        """The text of an expression; UNKNOWN where only running it would tell."""
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.JoinedStr):
            return "".join(self.words(part) for part in node.values)
        if isinstance(node, ast.FormattedValue):
            return self.words(node.value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.words(node.left), self.words(node.right)
            return UNKNOWN if left.isdigit() or right.isdigit() else left + right
        value = self.values.get(node.id) if isinstance(node, ast.Name) else None
        return value if isinstance(value, str) else UNKNOWN

    def sequence(self, node: ast.AST) -> Any:
        """The texts of a list or of a dict's keys; one text for anything else."""
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values)
            parts = ([self.words(key)] if key else self.listed(value) for key, value in pairs)
            return [text for part in parts for text in part]
        if isinstance(node, ast.List | ast.Tuple):
            return [self.first(part) for part in node.elts]
        if isinstance(node, ast.DictComp):
            return self._over(node.key, node.generators[0])
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            return self._over(node.elt, node.generators[0])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items":
            return self.listed(node.func.value)
        if isinstance(node, ast.Name):
            return self.values.get(node.id, UNKNOWN)
        return self.words(node)

    def listed(self, node: ast.AST) -> list[str]:
        """`sequence`, where nothing but a list is of use."""
        found = self.sequence(node)
        return found if isinstance(found, list) else [UNKNOWN]

    def first(self, node: ast.AST) -> str:
        """The text of an element; of a tuple, its first."""
        return self.first(node.elts[0]) if isinstance(node, ast.Tuple) and node.elts else self.words(node)

    def _over(self, key, loop):
        target = loop.target
        while isinstance(target, ast.Tuple):
            target = target.elts[0]
        before, texts = dict(self.values), []
        for value in self.listed(loop.iter):
            if isinstance(target, ast.Name):
                self.values[target.id] = value
            texts.append(self.first(key))
        self.values = before
        return texts


def alternative_texts(notebook: NotebookNode) -> dict[tuple[int, int], str]:
    """What each picture of a notebook shows.

    Args:
        notebook: with its outputs.

    Returns:
        {(index of the cell, index of the output): text}, never empty: without a caption, the heading above.
    """
    names, heading, texts = Names(), tr("A figure"), {}
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            heading = ([heading] + re.findall(r"(?m)^#+ (.*)", cell.source))[-1]
        elif cell.cell_type == "code":
            drawn = [j for j, output in enumerate(cell.outputs) if set(DRAWN) & set(output.get("data", {}))]
            captions = _captions(cell.source, names)
            for number, j in enumerate(drawn):
                mine = captions[number:number + 1] if len(captions) == len(drawn) else captions
                text = _stored(cell.outputs[j]) or "; ".join(dict.fromkeys(filter(None, mine)))
                texts[i, j] = _short(text if _says_enough(text) else f"{_plain(heading)}: {text}".strip(": "))
    return texts


def _stored(output):
    """The text that the code which made a picture gave to it, in one line; "" if there is none."""
    told = [output.metadata.get(kind, {}).get("alt", "") for kind in DRAWN]
    return " ".join(" ".join(told).split())


def _captions(source, names):
    """One text for each call that draws, in the order of the code."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    names.read(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _draws(node.func)]
    calls = calls or [part.value for part in tree.body if _calls_own_function(part)]
    shown = [_caption(call, names) for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))]
    if any(isinstance(node, ast.Attribute) and ast.unparse(node) == "plt.show" for node in ast.walk(tree)):
        set_by = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        shown.append(_joined(text for call in set_by for text in _titles(call, names)))
    return shown


def _calls_own_function(part):
    """Whether a statement calls a function of the notebook: it may draw, and what it is told are captions."""
    call = part.value if isinstance(part, ast.Expr) else None
    name = call.func if isinstance(call, ast.Call) else None
    return isinstance(name, ast.Name) and name.id not in ("print", "claim")


def _draws(function):
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) \
        and function.value.id == "show"


def _caption(call, names):
    titles = _titles(call, names)
    texts = [text for argument in call.args for text in _as_list(names.sequence(argument))]
    captions = _joined(dict.fromkeys(text for text in texts if text not in titles))
    return ": ".join(filter(None, [_joined(titles), captions]))


def _titles(call, names):
    named = [names.words(word.value) for word in call.keywords if word.arg in TITLES]
    method = getattr(call.func, "attr", "")
    if method in ("set_title", "suptitle", "set_xlabel", "set_ylabel") and call.args:
        named.append(names.words(call.args[0]))
    return named


def _as_list(found):
    return found if isinstance(found, list) else [found]


def _joined(texts):
    """Those that say something, one after the other."""
    kept = dict.fromkeys(_plain(text) for text in texts)
    return "; ".join(text for text in kept if re.search(r"[^\W\d_]{2}", text))


def _plain(text):
    """Without line breaks, Markdown and repeated spaces."""
    return re.sub(r"\s+", " ", re.sub(r",?\s*\n\s*", ", ", re.sub(r"[`*$]", "", text))).strip(" ,;:")


def _says_enough(text):
    """Whether most of a text is known: "…, channel …" is not."""
    return len(re.findall(r"[^\W\d_]{2,}", text)) > 2 * text.count(UNKNOWN)


def _short(text):
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " " + UNKNOWN
