"""Why an alarm did not get through, in the language of the page. The log keeps the English words a program wrote."""

import re
from collections.abc import Mapping

from broadcaster.errors import Text

#: What stands in a `last_error`, and what it is in Swedish. What is not here, such as a library's name for a fault,
#: stays as it is: whoever runs the service looks it up under that name.
_SAID: Mapping[str, str] = {
    "nobody can be told: no way is set up": "ingen kan få veta något: inget sätt att larma är inställt",
    "the mail server offers no encryption, so the password is not sent to it": (
        "e-postservern erbjuder ingen kryptering, så lösenordet skickas inte till den"
    ),
    "the number or the sender is not accepted": "numret eller avsändaren godtas inte",
    "user name or password is wrong": "användarnamnet eller lösenordet är fel",
    "no credit left at 46elks, or not allowed": "pengarna hos 46elks är slut, eller så får kontot inte skicka",
    "no credit left at 46elks": "pengarna hos 46elks är slut",
    "46elks: not delivered": "46elks: inte levererat",
    "answered without an id": "svarade utan id",
    "answered nothing readable": "svarade något oläsligt",
    "failed at once": "misslyckades genast",
}


def unreached(said: str | None) -> Text:
    """Return why somebody was not reached, from the words that were kept of it."""
    sv = re.sub(r"\banswered (?=\d{3}\b)", "svarade ", said or "")
    for words, swedish in _SAID.items():
        sv = sv.replace(words, swedish)
    return Text(sv, said or "")
