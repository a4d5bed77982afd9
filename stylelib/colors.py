"""Brightness and colour: what a transfer needs to keep the photo's own colours."""

RED_GREEN_BLUE = (0.299, 0.587, 0.114)    # how bright each primary looks (ITU-R BT.601, the Y of YIQ)


def luminance(image):
    """Brightness of each pixel.

    Args:
        image: (N, 3, H, W), RGB.

    Returns:
        (N, 1, H, W), in the range of `image`.

    Source: the Y of YIQ, as in Gatys et al. 2017, section 5.1.
    """
    weights = image.new_tensor(RED_GREEN_BLUE).view(1, 3, 1, 1)
    return (image * weights).sum(dim=1, keepdim=True)


def match_luminance(image, reference):
    """Give `image` the mean and the spread of brightness of `reference`.

    Args:
        image, reference: brightness, (N, 1, H, W) each, sizes may differ.

    Returns:
        (N, 1, H, W), in [0, 1].

    Source: Gatys et al. 2017, eq. 10.
    """
    spread = reference.std() / image.std().clamp(min=1e-6)
    return ((image - image.mean()) * spread + reference.mean()).clamp(0, 1)


def with_colors_of(image, photo):
    """Brightness from `image`, hue and colourfulness from `photo`.

    Args:
        image, photo: (N, 3, H, W), RGB, in [0, 1], of one size.

    Returns:
        (N, 3, H, W), in [0, 1].

    Source: luminance-only transfer, Gatys et al. 2017, section 5.1. Changing Y alone in YIQ adds the same number to
        red, green and blue, so no conversion is needed.
    """
    return (photo + luminance(image) - luminance(photo)).clamp(0, 1)
