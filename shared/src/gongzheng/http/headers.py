"""Headers that tell browsers what an answer may do: nothing, unless it is a page of ours."""

from flask import Response, request

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
_HSTS_S = 31_536_000


def secure(response: Response) -> Response:
    """Set the security headers that the view did not set itself."""
    page = response.mimetype in ("text/html", "text/css", "text/javascript", "image/svg+xml")
    defaults = {
        "Content-Security-Policy": PAGE_POLICY if page else API_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if not page:
        # Answers are about cases and people; no cache between us and the caller may keep them.
        defaults["Cache-Control"] = "no-store"
    if request.is_secure:
        defaults["Strict-Transport-Security"] = f"max-age={_HSTS_S}"
    for name, value in defaults.items():
        response.headers.setdefault(name, value)
    return response
