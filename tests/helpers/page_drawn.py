"""What the page draws, as text: a line for every widget, with all that Streamlit was told of it.

Input: a script of Streamlit, run by its own test harness.  Output: an indented list of blocks and elements.  Tables are
written row by row; figures are left out, and so is what differs from one session to the next.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import local_script_runner

__all__ = ["Drawing", "drawing"]

LEFT_OUT = {
    "id",
    "formId",
    "url",
    "deferredFileId",
    "spec",
    "figure",
    "arrowData",
    "data",
    "styler",
    "wrap",
    "setValue",
}
"""What a session makes up, figures, and what tables are made of."""
USUAL: dict[str, Any] = {
    "labelVisibility": {},
    "acceptNewOptions": False,
    "gapConfig": {"gapSize": "SMALL"},
    "rowGapConfig": {"gapSize": "SMALL"},
    "columnGapConfig": {"gapSize": "SMALL"},
    "direction": "VERTICAL",
    "justify": "JUSTIFY_START",
    "align": "ALIGN_START",
    "heightConfig": {"useContent": True},
    "widthConfig": {"useStretch": True},
    "elementType": "NATIVE",
    "hideAnchor": True,
}
"""What goes without saying."""
LONGEST = 90


class Drawing:
    """The page as it was drawn last."""

    def __init__(self) -> None:
        self.messages: Sequence[Any] = ()

    def text(self, *places: str) -> str:
        """Return all that was drawn in ``main`` and in ``sidebar``, or in one of them."""
        tree: dict[tuple[int, ...], tuple[str, dict[str, Any]]] = {}
        for message in self.messages:
            if not message.HasField("delta"):
                continue
            path, delta = tuple(message.metadata.delta_path), message.delta
            kind = delta.WhichOneof("type")
            if kind == "new_element":
                tree[path] = element(delta.new_element)
            elif kind == "add_block":
                tree[path] = block(delta.add_block)
        numbers = {("main", "sidebar").index(place) for place in places or ("main", "sidebar")}
        lines = []
        for path, (name, values) in sorted(tree.items()):
            if path[0] in numbers:
                lines += written("  " * (len(path) - 2) + name, values, "  " * len(path))
        return "\n".join(lines)

    def part(self, start: str, end: str = "", *, indent: int | None = None) -> str:
        """Return the lines from the first that holds a text up to the next that holds another one.

        With an indent, the last line must have it too.
        """
        lines = self.text().splitlines()
        first = next((number for number, line in enumerate(lines) if start in line), None)
        assert first is not None, f"nothing says {start!r}:\n{self.text()}"
        for number, line in enumerate(lines[first + 1 :], first + 1):
            depth = len(line) - len(line.lstrip())
            if end and end in line and indent in (None, depth):
                return "\n".join(lines[first:number])
        return "\n".join(lines[first:])


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Drawing:
    """Keep what Streamlit's test harness hands over as drawn."""
    recorded, parse = Drawing(), local_script_runner.parse_tree_from_messages

    def keep(messages: list[Any]) -> Any:
        recorded.messages = list(messages)
        return parse(messages)

    monkeypatch.setattr(local_script_runner, "parse_tree_from_messages", keep)
    return recorded


def element(proto: Any) -> tuple[str, dict[str, Any]]:
    name = proto.WhichOneof("type")
    inner = getattr(proto, name)
    values = plain(MessageToDict(inner))
    for size in ("width_config", "height_config"):
        if proto.HasField(size):
            values[size.removesuffix("_config")] = MessageToDict(getattr(proto, size))
    if values.pop("elementType", "") == "CAPTION":
        name = "caption"
    if name == "heading" and not inner.hide_anchor:
        values["anchor"] = True
    user_key = key_of(getattr(inner, "id", ""))
    if user_key:
        values["key"] = user_key
    if name == "dataframe":
        columns = values.get("columns")
        if columns:
            values["columns"] = "\n" + "\n".join(
                f"{column}: {json.dumps(config, ensure_ascii=False, sort_keys=True)}"
                for column, config in json.loads(columns).items()
            )
        values["rows"] = "\n" + "\n".join(rows_of(inner.arrow_data.data))
    return name, values


def key_of(identity: str) -> str:
    """Return the key that the script gave a widget, from the identity that Streamlit made of it."""
    parts = identity.split("-", 2)
    if not identity.startswith("$$ID-") or len(parts) < 3 or parts[2] == "None":
        return ""
    return re.sub(r"^(staffing|upload)-.*", r"\1-…", parts[2])  # the rest changes with every session


def rows_of(data: bytes) -> Iterator[str]:
    table = pa.ipc.open_stream(io.BytesIO(data)).read_all()
    names = [name for name in table.column_names if not name.startswith("__index")]
    yield " | ".join(names)
    for row in table.select(names).to_pylist():
        yield " | ".join(cell(row[name]) for name in names)


def cell(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def block(proto: Any) -> tuple[str, dict[str, Any]]:
    name = proto.WhichOneof("type") or "block"
    values = plain(MessageToDict(proto))
    inner = values.pop(camel(name), {})
    identity = key_of(proto.id) if proto.id else ""
    if identity:
        values["key"] = identity
    values.pop("allowEmpty", None)
    return name, plain({**(inner if isinstance(inner, dict) else {}), **values})


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in values.items() if key not in LEFT_OUT and (key not in USUAL or value != USUAL[key])
    }


def written(name: str, values: Mapping[str, Any], indent: str) -> list[str]:
    """Write a block or an element: its short values behind its name, long ones on lines of their own."""
    lines = [name]
    for key, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        first, *rest = (shortened(line) if key in ("body", "help") else line for line in text.split("\n"))
        if not rest and len(lines) == 1 and len(lines[0]) + len(first) < 110:
            lines[0] += f" {key}={first}"
        else:
            lines += [f"{indent}{key}={first}", *(f"{indent}  {line}" for line in rest if line.strip())]
    return lines


def shortened(line: str) -> str:
    """Cut a long text, and say how long it was: its words stand in the catalogue."""
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}… ({len(line)})"
