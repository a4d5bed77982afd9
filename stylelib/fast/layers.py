"""What networks that paint are made of: convolutions with mirrored borders, and instance normalisation.

The style sits in the normalisation alone. Each channel is brought to mean 0 and deviation 1, and is then
given a gain and a shift; these are a linear function of a few numbers, and the numbers say which style is
painted.
"""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-5      # added to each variance: a channel that is the same everywhere is not divided by 0


def instance_norm(x: Tensor) -> Tensor:
    """Each channel of each picture, minus its mean over all positions, divided by its deviation.

    Args:
        x: (N, C, H, W).

    Returns:
        (N, C, H, W).

    Source: Ulyanov, Vedaldi & Lempitsky 2016, eq. 6. Batch normalisation takes mean and deviation over all N
        pictures together, so that a picture's contrast depends on its neighbours.
    """
    mean, deviation = mean_and_deviation(x)
    return (x - mean) / deviation


def mean_and_deviation(x: Tensor) -> tuple[Tensor, Tensor]:
    """Of each channel of each picture, over all positions: (N, C, H, W) -> (N, C, 1, 1) twice."""
    variance = x.var((2, 3), keepdim=True, unbiased=False)
    return x.mean((2, 3), keepdim=True), (variance + EPSILON).sqrt()


class ConditionalNorm(nn.Module):
    """Instance normalisation with a gain and a shift that depend on the style.

    Args:
        channels: C.
        numbers: how many numbers describe a style, K.
        bias: whether gain and shift have a part that is the same for all styles.

    Source: Dumoulin, Shlens & Kudlur 2017, eq. 5: there a style's numbers are 1 for itself and 0 for the
        others, so that gain and shift are one row of a table. Ghiasi et al. 2017 let a network choose them.
    """

    def __init__(self, channels: int, numbers: int, bias: bool = False):
        super().__init__()
        self.gain = nn.Linear(numbers, channels, bias)
        self.shift = nn.Linear(numbers, channels, bias)
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(N, C, H, W) and styles (N or 1, K) -> (N, C, H, W)."""
        gain, shift = self.gain(style)[:, :, None, None], self.shift(style)[:, :, None, None]
        # gain * instance_norm(x) + shift, but with one new picture in memory instead of four
        mean, deviation = mean_and_deviation(x)
        factor = gain / deviation
        return torch.addcmul(shift - mean * factor, x, factor)


class Layer(nn.Module):
    """A convolution with mirrored borders and, if there are styles, a normalisation behind it.

    Args:
        before, after: channels.
        size: side of the kernel.
        numbers: how many numbers describe a style; 0 leaves the normalisation out.
        stride: 2 halves the picture.
        enlarge: 2 doubles the picture first, each pixel repeated. (A transposed convolution would do both at
            once, and leave a pattern of dots: Odena, Dumoulin & Olah 2016.)
        bias: of the convolution and of the normalisation's linear functions.
    """

    def __init__(self, before: int, after: int, size: int, numbers: int, *, stride: int = 1, enlarge: int = 1,
                 bias: bool = False):
        super().__init__()
        self.enlarge = enlarge
        self.conv = nn.Conv2d(before, after, size, stride, size // 2, bias=bias, padding_mode="reflect")
        self.norm = ConditionalNorm(after, numbers, bias) if numbers else None

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(N, before, H, W) and styles (N or 1, K) -> (N, after, H', W')."""
        if self.enlarge > 1:
            x = F.interpolate(x, scale_factor=self.enlarge)
        x = self.conv(x)
        return x if self.norm is None else self.norm(x, style)


class Residual(nn.Module):
    """Two layers whose result is added to what came in: x + f(x).

    Source: He et al. 2016; without a ReLU at the end, as in Johnson, Alahi & Fei-Fei 2016.
    """

    def __init__(self, channels: int, numbers: int, bias: bool = False):
        super().__init__()
        self.first = Layer(channels, channels, 3, numbers, bias=bias)
        self.second = Layer(channels, channels, 3, numbers, bias=bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(N, C, H, W) and styles (N or 1, K) -> (N, C, H, W)."""
        return x + self.second(self.first(x, style).relu(), style)
