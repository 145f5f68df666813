"""Imitation of the content management API behind 1177.se: items by GUID, one branch per language.

Kept as trusting as the real one: no revision and no ETag is compared, the last writer wins, also with older words.
"""

import random
import re
import threading
import uuid
from base64 import b64decode
from collections.abc import Callable
from urllib.parse import unquote

from broadcaster.sandbox.content import Branch, CmsError, Item, Version, read_model
from broadcaster.sandbox.content_refusals import EarlyCmsError, check_parent
from broadcaster.sandbox.exchange import Answer, JsonObject, Request, iso

CONTENT = ("api", "episerver", "v3.0", "contentmanagement")
TOKEN = ("api", "episerver", "connect", "token")
SCOPE = "epi_content_management"
TOKEN_S = 3600
_PROBLEM = "application/problem+json; charset=utf-8"


class Cms:
    """The service under `/cms`."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._random = random.Random(seed + 2)
        self._items: dict[str, Item] = {}
        self._tokens: dict[str, float] = {}
        self._last_id = 5_000

    def clear(self) -> None:
        """Forget every item; tokens already handed out stay good."""
        with self.lock:
            self._items.clear()

    def handle(self, request: Request) -> Answer:
        """Answer one call as the content management API would."""
        with self.lock:
            if request.segments == TOKEN:
                return self._token(request)
            try:
                return self._content(request)
            except CmsError as refused:
                return self._problem(refused, request)

    def broken(self) -> Answer:
        """Return a 500 that says nothing about what happened."""
        return _problem_answer(500, "Internal Server Error", "An unexpected error occurred.", "InternalServerError")

    def limited(self, request: Request) -> Answer:
        """Return 429 with one second to wait."""
        answer = _problem_answer(429, "Too Many Requests", "The limit of calls has been reached.", "TooManyRequests")
        return Answer(answer.status, answer.body, answer.content_type, {"Retry-After": "1"})

    def locked_out(self, request: Request) -> Answer:
        """Return 401, for the token address in the words of OAuth."""
        if request.segments == TOKEN:
            return Answer.of(401, {"error": "invalid_client"})
        return _unauthorized()

    def public(self) -> list[tuple[Item, str, Version]]:
        """Return what a visitor sees now, as (item, language, version), latest change first."""
        with self.lock:
            now = self._clock()
            found = [(item, language, version) for item in self._items.values()
                     for language, branch in item.branches.items()
                     if (version := branch.visible(now)) is not None]
            return sorted(found, key=lambda entry: entry[2].saved_at, reverse=True)

    def public_version(self, guid: str, language: str) -> Version | None:
        """Return what a visitor of this address sees, or None: no such page."""
        with self.lock:
            item = self._items.get(guid)
            branch = item.branches.get(language) if item else None
            return branch.visible(self._clock()) if branch else None

    def _token(self, request: Request) -> Answer:
        if request.method != "POST":
            return Answer.of(405, {"error": "invalid_request"})
        try:
            given = request.parameters()
        except ValueError:
            return Answer.of(400, {"error": "invalid_request"})
        if given.get("grant_type") != "client_credentials":
            return Answer.of(400, {"error": "unsupported_grant_type"})
        if not (given.get("client_id") and given.get("client_secret")) and not _has_basic(request):
            return Answer.of(401, {"error": "invalid_client"})
        if SCOPE not in str(given.get("scope", "")).split():
            return Answer.of(400, {"error": "invalid_scope"})
        token = "eyJ" + "".join(self._random.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN0123456789", k=60))
        self._tokens[token] = self._clock() + TOKEN_S
        return Answer.of(200, {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_S},
                         Cache_Control="no-store")

    def _content(self, request: Request) -> Answer:
        token = request.bearer()
        if token is None or self._tokens.get(token, 0.0) <= self._clock():
            return _unauthorized()
        path = request.segments
        if path[:4] != CONTENT or len(path) > 5:
            raise CmsError(404, "NotFound", "There is nothing at this address.")
        verb = {("GET", 5): self._get, ("PUT", 5): self._put, ("PATCH", 5): self._patch, ("DELETE", 5): self._delete,
                ("POST", 4): self._post}.get((request.method, len(path)))
        if verb is None:
            raise CmsError(405, "MethodNotAllowed", f"{request.method} is not possible here.")
        return verb(request, path[4] if len(path) == 5 else "")

    def _get(self, request: Request, key: str) -> Answer:
        item = self._find(key)
        language = _language_asked(request, item)
        return Answer.of(200, self._shown(item, language, request.base))

    def _post(self, request: Request, _: str) -> Answer:
        given = _body(request)
        guid = _guid_in(given) or str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        if guid in self._items:
            raise CmsError(409, "Conflict", f"Content with the GUID {guid} already exists.")
        return self._write(guid, given, request)

    def _put(self, request: Request, key: str) -> Answer:
        guid = _guid(key)
        given = _body(request)
        if guid is None or _guid_in(given) != guid:
            raise CmsError(400, "InvalidModel", "The GUID in the body must be the GUID in the address.")
        return self._write(guid, given, request)

    def _write(self, guid: str, given: JsonObject, request: Request) -> Answer:
        model = read_model(given, partial=False)
        check_parent(model)
        item = self._items.get(guid)
        new = item is None
        if item is None:
            item = Item.create(guid, self._last_id + 1, model)
        else:
            item.check_unmoved(model)
        assert model.language is not None  # read_model demands it of a whole model
        branch = item.branches.get(model.language) or Branch()
        branch.save(model.version(self._clock()))
        if new:
            self._last_id += 1
            self._items[guid] = item
        item.branches[model.language] = branch
        body = self._shown(item, model.language, request.base)
        if not new:
            return Answer.of(200, body)
        return Answer.of(201, body, Location=f"{request.base}/cms/{'/'.join(CONTENT)}/{guid}")

    def _patch(self, request: Request, key: str) -> Answer:
        item = self._find(key)
        model = read_model(_body(request), partial=True)
        language = model.language or item.master_language
        branch = item.branches.get(language)
        if branch is None:
            raise CmsError(404, "NotFound", f"The content has no branch in {language}.")
        branch.save(branch.draft.changed(model, self._clock()))
        return Answer(204)

    def _delete(self, request: Request, key: str) -> Answer:
        del self._items[self._find(key).guid]
        return Answer(204)

    def _find(self, key: str) -> Item:
        if re.fullmatch(r"\d+_\d+", key):
            raise CmsError(400, "ForceVersion", "A reference with a work id cannot be used here.")
        guid = _guid(key)
        for item in self._items.values():
            if item.guid == guid or (key.isdigit() and item.number == int(key)):
                return item
        raise CmsError(404, "NotFound", f"No content with the identifier {key}.")

    def _shown(self, item: Item, language: str, base: str) -> JsonObject:
        version = item.branches[language].draft
        address = page_address(base, item.guid, language)
        return {
            "contentLink": {"id": item.number, "workId": 0, "guidValue": item.guid, "providerName": None,
                            "url": address},
            "name": version.name, "language": {"name": language, "displayName": language},
            "existingLanguages": [{"name": name} for name in item.branches],
            "masterLanguage": {"name": item.master_language}, "contentType": item.content_type,
            "parentLink": item.parent_link, "routeSegment": version.route_segment, "url": address,
            "saved": iso(version.saved_at), "changed": iso(version.saved_at),
            "startPublish": None if version.start is None else iso(version.start),
            "stopPublish": None if version.stop is None else iso(version.stop),
            "status": version.status, **version.properties}

    def _problem(self, refused: CmsError, request: Request) -> Answer:
        if isinstance(refused, EarlyCmsError):
            return Answer.of(refused.status, {"Error": {"Code": refused.code, "Message": refused.detail, "Target": None,
                                                        "Details": []}, "StatusCode": refused.status})
        titles = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict"}
        return _problem_answer(refused.status, titles[refused.status], refused.detail, refused.code,
                               "/" + "/".join(request.segments))


def page_address(base: str, guid: str, language: str) -> str:
    """Return the public address of one language of one item."""
    return f"{base}/1177/{guid}/{language}"


def _body(request: Request) -> JsonObject:
    if request.media_type() != "application/json":
        raise CmsError(400, "InvalidModel", "The body must be application/json.")
    try:
        return request.json()
    except ValueError as unreadable:
        raise CmsError(400, "InvalidModel", "The body is not a JSON object.") from unreadable


def _guid(value: object) -> str | None:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        return None


def _guid_in(given: JsonObject) -> str | None:
    link = given.get("contentLink")
    return _guid(link.get("guidValue")) if isinstance(link, dict) else None


def _language_asked(request: Request, item: Item) -> str:
    asked = [part.split(";")[0].strip().lower() for part in request.headers.get("accept-language", "").split(",")]
    asked = [language for language in asked if language and language != "*"]
    if not asked:
        return item.master_language
    for language in asked:
        if language in item.branches:
            return language
    raise CmsError(404, "NotFound", f"The content has no branch in {', '.join(asked)}.")


def _has_basic(request: Request) -> bool:
    kind, _, pair = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = unquote(b64decode(pair).decode()).partition(":")
    except ValueError:
        return False
    return kind.lower() == "basic" and bool(name and secret)


def _unauthorized() -> Answer:
    answer = _problem_answer(401, "Unauthorized", "The bearer token is missing, unknown or expired.", "Unauthorized")
    return Answer(answer.status, answer.body, answer.content_type, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _problem_answer(status: int, title: str, detail: str, code: str, instance: str | None = None) -> Answer:
    return Answer.of(status, {"type": f"https://httpstatuses.io/{status}", "title": title, "status": status,
                              "detail": detail, "instance": instance, "code": code}, _PROBLEM)
