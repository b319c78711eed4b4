"""Messages in, signed as Standard Webhooks says."""

from rest_framework.request import Request
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from oms.core import actors
from oms.core.errors import BadSignature
from oms.core.models import WebhookSecret

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def verify(request: Request, name: str) -> str:
    """The message's id, once its signature is proven with the secret of that name; raises `BadSignature`.

    Compared in constant time, and refused when more than five minutes old or early. A replay within
    the window is harmless: the receiver knows the event's id.
    """
    secret = WebhookSecret.objects.filter(name=name).values_list("secret", flat=True).first()
    if secret is None:
        raise BadSignature
    headers = {header: request.headers.get(header, "") for header in HEADERS}
    try:
        Webhook(secret).verify(request._request.body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        raise BadSignature from error
    actors.become(f"peer:{name}")
    return headers["webhook-id"]
