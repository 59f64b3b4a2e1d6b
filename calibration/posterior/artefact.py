"""The posterior on file: draws of the parameters, their simulated outcomes, and a manifest of how they were made.

Input: a calibration.  Output: four files: ``draws.parquet`` (one row for each draw), ``outcomes.parquet`` (simulated
outcomes of each draw), ``points.parquet`` (all simulated points) and ``manifest.json``.  The manifest is written last
and has the fingerprints of the other files and of the scenarios.  A :class:`Posterior` that was read back applies a
draw to a composed scenario: it changes everything that the scenario shares with the calibrated ones, whatever its
levers, and nothing that its user has set.  The posterior from the article is part of the package, :data:`SHIPPED`.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from calibration.posterior.parameters import Place, entries_with_places
from foundation.arrays import FloatArray
from foundation.errors import HallplanError
from scenarios.compose.composing import Composed
from scenarios.compose.composing import composed as composed_named
from scenarios.model import Provenance
from sim.measure.export import write_atomically

__all__ = ["FILES", "FORMAT", "SHIPPED", "Posterior", "frame_of", "load_posterior", "numbers_digest", "write_posterior"]

FORMAT: Final = 1
SHIPPED: Final = Path(__file__).resolve().parent / "data" / "article"
"""Folder of the posterior from the article, in the package."""

FILES: Final = ("draws.parquet", "outcomes.parquet", "points.parquet")
_MANIFEST: Final = "manifest.json"
_BY_HAND: Final = "--set"
_COMPOSED: Final = 128
"""Scenarios whose places are remembered: the combinations of six levers take turns."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of parameters that agree with the evidence.

    Attributes
    ----------
    manifest
        How the draws were made, and what they say of each parameter, target and forecast.
    draws
        One row a draw, one column a parameter, and the counting period.
    folder
        Where the files are.
    """

    manifest: Mapping[str, Any]
    draws: pd.DataFrame
    folder: Path

    def __len__(self) -> int:
        return len(self.draws)

    @cached_property
    def digest(self) -> str:
        """Digest of the draws: SHA-256, hexadecimal."""
        names = json.dumps(list(self.draws.columns)).encode()
        return hashlib.sha256(names + self.draws.to_numpy(dtype=np.float64).tobytes()).hexdigest()

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Simulated outcomes of each draw: columns ``draw``, ``simulation`` and one for each ``"scenario: metric"``."""
        return _read_frame(self.folder / "outcomes.parquet", self.manifest)

    @cached_property
    def points(self) -> pd.DataFrame:
        """All simulated points: ``wave``, the parameters, and the outcomes."""
        return _read_frame(self.folder / "points.parquet", self.manifest)

    @property
    def parameters(self) -> Sequence[Mapping[str, Any]]:
        """One entry for each parameter: name, prior, posterior, and whether the article narrows it."""
        parameters: Sequence[Mapping[str, Any]] = self.manifest["parameters"]
        return parameters

    def is_current(self) -> bool:
        """Tell whether the calibrated scenarios are unchanged since the calibration."""
        digests: Mapping[str, str] = self.manifest["scenarios"]
        return all(numbers_digest(composed_named(name)) == digest for name, digest in digests.items())

    def moves(self, composed: Composed) -> tuple[str, ...]:
        """Return the parameters that change a value of a scenario."""
        return tuple(label for label, _, _ in _places(self, composed))

    def overrides(self, composed: Composed, draw: int) -> dict[str, Any]:
        """Return the values that a draw sets in a scenario, by dotted path.

        Parameters
        ----------
        composed
            The scenario; values that its user has set stay.
        draw
            Number of the draw; after the last draw the first follows again.

        Raises
        ------
        HallplanError
            If the scenario has nothing in common with those that were calibrated.
        """
        places = _places(self, composed)
        if not places:
            raise HallplanError("posterior.error.nothing_to_move", name=composed.scenario.name)
        values = self.draws.iloc[draw % len(self)]
        changes: dict[str, Any] = {}
        for label, base, moved in places:
            changes |= dict(place.override(float(values[label]) / base) for place in moved)
        return changes

    def applied(self, composed: Composed, draw: int) -> Composed:
        """Return a scenario with the parameters of a draw; for the parameters see :meth:`overrides`."""
        return composed.with_values(self.overrides(composed, draw))


@lru_cache(maxsize=_COMPOSED)
def _places(posterior: Posterior, composed: Composed) -> tuple[tuple[str, float, tuple[Place, ...]], ...]:
    """Return the parameters of a scenario with name, base and places; they are the same for every draw."""
    by_entry: dict[tuple[Any, ...], Mapping[str, Any]] = {
        _entry_key(parameter["entry"], parameter): parameter for parameter in posterior.parameters
    }
    by_hand = [path for path, origin in composed.origin.items() if origin == _BY_HAND]
    labelled = []
    for key, (entry, places) in entries_with_places(composed).items():
        calibrated = by_entry.get(_entry_key(key, _stated(entry)))
        if calibrated is None:
            continue
        free = [
            parameter
            for parameter in places
            if parameter.base and not any(path[: len(parameter.path)] == parameter.path for path in by_hand)
        ]
        if free:
            labelled.append((str(calibrated["parameter"]), float(calibrated["base"]), tuple(free)))
    return tuple(labelled)


def _stated(entry: Provenance) -> dict[str, Any]:
    return {"kind": entry.kind, "range": list(entry.range or ())}


def _entry_key(key: str, stated: Mapping[str, Any]) -> tuple[Any, ...]:
    return key, stated["kind"], tuple(stated["range"])


_WORDS: Final = frozenset({"title", "description", "why", "source", "formula", "figures", "targets", "levers"})
"""Keys of a scenario's table that change no number of it."""
_PRICES: Final = frozenset({"travel", "visitors", "value_of_hour"})
"""Keys that price the time of visitors, and ends of the provenance about them: no calibrated figure depends on them."""


def numbers_digest(composed: Composed) -> str:
    """Return a digest of the numbers of a scenario that figures depend on, without its words: SHA-256, hexadecimal."""

    def counts(key: str) -> bool:
        return key not in _WORDS and key.rpartition(".")[2] not in _PRICES

    def bare(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(key): bare(inner) for key, inner in sorted(value.items()) if counts(str(key))}
        return [bare(inner) for inner in value] if isinstance(value, list) else value

    text = json.dumps(bare(composed.raw), ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def write_posterior(
    folder: Path,
    *,
    draws: pd.DataFrame,
    outcomes: pd.DataFrame,
    points: pd.DataFrame,
    manifest: Mapping[str, Any],
) -> list[Path]:
    """Write a posterior and return the paths; each file is written completely or not at all, the manifest last.

    Parameters
    ----------
    folder
        Where to write; it is made if it is missing.
    draws, outcomes, points
        The three frames of a posterior.
    manifest
        Its manifest, without the fingerprints of the files.

    Raises
    ------
    HallplanError
        If the folder can't be written to.
    """
    contents = {name: _parquet(frame) for name, frame in zip(FILES, (draws, outcomes, points), strict=True)}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    text = json.dumps({**manifest, "files": digests}, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    contents[_MANIFEST] = text.encode("utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_atomically(folder / name, content)
    except OSError as error:
        raise HallplanError("posterior.error.not_written", name=str(folder), why=error.strerror or str(error)) from None
    return [folder / name for name in contents]


def load_posterior(folder: Path | None = None) -> Posterior:
    """Read a posterior; by default that from the article.

    Raises
    ------
    HallplanError
        If the folder has none, or its files do not belong together.
    """
    folder = folder or SHIPPED
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        raise HallplanError("posterior.error.none", name=str(folder)) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT or "parameters" not in manifest:
        raise HallplanError("posterior.error.none", name=str(folder))
    return Posterior(manifest, _read_frame(folder / "draws.parquet", manifest), folder)


def _read_frame(file: Path, manifest: Mapping[str, Any]) -> pd.DataFrame:
    try:
        content = file.read_bytes()
    except OSError:
        raise HallplanError("posterior.error.none", name=str(file.parent)) from None
    if hashlib.sha256(content).hexdigest() != manifest["files"].get(file.name):
        raise HallplanError("posterior.error.mixed", name=str(file))
    return pd.read_parquet(io.BytesIO(content))


def frame_of(vectors: FloatArray, names: Sequence[str]) -> pd.DataFrame:
    """Return a frame of columns of numbers."""
    return pd.DataFrame(dict(zip(names, np.ascontiguousarray(vectors.T), strict=True)))
