"""Options of the page's server: where it listens, under which path, and what it keeps.

Input: words from the command line.  Output: values, or one sentence about a word that doesn't fit.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import typer

from foundation.errors import HallplanError
from hallplan.cli import options
from hallplan.cli.faults import UsageError

__all__ = ["Address", "BasePath", "KeepDays", "Port", "WorkspaceFolder", "check_free", "is_only_here"]

_SEGMENT: Final = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*"
_BASE_PATH: Final = re.compile(rf"/*({_SEGMENT}(/{_SEGMENT})*)/*")


def is_only_here(address: str) -> bool:
    """Tell whether an address can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def check_free(address: str, port: int) -> None:
    """Check that a server can listen there.

    Raises
    ------
    HallplanError
        If another program does, or the address is not this machine's.
    """
    try:
        places = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, place = places[0]
        with socket.socket(family, kind, protocol) as server:
            if os.name == "posix":  # elsewhere the option lets two programs share a port
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(place)
    except OSError as error:
        why = error.strerror or str(error)
        raise HallplanError("cli.app.cannot_listen", address=address, port=port, why=why) from None


def _address(text: Any) -> str:
    word = str(text).strip()
    try:
        return str(ipaddress.ip_address(word))
    except ValueError:
        if word == "localhost":
            return word
        raise UsageError("cli.usage.address", value=text) from None


def _base_path(text: Any) -> str:
    match = _BASE_PATH.fullmatch(str(text).strip())
    if match is None:
        raise UsageError("cli.usage.base_path", value=text)
    return match[1]


Address: TypeAlias = Annotated[
    str | None, typer.Option("--address", metavar="ADDRESS", parser=_address, help="cli.option.address")
]
Port: TypeAlias = Annotated[
    int | None,
    typer.Option("--port", metavar="N", parser=options.whole("--port", 1, 65_535), help="cli.option.port"),
]
BasePath: TypeAlias = Annotated[
    str | None, typer.Option("--base-path", metavar="PATH", parser=_base_path, help="cli.option.base_path")
]
WorkspaceFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option("--workspace", metavar="DIR", parser=options.path_of("--workspace"), help="cli.option.workspace"),
]
KeepDays: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--keep-days", metavar="N", parser=options.whole("--keep-days", 1, 3_650), help="cli.option.keep_days"
    ),
]
