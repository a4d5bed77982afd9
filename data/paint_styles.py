"""Four style pictures of our own, painted by a seeded program.

Nothing in them is left to chance: the marks' length, direction, size and colours are arguments. So an
experiment can change one property and leave all others as they were, which no museum can offer.

    python data/paint_styles.py                        # paints all four again, into data/style/
    python data/paint_styles.py --only brush_strokes --angle 90 --out /tmp/mine

Every painter has the same arguments:

    size      pixels a side. Another size is the same picture, finer or coarser.
    seed      chooses the composition.
    length    how long a mark is, relative to this style: strokes, panes, carved lines or tiles get
              longer, not wider.
    angle     degrees, anticlockwise from the horizontal: which way the marks run.
    palette   a name from PALETTES.
    scale     how large the marks are: 2 makes all of them twice as large.

Inside, lengths are in units of 1/512 of the picture's side, x runs to the right and y down. Everything
is drawn at twice the size and then halved, which smooths the edges.
"""
import argparse
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

UNITS = 512          # the side of a picture, in the units that all lengths below are given in
OVERSAMPLING = 2

PALETTES = {         # each from dark to light; the last colour is an accent
    "ember": ["#2b0d1c", "#5c1325", "#97202a", "#cb3b22", "#e8692a",
              "#f39b34", "#f8c95c", "#fdeeb8", "#1f7a7d"],
    "lagoon": ["#06172e", "#0d3358", "#14588a", "#1d86ab", "#4db6bd",
               "#93d6c3", "#d2ecc9", "#fbf6dc", "#e0673c"],
    "jewel": ["#1b1464", "#1d3fb0", "#1579c9", "#0f9e8e", "#5a2a9c",
              "#b5173f", "#ef7b1a", "#ffd24a", "#f6f0d0"],
    "forest": ["#10231a", "#1d4429", "#33683a", "#5c8f3c", "#97b348",
               "#d3cc62", "#efe3a0", "#fbf5da", "#b4442d"],
    "indigo": ["#16294d", "#5f8fae", "#f3e8cf", "#d0492f"],
    "sepia": ["#2a1a12", "#a0703f", "#f4e6c8", "#7f2a1d"],
    "ravenna": ["#14274e", "#1f4f8b", "#2b8a9e", "#6bb39a", "#8a2f2a",
                "#c8642f", "#e2a63a", "#f3dfae", "#f7f1de"],
}


def colors_of(palette):
    """A palette as an array (number of colours, 3), values 0..1.

    Raises:
        ValueError: a name that is not in PALETTES.
    """
    if palette not in PALETTES:
        raise ValueError(f"palette must be one of {', '.join(PALETTES)}, got {palette!r}")
    return np.array([[int(code[i:i + 2], 16) / 255 for i in (1, 3, 5)] for code in PALETTES[palette]])


# ------------------------------------------------------------------------------------- tools for all painters

def check(size, length, scale):
    """Refuse what cannot be painted."""
    if not isinstance(size, int) or not 32 <= size <= 4096:
        raise ValueError(f"size must be a whole number of pixels from 32 to 4096, got {size!r}")
    for name, value in (("length", length), ("scale", scale)):
        if not 0.4 <= value <= 4:
            raise ValueError(f"{name} must lie between 0.4 and 4, got {value!r}")


def grid(size):
    """x and y of every pixel of the oversampled canvas, in units; both (H, W)."""
    steps = (np.arange(size * OVERSAMPLING, dtype=np.float32) + 0.5) * (UNITS / (size * OVERSAMPLING))
    return np.meshgrid(steps, steps)


def turned(x, y, degrees):
    """Coordinates (along, across) in a frame turned by `degrees` anticlockwise about the picture's middle."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    dx, dy = x - UNITS / 2, y - UNITS / 2
    return cosine * dx - sine * dy, sine * dx + cosine * dy


def waves(rng, wavelength, stretch=1.0, count=7):
    """A smooth random function of two coordinates, roughly -1..1: a sum of plane waves.

    `stretch` makes it vary more slowly along the first coordinate.
    """
    # lists of Python's own numbers: NumPy's float64 would make all arrays float64
    directions = rng.uniform(0, 2 * math.pi, count).tolist()
    frequencies = (2 * math.pi / wavelength * rng.uniform(0.5, 1.4, count)).tolist()
    phases = rng.uniform(0, 2 * math.pi, count).tolist()

    def value(a, b):
        total = 0
        for direction, frequency, phase in zip(directions, frequencies, phases, strict=True):
            place = math.cos(direction) / stretch * a + math.sin(direction) * b
            total = total + np.sin(frequency * place + phase)
        return total / math.sqrt(count)
    return value


def ramp(colors, t):
    """The colour at t in 0..1 of a row of colours, blended linearly; t may be an array."""
    at = np.linspace(0, 1, len(colors))
    return np.stack([np.interp(t, at, colors[:, channel]) for channel in range(3)], axis=-1)


def smoothstep(low, high, value):
    """0 below `low`, 1 above `high`, smooth in between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def blurred(values, radius):
    """A 2-D array smoothed by a Gaussian; `radius` in canvas pixels."""
    picture = Image.fromarray(np.uint8(np.clip(values, 0, 1) * 255 + 0.5))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255


def finished(canvas, size):
    """The oversampled canvas (H, W, 3), values 0..1, as a picture of `size` pixels a side."""
    picture = Image.fromarray(np.uint8(np.clip(canvas, 0, 1) * 255 + 0.5))
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def speckle(rng, size, grain):
    """Fine random values -1..1 with grains of `grain` units, on the canvas. Same at every size."""
    cells = round(UNITS / grain)
    picture = Image.fromarray(rng.integers(0, 256, (cells, cells), dtype=np.uint8))
    side = size * OVERSAMPLING
    return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32) / 127.5 - 1


# ------------------------------------------------------------------------------------------- 1. brush strokes

BRUSHES = [          # width, length, how often the canvas is covered: from the broadest brush to the finest
    (27, 150, 5.0),
    (15, 105, 3.0),
    (9, 75, 1.7),
    (5, 48, 0.55),
]


def brush_strokes(size=512, seed=0, length=1.0, angle=20.0, palette="ember", scale=1.0):
    """Curved strokes, from broad to fine, that follow a flow around a few suns; lit like thick paint."""
    check(size, length, scale)
    rng = np.random.default_rng(seed)
    colors = colors_of(palette)
    flow, tone = _flow(rng, angle)
    zoom = size * OVERSAMPLING / UNITS
    underpainting = ramp(0.85 * colors[:-1], tone(*grid(size)))
    paint = Image.fromarray(np.uint8(255 * underpainting))
    height = Image.new("L", paint.size, 90)
    brushes = ImageDraw.Draw(paint), ImageDraw.Draw(height)
    for level, (width, reach, coverage) in enumerate(BRUSHES):
        width, reach = width * scale, reach * scale * length
        count = round(coverage * (UNITS * 1.2) ** 2 / (width * reach))
        lines = _streamlines(rng, flow, count, reach)
        tones = tone(*lines[:, lines.shape[1] // 2].T)             # in the middle of each stroke
        pairs = _stroke_colors(rng, colors, tones, level)
        for line, pair in zip(lines, pairs, strict=True):
            _stroke(rng, brushes, line, width, zoom, pair)
    lit = _lit(np.asarray(paint) / 255.0, np.asarray(height) / 255.0, zoom * math.sqrt(scale))
    return finished(lit, size)


def _flow(rng, angle):
    """Two functions of x, y: the flow's direction in radians, and the lightness 0..1."""
    bend, light, drift = waves(rng, 420), waves(rng, 300, stretch=2.5), waves(rng, 120, stretch=3)
    suns = [(rng.uniform(0.62, 0.78), rng.uniform(0.2, 0.34), 95),
            (rng.uniform(0.16, 0.3), rng.uniform(0.5, 0.62), 58),
            (rng.uniform(0.6, 0.85), rng.uniform(0.76, 0.86), 46)]
    suns = [(x * UNITS, y * UNITS, radius) for x, y, radius in suns]

    def direction(x, y):
        # y runs down: a positive angle turns towards -y
        base = -math.radians(angle) + 0.55 * bend(x, y)
        dx, dy = np.cos(base), np.sin(base)
        for sun_x, sun_y, radius in suns:
            away_x, away_y = x - sun_x, y - sun_y
            distance = np.hypot(away_x, away_y) + 1e-6
            near = 6 * (1 - smoothstep(0.3 * radius, 1.9 * radius, distance)) ** 2
            dx, dy = dx - near * away_y / distance, dy + near * away_x / distance
        return np.arctan2(dy, dx)

    def tone(x, y):
        value = 0.36 + 0.24 * light(*turned(x, y, angle)) + 0.10 * drift(*turned(x, y, angle))
        for sun_x, sun_y, radius in suns:
            distance = np.hypot(x - sun_x, y - sun_y) / radius
            rings = 0.16 * np.cos(2.6 * math.pi * distance) * np.exp(-distance)
            value = value + 0.75 * np.exp(-(distance / 0.75) ** 2) + rings
        return np.clip(value, 0, 1)
    return direction, tone


def _streamlines(rng, flow, count, reach, points=24):
    """`count` curves of length `reach` along the flow: (count, points, 2)."""
    start = rng.uniform(-0.1 * UNITS, 1.1 * UNITS, (count, 2))
    lines, step = [start], reach * rng.uniform(0.7, 1.2, count) / (points - 1)
    for _ in range(points - 1):
        direction = flow(*lines[-1].T)
        lines.append(lines[-1] + step[:, None] * np.stack([np.cos(direction), np.sin(direction)], axis=1))
    return np.stack(lines, axis=1)


def _stroke_colors(rng, colors, tones, level):
    """For each stroke the two paints on its brush, not quite mixed: (count, 2, 3)."""
    tones = tones + rng.normal(0, 0.07 + 0.02 * level, len(tones))
    pairs = ramp(colors[:-1], np.clip(tones[:, None] + np.array([-0.06, 0.07]), 0, 1))
    accents = (colors[-1] + rng.normal(0, 0.05, (len(tones), 1, 3))) * np.array([[1.0], [1.25]])
    return np.where((rng.random(len(tones)) < 0.05 + 0.02 * level)[:, None, None], accents, pairs)


def _stroke(rng, brushes, line, width, zoom, two_colors):
    """One stroke: bristles side by side, a little different in lightness and in where they start and end."""
    bristles = max(4, round(width / 1.7))
    places = np.linspace(-0.5, 0.5, bristles)
    mix = np.clip(0.5 + np.cumsum(rng.normal(0, 0.25, bristles)), 0, 1)[:, None]
    light = 1 + 0.05 * np.cumsum(rng.normal(0, 1, bristles)).clip(-3, 3) + rng.normal(0, 0.035, bristles)
    mixed = two_colors[0] * (1 - mix) + two_colors[1] * mix
    fills = np.uint8(np.clip(255 * mixed * light[:, None], 0, 255)).tolist()
    # paint is pushed to the edges
    ridges = (110 + 280 * places**2 + 55 * rng.random(bristles)).astype(int).tolist()
    taper = 14 * places**2                             # the outer bristles touch later and leave earlier
    firsts = (rng.uniform(0, 1.5, bristles) + 0.7 * taper).astype(int)
    lasts = len(line) - (rng.uniform(0, 4, bristles) + taper).astype(int)
    along = line[1:] - line[:-1]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.linalg.norm(along, axis=1, keepdims=True)
    curves = zoom * (line + width * places[:, None, None] * np.concatenate([across[:1], across]))
    thickness = max(2, math.ceil(zoom * width / bristles * 1.25))
    for curve, first, last, fill, ridge in zip(curves, firsts, lasts, fills, ridges, strict=True):
        points = curve[first:last].ravel().tolist()
        brushes[0].line(points, fill=tuple(fill), width=thickness)
        brushes[1].line(points, fill=ridge, width=thickness)


def _lit(paint, height, zoom):
    """Light falling from the upper left on paint of uneven height."""
    height = blurred(height, 0.45 * zoom)
    slope_y, slope_x = np.gradient(height * zoom)
    shade = np.clip(1.1 * (slope_x + slope_y), -0.22, 0.28)
    darker, lighter = np.minimum(shade, 0)[..., None], np.maximum(shade, 0)[..., None]
    return paint * (1 + darker) + lighter * (1.05 - paint) * 0.8


# ------------------------------------------------------------------------------------------- 2. stained glass

def stained_glass(size=512, seed=0, length=1.0, angle=65.0, palette="jewel", scale=1.0):
    """Panes of glowing, slightly streaky glass in dark lead; small ones form a ribbon of warm light."""
    check(size, length, scale)
    rng = np.random.default_rng(seed)
    colors = colors_of(palette)
    ribbon = _ribbon(rng)
    metric = _metric(angle, 1.7 * length)
    sites, radii = _scattered(rng, lambda x, y: scale * (34 - 19 * np.exp(-(ribbon(x, y) / 46) ** 2)), metric)
    x, y = grid(size)
    nearest, edge, along, across = _panes(x, y, sites, 3.2 * radii, metric)
    pane_colors = _pane_colors(rng, colors, ribbon(*sites.T), sites)
    streaks = waves(rng, 26, stretch=5)(*turned(x, y, angle)) * 0.05 + 0.035 * speckle(rng, size, 3)
    tilt = rng.normal(0, 0.2, (len(sites), 2))[nearest]
    gradient = 0.3 * np.tanh((tilt[..., 0] * along + tilt[..., 1] * across) / (0.3 * radii[nearest]))
    bright = 0.80 + 0.30 * smoothstep(0, 15 * scale, edge) + gradient + streaks
    glass = pane_colors[nearest] * bright[..., None]
    glass = glass + 0.22 * np.clip(bright - 1, 0, 1)[..., None]
    return finished(_leaded(glass, edge, rng, size, math.sqrt(scale)), size)


def _ribbon(rng):
    """A function of x, y: the distance from a winding line."""
    phase, second = rng.uniform(0, 2 * math.pi, 2)

    def distance(x, y):
        middle = 0.5 + 0.27 * np.sin(y / UNITS * 5.6 + phase) + 0.06 * np.sin(y / UNITS * 13 + second)
        return (x - UNITS * middle) * 0.8
    return distance


def _metric(angle, elongation):
    """The 2x2 matrix of a distance whose circles are `elongation` times as long as wide, along `angle`."""
    along = np.array([math.cos(math.radians(angle)), -math.sin(math.radians(angle))])
    across = np.array([-along[1], along[0]])
    return np.outer(along, along) / elongation + np.outer(across, across) * elongation


def _scattered(rng, radius_at, metric, tries=9000):
    """Points that keep their distance: (n, 2), and the distance that each keeps, (n,)."""
    candidates = rng.uniform(-0.08 * UNITS, 1.08 * UNITS, (tries, 2))
    radii = radius_at(*candidates.T)
    kept = []
    for i, candidate in enumerate(candidates):
        offsets = candidates[kept] - candidate
        squares = np.einsum("ni,ij,nj->n", offsets, metric, offsets)
        if not kept or np.all(squares > (0.5 * (radii[i] + radii[kept])) ** 2):
            kept.append(i)
    return candidates[kept], radii[kept]


def _panes(x, y, sites, windows, metric):
    """Voronoi cells of `sites`: each pixel's site, distance from the cell's edge, offsets from the site."""
    best, second = np.full(x.shape, np.inf, np.float32), np.full(x.shape, np.inf, np.float32)
    who, rival = np.zeros(x.shape, np.int32), np.zeros(x.shape, np.int32)
    stretch = math.sqrt(1 / np.linalg.eigvalsh(metric)[0])
    for i, (site, window) in enumerate(zip(sites, windows * stretch, strict=True)):
        rows, columns = _window(y[:, 0], site[1], window), _window(x[0], site[0], window)
        dx, dy = x[rows, columns] - site[0], y[rows, columns] - site[1]
        d = metric[0, 0] * dx * dx + 2 * metric[0, 1] * dx * dy + metric[1, 1] * dy * dy
        b, s, w, r = best[rows, columns], second[rows, columns], who[rows, columns], rival[rows, columns]
        first = d < b
        close = (d < s) & ~first
        r[first], s[first] = w[first], b[first]
        w[first], b[first] = i, d[first]
        r[close], s[close] = i, d[close]
    normals = (sites[rival] - sites[who]) @ metric                # the gradient of (second - best) / 2
    edge = (second - best) / (2 * np.linalg.norm(normals, axis=-1) + 1e-6)
    return who, edge, x - sites[who, 0], y - sites[who, 1]


def _window(steps, middle, reach):
    """The slice of the sorted `steps` that lie within `reach` of `middle`."""
    return slice(*np.searchsorted(steps, [middle - reach, middle + reach]))


def _pane_colors(rng, colors, distances, sites):
    """Warm light inside the ribbon, dark and cool colours outside, one pane in ten the other way round."""
    cool, warm = colors[:len(colors) // 2 + 1], colors[len(colors) // 2 + 1:]
    drift = waves(rng, 260)(*sites.T)
    inside = np.abs(distances) < 50
    inside ^= rng.random(len(sites)) < 0.06
    t = np.clip(0.5 + 0.38 * drift + rng.normal(0, 0.22, len(sites)), 0, 0.999)
    chosen = np.where(inside[:, None], warm[(t * len(warm)).astype(int)], cool[(t * len(cool)).astype(int)])
    return np.clip(chosen * rng.normal(1.0, 0.10, (len(sites), 1)) + rng.normal(0, 0.025, chosen.shape), 0, 1)


def _leaded(glass, edge, rng, size, scale):
    """Put the lead over the panes' edges, round and a little shiny, and let bright glass glow past it."""
    zoom = size * OVERSAMPLING / UNITS
    half = (2.3 + 0.35 * speckle(rng, size, 9)) * scale
    lead = (1 - smoothstep(half - 0.5, half + 0.5, edge))[..., None]
    shine = (0.10 + 0.16 * np.exp(-(edge / (0.7 * scale)) ** 2))[..., None] * np.array([0.85, 0.9, 1.0])
    canvas = glass * (1 - lead) + shine * lead
    glow = np.stack([blurred(canvas[..., channel], 5 * zoom) for channel in range(3)], axis=-1)
    return 1 - (1 - np.clip(canvas, 0, 1)) * (1 - 0.16 * glow)


# ------------------------------------------------------------------------------------------- 3. woodcut waves

def woodcut_waves(size=512, seed=0, length=1.0, angle=0.0, palette="indigo", scale=1.0):
    """Rolling waves with foam under a red sun: three inks on paper, carved lines that swell and taper."""
    check(size, length, scale)
    rng = np.random.default_rng(seed)
    colors = colors_of(palette)
    inks = colors[[0, (len(colors) - 1) // 2, -2, -1]]            # dark, middle, paper, accent
    u, v = turned(*grid(size), angle)
    u, v = u + UNITS / 2, v + UNITS / 2
    canvas = _sky(rng, u, v, inks, scale, length)
    for top, height, wavelength, bottom in _wave_rows(scale):
        near = (v > top - 1.2 * height) & (v < bottom)     # the rows in front will cover what lies lower
        places, row = (u[near], v[near]), (top, height, wavelength)
        canvas[near] = _wave(rng, canvas[near], places, row, inks, scale, length)
    grain = waves(rng, 9, stretch=30)(u, v) * 0.035 + 0.03 * speckle(rng, size, 2.2)
    return finished(canvas + grain[..., None] * (1.15 - canvas), size)


def _wave_rows(scale):
    """(top, height, wavelength, bottom) of the rows of waves, from far to near."""
    tops = [175.0]
    while tops[-1] < 1.42 * UNITS:
        tops.append(tops[-1] + (38 + 42 * (tops[-1] - 175) / UNITS) * scale)
    sizes = [((62 + 75 * (top - 175) / UNITS) * scale, (170 + 170 * (top - 175) / UNITS) * scale)
             for top in tops]
    bottoms = [top + 0.7 * height for top, (height, _) in zip(tops[1:], sizes[1:], strict=True)] + [2 * UNITS]
    return [(top, *size, bottom) for top, size, bottom in zip(tops, sizes, bottoms, strict=True)]


def _sky(rng, u, v, inks, scale, length):
    """Paper with a sun and with long carved lines that grow denser upwards."""
    _, middle, paper, accent = inks
    canvas = np.broadcast_to(paper, (*u.shape, 3)).copy()
    ripple = waves(rng, 150, stretch=2)(u, v) * 5 * scale
    swell = waves(rng, 42 * scale, stretch=5 * length)(u, v)
    row = ((v + ripple) / (7.5 * scale)) % 1
    width = 0.42 * smoothstep(230, -60, v) + 0.18 * swell
    canvas = _ink(canvas, _line(row, width, 7.5 * scale), middle)
    away = np.hypot(u - rng.uniform(0.60, 0.74) * UNITS, v - 108)
    sun = away - 62
    canvas = _ink(canvas, 0.5 - sun, accent)
    stripes = _line(row, 0.16 + 0.12 * swell - 0.4 * smoothstep(140, 70, v), 7.5 * scale)
    return _ink(canvas, np.minimum(0.5 - sun, stripes), paper)


def _line(row, width, spacing):
    """Signed distance, positive inside, from lines in the middle of rows; `row`: the place in a row, 0..1."""
    return (width / 2 - np.abs(row - 0.5)) * spacing


def _ink(canvas, inside, color):
    """Print `color` where the distance `inside`, in units, is positive; the edge is a canvas pixel soft."""
    alpha = np.clip(inside * 2 + 0.5, 0, 1)[..., None]
    return canvas * (1 - alpha) + np.asarray(color) * alpha


def _wave(rng, canvas, places, wave, inks, scale, length):
    """Print one row of waves over what is there: key line, foam with fingers, carved body, spray.

    `places` is (u, v), `wave` is (top, height, wavelength).
    """
    dark, middle, paper, _ = inks
    u, v = places
    top, height, wavelength = wave
    shape = _crest(rng, top, height, wavelength, scale)
    inside, crest, leaning = shape(u, v)
    slope = np.hypot(shape(u + 0.5, v)[0] - inside, shape(u, v + 0.5)[0] - inside) / 0.5
    inside = inside / np.maximum(slope, 0.6)                       # about the distance below the crest line
    ratio = math.sqrt(height / 62 / scale)

    fingers = np.abs(np.sin(leaning / (15 * scale) * math.pi / 2)) ** 0.7
    foam = (5 + 17 * np.clip(crest, 0, 1) ** 1.5 * (0.35 + 0.65 * fingers)) * scale * ratio
    below, spacing = inside - foam, 7.0 * scale * ratio
    row = (below / spacing) % 1
    swell = waves(rng, 34 * scale, stretch=3.2 * length)(u, inside * 2)
    deep = smoothstep(0, 60 * scale, below)

    canvas = _ink(canvas, inside + 1.2 * scale, dark)
    canvas = _ink(canvas, np.minimum(inside - 1.2 * scale, 1.5 * scale - below), paper)
    dark_lines = _line(row, 0.22 + 0.55 * deep + 0.30 * swell, spacing)
    light_lines = _line((row + 0.5) % 1, 0.05 - 0.1 * deep + 0.28 * swell, spacing)
    body = _ink(np.broadcast_to(middle, canvas.shape), dark_lines, dark)
    body = _ink(body, np.minimum(light_lines, below - 3), paper)
    alpha = np.clip((below - 1.4 * scale) * 2 + 0.5, 0, 1)[..., None]
    return canvas * (1 - alpha) + body * alpha


def _crest(rng, top, height, wavelength, scale):
    """A row of waves as a function of u and v: height of wave above the point, crest 0..1, place."""
    phase = rng.uniform(0, 2 * math.pi)
    uneven, wobble = waves(rng, 2.3 * wavelength, count=4), waves(rng, 0.7 * wavelength, count=4)

    def shape(u, v):
        # 0 in the trough, 1 on the highest crest
        rise = np.clip((top + 0.45 * height - v) / height, -3, 1.5)
        leaning = u + 0.30 * wavelength * np.maximum(rise, 0) ** 2 + 6 * scale * wobble(u, v)
        rough = uneven(u, 0 * v)
        cycle = 2 * math.pi * leaning / wavelength + phase + 0.5 * rough
        crest = (0.5 + 0.5 * np.cos(cycle)) ** 1.6 * (0.85 + 0.2 * rough)
        return (crest - rise) * height, crest, leaning
    return shape


# ------------------------------------------------------------------------------------------------- 4. mosaic

def mosaic(size=512, seed=0, length=1.0, angle=30.0, palette="ravenna", scale=1.0):
    """Small tiles of stone and glass in dark mortar, in rows that follow the contours of waves and discs."""
    check(size, length, scale)
    rng = np.random.default_rng(seed)
    colors = colors_of(palette)
    contours = tile_contours(rng, angle)
    tile, aspect, zoom = 13.5 * scale, 1.2 * length, size * OVERSAMPLING / UNITS
    places, directions = set_tiles(rng, contours, tile, aspect, angle)
    shades = _tile_colors(rng, colors, *contours(*places.T)[:2])
    canvas = Image.new("RGB", (size * OVERSAMPLING,) * 2, (38, 33, 34))
    height = Image.new("L", canvas.size, 60)
    brushes = ImageDraw.Draw(canvas), ImageDraw.Draw(height)
    sides = tile * math.sqrt(aspect), tile / math.sqrt(aspect)
    for place, direction, color in zip(places, directions, shades, strict=True):
        _tile(rng, brushes, place, direction, color, sides, zoom)
    lit = _lit(np.asarray(canvas) / 255.0, np.asarray(height) / 255.0, zoom)
    return finished(lit + 0.025 * speckle(rng, size, 2)[..., None], size)


def tile_contours(rng, angle):
    """A function of x, y: level (rows follow its contours), motif (0: waves; 1, 2: a disc), row direction."""
    bend = waves(rng, 330, count=5)
    discs = [(rng.uniform(0.60, 0.72) * UNITS, rng.uniform(0.28, 0.38) * UNITS, 118.0),
             (rng.uniform(0.20, 0.28) * UNITS, rng.uniform(0.68, 0.78) * UNITS, 74.0)]

    def level(x, y):
        _, across = turned(x, y, angle)
        return across + 27 * bend(x, y)

    def contours(x, y):
        value, motif = level(x, y), np.zeros(np.shape(x), int)
        # at right angles to the slope
        direction = np.arctan2(value - level(x + 1, y), level(x, y + 1) - value)
        for number, (disc_x, disc_y, radius) in enumerate(discs, start=1):
            distance = np.hypot(x - disc_x, y - disc_y)
            inside = distance < radius
            value, motif = np.where(inside, distance - radius, value), np.where(inside, number, motif)
            direction = np.where(inside, np.arctan2(x - disc_x, disc_y - y), direction)
        return value, motif, direction
    return contours


def set_tiles(rng, contours, tile, aspect, angle, rounds=14):
    """Where tiles lie, (n, 2), and their directions; each tile moves to the middle of its own region.

    Source: Hausner, Simulating Decorative Mosaics (2001): Lloyd's method with a square metric that follows
    a direction field.
    """
    steps = (np.arange(round(7 * UNITS / tile)) + 0.5) / round(7 * UNITS / tile) * 1.12 * UNITS - 0.06 * UNITS
    x, y = np.meshgrid(steps, steps)
    along, across = np.meshgrid(np.arange(-0.8 * UNITS, 0.8 * UNITS, tile * math.sqrt(aspect)),
                                np.arange(-0.8 * UNITS, 0.8 * UNITS, tile / math.sqrt(aspect)))
    places = turned(along.ravel() + UNITS / 2, across.ravel() + UNITS / 2, -angle)
    places = np.stack(places, axis=1) + UNITS / 2
    places = places[np.all(np.abs(places - UNITS / 2) < 0.56 * UNITS, axis=1)]
    places = places + rng.normal(0, 0.15 * tile, places.shape)
    for _ in range(rounds):
        owner = _owners(x, y, places, contours(*places.T)[2], tile, aspect)
        count = np.maximum(np.bincount(owner.ravel(), minlength=len(places)), 1)
        middle = [np.bincount(owner.ravel(), weights=axis.ravel(), minlength=len(places)) / count
                  for axis in (x, y)]
        places = np.stack(middle, axis=1)
    return places, contours(*places.T)[2]


def _owners(x, y, places, directions, tile, aspect):
    """The tile that each pixel is nearest to, in a metric whose unit circle is the tile's rectangle."""
    best, owner = np.full(x.shape, np.inf), np.zeros(x.shape, int)
    reach = 1.6 * tile * math.sqrt(max(aspect, 1 / aspect))
    cosines, sines = np.cos(directions), np.sin(directions)
    for i, (place_x, place_y) in enumerate(places):
        rows, columns = _window(y[:, 0], place_y, reach), _window(x[0], place_x, reach)
        dx, dy = x[0, columns] - place_x, y[rows, :1] - place_y
        along = np.abs(cosines[i] * dx + sines[i] * dy) / math.sqrt(aspect)
        across = np.abs(cosines[i] * dy - sines[i] * dx) * math.sqrt(aspect)
        distance = np.maximum(along, across)
        nearer = distance < best[rows, columns]
        best[rows, columns][nearer], owner[rows, columns][nearer] = distance[nearer], i
    return owner


def _tile_colors(rng, colors, levels, motifs):
    """Waves in bands of the palette's first half, discs in rings of its second, each tile varied: (n, 3)."""
    cool, warm = colors[:len(colors) // 2], colors[len(colors) // 2:]
    band = (0.5 + 0.5 * np.sin(levels / 17)) * 0.8 + 0.19 * rng.random(len(levels))
    ring = (0.5 - 0.5 * np.cos(levels / 16)) * 0.75 + 0.24 * rng.random(len(levels))
    chosen = np.where((motifs > 0)[:, None],
                      warm[(ring * len(warm)).astype(int)], cool[(band * len(cool)).astype(int)])
    rim = (levels > -11) & (motifs > 0)
    foam = (motifs == 0) & (np.sin(levels / 17) > 0.93)
    chosen = np.where((rim | foam)[:, None], colors[-1], chosen)
    return np.clip(chosen * rng.normal(1, 0.10, (len(levels), 1)) + rng.normal(0, 0.03, chosen.shape), 0, 1)


def _tile(rng, brushes, place, direction, color, sides, zoom):
    """One tile: a rectangle cut by hand, its face a little higher than its bevelled edge."""
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) + rng.normal(0, 0.035, (4, 2))
    along = np.array([math.cos(direction), math.sin(direction)])
    frame = np.array([along * sides[0], np.array([-along[1], along[0]]) * sides[1]])
    fill = tuple(int(c) for c in np.clip(255 * color, 0, 255))
    for share, light in ((0.86, 150), (0.66, 200)):
        outline = [tuple(point) for point in zoom * (place + share * corners @ frame)]
        brushes[0].polygon(outline, fill=fill)
        brushes[1].polygon(outline, fill=light + int(rng.integers(0, 40)))


# ------------------------------------------------------------------------------------------- the command line

PAINTERS = {painter.__name__: painter for painter in (brush_strokes, stained_glass, woodcut_waves, mosaic)}


def main(arguments=None):
    """Paint the chosen pictures as JPEG files; what is not given stays at the painter's default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "style",
                        help="folder (default: data/style)")
    parser.add_argument("--only", choices=PAINTERS, help="paint just this picture")
    parser.add_argument("--size", type=int, help="pixels a side (default 512)")
    parser.add_argument("--seed", type=int, help="another composition (default 0)")
    parser.add_argument("--stroke-length", type=float, dest="length", metavar="F",
                        help="longer (above 1) or shorter marks")
    parser.add_argument("--angle", type=float, metavar="DEG",
                        help="direction of the marks, anticlockwise from horizontal")
    parser.add_argument("--palette", choices=PALETTES)
    parser.add_argument("--scale", type=float, metavar="F", help="larger (above 1) or smaller marks")
    options = vars(parser.parse_args(arguments))
    folder, only = options.pop("out"), options.pop("only")
    chosen = {name: value for name, value in options.items() if value is not None}
    folder.mkdir(parents=True, exist_ok=True)
    for name in [only] if only else PAINTERS:
        try:
            picture = PAINTERS[name](**chosen)
        except ValueError as error:
            parser.error(str(error))
        picture.save(folder / f"{name}.jpg", quality=90, optimize=True)
        print(f"{folder / name}.jpg")


if __name__ == "__main__":
    main()
