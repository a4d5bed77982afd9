"""Pages that are opened from a plain folder, in Debian's chromium. They start in seconds, so their tests always run where it is."""
import contextlib
import importlib.util

import pytest

from ..learn.browser import CHROMIUM, FLAGS


@contextlib.contextmanager
def chromium():
    """A browser; where there is none, the test is skipped."""
    if CHROMIUM is None or importlib.util.find_spec("playwright") is None:
        pytest.skip("there is no chromium here: apt-get install chromium; pip install playwright")
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def file_page(browser, width, height):
    """A page; `page.problems` collects what it asks of a network, what it does not find, and what goes wrong on it."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.problems = []
    page.on("request", lambda request: request.url.startswith(("file:", "data:", "blob:")) or page.problems.append(request.url))
    page.on("requestfailed", lambda request: page.problems.append(f"not found: {request.url[:200]}"))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    page.close()
