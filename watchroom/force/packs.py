"""How does a file become a policy, and what is the difference between two?

`load` reads, lays over, checks and tests a pack; whatever is wrong with it is one sentence that names the file, the line
and the field, and nothing of it comes into force. A force's pack gives only what differs from the national one: tables
merge by code, other values replace, and `also_words = […]` adds to the list `words`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from watchroom.force.policy import Entry, Part, Policy, contradictions

DATA = Path(__file__).parent / "data"

Route = tuple[str, ...]


class PackError(ValueError):
    """A pack cannot be used. `str()` is one sentence: file, line, field, what is wrong."""

    def __init__(self, file: str, line: int | None, field: str, problem: str) -> None:
        self.file, self.line, self.field, self.problem = file, line, field, problem
        where = ", ".join(part for part in (file, f"line {line}" if line else "", field) if part)
        super().__init__(f"{where}: {problem.rstrip('.')}.")


@dataclass(frozen=True)
class Pack:
    """A file that parsed as TOML: its table, and on which line each key stands."""

    name: str
    table: dict[str, Any]
    lines: Mapping[Route, int]

    def line(self, route: Sequence[str]) -> int | None:
        """The line of this key, or of the nearest table around it that this file holds."""
        for end in range(len(route), 0, -1):
            head, last = tuple(route[: end - 1]), route[end - 1]
            found = self.lines.get((*head, last)) or self.lines.get((*head, f"also_{last}"))
            if found:
                return found
        return None


@dataclass(frozen=True)
class Change:
    """One difference. `before` or `after` is None when the value stands on one side only."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.path}: {_said(self.after)}"
        if self.after is None:
            return f"- {self.path}: {_said(self.before)}"
        if _is_list(self.before) and _is_list(self.after):
            more = [f"+ {_said(item)}" for item in self.after if item not in self.before]
            less = [f"- {_said(item)}" for item in self.before if item not in self.after]
            return f"~ {self.path}: {', '.join([*more, *less]) or 'in another order'}"
        return f"~ {self.path}: {_said(self.before)} → {_said(self.after)}"


@cache
def national() -> Policy:
    """The pack that ships with Watchroom."""
    return load(DATA / "national.toml")


@cache
def shipped(code: str) -> Policy:
    """A pack of `data/` by its code: `northmoor`. Raises PackError where there is none."""
    if not re.fullmatch(r"[a-z0-9_]+", code) or not (DATA / f"{code}.toml").exists():
        raise PackError(f"{code}.toml", None, "", "no such pack ships with Watchroom")
    return load(DATA / f"{code}.toml")


def load(source: Path | str, *, over: Policy | None = None, name: str = "") -> Policy:
    """The policy of a pack, checked and its own tests passed. A string is TOML text when it has a line break, else a path.

    A pack that says `over` is laid over the policy given as `over`, or else over the national one. Raises PackError.
    """
    pack = read(source, name=name)
    if _lies_over(pack):
        return overlay(over or national(), pack)
    return _checked(pack.table, pack)


def overlay(base: Policy, local: Pack | Path | str) -> Policy:
    """The policy of a force that departs from `base` only where its pack says so. Raises PackError."""
    pack = local if isinstance(local, Pack) else read(local)
    below = _lies_over(pack)
    if below != base.meta.code:
        problem = f'this lies over "{below}", not over {base.meta.code}' if below else "must name the pack this one lies over"
        raise PackError(pack.name, pack.line(("meta", "over")), "meta.over", problem)
    _refuse_locked(base, pack)
    table = as_table(base)
    laid = _merge(table, {key: value for key, value in pack.table.items() if key not in ("meta", "tests")}, pack, ())
    laid["meta"] = {**pack.table["meta"], "over": base.version, "locked": list(base.meta.locked)}
    own = pack.table.get("tests", [])
    names = [case.get("name") for case in own if isinstance(case, Mapping)] if _is_list(own) else []
    inherited = [case for case in table["tests"] if case["name"] not in names]  # a force may replace a test, by its name
    laid["tests"] = [*inherited, *own] if _is_list(own) else own
    return _checked(laid, pack, inherited=len(inherited))


def read(source: Path | str, *, name: str = "") -> Pack:
    """Read TOML without judging what it says. Raises PackError where it is not TOML or cannot be read."""
    if isinstance(source, str) and "\n" in source:
        name, text = name or "(text)", source
    else:
        path = Path(source)
        name = name or path.name
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise PackError(name, None, "", f"cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'})") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem, line = _toml_problem(error, text)
        raise PackError(name, line, "", f"not valid TOML: {problem}") from error
    return Pack(name, table, _lines(text))


def check(policy: Policy) -> tuple[str, ...]:
    """The pack's own tests that do not hold, in sentences. Empty when all do."""
    return tuple(problem for _, problem in _failing(policy))


def digest(policy: Policy) -> str:
    """SHA-256 of what the policy says, whatever the order of keys or the comments of its file. Hexadecimal."""
    said = json.dumps(policy.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def difference(before: Policy, after: Policy) -> list[Change]:
    """What changes from one policy to the other, in the order of the pack; of its tests, what they expect."""
    old, new = _flat(_compared(before)), _flat(_compared(after))
    paths = [*old, *(path for path in new if path not in old)]
    return [
        Change(path, old.get(path), new.get(path)) for path in paths if _something(old.get(path)) != _something(new.get(path))
    ]


def as_table(policy: Policy) -> dict[str, Any]:
    """The policy as the table of a pack: entries keyed by their code, nothing where there is nothing."""
    table: dict[str, Any] = _table(policy)
    return table


def dump(policy: Policy) -> str:
    """The whole policy as TOML that loads to the same policy."""
    return "\n".join(_toml(as_table(policy), ())).lstrip("\n") + "\n"


# --- checking -------------------------------------------------------------------------------------------------------


def _checked(table: dict[str, Any], pack: Pack, inherited: int = 0) -> Policy:
    """`inherited`: how many tests at the head of the list came from the pack below, and have no line in this one."""
    try:
        policy = Policy.model_validate(table)
    except ValidationError as error:
        found = error.errors()
        # a key that is not known stands on a line, and is often why another is missing
        first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
        route = _route(first["loc"], table)
        raise PackError(pack.name, pack.line(_own(route, inherited)), ".".join(route), _problem(first, route)) from error
    for route, problem in contradictions(policy):
        raise PackError(pack.name, pack.line(route), ".".join(route), problem)
    for number, problem in _failing(policy):
        route = ("tests", str(number))
        field = "tests" if number >= inherited else "a test of the pack below"
        raise PackError(pack.name, pack.line(_own(route, inherited)) if number >= inherited else None, field, problem)
    return policy


def _failing(policy: Policy) -> list[tuple[int, str]]:
    cues, kinds = {cue.code for cue in policy.cues}, {entry.code for entry in policy.incident_types}
    elements = {code for element in policy.model().elements for code in (element.code, *element.counts)}
    failing = []
    for number, case in enumerate(policy.tests):
        strange = [*(set(case.cues) - cues), *(set(case.levels) - elements), *({case.kind} - kinds - {""})]
        found = policy.least_grade(case.levels, case.cues, case.kind) or "unknown"
        if strange:
            failing.append((number, f'the test "{case.name}" names {", ".join(sorted(strange))}, which this pack does not have'))
        elif found != case.expect:
            failing.append((number, f'the test "{case.name}" expects {case.expect}, but the table suggests {found}'))
    return failing


def _problem(error: Any, route: Route) -> str:
    """pydantic's complaint in the words of somebody who keeps packs."""
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(route[-1], _names_beside(route), n=1)
        return f'"{route[-1]}" is not known here' + (f"; did you mean {near[0]}?" if near else "")
    if error["type"] == "missing":
        return "is missing"
    message: str = error["msg"].replace("Input should be", "must be").replace("Field required", "is missing")
    given = error.get("input")
    shown = f", not {json.dumps(given, ensure_ascii=False, default=str)}" if isinstance(given, str | int | float) else ""
    return message[0].lower() + message[1:] + shown


def _names_beside(route: Route) -> list[str]:
    """The fields known where an unknown one was given."""
    here: Any = Policy
    for step in route[:-1]:
        fields = getattr(here, "model_fields", {})
        if step in fields:
            here = fields[step].annotation
        while inner := [part for part in getattr(here, "__args__", ()) if part is not Ellipsis]:
            here = inner[0]
    return list(getattr(here, "model_fields", {}))


def _route(loc: Sequence[str | int], table: Any) -> Route:
    """pydantic counts entries of coded tables; a pack names them."""
    route: list[str] = []
    for step in loc:
        if isinstance(step, int) and isinstance(table, Mapping):
            step = list(table)[step]
        route.append(str(step))
        if isinstance(table, Mapping):
            table = table.get(step)
        elif isinstance(table, Sequence) and isinstance(step, int) and step < len(table):
            table = table[step]
        else:
            table = None
    return tuple(route)


def _own(route: Route, inherited: int) -> Route:
    if len(route) > 1 and route[0] == "tests":
        return ("tests", str(int(route[1]) - inherited), *route[2:])
    return route


# --- laying over ----------------------------------------------------------------------------------------------------


def _lies_over(pack: Pack) -> str:
    """The code of the pack this file lies over, or "". A policy already laid names a version too (`national 1`)."""
    meta = pack.table.get("meta")
    over = meta.get("over", "") if isinstance(meta, Mapping) else ""
    return over if isinstance(over, str) and " " not in over else ""


def _merge(base: Any, local: Any, pack: Pack, route: Route) -> Any:
    if not (isinstance(base, Mapping) and isinstance(local, Mapping)):
        return local
    merged = dict(base)
    for key, value in local.items():
        added_to = key.removeprefix("also_")
        if added_to != key and _is_list(merged.get(added_to)) and _is_list(value):
            merged[added_to] = [*merged[added_to], *(item for item in value if item not in merged[added_to])]
        elif added_to != key:
            here = (*route, key)
            raise PackError(pack.name, pack.line(here), ".".join(here), f"there is no list {added_to} to add to")
        else:
            merged[key] = _merge(merged[key], value, pack, (*route, key)) if key in merged else value
    return merged


def _refuse_locked(base: Policy, pack: Pack) -> None:
    """What holds for every force is not a force's to change, not even to say the same."""
    own = {path.replace("also_", "") for path in _flat(pack.table)}
    for locked in base.meta.locked:
        for path in own:
            if path == locked or path.startswith(f"{locked}."):
                problem = f"this holds for every force ({base.meta.title}) and is not a force's to change"
                raise PackError(pack.name, pack.line(path.split(".")), path, problem)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


# --- lines of TOML --------------------------------------------------------------------------------------------------

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*((?:[\w-]+|\"[^\"]*\")(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"))*)\s*=")
_FENCE = re.compile(r'"""|\'\'\'')


def _lines(text: str) -> dict[Route, int]:
    """On which line each key stands. Keys inside an inline table stand on its line."""
    lines: dict[Route, int] = {}
    table: Route = ()
    counts: dict[Route, int] = {}
    fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        was_fenced, fenced = fenced, fenced ^ (len(_FENCE.findall(line)) % 2 == 1)
        if was_fenced:
            continue
        if header := _HEADER.match(line):
            table = _keys(header[2])
            if header[1] == "[[":
                index = counts[table] = counts.get(table, -1) + 1
                lines.setdefault(table, number)
                table = (*table, str(index))
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *_keys(key[1])), number)
    return lines


def _keys(dotted: str) -> Route:
    return tuple(part.strip().strip('"') for part in dotted.split("."))


def _toml_problem(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, int | None]:
    said = str(error)
    if at := re.search(r"\(at line (\d+), column \d+\)", said):
        return said[: at.start()].strip(), int(at[1])
    return said.replace("(at end of document)", "").strip(), len(text.splitlines())


# --- tables and TOML ------------------------------------------------------------------------------------------------


def _table(value: Any) -> Any:
    if isinstance(value, Part):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        return {name: _table(field) for name, field in fields.items() if field is not None}
    if isinstance(value, tuple) and value and all(isinstance(item, Entry) for item in value):
        return {item.code: {key: field for key, field in _table(item).items() if key != "code"} for item in value}
    if isinstance(value, Mapping):
        return {key: _table(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_table(item) for item in value]
    return value


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping) and value:
        return {
            inner: leaf for key, item in value.items() for inner, leaf in _flat(item, f"{path}.{key}" if path else key).items()
        }
    return {path: value}


def _toml(table: Mapping[str, Any], route: Route) -> list[str]:
    own = [f"{_key(key)} = {_value(value)}" for key, value in table.items() if not _is_section(value)]
    lines = ["", f"[{'.'.join(map(_key, route))}]", *own] if route and (own or not table) else own
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _toml(value, (*route, key))
        elif _is_section(value):
            for item in value:
                lines += ["", f"[[{'.'.join(map(_key, (*route, key)))}]]"]
                lines += [f"{_key(name)} = {_value(inner)}" for name, inner in item.items()]
    return lines


def _is_section(value: Any) -> bool:
    return isinstance(value, Mapping) or (_is_list(value) and bool(value) and isinstance(value[0], Mapping))


def _key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key, re.ASCII) else json.dumps(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }" if value else "{}"
    if _is_list(value):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _compared(policy: Policy) -> dict[str, Any]:
    return {**as_table(policy), "tests": {f"“{case.name}”": case.expect for case in policy.tests}}


def _something(value: Any) -> Any:
    """An empty word or list says no more than none at all; a nought or a no does."""
    return None if value in ("", [], {}) else value


def _said(value: Any) -> str:
    if _is_list(value):
        return ", ".join(map(_said, value)) or "(none)"
    return str(value)
