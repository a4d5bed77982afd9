"""From a notebook to pages of slides: what opens a slide, and how much fits on one.

The notebook's own structure decides. A chapter opens a slide, to the right of the one before. What belongs to
it lies below: a question is on a page before its answer, so that the room can vote; a picture has a page on
which it is large; "What to see" appears on it at the next key press if the picture stays large, or else has
the next page. Short text joins what comes after it. A slide type that is stored in a cell's metadata
(JupyterLab's property inspector writes it there) has the last word.
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

from ..engine.language import tr
from ..engine.lines import width_of
from .editions import HAPPENS, PREDICT, SEEN, SOLUTION
from .folds import FOLD, title_of
from .listing import essential

WIDTH, HEIGHT = 1280, 720           # of a page, in pixels; the browser scales it to the screen
ROOM = HEIGHT - 60                  # what the margins leave
LINE, LETTERS = 36, 92              # a line of text: its height, and how many letters it has
CODE_LINE, CODE_LETTERS = 23, 110   # of code; the browser enlarges what is short
LARGEST_PICTURE = (1210, ROOM - 30)     # pictures are enlarged up to this, but at most by 2.2
FRAME = 30                          # around a picture
STAYS_LARGE = 0.85                  # of that: what text beside a picture must leave
SHORT = 0.36 * ROOM                 # a page up to here is nearly empty: what follows may join it
FEW_LINES = 4 * CODE_LINE + 32      # code up to here may stand above its picture
QUESTION = 0.7 * ROOM               # and up to here there's room to think about a question
SLIDE_TYPES = ("slide", "subslide", "fragment", "skip", "notes", "-")
QUESTIONS = re.compile("|".join(map(re.escape, PREDICT)))      # how a Predict begins
ANSWERS = re.compile(rf"#### ({'|'.join(map(re.escape, SEEN))})")      # and the answer to it, unfolded


@dataclass
class Block:
    """A piece of a cell that is never torn apart.

    Attributes:
        cell: what is shown: a cell of its own.
        opens: the slide type that it asks for.
        height: in pixels, estimated.
        least: pictures may shrink to this height; everything else keeps its own.
        kind: "text", "heading", "question", "answer", "fold", "code", "output", "picture" or "title".
    """

    cell: NotebookNode
    opens: str
    height: float
    least: float = math.nan
    kind: str = "text"

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
    if cell.source.startswith(PREDICT):
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
    for block in _with_answers_noted(list(_blocks(notebook))):
        if block.opens == "notes":
            kind = "notes"
        elif not page or _turns(page, block):
            kind, page = "slide" if block.opens == "slide" or not page else "subslide", [block]
        else:
            kind = _step(page, block)
            page.append(block)
        if block.kind == "answer" and len(page) > 1:        # under its picture it needs no title
            block.cell.source = ANSWERS.sub("", block.cell.source, count=1).lstrip()
            block.cell.metadata["tags"] = []
        block.cell.metadata["slideshow"] = {"slide_type": kind}
        cells.append(block)
    for i, block in enumerate(cells):
        block.cell.id = f"block-{i}"
        _set_picture_height(block)
    return new_notebook(cells=[block.cell for block in cells], metadata=notebook.metadata)


def _step(page, block):
    """Whether a block waits for a key press, and whether it waits together with the one before."""
    waiting = page[-1].cell.metadata["slideshow"]["slide_type"] == "fragment"
    if block.kind == "text" and block.opens == "-" and waiting:
        block.cell.metadata["tags"] = ["follows"]
        return "fragment"
    follows_text = block.kind == "text" and page[-1].kind in ("heading", "text") and not waiting
    return "fragment" if block.opens == "fragment" and not follows_text else "-"


def _turns(page, block):
    """Whether a block opens a page; if it does not, pictures of this one have shrunk to make room."""
    if block.opens == "slide":
        return True
    if all(part.kind == "heading" for part in page):
        return False                            # no heading stays alone
    last, filled = page[-1].kind, sum(part.height for part in page)
    if last in ("question", "title"):
        return True
    if block.kind == "question":
        only_text = all(part.kind in ("heading", "text") for part in page)
        return not (only_text and filled + block.height <= QUESTION)
    if block.opens == "subslide" and (block.kind in ("heading", "fold", "text") or filled > SHORT
                                      or last in ("answer", "fold", "picture")):
        return True
    long_code = any(part.kind == "code" and part.height > FEW_LINES for part in page)
    return (block.kind == "picture" and long_code) or not _fits(page, block)


def _fits(page, block):
    """Whether a block fits on a page, after its pictures have shrunk; shrinks them."""
    together = [*page, block]
    missing = sum(part.height for part in together) - ROOM
    give = sum(part.height - part.least for part in together)
    if missing > give:
        return False
    for part in together:
        if missing > 0:
            part.height -= missing * (part.height - part.least) / give
    return True


def _with_answers_noted(blocks):
    """After each question, for the speaker: what will be seen."""
    for i, block in enumerate(blocks):
        yield block
        if block.kind == "question":
            later = [one.kind for one in blocks[i + 1:]]
            until = later.index("question") if "question" in later else len(later)
            if "answer" in later[:until]:
                answer = blocks[i + 1 + later.index("answer")].cell.source
                yield _note(ANSWERS.sub(f"**{tr('They will see:')}**", answer))


def _note(text):
    return Block(new_markdown_cell(text), "notes", 0, kind="notes")


def _blocks(notebook):
    before = None
    first = next((cell for cell in notebook.cells[:1] if cell.cell_type == "markdown"), None)
    for cell in notebook.cells:
        opens = slide_type(cell, before)
        previous, before = before, cell
        if opens == "skip" or "parameters" in cell.metadata.get("tags", []):
            continue
        if opens == "notes":
            yield _note(cell.source)
            continue
        after_code = previous is not None and previous.cell_type == "code"
        text = cell.cell_type == "markdown"
        blocks = _markdown_blocks(cell.source, after_code) if text else _code_blocks(cell)
        for j, block in enumerate(_title_page(list(blocks)) if cell is first else blocks):
            if j == 0 and block.opens == "-":
                block.opens = opens
            yield block


def _title_page(blocks):
    """The first cell: its picture ends the title page, so that it can be large."""
    for block in blocks:
        if block.kind == "picture":
            block.kind = "title"
            break
    return blocks


def _markdown_blocks(source, after_code):
    """Paragraphs; each fold is a page of its own, under its title."""
    place = 0
    for fold in FOLD.finditer(source):
        title = title_of(fold)
        yield from _paragraphs(source[place:fold.start()], after_fold=place > 0)
        text = f"#### {title}\n\n{fold['text'].strip()}"
        if title in HAPPENS:            # only the speaker sees it
            yield _note(text)
        else:
            yield from _opened(text, "answer" if title in SEEN and after_code else "fold")
        place = fold.end()
    yield from _paragraphs(source[place:], after_fold=place > 0)


def _opened(text, kind):
    """What was folded: in one piece, if it isn't too long. A solution has a page of its own."""
    height = sum(map(_text_height, _split(text)))
    if height > ROOM:
        yield from _paragraphs(text)
    else:
        cell = new_markdown_cell(text, metadata={"tags": ["answer"] if kind == "answer" else []})
        solves = text.removeprefix("#### ").startswith(SOLUTION)
        yield Block(cell, "subslide" if solves else "fragment", height, kind=kind)


def _paragraphs(text, after_fold=False):
    """A Predict is one block with all that follows it in its cell."""
    asked = QUESTIONS.search(text)
    text, predict = (text[:asked.start()], text[asked.start():]) if asked else (text, "")
    context = bool(predict) and not text.startswith("#")        # what a question needs stands beside it
    for paragraph in _split(text):
        if re.search(r"\[← |→\]\(", paragraph):     # navigation: on slides, index.html does it
            continue
        heading = re.match(r"#+(?= )", paragraph)
        turns = context or (after_fold and re.match(r"(\*\*)?\d+\.", paragraph))
        opens = _opened_by(heading) if heading else "subslide" if turns else "-"
        after_fold = context = False
        kind = "heading" if heading and "\n" not in paragraph else "text"
        yield from _drawing(paragraph) if paragraph.startswith("![") else [
            Block(new_markdown_cell(paragraph), opens, _text_height(paragraph), kind=kind)]
    if predict:
        cell = new_markdown_cell(predict.rstrip(), metadata={"tags": ["question"]})
        yield Block(cell, "subslide", 1.5 * sum(map(_text_height, _split(cell.source))), kind="question")


def _drawing(paragraph):
    """A picture in the text: how large its file is, the browser will see."""
    height = LARGEST_PICTURE[1] * 0.6
    yield Block(new_markdown_cell(paragraph), "-", height, STAYS_LARGE * height, "picture")


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
        return 1.7 * LINE + (_text_height(rest) if rest.strip() else 0)
    if "```" in text:
        return text.count("\n") * CODE_LINE + LINE
    if "$$" in text:
        around = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
        return (text.count(r"\\") + 1) * 2 * LINE + LINE * math.ceil(width_of(around) / LETTERS)
    if text.startswith("|"):
        return sum(max(map(_lines, row.split("|"))) * LINE + 10 for row in text.splitlines())
    items = re.split(r"\n(?=\s*(?:[-*] |\d+\. ))", text)      # of a list, or a paragraph
    return sum(_lines(item) for item in items) * LINE + LINE / 2


def _lines(text):
    return max(1, math.ceil(width_of(re.sub(r"\]\([^)]*\)", "]", text)) / LETTERS))


def _code_blocks(cell):
    """What a room should read of the code, and each of its outputs."""
    stub, checked = "exercise" in cell.metadata.get("tags", []), re.match(r"check\.(?!claim)", cell.source)
    drawn = any(_picture(output.get("data", {})) for output in cell.outputs)
    code = cell.source if stub or checked else essential(cell.source, prints=not drawn)
    if code:
        yield Block(_part(code, []), "-", _code_height(code), kind="code")
    outputs = [] if stub or checked else cell.outputs       # "Not attempted yet"
    for output in outputs:
        data, part = output.get("data", {}), _part("", [output])
        if _picture(data):
            height = _picture_height(data)
            yield Block(part, "-", height + FRAME, STAYS_LARGE * height + FRAME, "picture")
        elif "text/html" in data:
            yield Block(part, "-", (data["text/html"].count("<tr") + 1) * LINE, kind="output")
        elif text := output.get("text") or data.get("text/plain"):
            yield Block(part, "fragment" if code else "-", _code_height(text), kind="output")


def _part(source, outputs):
    tags = [] if source else ["output-only"]
    return new_code_cell(source, outputs=outputs, metadata={"tags": tags})


def _code_height(text):
    lines = text.rstrip().splitlines() or [""]
    return sum(max(1, math.ceil(width_of(line) / CODE_LETTERS)) for line in lines) * CODE_LINE + 32


def _picture(data):
    return next((kind for kind in ("image/jpeg", "image/png") if kind in data), None)


def _picture_height(data):
    with Image.open(io.BytesIO(base64.b64decode(data[_picture(data)]))) as picture:
        width, height = picture.size
    return height * min(2.2, LARGEST_PICTURE[0] / width, LARGEST_PICTURE[1] / height)


def _set_picture_height(block):
    """Keeps what else is known of a picture, such as its alternative text."""
    for output in block.cell.get("outputs", []):
        kind = _picture(output.get("data", {}))
        if kind:
            known = output.metadata.get(kind, {})
            output.metadata = NotebookNode({kind: {**known, "height": round(block.height - FRAME)}})


def _only_imports(source):
    """Imports, and what says in which language messages are."""
    try:
        return all(isinstance(statement, ast.Import | ast.ImportFrom)
                   or ast.unparse(statement).startswith("stylelib.use_language(")
                   for statement in ast.parse(source).body)
    except SyntaxError:
        return False
