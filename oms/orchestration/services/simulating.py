"""What would be promised, and why not otherwise: the promise's own answers, told to people."""

from __future__ import annotations

from dataclasses import dataclass

from oms.orchestration.promises import DeliveryOption, Enquiry, Missing
from oms.orchestration.services.promising import Answer, answers_to, quote_of
from oms.sourcing.explaining import explain, without_place
from oms.sourcing.results import REJECTED


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why so many stock points could not serve; a few are named."""

    sentence: str
    count: int
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailedMode:
    mode: str
    rule_set: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    options: tuple[DeliveryOption, ...]
    failed: tuple[FailedMode, ...]
    unavailable: tuple[Missing, ...]
    is_degraded: bool


NAMED_AT_MOST = 5


def simulate_promise(*, enquiry: Enquiry, language: str) -> Simulation:
    """The options of an enquiry that says where, and what spoke against the other modes (`en` or `fr`)."""
    asked = answers_to(enquiry)
    quote = quote_of(enquiry, asked)
    return Simulation(
        options=quote.options,
        failed=tuple(_failed(answer, language) for answer in asked.answers if not answer.is_complete),
        unavailable=quote.unavailable,
        is_degraded=quote.is_degraded,
    )


def _failed(answer: Answer, language: str) -> FailedMode:
    """By reason, the reason that most stock points share first."""
    result = answer.result
    by_sentence: dict[str, list[str]] = {}
    for candidate in result.candidates:
        key = candidate.reason if candidate.outcome == REJECTED else ""
        if key:
            by_sentence.setdefault(key, []).append(candidate.stock_point)
    examples = {each.reason: each for each in result.candidates if each.outcome == REJECTED}
    verdicts = [
        Verdict(
            without_place(explain(result, examples[reason], language), codes[-1]),
            len(codes),
            tuple(codes[:NAMED_AT_MOST]),
        )
        for reason, codes in by_sentence.items()
    ]
    return FailedMode(
        mode=answer.mode,
        rule_set=result.rule_set,
        verdicts=tuple(sorted(verdicts, key=lambda each: (-each.count, each.sentence))),
    )
