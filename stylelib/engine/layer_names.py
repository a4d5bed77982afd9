"""Names of layers that come in: as a list, and hints for those that do not exist."""
import difflib
import re


def list_of_layers(layers, what: str = "layers") -> list[str]:
    """Names of layers as a list, also from a generator; a ValueError for a single name, or another thing.

    Args:
        what: the argument's name, for the message.
    """
    if isinstance(layers, str):
        raise ValueError(f"{what} must be a list of names: write [{layers!r}]")
    try:
        return list(layers)
    except TypeError:
        raise ValueError(f"{what} must be a list of names, got {layers!r}") from None


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
            return f"layers have names here; number {i}, counted from 0, is {layers[i]!r}"
        return f"layers have names here, and there are {len(layers)}, from {layers[0]} to {layers[-1]}"
    if counted := re.fullmatch(r"(conv|relu|pool)_(\d+)", written):
        same = [name for name in layers if name.startswith(counted[1])]
        i = int(counted[2])
        if 0 < i <= len(same):
            return f"{counted[1]} number {i}, counted from the first, is {same[i - 1]!r} here"
        return f"this network has {len(same)} of them: {', '.join(same)}"
    if keras := re.fullmatch(r"block(\d)_(?:conv(\d)|pool)", written):
        name = f"relu{keras[1]}_{keras[2]}" if keras[2] else f"pool{keras[1]}"
        if name in layers:
            return f"did you mean {name!r}?" + (" Keras counts the ReLU as a part of its convolution"
                                                if keras[2] else "")
    # r11 in Gatys' own code
    written = re.sub(r"^r(\d)_?(\d)$", r"relu\1_\2", written).replace("-", "_")
    close = difflib.get_close_matches(written, layers, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(layers)}"
