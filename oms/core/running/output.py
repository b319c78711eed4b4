"""One terminal for several programs: each line says whose it is."""

import sys
import threading

WIDTH = 9
COLOURS = {"web": 36, "worker": 32, "imports": 33, "scheduler": 35, "postgres": 34}


class Output:
    """Writes whole lines, from whichever thread they come."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._coloured = sys.stdout.isatty()

    def say(self, name: str, line: str) -> None:
        mark = f"{name:<{WIDTH}} |"
        if self._coloured:
            mark = f"\x1b[{COLOURS.get(name, 37)}m{mark}\x1b[0m"
        self._write(f"{mark} {line}\n")

    def announce(self, *paragraphs: str) -> None:
        """Set apart from the programs' lines."""
        rule = "-" * 72
        body = "\n".join(paragraph.rstrip() for paragraph in paragraphs if paragraph.strip())
        self._write(f"{rule}\n{body}\n{rule}\n")

    def _write(self, text: str) -> None:
        with self._turn:
            try:
                sys.stdout.write(text)
                sys.stdout.flush()
            except OSError:
                # Nobody reads any more (a closed terminal); the programs still have to be ended.
                return
