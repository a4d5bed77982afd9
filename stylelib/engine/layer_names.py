"""Names of layers that come in: as a list, and hints for those that do not exist."""
import difflib
import re

from .language import tr


def list_of_layers(layers, what: str = "layers") -> list[str]:
    """Names of layers as a list, also from a generator; a ValueError for a single name, or another thing.

    Args:
        what: the argument's name, for the message.
    """
    if isinstance(layers, str):
        raise ValueError(tr("{argument} must be a list of names: write [{layers!r}]",
                            argument=what, layers=layers))
    try:
        return list(layers)
    except TypeError:
        raise ValueError(tr("{argument} must be a list of names, got {layers!r}",
                            argument=what, layers=layers)) from None


def layer_hint(layer, layers: list[str]) -> str:
    """What an unknown name may mean: other programs count layers, or write their names in another way.

    Args:
        layer: the unknown name, or a number.
        layers: names of all layers that there are, in order.

    Returns:
        the end of an error message: "did you mean 'relu4_2'?"
    """
    written = str(layer).lower()
    if number := re.fullmatch(r"(?:features[._])?(-?\d+)", written):
        i = int(number[1])
        if -len(layers) <= i < len(layers):
            return tr("layers have names here; number {number}, counted from 0, is {layer!r}",
                      number=i, layer=layers[i])
        return tr("layers have names here, and there are {count}, from {first} to {last}",
                  count=len(layers), first=layers[0], last=layers[-1])
    if counted := re.fullmatch(r"(conv|relu|pool)_(\d+)", written):
        same = [name for name in layers if name.startswith(counted[1])]
        i = int(counted[2])
        if 0 < i <= len(same):
            # Translators: {kind} is conv, relu or pool
            return tr("{kind} number {number}, counted from the first, is {layer!r} here",
                      kind=counted[1], number=i, layer=same[i - 1])
        return tr("this network has {count} of them: {layers}", count=len(same), layers=", ".join(same))
    if keras := re.fullmatch(r"block(\d)_(?:conv(\d)|pool)", written):
        name = f"relu{keras[1]}_{keras[2]}" if keras[2] else f"pool{keras[1]}"
        if name in layers:
            return (tr("did you mean {name!r}? Keras counts the ReLU as a part of its convolution", name=name)
                    if keras[2] else tr("did you mean {name!r}?", name=name))
    # r11 in Gatys' own code
    written = re.sub(r"^r(\d)_?(\d)$", r"relu\1_\2", written).replace("-", "_")
    close = difflib.get_close_matches(written, layers, n=1)
    return (tr("did you mean {name!r}?", name=close[0]) if close else
            tr("there are {layers}", layers=", ".join(layers)))
