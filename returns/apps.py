from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReturnsConfig(AppConfig):
    """Goods that come back: what is accepted, what becomes of them, what is refunded."""

    name = "returns"
    verbose_name = _("Returns")

    def ready(self) -> None:
        from orders.gateways import register
        from orders.wording import tell_also
        from returns.gateways import ExchangeGateway
        from returns.wording import SENTENCES

        # A replacement is paid with what the returned goods are worth: a gateway like any other.
        register(ExchangeGateway())
        tell_also(SENTENCES)
