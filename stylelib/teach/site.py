"""The course as a site to read: Sphinx makes it from the notebooks as they are stored, in each language.

It opens from a plain folder, English at its top, each other language in a folder in it. Its settings, its
first page and its style sheet are files in `site_files/`.
"""
import base64
import hashlib
import io
import json
import shutil
import tempfile
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from sphinx import locale
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from ..engine.language import languages, mark, tr
from .assets import mathjax_file, package_folder
from .captions import DRAWN, alternative_texts
from .course import LICENCES, Folder, KitError, find_course, new_folder
from .crossings import Crossings, pages_of
from .editions import EDITIONS, speaking
from .places import Places

FILES = Path(__file__).parent / "site_files"
SHOWN = ("data", "stylelib", "tests")        # what pages show, or link to
HIDDEN = ("__pycache__", ".*", "*.md", "*.ipynb")      # pages are copied with links that fit
SCRIPTS = ("site.css", "site.js", "search.js")
# What takes the endings from English words. Sphinx carries these two in all versions; what it copies changes
STEMMER = ("base-stemmer.js", "porter-stemmer.js")
TITLE = mark("Neural style transfer, step by step")
# Words of the theme that Sphinx itself does not translate into all languages
THEMES = (mark("Skip to content"), mark("Back to top"), mark("On this page"), mark("Home"), mark("Next"),
          mark("Previous"), mark("Search"), mark("Error"), mark("Made with "),
          mark("Please activate JavaScript to enable the search functionality."))

# and those that it does not let Sphinx translate
LABELS = (mark("Toggle site navigation sidebar"), mark("Toggle table of contents sidebar"),
          mark("Toggle Light / Dark / Auto color theme"), mark("Contents"), mark("Menu"), mark("Expand"),
          mark("Light mode"), mark("Dark mode"), mark("Auto light/dark, in light mode"),
          mark("Auto light/dark, in dark mode"))


def write_site(folder: Folder, course: Folder | None = None) -> str:
    """Write the course as a static site with search, in all languages in which it has pages.

    Args:
        folder: a new or empty folder; open its `index.html`.
        course: the folder with the notebooks; None finds it.

    Returns:
        What Sphinx warned of, in lines; "" if all is well.

    Raises:
        KitError: no course was found, `folder` is not empty, or Sphinx gave up.
    """
    course = find_course(course)
    written = [one for one in EDITIONS if pages_of(course, one) and one.code in languages()]
    warnings = []
    with new_folder(folder) as draft:
        for language in written:
            with speaking(language.code):
                warnings.append(_build(course, draft / language.folder, language, written))
    return "".join(warnings)


def _build(course, folder, language, written):
    """The site in one language; returns Sphinx' warnings."""
    with tempfile.TemporaryDirectory(prefix="site-") as work:
        sources, made = Path(work) / "sources", Path(work) / "site"
        crossings = Crossings(course, language, written)
        copy_sources(course, sources, crossings)
        warnings = _run_sphinx(sources, made, crossings)
        # made elsewhere, as myst-nb also writes beside the folder that it is given
        left_out = shutil.ignore_patterns(".buildinfo*", "_sources", "searchindex.js", "searchtools.js",
                                          "language_data.js", "*-stemmer.js")
        shutil.copytree(made, folder, dirs_exist_ok=True, ignore=left_out)
        return warnings.replace(f"{sources}/", "")


def _run_sphinx(sources, made, crossings):
    warnings, code = io.StringIO(), crossings.language.code
    settings = {"language": code, "project": tr(TITLE), "html_title": tr(TITLE)}
    # without both a second site in one process would speak the first one's language, and complain of names
    # that are known already
    locale.translators.clear()
    with docutils_namespace():
        app = Sphinx(sources, sources, made, sources.parent / "doctrees", "html", settings,
                     status=None, warning=warnings)
        Places(_alternatives(sources / "notebooks")).connect(app)
        crossings.connect(app)
        app.build()
    if app.statuscode:
        raise KitError(tr("Sphinx could not make the site: {reason}",
                          reason=warnings.getvalue().strip()[-300:]))
    return warnings.getvalue()


def _name_only_what_is_there(sources):
    """Drop the first page's lines that no page fits, as in a course for learners: Sphinx warns of each."""
    index, named = sources / "index.md", {sources / "index.md", sources / "README.md"}
    lines = index.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "*" not in line or any(
        path.suffix in (".md", ".ipynb") and path not in named for path in sources.glob(line.strip()))]
    if not (sources / "README.md").exists():
        kept = [line for line in kept if "<README>" not in line]
    index.write_text("".join(kept), "utf-8")


def copy_sources(course: Path, sources: Path, crossings: Crossings) -> None:
    """Everything that `sphinx-build` needs: the pages, what they show and link to, and its settings.

    Args:
        course: the course's folder.
        sources: where to; it is made.
        crossings: the pages of the language.
    """
    crossings.copy(sources)
    for name in SHOWN:
        if (course / name).is_dir():
            shutil.copytree(course / name, sources / name, ignore=shutil.ignore_patterns(*HIDDEN),
                            dirs_exist_ok=True)
    for path in course.glob(".github/*.svg"):           # a drawing that pages show
        (sources / ".github").mkdir(exist_ok=True)
        shutil.copy(path, sources / ".github")
    for name in ("environment.yml", *LICENCES):
        if (course / name).exists():
            shutil.copy(course / name, sources)
    _copy_settings(sources, crossings.language)
    _name_only_what_is_there(sources)


def _copy_settings(sources, language):
    own = FILES / language.page("index.md")
    shutil.copy(own if own.exists() else FILES / "index.md", sources / "index.md")
    shutil.copy(FILES / "conf.py", sources)
    (sources / "_static").mkdir()
    for path in (mathjax_file(), *(FILES / name for name in SCRIPTS)):
        shutil.copy(path, sources / "_static")
    stemmer = "\n".join((package_folder("sphinx") / "search" / "minified-js" / name).read_text("utf-8")
                        for name in STEMMER)
    (sources / "_static" / "stemmer.js").write_text(stemmer, "utf-8")
    (sources / "_static" / "words.js").write_text(f"const WORDS = {json.dumps(_words())};\n", "utf-8")
    (sources / "templates").mkdir()
    for path in FILES.glob("*.html"):
        shutil.copy(path, sources / "templates")
    _write_messages(sources / "locales" / language.code / "LC_MESSAGES", language)


def _write_messages(folder, language):
    """The theme's words, where Sphinx looks for them before its own."""
    folder.mkdir(parents=True)
    catalogue = Catalog(language.code)
    for words in THEMES:
        catalogue.add(words, tr(words))
    with open(folder / "sphinx.po", "wb") as file:
        write_po(file, catalogue)


def _words():
    """What our scripts write on a page. In braces stand numbers that they know."""
    return {"search": tr("Search"), "empty": tr("Type words into the field on the left."),
            "nothing": tr("Nothing was found."), "one": tr("1 place:"), "many": tr("{count} places:"),
            "first": tr("{count} places; the first {shown}:"),
            "labels": {label: tr(label) for label in LABELS}}


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
