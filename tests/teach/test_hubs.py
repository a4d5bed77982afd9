"""Links for Binder, JupyterHub and Colab: their form, their QR codes, and the cell that gets the course."""
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml

from stylelib.cli import main
from stylelib.teach.course import KitError
from stylelib.teach.hubs import add_colab_cell
from stylelib.teach.links import Repository, links_to, parse_hub, parse_repository

from ..places import NOTEBOOKS, ROOT

cv2 = pytest.importorskip("cv2", reason="QR codes are read by OpenCV")
FIRST = "notebooks/00_start_here.ipynb"


@pytest.fixture(scope="module")
def hubs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hubs") / "new"
    assert main(["hubs", "https://github.com/school/art", str(folder), "--hub", "https://hub.example.org",
                 "--no-outputs"]) == 0
    return folder


@pytest.mark.parametrize("url, expected", [
    ("https://github.com/school/art", Repository("github.com", "school/art")),
    ("github.com/school/art.git/", Repository("github.com", "school/art")),
    ("git@github.com:school/art.git", Repository("github.com", "school/art")),
    ("ssh://git@git.school.example/a/b", Repository("git.school.example", "a/b")),
    ("https://github.com/x/art/tree/summer/a/b", Repository("github.com", "x/art", "summer", "a/b")),
    ("https://gitlab.com/x/y/art/-/tree/2027", Repository("gitlab.com", "x/y/art", "2027")),
    ("https://codeberg.org/x/art/src/branch/b/c", Repository("codeberg.org", "x/art", "b", "c")),
    ("http://git.local:3000/x/art", Repository("git.local:3000", "x/art", scheme="http")),
])
def test_an_address_is_read_as_people_copy_it(url, expected):
    assert parse_repository(url) == expected
    assert parse_repository(url, "week/1", "part").branch == "week/1"


@pytest.mark.parametrize("url, words", [
    ("https://me:ghp_secret@github.com/school/art", "holds a name or a password"),
    ("https://github.com/school", "such as https://github.com/OWNER/NAME"),
    ("a/b", "such as"), ("file:///home/me/art", "such as"), ("https://github.com/a/b?x=1", "such as"),
    ("https://github.com/school/art\nrm", "such as"), ("", "such as")])
def test_what_is_no_address_is_told(url, words):
    with pytest.raises(KitError, match=re.escape(words)) as caught:
        parse_repository(url)
    assert "ghp_secret" not in str(caught.value)


@pytest.mark.parametrize("arguments", [["--branch", "--x"], ["--branch", "a b"], ["--branch=a..b"],
                                       ["--subfolder", "../up"], ["--subfolder", "a b"],
                                       ["--hub", "hub.example.org"], ["--hub", "ftp://x"], ["--course", "x"]])
def test_bad_input_is_one_line_and_status_2(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        status = main(["hubs", "https://github.com/a/b", "new", *arguments])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    assert status == 2 and captured.out == "" and captured.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_links_have_the_services_form():
    """As BinderHub's providers, nbgitpuller's page of options, and Colab's page about GitHub ask for."""
    github, binder = Repository("github.com", "school/art"), "https://mybinder.org/v2"
    path = "notebooks%2F00_start_here.ipynb"
    assert links_to(github, FIRST, "https://hub.example.org") == {
        "Binder": f"{binder}/gh/school/art/main?labpath={path}",
        "JupyterHub": "https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fschool"
                      f"%2Fart&branch=main&urlpath=lab%2Ftree%2Fart%2F{path}%3Fautodecode",
        "Colab": f"https://colab.research.google.com/github/school/art/blob/main/{FIRST}"}
    assert links_to(Repository("gitlab.com", "x/y/art", "b", "c"), FIRST) == {
        "Binder": f"{binder}/gl/x%2Fy%2Fart/b?labpath=c%2F{path}"}
    assert links_to(Repository("codeberg.org", "x/art"), FIRST) == {
        "Binder": f"{binder}/git/https%3A%2F%2Fcodeberg.org%2Fx%2Fart/main?labpath={path}"}


@pytest.mark.parametrize("typed", ["https://hub.example.org/", "https://hub.example.org/hub/home",
                                   "https://hub.example.org/hub"])
def test_a_hub_is_read_as_people_copy_it(typed):
    assert parse_hub(typed) == "https://hub.example.org"
    assert parse_hub("https://school.example/jupyter/hub/spawn") == "https://school.example/jupyter"


# --- QR codes -----------------------------------------------------------------------------------------------

def drawn(svg):
    """A code's picture, from its lines: "M4 4.5h7m2 0h3" is a stroke of 7, a gap of 2, a stroke of 3."""
    side = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    picture, x, y = np.full((side, side), 255, np.uint8), 0, 0.0
    path = re.search(r'stroke="#000" d="([^"]+)"', svg)[1]
    for letter, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        moved = [float(number) for number in numbers.split()]
        if letter == "h":
            picture[int(y), int(x):int(x + moved[0])] = 0
            x += moved[0]
        else:
            x, y = (moved[0], moved[1]) if letter == "M" else (x + moved[0], y + moved[1])
    return picture


def scanned(svg):
    """What a camera reads, as it comes nearer: OpenCV misses some codes at some sizes."""
    pictures = (drawn(svg).repeat(scale, 0).repeat(scale, 1) for scale in (8, 6, 5, 10, 12))
    return next(filter(None, (cv2.QRCodeDetector().detectAndDecode(each)[0] for each in pictures)), "")


def test_each_code_says_its_link(hubs):
    page = (hubs / "HUBS.md").read_text("utf-8")
    codes = dict(re.findall(r'<img src="(qr/[^"]+)"[^>]*>\]\((\S+)\)', page))
    assert len(codes) == 3 * len(NOTEBOOKS)
    codes["qr/course.svg"] = "https://github.com/school/art"
    assert {path.relative_to(hubs).as_posix() for path in (hubs / "qr").iterdir()} == set(codes)
    for file, link in codes.items():
        assert scanned((hubs / file).read_text("utf-8")) == link
        assert page.count(link) == (2 if "course" not in file else page.count(link))    # also as text
    poster = (hubs / "poster.html").read_text("utf-8")
    drawings = re.findall(r'<a class="code" href="([^"]+)".*?(<svg.*?</svg>)', poster, re.S)
    assert [scanned(svg) for _, svg in drawings] == [link.replace("&amp;", "&") for link, _ in drawings]
    assert {link.replace("&amp;", "&") for link, _ in drawings} == set(codes.values())
    assert not re.findall(r'(?:src|href)="(?!https://|data:)', poster)      # it needs no other file


def test_a_damaged_code_would_be_noticed(hubs):
    svg = (hubs / "qr" / "course.svg").read_text("utf-8")
    assert scanned(svg.replace("h1m", "h2m")) != "https://github.com/school/art"


# --- What is published --------------------------------------------------------------------------------------

def test_what_is_published_holds_the_links_and_no_answers(hubs):
    names = {path.name for path in (hubs / "repository").rglob("*")}
    assert not names & {"HUBS.md", "TEACHING.md", "ANSWERS.md", "poster.html"}
    readme = (hubs / "repository" / "README.md").read_text("utf-8")
    for path in NOTEBOOKS:
        assert all(f"]({link})" in readme for link in links_to(
            Repository("github.com", "school/art"), f"notebooks/{path.name}", "https://hub.example.org").values())


def test_below_the_top_folder_binder_still_finds_what_to_install(tmp_path):
    assert main(["hubs", "https://gitlab.com/x/art", str(tmp_path / "new"), "--subfolder", "a/b",
                 "--no-outputs"]) == 0
    top = tmp_path / "new" / "repository"
    assert {path.name for path in top.iterdir()} == {"a", "environment.yml"}
    environment = yaml.safe_load((top / "environment.yml").read_text("utf-8"))
    assert {"pip": ["-e ./a/b"]} in environment["dependencies"]
    assert (top / "a/b/pyproject.toml").exists() and not (top / "a/b/environment.yml").exists()
    assert "Upload notebook" in (tmp_path / "new" / "HUBS.md").read_text("utf-8")
    assert "Colab" not in (top / "a/b/README.md").read_text("utf-8")


def colab_cell(path):
    notebook = nbformat.read(path, as_version=4)
    return next(cell for cell in notebook.cells if cell.cell_type == "code")


def test_each_notebook_begins_with_the_cell_and_is_valid(hubs):
    for path in NOTEBOOKS:
        copy = hubs / "repository" / "notebooks" / path.name
        nbformat.validate(nbformat.read(copy, as_version=4))
        assert '"https://github.com/school/art"' in colab_cell(copy).source


def test_elsewhere_the_cell_does_nothing(hubs, monkeypatch):
    source, before = colab_cell(hubs / "repository" / FIRST).source, Path.cwd()
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("it starts something"))
    exec(source, {})
    assert Path.cwd() == before


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_on_colab_the_cell_gets_the_course(hubs, tmp_path):
    """With the real git and pip, in a new environment that has the course's packages, but not the course."""
    source, copy = shutil.copytree(hubs / "repository", tmp_path / "repository"), tmp_path / "first.ipynb"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", str(source)]
    for words in (["init", "-q", "-b", "week/1"], ["add", "."], ["commit", "-q", "-m", "course"]):
        subprocess.run([*git, *words], check=True)
    shutil.copy(ROOT / FIRST, copy)
    add_colab_cell(copy, Repository("", str(source).lstrip("/"), "week/1", scheme="file"))
    venv.create(tmp_path / "venv", with_pip=False)
    place = next((tmp_path / "venv").glob("[Ll]ib/**/site-packages"))
    (place / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")      # torch, pip, setuptools
    program = ["import sys", "sys.modules['google.colab'] = sys", colab_cell(copy).source,
               "import os, stylelib", "print(stylelib.__file__)", "print(os.getcwd())"]
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    # 0 is pip's word for "without isolation"
    environment |= {"COURSE_HOME": str(tmp_path / "course"), "PIP_NO_BUILD_ISOLATION": "0",
                    "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1"}
    for _ in range(2):              # a second run changes nothing
        ran = subprocess.run([python, "-c", "\n".join(program)], cwd=tmp_path, env=environment,
                             capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        package, folder = ran.stdout.splitlines()[-2:]
        assert Path(package).is_relative_to(tmp_path / "venv")
        assert Path(folder) == tmp_path / "course" / "notebooks"
        assert (Path(folder).parent / "data" / "SOURCES.md").exists()
    assert sys.prefix not in package
