"""The served decisions that parity stands on, compared with what cases published; books are never written anew."""

from pathlib import Path

import pytest

from fees.worker.consumer import PROJECTIONS
from gongzheng.messaging.logs import file_log
from gongzheng.messaging.replay import Replay, ReplayFailed
from services.fees.tests.conftest import House, served

pytestmark = pytest.mark.req("X-02")


def test_served_decisions_are_compared_with_the_log(any_house: House, tmp_path: Path) -> None:
    """Equal as they stand; what somebody wrote past the application is found, and cannot be replaced."""
    (projection,) = PROJECTIONS
    data = [served(), served(fine_fen=0, confiscation_fen=0), served(confiscation_fen=50)]
    events = [any_house.event("decision.served", each) for each in data]
    any_house.hear(*events)
    file = tmp_path / "log"
    file.write_text("\n".join(event.to_json() for event in events))
    replay = Replay(any_house.consumer, projection, [("cases", file_log(file, "case"))])
    assert any_house.count("decision_claim") == 2
    outcome = replay.run(check=True)
    assert (outcome.equal, outcome.events) == (True, 3)

    any_house.service.mechanism.execute(
        "INSERT INTO decision_claim (decision_id, case_id, event_id, fine_fen, confiscation_fen)"
        " VALUES ('d', 'c', 'e', 1, 0)"
    )
    again = Replay(any_house.consumer, projection, [("cases", file_log(file, "case"))])
    (found,) = again.run(check=True).differences
    assert (found.missing, found.unexpected) == (0, 1)
    with pytest.raises(ReplayFailed, match="can only be compared"):
        again.run()
