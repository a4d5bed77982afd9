"""The course as a site to read: Sphinx makes it from the notebooks as they are stored.

It opens from a plain folder. Its settings, its first page and its style sheet are files in `site_files/`.
"""
import base64
import hashlib
import io
import shutil
import tempfile
from pathlib import Path

import nbformat
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from .assets import mathjax_file
from .captions import DRAWN, alternative_texts
from .course import LICENCES, Folder, KitError, copy_notebooks, find_course, new_folder
from .places import Places

FILES = Path(__file__).parent / "site_files"
SHOWN = ("data", "stylelib", "tests")        # what pages show, or link to
HIDDEN = ("__pycache__", ".*", "page.md")
SCRIPTS = ("site.css", "site.js", "search.js")


def write_site(folder: Folder, course: Folder | None = None) -> str:
    """Write the course as a static site with search.

    Args:
        folder: a new or empty folder; open its `index.html`.
        course: the folder with the notebooks; None finds it.

    Returns:
        What Sphinx warned of, in lines; "" if all is well.

    Raises:
        KitError: no course was found, `folder` is not empty, or Sphinx gave up.
    """
    course = find_course(course)
    with new_folder(folder) as draft, tempfile.TemporaryDirectory(prefix="site-") as work:
        sources, made = Path(work) / "sources", Path(work) / "site"
        copy_sources(course, sources)
        warnings = io.StringIO()
        # without it a second site in one process would complain of names that are known already
        with docutils_namespace():
            app = Sphinx(sources, sources, made, Path(work) / "doctrees", "html",
                         status=None, warning=warnings)
            Places(_alternatives(sources / "notebooks")).connect(app)
            app.build()
        if app.statuscode:
            raise KitError(f"Sphinx could not make the site: {warnings.getvalue().strip()[-300:]}")
        # made elsewhere, as myst-nb also writes beside the folder that it is given
        left_out = shutil.ignore_patterns(".buildinfo*", "_sources", "searchindex.js", "searchtools.js")
        shutil.copytree(made, draft, dirs_exist_ok=True, ignore=left_out)
    return warnings.getvalue().replace(f"{sources}/", "")


def _name_only_what_is_there(sources):
    """Drop the first page's patterns that no page fits, as in a course for learners: Sphinx warns of each."""
    index, named = sources / "index.md", {sources / "index.md", sources / "README.md"}
    lines = index.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "*" not in line or any(
        path.suffix in (".md", ".ipynb") and path not in named for path in sources.glob(line.strip()))]
    index.write_text("".join(kept), "utf-8")


def copy_sources(course: Path, sources: Path) -> None:
    """Everything that `sphinx-build` needs: the pages, what they show and link to, and its settings.

    Args:
        course: the course's folder.
        sources: where to; it is made.
    """
    copy_notebooks(course, sources / "notebooks", HIDDEN)
    for name in SHOWN:
        if (course / name).is_dir():
            shutil.copytree(course / name, sources / name, ignore=shutil.ignore_patterns(*HIDDEN, "*.ipynb"))
    files = (course / name for name in ("environment.yml", *LICENCES))
    for path in (*course.glob("*.md"), *files, FILES / "conf.py", FILES / "index.md"):
        if path.exists():
            shutil.copy(path, sources)
    _name_only_what_is_there(sources)
    for path in course.glob(".github/*.svg"):           # a drawing that pages show
        (sources / ".github").mkdir(exist_ok=True)
        shutil.copy(path, sources / ".github")
    (sources / "_static").mkdir()
    (sources / "templates").mkdir()
    shutil.copy(FILES / "search.html", sources / "templates")
    for path in (mathjax_file(), *(FILES / name for name in SCRIPTS)):
        shutil.copy(path, sources / "_static")


def _alternatives(folder):
    """{SHA-256 of a picture, after which myst-nb names its file: its alternative text}."""
    texts = {}
    for path in folder.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for (i, j), text in alternative_texts(notebook).items():
            data = notebook.cells[i].outputs[j].data
            for kind in set(DRAWN) & set(data):
                texts[hashlib.sha256(base64.b64decode(data[kind])).hexdigest()] = text
    return texts
