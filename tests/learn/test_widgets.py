"""The widgets without a browser: knobs turned and buttons pressed from Python, in real transfers of 64 px."""
import base64
import html
import io
import shutil
import struct
import subprocess
import sys
import threading
import time
import zlib
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from stylelib import (
    ImageError,
    Settings,
    load_image,
    load_network,
    read_recipe,
    total_variation,
    transfer,
)
from stylelib.learn.widgets import before_after, contact_sheet, playground, still
from stylelib.learn.widgets import painter as painter_module
from stylelib.learn.widgets.page import Views
from stylelib.learn.widgets.pictures import jpeg
from stylelib.scene import start_picture
from stylelib.style.colors import with_colors_of

from ..conftest import DATA, PAINTING, PHOTO
from ..nbstrict.store import WIDGET_VIEW

SECONDS = 120               # to wait for a thread on a busy machine


@pytest.fixture
def panel(tmp_path):
    made = playground(folder=DATA, size=64, steps=3, save_folder=tmp_path)
    yield made
    made.painter.reset()
    assert made.painter.wait(SECONDS)


class Allowed:
    """Steps come only when the test allows them."""

    def __init__(self):
        self.permits = threading.Semaphore(0)

    def steps(self, *arguments, **settings):
        for step in transfer.stylize_steps(*arguments, **settings):
            if step.index:
                assert self.permits.acquire(timeout=SECONDS)
            yield step

    def release(self, count=1):
        self.permits.release(count)

    def until_there_are(self, panel, count):
        """Let steps come until `count` are in the history."""
        self.release(max(0, count - len(panel.painter.history)))
        until(lambda: len(panel.painter.history) >= count)

    def until_the_end(self, panel):
        self.release(1000)
        assert panel.painter.wait(SECONDS)


@pytest.fixture
def by_hand(monkeypatch):
    allowed = Allowed()
    monkeypatch.setattr(painter_module, "stylize_steps", allowed.steps)
    yield allowed
    allowed.release(1000)


def paused(panel, by_hand, steps=1):
    """The panel, paused after this many more steps and the one that was under way."""
    by_hand.until_there_are(panel, len(panel.painter.history) + steps)
    panel.pause.click()
    by_hand.release()
    assert panel.painter.wait(SECONDS)
    return panel


def started_and_paused(panel, by_hand):
    panel.start.click()
    return paused(panel, by_hand)


def until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def upload(panel, gallery, name, content, chunk=4000):
    """What the page sends when a file is chosen: one message for each piece."""
    button = panel.uploads[gallery]
    for start in range(0, max(len(content), 1), chunk):
        piece = {"name": name, "size": len(content), "start": start}
        button._handle_custom_msg(piece, [memoryview(content[start:start + chunk])])


def enabled(panel):
    return {name for name in ("start", "pause", "resume", "again", "save")
            if not getattr(panel, name).disabled}


def test_a_whole_run(panel):
    assert panel.painter.state == "ready" and enabled(panel) == {"start"}
    pictures, curves = [panel.view.value], panel.curves.value
    panel.view.observe(lambda change: pictures.append(change.new), "value")
    panel.start.click()
    assert panel.painter.state == "painting" and enabled(panel) == {"pause", "again"}
    assert panel.painter.wait(SECONDS)
    assert panel.painter.state == "finished" and enabled(panel) == {"start", "resume", "again", "save"}
    assert len(set(pictures)) >= 2 and panel.curves.value != curves and panel.bar.value == 1
    assert [count for count, _ in panel.painter.history] == [2, 3, 4]
    assert "finished" in panel.status.value and not panel.message.value


def test_knobs_are_the_arguments_of_stylize(panel):
    panel.photo.value = (DATA / "content" / "flower.jpg").as_posix()
    panel.painting.value = (DATA / "style" / "mosaic.jpg").as_posix()
    panel.style_weight.value, panel.init.value, panel.size.value = 10**0.5, "noise", 96
    panel.smoothness.value, panel.keep_colors.value, panel.layers["relu1_1"].value = 0.3, True, False
    assert panel.settings() == {
        "content": panel.photo.value, "style": panel.painting.value, "style_weight": 3.2, "init": "noise",
        "size": 96, "tv_weight": 0.3, "keep_colors": True,
        "style_layers": ["relu2_1", "relu3_1", "relu4_1", "relu5_1"]}


def test_the_code_shown_is_what_the_panel_does(panel):
    panel.style_weight.value, panel.init.value, panel.layers["relu5_1"].value = 5.0, "noise", False
    assert "Start does the same" in panel.code.value
    before = shown_code(panel)
    panel.start.click()
    assert "When it is finished" in panel.code.value and shown_code(panel) == before
    assert panel.painter.wait(SECONDS)
    assert "This code makes the picture above" in panel.code.value and shown_code(panel) == before
    assert torch.equal(run(before)["picture"], panel.painter.picture)


def shown_code(panel):
    """The code under the panel, as one copies it."""
    return html.unescape(panel.code.value.partition("<pre><code>")[2].removesuffix("</code></pre>"))


def run(code):
    names = {}
    exec(code, names)
    return names


def test_the_code_shown_makes_the_picture_after_knobs_were_turned(panel, by_hand):
    """Paused on the way, and after a knob: no line may promise another picture than the one that is seen."""
    started_and_paused(panel, by_hand)
    assert torch.equal(run(shown_code(panel))["picture"], panel.painter.picture)
    panel.painting.value = (DATA / "style" / "mosaic.jpg").as_posix()
    assert "mosaic" not in shown_code(panel)            # not before it is painted
    panel.resume.click()
    until(lambda: "Computing" in panel.status.value)
    assert "Knobs were turned" in panel.code.value and not shown_code(panel)
    paused(panel, by_hand)
    assert "mosaic" in shown_code(panel)
    assert torch.equal(run(shown_code(panel))["picture"], panel.painter.picture)


def test_pause_keeps_everything_and_continue_goes_on(panel, by_hand):
    started_and_paused(panel, by_hand)
    assert panel.painter.state == "paused" and enabled(panel) == {"start", "resume", "again", "save"}
    assert not [thread for thread in threading.enumerate() if thread.name == "playground"]
    before, picture = list(panel.painter.history), panel.painter.picture
    assert panel.view.value == jpeg(panel.painter.picture, 92)
    panel.resume.click()
    by_hand.until_the_end(panel)
    assert panel.painter.state == "finished" and panel.painter.history[:len(before)] == before
    assert len(panel.painter.history) == 3 and not torch.equal(panel.painter.picture, picture)
    # as if there had been no pause
    assert torch.equal(panel.painter.picture, transfer.stylize(PHOTO, PAINTING, 64, 3, progress=False).image)


def test_a_knob_turned_on_the_way_takes_effect_at_the_next_step(panel, by_hand):
    panel.start.click()
    by_hand.until_there_are(panel, 1)
    picture = panel.painter.picture
    until(lambda: "Computing" not in panel.status.value)
    panel.style_weight.value = 100.0
    assert "Computing what to aim at" in panel.status.value
    by_hand.until_there_are(panel, 3)                   # with the step under way, and the first after it
    (_, before), _, (_, after) = panel.painter.history
    assert after["style"] > 10 * before["style"] and panel.painter.turns[0] in (2, 3)
    assert (panel.painter.picture - picture).abs().mean() < 0.1 and panel.painter.state == "painting"
    panel.smoothness.value = 1.0
    by_hand.until_there_are(panel, 5)
    assert "smoothness" in panel.painter.history[-1][1] and "smoothness" not in after
    counts = [count for count, _ in panel.painter.history]
    assert counts == sorted(set(counts))


def test_another_size_on_the_way_goes_on_from_the_enlarged_picture(panel, by_hand):
    panel.start.click()
    by_hand.until_there_are(panel, 1)
    small = panel.painter.picture
    panel.size.value = 96
    by_hand.until_there_are(panel, 3)
    assert panel.painter.picture.shape[3] == 96
    back = torch.nn.functional.interpolate(panel.painter.picture, small.shape[2:])
    assert (back - small).abs().mean() < 0.1


def test_knobs_turned_while_paused_count_at_continue(panel, by_hand):
    started_and_paused(panel, by_hand)
    panel.keep_colors.value = True
    assert "Continue" in panel.status.value and panel.painter.state == "paused"
    panel.resume.click()
    by_hand.until_the_end(panel)
    assert [part.settings["keep_colors"] for part in panel.painter.parts] == [False, True]


def test_what_is_seen_does_not_change_with_the_next_step(panel):
    """A recipe is written from parts that were collected with the picture; then the painter paints on."""
    panel.start.click()
    assert panel.painter.wait(SECONDS)
    now = panel._now()
    panel.painter.parts[-1].steps += 1
    assert now.parts[-1].steps == 3


def test_good_news_does_not_cover_what_is_wrong(panel):
    thin = io.BytesIO()
    Image.new("RGB", (2000, 40), "teal").save(thin, "PNG")
    upload(panel, panel.photo, "thin.png", thin.getvalue())
    assert "at least 16 px a side" in panel.message.value


def test_continue_after_the_end(panel):
    panel.start.click()
    assert panel.painter.wait(SECONDS)
    panel.resume.click()
    assert panel.painter.wait(SECONDS)
    assert [part.steps for part in panel.painter.parts] == [3, 3]


def test_reset_forgets_and_start_begins_again(panel, by_hand):
    begin = panel.view.value
    panel.start.click()
    by_hand.until_there_are(panel, 1)
    panel.again.click()
    assert panel.painter.state == "ready" and panel.view.value == begin and enabled(panel) == {"start"}
    panel.start.click()                                 # while the old thread is still in its step
    by_hand.until_the_end(panel)
    assert torch.equal(panel.painter.picture, transfer.stylize(PHOTO, PAINTING, 64, 3, progress=False).image)


def test_the_start_picture_is_shown_before_the_start(panel):
    seen = {panel.view.value}
    mosaic = (DATA / "style" / "mosaic.jpg").as_posix()
    for knob, value in ((panel.init, "noise"), (panel.init, "style"), (panel.painting, mosaic),
                        (panel.size, 96)):
        knob.value = value
        assert panel.view.value not in seen
        seen.add(panel.view.value)


def test_it_begins_at_once_unless_layers_are_chosen(panel):
    """A start painted with all five layers would hide what the others do alone."""
    assert "Below 128 px" in panel.status.value
    panel.size.value = 128
    assert panel.settings()["init"] == "auto" and "in one pass" in panel.view.alt
    assert "starts from the photo" not in panel.status.value
    panel.layers["relu1_1"].value = False
    assert "starts from the photo" in panel.status.value
    assert panel.view.alt == "The photo china, from which the painting will start"
    assert panel.view.value == jpeg(load_image(PHOTO, 128), 92)


@pytest.mark.parametrize("keep_colors", [False, True])
@pytest.mark.parametrize("init", ["auto", "content", "noise", "style"])
def test_what_is_shown_is_what_the_transfer_starts_from(init, keep_colors, panel, photo, painting):
    size = 128 if init == "auto" else 64        # from 128 px on it starts from one pass
    panel.size.value, panel.init.value, panel.keep_colors.value = size, init, keep_colors
    knobs = Settings(size=size, steps=1, init=init, keep_colors=keep_colors)
    start = next(transfer.stylize_steps(PHOTO, PAINTING, knobs)).origin
    if start is None:           # noise
        start = start_picture("noise", photo, painting, knobs.seed)
        start = with_colors_of(start, photo) if keep_colors else start
    assert panel.view.value == jpeg(start, 92)


def test_save_writes_the_picture_and_code_that_makes_it_again(panel, tmp_path, by_hand, monkeypatch):
    monkeypatch.chdir(tmp_path)
    panel.start.click()
    by_hand.until_there_are(panel, 1)
    panel.style_weight.value = 10.0                     # a knob on the way, so that one call cannot do it
    paused(panel, by_hand, 2)
    panel.save.click()
    assert "playground-1.png" in panel.message.value and "<pre>" not in panel.message.value
    saved = load_image(tmp_path / "playground-1.png")
    code = (tmp_path / "playground-1.py").read_text("utf-8")
    assert code.startswith(shown_code(panel)) and "stylize_steps" in code
    (tmp_path / "playground-1.png").unlink()
    assert torch.equal(run(code)["picture"], panel.painter.picture)
    assert torch.equal(load_image(tmp_path / "playground-1.png"), saved)
    panel.save.click()
    assert (tmp_path / "playground-2.png").exists()


def test_an_error_in_the_thread_is_shown_in_plain_words(panel, monkeypatch):
    def broken(*arguments, **settings):
        yield from ()
        raise ArithmeticError("the style loss became nan: lower <its> weight")

    monkeypatch.setattr(painter_module, "stylize_steps", broken)
    panel.start.click()
    assert panel.painter.wait(SECONDS)
    assert panel.painter.state == "failed" and enabled(panel) == {"start", "resume", "again"}
    assert "became nan: lower &lt;its&gt; weight" in panel.message.value
    assert "Traceback" not in panel.message.value
    monkeypatch.undo()
    panel.start.click()
    assert not panel.message.value
    assert panel.painter.wait(SECONDS) and panel.painter.state == "finished"


def test_a_picture_that_has_gone_is_an_error_in_plain_words(tmp_path):
    (tmp_path / "mine.jpg").write_bytes(PHOTO.read_bytes())
    panel = playground(content=tmp_path / "mine.jpg", folder=DATA, size=64, steps=2, save_folder=tmp_path)
    (tmp_path / "mine.jpg").unlink()
    panel.start.click()
    assert panel.painter.wait(SECONDS) and panel.painter.state == "failed"
    assert "no such file" in panel.message.value
    # the error belongs to the other photo
    panel.photo.value = (DATA / "content" / "flower.jpg").as_posix()
    assert not panel.message.value and panel.start.button_style == "primary"


@pytest.mark.parametrize("name, content, words", [
    ("text.jpg", b"just text", "text.jpg is not a picture"), ("empty.png", b"", "empty.png is empty"),
    ("half.jpg", PHOTO.read_bytes()[:9000], "half.jpg is damaged"), ("dot.png", None, "dot.png is 1x1 px")])
def test_a_bad_upload_says_what_is_wrong(panel, tmp_path, name, content, words):
    if content is None:
        file = io.BytesIO()
        Image.new("RGB", (1, 1)).save(file, "PNG")
        content = file.getvalue()
    before = panel.photo.options
    upload(panel, panel.photo, name, content)
    assert words in panel.message.value and panel.photo.options == before and not list(tmp_path.iterdir())


def test_a_bomb_and_a_file_too_large_for_upload(panel, tmp_path):
    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content
                + struct.pack(">I", zlib.crc32(kind + content)))

    header = struct.pack(">IIBBBBB", 90_000, 90_000, 8, 2, 0, 0, 0)        # width, height, ...
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")
    upload(panel, panel.photo, "bomb.png", bomb)
    assert "bomb.png has more than 80 million pixels" in panel.message.value
    # the page sends such a file's size only
    size_only = {"name": "film.tif", "size": 300 * 2**20, "start": 0}
    panel.uploads[panel.photo]._handle_custom_msg(size_only, [memoryview(b"")])
    assert "film.tif has 300 MB; 100 MB are the limit" in panel.message.value and not list(tmp_path.iterdir())
    upload(panel, panel.photo, "cup.jpg", (DATA / "content" / "coffee.jpg").read_bytes())
    assert "cup.jpg is in the gallery now" in panel.message.value


def test_a_damaged_file_in_the_folder_does_not_break_the_panel(tmp_path):
    for kind in ("content", "style"):
        shutil.copytree(DATA / kind, tmp_path / kind)
    (tmp_path / "content" / "broken.jpg").write_bytes(b"no picture")
    panel = playground(folder=tmp_path, size=64)
    assert panel.painter.state == "ready" and not panel.message.value
    before = panel.view.value
    panel.photo.value = (tmp_path / "content" / "broken.jpg").as_posix()
    assert "broken.jpg is not a picture" in panel.message.value
    assert panel.view.value != before and panel.view.alt == "No picture: the chosen file cannot be read"
    panel.photo.value = (tmp_path / "content" / "china.jpg").as_posix()
    assert panel.view.value == before and not panel.message.value


def test_a_good_upload_joins_the_gallery_and_is_painted(panel, tmp_path):
    content = (DATA / "content" / "coffee.jpg").read_bytes()
    upload(panel, panel.photo, "../my cup.jpg", content)
    path = (tmp_path / "own" / "content" / "my cup.jpg").as_posix()
    assert panel.photo.value == path and panel.photo.options[-1] == ("my cup", path)
    # another of that name
    upload(panel, panel.photo, "my cup.jpg", (DATA / "style" / "mosaic.jpg").read_bytes())
    assert panel.photo.value == (tmp_path / "own" / "content" / "my cup-2.jpg").as_posix()
    panel.photo.value = path
    assert (tmp_path / "own" / "content" / "my cup.jpg").read_bytes() == content
    upload(panel, panel.painting, "tiles.jpg", (DATA / "style" / "mosaic.jpg").read_bytes())
    again = playground(folder=DATA, size=64, save_folder=tmp_path)      # the next day it is there as well
    assert [name for name, _ in again.photo.options][-2:] == ["my cup", "my cup-2"]
    assert again.painting.options[-1] == ("tiles", panel.painting.value)
    panel.start.click()
    assert panel.painter.wait(SECONDS) and panel.painter.state == "finished"
    assert torch.equal(run(shown_code(panel))["picture"], panel.painter.picture)


def test_a_recipe_is_copied_and_sets_all_knobs(panel, tmp_path):
    panel.photo.value = (DATA / "content" / "flower.jpg").as_posix()
    panel.style_weight.value, panel.init.value = 3.0, "noise"
    panel.smoothness.value, panel.keep_colors.value, panel.layers["relu1_1"].value = 0.3, True, False
    assert not panel.share.ready and not panel.share.line       # nothing is painted yet
    panel.start.click()
    assert panel.painter.wait(SECONDS)
    other = playground(folder=DATA, size=96, save_folder=tmp_path)
    assert other.use(panel.share.line) and other.settings() == panel.settings()
    name, _, content = panel.share._make("png")
    assert (name, read_recipe(io.BytesIO(content)).line) == ("flower-starry_night.png", panel.share.line)
    _, _, code = panel.share._make("py")
    assert torch.equal(run(code.decode())["picture"], panel.painter.picture)
    panel.style_weight.value = 1.0
    panel.resume.click()
    assert panel.painter.wait(SECONDS)
    assert not panel.share.line                                 # two parts: no line can say that
    assert read_recipe(io.BytesIO(panel.share._make("png")[2])) is None


@pytest.mark.parametrize("line, words", [
    ("stylelib:1 photo=china painting=mosaic fast=yes", "no knob for the recipe's fast"),
    ("stylelib:1 photo=rome painting=mosaic", "upload it first"), ("hello", "begins with"),
    ("stylelib:1 photo=china painting=mosaic init=start.png", "does not start from"),
    ("stylelib:1 photo=china painting=mosaic keep_colors=histogram", "by luminance only")])
def test_recipes_that_the_playground_cannot_follow(panel, line, words):
    before = panel.settings()
    assert panel.use(line) is False and panel.settings() == before
    assert words in html.unescape(panel.message.value)


def test_two_panels_do_not_disturb_each_other(tmp_path):
    panels = [playground(style=style, folder=DATA, size=64, steps=3, save_folder=tmp_path)
              for style in ("starry_night", "mosaic")]
    alone = transfer.stylize(PHOTO, DATA / "style" / "mosaic.jpg", 64, 3, progress=False).image
    for panel in panels:
        panel.start.click()
    panels[0].pause.click()
    for panel in panels:
        assert panel.painter.wait(SECONDS)
    assert panels[0].painter.state == "paused" and panels[1].painter.state == "finished"
    assert torch.equal(panels[1].painter.picture, alone)


def test_other_work_goes_on_meanwhile(panel):
    panel.start.click()
    assert panel.painter.state == "painting"            # the click came back before the work was done
    assert float(torch.ones(10).sum()) == 10
    panel.pause.click()
    assert panel.painter.wait(SECONDS)


def page_says(panel, view, event):
    """What a view of the panel tells the kernel, see `Views`."""
    views = next(child for child in panel.children if isinstance(child, Views))
    views._handle_custom_msg({"view": view, "is": event}, [])


def test_a_panel_that_nobody_sees_any_more_pauses(panel, by_hand):
    page_says(panel, "1", "new")
    page_says(panel, "1", "here")
    panel.start.click()
    # a second view, as "Create New View for Cell Output" makes it
    page_says(panel, "2", "new")
    page_says(panel, "1", "here")
    page_says(panel, "2", "here")
    page_says(panel, "1", "gone")
    assert panel.painter.state == "painting"
    page_says(panel, "2", "gone")                       # its cell was run again, or deleted
    assert panel.painter.state == "paused"


def test_a_reloaded_page_counts_once(panel, by_hand):
    page_says(panel, "1", "new")
    page_says(panel, "1", "here")
    panel.start.click()
    page_says(panel, "2", "new")                        # the page of "1" has gone without a word
    page_says(panel, "2", "here")
    assert panel.painter.state == "painting"
    page_says(panel, "2", "gone")
    assert panel.painter.state == "paused"


def test_a_cell_run_again_stops_the_panel_that_it_showed(panel, by_hand, tmp_path, monkeypatch, capsys):
    """Even if the page never drew that one, and so tells nothing of it."""
    def show(panel, cell, run):
        message = {"metadata": {"cellId": cell}, "header": {"msg_id": run}}
        monkeypatch.setattr(still, "get_ipython", lambda: SimpleNamespace(get_parent=lambda: message))
        panel._ipython_display_()

    other, third = (playground(folder=DATA, size=64, steps=3, save_folder=tmp_path) for _ in range(2))
    show(panel, "cell 1", "run 1")
    show(other, "cell 1", "run 1")                      # two in one cell may both paint
    for painting in (panel, other):
        painting.start.click()
    show(third, "cell 2", "run 2")
    show(panel, "cell 1", "run 3")
    assert panel.painter.state == "painting" and other.painter.state == "paused"
    show(third, "cell 1", "run 4")
    assert panel.painter.state == "paused"
    by_hand.release(1000)
    assert panel.painter.wait(SECONDS) and other.painter.wait(SECONDS)


def test_another_photo_is_a_new_start(panel, by_hand):
    """No ghost of the photo before; and nothing is lost by a slip."""
    china, flower = panel.photo.value, (DATA / "content" / "flower.jpg").as_posix()
    started_and_paused(panel, by_hand)
    painted, history = panel.view.value, list(panel.painter.history)
    panel.photo.value = flower
    assert panel.view.value not in (painted, "")
    assert panel.view.alt == "The photo flower, from which the painting will start"
    assert enabled(panel) == {"start"} and panel.start.button_style == "primary"
    assert panel.resume.button_style == ""
    assert "State</dt><dd>ready" in panel.status.value and "picture of china" in panel.status.value
    assert panel.bar.value == 0
    assert "flower" in shown_code(panel)
    panel.photo.value = china                           # back again: all is as it was
    assert panel.view.value == painted and panel.painter.history == history and "resume" in enabled(panel)
    assert panel.view.alt == "The photo china, painted in the style of starry night"
    assert "china" in shown_code(panel)
    panel.photo.value = flower
    panel.start.click()
    by_hand.until_the_end(panel)
    assert torch.equal(panel.painter.picture, transfer.stylize(flower, PAINTING, 64, 3, progress=False).image)


def test_another_photo_while_it_paints_pauses_and_is_shown(panel, by_hand):
    panel.start.click()
    by_hand.until_there_are(panel, 1)
    panel.photo.value = (DATA / "content" / "flower.jpg").as_posix()
    shown = panel.view.value
    by_hand.release()
    assert panel.painter.wait(SECONDS)
    assert panel.painter.state == "paused" and panel.view.value == shown
    assert panel.view.alt.startswith("The photo flower, from")
    # by code: the button is locked. Nothing to go on from: a start
    panel.resume.click()
    by_hand.release(1000)
    assert panel.painter.wait(SECONDS) and len(panel.painter.parts) == 1
    with pytest.raises(ValueError, match=r"this picture is of .*flower\.jpg: press Start"):
        panel.painter.turn({**panel.settings(), "content": PHOTO.as_posix()})


def test_where_to_start_from_is_said_to_count_at_the_next_start(panel):
    panel.start.click()
    assert panel.painter.wait(SECONDS)
    panel.init.value = "noise"
    assert "counts at the next Start" in panel.status.value
    assert "content" not in panel.code.value.partition("steps=")[2]


@pytest.mark.parametrize("knob, value",
                         [("painting", (DATA / "style" / "mosaic.jpg").as_posix()),
                          ("style_weight", 100.0), ("smoothness", 30.0)])
def test_a_knob_turned_late_changes_the_picture(panel, knob, value):
    panel.painter.steps = 12
    panel.start.click()
    assert panel.painter.wait(SECONDS)
    finished = panel.painter.picture
    getattr(panel, knob).value = value
    panel.resume.click()
    assert panel.painter.wait(SECONDS)
    assert 255 * (panel.painter.picture - finished).abs().mean() > 3       # grey levels


def test_the_right_end_of_smoothness_is_visible(panel):
    """A knob that does nothing would teach that total variation is useless."""
    _, values = zip(*panel.smoothness.options)
    assert values[0] == 0 and min(later / earlier for earlier, later in pairwise(values[1:])) >= 1.5

    def restless(weight):
        result = transfer.stylize(PHOTO, PAINTING, 64, 15, tv_weight=weight, progress=False)
        return total_variation(result.image)

    assert restless(values[-1]) < 0.75 * restless(0.0)


def test_pause_does_not_wait_for_the_network(panel, monkeypatch):
    """Its weights may have to be fetched first, and that takes as long as it takes."""
    asked, arrived = threading.Event(), threading.Event()

    def slow_network():
        asked.set()
        assert arrived.wait(SECONDS)
        return load_network()

    monkeypatch.setattr(painter_module, "shared_network", slow_network)
    panel.start.click()
    assert asked.wait(SECONDS)
    pressed = threading.Thread(target=panel.pause.click, daemon=True)
    pressed.start()
    pressed.join(5)
    answered, state = not pressed.is_alive(), panel.painter.state
    arrived.set()
    assert answered and state == "paused" and panel.painter.wait(SECONDS) and not panel.painter.history
    panel.resume.click()
    assert panel.painter.wait(SECONDS) and panel.painter.state == "finished"


def test_python_ends_at_once_while_a_panel_paints(tmp_path):
    code = ("from stylelib.widgets import playground; "
            f"playground(folder={str(DATA)!r}, size=64, steps=10000).start.click()")
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 0 and not ended.stderr


@pytest.mark.parametrize("wrong, words", [({"size": -3}, "size must be"), ({"steps": 0}, "steps must be"),
                                          ({"content": "no_such"}, "no such file"),
                                          ({"folder": "nowhere"}, "no folder nowhere")])
def test_wrong_arguments(wrong, words):
    with pytest.raises(ValueError, match=words):
        playground(**{"folder": DATA, **wrong})


def test_what_is_left_without_a_kernel(panel, monkeypatch):
    """A still picture in an output of its own: in one with the widget, it would not be seen the next day."""
    outputs = []                                        # what the cell stores that shows it
    monkeypatch.setattr(still, "display",
                        lambda data, metadata=None, raw=False: outputs.append((data, metadata)))
    random = torch.rand(1, 3, 20, 30)
    for widget in (panel, before_after(random, random), contact_sheet({(1, 2): random})):
        outputs.clear()
        widget._ipython_display_()
        (picture, metadata), (live, _) = outputs
        assert Image.open(io.BytesIO(base64.b64decode(picture["image/jpeg"]))).format == "JPEG"
        assert WIDGET_VIEW in live and WIDGET_VIEW not in picture and "image/jpeg" not in live
        assert metadata == {"image/jpeg": {"alt": picture["text/plain"]}}
        assert live["text/plain"] == repr(widget)
        assert repr(widget) in picture["text/plain"]
        assert widget.model_id not in picture["text/plain"] + live["text/plain"]
    assert repr(playground(folder=DATA)) == repr(panel)


def test_the_still_picture_shows_a_result_too():
    pictures = [Image.open(io.BytesIO(playground(folder=DATA, size=64, still=painted).still))
                for painted in (None, load_image(PAINTING, 96))]
    widths = [picture.width for picture in pictures]
    assert widths[0] >= 480 and widths[1] >= 1.4 * widths[0]


def test_pictures_have_alternative_text(panel, random):
    assert panel.view.alt == "The photo china, from which the painting will start"
    assert "Loss curves" in panel.curves.alt
    panel.init.value = "noise"
    assert panel.view.alt.startswith("Grey with a little noise")
    panel.painting.value = (DATA / "style" / "mosaic.jpg").as_posix()
    panel.start.click()
    assert panel.painter.wait(SECONDS)
    assert panel.view.alt == "The photo china, painted in the style of mosaic"
    panel.painting.value = PAINTING.as_posix()          # chosen, but not painted yet
    assert panel.view.alt == "The photo china, painted in the style of mosaic"
    panel.resume.click()
    assert panel.painter.wait(SECONDS)
    assert panel.view.alt == "The photo china, painted in the style of mosaic, then of starry night"
    pictures = random(1, 3, 20, 30), random(1, 3, 20, 30)
    pair = before_after(*pictures, ("photo", "painted"))
    table = contact_sheet({(1, 2): pictures[0], (1, 3): pictures[1]})
    pair.slider.value, table.second.value = 20, 3
    assert pair.view.alt == "photo on the left, painted on the right; the border at 20 %"
    assert table.view.alt == "row 1, column 3" and table.overview.alt


def test_before_after(random):
    first, second = random(1, 3, 20, 30), random(1, 3, 20, 30)
    panel = before_after(first, second)
    seen = {panel.view.value}
    for share in (0, 25, 100):
        panel.slider.value = share
        assert panel.view.value not in seen
        seen.add(panel.view.value)
    with pytest.raises(ImageError, match="the same shape"):
        before_after(first, random(1, 3, 20, 20))


def test_contact_sheet(random):
    pictures = {(row, column): random(1, 3, 20, 30) for row in (0.1, 1.0, 10.0) for column in ("few", "many")}
    panel = contact_sheet(pictures, ("style weight", "layers"))
    assert panel.first.label == "0.1" and panel.second.options == (("few", "few"), ("many", "many"))
    seen, overviews = {panel.view.value}, {panel.overview.value}
    for row, column in list(pictures)[1:]:
        panel.first.value, panel.second.value = row, column
        seen.add(panel.view.value)
        overviews.add(panel.overview.value)
    assert len(seen) == len(overviews) == 6
    with pytest.raises(ValueError, match="missing"):
        contact_sheet({(1, 1): random(1, 3, 20, 30), (2, 2): random(1, 3, 20, 30)})
