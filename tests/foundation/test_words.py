"""Words that no text for users may contain, each with what to write instead.

The Chinese is what a civil servant would write; the English is plain.
"""

import re
from pathlib import Path

import pytest
from cases import for_each

from foundation import messages

ROOT = Path(__file__).resolve().parents[2]
INSTEAD = {
    "zh": {
        "跟不上|能跟上|处理不过来|应付不过来": "人手不足、能力不足",
        "次重复|重复(运行|次数)|(各|每|首|一)次重复": "模拟、模拟次数",
        "可重复(使用|）)": "可多次给出",
        "蒙特卡洛": "随机波动、随机波动范围",
        "选优": "方案比选、比选",
        "^依据$|“依据”|与依据相符": "数据来源与核对、公开数据",
        "情景": "方案、大厅模型；检验用的为算例",
        "占用": "忙碌程度；存储为所占空间",
        "外设窗口": "厅外窗口",
        "服务台账": "台账登记岗",
        "到此为止": "停止计算",
        "继续细化": "继续计算",
        "还原方案": "撤销方案的全部改动",
        "散列|哈希": "脱敏",
        "更差|更好": "变差、改善",
        "各事项办理时限": "各事项办理用时",
        "扫描": "批量试验",
        "法定时钟": "法定计时",
        "案件": "办件",
        "拒之门外": "未获接待",
        "时限内率": "时限内办结率",
    },
    "en": {
        r"\barithmetic\b": "formulas, expected",
        r"\btoo good\b": "looks better than it would be",
        r"\bless chance\b": "narrower intervals",
        r"(?<![.“])\bservers\b(?! ?=)": "officers, people on duty",
        r"\bhashed\b": "replaced by codes",
        r"\bMonte Carlo\b": "random variation",
    },
}
PATTERNS = [(language, pattern) for language, patterns in INSTEAD.items() for pattern in patterns]
BIBLIOGRAPHY = "verification.page.sources"
"""Titles of papers, which are quoted as they are."""
HALLS = sorted([*ROOT.glob("scenarios/library/*.toml"), *ROOT.glob("scenarios/levers/*.toml")])


def texts(language: str) -> dict[str, str]:
    return {
        key: re.sub(r"\{[^{}]*\}", "", entry[language])
        for key, entry in messages.catalogue().items()
        if key != BIBLIOGRAPHY
    }


@for_each("word", PATTERNS)
def test_no_text_has_a_word_that_users_do_not_use(word):
    language, pattern = word
    faults = [key for key, text in texts(language).items() if re.search(pattern, text, re.IGNORECASE)]
    assert not faults, f"instead of {pattern}: {INSTEAD[language][pattern]}"


@pytest.mark.parametrize("name", ["服务台账", "外设窗口"])
def test_no_built_in_hall_has_a_name_that_a_hall_would_not_write(name):
    assert [file.name for file in HALLS if name in file.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("language", "pattern", "text"),
    [
        ("zh", "次重复|重复(运行|次数)|(各|每|首|一)次重复", "{n} 次重复的均值"),
        ("zh", "^依据$|“依据”|与依据相符", "依据"),
        ("en", r"(?<![.“])\bservers\b(?! ?=)", "Servers on duty"),
    ],
)
def test_the_patterns_notice_the_words(language, pattern, text):
    assert pattern in INSTEAD[language]
    assert re.search(pattern, text, re.IGNORECASE)


@pytest.mark.parametrize(
    "text", ["pools.window-tax.servers", "add-staff:pool=a,servers=2", "give it “servers”", "servers = 2"]
)
def test_keys_of_the_format_are_no_words(text):
    assert re.search(r"(?<![.“])\bservers\b(?! ?=)", text) is None
