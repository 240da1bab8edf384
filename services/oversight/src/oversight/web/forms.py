"""Reads the form of the page: what is wrong is said beside its field."""

from collections.abc import Mapping
from datetime import date, datetime

from gongzheng.clock import legal_date
from gongzheng.ui.texts import language
from oversight.domain.complaint import Kind
from oversight.domain.screening import Reporter
from oversight.handlers.receive_complaint import Report

LENGTHS = {"text": 8_000, "about": 500, "place": 500, "name": 100, "phone": 40, "email": 200}


def read_report(form: Mapping[str, str], now: datetime) -> tuple[Report | None, dict[str, str]]:
    """The report in the form, or None and, by field, the key of the text that says what is wrong."""
    values = {name: form.get(name, "").replace("\0", "").strip() for name in (*LENGTHS, "kind", "occurred_on")}
    errors = {name: "error_too_long" for name, most in LENGTHS.items() if len(values[name]) > most}
    if not values["text"]:
        errors["text"] = "error_required"
    if values["kind"] not in list(Kind):
        errors["kind"] = "error_choose"
    if values["email"] and ("@" not in values["email"].strip("@") or " " in values["email"]):
        errors["email"] = "error_email"
    occurred_on, wrong_date = _date(values["occurred_on"], legal_date(now))
    if wrong_date:
        errors["occurred_on"] = wrong_date
    if errors:
        return None, errors
    report = Report(
        kind=Kind(values["kind"]),
        text=values["text"],
        about=values["about"],
        place=values["place"],
        occurred_on=occurred_on,
        language=language(),
        reporter=Reporter(name=values["name"], phone=values["phone"], email=values["email"]),
    )
    return report, {}


def _date(text: str, today: date) -> tuple[date | None, str]:
    if not text:
        return None, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, "error_date"
    return (day, "") if day <= today else (None, "error_future")
