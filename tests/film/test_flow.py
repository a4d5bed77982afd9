"""Optical flow against a motion that is known, warping, and how much a film flickers."""
import sys

import pytest
import torch

from stylelib import ImageError
from stylelib.film.flow import consistent, inside, optical_flow, warp
from stylelib.film.measures import flicker, sharpness

from .clip import clip, seen, true_flow

METHODS = ["ilk", pytest.param("dis", id="dis")]


@pytest.fixture(scope="module")
def texture():
    """A picture with detail everywhere, 96 x 128."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, 3, 24, 32, generator=generator)
    return torch.nn.functional.interpolate(coarse, (96, 128), mode="bicubic").clamp(0, 1)


def needs(method):
    if method == "dis":
        pytest.importorskip("cv2", reason="OpenCV is missing: pip install opencv-python-headless")


def error(flow, truth, where):
    """Mean length of the difference, in px, over the pixels `where` is 1."""
    return (((flow - truth).square().sum(1, keepdim=True).sqrt() * where).sum() / where.sum()).item()


# ------------------------------------------------------------------------------------------------------- warp

def test_warp_goes_where_the_flow_points(texture):
    """x to the right first, then y down: a flow of (3, 1) fetches what lies 3 px to the right and 1 below."""
    flow = torch.tensor([3.0, 1.0]).view(1, 2, 1, 1).expand(1, 2, 96, 128)
    for interpolation in ("bicubic", "bilinear"):
        moved = warp(texture, flow, interpolation)
        assert torch.allclose(moved[:, :, :-1, :-3], texture[:, :, 1:, 3:], atol=1e-4)
        assert torch.allclose(moved[:, :, :-1, -3:], texture[:, :, 1:, -1:].expand(1, 3, 95, 3), atol=1e-4)
        for wrong in (-flow, flow.flip(1)):
            far = (warp(texture, wrong, interpolation)[:, :, 4:-4, 4:-4] - texture[:, :, 5:-3, 7:-1]).abs()
            assert far.mean() > 0.05


def test_between_pixels_values_are_interpolated():
    ramp = torch.linspace(0, 1, 20).view(1, 1, 1, 20).expand(2, 1, 8, 20)
    step = 1 / 19
    flow = torch.zeros(2, 2, 8, 20)
    flow[1, 0] = 0.25                       # for the second of two pictures
    for interpolation, slack in (("bilinear", 1e-5), ("bicubic", 0.06 * step)):
        moved = warp(ramp, flow, interpolation)
        assert torch.allclose(moved[0], ramp[0], atol=1e-5)
        assert torch.allclose(moved[1, ..., 3:-3], ramp[1, ..., 3:-3] + 0.25 * step, atol=slack)


def test_bicubic_keeps_what_bilinear_blurs():
    """Blended with the frames of the clip, as the films are that are painted steadily: 0.83 against 0.65."""
    frames, sharp = clip(range(24, 31)), {}
    for interpolation in ("bicubic", "bilinear"):
        image = frames[0]
        for t, frame in enumerate(frames[1:], 25):
            image = 0.8 * warp(image, true_flow(t, t - 1), interpolation) + 0.2 * frame
        sharp[interpolation] = sharpness(image) / sharpness(frames[-1])
    assert sharp["bilinear"] + 0.1 < sharp["bicubic"] < 1


def test_what_cannot_be_warped(texture):
    with pytest.raises(ValueError, match=r"of its size, got \(1, 3, 96, 128\) and \(1, 2, 128, 96\)"):
        warp(texture, torch.zeros(1, 2, 128, 96))
    with pytest.raises(ValueError, match="interpolation must be one of"):
        warp(texture, torch.zeros(1, 2, 96, 128), "nearest")


# ------------------------------------------------------------------------------------------------------- flow

@pytest.mark.parametrize("method", METHODS)
def test_flow_of_a_shift(method, texture):
    """`other` shows everything 3 px further to the right and 2 px higher."""
    needs(method)
    flow = optical_flow(texture[:, :, :-4, 4:], texture[:, :, 2:-2, 1:-3], method)
    assert flow.shape == (1, 2, 92, 124) and flow.dtype == torch.float32
    inner = flow[..., 12:-12, 12:-12]
    assert (inner[:, 0] - 3).abs().mean() < 0.3 and (inner[:, 1] + 2).abs().mean() < 0.3


@pytest.mark.parametrize("method", METHODS)
def test_flow_of_the_clip(method):
    """On average it moves by 1 px here, the balloon by 1.6 px; measured errors are 0.17 and 0.3 to 0.4 px."""
    needs(method)
    frames, truth, visible = clip([29, 30]), true_flow(30, 29), seen(30, 29)
    flow = optical_flow(frames[1], frames[0], method)
    assert error(flow, truth, visible) < 0.3
    balloon = visible * (truth[:, :1] < -0.5)
    assert 0.02 < balloon.mean() < 0.2 and error(flow, truth, balloon) < 0.7
    for wrong in (-flow, flow.flip(1), torch.zeros_like(flow)):
        assert error(wrong, truth, visible) > 0.7


def test_the_methods():
    frames = clip([29, 30])
    default, auto = optical_flow(*frames), optical_flow(*frames, "auto")
    assert torch.equal(default, optical_flow(*frames, "ilk"))
    try:
        import cv2  # noqa: F401
    except ImportError:
        assert torch.equal(auto, default)
    else:
        assert torch.equal(auto, optical_flow(*frames, "dis"))


def test_without_opencv(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ValueError, match=r"'dis' needs OpenCV .*: pip install opencv-python-headless"):
        optical_flow(*clip([29, 30]), "dis")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(16, 16), (17, 33)])
def test_small_and_empty_pictures(method, size):
    needs(method)
    grey = torch.full((1, 3, *size), 0.5)
    flow = optical_flow(grey, grey, method)
    assert flow.shape == (1, 2, *size) and flow.isfinite().all() and flow.abs().max() < 0.1


def test_what_has_no_flow(texture):
    for other in (texture[..., 1:], texture[:, :1], texture[0]):
        with pytest.raises(ImageError, match=r"two pictures \(1, 3, H, W\) of one size"):
            optical_flow(texture, other)
    with pytest.raises(ValueError, match="method must be one of 'ilk', 'dis', 'auto', got 'tvl1'"):
        optical_flow(texture, texture, "tvl1")


# ------------------------------------------------------------------------------------------------------ trust

def test_what_comes_from_outside_was_not_seen():
    flow = torch.tensor([2.0, -1.0]).view(1, 2, 1, 1).expand(1, 2, 6, 8)
    expected = torch.zeros(6, 8, dtype=torch.bool)
    expected[1:, :-2] = True
    assert torch.equal(inside(flow)[0, 0], expected)
    assert torch.equal(consistent(flow, -flow)[0, 0].bool(), expected)
    assert consistent(flow, flow).sum() == 0                # it does not come back


def test_true_flows_find_what_is_hidden():
    back, forth, visible = true_flow(30, 29), true_flow(29, 30), seen(30, 29)
    for edges, hidden_found, visible_kept in ((False, 0.7, 0.99), (True, 0.95, 0.97)):
        trusted = consistent(back, forth, edges)
        assert trusted.shape == visible.shape and set(trusted.unique().tolist()) == {0, 1}
        assert (1 - trusted)[visible == 0].mean() > hidden_found
        assert trusted[visible == 1].mean() > visible_kept


@pytest.mark.parametrize("method", METHODS)
def test_estimated_flows_find_most_of_it(method):
    """Measured: two thirds and more of what is hidden, at the price of a tenth of the rest."""
    needs(method)
    frames, visible = clip([29, 30]), seen(30, 29)
    back, forth = optical_flow(frames[1], frames[0], method), optical_flow(frames[0], frames[1], method)
    trusted = consistent(back, forth)
    assert (1 - trusted)[visible == 0].mean() > 0.5
    assert trusted[visible == 1].mean() > 0.8
    truth = true_flow(30, 29)
    assert error(back, truth, visible * trusted) < 0.8 * error(back, truth, visible)


# --------------------------------------------------------------------------------------------------- measures

def _pan(texture, steps):
    """A film that moves by 2 px a frame to the right, with its flows and masks."""
    frames = [texture[..., 20 - 2 * step:100 - 2 * step] for step in range(steps)]
    flow = torch.tensor([-2.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, *frames[0].shape[2:])
    return frames, [flow] * (steps - 1), [inside(flow).float()] * (steps - 1)


def test_a_film_that_only_moves_does_not_flicker(texture):
    frames, flows, masks = _pan(texture, 5)
    assert flicker(frames, flows, masks) < 0.02
    assert flicker(frames, [-flow for flow in flows], masks) > 5            # the flow in the wrong direction
    assert flicker(frames, [0 * flow for flow in flows], masks) > 5


def test_flicker_is_how_many_levels_pixels_change(texture):
    frames, flows, masks = _pan(texture * 0.5, 5)
    brighter = [frame + 10 / 255 * (index % 2) for index, frame in enumerate(frames)]
    assert flicker(brighter, flows, masks) == pytest.approx(10, abs=0.05)
    generator = torch.Generator().manual_seed(0)
    noise = [torch.randn(frame.shape, generator=generator) for frame in frames]
    measured = [flicker([frame + level * grain for frame, grain in zip(frames, noise)], flows, masks)
                for level in (0.01, 0.02, 0.04)]
    # the difference of two normal numbers is 2 sigma / sqrt(pi) on average
    assert measured == pytest.approx([255 * level * 1.128 for level in (0.01, 0.02, 0.04)], rel=0.05)


def test_hidden_pixels_do_not_count(texture):
    frames, flows, _ = _pan(texture * 0.5, 3)
    mask = torch.zeros(1, 1, 96, 80)
    mask[..., 40:] = 1
    spoilt = [frame.clone() for frame in frames]
    spoilt[1][..., :30] = 1
    assert flicker(spoilt, flows, [mask, mask]) < 0.02
    assert flicker(spoilt, flows, [mask * 0, mask]) < 0.02                  # a cut before the second frame
    for frames_, masks in ((spoilt, [mask * 0, mask * 0]), (spoilt[:1], [mask])):
        with pytest.raises(ValueError, match="two frames or more"):
            flicker(frames_, flows, masks)


def test_flicker_reads_a_film_as_it_comes(texture):
    frames, flows, masks = _pan(texture, 4)
    assert flicker(iter(frames), iter(flows), iter(masks)) == flicker(frames, flows, masks)


def test_flicker_of_the_clip():
    """Along the true motion, frames differ by 2 to 3 levels (pixels are squares); where hidden, by 25."""
    frames = clip([28, 29, 30])
    flows, visible = [true_flow(t, t - 1) for t in (29, 30)], [seen(t, t - 1) for t in (29, 30)]
    calm = flicker(frames, flows, visible)
    assert calm < 4
    assert flicker(frames, flows, [1 - mask for mask in visible]) > 4 * calm
    assert flicker(frames, [-flow for flow in flows], visible) > 3 * calm


def test_sharpness(texture):
    step = torch.zeros(1, 3, 10, 11)
    step[..., 5:] = 1
    assert sharpness(step) == pytest.approx(25.5)                           # one of ten differences is 255
    assert sharpness(step.transpose(2, 3)) == pytest.approx(25.5)
    blurred = torch.nn.functional.avg_pool2d(texture, 3, 1, 1, count_include_pad=False)
    noisy = texture + 0.02 * torch.randn(texture.shape, generator=torch.Generator().manual_seed(0))
    assert sharpness(blurred) < 0.95 * sharpness(texture) < sharpness(noisy)
    assert sharpness(texture * 0 + 0.3) == pytest.approx(0, abs=1e-4)
