"""Calls ONC RPC devices by name.

``import oncilla_rpc as oncilla`` is how the examples import it.
"""

from ._native import __version__

__all__ = ["__version__"]
