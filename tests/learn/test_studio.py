"""The studio without a browser: knobs turned and buttons pressed from Python, at 64 px."""
import html
import io
from pathlib import Path

import pytest
import torch
from PIL import Image

from stylelib import ImageError, read_recipe
from stylelib.learn.widgets import easel, studio
from stylelib.learn.widgets import painter as painter_module
from stylelib.learn.widgets.dials import COLORS, PRESETS
from stylelib.learn.widgets.making import MOST

from ..conftest import DATA, PAINTING, PHOTO

SECONDS = 120               # to wait for a thread on a busy machine
MOSAIC = (DATA / "style" / "mosaic.jpg").as_posix()


@pytest.fixture
def panel(tmp_path):
    made = studio(folder=DATA, size=64, steps=3, save_folder=tmp_path)
    yield made
    made.painter.reset()
    assert made.painter.wait(SECONDS)


@pytest.fixture
def no_network(monkeypatch):
    def missing():
        raise OSError("the weights cannot be fetched")

    monkeypatch.setattr(painter_module, "shared_network", missing)


def finished(panel):
    panel.finish.click()
    assert panel.painter.wait(SECONDS) and panel.painter.error is None
    return panel


def shown_code(panel):
    return html.unescape(panel.code.value.partition("<pre><code>")[2].partition("</code></pre>")[0])


def run(code):
    names = {}
    exec(code, names)
    return names["picture"]


def paint_mask(panel, box, size=(64, 43)):
    """What the page sends after a stroke: a rectangle of white on black."""
    mask, file = Image.new("L", size), io.BytesIO()
    if box:
        mask.paste(255, box)
    mask.save(file, "PNG")
    panel.stage._handle_custom_msg({"is": "mask"}, [memoryview(file.getvalue())])


def test_the_picture_follows_each_knob(panel):
    """And what belongs to it does as well: words, recipe, code."""
    seen = {panel.stage.value}
    lines, words = {panel.share.line}, {panel.stage.alt}
    dials = panel.dials
    for knob, value in ((dials.strength, 0.5), (dials.second, MOSAIC), (dials.mixture, 0.2),
                        (panel.painting, "style:4"), (dials.size, 128)):
        knob.value = value
        seen.add(panel.stage.value)
        lines.add(panel.share.line)
        words.add(panel.stage.alt)
        assert torch.equal(run(shown_code(panel)), panel.picture)
    assert len(seen) == len(lines) == 6 and len(words) == 5     # the size is not said
    for knob, value in ((dials.strokes, 2.0), (dials.colors, "luminance")):
        knob.value = value
        assert panel.stage.value not in seen


def test_a_mixture_needs_a_second_painting(panel):
    assert panel.dials.mixture.disabled
    panel.dials.second.value = "style:2"
    assert not panel.dials.mixture.disabled
    panel.dials.second.value = ""
    assert panel.dials.mixture.disabled


def test_another_photo_is_shown_at_once(panel):
    paint_mask(panel, (0, 0, 30, 30))
    before = panel.stage.before
    panel.photo.value = (DATA / "content" / "flower.jpg").as_posix()
    assert panel.stage.alt.startswith("The photo flower") and panel.stage.before != before
    assert not panel.wish.mask and not panel.stage.mask         # that was of the other photo
    paint_mask(panel, None)                                     # all erased: none, but the page shows it
    panel.photo.value = PHOTO.as_posix()
    assert not panel.stage.mask


def test_a_damaged_file_is_no_end(panel, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    panel.photo.value = (tmp_path / "broken.jpg").as_posix()
    assert "broken.jpg is not a picture" in panel.message.value and panel.picture is None
    assert panel.stage.alt == "No picture" and panel.finish.disabled and not panel.share.ready
    assert not panel.share.line and not panel.code.value
    panel.photo.value = PHOTO.as_posix()
    assert panel.share.ready and not panel.finish.disabled and not panel.message.value


def test_finishing_goes_on_from_what_is_seen(panel):
    started = panel.picture
    finished(panel)
    assert panel.painter.state == "finished" and panel.finish.disabled and panel.steps == 3
    assert not torch.equal(panel.picture, started)
    assert torch.equal(run(shown_code(panel)), panel.painter.picture)
    assert panel.stage.alt.endswith("painted on for 3 steps") and "stopped=3" in panel.share.line
    # back in time: all is that of the earlier picture
    panel.time.value = 1
    assert panel.steps == 1 and panel.stage.alt.endswith("for 1 step") and "stopped=1" in panel.share.line
    assert (run(shown_code(panel)) - panel.picture).abs().max() < 0.003         # a stage is kept in 8 bits
    panel.time.value = 0
    assert torch.equal(run(shown_code(panel)), started) and "in one pass" in panel.stage.alt
    # a knob: what the network paints at once
    panel.dials.strength.value = 0.5
    assert panel.painter.state == "ready" and panel.time.disabled and panel.finish.description == "Finish it"


def test_what_fails_before_the_first_step_is_said(panel, no_network):
    panel.finish.click()
    assert panel.painter.wait(SECONDS) and panel.painter.state == "failed"
    assert "the weights cannot be fetched" in panel.message.value and "Computing" not in panel.hint.value
    assert panel.finish.description == "Go on" and not panel.finish.disabled


def test_what_fails_on_the_way_and_goes_on_has_the_code_of_both_parts(panel):
    finished(panel)
    panel.finish.click()                                        # by code: the button is locked
    assert panel.painter.wait(SECONDS) and panel.steps == 3
    panel.painter.state = "failed"
    finished(panel)
    assert panel.steps == 6 and torch.equal(run(shown_code(panel)), panel.painter.picture)
    panel.time.value = 5
    assert (run(shown_code(panel)) - panel.picture).abs().max() < 0.003
    panel.time.value = 2
    assert (run(shown_code(panel)) - panel.picture).abs().max() < 0.003


def test_who_goes_back_in_time_is_not_pulled_forth(panel):
    """By the step that was under way when the slider was moved."""
    finished(panel)
    panel.time.value = 1
    panel.making.add(4, panel.painter.picture)
    panel._follow()
    assert panel.steps == 1 and panel.time.value == 1 and panel.time.max == 4


def test_who_went_back_sees_the_same_picture_when_every_second_stage_is_forgotten(panel):
    finished(panel)
    for steps in range(4, MOST):
        panel.making.add(steps, panel.painter.picture * steps / 1000)
    panel._follow()
    panel.time.value = 50
    before = panel.picture
    panel.painter.parts[-1].steps = MOST                        # the step that was under way
    panel._follow()
    assert len(panel.making.frames) < MOST and panel.steps == 50 and torch.equal(panel.picture, before)
    panel._follow()
    assert panel.steps == 50


def test_it_can_be_stopped_and_go_on(panel):
    panel.painter.steps = 10_000
    panel.finish.click()
    assert panel.finish.description == "Stop"
    while not panel.painter.history:
        pass
    panel.finish.click()
    assert panel.painter.wait(SECONDS) and panel.painter.state == "paused"
    assert panel.finish.description == "Go on" and not panel.finish.disabled
    count = len(panel.painter.history)
    panel.time.value = 0
    panel.finish.click()
    while len(panel.painter.history) <= count:
        pass
    assert panel.steps >= count                                 # and it shows that again
    panel.rest()                                                # the page was closed
    assert panel.painter.wait(SECONDS) and panel.painter.state == "paused"


def test_what_has_no_credits_is_called_by_its_name(panel):
    tooltips = panel.painting._buttons.tooltips
    assert "style 7" in tooltips and any("van Gogh" in tooltip for tooltip in tooltips)
    panel.photo.bring("cup_of_tea.jpg", (DATA / "content" / "coffee.jpg").read_bytes())
    assert panel.photo._buttons.tooltips[-1] == "cup of tea"


def test_a_built_in_style_cannot_be_finished_and_says_why(panel):
    panel.painting.value = "style:9"
    assert panel.finish.disabled and "has no painting" in panel.hint.value and not panel.stage.painting


def test_a_mask_keeps_the_photo_outside(panel):
    whole = panel.picture
    paint_mask(panel, (0, 0, 20, 43))
    assert torch.equal(panel.picture[..., :20], whole[..., :20])
    assert 255 * (panel.picture[..., 22:] - whole[..., 22:]).abs().mean() > 10
    assert "mask=mask-china-" in panel.share.line and "only where the mask says so" in panel.stage.alt
    assert torch.equal(run(shown_code(panel)), panel.picture)
    finished(panel)
    assert torch.equal(run(shown_code(panel)), panel.painter.picture)
    paint_mask(panel, None)                                     # all erased
    assert torch.equal(panel.picture, whole) and "counts as none" in panel.message.value
    panel.stage._handle_custom_msg({"is": "mask"}, [memoryview(b"")])
    assert torch.equal(panel.picture, whole) and not panel.message.value


def test_a_recipe_sets_all_knobs(panel, tmp_path):
    other = studio("flower", "style:3", DATA, 96, 3, tmp_path)
    other.dials.second.value, other.dials.mixture.value = MOSAIC, 0.25
    other.dials.strength.value, other.dials.strokes.value = 0.7, 2.0
    paint_mask(other, (0, 0, 40, 40), (96, 64))
    assert panel.use(f"  {other.share.line}\n")
    assert panel.wish == other.wish and torch.equal(panel.picture, other.picture)
    assert panel.stage.mask == other.stage.mask and "as the recipe says" in panel.message.value
    before = panel.wish
    assert panel.use("stylelib:1 photo=rome painting=mosaic") is False
    assert "upload it first" in panel.message.value and panel.wish == before


def test_a_mask_whose_recipe_was_copied_stays(panel):
    paint_mask(panel, (0, 0, 20, 43))
    line, picture = panel.share.line, panel.picture
    panel.share._handle_custom_msg({"is": "copied"}, [])
    paint_mask(panel, (0, 0, 30, 43))
    assert panel.use(line) and torch.equal(panel.picture, picture)


def test_a_mask_that_cannot_be_written_counts_as_none(panel, monkeypatch):
    """Picture, code and what "Finish it" would take are without the one before it, too."""
    whole = panel.picture
    paint_mask(panel, (0, 0, 20, 43))

    def full(photo, content):
        raise OSError("no space left")

    monkeypatch.setattr(panel.masks, "write", full)
    paint_mask(panel, (0, 0, 30, 43))
    assert "no space left" in panel.message.value and not panel.wish.mask
    assert torch.equal(panel.picture, whole) and torch.equal(run(shown_code(panel)), whole)


def test_good_news_does_not_cover_what_is_wrong(panel):
    assert panel.use("stylelib:1 photo=china painting=mosaic size=16 fast=yes")
    assert panel.picture is None and "at least 16 px a side" in panel.message.value
    assert panel.use("stylelib:1 photo=china painting=mosaic size=64 style_scale=0.001 fast=yes")
    assert "This did not work.</b> a picture of 64x43 px needs" in panel.message.value


def test_the_download_carries_its_recipe(panel):
    panel.dials.strength.value = 0.5
    name, kind, content = panel._download("png")
    recipe = read_recipe(io.BytesIO(content))
    assert (name, kind) == ("china-starry_night.png", "image/png") and recipe.line == panel.share.line
    assert recipe.credits["starry_night"].rights.startswith("public domain")
    _, _, film = panel._download("gif")
    assert Image.open(io.BytesIO(film)).n_frames > 10


def test_what_cannot_be_downloaded_is_said(panel, monkeypatch):
    sent = []
    monkeypatch.setattr(panel.share, "send", lambda content, buffers=None: sent.append((content, buffers)))
    panel.share._handle_custom_msg({"is": "download", "kind": "png"}, [])
    panel.picture = None
    panel.share._handle_custom_msg({"is": "download", "kind": "png"}, [])
    panel.share._make = lambda kind: bytearray(2**62)           # more than any machine has
    panel.share._handle_custom_msg({"is": "download", "kind": "png"}, [])
    assert [content["is"] for content, _ in sent] == ["file", "failed", "failed"]
    assert "no picture yet" in sent[1][0]["words"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_asks_a_question(panel, name):
    panel.dials.strength.value = 0.2
    panel.presets[name].click()
    assert PRESETS[name][1] in html.unescape(panel.message.value) and "?" in panel.message.value
    assert easel.recipe(panel.wish).line == panel.share.line
    assert panel.wish.photo == PHOTO.as_posix() and panel.wish.painting == PAINTING.as_posix()


def test_uploads_stay(panel, tmp_path):
    content = (DATA / "content" / "coffee.jpg").read_bytes()
    for gallery in (panel.photo, panel.painting):
        gallery.source._handle_custom_msg({"name": "cup.jpg", "size": len(content), "start": 0},
                                          [memoryview(content)])
    assert panel.wish.photo == (tmp_path / "own" / "content" / "cup.jpg").as_posix()
    assert panel.wish.painting == (tmp_path / "own" / "style" / "cup.jpg").as_posix()
    assert ("cup", panel.wish.painting) in panel.dials.second.options
    assert "in the gallery now" in panel.message.value
    panel.photo.source._handle_custom_msg({"complaint": "The webcam gives no picture."}, [])
    assert "The webcam gives no picture." in panel.message.value
    again = studio("cup", "cup", DATA, 64, 3, tmp_path)
    assert again.wish == panel.wish


def test_an_uploaded_picture_of_a_known_name_gets_another(panel):
    """A recipe names a picture without its folder, and must not mean another one."""
    coffee, flower = ((DATA / "content" / f"{name}.jpg").read_bytes() for name in ("coffee", "flower"))
    for name, content, stem in (("flower.jpg", coffee, "flower-2"), ("flower.png", flower, "flower-3"),
                                ("flower.jpg", coffee, "flower-2")):
        assert panel.photo.bring(name, content)
        chosen, picture = panel.wish.photo, panel.picture
        assert Path(chosen).stem == stem
        panel.photo.value = PHOTO.as_posix()
        assert panel.use(f"stylelib:1 photo={stem} painting=starry_night size=64 fast=yes")
        assert panel.wish.photo == chosen and torch.equal(panel.picture, picture)


@pytest.mark.parametrize("name", ["cup.jfif", "cup", "cup.JPG"])
def test_what_was_uploaded_is_there_tomorrow_whatever_its_ending(panel, tmp_path, name):
    panel.photo.bring(name, (DATA / "content" / "coffee.jpg").read_bytes())
    assert panel.picture is not None
    again = studio("cup", folder=DATA, size=64, save_folder=tmp_path)
    assert again.wish.photo == panel.wish.photo and torch.equal(again.picture, panel.picture)


def test_what_is_left_without_a_kernel(panel):
    still = Image.open(io.BytesIO(panel.still))
    assert still.width > 800 and still.height > 350 and repr(panel).startswith("Studio:")
    assert repr(studio("flower", "style:3", DATA)) == repr(panel)


def test_each_colour_has_words():
    assert set(COLORS.values()) == {False, "luminance", "covariance", "histogram"}


@pytest.mark.parametrize("wrong, error, words", [
    ({"size": -3}, ValueError, "size must be"), ({"steps": 0}, ValueError, "steps must be"),
    ({"photo": "no_such"}, ImageError, "no such file"), ({"painting": "style:26"}, ImageError, "style:26"),
    ({"folder": Path("nowhere")}, ImageError, "no folder nowhere")])
def test_wrong_arguments(wrong, error, words):
    with pytest.raises(error, match=words):
        studio(**{"folder": DATA, **wrong})
