"""Peers that are not Python: servers in Rust, firmware in QEMU, and a C program by rpcgen and libtirpc."""

from __future__ import annotations

import os
from typing import Callable, List

import pytest

import oncilla_rpc as oncilla
from conftest import CONSTRUCTS_X, SUITE_X

Connect = Callable[..., oncilla.Device]


@pytest.mark.parametrize("carrier", ["TCP", "UDP", "UNIX"])
def test_a_server_in_rust(oncilla_connect: Connect, carrier: str) -> None:
    device = oncilla_connect(os.environ[f"ONCILLA_SUITE_{carrier}"], interface=SUITE_X)
    assert device.suite_1.subtract(3, 5) == -2
    assert device.suite_1.echo(b"\x00\xff") == b"\x00\xff"
    device.suite_1.rename("oven " + carrier)
    assert device.suite_1.name() == "oven " + carrier
    with device.suite_1.in_flight() as calls:
        futures = [calls.subtract(number, 1) for number in range(8)]
    assert [future.result() for future in futures] == list(range(-1, 7))


def test_firmware_that_describes_itself(oncilla_connect: Connect) -> None:
    device = oncilla_connect(os.environ["ONCILLA_BOARD_SENSOR"], timeout=20, connect_timeout=20)
    latest = device.sensor.read(0).latest
    assert (latest.time, latest.value) == (2000, 21625)
    assert device.sensor.read(1).case.name == "STATUS_NO_SUCH_CHANNEL"
    assert oncilla.rows(device.sensor.history(0)) == [{"time": 1000, "value": 21500}, {"time": 2000, "value": 21625}]
    assert device.sensor.rename(1, "cellar") is False


def test_firmware_by_a_file(oncilla_connect: Connect) -> None:
    device = oncilla_connect(os.environ["ONCILLA_BOARD_SUITE"], interface=SUITE_X, timeout=20, connect_timeout=20)
    assert [device.suite_1.subtract(number, 1) for number in range(20)] == list(range(-1, 19))
    before = device.suite_1.sum()
    device.suite_1.note.cast(7)
    assert device.suite_1.add(2) == before + 2


def test_a_c_program(c_server: List[str]) -> None:
    for target in c_server:
        with oncilla.connect(target, interface=CONSTRUCTS_X) as device:
            constructs = device.constructs
            shape = {"center": (1, -2), "corners": [(3, 4)], "mark": b"\xff\x00"}
            echoed = constructs.echo_shape(shape)
            assert (echoed.center.x, echoed.center.y, echoed.corners[0].y) == (1, -2, 4)
            assert (echoed.anchor, echoed.mark) == (None, b"\xff\x00")
            assert constructs.seen() == "{{1 -2} [{3 4}] none some xff00}"
            with pytest.raises(oncilla.BadValue, match="at most 11 bytes"):
                constructs.echo_word("a text that is too long")
