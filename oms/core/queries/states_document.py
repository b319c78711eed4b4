"""docs/states.md, written from the tables of moves so that it cannot disagree with them."""

from django.utils import translation

from oms.core import states
from oms.core.states import Moves

_HEAD = """# States

Written by `manage.py write_states_doc` from the tables of moves in the apps' `states.py`. The database
holds the same tables (one trigger per model) and refuses every other move.
"""


def states_document() -> str:
    with translation.override("en"):
        return "\n".join([_HEAD, *(_section(states.REGISTRY[name]) for name in sorted(states.REGISTRY))])


def _section(moves: Moves) -> str:
    title = moves.name.replace("_", " ").capitalize()
    rows = [f"| `{state.value}` | {state.label} | {_targets(moves, state.value)} |" for state in moves.states]
    arrows = [f"  {frm} --> {to}" for frm, to in moves.pairs()]
    ends = [f"  {state} --> [*]" for state in moves.table if moves.is_final(state)]
    return "\n".join(
        [
            f"## {title}",
            "",
            "| state | label | may become |",
            "|---|---|---|",
            *rows,
            "",
            "```mermaid",
            "stateDiagram-v2",
            *arrows,
            *ends,
            "```",
            "",
        ]
    )


def _targets(moves: Moves, state: str) -> str:
    targets = [to for frm, to in moves.pairs() if frm == state]
    return ", ".join(f"`{to}`" for to in targets) or "*final*"
