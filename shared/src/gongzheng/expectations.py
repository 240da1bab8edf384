"""What a service should hear or say in the ordinary course: no event of a stream for so long is an alarm."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

_ONE = re.compile(r"([a-z_]{1,40})\.([a-z_]{1,40})=([1-9][0-9]{0,3})([mhd])(@office)?")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """At least one event of a producer's stream within any such time; ``office``: within the hours of a working day."""

    producer: str
    stream: str
    within: timedelta
    office: bool = False

    @property
    def name(self) -> str:
        """``<producer>.<stream>``."""
        return f"{self.producer}.{self.stream}"


def parse_expectations(text: str) -> tuple[Expectation, ...]:
    """Read ``cases.case=1h@office,fees.obligation=2d``; units are m, h and d.

    Raises:
        ValueError: for anything of another form.
    """
    return tuple(_parse(text)) if text.strip() else ()


def _parse(text: str) -> Iterator[Expectation]:
    for part in text.split(","):
        found = _ONE.fullmatch(part.strip())
        if found is None:
            raise ValueError("must be like cases.case=1h@office,fees.obligation=2d")
        producer, stream, count, unit, office = found.groups()
        within = timedelta(**{_UNITS[unit]: int(count)})
        yield Expectation(producer=producer, stream=stream, within=within, office=office is not None)
