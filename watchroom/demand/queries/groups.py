"""How many contacts of some days are alike in what is counted, and after how long? Grouped where they lie: a day has tens of thousands.

The same as `counting.grouped` makes of rows read one by one (`day.contact_rows`), in a fraction of the time; a test compares them.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from psycopg import Cursor

from watchroom.demand.rules import counting, days
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import memory, scope

#: The contacts, each in its span (1 and on), with their outcome (`counting.outcome`) and when their wait ended (`counting.waited`).
CONTACTS = """
with c as (
    select *, case outcome when 'answered' then answered_at when 'abandoned' then ended_at when 'diverted' then wrapped_at
        else %(at)s end as waited_until
    from (
        select id, channel, received_at, transferred_at, answered_at, ended_at, wrapped_at, attention, caller_number, reason,
            reason_offered, agency, tried_101, way, language,
            width_bucket(received_at, %(starts)s::timestamptz[]) as span,
            case when ended_at is not null and (answered_at is null or answered_at > ended_at) then 'abandoned'
                when answered_at is not null then 'answered'
                when wrapped_at is null then 'waiting'
                else 'diverted' end as outcome
        from contacts_contact
        where force = %(force)s and received_at >= %(start)s and received_at < %(end)s
            and (%(channel)s = '' or channel = %(channel)s)
    ) as one
)
"""
#: Whether their risk was written, what was promised them, and whether they rang 999.
THROUGH = """,
risk as (  -- the first saved record says how it was judged
    select contact_id, (array_agg(kind order by saved_at, id))[1] as how, min(saved_at) filter (where kind = 'nothing_heard') as judged_at
    from assessment_assessment
    where force = %(force)s and saved_at is not null and contact_id in (select id from c)
    group by contact_id
),
owed as (select contact_id, agreed_at, due_at, how from contacts_callback where force = %(force)s and contact_id in (select id from c)),
rung as (  -- of who gave up on 101, when the same number first rang 999
    select c.id as contact_id, min(t.transferred_at) as at
    from c join contacts_contact t on t.force = %(force)s and t.channel = '999' and t.caller_number = c.caller_number
        and t.transferred_at >= c.ended_at
        and t.received_at >= (%(starts)s::timestamptz[])[c.span] and t.received_at < (%(listened)s::timestamptz[])[c.span]
    where c.channel = '101' and c.outcome = 'abandoned' and c.caller_number <> ''
    group by c.id
)
"""
#: What only the figures of a whole day ask.
FURTHER = """,
vulnerable as (  -- first written of somebody's vulnerability
    select a.contact_id, min(w.at) as at
    from assessment_answer w join assessment_assessment a on a.id = w.assessment_id and a.force = %(force)s
    where w.force = %(force)s and w.element = any(%(asks)s) and a.contact_id in (select id from c)
    group by a.contact_id
),
reached as (
    select contact_id, min(at) filter (where stage in ('menu', 'announced', 'queued')) as first_ring_at,
        min(at) filter (where stage = 'queued') as queued_at, bool_or(stage = 'quiet') as went_quiet
    from contacts_stage where force = %(force)s and contact_id in (select id from c)
    group by contact_id
),
interpreter as (  -- of several of one contact, the one that came; of several that came, the first: the caller waited for it once
    select distinct on (contact_id) contact_id, asked_at, joined_at, ended_at
    from contacts_interpreter where force = %(force)s and contact_id in (select id from c)
    order by contact_id, joined_at asc nulls last, asked_at
),
led_to as (
    select i.contact_id, exists (select from resolution_resolution r where r.force = %(force)s and r.incident_id = i.incident_id) as is_rwd
    from incidents_involvement i where i.force = %(force)s and i.contact_id in (select id from c)
),
followed as (
    select distinct contact_id from identity_followed where force = %(force)s and undone_at is null and contact_id in (select id from c)
),
researched as (
    select distinct contact_id from identity_research where force = %(force)s and state = 'answered' and contact_id in (select id from c)
)
"""
FROM = """
from c left join risk on risk.contact_id = c.id left join owed on owed.contact_id = c.id left join rung on rung.contact_id = c.id
"""
FROM_FURTHER = """
left join vulnerable on vulnerable.contact_id = c.id left join reached on reached.contact_id = c.id
left join interpreter on interpreter.contact_id = c.id left join led_to on led_to.contact_id = c.id
left join followed on followed.contact_id = c.id left join researched on researched.contact_id = c.id
"""
RISK = """case when risk.contact_id is not null then true
    when c.answered_at is not null and c.wrapped_at is null
        and %(at)s - c.answered_at <= make_interval(secs => (%(risk_s)s::float8[])[c.span]) then null
    else false end"""
ALIKE = {
    "channel": "c.channel",
    "outcome": "c.outcome",
    "is_wrapped": "c.wrapped_at is not null",
    "risk": RISK,
    "is_missed": f"c.attention > 0 and case when c.outcome = 'answered' then ({RISK}) is false else c.wrapped_at is null end",
    "has_caller": "c.caller_number <> ''",
    "has_callback": "owed.contact_id is not null",
    "callback_how": "coalesce(owed.how, '')",
}
BY_PART = {"part": "case when c.channel = '999' then width_bucket(c.received_at, %(parts)s::timestamptz[]) - 1 end"}
ALIKE_FURTHER = {
    "has_incident": "led_to.contact_id is not null",
    "is_rwd": "coalesce(led_to.is_rwd, false)",
    "is_nothing_heard": "coalesce(risk.how = 'nothing_heard', false)",
    "asked_in_call": """case when c.ended_at is not null
        then coalesce(least(vulnerable.at, risk.judged_at) <= c.ended_at, false) end""",
    "is_researched": "researched.contact_id is not null",
    "reason": "c.reason",
    "reason_offered": "c.reason_offered",
    "agency": "c.agency",
    "tried_101": "c.tried_101",
    "after_101": "followed.contact_id is not null",
    "callback_in_time": "case when owed.how = 'reached' then c.answered_at <= owed.due_at end",
    "way": "c.way",
    "language": "c.language",
    "interpreter": """case when interpreter.contact_id is null then '' when interpreter.joined_at is not null then 'joined'
        when interpreter.ended_at is null then 'waiting' else 'none' end""",
    "went_quiet": "coalesce(reached.went_quiet, false)",
}
TIMES = {
    "waits": "greatest(interval '0', c.waited_until - c.transferred_at)",
    "to_999": "rung.at - c.ended_at",
}
TIMES_FURTHER = {
    "handled": """case when c.outcome = 'answered' and c.wrapped_at is not null
        then greatest(interval '0', c.wrapped_at - c.answered_at) end""",
    "from_ring": """case when c.outcome = 'answered'
        then c.answered_at - least(reached.first_ring_at, c.transferred_at, c.received_at) end""",
    "from_queue": "case when c.outcome = 'answered' then c.answered_at - coalesce(reached.queued_at, c.transferred_at) end",
    "delays": "interpreter.joined_at - interpreter.asked_at",
}


@memory.while_reading  # two panels of a supervisor's page count the same day
def today(at: datetime) -> list[counting.Group]:
    """The local day so far: how callers got through, 999 by the half hour, and whether their risk is on record; no more of a group."""
    zone = force.timezone()
    span = days.holding(at, zone)
    (found,) = _read([span], [force.policy_at(at).policy], at, None, parts=days.parts(span, zone, minutes=30))
    return found


def of(spans: Sequence[days.Span], policies: Sequence[Policy], at: datetime) -> list[list[counting.Group]]:
    """The groups of each span, by the policy of each; spans follow each other without a gap. One query for all."""
    return _read(spans, policies, at, sorted(frozenset[str]().union(*(policy.read_as("vulnerability") for policy in policies))))


def _read(
    spans: Sequence[days.Span], policies: Sequence[Policy], at: datetime, asks: list[str] | None, parts: Sequence[days.Span] = ()
) -> list[list[counting.Group]]:
    """`asks`: the elements of the risk models that ask who is vulnerable; None where a group is asked for no more than `today` tells."""
    is_whole = asks is not None
    alike = ALIKE | (ALIKE_FURTHER if is_whole else BY_PART)
    times = TIMES | TIMES_FURTHER if is_whole else TIMES
    # one key, of an estimate that lets the database hash it: sorting by two dozen columns took longer than all the rest
    statement = f"""{CONTACTS}{THROUGH}{FURTHER if is_whole else ""},
        one as materialized (
            select c.span, array[{", ".join(f"({value})::text" for value in alike.values())}] as alike,
                {", ".join(f"date_part('epoch', {value}) as {name}" for name, value in times.items())}
            {FROM}{FROM_FURTHER if is_whole else ""}
        )
        select span, alike, count(*), {", ".join(f"array_agg({name}) filter (where {name} is not null)" for name in times)}
        from one group by span, alike"""
    windows = [timedelta(seconds=counting.windows_of(policy)[-1]) for policy in policies]
    more = {
        "asks": asks,
        "parts": [part.start for part in parts],
        "risk_s": [float(policy.contacts.risk_s) for policy in policies],
        # calls of after the day count for those who gave up near its end; while the day runs there are none
        "listened": [span.end + (window if at >= span.end else timedelta()) for span, window in zip(spans, windows, strict=True)],
    }
    found: list[list[counting.Group]] = [[] for _ in spans]
    for number, kinds, many, *arrays in _fetch(statement, spans, at, more):
        told: dict[str, Any] = {name: _read_as(name, value) for name, value in zip(alike, kinds, strict=True)}
        told |= {name: tuple(seconds or ()) for name, seconds in zip(times, arrays, strict=True)}
        found[number - 1].append(counting.Group(number=many, **told))
    return found


TEXTS = {
    field.name for field in dataclasses.fields(counting.Group) if field.default == "" or field.name in ("channel", "outcome")
}


def _read_as(name: str, value: str | None) -> str | int | bool | None:
    if name == "part" and value is not None:
        return int(value)
    return value if name in TEXTS or value is None else value == "true"


def over_time(parts: Sequence[days.Span], at: datetime) -> list[Counter[str]]:
    """How many contacts of each outcome reached the force in each part; parts follow each other without a gap."""
    found: list[Counter[str]] = [Counter() for _ in parts]
    for number, outcome, many in _fetch(f"{CONTACTS} select span, outcome, count(*) from c group by 1, 2", parts, at, {}):
        found[number - 1][outcome] = many
    return found


def longest(span: days.Span, at: datetime, *, channel: str, number: int) -> list[tuple[int, float, counting.Outcome]]:
    """(contact, seconds, outcome) of those on this channel who waited longest, the longest first."""
    statement = f"""{CONTACTS}
        select id, date_part('epoch', greatest(interval '0', waited_until - transferred_at)), outcome
        from c order by waited_until - transferred_at desc, id limit %(number)s"""
    return list(_fetch(statement, [span], at, {"channel": channel, "number": number}))


def _fetch(statement: str, spans: Sequence[days.Span], at: datetime, more: dict[str, Any]) -> Iterable[Any]:
    given: dict[str, Any] = {
        "force": scope.require(),
        "at": at,
        "start": spans[0].start,
        "end": spans[-1].end,
        "starts": [span.start for span in spans],
        "channel": "",  # all
    }
    # Planned each time anew, for these days: a plan for any days takes twice as long. And in the binary format: to write and read
    # tens of thousands of times as text took a third of it all.
    connection.ensure_connection()
    connection.say()  # type: ignore[attr-defined]  # past Django's own cursor, which would
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement.encode(), given | more, prepare=False, binary=True)
        return cursor.fetchall()
