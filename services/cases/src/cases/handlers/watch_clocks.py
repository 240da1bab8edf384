"""Warn of the time limits of the department that end soon, and say which were missed."""

from datetime import timedelta
from typing import Any

from cases.domain.events import ClockBreached, ClockWarned
from cases.handlers.acting import keep
from cases.handlers.ports import CasesWork, DueClock

BATCH = 200
"""Clocks per transaction."""
CASES_BATCH = 20
"""Cases per transaction: each is loaded whole."""


def watch_clocks(uow: CasesWork, *, warn_days_before: int) -> int:
    """How many clocks were warned of or found breached, at most 200 of each; call again until it returns 0.

    Each clock is warned of once and found breached once, however often and by however many workers this runs: the mark
    and the event are one transaction.
    """
    with uow:
        warned = uow.clocks.mark_warned(uow.today + timedelta(days=warn_days_before), uow.today, BATCH)
        breached = uow.clocks.mark_breached(uow.today, BATCH)
        for clock in warned:
            uow.emit(clock.case_id, ClockWarned(**_fields(clock)))
        for clock in breached:
            uow.emit(clock.case_id, ClockBreached(**_fields(clock)))
        return len(warned) + len(breached)


def recompute_clocks(uow: CasesWork) -> int:
    """How many cases had clocks that waited for a calendar which is now there, at most 20; call until it returns 0.

    A last day that moves becomes an event; one that stays is only no longer provisional.
    """
    with uow:
        found = uow.clocks.to_recompute(uow.calendar.fingerprint, CASES_BATCH)
        for case_id in found:
            case = uow.cases.get(case_id, lock=True)
            case.recompute(uow.calendar)
            keep(uow, case)
        return len(found)


def _fields(clock: DueClock) -> dict[str, Any]:
    return dict(vars(clock))
