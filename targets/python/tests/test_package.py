"""The package itself."""

from importlib.metadata import version

import oncilla_rpc


def test_the_version_is_that_of_the_distribution() -> None:
    assert oncilla_rpc.__version__ == version("oncilla-rpc")


def test_everything_public_has_a_docstring() -> None:
    for name in oncilla_rpc.__all__:
        item = getattr(oncilla_rpc, name)
        assert name == "__version__" or item.__doc__, name
