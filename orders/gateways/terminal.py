"""The payment terminal on a shop's counter, simulated: it waits for a card until somebody acts at it.

A request is pending from the moment it stands on the terminal's screen. `present_card` is what happens
then: the card is accepted or refused, or it is accepted and the line drops before anybody hears of it;
`inquire` has no answer until `restore_line`. The books are the simulated gateway's, captures and refunds too.
"""

from __future__ import annotations

from enum import StrEnum

from orders.gateways.protocol import Answer, AuthoriseRequest, GatewayUnavailable
from orders.gateways.simulated import AUTHORISE, REFUSAL, SimulatedGateway, Told, Truth, enter, truth_of
from orders.models.simulated import SimulatedTransaction

TERMINAL = "simulated_terminal"


class Card(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"


_BECOMES: dict[Card, dict[str, str]] = {
    Card.ACCEPTED: {"truth": Truth.SUCCEEDED},
    Card.REFUSED: {"truth": Truth.REFUSED, "failure": REFUSAL},
    Card.LOST: {"truth": Truth.SUCCEEDED, "answer": Told.NOTHING},
}


class SimulatedTerminal(SimulatedGateway):
    code = TERMINAL
    is_attended = True

    def authorise(self, request: AuthoriseRequest) -> Answer:
        entry = enter(
            SimulatedTransaction(
                key=request.key,
                kind=AUTHORISE,
                amount=request.amount,
                currency=request.currency,
                method=request.method,
                token=request.token,
                truth=Truth.PENDING,
                answer=Told.TRUTH,
            )
        )
        return truth_of(entry)

    def inquire(self, key: str) -> Answer:
        if SimulatedTransaction.objects.filter(key=key, kind=AUTHORISE, answer=Told.NOTHING).exists():
            raise GatewayUnavailable
        return super().inquire(key)

    def present_card(self, key: str, card: Card) -> None:
        """What happens at the terminal; a request that was answered stays as it is."""
        SimulatedTransaction.objects.filter(key=key, truth=Truth.PENDING).update(**_BECOMES[card])

    def restore_line(self, key: str) -> None:
        SimulatedTransaction.objects.filter(key=key, answer=Told.NOTHING).update(answer=Told.TRUTH)
