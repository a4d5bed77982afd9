"""What a picture must keep: content, style, smoothness. Pure functions of tensors.

The letters are those of Gatys, Ecker & Bethge (CVPR 2016): F are the activations of the picture in one layer, P those of
the photo, G the picture's Gram matrix, A the painting's; a layer has N channels (here C) and M = H*W positions.
"""
import torch


def content_loss(features, target):
    """How far activations are from the photo's: the mean squared difference, c.

    Args:
        features: F, (N, C, H, W).
        target: P, of the same shape.

    Returns:
        scalar, 0 where they are equal.

    Raises:
        ValueError: the shapes differ.

    Source: Gatys et al. 2016, eq. 1, which takes 1/2 of the sum: C*H*W/2 times this. A mean does not change with
        the picture's size.
    """
    if features.shape != target.shape:
        raise ValueError(f"features and target must have the same shape, got {tuple(features.shape)} and {tuple(target.shape)}")
    # channels last, as the gradient
    F, P = (at_least_float32(activations).movedim(1, -1) for activations in (features, target))
    return torch.nn.functional.mse_loss(F, P)


def gram_matrix(features):
    """Which channels are active together, anywhere in the picture: F F^T / (H*W).

    Args:
        features: F, (N, C, H, W).

    Returns:
        (N, C, C), symmetric. On the diagonal each channel's mean square; off it, how much two channels coincide.

    Raises:
        ValueError: features are not of four dimensions.

    Source: Gatys et al. 2016, eq. 3, which does not divide. Dividing by the number of positions makes pictures of different
        sizes comparable.
    """
    if features.ndim != 4:
        raise ValueError(f"features must have shape (N, C, H, W), got {tuple(features.shape)}")
    flat = features.flatten(2)                       # (N, C, H*W): all positions in one row
    flat = flat.squeeze(0)                           # one picture alone: a faster product than that of a batch
    gram = _TimesItsTranspose.apply(flat)            # (N, C, C)
    return at_least_float32(gram).view(-1, *gram.shape[-2:]) / flat.shape[-1]


class _TimesItsTranspose(torch.autograd.Function):
    """F F^T for each F of a batch, (N, C, M) -> (N, C, C), or of one, (C, M) -> (C, C).

    The gradient is (G' + G'^T) F: one product where PyTorch's own for `flat @ flat.mT` takes two, and in the order in memory that F
    has. tests/benchmarks measures what that gains.
    """

    generate_vmap_rule = True       # for torch.func

    @staticmethod
    def forward(flat):
        return flat @ flat.mT

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, gradient):
        flat, = ctx.saved_tensors
        both = gradient + gradient.mT
        return both @ flat if flat.is_contiguous() else (flat.mT @ both).mT


def style_loss(features, target_gram):
    """How far a layer's Gram matrix G is from the painting's, A: E = sum (G - A)^2 / (4 C^2).

    Args:
        features: F, (N, C, H, W).
        target_gram: A, (N, C, C) or (1, C, C), made by `gram_matrix`; the painting may have another size.

    Returns:
        scalar, the mean over the batch.

    Raises:
        ValueError: target_gram does not fit.

    Source: Gatys et al. 2016, eq. 4, exactly, for pictures of equal size: there the division by M^2 stands in front,
        here it is inside both Gram matrices.
    """
    return gram_distance(gram_matrix(features), target_gram)


def gram_distance(gram, target_gram):
    """The same for a Gram matrix that is known already: E = sum (G - A)^2 / (4 C^2).

    Args:
        gram: G, (N, C, C).
        target_gram: A, (N, C, C) or (1, C, C).

    Returns:
        scalar, the mean over the batch.

    Raises:
        ValueError: target_gram does not fit.

    Source: as `style_loss`.
    """
    if target_gram.shape[-2:] != gram.shape[-2:] or target_gram.ndim != 3 or target_gram.shape[0] not in (1, len(gram)):
        raise ValueError(f"target_gram must have shape {tuple(gram.shape)}, got {tuple(target_gram.shape)}")
    channels = gram.shape[1]
    return (gram - target_gram).square().sum() / (4 * channels**2 * len(gram))


def at_least_float32(values):
    """In float32 at least, since sums over many positions need its precision; float64 stays what it is.

    Args:
        values: a floating-point tensor of any shape and precision.

    Returns:
        the same values, of the same shape.
    """
    return values if values.dtype == torch.float64 else values.float()


def total_variation(image):
    """How restless a picture is: the mean absolute difference between neighbouring pixels, down plus across.

    Args:
        image: (N, 3, H, W).

    Returns:
        scalar, 0 for a picture of one colour.

    Raises:
        ValueError: image is not of four dimensions, or is less than two pixels high or wide.

    Source: Rudin, Osher & Fatemi 1992, in the separate-axes form; not in Gatys et al. A mean, so that it does not change
        with the picture's size.
    """
    if image.ndim != 4 or min(image.shape[2:]) < 2:
        raise ValueError(f"image must have shape (N, 3, H, W) with H and W at least 2, got {tuple(image.shape)}")
    down = image[:, :, 1:, :] - image[:, :, :-1, :]
    across = image[:, :, :, 1:] - image[:, :, :, :-1]
    return down.abs().mean() + across.abs().mean()
