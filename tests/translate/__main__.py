"""Bring catalogues and editions up to date: python -m tests.translate [LANGUAGE...] [--no-run]

Each language has a catalogue for every notebook and page in notebooks/locale/, and one for the package in
stylelib/locale/. What changed in the English sources is marked there as fuzzy, and listed with its place;
the editions (notebooks/zh/, notebooks/*.zh.md) are written anew, in English where a message is missing or
fuzzy. A notebook whose code changed is run. The exit status is 1 while messages are open, or if a notebook
fails.
"""
import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from babel import Locale, UnknownLocaleError

from stylelib.engine.language import CATALOGUES, ENGLISH

from .. import refresh
from ..nbstrict.store import source_hash, stored_hash, write_if_changed
from ..places import ROOT
from . import catalogue, edition
from .messages import PACKAGE, TEXTS, messages

LOCALE = ROOT / "notebooks" / "locale"


def sources() -> list[Path]:
    """All that is translated: notebooks, pages, the package's folder."""
    return [*TEXTS, PACKAGE]


def catalogue_of(source: Path, language: str) -> Path:
    """Its PO file."""
    if source == PACKAGE:
        return CATALOGUES / language / "stylelib.po"
    return LOCALE / language / f"{source.stem}.po"


def languages() -> list[str]:
    """Those that have catalogues."""
    return sorted(folder.name for folder in LOCALE.glob("*") if folder.is_dir())


def update(source: Path, language: str) -> list[str]:
    """Update one catalogue; returns a line for each message that is missing or fuzzy."""
    path, found = catalogue_of(source, language), messages(source)
    known = catalogue.read(path, language)
    catalogue.update(known, found)
    catalogue.write(known, path)
    places = {message.text: message.place for message in reversed(found)}
    return [f"{places[message.id]}: {'fuzzy' if message.fuzzy else 'missing'}: {_short(message.id)}"
            for message in catalogue.open_messages(known)]


def write_edition(source: Path, language: str) -> bool:
    """Write one edition. Returns whether it must be run: whether its code or its outputs are new."""
    words = catalogue.words(catalogue.read(catalogue_of(source, language), language))

    def translate(text):
        return words.get(text, text)
    path = edition.place(source, language)
    path.parent.mkdir(exist_ok=True)
    if source.suffix == ".md":
        path.write_text(edition.page(source, language, translate), "utf-8", newline="\n")
        return False
    made = edition.notebook(source, language, translate)
    write_if_changed(made, path)
    return stored_hash(made) != source_hash(made)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.translate", description=__doc__.partition("\n")[0])
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", type=language_code,
                        help="such as zh_CN; a new one is begun")
    parser.add_argument("--no-run", action="store_true", help="do not run notebooks whose code changed")
    options = parser.parse_args(arguments)
    still_open, failed = [], 0
    for language in options.languages or languages():
        lines = [line for source in sources() for line in update(source, language)]
        still_open += lines
        print("\n".join([*lines, f"{language}: {len(lines)} messages are missing or fuzzy"]))
        # Pages come first: notebooks link to those that are there
        old = [edition.place(text, language) for text in reversed(TEXTS) if write_edition(text, language)]
        if old and not options.no_run:
            failed |= refresh.main([str(path) for path in sorted(old)])
            for text in TEXTS:          # with the pictures of first screens, which are there now
                write_edition(text, language)
    return 1 if still_open or failed else 0


def language_code(name: str) -> str:
    """A language's code as it was typed; for argparse, an error if it is none, or its folder is another's."""
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise argparse.ArgumentTypeError(f"{name!r} is no language: write it like zh_CN or fr") from None
    for other in (ENGLISH, *(other for other in languages() if other != name)):
        if edition.short(name) == edition.short(other):
            raise argparse.ArgumentTypeError(f"{name!r} would take the place of {other}: write another one")
    return name


def _short(message) -> str:
    text = message if isinstance(message, str) else message[0]
    return text if len(text) < 80 else f"{text[:77]}..."


if __name__ == "__main__":
    sys.exit(main())
