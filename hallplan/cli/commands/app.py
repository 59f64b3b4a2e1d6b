"""``hallplan app``: start the planner's page in the browser.

Input: options for Streamlit, passed on.  Output: the page's server, in the place of this process.
"""

from __future__ import annotations

import os
import sys
from typing import Final

import typer

from foundation import messages
from hallplan.cli import options
from hallplan.page import start

__all__ = ["app_command"]


_PAGE_SETTINGS: Final = (
    "--browser.gatherUsageStats=false",
    "--server.showEmailPrompt=false",
    "--server.fileWatcherType=none",  # the queue of simulations lives in a module that must not be loaded anew
    "--server.maxUploadSize=2",
    "--client.toolbarMode=minimal",
    "--client.showErrorDetails=none",
)
"""What the page needs wherever it is started from; options of the command line come later and win."""


def app_command(context: typer.Context, lang: options.Lang = None) -> None:
    """Start the planner's page in the browser."""
    script = str(start.__file__)
    words = [sys.executable, "-m", "streamlit", "run", script, *_PAGE_SETTINGS, *context.args]
    environment = {**os.environ, "HALLPLAN_LANG": messages.language()}
    if os.name == "nt":
        import subprocess

        raise typer.Exit(subprocess.run(words, env=environment, check=False).returncode)  # noqa: S603 - our own page
    sys.stdout.flush()
    os.execve(sys.executable, words, environment)  # noqa: S606 - signals and exit code are then the page's own
