"""The figures of `quality`: loss against seconds, and what each method had in hand."""
import math

from .quality_tables import NAMES, PLAIN, with_tutorial
from .report import pyplot, save_svg
from .yardstick import STYLE_WEIGHT

LOOK = {"default": {"color": "C0", "marker": "o", "linewidth": 2},
        "bfloat16": {"color": "C0", "marker": "s", "linestyle": ":"},
        "from_photo": {"color": "C1", "marker": "v", "linestyle": "--"},
        "fast": {"color": "C0", "marker": "*", "markersize": 10, "linestyle": "none"},
        "lite": {"color": "C3", "marker": "X", "markersize": 8, "linestyle": "none"},
        "tutorial": {"color": "C2", "marker": "^", "linestyle": "-."},
        "pastiche": {"color": "C4", "marker": "D", "linestyle": (0, (1, 2))}}


def figures(result, folder):
    """loss.svg: loss against seconds, one line a method, for the pairs on which most methods ran."""
    plt = pyplot()
    shown = {size: [row for row in rows if "tutorial" in row["methods"]]
             for size, rows in result["sizes"].items()}
    columns = max(map(len, shown.values()))
    figure, axes = plt.subplots(len(shown), columns, figsize=(4 * columns + 1, 3.4 * len(shown)), sharex=True,
                                sharey="col", squeeze=False, layout="constrained")
    for line, (size, rows) in zip(axes, shown.items(), strict=True):
        for axis, row in zip(line, rows):
            for method, reached in row["methods"].items():
                _draw(axis, method, reached)
            axis.set(xscale="log", yscale="log", title=f"{' + '.join(row['names'])}, {size} px")
            axis.grid(alpha=0.3)
            ticks = [tick for tick in (0.5, 0.7, 1, 1.5, 2, 3, 5, 8)
                     if axis.get_ylim()[0] <= tick <= axis.get_ylim()[1]]
            axis.set_yticks(ticks, ticks)
            axis.set_xticks(result["marks"], result["marks"])
            axis.minorticks_off()
        line[0].set_ylabel(f"loss, C + {STYLE_WEIGHT:g} S")
    for axis in axes[-1]:
        axis.set_xlabel("seconds since the command")
    drawn = {method for _, row in with_tutorial(result) for method in row["methods"]}
    lines = [plt.Line2D([], [], label=PLAIN[method], **LOOK[method]) for method in NAMES if method in drawn]
    figure.legend(handles=lines, loc="outside lower center", ncols=columns + 1)
    save_svg(figure, folder / "loss.svg")


def _draw(axis, method, reached):
    """Each picture once, at the second at which it was there."""
    points = {entry["step"]: (entry["seconds"], entry["L"])
              for entry in [*reached["moments"].values(), reached["last"]]}
    axis.plot(*zip(*sorted(points.values()), strict=True), **{"markersize": 3, **LOOK[method]})


def moment_shown(marks):
    """The second whose pictures are shown: in the middle, so that the methods still differ."""
    return marks[len(marks) // 2 + 1]


def sheet(row, folder, marks):
    """pictures-PHOTO.jpg: what each method had in hand at one moment."""
    plt = pyplot()
    mark = moment_shown(marks)
    shown = {}
    for name, image in row["pictures"].items():
        if name in row["methods"]:
            moments = row["methods"][name]["moments"]
            entry = moments.get(str(mark), row["methods"][name]["last"])
            # nothing was in hand yet: its last picture
            when = mark if str(mark) in moments else round(entry["seconds"])
            shown[f"{PLAIN[name]}:\nloss {entry['L']:.2f} after {when} s"] = image
        else:
            shown[f"{name}\n"] = image
    height, width = row["pictures"]["photo"].shape[2:]
    lines = math.ceil(len(shown) / 3)
    figure, axes = plt.subplots(lines, 3, layout="constrained",
                                figsize=(12, lines * (4 * height / width + 0.6)))
    for axis in axes.flat:
        axis.axis("off")
    for axis, (caption, image) in zip(axes.flat, shown.items(), strict=False):
        axis.imshow(image[0].permute(1, 2, 0))
        axis.set_title(caption, fontsize=10)
    figure.savefig(folder / f"pictures-{row['names'][0]}.jpg", dpi=90, pil_kwargs={"quality": 80})
    plt.close(figure)
