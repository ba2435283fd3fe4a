"""What changes on the handler's screens when a fact is told?

The waiting screen's list is pushed whole: it is short. On a contact's page log lines and units are pushed; a stage that
another person changed is *poked*: a hidden mark names it, and the page fetches it again as its reader may see it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.html import format_html

from watchroom.assessment import queries as assessment
from watchroom.contacts import facts as contact_facts
from watchroom.contacts.chat import queries as chat_queries
from watchroom.contacts.chat import rules as chats
from watchroom.contacts.models import Contact, Line, Stage
from watchroom.desk.views import chat, handler
from watchroom.duties import kinds
from watchroom.force import queries as force
from watchroom.foundation import clock, live, memory
from watchroom.foundation.facts import Told
from watchroom.foundation.live import Fragment
from watchroom.foundation.models import Fact
from watchroom.identity import facts as people
from watchroom.identity.flags import queries as flags
from watchroom.incidents import queries as incidents
from watchroom.incidents.views import log

STAGES_SHOWN = ("held", "resumed", "joined", "left", "passed", "interp_asked", "interp_joined", "interp_ended")
QUEUE, SEE = "contacts.queue", "contacts.see"


@live.on("contacts")
def ringing(told: Told) -> list[Fragment]:
    """The waiting screen's list. Topic `contacts`. Drawn once for all the facts that are read together."""
    html = memory.once("desk.ringing", _draw_ringing)
    return [Fragment(topic="contacts", target="#ringing", html=html, needs=QUEUE)]


def _draw_ringing() -> str:
    return render_to_string("desk/_ringing.html", {"ringing": handler.ringing(clock.now(), _known_of)})


class _Row(NamedTuple):
    """Of a contact that rings, all on which it hangs what is known of who rings."""

    contact: int
    number: str
    place: int | None
    said: tuple[object, ...]  # of themselves, and the day and the policy by which a flag is read


def _known_of(row: Contact, at: datetime) -> handler.Known:
    said = (row.caller_name, row.caller_born, row.caller_email, row.place_said, row.number_is_typed, row.received_at)
    key = _Row(row.pk, row.caller_number, row.place_id, (*said, force.local_day(at), force.policy_at(at).number))
    return _known.get(key, lambda: handler.known(row, at))


def _touched(heard: Sequence[Fact], known: Mapping[_Row, handler.Known]) -> Iterable[_Row] | None:
    """What is told of people bears upon all who ring; another contact, upon who has its number or place: how often they were in
    touch, and who gave up. The row itself is read anew each time.
    """
    if not _OF_NOBODY.issuperset(fact.kind for fact in heard if fact.kind in _OF_PEOPLE):
        return None
    spoken_of = {fact.subject_id for fact in heard if fact.subject_kind == "contact"}
    others = {pk for pk in spoken_of if any(row.contact != pk for row in known)}
    found = Contact.objects.filter(pk__in=others).values_list("pk", "caller_number", "place_id") if others else ()
    return {
        row
        for pk, number, place in found
        for row, one in known.items()
        if pk != row.contact and ((place and place == row.place) or (number and number in one.numbers))
    }


_OF_PEOPLE = {name for name, kind in vars(people).items() if isinstance(kind, type)}
_OF_NOBODY = {kind.__name__ for kind in (people.Observed, people.ResearchAsked, people.ResearchFailed, people.ResearchNotNeeded)}
_known = live.Kept(_touched)


@live.on("contact-*")
def offered(told: Told) -> list[Fragment]:
    """Somebody who writes up another contact is asked to take an emergency, or need not any more: on the page that they have open."""
    asked = Stage.objects.filter(contact_id=told.fact.subject[1], stage="offered").values("member_id")
    held = Contact.objects.filter(owner_id__in=asked, state=Contact.State.ENDED).values_list("pk", flat=True)
    return _poke(told, held, "headline")


@live.on("contact-*")
def line(told: Told) -> list[Fragment]:
    """A line of the log, on the page of every contact that belongs to it."""
    kind, pk = told.fact.subject
    incident = incidents.of_contact(pk) if kind == "contact" else None
    number = incident.pk if incident else pk if kind == "incident" else None
    found = incidents.contacts_of(number) if number else Contact.objects.select_related("owner").filter(pk=pk)
    contacts = [row for row in found if _is_open(row.pk)]
    if not contacts:
        return []
    lines = incidents.log(number) if number else incidents.contact_log(pk)
    wanted = _lines_of(told.fact)
    return [
        Fragment(
            topic=f"contact-{row.pk}",
            target=f"#log-lines-{row.pk}",
            swap="beforeend",
            html=render_to_string("incidents/_contact_line.html", {"shown": log.shown_line(one, row)}),
            needs=SEE,
        )
        for one in lines
        if one.key in wanted
        for row in contacts
        if one.origin != "unit" or assessment.is_saved(row.pk)  # nobody sees units before their risk is saved (R47)
    ]


@live.on("contact-*")
def spoken(told: Told) -> list[Fragment]:
    """A message of a chat: in the conversation, and on the strip of whoever has it."""
    fact: Any = told.fact
    if fact.origin not in chats.SPOKEN or not _is_open(fact.contact):
        return []
    pk, row = fact.contact, Line.objects.get(pk=fact.line)
    html = render_to_string("desk/_chat_line.html", {"line": chat.shown_line(row)})
    return [
        Fragment(topic=f"contact-{pk}", target=f"#chat-lines-{pk}", swap="beforeend", html=html, needs=SEE),
        *chat_stands(told),
    ]


@live.on("contact-*")
def chat_stands(told: Told) -> list[Fragment]:
    """Who waits for whom, and whether they have gone quiet. In a part of its own: the field one types in is not replaced."""
    pk, at = told.fact.subject[1], clock.now()
    if not _is_open(pk):
        return []
    row = chat_queries.of(pk)
    if row is None:
        return []
    one = chat_queries.shown(row.contact, at=at)
    shown = {"chat": row, "contact": row.contact, "is_open": row.contact.state == Contact.State.ANSWERED, "is_gone": one.is_gone}
    drawn = (("state", "desk/_chat_state.html", shown), ("tab", "desk/_chat_tab.html", {"one": one}))
    return [
        Fragment(topic=f"contact-{pk}", target=f"#chat-{name}-{pk}", html=render_to_string(template, context), needs=SEE)
        for name, template, context in drawn
    ]


@live.on("chats", "contact-*")
def owes(told: Told) -> list[Fragment]:
    """A message did not arrive, or may not have: whoever owes something for it is told, whatever page of the desk they have open."""
    fact: Any = told.fact
    if fact.kind not in handler.MESSAGES or fact.subject_kind != "contact":
        return []
    found = _poke(told, [fact.subject_id], "stage-send")
    owner = getattr(fact, "owner", "")  # none where it is settled
    return [*found, _tell(owner, kinds.label(fact.kind))] if owner else found


@live.on("chats")
def hung_up(told: Told) -> list[Fragment]:
    """A call on the strip, and in what is hers to finish, of whoever has it: how it ended, whatever page of the desk they have open.

    Not under the contact's own topic: what a colleague passed on she may not have opened yet. It names nobody.
    """
    fact: Any = told.fact
    row = Contact.objects.get(pk=fact.contact)
    if not row.is_call:
        return []
    drawn = (
        ("chat-tab", "desk/_chat_tab.html", {"one": chat_queries.shown(row, at=clock.now()), "ended": fact.how}),
        ("held", "desk/_held.html", {"contact": row}),
    )
    return [
        Fragment(topic="chats", target=f"#{name}-{row.pk}", html=render_to_string(template, context), needs=QUEUE)
        for name, template, context in drawn
    ]


@live.on("contact-*")
def chat_changed(told: Told) -> list[Fragment]:
    """Gone quiet, looked at, back, ended or passed on: the conversation is fetched again, as its reader may see it."""
    say = "Gone quiet: look what may have happened" if isinstance(told.fact, contact_facts.ChatWentQuiet) else ""
    return [*chat_stands(told), *_poke(told, [told.fact.subject[1]], "chat headline stage-send", say=say)]


def _lines_of(fact: Any) -> set[str]:
    """The keys of the lines that a fact brings into the log, or changes there."""
    if hasattr(fact, "attachment"):
        return {f"file-{fact.attachment}", f"unfile-{fact.attachment}"}
    return {f"line-{fact.line}" if hasattr(fact, "line") else f"entry-{fact.entry}"}


@live.on("contact-*")
def units(told: Told) -> list[Fragment]:
    """How far the units of this incident are, for handlers whose risk is saved (R47): nothing is sent before."""
    incident = told.fact.subject[1]
    contacts = [row for row in incidents.contacts_of(incident) if _is_open(row.pk) and assessment.is_saved(row.pk)]
    sent = handler.units_of(incident) if contacts else []
    return [
        Fragment(
            topic=f"contact-{row.pk}",
            target=f"#units-{row.pk}",
            html=render_to_string("desk/_units.html", {"contact": row, "units": sent}),
            needs=SEE,
        )
        for row in contacts
    ]


@live.on("contact-*")
def graded(told: Told) -> list[Fragment]:
    return _poke(told, _of_incident(told), "stage-grade stage-send headline log-box")


@live.on("contact-*")
def headline(told: Told) -> list[Fragment]:
    return _poke(told, _of_incident(told), "headline log-box")


@live.on("contact-*")
def headline_of_contact(told: Told) -> list[Fragment]:
    return _poke(told, [told.fact.subject[1]], "headline")


@live.on("contact-*")
def moved(told: Told) -> list[Fragment]:
    """Place or type changed, or the log was opened or closed."""
    return _poke(told, _of_incident(told), "where stage-grade")


@live.on("contact-*")
def judged(told: Told) -> list[Fragment]:
    return _poke(told, [told.fact.subject[1]], "stage-grade stage-send")


@live.on("contact-*")
def asked(told: Told) -> list[Fragment]:
    """A question was answered: the panel goes on, the log has a line more, and the risk has words on offer."""
    return _poke(told, [told.fact.subject[1]], "asks log-box stage-risk evidence")


@live.on("contact-*")
def evidence(told: Told) -> list[Fragment]:
    """It was noted, or said what became of it: on the page of every contact of the log."""
    incident = incidents.of_contact(told.fact.subject[1])
    contacts = list(incidents.contacts_of(incident.pk).values_list("pk", flat=True)) if incident else [told.fact.subject[1]]
    return _poke(told, contacts, "evidence log-box stage-send")


@live.on("contact-*")
def risk_saved(told: Told) -> list[Fragment]:
    return _poke(told, [told.fact.subject[1]], "stage-risk stage-grade stage-send")


@live.on("chats", "contact-*")
def staged(told: Told) -> list[Fragment]:
    """On hold or off it, passed on, somebody joined or left: what the call's own panel shows. Offers show elsewhere.

    To whom it was passed on sees it on their strip, whatever page of the desk they have open. That names nobody but them.
    """
    stage = getattr(told.fact, "stage", "")
    if stage not in STAGES_SHOWN:
        return []
    found = _poke(told, [told.fact.subject[1]], "headline stage-send")
    if stage == "passed":
        found.append(_tell(f"staff:{getattr(told.fact, 'member', 0)}", "A colleague passed a contact on to you"))
    return found


@live.on("contact-*")
def call(told: Told) -> list[Fragment]:
    """The contact itself: answered, ended, cut off, located, written up."""
    how = getattr(told.fact, "how", "")
    say = {"cut_off": "Cut off: re-grade now", "caller": "The caller hung up"}.get(how, "")
    return _poke(told, [told.fact.subject[1]], "headline stage-send where", say=say)


@live.on("contact-*")
def crossed(told: Told) -> list[Fragment]:
    """How a contact stands that was handed over to another force: what they say is said aloud, for it may be bad news."""
    state = getattr(told.fact, "state", "")
    say = {
        "accepted": "The other force has accepted it",
        "declined": "The other force has declined it: it is still ours",
        "withdrawn": "Taken back from the other force",
    }.get(state, "The other force is not reached yet" if hasattr(told.fact, "problem") else "")
    return _poke(told, [told.fact.subject[1]], "stage-send headline", say=say)


@live.on("contact-*")
def who(told: Told) -> list[Fragment]:
    return _poke(told, [told.fact.subject[1]], "stage-who headline")


@live.on("contact-*")
def researched(told: Told) -> list[Fragment]:
    """Another system was asked, has answered or failed; or somebody said what came of it: on every page of the log."""
    pk = told.fact.subject[1]
    incident = incidents.of_contact(pk)
    others = [row.pk for row in incidents.contacts_of(incident.pk) if row.pk != pk] if incident else []
    return [*_poke(told, [pk], "research log-box stage-send"), *_poke(told, others, "log-box")]


@live.on("contact-*", "contacts")
def flagged(told: Told) -> list[Fragment]:
    """A flag came, was put right or went: on every page that shows it, and on the waiting screen."""
    rings = ringing(told) if live.is_shown("contacts") else []
    return [*_poke(told, flags.in_hand_with(told.fact.subject[1]), "stage-who headline"), *rings]


def _of_incident(told: Told) -> list[int]:
    return list(incidents.contacts_of(told.fact.subject[1]).values_list("pk", flat=True))


def _tell(who: str, say: str) -> Fragment:
    """Said to one person, and what is theirs is fetched again."""
    html = format_html('<i data-chat-poke data-to="{}" data-say="{}"></i>', who, say)
    return Fragment(topic="chats", target="#chats", swap="beforeend", html=str(html), needs=QUEUE)


def _poke(told: Told, contacts: Iterable[int], stages: str, say: str = "") -> list[Fragment]:
    # appended, not replaced: two facts at once must both be heard
    return [
        Fragment(
            topic=f"contact-{pk}",
            target=f"#pokes-{pk}",
            swap="beforeend",
            html=str(format_html('<i data-poke data-by="{}" data-stages="{}" data-say="{}"></i>', told.by, stages, say)),
            needs=SEE,
        )
        for pk in contacts
        if _is_open(pk)
    ]


def _is_open(contact: int) -> bool:
    """Whether anybody for whom is drawn has this contact's page open."""
    return live.is_shown(f"contact-{contact}")
