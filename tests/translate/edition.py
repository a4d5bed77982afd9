"""Another language's edition of a notebook or a page: the same cells and links, with translated words."""
import os
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ..nbstrict.store import normalise, stored_hash
from ..refresh import mark_slides
from .code import translate_code
from .markdown import Translate, translate_markdown

LINK = re.compile(r"(\]\(|src=\"|href=\")([^)\"#:]*)(?:#([^)\"]*))?(?=[)\"])")


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
    english = source.read_text("utf-8")
    translated = translate_markdown(english, translate)
    return _typed(_links(translated, source, language, _anchors(english, translated)), source, language)


def notebook(source: Path, language: str, translate: Translate) -> NotebookNode:
    """A notebook's edition. Its first code cell says which language checkers and figures speak.

    Outputs are those that are stored at its place already: they belong to the code of that time, which their
    hash tells (tests/nbstrict).
    """
    made = nbformat.read(source, as_version=4)
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = _links(translate_markdown(cell.source, translate), source, language)
            cell.source = _quoted(cell.source, translate)
        else:
            cell.source = translate_code(cell.source, translate)
            cell.outputs, cell.execution_count = [], None
        cell.source = _data(cell.source)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    code[0].source = _speaking(code[0].source, language)
    return normalise(made, mark_slides, made_with=_take_outputs(code, place(source, language)))


def _take_outputs(code: list[NotebookNode], path: Path) -> str:
    """Give cells the outputs that the same code has in a stored notebook; returns the hash of its code.

    Without outputs of its own an edition has the hash of no code, and is run before it is complete.
    """
    if not path.exists():
        return "never run"
    stored = nbformat.read(path, as_version=4)
    run = {cell.source: cell for cell in stored.cells if cell.cell_type == "code"}
    for cell in code:
        if cell.source in run:
            ran = run[cell.source]
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    return stored_hash(stored) or "never run"


def _speaking(imports: str, language: str) -> str:
    if not re.search(r"(?m)^import stylelib$", imports):
        imports = f"import stylelib\n{imports}"
    return f'{imports}\n\nstylelib.use_language("{language}")'


def _links(text: str, source: Path, language: str, anchors: dict[str, str] | None = None) -> str:
    """Links lead from the new place to the same files, or to their editions where there are any.

    Args:
        anchors: those of the headings in this text, for links inside it.
    """
    def led(found):
        opening, name, anchor = found.groups()
        old = Path(os.path.normpath(source.parent / name))
        if not name and anchor:
            return f"{opening}#{(anchors or {}).get(anchor, anchor)}"
        if not name or not old.exists():            # code, `losses[0]()`, or a name that is no file of ours
            return found[0]
        new = place(old, language) if place(old, language).exists() else old
        if anchor and new != old:
            anchor = _anchors(old.read_text("utf-8"), new.read_text("utf-8")).get(anchor)
        path = Path(os.path.relpath(new, place(source, language).parent)).as_posix()
        return f"{opening}{path}#{anchor}" if anchor else f"{opening}{path}"
    return LINK.sub(led, text)


def _typed(text: str, source: Path, language: str) -> str:
    """Commands, typed in the course's folder, name the editions of files, too."""
    course = source.parents[1]

    def named(found):
        edition = place(course / found[0], language)
        return edition.relative_to(course).as_posix() if edition.exists() else found[0]
    return re.sub(r"(?ms)^```console$.*?^```$",
                  lambda block: re.sub(r"(?<!\S)[\w/.-]+\.(?:ipynb|md)\b", named, block[0]), text)


def _anchors(english: str, translated: str) -> dict[str, str]:
    """{anchor of a heading: the one it has in the translation}, if both have the same headings."""
    before, after = ([_anchor(heading) for heading in _headings(text)] for text in (english, translated))
    return dict(zip(before, after)) if len(before) == len(after) else {}


def _headings(text: str) -> list[str]:
    return re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?ms)^```.*?^```", "", text))


def _anchor(heading: str) -> str:
    """As GitHub and the course's site make it."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())


def _quoted(text: str, translate: Translate) -> str:
    """Code in a sentence names the same keys as the cells do: `clips["our clip"]`."""
    def keys(code):
        return re.sub(r'"([^"`]+)"', lambda found: f'"{translate(found[1])}"', code[0])
    return re.sub(r"(?<!`)`[^`\n]+`(?!`)", keys, text)


def _data(text: str) -> str:
    """Paths in code: an edition lies one folder deeper."""
    return re.sub(r"(?<![\w./])\.\./data", "../../data", text)
