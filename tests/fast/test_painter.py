"""The network that paints: any size, batch, layout, number format; and the one that reads a painting."""
import pytest
import torch

from stylelib.fast import Painter
from stylelib.fast.painter import painter_of


def style_row(number, numbers=26):
    return torch.eye(numbers)[number:number + 1]


@pytest.mark.parametrize("size", [(16, 16), (17, 16), (33, 50), (64, 48), (31, 97)])
def test_any_size(size, many, random):
    picture = many(random(1, 3, *size), style_row(4))
    assert picture.shape == (1, 3, *size) and picture.is_contiguous()
    assert 0 <= picture.min() < picture.max() <= 1


def test_a_batch_is_as_good_as_single_pictures(many, any_networks, random):
    photos = random(3, 3, 34, 41)
    for painter, styles in ((many, torch.eye(26)[[2, 9, 21]]), (any_networks[0], random(3, 100) * 2 - 1)):
        batch = painter(photos, styles)
        for i in range(3):
            alone = painter(photos[i:i + 1], styles[i:i + 1])
            assert (batch[i:i + 1] - alone).abs().max() < 1e-4
        assert (batch[0] - painter(photos[:1], styles[1:2])[0]).abs().mean() > 0.01
        assert torch.allclose(painter(photos, styles[:1])[2:], painter(photos[2:], styles[:1]), atol=1e-4)


def test_any_layout(many, random):
    photo, style = random(1, 3, 32, 40), style_row(7)
    expected = many(photo, style)
    wide = random(1, 3, 32, 80)
    wide[..., ::2] = photo
    for other in (photo.contiguous(memory_format=torch.channels_last), wide[..., ::2],
                  photo.transpose(2, 3).contiguous().transpose(2, 3)):
        assert torch.allclose(many(other, style), expected, atol=1e-5)


def test_short_numbers_give_nearly_the_same_picture(random):
    from stylelib.fast import any_style
    painter, predictor = any_style()
    photo, painting = random(1, 3, 32, 32), random(1, 3, 256, 256)
    expected = painter(photo, predictor(painting))
    short = painter.bfloat16()(photo.bfloat16(), predictor.bfloat16()(painting.bfloat16()))
    assert short.dtype == torch.bfloat16 and 0 < (short.float() - expected).abs().mean() < 0.05


def test_another_device_is_only_another_device(many):
    """"meta" stands for a GPU: no tensor is made anywhere else."""
    import copy
    picture = copy.deepcopy(many).to("meta")(torch.rand(1, 3, 33, 50, device="meta"),
                                             style_row(3))      # a style from the CPU is taken along
    assert picture.device.type == "meta" and picture.shape == (1, 3, 33, 50)


@pytest.mark.parametrize("style, words", [
    (None, "got none"), (torch.ones(26), r"got \(26,\)"), (torch.ones(1, 25), r"got \(1, 25\)"),
    (torch.ones(3, 26), r"style must be \(1 or 2, 26\), got \(3, 26\)")])
def test_a_style_of_another_shape_is_quoted(style, words, many, random):
    with pytest.raises(ValueError, match=words):
        many(random(2, 3, 16, 16), style)


def test_one_style_need_not_be_named(small, random):
    photo = random(1, 3, 20, 20)
    assert torch.equal(small(photo), small(photo, torch.ones(1, 1)))


def test_gradients_reach_the_photo_and_all_weights(small, random):
    small.requires_grad_(True)
    photo = random(1, 3, 24, 20).requires_grad_()
    (small(photo) * random(1, 3, 24, 20)).sum().backward()
    assert photo.grad.abs().max() > 0
    assert [name for name, weight in small.named_parameters() if weight.grad is None] == []


@pytest.mark.parametrize("form", [{}, {"widths": (4, 6), "blocks": 2, "ends": (6,)}, {"numbers": 3},
                                  {"plain_start": True, "numbers": 5}])
def test_the_form_is_read_off_the_weights(form, random):
    painter = Painter(**form)
    again = painter_of(painter.state_dict())
    style = random(1, painter.numbers)
    photo = random(1, 3, 20, 24)
    assert torch.equal(again(photo, style), painter(photo, style))


def test_a_part_of_a_painting(any_networks, random):
    """What lies outside the part counts less the further away it is; a part that is all changes nothing."""
    predictor = any_networks[1]
    painting = random(1, 3, 256, 256)
    left = torch.zeros(1, 1, 256, 256)
    left[..., :128] = 1
    whole = predictor(painting)
    assert torch.allclose(predictor(painting, torch.ones(1, 1, 256, 256)), whole, atol=1e-4)
    other = painting.clone()
    other[..., 224:] = 0
    change = lambda part: (predictor(other, part) - predictor(painting, part)).abs().mean()     # noqa: E731
    assert change(left) < 0.5 * change(None)
