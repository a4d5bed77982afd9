"""What this machine lets us use: memory and processors. A container often allows less than the machine has.

Linux limits containers, and the jobs of a cluster, by control groups ("cgroups"): folders of small files, in
two versions. Tools that read /proc/meminfo see the whole machine instead. Nothing here needs PyTorch, and a
file that can't be read sets no limit.

Source: the Linux kernel's documentation, admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst; sched-bwc.rst
for processors.
"""
import os
from pathlib import Path, PurePosixPath

import psutil

Root = str | os.PathLike[str]
ROOT = "/"          # where proc and sys are: tests have a tree of their own
# For each version: where it is mounted, the files with the limit and with what is taken, and the word for
# what could be given back
MEMORY = {2: (("sys/fs/cgroup", "sys/fs/cgroup/unified"), "memory.max", "memory.current", "inactive_file"),
          1: (("sys/fs/cgroup/memory",), "memory.limit_in_bytes", "memory.usage_in_bytes",
              "total_inactive_file")}
CPU = {2: ("sys/fs/cgroup", "sys/fs/cgroup/unified"),
       1: ("sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct", "sys/fs/cgroup/cpuacct,cpu")}

_limit: int | None = None       # bytes for this process, see `limit_memory`


def free_memory(root: Root = ROOT) -> int:
    """Bytes that can still be taken: the smaller of what the machine has free and what the container leaves.

    Args:
        root: the folder with proc and sys.
    """
    return min([psutil.virtual_memory().available, *_left_by_groups(root), *left_by_ulimit(),
                *_left_by_ourselves()])


def limit_memory(limit: int | None) -> None:
    """From now on `free_memory` counts only what is left of so many bytes for this process; None: of all."""
    global _limit
    _limit = limit


def total_memory(root: Root = ROOT) -> int:
    """Bytes of the machine's memory, or of the part of it that the container may use.

    Args:
        root: the folder with proc and sys.
    """
    return min([psutil.virtual_memory().total, *(limit for limit, _ in _memory_groups(root))])


def in_container(root: Root = ROOT) -> bool:
    """Whether something allows less memory than the machine has.

    Args:
        root: the folder with proc and sys.
    """
    return total_memory(root) < psutil.virtual_memory().total


def cpus(root: Root = ROOT) -> float:
    """How many processors may work at a time: those that we may run on, or our share of their time.

    2, for instance, or 0.5.

    Args:
        root: the folder with proc and sys.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min([allowed, *_cpu_quotas(root)])


def _left_by_groups(root):
    """What each group leaves.

    The files' cache counts as taken there, but the kernel gives it back when it is needed.
    """
    return [max(limit - used, 0) for limit, used in _memory_groups(root)]


def _left_by_ourselves():
    return [] if _limit is None else [max(_limit - psutil.Process().memory_info().rss, 0)]


def _memory_groups(root):
    """[(limit, bytes taken)] of each group that we are in, from our own up to the whole container."""
    found = []
    for version, (mounts, limit, taken, cache) in MEMORY.items():
        for folder in _groups(root, version, "memory", mounts):
            numbers = [_number(_text(folder / name)) for name in (limit, taken)]
            if None not in numbers:
                found.append((numbers[0], numbers[1] - _statistics(folder).get(cache, 0)))
    return found


def _cpu_quotas(root):
    """The share of processors that each group gets: quota by period, both in microseconds."""
    found = []
    for folder in _groups(root, 2, "cpu", CPU[2]):
        found.append(_text(folder / "cpu.max").split())
    for folder in _groups(root, 1, "cpu", CPU[1]):
        found.append([_text(folder / name) for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us")])
    numbers = [[_number(word) for word in words] for words in found]
    return [pair[0] / pair[1] for pair in numbers if len(pair) == 2 and all(pair) and pair[0] > 0]


def left_by_ulimit() -> list[int]:
    """What `ulimit -v`, as clusters set it, leaves of addresses; [] without a limit, and on Windows."""
    try:
        import resource
        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    except (ImportError, AttributeError, OSError, ValueError):
        return []
    return [] if limit == resource.RLIM_INFINITY else [max(limit - psutil.Process().memory_info().vms, 0)]


def _groups(root, version, controller, mounts):
    """The folders of our group and of those around it, the innermost first.

    A container may see its own group as the root of the mount, and still be told its path on the machine
    outside: then that path is not there, and the root alone counts.
    """
    path = _path(root, version, controller)
    if path is None:
        return []
    inner = PurePosixPath(path.lstrip("/"))
    levels = [inner, *inner.parents] if ".." not in inner.parts else [PurePosixPath(".")]
    return [folder for mount in mounts for level in levels if (folder := Path(root, mount, level)).is_dir()]


def _path(root, version, controller):
    """Our group's path, from a line such as "4:memory:/docker/7f3a" (version 1) or "0::/user" (version 2)."""
    for line in _text(Path(root, "proc/self/cgroup")).splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if (number == "0" and not controllers) if version == 2 else controller in controllers.split(","):
            return path
    return None


def _statistics(folder):
    """{word: number} from a group's memory.stat."""
    pairs = (line.split() for line in _text(folder / "memory.stat").splitlines())
    return {pair[0]: _number(pair[1]) or 0 for pair in pairs if len(pair) == 2}


def _text(path):
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError):
        return ""


def _number(word):
    """None for "max", which means that there is no limit, and for what is no number."""
    try:
        return int(word)
    except ValueError:
        return None
