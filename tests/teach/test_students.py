"""What learners get: no solution and no answer is in any of these folders, and they can be installed.

Student copies, with and without outputs; the folder for machines without a network; the site; what is
published for Binder, JupyterHub and Colab. What nbgrader hands out is looked at by test_grading.py.
"""
import contextlib
import html
import importlib.metadata
import io
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from packaging.version import Version

from stylelib.cli import main
from stylelib.teach.editions import SOLUTION
from stylelib.teach.folds import FOLD, title_of
from stylelib.teach.handouts import KEPT, without_solutions, write_handouts

from ..notebooks.test_exercises import exercises_of
from ..places import NOTEBOOKS, ROOT, TRANSLATED
from .test_handouts import COINCIDENCES, VARIANTS, long_lines, read

BOOKS = [*NOTEBOOKS, *TRANSLATED]
FOLDERS = [*VARIANTS, "offline", "site", "hubs"]


@pytest.fixture(scope="module")
def students(tmp_path_factory):
    """The folder that holds them; `offline` is without what pip downloads."""
    folder = tmp_path_factory.mktemp("students")
    assert main(["handout", str(folder / "outputs")]) == 0
    assert main(["handout", str(folder / "no_outputs"), "--no-outputs"]) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stylelib.teach.offline.get_wheels", lambda course, wheels, *_: wheels.mkdir())
        assert main(["offline", str(folder / "offline"), "--student"]) == 0
    assert main(["hubs", "https://github.com/a/b", str(folder / "all"), "--hub", "https://a.example"]) == 0
    (folder / "all" / "repository").rename(folder / "hubs")
    with contextlib.redirect_stderr(io.StringIO()) as said:
        assert main(["site", str(folder / "site"), "--student"]) == 0
    assert said.getvalue() == "", "Sphinx warns"
    return folder


def texts(folder):
    """{name: text} of all that a learner reads there; in this package, the checkers know the answers."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not re.match(r"stylelib/|(zh/)?_static/(?!places)", name):
            if path.suffix in (".html", ".js"):
                found[name] = html.unescape(re.sub(r"<[^>]*>", "", path.read_text("utf-8")))
            elif path.suffix == ".ipynb":
                cells = read(path).cells
                found[name] = "\n".join(cell.source + str(cell.get("outputs", "")) for cell in cells)
            elif path.suffix in (".md", ".txt", ".rst", ".json", ".toml"):
                found[name] = path.read_text("utf-8")
    return {name: letters(text) for name, text in found.items()}


def letters(text):
    """A text without its marks: as Markdown, HTML and the search's index have them alike."""
    return " ".join(re.findall(r"\w+", re.sub(r"\$[^$]*\$|\]\([^)]*\)", " ", text)))


def secrets():
    """[(where, sentence)]: what is folded away as an answer, and the answers to the assessment."""
    for where, text in _secret_texts():
        for sentence in re.split(r"(?<=[.:?!;]) |(?<=[。：？！；])|\n|\$[^$]*\$| \| ", text):
            # shorter ones give nothing away
            if len(letters(sentence).split()) >= 5 or len(re.findall(r"[\u3400-\u9fff]", sentence)) >= 12:
                yield where, letters(sentence)


def _secret_texts():
    for path in BOOKS:
        for cell in read(path).cells:
            if cell.cell_type == "markdown":
                for fold in FOLD.finditer(cell.source):
                    if not title_of(fold).startswith((*KEPT, *SOLUTION)):
                        yield f"{path.name}: {title_of(fold)}", fold["text"]
    for page in (ROOT / "notebooks").glob("ANSWERS*.md"):
        yield page.name, page.read_text("utf-8").partition("|---|")[2]


@pytest.mark.parametrize("name", FOLDERS)
def test_no_answer_is_in_a_students_folder(name, students):
    found = texts(students / name)
    first = sum("00_start_here." in page for page in found)         # in each language
    assert first == (len(BOOKS) // len(NOTEBOOKS) if name in ("offline", "site") else 1)
    assert not [path for path in (students / name).rglob("*")
                if re.match("TEACHING|ANSWERS|HUBS", path.name)]
    originals = letters("\n".join(without_solutions(cell.source) for path in BOOKS
                                  for cell in read(path).cells))
    for where, sentence in secrets():
        if sentence not in originals:                       # what a notebook also says openly is no secret
            assert [page for page, text in found.items() if sentence in text] == [], (where, sentence)


@pytest.mark.parametrize("name", ["offline", "site", "hubs"])
def test_no_solution_is_in_a_students_folder(name, students):
    found = texts(students / name)
    for path in BOOKS:
        for exercise in exercises_of(read(path)):
            for line in set(long_lines(exercise.solution)) - set(COINCIDENCES):
                told = [page for page, text in found.items() if letters(line) in text]
                assert told == [] or letters(line) in letters(exercise.stub), line


def test_the_secrets_are_found_where_they_are(tmp_path):
    """The same search in what a teacher gets: or it could not find anything anywhere."""
    assert main(["site", str(tmp_path / "site")]) == 0
    for folder in (ROOT / "notebooks", tmp_path / "site"):
        found, parts = " ".join(texts(folder).values()), [sentence for _, sentence in secrets()]
        missed = [part for part in parts if part not in found]
        assert len(parts) > 60 and len(missed) < len(parts) / 10, missed


def test_student_copies_install_from_their_own_folder(students, tmp_path):
    """With the real pip, without its network: only this package."""
    if Version(importlib.metadata.version("setuptools")) < Version("77"):
        pytest.skip("building without a network needs setuptools 77 in this environment")
    copy = shutil.copytree(students / "no_outputs", tmp_path / "copy")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index",
                    "--quiet", "--wheel-dir", tmp_path / "wheels", copy], check=True)
    wheel, = (tmp_path / "wheels").iterdir()
    held = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "stylelib").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in held


def test_copies_of_notebooks_without_the_package_say_so(students, tmp_path):
    assert "pip install ." in (students / "outputs" / "README.md").read_text("utf-8")
    (tmp_path / "course").mkdir()
    for name in ("notebooks", "data"):
        shutil.copytree(ROOT / name, tmp_path / "course" / name)
    write_handouts(tmp_path / "new", course=tmp_path / "course")
    readme = (tmp_path / "new" / "README.md").read_text("utf-8")
    assert "must be installed" in readme and "pip install" not in readme
