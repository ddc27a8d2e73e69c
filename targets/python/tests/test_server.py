"""Servers in Python, called by clients in Python."""

from __future__ import annotations

import threading
from typing import Any, Callable

import pytest

import oncilla_rpc as oncilla
from conftest import SENSOR_X, Sensor

Serve = Callable[..., oncilla.Server]


@pytest.mark.parametrize("place", ["tcp://127.0.0.1:0", "udp://127.0.0.1:0", "unix:{tmp}/sensor.sock", "pty"])
def test_every_carrier_serves(oncilla_serve: Serve, tmp_path: Any, place: str) -> None:
    server = oncilla_serve(SENSOR_X, Sensor(), listen=place.format(tmp=tmp_path))
    with server.connect() as device:
        reading = device.sensor.read(1)
        assert (reading.case.name, reading.latest.time, reading.latest.value) == ("STATUS_OK", 2**63 + 1, -21500)
        none = device.sensor.read(7)
        assert (none.case.name, none.value) == ("STATUS_NO_SUCH_CHANNEL", None)
        assert [sample.value for sample in device.sensor.history(3)] == [0, 1000, 2000]
        assert device.sensor.rename(0, "hall") is True
    assert server.implementation.names == {0: "hall"}  # type: ignore[attr-defined]


def test_several_places_are_one_server(oncilla_serve: Serve) -> None:
    server = oncilla_serve(SENSOR_X, Sensor(), listen=["tcp://127.0.0.1:0", "udp://127.0.0.1:0"])
    for target in server.targets:
        with oncilla.connect(target) as device:
            device.sensor.read(0)
    assert server.implementation.calls == [("read", 0)] * 2  # type: ignore[attr-defined]


def test_a_decorated_class_is_a_server() -> None:
    @oncilla.serve(SENSOR_X)
    class Broken(Sensor):
        """A sensor that is broken."""

        def __init__(self, status: str) -> None:
            super().__init__()
            self.status = status

        def read(self, channel: int) -> Any:
            return self.status

    assert Broken.__doc__ == "A sensor that is broken."
    with Broken("STATUS_BROKEN") as server, server.connect() as device:
        assert device.sensor.read(0).case.name == "STATUS_BROKEN"
        assert "server of Broken at tcp://127.0.0.1:" in repr(server)
    assert server.stopped


def test_values_of_the_interface_are_results(oncilla_serve: Serve) -> None:
    class Typed(Sensor):
        def read(self, channel: int) -> Any:
            types = oncilla.Types(oncilla.Interface.read(SENSOR_X))
            return types.Reading(types.Status.STATUS_OK, {"time": 1, "value": 2})

    with oncilla_serve(SENSOR_X, Typed()).connect() as device:
        with pytest.raises(oncilla.Refused, match="SYSTEM_ERR"):
            # The classes of another interface are other classes.
            device.sensor.read(0)


@pytest.mark.parametrize("name", ["PROC_UNAVAIL", "GARBAGE_ARGS", "SYSTEM_ERR", "PROG_UNAVAIL", "AUTH_TOOWEAK"])
def test_refusals_are_those_that_a_method_raises(oncilla_serve: Serve, name: str) -> None:
    class Refusing(Sensor):
        def read(self, channel: int) -> Any:
            raise oncilla.Refused("no", detail=name)

    with oncilla_serve(SENSOR_X, Refusing()).connect() as device:
        with pytest.raises(oncilla.Refused) as refused:
            device.sensor.read(0)
        assert refused.value.refusal == name
        # The connection lives on.
        assert device.sensor.history(0) == []


def test_other_exceptions_and_wrong_results_are_logged(oncilla_serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    class Wrong(Sensor):
        def read(self, channel: int) -> Any:
            return 1 // channel

        def history(self, channel: int) -> Any:
            return "nothing"

    with oncilla_serve(SENSOR_X, Wrong()).connect() as device:
        for call in (device.sensor.read, device.sensor.history):
            with pytest.raises(oncilla.Refused, match="SYSTEM_ERR"):
                call(0)
    assert "ZeroDivisionError" in caplog.text and "sensor.read has raised" in caplog.text
    assert "sensor.history: the results do not fit the interface" in caplog.text


def test_a_procedure_without_a_method_is_unavailable(oncilla_serve: Serve) -> None:
    with oncilla_serve(SENSOR_X, object()).connect() as device:
        with pytest.raises(oncilla.Refused, match="PROC_UNAVAIL"):
            device.sensor.read(0)


def test_silence_is_a_time_out(oncilla_serve: Serve) -> None:
    class Silent(Sensor):
        def read(self, channel: int) -> Any:
            raise oncilla.TimedOut("never")

    with oncilla_serve(SENSOR_X, Silent()).connect() as device:
        with pytest.raises(oncilla.TimedOut):
            device.sensor.read(0, timeout=0.2)
        assert device.sensor.rename(0, "a")


def test_methods_run_one_at_a_time(oncilla_serve: Serve) -> None:
    class Slow(Sensor):
        inside = most = 0

        def read(self, channel: int) -> Any:
            self.inside += 1
            self.most = max(self.most, self.inside)
            threading.Event().wait(0.01)
            self.inside -= 1
            return "STATUS_BROKEN"

    slow = Slow()
    server = oncilla_serve(SENSOR_X, slow)

    def call() -> None:
        with server.connect() as device:
            for _ in range(5):
                device.sensor.read(0)

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slow.most == 1


def test_what_cannot_be_opened_is_an_error(tmp_path: Any) -> None:
    for place in ("tcp://127.0.0.1:99999", "nowhere", f"unix:{tmp_path}/missing/sensor.sock"):
        with pytest.raises(oncilla.Error):
            oncilla.Server(SENSOR_X, Sensor(), listen=place)
    with pytest.raises(oncilla.BadInterface):
        oncilla.Server(tmp_path / "missing.x", Sensor())


def test_stopping_is_final_and_may_be_repeated(sensor: oncilla.Server) -> None:
    sensor.stop()
    sensor.stop()
    with pytest.raises(oncilla.NotConnected):
        sensor.connect(connect_timeout=1)
