"""How a picture was made: as one line to copy and paste, and as a text that its file carries.

    stylelib:1 photo=china painting=starry_night size=256 style_weight=2

Pictures are named without their folders, which are nobody's business, and knobs only where they are not at
their defaults. The machine (`device`) is no part of it.
"""
import difflib
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from numbers import Integral, Real
from typing import Any

from ..settings import STATISTICS, Settings, defaults
from .checks import check_choice, check_number, check_share, with_hint
from .credits import Credit, find_credit
from .language import mark, tr

FORMAT = 1
LONGEST = 10_000            # characters of a line, or of a text: no label is longer
PICTURES = ("mask", "style_mask")       # knobs that are pictures; there may be several
# What the knobs are that `Settings` does not hold; `stopped` is after how many steps somebody stopped it
MORE = {"network": "vgg19", "weights": "auto", "pooling": "max", "fast": False, "strength": 1.0,
        "stopped": None, "mask": (), "style_mask": ()}
DEFAULTS = {name: value for name, value in {**defaults(), **MORE}.items() if name != "device"}
PART = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^\s"]+)(?=\s|$)')


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a picture was made, and what hangs beside it on a wall. `recipe_of` makes one.

    Attributes:
        photo: its name.
        paintings: their names; style:7 is a built-in style, and painter.safetensors a network.
        knobs: arguments of `stylize` or `paint_fast` that are not at their defaults, besides `fast`,
            `strength`, `network`, `weights` and `pooling`; masks as their names.
        title, artist, statement: of the picture, in its maker's words; "" if there are none.
        credits: {name of a photo or painting: what it is and whose}.
        version: of stylelib that made it.
    """

    photo: str
    paintings: tuple[str, ...]
    knobs: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    artist: str = ""
    statement: str = ""
    credits: Mapping[str, Credit] = field(default_factory=dict)
    version: str = ""

    @property
    def line(self) -> str:
        """The recipe as one line; `parse_recipe` reads it. It has no title, statement or credits."""
        pairs = [("photo", self.photo), *(("painting", name) for name in self.paintings)]
        for name in DEFAULTS:
            value = self.knobs.get(name, DEFAULTS[name])
            if name in PICTURES:
                pairs += [(name, each) for each in value]
            elif value != DEFAULTS[name]:
                pairs.append((name, _text(name, value)))
        return " ".join([f"stylelib:{FORMAT}", *(f"{name}={_quoted(value)}" for name, value in pairs)])

    @property
    def text(self) -> str:
        """All of it, as JSON, for a picture's file; `read_text` reads it."""
        words = {name: getattr(self, name) for name in ("title", "artist", "statement")}
        told = {name: {"what": credit.what, "rights": credit.rights} for name, credit in self.credits.items()}
        parts = {**words, "credits": told}
        return json.dumps({"stylelib": self.version, "recipe": self.line,
                           **{name: value for name, value in parts.items() if value}}, ensure_ascii=False)


def recipe_of(photo: Any, paintings: Any, *, title: str = "", artist: str = "", statement: str = "",
              **knobs: Any) -> Recipe:
    """The recipe of a picture, from the arguments that made it.

    Args:
        photo, paintings: as for `stylize` or `paint_fast`. Files are named without their folders, and looked
            up in the SOURCES.md near them for their credits; a tensor is called "picture".
        title, artist, statement: what shall stand beside the picture.
        knobs: all others, see `Recipe`. Those at their defaults, and `device`, are left out.

    Raises:
        ValueError: an unknown knob, or one that no line can hold, such as a tensor to start from.
    """
    sources = list(paintings) if isinstance(paintings, list | tuple) else [paintings]
    kept = {name: _kept(name, value) for name, value in knobs.items() if name != "device"}
    found = {name_of_picture(source): find_credit(source) for source in [photo, *sources]
             if isinstance(source, str | os.PathLike)}
    return Recipe(photo=name_of_picture(photo), paintings=tuple(map(name_of_picture, sources)),
                  knobs={name: value for name, value in kept.items() if value != DEFAULTS[name]},
                  title=title, artist=artist, statement=statement, version=_version(),
                  credits={name: credit for name, credit in found.items() if credit})


def parse_recipe(line: str) -> Recipe:
    """The recipe that a line says.

    Args:
        line: as `Recipe.line` writes it. Line breaks count as spaces.

    Raises:
        ValueError: it is no such line; the message names the part that is wrong.
    """
    pairs = _pairs(line)
    several: dict[str, list[str]] = {name: [] for name in ("painting", *PICTURES)}
    once: dict[str, str] = {}
    for name, value in pairs:
        if name in several:
            several[name].append(value)
        elif name in once:
            raise ValueError(tr("the recipe says {name} twice: leave out one of them", name=name))
        else:
            once[name] = value
    if "photo" not in once or not several["painting"]:
        raise ValueError(tr("a recipe names one photo= and at least one painting="))
    knobs = {name: _read(name, value) for name, value in once.items() if name != "photo"}
    knobs.update({name: tuple(several[name]) for name in PICTURES if several[name]})
    _check(knobs, len(several["painting"]))
    for name in (*once.values(), *several["painting"], *several["mask"], *several["style_mask"]):
        if re.search(r"[/\\]", name):
            raise ValueError(tr("a recipe names pictures without folders, got {name!r}", name=name[:40]))
    return Recipe(photo=once["photo"], paintings=tuple(several["painting"]), knobs=knobs)


def read_text(text: str) -> Recipe:
    """The recipe that a file carries, see `Recipe.text`.

    Raises:
        ValueError: it is damaged, or from a newer stylelib.
    """
    try:
        parts = json.loads(text)
        told = {name: Credit(**credit) for name, credit in parts.get("credits", {}).items()}
        words = {name: parts.get(name, "") for name in ("title", "artist", "statement")}
        version, line = parts.get("stylelib", ""), parts["recipe"]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise ValueError(tr("the recipe in the file is damaged")) from None
    credited = [getattr(credit, part.name) for credit in told.values() for part in fields(Credit)]
    for each in (*words.values(), version, line, *credited):
        if not isinstance(each, str) or len(each) > LONGEST:
            raise ValueError(tr("the recipe in the file is damaged: it holds no text where one should be, or "
                                "an endless one"))
    return replace(parse_recipe(line), **words, credits=told, version=version)


def name_of_picture(source: Any) -> str:
    """What a photo or painting is called: its file's name without folder and ending.

    A network's file keeps its ending. A built-in style, as a number or as {number: weight}, is style:7 or
    style:3=0.5,12=0.5. What has no name is called "picture".
    """
    if isinstance(source, Mapping) and len(source) == 1:
        source = next(iter(source))                     # alone, it counts fully, whatever its weight
    if isinstance(source, Mapping):
        return "style:" + ",".join(f"{number}={_number(weight)}" for number, weight in source.items())
    if isinstance(source, Integral) and not isinstance(source, bool):
        return f"style:{source}"
    if not isinstance(source, str | os.PathLike):
        return "picture"
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", os.fsdecode(source))[-1])
    # a name of bytes that are no text cannot be written into a file
    name = name.encode("utf-8", "replace").decode()
    return name if name.startswith("style:") or name.endswith(".safetensors") else os.path.splitext(name)[0]


# ------------------------------------------------------------------------------------------- knobs to text

def _kept(name, value):
    """A knob as a recipe holds it."""
    if name not in DEFAULTS:
        raise ValueError(with_hint(tr("a recipe holds no {name!r}", name=name), _similar(name)))
    if name in PICTURES:
        masks = value if isinstance(value, list | tuple) else [] if value is None else [value]
        return tuple(map(name_of_picture, masks))
    if name in ("init", "weights") and isinstance(value, str | os.PathLike):
        return os.fspath(value) if value == DEFAULTS[name] else _last(value)
    if name == "keep_colors" and value is True:
        return "luminance"
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping) and not hasattr(value, "shape"):
        return list(value)
    if value is not None and not isinstance(value, str | Real | Mapping):
        raise ValueError(tr("a recipe cannot say {name}=: it is a {kind}, and no text",
                            name=name, kind=type(value).__name__))
    return value


def _last(path):
    return re.split(r"[/\\]", os.fsdecode(path))[-1]


def _text(name, value):
    """A knob's value as a line has it."""
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, Mapping):
        return ",".join(f"{key}={_number(weight)}" for key, weight in value.items())
    if isinstance(value, list | tuple):
        return ",".join(each if isinstance(each, str) else _number(each) for each in value)
    return value if isinstance(value, str) else _number(value)


def _number(value):
    return str(int(value)) if isinstance(value, Integral) else repr(float(value)).removesuffix(".0")


def _quoted(text):
    return text if re.fullmatch(r'[^\s"]+', text) else json.dumps(text, ensure_ascii=False)


def _version():
    # not `from .. import`: the door may still be loading this file
    return getattr(sys.modules.get(__name__.partition(".")[0]), "__version__", "")


# ------------------------------------------------------------------------------------------- text to knobs

def _pairs(line):
    """[(name, value)] of a line, in its order."""
    if not isinstance(line, str) or len(line) > LONGEST:
        raise ValueError(tr("a recipe is a line of at most {most} characters", most=LONGEST))
    line = re.sub(r"\s", " ", line)         # a mail program may have wrapped it, also inside quotes
    start = re.match(r" *stylelib:(\d+)(?=\s|$)", line)
    if not start:
        raise ValueError(tr("a recipe begins with stylelib:{format}, got {line!r}",
                            format=FORMAT, line=line.strip()[:40]))
    if int(start[1]) != FORMAT:
        raise ValueError(tr("this recipe has format {its}, and this stylelib knows {known}: update stylelib",
                            its=start[1], known=FORMAT))
    pairs, rest = [], line[start.end():].strip()
    while rest:
        part = PART.match(rest)
        if not part:
            raise ValueError(tr("a recipe is made of name=value, got {rest!r}: values with spaces stand "
                                'in straight quotes, "like this"', rest=rest[:40]))
        pairs.append((part[1], _unquoted(part[2])))
        rest = rest[part.end():].strip()
    return pairs


def _unquoted(value):
    try:
        return json.loads(value) if value.startswith('"') else value
    except ValueError:
        raise ValueError(tr("{value} in the recipe cannot be read: inside quotes, write \\\" for a quote "
                            "and \\\\ for a backslash", value=value[:40])) from None


def _read(name, text):
    """A knob's value, from its text."""
    reader = READERS.get(name)
    if reader is None:
        raise ValueError(with_hint(tr("a recipe knows no {name!r}", name=name), _similar(name)))
    try:
        return reader(text)
    except (ValueError, OverflowError):
        raise ValueError(_wanted(name, reader, text[:40])) from None


def _wanted(name, reader, text):
    wanted = tr(WANTED.get(reader, OTHER), choices=", ".join(STATISTICS))
    # Translators: {wanted} is "a whole number", "yes, or left out" or the like
    return tr("{name} must be {wanted}, got {text!r}", name=name, wanted=wanted, text=text)


def _numbers(text):
    return [float(number) for number in text.split(",")]


def _layers(text):
    """relu1_1,relu2_1, or each with its weight: relu1_1=0.5,relu2_1=2."""
    pairs = [pair.partition("=") for pair in text.split(",")]
    if any(not name.strip() for name, _, _ in pairs) or len({name for name, _, _ in pairs}) < len(pairs):
        raise ValueError(text)
    if not any(equals for _, equals, _ in pairs):
        return [name for name, _, _ in pairs]
    return {name: check_number(name, float(weight)) for name, _, weight in pairs}


def _yes(text):
    if text != "yes":
        raise ValueError(text)
    return True


def _statistic(text):
    return check_choice("statistic", text, STATISTICS)


READERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("size", "steps", "seed", "scales", "stopped"), int),
    **dict.fromkeys(("style_weight", "tv_weight", "style_scale", "strength"), float),
    **dict.fromkeys(("init", "keep_colors", "method", "precision", "network", "weights", "pooling"), str),
    "style_shares": _numbers, "content_layers": _layers, "style_layers": _layers, "fast": _yes,
    "statistic": _statistic}
WANTED = {int: mark("a whole number"), float: mark("a number"),
          _numbers: mark("numbers with commas between them, as 1,2.5"),
          _layers: mark("layers with commas between them, as relu1_1,relu2_1 or relu1_1=1,relu2_1=0.5"),
          _yes: mark("yes, or left out"), _statistic: mark("one of {choices}")}
OTHER = mark("another value")


def _check(knobs, paintings):
    """Whether the values make sense; else a ValueError that names one."""
    known = Settings(**{name: value for name, value in knobs.items() if name in defaults()})
    if known.style_shares is not None and len(known.style_shares) != paintings:
        raise ValueError(tr("style_shares must have one number for each painting, got {count} for "
                            "{paintings}", count=len(known.style_shares), paintings=paintings))
    check_share("strength", knobs.get("strength", 1.0))


def _similar(name):
    close = difflib.get_close_matches(name, [*DEFAULTS, "photo", "painting"], 1)
    return tr("is {name!r} meant?", name=close[0]) if close else ""
