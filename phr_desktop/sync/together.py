"""A few things at once, and what came of them in batches: so that waiting, reading and storing overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 4  # pieces of work handed out for each thread: the next one is there while the last result is stored
GATHER = 0.1  # seconds in which results that follow the first one join its batch: storing costs as much for many


def together(
    items: Iterable[T], work: Callable[[T], R], *, at_once: int, stop: Callable[[], None]
) -> Iterator[list[tuple[T, R]]]:
    """Does the work for each item on so many threads, in about the order of the items.

    Yields what is done since the last time, on the caller's thread. Where work raises, `stop` is called, what is
    under way ends, and the first error is raised after what was done has been yielded; the same where the caller
    leaves early.
    """
    waiting = iter(items)
    running: dict[Future[R], T] = {}
    with ThreadPoolExecutor(at_once, thread_name_prefix="sync") as pool:
        try:
            while True:
                running.update((pool.submit(work, item), item) for item in _next(waiting, at_once * AHEAD, running))
                if not running:
                    return
                wait(running, return_when=FIRST_COMPLETED)
                done, _ = wait(running, timeout=GATHER)
                found = [(running.pop(future), future) for future in list(running) if future in done]
                failed = next((future for _, future in found if future.exception() is not None), None)
                yield [(item, future.result()) for item, future in found if future.exception() is None]
                if failed is not None:
                    failed.result()
        finally:
            if running:
                stop()
                pool.shutdown(cancel_futures=True)


def _next(waiting: Iterator[T], most: int, running: dict[Future[R], T]) -> list[T]:
    return list(islice(waiting, most - len(running)))
