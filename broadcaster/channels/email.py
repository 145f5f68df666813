"""E-mail to a list."""

from typing import Any, Literal

from pydantic import model_validator

from broadcaster.channels import Channel
from broadcaster.kinds import Kind, Tools
from broadcaster.letter_settings import RECIPIENTS_MAX, ByMail, MailServer, each_once

ALL_LANGUAGES = ("sv", "en", "sv-x-lattlast", "ar", "so", "fi")


class EmailSettings(MailServer):
    kind: Literal["email"]
    recipients: tuple[ByMail, ...]

    @model_validator(mode="after")
    def _once(self) -> "EmailSettings":
        if not 1 <= len(self.recipients) <= RECIPIENTS_MAX:
            raise ValueError(f"recipients: between 1 and {RECIPIENTS_MAX}")
        each_once(self.recipients)
        return self


def _open(key: str, settings: Any, tools: Tools) -> Channel:
    raise NotImplementedError


KIND = Kind(
    name="email",
    settings=EmailSettings,
    way="letter",
    open=_open,
    secrets={"PASSWORD": "SMTPPASS"},
    imitation="smtp",
    drill={
        "sender": "ovning@ovning.example",
        "recipients": tuple(
            {"name": f"Övning, mottagare {n}", "address": f"mottagare-{n}@ovning.example", "languages": ALL_LANGUAGES}
            for n in (1, 2, 3)
        ),
    },
)
