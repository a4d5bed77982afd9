"""The course where nobody has to install anything: a repository to publish, its links, and QR codes.

What learners open is made from student copies. Nothing is published here, and no service is asked: whether a
link works is known only when somebody has clicked it.
"""
import base64
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import segno
from jinja2 import Environment, FileSystemLoader
from nbformat.v4 import new_code_cell

from .course import Folder, find_course, find_notebooks, new_folder, title_of
from .handouts import write_handouts
from .links import Repository, links_to

FILES = Path(__file__).parent / "hub_files"
PUBLISHED = "repository"        # the folder in ours that is published
TITLE = "Neural style transfer"
# No IPython magic: what fails must stop here, and say why
COLAB = '''\
# On Colab, this cell gets the course, which takes some minutes. Elsewhere it does nothing
import os
import subprocess
import sys
from importlib import invalidate_caches, util

if "google.colab" in sys.modules:
    COPY = os.environ.get("COURSE_HOME", "/content/course")
    COURSE = os.path.join(COPY, {folder})
    if not os.path.isdir(COPY):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", "--branch", {branch},
                        {address}, COPY], check=True)
    if util.find_spec("stylelib") is None:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", COURSE], check=True)
        invalidate_caches()
    os.chdir(os.path.join(COURSE, "notebooks"))
'''


@dataclass(frozen=True)
class Code:
    """A QR code on a page.

    Attributes:
        service: what it opens: "Binder", "JupyterHub", "Colab".
        link: what it says.
        file: of its picture, in the folder.
        drawing: the same picture as SVG, for a page that needs no other file.
    """

    service: str
    link: str
    file: str
    drawing: str


@dataclass(frozen=True)
class Sheet:
    """A notebook on the pages: its title, its file, its codes, and its picture as base64, or ""."""

    title: str
    file: str
    codes: Sequence[Code]
    picture: str = ""


def write_hubs(folder: Folder, repository: Repository, hub: str = "", outputs: bool = True,
               course: Folder | None = None) -> int:
    """Write what a teacher publishes and hangs up.

    Args:
        folder: a new or empty folder. It gets `repository/` to publish, HUBS.md with all links, their QR
            codes in `qr/`, and poster.html to print.
        repository: where the course will be public.
        hub: address of a JupyterHub with nbgitpuller; "" if there is none.
        outputs: False also removes what the cells have printed and drawn.
        course: the folder with the original; None finds it.

    Returns:
        Number of notebooks.

    Raises:
        KitError: no course was found, or `folder` is not empty.
    """
    course = find_course(course)
    with new_folder(folder) as draft:
        published = draft / PUBLISHED
        home = published / repository.folder
        write_handouts(home, outputs, course)
        (draft / "qr").mkdir()
        sheets = [_sheet(path, draft, repository, hub) for path in find_notebooks(home)]
        start = _code("the course", repository.address, "qr/course.svg", draft)
        for path in find_notebooks(home):
            add_colab_cell(path, repository)
        words = {"repository": repository, "hub": hub, "sheets": sheets, "start": start, "title": TITLE,
                 "services": [code.service for code in sheets[0].codes]}
        (draft / "HUBS.md").write_text(_page("hubs.md", words), "utf-8")
        (draft / "poster.html").write_text(_page("poster.html", words), "utf-8")
        with (home / "README.md").open("a", encoding="utf-8") as readme:
            readme.write(_page("links.md", words))
        _serve_from_the_top(published, repository)
    return len(sheets)


def add_colab_cell(path: Path, repository: Repository) -> None:
    """Put the cell that gets the course on Colab before a notebook's first code.

    Args:
        path: of the notebook, which is changed.
        repository: where the course is public.
    """
    notebook = nbformat.read(path, as_version=4)
    source = COLAB.format(**{name: json.dumps(value) for name, value in (
        ("address", repository.address), ("branch", repository.branch), ("folder", repository.folder))})
    first = next((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"),
                 len(notebook.cells))
    notebook.cells.insert(first, new_code_cell(source.rstrip("\n"), id="colab"))
    nbformat.write(notebook, path)


def _serve_from_the_top(published, repository):
    """Binder looks for environment.yml in a repository's top folder only."""
    below = published / repository.folder / "environment.yml"
    if repository.folder and below.exists():
        text = below.read_text("utf-8").replace("- -e .", f"- -e ./{repository.folder}")
        (published / "environment.yml").write_text(text, "utf-8")
        below.unlink()


def _sheet(path, draft, repository, hub):
    title = title_of(nbformat.read(path, as_version=4).cells[0].source, path)
    links = links_to(repository, f"notebooks/{path.name}", hub)
    codes = [_code(service, link, f"qr/{path.stem}-{service.lower()}.svg", draft)
             for service, link in links.items()]
    teaser = path.parents[1] / "data" / "teasers" / f"{path.stem}.jpg"
    picture = base64.b64encode(teaser.read_bytes()).decode() if teaser.exists() else ""
    return Sheet(title, path.name, codes, picture)


def _code(service, link, file, draft):
    drawn, drawing = segno.make(link, error="m", micro=False), io.BytesIO()
    # white around it: on a dark page no camera would find it
    drawn.save(drawing, kind="svg", border=4, light="#fff", omitsize=True, xmldecl=False, nl=False)
    (draft / file).write_bytes(drawing.getvalue())
    return Code(service, link, file, drawing.getvalue().decode())


def _page(name, words):
    environment = Environment(loader=FileSystemLoader(FILES), autoescape=name.endswith(".html"),
                              trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.get_template(f"{name}.j2").render(words)
