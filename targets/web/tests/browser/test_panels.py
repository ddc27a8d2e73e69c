"""Panels of a maker: shown first, in both pages, and checked before."""

from __future__ import annotations

import os
import pathlib
import subprocess
from typing import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from alone import Site, connect, plug
from boards import Board
from conftest import LIMIT, ONCILLA, ROOT, SUITE_X

PANELS = "targets/web/tests/browser/panels.toml"

#: The folder of a maker, with that interface and those panels.
PRODUCT = pathlib.Path(os.environ["ONCILLA_PRODUCT"])


def use(page: Page) -> None:
    """Uses each panel of a board that was reset."""
    panels = page.get_by_role("region", name="Panels of")
    gauge = panels.get_by_role("group", name="Sum")
    expect(gauge).to_contain_text("0 °C")
    slider = panels.get_by_role("slider", name="Amount")
    slider.focus()
    expect(panels.get_by_role("group", name="Amount").locator("output")).to_have_text("–")
    page.keyboard.press("End")
    # The board adds what the slider has set.
    expect(panels.get_by_role("group", name="Amount").locator("output")).to_have_text("10")
    expect(gauge.locator("output")).to_have_text("5 °C")
    expect(gauge.get_by_role("meter")).to_have_js_property("value", 5)
    switch = panels.get_by_role("switch", name="Light")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(panels.get_by_role("group", name="Notes").get_by_role("listitem")).to_have_text(["count 0", "digest 0"])
    expect(panels.get_by_role("region", name="Record")).to_contain_text("label")


def test_panels_are_read_and_set(page: Page, web: Callable[..., str], board: Callable[[str], Board]) -> None:
    page.goto(web("-x", SUITE_X, "--panels", PANELS, board("suite").target))
    use(page)


def test_panels_are_in_the_folder_of_a_maker(page: Page, board: Callable[[str], Board]) -> None:
    site = Site(PRODUCT)
    try:
        plug(page, board("suite").port)
        page.goto(site.address)
        expect(page.get_by_role("heading", name="Suite board")).to_be_visible()
        connect(page)
        use(page)
    finally:
        site.end()


def test_a_page_that_may_not_set_has_panels_that_read(
    page: Page, web: Callable[..., str], board: Callable[[str], Board]
) -> None:
    page.goto(web("-x", SUITE_X, "--panels", PANELS, "--allow", "suite.sum", board("suite").target))
    panels = page.get_by_role("region", name="Panels of")
    expect(panels.get_by_role("group", name="Sum")).to_contain_text("0 °C")
    expect(panels.get_by_role("slider")).to_be_disabled()
    expect(panels.get_by_role("switch")).to_be_disabled()


def test_wrong_panels_are_refused_before_the_page(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "wrong.toml"
    for text, wanted in (
        ("[[panel]]\nkind = 'dial'\nprocedure = 'suite.sum'", "line 2: unknown variant `dial`"),
        ("\n[[panel]]\nkind = 'gauge'\nprocedure = 'suite.notes'\nlow = 0\nhigh = 1", "name a part: `count`, `digest`"),
    ):
        file.write_text(text)
        words = [ONCILLA, "web", "-x", SUITE_X, "--panels", str(file), "tcp://127.0.0.1:1"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and wanted in done.stderr and str(file) in done.stderr, done.stderr


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_panels_and_the_form(browser: Browser, board: Callable[[str], Board], theme: str) -> None:
    site = Site(PRODUCT)
    # The checker is a script of another one, which the page's policy refuses.
    context = browser.new_context(color_scheme=theme, bypass_csp=True)
    context.set_default_timeout(LIMIT)
    try:
        page = context.new_page()
        plug(page, board("suite").port)
        page.goto(site.address)
        page.get_by_text("Keys and interface").click()
        connect(page)
        expect(page.get_by_role("region", name="Record")).to_contain_text("label")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    finally:
        context.close()
        site.end()
