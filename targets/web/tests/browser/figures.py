"""`cargo xtask web`: what the page costs. Prints each figure with its limit, and fails if one is exceeded."""

from __future__ import annotations

import os
import pathlib
import random
import re
import statistics
import sys
import tempfile
import time
from typing import Dict, List

from playwright.sync_api import Browser, sync_playwright

from conftest import CHROMIUM, Running

#: Until the page is painted first, in milliseconds.
PAINT_MAX = 200

#: What twenty numbers at ten a second take of one core, in the process that draws the page.
SHARE_MAX = 0.10

#: The number of times that the page is opened.
OPENED = 10

#: How long the numbers are plotted before and while the share is measured, in seconds.
BEFORE, WHILE = 45, 20


def paints(browser: Browser, address: str) -> List[float]:
    """The times from opening the page until it is painted first, each in a browser profile of its own."""
    found = []
    for _ in range(OPENED):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        page.get_by_role("navigation").wait_for()
        found.append(float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")))
        context.close()
    return found


def shares(parent: int, since: Dict[str, float] | None = None) -> Dict[str, float]:
    """The seconds of processor time of the processes of a browser, by their kind."""
    kinds: Dict[str, float] = {}
    families = {parent}
    stats = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(") ", 1)[1].split()
                # Chromium writes the words of a child separated by blanks.
                words = re.split(rb"[\0 ]", (entry / "cmdline").read_bytes())
            except (OSError, IndexError):
                continue
            stats[int(entry.name)] = (int(fields[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), words)
    for _ in range(8):
        families |= {process for process, (above, *_) in stats.items() if above in families}
    for process in families - {parent}:
        _, seconds, words = stats[process]
        kind = next((word[7:] for word in words if word.startswith(b"--type=")), words[0].rsplit(b"/", 1)[-1]).decode()
        kinds[kind] = kinds.get(kind, 0) + seconds
    return kinds


def main() -> int:
    serving = Running("serve", "targets/web/tests/browser/figures.x", "--rules", rules(), "--listen", "tcp://127.0.0.1:0")
    web = Running("web", "figures=" + serving.first["listening"])
    try:
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            return measure(browser, web.first["page"])
    finally:
        web.end()
        serving.end()


def rules() -> str:
    """A file of rules with numbers that wander."""
    rng = random.Random(1)
    values = {name: rng.uniform(-50, 50) for name in "abcdefghijklmnopqrst"}
    lines = []
    for _ in range(600):
        for name in values:
            values[name] += rng.gauss(0, 1)
        lines.append("    { " + ", ".join(f"{name} = {value:.4f}" for name, value in values.items()) + " },")
    path = pathlib.Path(tempfile.gettempdir()) / f"oncilla-figures-{os.getpid()}.toml"
    path.write_text('[[rule]]\nprocedure = "figures.read"\nsequence = [\n' + "\n".join(lines) + "\n]\n")
    return str(path)


def measure(browser: Browser, address: str) -> int:
    found = paints(browser, address)
    paint = statistics.median(found)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Plot all numbers").click()
    page.get_by_role("combobox", name="How often").select_option("100")
    page.locator(".legend tbody tr").nth(19).wait_for()
    time.sleep(BEFORE)
    start, first = time.monotonic(), shares(os.getpid())
    time.sleep(WHILE)
    took, last = time.monotonic() - start, shares(os.getpid())
    # Only what draws this page: other processes of Chromium do other things.
    used = {kind: (last[kind] - first.get(kind, 0)) / took for kind in last}
    share = used.get("renderer", 0)
    points = page.evaluate("document.querySelectorAll('.legend tbody tr').length")
    print(f"first paint             {paint:7.1f} ms   at most {PAINT_MAX} ms   (longest {max(found):.1f} ms of {OPENED})")
    print(f"20 values at 10/s       {share * 100:7.1f} %    at most {SHARE_MAX * 100:.0f} %    of a core, the process of the page; {points} lines")
    for kind, part in sorted(used.items()):
        print(f"    {kind:20}{part * 100:7.1f} %")
    return 0 if paint <= PAINT_MAX and share <= SHARE_MAX and points == 20 else 1


if __name__ == "__main__":
    sys.exit(main())
