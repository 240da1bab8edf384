"""The home page of the one-process mode: what the suite is, how it is, who to log in as, and the case as it happens."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, abort, jsonify, render_template, request, send_from_directory

from gongzheng.ui.texts import COOKIE, LANGUAGES, language
from gongzheng_embedded.issuer import LIFETIME, TokenIssuer
from gongzheng_embedded.live import server_sent
from gongzheng_embedded.people import Person
from gongzheng_embedded.sentences import stages
from gongzheng_embedded.stage import Stage

SERVICE_CARDS: tuple[dict[str, Any], ...] = (
    {
        "name": "cases",
        "zh": "案件",
        "en": "Cases",
        "duty": {
            "zh": "立案、调查、审核、告知、决定、送达、归档",
            "en": "From a lead to a decision and an archived dossier",
        },
    },
    {
        "name": "fees",
        "zh": "罚缴",
        "en": "Fees",
        "duty": {
            "zh": "罚缴分离：只因送达的决定而应缴，复式记账",
            "en": "Collects what was decided elsewhere; double entry, receipts",
        },
    },
    {
        "name": "oversight",
        "zh": "监督",
        "en": "Oversight",
        "duty": {
            "zh": "公众举报、重大决定报备、不作为事项",
            "en": "Citizens' reports, major decisions, duties not done",
        },
    },
    {
        "name": "notifications",
        "zh": "通知",
        "en": "Notifications",
        "duty": {
            "zh": "告知当事人，并向其他系统推送签名事件",
            "en": "Tells the party, and other systems by signed webhook",
        },
    },
)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
CAST = (
    "demo-intake",
    "demo-investigator-1",
    "demo-investigator-2",
    "demo-reviewer",
    "demo-decider",
    "demo-clerk",
    "demo-accountant",
    "demo-oversight",
)
BODY_BYTES_MAX = 4096  # a token request names one person


def home_app(
    *,
    stage: Stage,
    issuer: TokenIssuer | None,
    people: Sequence[Person],
    mailbox: Callable[[], Sequence[Mapping[str, Any]]],
) -> Flask:
    """The pages at ``/``.

    Without an ``issuer`` another provider's tokens are used, and others than this machine may look: then there are no
    logins, and neither the events nor the party's mail are shown to whoever comes by.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    by_subject = {person.subject: person for person in people} if issuer else {}

    @app.get("/")
    def home() -> Response:
        """The page."""
        return _page("home.html", stages=stages(), services=SERVICE_CARDS, people=_grouped(by_subject))

    @app.get("/assets/<path:name>")
    def assets(name: str) -> Response:
        """The page's own files; nothing comes from another site."""
        return send_from_directory("static", name, max_age=0)

    @app.after_request
    def harden(answer: Response) -> Response:
        """Headers of every answer."""
        answer.headers.setdefault("Content-Security-Policy", POLICY)
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "no-referrer")
        return answer

    if issuer is not None:
        app.register_blueprint(_for_this_machine_only(stage, issuer, by_subject, mailbox))
    return app


def _for_this_machine_only(
    stage: Stage, issuer: TokenIssuer, people: Mapping[str, Person], mailbox: Callable[[], Sequence[Mapping[str, Any]]]
) -> Blueprint:
    """Events, mail and tokens: whoever can reach these pages needs no password."""
    pages = Blueprint("local", __name__)

    @pages.get("/live")
    def live() -> Response:
        """Everything that happens, as server-sent events; ``Last-Event-ID`` resumes."""
        stream = server_sent(stage.live, request.headers.get("Last-Event-ID", ""))
        answer = Response(stream, mimetype="text/event-stream")
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"  # a proxy in front must not collect the stream
        return answer

    @pages.post("/tokens")
    def tokens() -> Response:
        """An access token for a demonstration person."""
        body = request.get_json(silent=True)
        person = people.get(str(body.get("subject"))) if isinstance(body, dict) else None
        if person is None:
            abort(404)
        answer = jsonify(
            access_token=issuer.mint(person),
            token_type="Bearer",  # noqa: S106 the name of the scheme (RFC 6750)
            expires_in=int(LIFETIME.total_seconds()),
            name={"zh": person.name_zh, "en": person.name_en},
            services=person.services,
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @pages.get("/.well-known/jwks.json")
    def jwks() -> Response:
        """The keys that check this issuer's tokens."""
        return Response(issuer.jwks(), mimetype="application/json")

    @pages.get("/mailbox")
    def mail() -> Response:
        """The e-mails that were sent to the party, as text."""
        return _page("mailbox.html", messages=mailbox())

    return pages


def _page(template: str, **values: Any) -> Response:
    lang = language()
    text = render_template(template, lang=lang, t=_chooser(lang), asset=_asset, texts=_texts(lang), **values)
    return _with_language(Response(text, mimetype="text/html"), lang)


def _grouped(people: Mapping[str, Person]) -> dict[str, list[Person]]:
    """Those who act in the story, in its order, and the others; {} where there are no logins."""
    if not people:
        return {}
    others = [person for subject, person in people.items() if subject not in CAST]
    return {"cast": [people[subject] for subject in CAST], "others": others}


def _asset(name: str) -> str:
    return f"/assets/{name}"


def _chooser(lang: str) -> Callable[[str, str], str]:
    return (lambda zh, _: zh) if lang == "zh" else (lambda _, en: en)


def _with_language(answer: Response, lang: str) -> Response:
    if request.args.get("lang") in LANGUAGES:
        answer.set_cookie(COOKIE, lang, samesite="Lax", httponly=True)
    answer.headers["Vary"] = "Cookie, Accept-Language"
    answer.headers["Content-Language"] = "zh-CN" if lang == "zh" else "en"
    return answer


def _texts(lang: str) -> dict[str, Any]:
    t = _chooser(lang)
    return {
        "lang": lang,
        "services": {card["name"]: card[lang] for card in SERVICE_CARDS},
        "up": t("运行正常", "up and ready"),
        "down": t("没有应答", "not answering"),
        "copied": t("已复制。", "Copied."),
        "selected": t("已选中，请按 Ctrl+C。", "Selected: press Ctrl+C."),
        "confidential": t("内容保密，此处不显示。", "Confidential: not shown here."),
        "reconnecting": t("连接中断，正在重连……", "Connection lost, trying again…"),
    }
