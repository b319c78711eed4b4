"""Who may do what with rules and decisions."""

from oms.core.roles import allow, may

PUBLISH = "orchestration.publish_ruleset"
OVERRIDE_EXAMPLES = "orchestration.override_examples"

for role in ("head_office", "merchandiser"):
    allow(
        role,
        *may("orchestration", "ruleset", "view", "add", "change"),
        PUBLISH,
        *may("orchestration", "sourcingrun", "view"),
        *may("orchestration", "capacityuse", "view"),
        *may("orchestration", "runoutcome", "view"),
        *may("orchestration", "learnedpreparation", "view"),
        *may("orchestration", "learnedtransit", "view"),
        *may("orchestration", "postcode"),
        *may("orchestration", "carrierservice"),
        *may("orchestration", "pickuptimes"),
    )
allow("head_office", OVERRIDE_EXAMPLES)
allow("head_office", *may("orchestration", "learningpolicy", "view", "change"))
allow("customer_service", *may("orchestration", "sourcingrun", "view"))
