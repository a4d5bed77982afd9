"""The last checker: looks at the four pictures that a learner hangs, at their labels, not at taste."""
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import torch

from ...engine.inputs import ImageError
from ...engine.recipe import Recipe
from ...engine.tags import read_recipe
from ...images import load_image
from ..series import WORDS, Series, read_series, remake
from .verdict import GIVEN, Verdict

PICTURES = 4
LONGEST = 300               # characters of a statement: one sentence, not a lecture
NEAR = 4.0                  # grey levels, mean difference of a picture and the same one painted again
ALL = ("artist", "title", "statement")


def exhibition(folder: str | os.PathLike[str], sources: str | os.PathLike[str] | None = None) -> Verdict:
    """Say whether a folder holds a series that can hang: four pictures, a statement, labels, credits.

    Like the other checkers it prints its verdict, returns it, and never raises an exception.

    Args:
        folder: with four pictures and a series.json.
        sources: a folder that holds the photos and paintings, at any depth. Then each picture is painted
            again from its own recipe and compared, which takes as long as painting it. None leaves that out.
    """
    verdict = Verdict("exhibition", *_judge(Path(folder).expanduser(), sources))
    print(verdict.message)
    GIVEN.append(verdict)
    return verdict


def _judge(folder, sources):
    if not folder.is_dir():
        return "not attempted", f"Not attempted yet: there is no folder {folder}."
    try:
        series = read_series(folder)
    except ValueError as error:
        return "wrong", f"Not yet: {error}"
    if not series.files and not series.words:
        return "not attempted", f"Not attempted yet: there is no picture in {folder}."
    faults = [*_of_files(series.files), *_of_words(series), *_of_labels(series)]
    if not faults and sources is not None:
        faults = [*_of_remakes(series, Path(sources).expanduser())]
    if faults:
        things = "1 thing" if len(faults) == 1 else f"{len(faults)} things"
        return "wrong", "\n".join([f"Not yet: {things} to do.", *(f"- {fault}" for fault in faults)])
    again = ", each painted again from its own label" if sources is not None else ""
    return "correct", f"Correct. Four pictures{again}, a statement, credits: it can hang."


def _of_files(files: list[Path]) -> Iterator[str]:
    """What is wrong with the pictures as such."""
    if len(files) != PICTURES:
        names = f" ({', '.join(path.name for path in files)})" if files else ""
        there = "there is 1" if len(files) == 1 else f"there are {len(files) or 'none'}"
        yield f"a series here has {PICTURES} pictures, and {there}{names}"
    seen: dict[str, Path] = {}
    for path in files:
        try:
            pixels = load_image(path)
        except ImageError as error:
            yield str(error)
            continue
        other = seen.setdefault(hashlib.sha256(pixels.numpy().tobytes()).hexdigest(), path)
        if other is not path:
            yield f"{other.name} and {path.name} are the same picture"


def _of_words(series: Series) -> Iterator[str]:
    """What is missing in series.json."""
    if not series.words:
        yield f'there is no {WORDS}: it says {", ".join(ALL)}, and the pictures\' titles'
        return
    for name in ALL:
        text = series.words.get(name)
        if not isinstance(text, str) or not text.strip() or text.strip().strip(".").upper() in ("TODO", ""):
            yield f"{WORDS} has no {name}"
        elif len(text) > LONGEST:
            yield f"the {name} has {len(text)} characters: a label holds {LONGEST}"
    there = {path.name for path in series.files}
    yield from (f"{WORDS} names {name}, which is not there" for name in series.titles if name not in there)


def _of_labels(series: Series) -> Iterator[str]:
    """What is missing on the labels, in the pictures' files."""
    for path in series.files:
        try:
            recipe = read_recipe(path)
        except ImageError:
            continue                        # it has been named
        except ValueError as error:
            yield f"{path.name}: {error}"
            continue
        if recipe is None:
            yield f"{path.name} carries no recipe: save_image(picture, file, recipe_of(...))"
            continue
        if not (recipe.title or series.titles.get(path.name, "").strip()):
            yield f"{path.name} has no title: recipe_of(..., title=...), or in {WORDS}"
        yield from (f"{path.name}: {fault}" for fault in _of_credits(recipe))


def _of_credits(recipe: Recipe) -> Iterator[str]:
    """Whose the photo and the paintings are."""
    for name in dict.fromkeys([recipe.photo, *recipe.paintings]):
        credit = recipe.credits.get(name)
        if name == "picture":
            yield "its recipe names a picture without a file: give recipe_of the files, not tensors"
        elif not name.startswith("style:") and not (credit and credit.what and credit.rights):
            yield (f"nobody says whose {name!r} is: a SOURCES.md beside the file, or one folder above, names "
                   "each picture with its credit and licence")


def _of_remakes(series: Series, sources: Path) -> Iterator[str]:
    """Which pictures are not those that their recipes make."""
    for path in series.files:
        recipe = read_recipe(path)
        assert recipe is not None           # or there would have been a fault before
        try:
            made = remake(recipe, sources)
        except (ValueError, MemoryError) as error:
            yield f"{path.name}: {error}"
            continue
        shown = load_image(path)
        if shown.shape != made.shape:
            yield (f"{path.name} has {shown.shape[3]}x{shown.shape[2]} px, and its recipe makes "
                   f"{made.shape[3]}x{made.shape[2]}")
            continue
        away = 255 * float(torch.mean((shown - made).abs()))
        if away > NEAR:
            yield f"{path.name} is not what its recipe makes: {away:.0f} grey levels away"
