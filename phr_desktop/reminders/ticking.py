"""The tick: APScheduler calling one function every so often, on one thread of its own.

Two things are ours. The next tick is counted from now and not from the last one: APScheduler's own interval lists every
tick that a jump of the clock left out, 59 million from 1970 to today. And a clock that was set back does not make the
tick wait until the old time comes again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

TICK = 30.0  # seconds between two looks at what is due


class Ticking:
    """Calls `tick` now and every `seconds` from `start` to `stop`, never twice at once."""

    def __init__(self, tick: Callable[[], None], seconds: float) -> None:
        self._tick = tick
        self._every = timedelta(seconds=seconds)
        self._scheduler = _Scheduler(
            self._every,
            timezone=UTC,
            executors={"default": {"type": "threadpool", "max_workers": 1}},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def start(self) -> None:
        self._scheduler.add_job(self._tick, _FromNow(self._every), next_run_time=datetime.now(UTC))
        self._scheduler.start()

    def soon(self) -> None:
        """One tick more, as soon as the running one is done."""
        self._scheduler.add_job(self._tick)

    def stop(self) -> None:
        """Waits for a running tick and ends the threads. Must not be called by the tick itself."""
        self._scheduler.shutdown(wait=True)


class _FromNow(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, _previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self._every


class _Scheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    def __init__(self, every: timedelta, **options: object) -> None:
        super().__init__(**options)
        self._every = every

    def _process_jobs(self) -> float | None:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time > now + self._every:
                job.modify(next_run_time=now)
        wait: float | None = super()._process_jobs()
        # The clock may be set in the middle of this: so it is looked at again after one tick at the latest.
        return None if wait is None else min(wait, self._every.total_seconds())
