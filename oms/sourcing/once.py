"""A property worked out when it is first asked for.

As `functools.cached_property` is from Python 3.12 on: 3.11's holds one lock for all objects of a class while it works
one of them out, so that decisions made at the same moment wait for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["once"]

if TYPE_CHECKING:
    from functools import cached_property

    once = cached_property
else:

    class once:  # noqa: N801 (it is read as a decorator)
        def __init__(self, work_out):
            self.work_out = work_out
            self.__doc__ = work_out.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            found = instance.__dict__[self.name] = self.work_out(instance)
            return found
