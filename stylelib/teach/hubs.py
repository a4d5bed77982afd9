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

from ..engine.language import mark, tr
from .course import Folder, find_course, find_notebooks, new_folder, title_of
from .editions import edition
from .handouts import write_handouts
from .links import Repository, links_to

FILES = Path(__file__).parent / "hub_files"
PUBLISHED = "repository"        # the folder in ours that is published
TITLE = mark("Neural style transfer")
# No IPython magic: what fails must stop here, and say why
COLAB = '''\
# {comment}
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
    os.chdir(os.path.join(COURSE, {home}))
'''
COMMENT = mark("On Colab, this cell gets the course, which takes some minutes. Elsewhere it does nothing")
# What HUBS.md, the poster and the published README say, by the names that their templates use
SAID = {
    "codes": mark("{title}: QR codes"), "scan": mark("or scan. Nothing to install."),
    "of_course": mark("QR code: the course"), "notebook": mark("notebook"), "open": mark("open"),
    "without": mark("Open without installing"),
    "kept": mark("On Binder your work is lost after some minutes without a click: download what you want to "
                 "keep."),
    "drive": mark("On Colab, run the first cell first, and save a copy in\nDrive to keep your work."),
    "links": mark("Links to the course at {address}"),
    "publish": mark("""\
Publish the folder `repository`, which holds no solutions. In it, when the repository on {host} is
   new, public and empty:"""),
    "message": mark("The course"),
    "click": mark("""\
Click one link of each service, a few days before. They were made without asking any service.
   Binder's first start builds the image, which takes long."""),
    "print": mark("""\
Print `poster.html`, or show it: the course on one page, then a page for each notebook. Learners with laptops
   type the address of the repository: its README has all these links."""),
    "no_hub": mark("For links to your school's JupyterHub, write this folder again with `--hub "
                   "https://your.hub`."),
    "hub": mark("The hub needs nbgitpuller and the course's package in its image: in `{folder}`, "
                "`pip install . nbgitpuller`."),
    "no_colab": mark("""\
Colab opens notebooks by a link from GitHub only. Elsewhere, learners download a notebook, open Colab and
choose *File ▸ Upload notebook*: the cell that gets the course is in it."""),
    "to_copy": mark("The links, to copy:"),
}


@dataclass(frozen=True)
class Code:
    """A QR code on a page.

    Attributes:
        service: what it opens: "Binder", "JupyterHub", "Colab".
        alt: what it is, for those who cannot see it.
        link: what it says.
        file: of its picture, in the folder.
        drawing: the same picture as SVG, for a page that needs no other file.
    """

    service: str
    alt: str
    link: str
    file: str
    drawing: str


@dataclass(frozen=True)
class Sheet:
    """A notebook on the pages: its title, its codes, and its picture as base64, or ""."""

    title: str
    codes: Sequence[Code]
    picture: str = ""


def write_hubs(folder: Folder, repository: Repository, hub: str = "", outputs: bool = True,
               course: Folder | None = None) -> int:
    """Write what a teacher publishes and hangs up, in the language in use.

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
        notebooks = find_notebooks(home, language=edition())
        sheets = [_sheet(path, home, draft, repository, hub) for path in notebooks]
        start = _code("", tr(SAID["of_course"]), repository.address, "qr/course.svg", draft)
        for path in notebooks:
            add_colab_cell(path, repository, path.parent.relative_to(home).as_posix())
        words = {"repository": repository, "hub": hub, "sheets": sheets, "start": start, "title": tr(TITLE),
                 "services": [code.service for code in sheets[0].codes], "said": _said(repository, start),
                 "tag": edition().tag}
        (draft / "HUBS.md").write_text(_page("hubs.md", words), "utf-8")
        (draft / "poster.html").write_text(_page("poster.html", words), "utf-8")
        with (home / "README.md").open("a", encoding="utf-8") as readme:
            readme.write(_page("links.md", words))
        _serve_from_the_top(published, repository)
    return len(sheets)


def add_colab_cell(path: Path, repository: Repository, home: str = "notebooks") -> None:
    """Put the cell that gets the course on Colab before a notebook's first code.

    Args:
        path: of the notebook, which is changed.
        repository: where the course is public.
        home: the notebook's folder in the course.
    """
    notebook = nbformat.read(path, as_version=4)
    source = COLAB.format(comment=tr(COMMENT), **{name: json.dumps(value) for name, value in (
        ("address", repository.address), ("branch", repository.branch), ("folder", repository.folder),
        ("home", home))})
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


def _said(repository, start):
    """All sentences, with what belongs in them."""
    address = f'<a href="{start.link}">{repository.host}/{repository.path}</a>'
    folder = f"{PUBLISHED}/{repository.folder}" if repository.folder else PUBLISHED
    said = {name: tr(words, title=tr(TITLE), address=repository.address, host=repository.host, folder=folder)
            for name, words in SAID.items()}
    # Translators: address is a link to the course's repository; this stands large on a poster
    return {**said, "type": tr("Type {address}", address=address)}


def _sheet(path, home, draft, repository, hub):
    title = title_of(nbformat.read(path, as_version=4).cells[0].source, path)
    links = links_to(repository, path.relative_to(home).as_posix(), hub)
    codes = [_code(service, tr("QR code: {title} on {service}", title=title, service=service), link,
                   f"qr/{path.stem}-{service.lower()}.svg", draft) for service, link in links.items()]
    teasers = home / "data" / "teasers"
    teaser = next((file for file in (teasers / edition().folder / f"{path.stem}.jpg",
                                     teasers / f"{path.stem}.jpg") if file.exists()), teasers)
    picture = base64.b64encode(teaser.read_bytes()).decode() if teaser.is_file() else ""
    return Sheet(title, codes, picture)


def _code(service, alt, link, file, draft):
    drawn, drawing = segno.make(link, error="m", micro=False), io.BytesIO()
    # white around it: on a dark page no camera would find it
    drawn.save(drawing, kind="svg", border=4, light="#fff", omitsize=True, xmldecl=False, nl=False)
    (draft / file).write_bytes(drawing.getvalue())
    return Code(service, alt, link, file, drawing.getvalue().decode())


def _page(name, words):
    environment = Environment(loader=FileSystemLoader(FILES), autoescape=name.endswith(".html"),
                              trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return environment.get_template(f"{name}.j2").render(words)
