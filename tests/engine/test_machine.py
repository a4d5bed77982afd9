"""What a container allows: read from file trees like those of Linux, so that no container is needed."""
import os
import subprocess
import sys
from collections import namedtuple

import pytest

from stylelib.engine import machine
from stylelib.teach import doctor

GB = 2**30
NONE = 9223372036854771712          # what version 1 writes for "no limit"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A function that writes files, {path: content}; the machine has 16 GB, 12 of them free, 8 processors."""
    memory = namedtuple("memory", "available total")
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory(12 * GB, 16 * GB))
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr(machine, "left_by_ulimit", list)

    def write(files):
        for path, content in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(f"{content}\n")
        return tmp_path
    return write


def version_2(folder, limit, taken, cache=0, cpu="max 100000"):
    return {f"{folder}/memory.max": limit, f"{folder}/memory.current": taken, f"{folder}/cpu.max": cpu,
            f"{folder}/memory.stat": f"anon 5\ninactive_file {cache}\nslab 7"}


def version_1(folder, limit, taken, cache=0):
    return {f"{folder}/memory.limit_in_bytes": limit, f"{folder}/memory.usage_in_bytes": taken,
            f"{folder}/memory.stat": f"inactive_file 3\ntotal_inactive_file {cache}"}


def seen(root):
    """GB free, GB in all, processors."""
    return machine.free_memory(root) / GB, machine.total_memory(root) / GB, machine.cpus(root)


@pytest.mark.parametrize("files", [
    {},
    {"proc/self/cgroup": "0::/"},
    {"proc/self/cgroup": "0::/user.slice", **version_2("sys/fs/cgroup/user.slice", "max", GB)},
    {"proc/self/cgroup": "4:memory:/a", **version_1("sys/fs/cgroup/memory/a", NONE, GB)},
    {"proc/self/cgroup": "nonsense", "sys/fs/cgroup/memory.max": "nonsense"},
    {"proc/self/cgroup": "0::/a", "sys/fs/cgroup/a/memory.max": GB},            # without the memory in use
    {"proc/self/cgroup": "0::/a", **version_2("sys/fs/cgroup/b", GB, 0)},       # another group's
])
def test_without_a_limit_the_machine_counts(files, tree):
    root = tree(files)
    assert seen(root) == (12, 16, 8) and not machine.in_container(root)


def test_version_2(tree):
    """The file cache counts as free; the quota is a share of each period."""
    root = tree({"proc/self/cgroup": "0::/a/b",
                 **version_2("sys/fs/cgroup/a/b", 4 * GB, 3 * GB, 2 * GB, "150000 100000")})
    assert seen(root) == (3, 4, 1.5) and machine.in_container(root)


def test_every_group_around_ours_has_a_say(tree):
    root = tree({"proc/self/cgroup": "0::/a/b",
                 **version_2("sys/fs/cgroup/a/b", 4 * GB, GB, 0, "400000 100000"),
                 **version_2("sys/fs/cgroup/a", 6 * GB, 5 * GB, 0, "200000 100000")})
    assert seen(root) == (1, 4, 2)


def test_a_full_group_has_nothing_left(tree):
    root = tree({"proc/self/cgroup": "0::/a", **version_2("sys/fs/cgroup/a", GB, 2 * GB)})
    assert machine.free_memory(root) == 0


@pytest.mark.parametrize("path", ["/docker/7f3a", "/../../docker/7f3a", "/"])
def test_a_container_that_sees_its_own_group_as_the_root(path, tree):
    """It is told the path on the machine outside, which is not there."""
    root = tree({"proc/self/cgroup": f"0::{path}",
                 **version_2("sys/fs/cgroup", 2 * GB, GB, 0, "50000 100000")})
    assert seen(root) == (1, 2, 0.5)


@pytest.mark.parametrize("path, folder", [("/docker/7f3a", "/docker/7f3a"), ("/docker/7f3a", ""), ("/", "")])
def test_version_1(path, folder, tree):
    root = tree({"proc/self/cgroup": f"11:cpuset:/\n5:cpu,cpuacct:{path}\n4:memory:{path}\n1:name=systemd:/x",
                 **version_1(f"sys/fs/cgroup/memory{folder}", 2 * GB, GB, GB // 2),
                 f"sys/fs/cgroup/cpu,cpuacct{folder}/cpu.cfs_quota_us": 300000,
                 f"sys/fs/cgroup/cpu,cpuacct{folder}/cpu.cfs_period_us": 100000})
    assert seen(root) == (1.5, 2, 3)


def test_both_versions_side_by_side(tree):
    """Memory under version 1, with an empty version 2 in a folder of its own; -1 is no quota."""
    root = tree({"proc/self/cgroup": "4:memory:/a\n3:cpu:/a\n0::/a",
                 **version_1("sys/fs/cgroup/memory/a", 2 * GB, GB),
                 "sys/fs/cgroup/unified/a/cgroup.procs": "1", "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": -1,
                 "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": 100000})
    assert seen(root) == (1, 2, 8)
    assert seen(tree({**version_2("sys/fs/cgroup/unified/a", GB, 0)})) == (1, 1, 8)


def test_files_that_may_not_be_read(tree, monkeypatch):
    root = tree({"proc/self/cgroup": "0::/a", **version_2("sys/fs/cgroup/a", GB, 0)})
    monkeypatch.setattr("pathlib.Path.read_text", lambda *arguments: (_ for _ in ()).throw(PermissionError()))
    assert seen(root) == (12, 16, 8)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems don't enforce it")
def test_a_limit_on_addresses_counts():
    code = ("import resource, psutil, stylelib.engine.machine as m; "
            "taken = psutil.Process().memory_info().vms; "
            "resource.setrlimit(resource.RLIMIT_AS, (taken + 2**28, resource.RLIM_INFINITY)); "
            "print(m.free_memory())")
    command = [sys.executable, "-c", code]
    free = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert 2**27 < free <= 2**28


def test_pytorch_is_not_needed():
    """The module stands alone: the doctor needs it where PyTorch is damaged."""
    code = (f"import sys, importlib.util as u; s = u.spec_from_file_location('m', {machine.__file__!r}); "
            "m = u.module_from_spec(s); s.loader.exec_module(m); m.free_memory(), m.cpus(); "
            "sys.exit('torch' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_the_doctor_speaks_of_the_container(tree, monkeypatch):
    root = tree({"proc/self/cgroup": "0::/a", **version_2("sys/fs/cgroup/a", 2 * GB, GB, 0, "50000 100000")})
    for function in (machine.free_memory, machine.total_memory, machine.in_container, machine.cpus):
        monkeypatch.setattr(function, "__defaults__", (root,))
    found = {}
    for finding in doctor.examine():
        found[finding.subject] = finding
        if finding.subject == "processor":          # what comes after it takes long
            break
    memory, processor = found["memory"], found["processor"]
    assert not memory.ok and memory.text.startswith("1.0 of the container's 2.0 GB free")
    assert memory.value == 1.0
    assert processor.ok and "on 0.5 CPUs" in processor.text
