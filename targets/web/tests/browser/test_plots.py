"""Plots: numbers that move, pause, zoom, and files to keep."""

from __future__ import annotations

import csv
from typing import Callable

from playwright.sync_api import Page, expect

from conftest import Running, choose, outcome, press_call

SENSOR_X = "examples/sensor/sensor.x"
RULES = "targets/web/tests/browser/sensor.toml"


def test_a_plot_moves_stops_and_is_kept(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    page.goto(web("hall=" + serve(SENSOR_X, "--rules", RULES), "cellar=" + serve(SENSOR_X, "--rules", RULES)))
    for name in ("hall", "cellar"):
        device = page.get_by_role("article", name=name)
        device.get_by_role("button", name="read").click()
        device.get_by_label("channel").fill("1")
        device.get_by_role("button", name="Call", exact=True).click()
        device.get_by_role("button", name="Plot STATUS_OK.value").click()
    plots = page.get_by_role("region", name="Plots")
    # Slower than the figures of the table change.
    plots.get_by_role("combobox", name="How often").select_option("1000")
    last = plots.locator("tbody tr", has_text="cellar").locator("td").nth(0)
    for value in ("21625", "21750", "22000"):
        expect(last).to_have_text(value)
    plots.get_by_role("combobox", name="How often").select_option("100")
    canvas = plots.get_by_role("img")
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    page.wait_for_function("([canvas, before]) => canvas.toDataURL() !== before", arg=[canvas.element_handle(), before])
    # Paused, the picture stays.
    pause = plots.get_by_role("button", name="Pause")
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(500)
    still = canvas.evaluate("canvas => canvas.toDataURL()")
    page.wait_for_timeout(1000)
    assert canvas.evaluate("canvas => canvas.toDataURL()") == still
    # Keys do what the pointer does.
    canvas.focus()
    page.keyboard.press("+")
    page.wait_for_function("([canvas, before]) => canvas.toDataURL() !== before", arg=[canvas.element_handle(), still])
    page.keyboard.press("0")
    expect(pause).to_have_attribute("aria-pressed", "false")
    with page.expect_download() as download:
        plots.get_by_role("button", name="CSV").click()
    with open(download.value.path(), newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["time", "hall sensor.read STATUS_OK.value", "cellar sensor.read STATUS_OK.value"]
    assert {cell for row in rows[1:] for cell in row[1:]} == {"", "21625", "21750", "22000"}
    with page.expect_download() as download:
        plots.get_by_role("button", name="PNG").click()
    with open(download.value.path(), "rb") as picture:
        assert picture.read(8) == b"\x89PNG\r\n\x1a\n"
    plots.get_by_role("button", name="Stop hall sensor.read STATUS_OK.value").click()
    plots.get_by_role("button", name="Stop all").click()
    expect(plots).to_be_hidden()


def test_what_cannot_be_plotted_is_stated(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    page.goto(web(serve(SENSOR_X, "--rules", RULES)))
    choose(page, "read")
    page.get_by_role("button", name="Plot all numbers").click()
    # Channel 0 has no measurement.
    expect(outcome(page)).to_contain_text("Nothing was added to the plots")
    expect(outcome(page)).to_contain_text("STATUS_NO_SUCH_CHANNEL")
    expect(page.get_by_role("region", name="Plots")).to_be_hidden()


def test_a_failure_of_one_plot_stays_while_others_go_on(page: Page, start: Callable[..., Running], web: Callable[..., str]) -> None:
    servers = [start("serve", SENSOR_X, "--rules", RULES, "--listen", "tcp://127.0.0.1:0") for _ in range(2)]
    # Two devices of one name have plots of their own.
    page.goto(web(*(f"hall={server.first['listening']}" for server in servers)))
    for device in page.get_by_role("article").all():
        device.get_by_role("button", name="read").click()
        device.get_by_label("channel").fill("1")
        device.get_by_role("button", name="Plot all numbers").click()
    plots = page.get_by_role("region", name="Plots")
    expect(plots.locator("tbody tr")).to_have_count(4)
    servers[0].end()
    expect(plots.get_by_role("status")).to_have_text("hall sensor.read: Not reached")
    # The other one is called meanwhile.
    calls = page.locator(".figures").nth(1)
    before = calls.inner_text()
    expect(calls).not_to_have_text(before)
    expect(plots.get_by_role("status")).to_have_text("hall sensor.read: Not reached")
    plots.get_by_role("button", name="Stop all").click()
    expect(plots).to_be_hidden()
