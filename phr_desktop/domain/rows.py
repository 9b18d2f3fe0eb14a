"""Making many NamedTuples in a short time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T", bound=tuple[Any, ...])


def maker(row: type[T]) -> Callable[[tuple[Any, ...]], T]:
    """`row(*values)`, given all its values as one tuple: without the call of a Python function with a parameter for
    each of them, where a file has 100,000 of them. Nothing looks at how many the values are.
    """
    return partial(tuple.__new__, row)
