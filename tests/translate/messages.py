"""Where messages come from: the notebooks, the pages for teachers, and the package."""
import ast
import io
from collections.abc import Iterator
from pathlib import Path

import nbformat
from babel.messages import extract as babel

from stylelib.engine.credits import find_credit
from stylelib.settings import explanations

from ..places import NOTEBOOKS, ROOT
from .catalogue import Found
from .code import translate_code
from .markdown import translate_markdown

PAGES = tuple(ROOT / "notebooks" / f"{name}.md" for name in ("TEACHING", "HUBS", "ANSWERS"))
TEXTS = (*NOTEBOOKS, *PAGES)
PACKAGE = ROOT / "stylelib"
EXPLAINED = ("The command line leaves out a last sentence with the word Python and a clause with a name in "
             "backquotes, and says something else for None")
KEYWORDS = {"tr": None, "mark": None, "tr_count": (1, 2)}


def messages(source: Path) -> list[Found]:
    """The messages of a notebook, of a page, or of the package (its folder), in their order."""
    if source.is_dir():
        return list(_of_package(source))
    return list(_of_notebook(source) if source.suffix == ".ipynb" else _of_page(source))


def _of_notebook(path: Path) -> Iterator[Found]:
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
        in_code = cell.cell_type == "code"
        for text in extract(cell.source, in_code):
            yield Found(text, "in code" if in_code else "", f"{path.relative_to(ROOT)}, cell {number}")


def _of_page(path: Path) -> Iterator[Found]:
    text = path.read_text("utf-8")
    lines = text.split("\n")
    for message in extract(text):
        # A message may go over several lines: its first words say where it begins
        number = next((i for i, line in enumerate(lines, 1) if message[:30] in line), 1)
        yield Found(message, "", f"{path.relative_to(ROOT)}:{number}")


def extract(text: str, in_code: bool = False) -> list[str]:
    """The messages of a text in Markdown, or of code."""
    found: list[str] = []

    def note(message):
        found.append(message)
        return message
    (translate_code if in_code else translate_markdown)(text, note)
    return found


def _of_package(folder: Path) -> Iterator[Found]:
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder.parent)
        for line, text, comments in _of_code(path):
            yield Found(text, " ".join([str(name), *comments]), f"{name}:{line}")
    for name, text in explanations().items():           # from a docstring
        yield Found(text, f"stylelib/settings.py {EXPLAINED}", f"stylelib/settings.py, {name}")
    for path in sorted(ROOT.glob("data/[cs]*/*.jpg")):  # on labels
        credit = find_credit(path)
        for text in (credit.what, credit.rights) if credit else ():
            yield Found(text, "data/SOURCES.md", f"data/SOURCES.md, {path.name}")


def _of_code(path):
    """(line, message, comments), in order. Within an f-string Babel sees one only from Python 3.12 on."""
    code = path.read_bytes()
    found = [(line, text, comments) for line, text, comments, _ in babel.extract(
        "python", io.BytesIO(code), KEYWORDS, ["Translators:"], strip_comment_tags=True)]
    seen = {text for _, text, _ in found}
    for piece in (node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FormattedValue)):
        inside = babel.extract("python", io.BytesIO(ast.unparse(piece).encode()), KEYWORDS)
        found += [(piece.lineno, text, []) for _, text, _, _ in inside if text not in seen]
    return sorted(found, key=lambda message: message[0])
