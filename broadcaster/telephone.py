"""Telephone numbers: how they are told from addresses, dialled and spoken."""

import re

_DIGITS = {
    "sv": ("noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}


def spell(number: str, language: str) -> str:
    """Return a number as a voice says it, digit by digit."""
    digits = _DIGITS.get(language.partition("-")[0], _DIGITS["en"])
    return ", ".join("plus" if mark == "+" else digits[int(mark)] for mark in number if mark in "+0123456789")


def is_number(value: str) -> bool:
    """Tell whether a contact's value is dialled, and no address."""
    return re.fullmatch(r"\+?[0-9][0-9 -]*", value) is not None


def dialled(number: str) -> str:
    """Return the digits that are dialled at home, so that two spellings of one number are equal."""
    digits = re.sub(r"[^0-9+]", "", number)
    return "0" + digits[3:].removeprefix("0") if digits.startswith("+46") else digits
