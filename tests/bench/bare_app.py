"""The bare HTTP floor: Flask and psycopg doing the inserts that creating a case does, and nothing else."""

import os
import threading
from typing import Any

import psycopg
from flask import Flask, request

TABLES = """
CREATE TABLE IF NOT EXISTS bare_case (id text PRIMARY KEY, organisation_id text, state text, version int, body text);
CREATE TABLE IF NOT EXISTS bare_timeline (
    case_id text, position int, act text, done_on text, recorded_at text, actor text, PRIMARY KEY (case_id, position));
CREATE TABLE IF NOT EXISTS bare_clock (id text PRIMARY KEY, case_id text, kind text, due_on text, why text);
CREATE TABLE IF NOT EXISTS bare_stream (name text, subject text, sequence bigint, PRIMARY KEY (name, subject));
CREATE TABLE IF NOT EXISTS bare_events (
    id bigserial PRIMARY KEY, event_id text UNIQUE, type text, stream text, subject text, sequence bigint,
    dataclass text, body text, recorded_at text, published_at text, UNIQUE (stream, subject, sequence));
CREATE TABLE IF NOT EXISTS bare_audit (id bigserial PRIMARY KEY, at text, actor text, action text, resource text);
CREATE TABLE IF NOT EXISTS bare_idempotency (
    caller text, route text, key text, body_hash text, status int, body text, PRIMARY KEY (caller, route, key))
"""
_local = threading.local()


def connection() -> psycopg.Connection[Any]:
    """This thread's connection, held open."""
    held: psycopg.Connection[Any] | None = getattr(_local, "connection", None)
    if held is None:
        held = _local.connection = psycopg.connect(os.environ["BARE_DSN"])
    return held


def create() -> tuple[dict[str, str], int]:
    """Insert the case, its first timeline line and clock, an event, an audit row and the claim; commit once."""
    body = request.get_json()
    key = request.headers["Idempotency-Key"]
    database = connection()
    text = request.get_data(as_text=True)
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bare_idempotency VALUES (%s, %s, %s, %s, 201, '') ON CONFLICT DO NOTHING",
            ("caller", "POST /cases", key, key),
        )
        cursor.execute(
            "INSERT INTO bare_case VALUES (%s, %s, %s, 1, %s)", (key, body["organisation_id"], "reported", text)
        )
        cursor.execute(
            "INSERT INTO bare_timeline VALUES (%s, 1, %s, %s, %s, %s)",
            (key, "report", body["done_on"], "2026-01-01T00:00:00Z", "caller"),
        )
        cursor.execute(
            "INSERT INTO bare_clock VALUES (%s, %s, %s, %s, %s)", (key, key, "filing_check", "2026-09-22", text)
        )
        cursor.execute(
            "INSERT INTO bare_stream VALUES (%s, %s, 1) ON CONFLICT (name, subject)"
            " DO UPDATE SET sequence = bare_stream.sequence + 1 RETURNING sequence",
            ("case", key),
        )
        cursor.execute(
            "WITH written AS (INSERT INTO bare_events (event_id, type, stream, subject, sequence, dataclass, body,"
            " recorded_at) VALUES (%s, %s, %s, %s, 1, %s, %s, %s) RETURNING 1)"
            " SELECT pg_notify('bare', '') FROM written",
            (key, "cn.gongzheng.cases.case.reported.v1", "case", key, "internal", text, "2026-01-01T00:00:00Z"),
        )
        cursor.execute(
            "INSERT INTO bare_audit (at, actor, action, resource) VALUES (%s, %s, %s, %s)",
            ("2026-01-01T00:00:00Z", "caller", "case.report", key),
        )
        cursor.execute(
            "UPDATE bare_idempotency SET body = %s WHERE caller = %s AND route = %s AND key = %s",
            (text, "caller", "POST /cases", key),
        )
    database.commit()
    return {"id": key}, 201


def prepare(dsn: str) -> None:
    """Make the tables."""
    with psycopg.connect(dsn, autocommit=True) as database:
        for statement in TABLES.split(";"):
            database.execute(statement)


def wsgi() -> Flask:
    """The app, for gunicorn."""
    app = Flask("bare")
    app.post("/api/v1/cases")(create)
    return app
