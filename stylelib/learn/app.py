"""The studio as a page of its own: a notebook of one cell, shown by Voilà without its code."""
import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path

from ..engine.language import language, tr

HERE = "127.0.0.1"          # nobody else reaches it: who does could upload, and fill the disk
START_SECONDS = 120         # on a busy machine
# Threads of PyTorch that spin while they wait take the browser's processor: on two busy cores, a picture came
# after 4.6 s, and after 0.2 s where they sleep (`python -m tests.benchmarks.studio`)
KERNEL = {"env": {"OMP_WAIT_POLICY": "PASSIVE"},
          "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
          "display_name": "stylelib", "language": "python"}


class AppError(ValueError):
    """The studio cannot be shown. The message says why, and what to do."""


def serve_studio(folder: Path, save_folder: Path, port: int | None = None, dark: bool = False,
                 told: Callable[[str], None] = print) -> int:
    """Show the studio until it is stopped.

    Args:
        folder: holds the pictures to choose from, in `content/` and `style/`.
        save_folder: uploads and masks go to `own/` in it.
        port: where it listens; None takes a free one.
        dark: light letters on dark.
        told: is called with the address, as soon as there is somebody to answer.

    Returns:
        The exit status of Voilà.

    Raises:
        AppError: Voilà is missing, or does not start.
    """
    if importlib.util.find_spec("voila") is None:
        command = f'{sys.executable} -m pip install "stylelib[studio]"'
        raise AppError(tr("the package 'voila' is not installed; type: {command}", command=command))
    port = _free_port(port)
    with tempfile.TemporaryDirectory(prefix="studio-", ignore_cleanup_errors=True) as home:
        server = subprocess.Popen(_command(Path(home), folder, save_folder, port, dark), cwd=home,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                  env={**os.environ, "JUPYTER_PATH": home})
        try:
            await_server(server, port)
            told(f"http://{HERE}:{port}/")
            server.communicate()
            return server.returncode
        finally:
            _end(server)


def open_browser(address: str) -> None:
    """Open a page in the user's browser, if there is one."""
    with contextlib.suppress(webbrowser.Error):
        webbrowser.open(address)


def _command(home, folder, save_folder, port, dark):
    """Voilà's command line, for a notebook and a kernel that it finds in `home`."""
    code = ("import stylelib\nfrom stylelib.widgets import studio\n\n"
            f"stylelib.use_language({language()!r})\n"
            f"studio(folder={str(folder.resolve())!r}, save_folder={str(save_folder.resolve())!r})")
    cell = {"cell_type": "code", "id": "studio", "metadata": {}, "source": code, "outputs": [],
            "execution_count": None}
    notebook = {"cells": [cell], "nbformat": 4, "nbformat_minor": 5,
                "metadata": {"kernelspec": {"name": "stylelib", "display_name": "stylelib"}}}
    (home / "Studio.ipynb").write_text(json.dumps(notebook), "utf-8")
    spec = home / "kernels" / "stylelib"        # not the machine's "python3", which may be another Python
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps(KERNEL), "utf-8")
    return [sys.executable, "-m", "voila", "Studio.ipynb", "--no-browser", f"--port={port}",
            f"--Voila.ip={HERE}", "--Voila.port_retries=0", *(["--theme=dark"] if dark else [])]


def _free_port(port):
    with socket.socket() as probe:
        if os.name == "posix":      # else, connections of a studio that has just been closed count as taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port or 0))
        except OSError:
            raise AppError(tr("port {port} is taken by another program: choose another one",
                              port=port)) from None
        return probe.getsockname()[1]


def await_server(server: subprocess.Popen, port: int) -> None:
    """Wait until a server listens.

    Raises:
        AppError: it has ended, or takes too long. Its last words say why.
    """
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HERE, port), 1):
            return
        time.sleep(0.2)
    _end(server)
    words = server.stderr.read().strip().splitlines() if server.stderr else []
    if not words:
        raise AppError(tr("Voilà does not start: no answer in {seconds} s", seconds=START_SECONDS))
    raise AppError(tr("Voilà does not start: {reason}", reason=words[-1]))


def _end(server):
    """Stop the server, which ends its kernels first."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
