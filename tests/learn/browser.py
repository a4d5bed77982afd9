"""Real JupyterLab in a real browser: Debian's chromium, driven by playwright.

Needs `apt-get install chromium` and `pip install playwright`; playwright's own browsers (`playwright install`) are not used.
"""
import contextlib
import importlib.util
import shutil
import tempfile
from pathlib import Path

from stylelib.teach import lab

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
# Why there can be no browser test here, None if there can
MISSING = ("there is no chromium here: apt-get install chromium" if CHROMIUM is None
           else "there is no playwright here: pip install playwright" if importlib.util.find_spec("playwright") is None else None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage"]
PAGE_SECONDS = 180      # on a busy machine
TOKEN = lab.new_token()


@contextlib.contextmanager
def jupyterlab(root):
    """A JupyterLab on loopback that serves the folder `root`, with settings of its own; yields its address."""
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as home:
        folders = {f"JUPYTER{name}": f"{home}/{name}" for name in ("_CONFIG_DIR", "_DATA_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")}
        settings = Path(home, "_CONFIG_DIR", "labconfig")
        settings.mkdir(parents=True)
        # no pop-up with "official Jupyter news" over the page
        (settings / "page_config.json").write_text('{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}')
        with lab.jupyterlab(root, token=TOKEN, options=["--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True"],
                            environment={**folders, "IPYTHONDIR": f"{home}/ipython"}) as address:
            yield address


@contextlib.contextmanager
def chromium(width=1280, height=1000):
    """A browser of its own, without a window; yields it for `page_of`."""
    from playwright.sync_api import sync_playwright
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile, sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile, headless=True, args=FLAGS, executable_path=CHROMIUM, viewport={"width": width, "height": height})
        browser.set_default_timeout(PAGE_SECONDS * 1000)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def page_of(browser, address):
    """A new page of JupyterLab; `page.problems` collects what its JavaScript complains about. Its kernels end with it."""
    page = browser.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(f"{address}?reset&token={TOKEN}")     # without the tabs that an earlier page left open
    try:
        yield page
    finally:
        with contextlib.suppress(Exception):        # whatever went wrong on this page, the next one needs the processor
            evaluate(page, "() => window.jupyterapp?.serviceManager.sessions.shutdownAll()", seconds=20)
        page.close()


def evaluate(page, function, argument=None, seconds=PAGE_SECONDS):
    """The result of an asynchronous JavaScript function on the page. (Playwright's own `evaluate` would wait for ever.)"""
    return page.evaluate("""([text, argument, seconds]) => Promise.race([
        eval(text)(argument),
        new Promise((_, reject) => setTimeout(() => reject(new Error(`no answer in ${seconds} s: ${text}`)), 1000 * seconds))])""",
                         [f"({function})", argument, seconds])


def open_notebook(page):
    """Wait for JupyterLab, the notebook and its kernel; fold the file browser away."""
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell.currentWidget?.context")
    evaluate(page, """async () => {
        const app = window.jupyterapp; await app.restored;
        const notebook = app.shell.currentWidget; await notebook.context.ready; await notebook.sessionContext.ready;
        await notebook.sessionContext.session.kernel.info;
        app.shell.collapseLeft(); }""")


def run_all(page, seconds=600):
    """Run every cell, with JupyterLab's own command; fail unless all ran and none complained."""
    evaluate(page, "() => window.jupyterapp.commands.execute('notebook:run-all-cells')", seconds=seconds)
    cells = page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')
        .map(cell => ({count: cell.model.executionCount, outputs: cell.model.outputs.toJSON()}))""")
    errors = [output.get("evalue") or output.get("text") for cell in cells for output in cell["outputs"]
              if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert not errors, errors
    counts = [cell["count"] for cell in cells]
    assert None not in counts and counts == list(range(counts[0], counts[0] + len(counts))), f"not every cell ran: {counts}"


def ask(page, expression):
    """The value of an expression in the notebook's kernel, as text."""
    return evaluate(page, """async expression => {
        const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        const reply = await kernel.requestExecute({code: '', user_expressions: {answer: expression}}).done;
        return reply.content.user_expressions.answer.data['text/plain'] }""", expression)
