"""The site's search: what it looks through is not pages but places, each with the heading above it.

Sphinx's own index knows pages, and no words of Chinese, where no spaces part them. Here the text of
each section is kept as it is, and `site_files/search.js` looks for the words in it.
"""
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from ..engine.language import mark, tr

NAMES = {"README": mark("Install and run")}       # pages with a title that another page has too
LEFT_OUT = (nodes.section, nodes.title, nodes.raw, nodes.comment)


class Places:
    """All sections of a site.

    Args:
        alternatives: {name of a picture's file, without its ending: its alternative text}.
    """

    def __init__(self, alternatives: dict[str, str]):
        self.alternatives = alternatives
        self.found: dict[str, list[list[str]]] = {}

    def connect(self, app: Sphinx) -> None:
        """Look at each page when Sphinx has read it, and write the index at the end."""
        app.connect("doctree-resolved", self.read)
        app.connect("build-finished", self.write)

    def read(self, app: Sphinx, page: nodes.document, name: str) -> None:
        """Give a page's pictures their texts, and keep what its sections say."""
        for image in page.findall(nodes.image):
            text = self.alternatives.get(Path(image["uri"]).stem)
            if text and not image.get("alt"):
                image["alt"] = text
        if name == app.config.root_doc:
            return
        title = tr(NAMES.get(name, "")) or app.env.titles[name].astext()
        self.found[name] = [[title, _title(section), section["ids"][0], _text(section)]
                            for section in page.findall(nodes.section)]

    def write(self, app: Sphinx, error: Exception | None) -> None:
        """The index, as a script: a page from a plain folder may read no other file."""
        if error is None:
            text = json.dumps(self.found, ensure_ascii=False, separators=(",", ":"))
            (Path(app.outdir) / "_static" / "places.js").write_text(f"const PLACES = {text};\n", "utf-8")


def _title(section):
    return next((child.astext() for child in section.children if isinstance(child, nodes.title)), "")


def _text(section):
    parts = (child.astext() for child in section.children if not isinstance(child, LEFT_OUT))
    return re.sub(r"\s+", " ", " ".join(parts)).strip()
