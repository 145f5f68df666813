"""
The form of a playbook and of the register as JSON Schema, for editors that complete and check while somebody writes.

It is made from the same declarations that read the files, so it cannot say anything else. What it cannot say (holes,
lengths, rules) is what `playbooks check` says.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from broadcaster.errors import Unfit
from broadcaster.keys import KEYS
from broadcaster.manuscript import Phase, Playbook, Register

#: Names a dialect and is no address that anybody asks: editors of TOML read draft 7 and older.
_DIALECT = "http://json-schema.org/draft-07/schema#"
FILES: Mapping[str, type[BaseModel]] = {"playbook.json": Playbook, "register.json": Register}


def schemas() -> dict[str, str]:
    """Return the text of each schema's file, by its name. Raises `Unfit` for a key that `keys` says nothing of."""
    return {name: json.dumps(_schema(kind), ensure_ascii=False, indent=1) + "\n" for name, kind in FILES.items()}


def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    made = kind.model_json_schema()
    parts = made.pop("$defs", {})
    missing = [key for name, part in {**parts, kind.__name__: made}.items() for key in _describe(name, part)]
    if missing:
        raise Unfit(f"broadcaster/keys.py says nothing of {', '.join(missing)}: say what each is for, sv and en")
    whole = {"$schema": _DIALECT, **made, "$defs": parts}
    plain: dict[str, Any] = _plain(whole)
    return plain


def _describe(name: str, part: dict[str, Any]) -> Iterator[str]:
    """Describe each key of `part`, and yield those that nothing is known of."""
    part.get("properties", {}).pop("also", None)  # where translations put their words; nobody writes it
    for key, found in part.get("properties", {}).items():
        said = KEYS.get(f"{name}.{key}")
        if said is None:
            yield f"{name}.{key}"
            continue
        found["description"] = f"{said.sv} ({said.en})"


def _plain(thing: Any) -> Any:
    """Return a schema as editors of TOML read it: no nulls, no names for programmers, keys of maps spelled out."""
    if isinstance(thing, list):
        return [_plain(one) for one in thing]
    if not isinstance(thing, dict):
        return thing
    made = {key: _plain(one) for key, one in thing.items() if not (key == "title" and isinstance(one, str))}
    if "anyOf" in made:
        (only,) = [one for one in made.pop("anyOf") if one != {"type": "null"}]
        made = {**only, **made}
    if made.get("default", "") is None:
        del made["default"]
    if "$ref" in made and len(made) > 1:  # beside a reference, older readers see nothing else
        made["allOf"] = [{"$ref": made.pop("$ref")}]
    if "patternProperties" in made:
        made["additionalProperties"] = False
    if made.get("propertyNames", {}).get("enum") == list(get_args(Phase)):
        del made["propertyNames"]
        made["properties"] = dict.fromkeys(get_args(Phase), made["additionalProperties"])
        made["additionalProperties"] = False
    return made
