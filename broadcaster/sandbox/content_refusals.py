"""Every refusal the content management API is known to have, each provoked by one parent in the imitated tree.

The codes, their spelling and the two envelopes are the vendor's. What leads to each of them in a real installation
depends on its page types and its tree, so here a parent of its own stands for each.
"""

from collections.abc import Mapping

from broadcaster.sandbox.content import CmsError, Model

#: Parents under which every write is refused, by number. Under those from 9100 on, in the early release's envelope.
REFUSALS: Mapping[int, tuple[str, str]] = {
    9001: ("InvalidModel", "'Name' has exceeded its limit of 255 characters."),
    9002: ("InvalidParent", "The provided parent link is invalid."),
    9003: ("SystemContent", "System content cannot be changed."),
    9004: ("ContentValidation", "Validation failed for the property 'heading'."),
    9005: ("ReadOnlyContent", "The content is read-only."),
    9006: ("NotAllowedParent", "Content of this type is not allowed under the parent."),
    9007: ("StatusTransition", "The content cannot go to the status 'Published'."),
    9008: ("ContentNotRoutable", "The content type is not routable."),
    9009: ("ContentNotVersionable", "The content type is not versionable."),
    9010: ("ContentNotLocalizable", "The content type is not localizable."),
    9011: ("ContentProvider", "The content provider does not support the operation."),
    9012: ("InvalidAction", "Action RequestApproval requires that an approval definition is defined."),
    9013: ("ScheduledPublishing", "The content is already scheduled for publishing."),
    9014: ("ForceVersion", "A specific version of the content cannot be named."),
    9015: ("DelayedPulish", "DelayedPublish needs a startPublish."),  # the vendor spells it so
    9016: ("PropertyReferenceNotFound", "The content referred to by a property could not be found."),
}
_EARLY = 9100


class EarlyCmsError(CmsError):
    """A refusal in the envelope of the API's first release."""


def check_parent(model: Model) -> None:
    """Raise what the model's parent stands for, if it stands for a refusal."""
    number = (model.parent_link or {}).get("id")
    if not isinstance(number, int):
        return
    early = number >= _EARLY
    refusal = REFUSALS.get(number - 100 if early else number)
    if refusal is not None:
        code, detail = refusal
        raise (EarlyCmsError if early else CmsError)(400, code, detail)
