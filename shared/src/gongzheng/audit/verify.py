"""Verifying the audit trail in its database, exporting it, and verifying an export without any database."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from gongzheng.audit.chain import CHECKPOINT, FIELDS, FORMAT, SEAL, ChainWalk, Fault
from gongzheng.db.mechanism import Mechanism
from gongzheng.messaging.envelope import canonical

PAGE_ROWS = 1_000
LINE_CHARS_MAX = 1_000_000
_ROW = ("position", "prev_hash", "hash", *FIELDS)


class NotAnExport(ValueError):
    """The file is no export of an audit trail."""


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """What was found.

    ``rows`` were found whole in order; ``sealed_until`` is the last position that a signed checkpoint covers;
    ``unsealed`` rows wait for the sealer (None for an export); ``signed`` says whether signatures were checked, which
    needs keys.
    """

    ok: bool
    service: str
    rows: int
    checkpoints: int
    sealed_until: int
    unsealed: int | None
    signed: bool
    fault: Fault | None


def verify_database(mechanism: Mechanism, keys: Mapping[str, bytes] | None = None) -> AuditReport:
    """Walk along the whole trail in its database; ``keys`` are the raw public keys of the checkpoints by key id."""
    walk = ChainWalk(mechanism.service, keys or {})
    fault = next((found for kind, row in _records(mechanism) if (found := _take(walk, kind, row))), None)
    unsealed = mechanism.execute("SELECT count(*) FROM audit WHERE position IS NULL").fetchone()[0]
    return _report(walk, fault, signed=bool(keys), unsealed=int(unsealed))


def export_trail(mechanism: Mechanism, out: TextIO) -> int:
    """Write the sealed trail as JSON lines: a header, rows and checkpoints in order, an end; the number of rows."""
    rows = last = 0
    head = ""
    _line(out, {"format": FORMAT, "service": mechanism.service})
    for kind, record in _records(mechanism):
        _line(out, {kind: record})
        if kind == "row":
            rows, last, head = rows + 1, record["position"], record["hash"]
    _line(out, {"end": {"rows": rows, "position": last, "hash": head}})
    return rows


def verify_export(lines: TextIO, keys: Mapping[str, bytes] | None = None) -> AuditReport:
    """Walk along an exported trail; it needs no database and no more memory than a line.

    Raises:
        NotAnExport: when the first line is not the header of an export.
    """
    header = _parsed(lines.readline(LINE_CHARS_MAX))
    if not isinstance(header, dict) or header.get("format") != FORMAT or not isinstance(header.get("service"), str):
        raise NotAnExport("this file is not an export of an audit trail")
    walk = ChainWalk(header["service"], keys or {})
    ended, fault = False, None
    while fault is None and (line := lines.readline(LINE_CHARS_MAX)):
        fault = Fault(kind="unordered", position=walk.position + 1) if ended else None
        record = _parsed(line)
        if isinstance(record, dict) and set(record) == {"end"}:
            ended, fault = True, fault or _end(walk, record["end"])
        else:
            fault = fault or _take_parsed(walk, record)
    if fault is None and not ended:
        fault = Fault(kind="incomplete", position=walk.position)
    return _report(walk, fault, signed=bool(keys), unsealed=None)


def _records(mechanism: Mechanism) -> Iterator[tuple[str, dict[str, Any]]]:
    """All sealed rows and checkpoints in the order of the chain, a page at a time."""
    mechanism.ensure_connected()
    after = 0
    while page := _page(mechanism, "audit", _ROW, after):
        seals = {row["position"]: row for row in _between(mechanism, after, page[-1]["position"])}
        for row in page:
            # A seal whose row is gone comes before the next row, where the walk finds the gap.
            for position in sorted(p for p in seals if p < row["position"]):
                yield "checkpoint", seals.pop(position)
            yield "row", row
            if row["position"] in seals:
                yield "checkpoint", seals.pop(row["position"])
        after = page[-1]["position"]
    for row in _page(mechanism, "audit_checkpoint", CHECKPOINT, after):
        yield "checkpoint", row


def _page(mechanism: Mechanism, table: str, names: tuple[str, ...], after: int) -> list[dict[str, Any]]:
    found = mechanism.execute(
        f"SELECT {', '.join(names)} FROM {table} WHERE position > ? ORDER BY position LIMIT ?",  # noqa: S608 constants
        (after, PAGE_ROWS),
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


def _between(mechanism: Mechanism, after: int, last: int) -> list[dict[str, Any]]:
    found = mechanism.execute(
        f"SELECT {', '.join(CHECKPOINT)} FROM audit_checkpoint WHERE position > ? AND position <= ?",  # noqa: S608 constants
        (after, last),
    ).fetchall()
    return [dict(zip(CHECKPOINT, row, strict=True)) for row in found]


def _take(walk: ChainWalk, kind: str, record: Mapping[str, Any]) -> Fault | None:
    return walk.row(record) if kind == "row" else walk.checkpoint(record)


def _take_parsed(walk: ChainWalk, record: Any) -> Fault | None:
    """A line of an export; one that has not the form of a row or checkpoint counts as the altered next row."""
    altered = Fault(kind="altered", position=walk.position + 1)
    if not isinstance(record, dict) or len(record) != 1:
        return altered
    ((kind, content),) = record.items()
    wanted = {"row": {*SEAL, *FIELDS}, "checkpoint": set(CHECKPOINT)}.get(kind)
    if wanted is None or not isinstance(content, dict) or set(content) != wanted:
        return altered
    try:
        return _take(walk, kind, content)
    except (TypeError, ValueError):
        return altered


def _end(walk: ChainWalk, end: Any) -> Fault | None:
    head = walk.hash if walk.position else ""
    if end == {"rows": walk.position, "position": walk.position, "hash": head}:
        return None
    return Fault(kind="incomplete", position=walk.position)


def _report(walk: ChainWalk, fault: Fault | None, *, signed: bool, unsealed: int | None) -> AuditReport:
    return AuditReport(
        ok=fault is None,
        service=walk.service,
        rows=walk.position,
        checkpoints=walk.checkpoints,
        sealed_until=walk.sealed_until,
        unsealed=unsealed,
        signed=signed,
        fault=fault,
    )


def _line(out: TextIO, record: Mapping[str, Any]) -> None:
    out.write(canonical(record).decode() + "\n")


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
