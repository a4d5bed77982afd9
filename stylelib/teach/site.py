"""The course as a site to read: Sphinx makes it from the notebooks as they are stored, and it opens from a plain folder."""
import io
import shutil
import tempfile
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from .assets import mathjax_file
from .course import LICENCES, KitError, copy_notebooks, find_course, find_notebooks, new_folder

TITLE = "Neural style transfer, step by step"
BENCHMARKS = "tests/benchmarks"         # the page about where the time goes
PAGES = ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md", "tests/faults/README.md")
INDEX = """\
# {title}

![A photo of a pagoda, The Starry Night, and the pagoda painted in the manner of The Starry Night](data/example.jpg)

A course in notebooks, to read. Everything stands here as it was computed: text, code, pictures. To run and change it, open the notebooks in
JupyterLab. On the left, the search looks through all pages.

```{{toctree}}
:caption: The course
:maxdepth: 1

{notebooks}
```

```{{toctree}}
:caption: Beside it
:maxdepth: 1

{pages}
```
"""
SETTINGS = {
    "project": TITLE,
    "author": "the course's authors",
    "html_title": TITLE,
    "extensions": ["myst_nb", "sphinx.ext.mathjax"],
    "nb_execution_mode": "off",                 # outputs are shown as they are stored
    "nb_merge_streams": True,
    "myst_enable_extensions": ["amsmath", "dollarmath"],
    "myst_heading_anchors": 4,
    "exclude_patterns": ["stylelib", f"{BENCHMARKS}/*.py"],
    "html_theme": "furo",
    "html_theme_options": {"navigation_with_keys": True},
    "html_static_path": ["_static"],
    "html_css_files": ["site.css"],
    "html_show_sourcelink": False,
    "html_copy_source": False,
    "html_show_sphinx": False,
    "html_show_copyright": False,
    "html_use_index": False,                    # an index of Python names, of which there are none
    "suppress_warnings": ["misc.highlighting_failure"],     # notebook commands such as %pip in a listing are no Python
    "html_show_search_summary": False,          # a page that was opened from a folder may not read other files
    "mathjax_path": "tex-svg.js",
}
STYLE = """\
details { border: 1px solid var(--color-background-border); border-radius: 4px; padding: 0.4em 0.8em; margin: 0.6em 0; }
summary { cursor: pointer; font-weight: 600; }
.cell_output img { background: #fff; }
.content { width: 62em; max-width: 100%; box-sizing: border-box; }
.highlight pre, div.cell_output pre { font-size: 12.5px; }
"""


def write_site(folder, course=None):
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
        sources = Path(work) / "sources"
        _copy_sources(course, sources)
        warnings = io.StringIO()
        made = Path(work) / "site"          # myst-nb also writes beside the folder that it is told
        with docutils_namespace():      # or a second site in one process would complain of names that are known already
            app = Sphinx(sources, None, made, Path(work) / "doctrees", "html", SETTINGS, status=None, warning=warnings)
            app.build()
        if app.statuscode:
            raise KitError(f"Sphinx could not make the site: {warnings.getvalue().strip()[-300:]}")
        shutil.copytree(made, draft, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".buildinfo*", "_sources"))
    return warnings.getvalue().replace(f"{sources}/", "")


def _copy_sources(course, sources):
    """The pages, what they show, and what they link to."""
    hidden = ("__pycache__", ".*", "playground-*", "page.md")
    copy_notebooks(course, sources / "notebooks", hidden)
    for name in ("data", "stylelib", BENCHMARKS):
        if (course / name).is_dir():
            shutil.copytree(course / name, sources / name, ignore=shutil.ignore_patterns(*hidden))
    for name in (*PAGES, "environment.yml", ".github/rooms.svg", *LICENCES):
        if (course / name).exists():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(course / name, sources / name)
    (sources / "_static").mkdir()
    shutil.copy(mathjax_file(), sources / "_static")
    (sources / "_static" / "site.css").write_text(STYLE, "utf-8")
    pages = sorted(path.relative_to(sources).with_suffix("").as_posix() for path in sources.rglob("*.md"))
    pages = [page if page != "README" else "Install and run <README>" for page in pages]
    notebooks = [f"notebooks/{path.stem}" for path in find_notebooks(course)]
    (sources / "index.md").write_text(INDEX.format(title=TITLE, notebooks="\n".join(notebooks), pages="\n".join(pages)), "utf-8")
