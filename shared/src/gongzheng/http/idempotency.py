"""``Idempotency-Key``: the claim of the key, the change and the stored answer are one transaction.

A second request with the same key waits for the first (PostgreSQL: on the row just inserted; SQLite: on the write lock)
and then gets the first answer again. A refusal rolls the claim back with everything else, so the caller may mend the
request and try the same key again.

The stored answer is encrypted under the key and the content, which only the caller has: answers that are shown once,
such as tracking codes, cannot be read out of the database.
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Response, request

from gongzheng.db.mechanism import Mechanism, iso
from gongzheng.errors import IdempotencyConflict, IdempotencyKeyRequired
from gongzheng.http.context import MalformedParameter, current_actor, frame, unit_of_work
from gongzheng.http.problems import told

HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[A-Za-z0-9._:~-]{8,128}$"
KEEP_H = 72
SWEEP_ROWS_MAX = 5000
_KEPT_HEADERS = ("Content-Type", "Content-Language", "ETag", "Location")
_NONCE_BYTES = 12
_REFUSED_MIN = 400
_KEY = re.compile(KEY_PATTERN)
_CHUNK_BYTES = 65_536


class _NotCreated(Exception):
    """The view answered with an error status instead of raising; nothing may be kept of it."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def run_idempotent(view: Callable[[], Response]) -> Response:
    """Answer by the view once, and from the record afterwards.

    Raises:
        IdempotencyKeyRequired: 400, when the header is absent.
        MalformedParameter: 400, when it is not 8 to 128 letters, digits and ``._:~-``.
        IdempotencyConflict: 409, when the key came with another content before.
    """
    key = request.headers.get(HEADER)
    if key is None:
        raise told(
            IdempotencyKeyRequired(),
            "请自拟 Idempotency-Key，每办一事换一个。",
            "Send an Idempotency-Key of your own making, new for each thing you create.",
        )
    if not _KEY.fullmatch(key):
        raise told(
            MalformedParameter(errors={HEADER: ["Invalid value."]}),
            "Idempotency-Key 由 8 至 128 个字母、数字和 ._:~- 组成。",
            "Idempotency-Key has 8 to 128 letters, digits and ._:~-",
        )
    content = content_digest()
    claim = _Claim(frame().mechanism, key, content)
    try:
        with unit_of_work() as uow:
            if not claim.take():
                return claim.answer()
            response = view()
            if response.status_code >= _REFUSED_MIN:
                raise _NotCreated(response)  # noqa: TRY301 the raise is what rolls back
            uow.write_last(*claim.keeping(response))
            return response
    except _NotCreated as refused:
        return refused.response


class _Claim:
    """One key of one caller on one route."""

    def __init__(self, mechanism: Mechanism, key: str, content: bytes) -> None:
        self._mechanism = mechanism
        self._hash = hashlib.sha256(content).hexdigest()
        self._row = (current_actor().subject, _route(), hashlib.sha256(key.encode()).hexdigest())
        secret = hashlib.blake2b(key.encode() + b"\0" + content, digest_size=32, person=b"gz idempotency")
        self._cipher = AESGCM(secret.digest())

    def take(self) -> bool:
        """Whether the key is new; it is then ours until the transaction ends."""
        cursor = self._mechanism.execute(
            "INSERT INTO idempotency (caller, route, key, body_hash, created_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (caller, route, key) DO NOTHING",
            (*self._row, self._hash, iso(self._mechanism.clock.now())),
        )
        return bool(cursor.rowcount == 1)

    def keeping(self, response: Response) -> tuple[str, list[Any]]:
        """The statement that writes the answer beside the claim."""
        response.direct_passthrough = False
        nonce = os.urandom(_NONCE_BYTES)
        sealed = base64.b64encode(nonce + self._cipher.encrypt(nonce, response.get_data(), None)).decode()
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        return (
            "UPDATE idempotency SET status = ?, headers = ?, body = ? WHERE caller = ? AND route = ? AND key = ?",
            [response.status_code, json.dumps(headers), sealed, *self._row],
        )

    def answer(self) -> Response:
        """The first answer again."""
        row = self._mechanism.execute(
            "SELECT body_hash, status, headers, body FROM idempotency WHERE caller = ? AND route = ? AND key = ?",
            self._row,
        ).fetchone()
        if row is None or row[0] != self._hash:
            raise _another_content()
        sealed = base64.b64decode(row[3])
        try:
            body = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except InvalidTag:
            raise _another_content() from None
        response = Response(body, status=row[1], headers=json.loads(row[2]))
        response.headers["Idempotency-Replayed"] = "true"
        return response


def _another_content() -> IdempotencyConflict:
    zh, en = "内容不同，请换一个 Idempotency-Key。", "Use a new Idempotency-Key for another content."
    return told(IdempotencyConflict(), zh, en)


def _route() -> str:
    return f"{request.method} {request.path}"


def content_digest() -> bytes:
    """64 bytes that stand for the content: JSON by its values, multipart by its fields and the bytes of its files."""
    digest = hashlib.sha512()
    if request.mimetype == "multipart/form-data":
        for name, value in sorted(request.form.items(multi=True)):
            _add(digest, b"field", name.encode(), value.encode())
        for name, upload in sorted(request.files.items(multi=True), key=lambda item: (item[0], item[1].filename or "")):
            inner = hashlib.sha512()
            while chunk := upload.stream.read(_CHUNK_BYTES):
                inner.update(chunk)
            upload.stream.seek(0)
            _add(digest, b"file", name.encode(), (upload.filename or "").encode(), inner.digest())
    else:
        _add(digest, b"body", _canonical(request.get_data(cache=True)))
    _add(digest, b"query", request.query_string)
    return digest.digest()


def _canonical(body: bytes) -> bytes:
    """JSON with its keys sorted, so that a client that writes them in another order repeats the same request."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return body


def _add(digest: Any, *parts: bytes) -> None:
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)


def sweep(mechanism: Mechanism, *, keep_h: int = KEEP_H) -> int:
    """Forget claims older than ``keep_h`` hours, a batch per transaction; the number of claims forgotten."""
    before = iso(mechanism.clock.now() - timedelta(hours=keep_h))
    mechanism.ensure_connected()
    total = 0
    while True:
        row_id = "ctid" if mechanism.postgresql else "rowid"
        chosen = f"SELECT {row_id} FROM idempotency WHERE created_at < ? LIMIT {SWEEP_ROWS_MAX}"  # noqa: S608 constants
        gone = mechanism.execute(f"DELETE FROM idempotency WHERE {row_id} IN ({chosen})", (before,)).rowcount  # noqa: S608 constants
        total += gone
        if gone < SWEEP_ROWS_MAX:
            return int(total)
