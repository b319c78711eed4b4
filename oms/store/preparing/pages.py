"""What the pages of one work share."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse

from oms.store.queries.works import Work, work_at
from oms.store.roles import PREPARE
from oms.store.views import StoreView


class PreparingView(StoreView):
    permission = PREPARE

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:prepare")


class OneWorkView(PreparingView):
    """About one work of this stock point; anybody else's is not found."""

    @cached_property
    def work(self) -> Work:
        found = work_at(self.here, self.kwargs["pk"])
        if found is None:
            raise Http404("There is no such work here.")
        return found

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:work", args=[kwargs["pk"]])
