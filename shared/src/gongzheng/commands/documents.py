"""``gongzheng openapi``, ``asyncapi`` and ``documents``: the contracts of the APIs and of the events, as documents."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from gongzheng.commands.settings import settings_class, settings_markdown
from gongzheng.contracts import registry
from gongzheng.contracts.asyncapi import asyncapi_document, to_yaml
from gongzheng.contracts.pages import event_pages
from gongzheng.http.app import openapi_document

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("service")
@click.option("--out", type=_FILE, help="Write to this file.")
def openapi(service: str, out: Path | None) -> None:
    """Write the OpenAPI 3.1 document of SERVICE as JSON; nothing needs to be configured for it."""
    _write(openapi_text(service), out)


@click.command()
@click.option("--out", type=_FILE, help="Write to this file.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of YAML.")
def asyncapi(out: Path | None, *, as_json: bool) -> None:
    """Write the AsyncAPI 3 document of all events."""
    document = asyncapi_document(registry())
    _write(json.dumps(document, ensure_ascii=False, indent=1) + "\n" if as_json else to_yaml(document), out)


@click.command()
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default="docs", show_default=True)
@click.option("--check", is_flag=True, help="Only compare; exit status 1 when a file is not what it should be.")
def documents(folder: Path, *, check: bool) -> int:
    """Write all documents: openapi/<service>.json and its own for each service, asyncapi.yaml, events/, settings.md."""
    wanted = all_documents(folder)
    stale = {path: text for path, text in wanted.items() if _differs(path, text)}
    for path, text in stale.items():
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(text, path)
        click.echo(f"{path} {'is not up to date' if check else 'written'}")
    # Where every file is ours, one that nothing writes any more is of an event that is no more.
    former = sorted(path for path in (folder / "events").glob("*") if path not in wanted)
    for path in former:
        if not check:
            path.unlink()
        click.echo(f"{path} {'is of no event' if check else 'removed'}")
    return 1 if check and (stale or former) else 0


def all_documents(folder: Path) -> dict[Path, str]:
    """What each document should be, by its path."""
    from gongzheng.cli import service_names  # noqa: PLC0415 the command line imports the commands

    wanted = {folder / "openapi" / f"{name}.json": openapi_text(name) for name in service_names()}
    wanted[folder / "asyncapi.yaml"] = to_yaml(asyncapi_document(registry()))
    wanted |= {folder / "events" / name: text for name, text in event_pages(registry()).items()}
    wanted |= {folder / name: text for service in service_names() for name, text in own_documents(service).items()}
    return wanted | {folder / "settings.md": settings_markdown(service_names())}


def own_documents(service: str) -> dict[str, str]:
    """What an installed service writes of its own rules, by name: ``documents()`` of its module ``documents``."""
    from gongzheng.cli import service_entry  # noqa: PLC0415 the command line imports the commands

    name = f"{service_entry(service).module.partition('.')[0]}.documents"
    if find_spec(name) is None:
        return {}
    found: dict[str, str] = import_module(name).documents()
    return found


def openapi_text(service: str) -> str:
    """The OpenAPI document of an installed service, made with example settings and an empty database."""
    from gongzheng.cli import load_service, service_entry  # noqa: PLC0415 the command line imports the commands

    package = service_entry(service).module.partition(".")[0]
    prefix = f"{service.upper()}_"
    with tempfile.TemporaryDirectory(prefix="gongzheng-openapi-") as folder:
        example = settings_class(package).example_environment(prefix)
        example |= {f"{prefix}DATABASE_URL": f"sqlite:///{folder}/none.db", f"{prefix}FILES_DIR": folder}
        with _environment(prefix, example):
            document = openapi_document(load_service(service).app)
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


@contextmanager
def _environment(prefix: str, values: Mapping[str, str]) -> Iterator[None]:
    """Only these variables with the prefix; as before afterwards, so that the document never depends on a machine."""
    before = {name: value for name, value in os.environ.items() if name.startswith(prefix)}
    for name in before:
        del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            del os.environ[name]
        os.environ.update(before)


def _differs(path: Path, text: str) -> bool:
    return not path.is_file() or path.read_text(encoding="utf-8") != text


def _write(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written: {error.strerror}.") from None


COMMANDS = (openapi, asyncapi, documents)
