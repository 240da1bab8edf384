"""Fields take what their documentation says and nothing that merely looks like it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from marshmallow import ValidationError, fields

from gongzheng.http import Boolean, Fen, Integer, JsonPart, LegalDate, Schema, Text, Timestamp, UlidField
from gongzheng.http.schemas import INTEGER_MAX, NotJson, strict_json
from gongzheng.ids import new_id

pytestmark = pytest.mark.req("X-04")


class Everything(Schema):
    """One of each."""

    integer = Integer()
    fen = Fen()
    flag = Boolean()
    text = Text(5)
    day = LegalDate()
    moment = Timestamp()
    id = UlidField()
    words = fields.List(Text(5))


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("integer", -INTEGER_MAX, -INTEGER_MAX),
        ("fen", 0, 0),
        ("fen", INTEGER_MAX, INTEGER_MAX),
        ("flag", False, False),
        ("text", "五个字整", "五个字整"),
        ("day", "2024-02-29", date(2024, 2, 29)),
        ("moment", "2026-03-02T09:30:00+08:00", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("moment", "2026-03-02t01:30:00.5z", datetime(2026, 3, 2, 1, 30, 0, 500_000, tzinfo=UTC)),
        ("moment", "2026-03-02T01:30:00.123456789Z", datetime(2026, 3, 2, 1, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_what_the_document_allows_is_taken(name: str, value: object, read: object) -> None:
    """At its bounds too."""
    assert Everything().load({name: value}) == {name: read}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("integer", "1"),
        ("integer", 1.5),
        ("integer", True),
        ("integer", INTEGER_MAX + 1),
        ("fen", -1),
        ("fen", INTEGER_MAX + 1),
        ("flag", "true"),
        ("flag", 1),
        ("text", ""),
        ("text", "六个字的文本"),
        ("text", 1),
        ("text", "a\0"),
        ("words", ["a\0"]),
        ("day", "20240229"),
        ("day", "2023-02-29"),
        ("day", "２０２４-02-28"),
        ("day", 20240228),
        ("moment", "2026-03-02T09:30:00"),
        ("moment", "2026-03-02 09:30:00Z"),
        ("moment", "2026-13-02T09:30:00Z"),
        ("moment", "0001-01-01T00:00:00+08:00"),
        ("moment", 1),
        ("id", "not-one"),
        ("id", new_id().lower()),
        ("stray", 1),
    ],
)
def test_what_merely_looks_like_it_is_refused(name: str, value: object) -> None:
    """Under its own name."""
    with pytest.raises(ValidationError) as refused:
        Everything().load({name: value})
    assert list(refused.value.messages_dict) == [name]


def test_moments_are_answered_in_utc() -> None:
    """Whatever offset they had."""
    moment = datetime.fromisoformat("2026-03-02T09:30:00+08:00")
    assert Everything().dump({"moment": moment, "day": date(2026, 3, 2)}) == {
        "moment": "2026-03-02T01:30:00Z",
        "day": "2026-03-02",
    }


@pytest.mark.parametrize("text", ['{"integer": 12.0}', '{"integer": 1.2e1}', '{"integer": 120e-1}'])
def test_a_number_without_a_fraction_is_an_integer(text: str) -> None:
    """As JSON Schema says."""
    assert Everything().load(strict_json(text)) == {"integer": 12}


@pytest.mark.parametrize("text", ["1e400", "1e99999999999999999999", "-1e400", "1.5", "9" * 4400, "-" + "9" * 4400])
def test_a_number_beyond_all_bounds_is_refused_and_breaks_nothing(text: str) -> None:
    """Neither digits without end nor exponents without end cost more than a refusal."""
    with pytest.raises(ValidationError):
        Everything().load({"integer": strict_json(text)})


@pytest.mark.parametrize("text", ["{", "NaN", "-Infinity", '{"a":1,"a":1}', '"\\ud800"', "\ufeff{}", "[" * 50_000, ""])
def test_what_is_no_json_is_refused(text: str) -> None:
    """RFC 8259 knows none of these."""
    with pytest.raises(NotJson):
        strict_json(text)


def test_json_is_utf_8() -> None:
    """Other encodings are not guessed at."""
    assert strict_json('{"a": "是"}'.encode()) == {"a": "是"}
    with pytest.raises(NotJson):
        strict_json('{"a": 1}'.encode("utf-16"))


@pytest.mark.parametrize("value", ["{", "[]", '{"stray": 1}', "1"])
def test_a_json_part_is_an_object_of_its_schema(value: str) -> None:
    """Beside a file as anywhere."""

    class Form(Schema):
        metadata = JsonPart(Everything, required=True)

    read: Any = Form().load({"metadata": '{"fen": 7}'})
    assert read == {"metadata": {"fen": 7}}
    with pytest.raises(ValidationError):
        Form().load({"metadata": value})
