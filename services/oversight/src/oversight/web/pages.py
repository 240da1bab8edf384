"""``/report`` and ``/follow``. Nothing is kept in the browser: no cookie, no cache, no script."""

import hashlib
import secrets
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from gongzheng.errors import TooManyRequests
from gongzheng.http import idempotent, public, service_now, unit_of_work
from oversight.domain.errors import TrackingCodeUnknown
from oversight.domain.rulebook import progress_texts
from oversight.domain.tracking import grouped
from oversight.handlers.follow_complaint import follow_complaint
from oversight.handlers.receive_complaint import receive_complaint
from oversight.web.forms import LENGTHS, read_report

# Shared with the API's own routes, so that the page is no way round their limits.
FILE_PER_HOUR = 30
FOLLOW_PER_MINUTE = 10
_ONCE_BYTES = 24

pages = Blueprint(
    "pages", __name__, static_folder="static", static_url_path="/static/oversight", template_folder="templates"
)


@pages.before_request
def form_as_its_own_key() -> None:
    """Let what was sent, with the form's hidden random field in it, be its Idempotency-Key.

    A double click then files one report; a form that was corrected and sent again is another one.
    """
    if request.method == "POST":
        sent = request.get_data(cache=True)  # before the form is parsed, which would leave nothing to read
        request.environ["HTTP_IDEMPOTENCY_KEY"] = hashlib.sha256(sent).hexdigest()


@pages.after_request
def keep_nothing(response: Response) -> Response:
    """What somebody reports, and their code, stay in no cache."""
    if request.endpoint != "pages.static":
        response.headers["Cache-Control"] = "no-store"
    return response


@pages.errorhandler(TooManyRequests)
def too_many(error: TooManyRequests) -> Response:
    """Say in words that somebody must wait."""
    response = make_response(render_template("oversight/wait.html", seconds=error.retry_after_s), error.status)
    response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _form(**shown: Any) -> str:
    empty: dict[str, Any] = {"values": {}, "errors": {}, "lengths": LENGTHS, "once": secrets.token_hex(_ONCE_BYTES)}
    return render_template("oversight/report.html", **(empty | shown))


@pages.get("/report")
@public()
def report() -> str:
    """The form for a complaint or report."""
    return _form()


@pages.post("/report")
@public(throttle="complaint-file", limit=FILE_PER_HOUR, per_s=3600)
@idempotent
def file_report() -> Response:
    """Take the form in and show the tracking code, once."""
    read, errors = read_report(request.form, service_now())
    if read is None:
        return make_response(_form(values=request.form, errors=errors), 422)
    received = receive_complaint(unit_of_work(), read)
    shown = render_template("oversight/received.html", code=grouped(received.tracking_code))
    return make_response(shown, 201)


@pages.get("/follow")
@public()
def follow() -> str:
    """The field for the tracking code."""
    return render_template("oversight/follow.html", progress=None, unknown=False)


@pages.post("/follow")
@public(throttle="complaint-follow", limit=FOLLOW_PER_MINUTE, per_s=60)
def show_progress() -> Response:
    """How far the report of a code has come."""
    try:
        progress = follow_complaint(unit_of_work(), request.form.get("code", "")[:64])
    except TrackingCodeUnknown as unknown:
        return make_response(render_template("oversight/follow.html", progress=None, unknown=True), unknown.status)
    return make_response(
        render_template("oversight/follow.html", progress=progress, unknown=False, words=progress_texts())
    )
