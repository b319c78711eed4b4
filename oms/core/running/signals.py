"""Signals as something to wait for.

The handlers themselves only count: whatever takes a lock in a handler can wait for itself for ever.
"""

import select
import signal
import socket
from types import FrameType

END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Counts the requests to end, and wakes the waiting for those and for children that died."""

    def __init__(self) -> None:
        self.ends_wanted = 0
        self._reader, self._writer = socket.socketpair()

    def listen(self) -> None:
        """From here on signals come here. Main thread only."""
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in END_SIGNALS:
            signal.signal(number, self._count)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def wait(self, seconds: float) -> None:
        """Return at the next signal, or after `seconds`."""
        if select.select([self._reader], [], [], seconds)[0]:
            self._reader.recv(4096)

    def _count(self, _number: int, _frame: FrameType | None) -> None:
        self.ends_wanted += 1
