"""The network that looks at a painting and says its style in 100 numbers."""
import torch.nn.functional as F
from torch import Tensor, nn

# Sandler et al. 2018, table 2: (how much wider a block is inside, channels, blocks, stride of the first)
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
          (6, 320, 1, 1))
FIRST, LAST, NUMBERS = 32, 1280, 100
SEEN = 256          # px: side of the square that the network was trained to look at


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's padding, "same": for stride 2 it is one row more below than above."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, after, H', W'), H' = H / stride, rounded up."""
        sides = []
        for length, kernel, stride in zip(reversed(x.shape[2:]), self.kernel_size, self.stride):
            missing = max((-(-length // stride) - 1) * stride + kernel - length, 0)
            sides += [missing // 2, missing - missing // 2]
        return super().forward(F.pad(x, sides))


class InvertedResidual(nn.Module):
    """Wide inside, narrow outside; the 3 x 3 kernels in the middle see one channel each.

    Args:
        before, after: channels outside.
        wider: factor of the channels inside.
        stride: 2 halves the picture.

    Source: Sandler et al. 2018, figure 3.
    """

    def __init__(self, before: int, after: int, wider: int, stride: int):
        super().__init__()
        inside = before * wider
        self.expand = SameConv(before, inside, 1) if wider > 1 else None
        self.depthwise = SameConv(inside, inside, 3, stride, groups=inside)
        self.project = SameConv(inside, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, after, H', W')."""
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if x.shape == y.shape else y


class StylePredictor(nn.Module):
    """A painting -> 100 numbers, for the painter of `any_style`.

    MobileNet-V2 with its batch normalisation already multiplied into the convolutions, a mean over all
    positions, and one more layer.

    Source: Ghiasi et al. 2017; Sandler et al. 2018.
    """

    def __init__(self):
        super().__init__()
        self.first = SameConv(3, FIRST, 3, 2)
        blocks, before = [], FIRST
        for wider, after, count, stride in STAGES:
            for index in range(count):
                blocks.append(InvertedResidual(before, after, wider, stride if index == 0 else 1))
                before = after
        self.blocks = nn.Sequential(*blocks)
        self.last = SameConv(before, LAST, 1)
        self.style = nn.Linear(LAST, NUMBERS)

    def forward(self, painting: Tensor, part: Tensor | None = None) -> Tensor:
        """Say a style in numbers.

        Args:
            painting: (N, 3, H, W), RGB, in [0, 1]; the network was trained with 256 x 256 px.
            part: which part of it to take, (1 or N, 1, H, W) in [0, 1], above 0 somewhere; None means all.

        Returns:
            (N, 100).
        """
        x = F.relu6(self.last(self.blocks(F.relu6(self.first(painting)))))
        if part is None:
            return self.style(x.mean((2, 3)))
        weights = F.adaptive_avg_pool2d(part, (x.shape[2], x.shape[3]))
        return self.style((x * weights).sum((2, 3)) / weights.sum((2, 3)))
