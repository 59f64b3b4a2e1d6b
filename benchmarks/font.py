"""The font of pictures in reports: a subset of Noto Sans CJK SC, for machines without Chinese fonts.

Input: the path of Noto Sans CJK (the Regular collection, or the Simplified Chinese font).  Output: the file in
``hallplan/show/fonts``: all characters of GB 2312, of our texts and of the built-in scenarios.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.ttLib import TTCollection

from foundation import messages
from hallplan.show.report.lettering import FONT

__all__ = ["characters", "main"]

ROOT: Final = Path(__file__).resolve().parents[1]
_FAMILY: Final = "Noto Sans CJK SC"
_NAME: Final = "Hallplan Sans SC"
_LATIN: Final = (range(0x20, 0x7F), range(0xA0, 0x100))
_SIGNS: Final = "−–—…‰≤≥≈±×÷°←→↑↓•·∞√"


def gb2312() -> set[str]:
    """Return the characters of GB 2312: signs, and the Chinese characters of both levels."""
    letters = set()
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            letters.update(bytes((row, cell)).decode("gb2312", errors="ignore"))
    return letters


def characters() -> set[str]:
    """Return every character that the font is to have."""
    texts = {letter for entry in messages.catalogue().values() for text in entry.values() for letter in text}
    for file in (ROOT / "scenarios").rglob("*.toml"):
        texts |= set(file.read_text(encoding="utf-8"))
    latin = {chr(code) for codes in _LATIN for code in codes}
    return {letter for letter in texts | latin | gb2312() | set(_SIGNS) if letter.isprintable()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the font anew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.font", description=__doc__)
    parser.add_argument("source", type=Path, help="NotoSansCJK-Regular.ttc, or NotoSansCJKsc-Regular.otf")
    source = parser.parse_args(arguments).source
    number = -1
    if source.suffix == ".ttc":
        fonts = TTCollection(str(source)).fonts
        number = next(place for place, font in enumerate(fonts) if font["name"].getDebugName(1) == _FAMILY)
    options = subset.Options(
        font_number=number,
        layout_features=[],
        hinting=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=[0x409],
    )
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters())))
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):  # a subset does not bear the name of the font that it was made from
            record.string = _NAME.replace(" ", "") if record.nameID == 6 else _NAME
    subset.save_font(font, str(FONT), options)
    print(f"{FONT.name}: {FONT.stat().st_size:,} bytes, {len(font.getGlyphOrder()):,} glyphs")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
