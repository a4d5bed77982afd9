"""A language that nobody speaks: it shows what no catalogue holds, and that any edition is sound."""
import ast
import re

import nbformat
import pytest

from . import __main__ as translate
from . import catalogue
from . import pseudo as fill
from .catalogue import Found
from .code import without_magics
from .compare import differences
from .edition import notebook, page
from .messages import NOTEBOOKS, PAGES, messages
from .pseudo import pseudo

NOT_WORDS = re.compile(r"\$\$.*?\$\$|```.*?```|`[^`]*`|\$[^$]*\$|<[^>]*>", re.DOTALL)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebooks_edition_has_the_same_cells_and_code(path):
    english, other = nbformat.read(path, as_version=4), notebook(path, "eo", pseudo)
    assert [cell.cell_type for cell in english.cells] == [cell.cell_type for cell in other.cells]
    assert [cell.metadata.get("tags") for cell in english.cells] == [
        cell.metadata.get("tags") for cell in other.cells]
    first = True
    for before, after in zip(english.cells, other.cells):
        if before.cell_type == "code":
            added = len(after.source.strip().split("\n")) - len(before.source.strip().split("\n"))
            assert added <= 3 if first else added <= 0        # it says which language is spoken
            first = False
            ast.parse(without_magics(after.source))
        else:
            assert re.findall(r"(?m)^#+ ", before.source) == re.findall(r"(?m)^#+ ", after.source)
            assert _unbracketed(after.source) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_word_of_a_page_is_in_its_catalogue(path):
    assert _unbracketed(page(path, "eo", pseudo)) == []


def _unbracketed(text):
    """Words outside the brackets in which pseudo() puts each message."""
    return re.findall(r"[^\W\d_]{2,}", re.sub(r"⟦[^⟧]*⟧", " ", NOT_WORDS.sub(" ", text)))


def test_a_pseudo_message_keeps_what_must_be_kept():
    for message in (found for path in NOTEBOOKS[:2] for found in messages(path)):
        assert differences(message.text, pseudo(message.text)) == []


@pytest.mark.parametrize("language, forms", [("zh_CN", 1), ("fr", 3)])
def test_a_catalogue_is_filled(language, forms, tmp_path, monkeypatch):
    path = tmp_path / "a.po"
    known = catalogue.read(path, language)
    catalogue.update(known, [Found(("{n} cat", "{n} cats")), Found("noise", "in code"), Found("A cat")])
    catalogue.write(known, path)
    monkeypatch.setattr(fill, "sources", lambda: [path])
    monkeypatch.setattr(fill, "catalogue_of", lambda *_: path)
    assert fill.main([language]) == 0
    assert [message.string for message in catalogue.read(path, language) if message.id] == [
        (pseudo("{n} cats"),) * forms, "noise", pseudo("A cat")]


@pytest.mark.parametrize("main", [translate.main, fill.main])
@pytest.mark.parametrize("name", ["xx_YY", "../evil", ""])
def test_what_is_no_language_is_not_begun(main, name, capsys):
    with pytest.raises(SystemExit):
        main([name])
    assert f"{name!r} is no language: write it like zh_CN or fr" in capsys.readouterr().err
    assert name not in translate.languages()


@pytest.mark.parametrize("name, other", [("zh", "zh_CN"), ("zh_TW", "zh_CN"), ("en", "en"), ("en_GB", "en")])
def test_no_language_takes_the_place_of_another(name, other, capsys):
    with pytest.raises(SystemExit):
        translate.main([name])
    assert f"{name!r} would take the place of {other}" in capsys.readouterr().err


@pytest.mark.parametrize("status", [0, 1])
def test_a_notebook_that_fails_is_told_by_the_exit_status(status, monkeypatch):
    run = []
    monkeypatch.setattr(translate, "sources", lambda: [])
    monkeypatch.setattr(translate, "TEXTS", NOTEBOOKS[:1])
    monkeypatch.setattr(translate, "write_edition", lambda *_: True)
    monkeypatch.setattr(translate.refresh, "main", lambda names: run.extend(names) or status)
    assert translate.main(["eo"]) == status
    assert [name.endswith("notebooks/eo/00_start_here.ipynb") for name in run] == [True]


def test_one_changed_sentence_shows_english_there_and_says_where(tmp_path, monkeypatch, capsys):
    """All of it, from a notebook to its edition, in a course of one notebook."""
    path = tmp_path / "notebooks" / "00_start_here.ipynb"
    path.parent.mkdir()
    nbformat.write(nbformat.read(NOTEBOOKS[0], as_version=4), path)
    for module in (translate, __import__("tests.translate.messages", fromlist=["ROOT"])):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(translate, "LOCALE", tmp_path / "notebooks" / "locale")
    assert translate.update(path, "eo")                          # all of them are missing
    known = catalogue.read(translate.catalogue_of(path, "eo"), "eo")
    for message in catalogue.open_messages(known):
        message.string = pseudo(message.id)
    catalogue.write(known, translate.catalogue_of(path, "eo"))
    assert translate.update(path, "eo") == []

    edited = nbformat.read(path, as_version=4)
    number, cell = next((i, cell) for i, cell in enumerate(edited.cells)
                        if cell.cell_type == "markdown" and "**Predict.**" in cell.source and i > 5)
    cell.source = cell.source.replace("**Predict.**", "**Predict.** Quickly:", 1)
    nbformat.write(edited, path)
    line, = translate.update(path, "eo")
    assert line.startswith(f"notebooks/00_start_here.ipynb, cell {number}: fuzzy: ") and "Quickly" in line
    translate.write_edition(path, "eo")
    cells = nbformat.read(tmp_path / "notebooks" / "eo" / path.name, as_version=4).cells
    assert [i for i, cell in enumerate(cells) if "Quickly:" in cell.source] == [number]
    assert translate.update(path, "eo") == [line]
