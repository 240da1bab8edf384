"""The audit chain: sealed after the fact, and the first altered or missing row is named."""

import io
import json
import threading
from datetime import timedelta

import pytest

from gongzheng.audit.chain import FIELDS, genesis, row_hash
from gongzheng.audit.sealer import Sealer
from gongzheng.audit.verify import NotAnExport, export_trail, verify_database, verify_export
from gongzheng.messaging.envelope import Ed25519Signer

from .conftest import KEYS, Trail

pytestmark = pytest.mark.req("X-07")

ALL = ", ".join(FIELDS)
OTHER = Ed25519Signer("cases-2026", bytes(range(1, 33)))


def exported(trail: Trail) -> list[str]:
    """The lines of an export."""
    out = io.StringIO()
    export_trail(trail.mechanism, out)
    return out.getvalue().splitlines(keepends=True)


def checked(lines: list[str], keys: dict[str, bytes] | None = None) -> tuple[bool, str, int]:
    """Whether an export is whole, and the kind and place of the first fault."""
    report = verify_export(io.StringIO("".join(lines)), KEYS if keys is None else keys)
    return report.ok, report.fault.kind if report.fault else "", report.fault.position if report.fault else 0


def test_rows_are_appended_unsealed_and_sealed_in_their_order(trail: Trail) -> None:
    """The unit of work does not wait for the chain; the sealer gives every row its place."""
    trail.write(7)
    assert trail.run("SELECT count(*) FROM audit WHERE position IS NULL") == [(7,)]
    assert Sealer(trail.mechanism, batch_rows=3).seal() == 7
    assert trail.run("SELECT position, resource FROM audit ORDER BY id") == [(n + 1, f"case/{n}") for n in range(7)]
    report = verify_database(trail.mechanism, KEYS)
    assert (report.ok, report.rows, report.checkpoints, report.sealed_until, report.unsealed) == (True, 7, 1, 3, 0)


def test_sealing_twice_changes_nothing(trail: Trail) -> None:
    """A second run finds nothing to do, and later rows follow on."""
    trail.write(2)
    sealer = Sealer(trail.mechanism)
    assert (sealer.seal(), sealer.seal()) == (2, 0)
    trail.write(1)
    assert sealer.seal() == 1
    assert verify_database(trail.mechanism, KEYS).rows == 3


def test_checkpoints_come_by_number_and_by_time(trail: Trail) -> None:
    """A signed seal after so many rows, or after so long if anything new was sealed."""
    sealer = Sealer(trail.mechanism, batch_rows=2, checkpoint_rows=4, checkpoint_every_s=300)
    trail.write(2)
    sealer.seal()
    trail.write(2)
    sealer.seal()
    assert trail.run("SELECT position FROM audit_checkpoint ORDER BY position") == [(2,)]
    trail.write(2)
    sealer.seal()
    assert trail.run("SELECT position FROM audit_checkpoint ORDER BY position") == [(2,), (6,)]
    trail.clock.advance(timedelta(seconds=301))
    sealer.seal()
    assert len(trail.run("SELECT position FROM audit_checkpoint")) == 2
    trail.write(1)
    sealer.seal()
    assert trail.run("SELECT max(position) FROM audit_checkpoint") == [(7,)]


@pytest.mark.parametrize("column", [*FIELDS, "hash", "prev_hash"])
def test_a_changed_field_of_a_row_is_named(trail: Trail, column: str) -> None:
    """Whatever is altered in row 3 behind the mechanism's back, row 3 is named."""
    trail.write(5)
    Sealer(trail.mechanism).seal()
    trail.run(f"UPDATE audit SET {column} = 'x' WHERE position = 3")  # noqa: S608 our own column names
    report = verify_database(trail.mechanism, KEYS)
    assert report.fault is not None
    assert (report.ok, report.rows, report.fault.kind, report.fault.position) == (False, 2, "altered", 3)
    assert "第3条" in report.fault.sentences()[0]


@pytest.mark.parametrize("gone", [1, 3, 5])
def test_a_removed_row_is_named_even_at_the_end(trail: Trail, gone: int) -> None:
    """A row taken away is missing, also the last one that a checkpoint covers."""
    trail.write(5)
    Sealer(trail.mechanism).seal()
    trail.run("DELETE FROM audit WHERE position = ?", gone)
    report = verify_database(trail.mechanism, KEYS)
    assert report.fault is not None
    assert (report.fault.kind, report.fault.position) == ("missing", gone)


def test_removed_rows_stay_missing_when_sealing_goes_on(trail: Trail) -> None:
    """New rows do not slip into the places of those that were taken away."""
    trail.write(5)
    sealer = Sealer(trail.mechanism)
    sealer.seal()
    trail.run("DELETE FROM audit WHERE position > 3")
    trail.write(2)
    sealer.seal()
    report = verify_database(trail.mechanism, KEYS)
    assert report.fault is not None
    assert (report.fault.kind, report.fault.position) == ("missing", 4)
    assert trail.run("SELECT max(position) FROM audit") == [(7,)]


def test_a_row_altered_and_hashed_anew_is_found_by_its_successor(trail: Trail) -> None:
    """Who fixes the hash of the altered row as well is betrayed by the next row."""
    trail.write(5)
    Sealer(trail.mechanism).seal()
    ((prev, *content),) = trail.run(f"SELECT prev_hash, {ALL} FROM audit WHERE position = 2")  # noqa: S608 as above
    row = {**dict(zip(FIELDS, content, strict=True)), "actor": "somebody else"}
    trail.run("UPDATE audit SET actor = ?, hash = ? WHERE position = 2", row["actor"], row_hash(2, str(prev), row))
    report = verify_database(trail.mechanism, KEYS)
    assert report.fault is not None
    assert (report.fault.kind, report.fault.position) == ("altered", 2)


def test_a_chain_rewritten_to_its_end_breaks_at_the_signed_checkpoint(trail: Trail) -> None:
    """Without the key nobody can rewrite what lies before a checkpoint."""
    trail.write(6)
    Sealer(trail.mechanism).seal()
    previous = genesis("cases")
    for position, *content in trail.run(f"SELECT position, {ALL} FROM audit ORDER BY position"):  # noqa: S608 as above
        assert isinstance(position, int)
        row = {**dict(zip(FIELDS, content, strict=True)), "actor": "somebody else"}
        mine = row_hash(position, previous, row)
        trail.run(
            "UPDATE audit SET actor = ?, prev_hash = ?, hash = ? WHERE position = ?",
            *(row["actor"], previous, mine, position),
        )
        previous = mine
    report = verify_database(trail.mechanism, KEYS)
    assert report.fault is not None
    assert (report.fault.kind, report.fault.position, report.fault.until) == ("rewritten", 1, 6)
    trail.run("UPDATE audit_checkpoint SET hash = ?", previous)
    forged = verify_database(trail.mechanism, KEYS)
    assert forged.fault is not None
    assert (forged.fault.kind, forged.fault.position) == ("checkpoint", 6)


def test_the_chain_of_one_service_does_not_pass_for_anothers() -> None:
    """The first row follows a hash that names the service."""
    assert genesis("cases") != genesis("fees")


def test_sealers_side_by_side_make_one_chain(trail: Trail) -> None:
    """Several workers seal at once while rows come in: every row gets exactly one place."""
    trail.write(5)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                Sealer(trail.mechanism, batch_rows=4).seal()
        except BaseException as error:  # noqa: BLE001 the thread hands any failure to the test
            failures.append(error)
        finally:
            trail.mechanism.database.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    trail.write(20)
    for thread in threads:
        thread.join()
    Sealer(trail.mechanism).seal()
    report = verify_database(trail.mechanism, KEYS)
    assert failures == []
    assert (report.ok, report.rows, report.unsealed) == (True, 25, 0)


def test_an_export_is_verified_without_the_database(trail: Trail) -> None:
    """The file alone proves the trail, checkpoints included; unsealed rows are not in it."""
    trail.write(5)
    Sealer(trail.mechanism).seal()
    trail.write(1)
    lines = exported(trail)
    assert len(lines) == 1 + 5 + 1 + 1
    assert checked(lines) == (True, "", 0)
    assert checked(lines, {}) == (True, "", 0)
    assert checked(lines, {OTHER.key_id: OTHER.public_bytes()}) == (False, "checkpoint", 5)


def test_an_export_read_in_pages_keeps_its_checkpoints_in_place(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of any size give the same export."""
    sealer = Sealer(trail.mechanism, batch_rows=2, checkpoint_rows=2)
    trail.write(7)
    sealer.seal()
    whole = exported(trail)
    monkeypatch.setattr("gongzheng.audit.verify.PAGE_ROWS", 2)
    assert whole == exported(trail)
    assert checked(whole) == (True, "", 0)


def test_every_line_of_an_export_that_is_cut_doubled_or_changed_is_found(trail: Trail) -> None:
    """Whatever line is touched, the report names the row it stops at."""
    trail.write(4)
    Sealer(trail.mechanism).seal()
    lines = exported(trail)
    for n in range(1, len(lines)):
        row = min(n, 5)
        without = checked([*lines[:n], *lines[n + 1 :]])
        if n <= 3:
            assert without == (False, "missing", row)
        elif n == 4:
            assert without == (False, "missing", 4)
        elif n == 6:
            assert without == (False, "incomplete", 4)
        if n <= 4:
            assert checked([*lines[: n + 1], *lines[n:]])[0] is False
            assert checked([*lines[:n], lines[n].replace("case.decide", "case.undecide"), *lines[n + 1 :]]) == (
                False,
                "altered",
                row,
            )
        assert checked([*lines[:n], "{}\n", *lines[n + 1 :]])[0] is False
        assert checked([*lines[:n], "not json\n", *lines[n + 1 :]])[0] is False
    assert checked(lines[:-1]) == (False, "incomplete", 4)
    assert checked([*lines, lines[1]])[0] is False


def test_something_else_is_no_export() -> None:
    """Wrong input is told apart from an altered trail."""
    for text in ("", "hello\n", "{}\n", json.dumps({"format": "gongzheng-audit/1"}) + "\n"):
        with pytest.raises(NotAnExport):
            verify_export(io.StringIO(text))
