"""The playground: turn a knob and see the picture change while it is being painted."""
import html
import io
import threading
import time
from functools import partial
from pathlib import Path

import ipywidgets
import torch

from ..images import ImageError, check_positive_int, load_image, resize_image, save_image
from ..objective import STYLE_LAYERS
from ..transfer import STEPS
from .look import THUMBNAIL, style_sheet
from .page import Picture, Upload
from .painter import Painter, call
from .pictures import jpeg, loss_curves, sheet
from .still import Panel

SIZES = (64, 96, 128, 192, 256, 384, 512)
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
PICTURE_SECONDS, CURVES_SECONDS = 0.25, 1.0         # at most so often a new picture, new curves
LABEL = {"description_width": "92px"}


def playground(content="china", style="starry_night", folder="../data", size=256, steps=STEPS, save_folder=".", still=None):
    """A panel to paint with: choose two pictures, turn the knobs, watch.

    Args:
        content, style: the photo and the painting to begin with: names of pictures in `folder`, or files.
        folder: holds the pictures to choose from, in `content/` and `style/`.
        size: longest side of the picture in pixels.
        steps: updates of the picture from each start, and after each turn of a knob.
        save_folder: where Save and Upload write.
        still: picture (1, 3, H, W) to show where no kernel runs; None takes the photo and the painting.

    Returns:
        Playground, to be given to `display`.

    Raises:
        ImageError: a picture or folder that cannot be read.
        ValueError: size or steps out of range.
    """
    check_positive_int("size", size, "number of pixels")
    check_positive_int("steps", steps, "number of updates")
    return Playground(content, style, Path(folder), size, steps, Path(save_folder), still)


class Playground(Panel):
    """The panel that `playground` makes. Its knobs and buttons are attributes, so that code can turn and press them:

        panel.style_weight.value = 3
        panel.start.click()
        panel.painter.wait()

    Attributes:
        photo, painting: galleries; their values are files. `uploads` holds the upload button of each.
        style_weight, layers, init, size, smoothness, keep_colors: the knobs; `layers` is {name: button}.
        start, pause, resume, again, save: the buttons Start, Pause, Continue, Reset, Save.
        painter: does the work in the background, see Painter.
        view, curves: the picture, the loss curves.
        status, message, code: how far it is; what was saved or went wrong; the line of code.
    """

    def __init__(self, content, style, folder, size, steps, save_folder, still):
        self.painter = Painter(steps, self._follow)
        self.save_folder = save_folder
        self._showing, self._shown, self._drawn = threading.RLock(), 0.0, 0.0
        self.photo = _gallery("Photo", folder / "content", content)
        self.painting = _gallery("Painting", folder / "style", style)
        self._make_knobs(size)
        self._make_buttons()
        self._make_views()
        if still is None:
            still, _ = sheet([[load_image(gallery.value, 360) for gallery in (self.photo, self.painting)]], 360,
                             column_names=["photo", "painting"])
        super().__init__([self._css, self._board()], jpeg(still),
                         "Playground of style transfer: it needs a running kernel.")
        self.add_class("stylelib-playground")
        self._dress()
        self._ready()
        self._view_count = 0                        # asks the page to keep count of the views
        self.observe(self._left, "_view_count")

    def settings(self):
        """Arguments of `stylize` as the knobs stand now, without `steps`."""
        layers = [name for name, button in self.layers.items() if button.value]
        return {"content": self.photo.value, "style": self.painting.value, "size": self.size.value, "init": self.init.value,
                "style_weight": float(f"{self.style_weight.value:.2g}"),
                "style_layers": None if len(layers) == len(self.layers) else layers,
                "tv_weight": round(self.smoothness.value, 2), "keep_colors": self.keep_colors.value}

    def _make_knobs(self, size):
        self.style_weight = ipywidgets.FloatLogSlider(1.0, min=-2, max=2, step=0.1, description="Style weight", style=LABEL,
                                                      readout_format=".2g", continuous_update=False)
        self.layers = {name: ipywidgets.ToggleButton(True, description=name.removeprefix("relu"), tooltip=f"style layer {name}")
                       for name in STYLE_LAYERS}
        self.init = ipywidgets.ToggleButtons(options=[("photo", "content"), ("noise", "noise"), ("painting", "style")],
                                             description="Start from", style=LABEL)
        self.size = ipywidgets.SelectionSlider(options=[(f"{side} px", side) for side in sorted({*SIZES, size})], value=size,
                                               description="Size", style=LABEL, continuous_update=False)
        self.smoothness = ipywidgets.FloatSlider(0.0, min=0, max=1, step=0.05, description="Smoothness", style=LABEL,
                                                 continuous_update=False)
        self.keep_colors = ipywidgets.Checkbox(False, description="Keep the photo's colours", style=LABEL)
        self.uploads = {}
        for gallery in (self.photo, self.painting):
            self.uploads[gallery] = Upload(f"Upload a {gallery.description.lower()}", partial(self._upload, gallery), self._say)
        knobs = (self.photo, self.painting, self.style_weight, self.init, self.size, self.smoothness, self.keep_colors)
        for knob in (*knobs, *self.layers.values()):
            knob.observe(self._turned, "value")

    def _make_buttons(self):
        def button(text, icon, tooltip, action):
            made = ipywidgets.Button(description=text, icon=icon, tooltip=tooltip)
            made.on_click(action)
            return made

        self.start = button("Start", "play", "paint from the beginning", lambda _: self._press(self.painter.start, self.settings()))
        self.pause = button("Pause", "pause", "stop and keep everything", lambda _: self._press(self.painter.pause))
        self.resume = button("Continue", "step-forward", "go on from this picture, with the knobs as they stand",
                             lambda _: self._press(self.painter.resume, self.settings()))
        self.again = button("Reset", "undo", "back to the start picture", lambda _: self._press(self.painter.reset))
        self.save = button("Save", "save", "write the picture, and the code that makes it", lambda _: self._save())

    def _make_views(self):
        self.view = Picture()
        self.curves = Picture(alt="Loss curves over the evaluations, on a logarithmic axis; the last values stand beside them")
        self.bar = ipywidgets.FloatProgress(0.0, min=0, max=1)
        self.status, self.message, self.code, self._css = (ipywidgets.HTML() for _ in range(4))
        self._css.layout.display = "none"

    def _board(self):
        """The arrangement: knobs at the left, picture in the middle, curves at the right."""
        ends = ipywidgets.HTML("<div class=ends><span>photo</span><span>painting</span></div>")
        layers = _box(ipywidgets.HBox, "row", ipywidgets.Label("Style layers"), *self.layers.values())
        self.init.add_class("starts")
        galleries = [_box(ipywidgets.VBox, f"gallery {kind}", gallery, self.uploads[gallery])
                     for kind, gallery in (("photos", self.photo), ("paintings", self.painting))]
        knobs = _box(ipywidgets.VBox, "knobs", *galleries, self.style_weight, ends, layers, self.init, self.size,
                     self.smoothness, self.keep_colors)
        buttons = _box(ipywidgets.HBox, "buttons", self.start, self.pause, self.resume, self.again, self.save)
        stage = _box(ipywidgets.VBox, "stage", buttons, _box(ipywidgets.HBox, "canvas", self.view), self.bar)
        side = _box(ipywidgets.VBox, "side", self.curves, self.status)
        right = _box(ipywidgets.VBox, "right", _box(ipywidgets.Box, "board", stage, side), self.message, self.code)
        return _box(ipywidgets.Box, "board", knobs, right)

    def _dress(self):
        """Give the panel its style sheet, anew when a picture has joined a gallery."""
        name = f"playground-{self.model_id}"
        self.add_class(name)
        self._css.value = style_sheet(name, {kind: [path for _, path in gallery.options]
                                             for kind, gallery in (("photos", self.photo), ("paintings", self.painting))})

    def _press(self, action, *arguments):
        self.message.value = ""
        action(*arguments)
        self._ready() if self.painter.state == "ready" else self._refresh()

    def _turned(self, change):
        if self.painter.state == "painting":
            self.painter.turn(self.settings())
        self._ready() if self.painter.state == "ready" else self._refresh()

    def _left(self, change):
        """The last view is gone: its cell was run again or deleted, so nobody could press Pause."""
        if change.old and not change.new:
            self.painter.pause()

    def _ready(self):
        """Show what the painting would start from."""
        settings = self.settings()
        try:
            photo = load_image(settings["content"], settings["size"])
            if settings["init"] == "noise":
                photo = torch.rand(photo.shape, generator=torch.Generator().manual_seed(0))
            elif settings["init"] == "style":
                photo = resize_image(load_image(settings["style"], settings["size"]), *photo.shape[2:])
            self.view.value = jpeg(photo, 92)
        except ImageError as error:
            self._say(error)
        self._refresh()

    def _follow(self):
        """Called by the painter, in its thread, after each step."""
        if self.painter.state != "painting" or time.monotonic() - self._shown >= PICTURE_SECONDS:
            self._refresh()

    def _words(self, settings):
        """What the picture shows, for those who cannot see it."""
        photo, painting = self.photo.label, self.painting.label
        if self.painter.picture is None:
            return {"content": f"The photo {photo}", "style": f"The painting {painting}",
                    "noise": "Random colours"}[settings["init"]] + ", from which the painting will start"
        return f"The photo {photo}, painted in the style of {painting}"

    def _refresh(self):
        """Show the painter's state. Several threads may call this, at any time: it depends on nothing else."""
        with self._showing:
            with self.painter.lock:
                state, picture, error = self.painter.state, self.painter.picture, self.painter.error
                history, turns = list(self.painter.history), list(self.painter.turns)
                preparing = self.painter.preparing
            painting = state == "painting"
            if picture is not None:
                self.view.value = jpeg(picture, 92)
            self.view.alt = self._words(self.settings())
            self._shown = time.monotonic()
            if not painting or self._shown - self._drawn >= CURVES_SECONDS:
                self.curves.value = loss_curves(history, turns)
                self._drawn = time.monotonic()
            self.bar.value = self.painter.progress
            self.status.value = self._report(state, history, preparing)
            self.code.value = "The same by code:" + _code(
                "from stylelib import stylize\n\nresult = " + call("stylize", self.settings(), self.painter.steps))
            self.start.disabled = self.init.disabled = painting
            self.pause.disabled = not painting
            self.resume.disabled = state not in ("paused", "finished", "failed")
            self.again.disabled = state == "ready"
            self.save.disabled = picture is None
            self.start.button_style = "primary" if state == "ready" else ""
            self.resume.button_style = "primary" if state in ("paused", "finished") else ""
            if error is not None:
                self._say(error)

    def _report(self, state, history, preparing):
        facts = {"State": state, "Evaluations": self.painter.evaluations}
        left = self.painter.seconds_left
        if state == "painting":
            facts["Time left"] = "..." if left is None else f"about {left:.0f} s"
        if history:
            facts.update({name: f"{value:.2g}" for name, value in history[-1][1].items()})
        rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items())
        hint = "Computing what to aim at ..." if preparing else ""
        if state in ("paused", "finished") and self.painter.parts and self.painter.differs(self.settings()):
            hint = "Continue takes the knobs as they stand now."
        return f'<dl class="facts">{rows}</dl><div role="status">{hint}</div>'

    def _say(self, error):
        """An error in plain words. Ours are sentences already; of any other the name helps whoever is asked."""
        known = isinstance(error, ValueError | ArithmeticError | OSError)
        text = str(error) if known and str(error) else f"{type(error).__name__}: {error}"
        self.message.value = f'<div class="bad" role="alert"><b>This did not work.</b> {html.escape(text)}</div>'

    def _upload(self, gallery, name, content):
        try:
            path = self._keep(name, content)
        except (ImageError, OSError) as error:
            self._say(error)
            return
        gallery.unobserve(self._turned, "value")        # new options reset the value to the first for a moment
        _add(gallery, path)
        self._dress()
        gallery.observe(self._turned, "value")
        gallery.value = path
        self.message.value = f'<div class="good" role="status">{html.escape(path)} is in the gallery now.</div>'

    def _keep(self, name, content):
        """Write an uploaded picture to the folder, if it is one; returns its path. Nothing there is replaced."""
        name = Path(name.replace("\\", "/")).name
        file = io.BytesIO(content)
        file.name = name
        load_image(file, self.size.value)
        path = self.save_folder / name
        while path.exists() and path.read_bytes() != content:
            path = path.with_stem(path.stem + "-new")
        path.write_bytes(content)
        return path.as_posix()

    def _save(self):
        with self.painter.lock:
            picture, code = self.painter.picture, self.painter.code()
        if picture is None:
            return
        number = 1
        while (path := self.save_folder / f"playground-{number}.png").exists():
            number += 1
        code = f'{code}\n\nfrom stylelib import save_image\n\nsave_image(picture, "{path.name}")\n'
        try:
            save_image(picture, path)
            path.with_suffix(".py").write_text(code, "utf-8")
        except (ImageError, OSError) as error:
            self._say(error)
            return
        self.message.value = (f'<div class="good" role="status">Saved as <b>{html.escape(path.as_posix())}</b>, and beside it '
                              f"{path.stem}.py, which makes it again:{_code(code)}</div>")


def _gallery(title, folder, chosen):
    """Toggle buttons, one for each picture in a folder; the style sheet turns them into thumbnails."""
    if not folder.is_dir():
        raise ImageError(f"there is no folder {folder}: give the one that holds content/ and style/ as `folder`")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    known = {path.stem: path.as_posix() for path in paths}
    chosen = known.get(str(chosen), Path(chosen).as_posix())
    load_image(chosen)                              # raises a clear error if it is no picture
    gallery = ipywidgets.ToggleButtons(options=[(_name(path), path.as_posix()) for path in paths], description=title,
                                       style={"button_width": f"{THUMBNAIL[0]}px"})
    _add(gallery, chosen)
    gallery.value = chosen
    return gallery


def _add(gallery, path):
    if path not in [known for _, known in gallery.options]:
        value, gallery.options = gallery.value, (*gallery.options, (_name(Path(path)), path))
        gallery.value = value
    gallery.tooltips = [known for _, known in gallery.options]


def _name(path):
    return path.stem.replace("_", " ")


def _box(kind, classes, *children):
    box = kind(children)
    for name in classes.split():
        box.add_class(name)
    return box


def _code(text):
    return f"<pre><code>{html.escape(text.strip())}</code></pre>"
