"""A client for tests and the story: mints tokens, sends an Idempotency-Key, remembers ETags and sends If-Match.

It speaks to an application in this process or to a running server over HTTP, with the same calls.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from flask import Flask
from joserfc.jwk import OKPKey

from gongzheng.clock import Clock
from gongzheng.http.tokens import SigningKey, audience_of, generate_token_key, mint, public_jwks
from gongzheng.ids import new_id

TEST_ISSUER = "https://issuer.example"
API_PREFIX = "/api/v1"
TIMEOUT_S = 30
SERVICES = ("cases", "fees", "oversight", "notifications")


@cache
def test_key() -> OKPKey:
    """The key that signs the tokens of this test run."""
    return generate_token_key("test")


test_key.__test__ = False  # type: ignore[attr-defined] # a helper, not a test, although its name begins so


def token_settings() -> dict[str, Any]:
    """The settings under which a service believes the tokens of :func:`api_client`: issuer, jwks, throttle_key."""
    return {"issuer": TEST_ISSUER, "jwks": public_jwks(test_key()), "throttle_key": "only-for-tests-0123456789"}


@dataclass(frozen=True)
class Answer:
    """What came back. ``json`` is the parsed body of a JSON answer, else None."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        """The parsed JSON body."""
        return json.loads(self.content) if "json" in self.headers.get("Content-Type", "") else None

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()

    @property
    def etag(self) -> str | None:
        """The entity tag."""
        return self.headers.get("ETag")

    @property
    def code(self) -> str | None:
        """The code of the problem, when the answer is one."""
        return self.json.get("code") if self.headers.get("Content-Type") == "application/problem+json" else None

    def expect(self, status: int, code: str | None = None) -> Any:
        """The JSON body of an answer that has this status and, where given, this problem code."""
        assert (self.status, self.code) == (status, code or self.code), f"{self.status}: {self.text[:2000]}"  # noqa: S101 a test helper asserts
        return self.json


class Transport(Protocol):
    """Carries one request."""

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """The answer to the request."""
        ...


def in_process(app: Flask) -> Transport:
    """Requests straight into an application."""

    def carry(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        with app.test_client() as client:
            response = client.open(path, method=method, headers=dict(headers), data=body, buffered=True)
            return Answer(response.status_code, dict(response.headers), response.get_data())

    return carry


def over_http(base_url: str) -> Transport:
    """Requests to a running server."""

    def carry(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        request = urllib.request.Request(  # noqa: S310 the address is the test's own
            base_url.rstrip("/") + path, data=body, headers=dict(headers), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 as above
                return Answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    return carry


@dataclass
class ApiClient:
    """A caller of one service.

    Paths are relative to /api/v1 unless they begin with it or name a page outside of it (``/health/live``). A POST
    without ``idempotency_key`` gets a fresh one. A change below a resource whose ETag was seen gets its If-Match; pass
    ``if_match`` to send another, or ``if_match=None`` to send none.
    """

    transport: Transport
    service: str
    key: SigningKey
    issuer: str = TEST_ISSUER
    clock: Clock | None = None
    token: str | None = None
    language: str = "en"
    etags: dict[str, str] = field(default_factory=dict)

    def as_user(
        self,
        subject: str,
        *roles: str,
        name: str = "",
        organisation_id: str | None = None,
        agent: bool = False,
        ttl_s: int = 3600,
    ) -> "ApiClient":
        """The same client with a token for this person; ETags seen are shared."""
        token = mint(
            self.key,
            issuer=self.issuer,
            audience=[audience_of(service) for service in {*SERVICES, self.service}],
            subject=subject,
            roles=roles,
            name=name,
            organisation_id=organisation_id,
            agent=agent,
            ttl_s=ttl_s,
            clock=self.clock,
        )
        return self._with(token)

    def anonymous(self) -> "ApiClient":
        """The same client without a token."""
        return self._with(None)

    def _with(self, token: str | None) -> "ApiClient":
        return ApiClient(
            self.transport, self.service, self.key, self.issuer, self.clock, token, self.language, self.etags
        )

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, **query: Any) -> Answer:
        """GET; keyword arguments are query parameters."""
        text = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        return self.send("GET", f"{path}?{text}" if text else path, headers=headers)

    def post(
        self,
        path: str,
        json: Any = None,
        *,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = "",
        if_match: int | str | None = "",
    ) -> Answer:
        """POST JSON, or a form with files ``{field: (file name, bytes, content type)}``."""
        return self.send(
            "POST",
            path,
            json=json,
            files=files,
            form=form,
            headers=headers,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = "",
        if_match: int | str | None = "",
    ) -> Answer:
        """Any request; see the class for what is added to it."""
        full = _full(path)
        sent = {"Accept-Language": self.language}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        body = None
        if files is not None:
            body, sent["Content-Type"] = multipart(files, form or {})
        elif json is not None:
            body, sent["Content-Type"] = _dumps(json), "application/json"
        if method != "GET":
            if idempotency_key is not None:
                sent["Idempotency-Key"] = idempotency_key or new_id()
            tag = self._tag_for(full) if if_match == "" else if_match
            if tag is not None:
                sent["If-Match"] = f'"{tag}"' if isinstance(tag, int) else tag
        answer = self.transport(method, full, {**sent, **(headers or {})}, body)
        self._remember(full, answer)
        return answer

    def _tag_for(self, path: str) -> str | None:
        """The tag of the nearest resource above the path whose tag was seen."""
        parts = path.partition("?")[0].split("/")
        above = ("/".join(parts[:n]) for n in range(len(parts), 0, -1))
        return next((self.etags[p] for p in above if p in self.etags), None)

    def _remember(self, path: str, answer: Answer) -> None:
        """A tag belongs to the resource that the path names: up to its last identifier, or the one just created."""
        if answer.etag is None or answer.status >= 400:  # noqa: PLR2004 an error has no version
            return
        parts = path.partition("?")[0].split("/")
        last = max((i for i, part in enumerate(parts) if _looks_like_id(part)), default=None)
        if last is not None:
            self.etags["/".join(parts[: last + 1])] = answer.etag
            return
        body = answer.json
        created = _created_id(body, parts[-1]) if isinstance(body, dict) else None
        if created:
            self.etags["/".join([*parts, created])] = answer.etag


def api_client(app: Flask, *, clock: Clock | None = None, service: str | None = None) -> ApiClient:
    """A client of an application in this process, whose settings come from :func:`token_settings`."""
    return ApiClient(in_process(app), service or app.name, test_key(), clock=clock)


def _full(path: str) -> str:
    outside = ("/api/", "/health/", "/metrics", "/openapi.json", "/docs", "/static/")
    return path if path.startswith(outside) else API_PREFIX + path


def _looks_like_id(part: str) -> bool:
    return len(part) == 26 and part.isalnum() and part.upper() == part  # noqa: PLR2004 a ULID


def _created_id(body: Mapping[str, Any], collection: str) -> str | None:
    singular = collection.rstrip("s").replace("-", "_")
    candidates = ("id", f"{singular}_id", *(name for name in body if name.endswith("_id")))
    return next((str(body[name]) for name in candidates if isinstance(body.get(name), str)), None)


def _dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode()


def multipart(files: Mapping[str, tuple[str, bytes, str]], form: Mapping[str, Any]) -> tuple[bytes, str]:
    """A multipart body and its content type; form values that are no text are sent as JSON."""
    boundary = new_id()
    parts: list[bytes] = []
    for name, value in form.items():
        text = value if isinstance(value, str) else _dumps(value).decode()
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode())
    for name, (file_name, content, content_type) in files.items():
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
            f"Content-Type: {content_type}\r\n\r\n"
        )
        parts.append(head.encode() + content + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"
