"""A whole running Halles of its own for one test: a durable PostgreSQL, web server, workers and scheduler.

Everything is a real process that the test may kill by its pid.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg

from oms.core.private_postgres import PrivatePostgres
from oms.core.private_postgres.accounts import account_for
from oms.core.private_postgres.sockets import short_temporary_folder
from oms.core.running.processes import processes_in_session
from tests.support.postgres_plugin import copy_template
from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
QUEUES = "sourcing,labels,deliveries,imports,default"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """One started process, leader of its own session."""

    def __init__(self, name: str, command: Sequence[str], *, environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def children(self) -> list[int]:
        """The pids below the leader, oldest first."""
        return sorted(found.pid for found in processes_in_session(self.pid) if found.pid != self.pid)

    def kill(self) -> None:
        """Kill the leader and everything below it, without warning."""
        for found in processes_in_session(self.pid):
            found.send(signal.SIGKILL)
        self.process.wait(timeout=20)


class Stack:
    """The processes of one test, and the few things every test asks of them."""

    def __init__(self, folder: Path, postgres: PrivatePostgres, *, broker_url: str = "") -> None:
        self.folder = folder
        self.postgres = postgres
        self.port = free_port()
        self.running: list[Running] = []
        self.key = ""
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_"))},
            "DATABASE_URL": postgres.url,
            "DJANGO_SETTINGS_MODULE": "oms.settings",
            "MEDIA_ROOT": str(folder / "media"),
            "LOG_LEVEL": "INFO",
            # `make check` has looked; every command and every worker would again.
            "CELERY_SKIP_CHECKS": "1",
        }
        self.environment.pop("BROKER_URL", None)
        if broker_url:
            self.environment["BROKER_URL"] = broker_url

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a management command; its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            check=False,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        if check and done.returncode:
            raise AssertionError(f"{arguments} exited {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def start(self, name: str, *command: str) -> Running:
        started = Running(name, command, environment=self.environment, folder=self.folder)
        self.running.append(started)
        return started

    def start_web(self, application: str = "oms.wsgi") -> Running:
        web = self.start(
            "web",
            *(sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{self.port}"),
            *("--workers", "2", "--threads", "16", "--no-control-socket"),
        )
        wait_until(self._answers, 60)
        return web

    def start_worker(
        self, *, queues: str = QUEUES, processes: int = 1, name: str = "worker", application: str = "oms.celery"
    ) -> Running:
        return self.start(
            name,
            *(sys.executable, "-m", "celery", f"--app={application}", "--quiet", "worker"),
            *(f"--hostname={name}@%h", f"--queues={queues}", f"--concurrency={processes}", "--loglevel=INFO"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        )

    def start_scheduler(self, *, application: str = "oms.celery") -> Running:
        return self.start(
            "scheduler",
            *(sys.executable, "-m", "celery", f"--app={application}", "--quiet", "beat"),
            *(f"--schedule={self.folder / 'schedule'}", "--pidfile=", "--loglevel=WARNING"),
        )

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/livez", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def api(self, key: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
            trust_env=False,
        )

    def create_key(self, *scopes: str, name: str = "tests") -> str:
        options = [option for scope in scopes for option in ("--scope", scope)]
        return self.manage("create_api_key", name, *options, "--skip-checks").strip().splitlines()[-1]

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    def check_invariants(self) -> str:
        """The command's last line; the test fails when anything is violated."""
        return self.manage("check_invariants", "--skip-checks").strip().splitlines()[-1]

    def end(self) -> None:
        """Without warning: nobody looks at what is left, and an orderly end of each takes seconds."""
        for running in reversed(self.running):
            if running.process.poll() is None:
                running.kill()

    def logs(self) -> str:
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in sorted(self.folder.glob("*.log"))
        )


@contextmanager
def own_folder() -> Iterator[Path]:
    """For one server, of the account that runs it; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="halles-stack-", dir=short_temporary_folder()))
    account_for(folder).take_over(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def migrated_cluster() -> Iterator[Path]:
    """The files of a stopped server whose database is migrated: copied, they are a new one in a second."""
    with own_folder() as folder:
        postgres = PrivatePostgres(folder / "data", socket_directory=folder)
        try:
            postgres.start()
            if not copy_template(postgres.url):
                Stack(folder, postgres).manage("migrate", "--verbosity", "0")
            postgres.stop()
        finally:
            postgres.kill()
        yield folder / "data"


@contextmanager
def running_stack(cluster: Path, *, broker_url: str = "") -> Iterator[Stack]:
    """A copy of the migrated cluster that survives being killed, and nothing else running yet."""
    with own_folder() as folder:
        # `cp` keeps the owner, without whom PostgreSQL refuses its files.
        subprocess.run(["cp", "-a", cluster, folder / "data"], check=True)
        postgres = PrivatePostgres(folder / "data", socket_directory=folder)
        yield from _running(Stack(folder, postgres, broker_url=broker_url), postgres)


def _running(stack: Stack, postgres: PrivatePostgres) -> Iterator[Stack]:
    try:
        postgres.start()
        yield stack
    except BaseException:
        print(stack.logs())
        raise
    finally:
        stack.end()
        postgres.kill()


def order_body(reference: str, *, sku: str = "SKU-1", quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A home delivery in Lille, paid at once."""
    return {
        "channel": "web",
        "external_reference": reference,
        "mode": "home",
        "customer": {"name": "Camille Martin", "email": "camille@example.org"},
        "shipping_address": {"line1": "1 place du Théâtre", "postcode": "59800", "city": "Lille", "country": "FR"},
        "lines": [{"sku": sku, "quantity": quantity}],
        "payments": [{"gateway": "simulated", "method": "card"}],
        **more,
    }


def furnish(api: httpx.Client, *, skus: int = 2, units: int = 100, warehouses: int = 2) -> None:
    """A banner, a web channel, warehouses and some stock, by the public API only."""
    points = [f"WH-{number}" for number in range(1, warehouses + 1)]
    names = [f"SKU-{number}" for number in range(1, skus + 1)]

    def put(path: str, rows: list[dict[str, Any]]) -> None:
        answer = api.put(path, json=rows)
        assert answer.status_code == 200, answer.text
        assert answer.json()["errors"] == [], answer.text

    put("/banners/", [{"code": "demo", "name": "Demo", "currency": "EUR", "languages": ["fr", "en"]}])
    put(
        "/stock-points/",
        [
            {
                "code": code,
                "name": f"Warehouse {code}",
                "kind": "warehouse",
                "latitude": 48.0 + index,
                "longitude": 2.0,
                "postcode": "45000",
                "country": "FR",
                "timezone": "Europe/Paris",
                "ships_orders": True,
                "currency": "EUR",
            }
            for index, code in enumerate(points)
        ],
    )
    put(
        "/variants/",
        [
            {
                "sku": sku,
                "product": {"code": sku, "name": sku, "brand": "", "category": "things"},
                "price": "10.00",
                "currency": "EUR",
                "weight_g": 500,
            }
            for sku in names
        ],
    )
    put(
        "/sales-channels/",
        [{"code": "web", "name": "Web", "kind": "web", "banner": "demo", "currency": "EUR", "stock_points": "all"}],
    )
    receive(api, {(sku, point): units for sku in names for point in points if units})


def receive(api: httpx.Client, units: dict[tuple[str, str], int]) -> None:
    """Receipts by SKU and stock point."""
    rows = [
        {
            "sku": sku,
            "stock_point": point,
            "quantity": quantity,
            "kind": "receipt",
            "reference": f"receipt-{sku}-{point}",
            "occurred_at": datetime.now(UTC).isoformat(),
        }
        for (sku, point), quantity in units.items()
    ]
    answer = api.post("/stock-movements/", json=rows)
    assert answer.status_code == 200, answer.text
    assert answer.json()["errors"] == [], answer.text
