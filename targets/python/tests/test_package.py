"""The package itself, and the modules that ``oncilla-rpcgen`` generates for it."""

import importlib.util
import os
import pathlib

import pytest

import oncilla_rpc

GENERATED = sorted(pathlib.Path(os.environ["ONCILLA_GENERATED"]).glob("x_*.py"))


def test_the_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert oncilla_rpc.__version__ == version("oncilla-rpc")


def test_there_are_generated_modules() -> None:
    assert len(GENERATED) > 70
