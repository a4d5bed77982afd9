"""The networks: VGG-19 is the published one, layers have the papers' names, nothing is overwritten or computed in vain."""
import hashlib

import pytest
import torch
from torch import nn
from torchvision import models

import stylelib.networks
from stylelib import NetworkError, load_network


def test_layer_names(vgg):
    assert vgg.layers[:6] == ["conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1", "conv2_1"]
    assert vgg.layers[-1] == "pool5" and len(vgg.layers) == 37
    assert [name for name in vgg.layers if name.startswith("conv")].index("conv4_2") == 9      # the tenth when counted


def test_equals_torchvisions_architecture_layer_by_layer(vgg, random):
    theirs = models.vgg19().features.eval()
    for module in theirs:
        if isinstance(module, nn.ReLU):
            module.inplace = False
    with torch.no_grad():
        for name, module in zip(vgg.layers, theirs, strict=True):
            if isinstance(module, nn.Conv2d):
                module.load_state_dict(vgg.stages[name].state_dict())
        image = random(2, 3, 50, 70)
        ours, x = vgg(image, vgg.layers), vgg.preprocess(image)
        for name, module in zip(vgg.layers, theirs, strict=True):
            x = module(x)
            assert torch.allclose(ours[name], x, rtol=1e-3, atol=1e-3 * float(x.abs().max())), name


def test_oxford_preprocessing(vgg):
    red = torch.tensor([1.0, 0.0, 0.5]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    expected = torch.tensor([127.5 - 103.939, 0 - 116.779, 255 - 123.68])       # blue, green, red
    assert torch.allclose(vgg.preprocess(red)[0, :, 0, 0], expected, atol=1e-4)


def test_torchvision_preprocessing():
    network = load_network("vgg16", weights=None)
    image = torch.full((1, 3, 2, 2), 0.5)
    expected = (0.5 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    assert torch.allclose(network.preprocess(image)[0, :, 1, 1], expected)


def test_the_weights_are_trained(vgg):
    """The first layer's filters of a trained network are smooth: neighbouring weights agree, random ones do not."""
    weights = vgg.stages["conv1_1"].weight
    neighbours = torch.corrcoef(torch.stack([weights[..., :-1].flatten(), weights[..., 1:].flatten()]))[0, 1]
    assert neighbours > 0.3


def test_a_convolution_is_not_overwritten_by_its_relu(vgg, random):
    features = vgg(random(1, 3, 32, 32), ["conv2_1", "relu2_1"])
    assert features["conv2_1"].min() < 0
    assert torch.equal(features["conv2_1"].relu(), features["relu2_1"])


def test_nothing_is_computed_past_the_deepest_layer(vgg, random):
    called = []
    hooks = [vgg.stages[name].register_forward_hook(lambda *_, name=name: called.append(name)) for name in vgg.layers]
    features = vgg(random(1, 3, 32, 48), ["relu3_1", "conv1_2"])
    for hook in hooks:
        hook.remove()
    assert called == vgg.layers[:vgg.layers.index("relu3_1") + 1]
    assert list(features) == ["relu3_1", "conv1_2"]
    assert features["relu3_1"].shape == (1, 256, 8, 12) and features["conv1_2"].shape == (1, 64, 32, 48)


def test_frozen_but_differentiable(vgg, random):
    assert not any(p.requires_grad for p in vgg.parameters()) and not vgg.training
    image = random(1, 3, 32, 32).requires_grad_()
    vgg(image, ["relu2_1"])["relu2_1"].sum().backward()
    assert image.grad.abs().sum() > 0


def test_pooling(random):
    image = random(1, 3, 32, 32)
    features = {kind: load_network(pooling=kind)(image, ["relu1_2", "pool1"]) for kind in ("max", "average")}
    assert torch.equal(features["max"]["relu1_2"], features["average"]["relu1_2"])
    assert torch.allclose(features["max"]["pool1"], nn.functional.max_pool2d(features["max"]["relu1_2"], 2))
    assert torch.allclose(features["average"]["pool1"], nn.functional.avg_pool2d(features["max"]["relu1_2"], 2), rtol=1e-4)


def test_random_weights_are_seeded_and_leave_the_global_generator_alone(random):
    before = torch.get_rng_state()
    first, same, other = (load_network(weights=None, seed=seed).stages["conv3_1"].weight for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, same) and not torch.equal(first, other)


@pytest.mark.parametrize("name, layer, channels",
                         [("vgg16", "relu5_3", 512), ("squeezenet1_1", "fire9", 512), ("resnet50", "layer3_6", 1024)])
def test_other_networks_by_the_same_interface(name, layer, channels, random):
    network = load_network(name, weights=None, pooling="average")
    features = network(random(2, 3, 64, 96), ["relu1_1" if name == "vgg16" else "relu1", layer])
    assert features[layer].shape[:2] == (2, channels) and features[layer].isfinite().all() and features[layer].std() > 0
    assert not any(module.inplace for module in network.modules() if isinstance(module, nn.ReLU))
    assert not any(isinstance(module, nn.MaxPool2d) for module in network.modules())


@pytest.mark.parametrize("name", ["vgg19", "squeezenet1_1", "resnet50"])
def test_torchvisions_weight_files_fit(name, random, tmp_path):
    """A file in torchvision's naming gives what torchvision's own model computes."""
    torch.manual_seed(0)
    model = getattr(models, name)().eval()
    if name == "vgg19":
        model = nn.ModuleDict({"features": model.features})      # without its 120 million classifier weights
    torch.save(model.state_dict(), tmp_path / "weights.pth")
    network = load_network(name, weights=str(tmp_path / "weights.pth"))
    image = random(1, 3, 64, 64)
    with torch.no_grad():
        ours = network(image, [network.layers[-1]])[network.layers[-1]]
        x = network.preprocess(image)
        if name == "resnet50":
            x = nn.Sequential(*list(model.children())[:-2])(x)
        else:
            x = model["features"](x) if name == "vgg19" else model.features(x)
    assert torch.allclose(ours, x, rtol=1e-3, atol=1e-3 * float(x.abs().max()))


@pytest.mark.parametrize("arguments, words", [
    ({"name": "vgg20"}, "unknown network 'vgg20'"),
    ({"pooling": "min"}, "got 'min'"),
    ({"name": "vgg16"}, "for vgg19, not vgg16"),
    ({"weights": "no/such.pth"}, "no weights file 'no/such.pth'"),
    ({"weights": None, "preprocessing": "caffe"}, "got 'caffe'"),
])
def test_bad_arguments(arguments, words):
    with pytest.raises(NetworkError, match=words):
        load_network(**arguments)


def test_damaged_weight_files(tmp_path):
    file = tmp_path / "weights.pth"
    file.write_bytes(b"not weights")
    with pytest.raises(NetworkError, match="damaged"):
        load_network(weights=str(file))
    torch.save({"conv1_1.weight": torch.zeros(64, 3, 3, 3)}, file)
    with pytest.raises(NetworkError, match="do not fit"):
        load_network(weights=str(file))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(NetworkError, match="damaged"):
        load_network(weights=str(file))


def test_a_weights_file_cannot_run_code(tmp_path):
    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))
    torch.save({"conv1_1.weight": Payload()}, tmp_path / "weights.pth")
    with pytest.raises(NetworkError):
        load_network(weights=str(tmp_path / "weights.pth"))
    assert not (tmp_path / "ran").exists()


def test_the_oxford_file_is_checked(monkeypatch):
    monkeypatch.setattr(stylelib.networks, "OXFORD_SHA256", hashlib.sha256(b"other").hexdigest())
    with pytest.raises(NetworkError, match="SHA-256"):
        load_network()


def test_bad_calls(vgg, random):
    with pytest.raises(ValueError, match="did you mean 'conv4_2'"):
        vgg(random(1, 3, 32, 32), ["conv42"])
    with pytest.raises(ValueError, match="list of names"):
        vgg(random(1, 3, 32, 32), "conv4_2")
    with pytest.raises(ValueError, match=r"\(N, 3, H, W\)"):
        vgg(random(3, 32, 32), ["conv4_2"])
    with pytest.raises(ValueError, match="too small"):
        vgg(random(1, 3, 12, 32), ["relu5_1"])
    assert vgg(random(1, 3, 12, 32), ["relu4_1"])["relu4_1"].shape == (1, 512, 1, 4)
