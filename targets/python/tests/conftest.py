"""What the tests call: servers of `cargo xtask test --only python`, which passes their targets, and servers in Python."""

from __future__ import annotations

import os
import pathlib
import subprocess
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest

import oncilla_rpc as oncilla

ROOT = pathlib.Path(os.environ["ONCILLA_ROOT"])
SENSOR_X = ROOT / "examples/sensor/sensor.x"
SUITE_X = ROOT / "tests/suite/suite.x"
CONSTRUCTS_X = ROOT / "tests/interop/constructs.x"


class Sensor:
    """The sensor of the examples."""

    def __init__(self) -> None:
        self.names: Dict[int, str] = {}
        self.calls: List[Tuple[Any, ...]] = []

    def read(self, channel: int) -> Any:
        self.calls.append(("read", channel))
        if channel > 1:
            return {"STATUS_NO_SUCH_CHANNEL": None}
        return {"STATUS_OK": {"time": 2**63 + channel, "value": -21500}}

    def history(self, channel: int) -> Any:
        return [(time, 1000 * time) for time in range(channel)]

    def rename(self, channel: int, name: str) -> bool:
        self.names[channel] = name
        return channel < 2


@pytest.fixture
def sensor(oncilla_serve: Callable[..., oncilla.Server]) -> oncilla.Server:
    return oncilla_serve(SENSOR_X, Sensor())


@pytest.fixture
def device(sensor: oncilla.Server) -> Iterator[oncilla.Device]:
    with sensor.connect() as device:
        yield device


@pytest.fixture
def c_server() -> Iterator[List[str]]:
    """The targets of a server that rpcgen and libtirpc made, on TCP and UDP."""
    with subprocess.Popen([os.environ["ONCILLA_C_SERVER"]], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        tcp, udp, *_ = process.stdout.readline().split()
        yield [f"tcp://127.0.0.1:{tcp}", f"udp://127.0.0.1:{udp}"]
        process.kill()
