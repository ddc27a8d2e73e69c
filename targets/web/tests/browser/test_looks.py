"""What people need: an accessibility checker finds nothing, the keyboard does everything, code is copied."""

from __future__ import annotations

import json
import pathlib
import subprocess
from typing import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from conftest import LIMIT, ONCILLA, ROOT, SUITE_X, choose, outcome, press_call

SENSOR_X = "examples/sensor/sensor.x"
RULES = "targets/web/tests/browser/sensor.toml"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(browser: Browser, web: Callable[..., str], serve: Callable[..., str], theme: str, width: int) -> None:
    # The checker is a script of another one, which the page's policy refuses.
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(web("-x", SUITE_X, "suite=" + serve(SUITE_X), "other=" + serve(SUITE_X), "gone=tcp://127.0.0.1:1"))
    first = page.get_by_role("article", name="suite")
    for procedure in ("make_record", "many", "other_shape", "weigh"):
        first.get_by_role("button", name=procedure).click()
        for more in first.get_by_role("button", name="Add to").all():
            more.click()
        for given in first.get_by_role("checkbox").all():
            given.check()
        first.get_by_role("button", name="Call", exact=True).click()
        first.get_by_text("As code").click()
        expect(page.get_by_role("region", name="Outcome of the call of suite").locator(".took, .failure").first).to_be_visible()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    first.get_by_role("button", name="make_record").click()
    first.get_by_role("button", name="Plot all numbers").click()
    expect(page.get_by_role("region", name="Plots")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_the_keyboard_does_everything(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    page.goto(web(serve(SENSOR_X, "--rules", RULES)))
    expect(page.get_by_role("navigation").get_by_role("button", name="read")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("sensor.read")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("channel")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(outcome(page)).to_contain_text("21625")


def test_wrong_arguments_are_named_and_nothing_is_called(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    page.goto(web(serve(SENSOR_X)))
    choose(page, "rename")
    page.get_by_label("channel").fill("4294967296")
    press_call(page)
    expect(outcome(page).get_by_role("alert")).to_contain_text("channel: 4294967296 is not between 0 and 4294967295")
    expect(page.get_by_label("channel")).to_be_focused()
    page.get_by_label("channel").fill("0")
    page.get_by_role("textbox", name="name").fill("é" * 9)
    press_call(page)
    expect(outcome(page).get_by_role("alert")).to_contain_text("name: the text has 18 bytes, of 16 at most")
    expect(page.get_by_text("No calls yet.")).to_be_visible()


def test_a_copied_command_does_the_same(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(web(serve(SENSOR_X, "--rules", RULES)))
    choose(page, "rename")
    page.get_by_role("textbox", name="name").fill("it's a 'hall' ${x}")
    page.get_by_text("As code").click()
    page.get_by_role("textbox", name="name").fill("it's $x")
    page.get_by_role("button", name="Copy as Command").click()
    command = page.evaluate("navigator.clipboard.readText()")
    assert command.startswith("oncilla -t tcp://")
    script = f'oncilla() {{ "{ONCILLA}" --json "$@"; }}; {command}'
    done = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    press_call(page)
    expect(outcome(page).locator(".took")).to_be_visible()
    assert json.loads(done.stdout) == json.loads(outcome(page).get_attribute("data-results") or "") is False, done.stderr


def test_history_makes_calls_again(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    page.goto(web(serve(SENSOR_X, "--rules", RULES)))
    choose(page, "read")
    page.get_by_label("channel").fill("1")
    press_call(page)
    expect(outcome(page)).to_contain_text("21625")
    choose(page, "rename")
    page.get_by_role("region", name="History").get_by_role("button", name="again").click()
    expect(outcome(page)).to_contain_text("21750")
    expect(page.get_by_label("channel")).to_have_value("1")


NUMBERS_X = """
typedef unsigned hyper big;
program NUMBERS { version NUMBERS_1 {
    big NUMBERS_BIG(big value) = 1;
    double NUMBERS_REAL(double value) = 2;
    string NUMBERS_TEXT(string value<>) = 3;
} = 1; } = 0x20000042;
"""


def test_code_has_values_that_its_languages_take(
    page: Page, web: Callable[..., str], serve: Callable[..., str], tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "numbers.x"
    file.write_text(NUMBERS_X)
    page.goto(web(serve(str(file))))
    for procedure, value, command, rust in (
        ("big", "18446744073709551615", "numbers.big 18446744073709551615", 'from_str(r#"{"value":18446744073709551615}"#)?'),
        ("big", "2147483648", "numbers.big 2147483648", 'from_str(r#"{"value":2147483648}"#)?'),
        ("real", "-2.5", "numbers.real -2.5", 'json!({"value":-2.5})'),
        # As words, these would be options.
        ("real", "-Infinity", """numbers.real '{"value":"-Infinity"}'""", 'json!({"value":"-Infinity"})'),
        ("real", "-1e-7", """numbers.real '{"value":-1e-7}'""", 'json!({"value":-1e-7})'),
        ("text", '"#\u202e\u0001', """numbers.text '{"value":"\\"#\\u202e\\u0001"}'""", r'''from_str(r##"{"value":"\"#\u202e\u0001"}"##)?'''),
    ):
        choose(page, procedure)
        page.get_by_text("As code").click()
        page.get_by_role("textbox", name="value").fill(value)
        blocks = page.locator(".code pre")
        expect(blocks.nth(0)).to_contain_text(command)
        expect(blocks.nth(2)).to_contain_text(rust)
        words = f'oncilla() {{ "{ONCILLA}" --json "$@"; }}; {blocks.nth(0).inner_text()}'
        done = subprocess.run(["sh", "-c", words], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr


def test_long_values_and_code_stay_inside(browser: Browser, web: Callable[..., str], serve: Callable[..., str], tmp_path: pathlib.Path) -> None:
    file = tmp_path / "long.x"
    file.write_text("struct pair { unsigned hyper a_counter; hyper b; }; program P { version V { pair P_GET(void) = 1; } = 1; } = 0x20000042;")
    rules = tmp_path / "rules.toml"
    rules.write_text("[[rule]]\nprocedure = 'p.get'\nvalue = { a_counter = '18446744073709551615', b = '-9223372036854775808' }\n")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(LIMIT)
    page = context.new_page()
    page.goto(web(serve(str(file), "--rules", str(rules))))
    press_call(page)
    expect(outcome(page)).to_contain_text("18446744073709551615")
    page.get_by_text("As code").click()
    for part in [*page.locator(".code pre").all(), *outcome(page).get_by_role("button").all()]:
        box = part.bounding_box()
        assert box and box["x"] + box["width"] <= 390, box
    context.close()
