"""Figures and panels in Chinese: no English word is left, and none is cut or boxed."""
import ast
import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import torch

from stylelib import learn, use_language
from stylelib.learn import show
from stylelib.learn.names import name_of
from stylelib.learn.widgets import before_after, contact_sheet, front, playground, studio
from stylelib.learn.widgets.masks import is_black
from stylelib.learn.widgets.page import asset

from ..conftest import DATA

ENGLISH = re.compile(r"(?<![\w\\$])[a-z]{3,}(?![\w(=])")


@pytest.fixture(autouse=True)
def chinese():
    use_language("zh_CN")
    yield
    use_language("en")
    plt.close("all")


@pytest.fixture
def drawn(monkeypatch):
    """Draws the figure that was made; all its texts. A box instead of a letter is an error."""
    def texts():
        figure = plt.gcf()
        figure.canvas.draw()
        return [text.get_text() for text in figure.findobj(plt.Text) if text.get_text()]

    monkeypatch.setattr(plt, "show", lambda *_: None)
    return texts


@pytest.mark.filterwarnings("error:Glyph")
@pytest.mark.parametrize("draw", [
    lambda: show.training({0: torch.rand(1, 3, 8, 8)}, [{"content": 1.0, "style": 2.0}] * 3),
    lambda: show.sliding_filter(torch.rand(7, 7), torch.rand(3, 3), (2, 2)),
    lambda: show.curves({"一": [3, 2, 1]}),
    lambda: show.shares({"一": (8, 12)}),
    lambda: show.optical_flow(torch.rand(1, 3, 32, 32), torch.rand(1, 2, 32, 32), torch.rand(1, 2, 32, 32)),
    lambda: show.calm_and_sharp({"一": (1.0, 2.0)}, own=(1.5, 2.0)),
    lambda: show.hidden(*torch.rand(2, 1, 3, 16, 16), torch.eye(16)[None, None]),
    lambda: show.loss_race({"一": ([1, 2], [3, 1])}),
    lambda: show.style_map(dict(zip("甲乙丙", torch.eye(3))), dict(zip("甲乙丙", torch.rand(3, 1, 3, 8, 8)))),
    lambda: show.time_slice({"一": list(torch.rand(3, 1, 3, 16, 16))}),
    lambda: show.together(torch.rand(1, 3, 32, 32), torch.rand(1, 4, 8, 8), (0, 1), 8),
    lambda: show.unrolled(torch.rand(1, 2, 2), ["一"], list("甲乙丙丁"))])
def test_a_figure_has_no_english_word_and_no_box(draw, drawn, caplog):
    draw()
    left = [text for text in drawn() if ENGLISH.search(text)]
    assert not left, left
    assert not caplog.records, caplog.text


def said(widget):
    """All that a widget and those in it show or tell: (where, text)."""
    for name in ("description", "tooltip", "tooltips", "placeholder", "alt", "names", "kinds", "options"):
        if widget.has_trait(name):
            yield name, str(getattr(widget, name))
    if widget.has_trait("words"):
        yield from widget.words.items()
    if isinstance(getattr(widget, "value", None), str):
        yield "value", re.sub("(?s)<(style|pre)>.*?</.*?>|<.*?>", "", widget.value)
    for child in getattr(widget, "children", ()):
        yield from said(child)


@pytest.mark.parametrize("make", [
    lambda folder: playground(folder=DATA, size=64, save_folder=folder),
    lambda folder: studio(folder=DATA, size=64, save_folder=folder),
    lambda folder: before_after(torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)),
    lambda folder: contact_sheet({(1, 2): torch.rand(1, 3, 8, 8)})],
    ids=["playground", "studio", "before_after", "contact_sheet"])
def test_a_panel_has_no_english_sentence(make, tmp_path):
    panel = make(tmp_path)
    left = [one for one in (("repr", repr(panel)), *said(panel)) if re.search("[a-z]{2,} [a-z]{2,}", one[1])]
    assert not left, left


def test_a_panel_speaks_the_language_of_the_time_when_it_is_made(tmp_path):
    use_language("en")
    playground(folder=DATA, size=64, save_folder=tmp_path)
    use_language("zh_CN")
    tooltips = playground(folder=DATA, size=64, save_folder=tmp_path).painting.children[0].tooltips
    assert "梵高《星月夜》（1889）" in tooltips


def test_no_message_hides_in_an_f_string():
    """There babel finds it from Python 3.12 on only, and before it is in no catalogue."""
    for path in Path(learn.__file__).parent.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        for text in (node for node in nodes if isinstance(node, ast.JoinedStr)):
            assert not re.search(r"\b(tr|mark|tr_count)\([\"']", ast.unparse(text)), (path.name, text.lineno)


def test_the_page_has_no_words_of_its_own():
    """All that is shown or heard comes from the kernel."""
    shown = re.compile(r"""(?:textContent|placeholder|title|alt)\s*[:=]\s*["`][A-Za-z]"""
                       r"""|"aria-(?:label|valuetext)", ["`][A-Za-z][^"`]*["`]\)|["`][A-Z]\w* \w+ """)
    scripts = list((Path(front.__file__).parent / "assets").glob("*.js"))
    assert len(scripts) > 5
    for name in (path.name for path in scripts):
        code = re.sub(r"//.*", "", asset(name))
        assert not shown.search(code), f"{name}: {shown.search(code)[0]}"


def test_the_page_has_the_words_that_it_asks_for():
    """Any other would be "undefined", and nobody would notice but its reader."""
    for name in ("stage", "share", "upload", "names", "gone"):
        asked = re.findall(r"""\bwords(?:\.(\w+)|\["([^"]+)"\])""", asset(f"{name}.js"))
        assert {plain or quoted for plain, quoted in asked} == set(getattr(front, name.upper())), name


def test_the_pages_words_are_translated_when_a_widget_is_made():
    assert front.Speaking(front.GONE).words["gone"].startswith("内核")
    assert name_of("data/style/starry_night.jpg") == "星月夜"
    assert name_of("my_own.jpg") == "my own"


def test_an_erased_mask_is_known_in_any_language():
    from stylelib.learn.widgets.pictures import png
    assert is_black(png(torch.zeros(1, 3, 8, 8))) and not is_black(png(torch.ones(1, 3, 8, 8)))
