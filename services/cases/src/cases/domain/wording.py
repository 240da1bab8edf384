"""What the documents say, in Chinese: the data that templates are given. Texts of the law's own forms (APL 44, 59)."""

from datetime import date
from typing import Any

from cases.domain.case import Case
from cases.domain.records import Decision, Evidence, Notice
from cases.domain.register import Matter, Organisation
from cases.domain.rules import rule_file
from cases.domain.sanction import Sanction
from cases.domain.values import HeardKind, Outcome, Procedure, SanctionKind
from gongzheng.legaltime import expand
from gongzheng.money import format_minor, yuan_in_words

TITLES = {
    Outcome.PENALTY: "行政处罚决定书",
    Outcome.NO_PENALTY: "不予行政处罚决定书",
    Outcome.DISMISSED: "不予行政处罚决定书",
    Outcome.TRANSFERRED: "案件移送函",
}
ON_THE_SPOT_TITLE = "当场行政处罚决定书"
NOTICE_TITLE = "行政处罚事先告知书"
_KINDS = {
    SanctionKind.WARNING: "警告",
    SanctionKind.CIRCULAR_CRITICISM: "通报批评",
    SanctionKind.SUSPEND_BUSINESS: "责令停产停业",
    SanctionKind.REVOKE_LICENCE: "吊销许可证件",
}


def day_zh(day: date) -> str:
    """A date as documents write it: 2026年9月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def money_zh(fen: int) -> str:
    """An amount in figures and in capital numerals."""
    return f"{format_minor(fen)}元（{yuan_in_words(fen)}）"


def laws_zh(refs: tuple[str, ...]) -> str:
    """Citations in words."""
    return "、".join(str(expand(ref)["text_zh"]) for ref in refs)


def sanction_zh(sanction: Sanction) -> list[str]:
    """The sanction, item by item."""
    items = ["责令改正违法行为"] if sanction.order_to_correct else []
    items += [_KINDS[kind] for kind in sanction.kinds if kind in _KINDS]
    if sanction.fine_fen:
        items.append(f"罚款{money_zh(sanction.fine_fen)}")
    if sanction.confiscation_fen:
        items.append(f"没收违法所得{money_zh(sanction.confiscation_fen)}")
    if SanctionKind.CONFISCATE_GOODS in sanction.kinds:
        items.append(f"没收物品：{sanction.confiscated_goods or '见清单'}")
    if sanction.mitigation:
        items.append(f"减轻处罚的情形：{sanction.mitigation}")
    return items


def notice_data(case: Case, notice: Notice, organisation: Organisation, matter: Matter) -> dict[str, Any]:
    """The prior notice: content, facts, reasons, basis and rights (APL 44, 63)."""
    rights = [
        "依据《中华人民共和国行政处罚法》第四十四条、第四十五条，你（单位）有权陈述和申辩。",
        "自收到本告知书之日起五个工作日内未陈述、申辩的，视为未行使该项权利；本机关不因陈述、申辩而给予更重的处罚。",
    ]
    if notice.hearing_law:
        rights.append("依据《中华人民共和国行政处罚法》第六十三条、第六十四条，你（单位）可以在五个工作日内要求听证。")
    return {
        "title": NOTICE_TITLE,
        "number": notice.document_number,
        "organisation": organisation.name_zh,
        "date": day_zh(notice.issued_on),
        "party": case.party.name if case.party is not None else "",
        "opening": f"本机关对你（单位）涉嫌“{matter.title_zh}”一案（{case.case_number}）调查终结，"
        "拟作出行政处罚。现告知如下：",
        "facts": notice.facts,
        "reasons": notice.reasons,
        "basis": laws_zh(notice.basis),
        "sanction": sanction_zh(notice.sanction),
        "rights": rights,
    }


def decision_data(case: Case, decision: Decision, organisation: Organisation) -> dict[str, Any]:
    """The decision with everything that APL 59 asks for."""
    party = case.party
    return {
        "title": ON_THE_SPOT_TITLE if case.procedure is Procedure.SIMPLE else TITLES[decision.outcome],
        "number": decision.document_number,
        "organisation": organisation.name_zh,
        "date": day_zh(decision.done_on),
        "party": party.name if party is not None else "",
        "party_line": "，".join(line for line in (party.name, party.id_number, party.address) if line) if party else "",
        "facts": decision.facts,
        "evidence": [_evidence_zh(piece) for piece in case.evidence if piece.counts],
        "defence": _defence_zh(case, decision),
        "reasons": decision.reasons,
        "basis": laws_zh(decision.basis),
        "decision": _decided_zh(decision),
        "performance": _performance_zh(decision),
        "remedies": _remedies_zh(decision),
    }


def _evidence_zh(piece: Evidence) -> str:
    kinds = {entry["name"]: entry["zh"] for entry in rule_file("evidence")["kind"]}
    return f"{kinds[piece.kind.value]}：{piece.title}（{day_zh(piece.done_on)}，{piece.place}）"


def _defence_zh(case: Case, decision: Decision) -> str:
    if case.procedure is Procedure.SIMPLE:
        said = decision.defence_opinion or "当事人未提出陈述、申辩。"
        return f"当场出示执法证件并告知拟处罚的内容及事实、理由、依据和陈述、申辩的权利。{said}"
    answers = case.heard_on_current_notice()
    if not answers or case.notice is None:
        return decision.without_statement
    texts = {
        HeardKind.STATEMENT: "当事人进行了陈述、申辩。",
        HeardKind.WAIVER: "当事人明确放弃陈述、申辩。",
        HeardKind.SILENCE: "当事人在规定期限内未陈述、申辩。",
    }
    said = "".join(texts[kind] for kind in dict.fromkeys(answer.kind for answer in answers))
    return f"本机关送达{case.notice.document_number}后，{said}{decision.defence_opinion}{decision.without_statement}"


def _decided_zh(decision: Decision) -> list[str]:
    if decision.outcome is Outcome.PENALTY:
        return sanction_zh(decision.sanction)
    return {
        Outcome.NO_PENALTY: ["违法行为轻微或者具有依法不予处罚的情形，决定不予行政处罚。"],
        Outcome.DISMISSED: ["违法事实不能成立，决定不予行政处罚。"],
        Outcome.TRANSFERRED: ["涉嫌犯罪，移送司法机关依法处理。"],
    }[decision.outcome]


def _performance_zh(decision: Decision) -> str:
    if decision.sanction.money_fen == 0:
        return ""
    surcharge = (
        "逾期不缴纳的，每日按罚款数额的百分之三加处罚款，加处罚款的数额不超过罚款的数额。"
        if decision.surcharge_applies
        else ""
    )
    where = f"到{decision.collector}" if decision.collector else "到本机关指定的代收银行或者通过电子支付系统"
    return f"自收到本决定书之日起十五日内{where}缴纳。{surcharge}作出决定的机关不自行收缴。"


def _remedies_zh(decision: Decision) -> str:
    if decision.outcome is Outcome.TRANSFERRED:
        return ""
    remedies = decision.remedies
    if remedies.reconsideration_first:
        return (
            f"不服本决定的，应当自收到本决定书之日起六十日内先向{remedies.reconsideration_body}申请行政复议"
            f"（依据{laws_zh((remedies.reconsideration_first,))}）；对行政复议决定不服的，"
            f"可以自收到行政复议决定书之日起十五日内向{remedies.court}提起行政诉讼。"
        )
    return (
        f"不服本决定的，可以自收到本决定书之日起六十日内向{remedies.reconsideration_body}申请行政复议，"
        f"或者在六个月内向{remedies.court}提起行政诉讼。"
    )
