"""Templates: the texts in use, with a preview filled from the event's example."""

from typing import Any

from flask.views import MethodView

from gongzheng.contracts import registry
from gongzheng.http import Blueprint, refuses, requires, unit_of_work
from notifications.api.schemas import TemplateDetailOut, TemplateList
from notifications.domain.errors import TemplateNotFound
from notifications.domain.template import Template

READS = ("notifications.author", "notifications.operator", "auditor")

templates = Blueprint("templates", __name__, url_prefix="/templates", description="Texts of messages, by version.")


def _shown(template: Template) -> dict[str, Any]:
    names = ("name", "version", "channel", "event", "title_zh", "title_en", "recipient", "legal_notice", "law")
    return {name: getattr(template, name) for name in names} | {"placeholders": sorted(template.placeholders)}


def _text(template: Template, language: str) -> dict[str, Any]:
    text = template.texts[language]
    shown: dict[str, Any] = {"subject": text.subject, "body": text.body, "preview_subject": None, "preview_body": None}
    if template.event is not None and template.event in registry():
        filled = template.render(template.facts(registry().example(template.event)), language)
        shown |= {"preview_subject": filled.subject, "preview_body": filled.body}
    return shown


@templates.route("")
class AllTemplates(MethodView):
    """All templates."""

    @requires(*READS)
    @templates.response(200, TemplateList)
    def get(self) -> Any:
        """List the newest version of each template."""
        return {"items": [_shown(template) for template in unit_of_work().templates.newest()]}


@templates.route("/<string:name>/<int:version>")
class OneTemplate(MethodView):
    """One template."""

    @requires(*READS)
    @refuses(TemplateNotFound)
    @templates.response(200, TemplateDetailOut)
    def get(self, name: str, version: int) -> Any:
        """Read a template in both languages, with a preview of each."""
        template = unit_of_work().templates.get(name, version)
        return _shown(template) | {"zh": _text(template, "zh"), "en": _text(template, "en")}
