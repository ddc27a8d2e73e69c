"""Who may use the page: the token, names, other sites, and what a read-only page calls."""

from __future__ import annotations

import http.client
import pathlib
import subprocess
from typing import Callable, Dict
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import ONCILLA, ROOT, choose, outcome, press_call

SENSOR_X = "examples/sensor/sensor.x"


def ask(address: str, path: str = "/", headers: Dict[str, str] | None = None) -> http.client.HTTPResponse:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.putrequest("GET", path, skip_host=bool(headers and "Host" in headers))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection.getresponse()


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


def test_a_wrong_token_shows_nothing(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    address = web(serve(SENSOR_X))
    for wrong in (address.split("#")[0], address[:-1] + ("0" if address[-1] != "0" else "1")):
        page.goto("about:blank")
        page.goto(wrong)
        expect(page.get_by_role("alert")).to_contain_text("the token is wrong")
        expect(page.get_by_role("navigation")).to_have_count(0)
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_role("navigation")).to_be_visible()


def test_other_names_and_other_sites_are_refused(web: Callable[..., str], serve: Callable[..., str]) -> None:
    address = web(serve(SENSOR_X))
    port = urlsplit(address).port
    assert ask(address).status == 200
    assert ask(address, headers={"Host": f"localhost:{port}"}).status == 200
    assert ask(address, headers={"Host": f"evil.example:{port}"}).status == 421
    assert ask(address, "/main.js", headers={"Host": f"evil.example:{port}"}).status == 421
    assert ask(address, "/socket", headers=UPGRADE).status == 101
    assert ask(address, "/socket", headers={**UPGRADE, "Origin": f"http://127.0.0.1:{port}"}).status == 101
    for origin in ("http://evil.example", "null", f"http://127.0.0.1:{(port or 0) - 1}"):
        assert ask(address, "/socket", headers={**UPGRADE, "Origin": origin}).status == 421
    for path in ("/../Cargo.toml", "/%2e%2e/Cargo.toml", "/nothing", "//"):
        assert ask(address, path).status == 404


def test_every_reply_has_the_headers(web: Callable[..., str], serve: Callable[..., str]) -> None:
    address = web(serve(SENSOR_X))
    for path in ("/", "/main.js", "/style.css", "/nothing"):
        reply = ask(address, path)
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy and "frame-ancestors 'none'" in policy
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_a_read_only_page_calls_what_is_allowed(page: Page, web: Callable[..., str], serve: Callable[..., str]) -> None:
    page.goto(web(serve(SENSOR_X), "--allow", "sensor.read"))
    choose(page, "read")
    press_call(page)
    expect(outcome(page)).to_contain_text("STATUS_OK")
    choose(page, "rename")
    expect(page.get_by_role("button", name="Call", exact=True)).to_be_disabled()
    # The server refuses, too.
    refused = page.evaluate("""async () => {
        const { Server } = await import("/socket.js");
        const { devices } = await new Server(new URLSearchParams(location.hash.slice(1)).get("token")).start();
        return devices[0].call(0x20000051, 1, 3, '{"channel": 0, "name": "hall"}');
    }""")
    assert "may not call sensor.rename" in refused["error"]


@pytest.mark.parametrize("words", [["--listen", "0.0.0.0:0"], ["--listen", "0.0.0.0:0", "--no-token"]])
def test_other_machines_need_tls(words: list[str]) -> None:
    done = subprocess.run([ONCILLA, "web", "tcp://127.0.0.1:1", *words], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "needs TLS" in done.stderr, done.stderr


def test_other_machines_reach_the_page_inside_tls(
    browser: Browser, web: Callable[..., str], serve: Callable[..., str], tmp_path: pathlib.Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([*made, "-keyout", key, "-out", certificate, *subject], check=True, capture_output=True, timeout=60)
    address = web(serve(SENSOR_X), "--listen", "0.0.0.0:0", "--tls-cert", str(certificate), "--tls-key", str(key))
    assert address.startswith("https://localhost:") and "#token=" in address
    # By its address in digits, as another machine would.
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(address.replace("localhost", "127.0.0.1"))
    choose(page, "read")
    press_call(page)
    expect(outcome(page)).to_contain_text("STATUS_OK")
    context.close()
    # Without TLS, nothing is answered.
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(address.replace("https://localhost", "http://127.0.0.1"))
