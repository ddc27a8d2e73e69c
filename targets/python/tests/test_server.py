"""Servers in Python, called by clients in Python."""

from __future__ import annotations

import errno
import gc
import logging
import os
import pathlib
import subprocess
import sys
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
        assert device.sensor.read(0).latest == device.types.Sample(1, 2)


@pytest.mark.parametrize("name", ["PROC_UNAVAIL", "GARBAGE_ARGS", "SYSTEM_ERR", "PROG_UNAVAIL", "AUTH_TOOWEAK"])
def test_refusals_are_those_that_a_method_raises(oncilla_serve: Serve, name: str) -> None:
    class Refusing(Sensor):
        def read(self, channel: int) -> Any:
            raise oncilla.Refused("no", detail=name)

    with oncilla_serve(SENSOR_X, Refusing()).connect() as device:
        with pytest.raises(oncilla.Refused) as refused:
            device.sensor.read(0)
        assert refused.value.refusal == name
        assert refused.value.may_have_been_executed == (name == "SYSTEM_ERR")
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


VERSIONS = """
program OVEN {
    version OVEN_1 { int OVEN_READ(int zone) = 1; } = 1;
    version OVEN_2 { int OVEN_READ(int zone) = 1; opaque OVEN_DATA(unsigned int size)<> = 2; } = 2;
} = 0x20000042;
"""


@pytest.fixture
def oven_x(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "oven.x"
    path.write_text(VERSIONS.replace("opaque OVEN_DATA(unsigned int size)<>", "bytes OVEN_DATA(unsigned int size)"))
    path.write_text("typedef opaque bytes<>;" + path.read_text())
    return path


class Data:
    def data(self, size: int) -> bytes:
        return bytes(size)


@pytest.mark.parametrize("place", ["tcp://127.0.0.1:0", "unix:{tmp}/oven.sock", "pty"])
def test_replies_are_as_large_as_those_that_clients_accept(
    oncilla_serve: Serve, tmp_path: pathlib.Path, oven_x: pathlib.Path, place: str
) -> None:
    server = oncilla_serve(oven_x, Data(), listen=place.format(tmp=tmp_path))
    size = 100_000 if place == "pty" else 1_000_000
    with server.connect(timeout=60) as device:
        assert device.oven.data(size) == bytes(size)
        with pytest.raises(oncilla.Refused, match="SYSTEM_ERR"):
            device.oven.data(1 << 20)
    with oncilla_serve(oven_x, Data(), message_max=1 << 22).connect(timeout=60) as device:
        assert len(device.oven.data(1 << 21)) == 1 << 21


def test_datagrams_and_connections_have_limits_of_their_own(oncilla_serve: Serve, oven_x: pathlib.Path) -> None:
    server = oncilla_serve(oven_x, Data(), listen=["udp://127.0.0.1:0", "tcp://127.0.0.1:0"])
    tcp, udp = server.targets
    assert tcp.startswith("tcp://") and udp.startswith("udp://")
    with oncilla.connect(udp) as device:
        assert len(device.oven.data(60_000)) == 60_000
        with pytest.raises(oncilla.Refused, match="SYSTEM_ERR"):
            device.oven.data(70_000)
    with oncilla.connect(tcp) as device:
        assert len(device.oven.data(70_000)) == 70_000


def test_one_more_connection_replaces_the_idle_one(oncilla_serve: Serve) -> None:
    server = oncilla_serve(SENSOR_X, Sensor(), connections=1)
    with server.connect() as first, server.connect() as second:
        assert second.sensor.rename(0, "a")
        with pytest.raises(oncilla.Disconnected):
            first.sensor.rename(0, "b")
    assert server.implementation.names == {0: "a"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "value"),
    [("listen", []), ("message_max", 1), ("connections", 0), ("suite", "light"), ("cert", "c.pem"), ("ca", "a.pem")],
)
def test_wrong_arguments_are_named(name: str, value: Any) -> None:
    with pytest.raises(oncilla.BadValue) as error:
        oncilla.Server(SENSOR_X, Sensor(), **{name: value})
    assert error.value.path == name


def test_an_address_in_use_is_an_error_of_its_own(oncilla_serve: Serve) -> None:
    server = oncilla_serve(SENSOR_X, Sensor(), listen=["tcp://127.0.0.1:0", "udp://127.0.0.1:0"])
    for target in server.targets:
        with pytest.raises(oncilla.AddressInUse) as error:
            oncilla.Server(SENSOR_X, Sensor(), listen=target)
        assert error.value.errno == errno.EADDRINUSE and isinstance(error.value, (oncilla.BadValue, OSError))
    with pytest.raises(oncilla.BadValue) as other:
        oncilla.Server(SENSOR_X, Sensor(), listen="tcp://192.0.2.1:1")
    assert not isinstance(other.value, oncilla.AddressInUse)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_stop_ends_what_a_child_process_has_too() -> None:
    # A child, as multiprocessing makes one, has copies of all sockets, and a child before its exec has them for a moment.
    program = f"""
import os, oncilla_rpc as oncilla
class Sensor:
    def read(self, channel):
        return {{"STATUS_OK": {{"time": channel, "value": 0}}}}
server = oncilla.Server({str(SENSOR_X)!r}, Sensor())
device = oncilla.connect(server.target)
assert device.sensor.read(0).case == 0
wait, end = os.pipe()
child = os.fork()
if child == 0:
    os.close(end)
    os.read(wait, 1)
    os._exit(0)
target = server.target
server.stop()
try:
    device.sensor.read(0)
    raise SystemExit("the connection has not ended")
except oncilla.Disconnected:
    pass
with oncilla.Server({str(SENSOR_X)!r}, Sensor(), listen=target):
    assert device.sensor.read(5).latest.time == 5
os.close(end)
assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_device_keeps_its_server(oven_x: pathlib.Path) -> None:
    read = oncilla.Server(SENSOR_X, Sensor()).connect().sensor.read
    gc.collect()
    assert read(0).case == 0


def test_a_forgotten_server_stops() -> None:
    server = oncilla.Server(SENSOR_X, Sensor())
    target, thread = server.target, server._thread
    del server
    gc.collect()
    thread.join(60)
    assert not thread.is_alive()
    with pytest.raises(oncilla.NotConnected):
        oncilla.connect(target)


def test_a_stop_gives_up_a_method_that_does_not_end(oncilla_serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    called, release = threading.Event(), threading.Event()

    class Stuck(Sensor):
        def history(self, channel: int) -> Any:
            called.set()
            release.wait(600)
            return []

    server = oncilla_serve(SENSOR_X, Stuck())
    with server.connect(timeout=600) as device:
        with device.sensor.in_flight() as calls:
            lost = calls.history(0)
            assert called.wait(60)
            assert server.stop(timeout=0.1) is False
            assert isinstance(lost.exception(), (oncilla.Refused, oncilla.Disconnected))
    assert "a method still runs" in caplog.text
    release.set()
    server._thread.join(60)
    assert not server._thread.is_alive()


def test_a_stop_waits_for_the_method_that_runs(oncilla_serve: Serve) -> None:
    called = threading.Event()

    class Slow(Sensor):
        def rename(self, channel: int, name: str) -> bool:
            called.set()
            threading.Event().wait(0.3)
            return super().rename(channel, name)

    server = oncilla_serve(SENSOR_X, Slow())
    with server.connect() as device, device.sensor.in_flight() as calls:
        renamed = calls.rename(0, "hall")
        assert called.wait(60)
        assert server.stop(timeout=60) is True
        assert renamed.result() is True


def test_a_method_may_stop_its_server(oncilla_serve: Serve) -> None:
    class Ending(Sensor):
        def rename(self, channel: int, name: str) -> bool:
            server.stop()
            return True

    server = oncilla_serve(SENSOR_X, Ending())
    with server.connect() as device:
        assert device.sensor.rename(0, "end") is True
    server._thread.join(60)
    assert server.stopped and not server._thread.is_alive()


@pytest.mark.parametrize("body", ["while True: pass", "while True: time.sleep(0.001)", "time.sleep(3600)"])
def test_a_method_that_runs_does_not_keep_the_program(body: str) -> None:
    program = f"""
import sys, threading, time
import oncilla_rpc
called = threading.Event()
class Stuck:
    def history(self, channel):
        called.set()
        {body}
device = oncilla_rpc.Server(sys.argv[1], Stuck()).connect(timeout=600)
device.sensor.history.start(0)
called.wait()
"""
    done = subprocess.run([sys.executable, "-c", program, str(SENSOR_X)], timeout=120)
    assert done.returncode == 0


def test_system_exit_of_a_method_is_a_refusal(oncilla_serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    class Exiting(Sensor):
        def read(self, channel: int) -> Any:
            sys.exit(1)

    with oncilla_serve(SENSOR_X, Exiting()).connect() as device:
        with pytest.raises(oncilla.Refused, match="SYSTEM_ERR"):
            device.sensor.read(0)
        assert device.sensor.rename(0, "a")


def test_a_name_like_that_of_a_procedure_is_logged(oncilla_serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    class Misspelt:
        def raed(self, channel: int) -> Any: ...
        def history(self, channel: int) -> Any: ...
        def calibrate(self) -> None: ...

    oncilla_serve(SENSOR_X, Misspelt())
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == ["Misspelt.raed is no procedure of the interface; sensor.read is, and has no method"]


def test_what_is_no_method_is_an_error() -> None:
    class Wrong(Sensor):
        read = 7  # type: ignore[assignment]

    with pytest.raises(oncilla.BadValue, match="Wrong.read is no method"):
        oncilla.Server(SENSOR_X, Wrong())


def test_the_text_of_a_refusal_is_logged(oncilla_serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    class Busy(Sensor):
        def read(self, channel: int) -> Any:
            raise oncilla.Refused("the heater is busy")

    with caplog.at_level(logging.INFO), oncilla_serve(SENSOR_X, Busy()).connect() as device:
        with pytest.raises(oncilla.Refused, match="SYSTEM_ERR"):
            device.sensor.read(0)
    assert "sensor.read refuses a call with SYSTEM_ERR: the heater is busy" in caplog.text


def test_an_unknown_refusal_is_an_error() -> None:
    with pytest.raises(ValueError, match="BUSY"):
        oncilla.Refused("the heater is busy", detail="BUSY")


def test_each_version_may_have_an_object(oncilla_serve: Serve, oven_x: pathlib.Path) -> None:
    class First:
        def read(self, zone: int) -> int:
            return 1

    class Second(First):
        def read(self, zone: int) -> int:
            return 2

    with oncilla_serve(oven_x, {1: First(), 2: Second()}).connect() as device:
        assert (device.oven_1.read(0), device.oven_2.read(0), device.oven.read(0)) == (1, 2, 2)
    with oncilla_serve(oven_x, {1: First()}).connect() as device:
        assert device.oven_1.read(0) == 1
        with pytest.raises(oncilla.Refused, match="PROC_UNAVAIL"):
            device.oven_2.read(0)
    with pytest.raises(oncilla.BadValue, match="no version 3"):
        oncilla.Server(oven_x, {3: First()})


def certificate(folder: pathlib.Path) -> Any:
    files = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-addext", "basicConstraints=critical,CA:FALSE", "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)
    return files


def test_tls_serves(oncilla_serve: Serve, tmp_path: pathlib.Path) -> None:
    cert, key = certificate(tmp_path)
    server = oncilla_serve(SENSOR_X, Sensor(), cert=cert, cert_key=key)
    assert server.target.startswith("tcp+tls://")
    with server.connect(ca=cert) as device:
        assert device.sensor.rename(0, "a")
    with pytest.raises(oncilla.Error):
        oncilla.connect(server.target.replace("tcp+tls", "tcp"), timeout=5).sensor
    with pytest.raises(oncilla.BadValue, match="inside TLS"):
        oncilla.Server(SENSOR_X, Sensor(), listen="udp://127.0.0.1:0", cert=cert, cert_key=key)


@pytest.mark.parametrize("suite", ["light", "forward-secret"])
def test_the_suite_of_keys_is_chosen(oncilla_serve: Serve, tmp_path: pathlib.Path, suite: str) -> None:
    key = tmp_path / "link.key"
    key.write_text("1 a46f6459b0e3f7afc2b92525394ada67\n")
    key.chmod(0o600)
    server = oncilla_serve(SENSOR_X, Sensor(), key=key, suite=suite)
    with server.connect() as device:
        assert device.sensor.rename(0, "a")


def test_names_are_found_in_any_spelling(oncilla_serve: Serve, tmp_path: pathlib.Path) -> None:
    class Odd:
        def close(self, number: int) -> int:
            return number

        def class_(self, number: int) -> int:
            return number + 1

        def get(self, lower: Any) -> Any:
            return {"y": lower.x}

    path = tmp_path / "odd.x"
    path.write_text(
        "struct point { int x; }; struct Point { int y; };"
        "program LAMBDA { version LAMBDA_1 { int CLOSE(int) = 1; int CLASS(int) = 2; Point GET(point) = 3; } = 1; } = 0x20000124;"
    )
    interface = oncilla.Interface.read(path)
    server = oncilla_serve(interface, Odd())
    with oncilla.connect(server.target, interface=interface) as device:
        assert device["lambda"]["close"](3) == device["LAMBDA"]["CLOSE"](3) == device.lambda_.close(3) == 3
        assert device.lambda_["class"](3) == device.lambda_["CLASS"](3) == device.lambda_.class_(3) == 4
        types = device.types
        assert device.lambda_.get(types.point(x=7)) == types.Point(y=7)
        assert not hasattr(device, "oven") and getattr(device.lambda_, "oven", None) is None
