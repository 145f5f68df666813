"""nginx as the README says, in front of a service, without TLS and on a port of its own."""

import contextlib
import http.client
import os
import shutil
import subprocess
import time
from pathlib import Path

READY_S = 60


class Proxy:
    """nginx from the distribution (`nginx-light` is enough)."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self.port = folder, port
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_here() -> bool:
        """Tell whether nginx is installed."""
        return _nginx() is not None

    def start(self, behind: int) -> None:
        """Serve what listens on port `behind`."""
        for name in ("cache", "body", "proxy"):
            (self._folder / name).mkdir(parents=True)
        (self._folder / "kris_headers").write_text(_HEADERS, "utf-8")
        config = self._folder / "nginx.conf"
        text = _CONFIG.replace("FOLDER", str(self._folder)).replace("FRONT", str(self.port))
        if os.geteuid() == 0:  # else its processes would be somebody who may not enter the folder of its cache
            text = "user root;\n" + text
        config.write_text(text.replace("BEHIND", str(behind)), "utf-8")
        nginx = _nginx()
        assert nginx is not None
        self._process = subprocess.Popen(
            [nginx, "-p", str(self._folder), "-e", str(self._folder / "error.log"), "-c", str(config)]
        )
        ends = time.monotonic() + READY_S  # the service behind it starts meanwhile
        while time.monotonic() < ends:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise RuntimeError("nginx did not get ready: see error.log in its folder")

    def close(self) -> None:
        """End nginx and wait for it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


# What stands in the README, with loopback instead of a name and a certificate.
_CONFIG = """
daemon off;
pid FOLDER/nginx.pid;
worker_processes 2;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path FOLDER/body;
  proxy_temp_path FOLDER/proxy;
  proxy_cache_path FOLDER/cache keys_zone=kris:1m max_size=50m;
  limit_req_zone $binary_remote_addr zone=kris_rate:1m rate=10r/s;
  server {
    listen 127.0.0.1:FRONT backlog=1024;
    client_header_timeout 5s; client_body_timeout 5s; client_max_body_size 64k;
    limit_req zone=kris_rate burst=40;
    location ~ ^/(desk|login|logout|api)(/|$) {
      proxy_pass http://127.0.0.1:BEHIND;
      proxy_request_buffering on;
      proxy_next_upstream off;
      include FOLDER/kris_headers;
    }
    location / {
      proxy_pass http://127.0.0.1:BEHIND;
      proxy_cache kris;
      proxy_cache_lock on;
      proxy_cache_use_stale error timeout updating;
      include FOLDER/kris_headers;
    }
  }
}
"""
_HEADERS = """
proxy_set_header Host $host:$server_port;
proxy_set_header X-Forwarded-For $remote_addr;
proxy_set_header X-Forwarded-Proto $scheme;
proxy_set_header X-Forwarded-Host $host:$server_port;
"""
