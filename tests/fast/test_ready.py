"""The networks that ship with the package: intact, and as they were published; and files of one's own."""
import hashlib
import re
import stat

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from stylelib import NetworkError
from stylelib.fast import Painter, any_style, load_painter, many_styles, ready, save_painter, trained

from .record import EVERY, MIXTURES, OUT, PAINTED, SEEN, SIZES, picture, row

RECORDED = np.load(OUT)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mixture", MIXTURES)
def test_the_26_styles_are_as_they_were_published(size, mixture, many):
    height, width, every = SIZES[size]
    painted = many(torch.from_numpy(picture(height, width)), torch.from_numpy(row(MIXTURES[mixture]))[None])
    # the weights are rounded to 16 bits
    assert np.abs(painted[:, :, ::every, ::every].numpy() - RECORDED[f"many {size} {mixture}"]).max() < 4e-3


@pytest.mark.parametrize("seed", [1, 2])
def test_any_style_is_as_it_was_published(seed, any_networks):
    painter, predictor = any_networks
    numbers = predictor(torch.from_numpy(picture(SEEN, SEEN, seed)))
    assert np.abs(numbers.numpy() - RECORDED[f"numbers {seed}"]).max() < 1e-4
    painted = painter(torch.from_numpy(picture(PAINTED, PAINTED)), numbers)[:, :, ::EVERY, ::EVERY]
    assert np.abs(painted.numpy() - RECORDED[f"any {seed}"]).max() < 1e-3


def test_what_was_recorded_tells_styles_apart():
    """Or the tests above would say little."""
    styles = [RECORDED[f"many 64x48 {name}"] for name in MIXTURES]
    assert min(np.abs(a - b).mean() for a in styles for b in styles if a is not b) > 0.02
    assert np.abs(RECORDED["numbers 1"] - RECORDED["numbers 2"]).mean() > 0.1
    assert np.abs(RECORDED["any 1"] - RECORDED["any 2"]).mean() > 0.02


def test_the_notice_names_what_is_there():
    """Sources and result by their SHA-256, and the licence beside them."""
    notice = (ready.WEIGHTS / "NOTICE.txt").read_text("utf-8")
    known = set(re.findall(r"\b[0-9a-f]{64}\b", notice))
    assert hashlib.sha256(ready.READY.read_bytes()).hexdigest() == ready.SHA256 in known and len(known) == 4
    assert "Apache License" in (ready.WEIGHTS / "LICENSE-APACHE.txt").read_text("utf-8")


def test_damaged_weights_are_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(ready, "READY", tmp_path / "ready.safetensors")
    with pytest.raises(NetworkError, match="missing or damaged: install stylelib again"):
        many_styles()
    data = bytearray((ready.WEIGHTS / "ready.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "ready.safetensors").write_bytes(data)
    with pytest.raises(NetworkError, match="missing or damaged"):
        any_style()


def test_a_default_device_changes_nothing(many, random):
    photo, style = random(1, 3, 20, 20), torch.eye(26)[:1]
    expected = many(photo, style)
    with torch.device("meta"):
        assert torch.equal(many_styles()(photo, style), expected)


# Files of one's own

def test_a_network_is_saved_in_16_bits_and_loaded(small, tmp_path, random):
    file = tmp_path / "mine.safetensors"
    save_painter(small, file, {"painting": "a moon"})
    again, photo = load_painter(file), random(1, 3, 30, 20)
    assert 0 < (again(photo) - small(photo)).abs().max() < 0.01
    assert not any(weight.requires_grad for weight in again.parameters())
    numbers = sum(weight.numel() for weight in small.parameters())
    assert file.stat().st_size < 2 * numbers + 8000 and b"a moon" in file.read_bytes()
    (tmp_path / "plain").touch()            # who may read other new files may read this one
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_an_old_file_is_replaced_by_a_whole_one_only(small, tmp_path, monkeypatch):
    file = tmp_path / "mine.safetensors"
    file.write_text("an older network")

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(ValueError, match=r"cannot write .*No space left"):
        save_painter(small, file)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert file.read_text() == "an older network"


@pytest.mark.parametrize("name, words", [("no/folder/a.safetensors", "cannot write"),
                                         ("a.pth", "must end in .safetensors, got")])
def test_where_a_network_cannot_be_saved(name, words, small, tmp_path):
    with pytest.raises(ValueError, match=words):
        save_painter(small, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_network(small, tmp_path):
    file = tmp_path / "a.safetensors"
    save_painter(small, file)
    whole = file.read_bytes()
    weights = small.state_dict()
    unlike = {**weights, "blocks.0.first.conv.weight": torch.zeros(2, 2, 3, 3)}
    for damage in (lambda: file.write_bytes(whole[:-100]), lambda: file.write_bytes(whole[:5]),
                   lambda: file.write_bytes(b""), lambda: file.write_text("a picture of a moon"),
                   lambda: save_file({"weight": torch.zeros(3)}, file), lambda: save_file(unlike, file),
                   lambda: save_file({name: torch.zeros(()) for name in weights}, file)):
        damage()
        with pytest.raises(NetworkError, match=r"a\.safetensors' holds no network that paints") as caught:
            load_painter(file)
        assert "\n" not in str(caught.value)
    weights["expand.0.conv.weight"][0, 0] = float("nan")
    save_file(weights, file)
    with pytest.raises(NetworkError, match="holds NaN or infinite weights: its training went wrong"):
        load_painter(file)
    for missing in (tmp_path / "none.safetensors", tmp_path, "no such name"):
        with pytest.raises(NetworkError, match=r"no file .* with a network that paints: give a file that"):
            load_painter(missing)


def test_networks_that_ship_are_known_by_name(small, tmp_path, monkeypatch, random):
    monkeypatch.setattr(ready, "WEIGHTS", tmp_path)
    monkeypatch.setattr(ready, "READY", tmp_path / "ready.safetensors")
    assert trained() == []
    for name in ("waves", "dots", "ready"):
        save_painter(small, tmp_path / f"{name}.safetensors")
    assert trained() == ["dots", "waves"]
    assert isinstance(load_painter("waves"), Painter)
    with pytest.raises(NetworkError, match=r"or one of dots, waves$"):
        load_painter("wave")
