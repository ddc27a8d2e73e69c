"""Generates a Python module from a ``.x`` file: ``python -m oncilla_rpc.generate sensor.x -o sensor.py``.

The module has dataclasses, enums and client classes, which type checkers know.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import Optional, Sequence

from ._errors import Error
from ._native import generate

__all__ = ["generate", "main"]


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the command. Returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m oncilla_rpc.generate",
        description="Generates a Python module from a .x file: dataclasses, enums and client classes.",
    )
    parser.add_argument("file", help="the .x file")
    parser.add_argument("-o", "--output", metavar="FILE.py", help="the file to write; without it, standard output")
    options = parser.parse_args(arguments)
    try:
        text = generate(options.file)
        if options.output is None:
            sys.stdout.write(text)
        else:
            pathlib.Path(options.output).write_text(text, encoding="utf-8")
    except (Error, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
