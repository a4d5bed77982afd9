"""Another language's edition of a notebook or a page: the same cells and links, with translated words."""
import os
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ..nbstrict.store import normalise, stored_hash
from ..places import ROOT
from ..refresh import mark_slides
from .code import translate_code
from .markdown import Translate, translate_markdown

FOLDER = ROOT / "notebooks"
LINK = re.compile(r"(\]\(|src=\"|href=\")([^)\"#:]+)(?=[)\"#])")


def short(language: str) -> str:
    """What folders and files are named by: short("zh_CN") is "zh"."""
    return language.partition("_")[0]


def place(source: Path, language: str) -> Path:
    """Where a file's edition lies: notebooks/zh/00_start_here.ipynb, data/teasers/zh/..., TEACHING.zh.md."""
    if source.suffix == ".md":
        return source.with_suffix(f".{short(language)}.md")
    return source.parent / short(language) / source.name


def page(source: Path, language: str, translate: Translate) -> str:
    """A page's edition, as text."""
    return _links(translate_markdown(source.read_text("utf-8"), translate), source, language)


def notebook(source: Path, language: str, translate: Translate) -> NotebookNode:
    """A notebook's edition. Its first code cell says which language checkers and figures speak.

    Outputs are those that are stored at its place already: they belong to the code of that time, which their
    hash tells (tests/nbstrict).
    """
    made, target = nbformat.read(source, as_version=4), place(source, language)
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = _links(translate_markdown(cell.source, translate), source, language)
        else:
            cell.source = translate_code(cell.source, translate)
            cell.outputs, cell.execution_count = [], None
        cell.source = _data(cell.source)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    code[0].source = _speaking(code[0].source, language)
    stored = nbformat.read(target, as_version=4) if target.exists() else None
    if stored:
        outputs = {cell.source: cell.outputs for cell in stored.cells if cell.cell_type == "code"}
        for cell in code:
            cell.outputs = outputs.get(cell.source, [])
    # Without outputs of its own it has the hash of no code, and is run before it is complete
    return normalise(made, mark_slides, made_with=(stored and stored_hash(stored)) or "never run")


def _speaking(imports: str, language: str) -> str:
    door = "stylelib" if re.search(r"(?m)^import stylelib$", imports) else ""
    if door:
        return f'{imports}\n\nstylelib.use_language("{language}")'
    return f'import stylelib\n{imports}\n\nstylelib.use_language("{language}")'


def _links(text: str, source: Path, language: str) -> str:
    """Links lead from the new place to the same files, or to their editions where there are any."""
    def led(found):
        old = Path(os.path.normpath(source.parent / found[2]))
        edition = place(old, language)
        new = edition if edition.exists() or edition == place(source, language) else old
        if not old.exists():            # a name that is no file of ours
            return found[0]
        return found[1] + Path(os.path.relpath(new, place(source, language).parent)).as_posix()
    return LINK.sub(led, text)


def _data(text: str) -> str:
    """Paths in code: an edition lies one folder deeper."""
    return re.sub(r"(?<![\w./])\.\./data", "../../data", text)
