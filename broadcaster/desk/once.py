"""However often a form is pressed, it does one thing: what it carries to be known again by."""

import hashlib
import json
import uuid

from flask import request


def submission() -> str:
    """Return what this form is known by: what it carries, or something new; only ever a UUID."""
    given = request.form.get("submission", "")
    try:
        return str(uuid.UUID(given))
    except ValueError:
        return str(uuid.uuid4())


def fingerprint(*answers: str) -> str:
    """Return what tells these answers from others: a hex SHA-256."""
    return hashlib.sha256(json.dumps(answers).encode("utf-8", "backslashreplace")).hexdigest()
