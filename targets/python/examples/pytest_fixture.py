"""A test of a program that calls a sensor: the fixture ``oncilla_serve`` stops the server at the end of the test."""

from typing import Any, Callable

import oncilla_rpc as oncilla


class Sensor:
    def read(self, channel: int) -> object:
        return {"STATUS_OK": {"time": 7, "value": 21500}}


def celsius(device: oncilla.Device) -> float:
    value: float = device.sensor.read(0).latest.value / 1000
    return value


def test_celsius(oncilla_serve: Callable[..., oncilla.Server], request: Any) -> None:
    server = oncilla_serve(request.config.rootpath / "sensor.x", Sensor())
    with server.connect() as device:
        assert celsius(device) == 21.5
