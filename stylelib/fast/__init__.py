"""Networks that paint in one pass (notebook 08).

    layers      convolutions with mirrored borders, instance normalisation
    painter     photo in, picture out
    predictor   a painting's style in 100 numbers
    ready       those that ship with the package, and files of your own
    styles      what a style may be given as
    paint       `paint_fast`, from coarse to fine where strokes must be long
    sheet       all built-in styles on one sheet
    crops       small pieces of photos to practise on
    train       a network for one painting, trained by yourself
    adain       mean and deviation of a layer exchanged, and turned back into a picture

Names are loaded when they are first used.
"""
from importlib import import_module

_HOMES = {
    "layers": ("ConditionalNorm", "Layer", "Residual", "instance_norm"),
    "painter": ("Painter",),
    "predictor": ("StylePredictor",),
    "ready": ("STYLES", "any_style", "load_painter", "many_styles", "save_painter", "trained"),
    "styles": ("style_numbers",),
    "paint": ("instant", "paint_coarse_to_fine", "paint_fast"),
    "sheet": ("contact_sheet",),
    "train": ("PaintingLoss", "TrainingStep", "in_one_style", "train_fast"),
    # Not `adain` itself: the file has that name here
    "adain": ("Decoder", "invert", "load_decoder", "train_decoder"),
}
__all__ = [name for names in _HOMES.values() for name in names]


def __getattr__(name):
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
