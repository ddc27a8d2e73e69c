"""Calls a second: of the package, of the Rust client of the command `oncilla`, and of python-vxi11's RPC in plain Python.

All call the same server, in turn and several times, and the ratios are those of the best rounds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import warnings
from typing import Any, Callable

import oncilla_rpc as oncilla

ROUNDS = 5
CALLS = 5000
PROGRAM, VERSION = 0x20000060, 1


def per_second(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (time.perf_counter() - start)


def rust(command: str, target: str, interface: str) -> float:
    words = [command, "--json", "-t", target, "-x", interface, "bench", "suite_1.nothing", "--count", str(CALLS)]
    printed = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(json.loads(printed.splitlines()[-1])["calls_per_second"])


def main(target: str, command: str, interface: str) -> None:
    with warnings.catch_warnings():
        # It imports xdrlib, which Python 3.13 no longer has.
        warnings.simplefilter("ignore")
        from vxi11 import rpc

    host, _, port = target.rpartition("//")[2].rpartition(":")
    plain = rpc.TCPClient(host, PROGRAM, VERSION, int(port))
    # As its clients of VXI-11 do.
    plain.packer, plain.unpacker = rpc.Packer(), rpc.Unpacker(b"")
    with oncilla.connect(target, interface=interface) as device:
        nothing, link = device.suite_1.nothing, device._link
        ways: dict[str, Callable[[], float]] = {
            "oncilla_rpc": lambda: per_second(nothing),
            "oncilla_rpc, procedure 0": lambda: per_second(lambda: link.null(PROGRAM, VERSION)),
            "python-vxi11, procedure 0": lambda: per_second(plain.call_0),
            "Rust": lambda: rust(command, target, interface),
        }
        best = dict.fromkeys(ways, 0.0)
        for _ in range(ROUNDS):
            for name, way in ways.items():
                best[name] = max(best[name], way())
    for name, figure in best.items():
        print(f"{name}: {figure:.0f} calls a second")
    print(f"of Rust: {best['oncilla_rpc'] / best['Rust']:.2f}")
    ratio = best["oncilla_rpc, procedure 0"] / best["python-vxi11, procedure 0"]
    print(f"of python-vxi11: {ratio:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
