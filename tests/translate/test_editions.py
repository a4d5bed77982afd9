"""The editions on disk: nothing is open, nothing was edited beside the catalogues, and each says the same."""
import re

import nbformat
import pytest

from ..nbstrict.store import source_hash, stored_hash
from . import catalogue, edition
from .__main__ import catalogue_of, languages, sources
from .compare import differences
from .messages import PACKAGE, PAGES, TEXTS, messages
from .terms import misnamed, terms

EVERY = [(language, source) for language in languages() for source in sources()]
WRITTEN = [(language, text) for language in languages() for text in TEXTS]
LETTERS = {"zh_CN": r"[一-鿿]"}        # of a language that does not write like English


def named(value):
    return value if isinstance(value, str) else value.stem


def words(language, source):
    return catalogue.words(catalogue.read(catalogue_of(source, language), language))


@pytest.mark.parametrize("language, source", EVERY, ids=named)
def test_nothing_is_missing_fuzzy_or_left_over(language, source):
    path = catalogue_of(source, language)
    known = catalogue.read(path, language)
    catalogue.update(known, messages(source))
    assert [message.id for message in catalogue.open_messages(known)] == []
    assert catalogue.as_text(known) == path.read_text("utf-8"), "run python -m tests.translate"


@pytest.mark.parametrize("language, source", EVERY, ids=named)
def test_code_formulas_links_and_numbers_are_equal(language, source):
    found = {english: differences(english, other) for english, other in words(language, source).items()}
    assert {english: wrong for english, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("language, source", EVERY, ids=named)
def test_a_term_has_the_name_that_the_glossary_gives_it(language, source):
    known = terms(language)
    found = {english: misnamed(english, other, known) for english, other in words(language, source).items()
             if english != other}
    assert {english: wrong for english, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("language, source", EVERY, ids=named)
def test_no_sentence_stays_english(language, source):
    """More than four small words are no name, and no title of a paper."""
    stay = [english for english, other in words(language, source).items()
            if language in LETTERS and not re.search(LETTERS[language], other)
            and len(re.findall(r"\b[a-z]{2,}\b", _plain(english))) > 4]
    assert stay == []


def _plain(text):
    return re.sub(r"\*[^*]+\*|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|\{[^}]*\}|https?://\S+|<[^>]*>", " ", text)


@pytest.mark.parametrize("language, source", WRITTEN, ids=named)
def test_an_edition_is_what_its_catalogue_makes(language, source):
    path, known = edition.place(source, language), words(language, source)
    def translate(text):
        return known.get(text, text)
    if source in PAGES:
        assert path.read_text("utf-8") == edition.page(source, language, translate)
        return
    stored, made = nbformat.read(path, as_version=4), edition.notebook(source, language, translate)
    assert [cell.source for cell in stored.cells] == [cell.source for cell in made.cells]
    assert stored_hash(stored) == source_hash(stored), "its code is newer than its outputs"
    assert [cell.execution_count for cell in stored.cells if cell.cell_type == "code"] == [
        *range(1, sum(cell.cell_type == "code" for cell in stored.cells) + 1)]
    english = nbformat.read(source, as_version=4)
    assert [len(cell.get("outputs", [])) for cell in stored.cells] == [
        len(cell.get("outputs", [])) for cell in english.cells]


def test_the_glossary_is_read():
    assert terms("zh_CN")["receptive field"] == {"感受野"} and len(terms("zh_CN")) > 100
    assert terms("eo") == {}                # a language may begin without one


def test_the_package_is_translated_into_each_language():
    assert languages() == sorted({path.parent.name for path in PACKAGE.glob("locale/*/stylelib.po")})
