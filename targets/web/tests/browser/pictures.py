"""`cargo xtask web --pictures`: the pictures of the page in README and guide."""

from __future__ import annotations

import os

from playwright.sync_api import Browser, sync_playwright

from conftest import CHROMIUM, ROOT, Running

OVEN = ["targets/xtask/src/picture/oven.x", "--rules", "targets/xtask/src/picture/oven.toml"]
HALL = ["examples/sensor/sensor.x", "--rules", "targets/web/tests/browser/sensor.toml"]

#: The pictures: name, theme, width, height.
PICTURES = [("page", "light", 1180, 1080), ("page-dark", "dark", 1180, 1080), ("page-phone", "light", 390, 800)]


def draw(browser: Browser, address: str, name: str, theme: str, width: int, height: int) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": height})  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    oven = page.get_by_role("article", name="oven")
    oven.get_by_role("button", name="Call", exact=True).click()
    oven.get_by_role("button", name="Plot millidegrees").click()
    hall = page.get_by_role("article", name="hall")
    hall.get_by_label("channel").fill("1")
    hall.get_by_role("button", name="Call", exact=True).click()
    hall.get_by_role("region", name="Outcome").locator(".took").wait_for()
    page.get_by_role("combobox", name="How often").select_option("100")
    page.get_by_role("combobox", name="Time shown").select_option("10000")
    page.wait_for_timeout(11_000)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=ROOT / "targets/web" / f"{name}.png")
    print(f"targets/web/{name}.png")
    context.close()


def main() -> None:
    oven = Running("serve", *OVEN, "--listen", "tcp://127.0.0.1:0")
    hall = Running("serve", *HALL, "--listen", "tcp://127.0.0.1:0")
    web = Running("web", "oven=" + oven.first["listening"], "hall=" + hall.first["listening"])
    try:
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
            for picture in PICTURES:
                draw(browser, web.first["page"], *picture)
    finally:
        for process in (web, hall, oven):
            process.end()


if __name__ == "__main__":
    main()
