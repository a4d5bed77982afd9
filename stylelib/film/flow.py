"""Optical flow: where each pixel went, how to bring a picture along, and where that can be trusted.

A flow is a tensor (N, 2, H, W) in pixels, x (to the right) first, then y (down). The flow from `frame` to
`other` says at each pixel of `frame` where its content lies in `other`, relative to the pixel itself. So
`warp(other, flow)` looks like `frame`.
"""
from importlib.util import find_spec

import numpy as np
import torch
import torch.nn.functional as F
from skimage.registration import optical_flow_ilk
from torch import Tensor

from ..engine.checks import check_choice
from ..engine.inputs import ImageError
from ..engine.language import tr

METHODS = ("ilk", "dis", "auto")
RADIUS = 7                              # px, of the window that moves as one
LUMA = (0.299, 0.587, 0.114)            # how bright red, green and blue look (ITU-R BT.601)


def optical_flow(frame: Tensor, other: Tensor, method: str = "ilk") -> Tensor:
    """Where each pixel of `frame` lies in `other`.

    Args:
        frame, other: (1, 3, H, W), in [0, 1], two pictures of the same size.
        method: "ilk", iterative Lucas-Kanade of scikit-image; "dis", dense inverse search of OpenCV, far
            faster (pip install opencv-python-headless); "auto", dis where OpenCV is installed, else ilk.

    Returns:
        (1, 2, H, W), in pixels, x first, on the device of `frame`.

    Raises:
        ImageError: the pictures differ in size, or are no pictures.
        ValueError: no such method, or OpenCV is missing.

    Source:
        Le Besnerais and Champagnat, Dense optical flow by iterative local window registration, ICIP 2005;
        Kroeger, Timofte, Dai and Van Gool, Fast optical flow using dense inverse search, ECCV 2016. Both
        compare brightness only.
    """
    check_choice("method", method, METHODS)
    if frame.shape != other.shape or frame.ndim != 4 or frame.shape[:2] != (1, 3):
        raise ImageError(tr("optical flow needs two pictures (1, 3, H, W) of one size, got {first} and "
                            "{second}", first=tuple(frame.shape), second=tuple(other.shape)))
    if method == "auto":
        method = "dis" if find_spec("cv2") else "ilk"
    first, second = (_brightness(picture) for picture in (frame, other))
    flow = _dis(first, second) if method == "dis" else _ilk(first, second)
    return torch.from_numpy(flow)[None].to(frame.device)


def warp(image: Tensor, flow: Tensor, interpolation: str = "bicubic") -> Tensor:
    """Bring a picture along a flow: at each pixel p, what `image` shows at p + flow(p).

    With the flow from frame t to frame t - 1 this moves frame t - 1 to where its things are in frame t. That
    is rarely the middle of a pixel: between pixels, values are interpolated. Outside the picture, its border
    goes on.

    Args:
        image: (N, C, H, W).
        flow: (N, 2, H, W), in pixels, x first.
        interpolation: "bicubic", by curves through 16 neighbours, which keeps detail, but sharpens a little
            each time and may leave the range of `image`; or "bilinear", between 4 neighbours, which blurs.

    Returns:
        (N, C, H, W).

    Raises:
        ValueError: no such interpolation, or the sizes differ.

    Source:
        Ruder, Dosovitskiy and Brox, Artistic style transfer for videos, GCPR 2016, section 4: the function
        that they write as omega.
    """
    check_choice("interpolation", interpolation, ("bicubic", "bilinear"))
    if image.shape[2:] != flow.shape[2:] or flow.shape[1] != 2:
        raise ValueError(tr("a picture (N, C, H, W) is warped by a flow (N, 2, H, W) of its size, got "
                            "{picture} and {flow}", picture=tuple(image.shape), flow=tuple(flow.shape)))
    target = _targets(flow)                                     # (N, 2, H, W), in pixels
    height, width = image.shape[2:]
    # grid_sample counts from -1 at the middle of the first pixel to 1 at that of the last
    scale = flow.new_tensor([2 / max(width - 1, 1), 2 / max(height - 1, 1)]).view(1, 2, 1, 1)
    grid = (target * scale - 1).permute(0, 2, 3, 1)             # (N, H, W, 2)
    return F.grid_sample(image, grid, mode=interpolation, padding_mode="border", align_corners=True)


def consistent(back: Tensor, forth: Tensor, edges: bool = True) -> Tensor:
    """Where a flow can be trusted: 1 where going back and forth ends where it began, else 0.

    With w the flow back from frame t, and w' the flow forth from frame t - 1, taken where w leads to, a pixel
    was hidden in frame t - 1 where

        |w' + w|^2 > 0.01 (|w'|^2 + |w|^2) + 0.5

    and is at the edge of something that moves, where flows are inexact, where

        |grad u|^2 + |grad v|^2 > 0.01 |w|^2 + 0.002        with w = (u, v)

    What comes from outside the picture was not seen either.

    Args:
        back: (N, 2, H, W), the flow from this frame to the one before.
        forth: (N, 2, H, W), the flow from the one before to this one.
        edges: whether edges of moving things count as hidden.

    Returns:
        (N, 1, H, W), zeros and ones.

    Source:
        Sundaram, Brox and Keutzer, Dense point trajectories by GPU-accelerated large displacement optical
        flow, ECCV 2010; as in Ruder, Dosovitskiy and Brox 2016, equations 5 and 6.
    """
    there = warp(forth, back, "bilinear")
    error, length = _squared(there + back), _squared(back)
    trusted = error <= 0.01 * (_squared(there) + length) + 0.5
    if edges:
        trusted &= _steepness(back) <= 0.01 * length + 0.002
    return (trusted & inside(back)).to(back.dtype)


def motion(frame: Tensor, other: Tensor, method: str = "ilk") -> tuple[Tensor, Tensor]:
    """Where each pixel of `frame` lies in `other`, and where that can be trusted.

    Args:
        frame, other: (1, 3, H, W), in [0, 1].
        method: see `optical_flow`.

    Returns:
        (flow (1, 2, H, W), mask (1, 1, H, W)): see `optical_flow` and `consistent`.

    Raises:
        as `optical_flow`.
    """
    flow = optical_flow(frame, other, method)
    return flow, consistent(flow, optical_flow(other, frame, method))


def inside(flow: Tensor) -> Tensor:
    """(N, 1, H, W): whether a flow (N, 2, H, W) leads to a place in the picture."""
    target = _targets(flow)
    height, width = flow.shape[2:]
    x, y = target[:, :1], target[:, 1:]
    return (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)


def _targets(flow):
    """Where each pixel goes, (N, 2, H, W), x first."""
    height, width = flow.shape[2:]
    y, x = torch.meshgrid(torch.arange(height, device=flow.device), torch.arange(width, device=flow.device),
                          indexing="ij")
    return flow + torch.stack([x, y]).to(flow.dtype)


def _squared(flow):
    return flow.square().sum(1, keepdim=True)


def _steepness(flow):
    """|grad u|^2 + |grad v|^2, by differences between the neighbours on both sides."""
    down, right = torch.gradient(flow, dim=(2, 3))
    return _squared(down) + _squared(right)


def _brightness(picture):
    weights = picture.new_tensor(LUMA).view(1, 3, 1, 1)
    return (picture.detach() * weights).sum(1)[0].float().cpu().numpy()         # (H, W)


def _ilk(first, second):
    v, u = optical_flow_ilk(first, second, radius=RADIUS)       # rows first
    return np.stack([u, v]).astype(np.float32)


def _dis(first, second):
    try:
        import cv2
    except ImportError as error:
        raise ValueError(tr("the method 'dis' needs OpenCV ({error}): pip install opencv-python-headless, or "
                            "take 'ilk'", error=error)) from None
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    levels = [np.rint(255 * picture).clip(0, 255).astype(np.uint8) for picture in (first, second)]
    return search.calc(*levels, None).transpose(2, 0, 1).copy()                 # (H, W, 2) -> (2, H, W)
