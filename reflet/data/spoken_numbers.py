"""Numbers as they are said, in American English and without "and": 105 is one hundred five.

Every function returns words in lower case without hyphens. A single capital letter is a letter that is spelled.
"""

from __future__ import annotations

import re

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
ORDINAL_ONES = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
ROMAN_SHAPE = re.compile(r"M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
LARGEST = 10 ** (3 * len(SCALES)) - 1

Words = list[str]


def cardinal(number: int) -> Words:
    """How many. Numbers beyond the quadrillions are said digit by digit."""
    if number < 0:
        return ["minus", *cardinal(-number)]
    if number > LARGEST:
        return digits(str(number))
    if number < 20:
        return [ONES[number]]
    if number < 100:
        ten, one = divmod(number, 10)
        return [TENS[ten], *([ONES[one]] if one else [])]
    if number < 1000:
        hundred, rest = divmod(number, 100)
        return [ONES[hundred], "hundred", *(cardinal(rest) if rest else [])]
    out: Words = []
    groups: list[int] = []
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    for scale in reversed(range(len(groups))):
        if groups[scale]:
            out += [*cardinal(groups[scale]), *([SCALES[scale]] if scale else [])]
    return out


def ordinal(number: int) -> Words:
    """Which one: 21 is twenty first."""
    *before, last = cardinal(number)
    return [*before, ordinal_word(last)]


def ordinal_word(word: str) -> str:
    """The ordinal of a number's last word."""
    if word in ORDINAL_ONES:
        return ORDINAL_ONES[word]
    return word[:-1] + "ieth" if word.endswith("y") else word + "th"


def digits(text: str) -> Words:
    """One digit after another; what is no digit is passed over."""
    return [ONES[int(c)] for c in text if c in "0123456789"]


def year(number: int) -> Words:
    """As years are said: nineteen oh five, two thousand six, twenty twenty six, ten sixty six."""
    century, rest = divmod(number, 100)
    if not 1000 <= number <= 2999 or 2000 <= number <= 2009 or (rest == 0 and number % 1000 == 0):
        return cardinal(number)
    if rest == 0:
        return [*cardinal(century), "hundred"]
    return [*cardinal(century), *(["oh", ONES[rest]] if rest < 10 else cardinal(rest))]


def decimal(text: str) -> Words:
    """A number as written, "-1,234.50", with a point and digits after it."""
    sign = ["minus"] if text[:1] in "-−" else []
    whole, _, part = text.lstrip("+-−").replace(",", "").partition(".")
    said = cardinal(int(whole)) if whole else ["zero"]
    return [*sign, *said, *(["point", *digits(part)] if part else [])]


def is_one(text: str) -> bool:
    """Whether what is counted by this written number is singular."""
    return text.lstrip("-−") in ("1", "1.0", "1.00")


def fraction(over: int, under: int) -> Words:
    """Three quarters, one half, five over twelve hundred."""
    if under == 2:
        return [*cardinal(over), "half" if over == 1 else "halves"]
    if under in (0, 1) or under > 100:
        return [*cardinal(over), "over", *cardinal(under)]
    name = ["quarter"] if under == 4 else ["hundredth"] if under == 100 else ordinal(under)
    return [*cardinal(over), *name[:-1], name[-1] + ("" if over == 1 else "s")]


def decade(number: int) -> Words:
    """1990 is nineteen nineties; 80 is eighties; 2000 is two thousands."""
    said = cardinal(number) if number < 100 else year(number)
    last = said[-1]
    return [*said[:-1], last[:-1] + "ies" if last.endswith("y") else last + "s"]


def roman(text: str) -> int | None:
    """The number that Roman numerals in capitals mean, None for what is none."""
    if not text or not ROMAN_SHAPE.fullmatch(text):
        return None
    values = [ROMAN[c] for c in text]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))


def letters(text: str) -> Words:
    """Letters and digits one by one; letters come back as capitals, which is how a spelled letter is written here."""
    out: Words = []
    for part in re.findall(r"[A-Za-z]|\d+", text):
        if part.isalpha():
            out.append(part.upper())
        else:
            out += cardinal(int(part)) if len(part) <= 2 and part[0] != "0" else digits(part)
    return out
