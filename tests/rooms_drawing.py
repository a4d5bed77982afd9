"""The drawing of the rooms: an SVG made of text, on light pages and on dark ones."""
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from .rooms import PARTS, STORY, modules, room

WIDTH = 920
CARD = 101, 56              # one of the six files
CENTRED = ' text-anchor="middle"'
# What the drawing says of each, by language
WORDS = {"en": {
    "images": "load, save", "networks": "features", "losses": "numbers", "objective": "one sum",
    "optimize": "new pixels", "transfer": "coarse to fine",
    "core": "the six files to read, in this order: the way a picture takes",
    "style": "other styles, and where",
    "fast": "networks that paint at once",
    "engine": "how it fits into a laptop",
    "film": "in motion", "batch": "many", "learn": "for learners", "teach": "for teachers",
    "cli": "commands",
    "parts": "their small parts, one idea each", "way": "the way a picture takes",
    "arrow": "imports: an arrow has the colour of the room that is used",
    "title": "The rooms of stylelib",
    "about": "In the middle the six files that a picture passes through: {files}. Around them the rooms: "
             "film, learn, teach, batch and cli above, style, fast and engine below.",
}, "zh": {
    "images": "读入，保存", "networks": "特征", "losses": "数", "objective": "一个总和",
    "optimize": "新的像素", "transfer": "由粗到细",
    "core": "要读的六个文件，按此顺序：一幅图像走过的路",
    "style": "别的风格，画在哪里",
    "fast": "一次画成的网络",
    "engine": "怎样在笔记本电脑上跑得动",
    "film": "会动的", "batch": "成批", "learn": "给学习者", "teach": "给教师",
    "cli": "命令",
    "parts": "它们的小零件，每个一个想法", "way": "一幅图像走过的路",
    "arrow": "导入：箭头的颜色，就是被用到的那一间的颜色",
    "title": "stylelib 的各个部分",
    "about": "中间是一幅图像依次经过的六个文件：{files}。周围是各个部分："
             "上面是 film、learn、teach、batch 和 cli，下面是 style、fast 和 engine。",
}}
# stroke and fill on a light page, on a dark one
COLORS = {
    "core": ("#0969da", "#eef6ff", "#58a6ff", "#10233d"),
    "style": ("#8250df", "#f8f2ff", "#bc8cff", "#251b3a"),
    "fast": ("#bf3989", "#fff0f7", "#f778ba", "#351b2b"),
    "engine": ("#bc4c00", "#fff4eb", "#f0883e", "#35200f"),
    "film": ("#1b7c83", "#e9fafa", "#39c5cf", "#0d2a2c"),
    "batch": ("#a04100", "#fff1e6", "#e0823d", "#33200f"),
    "learn": ("#1a7f37", "#edfbf0", "#3fb950", "#12291a"),
    "teach": ("#9a6700", "#fff9e0", "#d29922", "#2e2611"),
    "cli": ("#59636e", "#f4f6f8", "#9198a1", "#1d232b"),
    "page": ("#d0d7de", "#ffffff", "#3d444d", "#0d1117"),
}
INK = ("#1f2328", "#59636e", "#f0f6fc", "#9198a1")      # text and quiet text: light, dark


@dataclass(frozen=True)
class Box:
    """A rectangle, in px from the drawing's top left corner."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def middle(self) -> int:
        return self.left + self.width // 2


# From left to right: (left, width). The core does not know those above
ABOVE = {"film": (36, 150), "learn": (198, 168), "teach": (378, 212), "batch": (602, 130), "cli": (744, 140)}
BELOW = {"style": (36, 264), "fast": (328, 264), "engine": (620, 264)}
FIRST, LINE = 50, 17                    # from a box's top to its first line of files, and from line to line


def listing(name: str) -> list[str]:
    """The lines in a room's box: its files, and its folders with a slash."""
    if name == "cli":
        return ["stylelib --help"]
    inside = [module.split(".")[1:] for module in modules() if module.startswith(f"{name}.")]
    folders = {parts[0] for parts in inside if len(parts) > 1}
    files = [first + "/" * (first in folders) for first in sorted({parts[0] for parts in inside})]
    _, width = {**ABOVE, **BELOW}[name]
    return textwrap.wrap("  ".join(files), (width - 24) * 2 // 15)


def _row(rooms, top):
    """Boxes side by side, as high as the longest list among them needs."""
    height = FIRST + LINE * max(len(listing(name)) for name in rooms)
    return {name: Box(left, top, width, height) for name, (left, width) in rooms.items()}


BOXES = _row(ABOVE, 36)
BOXES["core"] = Box(84, BOXES["film"].bottom + 68, 752, 228)
BOXES |= _row(BELOW, BOXES["core"].bottom + 66)
HEIGHT = BOXES["style"].bottom + 74
# Rooms above reach those below around the core: along a line at this height, then down at this side
AROUND = {name: (BOXES["film"].bottom + down, side)
          for name, down, side in (("style", 16, 46), ("fast", 31, 64), ("engine", 46, 860))}
FORK = BOXES["core"].bottom + 32        # where the way to fast turns to the middle


def drawing(arrows: Iterable[tuple[str, str]], language: str = "en") -> str:
    """The SVG for these arrows between files, see `rooms.arrows`."""
    arrows, words = set(arrows), WORDS[language]
    between = sorted({(room(file), room(other)) for file, other in arrows if room(file) != room(other)})
    pairs = [(user, used) for user, used in between if user in BOXES and used in BOXES]
    parts = [*_frame(words), *(_arrow_between(user, used) for user, used in pairs)]
    parts += [_room(name, words) for name in BOXES]
    parts += [*_story(words), *_uses(arrows), *_parts(words), *_legend(words)]
    start = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
             f'height="{HEIGHT}" role="img" aria-labelledby="title words">')
    return "\n".join([start, *parts, "</svg>", ""])


def _frame(words):
    yield "<!-- Written by `python -m tests.rooms` from the imports of stylelib. Do not edit. -->"
    yield f'<title id="title">{words["title"]}</title>'
    yield f'<desc id="words">{words["about"].format(files=", ".join(STORY))}</desc>'
    yield f"<style>\n{_css()}\n</style>"
    yield "<defs>"
    for name in COLORS:
        yield (f'<marker id="to-{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
               f'markerHeight="7" orient="auto"><path class="{name}-solid" d="M0 0L10 5L0 10z"/></marker>')
    yield "</defs>"
    yield f'<rect class="page" x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="14"/>'


def _css():
    shared = ["text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif }",
              ".code { font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace }",
              "path, line { fill: none; stroke-width: 1.6 }", ".way { stroke-width: 4 }"]
    return "\n".join([*shared, *_theme(0), "@media (prefers-color-scheme: dark) {", *_theme(2), "}"])


def _theme(first):
    for name, colors in COLORS.items():
        stroke, fill = colors[first:first + 2]
        yield f".{name} {{ fill: {fill}; stroke: {stroke} }}  .{name}-line {{ stroke: {stroke} }}"
        yield f".{name}-solid {{ fill: {stroke}; stroke: none }}"
    yield f".ink {{ fill: {INK[first]} }}  .quiet {{ fill: {INK[first + 1]} }}"


def _text(x, y, words, style, size=13, more=""):
    return f'<text class="{style}" x="{x}" y="{y}" font-size="{size}"{more}>{escape(words)}</text>'


def _rect(box, style, radius=10):
    return (f'<rect class="{style}" x="{box.left}" y="{box.top}" width="{box.width}" height="{box.height}" '
            f'rx="{radius}" stroke-width="1.5"/>')


def _line(points, used):
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    return f'<path class="{used}-line" d="{path}" marker-end="url(#to-{used})"/>'


def _room(name, words):
    """A room: its name, whom it is for, its files."""
    box = BOXES[name]
    label = {"core": "stylelib/", "cli": "cli"}.get(name, f"{name}/")
    lines = [_rect(box, name), _text(box.left + 16, box.top + 27, label, f"{name}-solid code", 17,
                                     ' font-weight="bold"')]
    beside = box.left + 28 + 10 * len(label)
    lines.append(_text(beside, box.top + 26, words[name], "quiet"))
    if name != "core":
        lines += [_text(box.left + 16, box.top + FIRST + LINE * i, text, "ink code", 12,
                        ' xml:space="preserve"') for i, text in enumerate(listing(name))]
    return "\n".join(lines)


def _arrow_between(user, used):
    """An arrow from a room to one that it uses, in the colour of the one that is used."""
    if user in ABOVE and used in AROUND:
        return _around(user, used)
    start, end = BOXES[user], BOXES[used]
    if {user, used} <= {*ABOVE} or {user, used} <= {*BELOW}:
        return _beside(user, used)
    if user in ABOVE:                                       # down into the core
        return _line([(start.middle, start.bottom), (start.middle, end.top - 2)], used)
    x = BOXES[user if used == "core" else used].middle + (13 if used == "core" else -13)
    return _line([(x, start.bottom), (x, end.top - 2)] if start.top < end.top
                 else [(x, start.top), (x, end.bottom + 2)], used)


def _around(user, used):
    start, end = BOXES[user], BOXES[used]
    height, side = AROUND[used]
    x = start.middle + {"style": -40, "fast": -20, "engine": 40}[used]
    down = [(side, end.top - 2)] if used != "fast" else [(side, FORK), (end.left + 40, FORK),
                                                         (end.left + 40, end.top - 2)]
    return (_line([(x, start.bottom), (x, height), (side, height), *down], used)
            + f'<circle class="{used}-solid" cx="{x}" cy="{height}" r="3.5"/>')


def _beside(user, used):
    start, end = BOXES[user], BOXES[used]
    y = start.top + (46 if start.left < end.left else 72)
    row = [*(ABOVE if user in ABOVE else BELOW)]
    if abs(row.index(user) - row.index(used)) == 1:
        return _line(_across(start, end, y), used)
    if user in ABOVE:                                       # over the room between them, or under it
        edge, way, goal = start.top, start.top - 12, end.top - 2
    else:
        edge, way, goal = start.bottom, start.bottom + (12 if start.left < end.left else 22), end.bottom + 2
    x, to = (room.middle + (8 if start.left < end.left else -8) for room in (start, end))
    return _line([(x, edge), (x, way), (to, way), (to, goal)], used)


def _across(start, end, y):
    if start.left < end.left:
        return [(start.right, y), (end.left - 2, y)]
    return [(start.left, y), (end.right + 2, y)]


def _card(name):
    """Where one of the six files stands."""
    core, (width, height) = BOXES["core"], CARD
    step = (core.width - 48 - width) / (len(STORY) - 1)
    return Box(round(core.left + 24 + step * STORY.index(name)), core.top + 82, width, height)


def _story(words):
    """The six files, and the way a picture takes through them and back."""
    for i, name in enumerate(STORY):
        card = _card(name)
        yield _rect(card, "page", 8)
        yield _text(card.middle, card.top + 24, name, "ink code", 14, CENTRED + ' font-weight="bold"')
        yield _text(card.middle, card.top + 43, words[name], "quiet", 12, CENTRED)
        if i:
            y = card.top + card.height // 2
            start = _card(STORY[i - 1]).right + 3
            yield f'<line class="core-line way" x1="{start}" y1="{y}" x2="{card.left - 9}" y2="{y}"/>'
            yield f'<path class="core-solid" d="M{card.left - 11} {y - 6}l9 6l-9 6z"/>'
    first, last = _card(STORY[0]), _card(STORY[-1])
    below = first.bottom + 16
    yield _line([(last.middle, last.bottom), (last.middle, below), (first.middle, below),
                 (first.middle, first.bottom + 2)], "core")


def _uses(arrows):
    """Thin arcs over the six: which of them imports which."""
    for user, used in sorted(arrows):
        if user in STORY and used in STORY:
            start, end = _card(user), _card(used)
            x, to, y = start.middle - 8, end.middle + 8, start.top
            lift = y - 12 - 7 * abs(STORY.index(user) - STORY.index(used))
            yield (f'<path class="cli-line" d="M{x} {y}C{x} {lift} {to} {lift} {to} {y - 2}" '
                   'marker-end="url(#to-cli)"/>')


def _parts(words):
    """What the six, transfer above all, are made of."""
    core, top = BOXES["core"], _card(STORY[0]).bottom + 40
    gap = 10
    width = (core.width - 48 + gap) // len(PARTS) - gap
    yield _text(core.left + 24, top - 9, words["parts"], "quiet", 12)
    for i, name in enumerate(PARTS):
        part = Box(core.left + 24 + i * (width + gap), top, width, 30)
        yield _rect(part, "page", 8)
        yield _text(part.middle, top + 20, name, "ink code", 13, CENTRED)


def _legend(words):
    left, y = BOXES["style"].left, HEIGHT - 17
    yield (f'<line class="core-line way" x1="{left}" y1="{y - 4}" x2="{left + 26}" y2="{y - 4}"/>')
    yield _text(left + 36, y, words["way"], "quiet", 12)
    yield (f'<line class="cli-line" x1="{left + 200}" y1="{y - 4}" x2="{left + 226}" y2="{y - 4}" '
           'marker-end="url(#to-cli)"/>')
    yield _text(left + 236, y, words["arrow"], "quiet", 12)
