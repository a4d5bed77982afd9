"""Memory counted without numbers: the shapes are those of real operations, what is freed is given back."""
import itertools
import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from packaging.version import Version

from stylelib import TransferLoss
from stylelib.engine.peak import Peak, shapes_only
from stylelib.style.statistics import STATISTICS


def shapes(tensors):
    return [(tuple(tensor.shape), tensor.dtype) for tensor in tensors]


def both(function, *tensors):
    """Shapes of the results and of the gradients, with numbers and without."""
    results = []
    for device in ("cpu", "meta"):
        inputs = [tensor.to(device).requires_grad_(tensor.is_floating_point()) for tensor in tensors]
        with Peak():
            outputs = function(*inputs)
            gradients = torch.autograd.grad([x.sum() for x in outputs if x.requires_grad], inputs,
                                            allow_unused=True)
        results.append(shapes([*outputs, *(gradient for gradient in gradients if gradient is not None)]))
    return results


@pytest.mark.parametrize("window, step, border, up", [
    *itertools.product((2, 3), (1, 2, 3), (0, 1), (False, True))])
def test_poolings_of_every_kind(window, step, border, up, random):
    def pool(x):
        return [*F.max_pool2d(x, window, step, border, ceil_mode=up, return_indices=True),
                F.avg_pool2d(x, window, step, border, ceil_mode=up)]
    for height, width in ((7, 8), (9, 10), (11, 12)):
        numbers, meta = both(pool, random(1, 2, height, width))
        assert numbers == meta


@pytest.mark.parametrize("step, border, gap", [*itertools.product((1, 2), (0, 1, 2), (1, 2))])
def test_convolutions_of_every_kind(step, border, gap, random):
    def convolve(x, w, b):
        return [F.conv2d(x, w, b, step, border, gap),
                F.conv_transpose2d(x, w.mT.movedim(1, 0), None, step, border)]
    numbers, meta = both(convolve, random(1, 4, 13, 10), random(6, 4, 3, 5), random(6))
    assert numbers == meta


def test_operations_on_each_value(random):
    def operations(x, y):
        return [x + y, x * 2, y / x, x > 0.5, torch.where(x > y, x, y), x.clamp(min=0.1), x.flip(1),
                F.mse_loss(x, x * y), (x - y).abs().mean(), x[0, 0] @ x[0, 1].mT, x.double() * y,
                x @ x.mT[:, :1], x[..., 1:4], F.pad(x, (2, 0, -1, 3)), x.to(torch.float64)]
    numbers, meta = both(operations, random(1, 3, 5, 6), random(3, 1, 6))
    assert numbers == meta


def test_what_is_freed_is_given_back():
    with Peak() as peak:
        x = torch.empty(2**10, device="meta")
        y = x + 1               # 4 kB each
        z = (y * 2).view(32, 32).T
        del y
        assert (peak.now, peak.most) == (2 * 2**12, 3 * 2**12)
        z.add_(1)
        del x, z
        assert (peak.now, peak.most) == (0, 3 * 2**12)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_as_many_bytes_as_with_numbers(statistic, vgg, random):
    """The same evaluation, counted while it is really done."""
    photo, painting, peaks = random(1, 3, 96, 112), random(1, 3, 112, 96), []
    for network, device in ((vgg, "cpu"), (shapes_only(vgg), "meta")):
        with Peak() as peak:
            loss = TransferLoss(network, photo.to(device), painting.to(device), statistic=statistic)
            image = photo.to(device).clone().requires_grad_()
            sum(loss(image).values()).backward()
        peaks.append(peak.most)
    numbers, meta = peaks
    assert meta == pytest.approx(numbers, rel=0.02)


def test_a_copy_of_shapes_alone(vgg):
    copied = shapes_only(vgg)
    assert all(weight.is_meta and not weight.requires_grad for weight in copied.parameters())
    assert not any(weight.is_meta for weight in vgg.parameters()) and copied.layers == vgg.layers


@pytest.mark.skipif(Version(torch.__version__) < Version("2.13"), reason="old PyTorch imports SymPy itself")
def test_counting_imports_nothing_large():
    """PyTorch's own rules for shapes would import its compiler and SymPy: seconds before a first transfer."""
    code = """if True:
        import sys, torch
        from stylelib import TransferLoss, load_network
        from stylelib.engine.peak import Peak, shapes_only
        from stylelib.engine.strips import StripLoss
        network = shapes_only(load_network())
        for kind, side in (TransferLoss, 112), (StripLoss, 800):     # 800 px: too large for one strip
            photo, painting = (torch.empty(1, 3, *size, device="meta") for size in ((side, 700), (700, side)))
            with Peak() as peak:
                loss = kind(network, photo, painting)
                sum(loss(photo.requires_grad_()).values()).backward()
            assert peak.most > 2**20
        sys.exit(", ".join({"sympy", "torch._dynamo"} & set(sys.modules)) or 0)"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
