"""What tests of the imitated Facebook have in common: making things, and reading its refusals."""

import struct
import zlib
from typing import Any

import httpx

PAGE = "/100200300"
FEED = f"{PAGE}/feed"
PHOTOS = f"{PAGE}/photos"


def png(width: int = 3, height: int = 2, shade: int = 120) -> bytes:
    """Return a whole grey picture; another shade makes another file."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    lines = zlib.compress(b"".join(b"\0" + bytes([shade]) * width for _ in range(height)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", lines) + chunk(b"IEND", b""))


def error(answer: httpx.Response) -> tuple[int, int, int | None]:
    """Return status, code and subcode of a refusal, after a look at what every refusal has."""
    found = answer.json()["error"]
    assert found["fbtrace_id"]
    assert found["message"]
    assert isinstance(found["is_transient"], bool)
    return answer.status_code, found["code"], found.get("error_subcode")


def post(graph: httpx.Client, message: str, **more: str) -> str:
    """Publish words and return the post's id."""
    answer = graph.post(FEED, data={"message": message, **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def photo(graph: httpx.Client, content: bytes | None = None, **fields: str) -> dict[str, Any]:
    """Upload a picture, unpublished unless said otherwise, and return the answer."""
    answer = graph.post(PHOTOS, data={"published": "false", **fields},
                        files={"source": ("bild.png", png() if content is None else content)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def listed(graph: httpx.Client, path: str = f"{PAGE}/published_posts", **query: str) -> list[str]:
    """Return the words of the posts in a list."""
    return [item.get("message", "") for item in graph.get(path, params=query).json()["data"]]


def rule(http: httpx.Client, on: str, do: str, **more: object) -> None:
    """Put a script of one rule in force."""
    assert http.put("/_script", json={"facebook": [{"on": on, "do": do, **more}]}).status_code == 200
