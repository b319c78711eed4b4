"""Policies, returns with their lines, labels, and the credits exchanges are paid with."""

from returns.models.credits import CreditEntry
from returns.models.labels import ReturnLabel
from returns.models.pins import ManagerPin
from returns.models.policies import ReturnPolicy, ReturnReason
from returns.models.returns import Disposition, Return, ReturnClaim, ReturnLine

__all__ = [
    "CreditEntry",
    "Disposition",
    "ManagerPin",
    "Return",
    "ReturnClaim",
    "ReturnLabel",
    "ReturnLine",
    "ReturnPolicy",
    "ReturnReason",
]
