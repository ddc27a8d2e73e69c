"""A server of many records, in a process of its own, and how python-vxi11 reads them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Tuple

COUNT = 1000
PROGRAM = 0x20000070

INTERFACE = f"""
struct record {{ unsigned int time; hyper count; double value; string name<16>; }};
typedef record all<{COUNT}>;
program RECORDS {{ version RECORDS_1 {{ all LIST(void) = 1; }} = 1; }} = {PROGRAM:#x};
"""


class Address(NamedTuple):
    target: str
    port: int


@contextlib.contextmanager
def served() -> Iterator[Address]:
    """Serves the records by another process, whose time does not count."""
    server = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        target = server.stdout.readline().strip()
        yield Address(target, int(target.rpartition(":")[2]))
    finally:
        server.communicate()


def listed(client: Any) -> List[Tuple[int, int, float, str]]:
    """Calls the server by a client of python-vxi11, and unpacks the records by xdrlib."""
    unpacker = client.unpacker

    def record() -> Tuple[int, int, float, str]:
        name = lambda: unpacker.unpack_string().decode()
        return unpacker.unpack_uint(), unpacker.unpack_hyper(), unpacker.unpack_double(), name()

    return client.make_call(1, None, None, lambda: unpacker.unpack_array(record))  # type: ignore[no-any-return]


class Records:
    """The server. Its records are made once."""

    def __init__(self) -> None:
        self.all = [(number, -number << 33, number / 8, f"record {number}") for number in range(COUNT)]

    def list(self) -> object:
        return self.all


def main() -> None:
    import oncilla_rpc as oncilla

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "records.x")
        file.write_text(INTERFACE)
        with oncilla.Server(file, Records()) as server:
            print(server.target, flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main()
