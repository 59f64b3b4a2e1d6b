"""``hallplan cache``: the stored results and prepared scenarios on this machine, shown and cleared.

Input: nothing.  Output: where the store is, what it holds, and what was deleted.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from foundation import messages
from hallplan.cli import options
from hallplan.cli.output import show_json, show_text
from hallplan.cli.prepared import prepared_entries

if TYPE_CHECKING:
    from sim.run.folder import FolderStore

__all__ = ["clear_cache_command", "show_cache_command"]


_MEGABYTE: Final = 1_000_000


def _store() -> FolderStore:
    from sim.run.folder import FolderStore
    from sim.run.store import cache_folder

    return FolderStore(cache_folder())


def show_cache_command(json: options.Json = False, lang: options.Lang = None) -> None:
    """Show where results are stored, how many there are, and how large they are."""
    from hallplan.show.document import envelope

    info = _store().info()
    sizes = [entry.stat().st_size for entry in prepared_entries()]
    oldest = None if info.oldest is None else dt.datetime.fromtimestamp(info.oldest, tz=dt.UTC).date().isoformat()
    if json:
        content: dict[str, Any] = {"replications": info.replications, "bytes": info.size, "oldest_reading": oldest}
        content["prepared"] = {"scenarios": len(sizes), "bytes": sum(sizes)}
        show_json(envelope("cache", folder=str(info.folder), **content))
        return
    show_text(messages.text("cli.cache.folder", folder=info.folder))
    if info.replications:
        megabytes = info.size / _MEGABYTE
        show_text(messages.text("cli.cache.content", n=info.replications, megabytes=megabytes, oldest=oldest))
    else:
        show_text(messages.text("cli.cache.empty"))
    if sizes:
        show_text(messages.text("cli.cache.prepared", n=len(sizes), megabytes=sum(sizes) / _MEGABYTE))


def clear_cache_command(lang: options.Lang = None) -> None:
    """Delete the stored results and the prepared scenarios."""
    freed = _store().clear()
    for entry in prepared_entries():
        freed += entry.stat().st_size
        entry.unlink(missing_ok=True)
    show_text(messages.text("cli.cache.cleared", megabytes=freed / _MEGABYTE))
