"""Everything the sandbox remembers, in one place: the services, the script and the log."""

import threading
from collections.abc import Callable, Mapping

from broadcaster.sandbox.cms import CONTENT, Cms, page_address
from broadcaster.sandbox.elks import Elks
from broadcaster.sandbox.exchange import Answer, JsonObject, Request, Service, iso
from broadcaster.sandbox.faults import Item, play
from broadcaster.sandbox.graph import Graph, split_version
from broadcaster.sandbox.log import Log
from broadcaster.sandbox.mail import Mailbox
from broadcaster.sandbox.phone import Phone, queue_address
from broadcaster.sandbox.photos import address
from broadcaster.sandbox.posts import Post, permalink
from broadcaster.sandbox.restapp import RestApp, site_address
from broadcaster.sandbox.script import SERVICES, Action, Script


class State:
    """The services, what goes wrong in them, and what they were asked. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float], seed: int, more: Mapping[str, Service] | None = None) -> None:
        self.clock = clock
        self.graph = Graph(clock, seed)
        self.graph.one = self._item
        self.cms = Cms(clock, seed)
        self.phone = Phone(clock)
        self.restapp = RestApp(clock)
        self.elks = Elks(clock, seed)
        self.mailbox = Mailbox(clock)
        self._more = dict(more or {})
        self.script = Script(clock, (*SERVICES, *self._more))
        self.log = Log(clock)
        self._lock = threading.Lock()
        self._generation = 0

    @property
    def generation(self) -> int:
        """A number that changes with every reset, so that a late write of an earlier time can be recognised."""
        with self._lock:
            return self._generation

    def reset(self) -> None:
        """Forget everything published, the script and the log; ids and content tokens stay unique and good."""
        with self._lock:
            self._generation += 1
        self.script.put({})
        self.graph.clear()
        self.cms.clear()
        self.phone.clear()
        for service in (self.restapp, self.elks, self.mailbox, *self._more.values()):
            getattr(service, "clear", lambda: None)()
        self.log.clear()

    def close(self) -> None:
        """End what runs by itself. Harmless when repeated."""
        self.graph.close()
        self.elks.close()

    def service(self, name: str) -> Service:
        """Return a service by the name it has in scripts and in the log."""
        services: dict[str, Service] = {"facebook": self.graph, "cms": self.cms, "phone": self.phone,
                                        "restapp": self.restapp, "elks": self.elks, **self._more}
        return services[name]

    def mounted(self, prefix: str) -> str | None:
        """Return the name of the service that another package mounted under this path, or None."""
        return prefix if prefix in self._more else None

    def pick(self, name: str, request: Request) -> Action | None:
        """Return what the script does to this call, or None."""
        draft = name == "facebook" and self.graph.makes_draft(request)
        return self.script.pick(name, request.method, spellings(name, request.segments), draft=draft)

    def _item(self, request: Request) -> Answer | None:
        """Answer an item of a batch: it meets the script as a call of its own would."""
        action, item = self.pick("facebook", request), Item()
        if action is None:
            return self.graph.handle(request)
        play(action, self.graph, request, item)
        return item.answer

    def snapshot(self, base: str) -> JsonObject:
        """Return the exact words everywhere: published posts, drafts, and what 1177.se and its queue show now."""
        with self.graph.lock:
            self.graph.posts.publish_due()
            published = [self._post(post, base) for post in self.graph.posts.published()]
            drafts = [self._post(post, base) for post in self.graph.posts.unpublished()]
        return {
            "facebook": {"published": published, "drafts": drafts},
            "cms": [{"id": item.guid, "text": version.text(), "language": language,
                     "url": page_address(base, item.guid, language), "content_type": item.content_type}
                    for item, language, version in self.cms.public()],
            "phone": [{"id": entry.key, "text": entry.body["text"], "language": entry.body["language"],
                       "revision": entry.revision, "url": queue_address(base, entry.key)}
                      for entry in self.phone.playing()]} | self._own_sites(base)

    def _post(self, post: Post, base: str) -> JsonObject:
        """Return a post and, where it has any, its photos with the words for those who cannot see them."""
        shown = {"id": post.id, "text": post.message, "created_at": iso(post.created_at),
                 "url": permalink(base, post.id)}
        photos = [{"id": photo.id, "alt_text": photo.alt_text, "url": address(base, photo.id)}
                  for photo in self.graph.photos.of(post.photos)]
        return {**shown, "photos": photos} if photos else shown

    def _own_sites(self, base: str) -> JsonObject:
        """Return what own sites, phones and mailboxes show; only those that show something."""
        pages = [{"id": page.object, "text": page.text(), "language": page.body["language"],
                  "revision": page.revision, "url": site_address(base, page.object)} for page in self.restapp.pages()]
        mail = [letter.shown() for letter in self.mailbox.letters()]
        found: JsonObject = {"restapp": pages, "sms": self.elks.snapshot(), "mail": mail}
        return {name: shown for name, shown in found.items() if shown}


def spellings(name: str, segments: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the paths under which a script may name this address: without version or API prefix, and in full."""
    if name == "facebook":
        return [split_version(segments)[1]]
    if name == "cms" and segments[:len(CONTENT)] == CONTENT:
        return [segments[len(CONTENT):], segments]
    return [segments]
