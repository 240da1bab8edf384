"""What a run adds to the services' databases: the order in which events took effect, and a disk that can be full."""

from typing import LiteralString

import psycopg

from gongzheng_embedded.people import SERVICES
from tests.support.real import RealSuite

TIMEOUT_S = 5
_ARRIVALS: LiteralString = "ALTER TABLE inbox ADD COLUMN arrived bigserial"
_FULL: tuple[LiteralString, ...] = (
    "CREATE TABLE chaos_full (service text)",
    # 53100 is what PostgreSQL says when it cannot extend a file.
    (
        "CREATE FUNCTION chaos_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT 1 FROM chaos_full) THEN"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END IF;"
        " RETURN NULL; END $$"
    ),
    "CREATE TRIGGER chaos_full AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION chaos_refuse()",
)


def instrument(suite: RealSuite) -> None:
    """Put both into all four; ``inbox.arrived`` numbers the rows as they are written, whatever clocks say."""
    for name in SERVICES:
        with psycopg.connect(suite.address(name, "database"), autocommit=True) as connection:
            for statement in (_ARRIVALS, *_FULL):
                connection.execute(statement)


def set_full(database: str, *, full: bool) -> None:
    """From now on an outbox cannot grow, or can again."""
    with psycopg.connect(database, connect_timeout=TIMEOUT_S) as connection:
        connection.execute("INSERT INTO chaos_full VALUES ('full')" if full else "DELETE FROM chaos_full")
