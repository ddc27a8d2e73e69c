"""Calls a second, and time of the processor for a call: ``calls.py TARGET COMMAND INTERFACE``.

Of the package, of the Rust client of the command `oncilla`, of python-vxi11's RPC in plain Python, and of a socket of
Python that sends the bytes of a call and receives those of the reply: no client in Python can be faster than that.

All call the same server, in turn and several times, and the figures are those of the best rounds. The last lines
compare them with the goals of the package.
"""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time
import warnings
from functools import partial
from itertools import repeat
from typing import Any, Callable, Dict, NamedTuple

import records

import oncilla_rpc as oncilla

ROUNDS = 5
CALLS = 5000
LISTS = 50
IN_FLIGHT = (8, 64)
PROGRAM, VERSION = 0x20000060, 1


class Figure(NamedTuple):
    """Calls a second, and microseconds of this process's processor for a call."""

    rate: float
    processor: float


def measure(call: Callable[[], Any], calls: int = CALLS) -> Figure:
    def several() -> None:
        for _ in range(calls):
            call()

    return measure_all(several, calls)


def measure_all(work: Callable[[], Any], calls: int) -> Figure:
    start, processor = time.perf_counter(), time.process_time()
    work()
    return Figure(calls / (time.perf_counter() - start), (time.process_time() - processor) * 1e6 / calls)


def rust(command: str, target: str, interface: str) -> Figure:
    words = [command, "--json", "-t", target, "-x", interface, "bench", "suite_1.nothing", "--count", str(CALLS)]
    printed = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Figure(float(json.loads(printed.splitlines()[-1])["calls_per_second"]), float("nan"))


def in_flight(procedures: Any, number: int) -> None:
    """Makes the calls in blocks of this number, which are in flight together."""
    for _ in range(CALLS // number):
        with procedures.in_flight() as calls:
            futures = [calls.nothing() for _ in range(number)]
        for future in futures:
            future.result()


def flying(procedures: Any, number: int) -> Figure:
    return measure_all(lambda: in_flight(procedures, number), CALLS // number * number)


def mapped(procedures: Any) -> None:
    procedures.nothing.map(repeat((), CALLS))


def raw(address: tuple[str, int]) -> Callable[[], None]:
    """Returns what sends the bytes of a null call, and receives those of its reply."""
    sock = socket.create_connection(address)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    call = struct.pack(">11I", 1 << 31 | 40, 7, 0, 2, PROGRAM, VERSION, 0, 0, 0, 0, 0)
    reply = struct.pack(">7I", 1 << 31 | 24, 7, 1, 0, 0, 0, 0)

    def exchange() -> None:
        sock.sendall(call)
        if sock.recv(4096) != reply:
            raise AssertionError("the reply came in pieces, or is another one")

    return exchange


def best(ways: Dict[str, Callable[[], Figure]]) -> Dict[str, Figure]:
    found: Dict[str, Figure] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            figure = way()
            found[name] = max(found.get(name, figure), figure)
    for name, figure in found.items():
        cost = "" if figure.processor != figure.processor else f", {figure.processor:.1f} µs of the processor a call"
        print(f"{name}: {figure.rate:.0f} calls a second{cost}")
    return found


def main(target: str, command: str, interface: str) -> None:
    with warnings.catch_warnings():
        # It imports xdrlib, which Python 3.13 no longer has.
        warnings.simplefilter("ignore")
        from vxi11 import rpc

    host, _, port = target.rpartition("//")[2].rpartition(":")

    def plain_client(program: int, port: int) -> Any:
        client = rpc.TCPClient(host, program, VERSION, port)
        # As its clients of VXI-11 do.
        client.packer, client.unpacker = rpc.Packer(), rpc.Unpacker(b"")
        return client

    plain = plain_client(PROGRAM, int(port))
    with oncilla.connect(target, interface=interface) as device, oncilla.connect(target, interface=interface) as other:
        nothing, link = device.suite_1.nothing, device._link
        found = best(
            {
                "oncilla_rpc": lambda: measure(nothing),
                "oncilla_rpc, procedure 0": lambda: measure(lambda: link.null(PROGRAM, VERSION)),
                **{
                    f"oncilla_rpc, {number} calls in flight": partial(flying, other.suite_1, number)
                    for number in IN_FLIGHT
                },
                "oncilla_rpc, map": lambda: measure_all(lambda: mapped(other.suite_1), CALLS),
                "python-vxi11, procedure 0": lambda: measure(plain.call_0),
                "a socket of Python": lambda: measure(raw((host, int(port)))),
                "Rust": lambda: rust(command, target, interface),
            }
        )
    with records.served() as address:
        plain = plain_client(records.PROGRAM, address.port)
        with oncilla.connect(address.target) as device:
            listing = device.records.list
            if records.listed(plain) != [(record.time, record.count, record.value, record.name) for record in listing()]:
                raise AssertionError("the two clients return different records")
            lists = best(
                {
                    f"oncilla_rpc, {records.COUNT} records": lambda: measure(listing, LISTS),
                    f"python-vxi11, {records.COUNT} records": lambda: measure(lambda: records.listed(plain), LISTS),
                }
            )
    ours, theirs, plain_socket = (
        found[name] for name in ("oncilla_rpc, procedure 0", "python-vxi11, procedure 0", "a socket of Python")
    )
    our_lists, their_lists = lists.values()
    compare("calls a second, of Rust", found["oncilla_rpc"].rate / found["Rust"].rate, 0.5)
    print(f"null calls a second, one after another, of python-vxi11: {ours.rate / theirs.rate:.2f}")
    print(f"  no client in Python can have more, call after call, than a socket: {plain_socket.rate / theirs.rate:.2f}")
    for number in IN_FLIGHT:
        flown = found[f"oncilla_rpc, {number} calls in flight"]
        print(f"{number} calls in flight, of python-vxi11: {flown.rate / theirs.rate:.2f}")
    mapped_rate = found["oncilla_rpc, map"].rate
    compare("calls a second by map, of python-vxi11's null calls", mapped_rate / theirs.rate, 5)
    print(f"of a socket of Python: {ours.rate / plain_socket.rate:.2f}")
    print(f"processor time, of python-vxi11: {ours.processor / theirs.processor:.2f}")
    print(f"processor time for {records.COUNT} records, of python-vxi11: {our_lists.processor / their_lists.processor:.2f}")


def compare(what: str, ratio: float, goal: float) -> None:
    print(f"{what}: {ratio:.2f}; the goal {goal:g} is {'reached' if ratio >= goal else 'not reached'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
