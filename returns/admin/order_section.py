"""Returns on the order's page: what came back, and the button for more."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from oms.core.access import access_for
from orders.admin.orders import SECTIONS
from orders.models import Order
from returns.models import Return
from returns.queries.policies import policy_for
from returns.queries.returnable import banner_of, returnable_lines
from returns.roles import HANDLE


def returns_section(request: HttpRequest, order: Order) -> SafeString:
    found = Return.objects.visible_to(access_for(request)).filter(order=order).select_related("stock_point")
    may_ask = request.user.has_perm(HANDLE) and any(
        each.quantity for each in returnable_lines(order, policy_for(banner_of(order)), is_exception=True)
    )
    context = {
        "order": order,
        "returns": list(found.order_by("pk")),
        "ask_url": reverse("admin:returns_return_ask", args=[order.pk]) if may_ask else "",
    }
    return render_to_string("admin/returns/order_section.html", context)


SECTIONS.append(returns_section)
