"""A fleet on the page: the devices behind a gateway and a broker, side by side."""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import time
from typing import Callable

from playwright.sync_api import Page, expect

from conftest import LIMIT, ONCILLA, ROOT

SENSOR_X = "examples/sensor/sensor.x"
RULES = "targets/web/tests/browser/sensor.toml"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(is_there: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT / 1000
    while not is_there():
        assert time.monotonic() < end, "it did not start"
        time.sleep(0.1)


def online(fleet: str) -> int:
    words = [ONCILLA, "-t", fleet, "--json", "fleet", "list"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    return done.stdout.count('"online":true')


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_fleet_is_its_devices(
    page: Page, web: Callable[..., str], serve: Callable[..., str], tmp_path: pathlib.Path
) -> None:
    port = free_port()
    (tmp_path / "broker.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    devices = "".join(f'[devices.{name}]\ntarget = "{serve(SENSOR_X, "--rules", RULES)}"\n' for name in ("hall", "cellar"))
    (tmp_path / "fleet.toml").write_text(
        f'fleet = "plant"\ngateway = "one"\n[broker]\naddress = "mqtt://127.0.0.1:{port}"\n{devices}'
    )
    path = f"{os.environ['PATH']}:/usr/sbin"
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": {**os.environ, "PATH": path}}
    broker = subprocess.Popen(["mosquitto", "-c", tmp_path / "broker.conf"], **silent)  # type: ignore[call-overload]
    gateway = None
    try:
        until(lambda: is_open(port))
        gateway = subprocess.Popen([ONCILLA, "gateway", tmp_path / "fleet.toml"], **silent)  # type: ignore[call-overload]
        fleet = f"mqtt://127.0.0.1:{port}/plant"
        until(lambda: online(fleet) == 2)
        page.goto(web(fleet))
        for name in ("hall", "cellar"):
            device = page.get_by_role("article", name=name)
            device.get_by_role("button", name="read").click()
            device.get_by_label("channel").fill("1")
            device.get_by_role("button", name="Call", exact=True).click()
            expect(device.get_by_role("region", name="Outcome")).to_contain_text("21625")
    finally:
        for process in (gateway, broker):
            if process:
                process.kill()
                process.wait()
