"""What is written inside each picture: its recipe, all its settings, and its losses.

So a picture and its record appear together or not at all, and a second start knows what is done.
"""
import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..engine.recipe import Recipe, recipe_of
from ..engine.tags import options_for
from ..engine.writing import temporary_file
from ..images import to_pil
from ..settings import defaults

KEY = "stylelib batch"
ELSEWHERE = ("device",)         # a knob that does not say what the picture looks like
LOSSES = ("content_loss", "style_loss", "total_loss", "seconds", "evaluations")


def settings_of(job: Any) -> dict[str, Any]:
    """All that decides what a job's picture looks like, as JSON holds it; files by what is in them."""
    knobs = {**({} if job.fast else defaults()), **job.knobs}
    settings = {name: fingerprint(value) if name in ("init", "weights") else value
                for name, value in knobs.items() if name not in ELSEWHERE}
    settings |= {"photo": fingerprint(job.photo), "style": fingerprint(job.style), "fast": job.fast}
    return json.loads(json.dumps(settings, default=repr))


def fingerprint(source: Any) -> Any:
    """What tells a file's content from another's; anything else as it is."""
    if not (isinstance(source, str | Path) and os.path.isfile(source)):
        return source
    file = os.stat(source)
    return _hash(os.fspath(source), file.st_size, file.st_mtime_ns)


@functools.lru_cache(maxsize=100_000)
def _hash(name, size, changed):
    """Read once, as long as the file stays as it is."""
    try:
        return hashlib.sha256(Path(name).read_bytes()).hexdigest()[:16]
    except OSError:             # whoever paints it will say why
        return name


def recipe_for(job: Any) -> Recipe | None:
    """What a gallery says beside a job's picture; None if its knobs fit into no line, as a `Statistic`."""
    try:
        return recipe_of(job.photo, job.style, fast=job.fast, **job.knobs)
    except ValueError:
        return None


def save_painted(image: Any, job: Any, losses: dict[str, Any]) -> None:
    """Write a job's picture, and in it what `recipe_for` and `settings_of` say; whole or not at all."""
    info = options_for(recipe_for(job), "PNG").get("pnginfo", PngInfo())
    info.add_itxt(KEY, json.dumps({"settings": settings_of(job), **losses}))
    with temporary_file(job.file) as temporary:
        to_pil(image).save(temporary, "PNG", pnginfo=info)
        os.replace(temporary, job.file)


def read_record(file: Path) -> dict[str, Any] | None:
    """What `save_painted` wrote into a picture; None if it is another, or is not there."""
    try:
        with Image.open(file, formats=["PNG"]) as picture:
            return json.loads(getattr(picture, "text", {})[KEY])
    except (OSError, ValueError, KeyError, SyntaxError):
        return None


def is_painted(file: Path) -> bool:
    """Whether a file was painted, or is the sheet that was laid out, by this room."""
    if file.suffix.lower() == ".png":
        return read_record(file) is not None
    return file.name == "sheet.jpg" and is_sheet(file)


def is_sheet(file: Path) -> bool:
    """Whether a file is a sheet of ours, which may be replaced."""
    try:
        with Image.open(file, formats=["JPEG"]) as picture:
            return picture.info.get("comment") == KEY.encode()
    except (OSError, ValueError, SyntaxError):
        return False
