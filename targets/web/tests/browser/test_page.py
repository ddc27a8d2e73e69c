"""The whole path: the page is served, lists procedures, calls one, and shows its results."""

from __future__ import annotations

from typing import Callable

from playwright.sync_api import Page, expect

SENSOR_X = "examples/sensor/sensor.x"


def test_a_procedure_is_called(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    page.goto(web(serve(SENSOR_X, "--rules", "targets/web/tests/browser/sensor.toml")))
    procedures = page.get_by_role("navigation", name="Procedures of")
    expect(procedures.get_by_role("button", name="history")).to_be_visible()
    procedures.get_by_role("button", name="read").click()
    expect(page.get_by_text("Returns the latest measurement of a channel.")).to_be_visible()
    page.get_by_label("channel").fill("1")
    page.get_by_role("button", name="Call", exact=True).click()
    outcome = page.get_by_role("region", name="Outcome of the call")
    expect(outcome).to_contain_text("21625")
    # The calls of this page are kept, to make them again.
    expect(page.get_by_role("region", name="History")).to_contain_text('sensor.read("channel":1)')
