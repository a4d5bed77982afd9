"""Devices by name, by number and as PyTorch's own objects."""
import pytest
import torch

from stylelib.engine import devices
from stylelib.engine.devices import as_device, choose_precision, placed


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
    (torch.device("cuda"), "cuda"), (torch.device("cuda", 1), "cuda:1"),
    ("cpu", "cpu"), ("cpu:0", "cpu"), (torch.device("cpu"), "cpu")])
def test_devices_of_a_machine_with_two_gpus(device, name, two_gpus):
    assert as_device(device) == torch.device(name)


def test_auto_takes_apples_gpu_and_then_the_cpu(no_gpu, monkeypatch):
    assert as_device("auto") == torch.device("cpu")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    for device in ("auto", "mps", "mps:0", torch.device("mps"), torch.device("mps", 0)):
        assert as_device(device) == torch.device("mps")
        assert choose_precision("auto", as_device(device)) == "float32"


@pytest.mark.parametrize("device", ["abacus", "cuda:", "cuda:one", "cuda:-1", "cuda:\u0661", "CUDA", "",
                                    "meta", None, 0, ["cpu"], torch.device("meta")])
def test_unknown_devices_are_quoted(device, two_gpus):
    with pytest.raises(ValueError, match=r"device must be auto, cpu, cuda, .*, got ") as caught:
        as_device(device)
    assert str(caught.value).endswith(f"got {device!r}")


def test_devices_that_are_not_there(two_gpus, monkeypatch):
    with pytest.raises(ValueError, match="no device cuda:2: the last of its kind is cuda:1"):
        as_device("cuda:2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for device in ("cuda", "cuda:0", torch.device("cuda:0")):
        with pytest.raises(ValueError, match="this machine has no cuda device"):
            as_device(device)


def test_unknown_precision_is_quoted():
    with pytest.raises(ValueError, match="got 'int8'"):
        choose_precision("int8", "cpu")


def test_auto_chooses_what_is_faster(monkeypatch):
    seconds = {torch.float32: 1.0, torch.bfloat16: 0.7}
    monkeypatch.setattr(devices, "convolution_seconds", lambda dtypes, device: [seconds[d] for d in dtypes])
    assert choose_precision("auto", "cpu") == "bfloat16"
    seconds[torch.bfloat16] = 0.9                # not enough of a gain to give up exactness
    assert choose_precision("auto", "cpu") == "float32"
    assert choose_precision("bfloat16", "cpu") == "bfloat16"


def test_a_busy_moment_does_not_decide(monkeypatch):
    """Another program slows down some tries in a row."""
    clock = iter([0.010, 0.003, *[0.020] * 8, *[0.010, 0.003] * 10])
    monkeypatch.setattr(devices, "_timed", lambda *_: next(clock))
    assert devices.convolution_seconds((torch.float32, torch.bfloat16), "cpu") == [0.010, 0.003]


def test_the_trial_runs_on_this_machine():
    assert choose_precision("auto", as_device("cpu")) in ("float32", "bfloat16")


def test_a_network_that_is_in_its_place_is_not_copied(vgg):
    cpu = as_device("cpu")
    assert placed(vgg, cpu, "float32") is vgg
    short = placed(vgg, cpu, "bfloat16")
    assert {weight.dtype for weight in short.parameters()} == {torch.bfloat16}
    assert {weight.dtype for weight in vgg.parameters()} == {torch.float32}
