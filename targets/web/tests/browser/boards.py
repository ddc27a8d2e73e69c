"""Firmware in QEMU, whose serial port is a pseudo-terminal with a name that stays."""

from __future__ import annotations

import json
import os
import pathlib
import re
import select
import socket
import subprocess
import time

#: How long QEMU may take to start, in seconds.
LIMIT = 60


class Board:
    """A board that a test boots, resets and unplugs. The name of its port is a link, which stays."""

    def __init__(self, program: str, folder: pathlib.Path) -> None:
        self.command = json.loads(os.environ[f"ONCILLA_BOOT_{program.upper()}"])
        self.folder = folder
        self.port = folder / "tty"
        self.target = f"serial:{self.port}"
        self.boot()

    def boot(self) -> None:
        self.monitor = self.folder / "monitor"
        self.monitor.unlink(missing_ok=True)
        more = ["-monitor", f"unix:{self.monitor},server=on,wait=off", "-serial", "null", "-serial", "pty"]
        self.process = subprocess.Popen(
            [*self.command, *more], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self.process.stdout is not None
        said = b""
        end = time.monotonic() + LIMIT
        while not (found := re.search(rb"redirected to (\S+)", said)):
            assert time.monotonic() < end and self.process.poll() is None, f"QEMU said {said!r}"
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                said += os.read(self.process.stdout.fileno(), 4096)
        self.port.symlink_to(found[1].decode())

    def reset(self) -> None:
        """Resets the board, as its button does."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(LIMIT)
            monitor.connect(str(self.monitor))
            for command in (b"", b"system_reset\n"):
                monitor.sendall(command)
                said = b""
                while not said.endswith(b"(qemu) "):
                    more = monitor.recv(256)
                    assert more, said
                    said += more

    def unplug(self) -> None:
        """Takes the board away, with its port."""
        self.port.unlink(missing_ok=True)
        self.process.kill()
        self.process.wait()
