"""Assessment plans and campaigns: entered here, and refused when they ask for fines."""

from typing import Any

from flask.views import MethodView

from gongzheng.http import (
    Blueprint,
    Page,
    audited_read,
    idempotent,
    page_args,
    page_of,
    refuses,
    requires,
    unit_of_work,
    with_etag,
)
from oversight.api.schemas import PlanIn, PlanOut, PlanPage
from oversight.domain.amount_targets import Measure
from oversight.domain.errors import AmountTargetRefused, DateNotPossible, NotFound
from oversight.domain.plans import Draft, Plan, PlanKind
from oversight.handlers.enter_plan import enter_plan

READS = ("oversight.lead", "oversight.supervisor", "auditor")

plans = Blueprint("plans", __name__, description="Assessment plans and campaigns")


def _enter(kind: PlanKind, data: dict[str, Any]) -> Plan:
    data["metrics"] = tuple(Measure(**metric) for metric in data["metrics"])
    plan = enter_plan(unit_of_work(), kind, Draft(**data))
    with_etag(plan.version)
    return plan


def _list(kind: PlanKind, page: Page) -> Any:
    with unit_of_work() as uow:
        after = str(page.after) if page.after is not None else None
        found = uow.plans.page(limit=page.limit + 1, after=after, kind=kind.value)
    return page_of(found, page.limit, lambda plan: plan.id)


def _one(kind: PlanKind, plan_id: str) -> Plan:
    with unit_of_work() as uow:
        plan: Plan = uow.plans.get(plan_id)
    if plan.kind is not kind:
        raise NotFound
    with_etag(plan.version)
    return plan


@plans.route("/assessment-plans")
class AssessmentPlans(MethodView):
    """What departments are assessed on."""

    @requires("oversight.lead")
    @idempotent
    @refuses(AmountTargetRefused, DateNotPossible)
    @plans.arguments(PlanIn)
    @plans.response(201, PlanOut)
    def post(self, data: dict[str, Any]) -> Any:
        """Enter an assessment plan; a measure of amounts or numbers of fines is refused (APL 74)."""
        return _enter(PlanKind.ASSESSMENT, data)

    @requires(*READS)
    @audited_read("assessment.list")
    @plans.response(200, PlanPage)
    def get(self) -> Any:
        """List assessment plans."""
        return _list(PlanKind.ASSESSMENT, page_args())


@plans.route("/assessment-plans/<ulid:assessment_id>")
class OneAssessmentPlan(MethodView):
    """One assessment plan."""

    @requires(*READS)
    @refuses(NotFound)
    @plans.response(200, PlanOut)
    def get(self, assessment_id: str) -> Any:
        """Read an assessment plan."""
        return _one(PlanKind.ASSESSMENT, assessment_id)


@plans.route("/campaigns")
class Campaigns(MethodView):
    """Special campaigns."""

    @requires("oversight.lead")
    @idempotent
    @refuses(AmountTargetRefused, DateNotPossible)
    @plans.arguments(PlanIn)
    @plans.response(201, PlanOut)
    def post(self, data: dict[str, Any]) -> Any:
        """Enter a campaign; a task or measure that asks for fines is refused (APL 74)."""
        return _enter(PlanKind.CAMPAIGN, data)

    @requires(*READS)
    @audited_read("campaign.list")
    @plans.response(200, PlanPage)
    def get(self) -> Any:
        """List campaigns."""
        return _list(PlanKind.CAMPAIGN, page_args())


@plans.route("/campaigns/<ulid:campaign_id>")
class OneCampaign(MethodView):
    """One campaign."""

    @requires(*READS)
    @refuses(NotFound)
    @plans.response(200, PlanOut)
    def get(self, campaign_id: str) -> Any:
        """Read a campaign."""
        return _one(PlanKind.CAMPAIGN, campaign_id)
