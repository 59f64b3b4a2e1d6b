"""Mutations of files and command lines: bytes, lines and tokens removed, repeated, swapped and replaced by extremes.

Input: bytes or words, and a random generator.  Output: other bytes or words, the same for the same generator.
"""

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from random import Random

NUMBERS = (
    *("0", "-1", "1", "2", "-0.0", "1e-300", "5e-324", "1e300", "1e400", "nan", "-inf", "0.1", "999999999999"),
    *("2147483648", "9223372036854775808", "18446744073709551616", "1" + "0" * 400, "0x7fffffff", "1_000", "٣", "１２"),
)
TEXTS = (
    *(
        "",
        " ",
        '"',
        "''",
        '"""',
        "=1+1",
        "\t",
        "\u202e",
        "\ufeff",
        "\x00",
        "é",
        "大厅",
        "😀",
        "a" * 3_000,
        "%s%n",
        "../..",
    ),
    *(
        "1 min",
        "0 min",
        "1e9 working days",
        "-5 min",
        "24:00",
        "24:01",
        "../..",
        "23:59-00:01",
        "00:00-24:00",
        "2024-02-30",
    ),
    *(
        "0001-01-01",
        "9999-12-31",
        "9999-12-31 23:59:59",
        "2024-03-04T09:00:00+99:00",
        "end",
        "[]",
        "{}",
        "true",
        "null",
    ),
)
TOKEN = re.compile(rb"[-+]?\d[\d.eE_:+-]*|\"[^\"\n]*\"|[A-Za-z_][\w.-]*|[^\s\w]")

VALUE = re.compile(
    rb"(?P<date>\d{4}-\d\d-\d\d)|(?P<clock>\d\d:\d\d)|(?P<list>\[[^\[\]\n]*\])(?!\n)"
    rb"|(?P<number>\d+(?:\.\d+)?)(?: (?P<unit>[a-z]+(?: [a-z]+)?))?"
)
AMOUNTS = (
    "0",
    "1",
    "2",
    "0.5",
    "1e-9",
    "1e-300",
    "3",
    "7",
    "60",
    "1000",
    "99999",
    "1000000",
    "1e9",
    "1e18",
    "-1",
    "0.999999999",
)
QUANTITIES = ("0", "1", "0.001", "1e-9", "59.999", "90", "1440", "100000", "-1", "1e9")
UNITS = (b"s", b"ms", b"min", b"h", b"days", b"working days", b"working hours", b"weeks")

Mutator = Callable[[bytes, Random], bytes]


def _span(length: int, random: Random) -> tuple[int, int]:
    first = random.randrange(length + 1)
    return first, min(length, first + random.choice((1, 1, 2, 7, 40, 400)))


def cut(data: bytes, random: Random) -> bytes:
    first, last = _span(len(data), random)
    return data[:first] + data[last:]


def truncate(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def repeat(data: bytes, random: Random) -> bytes:
    first, last = _span(len(data), random)
    return data[:first] + data[first:last] * random.choice((2, 3, 50)) + data[last:]


def overwrite(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 3, 20))):
        if changed:
            changed[random.randrange(len(changed))] = random.choice((0, 10, 13, 34, 44, 61, 127, 128, 255, 300)) % 256
    return bytes(changed)


def lines(data: bytes, random: Random) -> bytes:
    rows = data.splitlines(keepends=True)
    if not rows:
        return data
    place, other = random.randrange(len(rows)), random.randrange(len(rows))
    match random.randrange(4):
        case 0:
            del rows[place]
        case 1:
            rows[place:place] = [rows[other]] * random.choice((1, 2, 300))
        case 2:
            rows[place], rows[other] = rows[other], rows[place]
        case _:
            rows[place] = rows[place].rstrip(b"\r\n")
    return b"".join(rows)


def tokens(data: bytes, random: Random) -> bytes:
    """Replace up to three tokens by extremes or by other tokens of the same file."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        matches = list(TOKEN.finditer(data))
        if not matches:
            return data
        match, other = random.choice(matches), random.choice(matches)
        extreme = random.choice(NUMBERS if match[0][:1].isdigit() or random.random() < 0.3 else TEXTS)
        written = extreme.encode("utf-8", "surrogatepass")
        if match[0].startswith(b'"'):
            written = b'"' + written + b'"'
        new = other[0] if random.random() < 0.3 else written
        data = data[: match.start()] + new + data[match.end() :]
    return data


def values(data: bytes, random: Random) -> bytes:
    """Replace up to three values by extremes of their own kind, so that most files stay readable."""
    for _ in range(random.choice((1, 1, 2, 3))):
        matches = list(VALUE.finditer(data))
        if not matches:
            return data
        match = random.choice(matches)
        number, unit = match["number"], match["unit"]
        if match["clock"]:
            new = random.choice((b"00:00", b"24:00", b"23:59", b"12:00", b"09:00", b"25:00"))
        elif match["date"]:
            new = random.choice(
                (b"0001-01-01", b"9999-12-31", b"1970-01-01", b"2024-02-29", b"2014-10-01", b"2024-03-04")
            )
        elif match["list"]:
            new = random.choice((b"[]", b"[[]]", match["list"] + match["list"], b"[0]", b'[""]'))
        elif unit:
            new = random.choice(QUANTITIES).encode() + b" " + random.choice((unit, *UNITS))
        else:
            new = (
                random.choice(AMOUNTS) if random.random() < 0.8 else str(random.uniform(0, 10 * float(number)))
            ).encode()
        data = data[: match.start()] + new + data[match.end() :]
    return data


def moved(data: bytes, random: Random) -> bytes:
    """Copy a line to the end of another one's table, so that a key stands where it seldom does."""
    rows = data.splitlines(keepends=True)
    keys = [row for row in rows if b"=" in row]
    if not keys:
        return data
    rows.insert(random.randrange(len(rows) + 1), random.choice(keys))
    return b"".join(rows)


def encoded(data: bytes, random: Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(random.choice(("utf-16", "utf-16-le", "gb18030", "utf-8-sig", "utf-32", "latin-1")), "replace")


MUTATORS: Sequence[Mutator] = (
    values,
    values,
    values,
    values,
    values,
    moved,
    tokens,
    tokens,
    tokens,
    lines,
    lines,
    cut,
    repeat,
    overwrite,
    truncate,
    encoded,
)


def mutated(data: bytes, random: Random) -> bytes:
    """Return other bytes: one to three mutations of `data`."""
    for _ in range(random.choice((1, 1, 2, 3))):
        data = random.choice(MUTATORS)(data, random)
    return data


def mutated_archive(data: bytes, random: Random) -> bytes:
    """Return another ZIP file, as a workbook is: one member mutated, and now and then the bytes of the file itself."""
    if random.random() < 0.15:
        return mutated(data, random)
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        changed = random.choice(old.namelist())
        if random.random() < 0.6:  # most of what can go wrong is in the sheet
            changed = next((name for name in old.namelist() if "worksheets/" in name), changed)
        for name in old.namelist():
            content = old.read(name)
            new.writestr(zipfile.ZipInfo(name), mutated(content, random) if name == changed else content)
    return target.getvalue()


def mutated_gzip(data: bytes, random: Random) -> bytes:
    """Return another GZIP file: its content mutated, or its own bytes."""
    if random.random() < 0.3:
        return mutated(data, random)
    return gzip.compress(mutated(gzip.decompress(data), random), mtime=0)


def mutated_words(words: Sequence[str], options: Sequence[str], random: Random) -> list[str]:
    """Return another command line: words removed, repeated, swapped, put in or replaced by extremes."""
    changed = list(words)
    for _ in range(random.choice((1, 1, 2, 3))):
        place = random.randrange(len(changed) + 1)
        match random.randrange(5):
            case 0 if changed:
                del changed[place - 1]
            case 1:
                changed[place:place] = [random.choice(options)]
            case 2:
                changed[place:place] = [random.choice(options), random.choice((*NUMBERS, *TEXTS))]
            case 3 if changed:
                changed[place - 1] = random.choice((*NUMBERS, *TEXTS, *options))
            case _ if changed:
                other = random.randrange(len(changed))
                changed[place - 1], changed[other] = changed[other], changed[place - 1]
    return [word.replace("\x00", "") for word in changed]
