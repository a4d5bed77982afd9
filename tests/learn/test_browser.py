"""The playground in a real browser: JupyterLab on loopback, Debian's chromium."""
import io
import os
import re
import shutil
import signal

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from stylelib import load_image

from ..conftest import DATA
from ..places import ROOT
from .notebook_page import ask, evaluate, jupyterlab, lab_page, open_notebook, run_all

pytestmark = pytest.mark.slow

# Notebooks with a playground, to be run from top to bottom, each with knobs that make it quick: nbval checks
# its full run already. The playground's own knobs stay as they are.
COURSE_NOTEBOOKS = {"05_knobs.ipynb": {"SIZE": 64, "STEPS": 2}}
SECONDS = 180               # to wait for anything on a busy machine
# So many steps that no run comes to its end during a test, however fast the machine
OWN = """\
from IPython.display import display
from stylelib import load_image
from stylelib.widgets import before_after, contact_sheet, playground

panel = playground(size=64, steps=100_000)
display(panel)
---
second = playground("flower", "mosaic", size=64, steps=100_000)
display(second)
---
photos = [load_image(f"../data/content/{name}.jpg", 96) for name in ("china", "flower")]
pair = before_after(*photos)
display(pair)
---
lights = {(row, light): photos[row] * light for row in (0, 1) for light in (0.2, 0.6, 1.0)}
sheet = contact_sheet(lights, ("photo", "light"))
display(sheet)
---
answer = 6 * 7
"""


@pytest.fixture(scope="module")
def course(browser, tmp_path_factory):
    """A copy of the course with one more notebook, served by JupyterLab.

    (what the addresses of the notebooks begin with, their folder)
    """
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(DATA, root / "data")
    (root / "notebooks").mkdir()
    for name, knobs in COURSE_NOTEBOOKS.items():
        notebook = with_knobs(nbformat.read(ROOT / "notebooks" / name, 4), knobs)
        nbformat.write(notebook, root / "notebooks" / name)
    cells = [new_markdown_cell("# Playground"), *map(new_code_cell, OWN.split("---\n"))]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "notebooks" / "own.ipynb")
    with jupyterlab(root) as address:
        yield f"{address}/lab/tree/notebooks/", root / "notebooks"


@pytest.fixture(scope="module")
def own_page(course, browser):
    with lab_page(browser, course[0] + "own.ipynb") as page:
        open_notebook(page)
        yield page


@pytest.fixture
def own(own_page):
    """The page of the small notebook, with all its cells run again."""
    own_page.problems.clear()
    run_all(own_page)
    yield own_page
    assert not own_page.problems, own_page.problems


def with_knobs(notebook, knobs):
    """The notebook with other numbers in its cell of knobs."""
    cell = next(cell for cell in notebook.cells
                if cell.cell_type == "code" and re.search(r"^SIZE = ", cell.source, re.M))
    for knob, value in knobs.items():
        cell.source, found = re.subn(rf"^{knob} = \S+", f"{knob} = {value}", cell.source, flags=re.M)
        assert found == 1, f"no knob {knob}"
    return notebook


def run_cell(page, number):
    evaluate(page, """async number => {
        const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
        notebook.activeCellIndex = number; await app.commands.execute('notebook:run-cell'); }""", number)


class Panel:
    """One playground on the page."""

    def __init__(self, page, number=0):
        self.page, self.box = page, page.locator(".stylelib-playground").nth(number)
        self.box.wait_for()
        self.box.scroll_into_view_if_needed()
        self.picture = self.box.locator(".main img.shown")

    def button(self, text):
        return self.box.locator(".buttons button", has_text=text)

    def press(self, text):
        self.button(text).click()

    def fact(self, name):
        """What stands beside a name in the table of facts; empty if nothing does."""
        return self.box.evaluate("""(box, name) => [...box.querySelectorAll('dt')]
            .find(term => term.textContent === name)?.nextElementSibling.textContent ?? ''""", name)

    def until(self, condition, what):
        for _ in range(SECONDS * 5):
            if condition():
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"waited in vain for: {what}; {self.box.inner_text()[-1500:]}")

    def until_state(self, state):
        self.until(lambda: self.fact("State") == state, f"state {state}")

    def watch(self):
        """Make the page count the pictures that it shows from now on."""
        self.picture.evaluate("""image => { window.seen = new Set([image.src]);
            new MutationObserver(() => window.seen.add(image.src))
                .observe(image, {attributes: true, attributeFilter: ['src']}) }""")

    def pictures(self):
        return self.page.evaluate("window.seen.size")

    def upload(self, gallery, file):
        with self.page.expect_file_chooser() as chooser:
            self.box.locator(f".{gallery}").get_by_role("button", name="Upload").click()
        chooser.value.set_files(file)

    def slide(self, label, key, times=1):
        handle = self.box.locator(".widget-slider", has_text=label).locator(".noUi-handle")
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)


@pytest.mark.parametrize("name", COURSE_NOTEBOOKS)
def test_a_notebook_and_its_playground_from_start_to_save(course, browser, name):
    address, folder = course
    with lab_page(browser, address + name) as page:
        open_notebook(page)
        run_all(page)
        panel = Panel(page)
        panel.until_state("ready")
        panel.watch()
        panel.press("Start")
        panel.until(lambda: panel.pictures() >= 4, "three new pictures")
        panel.until(lambda: panel.fact("Time left").startswith("about"), "the time left")
        assert panel.button("Start").is_disabled()
        assert panel.picture.get_attribute("alt") == "The photo china, painted in the style of starry night"

        # the balance, from the keyboard: the style's share of the loss has to react
        before = float(panel.fact("style"))
        panel.slide("Style weight", "PageUp", 3)
        panel.until(lambda: float(panel.fact("style")) > 3 * before, "a reaction of the style loss")
        assert not panel.box.locator("pre").count(), "code of a picture that is not the one on the page"

        panel.press("Pause")
        panel.until_state("paused")
        assert "style_weight=" in panel.box.locator("pre").inner_text()
        count = int(panel.fact("Evaluations"))
        page.wait_for_timeout(3000)
        # the step under way may end
        assert int(panel.fact("Evaluations")) <= count + 2, "it went on after Pause"
        panel.press("Continue")
        panel.until(lambda: int(panel.fact("Evaluations")) > count + 4, "more evaluations after Continue")
        panel.press("Pause")
        panel.until_state("paused")
        panel.press("Save")
        panel.box.get_by_text("Saved as").wait_for()
        assert "stylize" in panel.box.locator("pre").inner_text()
        assert min(load_image(folder / "playground-1.png").shape[2:]) >= 40

        panel.press("Reset")
        panel.until_state("ready")
        assert panel.fact("Evaluations") == "0"
        assert not page.problems, page.problems


def test_each_of_two_panels_shows_its_thumbnails(own):
    """Though the second one brings the style sheet of both again, after the thumbnails of the first."""
    for number in (0, 1):
        buttons = Panel(own, number).box.locator(".gallery .widget-toggle-button")
        buttons.last.wait_for()
        images = buttons.evaluate_all("all => all.map(each => getComputedStyle(each).backgroundImage)")
        assert len(images) > 10 and all(image.startswith("url(") for image in images)


def test_uploads(own, course):
    """A bad one says what is wrong with it; a good one may be larger than one message, which is 10 MiB."""
    folder = course[1]
    panel = Panel(own)
    panel.upload("photos", {"name": "letter.jpg", "mimeType": "image/jpeg", "buffer": b"Dear network,"})
    panel.box.get_by_text("letter.jpg is not a picture").wait_for()
    large = io.BytesIO()
    Image.new("RGB", (2000, 1800), "teal").save(large, "BMP")
    panel.upload("photos", {"name": "large.bmp", "mimeType": "image/bmp", "buffer": large.getvalue()})
    panel.box.get_by_text("large.bmp is in the gallery now").wait_for()
    assert (folder / "own" / "content" / "large.bmp").read_bytes() == large.getvalue()
    panel.upload("paintings", {"name": "my own.jpg", "mimeType": "image/jpeg",
                               "buffer": (DATA / "style" / "brush_strokes.jpg").read_bytes()})
    panel.box.get_by_text("my own.jpg is in the gallery now").wait_for()
    assert panel.box.locator(".paintings .mod-active").inner_text() == "my own"
    panel.press("Start")
    panel.until(lambda: int(panel.fact("Evaluations")) > 3, "evaluations")


def test_the_notebook_stays_usable(own):
    """While one panel paints: a second one, other cells, the keyboard.

    And the cell, run again, stops its old panel.
    """
    first, second = Panel(own, 0), Panel(own, 1)
    first.button("Start").focus()
    own.keyboard.press("Enter")
    second.press("Start")
    for panel in (first, second):
        panel.until(lambda panel=panel: int(panel.fact("Evaluations")) > 3, "evaluations")
    second.press("Pause")
    second.until_state("paused")
    assert first.fact("State") == "painting"
    assert ask(own, "answer") == "42"

    # the first cell once more: its old panel must not go on unseen
    assert ask(own, "(old := panel).painter.state") == "'painting'"
    run_cell(own, 1)
    Panel(own, 0).until_state("ready")
    Panel(own, 0).until(lambda: ask(own, "old.painter.state") == "'paused'", "the old panel to pause")


def test_a_reloaded_page_leaves_no_painter_behind(own):
    """The panel is there again and paints on; but its cell run again still stops it."""
    Panel(own).press("Start")
    Panel(own).until(lambda: int(Panel(own).fact("Evaluations")) > 3, "evaluations")
    evaluate(own, "() => window.jupyterapp.shell.currentWidget.context.save()")
    own.reload()
    open_notebook(own)
    panel = Panel(own)
    panel.until_state("painting")
    assert ask(own, "(old := panel).painter.state") == "'painting'"
    run_cell(own, 1)
    Panel(own).until_state("ready")
    Panel(own).until(lambda: ask(own, "old.painter.state") == "'paused'", "the old panel to pause")


def test_another_photo(own):
    panel = Panel(own)
    panel.press("Start")
    panel.until(lambda: int(panel.fact("Evaluations")) > 3, "evaluations")
    panel.box.get_by_role("button", name="chelsea").click()
    panel.until_state("ready")
    assert panel.picture.get_attribute("alt") == "The photo chelsea, from which the painting will start"
    assert "mod-primary" in panel.button("Start").get_attribute("class")
    assert panel.button("Continue").is_disabled()
    panel.press("Start")
    panel.until(lambda: int(panel.fact("Evaluations")) > 3, "evaluations")
    assert panel.picture.get_attribute("alt") == "The photo chelsea, painted in the style of starry night"


def test_every_control_has_a_name_and_a_place_on_the_keyboard(own):
    panel = Panel(own)
    seen = []
    panel.box.locator("button").first.focus()
    while panel.box.locator(":focus").count() and len(seen) < 100:
        seen.append(panel.box.locator(":focus").aria_snapshot())
        own.keyboard.press("Tab")
    named = set(re.findall(r'- (?:button|slider|checkbox) "(.+?)"', "\n".join(seen)))
    assert named >= {"astronaut", "Upload a photo", "starry night", "Upload a painting", "Style weight",
                     "1_1", "5_1", "photo", "noise", "painting", "Size", "Smoothness",
                     "Keep the photo's colours"}
    assert any("Start" in name for name in named)
    nameless = re.compile(r"- (button|slider|checkbox|img)(:| \[|$)")
    assert not [line for line in panel.box.aria_snapshot().splitlines() if nameless.search(line)]

    # what stands beside a slider is what is said, not the number of the step
    for label, words in (("Style weight", "1.0"), ("Size", "64 px"), ("Smoothness", "0")):
        assert panel.box.get_by_role("slider", name=label).get_attribute("aria-valuetext") == words
    panel.slide("Smoothness", "End")
    smoothness = panel.box.get_by_role("slider", name="Smoothness")
    panel.until(lambda: smoothness.get_attribute("aria-valuetext") == "30", "the value in words")

    # chosen from the keyboard, and said aloud
    painting = panel.box.get_by_role("button", name="mosaic")
    painting.focus()
    own.keyboard.press("Enter")
    panel.until(lambda: painting.get_attribute("aria-pressed") == "true", "the button to be pressed")

    # the sliders that change pictures
    for label in ("before | after", "photo", "light"):
        slider = own.get_by_role("slider", name=label, exact=True)
        picture = slider.locator("xpath=ancestor::*[contains(@class, 'stylelib-panel')]//img").first
        before = picture.get_attribute("src"), picture.get_attribute("alt")
        slider.focus()
        own.keyboard.press("ArrowRight")
        panel.until(lambda picture=picture, before=before: picture.get_attribute("src") != before[0]
                    and picture.get_attribute("alt") != before[1], "another picture")


RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
SHUT_DOWN = "() => window.jupyterapp.commands.execute('kernelmenu:shutdown')"


def test_on_a_phone_the_picture_is_not_cut_off(own):
    """JupyterLab's own bars leave 274 of 390 px."""
    own.set_viewport_size({"width": 390, "height": 900})
    try:
        panel = Panel(own)
        wide = panel.box.bounding_box()["width"]
        panel.until(lambda: panel.box.locator(".frame").first.bounding_box()["width"] <= wide, "narrow")
        assert panel.button("Continue").bounding_box()["x"] + 40 < panel.box.bounding_box()["x"] + wide
    finally:
        own.set_viewport_size({"width": 1280, "height": 1000})


@pytest.mark.parametrize("how", ["restarted", "shut down", "killed"])
def test_an_ended_kernel_leaves_nothing_behind(own, how):
    """And the panel says so: what it showed last is no longer true, and no button reaches anybody."""
    panel = Panel(own)
    panel.press("Start")
    panel.until_state("painting")
    words = "The kernel was restarted or has ended: run this cell again"
    said = panel.box.get_by_role("alert").get_by_text(words)
    assert not said.count()
    process = int(ask(own, "__import__('os').getpid()"))
    if how == "killed":                                 # as the system does when the memory is full
        os.kill(process, signal.SIGKILL)
    else:
        evaluate(own, RESTART if how == "restarted" else SHUT_DOWN)
    panel.until(lambda: not alive(process), "the end of the old kernel")
    said.wait_for()
    assert not panel.box.locator(".facts").is_visible()
    controls = panel.box.locator("button, input, .noUi-handle")
    assert controls.count() > 25
    # locked
    assert controls.evaluate_all("controls => controls.every(control => control.closest('[inert]'))")
    if how == "shut down":
        own.reload()
    open_notebook(own)
    run_all(own)
    Panel(own).until_state("ready")
    assert not Panel(own).box.get_by_text("The kernel was restarted").count()


def test_the_next_day(own, course):
    """Where the kernel is gone, a still picture stands for each panel; before, the page hides it."""
    stills = own.locator(".jp-OutputArea .jp-RenderedImage img")
    Panel(own).until(lambda: stills.count() == 4, "the stored pictures")
    assert not stills.filter(visible=True).count()
    evaluate(own,
             """async () => { const app = window.jupyterapp; await app.shell.currentWidget.context.save();
        await app.serviceManager.sessions.shutdownAll(); }""")
    own.goto(course[0] + "own.ipynb?reset")
    open_notebook(own)
    own.get_by_text("Error displaying widget: model not found").first.wait_for()
    assert stills.filter(visible=True).count() == 4


def alive(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
