"""`python -m oms.core.running start|stop`: a whole Halles on this machine, in the foreground."""

import argparse
import os
import sys

from oms.core.private_postgres import PrivatePostgresError
from oms.core.private_postgres.project import runtime_folder
from oms.core.running.programs import programs
from oms.core.running.stopping import stop_everything
from oms.core.running.supervisor import CannotRunError, Supervisor, unfinished_note


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m oms.core.running", description=__doc__)
    parser.add_argument("action", choices=["start", "stop"])
    parser.add_argument("--host", default=os.environ.get("BIND") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")
    options = parser.parse_args()
    try:
        if options.action == "stop":
            stop_everything(runtime_folder())
        else:
            supervisor(host=options.host, port=options.port).run()
    except (CannotRunError, PrivatePostgresError) as error:
        sys.exit(str(error))


def supervisor(*, host: str, port: int) -> Supervisor:
    """The supervisor of the product's own programs."""
    folder = runtime_folder()
    return Supervisor(
        folder=folder,
        host=host,
        port=port,
        programs=programs(bind=f"{host}:{port}", folder=folder),
        preparation=(sys.executable, "-m", "oms.core.running.preparing", str(unfinished_note(folder))),
    )


if __name__ == "__main__":
    main()
