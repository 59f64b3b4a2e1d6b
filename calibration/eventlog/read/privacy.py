"""No name, number or address of a person stays in a log.

Input: the cells of a file, and which columns are needed.
Output: hashed keys, and which columns must not be kept.  Whatever a personal name distinguishes (the officer, the
applicant's case number), its hash distinguishes as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import pandas as pd

__all__ = ["hashed", "is_personal"]

_NAMES: Final = re.compile(
    r"姓名|名字|法人|身份证|证件号|手机|电话|联系方式|地址|住址|邮箱|生日|出生|微信|客户|当事人|群众|工号|负责"
    r"|(人|人员|员)(姓名|名称|名|编号|号)?$"
    r"|(?<![a-z])(name|applicant|surname|phone|mobile|tel|e-?mail|address|id[ _-]?(card|no|number)|passport|birth"
    r"|dob|ssn|contact|customer|client|citizen|actor|responsible|user|officer|employee|staff|agent)(?![a-z])",
    re.IGNORECASE,
)
_VALUES: Final = re.compile(
    r"^\s*(?:\d{17}[\dXx]|\d{15}|[0-9A-Z]{18}|(?:\+?86[- ]?)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}"
    r"|[^@\s]+@[^@\s]+\.[A-Za-z]{2,})\s*$"
)
"""Numbers of identity cards (18 digits, or 15 of the old ones), firms and telephones, and mail addresses."""
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SHARE: Final = 0.05
_MANY: Final = 0.5
_TELLING: Final = 3
"""A cell with fewer characters may be a count."""
_LOOKED_AT: Final = 1_000


def is_personal(name: str, column: pd.Series, keys: Sequence[pd.Series] = ()) -> bool:
    """Tell whether a column is about a person, by its heading or by what stands in it.

    Parameters
    ----------
    name
        The heading.
    column
        The cells.
    keys
        Columns that are hashed: another that repeats what stands in them would undo that.
    """
    heading = re.sub(
        r"^(case:)?(concept|org|time|lifecycle):(name|resource|group|role|timestamp|transition)$", "", name
    )
    if _NAMES.search(_CAMEL.sub(" ", heading)):
        return True
    kinds = column[column != ""].drop_duplicates()
    sample = kinds.head(_LOOKED_AT)
    if not len(sample):
        return False
    telling = sample[sample.str.len() >= _TELLING]
    repeated = any(telling.isin(key).mean() > _MANY for key in keys) if len(telling) else False
    return repeated or bool(sample.str.match(_VALUES).mean() > _SHARE)


def hashed(column: pd.Series, salt: bytes) -> pd.Series:
    """Return the keys of a column, hashed (keyed BLAKE2b): equal where the cells are, "" where they are empty.

    Parameters
    ----------
    column
        Texts.
    salt
        Without it nobody can find a name's key by hashing all names.
    """
    codes, uniques = pd.factorize(column, sort=False)
    keys = [blake2b(text.encode(), key=salt, digest_size=6).hexdigest() if text else "" for text in map(str, uniques)]
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(_apart(keys))), index=column.index)


def _apart(keys: list[str]) -> list[str]:
    """Tell apart, by a number, keys that are the same by an accident of some one in 10^14."""
    seen: dict[str, int] = {}
    apart = []
    for key in keys:
        times = seen.get(key, 0)
        seen[key] = times + 1
        apart.append(f"{key}-{times}" if times else key)
    return apart
