"""Notebooks in real JupyterLab, as a learner sees them: open one, run it, ask its kernel."""
import contextlib
import tempfile
from pathlib import Path

from stylelib.teach import lab

from ..browser import PAGE_SECONDS, page_of

TOKEN = lab.new_token()
OPTIONS = ["--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True"]
# no pop-up with "official Jupyter news" over the page
NO_NEWS = '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}'
FOLDERS = ("_CONFIG_DIR", "_DATA_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")


@contextlib.contextmanager
def jupyterlab(root):
    """A JupyterLab on loopback that serves the folder `root`, with its own settings; yields its address."""
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as home:
        environment = {f"JUPYTER{name}": f"{home}/{name}" for name in FOLDERS}
        environment["IPYTHONDIR"] = f"{home}/ipython"
        settings = Path(home, "_CONFIG_DIR", "labconfig")
        settings.mkdir(parents=True)
        (settings / "page_config.json").write_text(NO_NEWS)
        with lab.jupyterlab(root, token=TOKEN, options=OPTIONS, environment=environment) as address:
            yield address


@contextlib.contextmanager
def lab_page(browser, address):
    """A new page of JupyterLab. Its kernels end with it."""
    with page_of(browser) as page:
        page.goto(f"{address}?reset&token={TOKEN}")     # without the tabs that an earlier page left open
        try:
            yield page
        finally:
            # whatever went wrong on this page, the next one needs the processor
            with contextlib.suppress(Exception):
                evaluate(page, "() => window.jupyterapp?.serviceManager.sessions.shutdownAll()", seconds=20)


def evaluate(page, function, argument=None, seconds=PAGE_SECONDS):
    """The result of an asynchronous JavaScript function on the page.

    (Playwright's own `evaluate` would wait forever.)
    """
    return page.evaluate("""([text, argument, seconds]) => Promise.race([
        eval(text)(argument),
        new Promise((_, reject) => setTimeout(
            () => reject(new Error(`no answer in ${seconds} s: ${text}`)), 1000 * seconds))])""",
                         [f"({function})", argument, seconds])


def open_notebook(page):
    """Wait for JupyterLab, the notebook and its kernel; fold the file browser away."""
    page.wait_for_function("() => window.jupyterapp && window.jupyterapp.shell.currentWidget?.context")
    evaluate(page, """async () => {
        const app = window.jupyterapp; await app.restored;
        const notebook = app.shell.currentWidget;
        await notebook.context.ready; await notebook.sessionContext.ready;
        await notebook.sessionContext.session.kernel.info;
        app.shell.collapseLeft(); }""")


def run_all(page, seconds=600):
    """Run every cell, with JupyterLab's own command; fail unless all ran and none complained."""
    evaluate(page, "() => window.jupyterapp.commands.execute('notebook:run-all-cells')", seconds=seconds)
    cells = page.evaluate("""() => window.jupyterapp.shell.currentWidget.content.widgets
        .filter(cell => cell.model.type === 'code')
        .map(cell => ({count: cell.model.executionCount, outputs: cell.model.outputs.toJSON()}))""")
    errors = [output.get("evalue") or output.get("text") for cell in cells for output in cell["outputs"]
              if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert not errors, errors
    counts = [cell["count"] for cell in cells]
    assert None not in counts, f"not every cell ran: {counts}"
    assert counts == list(range(counts[0], counts[0] + len(counts))), f"not every cell ran: {counts}"


def ask(page, expression):
    """The value of an expression in the notebook's kernel, as text."""
    return evaluate(page, """async expression => {
        const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        const reply = await kernel.requestExecute({code: '', user_expressions: {answer: expression}}).done;
        return reply.content.user_expressions.answer.data['text/plain'] }""", expression)
