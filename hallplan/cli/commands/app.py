"""``hallplan app``: start the planner's page in the browser.

Input: options for Streamlit, passed on.  Output: the page's server, in the place of this process.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Sequence
from typing import Final

import typer

from foundation import messages
from hallplan.cli import options
from hallplan.cli.faults import say
from hallplan.page import start
from hallplan.page.limits import LARGEST_MB

__all__ = ["app_command"]


_PAGE_SETTINGS: Final = (
    "--browser.gatherUsageStats=false",
    "--server.showEmailPrompt=false",
    "--server.fileWatcherType=none",  # the queue of simulations lives in a module that must not be loaded anew
    f"--server.maxUploadSize={LARGEST_MB}",
    "--client.toolbarMode=minimal",
    "--client.showErrorDetails=none",
)
"""What the page needs wherever it is started from; options of the command line come later and win."""


_ONLY_HERE: Final = "127.0.0.1"
"""Where the page listens unless an address is given: it has no password, so nobody else should reach it."""


def _address(arguments: Sequence[str]) -> str:
    """Return the address that the arguments give the page, the last one of several; "" without one."""
    address = ""
    for place, word in enumerate(arguments):
        name, sign, value = word.partition("=")
        if name == "--server.address":
            address = value if sign else "".join(arguments[place + 1 : place + 2])
    return address


def _is_only_here(address: str) -> bool:
    """Tell whether an address can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def app_command(context: typer.Context, lang: options.Lang = None) -> None:
    """Start the planner's page in the browser."""
    script = str(start.__file__)
    address = _address(context.args)
    if address == "":
        address = os.environ.get("STREAMLIT_SERVER_ADDRESS", "") or _ONLY_HERE
    if not _is_only_here(address):
        say(messages.text("cli.note.reachable", address=address))
    settings = (*_PAGE_SETTINGS, f"--server.address={address}")
    words = [sys.executable, "-m", "streamlit", "run", script, *settings, *context.args]
    environment = {**os.environ, "HALLPLAN_LANG": messages.language()}
    if os.name == "nt":
        import subprocess

        raise typer.Exit(subprocess.run(words, env=environment, check=False).returncode)  # noqa: S603 - our own page
    sys.stdout.flush()
    os.execve(sys.executable, words, environment)  # noqa: S606 - signals and exit code are then the page's own
