"""The studio in a real browser: JupyterLab on loopback, Debian's chromium with a webcam that is none."""
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from stylelib import load_image, read_recipe

from ..browser import page_of
from ..conftest import DATA
from ..places import ROOT
from .notebook_page import ask, evaluate, jupyterlab, lab_page, open_notebook, run_all

pytestmark = pytest.mark.slow

SECONDS = 60                # to wait for anything on a busy machine
OWN = """\
from stylelib.widgets import studio

panel = studio(size=128, steps=100_000)
panel
"""
AXE = os.environ.get("AXE", "")         # the file axe.min.js of npm's axe-core


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course with one notebook, served by JupyterLab: (its address, the notebooks' folder)."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(DATA, root / "data")
    (root / "notebooks").mkdir()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(OWN)], metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "notebooks" / "own.ipynb")
    with jupyterlab(root) as address:
        yield f"{address}/lab/tree/notebooks/own.ipynb", root / "notebooks"


@pytest.fixture(scope="module")
def own_page(course, browser):
    with lab_page(browser, course[0]) as page:
        page.set_default_timeout(SECONDS * 1000)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        open_notebook(page)
        run_all(page)
        yield page


@pytest.fixture
def panel(own_page):
    """The panel, its knobs as they are at first."""
    own_page.problems.clear()
    made = Panel(own_page)
    made.use("stylelib:1 photo=china painting=starry_night size=128 fast=yes")
    yield made
    assert not own_page.problems, own_page.problems


class Panel:
    """The studio on the page."""

    def __init__(self, page):
        self.page, self.box = page, page.locator(".stylelib-studio")
        self.box.wait_for()
        self.picture = self.box.locator(".main img.shown")
        self.frame = self.box.locator(".main .frame")
        self.line = self.box.get_by_role("textbox", name="Recipe")
        self.until(lambda: self.alt, "a picture")

    @property
    def alt(self):
        return self.picture.get_attribute("alt")

    def button(self, name):
        return self.box.get_by_role("button", name=re.compile(f"{name}$"))     # an icon may stand before it

    def slider(self, name):
        return self.box.get_by_role("slider", name=name)

    def until(self, condition, what):
        for _ in range(SECONDS * 10):
            if condition():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"waited in vain for: {what}; {self.box.inner_text()[-1500:]}")

    def until_says(self, words):
        self.box.get_by_text(words).first.wait_for()

    def use(self, line):
        """Paste a recipe, and wait until all stands as it says."""
        self.line.fill(line)
        if self.button("Use").is_enabled():
            self.button("Use").click()
            self.until_says("as the recipe says")

    def steps(self):
        words = self.alt
        return int(words.rpartition("for ")[2].split()[0]) if "for " in words else 0

    def at(self, x, y):
        """A place on the picture, given in shares of its width and height."""
        self.frame.scroll_into_view_if_needed()
        box = self.frame.bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def drag(self, *places):
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=5)
        self.page.mouse.up()

    def pixel(self, image, x, y):
        """A pixel of an image on the page."""
        return self.box.locator(image).evaluate("""async (image, [x, y]) => {
            await image.decode();
            const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
            canvas.getContext('2d').drawImage(image, 0, 0);
            return [...canvas.getContext('2d').getImageData(x * canvas.width, y * canvas.height, 1, 1).data] }
            """, [x, y])

    def share_painted(self):
        """How much of the mask that the page shows is white, in percent, and how much of the kernel's is."""
        clear, whole = self.box.locator(".veil").evaluate("""veil => {
            const data = veil.getContext('2d').getImageData(0, 0, veil.width, veil.height).data;
            return [data.filter((value, i) => i % 4 === 3 && value < 70).length, data.length / 4] }""")
        kernels = ask(self.page, "float(__import__('numpy').asarray(__import__('PIL.Image').Image.open("
                                 "__import__('io').BytesIO(panel.stage.mask)).convert('L')).mean()) / 2.55")
        return 100 * clear / whole, float(kernels)


def far(first, second):
    return sum(abs(one - other) for one, other in zip(first, second)) > 40


def test_letters_on_a_knob_do_not_delete_the_cell(panel):
    panel.slider("Strength").focus()
    panel.page.keyboard.type("dd")
    panel.page.wait_for_timeout(500)
    assert panel.box.is_visible()


def test_the_picture_follows_the_knobs(panel):
    panel.slider("Strength").focus()
    before = panel.picture.get_attribute("src")
    panel.page.keyboard.press("ArrowLeft")
    panel.until(lambda: "strength 99%" in panel.alt, "a weaker style")
    assert panel.picture.get_attribute("src") != before
    assert panel.slider("Strength").get_attribute("aria-valuetext") == "99%"
    assert not panel.box.locator("[title='null']").count()
    # with the mouse, far to the left: it follows while the button is held
    handle = panel.slider("Strength").bounding_box()
    panel.page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    panel.page.mouse.down()
    panel.page.mouse.move(handle["x"] - 50, handle["y"] + 5, steps=5)
    panel.until(lambda: "strength 99%" not in panel.alt, "a picture before the button is released")
    panel.page.mouse.up()
    panel.box.get_by_role("combobox", name="Mixed with").select_option("mosaic")
    panel.until(lambda: "50% mosaic" in panel.alt, "a mixture")
    panel.button("style 4").click()
    panel.until(lambda: "50% style 4" in panel.alt, "a built-in style")
    panel.until(lambda: panel.button("Finish it").is_disabled(), "a locked button")
    panel.until_says("has no painting")
    panel.until(lambda: not panel.box.locator(".painting").is_visible(), "no place for a painting")
    panel.button("Photo's colours").click()
    panel.until_says("Is it still this painter?")


def test_before_and_after(panel):
    """On the picture, with the mouse; on its slider, with the keys. The kernel is not asked."""
    border = panel.slider("Before and after")
    panel.drag((0.2, 0.5), (0.7, 0.5))
    assert border.get_attribute("aria-valuetext") == "70 % china"
    border.focus()
    panel.page.keyboard.press("Home")
    assert border.get_attribute("aria-valuetext") == "0 % china"


def test_a_mask_by_brush_and_by_keys(panel):
    panel.until(lambda: "mask" not in panel.alt, "no mask")
    panel.page.wait_for_timeout(300)
    painted, photo = panel.pixel(".main img.shown", 0.2, 0.2), panel.pixel("img.before", 0.2, 0.2)
    other = panel.pixel(".main img.shown", 0.7, 0.75)
    assert far(painted, photo)
    panel.button("Mask").click()
    panel.drag((0.1, 0.2), (0.3, 0.2))
    panel.until(lambda: "only where the mask says so" in panel.alt, "a mask")
    assert not far(panel.pixel(".main img.shown", 0.2, 0.2), painted)
    elsewhere = panel.pixel(".main img.shown", 0.7, 0.75)
    assert far(elsewhere, other)
    # a rectangle by keys: it begins near the middle, moves and is painted
    panel.frame.focus()
    for key in ("ArrowRight", *["ArrowRight"] * 4, *["ArrowDown"] * 5, "Shift+ArrowRight", "Enter"):
        panel.page.keyboard.press(key)
    panel.until_says("Rectangle 35 % wide, 30 % high, 55 % from the left")
    panel.until(lambda: not far(panel.pixel(".main img.shown", 0.7, 0.75), other), "style in the rectangle")
    line = panel.line.input_value()
    panel.page.keyboard.press("Control+z")
    panel.until(lambda: not far(panel.pixel(".main img.shown", 0.7, 0.75), elsewhere), "the photo again")
    panel.button("Eraser").click()
    panel.drag((0.1, 0.2), (0.15, 0.2), (0.3, 0.2))
    panel.until(lambda: not far(panel.pixel(".main img.shown", 0.2, 0.2), photo), "the photo again")
    panel.button("Clear").click()
    panel.until(lambda: "mask" not in panel.alt, "no mask")
    assert "mask=mask-china-" in line
    panel.button("Mask").click()


@pytest.fixture
def masking(panel):
    """The panel with a stroke of the brush over a sixth of its picture."""
    panel.button("Mask").click()
    panel.drag((0.1, 0.2), (0.9, 0.2))
    panel.until(lambda: "only where the mask says so" in panel.alt, "a mask")
    yield panel
    panel.button("Clear").click()
    panel.until(lambda: "mask" not in panel.alt, "no mask")
    panel.button("Mask").click()


def do(page, code):
    """Run code in the kernel, and do not wait for it."""
    page.evaluate("code => { window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
                  ".requestExecute({code}) }", code)


def test_undo_at_another_size_brings_the_whole_mask_back(masking):
    before = masking.share_painted()
    masking.drag((0.1, 0.7), (0.9, 0.7))
    masking.until(lambda: masking.share_painted()[1] > before[1] + 5, "a second stroke")
    masking.slider("Size").and_(masking.page.locator(".noUi-handle")).focus()
    masking.page.keyboard.press("End")
    masking.until(lambda: masking.picture.evaluate("image => image.naturalWidth") == 512, "512 px")
    masking.button("Undo").click()
    masking.until(lambda: masking.share_painted()[1] < before[1] + 5, "the first stroke alone")
    assert masking.share_painted() == pytest.approx(before, abs=2)


def test_a_mask_outlives_a_painting_that_cannot_be_read(masking, course):
    before = masking.share_painted()
    (course[1] / "broken.jpg").write_bytes(b"no picture")
    for value, words in (("'broken.jpg'", "No picture"), ("good", "only where the mask says so")):
        do(masking.page, f"good = panel.wish.painting; panel.painting.value = {value}" if value != "good" else
           "panel.painting.value = good")
        masking.until(lambda words=words: words in masking.alt, words)
    masking.drag((0.5, 0.7), (0.51, 0.7))
    masking.until(lambda: masking.share_painted()[1] > before[1] + 0.2, "a dot")
    assert masking.share_painted() == pytest.approx(before, abs=5)


def test_a_busy_kernel_takes_no_stroke_back(masking, course):
    """It shows them one after the other, when the page has long had them all; and Undo knows them all."""
    do(masking.page, "import pathlib, time\nwith panel._lock:\n"
                     "    while not pathlib.Path('go').exists(): time.sleep(0.01)")
    masking.page.evaluate("""() => { window.loaded = 0; const load = window.createImageBitmap;
        window.createImageBitmap = (...all) => { window.loaded += 1; return load(...all); } }""")
    for y in (0.4, 0.6, 0.8):
        masking.drag((0.1, y), (0.9, y))
        masking.page.wait_for_timeout(300)                      # as long as a hand takes to the next one
    (course[1] / "go").touch()
    masking.until(lambda: masking.share_painted()[1] > 55, "all strokes in the kernel")
    masking.page.wait_for_timeout(300)
    assert masking.page.evaluate("window.loaded") == 0 and masking.share_painted()[0] > 50
    assert masking.button("Undo").is_enabled()


def test_a_mask_whose_recipe_was_copied_stays(masking):
    masking.until(lambda: "mask=" in masking.line.input_value(), "its recipe")
    line = masking.line.input_value()
    masking.button("Copy").click()
    masking.until_says("on the clipboard")
    masking.drag((0.1, 0.7), (0.9, 0.7))
    masking.until(lambda: masking.line.input_value() != line, "another mask")
    masking.use(line)


def test_a_lens_on_both(panel):
    lenses = panel.box.locator(".lens")
    panel.button("Lens").click()
    panel.until(lambda: lenses.filter(visible=True).count() == 2, "two lenses")
    shown = lenses.evaluate_all("all => all.map(each => each.toDataURL())")
    panel.page.mouse.move(*panel.at(0.2, 0.3))
    moved = lenses.evaluate_all("all => all.map(each => each.toDataURL())")
    assert shown[0] != moved[0] and shown[1] != moved[1]
    panel.frame.focus()
    panel.page.keyboard.press("ArrowRight")
    assert lenses.evaluate_all("all => all.map(each => each.toDataURL())")[1] != moved[1]
    panel.page.keyboard.press("Escape")
    assert not lenses.filter(visible=True).count()


def upload(panel, gallery, name, content):
    with panel.page.expect_file_chooser() as chooser:
        panel.box.locator(f".{gallery}").get_by_role("button", name="Upload").click()
    chooser.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": content})


def test_pictures_from_file_clipboard_and_webcam(panel, course):
    half = (DATA / "content" / "coffee.jpg").read_bytes()[:9000]
    for name, content, words in (("letter.jpg", b"Dear network,", "letter.jpg is not a picture"),
                                 ("empty.jpg", b"", "empty.jpg is empty"), ("half.jpg", half, "is damaged")):
        upload(panel, "photos", name, content)
        panel.until_says(words)
    assert not list((course[1] / "own").rglob("*.jpg"))
    upload(panel, "paintings", "tiles.jpg", (DATA / "style" / "mosaic.jpg").read_bytes())
    panel.until(lambda: "painted like tiles" in panel.alt, "the uploaded painting")

    panel.button("Take a photo with the webcam").click()
    panel.button("Take the picture").click()
    panel.until(lambda: "The photo webcam" in panel.alt, "the webcam's photo")
    assert min(load_image(course[1] / "own" / "content" / "webcam.jpg").shape[2:]) > 200
    assert not panel.box.locator("video").count()

    evaluate(panel.page, """async () => {
        const canvas = new OffscreenCanvas(200, 160), context = canvas.getContext('2d');
        context.fillStyle = 'teal'; context.fillRect(0, 0, 120, 160);
        const item = new ClipboardItem({'image/png': await canvas.convertToBlob({type: 'image/png'})});
        await navigator.clipboard.write([item]); }""")
    panel.button("Paste a photo from the clipboard").click()
    panel.until(lambda: "The photo pasted" in panel.alt, "the photo from the clipboard")


def test_one_webcam_and_one_file_at_a_time(panel, course):
    panel.button("Take a photo with the webcam").evaluate("button => { button.click(); button.click(); }")
    panel.box.locator("video").first.wait_for()
    panel.page.wait_for_timeout(1000)
    assert panel.box.locator("video").count() == 1
    panel.button("Close the webcam").click()
    evaluate(panel.page, """async () => {
        const canvas = new OffscreenCanvas(1500, 1000), context = canvas.getContext('2d');
        const noise = context.createImageData(1500, 1000);
        noise.data.forEach((_, i) => { noise.data[i] = i % 4 === 3 ? 255 : 256 * Math.random(); });
        context.putImageData(noise, 0, 0);
        const picture = await canvas.convertToBlob({type: 'image/png'});
        if (picture.size < 4 * 2 ** 20) throw new Error('it must be sent in pieces');
        for (const name of ['one.png', 'two.png']) {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([picture], name, {type: 'image/png'}));
            document.querySelector('.stylelib-studio .photos').dispatchEvent(
                new DragEvent('drop', {dataTransfer, bubbles: true, cancelable: true}));
        } }""")
    panel.until(lambda: "The photo two" in panel.alt, "the second file")
    assert (course[1] / "own" / "content" / "one.png").exists()


def test_finish_stop_go_back_and_take_it_home(panel):
    panel.button("Finish it").click()
    panel.until(lambda: panel.steps() >= 3, "three steps")
    panel.button("Stop").click()
    panel.button("Go on").wait_for()
    panel.slider("Back in time").focus()
    panel.page.keyboard.press("Home")
    panel.until(lambda: "in one pass" in panel.alt, "the beginning")
    panel.page.keyboard.press("ArrowRight")
    panel.until(lambda: panel.steps() == 1, "the first step")
    with panel.page.expect_download() as download:
        panel.button("Download").click()
    picture = Path(download.value.path())
    assert download.value.suggested_filename == "china-starry_night.png"
    assert read_recipe(str(picture)).line == panel.line.input_value()
    assert "stopped=1" in panel.line.input_value()
    with panel.page.expect_download() as download:
        panel.button("GIF").click()
    film = Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert film.format == "GIF" and film.n_frames > 10


def test_a_recipe_copied_and_pasted(panel):
    panel.use("stylelib:1 photo=flower painting=style:3 size=128 fast=yes strength=0.5")
    panel.until(lambda: panel.alt == "The photo flower, painted like style 3, strength 50%, in one pass",
                "another picture")
    panel.button("Copy").click()
    panel.until_says("on the clipboard")
    assert panel.page.evaluate("navigator.clipboard.readText()") == panel.line.input_value()
    wrong = "stylelib:1 photo=rome painting=mosaic"
    panel.line.fill(wrong)
    panel.page.keyboard.press("Enter")
    panel.until_says("upload it first")
    assert panel.line.input_value() == wrong                    # to be corrected
    panel.button("Copy").click()                                # of the picture, not the wrong one
    panel.until(lambda: "photo=flower" in panel.page.evaluate("navigator.clipboard.readText()"), "the recipe")


def test_what_is_pasted_while_it_paints_stays_until_it_is_used(panel):
    panel.button("Finish it").click()
    panel.until(lambda: panel.steps() >= 1, "a step")
    line, steps = "stylelib:1 photo=flower painting=mosaic size=128 fast=yes", panel.steps()
    panel.line.fill(line)
    panel.until(lambda: panel.steps() >= steps + 3, "more steps")
    assert panel.line.input_value() == line
    panel.button("Use").click()
    panel.until(lambda: "photo flower, painted like mosaic, in one pass" in panel.alt, "what it says")


def test_keys_stay_in_the_panel(panel):
    """B would add a cell, and D D delete the one with the panel."""
    cells = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
    panel.button("Download").focus()
    for key in "bddaxz":
        panel.page.keyboard.press(key)
    assert panel.page.evaluate(cells) == 1
    # arrows walk through a gallery, and Tab leaves it
    chosen = panel.button("china")
    chosen.focus()
    panel.page.keyboard.press("ArrowRight")
    assert panel.button("coffee").evaluate("button => button === document.activeElement")
    assert panel.button("coffee").get_attribute("tabindex") == "-1"
    outline = panel.button("coffee").evaluate("button => getComputedStyle(button).outlineWidth")
    assert outline == "3px"                                     # and one sees where one is


@pytest.mark.skipif(not AXE, reason="no axe-core here: npm install axe-core, AXE=.../axe.min.js")
def test_axe_finds_no_serious_fault(panel):
    panel.page.evaluate(Path(AXE).read_text("utf-8"))
    for state in ("", "Lens", "Mask"):
        if state:
            panel.button(state).click()
        found = panel.page.evaluate("axe.run('.stylelib-studio')")
        assert not [(fault["id"], [node["html"][:120] for node in fault["nodes"]])
                    for fault in found["violations"] if fault["impact"] in ("serious", "critical")]
    panel.page.keyboard.press("Escape")
    panel.button("Mask").click()


def test_a_reloaded_page_and_a_restarted_kernel(panel, own_page):
    panel.button("Finish it").click()
    panel.until(lambda: panel.steps() >= 1, "a step")
    evaluate(own_page, "() => window.jupyterapp.shell.currentWidget.context.save()")
    own_page.reload()
    open_notebook(own_page)
    panel = Panel(own_page)
    panel.button("Stop").click()
    panel.button("Go on").wait_for()
    assert ask(own_page, "panel.painter.state") == "'paused'"
    evaluate(own_page, "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    said = panel.box.get_by_role("alert").get_by_text("The kernel was restarted or has ended: run this cell")
    said.wait_for()
    controls = panel.box.locator("button, input, select, .noUi-handle")
    assert controls.evaluate_all("controls => controls.every(control => control.closest('[inert]'))")


def test_the_app(browser, tmp_path):
    """`stylelib studio`: filled at 1920 px, and nothing is cut off at 390."""
    shutil.copytree(DATA, tmp_path / "data")
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", tmp_path / "notebooks")
    command = [sys.executable, "-m", "stylelib", "studio", "--no-browser", "--dark", "--course",
               str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app:
        try:
            address = app.stdout.readline().split()[0]
            with page_of(browser, 1920, 1080) as page:
                page.goto(address)
                panel = Panel(page)
                assert panel.alt == "The photo china, painted like starry night, in one pass"
                widths = panel.box.locator(".frame").evaluate_all("all => all.map(each => each.clientWidth)")
                assert min(widths) > 600 and panel.box.bounding_box()["width"] > 1800
                paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
                assert max(map(int, re.findall(r"\d+", paper)[:3])) < 80
                for width in (1280, 390):
                    page.set_viewport_size({"width": width, "height": 844})
                    assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert not page.problems, page.problems
        finally:
            app.send_signal(2)
            try:
                assert app.wait(60) == 130
            finally:
                app.kill()          # a program that does not stop must not stop the tests
