"""The service put together for tests, and a desk from which a case is led through its API."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from cases.bootstrap import bootstrap
from cases.settings import CasesSettings
from gongzheng.clock import FixedClock
from gongzheng.db.migrate import migrate
from gongzheng.runtime import Service
from gongzheng.testing.client import Answer, ApiClient, api_client, token_settings

ORGANISATION_ID = "11990102MB0A10021B"
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
MATTER = "food-expired"
PEOPLE = {
    "intake": ("demo-intake", ("cases.intake",)),
    "ivo": ("demo-investigator-1", ("cases.investigator",)),
    "ida": ("demo-investigator-2", ("cases.investigator",)),
    "third": ("demo-investigator-3", ("cases.investigator", "cases.reviewer")),
    "reviewer": ("demo-reviewer", ("cases.reviewer",)),
    "unqualified": ("demo-reviewer-unqualified", ("cases.reviewer",)),
    "decider": ("demo-decider", ("cases.decider",)),
    "chair": ("demo-hearing-chair", ("cases.hearing_chair",)),
    "clerk": ("demo-clerk", ("cases.clerk", "cases.registrar")),
    "auditor": ("some-auditor", ("auditor",)),
}
IVO, IDA, TEMPORARY, EXPIRED = "9901020002", "9901020003", "9901020005", "9901020006"
PARTY = {"name": "云湖区好又多便利店", "kind": "organisation", "email": "shop@example.com"}
EVIDENCE = b"%PDF-1.7 a photograph of expired biscuits"


def make_service(database_url: str, folder: Path, clock: FixedClock | None = None, **more: Any) -> Service:
    """The service on an empty database, migrated."""
    service = bootstrap(
        CasesSettings(
            database_url=database_url,
            public_url="http://cases.test",
            signing_key=b"1" * 32,
            files_dir=str(folder),
            **token_settings(),
            **more,
        ),
        clock=clock or FixedClock(NOW),
    )
    migrate(service.database, service.migrations)
    return service


def data_file(name: str) -> tuple[str, bytes, str]:
    """A data file of the release, as an upload."""
    content = files("cases").joinpath("data", *name.split("/")).read_bytes()
    return name, content, "application/toml"


@dataclass
class Desk:
    """The API of the service, with the registers loaded."""

    service: Service
    clock: FixedClock

    def __post_init__(self) -> None:
        self.client = api_client(self.service.app, clock=self.clock, service="cases")

    def by(self, who: str, *, organisation_id: str | None = ORGANISATION_ID) -> ApiClient:
        """A client for one of the people."""
        subject, roles = PEOPLE[who]
        return self.client.as_user(subject, *roles, name=who, organisation_id=organisation_id)

    def load_registers(self) -> None:
        """Load what the demonstration ships."""
        clerk = self.by("clerk")
        for path, name in (
            ("/organisation-files", "demo/organisations.toml"),
            ("/officer-files", "demo/officers.toml"),
            ("/catalogue-files", "catalogue/food_safety.toml"),
            ("/catalogue-files", "catalogue/repealed_social_maintenance_fee.toml"),
        ):
            clerk.post(path, files={"file": data_file(name)}).expect(201)

    def report(self, **fields: Any) -> str:
        """A lead; its id."""
        body = {"done_on": "2026-09-01", "source": "inspection", "summary": "货架上有过期食品", **fields}
        return str(self.by("intake").post("/cases", body).expect(201)["id"])

    def act(self, who: str, case_id: str, path: str, /, **body: Any) -> Answer:
        """An act of somebody on the case as it stands."""
        client = self.by(who)
        client.get(f"/cases/{case_id}")
        return client.post(f"/cases/{case_id}/{path}", body)

    def evidence(self, case_id: str, who: str = "ivo", content: bytes = EVIDENCE, **metadata: Any) -> Answer:
        """A piece of evidence with its file."""
        given = {
            "done_on": "2026-09-14",
            "officer_ids": [IVO, IDA],
            "kind": "physical",
            "title": "过期饼干",
            "place": "店内货架",
            "provided_by": "店主",
            "manner": "抽样取证",
            "category": "ordinary",
            "sha256": hashlib.sha256(content).hexdigest(),
            **metadata,
        }
        client = self.by(who)
        client.get(f"/cases/{case_id}")
        return client.post(
            f"/cases/{case_id}/evidence",
            files={"file": ("饼干.pdf", content, "application/pdf")},
            form={"metadata": given},
        )

    def lead_to(self, last: str, case_id: str | None = None) -> str:
        """A case led to a step of STEPS by the people entitled; its id."""
        case_id = case_id or self.report(party=PARTY)
        for step in STEPS[: STEPS.index(last) + 1]:
            self.step(step, case_id).expect(200)
        return case_id

    def step(self, step: str, case_id: str, **changes: Any) -> Answer:
        """One step with its usual content."""
        if step == "evidence":
            return self.evidence(case_id, **changes)
        who, path, body = USUAL[step]
        given = dict(body)
        if step == "report":
            case = self.by("ivo").get(f"/cases/{case_id}").json
            given["evidence_ids"] = [piece["evidence_id"] for piece in case["evidence"]]
        return self.act(changes.pop("who", who), case_id, path, **{**given, **changes})


SANCTION = {
    "kinds": ["fine", "confiscate_goods"],
    "fine_fen": 6_000_000,
    "confiscated_goods": "过期饼干三包",
    "bases": {"value_of_goods": 3_000},
}
USUAL: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "file": (
        "intake",
        "filing",
        {"done_on": "2026-09-10", "filed": True, "matter_id": MATTER, "conduct_on": "2026-08-29"},
    ),
    "assign": ("intake", "officers", {"done_on": "2026-09-11", "officer_ids": [IVO, IDA]}),
    "interview": (
        "ivo",
        "interviews",
        {
            "done_on": "2026-09-15",
            "officer_ids": [IVO, IDA],
            "place": "店内",
            "interviewee": "店主",
            "relation": "party",
            "credentials_shown": True,
            "summary": "承认未及时下架",
            "read_and_signed": True,
        },
    ),
    "report": (
        "ivo",
        "investigation-report",
        {
            "done_on": "2026-09-16",
            "officer_ids": [IVO, IDA],
            "facts": "销售过期饼干三包",
            "proposal": "penalty",
            "sanction": SANCTION,
        },
    ),
    "review": ("reviewer", "review", {"done_on": "2026-09-17", "passed": True, "opinion": "事实清楚，同意"}),
    "notice": (
        "ivo",
        "prior-notice",
        {"done_on": "2026-09-18", "facts": "销售过期饼干三包", "reasons": "违反规定", "sanction": SANCTION},
    ),
    "serve_notice": (
        "ivo",
        "service",
        {
            "done_on": "2026-09-21",
            "document": "prior_notice",
            "method": "direct",
            "sent_on": "2026-09-21",
            "recipient": "店主",
        },
    ),
    "heard": ("ivo", "statement", {"done_on": "2026-09-22", "kind": "statement", "content": "请求从轻"}),
    "discuss": (
        "decider",
        "discussions",
        {
            "done_on": "2026-10-15",
            "officer_ids": ["9901020010", "9901020011"],
            "attending": ["办案人员"],
            "record": "讨论一致同意",
            "outcome": "penalty",
            "sanction": SANCTION,
        },
    ),
    "decide": (
        "decider",
        "decision",
        {
            "done_on": "2026-10-15",
            "outcome": "penalty",
            "facts": "销售过期饼干三包",
            "reasons": "违反规定",
            "sanction": SANCTION,
            "defence_opinion": "不予采纳",
            "reconsideration_body": "明州市云湖区人民政府",
            "court": "明州市云湖区人民法院",
        },
    ),
    "serve": (
        "ivo",
        "service",
        {
            "done_on": "2026-10-19",
            "document": "decision",
            "method": "direct",
            "sent_on": "2026-10-19",
            "recipient": "店主",
        },
    ),
    "close": ("clerk", "closing", {"done_on": "2026-10-27"}),
    "archive": ("clerk", "archiving", {"done_on": "2026-10-28"}),
}
STEPS = (
    "file",
    "assign",
    "evidence",
    "interview",
    "report",
    "review",
    "notice",
    "serve_notice",
    "heard",
    "decide",
    "serve",
)


def day(text: str) -> date:
    """A date."""
    return date.fromisoformat(text)
