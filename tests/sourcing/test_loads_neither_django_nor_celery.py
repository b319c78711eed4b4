import subprocess
import sys

MODULES = (
    "oms.sourcing",
    "oms.sourcing.explaining",
    "oms.sourcing.milp",
    "oms.sourcing.replaying",
    "oms.sourcing.serialise",
)


def test_importing_the_engine_loads_only_itself_numpy_and_highspy() -> None:
    program = (
        f"import {', '.join(MODULES)}, sys\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "print(','.join(sorted(roots & {'django', 'celery', 'kombu', 'rest_framework', 'psycopg', 'numpy'})))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "numpy"
