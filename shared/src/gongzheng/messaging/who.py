"""Who types an operator's command: the bearer of an access token; a mere name only in the embedded mode."""

import getpass
from typing import Any

import click

from gongzheng.db.unit_of_work import Actor
from gongzheng.errors import Refusal
from gongzheng.http.tokens import TokenVerifier

OPERATOR_ROLE = "lanes.operator"


def operator(service: Any, token: str | None, name: str | None) -> Actor:
    """The person who acts on a service's lanes.

    Whoever may start this command may also read the service's secrets, but not make the issuer's tokens: that is why
    two different people are shown by two tokens and not by two names.

    Raises:
        click.UsageError: without a token where one is needed, or when it is not good for this.
    """
    if token is None:
        if not service.settings.embedded:
            raise click.UsageError(
                f"this needs an access token with the role {OPERATOR_ROLE}, in GONGZHENG_OPERATOR_TOKEN or --token: a"
                " name alone does not show that two people act."
            )
        who = name or getpass.getuser()
        return Actor(subject=f"operator:{who}", name=who)
    if name is not None:
        raise click.UsageError("--as does not go with a token, which says who acts.")
    try:
        actor = TokenVerifier(service.name, service.settings.http, service.mechanism.clock).actor(f"Bearer {token}")
    except Refusal as refusal:
        raise click.UsageError(f"the token is refused: {refusal}") from None
    if OPERATOR_ROLE not in actor.roles:
        raise click.UsageError(f"the token of {actor.subject} lacks the role {OPERATOR_ROLE}.")
    if actor.agent:
        raise click.UsageError(f"{actor.subject} is a machine; people decide about skips.")
    return actor
