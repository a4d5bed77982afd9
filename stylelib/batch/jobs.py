"""Which pictures there are to paint, and what their files are called."""
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image

from ..engine.checks import check_number
from ..engine.inputs import ImageError
from ..engine.language import mark, tr
from ..engine.reading import READABLE
from ..networks import NETWORKS
from ..settings import Settings, defaults
from .record import is_painted

NETWORK_KNOBS: dict[str, Any] = {"network": "vgg19", "weights": "auto", "pooling": "max"}
FAST_KNOBS = ("size", "style_scale", "keep_colors", "device", "strength")
LONGEST = 60                # bytes of each part of a file's name: 255 are allowed in all
MORE_ENDINGS = (".heic", ".heif", ".avif")      # a clear line for those that this Pillow cannot read


@dataclass(frozen=True)
class Job:
    """A picture to paint.

    Attributes:
        photo: its file.
        style: a painting's file; with `fast` also whatever else `paint_fast` takes.
        knobs: {name: value} of those that were given, of `Settings` and `load_network`.
        varied: the names of those that make it different from other jobs.
        fast: whether it is painted in one pass.
        names: what the photo and the style are called in files and captions.
        file: to write.
    """

    photo: Path
    style: Any
    knobs: Mapping[str, Any] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
    fast: bool = False
    names: tuple[str, str] = ("", "")
    file: Path = Path()

    @property
    def words(self) -> str:
        """The varied knobs in words: "style-weight 0.3, size 64"."""
        return ", ".join(map(self.about, self.varied))

    def about(self, name: str) -> str:
        """A knob in words; "" if it was not given."""
        return f"{name.replace('_', '-')} {in_words(self.knobs[name])}" if name in self.knobs else ""


def find_photos(sources: Iterable[str | os.PathLike[str]]) -> tuple[list[Path], list[Path]]:
    """Photos from files and folders: (photos, other files of the folders), each once, in order.

    What this command has painted itself is no photo, if it lies in one of the folders.

    Raises:
        ImageError: there is no such file, or no photo at all.
    """
    endings = {ending for ending, kind in Image.registered_extensions().items() if kind in READABLE}
    photos: dict[str, Path] = {}
    others = []
    for path in (Path(source).expanduser().absolute() for source in sources):
        if not path.exists():
            raise ImageError(tr("no such file or folder: {path}", path=path))
        for file in _files(path):
            if path.is_dir() and file.suffix.lower() not in {*endings, *MORE_ENDINGS}:
                others.append(file)
            elif not (path.is_dir() and is_painted(file)):
                photos.setdefault(os.path.realpath(file), file)
    if not photos:
        raise ImageError(tr("there is no photo to paint: give picture files, or a folder with some"))
    return list(photos.values()), others


def _files(path):
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))


def each_with_each(photos: Sequence[Path], styles: Sequence[Any], sweeps: Mapping[str, Sequence[Any]],
                   knobs: Mapping[str, Any], fast: bool = False) -> list[Job]:
    """Every photo with every style and every combination of knobs.

    Args:
        photos, styles: as in `Job`.
        sweeps: {knob: its values}.
        knobs: {knob: value} of those that stay.
        fast: whether to paint in one pass.

    Raises:
        ValueError: a sweep without a value, or with one twice.
    """
    for name, values in sweeps.items():
        texts = [in_words(value) for value in values]
        if not texts:
            raise ValueError(tr("a sweep must have values, each once: {knob} has none", knob=name))
        if len(set(texts)) < len(texts):
            raise ValueError(tr("a sweep must have values, each once: {knob} has {values}", knob=name,
                                values=", ".join(texts)))
    combinations = [dict(zip(sweeps, values)) for values in itertools.product(*sweeps.values())]
    return [Job(photo, style, {**knobs, **varied}, tuple(varied), fast)
            for photo in photos for style in styles for varied in combinations]


def named(jobs: Sequence[Job], folder: Path) -> list[Job]:
    """The same jobs with names for their files, no two of them alike; equal jobs become one.

    A name consists of the photo's, the painting's and the varied knobs: china__starry_night__size-64.png.
    Where two photos have the same name, their folders' names come before it.
    """
    photos = _labels([job.photo for job in jobs])
    styles = _labels([job.style for job in jobs])
    found: dict[str, Job] = {}
    for job, photo, style in zip(jobs, photos, styles):
        parts = [photo, style, *([_clean(job.words.replace(", ", "_"))] if job.varied else [])]
        for stem in _tries("__".join(parts)):
            file = folder / f"{stem}.png"
            new = replace(job, names=(photo, style), file=file)
            if found.setdefault(stem.casefold(), new) == new:
                break
    return list(found.values())


def _labels(sources):
    """A short name for each file or style; the same for the same one, and no two alike."""
    taken: dict[str, str] = {}              # {name without capitals: of which source}
    known: dict[str, str] = {}
    plain = {_key(source): _clean(_stem(source)) for source in sources}
    names = [name.casefold() for name in plain.values()]
    for source in sources:
        key = _key(source)
        if key not in known:
            name, parent = plain[key], Path(source).parent.name if isinstance(source, Path) else ""
            if names.count(name.casefold()) > 1 and parent:
                name = _clean(f"{parent}-{name}")
            known[key] = next(text for text in _tries(name) if taken.setdefault(text.casefold(), key) == key)
    return [known[_key(source)] for source in sources]


def _key(source):
    return os.path.realpath(source) if isinstance(source, Path) else repr(source)


def _stem(source):
    if isinstance(source, Path):
        return source.stem
    return f"style-{style_in_words(source)}"


def style_in_words(style: Any) -> str:
    """What a style is called in tables: the file's name, 7, or 3=0.5,12=0.5."""
    if isinstance(style, Path):
        return style.name
    return str(*style) if isinstance(style, dict) and len(style) == 1 else in_words(style)


def _tries(name) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in itertools.count(2))


def _clean(text):
    """What any system takes as a part of a file's name, and short enough."""
    text = re.sub(r"_+", "_", re.sub(r"[^\w.]+", "-", text)).strip("-_.") or "picture"
    return text.encode()[:LONGEST].decode(errors="ignore")


def in_words(value: Any) -> str:
    """A knob's value for names, captions and tables."""
    if value is False:          # of keep_colors
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ",".join(f"{name}={in_words(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ",".join(map(in_words, value))
    return str(value)


def check_job(job: Job) -> None:
    """Whether its knobs are in range, before anything is painted.

    Raises:
        ValueError: one is not, is unknown, or means nothing in one pass.
    """
    known = [*FAST_KNOBS] if job.fast else [*defaults(), *NETWORK_KNOBS]
    known = [name for name in known if name != "style_shares"]
    unknown = next((name for name in job.knobs if name not in known), None)
    if unknown is not None:
        told = (mark("unknown knob {knob!r} in one pass: choose from {knobs}") if job.fast
                else mark("unknown knob {knob!r}: choose from {knobs}"))
        raise ValueError(tr(told, knob=unknown, knobs=", ".join(known)))
    Settings(**{name: value for name, value in job.knobs.items() if name in defaults()})
    if not 0 <= check_number("strength", job.knobs.get("strength", 1.0)) <= 1:
        raise ValueError(tr("strength must be a number from 0 to 1, got {strength:g}",
                            strength=job.knobs["strength"]))
    if job.knobs.get("network", "vgg19") not in NETWORKS:
        raise ValueError(tr("unknown network {network!r}: choose one of {networks}",
                            network=job.knobs["network"], networks=", ".join(NETWORKS)))
