"""How every stock point fared in one run, as a few compressed columns.

The codes are those of the run's network, in their order. A rejected point takes one byte; units, days,
distances (to ten metres) and costs (to the hundredth of a cent) are kept of points that fit. The plan
keeps its own costs exactly.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

from oms.orchestration.packing import packed, unpacked
from oms.sourcing.candidates import CandidateColumns, CandidateTable
from oms.sourcing.results import REJECTED, Candidate

Whole = NDArray[np.int64]
_PER_KM = 100
_MICRO_KEPT = 100


def packed_candidates(candidates: Sequence[Candidate]) -> bytes:
    """Empty where the engine tried no rule."""
    if not isinstance(candidates, CandidateTable):
        return b""
    columns = candidates.columns
    fits = _fitting(columns.labels, columns.label_of)
    costs = (np.rint(column / _MICRO_KEPT) for column in columns.costs.values())
    kept = [columns.quantities, columns.promised, np.rint(columns.distance_km * _PER_KM), *costs]
    table = np.stack([np.asarray(column)[fits] for column in kept]).astype("<i8")
    header = orjson.dumps({"labels": columns.labels, "objectives": list(columns.costs), "rows": len(columns.codes)})
    # Bytes of equal weight lie together: they are mostly alike, so they compress to almost nothing.
    return packed(header + b"\n" + columns.label_of.astype(np.uint8).tobytes() + _by_weight(table))


def unpacked_candidates(content: bytes | memoryview, codes: Sequence[str]) -> Sequence[Candidate]:
    """The candidates again; `codes` of the run's network, sorted."""
    if not content:
        return ()
    header_text, _, body = unpacked(content).partition(b"\n")
    header = orjson.loads(header_text)
    rows, objectives = header["rows"], header["objectives"]
    labels = [tuple(label) for label in header["labels"]]
    label_of = np.frombuffer(body, dtype=np.uint8, count=rows).astype(np.int64)
    fits = _fitting(labels, label_of)
    table = _from_weights(body[rows:], height=3 + len(objectives), width=len(fits))
    spread = [_spread(column, fits, rows) for column in table]
    costs: Mapping[str, Whole] = dict(zip(objectives, (column * _MICRO_KEPT for column in spread[3:]), strict=True))
    columns = CandidateColumns(
        codes=codes,
        labels=labels,
        label_of=label_of,
        quantities=spread[0],
        promised=spread[1],
        distance_km=spread[2] / _PER_KM,
        costs=costs,
    )
    return CandidateTable(lambda: columns)


def unpacked_labels(content: bytes | memoryview) -> tuple[Sequence[tuple[str, str]], NDArray[np.uint8]]:
    """Only how each point fared: `labels[label_of[row]]` is its outcome and reason."""
    header_text, _, body = unpacked(content).partition(b"\n")
    header = orjson.loads(header_text)
    label_of = np.frombuffer(body, dtype=np.uint8, count=header["rows"])
    return tuple((outcome, reason) for outcome, reason in header["labels"]), label_of


def _fitting(labels: Sequence[tuple[str, str]], label_of: Whole) -> NDArray[np.intp]:
    is_rejected = np.array([outcome == REJECTED for outcome, _ in labels])
    return np.flatnonzero(~is_rejected[label_of])


def _by_weight(table: Whole) -> bytes:
    return table.view(np.uint8).reshape(*table.shape, 8).transpose(0, 2, 1).tobytes()


def _from_weights(content: bytes, *, height: int, width: int) -> Whole:
    weights = np.frombuffer(content, dtype=np.uint8).reshape(height, 8, width)
    return np.ascontiguousarray(weights.transpose(0, 2, 1)).view("<i8").reshape(height, width)


def _spread(column: Whole, rows: NDArray[np.intp], size: int) -> Whole:
    found = np.zeros(size, dtype=np.int64)
    found[rows] = column
    return found
