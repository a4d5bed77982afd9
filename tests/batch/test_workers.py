"""Tasks in one process and on Dask: what dies is done again, what fails ends nothing else."""
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from stylelib.engine import workers as room
from stylelib.engine.language import use_language
from stylelib.engine.workers import WorkerError, run_tasks, usual_workers

from . import tasks

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as on Unix")


def names(folder, *endings, seconds=0.1):
    return [(str(folder / ending), seconds) for ending in endings]


def children():
    return [child for child in psutil.Process().children(recursive=True)
            if "spawn_main" in " ".join(child.cmdline())]


def test_one_process_needs_no_dask_and_keeps_the_order(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    found = list(run_tasks(tasks.write, names(tmp_path, "a", "bad", "b", seconds=0)))
    assert [outcome.value for outcome in found] == ["a", None, "b"]
    assert [outcome.index for outcome in found] == [0, 1, 2] and str(found[1].error) == "a bad task"


def test_tasks_are_taken_one_by_one():
    taken = []
    outcomes = run_tasks(abs, (taken.append(i) or -i for i in range(10)))
    assert [next(outcomes).value, next(outcomes).value] == [0, 1] and taken == [0, 1]


@pytest.mark.slow
def test_workers(tmp_path):
    """One thread each; a bad task and a deadly one end no other; nothing is left behind."""
    before = dict(os.environ)
    (tmp_path / ".stylelib-old").touch()
    found = {}
    for outcome in run_tasks(tasks.write, names(tmp_path, "a", "bad", "deadly", "b", "c"), workers=2,
                             folder=tmp_path):
        found[outcome.index] = outcome
        (tmp_path / ".stylelib-new").touch()
    assert [found[i].value for i in range(5)] == ["a", None, None, "b", "c"]
    assert isinstance(found[1].error, ValueError) and isinstance(found[2].error, WorkerError)
    assert {(tmp_path / name).read_text().split()[1] for name in "abc"} == {"1"}
    assert children() == [] and dict(os.environ) == before
    assert sorted(os.listdir(tmp_path)) == [".stylelib-old", "a", "b", "c"]


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_its_limit_is_known(tmp_path):
    wanted = [str(number) for number in range(8)]
    outcomes = run_tasks(tasks.write, names(tmp_path, *wanted, seconds=0.3), workers=2, memory="1GB")
    first = next(outcomes)
    busy = children()
    os.kill(busy[0].pid, signal.SIGKILL)
    assert sorted([first.value, *(outcome.value for outcome in outcomes)]) == wanted
    limited, = run_tasks(tasks.free, [0], memory="1GB")
    assert 0 < limited.value < 0.9e9


@pytest.mark.slow
def test_ctrl_c_ends_all_processes_soon(tmp_path):
    """As a terminal sends it: to all processes at once."""
    code = ("import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from stylelib.engine.workers import run_tasks\nfrom tests.batch import tasks\n"
            f"for outcome in run_tasks(tasks.write, [({str(tmp_path / 'a')!r}, 0), "
            f"({str(tmp_path / 'b')!r}, 100)], workers=2): print(outcome.value, flush=True)")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    assert process.stdout.readline() == "a\n"
    started = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    assert len(started) > 2
    os.killpg(process.pid, signal.SIGINT)
    errors = process.communicate(timeout=60)[1]
    assert errors.count("Traceback") == 1 and errors.rstrip().endswith("KeyboardInterrupt")
    assert psutil.wait_procs(started, timeout=10)[1] == []


@pytest.mark.slow
def test_a_cluster_of_ones_own(tmp_path):
    """Its workers are asked whether they see the folder, and stay afterwards."""
    from distributed import LocalCluster
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, protocol="tcp",
                      dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        outcome, = run_tasks(tasks.write, names(tmp_path, "a"), cluster=address, folder=tmp_path)
        assert outcome.value == "a" and os.listdir(tmp_path) == ["a"] and len(cluster.workers) == 1
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room, "_sees", _sees_nothing)
            with pytest.raises(WorkerError, match=r"cannot write to the folder .*: choose a folder that all"):
                next(run_tasks(tasks.write, names(tmp_path, "b"), cluster=address, folder=tmp_path))
        cluster.scale(0)
        cluster.sync(cluster._correct_state)
        patch.setattr(room, "PATIENCE", 0.5)
        try:
            with pytest.raises(WorkerError, match="has no workers: start some with dask worker"):
                next(run_tasks(tasks.write, names(tmp_path, "b"), cluster=address))
        finally:
            patch.undo()


def _sees_nothing(probe):
    return False


@pytest.mark.parametrize("settings, words", [
    ({"workers": 0}, "workers must be a positive number of processes, got 0"),
    ({"workers": 2.5}, "workers must be a positive"), ({"workers": 10**6}, "take fewer workers"),
    ({"workers": 2, "memory": "much"}, "memory must be a number of bytes such as 2GB or 800MB, got 'much'"),
    ({"memory": "1e400GB"}, "memory must be a number"), ({"memory": "20MB"}, "memory must be at least 500MB"),
    ({"workers": 2, "cluster": "tcp://a:1"}, "leave out cluster"),
    ({"memory": "2GB", "cluster": "tcp://a:1"}, "leave out cluster"),
    ({"cluster": "somewhere"}, "no Dask cluster answers at 'somewhere'"),
    ({"cluster": ""}, "no Dask cluster answers at ''"), ({"cluster": 5}, "no Dask cluster answers at 5"),
])
def test_bad_numbers_are_one_line(settings, words):
    with pytest.raises(ValueError, match=words) as caught:
        list(run_tasks(abs, [1], **settings))
    assert "\n" not in str(caught.value)


def test_nobody_there(monkeypatch):
    monkeypatch.setattr(room, "PATIENCE", 0.5)
    started = time.monotonic()
    with pytest.raises(WorkerError, match=r"no Dask cluster answers at 'tcp://127.0.0.1:9'"):
        list(run_tasks(abs, [1], cluster="tcp://127.0.0.1:9"))
    assert time.monotonic() - started < 60


def test_without_dask(monkeypatch):
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    with pytest.raises(WorkerError, match=r"needs Dask: pip install 'stylelib\[cluster\]'"):
        run_tasks(abs, [1], workers=2)
    assert usual_workers() == 1


@pytest.mark.slow
def test_workers_speak_our_language():
    use_language("zh")
    try:
        assert [outcome.value for outcome in run_tasks(tasks.spoken, [1], memory="1GB")] == ["zh_CN"]
    finally:
        use_language("en")
