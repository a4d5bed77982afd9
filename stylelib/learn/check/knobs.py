"""Checkers of notebook 05: a weight in another source's unit, and settings that meet a written brief."""
from collections.abc import Callable

import torch
from IPython import get_ipython

from ...engine.language import mark, tr
from ...images import load_image
from ...losses import total_variation
from ...networks import load_network
from ...objective import TransferLoss
from ...transfer import stylize
from . import brief
from .course import data_file
from .verdict import DOUBLED, POWER, Mistake, compare_cases, exercise, number

# ---------------------------------------------------------------------------------------------------- weights

# (weight, channels): no weight is a multiple of 5 but one, no number appears twice in a formula
CASES = ((1e3, 64), (1e3, 512), (7.0, 128), (252.0, 9), (3, 33))

# What learners get wrong when they go from one divisor to another: the factor for five layers, ...
FIVES = {
    1 / 5: None,
    1: mark("pystiche takes the mean over its five layers, where the tutorial takes the sum"),
    5: mark("the five goes the other way: a mean over five layers gives each of them a fifth of the weight"),
}
# ... the power of C, ...
POWERS = {
    2: None,
    0: mark("the Gram matrices differ too: one is divided by M, the other by C*M"),
    1: mark("you divided the Gram matrices by C once more, and the loss squares their differences: what "
            "happens to C then?"),
    -1: mark("C goes the wrong way (the tutorial's loss is smaller, so its weight must be larger), and the "
             "loss squares it"),
    -2: mark("C goes the wrong way: the tutorial's loss is smaller, so its weight must be larger"),
    4: mark("one square too many: mean of ((G - A) / C)^2 is mean of (G - A)^2, divided by C^2"),
}
# ... and what has nothing to do with the two formulas
OTHER_SLIPS = (
    (lambda weight, channels: weight // 5 * channels**2,
     mark("// drops what remains of the division: divide by /")),
    (lambda weight, channels: weight / 5 * channels * 2, DOUBLED),
    (lambda weight, channels: weight / 5 * (channels ^ 2), POWER),
    (lambda weight, channels: weight / 5 * channels**2 / 4,
     mark("the paper's 4 C^2 plays no role here: both sources take the mean of the squares")),
    (lambda weight, channels: weight / 5 * channels**2 * 4,
     mark("the paper's 4 C^2 plays no role here: both sources take the mean of the squares")),
)


@exercise
def convert_weight(answer: Callable) -> None:
    """Check `convert_weight(weight, channels)`: pystiche's style weight in the PyTorch tutorial's unit."""
    def told(case: tuple, expected: float, got: float) -> str:
        weight, channels = case
        return tr("for the weight {weight:g} and {channels} channels the tutorial needs {expected:g}, got "
                  "{got:g}", weight=weight, channels=channels, expected=expected, got=got)

    got = [number(answer(weight, channels)) for weight, channels in CASES]
    slips = (*OTHER_SLIPS, *_formula_slips())
    compare_cases(got, CASES, lambda weight, channels: weight / 5 * channels**2, slips, told, rtol=1e-3)


def _formula_slips():
    """(slip, hint): each wrong factor for the five layers with each wrong power of C."""
    for five, about_five in FIVES.items():
        for power, about_power in POWERS.items():
            if (five, power) == (1, 0):
                hint = tr("the same number means something else there: look at the two formulas")
            elif about_five and about_power:
                # Translators: {about_gram} and {about_layers} are whole hints: what is wrong, and what else
                hint = tr("{about_gram}. And {about_layers}", about_gram=tr(about_power),
                          about_layers=tr(about_five))
            elif about_five:
                hint = tr("the right factor for the Gram matrices. But {about_layers}",
                          about_layers=tr(about_five))
            elif about_power:
                hint = tr("right for the mean over five layers. But {about_gram}", about_gram=tr(about_power))
            else:
                continue
            yield lambda weight, channels, five=five, power=power: weight * five * channels**power, hint


# --------------------------------------------------------------------------------------------------- a poster

@exercise
def poster(answer: Callable) -> str:
    """Check `poster()`: settings for `stylize` that meet the brief, found out by painting with them."""
    settings = brief.examined(answer())
    photo, file, painting, network = _materials()
    try:        # the painting's file: with style_scale above 1 more of its pixels are needed
        image = stylize(photo, file, brief.SIZE, brief.STEPS, network=network, progress=False,
                        **settings).image
    except Exception as error:  # noqa: BLE001 - settings of any kind can come
        raise Mistake(tr("stylize does not paint with these settings: {error}", error=error)) from None
    _show({tr("the photo"): photo, tr("your poster"): image, tr("the painting"): painting})
    with torch.no_grad():
        terms = TransferLoss(network, photo, painting, style_weight=1)(image)
    restless = float(total_variation(image) / total_variation(photo))
    return brief.judged(settings, brief.Measured(float(terms["content"]), float(terms["style"]), restless))


def _materials():
    """Photo, the painting's file, painting, network. What fails here is not the learner's fault."""
    try:
        photo = load_image(data_file("content/china.jpg"), brief.SIZE)
        file = data_file("style/starry_night.jpg")
        return photo, file, load_image(file, brief.SIZE), load_network()
    except (OSError, ValueError) as error:
        raise Mistake(tr("your settings could not be tried: {error}", error=error)) from None


def _show(pictures):
    """Show them above the verdict, in a notebook only."""
    if getattr(get_ipython(), "kernel", None) is not None:
        from .. import show  # here, because it sets how notebooks store figures

        show.pictures(pictures, columns=3)
