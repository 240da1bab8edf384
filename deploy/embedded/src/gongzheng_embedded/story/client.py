"""Calls to the four services as their users make them, patient with a service that is just being restarted."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3

from gongzheng_embedded.people import Person

CALL_TIMEOUT_S = 30.0
PATIENCE_S = 60.0  # a killed process is back well within a minute
PAUSE_S = 0.1
UNAVAILABLE = frozenset({502, 503, 504})  # what a proxy says for a service that is away
THROTTLED = 429

Minter = Callable[[Person], str]


class StoryError(AssertionError):
    """Something is not as the story tells it."""


@dataclass(frozen=True)
class Answer:
    """What a service said: status, body (parsed where it is JSON), entity tag, raw bytes."""

    status: int
    body: Any
    etag: str | None
    raw: bytes

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


@dataclass
class Client:
    """Calls services by name; ``run`` sets this run's idempotency keys apart from another's.

    ``bases`` are addresses without ``/api/v1``; ``mint`` gives a person's access token.
    """

    bases: Mapping[str, str]
    mint: Minter
    run: str
    patience_s: float = PATIENCE_S
    pool: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, maxsize=4))
    _tokens: dict[str, str] = field(default_factory=dict)

    def get(self, service: str, path: str, *, who: Person | None = None, expect: int = 200) -> Answer:
        """Read something."""
        return self._expect(expect, "GET", service, path, who=who)

    def create(self, service: str, path: str, body: Any, *, who: Person | None, key: str, expect: int = 201) -> Answer:
        """Create something once, however often this is called with the same key."""
        return self._expect(expect, "POST", service, path, who=who, body=body, key=key)

    def send(self, method: str, service: str, path: str, **options: Any) -> Answer:
        """One call, answered whatever the answer is; tried again while the service is away."""
        give_up_at = time.monotonic() + self.patience_s
        while True:
            try:
                answer = self._once(method, service, path, **options)
            except urllib3.exceptions.HTTPError as away:
                failure = f"{type(away).__name__}: {away}"
            else:
                if answer.status not in UNAVAILABLE and answer.status != THROTTLED:
                    return answer
                failure = f"{answer.status}: {answer.body}"
            if time.monotonic() > give_up_at:
                raise StoryError(f"{method} {service}{path}: no answer in {self.patience_s} s ({failure})")
            time.sleep(PAUSE_S)

    def _expect(self, expect: int, method: str, service: str, path: str, **options: Any) -> Answer:
        answer = self.send(method, service, path, **options)
        if answer.status != expect:
            raise StoryError(f"{method} {service}{path}: {answer.status} instead of {expect}: {answer.body}")
        return answer

    def _once(
        self,
        method: str,
        service: str,
        path: str,
        *,
        who: Person | None = None,
        body: Any = None,
        fields: Mapping[str, Any] | None = None,
        raw: bytes | None = None,
        key: str | None = None,
        version: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"Accept": "application/json", "Accept-Language": "zh-CN"}
        if who is not None:
            sent["Authorization"] = f"Bearer {self._token(who)}"
        if key is not None:
            sent["Idempotency-Key"] = f"{self.run}-{key}"
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        if body is not None:
            raw = json.dumps(body, ensure_ascii=False).encode()
        if raw is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        url = f"{self.bases[service]}/api/v1{path}"
        if fields is not None:
            got = self.pool.request(method, url, fields=dict(fields), headers=sent, timeout=CALL_TIMEOUT_S)
        else:
            got = self.pool.request(method, url, body=raw, headers=sent, timeout=CALL_TIMEOUT_S)
        return _answer(got)

    def _token(self, who: Person) -> str:
        # Kept for the run: a token is good for longer than the story takes.
        name = f"{who.subject} {' '.join(who.roles)}"
        if name not in self._tokens:
            self._tokens[name] = self.mint(who)
        return self._tokens[name]


def _answer(got: urllib3.BaseHTTPResponse) -> Answer:
    raw = got.data
    kind = got.headers.get("Content-Type", "")
    body = json.loads(raw) if raw and "json" in kind else None
    return Answer(status=got.status, body=body, etag=got.headers.get("ETag"), raw=raw)


def eventually(what: str, look: Callable[[], Any], *, patience_s: float = PATIENCE_S) -> Any:
    """Look until there is something (events take a moment to arrive); what was found.

    Raises:
        StoryError: when it has not come in time.
    """
    give_up_at = time.monotonic() + patience_s
    while not (found := look()):
        if time.monotonic() > give_up_at:
            raise StoryError(f"did not happen within {patience_s} s: {what}")
        time.sleep(PAUSE_S)
    return found
