"""Waiting for something outside this process, with a deadline instead of a guess."""

import threading
import time
from collections.abc import Callable


def wait_until(predicate: Callable[[], bool], timeout_s: float) -> None:
    """Return as soon as `predicate` holds; fail the test when it has not by the deadline."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not predicate():
        assert time.monotonic() < deadline, f"still waiting after {timeout_s} s"
        pause.wait(0.02)
