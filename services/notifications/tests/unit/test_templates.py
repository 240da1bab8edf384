"""Templates: what a text may hold, how values are written, and what stops a faulty one."""

from typing import Any

import pytest

from gongzheng.contracts import registry
from notifications.adapters.data_files import load_templates
from notifications.domain.errors import TemplateFault
from notifications.domain.template import parse

pytestmark = pytest.mark.req("N-01")

GOOD: dict[str, Any] = {
    "name": "greeting",
    "version": 1,
    "channel": "email",
    "event": None,
    "title_zh": "问候",
    "title_en": "Greeting",
    "recipient": "party",
    "legal_notice": False,
    "urgency": "normal",
    "placeholders": {
        "name": {"kind": "text", "from": "party.name"},
        "sum": {"kind": "fen", "from": "sum_fen", "currency_from": "currency", "optional": True},
        "due": {"kind": "date", "from": "due_on", "optional": True},
        "code": {"kind": "code", "from": "code"},
        "outcome": {"kind": "choice", "from": "outcome", "choices": {"yes": {"zh": "是", "en": "yes"}}},
        "late": {"kind": "flag", "from": "late", "optional": True},
    },
    "zh": {
        "subject": "((name))",
        "body": "((code)) ((outcome))\n((sum?))应缴((sum))\n((due?))((due))前\n((late?))已逾期",
    },
    "en": {
        "subject": "((name))",
        "body": "((code)) ((outcome))\n((sum?))Pay ((sum))\n((due?))by ((due))\n((late?))late",
    },
}
DATA: dict[str, Any] = {
    "party": {"name": "张三"},
    "sum_fen": 123456789,
    "currency": "CNY",
    "due_on": "2026-11-03",
    "code": "12345678",
    "outcome": "yes",
    "late": True,
}


def changed(**parts: Any) -> dict[str, Any]:
    """The good template with other parts."""
    return GOOD | parts


def test_values_are_written_as_each_language_writes_them() -> None:
    """Money, dates and codes follow the language; a code is grouped in fours."""
    template = parse(GOOD)
    facts = template.facts(DATA)
    assert template.render(facts, "zh").body == "1234 5678 是\n应缴1,234,567.89元\n2026年11月3日前\n已逾期\n"
    assert template.render(facts, "en").body == "1234 5678 yes\nPay CNY 1,234,567.89\nby 3 November 2026\nlate\n"


def test_both_languages_stand_in_one_message_when_the_language_is_unknown() -> None:
    """Chinese first, then English, and both in the subject."""
    template = parse(GOOD)
    text = template.render(template.facts(DATA), "both")
    assert text.subject == "张三 / 张三"
    assert text.body.index("应缴") < text.body.index("Pay")


@pytest.mark.parametrize("absent", [{"sum_fen": 0}, {"sum_fen": None}, {"due_on": None}, {"late": False}])
def test_a_conditional_line_falls_away_with_its_value(absent: dict[str, Any]) -> None:
    """Nothing, zero and false take their line with them and leave no hole."""
    template = parse(GOOD)
    body = template.render(template.facts(DATA | absent), "zh").body
    assert len(body.splitlines()) == 3
    assert "((" not in body


def test_a_value_cannot_bring_line_breaks_or_placeholders_of_its_own() -> None:
    """Whatever a party is called, the message keeps its shape: one line, and no second reading."""
    template = parse(GOOD)
    facts = template.facts(DATA | {"party": {"name": "A\r\nBcc: x@example.cn\u2028((code))"}})
    subject = template.render(facts, "zh").subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert subject.endswith("((code))")


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        ({"code": None}, "code", "missing"),
        ({"sum_fen": "12"}, "sum", "not fen"),
        ({"sum_fen": True}, "sum", "not fen"),
        ({"due_on": "3.11.2026"}, "due", "not a date"),
        ({"outcome": "maybe"}, "outcome", "not one of the choices"),
        ({"late": "yes"}, "late", "not flag"),
    ],
)
def test_facts_that_do_not_fill_the_text_are_refused_by_name(data: dict[str, Any], name: str, why: str) -> None:
    """A message with a hole or a wrong value is not made at all."""
    with pytest.raises(TemplateFault) as refused:
        parse(GOOD).facts(DATA | data)
    assert refused.value.errors == {name: [why]}


@pytest.mark.parametrize(
    ("parts", "where"),
    [
        ({"zh": {"subject": "x", "body": "((nobody))"}}, "nobody"),
        ({"en": {"subject": "two\nlines", "body": "x"}}, "en"),
        ({"zh": {"subject": "((name))", "body": "((code)) ((outcome)) ((sum))"}}, "sum"),
        ({"placeholders": GOOD["placeholders"] | {"extra": {"kind": "text", "from": "x"}}}, "extra"),
        (
            {
                "placeholders": GOOD["placeholders"]
                | {"outcome": {"kind": "choice", "from": "o", "choices": {"a": {"zh": "是"}}}}
            },
            "outcome",
        ),
    ],
)
def test_a_template_whose_parts_do_not_fit_is_refused_by_name(parts: dict[str, Any], where: str) -> None:
    """Undeclared, unused and unguarded placeholders, missing languages, a subject of two lines."""
    with pytest.raises(TemplateFault) as refused:
        parse(changed(**parts))
    assert where in refused.value.errors


@pytest.mark.parametrize("missing", ["en", "name", "recipient", "placeholders"])
def test_a_template_without_one_of_its_parts_is_refused(missing: str) -> None:
    """Both languages and every attribute are needed."""
    with pytest.raises(TemplateFault):
        parse({key: value for key, value in GOOD.items() if key != missing})


def test_a_choice_of_recipient_that_nobody_knows_is_refused() -> None:
    """Only the recipients that the service can find."""
    with pytest.raises(TemplateFault):
        parse(changed(recipient="everybody"))


SHIPPED = load_templates().newest()


@pytest.mark.parametrize("template", SHIPPED, ids=lambda template: template.name)
def test_a_shipped_template_reads_only_what_its_event_promises(template: Any) -> None:
    """Each path exists in the contract, what is not optional is required there, and the example fills the text."""
    contract = registry()[template.event]
    for placeholder in template.placeholders.values():
        for path in placeholder.paths:
            schema: dict[str, Any] = contract.schema
            for part in path.split("."):
                assert part in schema["properties"], f"{template.name}: {path}"
                nullable = "null" in schema["properties"][part].get("type", ())
                required = part in schema["required"] and not nullable
                assert required or placeholder.optional or template.only_when or path in template.only_with, path
                schema = schema["properties"][part]
    facts = template.facts(registry().example(template.event))
    for language in ("zh", "en", "both"):
        text = template.render(facts, language)
        assert text.subject
        assert "((" not in text.subject + text.body


def test_every_choice_of_a_shipped_contract_has_words() -> None:
    """An outcome that the contract allows must not park an event for want of a word."""
    for template in SHIPPED:
        properties = registry()[template.event or ""].schema["properties"]
        for placeholder in template.placeholders.values():
            allowed = properties.get(placeholder.source, {}).get("enum") if placeholder.choices else None
            assert allowed is None or set(allowed) <= set(placeholder.choices), template.name


def test_the_newest_version_is_the_one_in_use() -> None:
    """Older versions stay readable for the messages that were made from them."""
    from notifications.adapters.data_files import Templates  # noqa: PLC0415 kept beside its one use

    first, second = parse(GOOD), parse(changed(version=2))
    shelf = Templates([second, first])
    assert shelf.newest() == [second]
    assert shelf.get("greeting", 1) is first
