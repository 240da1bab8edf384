"""A small world for the domain: one organisation, its officers, two matters, and a case led step by step.

Everything is plain domain objects; no database. ``Walk`` takes acts with sensible defaults, each of which a test may
override: ``Walk().to("notified").take("decide", outcome=...)``.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cases.domain import acts
from cases.domain.case import Case
from cases.domain.facts import Facts
from cases.domain.numbering import document_number
from cases.domain.register import (
    LegalBasis,
    Matter,
    MatterOnDay,
    Officer,
    Organisation,
    PunishedAct,
    Qualification,
    Register,
    SanctionLine,
    Suspension,
)
from cases.domain.sanction import Sanction
from cases.domain.values import (
    DocumentKind,
    Employment,
    EvidenceKind,
    HeardKind,
    Leniency,
    Level,
    Outcome,
    Party,
    PartyKind,
    Period,
    Person,
    SanctionKind,
    ServiceMethod,
    Source,
)
from gongzheng.ids import new_id
from gongzheng.legaltime import default_calendar

ORGANISATION_ID = "11990102MB0A10021B"
OTHER_ORGANISATION_ID = "11990102MB0A1003X3"
TODAY = date(2026, 11, 20)
ALWAYS = Period(since=date(2020, 1, 1))

ORGANISATION = Organisation(
    id=ORGANISATION_ID,
    name_zh="明州市云湖区市场监督管理局",
    name_en="Yunhu District Administration for Market Regulation",
    level=Level.COUNTY,
    region_code="990102",
    document_prefix="云湖市监",
    qualifications=(Qualification(kind="own", law=("APL 17",), fields=("food_safety",), period=ALWAYS),),
)


def officer(name: str, **changes: Any) -> Officer:
    """A formal officer with a valid credential."""
    made = Officer(
        id=f"cred-{name}",
        subject=name,
        name_zh=name,
        name_en=name,
        organisation_id=ORGANISATION_ID,
        employment=Employment.FORMAL,
        credential=Period(since=date(2022, 1, 1), until=date(2036, 12, 31)),
    )
    return replace(made, **changes)


OFFICERS = {
    o.id: o
    for o in (
        officer("ina"),
        officer("ivo"),
        officer("ida"),
        officer("rex", legal_qualification_from=date(2016, 12, 5)),
        officer("rio"),
        officer("dan"),
        officer("don"),
        officer("hal"),
        officer("cleo"),
        officer("tom", employment=Employment.TEMPORARY),
        officer("eve", credential=Period(since=date(2020, 4, 1), until=date(2026, 9, 30))),
        officer("sue", suspensions=(Suspension(period=Period(since=date(2026, 10, 8), until=date(2026, 10, 31))),)),
        officer("rik", revoked_on=date(2026, 10, 1)),
        officer("zoe", organisation_id=OTHER_ORGANISATION_ID),
    )
}

ROLES = {
    "ina": ("cases.intake",),
    "rex": ("cases.reviewer",),
    "rio": ("cases.reviewer",),
    "dan": ("cases.decider",),
    "don": ("cases.decider",),
    "hal": ("cases.hearing_chair",),
    "cleo": ("cases.clerk",),
}

BASIS = LegalBasis(
    id="fsl",
    short="FSL",
    title_zh="中华人民共和国食品安全法",
    title_en="Food Safety Law",
    kind="law",
    period=Period(since=date(2021, 4, 29)),
    status="in_force",
)
MATTER = Matter(
    id="food-expired",
    field="food_safety",
    basis_id="fsl",
    title_zh="经营超过保质期的食品",
    title_en="Trading in food past its date",
    violated=("FSL 34",),
    sanctioned=("FSL 124(1)",),
    period=Period(since=date(2021, 4, 29)),
    status="in_force",
    party_kinds=(PartyKind.PERSON, PartyKind.ORGANISATION),
    limitation_years=2,
    limitation_years_with_harm=5,
    sanctions=(
        SanctionLine(kind=SanctionKind.CONFISCATE_GAINS, mandatory=True),
        SanctionLine(kind=SanctionKind.CONFISCATE_GOODS),
        SanctionLine(
            kind=SanctionKind.FINE,
            mandatory=True,
            min_fen=5_000_000,
            max_fen=10_000_000,
            base=None,
        ),
        SanctionLine(kind=SanctionKind.REVOKE_LICENCE, grave_only=True),
    ),
)
REPEALED_BASIS = replace(
    BASIS,
    id="smf",
    short="SMF",
    title_zh="社会抚养费征收管理办法",
    title_en="Measures on the Social Maintenance Fee",
    period=Period(since=date(2002, 9, 1), until=date(2021, 7, 19)),
    status="repealed",
)
REPEALED = replace(
    MATTER,
    id="social-maintenance-fee",
    basis_id="smf",
    period=Period(since=date(2002, 9, 1), until=date(2021, 7, 19)),
    status="repealed",
    party_kinds=(PartyKind.PERSON,),
)
PARTY = Party(
    party_id="01JD00000000000000000PARTY",
    name="云湖区好又多便利店",
    kind=PartyKind.ORGANISATION,
    email="shop@example.test",
)
SHOP_FINE = Sanction(kinds=(SanctionKind.FINE,), fine_fen=6_000_000)


def person(subject: str, *, roles: tuple[str, ...] | None = None, organisation_id: str = ORGANISATION_ID) -> Person:
    """Somebody with the roles of the world, or with others."""
    granted = roles if roles is not None else ROLES.get(subject, ("cases.investigator",))
    return Person(subject=subject, name=subject, roles=frozenset(granted), organisation_id=organisation_id)


SYSTEM = Person(subject="system", name="system", roles=frozenset({"system"}), agent=True)

# The steps of an ordinary case: act, default day, who does it.
DAYS = {
    "report": date(2026, 9, 1),
    "file": date(2026, 9, 10),
    "assign": date(2026, 9, 11),
    "evidence": date(2026, 9, 14),
    "interview": date(2026, 9, 15),
    "investigated": date(2026, 9, 16),
    "review": date(2026, 9, 17),
    "notice": date(2026, 9, 18),
    "serve_notice": date(2026, 9, 21),
    "heard": date(2026, 9, 22),
    "decide": date(2026, 10, 15),
    "serve": date(2026, 10, 19),
    "settle": date(2026, 10, 26),
    "close": date(2026, 10, 27),
    "archive": date(2026, 10, 28),
}
STEPS = tuple(DAYS)


class Walk:
    """A case led through the procedure."""

    def __init__(self, *, matter: Matter = MATTER, basis: LegalBasis = BASIS, today: date = TODAY) -> None:
        self.case = Case(id=new_id(), organisation_id=ORGANISATION_ID)
        self.matter, self.basis, self.today = matter, basis, today
        self.organisation, self.officers = ORGANISATION, dict(OFFICERS)
        self.matter_then = matter
        self.punished: tuple[PunishedAct, ...] = ()
        self.numbers: Counter[str] = Counter()

    def to(self, last: str) -> "Walk":
        """Take every step up to and including ``last`` with its defaults; steps already taken are passed over."""
        for step in STEPS[: STEPS.index(last) + 1]:
            if step not in self.done:
                self.take(step)
        return self

    @property
    def done(self) -> set[str]:
        """The steps that were taken."""
        return {step for step in STEPS if ROWS[step] & set(self.case.days)}

    def take(self, step: str, *, by: str | Person | None = None, on: date | None = None, **fields: Any) -> "Walk":
        """Take one step; ``by``, ``on`` and any field of the act override the default."""
        act, usual = self.act(step, on or DAYS.get(step, self.today), **fields)
        actor = usual if by is None else by
        self.perform(act, actor if isinstance(actor, Person) else person(actor))
        return self

    def exclude(self, evidence_id: str, *, on: date, reason: str = "取证程序违法") -> "Walk":
        """Exclude a piece of evidence."""
        self.perform(acts.ExcludeEvidence(evidence_id=evidence_id, reason=reason, done_on=on), person("rex"))
        return self

    def perform(self, act: acts.Act, actor: Person) -> None:
        """Take any act as anybody."""
        self.case.take(act, self.facts(act, actor))

    def facts(self, act: acts.Act, actor: Person) -> Facts:
        """The facts of an act, as a handler would gather them."""
        known = next((o for o in self.officers.values() if o.subject == actor.subject), None)
        conduct_on = getattr(act, "conduct_on", None) or self.case.conduct_on or act.done_on
        return Facts(
            case=self.case,
            act=act,
            actor=actor,
            register=Register(
                organisation=self.organisation,
                officers=self.officers,
                actor=known,
                matter=MatterOnDay(matter=self.matter, basis=self.basis, day=act.done_on),
                matter_at_conduct=MatterOnDay(matter=self.matter_then, basis=self.basis, day=conduct_on),
                punished=self.punished,
            ),
            today=self.today,
            now=datetime(self.today.year, self.today.month, self.today.day, 2, tzinfo=UTC),
            calendar=default_calendar(),
            draw_number=self._draw,
        )

    def _draw(self, word: str) -> str:
        self.numbers[word] += 1
        return document_number(ORGANISATION.document_prefix, word, 2026, self.numbers[word])

    @property
    def returned(self) -> bool:
        """Whether the last review returned the case."""
        reviews = self.case.file.reviews
        return bool(reviews) and not reviews[-1].passed

    def act(self, step: str, day: date, **fields: Any) -> tuple[acts.Act, Person]:  # noqa: C901, PLR0912, PLR0915 one branch per step
        """The act of a step with its defaults, and who usually takes it."""
        usual: dict[str, Any] = {"done_on": day}
        match step:
            case "report":
                made: type[acts.Act] = acts.ReportLead
                usual |= {
                    "case_id": self.case.id,
                    "organisation_id": ORGANISATION_ID,
                    "source": Source.INSPECTION,
                    "summary": "货架上有过期食品",
                    "party": PARTY,
                    "matter_id": self.matter.id,
                }
            case "file":
                made, usual = (
                    acts.FileCase,
                    usual | {"matter_id": self.matter.id, "conduct_on": day - timedelta(days=12)},
                )
            case "not_file":
                made, usual = acts.NotFile, usual | {"reason": "违法事实不存在"}
            case "assign":
                made, usual = acts.AssignOfficers, usual | {"officer_ids": ("cred-ivo", "cred-ida")}
            case "evidence":
                made = acts.RecordEvidence
                usual |= {
                    "officer_ids": ("cred-ivo", "cred-ida"),
                    "evidence_id": new_id(),
                    "kind": EvidenceKind.PHYSICAL,
                    "title": "过期饼干",
                    "place": "店内货架",
                    "provided_by": "店主",
                    "manner": "抽样取证",
                    "sha256": "ab" * 32,
                    "size_bytes": 10,
                    "media_type": "image/png",
                    "file_name": "a.png",
                    "recorded_at": datetime(2026, 9, 14, tzinfo=UTC),
                }
            case "interview":
                made = acts.HoldInterview
                usual |= {
                    "officer_ids": ("cred-ivo", "cred-ida"),
                    "interview_id": new_id(),
                    "place": "店内",
                    "interviewee": "店主",
                    "relation": "party",
                    "credentials_shown": True,
                    "summary": "承认未及时下架",
                    "read_and_signed": True,
                }
            case "investigated":
                made = acts.ReportInvestigation
                usual |= {
                    "officer_ids": ("cred-ivo", "cred-ida"),
                    "facts": "销售过期饼干三包",
                    "evidence_ids": tuple(e.evidence_id for e in self.case.evidence),
                    "proposal": Outcome.PENALTY,
                    "sanction": SHOP_FINE,
                    "answer_to_review": "已按审核意见补充调查" if self.returned else "",
                }
            case "review":
                made, usual = acts.Examine, usual | {"review_id": new_id(), "passed": True, "opinion": "同意"}
                if not fields.get("passed", True):
                    usual["points"] = ("facts_and_evidence",)
            case "discuss":
                made = acts.Discuss
                usual |= {
                    "discussion_id": new_id(),
                    "officer_ids": ("cred-dan", "cred-don"),
                    "record": "一致同意",
                    "outcome": Outcome.PENALTY,
                    "sanction": SHOP_FINE,
                }
            case "notice":
                made = acts.IssuePriorNotice
                usual |= {"notice_id": new_id(), "facts": "销售过期饼干", "reasons": "违反规定", "sanction": SHOP_FINE}
            case "serve_notice" | "serve":
                made = acts.Serve
                usual |= {
                    "document": DocumentKind.PRIOR_NOTICE if step == "serve_notice" else DocumentKind.DECISION,
                    "method": ServiceMethod.DIRECT,
                    "sent_on": day,
                    "recipient": "店主",
                }
            case "heard":
                made, usual = acts.HearParty, usual | {"kind": HeardKind.STATEMENT, "content": "请求从轻"}
            case "hearing":
                made, usual = acts.HoldHearing, usual | {"announced_on": day - timedelta(days=20), "record": "听证笔录"}
            case "decide":
                made = acts.Decide
                usual |= {
                    "decision_id": new_id(),
                    "outcome": Outcome.PENALTY,
                    "facts": "销售过期饼干三包",
                    "reasons": "违反规定",
                    "reconsideration_body": "明州市云湖区人民政府",
                    "court": "明州市云湖区人民法院",
                    "sanction": SHOP_FINE,
                    "defence_opinion": "不予采纳",
                    "leniency": Leniency.MINOR_CORRECTED if fields.get("outcome") is Outcome.NO_PENALTY else None,
                }
            case "settle":
                made = acts.Settle
            case "publish":
                made, usual = acts.Publish, usual | {"place": "政府网站"}
            case "close":
                made, usual = acts.Close, usual | {"note": ""}
            case "archive":
                made, usual = acts.Archive, usual | {"dossier_sha256": "cd" * 32}
            case _:
                raise KeyError(step)
        return made(**{**usual, **fields}), ACTORS[step]


ACTORS = {
    **dict.fromkeys(
        ("evidence", "interview", "investigated", "notice", "serve_notice", "heard", "serve"), person("ivo")
    ),
    **dict.fromkeys(("report", "file", "not_file", "assign"), person("ina")),
    **dict.fromkeys(("publish", "close", "archive"), person("cleo")),
    "review": person("rex"),
    "discuss": person("dan"),
    "hearing": person("hal"),
    "decide": person("dan"),
    "settle": SYSTEM,
}
ROWS = {
    "report": {"report"},
    "file": {"file"},
    "assign": {"assign_officers"},
    "evidence": {"record_evidence"},
    "interview": {"interview"},
    "investigated": {"report_investigation"},
    "review": {"pass_review"},
    "notice": {"issue_prior_notice"},
    "serve_notice": {"serve_prior_notice"},
    "heard": {"hear_statement", "record_waiver", "record_silence"},
    "decide": {"decide_penalty", "decide_no_penalty", "decide_dismissed", "decide_transferred"},
    "serve": {"serve_decision"},
    "settle": {"settle"},
    "close": {"close"},
    "archive": {"archive"},
}
