"""Style transfer as a whole, on small pictures: it works, settings do what they say, bad ones are refused."""
import inspect
import io
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from stylelib import (
    DivergenceError,
    ImageError,
    Painting,
    Settings,
    TransferLoss,
    gram_matrix,
    load_image,
    load_network,
    resize_image,
    settings,
    stylize,
    stylize_steps,
)
from stylelib.images import to_pil
from stylelib.margin import MARGIN, even_reflection, reflect
from stylelib.networks import Preprocessing
from stylelib.objective import CONTENT_LAYERS, STYLE_LAYERS
from stylelib.optimize import METHODS
from stylelib.plan import make_plan
from stylelib.prepare import COLORS
from stylelib.settings import defaults
from stylelib.style.colors import luminance, match_luminance, with_colors_of
from stylelib.style.statistics import STATISTICS

from ..conftest import PAINTING, PHOTO

transfer_module = sys.modules["stylelib.transfer"]
TINY = {"size": 64, "steps": 6, "progress": False, "device": "cpu"}


@pytest.fixture(scope="module")
def transfer(vgg):
    return stylize(PHOTO, PAINTING, size=64, steps=60, progress=False, network=vgg, device="cpu")


def test_a_real_transfer(transfer, photo, painting, vgg):
    """The style loss falls more than tenfold; the picture has left the photo, but not far."""
    image = transfer.image
    loss = TransferLoss(vgg, photo, painting, style_weight=1.0)
    with torch.no_grad():
        before, after = loss(photo), loss(image)
    assert image.shape == photo.shape and image.dtype == torch.float32
    assert 0 <= image.min() and image.max() <= 1
    assert transfer.history[0].losses["style"] > 10 * transfer.history[-1].losses["style"]
    assert after["style"] < before["style"] / 5
    assert after["content"] < 1.0                  # 1 is as far from the photo as an empty picture
    assert (image - photo).abs().mean() > 0.03
    assert not transfer.interrupted


def test_history(transfer):
    assert [step.index for step in transfer.history] == list(range(1, 61))
    assert transfer.history[-1].evaluations == 61
    assert set(transfer.history[0].losses) == {"content", "style"}
    assert transfer.history[0].total == sum(transfer.history[0].losses.values())


def test_the_same_seed_gives_the_same_picture(vgg):
    pictures = [stylize(PHOTO, PAINTING, init="noise", seed=seed, network=vgg, **TINY).image
                for seed in (1, 1, 2)]
    assert torch.equal(pictures[0], pictures[1]) and not torch.allclose(pictures[0], pictures[2], atol=0.05)


def test_tensors_and_files_are_the_same(vgg, photo):
    from_file = stylize(PHOTO, PAINTING, network=vgg, **TINY).image
    from_tensor = stylize(photo, load_image(PAINTING, 64), network=vgg, **TINY).image
    assert torch.equal(from_file, from_tensor)


def test_style_weight_moves_the_balance(vgg, photo, painting):
    loss = TransferLoss(vgg, photo, painting)
    ends = {}
    for weight in (0.05, 20.0):
        settings = {"size": 64, "steps": 25, "style_weight": weight, "network": vgg, "progress": False}
        image = stylize(photo, painting, **settings).image
        with torch.no_grad():
            ends[weight] = loss(image)
    assert ends[0.05]["content"] < ends[20.0]["content"] / 2
    assert ends[0.05]["style"] > ends[20.0]["style"] * 2


def test_starts(vgg, photo, painting):
    starts = {"content": "content", "noise": "noise", "style": "style", "picture": photo.flip(3)}
    first = {}
    for name, init in starts.items():
        settings = Settings(size=64, steps=1, init=init)
        first[name] = next(stylize_steps(photo, painting, settings, network=vgg)).image
    assert (first["content"] - photo).abs().mean() < 0.02
    assert (first["picture"] - photo.flip(3)).abs().mean() < 0.02
    assert (first["noise"] - photo).abs().mean() > 0.1 and (first["style"] - photo).abs().mean() > 0.1


def test_keep_colors(vgg, photo, painting):
    image = stylize(photo, painting, size=64, steps=20, keep_colors=True, network=vgg, progress=False).image
    inside = ((image > 0.01) & (image < 0.99)).all(dim=1)          # where no channel was cut off
    chroma = lambda picture: (picture - luminance(picture)).permute(0, 2, 3, 1)[inside]      # noqa: E731
    assert inside.float().mean() > 0.5 and torch.allclose(chroma(image), chroma(photo), atol=1e-4)
    assert (luminance(image) - luminance(photo)).abs().mean() > 0.02


def test_luminance_of_the_primaries(random):
    primaries = torch.eye(3).view(3, 3, 1, 1)
    assert luminance(primaries).flatten().tolist() == pytest.approx([0.299, 0.587, 0.114])
    photo = random(1, 3, 8, 8) * 0.2 + 0.4
    assert torch.allclose(with_colors_of(photo, photo), photo)
    matched = match_luminance(random(1, 1, 9, 9) * 0.1, luminance(photo))
    assert matched.mean() == pytest.approx(luminance(photo).mean().item(), abs=1e-3)
    assert matched.std() == pytest.approx(luminance(photo).std().item(), abs=1e-3)


def test_relative_losses_are_one_for_an_empty_picture(photo, painting):
    """Checked with a network whose activations vanish for a black picture: no bias, no mean."""
    network = load_network(weights=None)
    network.preprocessing = Preprocessing("RGB", 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    terms = TransferLoss(network, photo, painting, style_weight=1.0)(torch.zeros_like(photo))
    assert terms["content"].item() == pytest.approx(1, rel=1e-4)
    assert terms["style"].item() == pytest.approx(1, rel=1e-4)


def test_plain_losses_are_the_papers(vgg, photo, painting):
    loss = TransferLoss(vgg, photo, painting, content_layers={"relu4_2": 2.0}, style_weight=1.0,
                        style_layers={"relu1_1": 1.0, "relu3_1": 0.5}, relative=False)
    terms = loss(painting[:, :, :photo.shape[2]])
    image = vgg(painting[:, :, :photo.shape[2]], ["relu4_2", "relu1_1", "relu3_1"])
    P, S = vgg(photo, ["relu4_2"]), vgg(painting, ["relu1_1", "relu3_1"])
    content = 2 * (image["relu4_2"] - P["relu4_2"]).square().mean()
    E = {}
    for layer in S:
        difference = gram_matrix(image[layer]) - gram_matrix(S[layer])
        E[layer] = difference.square().sum() / (4 * S[layer].shape[1] ** 2)
    assert terms["content"].item() == pytest.approx(content.item(), rel=1e-3)
    assert terms["style"].item() == pytest.approx((E["relu1_1"] + 0.5 * E["relu3_1"]).item(), rel=1e-3)


def test_total_variation_smooths(vgg, photo, painting):
    settings = {"size": 64, "steps": 25, "network": vgg, "progress": False}
    rough, smooth = (stylize(photo, painting, tv_weight=weight, **settings) for weight in (0.0, 20.0))
    variation = lambda result: result.image.diff(dim=3).abs().mean()     # noqa: E731
    assert variation(smooth) < 0.8 * variation(rough) and "smoothness" in smooth.history[0].losses


@pytest.mark.parametrize("size, steps, scales, expected", [
    ((171, 256), 180, None, [(43, 64), (86, 128), (171, 256)]),
    ((171, 256), 180, 1, [(171, 256)]),
    ((171, 256), 2, None, [(86, 128), (171, 256)]),
    ((64, 64), 50, None, [(64, 64)]),
    ((16, 900), 50, None, [(16, 900)]),
    *[((1024, 1024), steps, None, [(64, 64), (128, 128), (256, 256), (512, 512), (1024, 1024)])
      for steps in (5, 6, 7, 8, 40)],
    ((2048, 2048), 6, None, [(64, 64), (128, 128), (256, 256), (512, 512), (1024, 1024), (2048, 2048)]),
])
def test_coarse_to_fine(size, steps, scales, expected):
    plan = make_plan(size, steps, scales)
    assert [(height, width) for height, width, _ in plan] == expected
    counts = [n for _, _, n in plan]
    assert sum(counts) == steps and min(counts) >= 1
    if steps >= 40:
        assert counts[0] + 1 >= max(counts)
        assert len(counts) < 3 or min(counts[0], counts[-1]) > max(counts[1:-1])


def test_a_finer_scale_starts_from_the_coarser_picture(vgg):
    painting = load_image(PAINTING, 128)
    steps = list(stylize_steps(PHOTO, painting, Settings(size=128, steps=17, init="content", device="cpu"),
                               network=vgg))
    coarse = next(step for step in reversed(steps) if step.image.shape[3] == 64)
    fine = next(step for step in steps if step.image.shape[3] == 128)
    large_photo = load_image(PHOTO, 128)
    change = lambda picture: (picture - large_photo).flatten()      # noqa: E731
    assert torch.cosine_similarity(change(fine.image), change(coarse.at_full_size()), dim=0) > 0.7


@pytest.mark.parametrize("keep_colors", [False, True])
def test_a_coarse_picture_is_shown_with_the_photos_fine_detail(vgg, keep_colors):
    photo = load_image(PHOTO, 128)
    settings = Settings(size=128, steps=6, init="content", keep_colors=keep_colors, device="cpu")
    step = next(stylize_steps(photo, PAINTING, settings, network=vgg))
    blurred = resize_image(step.image, *photo.shape[2:])
    assert step.image.shape[3] == 64
    # one step changes little
    assert (step.at_full_size() - photo).abs().mean() < 0.5 * (blurred - photo).abs().mean()
    settings = Settings(size=128, steps=6, init="noise", device="cpu")
    noisy = next(stylize_steps(photo, PAINTING, settings, network=vgg))
    assert torch.equal(noisy.at_full_size(), resize_image(noisy.image, *photo.shape[2:]).clamp(0, 1))


def test_borders_are_painted_like_the_middle(vgg):
    """Without a reflected margin, zero padding leaves a bar: the border changes far more than the middle."""
    photo, painting = load_image(PHOTO, 96), load_image(PAINTING, 96)
    image = stylize(photo, painting, size=96, steps=25, scales=1, network=vgg, progress=False).image
    change = (image - photo).abs().mean(dim=(0, 1))
    sides = change[:2], change[-2:], change[:, :2], change[:, -2:]
    border = torch.cat([side.flatten() for side in sides])
    assert 0.5 < border.mean() / change[8:-8, 8:-8].mean() < 1.6


def test_the_margin_moves_no_pixel_faster_than_others():
    """Summed over copies of a pixel, gradients were up to four times as large in the border: a frame."""
    image = torch.rand(1, 3, 40, 56, generator=torch.Generator().manual_seed(0)).requires_grad_()
    seen = even_reflection(*image.shape[2:])(image)
    gradient, = torch.autograd.grad(seen.sum(), image)
    assert torch.allclose(seen, reflect(image))
    assert torch.allclose(gradient, torch.ones_like(gradient))


def test_the_margin_ends_without_a_line():
    """What the copies add to a gradient fades in where they end: a step of a half showed there as a line."""
    image = torch.rand(1, 3, 48, 64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    seen = even_reflection(*image.shape[2:])(image)
    itself = seen[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN]              # the picture without its copies
    gradient, = torch.autograd.grad(itself.sum(), image)
    assert gradient.amin() < 0.5
    for dim in (2, 3):
        assert gradient.diff(dim=dim)[:, :, MARGIN - 2:-MARGIN + 2, MARGIN - 2:-MARGIN + 2].abs().max() < 0.1


@pytest.mark.parametrize("error", [
    DivergenceError("a loss became nan"), MemoryError("too little"), OSError("disk full")])
def test_an_error_carries_the_picture_so_far(vgg, error):
    seen = []

    def fail(step):
        seen.append(step)
        if step.index == 3:
            raise error

    with pytest.raises(type(error)) as caught:
        stylize(PHOTO, PAINTING, network=vgg, on_step=fail, **TINY)
    result = caught.value.result
    assert len(result.history) == 3 and torch.equal(result.image, seen[-1].at_full_size())


class _Stream:
    """A stream on which nothing can be written."""

    encoding = "utf-8"

    def __init__(self, error):
        self.error = error

    def write(self, *_):
        raise self.error

    flush = isatty = fileno = write


@pytest.mark.parametrize("stream", [
    _Stream(BrokenPipeError()), _Stream(OSError(28, "No space left")),
    _Stream(ValueError("I/O operation on closed file")), None])
def test_a_bar_that_cannot_be_written_stops_no_painting(stream, vgg, monkeypatch):
    monkeypatch.setattr("sys.stderr", stream)
    result = stylize(PHOTO, PAINTING, network=vgg, **{**TINY, "progress": True})
    assert len(result.history) == TINY["steps"]


def test_stop_keeps_the_latest_picture(vgg):
    seen = []

    def press_stop(step):
        seen.append(step)
        if step.index == 3:
            raise KeyboardInterrupt

    result = stylize(PHOTO, PAINTING, network=vgg, on_step=press_stop, **TINY)
    assert result.interrupted and len(result.history) == 3
    assert torch.equal(result.image, seen[-1].at_full_size())
    with pytest.raises(KeyboardInterrupt):         # before the first step there is nothing to keep
        stylize(PHOTO, PAINTING, network=_Stopping(), **TINY)


class _Stopping(torch.nn.Module):
    def forward(self, *_):
        raise KeyboardInterrupt


def test_bfloat16_gives_nearly_the_same_picture_and_leaves_the_network_alone(vgg):
    exact, rough = (stylize(PHOTO, PAINTING, precision=precision, network=vgg, **TINY).image
                    for precision in ("float32", "bfloat16"))
    assert next(vgg.parameters()).dtype == torch.float32
    assert (exact - rough).abs().mean() < 0.02 and not torch.equal(exact, rough)


def test_the_papers_layers():
    assert CONTENT_LAYERS == ("relu4_2",)
    assert STYLE_LAYERS == ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


@pytest.mark.parametrize("settings, error, words", [
    ({"size": -3}, ValueError, "size must be a positive number of pixels, got -3"),
    ({"size": 8}, ImageError, "at least 16 px"),
    ({"size": True}, ValueError, "got True"),
    ({"steps": 0}, ValueError, "steps must be a positive number of updates, got 0"),
    ({"seed": 2**70}, ValueError,
     r"seed must be a whole number from 0 to 2\^63 - 1, got 1180591620717411303424"),
    ({"seed": -1}, ValueError, "got -1"),
    ({"seed": 0.5}, ValueError, "got 0.5"),
    ({"init": "chaos"}, ImageError, "init must be auto, content, noise, style, fast or a picture"),
    ({"style_weight": -1.0}, ValueError, "style_weight must be a number, 0 or more, got -1.0"),
    ({"style_weight": "1"}, ValueError, "style_weight must be a number, 0 or more, got '1'"),
    ({"tv_weight": float("inf")}, ValueError, "tv_weight must be a number, 0 or more, got inf"),
    ({"style_weight": float("nan")}, ValueError, "style_weight"),
    ({"style_scale": 0}, ValueError, "style_scale must be a number above 0, got 0"),
    ({"style_scale": 1e4}, ValueError,
     r"style_scale 10000 would make the painting \d+x\d+ px: take a smaller one"),
    ({"scales": 0}, ValueError, "scales"),
    ({"content_layers": ["relu9_9"]}, ValueError, "unknown layer 'relu9_9'"),
    ({"style_layers": "relu1_1"}, ValueError, r"style_layers must be a list of names: write \['relu1_1'\]"),
    ({"style_layers": 3}, ValueError, "style_layers must be a list of names, got 3"),
    ({"style_layers": ["relu1_1", "relu1_1"]}, ValueError, "style_layers names 'relu1_1' twice"),
    ({"style_layers": {"relu1_1": [1]}}, ValueError,
     r"the weight of 'relu1_1' in style_layers must be a number, 0 or more, got \[1\]"),
    ({"content_layers": {"relu4_2": float("nan")}}, ValueError,
     "the weight of 'relu4_2' in content_layers must be .* got nan"),
    ({"content_layers": [], "style_layers": []}, ValueError, "no loss to lower"),
    ({"device": "abacus"}, ValueError, "got 'abacus'"),
    ({"precision": "int8"}, ValueError, "got 'int8'"),
    ({"method": "newton"}, ValueError, "got 'newton'"),
    ({"statistic": "mode"}, ValueError, "unknown statistic 'mode': choose one of gram"),
    ({"statistic": ["gram"]}, ValueError, r"unknown statistic \['gram'\]"),
    ({"mask": torch.ones(1, 1, 0, 0)}, ImageError, "mask is empty"),
    ({"style_shares": [1, 2]}, ValueError, "one share for each painting, got 2 for 1"),
    ({"style_shares": [-1]}, ValueError, "0 or more"),
    ({"style_shares": [0]}, ValueError, "must be above 0"),
    ({"style_shares": 0.5}, ValueError,
     "style_shares must be a list with one number for each painting, got 0.5"),
    ({"style_shares": ["a"]}, ValueError, "a share in style_shares must be a number, 0 or more, got 'a'"),
    ({"mask": [None, None]}, ValueError, "one mask for each painting, got 2 for 1"),
    ({"mask": torch.ones(1, 1, 64, 64)}, ImageError, "same proportions"),
    ({"mask": torch.ones(1, 1, 43, 64), "statistic": "sliced"}, ValueError,
     "masks work with the statistic 'gram' only"),
    ({"keep_colors": "hue"}, ValueError, "keep_colors must be one of .*got 'hue'"),
    ({"keep_colors": [1]}, ValueError, r"keep_colors must be one of .*got \[1\]"),
])
def test_bad_settings(settings, error, words, vgg):
    with pytest.raises(error, match=words):
        stylize(PHOTO, PAINTING, network=vgg, **{**TINY, **settings})


@pytest.mark.parametrize("network, words", [
    ("vgg16", r"got 'vgg16': write network=load_network\('vgg16'\)"),
    (torch.nn.Sequential(torch.nn.ReLU()), "got a Sequential: write"),
    (load_network, "got a function: write")])
def test_a_network_must_know_layers_by_name(network, words):
    with pytest.raises(ValueError, match=words):
        stylize(PHOTO, PAINTING, network=network, **TINY)


def test_a_default_device_changes_nothing(vgg):
    """Tutorials set it to the GPU; "meta" stands for any other than the one that we name."""
    expected = stylize(PHOTO, PAINTING, network=vgg, init="noise", statistic="sliced", **TINY).image
    with torch.device("meta"):
        image = stylize(PHOTO, PAINTING, network=vgg, init="noise", statistic="sliced", **TINY).image
    assert torch.equal(image, expected)


def test_a_result_shows_itself(transfer):
    """As a picture in a notebook, in one line elsewhere; it is not compared number by number."""
    png = Image.open(io.BytesIO(transfer._repr_png_()))
    assert png.size == (64, transfer.image.shape[2])
    assert np.array_equal(np.asarray(png), to_pil(transfer.image))
    assert repr(transfer).startswith("<Result: 64x43 px, from the photo; step 60: content 0.")
    assert "\n" not in repr(transfer)
    assert "interrupted" in repr(replace(transfer, interrupted=True))
    assert transfer != transfer.history and transfer == transfer


def test_a_step_shows_itself(vgg, photo, painting):
    step = next(stylize_steps(photo, painting, Settings(size=64, steps=1), network=vgg))
    assert Image.open(io.BytesIO(step._repr_png_())).size == (64, photo.shape[2])
    assert repr(step).startswith("<step 1: content 0") and repr(step).endswith("; 64x43 px>")
    assert repr(step.record).startswith("Record(index=1") and not hasattr(step.record, "image")


def test_python_knows_each_knob():
    """`help(stylize)` shows all of them, with the defaults of Settings."""
    signature = inspect.signature(stylize).parameters
    assert {name: signature[name].default for name in defaults()} == defaults()
    others = {"content", "style", "mask", "style_mask", "network", "progress", "on_step"}
    assert set(signature) - set(defaults()) == others
    with pytest.raises(TypeError, match=r"stylize\(\) got an unexpected keyword argument 'syze'"):
        stylize(PHOTO, PAINTING, syze=64)


def test_the_names_that_settings_know():
    assert set(COLORS) == set(settings.COLORS) and METHODS == settings.METHODS


def test_a_finished_picture_continued_improves(vgg, transfer):
    """This is how a film is painted: each frame begins with the one before."""
    again = stylize(PHOTO, PAINTING, size=64, steps=15, init=transfer.image, progress=False,
                    network=vgg, device="cpu")
    assert again.history[-1].total < 0.99 * transfer.history[-1].total
    assert not torch.equal(again.image, transfer.image)


@pytest.mark.parametrize("style_weight", [0.3, 1.3, 2.0, 10.0])
def test_a_knob_turned_late_changes_the_picture(style_weight, vgg, transfer):
    turned = {"style_weight": style_weight, "size": 64, "scales": 1, "progress": False, "network": vgg,
              "device": "cpu"}
    with torch.no_grad():
        before = TransferLoss(vgg, load_image(PHOTO, 64), load_image(PAINTING, 64))(transfer.image)
    image = stylize(PHOTO, PAINTING, steps=12, init=transfer.image, **turned).image
    assert (image - transfer.image).abs().mean() > 2 / 255
    with torch.no_grad():
        after = TransferLoss(vgg, load_image(PHOTO, 64), load_image(PAINTING, 64))(image)
    assert (after["style"] < before["style"]) == (style_weight > 1)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_painting_of_one_colour_pulls_the_photo_to_it(level, vgg, photo):
    image = stylize(photo, torch.full((1, 3, 64, 64), level), size=64, steps=60, progress=False,
                    network=vgg).image
    assert (image.mean() - photo.mean()) * (1 if level else -1) > 0.015


def test_from_noise_the_photo_comes_without_confetti(vgg, photo, painting):
    """Noise at full strength was still there after 200 steps: four times the painting's variation."""
    image = stylize(photo, painting, size=64, steps=60, init="noise", style_weight=0.2, progress=False,
                    network=vgg).image
    with torch.no_grad():
        there, elsewhere = (TransferLoss(vgg, picture, painting)(image)["content"]
                            for picture in (photo, photo.flip(3)))
    assert there < 0.75 * elsewhere
    assert image.diff(dim=3).abs().mean() < 2 * painting.diff(dim=3).abs().mean()


def test_from_the_painting_the_photo_comes(vgg, photo, painting):
    """From the painting at full contrast, the painting came back, nearly pixel by pixel."""
    image = stylize(photo, painting, size=64, steps=25, init="style", progress=False, network=vgg).image
    pictures = image, resize_image(painting, *photo.shape[2:])
    brightness = torch.stack([picture.mean((0, 1)).flatten() for picture in pictures])
    assert 0.2 < torch.corrcoef(brightness)[0, 1] < 0.8


def test_strokes_length_follows_the_results_size(vgg, random, monkeypatch):
    """Not the requested size: beside a small photo the painting is small too; if need be, it is enlarged."""
    seen = []
    real = transfer_module.choose_loss

    def noting_choose_loss(*given, **more):
        return _noting(real(*given, **more), seen)
    monkeypatch.setattr(transfer_module, "choose_loss", noting_choose_loss)

    def longest(photo_px, painting_px, size, scale):
        seen.clear()
        pictures = (random(1, 3, side, side) for side in (photo_px, painting_px))
        settings = Settings(size=size, steps=1, style_scale=scale, device="cpu")
        next(stylize_steps(*pictures, settings, network=vgg))
        return max(seen[0].shape[2:]) - 2 * MARGIN

    assert longest(64, 128, 64, 1.0) == longest(64, 128, 256, 1.0) == 64
    assert longest(64, 128, 64, 2.0) == longest(64, 64, 64, 2.0) == 128            # large enough, or enlarged
    assert longest(64, 48, 64, 1.0) == 48 and longest(64, 48, 64, 2.0) == 96       # twice as long as at 1
    assert longest(64, 128, 64, 0.5) == 32


def _noting(make_loss, seen):
    def make(photo, paintings):
        seen.extend(painting.image for painting in paintings)
        return make_loss(photo, paintings)
    return make


def test_longer_strokes_change_the_picture(vgg, photo, painting):
    """style_scale 2 with a painting no larger than the picture used to be the same as 1, with no warning."""
    pictures = [stylize(photo, painting, style_scale=scale, network=vgg, **{**TINY, "steps": 20}).image
                for scale in (1.0, 2.0)]
    assert (pictures[0] - pictures[1]).abs().mean() > 0.02


@pytest.mark.parametrize("source", ["pil", "array", "bytes", "levels"])
def test_pictures_of_every_kind(source, vgg, photo, painting):
    levels = (photo * 255).round().to(torch.uint8)
    given = {"pil": lambda: Image.fromarray(levels[0].permute(1, 2, 0).numpy()),
             "array": lambda: levels[0].permute(1, 2, 0).numpy(),
             "bytes": lambda: open(PHOTO, "rb"), "levels": lambda: levels}[source]()
    assert torch.equal(stylize(given, painting, network=vgg, **TINY).image,
                       stylize(photo, painting, network=vgg, **TINY).image)


@pytest.mark.parametrize("role", ["content", "style", "init"])
@pytest.mark.parametrize("change, words", [
    (lambda x: x * 255, "goes from .* and must lie in .0, 1.: divide by 255"),
    (lambda x: x * 2 - 1, "goes from -.* add 1 and divide by 2"),
    (lambda x: x * float("nan"), "contains NaN"),
])
def test_numbers_out_of_range_are_refused(role, change, words, vgg, photo, painting):
    given = {"content": photo, "style": painting, "init": photo}
    given[role] = change(given[role])
    with pytest.raises(ImageError, match=f"{role}.*{words}"):
        stylize(**given, network=vgg, **TINY)


@pytest.mark.parametrize("kind", [
    lambda m: m > 0.5, lambda m: (m * 255).to(torch.uint8), lambda m: m.double(), lambda m: m.half(),
    lambda m: m.long(), lambda m: m[0, 0].numpy()])
def test_masks_of_every_kind(kind, vgg, photo, painting):
    mask = torch.zeros(1, 1, *photo.shape[2:])
    mask[..., :32] = 1
    plain, other = (stylize(photo, painting, mask=given, network=vgg, **TINY).image
                    for given in (mask, kind(mask)))
    assert torch.equal(plain, other)


def test_grey_in_a_mask_mixes_the_painted_picture_with_the_photo(vgg, photo, painting):
    """The loss used to see the mixture: the picture behind it overshot until grey masks looked like white."""
    settings = {"size": 64, "steps": 25, "network": vgg, "progress": False, "device": "cpu"}
    half = stylize(photo, painting, mask=torch.full((1, 1, *photo.shape[2:]), 0.5), **settings).image
    whole = stylize(photo, painting, **settings).image
    assert torch.allclose(half, (photo + whole) / 2, atol=0.02)


def test_a_soft_border_burns_no_colours_in(vgg, photo, painting):
    ramp = torch.linspace(1, 0, 64).clamp(0.05, 1).expand(1, 1, *photo.shape[2:])
    settings = Settings(size=64, steps=25, scales=1, device="cpu")
    burnt = {}
    for name, mask in (("soft", ramp), ("none", None)):
        *_, step = stylize_steps(photo, painting, settings, mask=mask, network=vgg)
        behind = step.image if mask is None else (photo + (step.image - photo) / ramp)
        burnt[name] = ((behind < 0.003) | (behind > 0.997)).float().mean()
    assert burnt["soft"] < burnt["none"] + 0.05


def test_bad_pictures(vgg, random):
    with pytest.raises(ImageError, match=r"content must have shape \(1, 3, H, W\), got \(3, 64, 64\)"):
        stylize(random(3, 64, 64), PAINTING, network=vgg, **TINY)
    with pytest.raises(ImageError, match="style is 8x64 px"):
        stylize(PHOTO, random(1, 3, 64, 8), network=vgg, **TINY)


def test_two_paintings(vgg, photo, painting):
    """With one share 0 the other painting alone counts; with equal shares the style lies between."""
    other = load_image(PHOTO.parent.parent / "style" / "mosaic.jpg", 64)
    losses = {shares: TransferLoss(vgg, photo, list(map(Painting, (painting, other), shares)))
              for shares in ((1, 0), (0, 1), (1, 1))}
    with torch.no_grad():
        ends = {shares: loss(photo)["style"].item() for shares, loss in losses.items()}
        alone = TransferLoss(vgg, photo, painting)(photo)["style"].item()
    assert ends[1, 0] == pytest.approx(alone, rel=1e-4)
    assert ends[1, 1] == pytest.approx((ends[1, 0] + ends[0, 1]) / 2, rel=1e-4)


def test_a_mask_says_where(vgg, photo, painting):
    """Outside the mask the photo stays, whatever the start; inside, it is painted as strongly as without."""
    mask = torch.zeros(1, 1, *photo.shape[2:])
    mask[..., :32] = 1
    settings = {"size": 64, "steps": 25, "network": vgg, "progress": False}
    masked, everywhere = (stylize(photo, painting, mask=where, **settings).image for where in (mask, None))
    change = lambda image, columns: (image - photo)[..., columns].abs().mean()      # noqa: E731
    inside, outside = slice(0, 28), slice(32, 64)
    assert change(masked, outside) < 1e-6 < 0.01 < change(everywhere, outside)
    noise = Settings(init="noise", size=64, steps=25)
    from_noise = next(stylize_steps(photo, painting, noise, mask=mask, network=vgg)).image
    assert change(from_noise, outside) < 1e-6 < 0.1 < change(from_noise, inside)
    assert change(masked, inside) > 0.6 * change(everywhere, inside)


def test_masks_share_the_picture(vgg, photo, painting):
    """A painting's weight is its mask's area: together 1 for two halves, the mask's area for one alone."""
    left = torch.zeros(1, 1, *photo.shape[2:])
    left[..., :16] = 1
    both = TransferLoss(vgg, photo, [Painting(painting, mask=left), Painting(painting, mask=1 - left)])
    assert [style.weight for style in both.styles] == pytest.approx([0.25, 0.75])
    assert TransferLoss(vgg, photo, Painting(painting, mask=left)).styles[0].weight == pytest.approx(0.25)


def test_matched_colors(vgg, photo, painting):
    """The painting's colours are replaced beforehand: the picture's mean colour is nearer to the photo's."""
    distance = lambda image: (image.mean((2, 3)) - photo.mean((2, 3))).norm()       # noqa: E731
    settings = {"size": 64, "steps": 20, "network": vgg, "progress": False}
    plain, *matched = (stylize(photo, painting, keep_colors=how, **settings).image
                       for how in (False, "covariance", "histogram"))
    assert all(distance(image) < 0.5 * distance(plain) for image in matched)


@pytest.mark.parametrize("statistic", [name for name in STATISTICS if name != "gram"])
def test_other_statistics(statistic, vgg, photo, painting):
    settings = {"size": 64, "steps": 8, "network": vgg, "progress": False}
    history = stylize(photo, painting, statistic=statistic, **settings).history
    assert history[-1].losses["style"] < 0.7 * history[0].losses["style"]


def test_another_network(photo, painting):
    network = load_network("squeezenet1_1")
    history = stylize(photo, painting, size=64, steps=15, network=network, progress=False).history
    assert history[-1].losses["style"] < 0.5 * history[0].losses["style"]
