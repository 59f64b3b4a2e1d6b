"""Nobody's name, number or address stays in a log.

Comes in: the cells of a file, and which columns are needed.  Goes out: keys that are hashed, and which columns must not
be kept.  What is told apart by a person's name (the officer, the applicant's case number) is told apart by the hash
as well.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

import pandas as pd

__all__ = ["hashed", "is_personal"]

_NAMES: Final = re.compile(
    r"姓名|名字|申请人|办事人|联系人|经办人|法人|身份证|证件号|手机|电话|联系方式|地址|住址|邮箱|生日|出生|微信"
    r"|(?<![a-z])(name|applicant|surname|phone|mobile|tel|e-?mail|address|id[ _-]?(card|no|number)|passport|birth"
    r"|dob|ssn|contact)(?![a-z])",
    re.IGNORECASE,
)
_VALUES: Final = re.compile(r"^\s*(?:\d{17}[\dXx]|\d{15}|(?:\+?86[- ]?)?1[3-9]\d{9}|[^@\s]+@[^@\s]+\.[A-Za-z]{2,})\s*$")
"""Numbers of identity cards (18 digits, or 15 of the old ones), of mobile phones, and mail addresses."""
_SHARE: Final = 0.05
_LOOKED_AT: Final = 1_000


def is_personal(name: str, column: pd.Series) -> bool:
    """Tell whether a column is about a person, by its heading or by what stands in it."""
    heading = re.sub(
        r"^(case:)?(concept|org|time|lifecycle):(name|resource|group|role|timestamp|transition)$", "", name
    )
    if _NAMES.search(heading):
        return True
    some = column[column != ""].head(_LOOKED_AT)
    return bool(len(some)) and bool(some.str.match(_VALUES).mean() > _SHARE)


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
