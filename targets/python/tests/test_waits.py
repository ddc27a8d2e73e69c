"""Waits: time-outs, Ctrl-C, threads, lost connections, closed devices, and processes that fork."""

from __future__ import annotations

import asyncio
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import Iterator, List, Optional

import pytest
from echo import Server, accepted, echo

import oncilla_rpc as oncilla

INTERFACE = """
program OVEN { version OVEN_1 { int OVEN_READ(int zone) = 1; int OVEN_WAIT(int zone) = 2; void OVEN_POKE(int zone) = 3; } = 1; } = 0x20000042;
"""

LONG = 600.0
"""Longer than a test: a call ends by what is tested, or the test does not end."""


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "oven.x"
    path.write_text(INTERFACE)
    return path


def silent(call: bytes, procedure: int) -> Optional[bytes]:
    """Answers ``read`` only."""
    return echo(call, procedure) if procedure == 1 else None


@pytest.fixture
def oven(file: pathlib.Path) -> Iterator[oncilla.Program]:
    with Server(silent) as server, oncilla.connect(server.target, interface=file) as device:
        yield device.oven


def interrupt(seconds: float) -> None:
    """Presses Ctrl-C later."""
    threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT)).start()


def test_a_call_times_out_and_the_next_one_works(oven: oncilla.Program) -> None:
    with pytest.raises(oncilla.TimedOut) as error:
        oven.wait(1, timeout=0.1)
    assert isinstance(error.value, TimeoutError) and error.value.help
    assert oven.read(5) == 5


def test_ctrl_c_ends_a_wait_and_the_next_call_works(oven: oncilla.Program) -> None:
    interrupt(0.2)
    with pytest.raises(KeyboardInterrupt):
        oven.wait(1, timeout=LONG)
    assert oven.read(5) == 5


def test_ctrl_c_on_datagrams_sends_nothing_more(file: pathlib.Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        with oncilla.connect(f"udp://127.0.0.1:{peer.getsockname()[1]}", interface=file) as device:
            oven = device.oven.wait.with_options(timeout=LONG, retries=0)
            interrupt(0.2)
            with pytest.raises(KeyboardInterrupt):
                oven(1)
            first, client = peer.recvfrom(100)

            def answer() -> None:
                second, _ = peer.recvfrom(100)
                # The late reply to the first call is dropped.
                peer.sendto(accepted(first, struct.pack(">i", 1)), client)
                peer.sendto(accepted(second, struct.pack(">i", 2)), client)

            answering = threading.Thread(target=answer)
            answering.start()
            assert oven(1) == 2
            answering.join()


def test_another_handler_of_a_signal_does_not_end_the_wait(oven: oncilla.Program) -> None:
    seen = []
    former = signal.signal(signal.SIGINT, lambda *_: seen.append(1))
    try:
        interrupt(0.1)
        with pytest.raises(oncilla.TimedOut):
            oven.wait(1, timeout=0.5)
    finally:
        signal.signal(signal.SIGINT, former)
    assert seen == [1]


def test_ctrl_c_ends_the_wait_for_a_turn_and_the_other_thread_goes_on(oven: oncilla.Program) -> None:
    ended = []

    def other() -> None:
        try:
            oven.wait(1, timeout=2)
        except oncilla.TimedOut:
            ended.append("timed out")

    thread = threading.Thread(target=other)
    thread.start()
    time.sleep(0.2)
    interrupt(0.2)
    with pytest.raises(KeyboardInterrupt):
        oven.read(1, timeout=LONG)
    thread.join()
    assert ended == ["timed out"]


def test_threads_share_a_device(oven: oncilla.Program) -> None:
    wrong: List[int] = []

    def work(start: int) -> None:
        wrong.extend(zone for zone in range(start, start + 100) if oven.read(zone) != zone)

    threads = [threading.Thread(target=work, args=(1000 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_interpreter_runs_while_a_call_waits(oven: oncilla.Program) -> None:
    count = 0
    ended = threading.Event()

    def call() -> None:
        with pytest.raises(oncilla.TimedOut):
            oven.wait(1, timeout=0.5)
        ended.set()

    threading.Thread(target=call).start()
    while not ended.is_set():
        count += 1
    assert count > 1000


def test_calls_in_flight_do_not_wait_for_each_other(oven: oncilla.Program) -> None:
    with oven.in_flight() as calls:
        lost = calls.wait(0, timeout=1)
        # More than there are slots.
        futures = [calls.read(zone) for zone in range(300)]
        assert [future.result() for future in futures] == list(range(300))
        assert oven.read(7) == 7
        with pytest.raises(oncilla.TimedOut):
            lost.result(timeout=0.01)
        assert not lost.done()
    assert lost.done() and isinstance(lost.exception(), oncilla.TimedOut)
    with pytest.raises(oncilla.TimedOut):
        lost.result()
    assert oven.read(8) == 8


def test_ctrl_c_leaves_calls_in_flight(oven: oncilla.Program) -> None:
    with oven.in_flight() as calls:
        lost = calls.wait(0, timeout=2)
        interrupt(0.2)
        with pytest.raises(KeyboardInterrupt):
            lost.result()
        assert not lost.done() and calls.read(3).result() == 3


def test_calls_for_await(oven: oncilla.Program, file: pathlib.Path) -> None:
    with Server() as server, oncilla.connect(server.target, interface=file) as device:

        async def main() -> None:
            assert await device.aio.oven.read(5) == 5
            results = await asyncio.gather(*[device.aio["oven"]["read"](zone) for zone in range(8)])
            assert results == list(range(8))

        asyncio.run(main())


def test_a_one_way_call_waits_for_nothing(file: pathlib.Path) -> None:
    with Server(silent) as server, oncilla.connect(server.target, interface=file) as device:
        device.oven.poke.cast(1)
        assert device.oven.read(1) == 1
        assert server.calls == [3, 1]


def test_a_lost_connection_is_made_again_by_the_next_call(file: pathlib.Path) -> None:
    with Server(silent) as server, oncilla.connect(server.target, interface=file) as device:
        threading.Timer(0.2, server.hang_up).start()
        with pytest.raises(oncilla.Disconnected) as error:
            device.oven.wait(1, timeout=LONG)
        assert isinstance(error.value, ConnectionError)
        assert device.oven.read(1) == 1
        with device.oven.in_flight() as calls:
            lost = calls.wait(1, timeout=LONG)
            threading.Timer(0.2, server.hang_up).start()
            with pytest.raises(oncilla.Disconnected):
                lost.result()
        assert device.oven.read(2) == 2
        server.close()
        with pytest.raises((oncilla.Disconnected, oncilla.NotConnected)):
            device.oven.read(3)
        with pytest.raises(oncilla.NotConnected):
            device.oven.read(3)


def test_a_refusal_has_its_name(file: pathlib.Path) -> None:
    def refuse(call: bytes, procedure: int) -> bytes:
        return call[:4] + struct.pack(">IIIII", 1, 0, 0, 0, 3)

    with Server(refuse) as server, oncilla.connect(server.target, interface=file) as device:
        with pytest.raises(oncilla.Refused) as error:
            device.oven.read(1)
        assert error.value.refusal == "PROC_UNAVAIL"


def test_a_closed_device_refuses_calls(oven: oncilla.Program, file: pathlib.Path) -> None:
    with Server() as server:
        device = oncilla.connect(server.target, interface=file)
        with device:
            read = device.oven.read
        assert device.closed
        for call in (lambda: read(1), lambda: read.cast(1), lambda: read.start(1), device.ping):
            with pytest.raises(oncilla.Closed):
                call()
        device.close()


def test_a_device_may_be_closed_during_a_call(file: pathlib.Path) -> None:
    with Server(silent) as server:
        device = oncilla.connect(server.target, interface=file)
        threading.Timer(0.1, device.close).start()
        with pytest.raises(oncilla.Closed, match="during the call"):
            device.oven.wait(1, timeout=LONG)
        with pytest.raises(oncilla.Closed):
            device.oven.read(1)


def test_calls_in_flight_of_a_closed_device_raise_closed(file: pathlib.Path) -> None:
    with Server(silent) as server:
        device = oncilla.connect(server.target, interface=file)
        with device.oven.in_flight() as calls:
            lost = calls.wait(1, timeout=LONG)
            waits = calls.wait(1, timeout=LONG)
            threading.Timer(0.1, device.close).start()
            for future in (waits, lost):
                with pytest.raises(oncilla.Closed):
                    future.result()


def test_cancelling_a_task_ends_its_call(file: pathlib.Path) -> None:
    with Server(silent) as server, oncilla.connect(server.target, interface=file) as device:

        async def main() -> None:
            aio = device.aio.oven
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(aio.wait(1, timeout=LONG), 0.2)
            # The call has ended, and makes room for the next one.
            assert await aio.read(5) == 5
            first, second = (asyncio.create_task(aio.wait(1, timeout=LONG)) for _ in range(2))
            await asyncio.sleep(0.1)
            second.cancel()
            first.cancel()
            assert await aio.read(6) == 6
            for task in (first, second):
                with pytest.raises(asyncio.CancelledError):
                    await task

        asyncio.run(main())
        # The second call was cancelled before it was sent.
        assert server.calls == [2, 1, 2, 1]
        assert device.oven.read(7) == 7


def test_ctrl_c_ends_an_await(file: pathlib.Path) -> None:
    with Server(silent) as server, oncilla.connect(server.target, interface=file) as device:

        async def main() -> None:
            await device.aio.oven.wait(1, timeout=LONG)

        interrupt(0.3)
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(main())
        assert device.oven.read(5) == 5


def test_calls_for_await_leave_the_executor_of_the_loop_free(file: pathlib.Path) -> None:
    with Server(silent) as server, oncilla.connect(server.target, interface=file) as device:

        async def main() -> None:
            loop = asyncio.get_running_loop()
            tasks = [loop.create_task(device.aio.oven.wait(1, timeout=LONG)) for _ in range(40)]
            await asyncio.sleep(0.1)
            assert await loop.run_in_executor(None, lambda: 7) == 7
            for task in tasks:
                task.cancel()

        asyncio.run(main())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_calls_in_flight_are_sent_without_a_wait(file: pathlib.Path) -> None:
    """Those that are kept back, to be sent together, are sent soon: a program may do something else meanwhile."""
    arrived, number = threading.Event(), 8

    def answer(call: bytes, procedure: int) -> Optional[bytes]:
        if len(server.calls) == number:
            arrived.set()
        return echo(call, procedure)

    with Server(answer) as server, oncilla.connect(server.target, interface=file) as device:
        calls = device.oven.in_flight()
        for round in range(2):
            futures = [calls.read(zone) for zone in range(number)]
            assert arrived.wait(60)
            assert [future.result() for future in futures] == list(range(number))
            arrived.clear()
            server.calls.clear()


def test_a_child_process_must_connect_itself(oven: oncilla.Program) -> None:
    assert oven.read(1) == 1
    child = os.fork()
    if child == 0:
        code = 1
        try:
            oven.read(2)
        except oncilla.Closed:
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert oven.read(3) == 3


def test_a_thread_that_waits_does_not_keep_the_program(file: pathlib.Path) -> None:
    program = """
import sys, threading, time
import oncilla_rpc
oven = oncilla_rpc.connect(sys.argv[1], interface=sys.argv[2]).oven
threading.Thread(target=lambda: oven.wait(1, timeout=600), daemon=True).start()
time.sleep(0.3)
"""
    with Server(silent) as server:
        done = subprocess.run([sys.executable, "-c", program, server.target, str(file)], timeout=60)
    assert done.returncode == 0


def test_wrong_settings_are_named(file: pathlib.Path) -> None:
    for setting, wrong in [("timeout", 0), ("timeout", "soon"), ("timeout", 1e300), ("baud", -1), ("framing", "slip"), ("user", 5)]:
        with pytest.raises(oncilla.BadValue) as error:
            oncilla.connect("tcp://127.0.0.1:1", interface=file, **{setting: wrong})  # type: ignore[arg-type]
        assert error.value.path == setting
    with pytest.raises(oncilla.BadValue, match="not a target"):
        oncilla.connect("oven")
    with pytest.raises(oncilla.BadInterface):
        oncilla.connect("tcp://127.0.0.1:1", interface=file.with_name("none.x"))
    with pytest.raises(oncilla.BadValue, match="belong to a key"):
        oncilla.connect("tcp://127.0.0.1:1", suite="light")
    with pytest.raises(oncilla.NotConnected):
        oncilla.connect("tcp://127.0.0.1:1", interface=file)
