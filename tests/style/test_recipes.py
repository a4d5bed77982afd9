"""The translator of published weights, checked against each source's own formula, written out literally."""
import dataclasses
import functools

import pytest
import torch

from stylelib import TransferLoss, content_loss, gram_matrix, load_network, style_loss
from stylelib.style.recipes import (
    RECIPES,
    Recipe,
    change_range,
    layer_shape,
    table,
    translate,
    translate_back,
)

HEIGHT, WIDTH = 48, 80      # of the picture; nothing here is square


def flat(features):
    return features[0].flatten(1)                    # (C, M)


def mse(a, b):
    return (a - b).square().mean()


def divided_by_all(features):
    return flat(features) @ flat(features).T / flat(features).numel()


def divided_by_positions(features):
    return flat(features) @ flat(features).T / flat(features).shape[1]


def undivided(features):
    return flat(features) @ flat(features).T


# Each source's own loss, from its paper or code: a number from the features of picture, photo and painting

def paper(F, P, S):
    content = 1e-3 * sum((F[x] - P[x]).square().sum() / 2 for x in ["relu4_2"])
    style = 0
    for x in ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]:
        n, m = flat(F[x]).shape
        style += (undivided(F[x]) - undivided(S[x])).square().sum() / (4 * n**2 * m**2) / 5
    return content + style


def gatys(F, P, S):
    weights = [1e3 / n**2 for n in [64, 128, 256, 512, 512]]
    layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    style = sum(w * mse(divided_by_positions(F[x]), divided_by_positions(S[x]))
                for w, x in zip(weights, layers))
    return style + 1e0 * mse(F["relu4_2"], P["relu4_2"])


def pytorch(F, P, S):
    layers = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"]
    style = sum(mse(divided_by_all(F[x]), divided_by_all(S[x])) for x in layers)
    return 1e6 * style + 1 * mse(F["conv2_2"], P["conv2_2"])


def d2l(F, P, S):
    layers = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
    style = sum(1e4 * mse(divided_by_all(F[x]), divided_by_all(S[x])) for x in layers)
    return style + 1 * mse(F["conv4_4"], P["conv4_4"])


def neural_style(F, P, S):
    layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    style = sum(1e2 * mse(divided_by_all(F[x]), divided_by_all(S[x])) for x in layers)
    return 5e0 * mse(F["relu4_2"], P["relu4_2"]) + style


def gordicaleksa(F, P, S):
    layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    style = sum((divided_by_all(F[x]) - divided_by_all(S[x])).square().sum() for x in layers) / 5
    return 1e5 * mse(F["relu4_2"], P["relu4_2"]) + 3e4 * style


def pystiche(F, P, S):
    layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    style = sum(mse(divided_by_positions(F[x]), divided_by_positions(S[x])) for x in layers) / 5
    return mse(F["relu4_2"], P["relu4_2"]) + 1e3 * style


def tensorflow(F, P, S):
    layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    style = sum(mse(divided_by_positions(F[x]), divided_by_positions(S[x])) for x in layers)
    return style * 1e-2 / 5 + mse(F["relu5_2"], P["relu5_2"]) * 1e4 / 1


def keras(F, P, S):
    loss = 2.5e-8 * (F["relu5_2"] - P["relu5_2"]).square().sum()
    for x in ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]:
        squares = (undivided(F[x]) - undivided(S[x])).square().sum()
        loss += 1e-6 / 5 * squares / (4.0 * 3**2 * (HEIGHT * WIDTH) ** 2)
    return loss


def cs231n(F, P, S):
    style = sum(w * (divided_by_all(F[x]) - divided_by_all(S[x])).square().sum()
                for w, x in zip([300000, 1000, 15, 3], ["relu1", "fire3", "fire4", "fire5"]))
    return 6e-2 * (F["fire2"] - P["fire2"]).square().sum() + style


ORIGINALS = {"paper": paper, "gatys": gatys, "pytorch": pytorch, "d2l": d2l, "neural-style": neural_style,
             "gordicaleksa": gordicaleksa, "pystiche": pystiche, "tensorflow": tensorflow, "keras": keras,
             "cs231n": cs231n}


@functools.cache
def shapes(network, height, width):
    """{layer: (1, C, H, W)} of a real network, pooling layers excepted."""
    network = load_network(network, weights="oxford" if network == "vgg19" else None)
    layers = [layer for layer in network.layers if not layer.startswith("pool")]
    features = network(torch.zeros(1, 3, height, width), layers)
    return {layer: activations.shape for layer, activations in features.items()}


def random_features(name, seed):
    """Features of every layer that the recipe uses, shaped as those of a picture of HEIGHT x WIDTH."""
    recipe, generator = RECIPES[name], torch.Generator().manual_seed(seed)
    sizes = shapes(recipe.network, HEIGHT, WIDTH)
    layers = [*recipe.content, *recipe.style]
    return {layer: torch.rand(sizes[layer], generator=generator, dtype=torch.float64) for layer in layers}


def canonical(weights, F, P, S):
    """The total loss in E and c, from `stylelib.losses`."""
    content = sum(w * content_loss(F[x], P[x]) for x, w in weights["content_layers"].items())
    style = sum(w * style_loss(F[x], gram_matrix(S[x])) for x, w in weights["style_layers"].items())
    return content * weights["content_weight"], style * weights["style_weight"]


def test_every_recipe_has_its_original_formula_here():
    assert set(ORIGINALS) == set(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_translated_loss_equals_the_original_formula(name):
    F, P, S = (random_features(name, seed) for seed in (1, 2, 3))
    content, style = canonical(translate(name, HEIGHT, WIDTH), F, P, S)
    assert float(content + style) == pytest.approx(float(ORIGINALS[name](F, P, S)), rel=1e-5)
    # each of the two alone, so that neither hides behind the other
    assert float(content) == pytest.approx(float(ORIGINALS[name](F, P, F)), rel=1e-5)
    assert float(style) == pytest.approx(float(ORIGINALS[name](F, F, S)), rel=1e-5)


@pytest.mark.parametrize("name", RECIPES)
def test_round_trip(name):
    weights = translate(name, HEIGHT, WIDTH)
    back = translate_back(weights, name, HEIGHT, WIDTH)
    assert back.style == pytest.approx(RECIPES[name].style)
    assert back.content == pytest.approx(RECIPES[name].content)
    without_numbers = dataclasses.replace(RECIPES[name], style={}, content={})
    assert dataclasses.replace(back, style={}, content={}) == without_numbers


def test_numbers_of_one_source_in_the_manner_of_another():
    weights = translate("gatys", HEIGHT, WIDTH)
    as_tutorial = translate_back(weights, "pytorch", HEIGHT, WIDTH)
    # the 1e3 of Gatys is that 1e3
    assert as_tutorial.style == pytest.approx({layer: 1e3 for layer in weights["style_layers"]})
    assert translate(as_tutorial, HEIGHT, WIDTH)["style_layers"] == pytest.approx(weights["style_layers"])
    F, S = (random_features("gatys", seed) for seed in (1, 3))
    literal = sum(weight * mse(divided_by_all(F[x]), divided_by_all(S[x]))
                  for x, weight in as_tutorial.style.items())
    assert float(literal) == pytest.approx(float(gatys(F, F, S)), rel=1e-5)


def test_total_weights_are_part_of_the_translation_back():
    weights = {**translate("pystiche", HEIGHT, WIDTH), "style_weight": 3.0, "content_weight": 2.0}
    back = translate_back(weights, "pystiche", HEIGHT, WIDTH)
    assert back.style["relu4_1"] == pytest.approx(3 * 200)
    assert back.content["relu4_2"] == pytest.approx(2)


@pytest.mark.parametrize(("name", "style", "content"), [      # by hand, from the formulas of the sources
    ("paper", lambda c, m: 1 / 5, lambda c, m: 1e-3 * c * m / 2),
    ("gatys", lambda c, m: 4e3 / c**2, lambda c, m: 1),
    ("pytorch", lambda c, m: 4e6 / c**2, lambda c, m: 1),
    ("d2l", lambda c, m: 4e4 / c**2, lambda c, m: 1),
    ("neural-style", lambda c, m: 400 / c**2, lambda c, m: 5),
    ("gordicaleksa", lambda c, m: 2.4e4, lambda c, m: 1e5),
    ("pystiche", lambda c, m: 800, lambda c, m: 1),
    ("tensorflow", lambda c, m: 0.008, lambda c, m: 1e4),
    ("keras", lambda c, m: 2e-7 * (c * m / (3 * HEIGHT * WIDTH)) ** 2, lambda c, m: 2.5e-8 * c * m),
    ("cs231n", lambda c, m: None, lambda c, m: 0.06 * c * m),
])
def test_known_weights(name, style, content):
    weights = translate(name, HEIGHT, WIDTH)
    for layer, weight in weights["content_layers"].items():
        assert weight == pytest.approx(content(*layer_shape(layer, HEIGHT, WIDTH, RECIPES[name].network)))
    if name == "cs231n":
        expected = {"relu1": 12e5, "fire3": 4e3, "fire4": 60, "fire5": 12}
        assert weights["style_layers"] == pytest.approx(expected)
        return
    for layer, weight in weights["style_layers"].items():
        assert weight == pytest.approx(style(*layer_shape(layer, HEIGHT, WIDTH)))


@pytest.mark.parametrize("size", [(48, 80), (97, 64), (131, 133)])
@pytest.mark.parametrize("network", ["vgg19", "squeezenet1_1"])
def test_layer_shape_is_that_of_the_network(network, size):
    for layer, (_, channels, height, width) in shapes(network, *size).items():
        assert layer_shape(layer, *size, network) == (channels, height * width), layer


def test_translation_runs_as_it_is_and_gives_plain_losses():
    generator = torch.Generator().manual_seed(0)
    photo, painting, image = (torch.rand(1, 3, *size, generator=generator)
                              for size in ((48, 80), (64, 52), (48, 80)))
    network = load_network()
    weights = translate("gatys", HEIGHT, WIDTH)
    terms = TransferLoss(network, photo, painting, **weights)(image)
    F, P, S = (network(x, [*weights["style_layers"], "relu4_2"]) for x in (image, photo, painting))
    content, style = canonical(weights, F, P, S)
    assert float(terms["content"]) == pytest.approx(float(content), rel=1e-4)
    assert float(terms["style"]) == pytest.approx(float(style), rel=1e-4)
    assert float(style + content) == pytest.approx(float(gatys(F, P, S)), rel=1e-4)


def test_change_of_range_leaves_the_loss_as_it_was_where_features_scale():
    weights = translate("pystiche", HEIGHT, WIDTH)
    F, P, S = (random_features("pystiche", seed) for seed in (1, 2, 3))
    larger = [{layer: 57.6 * value for layer, value in features.items()} for features in (F, P, S)]
    moved = change_range(weights, 1 / 0.226, 57.6 / 0.226)
    for before, after in zip(canonical(weights, F, P, S), canonical(moved, *larger)):
        assert float(after) == pytest.approx(float(before), rel=1e-5)
    again = change_range(moved, 57.6, 1)
    assert again["style_layers"] == pytest.approx(weights["style_layers"])
    assert again["content_layers"] == pytest.approx(weights["content_layers"])
    assert weights == translate("pystiche", HEIGHT, WIDTH)       # not changed in place


def test_features_of_this_network_do_scale_about_with_the_pixels():
    """What change_range assumes: a quarter of the range gives about a quarter of the features."""
    network = load_network()
    image = torch.rand(1, 3, 64, 80, generator=torch.Generator().manual_seed(0))
    grey = torch.tensor([123.68, 116.779, 103.939]).view(1, 3, 1, 1) / 255     # what preprocessing subtracts
    full = network(image, ["relu1_1", "relu3_1"])
    small = network(grey + (image - grey) / 4, ["relu1_1", "relu3_1"])
    for layer in full:
        growth = float(full[layer].norm() / small[layer].norm())
        assert 2.5 < growth < 6, (layer, growth)


@pytest.mark.parametrize("call", [
    lambda: translate("gatis", 48, 80),
    lambda: translate("gatys", 0, 80),
    lambda: translate("gatys", 48, -1),
    lambda: translate_back({**translate("gatys", 48, 80), "style_layers": {"fire4": 1.0}}, "gatys", 48, 80),
    lambda: layer_shape("relu6_1", 48, 80),
    lambda: layer_shape("relu4_1", 48, 80, "squeezenet1_1"),
    lambda: change_range(translate("gatys", 48, 80), 0, 255),
])
def test_bad_input_is_quoted(call):
    with pytest.raises(ValueError, match=r"gatis|0|-1|fire4|relu6_1|relu4_1"):
        call()


def test_table_has_a_line_for_each_recipe():
    lines = table(256, 384).splitlines()
    assert len(lines) == 1 + len(RECIPES)
    assert max(map(len, lines)) <= 130
    assert lines[1 + list(RECIPES).index("pystiche")].split() == [
        "pystiche", "M", "mean", "2.0e+02", "8.0e+02", "8.0e+02", "2.4e-01", "2.4e-01"]      # 800 / 57.6^2


def test_recipes_are_data_that_cannot_be_changed_by_accident():
    assert all(isinstance(recipe, Recipe) for recipe in RECIPES.values())
    with pytest.raises(dataclasses.FrozenInstanceError):
        RECIPES["gatys"].gram = "1"
