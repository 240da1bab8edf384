"""Which events oversight acts on, and how each becomes one operation."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from gongzheng.clock import legal_date
from gongzheng.messaging.envelope import Envelope
from gongzheng.messaging.projection import Projection
from oversight.domain.filing import ServedDecision
from oversight.domain.items import BreachedClock, ChangedClock, RefusedCharge
from oversight.handlers.follow_case import follow_case, know_case
from oversight.handlers.follow_clock import follow_clock
from oversight.handlers.open_items import open_conduct, open_inaction
from oversight.handlers.ports import CaseKnown, Work
from oversight.handlers.record_filing import record_filing


def learn_case(uow: Work, event: Envelope) -> None:
    """What the event says of a case, and nothing else: a projection of the events of cases."""
    known: dict[str, Any] = {name: event.data.get(name) for name in CaseKnown.__annotations__}
    know_case(uow, CaseKnown(**known))


def on_case_reported(uow: Work, event: Envelope) -> None:
    """A department registered a lead: perhaps one that oversight released."""
    data = event.data
    learn_case(uow, event)
    follow_case(
        uow,
        act="forward",
        case_id=data["case_id"],
        on=date.fromisoformat(data["received_on"]),
        complaint_id=data["complaint_id"],
    )


def on_case_filed(uow: Work, event: Envelope) -> None:
    """The department opened a case."""
    data = event.data
    learn_case(uow, event)
    follow_case(
        uow,
        act="file",
        case_id=data["case_id"],
        on=date.fromisoformat(data["filed_on"]),
        complaint_id=data["complaint_id"],
    )


def on_case_not_filed(uow: Work, event: Envelope) -> None:
    """The department decided not to open a case."""
    follow_case(uow, act="not_file", case_id=event.data["case_id"], on=date.fromisoformat(event.data["decided_on"]))


def on_decision_served(uow: Work, event: Envelope) -> None:
    """A decision was served: tell the reporter, and put it on file when it is a major one."""
    data, served_on = event.data, date.fromisoformat(event.data["served_on"])
    follow_case(uow, act="decide", case_id=data["case_id"], on=served_on)
    decision = ServedDecision(
        decision_id=data["decision_id"],
        case_id=data["case_id"],
        document_number=data["document_number"],
        outcome=data["outcome"],
        organisation_id=data["organisation_id"],
        region_code=data["region_code"],
        party_kind=data["party"]["kind"],
        fine_fen=data["fine_fen"],
        confiscation_fen=data["confiscation_fen"],
        served_on=served_on,
        sanction_kinds=tuple(data.get("sanction_kinds", ())),
    )
    record_filing(uow, decision)


def on_case_closed(uow: Work, event: Envelope) -> None:
    """The case is over, and so is the complaint it came from."""
    follow_case(uow, act="close", case_id=event.data["case_id"], on=date.fromisoformat(event.data["closed_on"]))


def on_clock_breached(uow: Work, event: Envelope) -> None:
    """A duty was not done in time."""
    data = event.data
    clock = BreachedClock(
        clock_id=data["clock_id"],
        kind=data["kind"],
        law=data["law"],
        started_on=date.fromisoformat(data["started_on"]),
        due_on=date.fromisoformat(data["due_on"]),
        organisation_id=data["organisation_id"],
        case_id=data["case_id"],
        matter_id=data["matter_id"],
    )
    open_inaction(uow, clock)


def on_clock_changed(uow: Work, event: Envelope) -> None:
    """A last day moved, or a clock turned out not to have been missed."""
    data = event.data
    change = ChangedClock(
        clock_id=data["clock_id"],
        case_id=data["case_id"],
        change=data["change"],
        due_on=date.fromisoformat(data["due_on"]) if data["due_on"] is not None else None,
        breach_withdrawn=data["breach_withdrawn"],
    )
    follow_clock(uow, change)


def on_charge_refused(uow: Work, event: Envelope) -> None:
    """Somebody tried to collect what no obligation holds."""
    data = event.data
    charge = RefusedCharge(
        charge_id=data["charge_id"],
        agent_id=data["agent_id"],
        obligation_id=data["obligation_id"],
        description_code=data["description_code"],
        amount_fen=data["amount_fen"],
        law=tuple(data["law"]),
        occurred_on=legal_date(datetime.fromisoformat(data["refused_at"])),
    )
    open_conduct(uow, charge, data["case_id"])


HANDLERS: Mapping[str, Callable[[Work, Envelope], None]] = {
    "cn.gongzheng.cases.case.reported.v1": on_case_reported,
    "cn.gongzheng.cases.case.filed.v1": on_case_filed,
    "cn.gongzheng.cases.case.not_filed.v1": on_case_not_filed,
    "cn.gongzheng.cases.decision.served.v1": on_decision_served,
    "cn.gongzheng.cases.case.closed.v1": on_case_closed,
    "cn.gongzheng.cases.clock.breached.v1": on_clock_breached,
    "cn.gongzheng.cases.clock.changed.v1": on_clock_changed,
    "cn.gongzheng.fees.charge.refused.v1": on_charge_refused,
}

BINDINGS = (("cases", "case"), ("fees", "deposit"), ("fees", "charge"), ("fees", "obligation"))

# Complaints, filings and items are oversight's own: they begin with an event, have ids and days of their own, and emit.
PROJECTIONS = (
    Projection(
        name="known-cases",
        tables=("case_known",),
        handlers={
            "cn.gongzheng.cases.case.reported.v1": learn_case,
            "cn.gongzheng.cases.case.filed.v1": learn_case,
        },
        follows=(("cases", "case"),),
    ),
)
