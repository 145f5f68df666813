"""
Secrets: from the environment, or from the file that the same variable with `_FILE` behind it names; nowhere else.

What is missing, left over from an example, or an imitation's published token in a place that is none, is no secret.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from broadcaster.errors import Unfit

#: The imitations' published tokens. Anyone can read them, so they open nothing but an imitation on loopback.
IMITATION_TOKENS = frozenset({"PAGETOK", "USERTOK", "SYSTOK", "s3cr3t", "PHONETOK", "RESTPASS", "elkspass", "MAILPASS"})
#: Values people leave behind from examples; none of them is a secret.
FRIENDLY = frozenset({"", "dev", "secret", "changeme", "change-me", "password", "top-secret!", "hemlig", "test"})
SECRET_LENGTH_MIN = 32


def secret(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the secret `name` from the environment or from the file `<name>_FILE` names; None if neither is set.

    Raises `Unfit` when the file cannot be read.
    """
    value = environ.get(name)
    file = environ.get(f"{name}_FILE")
    if not value and file:
        try:
            value = Path(file).read_text("utf-8").strip()
        except OSError as error:
            raise Unfit(f"{name}_FILE: {file} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise Unfit(f"{name}_FILE: {file} is not text in UTF-8: write the secret into it again") from error
        if not value:
            raise Unfit(f"{name}_FILE: {file} is empty: write the secret into it, or unset {name}_FILE")
    return value or None


def required_secret(name: str, *, imitation: bool = False, environ: Mapping[str, str] = os.environ) -> str:
    """Return the secret `name`, or raise `Unfit` if it is missing, friendly, or an imitation's where none may be.

    `imitation` says that the place it opens is an imitation on loopback, the only place the published tokens fit.
    """
    value = secret(name, environ)
    if value is None or value.strip().lower() in FRIENDLY:
        raise Unfit(f"{name} is missing or a placeholder: set it, or {name}_FILE, and start again")
    if value in IMITATION_TOKENS and not imitation:
        raise Unfit(f"{name} is an imitation's published token; it may only be used against loopback over http")
    return value
