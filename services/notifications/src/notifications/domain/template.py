"""Templates: versioned texts in Chinese and English whose placeholders are declared, typed and checked.

A text holds ``((name))`` where a value goes. A line that begins with ``((name?))`` is kept only when that value is
there, and neither false nor zero. Nothing else is interpreted: a template cannot run anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from notifications.domain.contact import BOTH, LANGUAGES
from notifications.domain.errors import TemplateFault
from notifications.domain.placeholders import Kind, Placeholder

_USE = re.compile(r"\(\(([a-z][a-z0-9_]*)\)\)")
_CONDITION = re.compile(r"^\(\(([a-z][a-z0-9_]*)\?\)\)")
RECIPIENTS = ("party", "subscription_owner")
_RULER = "\n\n" + "─" * 24 + "\n\n"


@dataclass(frozen=True, kw_only=True)
class Text:
    """One language of a template: a subject of one line and a body."""

    subject: str
    body: str

    def names(self) -> set[str]:
        """Every placeholder that is used."""
        lines = [*self.body.splitlines(), self.subject]
        conditions = {m[1] for line in lines if (m := _CONDITION.match(line))}
        return conditions | set(_USE.findall(self.subject)) | set(_USE.findall(self.body))


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A finished message text."""

    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Template:
    """One version of one template.

    ``event`` is the type that causes the message, or None when only an API call does. ``recipient`` is ``party`` or
    ``subscription_owner``. ``legal_notice`` marks what is sent whatever the recipient's wishes. ``urgency`` decides
    about quiet hours. ``once_a_day`` lets only the first event of a legal day cause a message to the same recipient.
    ``law`` cites why it is sent.
    """

    name: str
    version: int
    channel: str
    event: str | None
    title_zh: str
    title_en: str
    recipient: str
    legal_notice: bool
    once_a_day: bool
    urgency: str
    law: tuple[str, ...]
    placeholders: Mapping[str, Placeholder]
    texts: Mapping[str, Text]
    only_when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    only_with: tuple[str, ...] = ()

    def applies(self, data: Mapping[str, Any]) -> bool:
        """Whether an event with these data causes the message.

        Each path of ``only_when`` must hold a listed value, and each of ``only_with`` must hold something.
        """
        listed = all(_at(data, path) in allowed for path, allowed in self.only_when.items())
        return listed and all(_at(data, path) is not None for path in self.only_with)

    def facts(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Of the event's data only what the text needs (PIPL 6: no more than the purpose asks for).

        Raises:
            TemplateFault: when a needed value is missing or of the wrong kind.
        """
        facts = {path: _at(data, path) for p in self.placeholders.values() for path in p.paths}
        faults = {p.name: [fault] for p in self.placeholders.values() if (fault := p.fault(facts))}
        if faults:
            raise TemplateFault(f"{self.name} v{self.version}: the facts do not fill the text", errors=faults)
        return facts

    def render(self, facts: Mapping[str, Any], language: str) -> Rendered:
        """The text in one language, or in both, Chinese first, when the recipient's language is not known."""
        if language == BOTH:
            parts = [self.render(facts, each) for each in LANGUAGES]
            return Rendered(
                subject=" / ".join(part.subject for part in parts), body=_RULER.join(part.body for part in parts)
            )
        text = self.texts[language]
        return Rendered(
            subject=self._fill(text.subject, facts, language), body=self._fill(text.body, facts, language) + "\n"
        )

    def _fill(self, text: str, facts: Mapping[str, Any], language: str) -> str:
        lines = []
        for line in text.strip().splitlines():
            condition = _CONDITION.match(line)
            if condition and not self.placeholders[condition[1]].present(facts):
                continue
            kept = line[condition.end() :] if condition else line
            lines.append(_USE.sub(lambda use: self.placeholders[use[1]].write(facts, language), kept))
        return "\n".join(lines)


def _at(data: Mapping[str, Any], path: str) -> Any:
    value: Any = data
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def parse(raw: Mapping[str, Any]) -> Template:
    """Read a template from its data file and hold its parts against each other.

    Raises:
        TemplateFault: naming every undeclared, unused or ill-typed placeholder and every missing language.
    """
    try:
        template = _build(raw)
    except (KeyError, ValueError, TypeError) as error:
        raise TemplateFault(
            f"{raw.get('name', '?')}: the file lacks or misnames a part", errors={str(error): ["missing"]}
        ) from None
    faults = _faults(template)
    if faults:
        raise TemplateFault(f"{template.name} v{template.version}: placeholders do not fit", errors=faults)
    return template


def _build(raw: Mapping[str, Any]) -> Template:
    return Template(
        name=raw["name"],
        version=int(raw["version"]),
        channel=raw["channel"],
        event=raw.get("event"),
        title_zh=raw["title_zh"],
        title_en=raw["title_en"],
        recipient=_one_of(raw["recipient"], RECIPIENTS),
        legal_notice=bool(raw["legal_notice"]),
        once_a_day=bool(raw.get("once_a_day", False)),
        urgency=raw["urgency"],
        law=tuple(raw.get("law", ())),
        placeholders={name: _placeholder(name, spec) for name, spec in raw["placeholders"].items()},
        texts={lang: Text(subject=raw[lang]["subject"], body=raw[lang]["body"]) for lang in LANGUAGES if lang in raw},
        only_when={path: tuple(values) for path, values in raw.get("only_when", {}).items()},
        only_with=tuple(raw.get("only_with", ())),
    )


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{value} is none of {', '.join(allowed)}")
    return value


def _placeholder(name: str, spec: Mapping[str, Any]) -> Placeholder:
    by_language = {lang: spec[f"from_{lang}"] for lang in LANGUAGES if f"from_{lang}" in spec}
    return Placeholder(
        name=name,
        kind=Kind(spec["kind"]),
        source=spec.get("from") or by_language[LANGUAGES[0]],
        source_by_language=by_language,
        currency_source=spec.get("currency_from"),
        optional=bool(spec.get("optional", False)),
        choices=spec.get("choices", {}),
    )


def _faults(template: Template) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {lang: ["missing"] for lang in LANGUAGES if lang not in template.texts}
    used: set[str] = set()
    for lang, text in template.texts.items():
        if "\n" in text.subject.strip():
            faults.setdefault(lang, []).append("the subject has more than one line")
        names = text.names()
        used |= names
        for name in sorted(names - set(template.placeholders)):
            faults.setdefault(name, []).append(f"used in {lang}, not declared")
        faults |= _unguarded(template, lang, text)
    for name in sorted(set(template.placeholders) - used):
        faults.setdefault(name, []).append("declared, not used")
    for name, placeholder in template.placeholders.items():
        if any(set(words) != set(LANGUAGES) for words in placeholder.choices.values()):
            faults.setdefault(name, []).append("a choice lacks a language")
    return faults


def _unguarded(template: Template, lang: str, text: Text) -> dict[str, list[str]]:
    """Optional placeholders on lines that are not conditional on them: they would leave a hole in a sentence."""
    faults: dict[str, list[str]] = {}
    for line in (text.subject, *text.body.splitlines()):
        condition = _CONDITION.match(line)
        guard = condition[1] if condition else None
        for name in _USE.findall(line):
            declared = template.placeholders.get(name)
            if declared is not None and declared.optional and name != guard:
                faults.setdefault(name, []).append(f"optional, but {lang} uses it on a line that does not ask for it")
    return faults
