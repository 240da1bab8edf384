"""Which party a case is about, made again from the service's own log of what it received."""

import pytest

from gongzheng.ids import new_id
from gongzheng.messaging.replay import Replay
from notifications.worker.consumer import PROJECTIONS
from services.notifications.tests.conftest import PARTY, House

pytestmark = pytest.mark.req("X-02")


def test_the_parties_of_cases_are_made_again(any_house: House) -> None:
    """In the order in which they were heard, also where several services spoke of one case; nobody is written to."""
    (projection,) = PROJECTIONS
    assert projection.log is not None
    cases = sorted(new_id() for _ in range(3))
    for case_id in cases:
        any_house.hear(any_house.decision(case_id=case_id))
        any_house.wait(seconds=1)
        created = any_house.event("fees.obligation.created", case_id, case_id=case_id, party_id=new_id())
        any_house.hear(created)
    before = any_house.rows("SELECT case_id, party_id, as_of FROM case_party ORDER BY case_id")
    assert [row[0] for row in before] == cases
    assert before[2][1] == created.data["party_id"] != PARTY["party_id"]
    messages = any_house.rows("SELECT count(*) FROM message")

    def replay(*, check: bool = False) -> bool:
        return Replay(any_house.consumer, projection, [(None, projection.log)]).run(check=check).equal  # type: ignore[list-item]

    assert replay(check=True)
    any_house.service.mechanism.execute("DELETE FROM case_party WHERE case_id = ?", (cases[0],))
    any_house.service.mechanism.execute("UPDATE case_party SET party_id = 'nobody' WHERE case_id = ?", (cases[1],))
    assert not replay(check=True)
    assert not replay()
    assert any_house.rows("SELECT case_id, party_id, as_of FROM case_party ORDER BY case_id") == before
    assert replay(check=True)
    assert any_house.rows("SELECT count(*) FROM message") == messages
