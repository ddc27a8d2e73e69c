"""Makes many calls, and fails if the memory of the process grows: ``soak.py TARGET INTERFACE CALLS``."""

from __future__ import annotations

import sys

import psutil

import oncilla_rpc as oncilla

PARTS = 10

# Less than a byte for each call of a million. What Python's allocator keeps varies by some pages.
GROWTH_MAX = 1 << 20


def main(target: str, interface: str, calls: int) -> None:
    process = psutil.Process()
    with oncilla.connect(target, interface=interface) as device:
        echo, subtract = device.suite_1.echo, device.suite_1.subtract
        sizes = []
        for part in range(PARTS):
            for number in range(calls // (2 * PARTS)):
                assert subtract(number, 1) == number - 1
                assert echo(b"\x5a" * 64) == b"\x5a" * 64
            sizes.append(process.memory_info().rss)
            print(f"{(part + 1) * calls // PARTS} calls: {sizes[-1] // 1024} KiB", flush=True)
    growth = sizes[-1] - sizes[1]
    if growth > GROWTH_MAX:
        sys.exit(f"the memory grew by {growth // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
