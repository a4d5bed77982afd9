"""What assets/*.js say on the page: their words come from here, in the user's language.

A widget hands them over as its trait `words`, {key: text}; the page fills in what stands in {brackets}.
"""
from collections.abc import Mapping

import anywidget
import traitlets

from ...engine.language import mark, tr

STAGE = {
    "toolbar": mark("Look and mask"), "wipe": mark("Before and after"), "before": mark("before"),
    "painting": mark("Painting"), "painting title": mark("Show the painting beside the picture"),
    "lens": mark("Lens"), "lens title": mark("A lens on both: equally large strokes. Arrow keys move it"),
    "mask": mark("Mask"), "mask title": mark("Say with a brush where the style shall be"),
    "frame": mark("Picture"), "lens frame": mark("Lens: arrow keys move it"),
    "mask frame": mark("Mask: arrow keys move a rectangle, with Shift they change its size; Enter paints it, "
                       "Delete erases it"),
    "tip": mark("Drag on the picture: before and after"), "lens tip": mark("Move over a picture"),
    "mask tip": mark("Paint on the picture, or move a rectangle with the arrow keys"),
    "brush": mark("Brush"), "brush title": mark("Paint where the style shall be"),
    "eraser": mark("Eraser"), "eraser title": mark("Bring the photo back"),
    "size": mark("Size"), "size title": mark("Size of the brush"),
    "size text": mark("{percent} % of the picture"),
    "undo": mark("Undo"), "undo title": mark("Take back the last stroke"),
    "clear": mark("Clear"), "clear title": mark("No mask: the style is everywhere"),
    "rectangle": mark("Rectangle {wide} % wide, {high} % high, {left} % from the left, {top} % from the top. "
                      "Enter paints it, Delete erases it.")}
SHARE = {
    "wait": mark("One moment ..."), "recipe": mark("Recipe"),
    "copy": mark("Copy"), "copy title": mark("Copy the recipe of the picture"),
    "copied": mark("The recipe is on the clipboard."),
    "copy yourself": mark("Press Ctrl+C now: the line is chosen."),
    # Translators: a button beside a line that somebody pasted
    "use": mark("Use"), "use title": mark("Set all knobs as this line says"),
    "hint": mark("paste a line that begins with stylelib:1")}
UPLOAD = {
    "upload": mark("Upload"), "paste": mark("Paste"),
    "paste title": mark("Paste a photo from the clipboard"),
    "webcam": mark("Webcam"), "webcam title": mark("Take a photo with the webcam"),
    # Translators: a button that takes the picture which the webcam shows
    "take": mark("Take"), "take title": mark("Take the picture"),
    "cancel": mark("Cancel"), "cancel title": mark("Close the webcam"),
    "unreadable": mark("{name} cannot be read here ({reason}): choose it again."),
    "nothing": mark("There is no picture on the clipboard: copy one first."),
    "no clipboard": mark("This browser does not show its clipboard to a button: press Ctrl+V here instead."),
    "no picture": mark("The webcam gives no picture ({reason}): is it plugged in, and may this page use it?"),
    "no webcam": mark("A webcam works only on this machine's own address, or over https.")}
NAMES = {"choice": mark("choice"), "done": mark("done")}        # of a screen reader
GONE = {"gone": mark("The kernel was restarted or has ended: run this cell again, after those above it.")}


class Speaking(anywidget.AnyWidget):
    """A widget whose JavaScript says something.

    Args:
        words: {key: English text}, of this file.
        traits: other traits of the widget.
    """

    words = traitlets.Dict().tag(sync=True)

    def __init__(self, words: Mapping[str, str], **traits):
        super().__init__(words={key: tr(text) for key, text in words.items()}, **traits)
