"""Read the tables of this package's files into models; a fault is one sentence, as for scenario files.

Input: a model, a plain table and the name of its file.  Output: the checked, immutable model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from scenarios.sentences import KnownKeys, from_pydantic

__all__ = ["validated"]

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], raw: Mapping[str, Any], *, name: str, known_keys: KnownKeys) -> Model:
    """Return `raw` as a `model`.

    Parameters
    ----------
    model, raw
        What the table must be, and the table.
    name
        What messages call its file.
    known_keys
        Returns the valid keys at a path, for suggestions.

    Raises
    ------
    ScenarioError
        One sentence about the first fault: the file, the key, and what to do.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise from_pydantic(error, raw, known_keys)[0].at(file=name) from None
