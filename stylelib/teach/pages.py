"""From a notebook to pages of slides: what opens a slide, and how much fits on one.

The notebook's own structure decides. A chapter opens a slide, to the right of the one before. What belongs to
it lies below: each section, each piece of code, each folded answer is a page of its own, so that it can wait
until the room has voted. What explains an output appears on the output's own page at the next key press. A
slide type that is stored in a cell's metadata (JupyterLab's property inspector writes it there) has the last
word.
"""
import ast
import base64
import io
import math
import re
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from .folds import FOLD, title_of

WIDTH, HEIGHT = 1280, 720           # of a page, in pixels; the browser scales it to the screen
ROOM = HEIGHT - 60                  # what the margins leave
LINE, LETTERS = 36, 96              # a line of text: its height, and how many letters it has
CODE_LINE = 25                      # a line of code, at most
LARGEST_PICTURE = (1200, 540)       # pictures are enlarged up to this, but at most by 1.8
SLIDE_TYPES = ("slide", "subslide", "fragment", "skip", "notes", "-")


@dataclass
class Block:
    """A piece of a cell that is never torn apart.

    Attributes:
        cell: what is shown: a cell of its own.
        opens: the slide type that it asks for.
        height: in pixels, estimated.
        least: pictures may shrink to this height; everything else keeps its own.
    """

    cell: NotebookNode
    opens: str
    height: float
    least: float = math.nan

    def __post_init__(self):
        if math.isnan(self.least):
            self.least = self.height


def slide_type(cell: NotebookNode, before: NotebookNode | None = None) -> str:
    """The slide type of a cell, in the words of Jupyter's slideshow metadata.

    It is what the cell's metadata say, or else follows from its place in the text.

    Args:
        cell: a cell of a notebook.
        before: the cell before it; None for the first one.

    Returns:
        One of SLIDE_TYPES. "-" continues the page; "fragment" too, but appears at the next key press.
    """
    stored = cell.metadata.get("slideshow", {}).get("slide_type")
    if stored in SLIDE_TYPES:
        return stored
    if cell.cell_type == "code":
        exercise = "exercise" in cell.metadata.get("tags", []) or cell.source.startswith("check.")
        return "skip" if _only_imports(cell.source) else "-" if exercise else "subslide"
    heading = re.match(r"#+(?= )", cell.source)
    if heading:
        return _opened_by(heading)
    if cell.source.startswith("**Predict"):
        return "subslide"
    return "fragment" if before is not None and before.cell_type == "code" else "-"


def pages(notebook: NotebookNode) -> NotebookNode:
    """A notebook whose cells are blocks with slide types, so that each page is as full as it may be.

    Args:
        notebook: a notebook of the course.

    Returns:
        A new notebook for nbconvert's slides.
    """
    page: list[Block] = []
    cells: list[Block] = []
    for block in _blocks(notebook):
        two_headings = _is_heading(page) and _is_heading([block])
        opens = block.opens == "slide" or (block.opens == "subslide" and not two_headings)
        if opens or not page or not _fits(page, block):
            kind = "slide" if block.opens == "slide" or not cells else "subslide"
            page = []
        else:
            kind = "fragment" if block.opens == "fragment" else "-"
        page.append(block)
        block.cell.metadata["slideshow"] = {"slide_type": kind}
        cells.append(block)
    for i, block in enumerate(cells):
        block.cell.id = f"block-{i}"
        _set_picture_height(block)
    return new_notebook(cells=[block.cell for block in cells], metadata=notebook.metadata)


def _fits(page, block):
    """Whether a block fits on a page, after its pictures have shrunk; shrinks them."""
    together = [*page, block]
    missing = sum(part.height for part in together) - ROOM
    give = sum(part.height - part.least for part in together)
    if missing > give:
        return _is_heading(page)            # no heading stays alone
    for part in together:
        if missing > 0:
            part.height -= missing * (part.height - part.least) / give
    return True


def _is_heading(page):
    cell = page[0].cell if len(page) == 1 else None
    return cell is not None and cell.cell_type == "markdown" and bool(re.fullmatch(r"#+ .*", cell.source))


def _blocks(notebook):
    before = None
    for cell in notebook.cells:
        opens = slide_type(cell, before)
        before = cell
        if opens in ("skip", "notes"):
            continue
        blocks = _markdown_blocks(cell.source) if cell.cell_type == "markdown" else _code_blocks(cell)
        for i, block in enumerate(blocks):
            if i == 0 and block.opens == "-":
                block.opens = opens
            yield block


def _markdown_blocks(source):
    """Paragraphs; each fold is a page of its own, under its title."""
    place = 0
    for fold in FOLD.finditer(source):
        yield from _paragraphs(source[place:fold.start()], after_fold=place > 0)
        yield from _paragraphs(f"#### {title_of(fold)}\n\n{fold['text']}")
        place = fold.end()
    yield from _paragraphs(source[place:], after_fold=place > 0)


def _paragraphs(text, after_fold=False):
    for paragraph in _split(text):
        if re.search(r"\[← |→\]\(", paragraph):     # navigation: on slides, index.html does it
            continue
        heading = re.match(r"#+(?= )", paragraph)
        opens = _opened_by(heading) if heading else "subslide" if after_fold else "-"
        after_fold = False
        yield Block(new_markdown_cell(paragraph), opens, _text_height(paragraph))


def _opened_by(heading):
    return "slide" if len(heading[0]) < 3 else "subslide"


def _split(text):
    """At empty lines, but neither in ```code``` nor before an indented line, which continues a list."""
    parts = []
    for part in re.split(r"\n\s*\n(?! )", text.strip()):
        if parts and parts[-1].count("```") % 2:
            parts[-1] += "\n\n" + part
        elif part.strip():
            parts.append(part)
    return parts


def _text_height(text):
    if text.startswith("#"):
        _, _, rest = text.partition("\n")
        return 2 * LINE + (_text_height(rest) if rest.strip() else 0)
    if "```" in text:
        return text.count("\n") * CODE_LINE + LINE
    if "$$" in text:
        around = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
        return (text.count(r"\\") + 1) * 2 * LINE + LINE * math.ceil(len(around) / LETTERS)
    if text.startswith("|"):
        return sum(max(map(_lines, row.split("|"))) * LINE + 10 for row in text.splitlines())
    if re.match(r"[-*] |\d+\. ", text):
        items = re.split(r"\n(?=\s*(?:[-*] |\d+\. ))", text)
        return sum(_lines(item) for item in items) * LINE + LINE / 2
    return _lines(text) * LINE + LINE / 2


def _lines(text):
    return max(1, math.ceil(len(re.sub(r"\]\([^)]*\)", "]", text)) / LETTERS))


def _code_blocks(cell):
    """The code, and each of its outputs. Pictures stand beside their explanation, not beside long code."""
    yield Block(_part(cell.source, []), "-", _code_height(cell.source))
    picture_opens = "subslide" if cell.source.count("\n") > 3 else "-"
    for output in cell.outputs:
        data = output.get("data", {})
        part = _part("", [output])
        if _picture(data):
            height = _picture_height(data)
            yield Block(part, picture_opens, height + 20, 0.6 * height)
            picture_opens = "-"
        elif "text/html" in data:
            yield Block(part, "-", (data["text/html"].count("<tr") + 1) * LINE)
        elif text := output.get("text") or data.get("text/plain"):
            yield Block(part, "-", _code_height(text))


def _part(source, outputs):
    tags = [] if source else ["output-only"]
    return new_code_cell(source, outputs=outputs, metadata={"tags": tags})


def _code_height(text):
    lines = text.rstrip().splitlines() or [""]
    return sum(max(1, math.ceil(len(line) / 140)) for line in lines) * CODE_LINE + 30


def _picture(data):
    return next((kind for kind in ("image/jpeg", "image/png") if kind in data), None)


def _picture_height(data):
    with Image.open(io.BytesIO(base64.b64decode(data[_picture(data)]))) as picture:
        width, height = picture.size
    return height * min(1.8, LARGEST_PICTURE[0] / width, LARGEST_PICTURE[1] / height)


def _set_picture_height(block):
    for output in block.cell.get("outputs", []):
        kind = _picture(output.get("data", {}))
        if kind:
            output.metadata = NotebookNode({kind: {"height": round(block.height - 20)}})


def _only_imports(source):
    try:
        return all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in ast.parse(source).body)
    except SyntaxError:
        return False
