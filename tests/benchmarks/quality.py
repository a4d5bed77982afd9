"""(b) How good a picture each method has after some seconds: one yardstick, the same objective for all."""
import json
import math
import tempfile
import time
from pathlib import Path

import torch.nn.functional as F

from stylelib import load_image, load_network, save_image
from stylelib.engine.devices import choose_precision
from stylelib.objective import STYLE_TO_CONTENT

from .report import Goal, Table, pyplot, save_svg, times_text
from .tools import DATA, child, has_amx
from .yardstick import CONTENT, MARGIN, STYLE_WEIGHT, Yardstick

TITLE = "loss reached against seconds, three methods"
MINUTES = 40
PER_DOUBLING = 4        # moments at which to look, between each number of seconds and its double
PAIRS = [("china", "starry_night"), ("coffee", "stained_glass"), ("flower", "woodcut_waves")]
ITERATIONS = 300        # of the tutorial on the first pair
NAMES = {"stylelib": "ours, float32", "stylelib_bfloat16": "ours, bfloat16", "tutorial": "PyTorch tutorial",
         "pastiche": "pastiche"}
PEERS = ("tutorial", "pastiche")
NO_LIMIT = 10**6        # steps


def measure(quick, folder):
    """{"size", "marks", "pairs": [{"names", "start", "methods": {method: {...}}}]}."""
    size, marks, pairs, iterations = 512, [10, 20, 40, 80], PAIRS, ITERATIONS
    if quick:
        size, marks, pairs, iterations = 128, [5, 10, 20], PAIRS[:1], 60
    network = load_network()
    methods = [name for name in NAMES
               if name != "stylelib_bfloat16" or choose_precision("auto", "cpu") == "bfloat16"]
    result = {"size": size, "marks": marks, "iterations": iterations, "amx": has_amx(), "pairs": []}
    for pair in pairs:
        photo, painting = (load_image(DATA / kind / f"{name}.jpg", size)
                           for kind, name in zip(("content", "style"), pair, strict=True))
        yardstick = Yardstick(network, photo, painting)
        row = {"names": pair, "start": yardstick(photo), "methods": {}}
        pictures = {}
        for method in methods:
            # Ours goes on to its end. The others have none; on the first pair the tutorial's method may use
            # all its iterations
            limit = iterations if method == "tutorial" and pair == pairs[0] else None
            limit = limit if method in PEERS else NO_LIMIT
            # who has an end is watched up to it
            moments = moments_between(marks[0] / 2, marks[-1] * (16 if limit else 1))
            with tempfile.TemporaryDirectory() as scratch:
                row["methods"][method], pictures[method] = _run(
                    method, yardstick, (photo, painting), moments, marks[-2], limit, Path(scratch))
        _sheet(pair, photo, painting, pictures, row, folder, marks[-2])
        result["pairs"].append(row)
    return result


def _run(method, yardstick, pictures, moments, shown, limit, folder):
    """One method on one pair, in a child process: what it reached at each moment, and one of its pictures."""
    # Peers have no margin of their own. With it they come out better, so they get it, as ours has it
    margin = MARGIN if method in PEERS else 0
    files = {"photo": folder / "photo.png", "painting": folder / "painting.png"}
    for image, file in zip(pictures, files.values(), strict=True):
        save_image(F.pad(image, [margin] * 4, mode="reflect") if margin else image, file)
    size, painting_size = (max(image.shape) + 2 * margin for image in pictures)
    task = {**{name: str(file) for name, file in files.items()}, "folder": str(folder), "limit": limit,
            "moments": moments, "size": size, "painting_size": painting_size,
            "ours": STYLE_WEIGHT / STYLE_TO_CONTENT, "content_layer": CONTENT,
            "content_unit": yardstick.content_unit, "style_units": yardstick.style_units,
            "style_weight": STYLE_WEIGHT}
    (folder / "task.json").write_text(json.dumps(task), "utf-8")
    reached = child("methods", method, folder, time.time())

    def picture(moment):
        return _without_margin(load_image(folder / f"{moment}.png"), margin)

    for moment, entry in reached["moments"].items():
        entry.update(yardstick(picture(moment)))
    reached["last"] = reached["moments"].pop("last")
    return reached, picture(shown if str(shown) in reached["moments"] else "last")


def moments_between(first, last):
    """Seconds at which to look; whole numbers as such, so that the marks are among them."""
    count = round(PER_DOUBLING * math.log2(last / first)) + 1
    moments = [round(first * 2 ** (i / PER_DOUBLING), 2) for i in range(count)]
    return [int(moment) if moment == int(moment) else moment for moment in moments]


def _without_margin(image, margin):
    height, width = image.shape[2:]
    return image[:, :, margin:height - margin, margin:width - margin]


def tables(result):
    rows = []
    for pair in result["pairs"]:
        for method, reached in pair["methods"].items():
            at = [f"{reached['moments'][str(mark)]['L']:.2f}" if str(mark) in reached["moments"]
                  else "no picture yet" for mark in result["marks"]]
            last = reached["last"]
            at.append(f"{last['L']:.2f} after {last['step']} steps, {last['seconds']:.0f} s")
            rows.append([" + ".join(pair["names"]), NAMES[method], *at])
    header = ["pair", "method", *(f"at {mark} s" for mark in result["marks"]), "its last picture"]
    return {"losses": Table(f"Loss reached, L = C + {STYLE_WEIGHT:g} S, pictures of {result['size']} px",
                            header, rows),
            "speed": Table("Time to the loss that the tutorial's method has after "
                           f"{result['iterations']} iterations",
                           ["method", "beside the tutorial", "time"], _speed(result))}


def _speed(result):
    rows = []
    for method, (took, ratio) in _times_to_tutorials_loss(result).items():
        stopped = result["pairs"][0]["methods"][method]["last"]["seconds"]
        rows.append([NAMES[method], *([times_text(ratio), f"{took:.0f} s"] if took
                                      else ["", f"not in the {stopped:.0f} s that it had"])])
    return rows


def _times_to_tutorials_loss(result):
    """{method: (seconds, the same divided by the tutorial's)} on the first pair, or (None, None)."""
    methods = result["pairs"][0]["methods"]
    goal = methods["tutorial"]["last"]
    times = {"tutorial": goal["seconds"]}
    for method, reached in methods.items():
        if method != "tutorial":
            entries = [*reached["moments"].values(), reached["last"]]
            times[method] = min((entry["seconds"] for entry in entries if entry["L"] <= goal["L"]),
                                default=None)
    return {method: (took, took and took / goal["seconds"]) for method, took in times.items()}


def sentences(result):
    """The sheets of the second pair and the others; the first has its place in the page."""
    photos = [pair["names"][0] for pair in result["pairs"][1:]]
    return {"more_pictures": "\n".join(f"![The same for {photo}](pictures-{photo}.jpg)" for photo in photos)}


def goals(result):
    times = _times_to_tutorials_loss(result)
    for method, limit in (("stylelib", 1 / 3), ("stylelib_bfloat16", 0.1)):
        if method in times and (method == "stylelib" or result["amx"]):
            took, ratio = times[method]
            yield Goal(f"{NAMES[method]}: the tutorial's loss after {result['iterations']} iterations "
                       f"in at most {limit:.2f} of its time",
                       times_text(ratio) if took else "not reached", bool(took) and ratio <= limit)
    ahead = [f"{NAMES[peer]} at {mark} s on {pair['names'][0]}"
             for pair in result["pairs"] for mark in result["marks"] for peer in PEERS
             if _loss_at(pair, peer, mark) < _loss_at(pair, "stylelib", mark)]
    yield Goal(f"no peer ahead of float32 at any of {', '.join(map(str, result['marks']))} s",
               ", ".join(ahead) or "none is", not ahead)


def _loss_at(pair, method, mark):
    """Before a method has its first picture, the untouched photo counts."""
    return pair["methods"][method]["moments"].get(str(mark), pair["start"])["L"]


def figures(result, folder):
    """loss.svg: loss against seconds, one line a method."""
    plt = pyplot()
    figure, axes = plt.subplots(1, len(result["pairs"]), figsize=(4 * len(result["pairs"]) + 1, 4),
                                sharey=True, squeeze=False, layout="constrained")
    for axis, pair in zip(axes[0], result["pairs"], strict=True):
        styles = zip(pair["methods"].items(), ("-", "--", "-.", ":"), "osD^", strict=False)
        for (method, reached), style, marker in styles:
            end = reached["last"]["seconds"]
            points = [(float(moment), entry["L"]) for moment, entry in reached["moments"].items()
                      if float(moment) < end]
            points.append((end, reached["last"]["L"]))
            axis.plot(*zip(*points, strict=True), style, marker=marker, markersize=3, label=NAMES[method])
        axis.set(xscale="log", yscale="log", xlabel="seconds since the command",
                 title=" + ".join(pair["names"]))
        axis.set_xticks(result["marks"], result["marks"])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    ticks = [tick for tick in (0.5, 0.7, 1, 1.5, 2, 3, 4, 6)
             if axes[0][0].get_ylim()[0] <= tick <= axes[0][0].get_ylim()[1]]
    axes[0][0].set_yticks(ticks, ticks)
    axes[0][0].set_ylabel(f"loss, C + {STYLE_WEIGHT:g} S")
    axes[0][-1].legend()
    save_svg(figure, folder / "loss.svg")


def _sheet(pair, photo, painting, pictures, row, folder, mark):
    """pictures-PHOTO.jpg: what each method had in hand at one moment."""
    plt = pyplot()
    shown = {"photo": photo, "painting": painting}
    for method, image in pictures.items():
        moments = row["methods"][method]["moments"]
        entry = moments.get(str(mark), row["methods"][method]["last"])
        # nothing was in hand yet: its last picture
        when = mark if str(mark) in moments else round(entry["seconds"])
        shown[f"{NAMES[method]}: loss {entry['L']:.2f} after {when} s"] = image
    height, width = photo.shape[2:]
    figure, axes = plt.subplots(math.ceil(len(shown) / 3), 3, layout="constrained",
                                figsize=(12, math.ceil(len(shown) / 3) * (4 * height / width + 0.5)))
    for axis in axes.flat:
        axis.axis("off")
    for axis, (caption, image) in zip(axes.flat, shown.items(), strict=False):
        axis.imshow(image[0].permute(1, 2, 0))
        axis.set_title(caption, fontsize=10)
    figure.savefig(folder / f"pictures-{pair[0]}.jpg", dpi=110, pil_kwargs={"quality": 88})
    plt.close(figure)
