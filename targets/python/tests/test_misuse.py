"""What a program can do wrong. Nothing crashes, and the device can be used afterwards."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from typing import Any, Callable, List

import pytest

import oncilla_rpc as oncilla
from conftest import SENSOR_X, Sensor

WRONG: List[Any] = [
    None, "1", b"1", 1.5, -1, 2**32, 2**64, -(2**200), 10**5000, float("nan"), float("inf"), [], {}, (), object(), int,
]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
def test_wrong_arguments_are_errors_before_the_call(device: oncilla.Device, sensor: oncilla.Server, value: Any) -> None:
    with pytest.raises((oncilla.BadValue, TypeError)):
        device.sensor.read(value)
    assert sensor.implementation.calls == []  # type: ignore[attr-defined]
    assert device.sensor.read(0).case == 0


@pytest.mark.parametrize("name", ["x" * 17, "\ud800", 7, None, ["a"], "é" * 9])
def test_wrong_texts_are_errors(device: oncilla.Device, name: Any) -> None:
    with pytest.raises((oncilla.BadValue, TypeError)):
        device.sensor.rename(0, name)
    assert device.sensor.rename(0, "é" * 8)


def test_wrong_counts_and_names_are_errors(device: oncilla.Device) -> None:
    for arguments, names in (((), {}), ((1, 2), {}), ((1,), {"channel": 1}), ((), {"chanel": 1})):
        with pytest.raises((oncilla.BadValue, TypeError)):
            device.sensor.read(*arguments, **names)
    with pytest.raises(AttributeError, match="read"):
        device.sensor.raed
    with pytest.raises(AttributeError, match="sensor"):
        device.sensro
    for wrong in (lambda: device[0], lambda: device.sensor[0]):  # type: ignore[index]
        with pytest.raises(TypeError, match="names are strings"):
            wrong()


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 1e300, "1", None])
def test_time_outs_are_checked(device: oncilla.Device, timeout: Any) -> None:
    if timeout is None:
        assert device.sensor.read(0, timeout=None).case == 0
    else:
        with pytest.raises(oncilla.BadValue, match="timeout"):
            device.sensor.read(0, timeout=timeout)


def test_a_closed_device_is_an_error(device: oncilla.Device) -> None:
    read = device.sensor.read
    device.close()
    device.close()
    with pytest.raises(oncilla.Closed):
        read(0)
    assert device.closed


def test_a_device_is_not_copied(device: oncilla.Device) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(device)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_cannot_use_the_connection_of_its_parent(sensor: oncilla.Server) -> None:
    # In a process of its own, which has no other threads.
    program = f"""
import os, oncilla_rpc as oncilla
device = oncilla.connect({sensor.target!r})
assert device.sensor.read(0).case == 0
child = os.fork()
if child == 0:
    code = 1
    try:
        device.sensor.read(0)
    except oncilla.Closed:
        code = 0
    del device
    os._exit(code)
assert os.waitpid(child, 0)[1] == 0
assert device.sensor.read(0).case == 0
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_threads_share_a_device(device: oncilla.Device) -> None:
    wrong: List[Any] = []

    def call(channel: int) -> None:
        for _ in range(50):
            reading = device.sensor.read(channel)
            if reading.latest.time != 2**63 + channel:
                wrong.append(reading)

    threads = [threading.Thread(target=call, args=(channel % 2,)) for channel in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_ctrl_c_ends_a_wait_and_the_device_lives(oncilla_serve: Callable[..., oncilla.Server]) -> None:
    called, release = threading.Event(), threading.Event()

    class Slow(Sensor):
        def history(self, channel: int) -> Any:
            called.set()
            release.wait(60)
            return []

    server = oncilla_serve(SENSOR_X, Slow())
    with server.connect(timeout=60) as device:

        def interrupt() -> None:
            called.wait(60)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            device.sensor.history(0)
        # The wait has ended before the method has: only now it may.
        assert not release.is_set()
        release.set()
        thread.join()
        assert device.sensor.read(0).case == 0


def test_memory_does_not_grow(sensor: oncilla.Server) -> None:
    """A short run of ``cargo xtask python --soak``."""
    import psutil

    process = psutil.Process()
    with sensor.connect() as device:
        read = device.sensor.read

        def calls(count: int) -> int:
            for number in range(count):
                read(number & 1)
            sensor.implementation.calls.clear()  # type: ignore[attr-defined]
            return int(process.memory_info().rss)

        calls(3000)
        before = calls(3000)
        after = calls(12000)
    # A leak of one value a call would be more.
    assert after - before < 2 << 20
