"""Slides: each notebook as a deck that opens in a browser without a network.

nbconvert makes the pages; reveal.js and MathJax, which show them, come from the Python packages
sphinx-revealjs and sphinx-mathjax-offline and are copied beside the decks.
"""
import base64
import html
import mimetypes
import re
import shutil
from collections.abc import Container, Sequence
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode

from ..engine.language import mark, tr
from .assets import mathjax_file, package_folder
from .captions import DRAWN, alternative_texts
from .course import Folder, KitError, find_course, find_notebooks, home_of, new_folder, title_of
from .editions import edition
from .pages import HEIGHT, WIDTH, pages
from .routes import route_notebook

HERE = Path(__file__).parent
REVEAL = ("dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js", "LICENSE")
INDEX = """\
<!DOCTYPE html>
<html lang="{tag}">
<head><meta charset="utf-8"><title>{title}</title><meta name="viewport" content="width=device-width">
<style>
body {{ font: 20px/1.6 system-ui, sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em }}
</style></head>
<body>
<h1>{title}</h1>
<ul>
{entries}
</ul>
<p>{keys}</p>
<p>{paper}</p>
</body>
</html>
"""
KEYS = mark("""\
Right: the next chapter. Down: its next page. Space: whatever comes next. Esc: all pages.
F: full screen. S: a second window with your notes, the next page and a clock: what will be seen after each
vote stands there.""")
PAPER = mark("""\
On paper, or as a PDF: open <em>to print</em>, then print (Ctrl+P) without margins, with background
graphics. Each page of the deck is a page of paper.""")
# What reveal.js says by itself
LABELS = (mark("previous slide"), mark("next slide"), mark("above slide"), mark("below slide"),
          mark("Resume presentation"))
ENTRY = '<li><a href="{stem}.html">{title}</a> (<a href="{stem}.html?print-pdf">{to_print}</a>)</li>'


def write_slides(folder: Folder, names: Sequence[str] = (), course: Folder | None = None,
                 route: str | None = None) -> int:
    """Write each notebook as an HTML deck, with everything that the decks load, in the language in use.

    Args:
        folder: a new or empty folder. It gets `index.html`, a deck for each notebook, and `assets/`.
        names: which notebooks, such as "04"; none means all.
        course: the folder with the notebooks; None finds it.
        route: one of the guide's routes, "90", "half" or "full": one deck with what it needs, in its order.

    Returns:
        Number of decks written.

    Raises:
        KitError: no course, notebook or route was found, or `folder` is not empty.
    """
    found = find_course(course)
    if route and names:
        raise KitError(tr("a route names its notebooks itself: leave out NOTEBOOK, or --route"))
    notebooks = _route(found, route) if route else _whole(find_notebooks(found, names, edition()))
    with new_folder(folder) as draft:
        for stem, (title, notebook) in notebooks.items():
            deck = render(notebook, title, home_of(found, edition()), notebooks)
            (draft / f"{stem}.html").write_text(deck, "utf-8")
        (draft / "index.html").write_text(_index(notebooks), "utf-8")
        copy_assets(draft / "assets")
    return len(notebooks)


def _index(decks):
    """The page that leads to all decks."""
    entries = "\n".join(ENTRY.format(stem=stem, title=html.escape(title), to_print=tr("to print"))
                        for stem, (title, _) in decks.items())
    return INDEX.format(entries=entries, tag=edition().tag, title=tr("Slides"), keys=tr(KEYS),
                        paper=tr(PAPER))


def _whole(paths):
    """{name of the deck: (title, notebook)}."""
    notebooks = {path: nbformat.read(path, as_version=4) for path in paths}
    return {path.stem: (title_of(notebook.cells[0].source, path), notebook)
            for path, notebook in notebooks.items()}


def _route(course, route):
    name, notebook = route_notebook(course, route)
    return {f"route_{route}": (tr("Route: {name}", name=name), notebook)}


def render(notebook: NotebookNode, title: str, place: Path, decks: Container[str]) -> str:
    """One notebook as the HTML of a deck.

    Args:
        notebook: a notebook of the course.
        title: for the browser's window.
        place: the notebook's folder: its pictures are read from there.
        decks: names of the decks that links may lead to; other links within the course become plain text.
    """
    describe(notebook)
    deck = pages(notebook)
    for cell in deck.cells:
        if cell.cell_type == "markdown":
            cell.source = _embedded(_links(cell.source, decks), place)
    exporter = SlidesExporter(template_name="deck", extra_template_basedirs=[str(HERE)],
                              exclude_input_prompt=True, exclude_output_prompt=True,
                              config={"TagRemovePreprocessor": {"enabled": True,
                                                                "remove_input_tags": {"output-only"}}})
    # Translators: title is that of a notebook; this is the title of a browser's window
    window = tr("{title}: slides", title=title)
    resources = {"metadata": {"name": window, "path": str(place)}, "page": {"width": WIDTH, "height": HEIGHT},
                 "language": {"tag": edition().tag, "home": tr("all decks"),
                              "labels": {label: tr(label) for label in LABELS}}}
    return exporter.from_notebook_node(deck, resources)[0]


def describe(notebook: NotebookNode) -> None:
    """Give each picture its alternative text, as metadata of its output."""
    for (i, j), text in alternative_texts(notebook).items():
        output = notebook.cells[i].outputs[j]
        for kind in DRAWN:
            if kind in output.data:
                output.metadata[kind] = NotebookNode(alt=text)


def copy_assets(folder: Path) -> None:
    """Copy reveal.js, MathJax, and our own style sheet and script."""
    (folder / "reveal").mkdir(parents=True)
    reveal = package_folder("sphinx_revealjs") / "_static" / "revealjs"
    for name in REVEAL:
        shutil.copy(reveal / name, folder / "reveal")
    shutil.copy(mathjax_file(), folder)
    for name in ("deck.css", "deck.js"):
        shutil.copy(HERE / "deck" / name, folder)


def _embedded(text, place):
    """Pictures of files, inside the deck. nbconvert would take none from outside of the notebook's folder."""
    def replace(picture):
        alt, name = picture.groups()
        path = place / name
        if not path.is_file():
            return picture[0]
        kind = mimetypes.guess_type(path)[0]
        return f"![{alt}](data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()})"
    return re.sub(r"!\[([^\]]*)\]\(([^)\s]+)\)", replace, text)


def _links(text, decks):
    def replace(link):
        label, target = link.groups()
        name, _, _ = target.partition("#")
        if re.match(r"\w+:", target):
            return link[0]
        stem = Path(name).stem
        return f"[{label}]({stem}.html)" if name.endswith(".ipynb") and stem in decks else label
    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", replace, text)
