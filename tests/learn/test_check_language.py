"""Checkers in another language: the same verdicts, and no word of English in what they say."""
import re

import pytest

from stylelib.engine import language
from stylelib.learn.check import poster
from stylelib.learn.check.runs import DIAGNOSES

from ..translate import catalogue
from ..translate.messages import PACKAGE, messages
from ..translate.pseudo import pseudo
from .test_checkers import RIGHT, ROWS

# What stays as it is: code, and the words of notebook 02's diagnoses
SAME = re.compile(r"`[^`]*`|" + "|".join(DIAGNOSES))
# pseudo() puts accents on vowels: where two words have none, they are of no catalogue
ENGLISH = re.compile(r"(?<!\w)[a-z]*[aeio][a-z]* [a-z]*[aeio][a-z]*(?!\w)")


@pytest.fixture(scope="module")
def accents(tmp_path_factory):
    """The package speaks English with accents, and leaves out what PyTorch and Python say."""
    folder = tmp_path_factory.mktemp("locale")
    path = folder / "eo" / "stylelib.po"
    known = catalogue.read(path, "eo")
    catalogue.update(known, messages(PACKAGE))
    for message in catalogue.open_messages(known):
        one, many = (message.id, "") if isinstance(message.id, str) else message.id
        said = [re.sub(r"\{(error|said)\}", "", pseudo(text)) for text in (one, many)]
        message.string = tuple(said) if many else said[0]
    catalogue.write(known, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "CATALOGUES", folder)
        language.use_language("eo")
        yield
        language.use_language("en")


# Not the poster, which takes seconds to paint: test_poster.py reads what is said about it
@pytest.mark.parametrize("checker", [checker for checker in RIGHT if checker is not poster],
                         ids=lambda checker: checker.__name__)
def test_verdicts_are_the_same_in_another_language(checker, accents):
    for row in ROWS:
        if row.checker is checker:
            given = checker(row.answer)
            assert given.status == row.status, row.name
            assert given.message[0] == pseudo("")[0], given.message
            assert not ENGLISH.findall(SAME.sub("", given.message)), given.message
