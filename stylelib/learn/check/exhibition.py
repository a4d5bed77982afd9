"""The last checker: looks at the four pictures that a learner hangs, at their labels, not at taste."""
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import torch

from ...engine.inputs import ImageError
from ...engine.language import tr, tr_count
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
        return "not attempted", tr("Not attempted yet: there is no folder {folder}.", folder=folder)
    try:
        series = read_series(folder)
    except ValueError as error:
        return "wrong", tr("Not yet: {hint}", hint=error)
    if not series.files and not series.words:
        return "not attempted", tr("Not attempted yet: there is no picture in {folder}.", folder=folder)
    faults = [*_of_files(series.files), *_of_words(series), *_of_labels(series)]
    if not faults and sources is not None:
        faults = [*_of_remakes(series, Path(sources).expanduser())]
    if faults:
        head = tr_count("Not yet: {n} thing to do.", "Not yet: {n} things to do.", len(faults))
        return "wrong", "\n".join([head, *(f"- {fault}" for fault in faults)])
    if sources is None:
        return "correct", tr("Correct. Four pictures, a statement, credits: it can hang.")
    return "correct", tr("Correct. Four pictures, each painted again from its own label, a statement, "
                         "credits: it can hang.")


def _of_files(files: list[Path]) -> Iterator[str]:
    """What is wrong with the pictures as such."""
    if len(files) != PICTURES:
        yield _other_number(files)
    seen: dict[str, Path] = {}
    for path in files:
        try:
            pixels = load_image(path)
        except ImageError as error:
            yield str(error)
            continue
        other = seen.setdefault(hashlib.sha256(pixels.numpy().tobytes()).hexdigest(), path)
        if other is not path:
            yield tr("{one} and {other} are the same picture", one=other.name, other=path.name)


def _other_number(files):
    if not files:
        return tr("a series here has {wanted} pictures, and there are none", wanted=PICTURES)
    return tr_count("a series here has {wanted} pictures, and there is {n} ({names})",
                    "a series here has {wanted} pictures, and there are {n} ({names})", len(files),
                    wanted=PICTURES, names=", ".join(path.name for path in files))


def _of_words(series: Series) -> Iterator[str]:
    """What is missing in series.json."""
    if not series.words:
        yield tr("there is no {file}: it says {entries}, and titles of pictures whose recipes have none",
                 file=WORDS, entries=", ".join(ALL))
        return
    for name in ALL:
        text = series.words.get(name)
        if not isinstance(text, str) or not text.strip() or text.strip().strip(".").upper() in ("TODO", ""):
            yield tr("{file} has no {entry}", file=WORDS, entry=name)
        elif len(text) > LONGEST:
            yield tr("the {entry} has {count} characters: a label holds {longest}", entry=name,
                     count=len(text), longest=LONGEST)
    there = {path.name for path in series.files}
    yield from (tr("{file} names {picture}, which is not there", file=WORDS, picture=name)
                for name in series.titles if name not in there)


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
            yield tr("{file} carries no recipe: save_image(picture, file, recipe_of(...))", file=path.name)
            continue
        if not (recipe.title or series.titles.get(path.name, "").strip()):
            yield tr("{picture} has no title: recipe_of(..., title=...), or in {file}", picture=path.name,
                     file=WORDS)
        yield from (f"{path.name}: {fault}" for fault in _of_credits(recipe))


def _of_credits(recipe: Recipe) -> Iterator[str]:
    """Whose the photo and the paintings are."""
    for name in dict.fromkeys([recipe.photo, *recipe.paintings]):
        credit = recipe.credits.get(name)
        if name == "picture":
            yield tr("its recipe names a picture without a file: give recipe_of the files, not tensors")
        elif not name.startswith("style:") and not (credit and credit.what and credit.rights):
            yield tr("nobody says whose {name!r} is: a SOURCES.md beside the file, or one folder above, "
                     "names each picture with its credit and licence", name=name)


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
            yield tr("{file} has {there} px, and its recipe makes {made}", file=path.name,
                     there=_size(shown), made=_size(made))
            continue
        away = 255 * float(torch.mean((shown - made).abs()))
        if away > NEAR:
            yield tr("{file} is not what its recipe makes: {away:.0f} grey levels away", file=path.name,
                     away=away)


def _size(image):
    return f"{image.shape[3]}x{image.shape[2]}"
