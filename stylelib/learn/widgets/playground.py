"""The playground: turn a knob and see the picture change while it is being painted."""
import html
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets
import torch
from PIL.Image import Image
from torch import Tensor

from ...engine.checks import check_positive_int
from ...engine.inputs import ImageError
from ...engine.language import mark, tr
from ...engine.places import data_folder
from ...images import load_image, save_image
from ...objective import STYLE_LAYERS
from ...prepare import FAST_SIZE, choose_start, make_scene
from ...settings import Settings, defaults, explanations
from ..names import name_of
from .galleries import painting_gallery, photo_gallery
from .lines import recipe_of_part, settings_of_line
from .look import style_sheet
from .page import Picture
from .painter import Painter, knobs_of, whole
from .parts import LABEL, box, button, stand_at, stops
from .pictures import for_page, jpeg, loss_curves, png, sheet
from .stage import Share, Stage
from .still import Panel
from .words import Now, alternative, complaint, recipe, report, success

SIZES = (64, 96, 128, 192, 256, 384, 512)
# Below 0.3 nobody sees anything, at 30 it is a watercolour. To the eye, equal factors are equal steps
SMOOTHNESS = (0.0, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0)
EMPTY = jpeg(torch.full((1, 3, 2, 3), 0.8))           # instead of a picture that cannot be read
PICTURE_SECONDS, CURVES_SECONDS = 0.25, 1.0         # from one picture, or one drawing of curves, to the next
TEXT = mark("Playground of style transfer, with a photo and a painting to choose and knobs to turn; it needs "
            "a running kernel.")

KINDS = [("png", mark("Download"),
          mark("The picture as a PNG file that carries its recipe, if a line can say it")),
         ("py", mark("Code"), mark("The Python code that makes the picture, as a file"))]


def playground(content: str | Path = "china", style: str | Path = "starry_night",
               folder: str | Path | None = None, size: int = 256, steps: int = defaults()["steps"],
               save_folder: str | Path = ".", still: Tensor | None = None) -> "Playground":
    """A panel to paint with: choose two pictures, turn the knobs, watch.

    Args:
        content, style: the photo and the painting to begin with: names of pictures in `folder`, or files.
        folder: holds the pictures to choose from, in `content/` and `style/`; None takes the course's.
        size: longest side of the picture in pixels.
        steps: updates of the picture from each start, and after each turn of a knob.
        save_folder: where Save writes. Uploads go to `own/` in it, which git ignores, and stay in the
            gallery.
        still: picture (1, 3, H, W) painted before: shown beside photo and painting where no kernel runs.
            None leaves it out.

    Returns:
        Playground, to be given to `display`.

    Raises:
        ImageError: a picture or folder that cannot be read.
        ValueError: size or steps out of range.
    """
    size = check_positive_int("size", size, mark("number of pixels"))
    steps = check_positive_int("steps", steps, mark("number of updates"))
    return Playground(content, style, Path(folder or data_folder()), size, steps, Path(save_folder), still)


class Playground(Panel):
    """The panel that `playground` makes. Its knobs and buttons are attributes, for code to turn and press:

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

    def __init__(self, content: str | Path, style: str | Path, folder: Path, size: int, steps: int,
                 save_folder: Path, still: Tensor | None):
        self.painter = Painter(steps, self._follow)
        self.save_folder = save_folder
        self._showing, self._shown, self._drawn = threading.RLock(), 0.0, 0.0
        self.photo = photo_gallery(folder, content, save_folder, self._tell)
        self.painting = painting_gallery(folder, style, save_folder, self._tell)
        self.uploads = {gallery: gallery.source for gallery in (self.photo, self.painting)}
        self._make_knobs(size)
        self._make_buttons()
        self._make_views()
        super().__init__([self._css, self._board()], self._still_picture(still), tr(TEXT))
        self.add_class("stylelib-board")
        self.add_class("stylelib-playground")
        self._css.value = style_sheet("board.css", "playground.css")
        self._compare()
        self._show()

    def settings(self) -> dict[str, Any]:
        """Arguments of `stylize` as the knobs stand now, without `steps`."""
        layers = [name for name, button in self.layers.items() if button.value]
        return {"content": self.photo.value, "style": self.painting.value, "size": self.size.value,
                "init": self.init.value, "style_weight": float(f"{self.style_weight.value:.2g}"),
                "style_layers": None if len(layers) == len(self.layers) else layers,
                "tv_weight": self.smoothness.value, "keep_colors": self.keep_colors.value}

    def _make_knobs(self, size):
        meaning = explanations()        # empty where Python drops docstrings
        slider = partial(stops, continuous_update=False)
        self.style_weight = ipywidgets.FloatLogSlider(
            1.0, min=-2, max=2, step=0.1, description=tr("Style weight"), readout_format=".2g", style=LABEL,
            continuous_update=False, tooltip=meaning.get("style_weight", ""))
        self.layers = {name: ipywidgets.ToggleButton(True, description=name.removeprefix("relu"),
                                                     tooltip=tr("style layer {name}", name=name))
                       for name in STYLE_LAYERS}
        self.init = ipywidgets.ToggleButtons(
            # Translators: where painting starts from; "at once" is the picture of a fast network
            options=[(tr("at once"), "auto"), (tr("photo"), "content"), (tr("noise"), "noise"),
                     (tr("painting"), "style")], description=tr("Start from"), style=LABEL,
            tooltip=meaning.get("init", ""))
        self.size = slider(tr("Size"), "{} px", {*SIZES, size}, size, tooltip=meaning.get("size", ""))
        self.smoothness = slider(tr("Smoothness"), "{:g}", SMOOTHNESS, 0.0,
                                 tooltip=meaning.get("tv_weight", ""))
        self.keep_colors = ipywidgets.Checkbox(False, description=tr("Keep the photo's colours"), style=LABEL)
        for knob in (self.photo, self.painting, self.style_weight, self.init, self.size, self.smoothness,
                     self.keep_colors, *self.layers.values()):
            knob.observe(self._turned, "value")

    def _make_buttons(self):
        painter = self.painter
        self.start = button(tr("Start"), "play", tr("paint from the beginning"),
                            lambda: self._press(painter.start, self.settings()))
        self.pause = button(tr("Pause"), "pause", tr("stop and keep everything"),
                            lambda: self._press(painter.pause))
        self.resume = button(tr("Continue"), "step-forward",
                             tr("go on from this picture, with the knobs as they stand"),
                             lambda: self._press(painter.resume, self.settings()))
        self.again = button(tr("Reset"), "undo", tr("back to the start picture"),
                            lambda: self._press(painter.reset))
        self.save = button(tr("Save"), "save", tr("write the picture, and the code that makes it"),
                           self._save)

    def _make_views(self):
        self.view = Stage()
        self.share = Share(KINDS, self._download, self.use)
        self.curves = Picture(alt=tr("Loss curves over the evaluations, on a logarithmic axis; the last "
                                     "values stand beside them"))
        self.bar = ipywidgets.FloatProgress(0.0, min=0, max=1)
        self.status, self.message, self.code, self._css = (ipywidgets.HTML() for _ in range(4))
        self._css.layout.display = "none"

    def _board(self):
        """The arrangement: knobs on the left, picture in the middle, curves on the right."""
        photo, painting = tr("photo"), tr("painting")
        ends = ipywidgets.HTML(f"<div class=ends><span>{photo}</span><span>{painting}</span></div>")
        layers = box(ipywidgets.HBox, "row", ipywidgets.Label(tr("Style layers")), *self.layers.values())
        self.init.add_class("starts")
        knobs = box(ipywidgets.VBox, "knobs", self.photo, self.painting, self.style_weight, ends, layers,
                    self.init, self.size, self.smoothness, self.keep_colors)
        buttons = box(ipywidgets.HBox, "buttons", self.start, self.pause, self.resume, self.again, self.save)
        stage = box(ipywidgets.VBox, "stage", buttons, box(ipywidgets.HBox, "canvas", self.view), self.bar)
        side = box(ipywidgets.VBox, "side", self.curves, self.status)
        right = box(ipywidgets.VBox, "right", box(ipywidgets.Box, "board", stage, side), self.message,
                     self.share, self.code)
        return box(ipywidgets.Box, "board", knobs, right)

    def _still_picture(self, result) -> Image:
        """What stands for the panel where it cannot live."""
        pictures = {tr("photo"): load_image(self.photo.value, 240),
                    tr("painting"): load_image(self.painting.value, 240)}
        if result is not None:
            pictures[tr("painted")] = result
        canvas, _ = sheet([list(pictures.values())], 240, column_names=list(pictures))
        return canvas

    def _press(self, action, *arguments):
        self.message.value = ""
        action(*arguments)
        self._show()

    def _turned(self, change):
        self.message.value = ""
        if change.owner in (self.photo, self.painting):
            self._compare()
        if self.painter.state == "painting":
            if self._is_of_this_photo:
                self.painter.turn(self.settings())
            else:
                self.painter.pause()                    # its picture is kept, in case this photo was a slip
        self._show()

    def _compare(self):
        """Photo and painting, to be seen beside the picture."""
        self.view.before, self.view.painting = for_page(self.photo.value), for_page(self.painting.value)
        self.view.names = [name_of(self.photo.value), "", name_of(self.painting.value)]

    @property
    def _is_of_this_photo(self):
        return self.painter.goes_on(self.settings())

    def rest(self) -> None:
        """Pause: nobody who sees this panel could press the button."""
        self.painter.pause()
        self._refresh()

    def _show(self):
        """Show the picture, or what Start would start from where there is none of this photo."""
        # else the painter's thread may show its picture in between
        with self._showing:
            if self.painter.picture is None or not self._is_of_this_photo:
                self._show_start()
            self._refresh()

    def _show_start(self):
        settings = self.settings()
        try:
            scene = make_scene(settings["content"], settings["style"], Settings(**knobs_of(settings)))
            self.view.value = jpeg(scene.shown(scene.start), 92)
        except ImageError as error:
            self.view.value = EMPTY
            self._say(error)

    def _follow(self):
        """Called by the painter, in its thread, after each step."""
        if self.painter.state != "painting" or time.monotonic() - self._shown >= PICTURE_SECONDS:
            self._refresh()

    def _refresh(self):
        """Show the painter's state. It depends on nothing else: several threads may call this at any time."""
        with self._showing:
            now = self._now()
            if now.picture is not None:
                self.view.value = jpeg(now.picture, 92)
            self.view.alt = (alternative(now) if self.view.value != EMPTY else
                             tr("No picture: the chosen file cannot be read"))
            self._shown = time.monotonic()
            if now.state != "painting" or self._shown - self._drawn >= CURVES_SECONDS:
                self.curves.value = loss_curves(now.history, now.turns)
                self._drawn = time.monotonic()
            self.bar.value = now.progress
            self.status.value = report(now)
            self.code.value = recipe(now)
            self.view.stroke_size = float(now.settings["size"])
            self.share.ready, self.share.line = now.picture is not None, self._line(now)
            self._refresh_buttons(now)
            if now.error is not None:
                self._say(now.error)

    def _now(self) -> Now:
        """What the panel is about: with another photo than the picture's a start, and the picture waits."""
        painter, settings = self.painter, self.settings()
        with painter.lock:
            if painter.state == "ready" or not painter.goes_on(settings):
                return Now(settings, self._hint(), whole(settings, painter.steps))
            return Now(settings, self._hint(), self._code_of_now(), state=painter.state,
                       picture=painter.picture, error=painter.error, history=list(painter.history),
                       turns=list(painter.turns), parts=painter.painted, progress=painter.progress,
                       seconds_left=painter.seconds_left)

    def _code_of_now(self):
        """The code of the picture that is seen, or will be; "" where there is no code before a pause."""
        if self.painter.state == "painting":
            return self.painter.code_at_end()
        if self.painter.picture is None:
            return whole(self.settings(), self.painter.steps)
        return self.painter.code()

    def _hint(self):
        """What the next press of a button will do, where that is not plain."""
        painter, settings = self.painter, self.settings()
        if painter.preparing:
            return tr("Computing what to aim at ...")
        if painter.picture is None:
            knobs = Settings(**knobs_of(settings))
            declined = knobs.init == "auto" and choose_start(knobs, knobs.size) == "content"
            return tr("Below {size} px, and with layers of your choice, it starts from the photo.",
                      size=FAST_SIZE) if declined else ""
        if painter.state == "painting":
            return ""
        started = painter.parts[0].settings
        if not painter.goes_on(settings):
            old = name_of(started["content"])
            return tr("Start paints this photo. To go on with the picture of {old}, choose that photo again.",
                      old=old)
        hints = [tr("Continue takes the knobs as they stand now.")] * painter.differs(settings)
        hints += [tr("Where to start from counts at the next Start.")] * (settings["init"] != started["init"])
        return " ".join(hints)

    def _refresh_buttons(self, now):
        painting, stopped = now.state == "painting", now.state in ("paused", "finished", "failed")
        self.start.disabled = self.init.disabled = painting
        self.pause.disabled = not painting
        self.resume.disabled = not stopped
        self.again.disabled = now.state == "ready"
        self.save.disabled = now.picture is None
        self.start.button_style = "primary" if now.state == "ready" else ""
        self.resume.button_style = "primary" if now.state in ("paused", "finished") else ""

    def _say(self, error):
        self.message.value = complaint(error)

    def _tell(self, news):
        """Good news as HTML, or an exception. Without a picture, the message says why: that stays."""
        if isinstance(news, Exception):
            self._say(news)
        elif self.view.value != EMPTY:
            self.message.value = success(news)

    def use(self, line: str) -> bool:
        """Set all knobs as a recipe says; returns whether that worked."""
        try:
            settings = settings_of_line(line, self.photo.named, self.painting.named)
        except ValueError as error:
            self._say(error)
            return False
        if settings["init"] not in [value for _, value in self.init.options]:
            self._say(ValueError(tr("the playground does not start from {start!r}", start=settings["init"])))
            return False
        self.photo.value, self.painting.value = settings["content"], settings["style"]
        self.style_weight.value, self.init.value = settings["style_weight"], settings["init"]
        stand_at(self.size, settings["size"])
        stand_at(self.smoothness, settings["tv_weight"])
        self.keep_colors.value = settings["keep_colors"]
        for name, pressed in self.layers.items():
            pressed.value = settings["style_layers"] is None or name in settings["style_layers"]
        self._tell(tr("The knobs stand as the recipe says."))
        return True

    def _line(self, now):
        """The recipe of the picture that is seen; "" where knobs were turned on the way."""
        return recipe_of_part(now.parts[0], self.painter.steps).line if len(now.parts) == 1 else ""

    def _download(self, kind):
        """(file name, MIME type, content) of what was asked for."""
        with self.painter.lock:
            picture, parts, code = self.painter.picture, self.painter.painted, self.painter.code()
        name = f"{Path(parts[0].settings['content']).stem}-{Path(parts[-1].settings['style']).stem}"
        if kind == "py":
            return f"{name}.py", "text/x-python", f"{code}\n".encode()
        made = recipe_of_part(parts[0], self.painter.steps) if len(parts) == 1 else None
        return f"{name}.png", "image/png", png(picture, made)

    def _save(self):
        with self.painter.lock:
            picture, code = self.painter.picture, self.painter.code()
        if picture is None or not self._is_of_this_photo:
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
        self.message.value = success(tr("Saved as <b>{file}</b>, and beside it {code}, which makes it again.",
                                        file=html.escape(path.as_posix()),
                                        code=path.with_suffix(".py").name))

