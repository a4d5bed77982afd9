"""Films for the tests: small, and unlike each other from frame to frame."""
from fractions import Fraction

import numpy as np
import pytest
import torch

from stylelib.film.writer import write_film


def picture(index, width=64, height=48):
    """Smooth colours that drift; (1, 3, H, W), in [0, 1]."""
    y, x = torch.meshgrid(torch.linspace(0, 3, height), torch.linspace(0, 4, width), indexing="ij")
    waves = [torch.sin(x + 0.3 * index), torch.cos(y - 0.2 * index), torch.sin(x - y + 0.1 * index + 2)]
    return (torch.stack(waves)[None] * 0.4 + 0.5).contiguous()


def film(path, count=10, rate=10, width=64, height=48, **more):
    """A film of `count` pictures; gives its path."""
    with write_film(path, rate, **more) as writer:
        for index in range(count):
            writer.add(picture(index, width, height))
    return path


def film_by_pyav(path, count=10, rate=10, codec="libx264", sound=None, **stream_options):
    """A film written by PyAV alone, with a tone of 440 Hz as sound if a codec for it is named."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        pictures = container.add_stream(codec, rate=rate)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        for name, value in stream_options.items():
            setattr(pictures.codec_context, name, value)
        tone = container.add_stream(sound, rate=48_000) if sound else None
        for index in range(count):
            rows = (picture(index)[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(rows, "rgb24")))
        container.mux(pictures.encode(None))
        if tone:
            add_tone(container, tone, count / rate)
    return path


def add_tone(container, stream, seconds):
    """Write 440 Hz into a stream of sound."""
    av = pytest.importorskip("av")
    kind = stream.codec_context.format.name if stream.codec_context.format else "fltp"
    samples = np.sin(2 * np.pi * 440 * np.arange(int(seconds * 48_000)) / 48_000).astype(np.float32)[None]
    levels = (samples * 20_000).astype(np.int16) if kind.startswith("s16") else samples
    frame = av.AudioFrame.from_ndarray(levels, format=kind, layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
    fifo = av.AudioFifo()
    fifo.write(frame)
    for part in fifo.read_many(1024, partial=True):
        container.mux(stream.encode(part))
    container.mux(stream.encode(None))


def packets_of_sound(path):
    """[(time in s, bytes)] of each packet of a film's sound."""
    av = pytest.importorskip("av")
    with av.open(str(path)) as container:
        return [(float(packet.pts * packet.time_base), bytes(packet))
                for packet in container.demux(container.streams.audio[0]) if packet.dts is not None]
