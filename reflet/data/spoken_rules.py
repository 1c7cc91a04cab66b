"""Written shapes that are no words, and how each is said: dates, times, money, units, addresses, ranges.

A rule is a pattern and a function of its match; the first rule that matches where the reader stands, and whose function
has an answer, is taken. American habits: month before day, points in decimals, commas between thousands.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from reflet.data.spoken_numbers import (
    Words,
    cardinal,
    decade,
    decimal,
    digits,
    fraction,
    is_one,
    letters,
    ordinal,
    year,
)
from reflet.data.spoken_words import (
    BEFORE_NUMBERS,
    CURRENCIES,
    DOTTED,
    FRACTIONS,
    MONTH_OF,
    MONTHS,
    MULTIPLES,
    SYMBOLS,
    UNITS,
    WEEKDAYS,
)

Match = re.Match[str]
Rule = tuple[re.Pattern[str], Callable[[Match], Words | None]]

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
END = r"(?![A-Za-z0-9])"
MONTH = "(?:" + "|".join(m.capitalize() for m in MONTHS) + r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|(?:Mon|Tues?|Wed|Thurs?|Thur|Fri|Sat|Sun)\.?)"
ENDINGS = "com|org|net|io|dev|edu|gov|ai|co|uk|de|fr|info|eu|us|tv|app|me|example"
UNIT = "|".join(re.escape(u) for u in sorted(UNITS, key=len, reverse=True))
SIGN = "|".join(re.escape(c) for c in sorted(CURRENCIES, key=len, reverse=True))
MULTIPLE = r"(?:thousand|million|billion|trillion|bn|tn|mn|[kKmMbB])"
FRACTION_SIGNS = "".join(FRACTIONS)


ADDRESS_MARKS = {
    ".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", "?": "question", "=": "equals", "&": "and",
    "#": "hash", "%": "percent", "+": "plus", ":": "colon", "~": "tilde",
}  # fmt: skip


def address(text: str) -> Words:
    """A web address or mail box: words, "dot", "slash", "at"; what has no vowel or two letters is spelled."""
    out: Words = []
    for part in re.findall(r"[A-Za-z]+|\d+|[^A-Za-z\d]", text):
        lower = part.lower()
        if part.isdigit():
            out += cardinal(int(part)) if len(part) <= 2 and part[0] != "0" else digits(part)
        elif not part.isalpha():
            out += [ADDRESS_MARKS[part]] if part in ADDRESS_MARKS else []
        elif lower in ("co", "my", "go", "to", "of", "in", "on", "we") or (
            len(part) > 2 and re.search("[aeiouy]", lower)
        ):
            out.append(lower)
        else:
            out += letters(part)
    return out


def _url(m: Match) -> Words | None:
    said = re.sub(r"^https?://", "", m[0]).rstrip("/")
    return address(said)


def _month(text: str) -> str:
    return MONTHS[MONTH_OF[text.rstrip(".").lower()] - 1]


def _date(month: int, day: int, in_year: str | None) -> Words | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return [MONTHS[month - 1], *ordinal(day), *(_year(in_year) if in_year else [])]


def _year(text: str) -> Words:
    number = int(text)
    if len(text) == 2:
        return ["oh", *cardinal(number)] if number < 10 else cardinal(number)
    return year(number)


def _slashed(m: Match) -> Words | None:
    first, second = int(m[1]), int(m[3])
    month, day = (second, first) if m[2] == "." or first > 12 else (first, second)
    return _date(month, day, m[4])


def _day_first(m: Match) -> Words | None:
    if not 1 <= int(m[1]) <= 31:
        return None
    return ["the", *ordinal(int(m[1])), "of", _month(m[2]), *(year(int(m[3])) if m[3] else [])]


def _clock(m: Match) -> Words | None:
    hour, minute, half = int(m[1]), int(m[2]), m[4]
    if hour > 24 or minute > 59 or (half and hour > 12):
        return None
    after = [half.upper(), "M"] if half else []
    past = ["oh", *cardinal(minute)] if minute < 10 else cardinal(minute)
    if minute == 0:
        past = [] if half else ["hundred"] if hour > 12 else ["o'clock"]
    seconds = ["and", *cardinal(int(m[3])), "second" + ("" if int(m[3]) == 1 else "s")] if m[3] else []
    return [*cardinal(hour), *past, *seconds, *after]


def _phone(m: Match) -> Words:
    plus = ["plus"] if m[0].startswith("+") else []
    return [*plus, *digits(m[0])]


def _amount(text: str, multiple: str | None, names: tuple[str, str, str, str]) -> Words:
    one, many, small_one, small_many = names
    if multiple:
        return [*decimal(text), MULTIPLES[multiple.lower()], *many.split()]
    whole, _, part = text.replace(",", "").partition(".")
    if len(part) != 2 or many == one:
        return [*decimal(text), *(one if is_one(text) else many).split()]
    units, hundredths = int(whole or 0), int(part)
    out = [*cardinal(units), *(one if units == 1 else many).split()] if units or not hundredths else []
    if hundredths:
        small = [*cardinal(hundredths), small_one if hundredths == 1 else small_many]
        out += ["and", *small] if out else small
    return out


def _money(m: Match) -> Words:
    sign = ["minus"] if m[1] else []
    if m[4]:  # $5-10
        return [*sign, *decimal(m[3]), "to", *_amount(m[4], m[5], CURRENCIES[m[2]])]
    return [*sign, *_amount(m[3], m[5], CURRENCIES[m[2]])]


def _unit(text: str, unit: str) -> Words:
    if unit == "%":
        return ["percent"]
    return UNITS[unit][0 if is_one(text) else 1].split()


def _measured(m: Match) -> Words | None:
    if m[0].endswith("K") and " " not in m[0]:  # a 4K screen
        return None
    return [*decimal(m[1]), *_unit(m[1], m[2])]


def _number(text: str) -> Words:
    """A number by itself: four digits are a year where a year would be likely, and a leading zero is spelled."""
    if re.fullmatch(r"0\d+", text):
        return digits(text)
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", text):
        return year(int(text))
    return decimal(text)


def _range(m: Match) -> Words | None:
    first, second, unit = m[1], m[2], m[3]
    if unit:
        return [*decimal(first), "to", *decimal(second), *_unit(second, unit)]
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", first) and len(second) == 2:  # 1914-18
        return [*year(int(first)), "to", *cardinal(int(second))]
    return [*_number(first), "to", *_number(second)]


def _sized(m: Match) -> Words | None:
    if " × " in m[1] and not m[2]:  # a product
        return None
    said = [decimal(n) for n in re.split(r"\s?[x×]\s?", m[1])]
    unit = _unit("2", m[2]) if m[2] else []
    return [w for i, words in enumerate(said) for w in (["by"] if i else []) + words] + unit


def _mixed(m: Match) -> Words | None:
    over, under = int(m[2]), int(m[3])
    said = fraction(over, under)
    if over == 1 and m[1]:
        said = ["a", *said[1:]]
    return [*cardinal(int(m[1])), "and", *said] if m[1] else said


def _sign_fraction(m: Match) -> Words:
    said = fraction(*FRACTIONS[m[2]])
    return [*cardinal(int(m[1])), "and", *(["a", *said[1:]] if said[0] == "one" else said)] if m[1] else said


def _dotted_numbers(m: Match) -> Words:
    """Versions and addresses of machines: two point zero point one."""
    parts = m[2].split(".")
    joint = "dot" if len(parts) == 4 else "point"
    said = [digits(p) if p[0] == "0" or len(p) > 2 else cardinal(int(p)) for p in parts]
    words = [w for i, part in enumerate(said) for w in ([joint] if i else []) + part]
    return (["version"] if m[1] else []) + words


def _height(m: Match) -> Words:
    feet = int(m[1])
    return [*cardinal(feet), "foot" if feet == 1 else "feet", *cardinal(int(m[2])), "inch" if m[2] == "1" else "inches"]


def _alphanumeric(m: Match) -> Words | None:
    out: Words = []
    for part in re.findall(r"[A-Za-z]+|\d+", m[0]):
        if part.isdigit():
            out += cardinal(int(part)) if len(part) <= 3 and part[0] != "0" else digits(part)
        elif part.isupper() or len(part) <= 2 or not re.search("[aeiouy]", part):
            out += letters(part)
        else:
            out.append(part.lower())
    return out


def _before_number(m: Match) -> Words:
    return [BEFORE_NUMBERS[m[1].lower()]]


def _hash(m: Match) -> Words:
    return ["hashtag", *_alphanumeric(m)] if not m[1].isdigit() else ["number", *cardinal(int(m[1]))]  # type: ignore[misc]


RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern), say)
    for pattern, say in (
        (r"(?:https?://|www\.)[^\s<>\"]*[A-Za-z0-9/]", _url),
        (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", lambda m: address(m[0])),
        (rf"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:{ENDINGS}){END}(?:/[^\s<>\"]*[A-Za-z0-9/])?", _url),
        ("(?i)(?:" + "|".join(re.escape(d) for d in sorted(DOTTED, key=len, reverse=True)) + r")(?![A-Za-z0-9])",
         lambda m: DOTTED[m[0].lower()]),
        (r"(?:[A-Za-z]\.){2,}(?![A-Za-z])", lambda m: letters(m[0])),
        (r"(\d{4})-(\d{2})-(\d{2})(?!\d)", lambda m: _date(int(m[2]), int(m[3]), m[1])),
        (r"(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d./])", _slashed),
        (rf"({MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:|,\d|[-–]\d)(?:,? (\d{{4}})(?!\d))?",
         lambda m: _date(MONTH_OF[m[1].rstrip('.').lower()], int(m[2]), m[3])),
        (rf"({MONTH}) (\d{{4}}){END}", lambda m: [_month(m[1]), *year(int(m[2]))]),
        (rf"(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({MONTH})(?![a-z])(?:,? (\d{{4}})(?!\d))?", _day_first),
        (r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s?([AaPp])\.?[Mm]\.?)?(?![\dA-Za-z])", _clock),
        (r"(\d{1,2})\s?([AaPp])\.?[Mm]\b\.?", lambda m: [*cardinal(int(m[1])), m[2].upper(), "M"]),
        (r"(?:\+?\d{1,3}[ -])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?!\d)", _phone),
        (r"\+\d[\d -]{6,}\d|\d{3}-\d{4}(?!\d)", _phone),
        (rf"([-−])?({SIGN}) ?({NUMBER})(?:[-–]({NUMBER}))?(?:[ -]?({MULTIPLE}){END})?", _money),
        (rf"({NUMBER})(?: ?({MULTIPLE}))? ?({SIGN}){END}", lambda m: _amount(m[1], m[2], CURRENCIES[m[3]])),
        (rf"({NUMBER})¢", lambda m: [*decimal(m[1]), "cent" if is_one(m[1]) else "cents"]),
        (r"(\d)['′](\d{1,2})[\"″]?(?!\d)", _height),
        (r"([vV]\.?)?(\d+(?:\.\d+){2,})(?![\d])", _dotted_numbers),
        (r"([vV])\.?(\d+(?:\.\d+)?)" + END, lambda m: ["version", *decimal(m[2])]),
        (r"'?(\d{1,3}0)'?s" + END, lambda m: decade(int(m[1]))),
        (r"((?:\d{1,3}(?:,\d{3})+|\d+))(?:st|nd|rd|th)" + END, lambda m: ordinal(int(m[1].replace(",", "")))),
        (r"(?:(\d+)[ -])?(\d{1,3})/(\d{1,3})(?![\d/])", _mixed),
        (rf"(\d+)?\s?([{FRACTION_SIGNS}])", _sign_fraction),
        (rf"({NUMBER}(?:\s?[x×]\s?{NUMBER})+)(?:\s?({UNIT}))?{END}", _sized),
        (rf"({NUMBER})(?:%|\s?(?:{UNIT}))?\s?(?:-|–|—)\s?({NUMBER})(?:\s?({UNIT}|%))?{END}(?!-)", _range),
        (rf"([-−]?{NUMBER})[ -]?({UNIT}|%)(?![A-Za-z0-9/])", _measured),
        (rf"(?i)({'|'.join(sorted(BEFORE_NUMBERS, key=len, reverse=True))})\.\s?(?=\d)", _before_number),
        (r"#([A-Za-z0-9_]+)", _hash),
        (r"@([A-Za-z0-9_]+)", lambda m: ["at", *(_alphanumeric(m) or [])]),
        (r"(?=\d+[A-Za-z]|[A-Za-z]+\d)[A-Za-z0-9]+" + END, _alphanumeric),
        (rf"[-−](?={NUMBER})(?<![A-Za-z0-9)][-−])({NUMBER})", lambda m: ["minus", *decimal(m[1])]),
        (rf"{NUMBER}", lambda m: _number(m[0])),
        (rf"({DAY})(?=,| |$)(?<=\.)", lambda m: [WEEKDAYS[m[1].rstrip('.').lower()]]),
        (rf"({MONTH})(?<=\.)", lambda m: [_month(m[1])]),
        ("[" + re.escape("".join(s for s in SYMBOLS if s not in "*|_~/")) + "]", lambda m: SYMBOLS[m[0]].split()),
    )
)  # fmt: skip
