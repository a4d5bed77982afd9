"""The package's language: which catalogue is found, what is translated, and what stays English."""
import re

import pytest

from stylelib.engine import language
from stylelib.engine.language import (
    find_language,
    languages,
    mark,
    tr,
    tr_count,
    use_language,
    users_language,
)

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: {plurals}\\n"\n\n'
CHINESE = HEAD.format(plurals="nplurals=1; plural=0;") + """\
msgid "size must be at least {least}, not {size}"
msgstr "size 至少是 {least}，不能是 {size}"

#, fuzzy
msgid "a picture"
msgstr "一部影片"

msgid "a painting"
msgstr ""

msgid "{n} try of {most}"
msgid_plural "{n} tries of {most}"
msgstr[0] "{most} 次中的第 {n} 次"
"""
GERMAN = HEAD.format(plurals="nplurals=2; plural=(n != 1);") + 'msgid "a picture"\nmsgstr "ein Bild"\n'
LATE = mark("size must be at least {least}, not {size}")


@pytest.fixture(autouse=True)
def catalogues(tmp_path, monkeypatch):
    """Two small catalogues; English is spoken before and after a test."""
    for code, text in (("zh_CN", CHINESE), ("de", GERMAN)):
        (tmp_path / code).mkdir()
        (tmp_path / code / "stylelib.po").write_text(text, "utf-8")
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    use_language("en")
    yield
    use_language("en")


@pytest.mark.parametrize("name", ["zh", "zh_CN", "zh-CN", "zh_CN.UTF-8", "zh_CN@modifier", "zh_SG", "ZH"])
def test_chinese_by_many_names(name):
    use_language(name)
    assert language.language() == "zh_CN"
    assert tr("size must be at least {least}, not {size}", least=4, size=3) == "size 至少是 4，不能是 3"
    assert tr(LATE, least=4, size=3) == "size 至少是 4，不能是 3"


def test_back_to_english():
    use_language("zh")
    use_language("en")
    assert language.language() == "en"
    assert tr(LATE, least=4, size=3) == "size must be at least 4, not 3"


def test_an_unknown_language_is_refused_in_one_line_and_changes_nothing():
    use_language("zh")
    with pytest.raises(ValueError, match="no messages in 'tlh': choose one of en, de, zh_CN") as caught:
        use_language("tlh")
    assert "\n" not in str(caught.value)
    assert language.language() == "zh_CN"


@pytest.mark.parametrize("name", ["", "../zh_CN", "z", "zhuang"])
def test_no_name_of_a_language(name):
    assert find_language(name) is None
    with pytest.raises(ValueError, match="no messages in"):
        use_language(name)


@pytest.mark.parametrize("name", [None, 5, b"zh", ["zh"]])
def test_what_is_no_name_at_all_is_refused_in_one_line(name):
    with pytest.raises(ValueError, match=re.escape(f"no messages in {name!r}: choose one of en, de, zh_CN")):
        use_language(name)


@pytest.mark.parametrize("name", ["C", "C.UTF-8", "POSIX", "en_GB.UTF-8", "en"])
def test_english_by_many_names(name):
    assert find_language(name) == "en"


def test_missing_and_fuzzy_messages_stay_english():
    use_language("zh")
    assert tr("a picture") == "a picture"                       # fuzzy
    assert tr("a painting") == "a painting"                     # not translated yet
    assert tr("{width} px", width=3) == "3 px"                  # not in the catalogue


def test_nothing_to_say_is_not_the_catalogues_head():
    use_language("zh")
    assert tr("") == ""


def test_braces_are_left_alone_without_values():
    assert tr("write {x}") == "write {x}"
    assert tr("write {{x}} {code}", code="now") == "write {x} now"


def test_counting():
    assert tr_count("{n} try of {most}", "{n} tries of {most}", 1, most=9) == "1 try of 9"
    assert tr_count("{n} try of {most}", "{n} tries of {most}", 3, most=9) == "3 tries of 9"
    use_language("zh")
    assert tr_count("{n} try of {most}", "{n} tries of {most}", 1, most=9) == "9 次中的第 1 次"
    assert tr_count("{n} cat", "{n} cats", 2) == "2 cats"       # not in the catalogue


def test_languages_are_those_with_a_catalogue(tmp_path):
    (tmp_path / "fr").mkdir()                                   # an empty folder is none
    assert languages() == ["en", "de", "zh_CN"]


@pytest.mark.parametrize(("environment", "code"), [
    ({}, "en"),
    ({"LANG": "zh_CN.UTF-8"}, "zh_CN"),
    ({"LANG": "C.UTF-8"}, "en"),
    ({"LANG": "fr_FR.UTF-8"}, "en"),                            # no catalogue
    ({"LANG": "de_AT.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh_CN"),
    ({"LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "de_DE.UTF-8"}, "de"),
    ({"LANG": "de_DE.UTF-8", "LANGUAGE": "zh_CN"}, "zh_CN"),
    ({"LANG": "de_DE.UTF-8", "LANGUAGE": ""}, "de"),            # empty is as good as not set
    ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:zh_TW:de"}, "zh_CN"),
    ({"LANG": "de_DE.UTF-8", "LANGUAGE": "en:de"}, "en"),
    ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
    ({"LC_ALL": "C", "LANGUAGE": "zh_CN"}, "en"),
    ({"LANG": "POSIX", "LANGUAGE": "zh_CN"}, "en"),
    ({"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}, "zh_CN"),        # as in containers: it only says UTF-8
    ({"LANG": "C", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "zh_CN"}, "zh_CN"),
    ({"LANGUAGE": "zh_CN"}, "zh_CN"),
])
def test_users_language(environment, code):
    assert users_language(environment) == code


def test_the_users_language_is_not_used_by_itself(monkeypatch):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert tr(LATE, least=4, size=3) == "size must be at least 4, not 3"
