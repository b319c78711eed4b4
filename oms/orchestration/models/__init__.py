from oms.orchestration.models.capacity import CapacityUse
from oms.orchestration.models.carriers import CarrierService
from oms.orchestration.models.examples import ExampleOrder
from oms.orchestration.models.outcomes import OutcomeKind, RunOutcome
from oms.orchestration.models.paces import SellingPace
from oms.orchestration.models.places import Postcode
from oms.orchestration.models.rule_sets import RuleSet, RuleSetVersion
from oms.orchestration.models.runs import FactBlob, SourcingRun

__all__ = [
    "CapacityUse",
    "CarrierService",
    "ExampleOrder",
    "FactBlob",
    "OutcomeKind",
    "Postcode",
    "RuleSet",
    "RuleSetVersion",
    "RunOutcome",
    "SellingPace",
    "SourcingRun",
]
