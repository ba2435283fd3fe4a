"""From the fact that something is to cross to the job that carries it; what is read before it, and kept after it."""

from dataclasses import dataclass
from datetime import datetime

from watchroom.foundation import scope
from watchroom.foundation.facts import Told
from watchroom.links.records import connections
from watchroom.links.records.connections import Connection
from watchroom.referrals.forces import more, queries, receiving, rules, sending
from watchroom.referrals.forces.document import Answer, Message, Since
from watchroom.referrals.models import FromForce, ToForce

KIND = "forces"  # WATCHROOM_FORCES_…, forces.json
HERE = "force:"


@dataclass(frozen=True)
class Order:
    """All that a crossing needs, read in the sender's scope before it. `connection` is None where there is none."""

    to: str
    is_here: bool  # in this installation
    body: str  # a Message as JSON: nothing else of the sender's crosses
    key: str
    since: Since | None
    told: more.Told | None  # how much of what came after the handing over is in it
    connection: Connection | None


def why_not(to: str) -> str:
    """Why the force in scope cannot hand over to this one, as a sentence; empty when it can."""
    return "" if is_here(to) else connections.why_not(to, KIND)


def is_here(to: str) -> bool:
    return to in scope.forces()


def begin(told: Told) -> None:
    """Reaction: something is to cross, or wanted back. The crossing is a job of its own, in no transaction of the sender's."""
    from watchroom.links.forces import tasks

    tasks.carry.defer(force=scope.require(), handover=told.fact.handover)  # type: ignore[attr-defined]


def tell_back(told: Told) -> None:
    """Reaction: one of us answered. A sender of this installation asks for the answer at once; any other asks every few seconds."""
    from watchroom.links.forces import tasks

    row = FromForce.objects.get(pk=told.fact.handover)  # type: ignore[attr-defined]
    sender = row.sender.removeprefix(HERE)
    if row.sender.startswith(HERE) and is_here(sender):
        tasks.carry_key.defer(force=sender, key=row.key)


def take_up(*, handover: int) -> Order | None:
    """None when it has ended meanwhile."""
    row = ToForce.objects.get(pk=handover)
    if row.state not in rules.OPEN and row.tells_until is None:
        return None
    # wanted back, it is told no more; if somebody there was quicker, they are told then
    since, told = more.drawn(row) if row.state != "recalled" else (None, None)
    message = Message(key=row.key, is_recalled=row.state == "recalled", document=row.document, since=since)
    here = is_here(row.to)
    connection = None if here else connections.of(row.to, KIND)
    return Order(
        to=row.to, is_here=here, body=message.model_dump_json(), key=row.key, since=since, told=told, connection=connection
    )


def take_in(*, body: str, sender: str, at: datetime) -> Answer:
    """In the receiver's scope: what came, read anew from its text as from any other sender."""
    return receiving.take(message=Message.model_validate_json(body), sender=f"{HERE}{sender}", at=at)


def keep(*, handover: int, order: Order, outcome: "Answer | str", at: datetime) -> bool:
    """In the sender's scope: what they said, or why they could not be asked (of `rules.PROBLEMS`). Whether they have yet to be told of
    something that was written before we learned that they accepted it."""
    if isinstance(outcome, Answer):
        row = sending.learn(handover=handover, heard=outcome, since=order.since, told=order.told, at=at)
        return row.tells_until is not None
    sending.failed(handover=handover, problem=outcome, at=at)
    return False


def follow_end(told: Told) -> None:
    """Reaction: the caller is not on the line any more. Who may accept it is told at once; of a line, within ten seconds."""
    from watchroom.links.forces import tasks

    row = queries.open_of(told.fact.subject[1])
    if row is not None:
        tasks.carry.defer(force=scope.require(), handover=row.pk)


def still_to_carry() -> list[int]:
    return list(queries.to_carry().values_list("pk", flat=True)[:200])
