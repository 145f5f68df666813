"""Somebody with a browser but no JavaScript: opens pages, fills named fields, presses buttons, follows redirects."""

import html as entities
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from service import PASSWORD, Service
from werkzeug.datastructures import MultiDict


@dataclass
class Form:
    """A form as the page has it. `buttons` are those that carry a value of their own."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def value(self, name: str) -> str:
        return next(value for key, value in self.fields if key == name)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]


@dataclass
class Page:
    """What came back, after every redirect."""

    address: str
    status: int
    html: str
    forms: list[Form]

    @property
    def text(self) -> str:
        """What is read on the page, tags left out."""
        return entities.unescape(re.sub(r"<[^>]+>", "", self.html))

    @property
    def line(self) -> str:
        """The same in one line, for looking for a sentence."""
        return " ".join(self.text.split())

    def form(self, ending: str) -> Form:
        """Return the one form whose action ends so."""
        found = [form for form in self.forms if form.action.partition("?")[0].endswith(ending)]
        assert found, f"no form for {ending} at {self.address} ({self.status}):\n{self.line}"
        return found[0]

    def has_form(self, ending: str) -> bool:
        return any(form.action.partition("?")[0].endswith(ending) for form in self.forms)

    def words(self) -> list[str]:
        """Return every block of exact words, as somebody would copy it."""
        blocks = re.findall(r'<div class="words"[^>]*>(.*?)</div>', self.html, re.DOTALL)
        return [entities.unescape(re.sub(r"<[^>]+>", "", block)) for block in blocks]


class Visitor:
    """One browser."""

    def __init__(self, service: Service) -> None:
        self.client: FlaskClient = service.flask().test_client()

    def open(self, address: str, **headers: str) -> Page:
        return self._arrive(self.client.get(address, headers=headers, follow_redirects=True))

    def press(self, page: Page, ending: str, *, button: str | None = None, **changed: Any) -> Page:
        """Post a form with its own fields; `changed` replaces some (`blank__x` is `blank.x`, None leaves one out)."""
        form = page.form(ending)
        data = MultiDict(form.fields)
        if button is not None:
            data.update(MultiDict([pair for pair in form.buttons if pair[0] == button]))
        for name, value in changed.items():
            key = name.replace("__", ".")
            data.poplist(key)
            if value is not None:
                data.setlist(key, value if isinstance(value, list) else [value])
        return self._arrive(self.client.post(form.action or page.address, data=data, follow_redirects=True))

    def post(self, address: str, fields: list[tuple[str, str]]) -> Page:
        """Post what a button does that sends a form to another address than the form's own."""
        return self._arrive(self.client.post(address, data=MultiDict(fields), follow_redirects=True))

    def sign_in(self, name: str) -> Page:
        return self.press(self.open("/login"), "/login", username=name, password=PASSWORD)

    def _arrive(self, response: Any) -> Page:
        request = response.request
        query = request.query_string.decode()
        reader = _Reader()
        reader.feed(response.text)
        return Page(request.path + (f"?{query}" if query else ""), response.status_code, response.text, reader.forms)


class _Reader(HTMLParser):
    """Reads forms as a browser would submit them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(found.get("action", ""), found.get("method", "get"))
            self.forms.append(self._form)
        elif self._form is not None:
            self._read(tag, found, self._form)

    def _read(self, tag: str, found: dict[str, str], form: Form) -> None:
        if tag == "input" and "name" in found:
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                form.fields.append((found["name"], found.get("value", "")))
        elif tag == "button" and "name" in found:
            form.buttons.append((found["name"], found.get("value", "")))
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and self._select and "selected" in found:
            form.fields.append((self._select, found.get("value", "")))
        elif tag == "textarea":
            self._area = found["name"]
            form.fields.append((found["name"], ""))

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            name, value = self._form.fields.pop()
            self._form.fields.append((name, value + data))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None
