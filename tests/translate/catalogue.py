"""Catalogues: what is translated, in gettext's PO files, and what has changed since.

babel compares the messages of today with those of a catalogue. A message that changed a little keeps its
translation, marked as fuzzy and with the English that it was made for; nothing shows it until somebody has
looked at it and taken the mark away.
"""
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, unescape, write_po

# What babel writes at the head of a file and changes each time, or takes from a package that has no name here
LEFT_OUT = ("#", '"POT-Creation-Date', '"PO-Revision-Date', '"Project-Id-Version', '"Report-Msgid-Bugs-To',
            '"Last-Translator', '"Language-Team', '"Generated-By')
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class Found(NamedTuple):
    """A message of today's sources.

    Attributes:
        text: the English words; a pair of them for one that counts.
        comment: what a translator should know, or "".
        place: where it stands, for people.
    """

    text: str | tuple[str, str]
    comment: str = ""
    place: str = ""


def read(path: Path, language: str) -> Catalog:
    """A catalogue; an empty one if there is no file."""
    if not path.exists():
        return Catalog(locale=language)
    with open(path, "rb") as file:
        catalogue = read_po(file, locale=language)
    catalogue.locale = language         # babel writes zh_Hans_CN for the zh_CN that it has read
    for message in catalogue:
        _take_previous(message)
    return catalogue


def _take_previous(message):
    """What a message was before stands behind "#|", which babel reads as comments and would write as such."""
    lines = [comment for comment in message.user_comments if comment.startswith("| ")]
    message.user_comments = [comment for comment in message.user_comments if comment not in lines]
    if message.fuzzy:                   # when somebody takes the mark away, this goes, too
        _, *forms = re.split(r"\| msgid", "".join(lines))       # Poedit writes each over several lines
        message.previous_id = ["".join(map(unescape, STRING.findall(form))) for form in forms]


def update(catalogue: Catalog, found: Iterable[Found]) -> None:
    """Make it the catalogue of today's messages, in their order; of others nothing is kept.

    Places are not written: each line that is inserted somewhere would change them all.
    """
    template = Catalog()
    for message in found:
        template.add(message.text, auto_comments=[message.comment] if message.comment else [])
    before = {message.id: message.previous_id for message in catalogue if message.previous_id}
    catalogue.update(template)
    catalogue.obsolete.clear()
    for text in before.keys() & {message.id for message in catalogue}:     # which babel forgets
        catalogue[text].previous_id = catalogue[text].previous_id or before[text]


def as_text(catalogue: Catalog) -> str:
    """What stands in its file: no dates, so that only what somebody changed is a change."""
    file = io.BytesIO()
    # Not broken into lines: what a fuzzy message was before is a comment to babel, and broken anywhere
    write_po(file, catalogue, width=10**6, include_previous=True)
    head, empty, rest = file.getvalue().decode().lstrip().partition("\n\n")
    kept = [line for line in head.split("\n") if not line.startswith(LEFT_OUT)]
    return "\n".join(kept) + empty + rest


def write(catalogue: Catalog, path: Path) -> None:
    """Write its file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_text(catalogue), "utf-8", newline="\n")


def words(catalogue: Catalog) -> dict[str, str]:
    """{English: translation} of what may be shown: neither missing nor fuzzy.

    Of a message that counts, the forms for the largest number.
    """
    return {_forms(message.id)[-1]: _forms(message.string)[-1] for message in catalogue
            if message.id and not _is_open(message)}


def open_messages(catalogue: Catalog) -> list[Message]:
    """Messages that are missing or fuzzy; one that counts is missing as long as one of its forms is."""
    return [message for message in catalogue if message.id and _is_open(message)]


def _is_open(message):
    return message.fuzzy or not all(_forms(message.string))


def _forms(text):
    return text if isinstance(text, tuple) else (text,)
