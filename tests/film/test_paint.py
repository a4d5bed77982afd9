"""A film is painted: whole, in parts, by a process that is killed, and the frames are the same."""
import os
import signal
import subprocess
import sys
import textwrap
import weakref

import numpy as np
import pytest
import torch

from stylelib import ImageError, load_network, stylize_film
from stylelib.fast.painter import Painter
from stylelib.film import stretches as stretches_module
from stylelib.film.animations import Animation
from stylelib.film.frames import Frame, film_info, read_film
from stylelib.film.kept import Kept, folder_beside
from stylelib.film.stretches import FRAMES, Job, Stretch, identity, paint_stretch, stretches
from stylelib.film.writer import FilmWriter, write_film

from ..conftest import PAINTING
from .films import film, film_by_pyav, packets_of_sound, picture

pytest.importorskip("av", reason="PyAV is missing: pip install 'stylelib[film]'")
STYLE = 7


class Mean:
    """A way of painting that costs nothing, and shows what it was given: the mean of the latest pictures."""

    def __init__(self, reach=2):
        self.reach, self.given = reach, []

    def paint(self, photo, before):
        self.given.append([one for one, _ in before])
        pictures = torch.stack([photo.flip(1), *(painted for _, painted in before)])
        return pictures.mean(0).mul(255).round().div(255)


@pytest.fixture
def mean(monkeypatch):
    """The way `Mean` instead of all others; gives a function that makes the next one, of a reach."""
    ways = []

    def make(reach=2):
        ways.append(Mean(reach))
        return ways[-1]
    monkeypatch.setattr(stretches_module, "film_way", lambda *_, **__: make())
    return ways


def painted(clip, output, **more):
    more = {"way": "fast", "size": 64, "progress": False, **more}
    return stylize_film(clip, STYLE, output, **more)


def frames_of(path, **more):
    return [(frame.time, frame.image) for frame in read_film(path, **more)]


class Stop:
    """Raises an error when so many frames have been painted; keeps their pictures."""

    def __init__(self, count, error=KeyboardInterrupt):
        self.count, self.error, self.images = count, error, []

    def __call__(self, frame):
        self.images.append(frame.image)
        if len(self.images) == self.count:
            raise self.error


# ------------------------------------------------------------------------------------------------------ whole

def test_a_film_is_painted_with_its_times_and_sound(tmp_path):
    clip = film_by_pyav(tmp_path / "a.mp4", 20, sound="aac")
    result = painted(clip, tmp_path / "out.mp4", start=0.5, seconds=1.0, every=2)
    assert (result.frames, result.width, result.height, result.found, result.interrupted, result.folder) == (
        5, 64, 48, 0, False, None)
    assert result.seconds == pytest.approx(1.0) and "64x48 px, 5 frames, 1.0 s of film" in str(result)
    times = [time for time, _ in frames_of(tmp_path / "out.mp4")]
    assert times == pytest.approx([0, 0.2, 0.4, 0.6, 0.8], abs=0.001)
    sound = packets_of_sound(tmp_path / "out.mp4")
    assert -0.03 < sound[0][0] < 0.03 and 0.9 < sound[-1][0] < 1.01
    everything = {data for _, data in packets_of_sound(clip)}
    assert {data for _, data in sound} <= everything            # copied, not encoded again
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "out.mp4"]


def test_without_sound(tmp_path):
    painted(film_by_pyav(tmp_path / "a.mp4", 3, sound="aac"), tmp_path / "out.mp4", sound=False)
    assert not film_info(tmp_path / "out.mp4").sound


def test_the_result_says_where_the_film_is(tmp_path, mean, monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", lambda name: os.fspath(name).replace("~", str(tmp_path)))
    assert painted(film(tmp_path / "a.mp4", 1), "~/out.mp4").path == tmp_path / "out.mp4"


def test_frames_need_not_be_equally_long(tmp_path, mean):
    times = [0, 0.1, 0.5, 0.6, 1.4]
    with write_film(tmp_path / "a.mp4") as writer:
        for index, when in enumerate(times):
            writer.add(picture(index), when, 0.3)
    result = painted(tmp_path / "a.mp4", tmp_path / "out.mov")
    assert [time for time, _ in frames_of(tmp_path / "out.mov")] == pytest.approx(times, abs=0.001)
    assert result.seconds == pytest.approx(1.7, abs=0.01)


def test_animations_need_no_pyav(tmp_path, monkeypatch):
    film(tmp_path / "a.webp", 3)
    monkeypatch.setitem(sys.modules, "av", None)
    assert painted(tmp_path / "a.webp", tmp_path / "out.gif", size=32).frames == 3
    with pytest.raises(ImageError, match="needs PyAV"):
        painted(tmp_path / "a.webp", tmp_path / "out.mp4")
    assert sorted(os.listdir(tmp_path)) == ["a.webp", "out.gif"]


def test_a_small_film_is_not_enlarged_and_a_large_one_shrunk(tmp_path, mean):
    film(tmp_path / "odd.webp", 2, width=65, height=47)
    result = painted(tmp_path / "odd.webp", tmp_path / "b.webp", size=512)
    assert (result.width, result.height) == (65, 47)
    film(tmp_path / "4k.mp4", 1, width=3840, height=2160)
    assert painted(tmp_path / "4k.mp4", tmp_path / "b.mp4", size=64).height == 36


@pytest.mark.parametrize("way", ["fast", "steady", "optimise"])
def test_every_way_paints(way, tmp_path):
    film(tmp_path / "a.mp4", 3, width=48, height=32)
    knobs = {"steps": 2} if way == "optimise" else {}
    seen = []
    result = stylize_film(tmp_path / "a.mp4", PAINTING, tmp_path / "out.mp4", way, 48, progress=False,
                          on_frame=seen.append, **knobs)
    photos = [image for _, image in frames_of(tmp_path / "a.mp4")]
    assert result.frames == len(seen) == 3
    assert all((frame.image - photo).abs().mean() > 0.005 for frame, photo in zip(seen, photos))
    kept = [frame.image * 255 for frame in seen]
    assert all((levels - levels.round()).abs().max() < 1e-3 for levels in kept)     # a PNG holds all of it


# ----------------------------------------------------------------------------------------- cuts and stretches

@pytest.fixture
def two_scenes(tmp_path):
    """A film of 6 frames with a cut before the fourth; the way to it."""
    with write_film(tmp_path / "two.mp4", 10, quality=0) as writer:
        for index in range(6):
            writer.add(picture(index) if index < 3 else 1 - picture(index + 20).flip(1, 2))
    return tmp_path / "two.mp4"


def test_nothing_is_brought_along_across_a_cut(two_scenes, tmp_path, mean):
    painted(two_scenes, tmp_path / "out.mp4", way="steady")
    photos = [image for _, image in frames_of(two_scenes)]
    wanted = [[], [0], [0, 1], [], [3], [3, 4]]
    assert [len(given) for given in mean[0].given] == [len(before) for before in wanted]
    for given, before in zip(mean[0].given, wanted):
        assert all(torch.equal(one, photos[index]) for one, index in zip(given, before))


@pytest.mark.parametrize("reach", [0, 2])
def test_stretches_give_what_one_process_gives(reach, two_scenes, tmp_path, monkeypatch):
    """In any order, even if some of it has been painted before: nothing is painted twice."""
    monkeypatch.setattr("stylelib.film.stretches.FRAMES", 2)
    monkeypatch.setattr(stretches_module, "film_way", lambda *_, **__: Mean(reach))
    jobs = []
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
        jobs.append(Job(str(two_scenes), STYLE, "steady", 64, 0.0, float("inf"), 1, tmp_path / name))
    assert len(list(paint_stretch(jobs[0], Stretch()))) == 6
    parts = list(stretches(jobs[1], reach))
    assert [(part.first, part.last) for part in parts] == (
        [(0, 2), (3, 5)] if reach else [(0, 1), (2, 3), (4, 5)])
    assert len([next(paint_stretch(jobs[1], part)) for part in parts]) == len(parts)
    for part in reversed(parts):
        assert len(list(paint_stretch(jobs[1], part))) == part.last - part.first
        assert list(paint_stretch(jobs[1], part)) == []
    for index in range(6):
        assert torch.equal(jobs[0].kept.get(index).image, jobs[1].kept.get(index).image)
        assert jobs[0].kept.time(index) == jobs[1].kept.time(index)


def test_a_stretch_takes_seconds_not_minutes():
    assert 5 <= FRAMES <= 50


# ------------------------------------------------------------------------------------- stopped, and continued

@pytest.mark.parametrize("options", [{}, {"every": 2, "start": 0.3}], ids=["all", "part"])
def test_stopped_anywhere_it_goes_on_to_the_same_film(options, two_scenes, tmp_path, mean):
    whole = Stop(0)
    painted(two_scenes, tmp_path / "whole.mp4", on_frame=whole, **options)
    out, images, count = tmp_path / "out.mp4", [], len(whole.images)
    for done in range(1, count):
        stop = Stop(1)
        result = painted(two_scenes, out, on_frame=stop, **options)
        assert (result.interrupted, result.frames, result.found) == (True, done, done - 1)
        assert "(stopped early)" in str(result) and len(frames_of(out)) == done
        assert result.folder == folder_beside(out) and result.folder.is_dir()
        images += stop.images
    last = Stop(0)
    result = painted(two_scenes, out, on_frame=last, **options)
    assert (result.found, result.frames, result.folder) == (count - 1, count, None)
    assert all(torch.equal(one, other) for one, other in zip(images + last.images, whole.images, strict=True))
    assert out.read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["out.mp4", "two.mp4", "whole.mp4"]


def test_ctrl_c_before_the_first_frame_leaves_nothing(tmp_path, monkeypatch):
    class Never(Mean):
        def paint(self, photo, before):
            raise KeyboardInterrupt
    monkeypatch.setattr(stretches_module, "film_way", lambda *_, **__: Never())
    film(tmp_path / "a.mp4", 2)
    with pytest.raises(KeyboardInterrupt):
        painted(tmp_path / "a.mp4", tmp_path / "out.mp4")
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_ctrl_c_while_the_film_is_written(tmp_path, mean, monkeypatch):
    film(tmp_path / "a.mp4", 4)
    get = Kept.get

    def stop(self, index):
        if index == 2:
            raise KeyboardInterrupt
        return get(self, index)
    painted(tmp_path / "a.mp4", tmp_path / "whole.mp4")
    with monkeypatch.context() as patch:
        patch.setattr(Kept, "get", stop)
        result = painted(tmp_path / "a.mp4", tmp_path / "out.mp4", way="fast")
    assert (result.interrupted, result.frames) == (True, 2) and len(frames_of(tmp_path / "out.mp4")) == 2
    assert painted(tmp_path / "a.mp4", tmp_path / "out.mp4").found == 4
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


@pytest.mark.parametrize("left", [False, True], ids=["", "after a killed process"])
def test_ctrl_c_while_the_film_is_finished(left, tmp_path, mean, monkeypatch):
    """A WebP is encoded at its end: that takes a while."""
    film(tmp_path / "a.mp4", 4)

    def stop(self):
        raise KeyboardInterrupt

    def leave(frame):
        (tmp_path / "out.webp.frames" / "film.webp").write_text("of another start")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Animation, "finish", stop)
        painted(tmp_path / "a.mp4", tmp_path / "out.webp", on_frame=leave if left else None)
    assert not (tmp_path / "out.webp").exists()
    result = painted(tmp_path / "a.mp4", tmp_path / "out.webp")
    assert (result.found, result.frames, result.interrupted) == (4, 4, False)
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "out.webp"]


def test_an_error_keeps_the_frames_and_says_where(tmp_path, mean):
    film(tmp_path / "a.mp4", 3)
    with pytest.raises(OSError, match="full") as caught:
        painted(tmp_path / "a.mp4", tmp_path / "out.mp4", on_frame=Stop(2, OSError("full")))
    assert caught.value.kept == folder_beside(tmp_path / "out.mp4") and len(Kept(caught.value.kept)) == 2
    assert not (tmp_path / "out.mp4").exists()
    assert painted(tmp_path / "a.mp4", tmp_path / "out.mp4").found == 2


CHANGED = [({"size": 32}, "size 64"), ({"every": 2}, "every 1"), ({"start": 0.1}, "start 0.0"),
           ({"seconds": 0.2}, "end None"), ({"way": "steady"}, "way fast"), ({"style": 8}, "another style"),
           ({"clip": "b.mp4"}, "another film"), ({"strength": 0.5}, "strength 1.0")]


@pytest.mark.parametrize("change, words", CHANGED, ids=[words for _, words in CHANGED])
def test_other_settings_are_not_mixed(change, words, tmp_path, mean):
    film(tmp_path / "a.mp4", 3), film(tmp_path / "b.mp4", 3, width=96)
    painted(tmp_path / "a.mp4", tmp_path / "out.mp4", on_frame=Stop(2))
    before = sorted((tmp_path / "out.mp4.frames").iterdir())
    clip, style = tmp_path / change.pop("clip", "a.mp4"), change.pop("style", STYLE)
    with pytest.raises(ImageError, match=rf"keeps 2 frames that were painted otherwise \({words}\): go on"):
        stylize_film(clip, style, tmp_path / "out.mp4",
                     **{"way": "fast", "size": 64, "progress": False, **change})
    assert sorted((tmp_path / "out.mp4.frames").iterdir()) == before


def test_a_knob_that_is_left_out_is_its_default(tmp_path, mean):
    film(tmp_path / "a.mp4", 4)
    painted(tmp_path / "a.mp4", tmp_path / "out.mp4", strength=0.5, on_frame=Stop(1))
    with pytest.raises(ImageError, match=r"painted otherwise \(strength 0\.5\)"):
        painted(tmp_path / "a.mp4", tmp_path / "out.mp4")
    painted(tmp_path / "a.mp4", tmp_path / "b.mp4", on_frame=Stop(1))
    assert painted(tmp_path / "a.mp4", tmp_path / "b.mp4", strength=1.0, on_frame=Stop(1)).found == 1
    assert painted(tmp_path / "a.mp4", tmp_path / "b.mp4").found == 2


def test_numbers_may_be_those_of_numpy(tmp_path, mean):
    film(tmp_path / "a.mp4", 3)
    numbers = {"size": np.int64(64), "every": np.int64(2), "strength": np.float32(0.5)}
    files = tmp_path / "a.mp4", {np.int64(7): np.float32(1)}, tmp_path / "out.mp4", "fast"
    stylize_film(*files, progress=False, on_frame=Stop(1), **numbers)
    result = stylize_film(*files, progress=False, size=64, every=2, strength=0.5)
    assert (result.found, result.frames) == (1, 2)


def test_a_film_that_was_moved_is_the_same(tmp_path, mean):
    film(tmp_path / "a.mp4", 3)
    painted(tmp_path / "a.mp4", tmp_path / "out.mp4", on_frame=Stop(2))
    os.rename(tmp_path / "a.mp4", tmp_path / "b.mp4")
    assert painted(tmp_path / "b.mp4", tmp_path / "out.mp4").found == 2


@pytest.mark.parametrize("name", ["letters.txt", "film.json", None])
def test_a_folder_of_somebody_else_is_not_touched(name, tmp_path, mean):
    film(tmp_path / "a.mp4", 3)
    folder = tmp_path / "out.mp4.frames"
    if name:
        folder.mkdir()
        (folder / name).write_text("mine")
    else:
        folder.write_text("mine")
    with pytest.raises(ImageError, match="holds something else: move it away"):
        painted(tmp_path / "a.mp4", tmp_path / "out.mp4")
    assert (folder / name if name else folder).read_text() == "mine"


def test_what_somebody_put_there_stays_and_what_a_killed_process_left_goes(tmp_path, mean):
    film(tmp_path / "a.mp4", 3)
    painted(tmp_path / "a.mp4", tmp_path / "out.mp4", on_frame=Stop(1))
    folder = tmp_path / "out.mp4.frames"
    (folder / "letters.txt").write_text("mine")
    (folder / ".stylelib-0123456789abcdef").write_text("half a frame")
    painted(tmp_path / "a.mp4", tmp_path / "out.mp4")
    assert os.listdir(folder) == ["letters.txt"]


def test_a_frame_that_is_damaged_or_gone_is_painted_anew(tmp_path, mean):
    film(tmp_path / "a.mp4", 4)
    painted(tmp_path / "a.mp4", tmp_path / "whole.mp4")
    painted(tmp_path / "a.mp4", tmp_path / "out.mp4", on_frame=Stop(3))
    frame = tmp_path / "out.mp4.frames" / "000001.png"
    frame.write_bytes(frame.read_bytes()[:100])
    with pytest.raises(ImageError, match=r"000001.png is damaged .*: delete it and start again"):
        painted(tmp_path / "a.mp4", tmp_path / "out.mp4")
    frame.unlink()
    painted(tmp_path / "a.mp4", tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_a_kept_frame_is_what_was_put_in(tmp_path):
    kept = Kept(tmp_path)
    image = (torch.arange(256).float() / 255).expand(1, 3, 16, 256).contiguous()
    kept.put(3, Frame(image, 1 / 3, 0.1))
    back = kept.get(3)
    assert torch.equal(back.image, image) and (back.time, back.seconds) == (1 / 3, 0.1)
    assert (kept.row(), kept.row(3), kept.row(3, 2), len(kept)) == (0, 1, 0, 1)


def test_a_film_that_cannot_be_written_keeps_its_frames(tmp_path, mean):
    film(tmp_path / "a.mp4", 2)
    with pytest.raises(ImageError, match="is a folder") as caught:
        painted(tmp_path / "a.mp4", tmp_path / "out.mp4", on_frame=lambda _: os.makedirs(tmp_path / "out.mp4",
                                                                                         exist_ok=True))
    assert len(Kept(caught.value.kept)) == 2
    (tmp_path / "out.mp4").rmdir()
    assert painted(tmp_path / "a.mp4", tmp_path / "out.mp4").found == 2


def test_a_film_that_cannot_be_finished_says_so_once(tmp_path, mean, monkeypatch):
    def full(self):
        raise OSError(28, "No space left")
    monkeypatch.setattr(Animation, "finish", full)
    film(tmp_path / "a.mp4", 2)
    with pytest.raises(ImageError, match=r"^cannot write '\S*film.webp' \(No space left\): choose"
                                          " another place$"):
        painted(tmp_path / "a.mp4", tmp_path / "out.webp")


def test_a_name_without_room_for_the_folder_is_refused(tmp_path, mean):
    film(tmp_path / "a.mp4", 2)
    with pytest.raises(ImageError, match=r"cannot write '.*\.frames' \(.*too long\): choose another place"):
        painted(tmp_path / "a.mp4", tmp_path / f"{'n' * 250}.mp4")
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_styles_are_told_by_content(tmp_path):
    small = Painter()
    data = PAINTING.read_bytes()
    (tmp_path / "a.jpg").write_bytes(data), (tmp_path / "b.jpg").write_bytes(data)
    (tmp_path / "c.jpg").write_bytes(data + b"x")
    one, same, other = (identity(tmp_path / name) for name in ("a.jpg", "b.jpg", "c.jpg"))
    assert one == same != other
    assert identity(picture(0)) != identity(picture(1))
    assert identity([small, "mosaic"])[1] == "mosaic" and len(identity(small)) == 64
    first, second = (load_network(weights=None, pooling=pooling) for pooling in ("max", "avg"))
    second.load_state_dict(first.state_dict())
    assert identity(first) != identity(second)


# -------------------------------------------------------------------------------------------- whole processes

DYING = """
    import os, signal
    from pathlib import Path
    from stylelib import stylize_film
    from stylelib.film import kept, writer

    def dies_at(count, owner, name):        # at the beginning of this call
        whole, calls = getattr(owner, name), []
        def counted(*arguments, **more):
            calls.append(name)
            if len(calls) == count:
                os.kill(os.getpid(), signal.SIGKILL)
            return whole(*arguments, **more)
        setattr(owner, name, counted)

    {death}
    stylize_film({clip!r}, 7, {out!r}, "fast", 64, progress=False)
"""
# how it dies, and how many frames are there then
DEATHS = [("dies_at(5, kept.os, 'replace')", 3),                    # a new frame is whole, but has no name
          ("dies_at(5, writer.FilmWriter, 'add')", 12),             # while the film is written
          ("dies_at(3, Path, 'unlink')", 11)]                       # the film is there, and its frames go


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_killed_at_bad_moments_it_goes_on_to_the_same_film(tmp_path):
    clip, out = film(tmp_path / "a.mp4", 12), tmp_path / "out.mp4"
    painted(clip, tmp_path / "whole.mp4")
    for death, count in DEATHS:
        code = textwrap.dedent(DYING).format(death=death, clip=str(clip), out=str(out))
        child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
        assert child.returncode == -signal.SIGKILL, child.stderr
        assert len(Kept(folder_beside(out))) == count
    assert painted(clip, out).frames == 12
    assert out.read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "out.mp4", "whole.mp4"]


def test_memory_does_not_grow_with_the_film(tmp_path, monkeypatch):
    """However long it is, few of its frames are there at a time: before painting and after."""
    alive, most = weakref.WeakSet(), []
    add = FilmWriter.add

    def seen(frame):
        alive.add(frame)
        most.append(len(alive))
        return frame

    class Light:
        reach = 1

        def paint(self, photo, before):
            return seen(seen(photo).clone())
    monkeypatch.setattr(stretches_module, "film_way", lambda *_, **__: Light())
    monkeypatch.setattr(FilmWriter, "add", lambda self, image, *times: add(self, seen(image), *times))
    painted(film(tmp_path / "a.mp4", 40), tmp_path / "out.mp4")
    assert len(most) == 160 and max(most) <= 6
