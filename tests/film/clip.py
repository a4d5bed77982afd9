"""The balloon's clip as its program draws it, and its true motion, as tensors."""
import importlib.util
from functools import lru_cache

import numpy as np
import torch

from ..conftest import DATA

WIDTH = 160

spec = importlib.util.spec_from_file_location("make_film", DATA / "make_film.py")
program = importlib.util.module_from_spec(spec)
spec.loader.exec_module(program)


@lru_cache(maxsize=8)
def frame(t, width=WIDTH):
    """Frame t, (1, 3, H, W)."""
    return _tensor(program.frame(t, width)).permute(2, 0, 1)[None].contiguous()


def clip(times, width=WIDTH):
    """Some of its frames."""
    return [frame(t, width) for t in times]


def true_flow(t, other, width=WIDTH):
    """Where each pixel of frame t lies in frame `other`, (1, 2, H, W)."""
    return _tensor(program.flow(t, other, width))[None]


def seen(t, other, width=WIDTH):
    """1 where a pixel of frame t can be seen in frame `other`, (1, 1, H, W)."""
    return _tensor(program.visible(t, other, width))[None, None]


def _tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array)).float()
