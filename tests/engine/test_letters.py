"""The font that the package brings: it can write the course's texts, and changes nothing else."""
import importlib.util
import io
import warnings

import matplotlib
import matplotlib.pyplot as plt
import pytest
from fontTools.ttLib import TTFont
from PIL import ImageFont

from stylelib.engine.letters import FONT, NAME, add_to_matplotlib, font_for

from ..conftest import DATA

spec = importlib.util.spec_from_file_location("make_font", DATA / "make_font.py")
make_font = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_font)
CHINESE = "《星夜》的风格损失：相邻像素，50 %（由粗到细）"


@pytest.fixture(autouse=True)
def usual_settings():
    with matplotlib.rc_context():
        yield


def drawn(title):
    figure, axis = plt.subplots()
    axis.plot([0, 1])
    figure.suptitle(title, weight="bold")
    file = io.BytesIO()
    figure.savefig(file)
    plt.close(figure)
    return file.getvalue()


def test_the_font_has_every_character_of_the_texts():
    missing = make_font.characters() - {chr(code) for code in TTFont(FONT).getBestCmap()}
    # What Noto Sans SC itself has not got, Matplotlib's DejaVu Sans must have
    usual = TTFont(matplotlib.font_manager.findfont("DejaVu Sans")).getBestCmap()
    missing = {letter for letter in missing if ord(letter) not in usual}
    assert not missing, f"run data/make_font.py again: {''.join(sorted(missing))}"


def test_a_plain_figure_writes_chinese():
    matplotlib.rcParams["font.family"] = ["sans-serif"]
    with pytest.warns(UserWarning, match="Glyph .* missing"):
        boxes = drawn(CHINESE)
    add_to_matplotlib()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawn(CHINESE) != boxes


def test_so_does_one_with_a_formula(caplog):
    add_to_matplotlib()
    drawn(f"{CHINESE}: $F$")
    assert not caplog.records


def test_an_english_figure_stays_as_it_is():
    matplotlib.rcParams["font.family"] = ["sans-serif"]
    before = drawn("Style loss: −3 · 10⁻²")
    add_to_matplotlib()
    add_to_matplotlib()
    assert matplotlib.rcParams["font.family"] == ["sans-serif", NAME]
    assert drawn("Style loss: −3 · 10⁻²") == before


def test_pillow_takes_it_only_where_it_must():
    assert font_for(["strokes", "style 7 · 50 %"], 13).getname() == ImageFont.load_default(13).getname()
    assert font_for(["strokes", "星夜 7"], 13).getname()[0] == NAME


def test_its_licence_lies_beside_it():
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT.parent / "OFL.txt").read_text("utf-8")
    assert make_font.SHA256 in (FONT.parent / "NOTICE.txt").read_text("utf-8")
