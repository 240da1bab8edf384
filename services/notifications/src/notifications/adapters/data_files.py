"""Rules and templates from the package's data files; each is checked when it is read, so a fault stops the start."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from notifications.domain.destination import Network
from notifications.domain.errors import TemplateFault, TemplateNotFound
from notifications.domain.policy import Policy, parse_policy
from notifications.domain.template import Template, parse

_PACKAGE = "notifications"


def _toml(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def load_policy(*, allowed: Sequence[Network] = ()) -> Policy:
    """The rules of ``rules/*.toml``, with the networks that the operator allows webhooks to go to.

    Raises:
        KeyError, ValueError: when a file lacks a part.
    """
    root = files(_PACKAGE) / "rules"
    delivery, destinations, redaction = (
        _toml(root / f"{name}.toml") for name in ("delivery", "destinations", "redaction")
    )
    return parse_policy(delivery, destinations, redaction, allowed=allowed)


def load_templates() -> "Templates":
    """Every version of every template of ``templates/<name>/<version>.toml``.

    Raises:
        TemplateFault: when a file is inconsistent, or is not named after what is in it.
    """
    found = []
    for folder in sorted((files(_PACKAGE) / "templates").iterdir(), key=lambda f: f.name):
        for file in sorted(folder.iterdir(), key=lambda f: f.name) if folder.is_dir() else ():
            if file.name.endswith(".toml"):
                template = parse(_toml(file))
                if (folder.name, file.name) != (template.name, f"{template.version}.toml"):
                    raise TemplateFault(f"{folder.name}/{file.name} holds {template.name} v{template.version}")
                found.append(template)
    return Templates(found)


class Templates:
    """All templates by name and version; the newest version of each is the one in use."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self._all = {(t.name, t.version): t for t in templates}
        self._newest = {t.name: t for t in sorted(templates, key=lambda t: t.version)}

    def get(self, name: str, version: int) -> Template:
        """One version.

        Raises:
            TemplateNotFound: when there is none.
        """
        try:
            return self._all[name, version]
        except KeyError:
            raise TemplateNotFound(f"There is no template {name} v{version}.") from None

    def newest(self) -> list[Template]:
        """The newest version of each template, by name."""
        return [self._newest[name] for name in sorted(self._newest)]

    def caused_by(self, event_type: str) -> list[Template]:
        """The templates in use that an event type causes."""
        return [t for t in self.newest() if t.event == event_type]
