"""Pictures for tests, and the shipped playbooks with some of them hung up."""

import hashlib
import shutil
import struct
import zlib
from pathlib import Path

SHIPPED = Path(__file__).parent.parent / "playbooks"
#: A real JPEG, as a browser wrote it: 400 × 300 pixels.
JPEG = (Path(__file__).parent / "drawn.jpg").read_bytes()
ALT = "Karta över Karlstad där området norr om älven är markerat."
ALT_EN = "Map of Karlstad with the area north of the river marked."
#: Beside the words on Facebook and on our page, in every phase.
EVERYWHERE = f"""
[[pictures]]
file = "karta.png"
alt = {{ sv = "{ALT}", en = "{ALT_EN}" }}
channels = ["own_web", "facebook"]
phases = ["first", "update", "correction", "false_alarm", "all_clear"]
"""


def part(name: bytes, body: bytes) -> bytes:
    """Return one part of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 400, height: int = 300, shade: int = 80, *, more: bytes = b"", head: bytes = b"") -> bytes:
    """Return a grey PNG; `more` stands between its head and its pixels, `head` instead of its usual head."""
    pixels = zlib.compress((b"\0" + bytes([shade]) * width) * height)
    usual = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head or usual) + more + part(b"IDAT", pixels) + part(b"IEND", b"")


def sha256(data: bytes) -> str:
    """Return what names these bytes."""
    return hashlib.sha256(data).hexdigest()


def hang(folder: Path, toml: str = EVERYWHERE, into: str = "telefoni-1177", **files: bytes) -> Path:
    """Return `folder` with the shipped playbooks, `toml` put into one of them, and `files` as `name_suffix`."""
    (folder / "pictures").mkdir(parents=True)
    for file in SHIPPED.glob("*.toml"):
        shutil.copy(file, folder)
    for name, data in (files or {"karta_png": png()}).items():
        stem, _, suffix = name.rpartition("_")
        (folder / "pictures" / f"{stem.replace('_', '-')}.{suffix}").write_bytes(data)
    playbook = folder / f"{into}.toml"
    playbook.write_text(playbook.read_text("utf-8") + toml, "utf-8")
    return folder
