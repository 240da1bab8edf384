"""The generated parts of docs/performance.md: its table and its picture, from a results file of a whole run.

The picture is an SVG without any library: one bar per comparison on a logarithmic scale, the target as a line.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from tests.bench.measure import Result

PAGE = Path("docs/performance.md")
PICTURE = Path("docs/performance.svg")
BEGIN, END = "<!-- from build/bench.json: begin -->", "<!-- from build/bench.json: end -->"
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 760, 190, 70, 34, 46
_LOWEST, _HIGHEST = 0.2, 20.0
_FONT = 'font-family="sans-serif" font-size="13"'
_TICKS = (0.25, 0.5, 1, 2, 5, 10)


def write(results: Sequence[Result], targets: Mapping[str, float], root: Path = Path()) -> None:
    """Renew the table between the marks of the page, and the picture.

    Raises:
        ValueError: when a comparison is missing or was measured in fewer than three rounds.
    """
    missing = targets.keys() - {result.name for result in results}
    if missing:
        raise ValueError(f"not measured: {', '.join(sorted(missing))}")
    if any(result.config["rounds"] < 3 for result in results):
        raise ValueError("fewer than three rounds")
    page = root / PAGE
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{table(results, targets)}\n{END}{after}", encoding="utf-8")
    (root / PICTURE).write_text(picture(results, targets), encoding="utf-8")


def table(results: Sequence[Result], targets: Mapping[str, float]) -> str:
    """The table in Markdown, and the sentence about the machine."""
    lines = [
        "| comparison | ours (least – most) | floor or peer (least – most) | unit | ratio | target |",
        "|---|---:|---:|---|---:|---:|",
    ]
    for result in results:
        ours, floor = (
            f"{_figure(value)} ({_figure(result.config[side]['min'])} – {_figure(result.config[side]['max'])})"
            for side, value in (("ours", result.ours), ("floor", result.floor))
        )
        reached = result.ratio >= targets[result.name]
        ratio = f"{result.ratio:.2f}" if reached else f"**{result.ratio:.2f}** (below)"
        lines.append(f"| `{result.name}` | {ours} | {floor} | {result.unit} | {ratio} | ≥ {targets[result.name]:g} |")
    return "\n".join([*lines, "", *_notes(results), _machine(results[0])])


def _figure(value: float) -> str:
    """Four digits are more than a machine repeats."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def picture(results: Sequence[Result], targets: Mapping[str, float]) -> str:
    """The ratios as bars; where a target is, a line across its bar."""
    height = _TOP + _ROW * len(results) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" {_FONT}>',
        "<title>Ratio of each comparison beside its target</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" fill="#333333">ours / floor or peer (higher is better); line: target</text>',
    ]
    for tick in _TICKS:
        x = _x(tick)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{_TOP - 8}" y2="{height - 24}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x}" y="{height - 8}" text-anchor="middle" fill="#666666">{tick:g}</text>')
    for number, result in enumerate(results):
        y, target = _TOP + number * _ROW, targets[result.name]
        colour = "#2f6f4f" if result.ratio >= target else "#a33a2c"
        end, mark = _x(result.ratio), _x(target)
        parts += [
            f'<text x="{_LEFT - 10}" y="{y + 16}" text-anchor="end" fill="#333333">{escape(result.name)}</text>',
            f'<rect x="{_LEFT}" y="{y}" width="{max(end - _LEFT, 1)}" height="{_ROW - 12}" fill="{colour}"/>',
            f'<line x1="{mark}" x2="{mark}" y1="{y - 4}" y2="{y + _ROW - 8}" stroke="#111111" stroke-width="2"/>',
            f'<text x="{max(end, mark) + 6}" y="{y + 16}" fill="#333333">{result.ratio:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def _x(ratio: float) -> int:
    share = math.log(min(max(ratio, _LOWEST), _HIGHEST) / _LOWEST) / math.log(_HIGHEST / _LOWEST)
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT))


def _notes(results: Sequence[Result]) -> list[str]:
    """What a single number would hide."""
    by_name = {result.name: result.config for result in results}
    notes: list[str] = []
    if latency := by_name.get("latency_p99"):
        ours, floor = latency["ours"]["p50_ms"], latency["floor"]["p50_ms"]
        notes.append(
            f"Latency was taken at {latency['offered_per_s']} events per second; the median was {ours} ms beside"
            f" {floor} ms."
        )
    for name in ("pipeline_vs_celery", "pipeline_vs_dramatiq"):
        if name in by_name:
            single = by_name[name]["ours"]["one_event_per_commit"]
            notes.append(
                f"`{name}` with one event per commit instead of up to {by_name[name]['ours']['events_per_commit']}:"
                f" {single['median']:,.0f} effects per second, a ratio of {single['ratio']:.2f}."
            )
    if growth := by_name.get("growth_10m"):
        notes.append(
            f"`growth_10m` shows the lower of two ratios: draining {growth['drain_ratio']:.2f}, relay alone"
            f" {growth['relay_ratio']:.2f}, with {growth['rows']:,} rows ({growth['disk_mib']:,} MiB) beside"
            f" {growth['beside_rows']:,}; peak memory of the relay {growth['ours']['relay_mib']:.0f} MiB beside"
            f" {growth['floor']['relay_mib']:.0f} MiB."
        )
    return [*(f"- {note}" for note in notes), ""] if notes else []


def _machine(result: Result) -> str:
    machine = result.config["machine"]
    return (
        f"Measured on {machine['cores']} cores and {machine['memory_gib']} GiB, {machine['system']}, Python"
        f" {machine['python']}, PostgreSQL {machine['postgresql']}, RabbitMQ {machine['rabbitmq']}, psycopg"
        f" {machine['psycopg']}, pika {machine['pika']}; {result.config['rounds']} rounds, medians."
    )
