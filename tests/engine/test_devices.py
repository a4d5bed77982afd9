"""Devices by name, by number and as PyTorch's own objects."""
import pytest
import torch

from stylelib.engine.devices import choose_device, choose_precision


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.parametrize("device, name", [
    ("auto", "cuda"), ("cuda", "cuda"), ("cuda:0", "cuda:0"), ("cuda:1", "cuda:1"),
    (torch.device("cuda"), "cuda"),
    (torch.device("cuda", 1), "cuda:1"), (torch.device("cpu"), "cpu"), ("cpu", "cpu"), ("cpu:0", "cpu")])
def test_devices_of_a_machine_with_two_gpus(device, name, two_gpus):
    assert choose_device(device) == name and torch.device(name)


def test_auto_takes_apples_gpu_and_then_the_cpu(no_gpu, monkeypatch):
    assert choose_device("auto") == "cpu"
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device("auto") == choose_device(torch.device("mps")) == choose_device("mps:0") == "mps"
    assert choose_precision("auto", "mps") == choose_precision("auto", "mps:0") == "float32"


@pytest.mark.parametrize("device", ["abacus", "cuda:", "cuda:one", "cuda:-1", "cuda:\u0661", "CUDA", "",
                                    "meta", None, 0, ["cpu"],
                                    torch.device("meta")])
def test_unknown_devices_are_quoted(device, two_gpus):
    with pytest.raises(ValueError, match="device must be auto, cpu, cuda, .*, got ") as caught:
        choose_device(device)
    assert str(caught.value).endswith(f"got {device!r}")


def test_devices_that_are_not_there(two_gpus, monkeypatch):
    with pytest.raises(ValueError, match="no device cuda:2: the last of its kind is cuda:1"):
        choose_device("cuda:2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for device in ("cuda", "cuda:0", torch.device("cuda:0")):
        with pytest.raises(ValueError, match="this machine has no cuda device"):
            choose_device(device)


def test_unknown_precision_is_quoted():
    with pytest.raises(ValueError, match="got 'int8'"):
        choose_precision("int8", "cpu")
