"""Ten million rows beside ten thousand: whether throughput and memory stay what they were on the first day.

Four databases on one server: producer and consumer with the small history, producer and consumer with the large one.
A history is a log that was published long ago and its inbox, ten events per aggregate, with indexes built and
statistics gathered, as vacuum leaves it. The bodies of old events are short (their size is not what is scanned; it
keeps ten million rows within 7 GB). New events are about old aggregates, all over the range. Nothing is truncated
between the rounds.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.bench import ours
from tests.bench.crew import Crew
from tests.bench.measure import Reading, Result, compare
from tests.bench.pipeline import rate
from tests.bench.stage import Counter, Stage

SMALL = 10_000
_PER_SUBJECT = 10
# Ids of the year 2020: whatever is emitted now sorts behind them.
_FILL_OUTBOX = """
INSERT INTO outbox (event_id, type, stream, subject, sequence, dataclass, body, recorded_at, published_at, position)
SELECT '01DXF6DT01' || lpad(n::text, 16, '0'), 'cn.gongzheng.cases.case.reported.v1', 'case',
    '01DXF6DT00' || lpad(((n - 1) / 10)::text, 16, '0'), (n - 1) %% 10 + 1, 'internal', repeat('x', 100),
    '2020-01-01T00:00:00.000000Z', '2020-01-01T00:00:01.000000Z', n
FROM generate_series(1, %s) AS n
"""
_FILL_STREAM = """
INSERT INTO stream
SELECT 'case', '01DXF6DT00' || lpad(((n - 1) / 10)::text, 16, '0'), 10 FROM generate_series(1, %s, 10) AS n
"""
_FILL_INBOX = """
INSERT INTO inbox (event_id, lane, sequence, type, received_at)
SELECT '01DXF6DT01' || lpad(n::text, 16, '0'),
    'https://gongzheng.example/cases|case|01DXF6DT00' || lpad(((n - 1) / 10)::text, 16, '0'), (n - 1) %% 10 + 1,
    'cn.gongzheng.cases.case.reported.v1', '2020-01-01T00:00:02.000000Z'
FROM generate_series(1, %s) AS n
"""
_FILL_LANE = """
INSERT INTO lane (lane, last_sequence)
SELECT 'https://gongzheng.example/cases|case|01DXF6DT00' || lpad(((n - 1) / 10)::text, 16, '0'), 10
FROM generate_series(1, %s, 10) AS n
"""
_RECEIVED = "SELECT count(*) FROM inbox WHERE event_id >= %s"
_PUBLISHED = "SELECT coalesce(max(position), 0) - %s FROM outbox"


class History:
    """A producer's and a consumer's database with so many events behind them."""

    def __init__(self, stage: Stage, rows: int) -> None:
        self._stage, self.rows = stage, rows
        self._names = [stage.postgres.create_database() for _ in range(2)]
        self.producer, self.consumer = (stage.postgres.url(name) for name in self._names)
        ours.prepare(self.producer)
        ours.prepare(self.consumer)
        with ThreadPoolExecutor(2) as both:
            filled = [
                both.submit(_fill, self.producer, "outbox", (_FILL_OUTBOX, _FILL_STREAM), rows),
                both.submit(_fill, self.consumer, "inbox", (_FILL_INBOX, _FILL_LANE), rows),
            ]
        for done in filled:
            done.result()

    def close(self) -> None:
        """Give the disk back."""
        for name in self._names:
            self._stage.postgres.drop_database(name)

    def size_mib(self) -> int:
        """What both databases take on the disk."""
        query = "SELECT sum(pg_database_size(datname)) / 1048576 FROM pg_database WHERE datname = ANY(%s)"
        size = Counter(self.producer, query, self._names)
        try:
            return size()
        finally:
            size.close()

    def relay(self) -> Reading:
        """Events per second that the relay publishes and marks."""
        events = self._stage.sizes.events
        with self._stage.fresh() as amqp, Crew() as crew:
            before = self._published()
            self._emit()
            crew.start("relay", ours.relay, self.producer, amqp)
            per_s = rate(crew, Counter(self.producer, _PUBLISHED, before), events)
            return Reading(per_s, {"relay_mib": crew.dismiss()["relay"][0]})

    def drain(self) -> Reading:
        """Events per second from outbox to inbox."""
        with self._stage.fresh() as amqp, Crew() as crew:
            first = self._emit()
            crew.start("consumer", ours.consume, self.consumer, amqp)
            crew.start("relay", ours.relay, self.producer, amqp)
            per_s = rate(crew, Counter(self.consumer, _RECEIVED, first), self._stage.sizes.events)
            memory = crew.dismiss()
            return Reading(per_s, {"relay_mib": memory["relay"][0], "consumer_mib": memory["consumer"][0]})

    def _published(self) -> int:
        published = Counter(self.producer, _PUBLISHED, 0)
        try:
            return published()
        finally:
            published.close()

    def _emit(self) -> str:
        """New events about old aggregates, spread over all of them; the lowest of their ids."""
        subjects = self.rows // _PER_SUBJECT
        step = max(subjects // self._stage.sizes.events, 1)
        names = [f"01DXF6DT00{number * step % subjects:016d}" for number in range(self._stage.sizes.events)]
        return min(event_id for event_id, *_ in ours.emit_about(self.producer, names))


def growth(stage: Stage) -> Result:
    """The lower of two ratios: draining, and the relay alone."""
    small, large = History(stage, SMALL), History(stage, stage.sizes.rows)
    try:
        config = {
            "rows": large.rows,
            "beside_rows": small.rows,
            "disk_mib": large.size_mib(),
            "beside_disk_mib": small.size_mib(),
            "events": stage.sizes.events,
        }
        drained, relayed = (
            compare("growth_10m", unit="events/s", ours=a, floor=b, config=config, rounds=stage.sizes.rounds)
            for a, b in ((large.drain, small.drain), (large.relay, small.relay))
        )
    finally:
        large.close()
        small.close()
    lower, other = (drained, relayed) if drained.ratio <= relayed.ratio else (relayed, drained)
    ratios = {"drain_ratio": drained.ratio, "relay_ratio": relayed.ratio}
    others = {"ours": other.config["ours"], "floor": other.config["floor"]}
    lower.config.update(ratios, shown="drain" if lower is drained else "relay", other=others)
    return lower


def _fill(url: str, table: LiteralString, statements: tuple[LiteralString, ...], rows: int) -> None:
    """Rows first and indexes afterwards, which is several times faster; then statistics and visibility."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET synchronous_commit = off")
        with connection.transaction():
            made_again = _without_indexes(connection, table)
            for statement in statements:
                connection.execute(statement, (rows,))
            for statement_again in made_again:
                connection.execute(statement_again)
        for name in ("outbox", "stream", "inbox", "lane"):
            connection.execute(sql.SQL("VACUUM (FREEZE, ANALYZE) {}").format(sql.Identifier(name)))
        connection.execute("CHECKPOINT")


def _without_indexes(
    connection: psycopg.Connection[tuple[object, ...]], table: LiteralString
) -> list[sql.SQL | sql.Composed]:
    """Drop a table's constraints and indexes; the statements that make them again."""
    again: list[sql.SQL | sql.Composed] = []
    place = sql.Identifier(table)
    constraints = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'u')",
        (table,),
    ).fetchall()
    for name, definition in constraints:
        named = sql.Identifier(str(name))
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(place, named))
        again.append(sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(place, named, sql.SQL(str(definition))))
    indexes = connection.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", (table,)).fetchall()
    for name, definition in indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(str(name))))
        again.append(sql.SQL(str(definition)))
    return again
