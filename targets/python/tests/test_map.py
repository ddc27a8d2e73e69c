"""Many calls by one call of Python: ``oven.read.map(range(1000))``."""

from __future__ import annotations

import asyncio
import itertools
import pathlib
import random
import socket
import struct
import threading
import time
from typing import Any, Iterator, List, Optional

import pytest
from echo import Server, accepted, echo
from test_waits import LONG, interrupt

import oncilla_rpc as oncilla

INTERFACE = """
struct span { int from; int to; };
program OVEN {
    version OVEN_1 {
        int OVEN_READ(int zone) = 1;
        int OVEN_WAIT(int zone) = 2;
        int OVEN_SUM(int a, int b) = 3;
        int OVEN_NOTHING(void) = 4;
        span OVEN_SPAN(span range) = 5;
        int OVEN_SLOW(int zone) = 6;
    } = 1;
} = 0x20000042;
"""


def answer(call: bytes, procedure: int) -> Optional[bytes]:
    if procedure == 2:
        return None
    if procedure == 6:
        time.sleep(0.3 if call[40:] == struct.pack(">i", 0) else 0)
        return echo(call, procedure)
    if procedure == 3:
        first, second = struct.unpack(">ii", call[40:])
        return accepted(call, struct.pack(">i", first + second))
    if procedure == 4:
        return accepted(call, struct.pack(">i", 7))
    if procedure == 1 and call[40:] == struct.pack(">i", -1):
        # PROC_UNAVAIL
        return call[:4] + struct.pack(">IIIII", 1, 0, 0, 0, 3)
    return echo(call, procedure)


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "oven.x"
    path.write_text(INTERFACE)
    return path


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(answer) as server:
        yield server


@pytest.fixture
def oven(server: Server, file: pathlib.Path) -> Iterator[oncilla.Program]:
    with oncilla.connect(server.target, interface=file) as device:
        yield device.oven


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 65, 1000])
def test_results_are_in_the_order_of_the_items(oven: oncilla.Program, count: int) -> None:
    assert oven.read.map(range(count)) == list(range(count))


@pytest.mark.parametrize("in_flight", [1, 2, 64])
def test_any_number_in_flight_and_any_iterable(oven: oncilla.Program, in_flight: int) -> None:
    assert oven.read.map((number * 2 for number in range(100)), in_flight=in_flight) == list(range(0, 200, 2))
    assert oven.read(5) == 5


def test_several_arguments_are_a_tuple_or_a_dict(oven: oncilla.Program) -> None:
    assert oven.sum.map([(1, 2), {"a": 3, "b": 4}]) == [3, 7]
    assert oven.nothing.map([()] * 3) == [7, 7, 7]
    # The only argument is a structure, which a tuple or a dict can be.
    assert [span.to for span in oven.span.map([(1, 2), {"from_": 3, "to": 4}])] == [2, 4]
    with pytest.raises(oncilla.BadValue, match="a tuple or a dict of 2 arguments") as error:
        oven.sum.map([(1, 2), 3])
    assert error.value.index == 1


def test_the_first_error_in_the_order_of_the_items_is_raised(oven: oncilla.Program, server: Server) -> None:
    with pytest.raises(oncilla.Refused) as error:
        oven.read.map([0, 1, -1, "x", 4])
    assert (error.value.index, error.value.refusal) == (2, "PROC_UNAVAIL")
    with pytest.raises(oncilla.BadValue) as wrong:
        oven.read.map([0, "x", -1])
    assert wrong.value.index == 1
    # What stands behind an item that does not fit is not called.
    assert server.calls.count(1) == 4
    assert oven.read(5) == 5


def test_errors_among_the_results(oven: oncilla.Program) -> None:
    results = oven.read.map([0, -1, "x", 3], return_exceptions=True)
    assert results[::3] == [0, 3]
    assert isinstance(results[1], oncilla.Refused) and isinstance(results[2], oncilla.BadValue)
    assert [result.index for result in results[1:3]] == [1, 2] and str(results[2]).startswith("item 2: ")


def test_a_lost_connection_is_the_error_of_the_calls_in_flight(oven: oncilla.Program, server: Server) -> None:
    def items() -> Iterator[int]:
        for number in range(300):
            if number == 150:
                server.hang_up()
            yield number

    results = oven.read.map(items(), return_exceptions=True)
    assert len(results) == 300 and results[-1] == 299
    lost = [number for number, result in enumerate(results) if result != number]
    assert lost and len(lost) <= 128
    assert all(isinstance(results[number], (oncilla.Disconnected, oncilla.NotConnected)) for number in lost)


def test_the_time_out_is_that_of_each_call(oven: oncilla.Program) -> None:
    results = oven.wait.with_options(timeout=0.2).map(range(3), return_exceptions=True)
    assert [type(result) for result in results] == [oncilla.TimedOut] * 3
    assert oven.read.map([1, 2]) == [1, 2]


def test_ctrl_c_ends_it_and_the_next_call_works(oven: oncilla.Program) -> None:
    interrupt(0.2)
    with pytest.raises(KeyboardInterrupt):
        oven.wait.with_options(timeout=LONG).map(range(1000))
    assert oven.read.map([1, 2]) == [1, 2]


@pytest.mark.parametrize("item", [1, -1, "x", {}], ids=["good", "refused", "wrong", "wrong, too"])
def test_ctrl_c_ends_an_endless_one(oven: oncilla.Program, item: object) -> None:
    interrupt(0.3)
    with pytest.raises(KeyboardInterrupt):
        # So many take seconds. A Ctrl-C that is lost fails the test, and does not fill the memory.
        oven.read.map(itertools.repeat(item, 1_000_000), return_exceptions=True)
    assert oven.read(5) == 5


class Interrupting:
    """An item during whose conversion Ctrl-C is pressed."""

    def __init__(self, error: type) -> None:
        self.error = error

    def __index__(self) -> int:
        raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_an_item_raises_that_is_no_exception_is_raised_at_once(
    oven: oncilla.Program, server: Server, error: type
) -> None:
    with pytest.raises(error) as raised:
        oven.wait.with_options(timeout=LONG).map([1, Interrupting(error), *range(100)], return_exceptions=True)
    assert not hasattr(raised.value, "index")
    assert server.calls == []


@pytest.mark.parametrize("in_flight", [2, 64])
@pytest.mark.parametrize("others", [["x"] * 199, list(range(1, 200))], ids=["wrong", "good"])
def test_a_first_call_that_is_slow_ends(oven: oncilla.Program, in_flight: int, others: List[object]) -> None:
    results = oven.slow.map([0, *others], in_flight=in_flight, return_exceptions=True)
    assert len(results) == 200 and results[0] == 0
    lost = oven.wait.with_options(timeout=0.3).map([0, *["x"] * 100], in_flight=in_flight, return_exceptions=True)
    assert isinstance(lost[0], oncilla.TimedOut) and len(lost) == 101


def test_lost_datagrams_are_sent_again(file: pathlib.Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(LONG)
        seen = set()

        def serve() -> None:
            while True:
                call, client = peer.recvfrom(100)
                number = struct.unpack(">i", call[40:])[0]
                if number == -2:
                    return
                # Every third is lost at first, the first one among them.
                if number % 3 or number in seen:
                    peer.sendto(echo(call, 1), client)
                seen.add(number)

        thread = threading.Thread(target=serve)
        thread.start()
        with oncilla.connect(f"udp://127.0.0.1:{peer.getsockname()[1]}", interface=file) as device:
            read = device.oven.read.with_options(timeout=10, retries=100)
            for in_flight in (1, 8, 64):
                seen.clear()
                assert read.map(range(65), in_flight=in_flight) == list(range(65))
            read.cast(-2)
        thread.join()


@pytest.mark.parametrize("in_flight", [1, 64])
def test_a_connection_that_is_lost_with_the_last_call_loses_no_results(
    oven: oncilla.Program, server: Server, in_flight: int
) -> None:
    def items() -> Iterator[int]:
        yield from range(63)
        server.hang_up()
        yield 63

    results = oven.read.map(items(), in_flight=in_flight, return_exceptions=True)
    assert len(results) == 64
    assert all(result == number or isinstance(result, oncilla.Error) for number, result in enumerate(results))
    server.hang_up()
    assert oven.read.map([]) == []
    with pytest.raises(oncilla.BadValue):
        oven.read.map(["x"])


def test_other_threads_have_turns_meanwhile(oven: oncilla.Program) -> None:
    def wait() -> None:
        ended.append([type(result) for result in oven.wait.with_options(timeout=2).map(range(4), return_exceptions=True)])

    ended: List[object] = []
    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.1)
    # Each call would wait for all of `map`, or for its time-out.
    assert [oven.read(number, timeout=1.5) for number in range(10)] == list(range(10))
    thread.join()
    assert ended == [[oncilla.TimedOut] * 4]


def test_a_call_of_another_thread_does_not_end_it(oven: oncilla.Program) -> None:
    def wait() -> None:
        with pytest.raises(oncilla.TimedOut):
            oven.wait(1, timeout=1.5)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.1)
    results = oven.read.with_options(timeout=0.5).map(range(50), return_exceptions=True)
    thread.join()
    # Those that were not sent in time have failed, and no others.
    assert len(results) == 50 and results[-1] == 49
    assert all(result == number or isinstance(result, oncilla.TimedOut) for number, result in enumerate(results))


def test_slow_items_are_sent_as_they_come_and_closing_ends_them(server: Server, file: pathlib.Path) -> None:
    device = oncilla.connect(server.target, interface=file)
    taken: List[int] = []

    def items() -> Iterator[int]:
        for number in itertools.count():
            time.sleep(0.05)
            taken.append(number)
            # The call before has been made.
            if number == 3:
                assert server.calls
            if number == 5:
                device.close()
            yield number

    with pytest.raises(oncilla.Closed):
        device.oven.read.map(items())
    assert len(taken) == 6


def test_what_the_items_raise_is_raised(oven: oncilla.Program) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        oven.read.map(items(), return_exceptions=True)
    with pytest.raises(TypeError):
        oven.read.map(5)
    wrong: List[Any] = [0, 65, -1, 2**70, "x", 1.5]
    for number in wrong:
        with pytest.raises(oncilla.BadValue, match="1 to 64"):
            oven.read.map([1], in_flight=number)
    assert oven.read(5) == 5


def test_items_may_call_the_device(oven: oncilla.Program) -> None:
    assert oven.read.map(oven.read(number) + 1 for number in range(200)) == list(range(1, 201))


def test_threads_share_a_device(oven: oncilla.Program) -> None:
    found: List[bool] = []

    def work(seed: int) -> None:
        numbers = [random.Random(seed).randrange(1 << 30) for _ in range(500)]
        found.append(oven.read.map(numbers, in_flight=seed) == numbers)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 7, 40, 64)]
    for thread in threads:
        thread.start()
    single = [oven.read(number) for number in range(50)]
    for thread in threads:
        thread.join()
    assert found == [True] * 4 and single == list(range(50))


def test_closing_the_device_ends_it(server: Server, file: pathlib.Path) -> None:
    device = oncilla.connect(server.target, interface=file)
    threading.Timer(0.2, device.close).start()
    with pytest.raises(oncilla.Closed):
        device.oven.wait.with_options(timeout=LONG).map(range(10), return_exceptions=True)
    start = time.monotonic()
    with pytest.raises(oncilla.Closed):
        device.oven.read.map(itertools.repeat(1), return_exceptions=True)
    assert time.monotonic() - start < LONG


def test_awaited(oven: oncilla.Program, server: Server, file: pathlib.Path) -> None:
    async def main() -> None:
        with oncilla.connect(server.target, interface=file) as device:
            assert await device.aio.oven.read.map(range(100)) == list(range(100))
            waiting = device.aio.oven.wait.map(range(10))
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(waiting, 0.2)
            assert await device.aio.oven.read.map([1], in_flight=1) == [1]
            waiting = device.aio.oven.wait.with_options(timeout=0.1).map([1], return_exceptions=True)
            assert [type(result) for result in await waiting] == [oncilla.TimedOut]

    asyncio.run(main())
