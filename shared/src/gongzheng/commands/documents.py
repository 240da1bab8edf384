"""``gongzheng openapi`` and ``gongzheng asyncapi``: the contracts of the API and of the events, as documents."""

import json
from pathlib import Path

import click

from gongzheng.contracts import registry
from gongzheng.contracts.asyncapi import asyncapi_document, to_yaml
from gongzheng.http.app import openapi_document


@click.command()
@click.argument("service")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def openapi(service: str, out: Path | None) -> None:
    """Write the OpenAPI 3.1 document of SERVICE as JSON."""
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands

    document = openapi_document(load_service(service).app)
    _write(json.dumps(document, ensure_ascii=False, indent=1) + "\n", out)


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of YAML.")
def asyncapi(out: Path | None, *, as_json: bool) -> None:
    """Write the AsyncAPI 3 document of all events."""
    document = asyncapi_document(registry())
    _write(json.dumps(document, ensure_ascii=False, indent=1) + "\n" if as_json else to_yaml(document), out)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written: {error.strerror}.") from None


COMMANDS = (openapi, asyncapi)
