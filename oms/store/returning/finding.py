"""One field finds what somebody brings back: by order, receipt, return or article."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from oms.store.queries.returns import found_by, returns_at
from oms.store.returning.pages import ReturningView
from returns.roles import APPROVE_BLIND

LONGEST_SEARCH = 100
_SHOWN = ("open", "expected", "done")


class ReturnsView(ReturningView):
    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
        context: dict[str, Any] = {"text": text, "may_approve": request.user.has_perm(APPROVE_BLIND)}
        if text:
            found = found_by(text, point=self.here, access=self.access)
            if found.returned is not None:
                return redirect("store:return", found.returned.number)
            if found.order is not None:
                return redirect("store:return-ask", found.order.number)
            return self.show("returning/returns.html", found=found, shown="", **context)
        shown = request.GET.get("show", "open")
        shown = shown if shown in _SHOWN else "open"
        return self.show("returning/returns.html", rows=returns_at(self.here, shown=shown), shown=shown, **context)
