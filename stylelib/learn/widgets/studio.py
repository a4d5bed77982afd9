"""The studio: a photo becomes a painting while one turns the knobs.

    galleries   photo and painting: from data/, a file, the clipboard, a webcam
    dials       strength, mixture, strokes, colours, size; presets
    stage       the picture, with before and after, lens and mask
    easel       what the knobs mean: the picture at once, its code, its recipe
    painter     "Finish it": the optimisation goes on from what is seen, in a thread
    making      its stages, to go back in time, and as a film
    masks       what was painted with the brush, as files

The picture that is seen is always one of two: what a network paints at once as the knobs stand (`wish`), or a
stage of the optimisation that began from there. Turning a knob shows the first; "Finish it" begins the
second. Code, recipe, alternative text and downloads are those of the picture that is seen.
"""
import html
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets
import torch
from torch import Tensor

from ...engine.checks import check_positive_int
from ...engine.inputs import ImageError
from ...engine.language import mark, tr, tr_count
from ...engine.places import data_folder
from ...images import load_image
from ..names import name_of
from . import easel
from .captions import alternative, caption, file_stem, painting_name
from .dials import PRESETS, Dials
from .easel import BUILT_IN, Wish
from .galleries import OWN, painting_gallery, photo_gallery
from .look import style_sheet
from .making import TYPES, Making, film
from .masks import Masks, is_black
from .painter import Origin, Painter
from .parts import box, button
from .parts import html as words
from .pictures import for_page, jpeg, labelled, png
from .stage import Share, Stage
from .still import Panel
from .words import complaint, success

STEPS = 60                      # of "Finish it": then the picture has settled
PICTURE_SECONDS = 0.25          # from one picture of the optimisation on the page to the next
GROWING = 14                    # frames of a film before the optimisation: the style grows from nothing
QUALITY = 92                    # of the JPEGs on the page
EMPTY = jpeg(torch.full((1, 3, 2, 3), 0.8))
TEXT = mark("Studio: a photo, a painting, and knobs that the picture follows at once; it needs a running "
            "kernel.")
KINDS = [("png", mark("Download"), mark("The picture as a PNG file that carries its recipe")),
         ("mp4", mark("Film (MP4)"), mark("How it came about, as a film for players")),
         ("gif", "GIF", mark("How it came about, as an animation that works everywhere")),
         ("webp", "WebP", mark("How it came about, as an animation with all colours"))]


def studio(photo: str | Path = "china", painting: str | Path = "starry_night",
           folder: str | Path | None = None, size: int = 256, steps: int = STEPS,
           save_folder: str | Path = ".") -> "Studio":
    """A panel to paint with, in which the picture follows the knobs.

    Args:
        photo, painting: to begin with: names of pictures in `folder`, or files; the painting may also be a
            built-in style, "style:0" to "style:25".
        folder: holds the pictures to choose from, in `content/` and `style/`; None takes the course's.
        size: longest side of the picture in pixels.
        steps: of the optimisation, when "Finish it" is pressed.
        save_folder: uploads and masks go to `own/` in it, which git ignores.

    Returns:
        Studio, to be given to `display`.

    Raises:
        ImageError: a picture or folder that cannot be read.
        ValueError: size or steps out of range.
    """
    size = check_positive_int("size", size, mark("number of pixels"))
    steps = check_positive_int("steps", steps, mark("number of updates"))
    return Studio((photo, painting), Path(folder or data_folder()), size, steps, Path(save_folder))


class Studio(Panel):
    """The panel that `studio` makes. Its knobs and buttons are attributes, for code to turn and press:

        panel.dials.strength.value = 0.7
        panel.finish.click()
        panel.painter.wait()

    Attributes:
        photo, painting: galleries; their values are files, or built-in styles.
        dials: the other knobs, see `Dials`.
        finish: the button "Finish it", which becomes "Stop".
        time: the slider that goes back in time.
        stage, share: the picture; downloads and the recipe.
        message, hint, code: news; what a button will do; the code of the picture that is seen.
        painter: does the work in the background, see `Painter`.
        wish: how the knobs stand.
        picture: that is seen, (1, 3, H, W); None if a file cannot be read.
    """

    def __init__(self, pictures: tuple[str | Path, str | Path], folder: Path, size: int, steps: int,
                 save_folder: Path):
        self.painter = Painter(steps, self._follow)
        self.making, self.masks = Making(), Masks(save_folder / OWN / "masks")
        self._lock, self._shown, self._mask = threading.RLock(), 0.0, ""
        self._last_shown = 0            # the latest stage that was shown
        self.picture: Tensor | None = None
        self.message, self.hint, self.code = words(), words(), words()
        self.photo = photo_gallery(folder, pictures[0], save_folder, self._tell)
        self.painting = painting_gallery(folder, pictures[1], save_folder, self._tell,
                                         easel.style_samples(self.photo.value))
        self.dials = Dials(size, self._turned)
        self._make_buttons()
        self.stage = Stage(self._take_mask)
        self.share = Share(KINDS, self._download, self.use, self.masks.keep)
        self.dials.offer(self.painting.options)
        super().__init__([style_of_board(), self._board()], self._still_picture, tr(TEXT))
        self.add_class("stylelib-board")
        self.add_class("stylelib-studio")
        self._watch()
        self._compare()
        self._turned()

    @property
    def wish(self) -> Wish:
        """How the knobs stand."""
        return self.dials.wish(self.photo.value, self.painting.value, self._mask)

    @property
    def steps(self) -> int:
        """Of the optimisation, behind the picture that is seen; 0 if it was painted at once."""
        frames = self.making.frames
        return frames[min(self.time.value, len(frames) - 1)].steps if frames else 0

    def rest(self) -> None:
        """Stop: nobody who sees this panel could press the button."""
        self.painter.pause()
        self._refresh()

    def use(self, line: str) -> bool:
        """Set all knobs as a recipe says; returns whether that worked."""
        try:
            wish, steps = easel.read_line(line, self.wish, self.photo.named, self.painting.named,
                                          self.masks.known)
        except ValueError as error:
            self._tell(error)
            return False
        self._set(wish)
        self._tell(tr_count(
            "The knobs stand as the recipe says. Its picture was painted on for {n} step: “Finish it” does "
            "that.",
            "The knobs stand as the recipe says. Its picture was painted on for {n} steps: “Finish it” does "
            "that.", steps) if steps else tr("The knobs stand as the recipe says."))
        return True

    # ------------------------------------------------------------------------------------------- its parts

    def _make_buttons(self):
        self.finish = button(tr("Finish it"), "paint-brush", "", self._finish)
        self.time = ipywidgets.IntSlider(0, 0, 1, description=tr("Back in time"), disabled=True, readout=True)
        self.presets = {name: button(tr(name), "", tr(question), lambda name=name: self._preset(name))
                        for name, (_, question) in PRESETS.items()}

    def _watch(self):
        for gallery in (self.photo, self.painting):
            gallery.observe(self._chosen, "value")
        self.time.observe(self._went, "value")

    def _board(self):
        """The arrangement: what is chosen, what is seen, what is turned. studio.css says where."""
        choice = box(ipywidgets.VBox, "choice", self.photo, self.painting)
        presets = box(ipywidgets.HBox, "presets", ipywidgets.Label(tr("Try")), *self.presets.values())
        work = box(ipywidgets.HBox, "work", self.finish, self.time)
        view = box(ipywidgets.VBox, "view", self.stage, work, self.hint)
        turns = box(ipywidgets.VBox, "turns", self.dials, presets, self.message)
        shares = box(ipywidgets.VBox, "shares", self.share, self.code)
        return box(ipywidgets.Box, "parts", choice, view, turns, shares)

    def _still_picture(self):
        """What stands for the panel where it cannot live: what the knobs do, in six pictures."""
        wish = replace(self.wish, size=256, strokes=1.0, strength=1.0, second="", colors=False, mask="")
        second = next(value for _, value in self.painting.options if value != wish.painting)
        painting = wish.painting if not wish.painting.startswith(BUILT_IN) else second
        rows = [[load_image(wish.photo, 300), easel.paint(replace(wish, strength=0.5)), easel.paint(wish)],
                [load_image(painting, 300), easel.paint(replace(wish, second=second)),
                 easel.paint(replace(wish, strokes=2.8))]]
        return labelled(rows, [[tr("photo"), tr("half strength"), tr("painted")],
                               [tr("painting"), tr("mixed with {painting}", painting=painting_name(second)),
                                tr("longer strokes")]])

    # ------------------------------------------------------------------------------------- painted at once

    def _chosen(self, change):
        """Another photo or painting."""
        self.dials.offer(self.painting.options)
        if change.owner is self.photo:
            self._mask, self.stage.mask = "", b""           # it belonged to the other photo
        self._compare()
        self._turned()

    def _turned(self):
        """Paint at once as the knobs stand."""
        with self._lock:
            self.painter.reset()
            self.message.value = ""
            try:
                self.picture = easel.paint(self.wish)
                self.making.begin(self.picture)
            except (ImageError, MemoryError) as error:
                self.picture, self.making.frames = None, []
                self._tell(error)
            self._move(0)
            self._refresh()

    def _compare(self):
        """Photo and painting beside the picture; a built-in style has no painting."""
        self.stage.before = for_page(self.photo.value)
        built_in = self.painting.value.startswith(BUILT_IN)
        self.stage.painting = b"" if built_in else for_page(self.painting.value)

    def _preset(self, name):
        wish, question = self.dials.preset(name, self.wish, self.painting.options)
        self._set(wish)
        self._tell(f"<b>{html.escape(tr(name))}.</b> {html.escape(tr(question))}")

    def _set(self, wish):
        """Turn all knobs, and paint once."""
        with self._lock, self.dials.quiet():
            for gallery, value in ((self.photo, wish.photo), (self.painting, wish.painting)):
                gallery.unobserve(self._chosen, "value")
                gallery.value = value
                gallery.observe(self._chosen, "value")
            self.dials.set(wish)
            self._mask = wish.mask
            self.stage.mask = Path(wish.mask).read_bytes() if wish.mask else b""
            self._compare()
            self._turned()

    def _take_mask(self, content):
        """A stroke of the brush has ended."""
        mask, news = "", None
        try:
            if content and is_black(content):
                news = tr("All is erased, so the mask counts as none: paint where the style shall be.")
            elif content:
                mask = self.masks.write(Path(self.photo.value).stem, content)
        except (ImageError, OSError) as error:
            news = error
        self._mask = mask
        self._turned()
        if news is not None:
            self._tell(news)

    # ------------------------------------------------------------------------------------------- finishing

    def _finish(self):
        """Begin, go on, or stop."""
        with self._lock:
            if self.painter.state == "painting":
                self.painter.pause()
            elif (self.picture is not None and self.wish.can_be_finished
                  and self.painter.state != "finished"):
                self.masks.keep()
                self.message.value = ""
                settings = easel.finishing(self.wish)
                if self.painter.state == "ready":
                    self.painter.start(settings, Origin(self.picture, easel.code(self.wish, imports=False)))
                else:
                    self.picture = self.painter.picture if self.painter.picture is not None else self.picture
                    self._move(len(self.making.frames) - 1)
                    self.painter.resume(settings)
            self._refresh()

    def _follow(self):
        """Called by the painter, in its thread, after each step."""
        with self._lock:
            painter = self.painter
            with painter.lock:
                picture, steps = painter.picture, sum(part.steps for part in painter.parts)
            if painter.state == "ready":
                return
            if picture is None:                                 # it failed before the first step
                self._refresh()
                return
            went_back, seen = self.time.value < self._last_shown, self.steps
            if steps > self.making.frames[-1].steps:
                self.making.add(steps, picture)
            if went_back:                                       # the step under way ended after that
                self._move(self.making.stage(seen))             # of many stages, every second one has gone
                self._last_shown = len(self.making.frames) - 1
                self.picture = self.making.frames[self.time.value].picture
                self._refresh()
            elif painter.state != "painting" or time.monotonic() - self._shown >= PICTURE_SECONDS:
                self.picture = picture
                self._move(len(self.making.frames) - 1)
                self._refresh()

    def _went(self, change):
        """Back in time, or forth."""
        with self._lock:
            frame = self.making.frames[self.time.value]
            if self.painter.state == "painting":
                self.painter.pause()
            self.picture = frame.picture
            self._refresh()

    def _move(self, stage):
        """Let the slider stand at a stage, and show nothing."""
        self.time.unobserve(self._went, "value")
        self.time.max = max(len(self.making.frames) - 1, 1)
        self.time.value = self._last_shown = stage
        self.time.disabled = len(self.making.frames) < 2
        self.time.observe(self._went, "value")

    # ------------------------------------------------------------------------------------- what is shown

    def _refresh(self):
        """Show the picture that is seen, and what belongs to it."""
        with self._lock:
            wish, steps, picture = self.wish, self.steps, self.picture
            self._shown = time.monotonic()
            self.stage.value = EMPTY if picture is None else jpeg(picture, QUALITY)
            self.stage.alt = alternative(wish, steps) if picture is not None else tr("No picture")
            self.stage.names = [name_of(wish.photo), caption(wish, steps), painting_name(wish.painting)]
            self.stage.stroke_size = easel.stroke_size(wish, steps)
            self.share.ready = picture is not None
            self.share.line = easel.recipe(wish, steps).line if picture is not None else ""
            self.code.value = self._code_of_now(wish, steps)
            self._refresh_finish(wish)

    def _refresh_finish(self, wish):
        painter = self.painter
        painting, again = painter.state == "painting", painter.state in ("paused", "failed")
        finished = painter.state == "finished"
        self.finish.description = tr("Stop") if painting else tr("Go on") if again else tr("Finish it")
        self.finish.icon = "stop" if painting else "paint-brush"
        self.finish.button_style = "" if painting else "primary"
        self.finish.disabled = not painting and (finished or self.picture is None
                                                 or not wish.can_be_finished)
        # While it paints, nobody wants to hear each step
        self.hint.value = f'<div {"" if painting else "role=status"}>{self._hint(wish)}</div>'
        if painter.error is not None:
            self._tell(painter.error)

    def _hint(self, wish):
        if self.painter.preparing:
            return tr("Computing what to aim at ...")
        if self.painter.state == "painting":
            return tr("The optimisation paints on: step {step} of {steps}.", step=self.steps,
                      steps=self.painter.steps)
        if self.steps or self.painter.state != "ready":
            return tr("A knob shows at once what the network paints, and the optimisation begins anew.")
        if not wish.can_be_finished:
            return tr("Nothing to finish here: a built-in style has no painting for the optimisation to look "
                      "at.")
        return tr("“Finish it” goes on from this picture with the optimisation: finer, and slower.")

    def _code_of_now(self, wish, steps):
        if self.picture is None:
            return ""
        code = self.painter.code(steps) if steps else easel.code(wish)
        title = tr("The code of this picture")
        return f"<details><summary>{title}</summary><pre><code>{html.escape(code)}</code></pre></details>"

    def _download(self, kind):
        """(file name, MIME type, content) of what was asked for."""
        with self._lock:
            wish, steps, picture = self.wish, self.steps, self.picture
            frames = [frame.picture for frame in self.making.frames[:self.time.value + 1]]
        if picture is None:
            raise ImageError(tr("there is no picture yet"))
        self.masks.keep()
        name = f"{Path(wish.photo).stem}-{file_stem(wish.painting)}"
        if kind != "png":
            return f"{name}.{kind}", TYPES[kind], film(kind, [*_growing(wish), *frames])
        return f"{name}.png", "image/png", png(picture, easel.recipe(wish, steps))

    def _tell(self, news: Any):
        """Good news as HTML, or an exception. Without a picture, the message says why: that stays."""
        if isinstance(news, Exception):
            self.message.value = complaint(news)
        elif self.picture is not None:
            self.message.value = success(news)


def _growing(wish: Wish) -> Iterator[Tensor]:
    """The style grows from nothing: what a film shows before the picture."""
    for i in range(GROWING):
        yield easel.paint(replace(wish, strength=wish.strength * i / GROWING))


def style_of_board() -> ipywidgets.HTML:
    """The studio's style sheets, as a widget that shows nothing."""
    made = ipywidgets.HTML(style_sheet("board.css", "studio.css"))
    made.layout.display = "none"
    return made
