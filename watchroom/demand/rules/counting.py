"""What was the demand, and how was it met? Each figure of `data/definitions.toml`, computed from plain rows.

Rows carry times, codes and opaque numbers; nothing that a person said, is called or can be reached at. A figure whose
denominator is empty has no value: nothing to count is not 0 per cent.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from math import fsum
from typing import Any, Literal

from watchroom.contacts import rules as contacts
from watchroom.contacts.rules import CHANNELS, LIVE
from watchroom.force.policy import Policy
from watchroom.identity.lost import rules as lost_callers

Outcome = Literal["answered", "abandoned", "waiting", "diverted"]
TO_999 = ("to_999", "to_999_second", "to_999_third")  # by the policy's windows, the shortest first
CALLBACKS = ("callbacks", "callbacks_reached", "callbacks_in_time")
COMPARED = ("both", "said", "found", "neither")  # what a 999 caller says of 101, beside what is found
OUTCOMES: tuple[Outcome, ...] = ("answered", "abandoned", "waiting", "diverted")
#: Seconds after which forces count somebody who gave up; who hangs up sooner is left out by some (R18, R140).
SHORT_S = (5, 10, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    id: int
    channel: str
    received_at: datetime
    transferred_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    wrapped_at: datetime | None = None
    first_ring_at: datetime | None = None  # where a menu, a switchboard or an announcement came before the queue
    queued_at: datetime | None = None  # in the queue of those who answer; None where nothing came before it
    incident: int | None = None
    is_rwd: bool = False  # that incident was resolved without deployment
    has_risk: bool = False  # a saved record, in full or as nothing heard
    is_nothing_heard: bool = False  # the first saved record says so
    vulnerability_at: datetime | None = None  # first written of somebody's vulnerability, or judged that nothing was heard
    is_researched: bool = False  # another system answered who is in touch (R66)
    attention: int = 0
    reason: str = ""
    reason_offered: str = ""  # inferred from the words; a person said `reason`
    agency: str = ""
    tried_101: str = ""
    after_101: bool = False  # a 999 call before which a 101 call of the same number, person or address was given up
    caller: int | None = None  # the same for the same number; None when it was withheld
    callback_agreed_at: datetime | None = None  # they hung up and were to be rung (R19)
    callback_due_at: datetime | None = None
    callback_how: str = ""  # how that ended; empty while it is owed
    way: str = ""  # what stands between the caller and us, of the policy
    language: str = ""  # what they speak, where it is not English
    interp_asked_at: datetime | None = None  # for the interpreter who came, or was awaited last
    interp_joined_at: datetime | None = None
    interp_ended_at: datetime | None = None
    went_quiet: bool = False  # of a chat: at least once after the answer, no word and gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    id: int
    opened_at: datetime
    grade: str = ""
    attend_by: datetime | None = None
    attended_at: datetime | None = None
    closed_at: datetime | None = None
    is_rwd: bool = False  # resolved without deployment, with a coded outcome
    is_vulnerable: bool = False  # a marker, or vulnerability at level 2 or 3
    kind: str = ""
    late_s: float = 0.0  # nobody came after the promise, and no approved delay covered it (`incidents.interlock.unjustified`)
    came_back: bool | None = None  # resolved so, and the same number, person or place came back; None while the days still run


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `of` is the channel, grade, band, agency … it is about; empty for the whole."""

    code: str
    of: str
    value: float | None
    numerator: float
    denominator: float | None = None  # None where the figure is a plain count
    excluded: int = 0

    @property
    def share(self) -> float:
        """Of its denominator, in per cent; 0 where there is nothing to count. For the length of a bar."""
        return 100 * self.numerator / self.denominator if self.denominator else 0.0


# --- One contact, one incident --------------------------------------------------------------------------------------


def outcome(row: Contact) -> Outcome:
    """Answered, given up, waiting or diverted: exactly one of them, for every contact on every channel (I8).

    Somebody who gave up and was rung back had given up: ringing back does not mend the figure. Somebody who is owed a callback
    waits; whose callback ended without a word with them, because they rang again or were not reached, was diverted.
    """
    gave_up = row.ended_at is not None and (row.answered_at is None or row.answered_at > row.ended_at)
    if gave_up:
        return "abandoned"
    if row.answered_at is not None:
        return "answered"
    return "waiting" if row.wrapped_at is None else "diverted"


def waited(row: Contact, at: datetime) -> float:
    """Seconds from the transfer to the answer, the giving up, the end of a callback without a word, or `at`."""
    end = {"answered": row.answered_at, "abandoned": row.ended_at, "waiting": at, "diverted": row.wrapped_at}[outcome(row)] or at
    return max(0.0, (end - row.transferred_at).total_seconds())


def handled(row: Contact) -> float | None:
    """Seconds from the answer to the end of the writing up; None while that is not done."""
    if outcome(row) != "answered" or row.wrapped_at is None or row.answered_at is None:
        return None
    return max(0.0, (row.wrapped_at - row.answered_at).total_seconds())


def came_in_time(row: Incident, at: datetime) -> bool | None:
    """Whether somebody came as promised; None where nothing was promised, the time still runs, or it ended before it."""
    if row.attend_by is None:
        return None
    if row.attended_at is not None:
        return row.attended_at <= row.attend_by
    if row.closed_at is not None and row.closed_at <= row.attend_by:
        return None
    return None if at <= row.attend_by else False


# --- Shares, percentiles --------------------------------------------------------------------------------------------


def percentile(values: Iterable[float], rank: int) -> float | None:
    """The smallest value that at least `rank` per cent of the values do not exceed (nearest rank; nothing is interpolated)."""
    ordered = sorted(values)
    return ordered[max(0, -(-rank * len(ordered) // 100) - 1)] if ordered else None


def mean(values: Sequence[float]) -> float | None:
    """The same in whatever order the values come."""
    return fsum(values) / len(values) if values else None


def share(code: str, of: str, numerator: float, denominator: float, excluded: int = 0) -> Figure:
    value = 100 * numerator / denominator if denominator else None
    return Figure(code, of, value, numerator, denominator, excluded)


def share_of(code: str, of: str, verdicts: Iterable[bool | None]) -> Figure:
    """The share of those that are True; None counts neither for nor against, and is reported as excluded."""
    counts = Counter(verdicts)
    return share(code, of, counts[True], counts[True] + counts[False], counts[None])


def count(code: str, of: str, number: float, excluded: int = 0) -> Figure:
    return Figure(code, of, number, number, None, excluded)


def within(row: Contact, seconds: float, at: datetime) -> bool | None:
    """Answered within so many seconds; None when it was given up, or is still waiting, before they had passed."""
    if outcome(row) == "answered":
        return waited(row, at) <= seconds
    return False if waited(row, at) > seconds else None


# --- Alike in all but their times -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Contacts that are alike in everything that is counted and differ in times only: how many, and the times in seconds.

    A day of tens of thousands is some hundreds of these. `grouped` makes them of rows; `queries.groups` lets the database do it,
    and a test holds both to the same. Times have no order.
    """

    channel: str
    outcome: Outcome
    number: int = 1
    is_wrapped: bool = False
    has_incident: bool = False
    is_rwd: bool = False
    risk: bool | None = None  # `has_risk`
    is_nothing_heard: bool = False
    asked_in_call: bool | None = None
    is_researched: bool = False
    is_missed: bool = False
    reason: str = ""
    reason_offered: str = ""
    agency: str = ""
    tried_101: str = ""
    after_101: bool = False
    has_caller: bool = False
    has_callback: bool = False
    callback_how: str = ""
    callback_in_time: bool | None = None
    way: str = ""
    language: str = ""
    interpreter: str = ""  # joined, waiting, none: asked for and never came; empty: not asked for
    went_quiet: bool = False
    part: int | None = None  # of the day, from 0; where it was asked for
    waits: tuple[float, ...] = ()  # `waited`, of each
    handled: tuple[float, ...] = ()  # of those written up
    from_ring: tuple[float, ...] = ()  # of the answered: from the first ring
    from_queue: tuple[float, ...] = ()
    delays: tuple[float, ...] = ()  # until the interpreter joined
    to_999: tuple[float, ...] = ()  # of those who gave up on 101: from that until the same number rang 999, where it did


TIMES = ("waits", "handled", "from_ring", "from_queue", "delays", "to_999")


def grouped(rows: Sequence[Contact], later_999: Sequence[Contact], policy: Policy, at: datetime) -> list[Group]:
    """The same contacts in groups. `later_999`: 999 calls of after the day, for those who gave up on 101 near its end."""
    rung: dict[int, list[datetime]] = {}
    for call in (*rows, *later_999):
        if call.channel == "999" and call.caller is not None:
            rung.setdefault(call.caller, []).append(call.transferred_at)
    alike: dict[tuple[Any, ...], dict[str, list[float]]] = {}
    for row in rows:
        how = outcome(row)
        key = (
            row.channel,
            how,
            row.wrapped_at is not None,
            row.incident is not None,
            row.is_rwd,
            has_risk(row, policy, at),
            row.is_nothing_heard,
            asked_in_call(row),
            row.is_researched,
            is_missed(row, policy, at),
            row.reason,
            row.reason_offered,
            row.agency,
            row.tried_101,
            row.after_101,
            row.caller is not None,
            row.callback_agreed_at is not None,
            row.callback_how,
            None
            if row.callback_how != "reached" or not row.answered_at or not row.callback_due_at
            else row.answered_at <= row.callback_due_at,
            row.way,
            row.language,
            ""
            if not row.interp_asked_at
            else "joined"
            if row.interp_joined_at
            else "waiting"
            if row.interp_ended_at is None
            else "none",
            row.went_quiet,
        )
        times = alike.setdefault(key, {name: [] for name in TIMES})
        times["waits"].append(waited(row, at))
        if (seconds := handled(row)) is not None:
            times["handled"].append(seconds)
        if how == "answered" and row.answered_at is not None:
            times["from_ring"].append((row.answered_at - (row.first_ring_at or row.transferred_at)).total_seconds())
            times["from_queue"].append((row.answered_at - (row.queued_at or row.transferred_at)).total_seconds())
        if row.interp_joined_at and row.interp_asked_at:
            times["delays"].append((row.interp_joined_at - row.interp_asked_at).total_seconds())
        if how == "abandoned" and row.channel == "101" and row.caller is not None and row.ended_at:
            after = [(then - row.ended_at).total_seconds() for then in rung.get(row.caller, ()) if then >= row.ended_at]
            times["to_999"] += [min(after)] if after else []
    found = []
    for key, times in alike.items():
        told: dict[str, Any] = dict(zip(ALIKE, key, strict=True)) | {name: tuple(times[name]) for name in TIMES}
        found.append(Group(number=len(times["waits"]), **told))
    return found


#: What a group is alike in, in the order of its fields.
ALIKE = tuple(field.name for field in fields(Group) if field.name not in (*TIMES, "number", "part"))


def _times(groups: Iterable[Group], name: str) -> list[float]:
    return [seconds for group in groups for seconds in getattr(group, name)]


def _number(groups: Iterable[Group]) -> int:
    return sum(group.number for group in groups)


def _share_of(code: str, of: str, groups: Iterable[Group], verdict: Callable[[Group], bool | None]) -> Figure:
    """`share_of`, one verdict for all of a group."""
    counts: Counter[bool | None] = Counter()
    for group in groups:
        counts[verdict(group)] += group.number
    return share(code, of, counts[True], counts[True] + counts[False], counts[None])


def in_time(code: str, of: str, groups: Iterable[Group], seconds: float) -> Figure:
    """The share answered within so many seconds (`within`)."""
    right = wrong = early = 0
    for group in groups:
        soon = sum(wait <= seconds for wait in group.waits)
        if group.outcome == "answered":
            right, wrong = right + soon, wrong + group.number - soon
        else:
            early, wrong = early + soon, wrong + group.number - soon
    return share(code, of, right, right + wrong, early)


# --- All figures of a day -------------------------------------------------------------------------------------------


def figures(
    groups: Sequence[Group], incidents: Sequence[Incident], without_owner: int, policy: Policy, at: datetime
) -> list[Figure]:
    """Every figure that has a definition."""
    found = [
        *_by_channel(groups, policy),
        *other_definitions(groups, policy),
        *_calls(groups, policy),
        *how_they_speak(groups),
        *_led_to(groups, incidents),
        *looked_after(groups, incidents, at),
    ]
    found.append(count("without_owner", "", without_owner))
    return found


def _by_channel(groups: Sequence[Group], policy: Policy) -> Iterable[Figure]:
    for channel in ("", *CHANNELS):
        mine = [group for group in groups if channel in ("", group.channel)]
        counts = outcomes(mine)
        yield count("offered", channel, _number(mine))
        for name in OUTCOMES:
            yield count(name, channel, counts[name])
        if not channel:
            continue
        answered = [group for group in mine if group.outcome == "answered"]
        waits = _times(answered, "waits")
        others = _number(mine) - len(waits)
        if channel in LIVE:
            yield share(
                "abandoned_share",
                channel,
                counts["abandoned"],
                counts["answered"] + counts["abandoned"],
                counts["waiting"] + counts["diverted"],
            )
        if channel == "101":
            yield from _callbacks(mine)
        if channel == "chat":
            yield _share_of("went_quiet", channel, answered, lambda group: group.went_quiet)
        yield Figure("wait_median", channel, percentile(waits, 50), len(waits), len(waits), others)
        yield Figure("wait_90", channel, percentile(waits, 90), len(waits), len(waits), others)
        yield Figure("wait_mean", channel, mean(waits), fsum(waits), len(waits), others)
        yield Figure("wait_longest", channel, max(_times(mine, "waits"), default=None), _number(mine), _number(mine))
        yield in_time("within_target", channel, mine, policy.channel(channel).answer_s)
        handling = _times(mine, "handled")
        yield Figure(
            "handling_median", channel, percentile(handling, 50), len(handling), len(handling), len(waits) - len(handling)
        )


def outcomes(groups: Iterable[Group]) -> Counter[Outcome]:
    counts: Counter[Outcome] = Counter()
    for group in groups:
        counts[group.outcome] += group.number
    return counts


def _callbacks(groups: Sequence[Group]) -> Iterable[Figure]:
    agreed = [group for group in groups if group.has_callback]
    reached = _number(group for group in agreed if group.callback_how == "reached")
    again = _number(group for group in agreed if group.callback_how == "taken_up")
    is_open = _number(group for group in agreed if not group.callback_how)
    yield count("callbacks", "101", _number(agreed))
    yield share("callbacks_reached", "101", reached, _number(agreed) - again - is_open, again + is_open)
    yield _share_of("callbacks_in_time", "101", agreed, lambda group: group.callback_in_time)


def other_definitions(groups: Sequence[Group], policy: Policy) -> Iterable[Figure]:
    """The same callers, counted as other forces and exchanges count them: without who gave up soon, from the first ring, from the queue."""
    for channel in LIVE:
        mine = [group for group in groups if group.channel == channel]
        offered = _number(mine)
        answered = [group for group in mine if group.outcome == "answered"]
        waits = _times(answered, "waits")
        lost = _times((group for group in mine if group.outcome == "abandoned"), "waits")
        waiting = offered - len(waits) - len(lost)
        for short in SHORT_S:
            later = sum(seconds > short for seconds in lost)
            yield share(f"abandoned_after_{short}", channel, later, len(waits) + later, len(lost) - later + waiting)
        target = policy.channel(channel).answer_s
        soon_enough = sum(seconds <= target for seconds in waits)
        yield share("service_of_offered", channel, soon_enough, offered)
        yield share("service_of_answered", channel, soon_enough, len(waits), offered - len(waits))
        soon = sum(seconds <= SHORT_S[0] for seconds in lost)
        yield share("service_less_short", channel, soon_enough, offered - soon, soon)
        for code, name in (("wait_first_ring", "from_ring"), ("wait_queue", "from_queue")):
            since = _times(answered, name)
            yield Figure(code, channel, percentile(since, 50), len(since), len(since), offered - len(since))


def _calls(groups: Sequence[Group], policy: Policy) -> Iterable[Figure]:
    calls = [group for group in groups if group.channel == "999"]
    response = policy.response
    yield in_time("within_999", "999", calls, response.answer_999_s)
    yield in_time("within_limit_999", "999", calls, response.answer_999_limit_s)
    yield count("over_limit_999", "999", sum(wait > response.answer_999_limit_s for wait in _times(calls, "waits")))
    answered = [group for group in calls if group.outcome == "answered"]
    number = _number(answered)
    bands = Counter(contacts.answer_band(wait, policy) for wait in _times(answered, "waits"))
    for place, label in enumerate(contacts.band_labels(policy)):
        yield Figure("bands_999", label, bands[place], bands[place], number, _number(calls) - number)
    lost = [group for group in groups if group.channel == "101" and group.outcome == "abandoned"]
    shown = _number(group for group in lost if group.has_caller)
    for code, window in zip(TO_999, windows_of(policy), strict=True):
        rang = then_rang_999(groups, window)
        yield Figure(code, "101", rang, rang, shown, _number(lost) - shown)
    compared: Counter[str] = Counter()
    for group in answered:
        if group.is_wrapped and (how := lost_callers.compared(group.tried_101, group.after_101)):
            compared[how] += group.number
    for how in COMPARED:
        yield share("said_and_found", how, compared[how], compared.total(), number - compared.total())
    yield _share_of("asked_101", "999", answered, lambda group: bool(group.tried_101) if group.is_wrapped else None)


def how_they_speak(groups: Sequence[Group]) -> Iterable[Figure]:
    """Who did not speak English with us by voice: how many, whether they waited as others did, and whether their risk was written."""
    otherwise = [group for group in groups if group.way or group.language]
    for of in ("", *sorted({mark for group in otherwise for mark in (group.way, group.language) if mark})):
        mine = [group for group in otherwise if of in ("", group.way, group.language)]
        answered = [group for group in mine if group.outcome == "answered"]
        waits = _times(answered, "waits")
        yield count("speaking", of, _number(mine))
        yield Figure("speaking_wait", of, percentile(waits, 50), len(waits), len(waits), _number(mine) - len(waits))
        yield _share_of("speaking_risk", of, answered, lambda group: group.risk)
    asked = [group for group in groups if group.interpreter]
    for of in ("", *sorted({group.language for group in asked})):
        mine = [group for group in asked if of in ("", group.language)]
        number, delays = _number(mine), _times(mine, "delays")
        waiting = _number(group for group in mine if group.interpreter == "waiting")
        yield Figure("interpreter_delay", of, percentile(delays, 50), len(delays), len(delays), number - len(delays))
        yield Figure("interpreter_delay_90", of, percentile(delays, 90), len(delays), len(delays), number - len(delays))
        yield share("interpreter_none", of, number - len(delays) - waiting, number - waiting, waiting)


def windows_of(policy: Policy) -> tuple[int, int, int]:
    """The policy's windows after a 101 call that was given up; where it has fewer than three, the last again (R15)."""
    given = policy.contacts.after_abandoned_101_s or (0,)
    first, second, third = (given[min(n, len(given) - 1)] for n in range(3))
    return first, second, third


def over(rows: Iterable[Contact], seconds: float, at: datetime) -> list[Contact]:
    """Those that waited longer, answered or not, the longest first (R12)."""
    return sorted((row for row in rows if waited(row, at) > seconds), key=lambda row: -waited(row, at))


def then_rang_999(groups: Iterable[Group], seconds: float) -> int:
    """Of those who gave up on 101, how many rang 999 from the same number soon after (R15)."""
    return sum(gap <= seconds for gap in _times(groups, "to_999"))


def _led_to(groups: Sequence[Group], incidents: Sequence[Incident]) -> Iterable[Figure]:
    done = [group for group in groups if group.handled]  # all of a group or none: it is alike in outcome and in being written up
    answered = [group for group in groups if group.outcome == "answered"]
    unfinished, all_done = _number(answered) - _number(done), _number(done)

    def seconds(some: Iterable[Group]) -> float:
        return fsum(_times(some, "handled"))

    nothing = [group for group in done if not group.has_incident]
    yield share("no_incident", "", _number(nothing), all_done, unfinished)
    yield share("no_incident_minutes", "", seconds(nothing), seconds(done), unfinished)
    for reason in sorted({group.reason for group in nothing}):
        mine = [group for group in nothing if group.reason == reason]
        yield share("no_incident", reason or "unsaid", _number(mine), all_done, unfinished)
        yield share("no_incident_minutes", reason or "unsaid", seconds(mine), seconds(done), unfinished)
    theirs = [group for group in done if group.agency]
    yield share("other_agency", "", _number(theirs), all_done, unfinished)
    yield share("other_agency_minutes", "", seconds(theirs), seconds(done), unfinished)
    for agency in sorted({group.agency for group in theirs}):
        of_one = [group for group in theirs if group.agency == agency]
        yield share("other_agency", agency, _number(of_one), all_done, unfinished)
        yield share("other_agency_minutes", agency, seconds(of_one), seconds(done), unfinished)
    offered = [group for group in nothing if group.reason_offered]
    agreed = _number(group for group in offered if group.reason == group.reason_offered)
    yield share("reason_agreed", "", agreed, _number(offered), _number(nothing) - _number(offered))

    grades = Counter(row.grade or "ungraded" for row in incidents)
    for grade in ("immediate", "priority", "scheduled", "appointment", "rwd", "ungraded"):
        yield Figure("grades", grade, grades[grade], grades[grade], len(incidents))
    decided = [row for row in incidents if row.is_rwd or row.attended_at or row.closed_at]
    yield share("rwd_of_incidents", "", sum(row.is_rwd for row in decided), len(decided), len(incidents) - len(decided))
    for kind in sorted({row.kind for row in decided if row.kind}):
        of_kind = [row for row in decided if row.kind == kind]
        yield share("rwd_of_incidents", kind, sum(row.is_rwd for row in of_kind), len(of_kind))
    for code, is_vulnerable in (("rwd_vulnerable", True), ("rwd_others", False)):
        these = [row for row in decided if row.is_vulnerable is is_vulnerable]
        left = sum(row.is_vulnerable is is_vulnerable for row in incidents) - len(these)
        yield share(code, "", sum(row.is_rwd for row in these), len(these), left)
    yield share_of("rwd_came_back", "", (row.came_back for row in incidents if row.is_rwd))
    yield share("rwd_of_contacts", "", _number(group for group in answered if group.is_rwd), _number(answered))


def looked_after(groups: Sequence[Group], incidents: Sequence[Incident], at: datetime) -> Iterable[Figure]:
    """Whether somebody came as promised, and whether the risk was written."""
    yield from attended(incidents, at)
    promised = [row for row in incidents if row.attend_by is not None]
    for code, of in (("unjustified_delay_vulnerable", True), ("unjustified_delay_others", False)):
        minutes = sum(row.late_s for row in promised if row.is_vulnerable is of) / 60
        yield Figure(code, "", minutes, minutes)
    answered = [group for group in groups if group.outcome == "answered"]
    yield risk_on_record(groups)
    live = [group for group in answered if group.channel in LIVE]
    yield _share_of("vulnerability_in_call", "", live, lambda group: group.asked_in_call)
    for channel in ("", *CHANNELS):
        mine = [group for group in answered if channel in ("", group.channel)]
        yield _share_of("nothing_heard", channel, mine, lambda group: group.is_nothing_heard if group.risk else None)
    with_risk = [group for group in answered if group.risk and not group.is_nothing_heard]
    researched = _number(group for group in with_risk if group.is_researched)
    yield share("researched", "", researched, _number(with_risk), _number(answered) - _number(with_risk))
    yield count("unassessed_vulnerable", "", _number(group for group in groups if group.is_missed))


def attended(incidents: Sequence[Incident], at: datetime) -> Iterable[Figure]:
    """Whether somebody came as promised: to all, to the vulnerable, to the others."""
    promised = [row for row in incidents if row.attend_by is not None]
    yield share_of("attended_in_time", "", (came_in_time(row, at) for row in promised))
    yield share_of("attended_in_time_vulnerable", "", (came_in_time(row, at) for row in promised if row.is_vulnerable))
    yield share_of("attended_in_time_others", "", (came_in_time(row, at) for row in promised if not row.is_vulnerable))


def risk_on_record(groups: Iterable[Group]) -> Figure:
    """Whether the risk of those who were answered is written."""
    answered = (group for group in groups if group.outcome == "answered")
    return _share_of("risk_on_record", "", answered, lambda group: group.risk)


def has_risk(row: Contact, policy: Policy, at: datetime) -> bool | None:
    """Whether the risk is on record; None while there is still time for it."""
    if row.has_risk:
        return True
    is_fresh = row.answered_at is not None and at - row.answered_at <= timedelta(seconds=policy.contacts.risk_s)
    return None if is_fresh and row.wrapped_at is None else False


def asked_in_call(row: Contact) -> bool | None:
    """Whether somebody's vulnerability was written while they were still spoken to (R49); None while the call goes on."""
    if row.ended_at is None:
        return None
    return row.vulnerability_at is not None and row.vulnerability_at <= row.ended_at


def is_missed(row: Contact, policy: Policy, at: datetime) -> bool:
    """A contact with a marker that nobody answered or looked at, or whose risk nobody has written (R3)."""
    if not row.attention:
        return False
    if outcome(row) == "answered":
        return has_risk(row, policy, at) is False
    return row.wrapped_at is None
