"""A small stand-in for the product's programs, under the real supervisor.

Run as `python -m tests.setup.supervising <folder> <port>`: a web server whose /readyz answers 200, and
a worker with a process of its own, as Celery's pool has.
"""

import http.server
import sys
from pathlib import Path

from oms.core.running.children import Program
from oms.core.running.supervisor import CannotRunError, Supervisor

WORKER = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import signal; signal.pause()'])"


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(port: int) -> None:
    http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()


def supervise(folder: Path, port: int, prepare: str) -> None:
    web = (sys.executable, "-m", "tests.setup.supervising", "serve", str(port))
    supervisor = Supervisor(
        folder=folder,
        host="127.0.0.1",
        port=port,
        programs=[Program("web", web), Program("worker", (sys.executable, "-c", WORKER))],
        preparation=(sys.executable, "-c", prepare),
    )
    try:
        supervisor.run()
    except CannotRunError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        supervise(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
