"""Headers that tell browsers what an answer may do: nothing, unless it is a page of ours."""

from flask import Response, request

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
_HSTS_S = 31_536_000


_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_PAGE = {"Content-Security-Policy": PAGE_POLICY, **_ALWAYS}
# Answers are about cases and people; no cache between us and the caller may keep them.
_API = {"Content-Security-Policy": API_POLICY, **_ALWAYS, "Cache-Control": "no-store"}
_TRANSPORT = {"Strict-Transport-Security": f"max-age={_HSTS_S}"}


def secure(response: Response) -> Response:
    """Set the security headers that the view did not set itself."""
    page = response.mimetype in ("text/html", "text/css", "text/javascript", "image/svg+xml")
    defaults = (_PAGE if page else _API) | (_TRANSPORT if request.is_secure else {})
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend({name: value for name, value in defaults.items() if name.lower() not in present})
    return response
