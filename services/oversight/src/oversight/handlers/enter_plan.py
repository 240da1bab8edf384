"""Enter an assessment plan or a campaign."""

from gongzheng.ids import new_id
from oversight.domain.plans import Draft, Plan, PlanKind
from oversight.handlers.ports import Work


def enter_plan(uow: Work, kind: PlanKind, draft: Draft) -> Plan:
    """Enter a plan; one that asks for fines is refused (APL 74)."""
    with uow:
        plan = Plan.enter(new_id(), kind, draft, author=uow.actor.subject, on=uow.today)
        uow.plans.add(plan)
        uow.audit(f"{kind.value}.enter", f"{kind.value}/{plan.id}")
    return plan
