"""The command `bpc`: answers that need no compiler come first, then the command line loads.

Loading the command line costs some fifteen times as much as starting Python. Asking for the version,
and building what is up to date already, must not wait for that.
"""

from __future__ import annotations

import gc
import os
import sys

from bpc.version import __version__

_QUICK = {("--version",), ("-V",), ("version",)}


def main() -> None:
    """Run the command line."""
    arguments = tuple(sys.argv[1:])
    if arguments in _QUICK:
        sys.stdout.write(f"bpc {__version__}\n")
        return
    if arguments == ("build",) and not any(name.startswith("BPC_") for name in os.environ):
        from bpc.current import say_if_current  # noqa: PLC0415 - only this path needs it

        if say_if_current():
            return
    # Loading makes hundreds of thousands of objects that all stay; looking for garbage among them is
    # in vain.
    gc.disable()
    from bpc.cli import main as command_line  # noqa: PLC0415 - see the module's docstring

    gc.freeze()
    gc.enable()
    command_line()
