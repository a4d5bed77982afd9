"""Where a painting starts: "auto" chooses, and what was painted in one pass comes before all losses."""
from types import SimpleNamespace

import pytest
import torch

from stylelib import Settings, TransferLoss, load_network, stylize, stylize_steps
from stylelib.fast.paint import instant, paint_fast
from stylelib.objective import CONTENT_LAYERS, RESNET_LAYERS, SQUEEZENET_LAYERS, STYLE_LAYERS
from stylelib.plan import make_plan
from stylelib.prepare import choose_start, make_scene
from stylelib.result import STARTS
from stylelib.settings import INITS
from stylelib.style.colors import luminance

from ..conftest import DATA, PAINTING, PHOTO

TINY = {"size": 64, "steps": 3, "progress": False, "device": "cpu"}
FAST = {**TINY, "init": "fast"}
MOSAIC = DATA / "style" / "mosaic.jpg"


def network(layers=(*CONTENT_LAYERS, *STYLE_LAYERS), trained=True):
    return SimpleNamespace(layers=list(layers), trained=trained)


@pytest.mark.parametrize("settings, seen_by, start", [
    ({}, None, "fast"),
    ({}, network(), "fast"),
    ({"statistic": "sliced", "keep_colors": True}, network(), "fast"),
    ({}, network(trained=False), "content"),
    ({}, network(SQUEEZENET_LAYERS[1]), "fast"),
    ({}, network(RESNET_LAYERS[1]), "content"),
    ({}, torch.nn.Identity(), "content"),
    ({"style_weight": 0}, None, "content"),
    ({"style_layers": ["relu1_1"]}, None, "content"),
    ({"content_layers": ["relu3_1"]}, None, "content"),
    ({"size": 127}, None, "content"),
    ({"init": "noise"}, None, "noise"),
    ({"init": "fast", "style_layers": ["relu1_1"]}, network(trained=False), "fast"),
])
def test_auto_takes_the_fast_start_where_it_is_known_to_help(settings, seen_by, start):
    knobs = Settings(**settings)
    assert choose_start(knobs, knobs.size, seen_by) == start


def test_networks_know_whether_they_are_trained(vgg):
    assert choose_start(Settings(), 512, vgg) == "fast"
    assert choose_start(Settings(), 512, load_network(weights=None)) == "content"


@pytest.mark.parametrize("init, start", [
    ("auto", "content"), ("fast", "fast"), ("content", "content"), ("noise", "noise"), ("style", "style"),
    (PHOTO, "picture")])
def test_a_result_says_where_it_started(init, start, vgg):
    result = stylize(PHOTO, PAINTING, init=init, network=vgg, **{**TINY, "steps": 1})
    assert result.start == start and f"px, {STARTS[start]}; step 1: content" in repr(result)
    assert set(STARTS) == {*INITS, "picture"} - {"auto"}


def test_the_picture_of_one_pass_comes_first(vgg):
    """Whole, and before any loss is computed: so it has none, and is no update."""
    seen = []
    result = stylize(PHOTO, PAINTING, network=vgg, on_step=seen.append, **FAST)
    first = seen[0]
    assert [step.index for step in seen] == [0, 1, 2, 3]
    assert [record.index for record in result.history] == [1, 2, 3]
    assert (first.losses, first.evaluations, first.progress) == ({}, 0, 0)
    assert torch.equal(first.image, instant(make_scene(PHOTO, PAINTING, Settings(size=64))))
    assert first.start == seen[-1].start == "fast" and torch.equal(seen[-1].origin, first.image)


def test_one_pass_alone_says_so():
    result = paint_fast(PHOTO, PAINTING, 128)
    assert result.start == "fast" and repr(result) == "<Result: 128x85 px, from one pass>"


def test_other_starts_are_no_steps(vgg):
    steps = stylize_steps(PHOTO, PAINTING, Settings(size=64, steps=1, init="content"), network=vgg)
    assert [step.index for step in steps] == [1]


def test_stopped_at_the_first_picture_it_is_the_result(vgg):
    def stop(step):
        raise KeyboardInterrupt

    result = stylize(PHOTO, PAINTING, network=vgg, on_step=stop, **FAST)
    assert result.interrupted and result.history == [] and result.image.shape[3] == 64
    assert repr(result) == "<Result: 64x43 px, from one pass, interrupted>"


def test_the_fast_start_is_ahead_and_stays_ahead(vgg, photo, painting):
    """Painted already; and after as many updates the loss is lower than from the photo."""
    loss = TransferLoss(vgg, photo, painting)
    with torch.no_grad():
        total = {name: float(sum(loss(image).values())) for name, image in {
            "photo": photo, "instant": instant(make_scene(photo, painting, Settings(size=64)))}.items()}
    fast, slow = (stylize(photo, painting, 64, 10, init=init, scales=1, progress=False, network=vgg).history
                  for init in ("fast", "content"))
    assert total["instant"] < 0.7 * total["photo"]
    assert fast[-1].total < 0.8 * fast[0].total and fast[-1].total < 0.9 * slow[-1].total


def test_the_fast_start_is_the_same_each_time(vgg):
    pictures = [stylize(PHOTO, PAINTING, network=vgg, **FAST).image for _ in range(2)]
    assert torch.equal(*pictures)


def first_picture(style, network, **settings):
    masks = {name: settings.pop(name) for name in ("mask", "style_mask") if name in settings}
    knobs = Settings(size=64, steps=1, init="fast", **settings)
    return next(stylize_steps(PHOTO, style, knobs, network=network, **masks)).image


def test_outside_of_masks_the_photo_stays(vgg, photo):
    mask = torch.zeros(1, 1, *photo.shape[2:])
    mask[..., :32] = 1
    change = (first_picture(PAINTING, vgg, mask=mask) - photo).abs()
    assert change[..., 32:].max() < 1e-6 and change[..., :28].mean() > 0.05


def test_two_masks_two_paintings(vgg, photo):
    left = torch.zeros(1, 1, *photo.shape[2:])
    left[..., :32] = 1
    both = first_picture([PAINTING, MOSAIC], vgg, mask=[left, 1 - left])
    starry, mosaic = (first_picture(style, vgg) for style in (PAINTING, MOSAIC))
    near = lambda picture, other, columns: (picture - other)[..., columns].abs().mean()      # noqa: E731
    for columns, own, foreign in ((slice(0, 28), starry, mosaic), (slice(36, 64), mosaic, starry)):
        assert near(both, own, columns) < 0.5 * near(both, foreign, columns)


def test_shares_of_two_paintings(vgg):
    """With a share of 0 a painting counts for nothing; a mixture is neither of the two."""
    alone = [first_picture(style, vgg) for style in (PAINTING, MOSAIC)]
    mixed = {shares: first_picture([PAINTING, MOSAIC], vgg, style_shares=shares)
             for shares in ((1, 0), (0, 1), (1, 1))}
    for shares, picture in zip(((1, 0), (0, 1)), alone):
        assert torch.allclose(mixed[shares], picture, atol=1e-3)
    assert all((mixed[1, 1] - picture).abs().mean() > 0.02 for picture in alone)


def test_kept_colours(vgg, photo):
    image = first_picture(PAINTING, vgg, keep_colors=True)
    inside = ((image > 0.01) & (image < 0.99)).all(dim=1)          # where no channel was cut off
    chroma = lambda picture: (picture - luminance(picture)).permute(0, 2, 3, 1)[inside]      # noqa: E731
    assert inside.float().mean() > 0.5 and torch.allclose(chroma(image), chroma(photo), atol=1e-4)
    assert (luminance(image) - luminance(photo)).abs().mean() > 0.05


def test_a_default_device_changes_no_start(vgg):
    with torch.device("meta"):
        image = first_picture(PAINTING, vgg)
    assert torch.equal(image, first_picture(PAINTING, vgg))


def test_a_start_that_is_painted_needs_no_coarse_sizes(vgg):
    assert len(make_plan((171, 256), 20)) == 3
    assert [scale.size for scale in make_plan((171, 256), 20, painted=True)] == [(171, 256)]
    assert len(make_plan((171, 256), 20, scales=2, painted=True)) == 2
    steps = list(stylize_steps(PHOTO, PAINTING, Settings(size=128, steps=2, device="cpu"), network=vgg))
    assert [step.image.shape[3] for step in steps] == [128, 128, 128] and steps[-1].start == "fast"
