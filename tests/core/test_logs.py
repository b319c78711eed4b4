"""A line of the log is one JSON object in production, whoever wrote it."""

import json
import subprocess
import sys

SCRIPT = """
import logging, structlog
from oms.core.logs import configure
configure({"level": "INFO", "json": %s})
with structlog.contextvars.bound_contextvars(request_id="r-1"):
    structlog.get_logger("oms.test").info("order.placed", order="H1")
    logging.getLogger("some.library").warning("%%s is late", "it")
    try:
        1 / 0
    except ZeroDivisionError:
        structlog.get_logger("oms.test").exception("it.broke")
structlog.get_logger("oms.test").debug("nobody.hears")
"""


def lines(is_json: bool) -> list[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT % is_json], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_in_production_each_line_is_json_with_the_requests_id():
    mine, theirs, broken = [json.loads(line) for line in lines(True)]
    assert (mine["event"], mine["order"], mine["level"], mine["request_id"]) == ("order.placed", "H1", "info", "r-1")
    assert (theirs["event"], theirs["logger"], theirs["request_id"]) == ("it is late", "some.library", "r-1")
    assert "ZeroDivisionError" in broken["exception"]


def test_in_development_each_line_is_for_a_person():
    text = "\n".join(lines(False))
    assert "order.placed" in text
    assert "order=H1" in text
    assert "nobody.hears" not in text
