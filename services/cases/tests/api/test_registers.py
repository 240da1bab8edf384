"""Registers are loaded from files, whole or not at all, and listed by pages."""

from typing import Any

import pytest

from services.cases.tests.support.service import Desk, data_file


def load(desk: Desk, path: str, text: str) -> Any:
    """A file sent by the registrar."""
    return desk.by("clerk").post(path, files={"file": ("file.toml", text.encode(), "application/toml")})


@pytest.mark.req("C-01")
@pytest.mark.req("C-02")
@pytest.mark.req("C-03")
def test_the_shipped_files_load_and_load_again(desk: Desk) -> None:
    """Loading is an upsert: twice is as once."""
    clerk = desk.by("clerk")
    counts = clerk.post("/catalogue-files", files={"file": data_file("catalogue/market_regulation.toml")}).expect(201)
    assert counts["matters"] > 20
    again = clerk.post("/catalogue-files", files={"file": data_file("catalogue/market_regulation.toml")}).expect(201)
    assert again == counts
    assert len(clerk.get("/organisations").expect(200)["items"]) == 6


@pytest.mark.req("C-03")
def test_lists_are_read_page_by_page(desk: Desk) -> None:
    """Every matter once, in order, and the last page says so."""
    clerk = desk.by("clerk")
    seen, after = [], None
    while True:
        page = clerk.get("/matters", limit=7, after=after).expect(200)
        seen += [item["id"] for item in page["items"]]
        after = page["next_cursor"]
        if after is None:
            break
    whole = [item["id"] for item in clerk.get("/matters", limit=100).expect(200)["items"]]
    assert seen == whole
    assert len(set(seen)) == len(seen) > 20
    fields = {item["field"] for item in clerk.get("/matters", field="population").expect(200)["items"]}
    assert fields == {"population"}
    assert len(clerk.get("/legal-bases").expect(200)["items"]) == 5
    officers = clerk.get("/officers", organisation_id="11990102MB0A1003X3").expect(200)["items"]
    assert len(officers) == 4


FAULTS: list[tuple[str, str, str]] = [
    ("/organisation-files", "not toml [", "file"),
    ("/organisation-files", "format = 2", "format"),
    ("/organisation-files", "format = 1", "file"),
    ("/organisation-files", 'format = 1\n[[officer]]\na = "b"', "file"),
    (
        "/organisation-files",
        'format = 1\n[[organisation]]\ncredit_code = "11990102MB0A10021X"\n',
        "organisation.1.credit_code",
    ),
    (
        "/organisation-files",
        'format = 1\n[[organisation]]\ncredit_code = "11990102MB0A10021B"\nregion_code = "12"\n',
        "organisation.1.region_code",
    ),
    ("/officer-files", 'format = 1\n[[officer]]\ncredential_number = ""\n', "officer.1.credential_number"),
    (
        "/officer-files",
        (
            'format = 1\n[[officer]]\ncredential_number = "1"\nsubject = "s"\nname_zh = "某"\norganisation = "x"\n'
            'employment = "formal"\ncredential_from = 2024-01-01\ncredential_to = 2023-01-01\n'
        ),
        "officer.1.credential_to",
    ),
    (
        "/officer-files",
        (
            'format = 1\n[[officer]]\ncredential_number = "1"\nsubject = "s"\nname_zh = "某"\norganisation = "x"\n'
            'employment = "formal"\ncredential_from = 2024-01-01\n'
        ),
        "officer.1.organisation",
    ),
    (
        "/officer-files",
        (
            'format = 1\n[[officer]]\ncredential_number = "1"\nsubject = "s"\nname_zh = "某"\norganisation = "x"\n'
            'employment = "casual"\ncredential_from = "2024-01-01"\n'
        ),
        "officer.1.employment",
    ),
    (
        "/catalogue-files",
        (
            'format = 1\n[[matter]]\nid = "m"\nfield = "f"\nbasis = "none"\ntitle_zh = "t"\ntitle_en = "t"\n'
            'sanctioned = ["APL 1"]\nin_force_from = 2020-01-01\nstatus = "in_force"\nparty_kinds = ["person"]\n'
        ),
        "matter.m.basis",
    ),
    (
        "/catalogue-files",
        (
            'format = 1\n[[matter]]\nid = "m"\nfield = "f"\nbasis = "none"\ntitle_zh = "t"\ntitle_en = "t"\n'
            'sanctioned = ["APL 1"]\nin_force_from = 2020-01-01\nstatus = "in_force"\nparty_kinds = ["person"]\n'
            '[[matter.sanction]]\nkind = "fine"\nmin_fen = 1\n'
        ),
        "matter.1.sanction",
    ),
]


@pytest.mark.req("C-01")
@pytest.mark.parametrize(("path", "text", "place"), FAULTS)
def test_a_file_with_a_fault_is_refused_whole_and_the_place_named(desk: Desk, path: str, text: str, place: str) -> None:
    """The registrar learns which entry and which field."""
    problem = load(desk, path, text).expect(422, "file-not-loadable")
    assert any(name.startswith(place) for name in problem["errors"]) or any(
        name.split(".")[-1] == place.rsplit(".", maxsplit=1)[-1] for name in problem["errors"]
    )


def test_only_a_registrar_loads_registers(desk: Desk) -> None:
    """Others are forbidden."""
    for who in ("intake", "decider", "auditor"):
        desk.by(who).post("/officer-files", files={"file": data_file("demo/officers.toml")}).expect(403, "forbidden")


@pytest.mark.req("C-02")
def test_a_renewed_credential_is_a_new_entry_of_the_same_person(desk: Desk) -> None:
    """The login finds the credential that covers the day."""
    text = (
        'format = 1\n[[officer]]\ncredential_number = "99019999"\nsubject = "demo-investigator-expired"\n'
        'name_zh = "温如海"\norganisation = "11990102MB0A10021B"\nemployment = "formal"\ncredential_from = 2026-01-01\n'
    )
    load(desk, "/officer-files", text).expect(201)
    case_id = desk.lead_to("file")
    desk.step("assign", case_id, officer_ids=["9901020002", "9901020006"]).expect(422, "credential-not-valid-on-date")
    desk.step("assign", case_id, officer_ids=["9901020002", "99019999"]).expect(200)
