"""Train the networks that ship with stylelib: three that paint in one style, and a decoder for AdaIN.

    python data/train_networks.py [NAME ...]

Without names it trains them all, a few minutes each on one thread of a laptop. They are made from the
pictures of this folder alone, and without china.jpg, which stays unseen. Their files go to
stylelib/fast/weights/. A training is chaotic: on another machine, or with another version of PyTorch, the
same seed gives another network, and one that is as good.
"""
import json
import sys
from pathlib import Path

import torch

import stylelib
from stylelib.fast.adain import train_decoder
from stylelib.fast.crops import course_photos
from stylelib.fast.ready import WEIGHTS, save_painter
from stylelib.fast.train import train_fast

DATA = Path(__file__).parent
STYLES = {
    "starry_night": "Vincent van Gogh, The Starry Night (1889), public domain",
    "mosaic": "this course, CC BY 4.0",
    "woodcut_waves": "this course, CC BY 4.0",
}
# Rounds of a training, one after the other: each begins with large steps again, and with other crops
PAINTED = [{"iterations": 1000, "size": 96, "learning_rate": 3e-3, "seed": 0},
           {"iterations": 600, "size": 96, "learning_rate": 3e-3, "seed": 1}]
ONE_ROUND = ["mosaic"]          # its tiles were right after the first
DECODED = [{"iterations": 600, "size": 96, "batch": 2, "seed": 0}]
CREDITS = {
    "astronaut.jpg": "NASA, public domain",
    "chelsea.jpg": "Stefan van der Walt, CC0",
    "coffee.jpg": "Rachel Michetti, courtesy of Pikolo Espresso Bar, CC0",
    "flower.jpg": '"dahlia" by vultilion, CC BY 2.0',
    "rocket.jpg": "SpaceX, public domain",
}


def rounds(name):
    """The settings of each round, and a function that starts one: it takes them, and the network before."""
    photos = course_photos()
    assert {path.name for path in photos} == set(CREDITS), "another photo: who made it?"
    if name == "decoder":
        pictures = [*photos, *sorted((DATA / "style").glob("*.jpg"))]
        return DECODED, lambda settings, _: train_decoder(pictures, **settings)
    painting = DATA / "style" / f"{name}.jpg"
    return (PAINTED[:1] if name in ONE_ROUND else PAINTED,
            lambda settings, painter: train_fast(painting, photos, painter=painter, **settings))


def origin(name):
    """What stands in a network's file beside its weights."""
    return {"made by": "data/train_networks.py of stylelib", "rounds": rounds(name)[0], "photos": CREDITS,
            "painting": STYLES.get(name, "those of data/SOURCES.md"), "licence": "CC BY 4.0",
            "network of the loss": "VGG-19, up to relu3_1"}


def write(name, network):
    """Write a network's file."""
    # One entry: safetensors writes several in an order that differs from run to run
    save_painter(network, WEIGHTS / f"{name}.safetensors", {"about": json.dumps(origin(name))})


def train(name):
    """Train one network, and write its file."""
    network, (all_settings, start) = None, rounds(name)
    for settings in all_settings:
        for step in start(settings, network):
            if step.index % 100 == 0:
                print(name, step, f"{step.seconds:.0f} s", flush=True)
        network = step.painter
    write(name, network)


def main(names):
    """Train those that are named, or all."""
    unknown = set(names) - {*STYLES, "decoder"}
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are {', '.join([*STYLES, 'decoder'])}")
    print(f"stylelib {stylelib.__version__}, PyTorch {torch.__version__}")
    for name in names or [*STYLES, "decoder"]:
        train(name)


if __name__ == "__main__":
    main(sys.argv[1:])
