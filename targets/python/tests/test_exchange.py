"""Values of one device as arguments of another, and what they are in other processes."""

from __future__ import annotations

import collections
import copy
import dataclasses
import importlib.util
import itertools
import math
import os
import pathlib
import pickle
import subprocess
import sys
from typing import Any, Iterator

import pytest
from echo import Server

import oncilla_rpc as oncilla

METHODS_X = pathlib.Path(os.environ["ONCILLA_ROOT"]) / "targets/rpcgen/tests/accepted/methods_of_classes.x"
POINTS = """
struct point { int x; int y; };
struct size { int x; int y; };
enum state { STATE_OFF = 0, STATE_ON = 1, STATE_BROKEN = 2 };
union outcome switch (state state) { case STATE_OFF: void; case STATE_ON: point where; default: string why<32>; };
typedef int numbers<4>;
typedef int many<>;
program PLACES { version PLACES_1 {
    point ECHO(point value) = 1;
    outcome ECHO_OUTCOME(outcome value) = 2;
    numbers ECHO_NUMBERS(numbers value) = 3;
    many ECHO_MANY(many value) = 4;
    %s
} = 1; } = 0x20000097;
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[oncilla.Device]:
    file = pathlib.Path(tmp_path_factory.mktemp("places")) / "places.x"
    file.write_text(POINTS % "")
    with Server() as server, oncilla.connect(server.target, interface=file, timeout=60) as device:
        yield device


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[oncilla.Device]:
    """A device with a comment at each type, so that its classes are others."""
    file = pathlib.Path(tmp_path_factory.mktemp("others")) / "places.x"
    file.write_text((POINTS % "void MORE(void) = 9;").replace("struct", "/* One. */ struct").replace("union", "/* A. */ union"))
    with Server() as server, oncilla.connect(server.target, interface=file, timeout=60) as device:
        yield device


def test_one_interface_has_one_set_of_classes(places: oncilla.Device, tmp_path: pathlib.Path) -> None:
    (tmp_path / "again.x").write_text(POINTS % "")
    with oncilla.connect(places.target, interface=tmp_path / "again.x") as again:
        assert again.types.Point is places.types.Point
        assert again.places.echo(places.places.echo((1, 2))) == places.types.Point(1, 2)


def test_values_of_another_device_are_arguments_and_are_equal(places: oncilla.Device, others: oncilla.Device) -> None:
    assert others.types.Point is not places.types.Point
    point, outcome = places.places.echo((1, 2)), places.places.echo_outcome(("STATE_ON", (3, 4)))
    assert others.places.echo(point) == point and others.places.echo(point) != places.types.Point(1, 3)
    assert others.places.echo_outcome(outcome) == outcome
    # The same fields in a struct of another name are another type.
    assert places.types.Size(1, 2) != point
    with pytest.raises(oncilla.BadValue, match="expected Point"):
        places.places.echo(places.types.Size(1, 2))
    with pytest.raises(oncilla.BadValue, match="expected Outcome"):
        places.places.echo_outcome(point)


def test_dataclasses_and_named_tuples_are_taken_by_names(places: oncilla.Device) -> None:
    @dataclasses.dataclass
    class Mine:
        y: int
        x: int

    assert places.places.echo(Mine(y=2, x=1)) == places.types.Point(1, 2)
    turned = collections.namedtuple("turned", "y x")
    assert places.places.echo(turned(y=2, x=1)) == places.types.Point(1, 2)
    with pytest.raises(oncilla.BadValue):
        places.places.echo(collections.namedtuple("other", "a b")(1, 2))


def test_a_void_case_has_no_value_beside_a_default_arm(places: oncilla.Device) -> None:
    off = places.places.echo_outcome("STATE_OFF")
    with pytest.raises(AttributeError, match="STATE_OFF"):
        off.why
    assert off.asdict() == {"case": "STATE_OFF"} and oncilla.rows([off]) == [{"case": "STATE_OFF"}]
    assert places.places.echo_outcome(("STATE_BROKEN", "wire")).why == "wire"


def test_a_union_is_taken_back_from_its_dict(places: oncilla.Device) -> None:
    echo, types = places.places.echo_outcome, places.types
    for value in (("STATE_OFF", None), ("STATE_ON", types.Point(1, 2)), ("STATE_BROKEN", "wire")):
        result = echo(value)
        assert echo(result.asdict()) == result
    broken = types.Outcome(types.State.STATE_BROKEN, "wire")
    assert "why" in dir(broken) and "why" not in dir(types.Outcome(types.State.STATE_OFF, None))
    for given in ({"case": "STATE_BROKEN", "value": "wire"}, {"case": types.State.STATE_BROKEN, "why": "wire"}, {"STATE_BROKEN": "wire"}):
        assert echo(given) == broken
    with pytest.raises(oncilla.BadValue, match="`why` or `value` of the case STATE_BROKEN, found `where`"):
        echo({"case": "STATE_BROKEN", "where": "wire"})
    with pytest.raises(oncilla.BadValue, match="STATE_OFF is void, found `why`"):
        echo({"case": "STATE_OFF", "why": "wire"})
    with pytest.raises(oncilla.BadValue, match="STATE_BROKEN, STATE_OFF, STATE_ON"):
        echo({"case": "STATE_BRKEN", "value": "wire"})


def test_results_are_pickled_and_copied(places: oncilla.Device, tmp_path: pathlib.Path) -> None:
    results = [places.places.echo((1, 2)), places.places.echo_outcome(("STATE_ON", (3, 4))), places.types.State.STATE_ON]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(results, protocol)) == results
    again = copy.deepcopy(results)
    assert again == results and again[0] is not results[0] and type(again[0]) is type(results[0])
    # Another process has no device, and makes the classes.
    program = "import pickle, sys; v = pickle.load(sys.stdin.buffer); print(v); sys.stdout.flush(); pickle.dump(v, open(sys.argv[1], 'wb'))"
    file = tmp_path / "results"
    ran = subprocess.run([sys.executable, "-c", program, str(file)], input=pickle.dumps(results), capture_output=True, check=True, timeout=60)
    assert ran.stdout.decode().strip() == str(results)
    returned = pickle.loads(file.read_bytes())
    assert returned == results and type(returned[0]) is type(results[0]) and places.places.echo(returned[0]) == results[0]


def test_an_endless_iterator_is_read_no_further_than_the_bound(places: oncilla.Device, tmp_path: pathlib.Path) -> None:
    (tmp_path / "small.x").write_text(POINTS % "")
    numbers = itertools.count()
    with pytest.raises(oncilla.BadValue, match="at most 4 elements"):
        places.places.echo_numbers(numbers)
    assert next(numbers) <= 5
    with pytest.raises(oncilla.BadValue, match="at most 4 elements, found 1000000"):
        places.places.echo_numbers(range(10**6))
    with oncilla.connect(places.target, interface=tmp_path / "small.x", message_max=4096) as small:
        numbers = itertools.count()
        with pytest.raises(oncilla.BadValue, match="message_max"):
            small.places.echo_many(numbers)
        assert next(numbers) <= 1025


class Raising:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __index__(self) -> int:
        raise self.error


def test_only_exceptions_of_a_value_are_bad_values(places: oncilla.Device) -> None:
    with pytest.raises(KeyboardInterrupt):
        places.places.echo((Raising(KeyboardInterrupt()), 1))
    with pytest.raises(oncilla.BadValue) as error:
        places.places.echo((Raising(RuntimeError("no number")), 1))
    assert isinstance(error.value.__cause__, RuntimeError)


def test_a_large_reply_is_read_and_the_limit_is_named(places: oncilla.Device, tmp_path: pathlib.Path) -> None:
    count = 250_000
    assert len(places.places.echo_many([7] * count)) == count
    class Large:
        def get(self, size: int) -> bytes:
            return bytes(size)

    file = tmp_path / "large.x"
    file.write_text("typedef opaque all<>; program LARGE { version LARGE_1 { all GET(int) = 1; } = 1; } = 0x20000073;")
    with oncilla.Server(file, Large()) as server, server.connect(message_max=4096) as device:
        assert len(device.large.get(4000)) == 4000
        with pytest.raises(oncilla.Error, match="message_max"):
            device.large.get(5000)


def test_the_results_of_a_method_are_read_no_further_than_a_reply_has_room(tmp_path: pathlib.Path) -> None:
    numbers = itertools.count()

    class Endless:
        def get(self) -> object:
            return numbers

    file = tmp_path / "endless.x"
    file.write_text("typedef int all<>; program ENDLESS { version ENDLESS_1 { all GET(void) = 1; } = 1; } = 0x20000074;")
    with oncilla.Server(file, Endless(), message_max=4096) as server, server.connect() as device:
        with pytest.raises(oncilla.Refused):
            device.endless.get()
        assert next(numbers) <= 1025


@pytest.mark.parametrize("seconds", (math.nan, math.inf, 0, -1, "long"))
def test_a_time_to_find_is_a_number_above_zero(seconds: Any) -> None:
    with pytest.raises(oncilla.BadValue, match="`seconds`"):
        oncilla.find(program=0x20000051, seconds=seconds)


def test_settings_without_a_meaning_are_errors(places: oncilla.Device) -> None:
    for wrong in ({"ca": "none.pem"}, {"cert": "none.pem"}, {"cert_key": "none.pem"}, {"baud": 9600}):
        with pytest.raises(oncilla.BadValue, match=f"`{next(iter(wrong))}`") as error:
            oncilla.connect(places.target, **wrong)  # type: ignore[arg-type]
        assert error.value.path == next(iter(wrong))
    for setting in ("ca", "key"):
        target = places.target.replace("tcp:", "tcp+tls:") if setting == "ca" else places.target
        with pytest.raises(oncilla.Error, match="none.pem"):
            oncilla.connect(target, **{setting: "none.pem"})  # type: ignore[arg-type]


def test_an_interface_with_errors_is_one_class_of_errors(places: oncilla.Device, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "bad.x"
    file.write_text("struct point { none x; };")
    for read in (lambda: oncilla.Interface.read(file), lambda: oncilla.connect(places.target, interface=file), lambda: oncilla.Interface.parse(file.read_text())):
        with pytest.raises(oncilla.BadInterface):
            read()


def test_fields_with_the_names_of_methods_have_an_underscore() -> None:
    path = pathlib.Path(os.environ["ONCILLA_GENERATED"]) / "x_methods_of_classes.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    with Server() as server, oncilla.connect(server.target, interface=METHODS_X) as device:
        for client in (device.odd, module.Odd1(device)):
            stranger = client.stranger((1, 2, 3))
            assert stranger.asdict_ == 2 and stranger.asdict() == {"before": 1, "asdict_": 2, "after": 3}
            assert client.echo((1, 5)).asdict_ == 5 and client.echo((1, 5)).asdict() == {"case": 1, "asdict_": 5}
            assert client.echo((2, 6)).value == 6 and client.echo((4, 7))._get_ == 7
            with pytest.raises(AttributeError, match="3"):
                client.echo((3, None)).why
            assert client.echo((9, "x")).why == "x"
        # Values of the two kinds of classes are exchanged.
        assert device.odd.stranger(module.Stranger(1, 2, 3)) == module.Stranger(1, 2, 3)
