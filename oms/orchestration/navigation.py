"""Rules and decisions in the admin's menu, and what waits there."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from oms.core.access import Access
from oms.core.navigation import Group, count, link, show
from oms.orchestration.models import RuleSetVersion
from oms.orchestration.states import VersionState

show("orchestration.RuleSet", group=Group.ORCHESTRATION, icon="rule")
show("orchestration.SourcingRun", group=Group.ORCHESTRATION, icon="alt_route")
show("orchestration.CapacityUse", group=Group.ORCHESTRATION, icon="speed")
show("orchestration.RunOutcome", group=Group.ORCHESTRATION, icon="flag_circle")
show("orchestration.LearnedPreparation", group=Group.ORCHESTRATION, icon="timer")
show("orchestration.LearnedTransit", group=Group.ORCHESTRATION, icon="timeline")
show("orchestration.LearningPolicy", group=Group.ORCHESTRATION, icon="school")
show("orchestration.CarrierService", group=Group.NETWORK, icon="local_shipping")
show("orchestration.PickUpTimes", group=Group.NETWORK, icon="pending_actions")
link(
    "admin:sourcing-fortunes",
    group=Group.ORCHESTRATION,
    icon="leaderboard",
    title=_("Who receives orders"),
    allows=lambda user: user.has_perm("orchestration.view_sourcingrun"),
)
link(
    "admin:promise-simulator",
    group=Group.ORCHESTRATION,
    icon="event_available",
    title=_("Promise simulator"),
    allows=lambda user: user.has_perm("orchestration.view_sourcingrun"),
)
link(
    "admin:network-map",
    group=Group.NETWORK,
    icon="map",
    title=_("Map of the network"),
    allows=lambda user: user.has_perm("orchestration.view_carrierservice"),
)
show("orchestration.Postcode", group=Group.NETWORK, icon="location_on")


def _drafts(access: Access) -> QuerySet[RuleSetVersion]:
    return RuleSetVersion.objects.visible_to(access).filter(state=VersionState.DRAFT)


count(
    "rule-set-drafts",
    group=Group.ORCHESTRATION,
    title=_("Rule sets with a draft"),
    link=("admin:orchestration_ruleset_changelist", ""),
    permission="orchestration.view_ruleset",
    counted=_drafts,
)
