"""The language in which the package speaks: its messages go through gettext, and English is the default.

A message is written in English where it is used, as a whole sentence with named places for its values:
`tr("size must be at least {least}, not {size}", least=4, size=size)`. `mark` names one that is translated
later, such as a constant at the top of a file. The catalogues, `stylelib/locale/*/stylelib.po`, are kept in
step by `python -m tests.translate`.
"""
import gettext
import io
import os
from collections.abc import Mapping
from pathlib import Path

CATALOGUES = Path(__file__).parents[1] / "locale"
ENGLISH = "en"
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")        # in the order in which gettext asks them
_spoken: tuple[str, gettext.NullTranslations] = (ENGLISH, gettext.NullTranslations())


def tr(message: str, **values) -> str:
    """A message in the language in use; in English where it has no translation yet.

    Args:
        message: the English sentence, with `{name}` where a value belongs, as in `str.format`.
        values: what belongs there.
    """
    words = _spoken[1].gettext(message) if message else ""      # to gettext, "" is the catalogue's head
    return words.format(**values) if values else words


def tr_count(one: str, many: str, n: int, **values) -> str:
    """A message that counts: tr_count("{n} try", "{n} tries", 3) is "3 tries".

    Args:
        one, many: the English sentence for one thing and for several, with `{n}` where the number belongs.
        n: how many; it is a value of both.
        values: other values.
    """
    return _spoken[1].ngettext(one, many, n).format(n=n, **values)


def mark(message: str) -> str:
    """The message as it is: it goes into the catalogues, and `tr` translates it where it is used."""
    return message


def use_language(name: str) -> None:
    """Choose the language of checkers, figures, panels and errors.

    The command line asks LANG and `--language` instead.

    Args:
        name: "en", "zh_CN", or a beginning of it such as "zh"; what the variable LANG may hold is understood.

    Raises:
        ValueError: there is no catalogue for it.
    """
    global _spoken
    code = find_language(name) if isinstance(name, str) else None
    if code is None:
        raise ValueError(tr("no messages in {name!r}: choose one of {languages}", name=name,
                            languages=", ".join(languages())))
    _spoken = (code, _read(code))


def language() -> str:
    """The code of the language in use, such as "zh_CN"."""
    return _spoken[0]


def languages() -> list[str]:
    """The codes that `use_language` knows, English first."""
    return [ENGLISH, *sorted(path.parent.name for path in CATALOGUES.glob("*/stylelib.po"))]


def find_language(name: str) -> str | None:
    """The code of a language that somebody asks for: find_language("zh_CN.UTF-8") is "zh_CN".

    A language of another country is better than none: "zh_SG" finds "zh_CN", "en_GB" finds "en".
    """
    wanted = name.partition(".")[0].partition("@")[0].replace("-", "_")
    wanted = ENGLISH if wanted in ("C", "POSIX") else wanted
    near = [code for code in languages() if code.partition("_")[0] == wanted.partition("_")[0].lower()]
    return wanted if wanted in near else near[0] if near else None


def users_language(environment: Mapping[str, str] = os.environ) -> str:
    """The language that a user's environment asks for by gettext's rules; English without a catalogue for it.

    Args:
        environment: the variables LANGUAGE (a list with colons), LC_ALL, LC_MESSAGES and LANG.
    """
    asked = [environment[name] for name in VARIABLES if environment.get(name)]
    locale = [environment[name] for name in VARIABLES[1:] if environment.get(name)]
    if not asked or locale[:1] in (["C"], ["POSIX"]):           # who asks for C wants no LANGUAGE either
        return ENGLISH
    found = (find_language(name) for name in asked[0].split(":"))
    return next((code for code in found if code), ENGLISH)


def _read(code):
    """A catalogue as gettext wants it, without the messages that are marked as fuzzy."""
    if code == ENGLISH:
        return gettext.NullTranslations()
    from babel.messages import mofile, pofile  # here: who reads English does not wait for it
    compiled = io.BytesIO()
    with open(CATALOGUES / code / "stylelib.po", encoding="utf-8") as file:
        mofile.write_mo(compiled, pofile.read_po(file, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
