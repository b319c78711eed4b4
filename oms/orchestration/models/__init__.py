from oms.orchestration.models.capacity import CapacityUse
from oms.orchestration.models.carriers import CarrierService
from oms.orchestration.models.examples import ExampleOrder
from oms.orchestration.models.learning import LearnedPreparation, LearnedTransit, LearningPolicy, Load, PointLoad
from oms.orchestration.models.outcomes import OutcomeKind, RunOutcome
from oms.orchestration.models.paces import SellingPace
from oms.orchestration.models.pick_ups import PickUpTimes
from oms.orchestration.models.places import Postcode
from oms.orchestration.models.rule_sets import RuleSet, RuleSetVersion
from oms.orchestration.models.runs import FactBlob, SourcingRun

__all__ = [
    "CapacityUse",
    "CarrierService",
    "ExampleOrder",
    "FactBlob",
    "LearnedPreparation",
    "LearnedTransit",
    "LearningPolicy",
    "Load",
    "OutcomeKind",
    "PickUpTimes",
    "PointLoad",
    "Postcode",
    "RuleSet",
    "RuleSetVersion",
    "RunOutcome",
    "SellingPace",
    "SourcingRun",
]
