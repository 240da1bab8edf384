"""``gongzheng up`` and ``gongzheng demo``: the suite in one process, and the story it tells."""

import ipaddress
import json
import os
import signal
import tempfile
import threading
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from gongzheng.observability.logging import configure_logging
from gongzheng_embedded.demonstration import Demonstration, Sample, story_of
from gongzheng_embedded.figures import figures_of
from gongzheng_embedded.folder import DataFolder, FolderInUse
from gongzheng_embedded.story.client import StoryError
from gongzheng_embedded.suite import Identity, PortTaken, Suite

PACE_S = 0.9  # slow enough that a person sees the timeline grow, fast enough that nobody leaves
SAMPLE_MAPPING = files("cases") / "data" / "mappings" / "nyc_parking_camera.toml"
LOG_LEVEL = "WARNING"  # the screen belongs to the ready line; the services' own logs say the rest when asked


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--data",
    default="data",
    show_default=True,
    envvar="GONGZHENG_DATA",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for databases, files and keys.",
)
@click.option("--demo/--no-demo", default=True, show_default=True, help="Play the demonstration.")
@click.option(
    "--pace", default=PACE_S, show_default=True, type=click.FloatRange(0, 60), help="Seconds between its steps."
)
@click.option(
    "--sample",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="After the demonstration, take over this file of old cases (mapping: that of the New York sample).",
)
@click.option("--log-level", default=LOG_LEVEL, show_default=True, help="DEBUG, INFO, WARNING or ERROR.")
def up(host: str, port: int, data: Path, pace: float, sample: Path | None, log_level: str, *, demo: bool) -> int:
    """Start the four services, a bus, timers and a mail catcher in this process."""
    identity = identity_for(host)
    configure_logging(log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with Suite(DataFolder(data), host=host, port=port, identity=identity) as suite:
            old_cases = Sample(sample, Path(str(SAMPLE_MAPPING))) if sample else None
            playing = Demonstration(suite, pace_s=pace, sample=old_cases) if demo and identity.built_in else None
            if playing:
                playing.start()
            click.echo(ready_line(suite, playing=playing is not None))
            while not stop.wait(1.0):
                if suite.composition.died.is_set():
                    raise click.ClickException("a part of the suite has died; see the lines above. Start it again.")
            if playing:
                playing.stop()
    except (PortTaken, FolderInUse) as taken:
        raise click.ClickException(str(taken)) from None
    return 0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON, for machines.")
def demo(*, as_json: bool) -> int:
    """Play the whole story once against a fresh suite in this process, and print its figures."""
    configure_logging("ERROR")
    with tempfile.TemporaryDirectory(prefix="gongzheng-demo-") as folder:
        try:
            with Suite(DataFolder(Path(folder))) as suite:
                began = time.monotonic()
                told = story_of(suite, pace_s=0.0).play()
                elapsed_s = time.monotonic() - began
                figures = figures_of(suite.composition.services, elapsed_s=elapsed_s) | {"story": told}
        except StoryError as error:
            raise click.ClickException(f"the story went wrong: {error}") from None
    click.echo(json.dumps(figures, ensure_ascii=False, indent=1) if as_json else in_words(figures))
    return 0


def identity_for(host: str) -> Identity:
    """Whose tokens are believed when listening on ``host``.

    The built-in issuer gives tokens to whoever asks, so it is for this machine only.

    Raises:
        click.UsageError: when another address is asked for without a real issuer.
    """
    issuer, jwks = os.environ.get("GONGZHENG_ISSUER", ""), os.environ.get("GONGZHENG_JWKS", "")
    if issuer and jwks:
        return Identity(issuer=issuer, jwks=jwks)
    if is_loopback(host):
        return Identity()
    raise click.UsageError(
        f"{host} can be reached from other machines, and the demonstration logins are for this one only: set"
        " GONGZHENG_ISSUER and GONGZHENG_JWKS to a real token issuer, or leave --host at 127.0.0.1."
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def ready_line(suite: Suite, *, playing: bool) -> str:
    """Where to look and who to log in as, in one line."""
    what = "watch the demonstration case" if playing else "look round"
    who = (
        "log in there as 顾明衡 (head), 周行简 (investigator) or any of the others"
        if suite.identity.built_in
        else "bring a token of your issuer"
    )
    return f"Gongzheng 公正 is ready: {what} at {suite.url} and {who}. Ctrl+C ends it."


def in_words(figures: dict[str, Any]) -> str:
    """The figures for a person."""
    return "\n".join(f"{name}: {value}" for name, value in figures.items())
