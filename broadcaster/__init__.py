"""
Say pre-approved words on every channel at once, and be able to prove it.

form, api     somebody asks, with a key so that asking twice is asking once          desk/  api/  auth/  request
playbook      which words: approved by two people, blanks filled, limits checked     playbook  approval  composition
broadcast     one transaction: the message, a delivery per channel, the audit        broadcast  acceptance  stop
outbox        what is still owed, and the pure rule for what comes next              outbox  ledger  protocol  turns
worker        pays it: claim, call, settle; tells a person when it cannot            worker  ring  alarm  proof
channels/     Facebook, 1177, our own page, a person: each answers with a fact
audit         who did what, when, and what came back; append-only

Around them: store and tables (where it is kept), settings and errors (what can be wrong), board, situation and views
(what is shown), public (our own page), sandbox/ (imitation services), app and commands/ (where parts meet).
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("crisis-broadcaster")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.1.0"

__all__ = ["__version__"]
