"""``gongzheng verify`` and ``gongzheng audit``: has anything been altered, and if so, what.

Exit status 0: unaltered; 1: altered, the part is named; 2: wrong input.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from gongzheng.audit.standalone_verify import NotABundle, read_key, report_lines, verify_bundle
from gongzheng.audit.verify import AuditReport, NotAnExport, export_trail, verify_database, verify_export
from gongzheng.messaging.envelope import Ed25519Signer

_KEY = "A public key: base64url, hexadecimal, or a file that holds one. For an audit trail: KEY_ID=KEY."
_HEAD_BYTES = 64


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, help=_KEY)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(file: Path, keys: tuple[str, ...], *, as_json: bool) -> int:
    """Verify FILE, a sealed bundle (a dossier) or an exported audit trail, without network or database."""
    try:
        with file.open("rb") as opened:
            trail = opened.read(_HEAD_BYTES).lstrip().startswith(b"{")
        return _trail(file, keys, as_json=as_json) if trail else _bundle(file, keys, as_json=as_json)
    except (NotABundle, NotAnExport) as problem:
        raise click.UsageError(f"{file}: {problem}.") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"{file} is not text in UTF-8, as an exported audit trail is.") from None
    except OSError as problem:
        raise click.UsageError(f"{file} cannot be read: {problem.strerror}.") from None


def _bundle(file: Path, keys: tuple[str, ...], *, as_json: bool) -> int:
    report = verify_bundle(file, [_key(text.rpartition("=")[2] if _named(text) else text) for text in keys])
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        for line in report_lines(report):
            click.echo(line)
    return 0 if report.ok else 1


def _trail(file: Path, keys: tuple[str, ...], *, as_json: bool) -> int:
    with file.open(encoding="utf-8") as lines:
        report = verify_export(lines, _keys_by_id(keys))
    return _tell(report, as_json=as_json)


def _keys_by_id(keys: tuple[str, ...]) -> dict[str, bytes]:
    if unnamed := [text for text in keys if not _named(text)]:
        raise click.UsageError(f"{unnamed[0]}: a key of an audit trail is given as KEY_ID=KEY.")
    return {text.partition("=")[0]: _key(text.partition("=")[2]) for text in keys}


def _named(text: str) -> bool:
    """Whether a key id stands before the key; base64url is given without padding."""
    return "=" in text.rstrip("=")


def _key(text: str) -> bytes:
    try:
        return read_key(text)
    except ValueError as problem:
        raise click.UsageError(f"--key {text}: {problem}.") from None


@click.group()
def audit() -> None:
    """The audit trail of a service: check it in its database, export it."""


@audit.command("check")
@click.argument("service")
@click.option("--key", "keys", multiple=True, help="KEY_ID=KEY of an earlier signing key; the present one is known.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def audit_check(service: str, keys: tuple[str, ...], *, as_json: bool) -> int:
    """Walk along the whole audit trail of SERVICE in its database and name the first altered or missing row."""
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands

    mechanism = load_service(service).mechanism
    signer = mechanism.signer
    own = {signer.key_id: signer.public_bytes()} if isinstance(signer, Ed25519Signer) else {}
    return _tell(verify_database(mechanism, {**own, **_keys_by_id(keys)}), as_json=as_json)


@audit.command("export")
@click.argument("service")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def audit_export(service: str, file: Path) -> int:
    """Write the sealed audit trail of SERVICE to FILE, as JSON lines that `gongzheng verify` checks anywhere."""
    from gongzheng.cli import load_service  # noqa: PLC0415 the command line imports the commands

    mechanism = load_service(service).mechanism
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".audit-")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            rows = export_trail(mechanism, out)
        Path(temporary).replace(file)
    except OSError as problem:
        raise click.UsageError(f"{file} cannot be written: {problem.strerror}.") from None
    click.echo(f"{service}: {rows} rows")
    return 0


def _tell(report: AuditReport, *, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        for line in _lines(report):
            click.echo(line)
    return 0 if report.ok else 1


def _lines(report: AuditReport) -> Iterator[str]:
    if report.fault:
        zh, en = report.fault.sentences()
        yield f"审计记录已被改动：{zh} · Altered: {en}"
        yield f"此前 {report.rows} 条完好 · {report.rows} rows before it are whole"
    else:
        yield f"审计记录完好 · Unaltered: {report.service}, {report.rows} rows, {report.checkpoints} checkpoints"
    if not report.signed:
        yield "未核对封签签名，请给出 --key · Checkpoint signatures were not checked; give --key KEY_ID=KEY"
    if report.unsealed:
        yield f"{report.unsealed} 条尚待封存 · {report.unsealed} rows wait to be sealed"


COMMANDS = (verify, audit)
