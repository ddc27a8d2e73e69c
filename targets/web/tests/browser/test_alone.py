"""The page without a server calls firmware on a serial port: WebAssembly, and WebSerial by a stand-in."""

from __future__ import annotations

import os
import pathlib
import shutil
from typing import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from alone import Site, connect, plug
from boards import Board
from conftest import ROOT, SUITE_X, choose, outcome, press_call
from test_types import by_command, by_form
from values import exact

#: The folder that `cargo xtask web --folder` has made.
FOLDER = pathlib.Path(os.environ["ONCILLA_FOLDER"])

KEYS = "11 {owner} owner\n12 {guest} guest\n".format(owner=b"sixteen bytes !!".hex(), guest=b"and sixteen more".hex())

#: The number of random calls.
CALLS = 40

#: A part of the interface of the firmware with keys.
GUARDED_X = """
program GUARDED { version GUARDED_1 {
    unsigned int GUARDED_WHO(void) = 6;
    void GUARDED_PRINT(void) = 7;
} = 1; } = 0x20000057;
"""


@pytest.fixture
def site() -> Iterator[str]:
    served = Site(FOLDER)
    yield served.address
    served.end()


def add(page: Page, amount: int) -> None:
    choose(page, "add")
    page.get_by_label("amount").fill(str(amount))
    press_call(page)


def open_more(page: Page) -> None:
    page.get_by_text("Keys and interface").click()


def test_a_device_that_describes_itself_is_called(page: Page, site: str, board: Callable[[str], Board]) -> None:
    port = plug(page, board("sensor").port)
    page.goto(site)
    page.get_by_label("Baud rate").fill("9600")
    connect(page)
    assert port.bauds == [9600]
    expect(page.get_by_text("Returns the latest measurement of a channel.")).to_be_visible()
    choose(page, "read")
    press_call(page)
    expect(outcome(page)).to_contain_text("21625")
    expect(page.get_by_text("connected", exact=True)).to_be_visible()


#: Describes an interface, as the page does.
DESCRIBE = """async (text) => {
    const { Client } = await import("/client.js");
    const client = await Client.load();
    client.configure({ interface: text });
    return client.ask('{"id":1}').replies[0].description;
}"""


def test_random_calls_by_the_form_equal_those_of_the_command(
    page: Page, site: str, board: Callable[[str], Board]
) -> None:
    plug(page, board("suite").port)
    page.goto(site)
    open_more(page)
    page.get_by_label("Interface").set_input_files(ROOT / SUITE_X)
    connect(page)
    description = page.evaluate(DESCRIBE, (ROOT / SUITE_X).read_text())
    calls, seen = by_form(page, description, CALLS)
    # Another board with the same firmware: the page has the port of the first.
    for call, results, expected in zip(calls, seen, by_command(board("suite").target, calls)):
        assert exact(results) == exact(expected), call


def test_a_reset_in_the_middle_is_seen(page: Page, site: str, board: Callable[[str], Board]) -> None:
    device = board("suite")
    plug(page, device.port)
    page.goto(site)
    open_more(page)
    page.get_by_label("Interface").set_input_files(ROOT / SUITE_X)
    connect(page)
    add(page, 7)
    expect(outcome(page).locator(".single")).to_have_text("7Plot")
    device.reset()
    # The idle page makes calls, and so finds it.
    expect(page.locator(".figures span", has_text="restarts").locator("b")).not_to_have_text("0")
    add(page, 5)
    # The sum began anew.
    expect(outcome(page).locator(".single")).to_have_text("5Plot")


def test_an_unplugged_device_comes_back(page: Page, site: str, board: Callable[[str], Board]) -> None:
    device = board("sensor")
    plug(page, device.port)
    page.goto(site)
    connect(page)
    press_call(page)
    expect(outcome(page)).to_contain_text("21625")
    device.unplug()
    expect(page.get_by_text("the port is gone")).to_be_visible()
    press_call(page)
    expect(outcome(page).get_by_role("alert")).to_contain_text("Not reached")
    device.boot()
    expect(page.get_by_text("connected", exact=True)).to_be_visible()
    press_call(page)
    expect(outcome(page)).to_contain_text("21625")


def test_a_device_with_keys_is_called_under_one(
    page: Page, site: str, board: Callable[[str], Board], tmp_path: pathlib.Path
) -> None:
    plug(page, board("keyed").port)
    (tmp_path / "both.key").write_text(KEYS)
    (tmp_path / "guarded.x").write_text(GUARDED_X)
    page.goto(site)
    open_more(page)
    page.get_by_label("Interface").set_input_files(tmp_path / "guarded.x")
    page.get_by_label("Key file").set_input_files(tmp_path / "both.key")
    page.get_by_role("button", name="Choose a port").click()
    expect(page.get_by_role("alert")).to_contain_text("has 2 keys; choose one by its id")
    page.get_by_label("Key id").fill("12")
    connect(page)
    choose(page, "who")
    press_call(page)
    expect(outcome(page).locator(".single")).to_have_text("12Plot")
    # The guest may not.
    choose(page, "print")
    press_call(page)
    expect(outcome(page).get_by_role("alert")).to_contain_text("AUTH_REJECTEDCRED")
    # Nothing of the key is kept.
    kept = page.evaluate("() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])")
    assert b"and sixteen more".hex() not in kept


def test_a_browser_without_serial_ports_is_told(page: Page, site: str) -> None:
    page.add_init_script("delete Navigator.prototype.serial")
    page.goto(site)
    expect(page.get_by_role("alert")).to_contain_text("cannot open serial ports")


def test_a_folder_that_lacks_its_client_says_so(page: Page, board: Callable[[str], Board], tmp_path: pathlib.Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "folder")
    (tmp_path / "folder/oncilla.wasm").unlink()
    site = Site(tmp_path / "folder")
    try:
        plug(page, board("sensor").port)
        page.goto(site.address)
        page.get_by_role("button", name="Choose a port").click()
        expect(page.get_by_role("alert")).to_contain_text("oncilla.wasm cannot be read: 404")
    finally:
        site.end()
