"""A report as one HTML file: nothing is loaded from anywhere, and the brief prints on one A4 page.

Input: a :class:`~hallplan.show.report.blocks.Report`.  Output: the bytes of the file.  Texts of people are escaped.
"""

from __future__ import annotations

import html
from typing import Final

from foundation import messages
from foundation.messages import Language
from hallplan.show.report.blocks import Block, Figure, Listing, Record, Report, Section, Sentences
from hallplan.show.report.picture import svg
from hallplan.show.text_table import TextTable

__all__ = ["html_bytes"]

_TAGS: Final[dict[Language, str]] = {"en": "en", "zh": "zh-CN"}
_FEW_PLANS: Final = 3
"""Plans up to which the page for the leader is printed in larger letters."""
_STYLE: Final = """
@page { size: A4; margin: 13mm 15mm }
* { box-sizing: border-box }
body { max-width: 180mm; margin: 1.5rem auto; padding: 0 1rem; color: #1f2630; background: #fff; line-height: 1.45;
  font: 11pt/1.45 Arial, "Helvetica Neue", "Liberation Sans", "DejaVu Sans", "Noto Sans CJK SC", sans-serif }
:lang(zh) body { font-family: "Source Han Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif }
h1 { font-size: 1.5em; margin: 0 0 .6em; line-height: 1.25 }
h2 { font-size: 1.08em; margin: 1em 0 .3em; border-bottom: 1px solid #c8ced6; padding-bottom: .1em }
p { margin: .3em 0 }
p.lead { font-size: 1.06em }
p.warning { font-size: 1.06em; font-weight: 600; border-left: 4px solid #d55e00; padding-left: .7em }
p.caption { font-size: .85em; color: #4a5361 }
ul { margin: .3em 0; padding-left: 1.3em }
figure { margin: .4em 0 }
figure svg { width: 100%; height: auto; display: block }
figcaption { font-weight: 600 }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .85em }
th, td { border-bottom: 1px solid #dde1e6; padding: .2em .5em; text-align: left; vertical-align: top }
td { overflow-wrap: break-word }
th.n, td.n { text-align: right; white-space: nowrap }
th { background: #f3f5f7 }
th.n { white-space: normal }
code { font-size: .85em; overflow-wrap: anywhere }
tr, figure { break-inside: avoid }
h2 { break-after: avoid }
@media print {
  body { margin: 0; padding: 0; max-width: none }
  body.brief { font-size: 9.4pt; line-height: 1.34 }
  body.brief.many { font-size: 7.9pt; line-height: 1.22 }
  body.brief h2 { margin: .55em 0 .2em }
  body.brief p, body.brief ul { margin: .15em 0 }
  body.brief figure svg { width: 94%; margin: auto }
}
"""


def html_bytes(report: Report) -> bytes:
    """Return the report as an HTML document that holds all it needs."""
    title = html.escape(report.title)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    kind = f' class="brief{" many" if report.plans > _FEW_PLANS else ""}"' if report.is_brief else ""
    with messages.using(report.language):
        parts = [
            _section(section, is_first=place == 0 and report.is_brief) for place, section in enumerate(report.sections)
        ]
    body = "\n".join([f"<h1>{title}</h1>", *parts])
    page = f'<!DOCTYPE html>\n<html lang="{_TAGS[report.language]}">\n<head>{head}<style>{_STYLE}</style></head>'
    return f"{page}\n<body{kind}>\n<main>\n{body}\n</main>\n</body>\n</html>\n".encode()


def _section(section: Section, *, is_first: bool) -> str:
    """Return a section; the answer of the brief needs no heading."""
    heading = [] if is_first else [f"<h2>{html.escape(section.title)}</h2>"]
    inside = "\n".join([*heading, *map(_block, section.blocks)])
    return f'<section id="{section.key}">\n{inside}\n</section>'


def _block(block: Block) -> str:
    match block:
        case Sentences():
            kind = "" if block.tone == "plain" else f' class="{block.tone}"'
            return "\n".join(f"<p{kind}>{html.escape(text)}</p>" for text in block.texts)
        case Listing():
            return "<ul>" + "".join(f"<li>{html.escape(point)}</li>" for point in block.points) + "</ul>"
        case Figure():
            caption = f"<figcaption>{html.escape(block.title)}</figcaption>"
            picture = svg(block.frame).replace(
                "<svg ", f'<svg role="img" aria-label="{html.escape(block.description)}" ', 1
            )
            return f"<figure>{caption}\n{picture}</figure>"
        case Record():
            rows = "".join(
                f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in block.rows
            )
            table = f"<table>{rows}</table>" if rows else ""
            label = html.escape(messages.text("report.record.command"))
            return f'{table}<p class="caption">{label}: <code>{html.escape(block.command)}</code></p>'
    return _table(block)


def _table(table: TextTable) -> str:
    kinds = [' class="n"' if column.is_number else "" for column in table.columns]
    heads = "".join(
        f'<th scope="col"{kind}>{html.escape(column.title)}</th>'
        for kind, column in zip(kinds, table.columns, strict=True)
    )
    rows = "".join(
        "<tr>" + "".join(f"<td{kind}>{html.escape(cell)}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in table.rows
    )
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
