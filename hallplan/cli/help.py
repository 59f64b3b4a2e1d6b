"""Commands whose help and completions are in the user's language.

In come Typer's commands, whose help texts are keys of the message catalogue; out come help pages, completions and
complaints in Chinese or English.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

from typer.core import TyperCommand, TyperGroup

from foundation import messages
from foundation.errors import HallplanError
from hallplan.cli.faults import UsageError
from scenarios.paths import suggestion

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Command", "Group"]


def _translated(key: str | None, name: str = "") -> str:
    """Return the text behind a help key; an option of Typer's own is known by its name."""
    catalogue = messages.catalogue()
    for candidate in (key or "", f"cli.option.{name}"):
        if candidate in catalogue:
            return messages.text(candidate)
    return key or ""


def _short(key: str | None) -> str:
    return _translated(key).strip().partition("\n")[0]


def _completions(items: Sequence[Any]) -> list[Any]:
    for item in items:
        item.help = _translated(item.help, str(item.value).strip("-").replace("-", "_"))
    return list(items)


class Command(TyperCommand):
    """One command: its help is translated, and what it doesn't understand is said in one sentence."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first line of its help."""
        return _short(self.help)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        _write_help(self, ctx)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return completions of options, explained in the user's language."""
        return _completions(super().shell_complete(ctx, incomplete))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments and refuse those that nobody asked for."""
        takes_more, ctx.allow_extra_args = ctx.allow_extra_args, True
        rest = super().parse_args(ctx, args)
        if rest and not takes_more and not ctx.resilient_parsing:
            raise UsageError("cli.usage.extra", command=ctx.command_path, extra=" ".join(rest))
        return rest


class Group(TyperGroup):
    """The command `hallplan` itself."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page."""
        _write_help(self, ctx)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return completions of commands and options, explained in the user's language."""
        return _completions(super().shell_complete(ctx, incomplete))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command, or suggest the nearest one."""
        if args[0] not in self.commands and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise UsageError("cli.usage.no_command", name=args[0], near=_meant(args[0], self.commands))
        return super().resolve_command(ctx, args)


_MEANT_BY: Final = {
    "list": ("scenarios", "levers"),
    "simulate": ("run",),
    "validate": ("check", "verify"),
    "lint": ("check",),
    "forecast": ("run", "calibrate"),
    "discover": ("calibrate",),
    "import": ("calibrate",),
    "optimize": ("select",),
    "clear": ("cache",),
}
"""Words for a command that other programs use, and the commands here."""


def _meant(word: str, commands: Collection[str]) -> HallplanError:
    """Return what to say about a command that is not there: the ones meant or near, else all."""
    meant = [name for name in _MEANT_BY.get(word, ()) if name in commands]
    if meant:
        return HallplanError("error.did_you_mean", names=", ".join(meant))
    return suggestion(word, commands, most=len(commands))


def _write_help(command: Any, ctx: Any) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from hallplan.cli.output import emit

    parts: list[Any] = []
    commands = getattr(command, "commands", None)
    pieces = [param.metavar or param.name.upper() for param in command.get_params(ctx) if _is_argument(param)]
    usage = [ctx.command_path, *(["COMMAND"] if commands else []), *pieces, messages.text("cli.help.options_piece")]
    parts += [Text.assemble((messages.text("cli.help.usage"), "bold"), " ", " ".join(usage)), ""]
    parts.append(Padding(Text(_translated(command.help).strip()), (0, 0, 0, 2), expand=False))
    sections = {
        "cli.help.commands": [
            (name, _short(subcommand.help)) for name, subcommand in (commands or {}).items() if not subcommand.hidden
        ],
        "cli.help.arguments": [
            (param.metavar or param.name.upper(), _translated(param.help))
            for param in command.get_params(ctx)
            if _is_argument(param)
        ],
        "cli.help.options": [
            (_option(param), _translated(param.help, param.name))
            for param in command.get_params(ctx)
            if not _is_argument(param) and not param.hidden
        ],
    }
    for title, rows in sections.items():
        if rows:
            parts += ["", Text(messages.text(title), style="bold")]
            parts.append(Padding(_grid(rows), (0, 0, 0, 2), expand=False))
    emit(parts)


def _is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")


def _option(param: Any) -> str:
    # Click keeps the names of --help in a set: they are put in order here.
    names = ", ".join([*sorted(param.opts, key=len, reverse=True), *param.secondary_opts])
    return names if param.is_flag or param.name == "help" or not param.metavar else f"{names} {param.metavar}"


def _grid(rows: Sequence[tuple[str, str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in rows:
        grid.add_row(Text(name, style="cyan"), Text(text))
    return grid
