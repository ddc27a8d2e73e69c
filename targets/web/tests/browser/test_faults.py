"""What happens to devices and pages: resets, unplugged devices, two pages, descriptions that mean harm."""

from __future__ import annotations

import json
import pathlib
from typing import Callable, List
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from boards import Board
from conftest import SUITE_X, Running, choose, outcome, press_call

SENSOR_X = "examples/sensor/sensor.x"


def figure(page: Page, name: str) -> int:
    """A figure of the link."""
    text = page.locator(".figures span", has_text=name).locator("b").inner_text()
    return int(text)


def add(page: Page, amount: int) -> None:
    choose(page, "add")
    page.get_by_label("amount").fill(str(amount))
    press_call(page)


def test_a_reset_in_the_middle_is_seen_and_the_page_goes_on(
    page: Page, web: Callable[..., str], board: Callable[[str], Board]
) -> None:
    device = board("suite")
    page.goto(web("-x", SUITE_X, device.target))
    add(page, 7)
    expect(outcome(page)).to_contain_text("7")
    restarts = figure(page, "restarts")
    device.reset()
    # The next call, or the one that the idle page makes, finds it.
    page.wait_for_function(
        "before => Number([...document.querySelectorAll('.figures span')].find((one) => one.textContent.startsWith('restarts')).querySelector('b').textContent) > before",
        arg=restarts,
    )
    add(page, 5)
    # The sum began anew.
    expect(outcome(page).locator(".single")).to_have_text("5Plot")


def test_an_unplugged_device_is_shown_and_comes_back(
    page: Page, web: Callable[..., str], board: Callable[[str], Board]
) -> None:
    device = board("sensor")
    page.goto(web(device.target, "--timeout", "2s"))
    choose(page, "read")
    press_call(page)
    expect(outcome(page)).to_contain_text("21625")
    device.unplug()
    expect(page.get_by_text("not reached", exact=True)).to_be_visible()
    press_call(page)
    expect(outcome(page).get_by_role("alert")).to_be_visible()
    device.boot()
    expect(page.get_by_text("connected", exact=True)).to_be_visible()
    press_call(page)
    expect(outcome(page)).to_contain_text("21625")


def test_a_device_that_comes_later_is_asked_then(
    page: Page, web: Callable[..., str], board: Callable[[str], Board]
) -> None:
    device = board("sensor")
    device.unplug()
    page.goto(web(device.target))
    expect(page.get_by_role("alert")).to_contain_text("Not reached")
    device.boot()
    expect(page.get_by_role("navigation").get_by_role("button", name="history")).to_be_visible()


def test_two_pages_call_one_device(
    context: BrowserContext, web: Callable[..., str], board: Callable[[str], Board]
) -> None:
    address = web("-x", SUITE_X, board("suite").target)
    one, other = context.new_page(), context.new_page()
    for page in (one, other):
        page.goto(address)
    for turn in range(5):
        for at, page in enumerate((one, other)):
            # A browser draws pages behind others rarely.
            page.bring_to_front()
            add(page, 1)
            expect(outcome(page).locator(".single")).to_have_text(f"{2 * turn + at + 1}Plot")
    # Text of the device is seen on both.
    one.bring_to_front()
    choose(one, "print")
    one.get_by_role("textbox", name="line").fill("W (7) oven: hot")
    press_call(one)
    for page in (one, other):
        page.bring_to_front()
        expect(page.get_by_role("log")).to_contain_text("W (7) oven: hot")
    other.get_by_role("combobox", name="Level").select_option("error")
    expect(other.get_by_role("log")).not_to_contain_text("hot")
    other.get_by_role("combobox", name="Level").select_option("warning")
    expect(other.get_by_role("log")).to_contain_text("hot")


HARM = "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>\\u001b[2J&lt;b&gt;"


def test_a_description_that_means_harm_does_none(
    page: Page, web: Callable[..., str], serve: Callable[..., str], tmp_path: pathlib.Path
) -> None:
    turned = "\u202e\u0007\u009b"
    procedures = "\n".join(f"/* {HARM} {number} */ harm P_{number}(harm value) = {number};" for number in range(1, 3001))
    fields = "\n".join(f"int f{number}; /* {HARM} */" for number in range(3000))
    hostile = tmp_path / "hostile.x"
    hostile.write_text(
        f"/* {HARM} {turned} {'long ' * 100_000} */\n"
        f"struct harm {{ string text<>; harm *next; }}; struct wide {{ {fields} }};\n"
        f"program P {{ version V {{\n{procedures}\nwide P_WIDE(wide value) = 3001; }} = 1; }} = 0x20000042;\n"
    )
    rules = tmp_path / "rules.toml"
    value = json.dumps(HARM + turned)
    rules.write_text(f'[[rule]]\nprocedure = "p.1"\nvalue = [{{ text = {value} }}]\n')
    page.goto(web("-x", str(hostile), serve(str(hostile), "--rules", str(rules)), "--message-max", "8000000"))
    expect(page.get_by_role("navigation").get_by_text("more: use the filter")).to_be_visible()
    expect(page.get_by_text(HARM).first).to_be_visible()
    press_call(page)
    expect(outcome(page)).to_contain_text("onerror=")
    page.get_by_role("searchbox", name="Filter").fill("p.wide")
    choose(page, "wide")
    press_call(page)
    expect(outcome(page).locator(".took")).to_be_visible()
    assert page.evaluate("window.harmed") is None
    assert page.locator("article img, article script").count() == 0


def test_too_many_calls_of_a_page_are_refused_and_it_goes_on(
    page: Page, web: Callable[..., str], serve: Callable[..., str], tmp_path: pathlib.Path
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nprocedure = "sensor.history"\ndelay = "50ms"\n')
    page.goto(web(serve(SENSOR_X, "--rules", str(rules))))
    kinds = page.evaluate("""async () => {
        const { Server } = await import("/socket.js");
        const { devices } = await new Server(new URLSearchParams(location.hash.slice(1)).get("token")).start();
        const calls = Array.from({ length: 100 }, () => devices[0].call(0x20000051, 1, 2, '{"channel": 0}'));
        return (await Promise.all(calls)).map((outcome) => outcome.kind ?? "good");
    }""")
    # The most that wait at a time, and those that began when others had ended.
    assert kinds.count("good") >= 64 and kinds.count("busy") >= 1, kinds
    assert set(kinds) == {"good", "busy"}
    choose(page, "read")
    press_call(page)
    expect(outcome(page)).to_contain_text("STATUS_OK")


def test_a_message_that_no_page_sends_ends_the_connection(
    page: Page, web: Callable[..., str], serve: Callable[..., str]
) -> None:
    page.goto(web(serve(SENSOR_X)))
    token = page.url.split("token=")[1]
    for messages in (["nothing"], ["{}"], [json.dumps({"token": "x" * (5 << 20)})], [json.dumps({"token": token}), "[]"]):
        came = page.evaluate(
            """(messages) => new Promise((resolve) => {
                const socket = new WebSocket(`ws://${location.host}/socket`);
                let last = "";
                socket.onopen = () => messages.forEach((message) => socket.send(message));
                socket.onmessage = ({ data }) => (last = data);
                socket.onclose = () => resolve(last);
            })""",
            messages,
        )
        assert ("devices" in came) == (len(messages) == 2), came
    choose(page, "read")
    press_call(page)
    expect(outcome(page)).to_contain_text("STATUS_OK")


def test_a_server_with_other_devices_is_not_called_for_those_of_the_page(
    page: Page, start: Callable[..., Running], serve: Callable[..., str]
) -> None:
    one, other = serve(SENSOR_X), serve(SENSOR_X)
    server = start("web", "--no-token", f"oven={one}")
    address = str(server.first["page"])
    page.goto(address)
    expect(page.get_by_role("navigation").get_by_role("button", name="history")).to_be_visible()
    server.end()
    start("web", "--no-token", "--listen", urlsplit(address).netloc, f"cooler={other}", f"oven={one}")
    expect(page.get_by_role("banner")).to_contain_text("The server has other devices now")
    press_call(page)
    expect(outcome(page).get_by_role("alert")).to_contain_text("Nothing was called")
    page.reload()
    expect(page.get_by_role("heading", name="cooler")).to_be_visible()


def test_a_one_way_call_is_sent_again_as_one(
    page: Page, web: Callable[..., str], serve: Callable[..., str], tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "lamp.x"
    file.write_text("program LAMP { version LAMP_1 { void LAMP_BLINK(int times) = 1; } = 1; } = 0x20000042;")
    sent: List[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
    page.goto(web("-x", str(file), serve(str(file))))
    page.get_by_role("button", name="Send only").click()
    expect(outcome(page)).to_contain_text("Sent.")
    history = page.get_by_role("region", name="History")
    history.get_by_role("button", name="again").click()
    expect(history.get_by_role("listitem")).to_have_count(2)
    calls = [json.loads(text)["call"] for text in sent if '"procedure":1,' in text]
    assert [call["cast"] for call in calls] == [True, True], calls
