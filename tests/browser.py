"""Real JupyterLab in a real browser: Debian's chromium, driven by playwright.

Needs `apt-get install chromium` and `pip install playwright`; playwright's own browsers (`playwright install`) are not used.
"""
import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
# Why there can be no browser test here, None if there can
MISSING = ("there is no chromium here: apt-get install chromium" if CHROMIUM is None
           else "there is no playwright here: pip install playwright" if importlib.util.find_spec("playwright") is None else None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage"]
START_SECONDS = PAGE_SECONDS = 180      # on a busy machine


@contextlib.contextmanager
def jupyterlab(root):
    """A JupyterLab on loopback that serves the folder `root`, with settings of its own; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as home:
        folders = {f"JUPYTER{name}": f"{home}/{name}" for name in
                   ("_CONFIG_DIR", "_DATA_DIR", "_RUNTIME_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")}
        environment = {**os.environ, **folders, "IPYTHONDIR": f"{home}/ipython"}
        environment.pop("MPLBACKEND", None)
        settings = Path(home, "_CONFIG_DIR", "labconfig")
        settings.mkdir(parents=True)
        # no pop-up with "official Jupyter news" over the page
        (settings / "page_config.json").write_text('{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}')
        with open(f"{home}/log", "w+") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.ip=127.0.0.1",
                 "--ServerApp.port_retries=0", f"--ServerApp.root_dir={root}", "--IdentityProvider.token=",
                 "--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True"],
                stdout=log, stderr=log, env=environment)
            try:
                _await(f"http://127.0.0.1:{port}/api/status", server, log)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()                  # it ends its kernels first
                try:
                    server.wait(20)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()


def _await(address, server, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5)
            return
        time.sleep(0.3)
    log.seek(0)
    raise RuntimeError("JupyterLab did not start:\n" + log.read()[-2000:])


@contextlib.contextmanager
def page_of(address, width=1280, height=1000):
    """A page of a new browser; `page.problems` collects what its JavaScript complains about."""
    from playwright.sync_api import sync_playwright
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile, sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile, headless=True, args=FLAGS, executable_path=CHROMIUM, viewport={"width": width, "height": height})
        page = browser.pages[0]
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.set_default_timeout(PAGE_SECONDS * 1000)
        page.goto(f"{address}?reset")               # without the tabs that an earlier page left open
        try:
            yield page
        finally:
            with contextlib.suppress(Exception):    # whatever went wrong on the page: the next one needs fresh kernels
                page.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
            browser.close()


def open_notebook(page):
    """Wait for JupyterLab, the notebook and its kernel; fold the file browser away."""
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell.currentWidget?.context")
    page.evaluate("""async () => {
        const app = window.jupyterapp; await app.restored;
        const notebook = app.shell.currentWidget; await notebook.context.ready; await notebook.sessionContext.ready;
        await notebook.sessionContext.session.kernel.info;
        app.shell.collapseLeft(); }""")


def run_all(page, timeout=600):
    """Run every cell, with JupyterLab's own command; fail unless all ran and none complained."""
    page.set_default_timeout(timeout * 1000)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.set_default_timeout(PAGE_SECONDS * 1000)
    cells = page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')
        .map(cell => ({count: cell.model.executionCount, outputs: cell.model.outputs.toJSON()}))""")
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1)), "not every cell ran"
    errors = [output.get("evalue") or output.get("text") for cell in cells for output in cell["outputs"]
              if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert not errors, errors
