"""
Reading what stands in an address: its variables and its query, every fault of the query at once.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

from broadcaster.api.routes import Parameter
from broadcaster.errors import FieldError, Invalid, NotFound, Text

#: Nothing of ours is named with anything else; a region's own letters may stand in a reference.
_NAME = re.compile(r"\w[\w.-]{0,63}")
_INTEGER = re.compile(r"-?[0-9]{1,10}")


def variables(given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the path in NFC. Raises `NotFound` for one that names nothing of ours."""
    found = {name: unicodedata.normalize("NFC", value[:200]) for name, value in given.items()}
    if not all(_NAME.fullmatch(value) for value in found.values()):
        raise no_such_address()
    return found


def query(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """Return a value for every one of `parameters`. Raises `Invalid` for one that is repeated, unknown or wrong."""
    known = {one.name: one for one in parameters}
    found: dict[str, Any] = {name: one.default for name, one in known.items()}
    faults: list[FieldError] = []
    for name, values in request.args.lists():
        message = _UNKNOWN if name not in known else _TWICE if len(values) > 1 else _fault(known[name], values[0])
        if message is not None:
            faults.append(FieldError(f"/{name}", message))
        elif known[name].kind == "integer":
            found[name] = int(values[0])
        else:
            found[name] = values[0]
    if faults:
        raise wrong_query(*faults)
    return found


def wrong_query(*faults: FieldError) -> Invalid:
    """Return the refusal of a query."""
    return Invalid(
        "wrong-query",
        Text(
            "Något efter frågetecknet i adressen är fel, så inget har hämtats eller gjorts. "
            "Rätta det som står under errors och försök igen.",
            "Something after the question mark in the address is wrong, so nothing was fetched or done. "
            "Correct what errors lists and try again.",
        ),
        fields=faults,
    )


def no_such_address() -> NotFound:
    """Return the refusal for an address that is none of ours."""
    return NotFound(
        "no-such-address",
        Text(
            "Det finns inget på den här adressen. Inget har gjorts. Se adresserna i /api/v1/openapi.json.",
            "There is nothing at this address. Nothing has been done. See the addresses in /api/v1/openapi.json.",
        ),
    )


def _fault(parameter: Parameter, value: str) -> Text | None:
    if parameter.kind == "integer":
        if _INTEGER.fullmatch(value) and parameter.minimum <= int(value) <= parameter.maximum:
            return None
        low, high = parameter.minimum, parameter.maximum
        return Text(f"Ska vara ett heltal från {low} till {high}.", f"Must be an integer from {low} to {high}.")
    if parameter.choices:
        choices = ", ".join(parameter.choices)
        known = value in parameter.choices
        return None if known else Text(f"Välj ett av: {choices}.", f"Choose one of: {choices}.")
    return None if _NAME.fullmatch(value) else _UNREADABLE


_UNKNOWN = Text("Finns inte här. Ta bort den.", "Is not known here. Remove it.")
_TWICE = Text("Står flera gånger. Behåll en.", "Stands several times. Keep one.")
_UNREADABLE = Text(
    "Är inget som finns. Använd det värde som stod i next.", "Names nothing. Use the value that stood in next."
)
