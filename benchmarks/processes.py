"""A part of a benchmark in a process of its own, whose failure is told at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")


def apart(measure: Callable[_P, _R], *given: _P.args, **named: _P.kwargs) -> _R:
    """What `measure` returns, run in a fresh interpreter: the settings of this one may point elsewhere.

    What it raises is raised here, and a process that dies is a `BrokenProcessPool`.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, *given, **named).result()
