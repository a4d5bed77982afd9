"""One changed sentence makes one message fuzzy, and shows English until somebody has looked at it."""
import pytest

from . import catalogue
from .catalogue import Found

SENTENCES = ["A picture is a tensor of three numbers for each pixel.", "The loss is the mean of all squares.",
             "Predict what happens if the photo is shuffled."]


def made(tmp_path, sentences=SENTENCES):
    path = tmp_path / "a.po"
    known = catalogue.read(path, "zh_CN")
    catalogue.update(known, map(Found, sentences))
    for message in catalogue.open_messages(known):
        message.string = f"译：{message.id}"
    catalogue.write(known, path)
    return path


def test_nothing_is_open_and_nothing_changes_without_an_edit(tmp_path):
    path = made(tmp_path)
    known = catalogue.read(path, "zh_CN")
    catalogue.update(known, map(Found, SENTENCES))
    assert not catalogue.open_messages(known) and catalogue.as_text(known) == path.read_text("utf-8")
    assert catalogue.words(known) == {text: f"译：{text}" for text in SENTENCES}


def test_a_changed_sentence_is_fuzzy_with_what_it_was(tmp_path):
    path, changed = made(tmp_path), SENTENCES[1].replace("mean", "sum")
    known = catalogue.read(path, "zh_CN")
    catalogue.update(known, map(Found, [SENTENCES[0], changed, SENTENCES[2]]))
    catalogue.write(known, path)
    again = catalogue.read(path, "zh_CN")
    fuzzy, = catalogue.open_messages(again)
    assert fuzzy.fuzzy and fuzzy.id == changed and fuzzy.previous_id == [SENTENCES[1]]
    assert set(catalogue.words(again)) == {SENTENCES[0], SENTENCES[2]}

    path.write_text(path.read_text("utf-8").replace("#, fuzzy\n", ""), "utf-8")     # somebody has read it
    again = catalogue.read(path, "zh_CN")
    catalogue.write(again, path)
    assert not catalogue.open_messages(again) and "|" not in path.read_text("utf-8")


def test_a_long_sentence_keeps_what_it_was(tmp_path):
    """Over several lines, with quotes, breaks and commas: read and written again, it is the same."""
    old = 'A "long" one, \\ with everything:\nlines, ' + "and more, " * 40
    path = made(tmp_path, [old])
    for _ in range(3):
        known = catalogue.read(path, "zh_CN")
        catalogue.update(known, [Found(old + "changed")])
        catalogue.write(known, path)
    message, = catalogue.open_messages(catalogue.read(path, "zh_CN"))
    assert message.previous_id == [old]


@pytest.mark.parametrize("language", ["zh_CN", "fr"])
def test_what_a_message_was_is_written_once(tmp_path, language):
    """Both forms of one that counts, too, and as Poedit breaks its lines."""
    path, texts = tmp_path / "a.po", [("{n} cat sleeps here", "{n} cats sleep here"), "A cat"]
    for now in (texts, [("{n} cat sleeps there", "{n} cats sleep there"), "A cat"]):
        known = catalogue.read(path, language)
        catalogue.update(known, map(Found, now))
        for message in catalogue.open_messages(known):
            message.string = ("{n}",) * known.num_plurals if isinstance(message.id, tuple) else "un chat"
        catalogue.write(known, path)
    text = path.read_text("utf-8")
    assert text.count("#|") == 2
    assert catalogue.as_text(catalogue.read(path, language)) == text
    path.write_text(text.replace("{n} cat sleeps here", '"\n#| "{n} cat sleeps "\n#| "here'), "utf-8")
    assert catalogue.as_text(catalogue.read(path, language)) == text


@pytest.mark.parametrize("language, forms", [("zh_CN", 1), ("de", 2), ("fr", 3)])
def test_a_message_that_counts_is_missing_until_each_form_is_there(tmp_path, language, forms):
    path = tmp_path / "a.po"
    known = catalogue.read(path, language)
    catalogue.update(known, [Found(("{n} cat", "{n} cats"))])
    assert len(catalogue.open_messages(known)) == 1
    catalogue.write(known, path)
    for count in range(forms + 1):
        known = catalogue.read(path, language)
        message, = (message for message in known if message.id)
        message.string = tuple("{n}" * (i < count) for i in range(forms))
        assert len(catalogue.open_messages(known)) == (count < forms)
        assert catalogue.words(known) == ({} if count < forms else {"{n} cats": "{n}"})


def test_a_new_sentence_is_missing_and_a_removed_one_is_gone(tmp_path):
    path = made(tmp_path)
    known = catalogue.read(path, "zh_CN")
    catalogue.update(known, map(Found, [*SENTENCES[:2], "Quite another thing: a cat sits on the keyboard."]))
    catalogue.write(known, path)
    assert [bool(message.string) for message in catalogue.open_messages(known)] == [False]
    assert SENTENCES[2] not in path.read_text("utf-8")


def test_no_date_and_no_place_is_written(tmp_path):
    text = made(tmp_path).read_text("utf-8")
    assert "Date" not in text and "#:" not in text and 'charset=utf-8' in text
