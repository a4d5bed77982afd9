"""What comes in: the shape and range of the tensors and arrays that hold a picture or a mask."""
import numpy as np
import torch

SLACK = 0.2                 # how far bicubic curves may leave [0, 1] when a picture is resized
# an average level that no picture painted in [0, 1] has, even if its pixels were not clamped
FAR = 2.0


class ImageError(ValueError):
    """A picture that cannot be read, used or written. The message says why, and what to do."""


def fit_sides(sides, size):
    """The sides of a picture, in their proportions, such that none is longer than `size`; None keeps them."""
    longest = max(sides)
    if size is None or longest <= size:
        return tuple(sides)
    scale = size / longest
    return tuple(max(1, round(side * scale)) for side in sides)


def check_picture(image, role="picture"):
    """A tensor that is a picture, as float32 in [0, 1].

    Args:
        image: tensor (1, 3, H, W), RGB, floats in [0, 1] or uint8 from 0 to 255. Floats may leave [0, 1] by
            0.2, as resizing can do, and are clamped.
        role: what the picture is, for messages.

    Returns:
        float32 tensor (1, 3, H, W), in [0, 1], on the device of `image`, without its gradient.

    Raises:
        ImageError: another shape or range, or NaN. The message says what to do.
    """
    if not isinstance(image, torch.Tensor):
        raise ImageError(not_a_picture(image, role))
    if image.ndim != 4 or image.shape[:2] != (1, 3):
        raise ImageError(f"{role} must have shape (1, 3, H, W), got "
                         f"{tuple(image.shape)}{shape_hint(image.shape)}")
    return check_range(image, role)


def check_range(values, role):
    """The numbers of a picture or mask -> float32 in [0, 1]; else an ImageError that quotes their range."""
    if values.dtype in (torch.uint8, torch.bool):
        return values.float() / (255 if values.dtype == torch.uint8 else 1)
    if not values.is_floating_point():
        kind = str(values.dtype).removeprefix("torch.")
        raise ImageError(f"{role} holds {kind} numbers: make levels from 0 to 255 x.to(torch.uint8), or "
                         "values in [0, 1] x.float()")
    values = values.detach().float()
    if values.is_meta:          # a shape without content, by which memory is counted
        return values
    if not values.isfinite().all():
        raise ImageError(f"{role} contains NaN or infinite values: look where they come from")
    low, high = (float(end) for end in values.aminmax()) if values.numel() else (0.0, 1.0)
    if low < -SLACK or high > 1 + SLACK:
        raise ImageError(out_of_range(role, low, high))
    return values if low >= 0 and high <= 1 else values.clamp(0, 1)


def as_tensor(source, role):
    """A tensor as it is, an array (H, W, 3) or (H, W) as (1, 3, H, W)."""
    if isinstance(source, torch.Tensor):
        return source
    if not isinstance(source, np.ndarray):
        raise ImageError(not_a_picture(source, role))
    values = array_to_tensor(source, role)
    if values.ndim == 2:
        return values.expand(1, 3, -1, -1).contiguous()
    if values.ndim == 3 and values.shape[2] == 3:
        return values.permute(2, 0, 1)[None].contiguous()
    if values.ndim == 4 and values.shape[:2] == (1, 3):
        return values
    hint = ": write x[..., :3]" if values.ndim == 3 and values.shape[2] == 4 else ""
    hint = ": write x.transpose(1, 2, 0)" if values.ndim == 3 and len(values) == 3 else hint
    raise ImageError(f"{role} must be an array of shape (H, W, 3) or (H, W), got {source.shape}{hint}")


def array_to_tensor(array, role):
    """A NumPy array of numbers as a tensor of its own, in a format that PyTorch knows."""
    if array.dtype.kind not in "buif":
        raise ImageError(f"{role} must be an array of numbers, got one of {array.dtype}")
    known = array.dtype.kind == "b" or array.dtype == np.uint8
    return torch.from_numpy(np.array(array, array.dtype if known else np.float32
                                     if array.dtype.kind == "f" else np.int64, order="C"))


def shape_hint(shape):
    """How a tensor of this shape becomes (1, 3, H, W), where one can guess."""
    match tuple(shape):
        case (3, _, _):
            return ": write x[None]"
        case (_, _, 3):
            return ": write x.permute(2, 0, 1)[None]"
        case (_, 3, _, _):
            return ": take one of them, x[:1]"
        case (1, _, _, 3):
            return ": write x.permute(0, 3, 1, 2)"
        case (1, 4, _, _):
            return ": without its transparency it is x[:, :3]"
        case (1, 1, _, _):
            return ": write x.expand(1, 3, -1, -1)"
        case (1, _, _) | (_, _):
            return ": write x.expand(1, 3, -1, -1)"
    return ""


def not_a_picture(source, role):
    if isinstance(getattr(source, "image", None), torch.Tensor):
        return f"{role} is a {type(source).__name__}, which holds a picture: write result.image"
    got = repr(source) if source is None or isinstance(source, (int, float)) else f"a {type(source).__name__}"
    return (f"{role} must be a picture (a file, a tensor (1, 3, H, W), a NumPy array (H, W, 3) or a Pillow "
            f"picture), got {got}")


def out_of_range(role, low, high):
    if high > 10 and low > -SLACK * high:
        most = 255 if high <= (1 + SLACK) * 255 else 65535
        remedy = f"divide by {most}" if high <= 65535 else "bring it there"
    elif low >= -1 - SLACK and high <= 1 + SLACK:
        remedy = "add 1 and divide by 2"
    elif low < -SLACK:
        remedy = ("it seems to be prepared for a network, which this package does itself; give the picture "
                  "as it was before")
    else:
        remedy = "write x.clamp(0, 1)"
    return f"{role} goes from {low:.3g} to {high:.3g} and must lie in [0, 1]: {remedy}"
