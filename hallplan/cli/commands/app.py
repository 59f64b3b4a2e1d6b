"""``hallplan app``: start the planner's page in the browser.

Input: where to listen and what to keep, and options for Streamlit, passed on.  Output: who can reach the page, and the
page's server in the place of this process.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import time
from collections.abc import Sequence
from typing import Final

import typer

from foundation import messages
from hallplan.cli.faults import say
from hallplan.cli.options import Lang
from hallplan.cli.server_options import Address, BasePath, KeepDays, Port, WorkspaceFolder, check_free, is_only_here
from hallplan.page import start
from hallplan.page.limits import LARGEST_MB
from hallplan.page.server import WORKSPACE_VARIABLE

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


def _passed_on(arguments: Sequence[str]) -> str:
    """Return the address that the arguments give Streamlit, the last one of several; "" without one."""
    address = ""
    for place, word in enumerate(arguments):
        name, sign, value = word.partition("=")
        if name == "--server.address":
            address = value if sign else "".join(arguments[place + 1 : place + 2])
    return address


def _say_who_reaches_it(address: str) -> None:
    """Say whether this machine alone can open the page, or others too, and how to change that."""
    if is_only_here(address):
        say(messages.text("cli.app.only_here", address=address))
    elif _is_every_address(address):
        say(messages.text("cli.app.everywhere", address=address))
    else:
        say(messages.text("cli.app.reachable", address=address))


def _is_every_address(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_unspecified
    except ValueError:
        return False


def _sweep(days: int | None) -> dict[str, str]:
    """Delete what is older than so many days, or as the environment says; say how long things stay.

    Returns the environment variable that tells the page the same.
    """
    from hallplan.page.uploaded import clear_dead_folders
    from hallplan.storage import DAY_S, sweep_cache
    from sim.run.store import KEEP_DAYS_VARIABLE, keep_days

    days, now = keep_days() if days is None else days, time.time()
    sweep_cache(days, now=now)
    clear_dead_folders(before=now - days * DAY_S)
    say(messages.text("cli.app.kept", days=days))
    return {KEEP_DAYS_VARIABLE: str(days)}


def app_command(
    context: typer.Context,
    address: Address = None,
    port: Port = None,
    base_path: BasePath = None,
    workspace: WorkspaceFolder = None,
    keep_days: KeepDays = None,
    lang: Lang = None,
) -> None:
    """Start the planner's page in the browser."""
    environment = {**os.environ, "HALLPLAN_LANG": messages.language()}
    listens_on = _passed_on(context.args) or address or os.environ.get("STREAMLIT_SERVER_ADDRESS", "") or _ONLY_HERE
    settings = [*_PAGE_SETTINGS, f"--server.address={listens_on}"]
    if port is not None:
        check_free(listens_on, port)
        settings.append(f"--server.port={port}")
    if base_path is not None:
        settings.append(f"--server.baseUrlPath={base_path}")
    if workspace is not None:
        from hallplan.workspace import open_workspace

        environment[WORKSPACE_VARIABLE] = str(open_workspace(workspace).folder)
    environment |= _sweep(keep_days)
    _say_who_reaches_it(listens_on)
    words = [sys.executable, "-m", "streamlit", "run", str(start.__file__), *settings, *context.args]
    if os.name == "nt":
        import subprocess

        raise typer.Exit(subprocess.run(words, env=environment, check=False).returncode)  # noqa: S603 - our own page
    sys.stdout.flush()
    os.execve(sys.executable, words, environment)  # noqa: S606 - signals and exit code are then the page's own
