"""Facebook's refusals: one function per refusal, each in the envelope and with the HTTP status seen in the field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from broadcaster.sandbox.exchange import Answer, JsonObject
from broadcaster.sandbox.script import PAGE_ID


@dataclass(slots=True, eq=False)
class GraphError(Exception):
    """A refusal on its way to becoming an answer."""

    code: int
    message: str
    subcode: int | None = None
    status: int = 400
    kind: str = "OAuthException"
    transient: bool = False
    title: str = ""
    advice: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, trace: str) -> Answer:
        """Return the refusal as Facebook words it."""
        error: JsonObject = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        error["is_transient"] = self.transient
        if self.title:
            error |= {"error_user_title": self.title, "error_user_msg": self.advice}
        error["fbtrace_id"] = trace
        return Answer(self.status, json.dumps({"error": error}, ensure_ascii=False).encode(), headers=self.headers)


def invalid(message: str) -> GraphError:
    """Return 100: something in the request is wrong, and stays wrong."""
    return GraphError(100, f"(#100) {message}", title="Begäran kunde inte behandlas", advice=message)


def no_such_object(method: str, object_id: str) -> GraphError:
    """Return 100/33, for unknown, deleted and foreign objects alike."""
    return GraphError(
        100, f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded"
        " due to missing permissions, or does not support this operation.", subcode=33, kind="GraphMethodException")


def unsupported(method: str, path: str) -> GraphError:
    """Return 100: this address does not take this method."""
    return GraphError(100, f"Unsupported {method.lower()} request for {path}.", kind="GraphMethodException")


def unknown_path(path: str) -> GraphError:
    """Return 2500: no such address."""
    return GraphError(2500, f"Unknown path components: {path}")


def unreadable_fields(character: str) -> GraphError:
    """Return 2500: the parameter `fields` is not in its language."""
    return GraphError(2500, f'Syntax error "Expected end of string instead of "{character}"."')


def no_token() -> GraphError:
    """Return 2500: the request carried no token."""
    return _token_trouble(2500, "An active access token must be used to query information about the current user.",
                          None)


def wrong_token() -> GraphError:
    """Return 190/467: not a token of ours."""
    return _token_trouble(190, "Invalid OAuth access token - Cannot parse access token", 467)


def expired_token() -> GraphError:
    """Return 190/463: it was a token once."""
    return _token_trouble(190, "Error validating access token: Session has expired on Sunday, 01-Nov-26 02:00:00 PST.",
                          463)


def needs_app_token() -> GraphError:
    """Return 15: only the app itself may ask this."""
    return GraphError(15, "(#15) This method must be called with an app access_token.")


def bad_proof() -> GraphError:
    """Return 100: the proof was not made from this token and the app's secret."""
    return GraphError(100, "Invalid appsecret_proof provided in the API argument", kind="GraphMethodException")


def no_proof() -> GraphError:
    """Return 100: the app's dashboard says that every call carries a proof."""
    return GraphError(100, "API calls from the server require an appsecret_proof argument",
                      kind="GraphMethodException")


def unknown_app() -> GraphError:
    """Return 101: no app has this number."""
    return GraphError(101, "Error validating application. Cannot get application info due to a system error.")


def wrong_secret() -> GraphError:
    """Return 1: this is not the app's secret."""
    return GraphError(1, "Error validating client secret.")


def not_as_page() -> GraphError:
    """Return 200: a person's token tried to make something unpublished."""
    return GraphError(200, "(#200) Unpublished posts must be posted to a page as the page itself.", status=403)


def may_not_write(scopes: list[str]) -> GraphError:
    """Return 200: a permission to write was not granted."""
    if "pages_manage_posts" in scopes or "pages_read_engagement" in scopes:
        said = "If posting to a page, requires both pages_read_engagement and pages_manage_posts"
    else:
        said = f"Requires {scopes[0]}"
    return GraphError(200, f"(#200) {said} as an admin with sufficient administrative permission", status=403)


def may_not(scopes: list[str]) -> GraphError:
    """Return 10: a permission was not granted, was taken back, or has gone unused for 90 days."""
    return GraphError(10, f"(#10) This endpoint requires the '{scopes[0]}' permission", status=403)


def of_another_app() -> GraphError:
    """Return 200: only the app that made a post may change it."""
    return GraphError(200, "(#200) This post wasn't created by the application", status=403)


def not_the_author() -> GraphError:
    """Return 200: only who wrote a comment may change its words."""
    return GraphError(200, "(#200) Permissions error: the comment was written by somebody else", status=403)


def drafts_refused() -> GraphError:
    """Return 100: this Page takes no unpublished posts."""
    return invalid("Unpublished posts are not supported for this Page")


def duplicate() -> GraphError:
    """Return 506/1455006: the post before says exactly the same."""
    return GraphError(
        506, "Duplicate status message", subcode=1455006, title="Samma inlägg igen",
        advice="Inlägget är likadant som ditt senaste. Ändra texten eller ta bort det förra inlägget.")


def no_picture() -> GraphError:
    """Return 324: no file came, and nothing could be fetched."""
    return GraphError(324, "(#324) Missing or invalid image file", title="Bilden saknas",
                      advice="Bilden kunde inte hämtas. Ladda upp en bildfil.")


def damaged_picture() -> GraphError:
    """Return 324/2069019: the file begins as a picture and is not whole."""
    return GraphError(324, "(#324) Missing or invalid image file", subcode=2069019, title="Ogiltig fil",
                      advice="Filen är skadad eller ofullständig. Ladda upp den igen.")


def wrong_picture() -> GraphError:
    """Return 100/1366046: too large, or of a kind that is not taken."""
    return GraphError(100, "Invalid parameter", subcode=1366046, title="Bilden kan inte läsas",
                      advice="Bilden är för stor eller har fel format. Använd JPG eller PNG, mindre än 4 MB.")


def unknown_media(media_id: str) -> GraphError:
    """Return 100: there is no such photo to attach, or no longer."""
    return invalid(f"Invalid media_fbid: {media_id}")


def photos_already_posted() -> GraphError:
    """Return 100/1366051: a photo can be posted once."""
    return GraphError(100, "Invalid parameter", subcode=1366051, title="Redan publicerat",
                      advice="De här bilderna har redan publicerats.")


def unavailable() -> GraphError:
    """Return code 2 with HTTP 500: perhaps done, perhaps not."""
    return GraphError(2, "An unexpected error has occurred. Please retry your request later.", status=500,
                      transient=True)


def page_limit(minutes: int = 1, call_count: int = 101, seconds: int = 23) -> GraphError:
    """Return 80001 with the Page's usage header: two figures in percent, and the minutes until access is back.

    Unless told otherwise it is one minute, the shortest there is.
    """
    return GraphError(
        80001, "(#80001) There have been too many calls to this Page account. Wait a bit and try again.",
        transient=True, headers=usage_header(PAGE_ID, "pages", call_count, seconds, minutes))


def app_limit() -> GraphError:
    """Return 4 with the app's usage header."""
    usage = {"call_count": 101, "total_time": 25, "total_cputime": 25}
    return GraphError(4, "(#4) Application request limit reached", status=403, transient=True,
                      headers={"X-App-Usage": json.dumps(usage)})


def person_limit() -> GraphError:
    """Return 32: too many calls about the Page with a person's token."""
    return GraphError(32, "(#32) Page request limit reached", status=403, transient=True)


def usage_header(owner: str, kind: str, call_count: int = 101, seconds: int = 23, minutes: int = 1) -> dict[str, str]:
    """Return how much of its budget `owner` has used: two figures in percent, and the minutes until access is back."""
    usage = {owner: [{"type": kind, "call_count": call_count, "total_cputime": seconds, "total_time": seconds,
                      "estimated_time_to_regain_access": minutes}]}
    return {"X-Business-Use-Case-Usage": json.dumps(usage)}


def token_header(message: str) -> dict[str, str]:
    """Return the header of a refused token."""
    return {"WWW-Authenticate": f'OAuth "Facebook Platform" "invalid_token" "{message}"'}


def _token_trouble(code: int, message: str, subcode: int | None) -> GraphError:
    return GraphError(code, message, subcode=subcode, headers=token_header(message))
