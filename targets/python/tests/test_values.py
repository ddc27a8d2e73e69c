"""Values: what Python objects become on the wire and back, through a server that returns the bytes it got."""

from __future__ import annotations

import collections
import enum
import math
import pathlib
import struct
from typing import Any, Iterator

import pytest
from echo import Server, accepted

import oncilla_rpc as oncilla

INTERFACE = """
enum status { STATUS_OK = 0, STATUS_BROKEN = 7 /* The sensor. */ };
struct position { int x; int y; };
/* What was measured. */
struct reading { string place<16>; int millidegrees; status state; position at; opaque raw<8>; double from; position *maybe; };
union outcome switch (status selector) { case STATUS_OK: reading reading; case STATUS_BROKEN: string why<32>; default: void; };
union by_number switch (unsigned int n) { case 1: int one; case 7: void; default: string other<8>; };
union by_bool switch (bool is) { case TRUE: hyper yes; case FALSE: void; };
struct node { int number; node *next; };
typedef node *nodes;
typedef int five[5];
typedef opaque fixed[4];
program ECHO_PROGRAM { version ECHO_1 {
    int ECHO_INT(int value) = 1; /* Returns the number. */
    unsigned hyper ECHO_HYPER(unsigned hyper value) = 2;
    reading ECHO_READING(reading value) = 3;
    outcome ECHO_OUTCOME(outcome value) = 4;
    nodes ECHO_NODES(nodes value) = 5;
    five ECHO_FIVE(five value) = 6;
    fixed ECHO_FIXED(fixed value) = 7;
    string ECHO_STRING(string value<16>) = 8;
    double ECHO_DOUBLE(double value) = 9;
    float ECHO_FLOAT(float value) = 10;
    bool ECHO_BOOL(bool value) = 11;
    status ECHO_STATUS(status value) = 12;
    by_number ECHO_BY_NUMBER(by_number value) = 13;
    by_bool ECHO_BY_BOOL(by_bool value) = 14;
    position ECHO_TWO(int x, int y) = 15;
    void ECHO_NOTHING(void) = 16;
    int ECHO_CLASS(int class, int timeout) = 17;
} = 1; } = 0x20000099;
"""


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[oncilla.Device]:
    file = pathlib.Path(tmp_path_factory.mktemp("values")) / "echo.x"
    file.write_text(INTERFACE)
    with Server() as server, oncilla.connect(server.target, interface=file) as device:
        yield device


def reading(device: oncilla.Device, **changes: Any) -> Any:
    types = device.types
    fields = dict(place="hall", millidegrees=-21500, state=types.Status.STATUS_OK, at=types.Position(1, -2), raw=b"\0\xff")
    return types.Reading(**{**fields, "from_": 1.5, "maybe": None, **changes})


def test_integers_are_exact_to_their_limits(device: oncilla.Device) -> None:
    for number in (-(2**31), -1, 0, 2**31 - 1):
        assert device.echo.int(number) == number
    assert device.echo.hyper(2**64 - 1) == 2**64 - 1
    for wrong in (2**31, -(2**31) - 1, 10**100, 1.5, "1", None, object()):
        with pytest.raises(oncilla.BadValue) as error:
            device.echo.int(wrong)
        assert error.value.path == "value"
    with pytest.raises(oncilla.BadValue, match="from 0 to 18446744073709551615"):
        device.echo.hyper(-1)


def test_floats_have_all_values(device: oncilla.Device) -> None:
    for number in (0.0, -0.0, 1.5, 1e300, math.inf, -math.inf, 3):
        assert device.echo.double(number) == number
    assert math.copysign(1, device.echo.double(-0.0)) == -1
    assert math.isnan(device.echo.double(math.nan)) and math.isnan(device.echo.float(math.nan))
    assert device.echo.float(0.1) == 0.1  # The shortest number that is the same float.
    with pytest.raises(oncilla.BadValue):
        device.echo.double("1.5")


def test_structs_are_dataclasses(device: oncilla.Device) -> None:
    value = reading(device)
    result = device.echo.reading(value)
    assert result == value and type(result) is type(value)
    assert isinstance(result.state, enum.IntEnum)
    assert issubclass(type(result), oncilla.Record)
    assert repr(result).startswith("Reading(place='hall', millidegrees=-21500, state=<Status.STATUS_OK: 0>, at=Position(x=1,")
    assert result.__doc__ == "What was measured."
    # A dict or a tuple is as good, by the names of Python or those of the file.
    plain = dict(place="hall", millidegrees=-21500, state="STATUS_OK", at=(1, -2), raw=bytearray(b"\0\xff"))
    assert device.echo.reading({**plain, "from_": 1.5}) == value
    assert device.echo.reading(collections.OrderedDict(plain, **{"from": 1.5, "maybe": None})) == value
    assert device.echo.reading(reading(device, maybe=(3, 4))).maybe == device.types.Position(3, 4)


def test_the_path_leads_to_the_value(device: oncilla.Device) -> None:
    def path(value: Any) -> str:
        with pytest.raises(oncilla.BadValue) as error:
            device.echo.reading(value)
        return error.value.path

    assert path(reading(device, at=(1, "2"))) == "value.at.y"
    assert path(reading(device, place="x" * 17)) == "value.place"
    assert path(reading(device, raw="text")) == "value.raw"
    assert path(reading(device, state=5)) == "value.state"
    assert path(reading(device, state="STATUS_OKAY")) == "value.state"
    assert path({"place": "hall"}) == "value"
    assert path({**reading(device).asdict(), "colour": 1}) == "value"
    with pytest.raises(oncilla.BadValue, match=r"`value\[1\].number`"):
        device.echo.nodes([{"number": 1}, {"number": None}])


def test_enums_are_int_enums(device: oncilla.Device) -> None:
    status = device.types.Status
    for value in (status.STATUS_BROKEN, 7, "STATUS_BROKEN"):
        assert device.echo.status(value) is status.STATUS_BROKEN
    assert "The sensor." in status.__doc__


def test_unions_have_a_case_and_a_value(device: oncilla.Device) -> None:
    types = device.types
    value = reading(device)
    for sent in (types.Outcome(types.Status.STATUS_OK, value), (0, value), {"STATUS_OK": value}):
        result = device.echo.outcome(sent)
        assert result == types.Outcome(types.Status.STATUS_OK, value)
        assert result.reading is result.value
        with pytest.raises(AttributeError, match="STATUS_OK"):
            result.why
    assert device.echo.outcome(("STATUS_BROKEN", "wire")).why == "wire"
    # A number without a name selects the default arm, which is void here.
    assert device.echo.outcome((5, None)) == types.Outcome(5, None)
    with pytest.raises(oncilla.BadValue, match="the arm is void"):
        device.echo.outcome((5, "x"))
    assert device.echo.by_number((1, -3)).one == -3
    assert device.echo.by_number(7).case == 7
    assert device.echo.by_number((4000000000, "else")).other == "else"
    assert device.echo.by_bool((True, 2**40)).yes == 2**40
    assert device.echo.by_bool(False) == types.ByBool(False, None)


def test_lists_arrays_and_bytes(device: oncilla.Device) -> None:
    assert [node.number for node in device.echo.nodes([{"number": 1}, (2,)])] == [1, 2]
    assert device.echo.nodes() == [] and device.echo.nodes(iter([])) == []
    assert device.echo.five(range(5)) == [0, 1, 2, 3, 4]
    with pytest.raises(oncilla.BadValue, match="expected 5 elements, found 4"):
        device.echo.five([1, 2, 3, 4])
    for value in (b"\0\1\2\xff", bytearray(b"\0\1\2\xff"), memoryview(b"\0\1\2\xff")):
        assert device.echo.fixed(value) == b"\0\1\2\xff"
    for wrong in (b"\0", "\0\1\2\3", [0, 1, 2, 3]):
        with pytest.raises(oncilla.BadValue):
            device.echo.fixed(wrong)
    assert device.echo.string("käse") == "käse"
    # Not UTF-8, as C programs send it: the text is encoded to the same bytes.
    assert device.echo.string(b"caf\xe9") == device.echo.string("caf\udce9") == "caf\udce9"
    with pytest.raises(oncilla.BadValue):
        device.echo.string("\ud800")


def test_arguments_are_taken_by_position_and_by_name(device: oncilla.Device) -> None:
    position = device.types.Position
    assert device.echo.two(1, 2) == device.echo.two(y=2, x=1) == device.echo.two(1, y=2) == position(1, 2)
    for wrong in ((1,), (1, 2, 3)):
        with pytest.raises(oncilla.BadValue):
            device.echo.two(*wrong)
    with pytest.raises(oncilla.BadValue, match="`z`"):
        device.echo.two(1, 2, z=3)
    with pytest.raises(oncilla.BadValue, match="by position and by name"):
        device.echo.two(1, 2, x=1)
    assert device.echo.nothing() is None


def test_an_argument_may_have_the_name_of_an_option_or_a_keyword(device: oncilla.Device) -> None:
    with pytest.raises(oncilla.BadReply):  # The server returns two numbers.
        device.echo["class"](class_=1, timeout=2)
    procedure = device.echo.class_.with_options(timeout=1.0, retries=0)
    assert "(class_: int, timeout: int)" in repr(procedure)


def test_values_that_raise_and_values_without_end(device: oncilla.Device) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise RuntimeError("no more")

    with pytest.raises(oncilla.BadValue) as error:
        device.echo.five(broken())
    assert error.value.path == "value[1]" and isinstance(error.value.__cause__, RuntimeError)
    endless: Any = []
    endless.append(endless)
    with pytest.raises(oncilla.BadValue):
        device.echo.nodes(endless)

    def stop() -> Iterator[int]:
        raise KeyboardInterrupt
        yield 1

    with pytest.raises(KeyboardInterrupt):
        device.echo.five(stop())


def test_a_reply_that_does_not_fit_is_no_crash(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "echo.x"
    file.write_text(INTERFACE)
    replies = [b"", b"\xff" * 3, b"\xff" * 400, struct.pack(">I", 0xFFFF_FFFF) + b"x" * 60]
    for results in replies:
        with Server(lambda call, procedure: accepted(call, results)) as server:
            with oncilla.connect(server.target, interface=file) as device:
                for name in ("reading", "outcome", "nodes", "string", "bool", "status", "by_bool"):
                    with pytest.raises(oncilla.BadReply):
                        device.echo[name](*[_any(name, device)])


def _any(name: str, device: oncilla.Device) -> Any:
    given = {"reading": reading(device), "outcome": (5, None), "nodes": [], "string": "", "bool": True}
    return {**given, "status": 0, "by_bool": False}[name]


def test_rows_are_flat(device: oncilla.Device) -> None:
    results = [device.echo.reading(reading(device, millidegrees=number)) for number in range(3)]
    rows = oncilla.rows(results)
    assert [row["millidegrees"] for row in rows] == [0, 1, 2]
    assert rows[0]["at.x"] == 1 and rows[0]["state"] == "STATUS_OK"
    assert results[0].asdict()["at"] == {"x": 1, "y": -2}
    assert oncilla.rows([5]) == [{"value": 5}]
    assert oncilla.rows([device.echo.outcome((7, "wire"))]) == [{"case": "STATUS_BROKEN", "why": "wire"}]


def test_names_are_found_and_unknown_ones_have_help(device: oncilla.Device) -> None:
    assert device.echo is device.echo and device.echo.int.__name__ == "int"
    assert device["echo_program"].number == device.echo_1.number == 0x2000_0099
    assert {"int", "reading", "class_"} <= set(dir(device.echo)) and "echo" in dir(device)
    assert not hasattr(device.echo, "red") and not hasattr(device, "eco")
    with pytest.raises(oncilla.UnknownName, match="'reading'"):
        device.echo.readin
    with pytest.raises(oncilla.UnknownName, match="'Reading'"):
        device.types.Readin


def test_an_interface_that_cannot_be_read_has_no_attributes() -> None:
    with Server() as server, oncilla.connect(server.target) as device:
        # The bytes of its call are no interface.
        assert not hasattr(device, "oven") and not hasattr(device, "types")
        with pytest.raises(oncilla.BadInterface):
            device.oven


def test_help_shows_the_declaration_and_the_comments(device: oncilla.Device) -> None:
    import inspect
    import pydoc

    text = pydoc.render_doc(device.echo.int, renderer=pydoc.TextDoc())
    assert "int(value: int) -> int" in text and "Returns the number." in text
    assert str(inspect.signature(device.echo.two)) in ("(x: 'int', y: 'int') -> 'Position'", "(x: int, y: int) -> Position")
    assert repr(device.echo.two) == "<procedure echo_program.two(x: int, y: int) -> Position>"
