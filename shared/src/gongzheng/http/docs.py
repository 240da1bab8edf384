"""``/openapi.json`` and the human page ``/docs``, which need no internet and no script from elsewhere."""

import json
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from gongzheng.http.access import public
from gongzheng.http.context import Frame
from gongzheng.http.problems import HTTP_PROBLEMS
from gongzheng.ui.api_page import groups_of
from gongzheng.ui.texts import Texts, language

KEPT_MAX = 8


def _titles() -> dict[str, str]:
    """What each status means, in the reader's language."""
    zh = language() == "zh"
    return {str(status): entry[1] if zh else entry[2] for status, entry in HTTP_PROBLEMS.items()}


def docs_blueprint(api: Any, frame: Frame) -> Blueprint:
    """The routes ``/openapi.json``, ``/docs`` and the files of the shared look below ``/static/gongzheng``."""
    blueprint = Blueprint(
        "docs",
        "gongzheng.ui",
        static_folder="static",
        static_url_path="/static/gongzheng",
        template_folder="templates",
    )

    # The document does not change while the process runs; only the prefix and the language of the asker differ.
    @lru_cache(maxsize=KEPT_MAX)
    def document_text(base: str) -> str:
        document = {**api.spec.to_dict(), "servers": [{"url": base or "/"}]}
        return json.dumps(document, ensure_ascii=False, indent=1)

    @lru_cache(maxsize=KEPT_MAX)
    def page_text(base: str, _language: str) -> str:
        document = api.spec.to_dict()
        return render_template(
            "gongzheng/docs.html",
            service=frame.service,
            base=base,
            groups=groups_of(document),
            problems=document["x-problems"],
            titles=_titles(),
        )

    @blueprint.route("/openapi.json")
    @public()
    def openapi() -> Response:
        """The OpenAPI 3.1 document, with the address under which it was asked for."""
        return Response(document_text(request.script_root), mimetype="application/json")

    @blueprint.route("/docs")
    @public()
    def docs() -> str:
        """The API page for people."""
        return page_text(request.script_root, language())

    @blueprint.app_context_processor
    def shared() -> dict[str, Any]:
        texts: Texts = current_app.extensions["gongzheng-texts"]
        return {"t": texts, "language": language(), "html_lang": "zh-CN" if language() == "zh" else "en"}

    return blueprint
