"""One test over many cases: a loop that checks them all and names every case that fails.

Input: what ``pytest.mark.parametrize`` takes.  Output: a test that passes if all cases do.  A claim about a thousand
texts is one claim; as a thousand tests it would cost their set-up and hide the claims of its neighbours.
"""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import count
from pathlib import Path
from typing import Any

import pytest

__all__ = ["for_each"]

FAULTS_SHOWN = 20


def for_each(
    names: str | tuple[str, ...],
    cases: Iterable[Any],
    ids: Callable[[Any], object] | Iterable[object] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that runs a test on every case and reports all that fail.

    Each case has a temporary folder, patches and captured output of its own, as a test has.
    """
    fields = tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else names
    rows = list(cases)
    labels = _labels(rows, ids)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)
        assert set(fields) <= set(signature.parameters), f"{test.__name__} does not take {fields}"

        @wraps(test)
        def loop(**fixtures: Any) -> None:
            assert rows, f"{test.__name__} has no case"
            faults: list[tuple[str, BaseException]] = []
            for number, row, label in zip(count(), rows, labels, strict=False):
                values = dict(zip(fields, (row,) if len(fields) == 1 else row, strict=True))
                try:
                    _run(test, values, fixtures, number)
                except (Exception, pytest.fail.Exception) as fault:
                    faults.append((label, fault))
            if faults:
                raise AssertionError(_report(faults, len(rows))) from faults[0][1]

        kept = [parameter for name, parameter in signature.parameters.items() if name not in fields]
        loop.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return loop

    return decorate


def _labels(rows: list[Any], ids: Callable[[Any], object] | Iterable[object] | None) -> list[str]:
    if ids is None:
        return [repr(row)[:200] for row in rows]
    labels = [str(ids(row)) for row in rows] if callable(ids) else [str(label) for label in ids]
    assert len(labels) == len(rows), "as many labels as cases"
    return labels


def _run(test: Callable[..., None], values: dict[str, Any], fixtures: dict[str, Any], number: int) -> None:
    """Run one case with what belongs to it alone."""
    own = dict(fixtures)
    if isinstance(folder := own.get("tmp_path"), Path):
        own["tmp_path"] = folder / str(number)
        own["tmp_path"].mkdir()
    if isinstance(capture := own.get("capsys"), pytest.CaptureFixture):
        capture.readouterr()
    if isinstance(patch := own.get("monkeypatch"), pytest.MonkeyPatch):
        with patch.context() as own["monkeypatch"]:
            test(**values, **own)
    else:
        test(**values, **own)


def _report(faults: list[tuple[str, BaseException]], number: int) -> str:
    lines = [f"{len(faults)} of {number} cases failed"]
    lines += [f"{label}: {type(fault).__name__}: {fault}" for label, fault in faults[:FAULTS_SHOWN]]
    lines += [label for label, _ in faults[FAULTS_SHOWN:]]
    return "\n".join(lines)
