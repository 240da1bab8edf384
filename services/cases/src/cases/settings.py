"""What the cases service is told by its environment (prefix ``CASES_``)."""

from dataclasses import dataclass

from gongzheng.settings import ServiceSettings, setting


@dataclass(frozen=True, kw_only=True)
class CasesSettings(ServiceSettings):
    """Settings of the service."""

    clock_warn_days: int = setting(
        "int", default=3, help_en="Calendar days before the end of a time limit on which its warning is given (policy)."
    )
    # Legal days end at midnight; a minute later is soon enough, and a quiet look costs two indexed queries.
    clock_every_s: int = setting("int", default=60, help_en="Seconds between two looks at the time limits.")
    work_calendar: str = setting(
        default="", help_en="Further working-day calendars: paths of files, separated by a colon."
    )
