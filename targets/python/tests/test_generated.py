"""The modules that ``oncilla-rpcgen --language python`` generates, with real devices."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pathlib
import subprocess
import sys
from types import ModuleType

import pytest

import oncilla_rpc as oncilla
from oncilla_rpc._native import generate
from conftest import SENSOR_X

FOLDER = pathlib.Path(os.environ["ONCILLA_GENERATED"])
MODULES = sorted(FOLDER.glob("x_*.py"))


def load(path: pathlib.Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_is_imported_and_its_interface_is_accepted(path: pathlib.Path) -> None:
    module = load(path)
    interface = oncilla.Interface.parse(module.INTERFACE, dict(module._TYPES))
    # Every class is the generated one. The other names of a type have its class.
    for name, cls in interface.classes().items():
        assert module._TYPES[name] is cls if name in module._TYPES else cls in module._TYPES.values(), name


def test_there_are_generated_modules() -> None:
    assert len(MODULES) > 70


def test_a_client_returns_the_generated_classes(device: oncilla.Device) -> None:
    sensor = load(FOLDER / "x_sensor.py")
    client = sensor.Sensor(device)
    reading = client.read(1, timeout=10)
    assert isinstance(reading, sensor.Reading) and isinstance(reading.latest, sensor.Sample)
    assert reading == sensor.Reading(sensor.Status.STATUS_OK, sensor.Sample(2**63 + 1, -21500))
    assert client.read(5).case is sensor.Status.STATUS_NO_SUCH_CHANNEL
    with pytest.raises(AttributeError, match="latest"):
        client.read(5).latest
    assert client.history(2) == [sensor.Sample(0, 0), sensor.Sample(1, 1000)]
    assert client.rename(0, name="hall")
    assert client.PROGRAM == 0x20000051 and client.VERSION == 1
    assert [reading.latest.time for reading in client["read"].map([0, 1])] == [2**63, 2**63 + 1]
    assert isinstance(client["read"].map([1])[0], sensor.Reading)
    # Both kinds of calls share the connection.
    assert device.sensor.read(1).latest.time == reading.latest.time


def test_the_package_generates_the_same_module(tmp_path: pathlib.Path) -> None:
    output = tmp_path / "sensor.py"
    command = [sys.executable, "-m", "oncilla_rpc.generate", str(SENSOR_X)]
    subprocess.run([*command, "-o", str(output)], check=True, timeout=60)
    printed = subprocess.run(command, check=True, timeout=60, stdout=subprocess.PIPE, encoding="utf-8").stdout
    assert printed == output.read_text("utf-8") == (FOLDER / "x_sensor.py").read_text("utf-8")
    wrong = tmp_path / "wrong.x"
    wrong.write_text("program P { version V { nothing GET(void) = 1; } = 1; } = 1;")
    for file, error in ((wrong, "nothing"), (tmp_path / "missing.x", "missing.x")):
        done = subprocess.run([*command[:-1], str(file)], timeout=60, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 1 and error in done.stderr and "Traceback" not in done.stderr


def test_a_client_has_calls_in_flight_and_await_with_the_generated_classes(device: oncilla.Device) -> None:
    sensor = load(FOLDER / "x_sensor.py")
    client = sensor.Sensor(device)
    with client.in_flight() as calls:
        futures = [calls.read(channel) for channel in range(2)]
    assert [future.result() for future in futures] == [client.read(channel) for channel in range(2)]
    assert isinstance(futures[0].result(), sensor.Reading)

    async def read() -> object:
        return await client.aio.read(1)

    assert asyncio.run(read()) == client.read(1)


def test_the_nodes_of_a_list_have_the_generated_class_by_whatever_name(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "tree.x"
    file.write_text(
        "typedef leaf *leaves; typedef leaf foliage;"
        "struct branch { leaves all; int number; };"
        "struct leaf { int size; leaf *next; };"
        "program TREE { version TREE_1 { leaves ALL(void) = 1; branch ONE(branch given) = 2; } = 1; } = 0x20000099;"
    )
    module = tmp_path / "tree.py"
    module.write_text(generate(file))
    tree = load(module)

    class Service:
        def all(self) -> object:
            return [(1,), {"size": 2}]

        def one(self, given: object) -> object:
            return given

    with oncilla.Server(file, Service()) as server, server.connect() as device:
        client = tree.Tree(device)
        assert client.all() == [tree.Leaf(1), tree.Leaf(2)]
        assert client.one(tree.Branch([tree.Leaf(3)], 4)) == tree.Branch([tree.Leaf(3)], 4)
        # Without a generated module there is one class, too.
        Leaf = device.types.Leaf
        assert [type(leaf) for leaf in device.tree.all()] == [Leaf, Leaf] and device.tree.all() == [Leaf(1), Leaf(2)]
        assert type(device.tree.one(([Leaf(5)], 6)).all[0]) is Leaf
