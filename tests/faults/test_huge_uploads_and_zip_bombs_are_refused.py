"""Fault 32: a gigabyte is refused before it is read, a bomb is never unpacked, and no process grows for it."""

from __future__ import annotations

import gzip
import io
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.stack import Running, Stack
from tests.support.waiting import wait_until

GIGABYTE = 1024**3
MOST_MB = 300
BLOCK = b"0" * (1024 * 1024)
FIELDS = {"kind": "delta", "as_of": "2026-01-01T00:00:00Z", "source": "erp"}


def peak_mb(running: Running) -> float:
    """The most memory any of its processes ever held."""
    return max(_high_water(pid) for pid in (running.pid, *running.children()))


def _high_water(pid: int) -> float:
    with Path(f"/proc/{pid}/status").open() as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def sent_until_answered(stack: Stack, content_type: str) -> tuple[int, int, dict[str, Any]]:
    """Announce a gigabyte and send of it until there is an answer: bytes sent, status, body."""
    sent = 0
    with socket.create_connection(("127.0.0.1", stack.port), timeout=60) as connection:
        head = (
            f"POST /api/v1/stock-imports/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {stack.key}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {GIGABYTE}\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(head.encode())
        try:
            while sent < GIGABYTE:
                connection.sendall(BLOCK)
                sent += len(BLOCK)
        except (ConnectionResetError, BrokenPipeError):
            pass
        answer = b"".join(iter(lambda: _received(connection), b""))
    head_text, _, body = answer.partition(b"\r\n\r\n")
    status = int(head_text.split()[1]) if head_text else 0
    return sent, status, json.loads(body) if body else {}


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def endless(total: int) -> Iterator[bytes]:
    for _ in range(total // len(BLOCK)):
        yield BLOCK


@pytest.mark.long
@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x"])
def test_a_gigabyte_is_refused_before_it_is_read(stack: Stack, content_type: str) -> None:
    web = stack.running[0]
    sent, status, _problem = sent_until_answered(stack, content_type)
    # A sender that goes on sending may find the line cut before it reads the answer; it never gets far.
    assert status in (413, 0)
    assert sent < GIGABYTE / 8
    with stack.api(stack.key) as api:
        refused = api.post("/stock-imports/", content=endless(64 * 1024**2), headers={"Content-Type": content_type})
        assert refused.status_code in (400, 413, 422), refused.text
        assert api.get("/stock-imports/").json()["results"] == []
    assert peak_mb(web) < MOST_MB
    assert stack.check_invariants().endswith(" 0 violated")


def bombs() -> dict[str, bytes]:
    """A quarter of a gigabyte of nothing, in a quarter of a megabyte."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as bomb:
        for _ in range(256):
            bomb.write(b"\0" * 1024 * 1024)
    archive = io.BytesIO()
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
        bomb.open("stock.csv", "w") as file,
    ):
        for _ in range(256):
            file.write(b"\0" * 1024 * 1024)
    return {"gzip": packed.getvalue(), "zip": archive.getvalue()}


@pytest.mark.long
def test_a_bomb_is_refused_unopened_by_whoever_reads_it(stack: Stack) -> None:
    stack.start_scheduler()
    worker = stack.start_worker()
    with stack.api(stack.key) as api:
        for kind, content in bombs().items():
            assert len(content) < 4 * 1024**2
            sent = api.post("/stock-imports/", data=FIELDS, files={"file": (f"stock.{kind}", content)})
            assert sent.status_code == 202, sent.text
            path = f"/stock-imports/{sent.json()['id']}/"
            wait_until(lambda path=path: api.get(path).json()["status"] == "refused", 90)
            assert api.get(path).json()["code"] == "compressed_file"
            catalogue = api.post("/catalogue-imports/", files={"file": (f"a.{kind}", content)})
            path = f"/catalogue-imports/{catalogue.json()['id']}/"
            wait_until(lambda path=path: api.get(path).json()["status"] == "refused", 90)
        # Sent as compressed content it is nothing anybody asked for.
        squeezed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        refused = api.post("/stock-imports/", content=bombs()["gzip"], headers=squeezed)
        assert 400 <= refused.status_code < 500
    assert peak_mb(stack.running[0]) < MOST_MB
    assert peak_mb(worker) < MOST_MB
    assert stack.check_invariants().endswith(" 0 violated")
