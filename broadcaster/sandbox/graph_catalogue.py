"""Every error of Facebook that somebody has described, by its numbers, so that a script can provoke it.

Statuses, types and texts are those of Meta's tables and of field reports; where none is known, 400 and a text of our
own. A number nobody has described is answered too: a client has to live with it.
"""

from dataclasses import replace

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.script import PAGE_ID

ALREADY_POSTED, TRANSIENT = "already_posted", "transient"
"""What may stand in place of a subcode: the one error told only by its text, and "try again later" of any code."""

_TOO_MANY = "There have been too many calls to this {} account. Wait a bit and try again."
_ACCOUNTS = {80000: "ads", 80001: "Page", 80002: "Instagram", 80003: "ads", 80004: "ad", 80005: "leadgen",
             80006: "Messenger", 80008: "WhatsApp Business", 80009: "catalog", 80014: "catalog batch"}
_MESSAGES = {
    1: "An unknown error occurred",
    2: "An unexpected error has occurred. Please retry your request later.",
    3: "(#3) Application does not have the capability to make this API call.",
    4: "(#4) Application request limit reached",
    5: "(#5) Unauthorized source IP address",
    10: "(#10) This endpoint requires the 'pages_manage_posts' permission, or it has gone unused for 90 days",
    17: "(#17) User request limit reached",
    32: "(#32) Page request limit reached",
    102: "Session key invalid or no longer valid",
    190: "Error validating access token: the token is not valid",
    210: "(#210) User not visible",
    341: "(#341) Feed action request limit reached",
    368: "The action attempted has been deemed abusive or is otherwise disallowed",
    459: "The session is invalid because the user has been checkpointed",
    506: "Duplicate status message",
    613: "(#613) Calls to create_post have exceeded the rate of 600 calls per 600 seconds.",
    1705: "(#1705) There was an error posting to this wall",
    2500: "An active access token must be used to query information about the current user.",
    3001: "(#3001) Invalid query",
    1609005: "(#1609005) There was an error posting your link",
    **{code: f"(#{code}) {_TOO_MANY.format(whose)}" for code, whose in _ACCOUNTS.items()}}
_STATUSES = {1: 500, 2: 500, 4: 403, 10: 403, 32: 403, **dict.fromkeys(range(200, 300), 403)}
_TRANSIENT = frozenset({1, 2, 4, 17, 32, 613, *range(80000, 80015)})
_ABOUT_TOKENS = frozenset({102, 190, 459, 2500})
_USAGE_TYPES = {80000: "ads_insights", 80001: "pages", 80002: "instagram", 80003: "custom_audience",
                80004: "ads_management", 80005: "leadgen", 80006: "messenger"}
_SUBCODES: dict[int, tuple[str, str]] = {
    458: ("The user has not authorized application 4711.", ""),
    459: ("You cannot access the app till you log in to www.facebook.com and follow the instructions given.", ""),
    460: ("The session has been invalidated because the user changed the password.", ""),
    463: ("Session has expired on Sunday, 01-Nov-26 02:00:00 PST.", ""),
    464: ("Sessions for the user are not allowed because the user is not a confirmed user.", ""),
    467: ("The access token is invalid since the user has logged out.", ""),
    492: ("The user does not have an adequate role on the Page.", ""),
    1996: ("(#613) Unusual traffic from this app; calls are limited for a while.", ""),
    1346003: ("", "Inlägget liknar innehåll som andra har anmält som kränkande."),
    1349125: ("Invalid format of the content", "Inläggets innehåll har fel format."),
    1363047: ("Service temporarily unavailable", "Tjänsten är inte tillgänglig just nu. Försök igen senare."),
    1366046: ("The photo is too large or of a kind not supported",
              "Bilden ska vara mindre än 4 MB och sparad som JPG eller PNG."),
    1390008: ("", "Du lägger upp inlägg för snabbt. Vänta innan du försöker igen."),
    1404006: ("Security check required", "Genomför säkerhetskontrollen på Facebook innan du publicerar som sidan."),
    1404078: ("Page Publishing Authorization required", "Sidan måste godkännas för publicering."),
    1404102: ("Content goes against the community standards", "Innehållet följer inte gemenskapens regler."),
    1404112: ("The account is limited", "Kontot kan inte publicera på några dagar."),
    1455006: ("Duplicate status message",
              "Inlägget är likadant som ditt senaste. Ändra texten eller ta bort det förra inlägget."),
    1504028: ("(#3001) Invalid query: no metric was specified to be fetched", ""),
    1609005: ("There was an error posting your link", "Länken kunde inte läsas."),
    1609008: ("Links to facebook.com cannot be attached", "En länk till facebook.com går inte att bifoga."),
    1609010: ("Service temporarily unavailable", "Tjänsten är inte tillgänglig just nu. Försök igen senare."),
    2061006: ("Invalid URL", "Adressen är inte giltig."),
    2069019: ("Invalid file", "Filen går inte att läsa."),
    2069030: ("This endpoint is not supported in the new Pages experience.", ""),
    2069031: ("This field is not supported in the new Pages experience.", ""),
    2069032: ("A Page access token is required for this call for the new Pages experience.", ""),
    2069033: ("This feature is no longer available in the new Pages experience.", ""),
    2446079: ("", "Vänta en stund och försök igen."),
    4854002: ("Identity confirmation required", "Bekräfta din identitet innan du publicerar som sidan."),
}


def refusal(numbers: str, method: str, object_id: str) -> GraphError:
    """Return the error with these numbers, such as ``190/460``, as a call about this object would meet it.

    `numbers` are a code and perhaps, after a slash, a subcode, `ALREADY_POSTED` or `TRANSIENT`; see `script`.
    """
    first, _, more = numbers.partition("/")
    code = int(first)
    if numbers == "100/33":
        return errors.no_such_object(method, object_id)
    if code in (4, 80001) and not more:
        return errors.app_limit() if code == 4 else errors.page_limit()
    if more == ALREADY_POSTED:
        text = "You've already posted this. Posting the same content repeatedly on Facebook isn't allowed."
        return GraphError(code, text, title="Redan publicerat", advice="Du har redan publicerat det här.")
    subcode = int(more) if more.isdecimal() else None
    said, advice = _SUBCODES.get(subcode, ("", "")) if subcode is not None else ("", "")
    message = _message(code, said)
    found = GraphError(
        code, message, subcode=subcode, status=_STATUSES.get(code, 400),
        transient=code in _TRANSIENT or more == TRANSIENT, title="Begäran kunde inte behandlas" if advice else "",
        advice=advice)
    return _with_headers(found)


def _message(code: int, said: str) -> str:
    if code == 190 and said:
        return f"Error validating access token: {said}"
    if said or code in _MESSAGES:
        return said or _MESSAGES[code]
    if 200 <= code < 300:
        return (f"(#{code}) If posting to a page, requires both pages_read_engagement and pages_manage_posts"
                " as an admin with sufficient administrative permission")
    return "(#100) Invalid parameter" if code == 100 else f"(#{code}) An error occurred"


def _with_headers(found: GraphError) -> GraphError:
    if found.code in _ABOUT_TOKENS:
        return replace(found, headers=errors.token_header(found.message))
    if found.code in _USAGE_TYPES:
        return replace(found, headers=errors.usage_header(PAGE_ID, _USAGE_TYPES[found.code]))
    return found
