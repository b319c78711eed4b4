"""`python -m oms.core.private_postgres start|stop|url`: the private server by hand."""

import argparse
import sys

from oms.core.private_postgres import PrivatePostgresError, project_postgres
from oms.core.private_postgres.temporary import remove_abandoned


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m oms.core.private_postgres", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "url"])
    action = parser.parse_args().action
    server = project_postgres()
    try:
        if action == "stop":
            server.stop()
            remove_abandoned()
        else:
            server.start()
            sys.stdout.write(f"{server.url}\n")
    except PrivatePostgresError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
