"""Large pictures in strips (memory.py and signs.py): the same loss and gradient as in one piece; what does not fit is refused."""
import pytest
import torch

from stylelib import TransferLoss, load_network, memory, resize_image
from stylelib.memory import StripLoss
from stylelib.objective import CONTENT_LAYERS, STYLE_LAYERS


@pytest.mark.parametrize("pooling", ["max", "average"])
def test_strips_give_the_same_loss_and_gradient(pooling, photo, painting, random, monkeypatch):
    """In strips of few rows, with a mask, at odd sizes, with the content in a shallow layer too."""
    vgg = load_network(pooling=pooling)
    monkeypatch.setattr(memory, "KEEP_BYTES", 0)
    monkeypatch.setattr(memory, "STRIP_BYTES", 2**16)
    photo, mask = resize_image(photo, 75, 53).clamp(0, 1), (random(1, 1, 75, 53) > 0.3).float()
    settings = {"content_layers": {"relu4_2": 1.0, "relu1_2": 0.5}, "masks": [mask], "style_weight": 5.0, "tv_weight": 1.0}
    image, results = random(1, 3, 75, 53), []
    for kind in (TransferLoss, StripLoss):
        picture = image.clone().requires_grad_()
        terms = kind(vgg, photo, painting, **settings)(picture)
        sum(terms.values()).backward()
        results.append(({name: term.item() for name, term in terms.items()}, picture.grad))
    (plain, gradient), (strips, other) = results
    assert strips == pytest.approx(plain, rel=1e-4)
    assert (gradient - other).norm() < 1e-3 * gradient.norm()


@pytest.mark.parametrize("layers", [["pool2"], ["conv1_2"], ["relu3_1", "pool3", "relu5_1"]])
def test_strips_know_every_kind_of_layer(layers, vgg, photo, painting, monkeypatch):
    monkeypatch.setattr(memory, "KEEP_BYTES", 0)
    monkeypatch.setattr(memory, "STRIP_BYTES", 2**16)
    plain, strips = (kind(vgg, photo, painting, layers, layers) for kind in (TransferLoss, StripLoss))
    image = resize_image(painting, *photo.shape[2:]).clamp(0, 1)
    with torch.no_grad():
        assert {name: term.item() for name, term in strips(image).items()} == pytest.approx(
            {name: term.item() for name, term in plain(image).items()}, rel=1e-4)


def test_large_pictures_go_in_strips_and_too_large_ones_are_refused(vgg, monkeypatch):
    settings = {"statistic": "gram", "content_layers": CONTENT_LAYERS, "style_layers": STYLE_LAYERS}
    small, large = torch.rand(1, 3, 64, 64), (700, 1000)
    assert type(memory.choose_loss(vgg, (64, 64), 16, settings)(small, small)) is TransferLoss
    assert type(memory.choose_loss(vgg, large, 16, settings)(small, small)) is StripLoss
    monkeypatch.setattr(memory, "free_bytes", lambda device: 2**29)
    with pytest.raises(MemoryError, match=r"1000x700 px needs about .* GB of memory, and 0.5 GB are free.*take size \d+") as refusal:
        memory.choose_loss(vgg, large, 16, settings)
    fits = int(str(refusal.value).split()[-1])
    memory.choose_loss(vgg, (round(700 * fits / 1000), fits), 16, settings)
    assert 256 < fits < 1000
