"""`stylelib studio` without a browser: what it starts, and what it says where it cannot."""
import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from stylelib import use_language
from stylelib.learn import app

from ..conftest import DATA
from ..places import ROOT
from ..test_cli import status_of


@pytest.fixture
def started(monkeypatch):
    """What would have been started, instead of it: [(command, settings, its notebook, its kernel)]."""
    calls = []

    class Server:
        returncode, stderr = 0, None

        def __init__(self, command, cwd, **settings):
            notebook = json.loads(Path(cwd, "Studio.ipynb").read_text("utf-8"))
            kernel = json.loads(Path(cwd, "kernels", "stylelib", "kernel.json").read_text("utf-8"))
            calls.append((command, settings, notebook, kernel))

        def communicate(self):
            pass

        def poll(self):
            return 0

    monkeypatch.setattr(app.subprocess, "Popen", Server)
    monkeypatch.setattr(app, "await_server", lambda server, port: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    return calls


def test_a_notebook_of_one_cell_for_this_python(started, tmp_path):
    addresses = []
    assert app.serve_studio(DATA, tmp_path, dark=True, told=addresses.append) == 0
    (command, settings, notebook, kernel), = started
    assert command[:3] == [sys.executable, "-m", "voila"] and "--theme=dark" in command
    assert Path(settings["env"]["JUPYTER_PATH"]).name.startswith("studio-")
    assert "--Voila.ip=127.0.0.1" in command and kernel["argv"][0] == sys.executable
    port = next(part for part in command if part.startswith("--port=")).removeprefix("--port=")
    assert kernel["env"] == {"OMP_WAIT_POLICY": "PASSIVE"}
    assert addresses == [f"http://127.0.0.1:{port}/"]
    assert notebook["metadata"]["kernelspec"]["name"] == "stylelib"
    code = notebook["cells"][0]["source"]
    assert repr(str(DATA.resolve())) in code and repr(str(tmp_path.resolve())) in code
    compile(code, "cell", "exec")


def test_its_kernel_speaks_as_the_command_line(started, tmp_path):
    use_language("zh_CN")
    try:
        app.serve_studio(DATA, tmp_path, told=list)
    finally:
        use_language("en")
    assert "use_language('zh_CN')" in started[0][2]["cells"][0]["source"]


def test_the_command_tells_the_address_and_opens_it(started, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(app, "open_browser", opened.append)
    assert status_of("studio", "--course", ROOT) == 0
    assert opened[0] in capsys.readouterr().out
    assert status_of("studio", "--course", ROOT, "--no-browser") == 0
    assert len(opened) == 1 and len(started) == 2


def test_a_server_that_does_not_start_says_why(tmp_path):
    code = "import sys; sys.exit('no such theme')"
    server = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    server.wait(60)
    with pytest.raises(app.AppError, match="does not start: no such theme"):
        app.await_server(server, 9)


@pytest.mark.skipif(os.name != "posix", reason="a port is free at once there")
def test_a_port_is_free_as_soon_as_its_studio_has_ended(started, tmp_path):
    """Though the connections that it closed still wait for late packets."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((app.HERE, 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection((app.HERE, port)) as page:
            server.accept()[0].close()
            assert not page.recv(1)
    assert app.serve_studio(DATA, tmp_path, port, told=list) == 0
    assert f"--port={port}" in started[0][0]


def test_what_goes_wrong_is_one_line(monkeypatch, capsys, tmp_path):
    with socket.socket() as taken:
        taken.bind((app.HERE, 0))
        taken.listen()
        number = taken.getsockname()[1]
        for course, options, words in ((ROOT, ["--port", number], f"port {number} is taken"),
                                       (ROOT, ["--port", "x"], "1 to 65535"), (tmp_path, [], "no course in")):
            assert status_of("studio", "--no-browser", "--course", course, *options) == 2
            assert words in capsys.readouterr().err
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert status_of("studio", "--no-browser", "--course", ROOT) == 2
    assert 'pip install "stylelib[studio]"' in capsys.readouterr().err
