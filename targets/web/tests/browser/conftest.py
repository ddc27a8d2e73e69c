"""The page in Debian's Chromium: `oncilla web` beside firmware in QEMU and stand-ins of devices.

`cargo xtask test --only web` passes the paths and targets by variables.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
from typing import Any, Callable, Iterator, List

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from boards import Board

ROOT = pathlib.Path(os.environ["ONCILLA_ROOT"])
ONCILLA = os.environ["ONCILLA_PROGRAM"]
CHROMIUM = os.environ.get("ONCILLA_CHROMIUM", "/usr/bin/chromium")
SUITE_X = "tests/suite/suite.x"

#: How long the page may take for anything, in milliseconds. A machine that is busy takes long, and no test states a time.
LIMIT = 60_000

expect.set_options(timeout=LIMIT)


class Running:
    """A command that runs until the test ends. The first line that it prints is JSON."""

    def __init__(self, *words: str, **more: Any) -> None:
        command = [ONCILLA, "--json", *words]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **more)
        assert self.process.stdout is not None
        self.first = json.loads(self.process.stdout.readline())
        # A stand-in prints each call. A full pipe would stop it.
        threading.Thread(target=self.drain, daemon=True).start()

    def drain(self) -> None:
        assert self.process.stdout is not None
        for _ in self.process.stdout:
            pass

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def call(target: str, name: str, arguments: Any, *more: str) -> Any:
    """The results of a call by the command."""
    words = [ONCILLA, "-t", target, *more, "--json", "call", name]
    if arguments:
        words.append(json.dumps(arguments))
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Starts commands, and ends them."""
    running: List[Running] = []

    def one(*words: str, **more: Any) -> Running:
        running.append(Running(*words, **more))
        return running[-1]

    yield one
    for process in running:
        process.end()


@pytest.fixture
def web(start: Callable[..., Running]) -> Callable[..., str]:
    """Starts `oncilla web`, and returns the address of the page."""
    return lambda *words: str(start("web", *words).first["page"])


@pytest.fixture
def serve(start: Callable[..., Running]) -> Callable[..., str]:
    """Starts a stand-in for a device, and returns its target."""

    def one(*words: str) -> str:
        return str(start("serve", *words, "--listen", "tcp://127.0.0.1:0").first["listening"])

    return one


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # The sandbox of Chromium does not start for root.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(LIMIT)
    yield context
    context.close()


class Sight:
    """What a page does that none should: errors of scripts, and requests of other hosts."""

    def __init__(self, page: Page) -> None:
        self.faults: List[str] = []
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self.see(request.url))

    def see(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "https://127.0.0.1:", "ws://127.0.0.1:", "blob:", "data:")):
            self.faults.append(f"request: {url}")


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    sight = Sight(page)
    yield page
    assert sight.faults == []


@pytest.fixture
def board() -> Iterator[Callable[[str], Board]]:
    """Boots firmware, and ends it."""
    boards: List[Board] = []

    def one(program: str) -> Board:
        # The path of a socket is short.
        folder = pathlib.Path(tempfile.mkdtemp(prefix="oncilla-web-"))
        boards.append(Board(program, folder))
        return boards[-1]

    yield one
    for board in boards:
        board.unplug()
        shutil.rmtree(board.folder)


def outcome(page: Page) -> Locator:
    """What came of the last call of a page with one device."""
    return page.get_by_role("region", name="Outcome of the call")


def choose(page: Page, procedure: str) -> None:
    """Chooses a procedure of a page with one device."""
    page.get_by_role("navigation").get_by_role("button", name=procedure, exact=True).click()


def press_call(page: Page) -> None:
    page.get_by_role("button", name="Call", exact=True).click()


#: Asks for the description of the first device, as the page does.
DESCRIBE = """async () => {
    const { Server } = await import("/socket.js");
    const token = new URLSearchParams(location.hash.slice(1)).get("token");
    const { devices } = await new Server(token).start();
    return (await devices[0].describe()).description;
}"""
