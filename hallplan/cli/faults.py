"""How the command line fails: exit codes, and one sentence instead of a traceback.

In comes whatever a command raised; out go one line on standard error, in the user's language, and an exit code.  The
codes are part of the interface and are listed in ``docs/reference/cli.md``.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import Any, Final

from foundation import messages
from foundation.errors import HallplanError
from scenarios.paths import suggestion

__all__ = [
    "BROKEN_PIPE",
    "CHECK_FAILED",
    "FAILED_POINTS",
    "FAULT",
    "INTERNAL",
    "INTERRUPTED",
    "TERMINATED",
    "USAGE",
    "TerminatedError",
    "UsageError",
    "exit_code",
    "say",
]

FAULT: Final = 1
"""What was asked for can't be done: a fault in a scenario, a file that can't be written."""
USAGE: Final = 2
"""The command itself is wrong: an unknown option, a value of another type."""
CHECK_FAILED: Final = 3
"""The scenario is valid, but the check that was asked for failed."""
FAILED_POINTS: Final = 4
"""A sweep is done, but points of it could not be simulated."""
INTERNAL: Final = 70
"""A mistake in Hallplan."""
INTERRUPTED: Final = 130
"""Ctrl-C."""
BROKEN_PIPE: Final = 141
"""Whoever read the output has stopped reading, as ``head`` does, or standard output was closed from the start."""
TERMINATED: Final = 143
"""Ended from outside (SIGTERM), as ``kill``, ``timeout`` and service managers do."""

_INTERNAL_KEYS: Final = ("error.metrics.conservation",)


class TerminatedError(KeyboardInterrupt):
    """SIGTERM came: the work ends as it does for Ctrl-C, with another exit code."""


class UsageError(HallplanError):
    """The command line doesn't say what it must: one sentence, and exit code 2."""


def say(sentence: str) -> None:
    """Print one line on standard error, whatever it is encoded in."""
    print(f"hallplan: {sentence}", file=sys.stderr, flush=True)


def exit_code(error: BaseException) -> int:
    """Tell the user what `error` means, in one line, and return the exit code."""
    if isinstance(error, TerminatedError):
        say(messages.text("cli.terminated"))
        return TERMINATED
    if isinstance(error, KeyboardInterrupt):
        say(messages.text("cli.interrupted"))
        return INTERRUPTED
    if isinstance(error, HallplanError):
        say(error.sentence())
        if isinstance(error, UsageError):
            return USAGE
        return INTERNAL if error.key in _INTERNAL_KEYS else FAULT
    if isinstance(error, MemoryError):
        say(messages.text("cli.fault.memory"))
        return FAULT
    if isinstance(error, OSError):
        say(HallplanError("cli.fault.system", why=_reason(error)).sentence())
        return FAULT
    usage = _usage(error)
    if usage is not None:
        say(usage.sentence())
        return USAGE
    if os.environ.get("HALLPLAN_DEBUG"):
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    say(HallplanError("cli.fault.internal", what=what).sentence())
    return INTERNAL


def _reason(error: OSError) -> str:
    parts = [error.strerror or str(error) or type(error).__name__, str(error.filename or "")]
    return ": ".join(part for part in reversed(parts) if part)


def _usage(error: BaseException) -> UsageError | None:
    """Return in our words what Typer's parser found wrong; ``None`` if it wasn't Typer."""
    import typer

    if not isinstance(error, typer.TyperException):
        return None
    kind, option = type(error).__name__, getattr(error, "option_name", "")
    if kind == "NoSuchOption":
        context = getattr(error, "ctx", None)
        option_names = [name for param in context.command.get_params(context) for name in param.opts] if context else []
        return UsageError("cli.usage.no_option", option=option, near=suggestion(option, option_names))
    if kind == "MissingParameter":
        return UsageError("cli.usage.missing", name=_shown(getattr(error, "param", None)))
    if kind == "BadOptionUsage":
        return UsageError("cli.usage.option_value", option=option)
    if kind == "BadParameter":
        return UsageError("cli.usage.bad_value", name=_shown(getattr(error, "param", None)))
    return UsageError("cli.usage.other", what=error.message)


def _shown(param: Any) -> str:
    if param is None:
        return "?"
    options = [name for name in param.opts if name.startswith("-")]
    return options[0] if options else str(param.metavar)
