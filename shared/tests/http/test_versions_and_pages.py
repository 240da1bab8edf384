"""``ETag``/``If-Match`` on every change, cursors on every list."""

import pytest

from gongzheng.errors import InvalidCursor
from gongzheng.http.paging import decode_cursor, encode_cursor, page_of
from gongzheng.testing import ApiClient

pytestmark = pytest.mark.req("X-05")
THING = {"name": "a", "amount_fen": 1}


def test_a_change_needs_the_version_that_was_seen(maker: ApiClient) -> None:
    """Without If-Match 428, with an old one 412, with the right one the next version."""
    thing = maker.post("/things", THING).expect(201)["id"]
    path = f"/things/{thing}/renaming"
    maker.post(path, {"name": "b"}, if_match=None).expect(428, "precondition-required")
    maker.post(path, {"name": "b"}, if_match=7).expect(412, "precondition-failed")
    assert maker.post(path, {"name": "b"}, if_match=1).etag == '"2"'
    assert maker.get(f"/things/{thing}").etag == '"2"'


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ('"1"', 200),
        ('W/"1"', 412),
        ('"abc"', 412),
        ('"１"', 412),
        ("*", 400),
        ('"1", "2"', 400),
        ("1", 400),
        ('""', 400),
    ],
)
def test_only_a_strong_tag_of_ours_matches(maker: ApiClient, header: str, status: int) -> None:
    """Anything else is malformed or matches nothing."""
    thing = maker.post("/things", THING).expect(201)["id"]
    sent = header.encode().decode("latin-1")
    assert maker.post(f"/things/{thing}/renaming", {"name": "b"}, if_match=sent).status == status


def test_a_list_is_read_to_its_end_by_cursors(maker: ApiClient) -> None:
    """Each thing comes once, in order, and the last page has no cursor."""
    made = sorted(maker.post("/things", THING).expect(201)["id"] for _ in range(5))
    seen, after = [], None
    for _ in range(3):
        page = maker.get("/things", limit=2, after=after).expect(200)
        seen += [thing["id"] for thing in page["items"]]
        after = page["next_cursor"]
    assert seen == made
    assert after is None


@pytest.mark.parametrize("key", ["01H", 7, ["2026-01-01", "01H"], ["é", -3]])
def test_a_cursor_gives_back_its_key(key: str | int | list[str | int]) -> None:
    """Text, numbers and lists of both survive the round trip."""
    assert decode_cursor(encode_cursor(key)) == key


@pytest.mark.parametrize(
    "text", ["", "%%%", "abc", "e30", "bnVsbA", "WyJhIiwxLjVd", "Ilx1MDAwMCI", "W10", "é", "A" * 4000]
)
def test_a_made_up_cursor_is_refused(text: str) -> None:
    """Objects, null, fractions, NUL and noise are no cursors."""
    with pytest.raises(InvalidCursor):
        decode_cursor(text)


def test_a_full_page_without_more_has_no_cursor() -> None:
    """One item too many says that there is more."""
    assert page_of([1, 2], 2, int) == {"items": [1, 2], "next_cursor": None}
    assert page_of([1, 2, 3], 2, int) == {"items": [1, 2], "next_cursor": encode_cursor(2)}
    assert page_of([], 2, int) == {"items": [], "next_cursor": None}
