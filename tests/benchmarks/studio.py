"""How soon the studio's picture follows a knob, in a real browser: `python -m tests.benchmarks.studio`.

From the key that moves a slider to the moment at which the page has the new picture, decoded: with the way to
the kernel and back, at 256 px.
"""
import os
import statistics
import subprocess
import sys

from ..browser import chromium, page_of

KNOBS = ("Strength", "Strokes", "of that")
KEYS = 12
WATCH = """image => { window.shown = 0;
    image.addEventListener('load', async () => { await image.decode(); window.shown = performance.now(); });
    const press = () => { window.pressed = performance.now(); window.shown = 0; };
    window.addEventListener('keydown', press, true); }"""


def main() -> int:
    """Print the median and the longest time of each knob, in seconds."""
    command = [sys.executable, "-m", "stylelib", "studio", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as app:
        try:
            address = app.stdout.readline().split()[0]
            with chromium() as browser, page_of(browser) as page:
                page.goto(address)
                page.get_by_role("combobox", name="Mixed with").select_option("mosaic")
                page.wait_for_timeout(3000)
                page.locator(".main img.shown").evaluate(WATCH)
                print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
                for knob in KNOBS:
                    seconds = measured(page, knob)
                    print(f"{knob}: median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s")
        finally:
            app.send_signal(2)
    return 0


def measured(page, knob):
    """The time of each key, in seconds."""
    page.get_by_role("slider", name=knob).focus()
    seconds = []
    for i in range(KEYS):
        page.keyboard.press("ArrowLeft" if i % 4 < 2 else "ArrowRight")
        page.wait_for_function("window.shown > 0")
        seconds.append(page.evaluate("window.shown - window.pressed") / 1000)
        page.wait_for_timeout(300)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
