"""Filters of lists that say words where the table has codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.admin import AllValuesFieldListFilter


class WordedFilter(AllValuesFieldListFilter):
    """The values there are, each by what people call it."""

    words: Callable[[str], str]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *rest = super().choices(changelist)
        yield first
        for choice in rest:
            yield {**choice, "display": type(self).words(str(choice["display"]))}


def worded(words: Callable[[str], str]) -> type[WordedFilter]:
    """A filter whose values are told by `words`."""
    return type("WordedFilter", (WordedFilter,), {"words": staticmethod(words)})
