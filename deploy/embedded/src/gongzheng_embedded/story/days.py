"""The days of the story, counted with the published work calendar, so that every act lies where the law wants it."""

from dataclasses import dataclass
from datetime import date, timedelta

from gongzheng.legaltime import default_calendar

SECOND_CASE_BEGAN_DAYS_AGO = 80
STALE_LEAD_WORKING_DAYS = 25  # well past the 15 working days in which a lead must be decided on (SAMR-PROC 18)
LATE_DAYS = 5


@dataclass(frozen=True, kw_only=True)
class Days:
    """``today`` is the day on which the story was first told; a resumed story keeps it, and so its calls.

    The citizen's case happens today. The inspection's case happened earlier, so that it can be paid too late; the
    days of its acts are working days, and each is at least as late as the law's periods before it demand.
    """

    today: date
    reported: date
    filed: date
    evidence: date
    report: date
    reviewed: date
    notified: date
    heard: date
    decided: date
    served: date
    stale: date

    @classmethod
    def of(cls, today: date) -> "Days":
        """The days of a story told on ``today``."""
        calendar = default_calendar()

        def after(day: date, working_days: int) -> date:
            return calendar.add_working_days(day, working_days)

        reported = calendar.next_working_day(today - timedelta(days=SECOND_CASE_BEGAN_DAYS_AGO))
        filed = after(reported, 2)
        evidence = after(filed, 1)
        report = after(evidence, 3)
        reviewed = after(report, 2)
        notified = after(reviewed, 1)
        heard = after(notified, 6)  # the five working days for a statement and a hearing have run out (APL 64)
        decided = after(heard, 1)
        served = after(decided, 2)
        return cls(
            today=today,
            reported=reported,
            filed=filed,
            evidence=evidence,
            report=report,
            reviewed=reviewed,
            notified=notified,
            heard=heard,
            decided=decided,
            served=served,
            stale=after(today, -STALE_LEAD_WORKING_DAYS),
        )
