"""The figures of speed and proof in both READMEs, from the pages that the commands write.

Input: the pages ``benchmarks``, ``equality`` and ``verification`` in ``docs/reference``.  Output: a block of lines for
each README; ``python -m benchmarks.pages.readme`` puts them there, and a test holds them to the pages.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["FILES", "block", "main", "with_block"]

ROOT = Path(__file__).parents[2]
FILES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"

_WORDS = {
    "en": """\
- **Two engines, one log.** {scenarios} random scenarios, {rows} rows of log: {mismatches} mismatches, bit by bit,
  between the readable SimPy model and the compiled engine ([how](docs/reference/equality.md)).
- **Right against theory.** {checks} checks agree with formulas from the literature, and {red} fail with a fault
  of 2% planted ([which](docs/reference/verification.md)).
- **Fast.** The compiled engine is {engine} times as fast as SimPy on the same operations; 60 days of the 2014 hall,
  drawn, simulated and measured, take {whole} ms; a province-year of {visits} visits takes {seconds} s on two cores and
  {memory} MiB ([all figures, and what they were taken on](docs/reference/benchmarks.md)).""",
    "zh": (
        "- **两个引擎，一份日志。**{scenarios} 个随机算例、{rows} 行日志：可读的 SimPy 模型与编译引擎逐位比较，"
        "{mismatches} 处不同（[方法](docs/reference/equality.md)）。\n"
        "- **与理论相符。**{checks} 项检验与文献公式相符；植入 2% 的误差后，{red} 项会报错"
        "（[清单](docs/reference/verification.md)）。\n"
        "- **快。**同样的操作，编译引擎的速度是 SimPy 的 {engine} 倍；2014 年大厅的 60 个工作日，从抽样、模拟到"
        "计量共 {whole} 毫秒；一个省一年 {visits} 人次，两核用时 {seconds} 秒，内存 {memory} MiB"
        "（[全部数字及测试环境](docs/reference/benchmarks.md)）。"
    ),
}


def block(language: str, docs: Path = ROOT / "docs" / "reference") -> str:
    """Return the lines of one README, in ``en`` or ``zh``.

    Raises
    ------
    ValueError
        If a page does not say what it should.
    """
    speed, equality, verification = (
        (docs / f"{name}.md").read_text(encoding="utf-8") for name in ("benchmarks", "equality", "verification")
    )
    province = _cells(speed, r"88 × 250")
    joined = {"en": " of ", "zh": "/"}[language]
    return _WORDS[language].format(
        scenarios=_cells(equality, "scenarios")[0],
        rows=_cells(equality, "rows of log")[0],
        mismatches=_cells(equality, r"\*\*mismatches\*\*")[0].strip("*"),
        checks=_cells(verification, ".*compiled engine")[0].strip("*").replace(" of ", joined),
        red=_cells(verification, "fail with a fault of about 2 % planted")[0].strip("*").replace(" of ", joined),
        engine=_cells(speed, "compiled")[-1],
        whole=_cells(speed, "all")[0],
        visits=province[0],
        seconds=province[1],
        memory=province[-1],
    )


def _cells(page: str, row: str) -> list[str]:
    """Return the cells of the first row of a page's tables that is called so, its name left out."""
    match = re.search(rf"^\| {row} +\|(.*)\|$", page, flags=re.MULTILINE)
    if match is None:
        raise ValueError(f"no row “{row}”")
    return [cell.strip() for cell in match[1].split("|")]


def with_block(text: str, lines: str) -> str:
    """Return a README's text with these lines between its marks.

    Raises
    ------
    ValueError
        If it has no marks.
    """
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not (begin and end):
        raise ValueError("the README has no marks for its figures")
    return f"{head}{begin}\n{lines}\n{end}{tail}"


def main() -> int:
    """Put the figures into both READMEs."""
    for language, file in FILES.items():
        file.write_text(with_block(file.read_text(encoding="utf-8"), block(language)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
