"""The benchmarks themselves, with a handful of events: every process starts, works and ends; the file is as promised.

What is measured here means nothing; that it is measured at all, and written down in the promised shape, is what counts.
The peers are not installed for the tests.
"""

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import document, growth, pipeline, report, sustained
from tests.bench.__main__ import main
from tests.bench.catalogue import COMPARISONS, TARGETS
from tests.bench.measure import Reading, Result, compare
from tests.bench.stage import Sizes, Stage
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

Measure = Callable[[Stage], Result]
TINY = Sizes(rounds=1, events=200, subjects=20, producers=2, seconds=0.5, warm_up_s=0.1, rows=10_100)
PROMISED = {
    "relay": 0.7,
    "pipeline_drain": 0.5,
    "pipeline_sustained": 0.7,
    "latency_p99": 0.5,
    "pipeline_vs_celery": 6,
    "pipeline_vs_dramatiq": 5,
    "http_create": 0.5,
    "http_vs_drf": 1.5,
    "growth_10m": 0.9,
}


@pytest.fixture(scope="module")
def stage(rabbit_server: RabbitServer) -> Iterator[Stage]:
    """A PostgreSQL of our own, because the stage restarts it."""
    with PostgresServer() as postgres:
        prepared = Stage.prepare(postgres, rabbit_server, TINY)
        prepared.kept[sustained.FLOOR_RATE] = 200.0
        yield prepared


def made_up(name: str, ratio: float) -> Result:
    """A result as a whole run leaves it."""
    side = {"min": 1.0, "max": 2.0, "each": [1.0, 2.0], "p50_ms": 1.0, "relay_mib": 50.0, "events_per_commit": 100}
    side["one_event_per_commit"] = {"median": 1.0, "ratio": 1.0}
    machine = dict.fromkeys(
        ("cores", "memory_gib", "system", "python", "postgresql", "rabbitmq", "psycopg", "pika"), "x"
    )
    config = {
        "rounds": 3,
        "ours": side,
        "floor": side,
        "machine": machine,
        "offered_per_s": 1,
        "rows": 1,
        "disk_mib": 1,
    }
    config |= {"beside_rows": 1, "drain_ratio": 1.0, "relay_ratio": 1.0}
    return Result(name=name, ours=ratio, floor=1.0, ratio=ratio, unit="events/s", config=config)


@pytest.mark.req("X-14")
@pytest.mark.real
@pytest.mark.parametrize("comparison", [pipeline.relay, pipeline.drain, sustained.sustained, sustained.latency])
def test_each_comparison_of_the_pipeline_is_made_and_written(stage: Stage, comparison: Measure, tmp_path: Path) -> None:
    """Both sides carry events, the ratio is theirs, and the file is a list of what the issue names."""
    result = comparison(stage)
    assert result.ours > 0
    assert result.floor > 0
    better = result.floor / result.ours if result.unit == "ms" else result.ours / result.floor
    assert result.ratio == pytest.approx(better, rel=0.05)
    report.write([result], tmp_path / "bench.json")
    (item,) = json.loads((tmp_path / "bench.json").read_text())
    assert set(item) == {"name", "ours", "floor", "ratio", "unit", "config"}
    assert item["name"] in PROMISED
    assert {"min", "max", "each"} <= item["config"]["ours"].keys() & item["config"]["floor"].keys()
    assert report.read(tmp_path / "bench.json") == [result]


@pytest.mark.real
def test_a_history_is_filled_read_on_from_and_removed(stage: Stage) -> None:
    """The ratio compares the same events beside two histories; the log goes on where the history ended."""
    result = growth.growth(stage)
    assert result.config["rows"] == TINY.rows
    assert result.config["disk_mib"] > 0
    assert result.config["ours"]["relay_mib"] > 0
    assert result.ratio == min(result.config["drain_ratio"], result.config["relay_ratio"])


def test_sides_take_turns_and_medians_decide() -> None:
    """Who goes first changes from round to round; for a latency the ratio is turned round."""
    order: list[str] = []
    values = iter(range(1, 7))

    def side(name: str) -> Reading:
        order.append(name)
        return Reading(next(values))

    result = compare(
        "x", unit="ms", ours=lambda: side("ours"), floor=lambda: side("floor"), config={}, lower_is_better=True
    )
    assert order == ["floor", "ours", "ours", "floor", "floor", "ours"]
    assert (result.floor, result.ours) == (4, 3)  # medians of 1, 4, 5 and of 2, 3, 6
    assert result.ratio == pytest.approx(4 / 3, abs=0.001)
    assert result.config["ours"]["each"] == [2, 3, 6]


def test_everything_promised_is_in_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    """The names and the ratios to reach; ``--list`` shows them."""
    assert TARGETS == PROMISED
    assert main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [c.name for c in COMPARISONS]


def test_the_page_is_written_from_a_whole_run_only(tmp_path: Path) -> None:
    """Table between its marks, a picture that is XML; no page from a part, or from too few rounds."""
    (tmp_path / "docs").mkdir()
    page = tmp_path / document.PAGE
    page.write_text(f"before\n{document.BEGIN}\nold\n{document.END}\nafter\n")
    results = [made_up(name, 1.0) for name in PROMISED]
    document.write(results, TARGETS, tmp_path)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| `relay` |" in text
    assert "**1.00** (below)" in text  # of Celery, where six is the target
    picture = ET.fromstring((tmp_path / document.PICTURE).read_text())  # noqa: S314 our own
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 1 + len(PROMISED)
    with pytest.raises(ValueError, match="not measured: relay"):
        document.write(results[1:], TARGETS, tmp_path)
    hasty = replace(results[0], config=results[0].config | {"rounds": 1})
    with pytest.raises(ValueError, match="fewer than three rounds"):
        document.write([hasty, *results[1:]], TARGETS, tmp_path)
