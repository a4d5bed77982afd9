"""A site in several languages: which page is which, and the links that lead from one language to another.

The pages of a language lie in its site where the English ones would: notebooks/zh/03_gram_matrices.ipynb
becomes zh/notebooks/03_gram_matrices.html, README.zh.md becomes zh/README.html.
"""
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from sphinx.application import Sphinx

from .course import find_notebooks, written_in
from .editions import EDITIONS, Edition

PAGES = ("*.md", "notebooks/*.md", "data/*.md", "tests/*/*.md")
HIDDEN = ("page.md",)       # shown by a test
# Code and formulas, in which nothing is a link; or [label](target), where the label may hold a picture
LINK = re.compile(r"```.*?```|`+[^`]*`+|\$\$.*?\$\$|\$[^$\n]+\$"
                  r"|\[(?P<label>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)", re.DOTALL)


def pages_of(course: Path, language: Edition) -> dict[Path, Path]:
    """{place in the language's site: file}, of all pages that the course has in it.

    Args:
        course: the course's folder.
        language: one of EDITIONS.
    """
    written = written_in(course, language) == language
    pages = {Path("notebooks", path.name): path
             for path in (find_notebooks(course, language=language) if written else [])}
    for path in sorted(path for pattern in PAGES for path in course.glob(pattern)):
        own = path.with_name(language.page(path.name))
        if own.exists() and not _left_out(path):
            pages[path.relative_to(course)] = own
    return pages


def _left_out(path):
    return path.name in HIDDEN or any(path.match(one.page("*.md")) for one in EDITIONS if one.folder)


class Crossings:
    """Links between the pages of a site's languages.

    Args:
        course: the course's folder.
        language: of the pages that are written.
        written: all languages of the site.
    """

    def __init__(self, course: Path, language: Edition, written: Sequence[Edition]):
        self.course, self.language = course, language
        self.pages = {one: pages_of(course, one) for one in written}

    def connect(self, app: Sphinx) -> None:
        """Offer the same page in other languages on each page."""
        app.connect("html-page-context", self.offer)

    def offer(self, app: Sphinx, name: str, template: str, context: dict[str, Any], page: Any) -> None:
        """What a page's template needs for its links to other languages: `editions`."""
        context["editions"] = [{"name": one.name, "tag": one.tag, "link": self._way(name, one)}
                               for one in self.pages if one != self.language]

    def _way(self, name, language):
        """From a page to the same one in a language; to the first page there if it has none."""
        shared = name in ("index", "search") or any(place.with_suffix("").as_posix() == name
                                                    for place in self.pages[language])
        return self._address(Path(name), Path(name if shared else "index"), language)

    def _address(self, here, there, language):
        """A relative link between places, from the site in this language to that in another."""
        target = Path(language.folder, there.with_suffix(".html") if there.suffix in (".md", ".ipynb")
                      else f"{there}.html")
        return Path(os.path.relpath(target, Path(self.language.folder, here).parent)).as_posix()

    def copy(self, sources: Path) -> None:
        """Write all pages of this language where Sphinx looks for them, with links that fit there.

        Args:
            sources: the folder for Sphinx.
        """
        for place, page in self.pages[self.language].items():
            (sources / place).parent.mkdir(parents=True, exist_ok=True)
            if page.suffix == ".md":
                text = self.relinked(page.read_text("utf-8"), place, page)
                (sources / place).write_text(text, "utf-8")
            else:
                notebook = nbformat.read(page, as_version=4)
                for cell in notebook.cells:
                    if cell.cell_type == "markdown":
                        cell.source = self.relinked(cell.source, place, page)
                nbformat.write(notebook, sources / place)

    def relinked(self, text: str, place: Path, page: Path) -> str:
        """Markdown with links that fit in the site.

        Args:
            text: of a page, or of a cell.
            place: in the language's site.
            page: its file in the course.
        """
        def fitting(link):
            if link["target"] is None:
                return link[0]
            label, target = LINK.sub(fitting, link["label"]), link["target"]    # a label may be a picture
            name, mark, part = target.partition("#")
            if not name or re.match(r"\w+:", target):
                return f"[{label}]({target})"
            language, there = self._find(Path(os.path.normpath(page.parent / name)))
            if language != self.language:
                return f'<a href="{self._address(place, there, language)}{mark}{part}">{label}</a>'
            return f"[{label}]({Path(os.path.relpath(there, place.parent)).as_posix()}{mark}{part})"
        return LINK.sub(fitting, text)

    def _find(self, file):
        """The language in whose site a file of the course is, and its place there."""
        for language, pages in self.pages.items():
            for place, page in pages.items():
                if page == file:
                    return language, place
        return self.language, Path(os.path.relpath(file, self.course))
