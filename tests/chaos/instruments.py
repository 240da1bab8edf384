"""What a run adds to the services' databases: the order in which events took effect, and an outbox that can refuse."""

from typing import LiteralString

import psycopg

from gongzheng_embedded.people import SERVICES
from tests.support.real import RealSuite

TIMEOUT_S = 5
_ARRIVALS: LiteralString = "ALTER TABLE inbox ADD COLUMN arrived bigserial"
_REFUSED: tuple[LiteralString, ...] = (
    "CREATE TABLE chaos_refused (service text)",
    # 53100 is what PostgreSQL says when it cannot extend a file.
    (
        "CREATE FUNCTION chaos_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF EXISTS (SELECT 1 FROM chaos_refused) THEN"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END IF;"
        " RETURN NULL; END $$"
    ),
    "CREATE TRIGGER chaos_refused AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION chaos_refuse()",
)


def instrument(suite: RealSuite) -> None:
    """Put both into all four; ``inbox.arrived`` numbers the rows as they are written, whatever clocks say."""
    for name in SERVICES:
        with psycopg.connect(suite.address(name, "database"), autocommit=True) as connection:
            for statement in (_ARRIVALS, *_REFUSED):
                connection.execute(statement)


def set_refused(database: str, *, refused: bool) -> None:
    """From now on an outbox cannot grow, or can again."""
    with psycopg.connect(database, connect_timeout=TIMEOUT_S) as connection:
        connection.execute("INSERT INTO chaos_refused VALUES ('refused')" if refused else "DELETE FROM chaos_refused")
