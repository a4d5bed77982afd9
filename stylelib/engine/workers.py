"""Independent tasks, one after the other in this process, or on many workers by Dask.

A task names files; whoever does it reads and writes them. So no picture travels between processes, and what
is done stays done, however the work ends.

Source: Dask's documentation, distributed.dask.org: "Resilience", "Worker memory management".
"""
import asyncio
import contextlib
import functools
import logging
import multiprocessing
import os
import re
import secrets
import signal
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

from .checks import check_positive_int
from .language import language, mark, tr, use_language
from .machine import cpus, free_memory, limit_memory
from .writing import TEMPORARY, temporary_file

PATIENCE = 10                   # seconds for a cluster to answer
LEAST = 500 * 10**6             # bytes: a worker with PyTorch and a small network
USUAL = 2 * LEAST               # bytes: what a worker should have, unless somebody says how many there are
WAITING = 2                     # tasks handed out for each that is worked on, so that no worker waits
QUIET = ("distributed", "tornado", "asyncio")           # their logs are for those who run clusters
ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://\S+:\d+")
ENDING = 0.3                    # seconds to wait for a busy worker before it is killed
CLOSING = 3                     # seconds for all of them
SETTINGS = {
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1,
                                            "OPENBLAS_NUM_THREADS": 1},
    # A worker takes one task, so that only that one is suspected when it dies; a suspect has three tries more
    "distributed.scheduler.worker-saturation": 1.0, "distributed.scheduler.allowed-failures": 3,
    # A worker with too much memory is ended; one that only pauses would wait for ever
    "distributed.worker.memory.target": False, "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False, "distributed.worker.memory.terminate": 0.95,
}


class WorkerError(ValueError):
    """No workers, or one that did not live to finish its task. The message says what to do."""


@dataclass(frozen=True)
class Outcome:
    """What has become of a task.

    Attributes:
        index: which of the tasks, from 0.
        value: what the function returned; None after an error.
        error: what it raised, or a WorkerError; None if all went well.
    """

    index: int
    value: Any = None
    error: Exception | None = None


def run_tasks(function: Callable[[Any], Any], tasks: Iterable[Any], *, workers: int = 1,
              cluster: str | None = None, memory: str | None = None,
              folder: str | os.PathLike[str] | None = None) -> Generator[Outcome, None, None]:
    """Do tasks that are independent of each other; an error of one does not end the others.

    A worker that dies is replaced, and its task done again, four times in all. Ctrl-C, and a consumer that
    stops asking, end all workers here; those of an existing cluster finish the task in work.

    Args:
        function: of one task. On workers it must be found by import, so it stands in a file of the package.
        tasks: small things that can be pickled, with absolute names of files. They are taken one by one.
        workers: processes with one thread each; 1 works in this process, and needs no Dask.
        cluster: address of an existing Dask cluster instead, such as "tcp://10.0.0.1:8786".
        memory: that a worker here may take, such as "2GB"; beyond it, it is ended. None shares what is free.
        folder: where the tasks write. An error says so if workers do not see it, and what workers left half
            written when they were ended is removed. None if nothing is written.

    Returns:
        Generator of outcomes, in the order in which tasks are done.

    Raises:
        WorkerError: Dask is missing, the cluster does not answer, has no workers, or they see other files.
        ValueError: workers or memory out of range, or given for a cluster that has its own.
    """
    workers = check_positive_int("workers", workers, mark("number of processes"))
    if cluster is not None and (workers > 1 or memory is not None):
        raise ValueError(tr("workers and memory are settled where the cluster was started: leave them out, "
                            "or leave out cluster"))
    numbered = enumerate(tasks)
    if workers == 1 and cluster is None and memory is None:
        return _here(function, numbered)
    if find_spec("distributed") is None:
        raise WorkerError(tr("more than one process needs Dask: pip install 'stylelib[cluster]', or leave "
                             "out workers, cluster and memory"))
    start = (_local(workers, _share(memory, workers), folder) if cluster is None
             else _existing(cluster, folder))
    return _on_workers(function, numbered, start)


def usual_workers() -> int:
    """How many workers suit this machine: one per processor, if their memory is free and Dask installed.

    On a GPU it is 1: several processes would only share it.
    """
    import torch
    if find_spec("distributed") is None or torch.cuda.is_available() or torch.backends.mps.is_available():
        return 1
    return max(1, min(int(cpus()), free_memory() // USUAL))


def _here(function, numbered):
    for index, task in numbered:
        try:
            outcome = Outcome(index, function(task))
        except Exception as error:      # noqa: BLE001  whatever it is, the other tasks go on
            outcome = Outcome(index, error=error)
        yield outcome


def _share(memory, workers):
    """Bytes for each worker: what was asked for, or an equal part of what is free."""
    from dask.utils import parse_bytes
    try:
        share = free_memory() // workers if memory is None else parse_bytes(memory)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise ValueError(tr("memory must be a number of bytes such as 2GB or 800MB, got {memory!r}",
                            memory=memory)) from None
    if share >= LEAST:
        return share
    if memory is None:
        raise ValueError(tr("{workers} workers need at least {needed:g} GB of memory, and {free:.1f} GB are "
                            "free: take fewer workers", workers=workers, needed=workers * LEAST / 10**9,
                            free=free_memory() / 10**9))
    raise ValueError(tr("memory must be at least {least}MB, or a worker could not even start, got {memory!r}",
                        least=LEAST // 10**6, memory=memory))


# ---------------------------------------------------------------------------------------------------- on Dask

def _on_workers(function, numbered, start):
    with start as client:
        from distributed import as_completed
        done, futures = as_completed(loop=client.loop), {}

        def hand_out():
            wanted = WAITING * max(1, sum(client.nthreads().values())) - len(futures)
            for _, (index, task) in zip(range(wanted), numbered):
                # to Dask, a task is none of its business
                work = functools.partial(_work, function, task, language())
                future = client.submit(work, key=f"stylelib-{secrets.token_hex(8)}", pure=False)
                futures[future] = index
                done.add(future)
        hand_out()
        while futures:
            future = next(done)
            outcome = _outcome(futures.pop(future), future)
            hand_out()
            yield outcome


def _work(function, task, spoken):
    """One task, in a worker: in our language, and its limit is known to whoever asks what memory is free."""
    from distributed import get_worker
    limit = get_worker().memory_manager.memory_limit
    limit_memory(None if not limit else int(0.9 * limit))
    if spoken != language():
        use_language(spoken)
    return function(task)


def _outcome(index, future):
    """What has become of a task; it is done again here, if its worker died before it could say so."""
    from distributed import CancelledError, KilledWorker
    try:
        return Outcome(index, future.result())
    except CancelledError:
        error: Exception = WorkerError(tr("the connection to the cluster is lost: start again"))
    except KilledWorker:
        error = WorkerError(tr("each worker that tried it died: it may need more memory than a worker has; "
                               "give workers more memory, or take a smaller size"))
    except Exception as raised:         # noqa: BLE001  whatever it is, the other tasks go on
        error = raised
    return Outcome(index, error=error)


@contextlib.contextmanager
def _local(workers, memory, folder):
    """A client of new workers on this machine; at the end none of them is left."""
    with _quiet(), _same_environment(), _no_leftovers(folder), tempfile.TemporaryDirectory() as scratch:
        import dask
        from distributed import Client, LocalCluster
        with dask.config.set(SETTINGS):
            others = set(multiprocessing.active_children())
            with _ctrl_c_later():
                cluster = LocalCluster(n_workers=workers, threads_per_worker=1, memory_limit=memory,
                                       dashboard_address=None, local_directory=scratch,
                                       silence_logs=logging.CRITICAL)
            try:
                with Client(cluster, set_as_default=False) as client:
                    yield client
            finally:
                with _ctrl_c_later():
                    _close(cluster, others)


def _close(cluster, others):
    """End workers and cluster. Some versions of Dask wait for ever for a worker that was just starting."""
    with contextlib.suppress(asyncio.TimeoutError):
        cluster.sync(_end, cluster, callback_timeout=CLOSING)
    with contextlib.suppress(asyncio.TimeoutError):
        cluster.close(timeout=CLOSING)
    for process in set(multiprocessing.active_children()) - others:
        if process.name.startswith("Dask Worker"):
            process.kill()
            process.join(CLOSING)       # or Dask would find it when the program ends, and log that


async def _end(cluster):
    """End each worker, busy or not. Dask alone would wait some seconds for those that are busy."""
    await asyncio.gather(*(nanny.close(timeout=ENDING) for nanny in cluster.workers.values()),
                         return_exceptions=True)


@contextlib.contextmanager
def _existing(address, folder):
    """A client of workers that somebody else has started, and that see the folder as we do."""
    with _quiet():
        from distributed import Client
        try:
            if not ADDRESS.fullmatch(address):          # Dask would still stumble over some when we exit
                raise ValueError
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        # no such host, nobody there, no address at all
        except (OSError, ValueError, TypeError, asyncio.TimeoutError):
            raise WorkerError(tr("no Dask cluster answers at {address!r}: give the address that dask "
                                 "scheduler prints, such as tcp://10.0.0.1:8786", address=address)) from None
        with client:
            _check_workers(client, address, folder)
            yield client


def _check_workers(client, address, folder):
    """Whether there are workers, with our package and our files."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except asyncio.TimeoutError:            # with Python 3.10, not the built-in one
        raise WorkerError(tr("the cluster at {address} has no workers: start some with dask worker {address}",
                             address=address)) from None
    with contextlib.ExitStack() as stack:
        probe = None
        if folder is not None:
            probe = stack.enter_context(temporary_file(Path(folder).absolute() / "probe"))
        seen = client.run(_sees, probe and str(probe), on_error="return")
    for worker, answer in seen.items():
        if isinstance(answer, Exception):
            raise WorkerError(tr("the worker {worker} cannot use stylelib ({error}): install the same "
                                 "version there", worker=worker, error=answer))
        if not answer:
            raise WorkerError(tr("the worker {worker} cannot write to the folder {folder} of this machine: "
                                 "choose a folder that all machines share, under one name",
                                 worker=worker, folder=folder))


def _sees(probe):
    """Whether this worker can write to a file that was made elsewhere."""
    return probe is None or os.access(probe, os.R_OK | os.W_OK)


@contextlib.contextmanager
def _quiet():
    """Dask's logs and warnings tell those who run a cluster what they cannot see otherwise; not our users."""
    import distributed  # noqa: F401  importing it sets up its logs
    loggers = [logging.getLogger(name) for name in QUIET]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, before):
                logger.setLevel(level)


@contextlib.contextmanager
def _no_leftovers(folder):
    """Remove temporary files that appear in this block, and that nobody is left to rename."""
    before = _temporary(folder)
    try:
        yield
    finally:
        for path in _temporary(folder) - before:
            with contextlib.suppress(OSError):
                path.unlink()


def _temporary(folder):
    return set() if folder is None else set(Path(folder).glob(f"{TEMPORARY}*"))


@contextlib.contextmanager
def _same_environment():
    """Dask sets the number of threads in our own environment, which its workers inherit; it is reset here."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def _ctrl_c_later():
    """A Ctrl-C in this block arrives after it; threads and processes begun in it never hear of one.

    A terminal sends it to all processes: workers would print a traceback each, where we end them anyway.
    """
    if not hasattr(signal, "pthread_sigmask"):          # Windows
        yield
        return
    resource_tracker.ensure_running()       # whoever starts it hears of Ctrl-C again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
