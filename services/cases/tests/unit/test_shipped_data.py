"""The shipped catalogue and demonstration data: every file has the format its README promises."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from stdnum.cn import uscc

from gongzheng.legaltime import check

FIELDS = ("market_regulation", "food_safety", "urban_management")
KINDS = {
    "warning",
    "circular_criticism",
    "fine",
    "confiscate_gains",
    "confiscate_goods",
    "suspend_business",
    "revoke_licence",
    "levy",
}
BASES_OF_FINES = {"value_of_goods", "illegal_gains", "illegal_revenue", "project_cost", "advertising_cost"}
SIMPLE_PERSON_FEN, SIMPLE_ORGANISATION_FEN = 20_000, 300_000
Row = dict[str, Any]


@cache
def catalogue() -> dict[str, Row]:
    """The catalogue's files by name."""
    folder = files("cases") / "data" / "catalogue"
    found = {f.name: f for f in folder.iterdir() if f.name.endswith(".toml")}
    return {name: tomllib.loads(file.read_text(encoding="utf-8")) for name, file in sorted(found.items())}


def rows(name: str) -> list[Row]:
    """All rows of one kind: ``basis`` or ``matter``."""
    return [row for content in catalogue().values() for row in content[name]]


def demo(name: str) -> list[Row]:
    """The rows of a demonstration file."""
    text = (files("cases") / "data" / "demo" / f"{name}s.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)[name])


def interval(row: Row, first: str = "in_force_from", last: str = "in_force_to") -> tuple[date, date]:
    """The closed interval of a row."""
    return row[first], row.get(last, date.max)


MATTERS = pytest.mark.parametrize("matter", rows("matter"), ids=lambda m: f"{m['id']} {m['in_force_from']}")


@pytest.mark.req("C-03")
def test_the_catalogue_covers_the_three_fields_with_thirty_matters_or_more() -> None:
    """Market regulation, food safety and urban management each have their part."""
    in_force = {m["id"]: m["field"] for m in rows("matter") if m["status"] == "in_force"}
    assert len(in_force) >= 30
    assert set(FIELDS) == set(in_force.values())
    assert all(list(in_force.values()).count(field) >= 10 for field in FIELDS)


@pytest.mark.req("C-03")
@pytest.mark.parametrize("basis", rows("basis"), ids=lambda b: f"{b['id']} {b['in_force_from']}")
def test_every_basis_says_which_text_was_read_and_when_it_is_in_force(basis: Row) -> None:
    """A statute without a readable source or with dates that cannot be is not a basis."""
    first, last = interval(basis)
    assert basis["version_date"] <= first <= last
    assert len(basis["source_commit"]) == 40
    assert basis["source_path"].endswith(".md")
    assert basis["title_zh"]
    assert basis["title_en"]
    assert basis["title_zh"] == check(basis["short"]).act.zh
    assert (basis["status"] == "repealed") == ("repealed_by" in basis)
    assert (basis["status"] == "in_force") == ("in_force_to" not in basis)


@pytest.mark.req("C-03")
@pytest.mark.parametrize("name", ["basis", "matter"])
def test_versions_of_one_thing_follow_each_other_without_overlap(name: str) -> None:
    """On no day are two versions of the same statute or matter in force."""
    by_id: dict[str, list[tuple[date, date]]] = {}
    for row in rows(name):
        by_id.setdefault(row["id"], []).append(interval(row))
    for versions in by_id.values():
        ordered = sorted(versions)
        assert all(before[1] < after[0] for before, after in pairwise(ordered))


@pytest.mark.req("C-03")
@MATTERS
def test_every_matter_rests_on_articles_of_a_basis_that_covers_it(matter: Row) -> None:
    """Citations are well formed, the sanction stands in the matter's own basis, and its dates lie in that basis."""
    bases = [b for b in rows("basis") if b["id"] == matter["basis"]]
    first, last = interval(matter)
    assert any(interval(b)[0] <= first <= interval(b)[1] for b in bases)
    assert any(interval(b)[0] <= last <= interval(b)[1] for b in bases)
    cited = [check(ref) for ref in (*matter["violated"], *matter["sanctioned"])]
    assert all(citation.article for citation in cited)
    assert {b["short"] for b in bases} & {check(ref).act.code for ref in matter["sanctioned"]}
    assert matter["violated"]
    assert len(matter["quote_zh"]) > 10


@MATTERS
def test_every_matter_names_parties_limitation_and_procedure(matter: Row) -> None:
    """Two years by APL 36(1), five only with harm; the procedures are those the law knows."""
    assert matter["title_zh"]
    assert matter["title_en"]
    assert set(matter["party_kinds"]) <= {"person", "organisation"}
    assert matter["party_kinds"]
    assert (matter["limitation_years"], matter["limitation_law"]) == (2, "APL 36(1)")
    assert matter.get("limitation_years_with_harm", 5) == 5
    assert matter["procedures"] in (["ordinary"], ["ordinary", "simple"])
    assert isinstance(matter["order_to_correct"], bool)
    assert isinstance(matter["correct_first"], bool)
    assert matter["status"] in {"in_force", "superseded", "repealed"}


@MATTERS
def test_every_sanction_is_in_whole_fen_or_thousandths(matter: Row) -> None:
    """No floats, no empty range, and a line has either amounts or multiples."""
    assert matter["sanction"]
    for line in matter["sanction"]:
        assert line["kind"] in KINDS
        assert isinstance(line["mandatory"], bool)
        assert not any(isinstance(value, float) for value in line.values())
        assert set(line.get("party_kinds", [])) <= set(matter["party_kinds"])
        if line["kind"] == "fine":
            by_amount, by_multiple = "max_fen" in line, "max_permille" in line
            assert by_amount != by_multiple
            low, high = ("min_fen", "max_fen") if by_amount else ("min_permille", "max_permille")
            assert 0 <= line[low] <= line[high]
            assert line[high] > 0
            assert by_amount or line["base"] in BASES_OF_FINES
            assert line.get("base", "value_of_goods") in BASES_OF_FINES
            assert line.get("base_from_fen", 0) < line.get("base_below_fen", 10**18)


@pytest.mark.req("C-22")
@MATTERS
def test_the_simple_procedure_is_open_only_where_the_range_reaches_its_limits(matter: Row) -> None:
    """APL 51: a warning, or a fine that can be 200 yuan for a person or 3,000 for an organisation."""
    fines = [line for line in matter["sanction"] if line["kind"] == "fine" and not line.get("grave_only")]
    warns = any(line["kind"] == "warning" for line in matter["sanction"])
    reaches = any(
        line.get("min_fen", line.get("min_permille"))
        <= (SIMPLE_PERSON_FEN if line.get("party_kinds") == ["person"] else SIMPLE_ORGANISATION_FEN)
        for line in fines
        if "min_fen" in line or line["min_permille"] == 0
    )
    if "simple" in matter["procedures"]:
        assert warns or reaches


@pytest.mark.req("C-26")
def test_the_social_maintenance_fee_is_there_as_repealed_and_only_to_be_ended() -> None:
    """Abolished on 2021-07-20 and its measures repealed on 2021-09-09: no later day is covered."""
    (fee,) = (m for m in rows("matter") if m["id"] == "social-maintenance-fee")
    (basis,) = (b for b in rows("basis") if b["id"] == fee["basis"])
    assert (fee["status"], fee["closing_only"]) == ("repealed", True)
    assert fee["in_force_to"] == date(2021, 7, 19)
    assert basis["in_force_to"] == date(2021, 9, 8)
    assert [line["kind"] for line in fee["sanction"]] == ["levy"]


def test_the_levy_appears_nowhere_else() -> None:
    """No matter in force opens a levy."""
    assert {m["id"] for m in rows("matter") if any(s["kind"] == "levy" for s in m["sanction"])} == {
        "social-maintenance-fee"
    }


@pytest.mark.req("C-01")
def test_demonstration_organisations_have_valid_codes_and_dated_qualifications() -> None:
    """GB 32100 check digits, known parents, qualifications of all three kinds with their article."""
    bodies = demo("organisation")
    codes = [body["credit_code"] for body in bodies]
    assert all(uscc.is_valid(code) for code in codes)
    assert len(set(codes)) == len(codes)
    assert {q["kind"] for body in bodies for q in body["qualification"]} == {"own", "authorised", "entrusted"}
    for body in bodies:
        assert body.get("parent", codes[0]) in codes
        assert body["region_code"].isdigit()
        assert len(body["region_code"]) == 6
        assert body["level"] in {"township", "county", "city", "province", "national"}
        assert body["document_prefix"]
        for qualification in body["qualification"]:
            assert all(check(ref).article for ref in qualification["law"])
            assert set(qualification["fields"]) <= set(FIELDS)
            assert interval(qualification, "valid_from", "valid_to")[0] <= qualification.get("valid_to", date.max)
            assert (qualification["kind"] == "entrusted") == ("entrusted_by" in qualification)
            assert qualification.get("entrusted_by", codes[0]) in codes


@pytest.mark.req("C-02")
def test_demonstration_officers_show_each_lawful_and_unlawful_credential() -> None:
    """Formal and temporary, valid, expired and suspended, with and without the legal qualification."""
    officers = demo("officer")
    codes = {body["credit_code"] for body in demo("organisation")}
    assert len(officers) >= 8
    assert len({o["credential_number"] for o in officers}) == len({o["subject"] for o in officers}) == len(officers)
    assert all(o["organisation"] in codes for o in officers)
    assert all(o["credential_from"] <= o["credential_to"] for o in officers)
    assert all(role.startswith("cases.") for o in officers for role in o["roles"])
    assert {o["employment"] for o in officers} == {"formal", "temporary"}
    assert any(o["credential_to"] < date(2026, 1, 1) for o in officers)
    assert any(o.get("suspension") for o in officers)
    reviewers = [o for o in officers if "cases.reviewer" in o["roles"]]
    assert {"legal_qualification_from" in o for o in reviewers} == {True, False}
    roles = {role for o in officers for role in o["roles"]}
    needed = "intake investigator reviewer decider hearing_chair clerk registrar"
    assert {f"cases.{role}" for role in needed.split()} <= roles
