"""Pages in a real browser: Debian's chromium, driven by playwright. Its fixtures are in conftest.py.

Needs `apt-get install chromium` and `pip install playwright`; playwright's own browsers
(`playwright install`) are not used.
"""
import contextlib
import importlib.util
import shutil

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
         # a webcam that shows a moving test picture, and that every page may use
         "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
PAGE_SECONDS = 180      # on a busy machine


def missing() -> str | None:
    """Why there can be no browser test here; None if there can."""
    if CHROMIUM is None:
        return "there is no chromium here: apt-get install chromium"
    if importlib.util.find_spec("playwright") is None:
        return "there is no playwright here: pip install playwright"
    return None


@contextlib.contextmanager
def chromium():
    """A browser without a window; yields it for `page_of`."""
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def page_of(browser, width=1280, height=1000):
    """A page with cookies of its own; `page.problems` collects what goes wrong in its JavaScript."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(PAGE_SECONDS * 1000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    try:
        yield page
    finally:
        page.close()


@contextlib.contextmanager
def file_page(browser, width, height):
    """A page from a plain folder; `page.problems` also collects what it asks of a network or cannot find."""
    def note_request(request):
        if not request.url.startswith(("file:", "data:", "blob:")):
            page.problems.append(request.url)

    with page_of(browser, width, height) as page:
        page.on("request", note_request)
        page.on("requestfailed", lambda request: page.problems.append(f"not found: {request.url[:200]}"))
        yield page
