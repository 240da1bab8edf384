"""The state diagram of the procedure as SVG, drawn from the table alone; the same table gives the same bytes.

The states stand one below the other, from the first step to the archive. A step to the next state is an arrow down, one
that skips states leaves to the right, one that goes back leaves to the left, and what leaves the state as it is stands
in its box. Every target has lanes of its own, so that lines cross but never run on each other, whatever rows come.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from cases.documents.words import title, word
from cases.domain.table import Row, Table
from cases.domain.values import State

_START = "start"
_BOX = 460  # width of a state, in pixels as all that follows
_LINE = 17  # height of a line of text
_LABEL = {"zh": 330, "en": 360}  # room for the words on a line that leaves a box
_LANE = 16  # between two lanes
_MARGIN = 24
_TEXTS = {
    "zh": (
        "行政处罚程序状态图",
        "由流程表生成：方框为案件状态，框内为不改变状态的行为，箭头为改变状态的行为。",
        "开始",
    ),
    "en": (
        "The states of a case",
        "Drawn from the table: boxes are states with the acts that leave them so, arrows the acts that change them.",
        "start",
    ),
}


@dataclass(frozen=True)
class _Step:
    """An act that leads from one state to another."""

    source: str
    target: str
    label: str


@dataclass(frozen=True)
class _Box:
    """Where a state stands: its top and height, the lines in it, and the height of each step that leaves it."""

    top: int
    height: int
    lines: tuple[str, ...]
    ports: dict[_Step, int]

    @property
    def bottom(self) -> int:
        """Its lower edge."""
        return self.top + self.height


def chart(table: Table, language: str) -> str:
    """The diagram in "zh" or "en"."""
    order = _order(table)
    steps = list(_steps(table, language))
    place = {name: index for index, name in enumerate(order)}
    down = [s for s in steps if place[s.target] == place[s.source] + 1]
    right = [s for s in steps if place[s.target] > place[s.source] + 1]
    left = [s for s in steps if place[s.target] < place[s.source]]
    boxes = _boxes(table, order, language, (down, right, left))
    lanes = {side: _lanes(part, place) for side, part in ((1, right), (-1, left))}
    room = {side: (_LABEL[language] + _LANE * (len(lanes[side]) + 1) if lanes[side] else 0) for side in lanes}
    origin = _MARGIN + room[-1]
    width, height = origin + _BOX + room[1] + _MARGIN, boxes[order[-1]].bottom + _MARGIN
    heading, description, _ = _TEXTS[language]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_FONT} {_ROLE}>',
        f'<title id="t">{escape(heading)}</title><desc id="d">{escape(description)}</desc>',
        f'<rect width="{width}" height="{height}" fill="#faf6f0"/>',
        _ARROW,
        *(_straight(step, boxes, number, origin) for number, step in _numbered(down)),
        *(_around(step, boxes, lanes[1], 1, origin, language) for step in right),
        *(_around(step, boxes, lanes[-1], -1, origin, language) for step in left),
        *(_drawn(name, boxes[name], origin, language) for name in order),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _order(table: Table) -> list[str]:
    """The states as the procedure goes: by the longest way forward to the end, the longer way behind first."""
    forward = [(a, row.to) for row in table.rows.values() for a in row.sources if row.to and _index(row.to) > _index(a)]

    def longest(state: State, *, ahead: bool) -> int:
        pairs = forward if ahead else [(b, a) for a, b in forward]
        return max((1 + longest(to, ahead=ahead) for at, to in pairs if at == state), default=0)

    states = sorted(State, key=lambda s: (-longest(s, ahead=True), -longest(s, ahead=False)))
    return [_START, *states]


def _index(state: State) -> int:
    return list(State).index(state)


def _steps(table: Table, language: str) -> Iterator[_Step]:
    for row in table.rows.values():
        for source in row.sources or (_START,):
            if row.to is not None and source != row.to:
                yield _Step(str(source), str(row.to), title(row, language))


def _staying(table: Table, state: str) -> Iterator[Row]:
    return (row for row in table.rows.values() if state in row.sources and row.to in {None, state})


def _boxes(
    table: Table, order: list[str], language: str, parts: tuple[list[_Step], list[_Step], list[_Step]]
) -> dict[str, _Box]:
    down, right, left = parts
    boxes: dict[str, _Box] = {}
    top = _MARGIN
    for name in order:
        lines = tuple(_wrapped([title(row, language) for row in _staying(table, name)], language))
        aside = [[s for s in part if s.source == name] for part in (right, left)]
        arrives = any(s.target == name for s in (*right, *left))
        ports = {s: top + 40 + 24 * n for part in aside for n, s in enumerate(part)}
        height = max(44 + _LINE * len(lines) + (6 if lines else 0), 36 + 24 * max(map(len, aside)) + 8 * arrives)
        boxes[name] = _Box(top, height, lines, ports)
        top += height + 34 + _LINE * sum(s.source == name for s in down)
    return boxes


def _wrapped(words: list[str], language: str) -> Iterator[str]:
    """The words set in lines that fit into a box; a Chinese character is as wide as two Latin letters."""
    line, separator = "", "；" if language == "zh" else "; "
    for text in words:
        longer = line + separator + text if line else text
        if line and _width(longer) > _BOX - 36:
            yield line + separator.strip()
            longer = text
        line = longer
    if line:
        yield line


def _width(text: str) -> float:
    return sum(12.5 if ord(character) > 0x2E7F else 6.4 for character in text)  # noqa: PLR2004 where CJK begins


def _lanes(steps: list[_Step], place: dict[str, int]) -> dict[str, int]:
    """The lane of each target, the innermost for the shortest way."""
    reach: dict[str, int] = {}
    for step in steps:
        reach[step.target] = max(reach.get(step.target, 0), abs(place[step.target] - place[step.source]))
    return {target: number for number, target in enumerate(sorted(reach, key=lambda t: (reach[t], place[t])))}


def _numbered(steps: list[_Step]) -> Iterator[tuple[int, _Step]]:
    """Each step with its number among those between the same two states."""
    seen: dict[str, int] = {}
    for step in steps:
        number = seen.get(step.source, 0)
        seen[step.source] = number + 1
        yield number, step


def _straight(step: _Step, boxes: dict[str, _Box], number: int, origin: int) -> str:
    middle, start, end = origin + 70, boxes[step.source].bottom, boxes[step.target].top - 1
    arrow = "" if number else f'<path d="M{middle} {start}V{end}" {_STROKE}/>'
    return arrow + _words(step.label, middle + 12, start + 21 + _LINE * number, "start")


def _around(step: _Step, boxes: dict[str, _Box], lanes: dict[str, int], side: int, origin: int, language: str) -> str:
    edge = origin + _BOX if side > 0 else origin
    lane = edge + side * (_LABEL[language] + _LANE * (lanes[step.target] + 1))
    leaves, arrives = boxes[step.source].ports[step], boxes[step.target].top + 16
    anchor = "start" if side > 0 else "end"
    path = f'<path d="M{edge} {leaves}H{lane}V{arrives}H{edge + side}" {_STROKE}/>'
    return path + _words(step.label, edge + side * 10, leaves - 5, anchor)


def _drawn(name: str, box: _Box, origin: int, language: str) -> str:
    heading = _TEXTS[language][2] if name == _START else word("state", name, language)
    fill, stroke = ("#f7ecd2", "#7a5200") if name == _START else ("#fbe9e6", "#a8231c")
    name = "" if name == _START else name
    frame = f'x="{origin}" y="{box.top}" width="{_BOX}" height="{box.height}" rx="10" fill="{fill}" stroke="{stroke}"'
    place = f'x="{origin + 18}" y="{box.top + 28}" font-size="17" font-weight="700" fill="{stroke}"'
    small = f'<tspan font-size="12" font-weight="400">{name}</tspan>'
    parts = [f'<rect {frame} stroke-width="1.6"/>', f"<text {place}>{escape(heading)} {small}</text>"]
    parts += [_words(line, origin + 18, box.top + 49 + _LINE * n, "start") for n, line in enumerate(box.lines)]
    return "".join(parts)


_FONT = "font-family=\"system-ui, 'Noto Sans CJK SC', sans-serif\""
_ROLE = 'role="img" aria-labelledby="t d"'
_ARROW = (
    '<defs><marker id="m" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0 10 5 0 10z" fill="#5c554b"/></marker></defs>'
)
_STROKE = 'fill="none" stroke="#5c554b" stroke-width="1.4" marker-end="url(#m)"'


def _words(text: str, x: int, y: int, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" font-size="12.5" fill="#1f1b16" text-anchor="{anchor}">{escape(text)}</text>'
