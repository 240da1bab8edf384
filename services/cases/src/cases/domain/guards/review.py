"""Guards on legal review, collective discussion, and deciding without the party's word (APL 46, 57, 58)."""

from cases.domain import errors
from cases.domain.acts import Decide, Discuss, Examine, ReportInvestigation
from cases.domain.facts import Facts
from cases.domain.guards.people import keep_apart, known_and_not_recused
from cases.domain.review import current_discussion, current_review, grounds_of, party_never_spoke
from cases.domain.rules import rule_file
from cases.domain.values import EvidenceKind

__all__ = [
    "decision_follows_the_discussion",
    "discussed_together_where_required",
    "evidence_stands_without_the_partys_word",
    "return_names_its_reasons",
    "returned_review_is_answered",
    "review_has_passed",
    "those_present_may_decide",
]

HEADS_AT_LEAST = 2
"""The law says together and names no number (APL 57(2)); one head alone is not together."""


def review_has_passed(facts: Facts) -> None:
    """Where the law asks for legal review, the last one of the present report has passed (APL 58)."""
    wanted, review = grounds_of(facts.case), current_review(facts.case)
    if not wanted or (review is not None and review.passed and review.done_on <= facts.day):
        return
    raise errors.ReviewRequired(
        f"应先通过法制审核：{'；'.join(ground.zh for ground in wanted)}。",
        f"Have the legal review pass first: {'; '.join(ground.en for ground in wanted)}.",
        law=tuple(dict.fromkeys(("APL 58(1)", *(ground.law for ground in wanted)))),
    )


def return_names_its_reasons(facts: Facts) -> None:
    """A return says at which points the case fails, so that they can be mended (SAMR-PROC 53, 54)."""
    if not facts.expect(Examine).points:
        raise errors.ReasonsRequired(
            "退回时应指明不符合要求的审核事项。",
            "A return names the points at which the case fails.",
            law=("SAMR-PROC 53", "SAMR-PROC 54"),
            errors={"points": ["at least one is needed"]},
        )


def returned_review_is_answered(facts: Facts) -> None:
    """The report after a return says what was done about each reason (APL 58(1), SAMR-PROC 54)."""
    reviews = facts.case.file.reviews
    if reviews and not reviews[-1].passed and not facts.expect(ReportInvestigation).answer_to_review.strip():
        raise errors.ReasonsRequired(
            "写明对审核退回意见的处理情况。",
            "Say what was done about the reasons for which the review returned the case.",
            law=("APL 58(1)", "SAMR-PROC 54"),
            errors={"answer_to_review": ["is missing"]},
        )


def those_present_may_decide(facts: Facts) -> None:
    """The heads who discuss are officers of the organisation who have not investigated or reviewed (APL 57(2), 58)."""
    known_and_not_recused(facts)
    subjects = {officer.subject for officer in facts.officers}
    if len(subjects) < HEADS_AT_LEAST:
        raise errors.DiscussionRequired(
            "集体讨论应有两名以上负责人参加。",
            "A discussion together takes at least two of the heads.",
            errors={"officer_ids": ["fewer than two"]},
        )
    for subject in sorted(subjects):
        keep_apart(facts, subject, "decider")
    if not facts.expect(Discuss).record.strip():
        raise errors.DiscussionRequired(
            "应有讨论笔录。", "The discussion has a record.", errors={"record": ["is missing"]}
        )


def discussed_together_where_required(facts: Facts) -> None:
    """Complex or major cases are decided by the heads together, after everything the party has said (APL 57(2))."""
    wanted = [ground for ground in grounds_of(facts.case) if ground.collective]
    held = current_discussion(facts.case)
    if wanted and (held is None or held.done_on > facts.day):
        raise errors.DiscussionRequired(
            f"应由负责人集体讨论决定：{'；'.join(ground.zh for ground in wanted)}。",
            f"The heads decide this together: {'; '.join(ground.en for ground in wanted)}.",
            law=tuple(dict.fromkeys(ref for ground in wanted for ref in ground.collective)),
        )


def decision_follows_the_discussion(facts: Facts) -> None:
    """What the heads concluded together is what is decided, by one of those who were there (APL 57(2))."""
    act, held = facts.expect(Decide), current_discussion(facts.case)
    if held is None:
        return
    if facts.actor.subject not in held.subjects:
        raise errors.DiscussionRequired(
            "请由参加集体讨论的负责人签发。", "One of the heads who discussed the case signs the decision."
        )
    if (act.outcome, act.sanction) != (held.outcome, held.sanction):
        raise errors.DiscussionRequired(
            f"决定应与{held.done_on}集体讨论的结论一致。",
            f"The decision is the one concluded together on {held.done_on}.",
            errors={"sanction": ["differs from the discussion"]},
        )


def evidence_stands_without_the_partys_word(facts: Facts) -> None:
    """Against a party that never spoke, several kinds of other evidence and the reason are needed (APL 46)."""
    if not party_never_spoke(facts.case):
        return
    act, rule = facts.expect(Decide), rule_file("evidence")["without_statement"]
    named = facts.case.file.reports[-1].evidence_ids if facts.case.file.reports else ()
    kinds = {
        piece.kind
        for piece in facts.case.evidence
        if piece.counts and piece.evidence_id in named and piece.kind is not EvidenceKind.PARTY_STATEMENT
    }
    wrong: dict[str, list[str]] = {}
    if len(kinds) < rule["kinds_at_least"]:
        wrong["evidence_ids"] = [f"fewer than {rule['kinds_at_least']} kinds of other evidence"]
    if not act.without_statement.strip():
        wrong["without_statement"] = ["say why the party made no statement"]
    if wrong:
        raise errors.EvidenceNotSufficient(
            f"当事人未作任何陈述的，应有{rule['kinds_at_least']}种以上其他证据相互印证，并在决定书中写明原因。",
            f"Without any word of the party it takes {rule['kinds_at_least']} kinds of other evidence,"
            " and the decision says why the party did not speak.",
            law=tuple(rule["law"]),
            errors=wrong,
        )
