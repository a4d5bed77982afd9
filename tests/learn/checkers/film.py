"""Answers to the exercises of notebook 09: warp, flicker, the temporal loss, and the hunt for two bugs."""
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import map_coordinates

from stylelib.film.flow import warp as brought_along
from stylelib.learn.check import film_bug, flicker, temporal_loss, warp

from ..answers import table

# ------------------------------------------------------------------------------------------------------- warp


def positions(image):
    y, x = torch.meshgrid(torch.arange(image.shape[2]), torch.arange(image.shape[3]), indexing="ij")
    return torch.stack([x, y]).float()


@dataclass(frozen=True)
class Warp:
    """A right one, with a switch for each way to break it."""

    sign: int = 1
    own: int = 1                        # 0 forgets the pixels' own positions
    swap_flow: bool = False
    swap_own: bool = False
    swap_grid: bool = False             # y before x, at the end
    swap_sides: bool = False
    factor: float = 2
    offset: float = -1
    sides: int = -1                     # divides by W - 1; 0 by W
    shift: float = 0                    # 0.5 counts from the edge of the picture
    turn: tuple = (0, 2, 3, 1)
    view: bool = False
    mode: str = "bilinear"
    padding: str = "border"
    align: bool = True

    def __call__(self, image, flow):
        flow = flow.flip(1) if self.swap_flow else flow
        own = positions(image).flip(0) if self.swap_own else positions(image)
        height, width = image.shape[2:]
        sides = torch.tensor([width + self.sides, height + self.sides]).view(2, 1, 1)
        sides = sides.flip(0) if self.swap_sides else sides
        grid = self.factor * (self.own * own + self.sign * flow + self.shift) / sides + self.offset
        grid = grid.flip(1) if self.swap_grid else grid
        grid = grid.reshape(-1, height, width, 2) if self.view else grid.permute(*self.turn)
        return F.grid_sample(image, grid, self.mode, self.padding, self.align)


def by_affine_grid(image, flow, scale=2, sides=-1, align=True):
    """A grid of the places of all pixels, and the flow in its unit."""
    height, width = image.shape[2:]
    still = F.affine_grid(torch.eye(2, 3).expand(len(image), 2, 3), image.shape, align_corners=align)
    moved = flow.permute(0, 2, 3, 1) * scale / torch.tensor([width + sides, height + sides])
    return F.grid_sample(image, still + moved, padding_mode="border", align_corners=align)


def by_hand(image, flow, wrong=False):
    """Four neighbours and their weights."""
    height, width = image.shape[2:]
    x, y = (positions(image) + flow).unbind(1)
    x, y = x.clamp(0, width - 1), y.clamp(0, height - 1)
    left, top = x.floor(), y.floor()
    a, b = (x - left)[:, None], (y - top)[:, None]
    left, top = left.long(), top.long()
    right, bottom = (left + 1).clamp(max=width - 1), (top + 1).clamp(max=height - 1)

    def at(rows, columns):
        return torch.stack([picture[:, r, c] for picture, r, c in zip(image, rows, columns)])

    if wrong:
        return at(top, left)
    above = at(top, left) * (1 - a) + at(top, right) * a
    return above * (1 - b) + (at(bottom, left) * (1 - a) + at(bottom, right) * a) * b


def by_scipy(image, flow):
    result = []
    for picture, (x, y) in zip(image, positions(image) + flow):
        places = np.stack([y.numpy(), x.numpy()])
        result.append(np.stack([map_coordinates(channel.numpy(), places, order=1, mode="nearest")
                                for channel in picture]))
    return torch.from_numpy(np.stack(result))


def one_by_one(image, flow):
    return torch.cat([Warp()(image[i:i + 1], flow[i:i + 1]) for i in range(len(image))])


def pushed(image, flow, fill=torch.zeros_like):
    result = fill(image)
    height, width = image.shape[2:]
    for i in range(len(image)):
        for y in range(height):
            for x in range(width):
                there_x = min(max(round(x + float(flow[i, 0, y, x])), 0), width - 1)
                there_y = min(max(round(y + float(flow[i, 1, y, x])), 0), height - 1)
                result[i, :, there_y, there_x] = image[i, :, y, x]
    return result


def first_flow(image, flow):
    return Warp()(image, flow[:1].expand_as(flow))


def one_grid(image, flow):
    grid = (2 * (positions(image) + flow[0]) / torch.tensor([16, 11]).view(2, 1, 1) - 1).permute(1, 2, 0)
    return F.grid_sample(image, grid[None], padding_mode="border", align_corners=True)


def channels_first(image, flow):
    return F.grid_sample(image, positions(image) + flow, padding_mode="border", align_corners=True)


def meshgrid_turned(image, flow):
    x, y = torch.meshgrid(torch.arange(image.shape[3]), torch.arange(image.shape[2]), indexing="ij")
    return torch.stack([x, y]) + flow


def flow_in_place(image, flow):
    flow += positions(image)
    return Warp(own=0)(image, flow)


def fixed_size(image, flow):
    sides = torch.tensor([16.0, 11.0]).view(2, 1, 1)
    grid = (2 * (positions(image) + flow) / sides - 1).permute(0, 2, 3, 1)
    return F.grid_sample(image, grid, padding_mode="border", align_corners=True)


WARPS = table(warp, {
    "grid_sample": Warp(),
    "the package's": lambda image, flow: brought_along(image, flow, "bilinear"),
    "from edge to edge": Warp(shift=0.5, sides=0, align=False),
    "affine_grid": by_affine_grid,
    "affine_grid from edge to edge": lambda image, flow: by_affine_grid(image, flow, sides=0, align=False),
    "by hand": by_hand,
    "by SciPy": by_scipy,
    "one by one": one_by_one,
    "in double precision": lambda image, flow: Warp()(image.double(), flow.double()),
}, [
    (lambda image, flow: None, "returned None"),
    (lambda image, flow: Warp()(image, flow).numpy(), "got ndarray"),
    (lambda image, flow: Warp()(image, flow)[0], "the shape should be"),
    (lambda image, flow: Warp()(image, flow) + 1, "largest difference"),
    (lambda image, flow: image, "has not been moved"),
    (Warp(sign=-1), "the direction is wrong"),
    ("flow's x and y", Warp(swap_flow=True), "x and y are exchanged"),
    ("y first in the grid", Warp(swap_grid=True), "x and y are exchanged"),
    ("all exchanged", Warp(swap_flow=True, swap_own=True), "x and y are exchanged"),
    ("positions' x and y", Warp(swap_own=True), "x and y are exchanged"),
    ("both, by the flow", Warp(sign=-1, swap_flow=True), "two mistakes at once"),
    ("both, by the grid", Warp(sign=-1, swap_grid=True), "two mistakes at once"),
    (Warp(swap_sides=True), "width and height are exchanged"),
    ("all in pixels", lambda image, flow: F.grid_sample(
        image, (positions(image) + flow).permute(0, 2, 3, 1), padding_mode="border", align_corners=True),
     "does not count in pixels"),
    ("flow in pixels", lambda image, flow: by_affine_grid(image, flow * torch.tensor([8, 5.5]).view(2, 1, 1)),
     "does not count in pixels"),
    ("half the flow", lambda image, flow: by_affine_grid(image, flow, scale=1), "2, not 1"),
    ("half the flow, W", lambda image, flow: by_affine_grid(image, flow, 1, 0), "2, not 1"),
    ("from 0 to 1", Warp(factor=1, offset=0), "2, not 1"),
    ("from 0 to 2", Warp(offset=0), "subtract 1"),
    ("W", Warp(sides=0), "Divide by W - 1"),
    ("W for the flow", lambda image, flow: by_affine_grid(image, flow, sides=0), "Divide by W - 1"),
    ("middles, W", Warp(sides=0, shift=0.5), "Divide by W - 1"),
    ("align_corners forgotten", Warp(align=False), "align_corners=True"),
    ("W, and align_corners forgotten", Warp(sides=0, align=False), "align_corners=True"),
    ("flow alone, from -1 to 1", Warp(own=0), "its own position is missing"),
    ("flow alone, around 0", Warp(own=0, offset=0), "its own position is missing"),
    (Warp(view=True), "read numbers in the order"),
    ("a wrong permute", Warp(turn=(0, 3, 2, 1)), "rows and columns are exchanged"),
    (Warp(padding="zeros"), "its border goes on"),
    ("reflected", Warp(padding="reflection"), "its border goes on"),
    (Warp(mode="nearest"), "rounded to the nearest"),
    ("rounded down", lambda image, flow: by_hand(image, flow, wrong=True), "rounded to the nearest"),
    (Warp(mode="bicubic"), "this is bicubic"),
    ("splatting", pushed, "which leaves holes"),
    ("splatting over the picture", lambda image, flow: pushed(image, flow, torch.clone),
     "which leaves holes"),
    (first_flow, "each has its own"),
    (one_grid, "one for all"),
    ("no permute", channels_first, "in the last dimension"),
    (meshgrid_turned, 'indexing="ij"'),
    (flow_in_place, "your function changes flow"),
    (fixed_size, "Take all sizes from image.shape"),
])


# ---------------------------------------------------------------------------------------------------- flicker

def measured(before, frame, flow, mask, move=brought_along):
    difference = (frame - move(before, flow)).abs()
    return 255 * (mask * difference).sum() / (mask.sum() * 3)


def of_difference(measure):
    """An answer from the right difference: measure(difference, mask), in grey levels."""
    return lambda before, frame, flow, mask: 255 * measure(frame - brought_along(before, flow), mask)


def indexed(before, frame, flow, mask):
    difference = (frame - brought_along(before, flow)).abs()
    return 255 * difference[mask.expand_as(difference) == 1].mean().item()


def pair_by_pair(before, frame, flow, mask):
    found = [measured(*(value[i:i + 1] for value in (before, frame, flow, mask))) for i in range(len(frame))]
    return sum(found) / len(found)


def masked_in_place(before, frame, flow, mask):
    frame -= brought_along(before, flow)
    return 255 * (mask * frame.abs()).sum() / (3 * mask.sum())


FLICKERS = table(flicker, {
    "with the package's warp": measured,
    "bilinear": lambda *given: measured(*given, move=Warp()),
    "clamped": lambda *given: measured(*given, move=lambda *of: brought_along(*of).clamp(0, 1)),
    "a float": lambda *given: measured(*given).item(),
    "NumPy": lambda *given: np.float32(measured(*given)),
    "indexed": indexed,
    "pair by pair": pair_by_pair,
    "mean over channels first": of_difference(
        lambda d, mask: (mask * d.abs().mean(1, keepdim=True)).sum() / mask.sum()),
    "two means": of_difference(lambda d, mask: (mask * d.abs()).mean() / mask.mean()),
    "levels first": lambda before, frame, flow, mask: measured(255 * before, 255 * frame, flow, mask) / 255,
}, [
    (lambda *given: None, "returned None"),
    (lambda *given: "1.0", "got str"),
    ("one for each picture", of_difference(lambda d, mask: (mask * d.abs()).mean((1, 2, 3))),
     "one number, for all pictures"),
    (lambda *given: 2 * measured(*given), "was expected"),
    ("no mask", of_difference(lambda d, mask: d.abs().mean()), "the mask is not used"),
    ("mean over all", of_difference(lambda d, mask: (mask * d.abs()).mean()), "counts hidden pixels as calm"),
    ("over all pixels", of_difference(lambda d, mask: (mask * d.abs()).sum() / mask.numel()),
     "the number of all pixels"),
    ("channels", of_difference(lambda d, mask: (mask * d.abs()).sum() / mask.sum()), "three times too large"),
    ("channels, bilinear", lambda *given: 3 * measured(*given, move=Warp()), "three times too large"),
    ("a sum", of_difference(lambda d, mask: (mask * d.abs()).sum()), "a sum came back"),
    ("the hidden ones", of_difference(lambda d, mask: ((1 - mask) * d.abs()).sum() / (3 * (1 - mask).sum())),
     "only the hidden pixels"),
    ("no abs", of_difference(lambda d, mask: (mask * d).sum() / (3 * mask.sum())), "take .abs() of each"),
    ("the other sign", of_difference(lambda d, mask: (-mask * d).sum() / (3 * mask.sum())),
     "take .abs() of each"),
    ("abs of the mean", of_difference(lambda d, mask: ((mask * d).sum() / (3 * mask.sum())).abs()),
     "take .abs() of each"),
    ("abs of the grey", of_difference(
        lambda d, mask: (mask * d.mean(1, keepdim=True).abs()).sum() / mask.sum()), "mean over the channels"),
    ("squares", of_difference(lambda d, mask: (mask * d.square()).sum() / (3 * mask.sum())),
     "these are squares"),
    ("squares of levels", of_difference(lambda d, mask: 255 * (mask * d.square()).sum() / (3 * mask.sum())),
     "these are squares"),
    ("root", of_difference(lambda d, mask: ((mask * d.square()).sum() / (3 * mask.sum())).sqrt()), "root"),
    ("not in levels", lambda *given: measured(*given) / 255, "but for its unit"),
    ("256", lambda *given: measured(*given) / 255 * 256, "not 256"),
    ("no mask, not in levels", of_difference(lambda d, mask: d.abs().mean() / 255), "is times 255"),
    ("not warped", lambda before, frame, flow, mask: measured(before, frame, flow, mask, lambda x, flow: x),
     "is not warped, so that motion"),
    ("not warped, no mask", lambda before, frame, flow, mask: 255 * (frame - before).abs().mean(),
     "is not warped, and the mask"),
    ("frame warped", lambda before, frame, flow, mask: measured(frame, before, flow, mask),
     "the frame is warped"),
    ("both warped", lambda before, frame, flow, mask: measured(
        before, brought_along(frame, flow), flow, mask), "both are warped"),
    ("direction", lambda before, frame, flow, mask: measured(before, frame, -flow, mask),
     "the direction is wrong"),
    ("x and y", lambda before, frame, flow, mask: measured(before, frame, flow.flip(1), mask),
     "x and y are exchanged"),
    (masked_in_place, "your function changes frame"),
    ("two pictures only", lambda before, frame, flow, mask: measured(
        before.view(2, 3, 12, 17), frame, flow, mask), "Take all sizes from before.shape"),
])


# ---------------------------------------------------------------------------------------------- temporal loss

def of_change(loss):
    return lambda image, warped, mask: loss(image - warped, mask)


LOSSES = table(temporal_loss, {
    "a mean": lambda image, warped, mask: (mask * (image - warped) ** 2).mean(),
    "a sum": lambda image, warped, mask: (mask * (image - warped).square()).sum() / image.numel(),
    "mse_loss": lambda image, warped, mask: F.mse_loss(mask * image, mask * warped),
    "indexed": lambda image, warped, mask: (image - warped)[mask.expand_as(image) > 0].square().sum()
        / image.numel(),
    "in double precision": lambda image, warped, mask: F.mse_loss(
        mask.double() * image.double(), mask.double() * warped.double()),
}, [
    (lambda *given: None, "returned None"),
    (of_change(lambda d, mask: (mask * d.square()).mean() + 1), "largest difference"),
    (of_change(lambda d, mask: d.square().mean()), "the mask is not used"),
    (of_change(lambda d, mask: ((1 - mask) * d.square()).mean()), "not 1 - mask"),
    (of_change(lambda d, mask: (mask * d.square()).sum() / (3 * mask.sum())), "over the visible pixels"),
    (of_change(lambda d, mask: (mask * d.square()).sum() / mask.sum()), "not by mask.sum()"),
    (of_change(lambda d, mask: (mask * d.square()).sum()), "division by D is missing"),
    (of_change(lambda d, mask: (mask * d.square()).sum() / mask.numel()), "not H * W"),
    (of_change(lambda d, mask: (mask * d.square()).mean() / 2), "one half"),
    (of_change(lambda d, mask: (mask * d.abs()).mean()), "absolute values"),
    (of_change(lambda d, mask: (mask * d.square()).mean().sqrt()), "no root"),
    ("norm", of_change(lambda d, mask: (mask * d).norm() / d.numel()), "no root"),
    (of_change(lambda d, mask: (mask * d).mean()), "both signs cancel"),
    (of_change(lambda d, mask: (mask * d).mean().square()), "not their mean"),
    (of_change(lambda d, mask: (mask * d).sum().square() / d.numel()), "not their sum"),
    (of_change(lambda d, mask: mask * d.square()), "the loss is one number"),
    ("detached", of_change(lambda d, mask: (mask * d.square()).mean().detach()), "cut off"),
    ("item", of_change(lambda d, mask: (mask * d.square()).mean().item()), "cut off"),
    ("half detached", of_change(lambda d, mask: (mask * d.detach() * d).mean()),
     "only a part of the gradient"),
    ("one size only", of_change(lambda d, mask: (mask * d.square()).sum() / 612), "Take all sizes"),
])


# ---------------------------------------------------------------------------------------------- the bug hunt

def hunted(painted, before, flow, seen, share, sign=-1, turned=True):
    """The notebook's program; its bugs are in it by default."""
    rows = torch.arange(painted.shape[2]).view(-1, 1) + sign * flow[:, 1]
    columns = torch.arange(painted.shape[3]) + sign * flow[:, 0]
    places = [2 * rows / (painted.shape[2] - 1) - 1, 2 * columns / (painted.shape[3] - 1) - 1]
    places = places if turned else places[::-1]
    moved = F.grid_sample(before, torch.stack(places, -1), padding_mode="border", align_corners=True)
    return painted.lerp(moved, share * seen)


def repaired(*given):
    return hunted(*given, sign=1, turned=False)


def blend(mix, move=brought_along):
    """mix(painted, moved, seen, share), with `before` moved."""
    return lambda painted, before, flow, seen, share: mix(painted, move(before, flow), seen, share)


def usual(painted, moved, seen, share):
    return painted + share * seen * (moved - painted)


HUNT = table(film_bug, {
    "both repaired": repaired,
    "with the package's warp": blend(usual),
    "clamped": blend(usual, lambda *given: brought_along(*given).clamp(0, 1)),
    "bilinear": blend(usual, Warp()),
    "with shares": blend(lambda painted, moved, seen, share: (1 - share * seen) * painted
                         + share * seen * moved),
}, [
    (lambda *given: None, "returned None"),
    (lambda *given: repaired(*given)[:, :2], "the shape should be"),
    (lambda *given: repaired(*given) + 1, "largest difference"),
    (hunted, "both bugs are still there"),
    ("direction left", lambda *given: hunted(*given, turned=False), "one bug is found, x and y are right"),
    ("order left", lambda *given: hunted(*given, sign=1), "one bug is found, the sign of the flow"),
    ("flow exchanged instead", blend(usual, Warp(swap_flow=True)), "one bug is found, the sign of the flow"),
    ("another repair broken", blend(usual, Warp(padding="zeros")), "its border goes on"),
    ("align_corners lost", blend(usual, Warp(align=False)), "align_corners=True"),
    ("not moved", blend(usual, lambda before, flow: before), "not brought along any more"),
    (lambda painted, *given: painted, "has no part in what comes out"),
    (lambda painted, before, flow, *_: Warp()(before, flow), "just painted has no part"),
    (blend(lambda p, m, seen, share: p.lerp(m, share), Warp()), "where it was hidden"),
    (blend(lambda p, m, seen, share: p.lerp(m, seen), Warp()), "share has no effect"),
    (blend(lambda p, m, seen, share: m.lerp(p, share * seen), Warp()), "have changed places"),
    (blend(lambda p, m, seen, share: p.lerp(m, share * (1 - seen)), Warp()), "not 0"),
    (blend(lambda p, m, seen, share: p.lerp(m, (1 - share) * seen), Warp()), "not of painted"),
    ("itself", lambda painted, before, *given: repaired(painted, painted, *given), "the frame itself"),
    ("in place", lambda painted, before, flow, seen, share: painted.lerp_(Warp()(before, flow), share * seen),
     "your function changes painted"),
    ("two pictures only", lambda painted, *given: repaired(painted.view(2, 3, 12, 17), *given),
     "Take all sizes from painted.shape"),
])

ROWS = [*WARPS, *FLICKERS, *LOSSES, *HUNT]
