"""How the web part is served; `broadcaster web` hands this file to gunicorn and adds the application and the address.

The web validates, commits and answers; it never calls a channel.
So requests are short, and what matters is that slow or idle visitors cannot hold the ones who must publish.
A buffering proxy stands in front in production.
"""

import gc
import os
from pathlib import Path
from typing import Any

# Two processes: one may die or be replaced while the other answers. Eight threads each, because a request mostly waits
# for the disk, and because open live boards hold some of them. More gains nothing on an embedded database.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))

# No database connection, lock or thread may be shared across a fork, so nothing is loaded before it.
preload_app = False

# A worker that has not reported for a minute is stuck, and is replaced.
timeout = 60
# Seconds that requests under way get to finish at TERM; the container's stop grace must be longer (40 s).
graceful_timeout = 30
# Seconds an idle connection is kept: enough for a page and its style sheet, too short to be worth hoarding.
keepalive = 2
# Workers never restart by count: a surge is the worst moment for it. A leak is to be found, not hidden.
max_requests = 0

# Far above what our pages and keys need, far below what hurts.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Only a proxy on this machine is believed about the client's address and scheme; where the proxy is elsewhere, its own
# address is named here. Never "*" on a port that others can reach.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")

# The heartbeat is a file that is touched all the time: in memory, so that a slow disk is not taken for a stuck worker.
# It is also the one thing gunicorn writes, so a read-only root file system is enough.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# On by default since 25.1: a socket in the home folder through which the server can be steered. Nobody here uses it.
control_socket_disable = True

# The application logs each request itself, without query strings, addresses or keys; gunicorn's own line would not.
accesslog = None
errorlog = "-"


def post_worker_init(_worker: Any) -> None:
    """Leave what the application is made of out of every later collection.

    Walking through all of it takes some 70 ms here, which no send should meet by chance.
    """
    gc.collect()
    gc.freeze()
