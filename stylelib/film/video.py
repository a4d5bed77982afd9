"""Films in MP4, MOV, WebM and other containers, read and written by PyAV, which brings FFmpeg.

PyAV is an extra, `stylelib[film]`: nothing here is needed for animations.
"""
import contextlib
import warnings
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from ..engine.inputs import ImageError, fit_sides
from ..engine.language import tr
from ..engine.reading import MAX_PIXELS, name_of, too_many_pixels
from .shown import THE_FILM, Shown, no_frame

WRITABLE = (".mp4", ".m4v", ".mov")
CRF = 18                    # of H.264, 0 to 51: about where the eye sees no loss
TICKS = 90_000              # a second: whole numbers of them for 24, 25, 30 and 60 frames a second
# Sound that browsers play, by the container that can hold it
PLAYED = {"mp4": ("aac", "mp3", "opus", "flac"), "mov": ("aac", "mp3")}
RATE = Fraction(25)         # frames a second, where a film does not say
# FFmpeg's formats of pictures, and of texts that it would show as pictures
NO_FILMS = ("image2", "_pipe", "tty")
BT709, NARROW = 1, 1        # FFmpeg's numbers: which matrix makes Y, U, V of colours; levels from 16 to 235
HD = 720                    # lines; a film of so many that does not name its matrix means BT.709
# Lanczos, colours at all pixels, exact rounding: from swscale.h
SCALE = 0x200 | 0x2000 | 0x40000


def pyav() -> ModuleType:
    """PyAV's module; an ImageError that says how to get it."""
    try:
        import av
    except ImportError as error:
        raise ImageError(tr("reading and writing films other than animated GIF, WebP and PNG needs PyAV "
                            "({error}): pip install 'stylelib[film]'", error=error)) from None
    return av


# --------------------------------------------------------------------------------------------------- reading

def describe(file: Any) -> dict[str, Any]:
    """Size, rate, length and sound, by the file's header and its first frame."""
    name = name_of(file, THE_FILM)
    with _open(file, name) as (container, stream):
        first = next(_decoded(container, stream, []), None)
        if first is None:
            raise ImageError(no_frame(name))
        width, height = _shape(first, stream)
        return {"width": width, "height": height, "rate": float(_rate(stream)),
                "frames": stream.frames or None, "seconds": _length(container, stream),
                "sound": bool(container.streams.audio)}


def shown(file: Any, size: int | None, start: float) -> Iterator[Shown]:
    """Each frame's time, length, and a function that makes its picture; see `Shown`.

    A frame is shown until the next one, which must have been read for that. Frames before `start` may come
    first, since decoding begins where the film allows it.
    """
    name, damage = name_of(file, THE_FILM), []        # type: tuple[str, list[str]]
    with _open(file, name) as (container, stream):
        length, usual = _length(container, stream), float(1 / _rate(stream))
        before = sides = None
        time = -usual
        for frame in _from(start, container, stream, damage):
            # all frames are as large as the first, even if a broadcast changes its size
            sides = sides or _sides(frame, stream, size, name)
            next_time = _time(frame, container)
            next_time = time + usual if next_time is None or (before and next_time <= time) else next_time
            if before:
                yield time, next_time - time, partial(_image, before, sides)
            before, time = frame, next_time
        if before:
            seconds = _last_seconds(before, time, length, usual)
            yield time, seconds, partial(_image, before, sides)
            _warn(name, time + seconds, length, damage)


def _from(start, container, stream, damage):
    """Frames from a time on, or from earlier; where a film cannot be wound on exactly, from its beginning."""
    frames = _decoded(container, stream, damage)
    if start <= 0 or not _knows_its_times(container.format):
        return frames
    with contextlib.suppress(pyav().FFmpegError):       # a stream without end cannot be wound on at all
        container.seek(int((start + _begin(container)) / stream.time_base), stream=stream)
        first = next(frames, None)
        time = None if first is None else _time(first, container)
        if time is not None and time <= start + 1e-4:       # times in files are rounded
            return chain([first], frames)
        damage.clear()
        container.seek(0)
        return _decoded(container, stream, damage)
    return frames


def _knows_its_times(kind):
    """Whether times are right after winding on. In raw streams and in MPEG's program streams (.mpg, .vob) not
    each frame has one, and FFmpeg counts from where it began to read.
    """
    flags = getattr(kind.flags, "value", kind.flags)                # an int in some versions of PyAV
    return kind.name != "mpeg" and not flags & 0x0080               # AVFMT_NOTIMESTAMPS


@contextlib.contextmanager
def _open(file, name):
    """(container, its stream of pictures); closed at the end."""
    av = pyav()
    try:
        container = av.open(file)
    except (av.FFmpegError, ValueError) as error:
        raise ImageError(_not_opened(file, name, error)) from None
    with container:
        streams = [stream for stream in container.streams.video if not _is_cover(stream)]
        if any(kind in container.format.name for kind in NO_FILMS):
            raise ImageError(tr("{name} is no film that can be read: give an MP4, MOV or WebM film",
                                name=name))
        if not streams:
            raise ImageError(tr("{name} has sound but no moving pictures in it: give a film", name=name)
                             if container.streams.audio else
                             tr("{name} has no moving pictures in it: give a film", name=name))
        if streams[0].codec_context is None:
            raise ImageError(tr("the pictures of {name} are coded in a way that this PyAV does not know: "
                                "convert it to MP4 (H.264)", name=name))
        yield container, streams[0]


def _not_opened(file, name, error):
    with contextlib.suppress(OSError, TypeError, ValueError):
        with open(file, "rb") as opened:
            if opened.read(12)[4:8] == b"ftyp":
                return tr("{name} is damaged or was cut off, so that its table of frames is missing: get a "
                          "fresh copy", name=name)
    reason = getattr(error, "strerror", None) or error
    return tr("{name} is no film that can be read ({reason}): give an MP4, MOV or WebM film",
              name=name, reason=reason)


def _is_cover(stream):
    """Whether this is the picture on the cover of some music."""
    flags = getattr(stream.disposition, "value", stream.disposition)     # an int in some versions of PyAV
    return bool(flags & 0x0400)                                          # AV_DISPOSITION_ATTACHED_PIC


def _decoded(container, stream, damage):
    """The frames that can be decoded; what is wrong with the others is noted in the list `damage`."""
    av = pyav()
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError as error:         # cut off
            damage.append(str(error.strerror))
            return
        if packet is None:
            return
        if packet.is_corrupt:
            damage.append(tr("a part of it is missing"))
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            damage.append(str(error.strerror))
            continue
        yield from frames


def _warn(name, end, length, damage):
    """One warning for a film that gave less than it should.

    One that is cut off may end without a fault. A second less is none: the sound may be longer.
    """
    if damage:
        warnings.warn(tr("{name} is damaged or cut off ({reason}): its pictures could be read up to "
                         "{end:.1f} s, perhaps with gaps", name=name, reason=damage[0], end=end),
                      stacklevel=2)
    elif length and end < 0.9 * length - 1:
        warnings.warn(tr("{name} ends after {end:.1f} s, though it should last {length:.1f} s: it may have "
                         "been cut off", name=name, end=end, length=length), stacklevel=2)


def _time(frame, container):
    """When a frame appears, in seconds since the film's beginning; None where the file does not say."""
    return None if frame.pts is None else float(frame.pts * frame.time_base) - _begin(container)


def _last_seconds(frame, time, length, usual):
    """The last frame is shown until the film ends, if that is near (a film may have been cut off)."""
    rest = (length or 0) - time
    return rest if 0 < rest < 1 else float((frame.duration or 0) * (frame.time_base or 0)) or usual


def _begin(container):
    """The time, in the file's own count, at which its pictures and sound begin."""
    return (container.start_time or 0) / 1_000_000


def _rate(stream):
    return stream.average_rate or stream.guessed_rate or RATE


def _length(container, stream):
    """When the pictures end, in seconds since the film's beginning; None where the file does not say."""
    if stream.duration:             # counted from their first, which may come after the sound's beginning
        return float((stream.duration + (stream.start_time or 0)) * stream.time_base) - _begin(container)
    return container.duration / 1_000_000 if container.duration else None


def _shape(frame, stream):
    """(width, height) as shown: with square pixels, turned as the camera was held."""
    width, height = frame.width, frame.height
    ratio = stream.sample_aspect_ratio or 1
    # stretched, never squeezed: no pixel is lost
    width, height = (round(width * ratio), height) if ratio >= 1 else (width, round(height / ratio))
    return (height, width) if _quarter_turns(frame) % 2 else (width, height)


def _quarter_turns(frame):
    """How often the frame must be turned by 90 degrees, anticlockwise."""
    return round(frame.rotation / 90) % 4


def _sides(frame, stream, size, name):
    width, height = _shape(frame, stream)
    if width * height > MAX_PIXELS:
        raise ImageError(too_many_pixels(name, MAX_PIXELS))
    return fit_sides((width, height), size)


def _image(frame, sides):
    """(1, 3, H, W), in [0, 1], with sides (width, height)."""
    turns = _quarter_turns(frame)
    width, height = sides[::-1] if turns % 2 else sides
    unnamed = frame.colorspace == 2 and frame.height >= HD
    rgb = frame.reformat(width, height, "rgb24", src_colorspace=BT709 if unnamed else None,
                         interpolation=SCALE)
    pixels = np.rot90(rgb.to_ndarray(), turns).copy()           # (H, W, 3), uint8
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float().div(255).contiguous()


# --------------------------------------------------------------------------------------------------- writing

class Movie:
    """Writes an MP4 or MOV with H.264 (yuv420p, BT.709), which browsers play.

    H.264 in 4:2:0 needs even sides: an odd last row or column is doubled.

    Args:
        file: where to write; it need not have the ending.
        ending: ".mp4", ".m4v" or ".mov".
        quality: H.264's constant rate factor, from 0 (no loss) to 51; None is 18.
        rate: frames a second, for the encoder's sense of time.
        sound: the path of the film whose sound is copied, or None.
        begin: the time in that film that is 0 in this one, in seconds.
    """

    def __init__(self, file: Path, ending: str, quality: int | None = None, rate: float = 25.0,
                 sound: Any = None, begin: float = 0.0) -> None:
        av = pyav()
        kind = "mov" if ending == ".mov" else "mp4"
        # with its table of frames first, a browser can play it before it has all of it
        self._container = av.open(str(file), "w", format=kind, options={"movflags": "+faststart"})
        self._rate, self._crf = rate, CRF if quality is None else quality
        self._stream: Any = None
        self._sound = None if sound is None else Sound(sound, self._container, begin)
        self._seconds: dict[int, int] = {}      # how long frames are shown that the encoder still holds
        self._ticks, self._end = -1, 0.0

    def add(self, pixels: np.ndarray, time: float, seconds: float) -> None:
        """A frame (H, W, 3), uint8, which appears after all others."""
        height, width = pixels.shape[:2]
        even = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        if self._stream is None:
            self._begin(even.shape[1], even.shape[0])
        frame = pyav().VideoFrame.from_ndarray(np.ascontiguousarray(even), "rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=NARROW,
                               interpolation=SCALE)
        self._ticks = max(round(time * TICKS), self._ticks + 1)
        frame.pts, frame.time_base = self._ticks, Fraction(1, TICKS)
        self._seconds[frame.pts], self._end = max(1, round(seconds * TICKS)), time + seconds
        self._write(frame)

    def finish(self) -> None:
        """Write what the encoder still holds, the rest of the sound, and the table of frames."""
        try:
            self._write(None)
        finally:
            self._close()

    def drop(self) -> None:
        """Stop; what was written is no film."""
        self._close()

    def _begin(self, width, height):
        rate = Fraction(self._rate).limit_denominator(1001)
        # without B-frames, whose order in the file is another one, an MP4 says how long the last frame lasts
        options = {"crf": str(self._crf), "bf": "0"}
        self._stream = self._container.add_stream("libx264", rate=rate, options=options)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, TICKS)
        for which in ("colorspace", "color_primaries", "color_trc"):
            setattr(self._stream.codec_context, which, BT709)
        self._stream.codec_context.color_range = NARROW

    def _write(self, frame):
        for packet in self._stream.encode(frame):
            packet.duration = self._seconds.pop(packet.pts, 0)
            self._container.mux(packet)
        if self._sound:             # both in step: the file need not be searched while it is played
            self._container.mux(list(self._sound.until(self._end)))

    def _close(self):
        try:
            self._container.close()
        finally:
            if self._sound:
                self._sound.close()


class Sound:
    """The sound of a film, copied as it is, packet by packet, into another.

    Args:
        file: the path of the film that has it.
        container: the one that is being written; a stream of sound is added, if there is sound to copy.
        begin: the time in `file` that is 0 in the other, in seconds.
    """

    def __init__(self, file: Any, container: Any, begin: float) -> None:
        self._next: Any = None
        self._packets: Iterator[Any] = iter(())
        self._source: Any = None
        with contextlib.suppress(pyav().FFmpegError):           # an animation has none
            self._source = pyav().open(str(file))
        stream = next(iter(self._source.streams.audio), None) if self._source else None
        if stream is None:
            return
        codec = stream.codec_context.name.removesuffix("float") if stream.codec_context else tr("unknown")
        kind = container.format.name
        if codec not in PLAYED[kind]:
            warnings.warn(tr("the sound of {name} ({codec}) does not fit into {kind}: the painted film has "
                             "none", name=name_of(file, THE_FILM), codec=codec, kind=kind.upper()),
                          stacklevel=3)
            return
        self._target = container.add_stream_from_template(stream)
        self._start = begin + _begin(self._source)
        self._packets = self._source.demux(stream)

    def until(self, end: float) -> Iterator[Any]:
        """The packets that begin before this time of the new film, which were not given before."""
        while True:
            packet = self._next = self._next or self._read()
            if packet is None or packet.pts is None or packet.dts is None:      # the last one is empty
                return
            base = packet.time_base
            time = float(packet.pts * base) - self._start
            if time >= end:
                return
            self._next = None
            if time + float((packet.duration or 0) * base) < 0:
                continue                                        # it ends before the new film begins
            shift = round(self._start / base)
            packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, self._target
            yield packet

    def close(self) -> None:
        """Close the film that the sound comes from."""
        if self._source:
            self._source.close()

    def _read(self):
        try:
            return next(self._packets, None)
        except pyav().FFmpegError:      # cut off: the reader of the pictures says so
            return None
