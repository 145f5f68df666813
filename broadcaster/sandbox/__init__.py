"""Imitation Facebook, 1177.se and phone gateway on real HTTP, with faults on request: for drills, demos and tests.

    server    HTTP and the control addresses       faults    what each scripted fault does
    script    which call goes wrong, and how       state     everything remembered, in one place
    graph     the Graph API: graph_* speak it; posts, photos (pictures), comments and insights are what it speaks of
              webhook_sender is how it speaks of them by itself
    cms       the content management API (content)
    phone     the announcement gateway             pages     what the public would see (cards; screens: phones, letters)
    restapp   the app on the region's website      elks      SMS by 46elks (callbacks)
    mail      a mailbox (smtp, over the network)    connection  how any connection ends, hangs and waits
    log       what was asked, secrets struck out   exchange  one request and its answer

It imports nothing else of the product, so that it can serve as an independent witness. Its tokens are published and
open nothing but itself; nothing it shows is real.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from broadcaster.sandbox.exchange import Service
from broadcaster.sandbox.script import ScriptError
from broadcaster.sandbox.server import Server
from broadcaster.sandbox.smtp import Session
from broadcaster.sandbox.state import State

__all__ = ["Sandbox", "ScriptError"]


class Sandbox:
    """The imitations on one address. `{url}/graph`, `/cms`, `/phone`, `/restapp` and `/elks` stand in for the real."""

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1", seed: int = 0,
                 script: Mapping[str, Any] | None = None, clock: Callable[[], float] = time.time,
                 services: Mapping[str, Service] | None = None, smtp_port: int | None = None) -> None:
        """Bind the address (port 0: any free one). `seed` decides the ids given, `clock` tells unix seconds.

        `smtp_port` is where letters are taken (0: any free port, None: nowhere); see the property.
        `services` are more imitations, each under the path and the name it has in scripts.
        Raises ScriptError for a script that cannot be used and OSError when the address is taken.
        """
        self.state = State(clock, seed, services)
        if script is not None:
            self.state.script.put(script)
        self._server = Server((host, port), self.state)
        self._post = Server((host, smtp_port), self.state, Session) if smtp_port is not None else None
        self._serving: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base address, ``http://127.0.0.1:PORT``."""
        return self._server.url

    @property
    def smtp_port(self) -> int | None:
        """The port of the mailbox, None where there is none."""
        return self._post.server_port if self._post is not None else None

    def start(self) -> str:
        """Serve from a background thread and return the base address."""
        thread = threading.Thread(target=self.serve_forever, name="sandbox", daemon=True)
        self._serving = thread
        thread.start()
        return self.url

    def serve_forever(self) -> None:
        """Serve in the foreground until `close` is called or an exception (such as Ctrl-C) ends it."""
        self._serving = threading.current_thread()
        if self._post is not None:
            threading.Thread(target=self._post.serve_forever, args=(0.1,), name="smtp", daemon=True).start()
        self._server.serve_forever(poll_interval=0.1)

    def close(self) -> None:
        """Stop serving and end every connection, hanging ones too. Harmless when repeated."""
        if self._serving is not None:
            for server in self._servers():
                stopper = threading.Thread(target=server.shutdown, daemon=True)
                stopper.start()
                server.wake()
                if threading.current_thread() is not self._serving:  # from a signal handler, waiting would never end
                    stopper.join()
        for server in self._servers():
            server.stop()
        self.state.close()

    def _servers(self) -> list[Server]:
        return [self._server, *([self._post] if self._post is not None else [])]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
