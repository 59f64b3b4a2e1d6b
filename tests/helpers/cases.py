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
PARAMETERS = type(pytest.param())


def for_each(
    names: str | tuple[str, ...],
    cases: Iterable[Any],
    ids: Callable[[Any], object] | Iterable[object] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that runs a test on every case and reports all that fail.

    Each case has a temporary folder, patches and captured output of its own, as a test has.
    """
    fields = tuple(name.strip() for name in names.split(",")) if isinstance(names, str) else names
    rows, labels = _labelled(list(cases), ids)

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


def _labelled(cases: list[Any], ids: Callable[[Any], object] | Iterable[object] | None) -> tuple[list[Any], list[str]]:
    """Return the values and the label of every case; a ``pytest.param`` brings its own."""
    if ids is None:
        labels = [repr(case)[:200] for case in cases]
    elif callable(ids):
        labels = [str(ids(case)) for case in cases]
    else:
        labels = [str(label) for label in ids]
    assert len(labels) == len(cases), "as many labels as cases"
    rows = list(cases)
    for number, case in enumerate(cases):
        if isinstance(case, PARAMETERS):
            assert not case.marks, "a case of a loop has no marks of its own"
            labels[number] = str(case.id) if case.id else repr(case.values)[:200]
            rows[number] = case.values if len(case.values) > 1 else case.values[0]
    return rows, labels


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
