"""
Readers of the public pages: so many kept connections, each from an address of its own, each asking again at once.

Every reader comes from another address of loopback, because the proxy counts requests by address. The process gives way
to everybody else, for in life the readers' own machines do its work; how many requests it got answered is printed.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections import Counter

PAGES = ("/", "/", "/", "/feed.atom", "/static/still.css")


async def read(number: int, port: int, answers: Counter[int]) -> None:
    """Ask for one page after another until cancelled; connect again whenever the connection ends."""
    source = f"127.0.{1 + number // 200}.{1 + number % 200}"
    turn = number
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
            with contextlib.closing(writer):
                while True:
                    turn += 1
                    page = PAGES[turn % len(PAGES)]
                    writer.write(
                        f"GET {page} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Language: sv\r\n\r\n".encode()
                    )
                    head = await reader.readuntil(b"\r\n\r\n")
                    await _skip_body(reader, head.lower())
                    answers[int(head.split(b" ", 2)[1])] += 1
                    if b"connection: close" in head.lower():
                        break
        await asyncio.sleep(0.01)


async def _skip_body(reader: asyncio.StreamReader, head: bytes) -> None:
    if b"transfer-encoding: chunked" in head:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
        return
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))


async def hammer(port: int, connections: int) -> None:
    """Hammer until standard input closes, then print the answers by status and the seconds it took."""
    answers: Counter[int] = Counter()
    loop = asyncio.get_running_loop()
    began = loop.time()
    readers = [asyncio.create_task(read(number, port, answers)) for number in range(connections)]
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for task in readers:
        task.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    print(json.dumps({"seconds": round(loop.time() - began, 1), "answers": answers}), flush=True)


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(hammer(int(sys.argv[1]), int(sys.argv[2])))
