"""The edges: files by their digest, documents from data, records as JSON, codes with a check."""

import hashlib
import io
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.adapters.codec import from_json, to_json
from cases.adapters.files import FileStore
from cases.adapters.pdf import TypstRenderer
from cases.adapters.sniff import media_type
from cases.domain.codes import credit_code_valid, region_code_valid
from cases.domain.errors import DocumentFailed, Unknown
from cases.domain.numbering import document_number
from cases.domain.records import File
from cases.domain.sanction import Sanction
from cases.domain.values import SanctionKind
from cases.domain.wording import decision_data, notice_data, sanction_zh
from services.cases.tests.support.world import MATTER, ORGANISATION, Walk

# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-12")
def test_a_file_is_kept_once_under_its_digest_and_cannot_be_written(tmp_path: Path) -> None:
    """The same bytes twice are one file, read-only."""
    store = FileStore(tmp_path)
    content = b"evidence" * 100_000
    first, second = store.store(io.BytesIO(content)), store.store(io.BytesIO(content))
    assert first == second
    assert first.sha256 == hashlib.sha256(content).hexdigest()
    assert first.size_bytes == len(content)
    with store.open(first.sha256) as stream:
        assert stream.read() == content
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [first.sha256]
    assert kept[0].stat().st_mode & 0o222 == 0


@pytest.mark.req("C-12")
def test_a_file_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """Half a file is none."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:  # noqa: ARG002 the stream's own signature
            raise OSError("the connection broke")

    store = FileStore(tmp_path)
    broken: BinaryIO = Broken()
    with pytest.raises(OSError, match="broke"):
        store.store(broken)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "AB" * 32, "ab" * 32, "ab" * 31 + "/x"])
def test_only_a_digest_that_is_there_opens_a_file(tmp_path: Path, name: str) -> None:
    """No path, no other spelling."""
    with pytest.raises(Unknown):
        FileStore(tmp_path).open(name)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"<html>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_what_a_file_is_is_told_by_its_bytes(head: bytes, kind: str) -> None:
    """And the stream is left at its beginning."""
    stream = io.BytesIO(head)
    assert media_type(stream) == kind
    assert stream.read() == head


# --- documents -------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-04")
def test_a_missing_font_is_an_error_and_not_an_empty_page() -> None:
    """On a machine without Chinese fonts no decision is issued."""
    walk = Walk().to("decide")
    assert walk.case.file.decision is not None
    data = decision_data(walk.case, walk.case.file.decision, ORGANISATION)
    assert TypstRenderer().pdf("decision", data).startswith(b"%PDF-")
    with pytest.raises(DocumentFailed) as caught:
        TypstRenderer(system_fonts=False).pdf("decision", data)
    assert "fonts-noto-cjk" in caught.value.detail_en


@pytest.mark.req("C-04")
def test_a_missing_field_is_an_error() -> None:
    """A document is complete or it is none."""
    walk = Walk().to("notice")
    assert walk.case.notice is not None
    data = notice_data(walk.case, walk.case.notice, ORGANISATION, MATTER)
    del data["rights"]
    with pytest.raises(DocumentFailed):
        TypstRenderer().pdf("prior_notice", data)


@pytest.mark.req("C-04")
@pytest.mark.parametrize(
    "text", ['#panic("no")', '#read("/etc/passwd")', "$ x $ *b* _i_ = h", "\\ ` ] [ ) (", '#include "main.typ"']
)
def test_what_people_write_is_text_and_never_markup(text: str) -> None:
    """It comes out as it was written; nothing in it is executed."""
    walk = Walk().to("notice")
    assert walk.case.notice is not None
    data = notice_data(walk.case, walk.case.notice, ORGANISATION, MATTER) | {"facts": text, "party": text}
    assert TypstRenderer().pdf("prior_notice", data).startswith(b"%PDF-")


@pytest.mark.req("C-24")
def test_a_decision_says_everything_that_the_law_asks_of_it() -> None:
    """APL 59: party, facts and evidence, sanction and basis, performance, remedies, organisation and date."""
    walk = Walk().to("decide")
    assert walk.case.file.decision is not None
    data = decision_data(walk.case, walk.case.file.decision, ORGANISATION)
    assert "好又多" in data["party_line"]
    assert data["facts"]
    assert data["evidence"] == ["物证：过期饼干（2026年9月14日，店内货架）"]
    assert "食品安全法" in data["basis"]
    assert data["decision"] == ["罚款60000.00元（陆万元整）"]
    assert "十五日" in data["performance"]
    assert "百分之三" in data["performance"]
    assert "六十日" in data["remedies"]
    assert "六个月" in data["remedies"]
    assert "云湖区人民政府" in data["remedies"]
    assert data["date"] == "2026年10月15日"
    assert "陈述、申辩" in data["defence"]


@pytest.mark.req("C-24")
def test_where_reconsideration_comes_first_the_decision_says_so() -> None:
    """ARL 23: no last day for the court is computed, and no clock runs for it."""
    from dataclasses import replace  # noqa: PLC0415 only here

    walk = Walk(matter=replace(MATTER, reconsideration_first="ARL 23(1)")).to("serve")
    decision = walk.case.file.decision
    assert decision is not None
    assert "先向" in decision_data(walk.case, decision, ORGANISATION)["remedies"]
    assert decision.remedies.litigation_until is None
    assert walk.case.clock("litigation") is None
    assert walk.case.clock("reconsideration") is not None


@pytest.mark.req("C-17")
def test_a_notice_names_the_rights_and_the_hearing_only_where_it_is_offered() -> None:
    """APL 44, 63."""
    from dataclasses import replace  # noqa: PLC0415 only here

    walk = Walk().to("notice")
    notice = walk.case.notice
    assert notice is not None
    assert len(notice_data(walk.case, notice, ORGANISATION, MATTER)["rights"]) == 2
    offered = replace(notice, hearing_law=("APL 63(1)",))
    assert "听证" in notice_data(walk.case, offered, ORGANISATION, MATTER)["rights"][2]


def test_each_kind_of_sanction_has_its_words() -> None:
    """None is left out of the document."""
    everything = Sanction(
        kinds=tuple(kind for kind in SanctionKind if kind is not SanctionKind.LEVY),
        fine_fen=150_050,
        confiscation_fen=26_000,
        confiscated_goods="饼干三包",
        mitigation="主动消除危害后果",
        order_to_correct=True,
    )
    items = sanction_zh(everything)
    assert len(items) == 9
    assert "罚款1500.50元（壹仟伍佰元伍角整）" in items


@pytest.mark.req("C-04")
def test_a_number_has_no_leading_zeros() -> None:
    """甬市监罚〔2026〕12号."""
    assert document_number("甬市监", "罚", 2026, 12) == "甬市监罚〔2026〕12号"


# --- records ---------------------------------------------------------------------------------------------------------


def test_a_file_survives_as_json() -> None:
    """Every record of a whole case."""
    file = Walk().to("archive").case.file
    assert from_json(File, to_json(file)) == file


def test_a_record_written_by_an_older_release_is_read() -> None:
    """A field that it did not have takes its default; one that is no longer known is passed over."""
    old = to_json(Sanction(kinds=(SanctionKind.FINE,), fine_fen=1))
    del old["mitigation"]
    old["something_of_the_past"] = True
    assert from_json(Sanction, old) == Sanction(kinds=(SanctionKind.FINE,), fine_fen=1)


@given(st.dictionaries(st.sampled_from(["value_of_goods", "illegal_gains"]), st.integers(0, 2**53)))
def test_amounts_survive_as_json(bases: dict[str, int]) -> None:
    """As integers."""
    assert from_json(Sanction, to_json(Sanction(bases=bases))).bases == bases


# --- codes -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("C-01")
def test_a_credit_code_with_one_wrong_letter_is_refused() -> None:
    """The check digit of GB 32100 finds every single error."""
    good = "11990102MB0A10021B"
    assert credit_code_valid(good)
    assert not credit_code_valid(good.lower())
    assert not credit_code_valid(good[:-1])
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for place in range(18):
        for letter in alphabet.replace(good[place], ""):
            assert not credit_code_valid(good[:place] + letter + good[place + 1 :])


@pytest.mark.req("C-01")
def test_a_region_code_has_six_digits() -> None:
    """Ascii ones."""
    assert region_code_valid("990102")
    assert not any(region_code_valid(code) for code in ("99010", "9901022", "99010a", "９９０１０２"))
