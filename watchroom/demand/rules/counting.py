"""What was the demand, and how was it met? Each figure of `data/definitions.toml`, computed from plain rows.

Rows carry times, codes and opaque numbers; nothing that a person said, is called or can be reached at. A figure whose
denominator is empty has no value: nothing to count is not 0 per cent.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from watchroom.contacts import rules as contacts
from watchroom.contacts.rules import CHANNELS, LIVE
from watchroom.demand.rules.days import Span
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
    return sum(values) / len(values) if values else None


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


# --- All figures of a day -------------------------------------------------------------------------------------------


def figures(
    rows: Sequence[Contact],
    incidents: Sequence[Incident],
    later_999: Sequence[Contact],
    without_owner: int,
    policy: Policy,
    at: datetime,
) -> list[Figure]:
    """Every figure that has a definition. `later_999`: 999 calls of after the day, for those who gave up on 101 near its end."""
    found = [
        *_by_channel(rows, policy, at),
        *other_definitions(rows, policy, at),
        *_calls(rows, later_999, policy, at),
        *how_they_speak(rows, policy, at),
        *_led_to(rows, incidents),
        *looked_after(rows, incidents, policy, at),
    ]
    found.append(count("without_owner", "", without_owner))
    return found


def _by_channel(rows: Sequence[Contact], policy: Policy, at: datetime) -> Iterable[Figure]:
    for channel in ("", *CHANNELS):
        mine = [row for row in rows if channel in ("", row.channel)]
        counts = Counter(outcome(row) for row in mine)
        yield count("offered", channel, len(mine))
        for name in OUTCOMES:
            yield count(name, channel, counts[name])
        if not channel:
            continue
        waits = [waited(row, at) for row in mine if outcome(row) == "answered"]
        others = len(mine) - len(waits)
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
            yield share_of("went_quiet", channel, (row.went_quiet for row in mine if outcome(row) == "answered"))
        yield Figure("wait_median", channel, percentile(waits, 50), len(waits), len(waits), others)
        yield Figure("wait_90", channel, percentile(waits, 90), len(waits), len(waits), others)
        yield Figure("wait_mean", channel, mean(waits), sum(waits), len(waits), others)
        yield Figure("wait_longest", channel, max((waited(row, at) for row in mine), default=None), len(mine), len(mine))
        target = policy.channel(channel).answer_s
        yield share_of("within_target", channel, (within(row, target, at) for row in mine))
        handling = [seconds for row in mine if (seconds := handled(row)) is not None]
        yield Figure(
            "handling_median", channel, percentile(handling, 50), len(handling), len(handling), len(waits) - len(handling)
        )


def _callbacks(rows: Sequence[Contact]) -> Iterable[Figure]:
    agreed = [row for row in rows if row.callback_agreed_at is not None]
    reached = sum(row.callback_how == "reached" for row in agreed)
    again = sum(row.callback_how == "taken_up" for row in agreed)
    is_open = sum(not row.callback_how for row in agreed)
    yield count("callbacks", "101", len(agreed))
    yield share("callbacks_reached", "101", reached, len(agreed) - again - is_open, again + is_open)
    late = (
        None
        if row.callback_how != "reached" or not row.answered_at or not row.callback_due_at
        else row.answered_at <= row.callback_due_at
        for row in agreed
    )
    yield share_of("callbacks_in_time", "101", late)


def other_definitions(rows: Sequence[Contact], policy: Policy, at: datetime) -> Iterable[Figure]:
    """The same callers, counted as other forces and exchanges count them: without who gave up soon, from the first ring, from the queue."""
    for channel in LIVE:
        mine = [row for row in rows if row.channel == channel]
        answered = [row for row in mine if outcome(row) == "answered"]
        lost = [waited(row, at) for row in mine if outcome(row) == "abandoned"]
        waiting = len(mine) - len(answered) - len(lost)
        for short in SHORT_S:
            later = sum(seconds > short for seconds in lost)
            yield share(f"abandoned_after_{short}", channel, later, len(answered) + later, len(lost) - later + waiting)
        target = policy.channel(channel).answer_s
        in_time = sum(waited(row, at) <= target for row in answered)
        yield share("service_of_offered", channel, in_time, len(mine))
        yield share("service_of_answered", channel, in_time, len(answered), len(mine) - len(answered))
        soon = sum(seconds <= SHORT_S[0] for seconds in lost)
        yield share("service_less_short", channel, in_time, len(mine) - soon, soon)
        waits = [
            (row.answered_at - (row.first_ring_at or row.transferred_at)).total_seconds() for row in answered if row.answered_at
        ]
        yield Figure("wait_first_ring", channel, percentile(waits, 50), len(waits), len(waits), len(mine) - len(waits))
        waits = [(row.answered_at - (row.queued_at or row.transferred_at)).total_seconds() for row in answered if row.answered_at]
        yield Figure("wait_queue", channel, percentile(waits, 50), len(waits), len(waits), len(mine) - len(waits))


def _calls(rows: Sequence[Contact], later_999: Sequence[Contact], policy: Policy, at: datetime) -> Iterable[Figure]:
    calls = [row for row in rows if row.channel == "999"]
    response = policy.response
    yield share_of("within_999", "999", (within(row, response.answer_999_s, at) for row in calls))
    yield share_of("within_limit_999", "999", (within(row, response.answer_999_limit_s, at) for row in calls))
    yield count("over_limit_999", "999", len(over(calls, response.answer_999_limit_s, at)))
    answered = [row for row in calls if outcome(row) == "answered"]
    bands = Counter(contacts.answer_band(waited(row, at), policy) for row in answered)
    for number, label in enumerate(contacts.band_labels(policy)):
        yield Figure("bands_999", label, bands[number], bands[number], len(answered), len(calls) - len(answered))
    lost = [row for row in rows if row.channel == "101" and outcome(row) == "abandoned"]
    shown = [row for row in lost if row.caller is not None]
    for code, window in zip(TO_999, windows_of(policy), strict=True):
        rang = len(then_rang_999(lost, [*calls, *later_999], window))
        yield Figure(code, "101", rang, rang, len(shown), len(lost) - len(shown))
    compared = [how for row in answered if row.wrapped_at and (how := lost_callers.compared(row.tried_101, row.after_101))]
    for how in COMPARED:
        yield share("said_and_found", how, compared.count(how), len(compared), len(answered) - len(compared))
    asked = [bool(row.tried_101) if row.wrapped_at else None for row in answered]
    yield share_of("asked_101", "999", asked)


def how_they_speak(rows: Sequence[Contact], policy: Policy, at: datetime) -> Iterable[Figure]:
    """Who did not speak English with us by voice: how many, whether they waited as others did, and whether their risk was written."""
    otherwise = [row for row in rows if row.way or row.language]
    for of in ("", *sorted({mark for row in otherwise for mark in (row.way, row.language) if mark})):
        mine = [row for row in otherwise if of in ("", row.way, row.language)]
        waits = [waited(row, at) for row in mine if outcome(row) == "answered"]
        yield count("speaking", of, len(mine))
        yield Figure("speaking_wait", of, percentile(waits, 50), len(waits), len(waits), len(mine) - len(waits))
        yield share_of("speaking_risk", of, (has_risk(row, policy, at) for row in mine if outcome(row) == "answered"))
    asked = [row for row in rows if row.interp_asked_at]
    for of in ("", *sorted({row.language for row in asked})):
        mine = [row for row in asked if of in ("", row.language)]
        delays = [
            (row.interp_joined_at - row.interp_asked_at).total_seconds()
            for row in mine
            if row.interp_joined_at and row.interp_asked_at
        ]
        waiting = sum(row.interp_joined_at is None and row.interp_ended_at is None for row in mine)
        yield Figure("interpreter_delay", of, percentile(delays, 50), len(delays), len(delays), len(mine) - len(delays))
        yield Figure("interpreter_delay_90", of, percentile(delays, 90), len(delays), len(delays), len(mine) - len(delays))
        yield share("interpreter_none", of, len(mine) - len(delays) - waiting, len(mine) - waiting, waiting)


def windows_of(policy: Policy) -> tuple[int, int, int]:
    """The policy's windows after a 101 call that was given up; where it has fewer than three, the last again (R15)."""
    given = policy.contacts.after_abandoned_101_s or (0,)
    first, second, third = (given[min(n, len(given) - 1)] for n in range(3))
    return first, second, third


def over(rows: Iterable[Contact], seconds: float, at: datetime) -> list[Contact]:
    """Those that waited longer, answered or not, the longest first (R12)."""
    return sorted((row for row in rows if waited(row, at) > seconds), key=lambda row: -waited(row, at))


def then_rang_999(lost: Iterable[Contact], calls: Iterable[Contact], seconds: float) -> list[Contact]:
    """Of those who gave up on 101, who rang 999 from the same number soon after (R15)."""
    rung: dict[int, list[datetime]] = {}
    for call in calls:
        if call.caller is not None:
            rung.setdefault(call.caller, []).append(call.transferred_at)
    window = timedelta(seconds=seconds)

    def rang(row: Contact) -> bool:
        gave_up = row.ended_at
        return (
            gave_up is not None
            and row.caller is not None
            and any(gave_up <= t <= gave_up + window for t in rung.get(row.caller, ()))
        )

    return [row for row in lost if rang(row)]


def _led_to(rows: Sequence[Contact], incidents: Sequence[Incident]) -> Iterable[Figure]:
    done = [row for row in rows if handled(row) is not None]
    answered = [row for row in rows if outcome(row) == "answered"]
    unfinished = len(answered) - len(done)

    def seconds(some: Iterable[Contact]) -> float:
        return sum(handled(row) or 0.0 for row in some)

    nothing = [row for row in done if row.incident is None]
    yield share("no_incident", "", len(nothing), len(done), unfinished)
    yield share("no_incident_minutes", "", seconds(nothing), seconds(done), unfinished)
    for reason in sorted({row.reason for row in nothing}):
        mine = [row for row in nothing if row.reason == reason]
        yield share("no_incident", reason or "unsaid", len(mine), len(done), unfinished)
        yield share("no_incident_minutes", reason or "unsaid", seconds(mine), seconds(done), unfinished)
    yield share("other_agency", "", sum(bool(row.agency) for row in done), len(done), unfinished)
    theirs = [row for row in done if row.agency]
    yield share("other_agency_minutes", "", seconds(theirs), seconds(done), unfinished)
    for agency in sorted({row.agency for row in theirs}):
        of_one = [row for row in theirs if row.agency == agency]
        yield share("other_agency", agency, len(of_one), len(done), unfinished)
        yield share("other_agency_minutes", agency, seconds(of_one), seconds(done), unfinished)
    offered = [row for row in nothing if row.reason_offered]
    agreed = sum(row.reason == row.reason_offered for row in offered)
    yield share("reason_agreed", "", agreed, len(offered), len(nothing) - len(offered))

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
    yield share("rwd_of_contacts", "", sum(row.is_rwd for row in answered), len(answered))


def looked_after(rows: Sequence[Contact], incidents: Sequence[Incident], policy: Policy, at: datetime) -> Iterable[Figure]:
    """Whether somebody came as promised, and whether the risk was written."""
    promised = [row for row in incidents if row.attend_by is not None]
    yield share_of("attended_in_time", "", (came_in_time(row, at) for row in promised))
    yield share_of("attended_in_time_vulnerable", "", (came_in_time(row, at) for row in promised if row.is_vulnerable))
    yield share_of("attended_in_time_others", "", (came_in_time(row, at) for row in promised if not row.is_vulnerable))
    for code, of in (("unjustified_delay_vulnerable", True), ("unjustified_delay_others", False)):
        minutes = sum(row.late_s for row in promised if row.is_vulnerable is of) / 60
        yield Figure(code, "", minutes, minutes)
    answered = [row for row in rows if outcome(row) == "answered"]
    yield share_of("risk_on_record", "", (has_risk(row, policy, at) for row in answered))
    yield share_of("vulnerability_in_call", "", (asked_in_call(row) for row in answered if row.channel in LIVE))
    for channel in ("", *CHANNELS):
        mine = [row for row in answered if channel in ("", row.channel)]
        yield share_of("nothing_heard", channel, (row.is_nothing_heard if row.has_risk else None for row in mine))
    with_risk = [row for row in answered if row.has_risk and not row.is_nothing_heard]
    yield share("researched", "", sum(row.is_researched for row in with_risk), len(with_risk), len(answered) - len(with_risk))
    yield count("unassessed_vulnerable", "", sum(is_missed(row, policy, at) for row in rows))


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


# --- Over the day ---------------------------------------------------------------------------------------------------


def over_time(
    rows: Iterable[Contact], parts: Sequence[Span], of: Callable[[Contact], bool] = lambda row: True
) -> list[Counter[str]]:
    """How many contacts of each outcome reached the force in each part of the day."""
    found: list[Counter[str]] = [Counter() for _ in parts]
    if parts:
        step, start = (parts[0].end - parts[0].start).total_seconds(), parts[0].start
        for row in rows:
            if of(row) and 0 <= (place := int((row.received_at - start).total_seconds() // step)) < len(parts):
                found[place][outcome(row)] += 1
    return found


def within_over_time(rows: Iterable[Contact], parts: Sequence[Span], seconds: float, at: datetime) -> list[Figure]:
    """The share answered within so many seconds, in each part of the day."""
    rows = list(rows)
    return [
        share_of("within_999", part.label, (within(row, seconds, at) for row in rows if part.start <= row.received_at < part.end))
        for part in parts
    ]
