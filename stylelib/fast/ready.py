"""Networks that paint, ready to use: those that ship with the package, and files of your own."""
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..engine.language import tr
from ..engine.weights import NetworkError
from ..engine.writing import temporary_file
from .painter import Painter, painter_of
from .predictor import StylePredictor

WEIGHTS = Path(__file__).parent / "weights"
READY = WEIGHTS / "ready.safetensors"       # made by data/convert_networks.py
SHA256 = "8672119b7c9c8225bd65159ad53f3af437c7763d257918a585a8ff5e423a6a6b"
STYLES = 26
ENDING = ".safetensors"


def many_styles() -> Painter:
    """The network that knows 26 styles; its style is a row of 26 numbers, 1 for one of them and 0 for others.

    Raises:
        NetworkError: its weights are missing or damaged.

    Source: Dumoulin, Shlens & Kudlur 2017; weights of the TensorFlow Android demo. The styles have no names.
    """
    return _frozen(painter_of(_ready("many_styles")))


def any_style() -> tuple[Painter, StylePredictor]:
    """The network that paints in any style, and the one that says a painting's style in 100 numbers.

    Raises:
        NetworkError: its weights are missing or damaged.

    Source: Ghiasi et al. 2017; weights of Google's Magenta project. They are stored in 8 bits. Arithmetic
        here is in full precision, so results differ from those of programs that round activations, too.
    """
    with torch.device("meta"):
        predictor = StylePredictor()
    predictor.load_state_dict(_ready("predictor"), assign=True)
    return _frozen(painter_of(_ready("any_style"))), _frozen(predictor)


def load_painter(file: str | os.PathLike[str]) -> Painter:
    """A network that `train_fast` has trained and `save_painter` has saved.

    Args:
        file: its file, or the name of one that ships with the package (`trained()` lists them).

    Raises:
        NetworkError: there is no such file, or it holds no such network.
    """
    path = WEIGHTS / f"{file}.safetensors" if str(file) in trained() else Path(file).expanduser()
    if not path.is_file():
        raise NetworkError(tr("no file {name!r} with a network that paints: give a file that save_painter "
                              "has written, or one of {names}", name=str(file), names=", ".join(trained())))
    try:
        painter = painter_of(read(path))
    except (SafetensorError, KeyError, IndexError, ValueError, TypeError, RuntimeError, OSError):
        raise NetworkError(tr("{name!r} holds no network that paints: it is damaged, or of another program",
                              name=str(file))) from None
    if not all(weight.isfinite().all() for weight in painter.parameters()):
        raise NetworkError(tr("the network in {name!r} holds NaN or infinite weights: its training went "
                              "wrong", name=str(file)))
    return _frozen(painter)


def save_painter(painter: Painter, file: str | os.PathLike[str],
                 about: Mapping[str, str] | None = None) -> None:
    """Save a network in 16 bits, for `load_painter`.

    Args:
        painter: from `train_fast`.
        file: to write, its name ends in .safetensors; an old one is replaced only when the new one is whole.
        about: what to write beside it, such as painting and licence.

    Raises:
        ValueError: the file cannot be written, or has another ending.
    """
    path = Path(file).expanduser()
    if path.suffix.lower() != ENDING:
        raise ValueError(tr("a network's file must end in {ending}, got {name!r}",
                            ending=ENDING, name=str(file)))
    weights = {name: value.detach().half().contiguous().cpu() for name, value in painter.state_dict().items()}
    data = save(weights, dict(about or {}))
    with temporary_file(path) as part:
        part.write_bytes(data)
        part.replace(path)


def trained() -> list[str]:
    """Names of the networks for one painting each that ship with the package."""
    return sorted(path.stem for path in WEIGHTS.glob("*.safetensors")
                  if path.stem not in ("ready", "decoder"))


def read(file: str | os.PathLike[str], prefix: str = "") -> dict[str, Tensor]:
    """{name: float32 tensor} of a file of weights; those in 8 bits are multiplied with their scales.

    Args:
        file: a safetensors file, which cannot run anything.
        prefix: only names that begin with it, without it.
    """
    with safe_open(file, "pt") as weights:
        found = {name.removeprefix(prefix): weights.get_tensor(name) for name in weights.keys()
                 if name.startswith(prefix)}
    scales = {name: found.pop(name) for name in list(found) if name.endswith(".scale")}
    for name, scale in scales.items():
        whole = found[name.removesuffix(".scale")]
        found[name.removesuffix(".scale")] = whole * scale.view(-1, *[1] * (whole.ndim - 1))
    return {name: value.float() for name, value in found.items()}


def _ready(network):
    if not READY.is_file() or hashlib.sha256(READY.read_bytes()).hexdigest() != SHA256:
        raise NetworkError(tr("the weights of the networks that paint are missing or damaged: install "
                              "stylelib again"))
    return read(READY, f"{network}.")


def _frozen(network):
    return network.eval().requires_grad_(False)
