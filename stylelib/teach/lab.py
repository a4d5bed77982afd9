"""JupyterLab, started for a moment to see whether it works here."""
import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..engine.language import tr
from .course import Folder

START_SECONDS = 180     # on a busy machine


def new_token() -> str:
    """A token that nobody can guess.

    Who knows it may run anything in the name of the one who started JupyterLab.
    """
    return secrets.token_urlsafe(32)


@contextlib.contextmanager
def jupyterlab(root: Folder | None = None, *, token: str, options: Sequence[str] = (),
               environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """JupyterLab on a free port that only this machine reaches; yields its address.

    Args:
        root: the folder that it shows; None means an empty one.
        token: what a visitor must know, from `new_token`. It is passed in the environment, as everybody on
            this machine can read a command line.
        options: more options of its command line.
        environment: more variables of its environment; without any, it has the settings of this machine.

    Raises:
        RuntimeError: it does not start. The message is the end of its log.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as home,
          open(f"{home}/log", "w+") as log):
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}",
                   "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0",
                   f"--ServerApp.root_dir={root or home}",
                   *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []), *options]
        variables = {**os.environ, "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
                     "JUPYTERLAB_WORKSPACES_DIR": f"{home}/workspaces",
                     "JUPYTER_TOKEN": token, **(environment or {})}
        server = subprocess.Popen(command, stdout=log, stderr=log, env=variables)
        try:
            _await(f"http://127.0.0.1:{port}", token, server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()                  # it ends its kernels first
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def page_settings(address: str, token: str) -> dict[str, Any]:
    """What JupyterLab tells its own page when a browser opens it, such as which extensions it has.

    Args:
        address: of a running JupyterLab.
        token: that it was started with.
    """
    page = visit(f"{address}/lab", token)
    settings = re.search(r'<script id="jupyter-config-data" type="application/json">(.*?)</script>', page,
                         re.DOTALL)
    return json.loads(settings[1]) if settings else {}


def try_kernel(code: str, timeout: float = 120) -> str:
    """Run a line of code in a kernel of this machine, as a notebook does.

    Returns:
        The error, in one line; "" if there was none.
    """
    from jupyter_client.manager import start_new_kernel
    try:
        manager, client = start_new_kernel(kernel_name="python3", startup_timeout=timeout,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except Exception as error:      # noqa: BLE001  a missing program, a timeout, or anything else
        return f"{type(error).__name__}: {error}"
    try:
        reply = client.execute_interactive(code, timeout=timeout, output_hook=lambda message: None)["content"]
        return "" if reply["status"] == "ok" else f"{reply['ename']}: {reply['evalue']}"
    except TimeoutError:
        return tr("no answer within {seconds} s", seconds=timeout)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _await(address, token, server, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            visit(f"{address}/api/status", token)
            return
        except urllib.error.HTTPError as error:
            if error.code == 403:
                raise RuntimeError(tr("its configuration on this machine sets a token of its own, so nobody "
                                      "else can look at it")) from None
        except OSError:         # it does not listen yet
            pass
        time.sleep(0.2)
    log.seek(0)
    raise RuntimeError(log.read()[-500:] or tr("no answer within {seconds} s", seconds=START_SECONDS))


def visit(address: str, token: str) -> str:
    """A page of a running JupyterLab, as text.

    Raises:
        urllib.error.HTTPError: the token is wrong (403), or there is no such page.
    """
    request = urllib.request.Request(address, headers={"Authorization": f"token {token}"})
    # a proxy would not find this machine's own port
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as answer:
        return answer.read().decode()
