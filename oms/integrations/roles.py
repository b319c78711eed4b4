"""Who may look at what customers were told."""

from oms.core.roles import allow, may

RESEND = "integrations.change_notification"

for role in ("head_office", "customer_service", "store_manager", "store_staff"):
    allow(role, *may("integrations", "notification", "view"))
for role in ("head_office", "customer_service"):
    allow(role, RESEND)

allow("head_office", *may("integrations", "webhookendpoint", "view", "change"))
allow("head_office", *may("integrations", "webhookmessage", "view", "change"))
