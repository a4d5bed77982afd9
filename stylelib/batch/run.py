"""Paint what is not there yet, on one or many processes; then a table of the losses, and a sheet."""
import contextlib
import csv
import functools
import io
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.inputs import ImageError
from ..engine.language import tr
from ..engine.progress import PAINTING, ProgressBar
from ..engine.terminal import in_words as error_in_words
from ..engine.workers import run_tasks, usual_workers
from ..engine.writing import temporary_file
from .jobs import NETWORK_KNOBS, Job, check_job, each_with_each, find_photos, in_words, named, style_in_words
from .record import LOSSES, is_sheet, read_record, save_painted, settings_of
from .sheet import write_sheet

TABLE, SHEET = "losses.csv", "sheet.jpg"
FIRST = ["file", "photo", "style"]          # columns of the table, before knobs and losses


@dataclass
class Batch:
    """What has become of a batch.

    Attributes:
        folder: with the pictures, losses.csv and sheet.jpg.
        done: jobs whose pictures are there, in order.
        painted: how many of them were painted now.
        errors: a line for each reason why pictures are missing.
        stopped: True after a Ctrl-C.
    """

    folder: Path
    done: list[Job] = field(default_factory=list)
    painted: int = 0
    errors: list[str] = field(default_factory=list)
    stopped: bool = False

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A line of the table for each picture: file, photo, style, knobs, losses."""
        return [_row(job) for job in self.done]


def sweep(photos: Any, styles: Any, folder: str | os.PathLike[str], *, fast: bool = False,
          workers: int = 1, progress: bool = True, **knobs: Any) -> Batch:
    """Every photo in the manner of every painting, with every combination of the knobs.

    Args:
        photos: a file or a folder, or a list of them.
        styles: a painting's file; with `fast` whatever `paint_fast` takes that is no picture in memory. Or a
            list of these.
        folder: where to write; what is there already, and was painted with the same settings, stays.
        fast: paint in one pass.
        workers: processes, see `run_tasks`.
        progress: show a bar with the time left.
        knobs: of `Settings`; a list is swept over, a tuple is one value. With `fast` also strength.

    Returns:
        Batch.

    Raises:
        ValueError: whatever is wrong with the arguments. Photos that cannot be read are in `Batch.errors`.
    """
    found, _ = find_photos(photos if isinstance(photos, list) else [photos])
    paintings = [_style(style) for style in (styles if isinstance(styles, list) else [styles])]
    swept = {name: value for name, value in knobs.items() if isinstance(value, list)}
    fixed = {name: value for name, value in knobs.items() if name not in swept}
    jobs = each_with_each(found, paintings, swept, fixed, fast)
    return run_batch(jobs, folder, workers=workers, progress=progress)


def _style(style):
    is_file = isinstance(style, str | os.PathLike) and os.path.isfile(style)
    return Path(style).absolute() if is_file else {style: 1.0} if isinstance(style, int) else style


def run_batch(jobs: Sequence[Job], folder: str | os.PathLike[str], *, workers: int | None = 1,
              cluster: str | None = None, memory: str | None = None, progress: bool = True) -> Batch:
    """Paint the pictures of these jobs that are not there yet.

    Args:
        jobs: from `each_with_each`; they get their files' names here.
        folder: where to write; it is made if it does not exist.
        workers, cluster, memory: see `run_tasks`; workers None takes as many as suit this machine.
        progress: show a bar with the time left.

    Returns:
        Batch; after a Ctrl-C, what is done.

    Raises:
        ValueError: a knob out of range, a painting that cannot be read, a folder that cannot be written to,
            or what `run_tasks` says of workers.
    """
    place = Path(folder).expanduser().absolute()
    for job in jobs:
        check_job(job)
    jobs = named(jobs, place)
    _check_styles(jobs)
    _check_folder(place)
    batch = Batch(place)
    to_do, batch.errors = _not_done(jobs)
    if workers is None:
        workers = 1 if cluster or memory else min(usual_workers(), max(1, len(to_do)))
    outcomes = run_tasks(paint_job, to_do, workers=workers, cluster=cluster, memory=memory, folder=place)
    with contextlib.closing(outcomes):
        _follow(outcomes if to_do else [], to_do, batch, progress)      # no workers for nothing
    there = {job.file for job in to_do if read_record(job.file) is not None}
    batch.done = [job for job in jobs if job.file in there or (job not in to_do and _same(job))]
    _write_results(batch)
    return batch


def _follow(outcomes, to_do, batch, progress):
    """Wait for all outcomes; count them, and collect what went wrong."""
    failed: dict[str, list[Job]] = {}
    try:
        with ProgressBar(PAINTING, shown=progress and bool(to_do)) as bar:
            for number, outcome in enumerate(outcomes, 1):
                if outcome.error is None:
                    batch.painted += 1
                else:
                    failed.setdefault(error_in_words(outcome.error), []).append(to_do[outcome.index])
                bar.show(number / len(to_do))
    except KeyboardInterrupt:
        batch.stopped = True
    for reason, jobs in failed.items():
        photo = jobs[0].photo
        where = "" if photo.name in reason or len({job.photo for job in jobs}) > 1 else f"{photo}: "
        many = tr("{reason} ({n} pictures)", reason=reason, n=len(jobs)) if len(jobs) > 1 else reason
        batch.errors.append(f"{where}{many}")


def paint_job(job: Job) -> None:
    """Paint a picture and write it, with its record: what a worker does."""
    began = time.perf_counter()
    result = _painted(job)
    if result.interrupted:
        raise KeyboardInterrupt
    numbers: dict[str, Any] = dict.fromkeys(LOSSES)
    if result.history:
        last = result.history[-1]
        numbers |= {f"{name}_loss": last.losses.get(name) for name in ("content", "style")}
        numbers |= {"total_loss": last.total, "evaluations": last.evaluations}
    numbers["seconds"] = round(time.perf_counter() - began, 3)
    save_painted(result.image, job, numbers)


def _painted(job):
    if job.fast:
        from ..fast.paint import paint_fast
        return paint_fast(job.photo, job.style, **job.knobs)
    from ..transfer import stylize
    knobs = {name: value for name, value in job.knobs.items() if name not in NETWORK_KNOBS}
    network = {name: job.knobs.get(name, default) for name, default in NETWORK_KNOBS.items()}
    return stylize(job.photo, job.style, **knobs, network=_network(**network), progress=False)


@functools.lru_cache(maxsize=1)
def _network(network, weights, pooling):
    from ..networks import load_network
    return load_network(network, None if weights in ("random", "None", "none") else weights, pooling)


# --------------------------------------------------------------------------------------- before and after

def _check_styles(jobs):
    """Each painting is looked at once, before hundreds of pictures wait for it."""
    import torch

    from ..fast.styles import hand_of
    from ..images import as_picture
    for style, fast in {(repr(job.style), job.fast): (job.style, job.fast) for job in jobs}.values():
        if not (fast and hand_of(style, torch.device("cpu"))):
            as_picture(style, "style", 64)


def _check_folder(place):
    """Make the folder, if it can be written to, and nothing of somebody else's would be lost in it.

    Raises:
        ImageError: it cannot, or something would.
    """
    if place.exists() and not place.is_dir():
        raise ImageError(tr("{file} is a file: give the name of a folder", file=place))
    table, sheet = place / TABLE, place / SHEET
    if table.exists() and table.read_text("utf-8", "replace").split(",")[:3] != FIRST:
        raise ImageError(tr("{table} is no table of this command, and would be lost: choose another folder",
                            table=table))
    if sheet.exists() and not is_sheet(sheet):
        raise ImageError(tr("{sheet} is no sheet of this command, and would be lost: choose another folder",
                            sheet=sheet))
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImageError(tr("cannot make the folder {folder} ({reason}): choose another", folder=place,
                            reason=error.strerror)) from None
    with temporary_file(place / TABLE):
        pass


def _not_done(jobs):
    """Those whose picture is missing or was painted otherwise; a line for those that would replace another's.

    A picture of this name that was not painted here is left alone.
    """
    to_do, errors = [], []
    for job in jobs:
        if job.file.exists() and read_record(job.file) is None:
            errors.append(tr("{file} was not painted by this command and stays as it is: move it away, or "
                             "choose another folder", file=job.file))
        elif not _same(job):
            to_do.append(job)
    return to_do, errors


def _same(job):
    record = read_record(job.file)
    return record is not None and record.get("settings") == settings_of(job)


def _row(job):
    record = read_record(job.file) or {}
    knobs = {name: in_words(value) for name, value in job.knobs.items()}
    return {"file": job.file.name, "photo": job.photo.name, "style": style_in_words(job.style), **knobs,
            **{name: record.get(name) for name in LOSSES}}


def _write_results(batch):
    """The table, and the sheet unless there was a Ctrl-C."""
    if not batch.done:
        return
    rows = batch.rows
    columns = [*FIRST, *dict.fromkeys(name for row in rows for name in row if name not in (*FIRST, *LOSSES)),
               *LOSSES]
    text = io.StringIO()
    table = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    with temporary_file(batch.folder / TABLE) as temporary:
        temporary.write_text(text.getvalue(), "utf-8")
        os.replace(temporary, batch.folder / TABLE)
    if not batch.stopped:
        write_sheet(batch.done, batch.folder / SHEET)
