"""``hallplan cache``: the stored results and prepared scenarios on this machine, shown and cleared.

Input: nothing.  Output: where the store is, what it holds, and what was deleted.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Annotated, Any, Final, TypeAlias

import typer

from foundation import messages
from hallplan.cli import options
from hallplan.cli.output import show_json, show_text
from hallplan.storage import clear_cache, prepared_holding, results_holding, sweep_cache

__all__ = ["clear_cache_command", "show_cache_command"]


_MEGABYTE: Final = 1_000_000


_OlderThan: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--older-than",
        metavar="DAYS",
        parser=options.whole("--older-than", 1, 3_650),
        help="cli.option.older_than",
    ),
]


def show_cache_command(json: options.Json = False, lang: options.Lang = None) -> None:
    """Show where results are stored, how many there are, how large they are, and how long they stay."""
    from hallplan.show.document import envelope
    from sim.run.store import cache_folder, keep_days

    results, prepared = results_holding(), prepared_holding()
    oldest = None if results.oldest is None else dt.datetime.fromtimestamp(results.oldest, tz=dt.UTC).date().isoformat()
    folder, days = cache_folder(), keep_days()
    if json:
        content: dict[str, Any] = {"replications": results.count, "bytes": results.size, "oldest_reading": oldest}
        content["prepared"] = {"scenarios": prepared.count, "bytes": prepared.size}
        show_json(envelope("cache", folder=str(folder), **content, keep_days=days))
        return
    show_text(messages.text("cli.cache.folder", folder=folder))
    if results.count:
        megabytes = results.size / _MEGABYTE
        show_text(messages.text("cli.cache.content", n=results.count, megabytes=megabytes, oldest=oldest))
    else:
        show_text(messages.text("cli.cache.empty"))
    if prepared.count:
        show_text(messages.text("cli.cache.prepared", n=prepared.count, megabytes=prepared.size / _MEGABYTE))
    show_text(messages.text("cli.cache.kept", days=days))


def clear_cache_command(older_than: _OlderThan = None, lang: options.Lang = None) -> None:
    """Delete the stored results and the prepared scenarios, or those that nobody has read for long."""
    freed = clear_cache() if older_than is None else sweep_cache(older_than, now=time.time())
    show_text(messages.text("cli.cache.cleared", megabytes=freed / _MEGABYTE))
