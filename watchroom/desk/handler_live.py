"""What changes on the handler's screens when a fact is told?

The waiting screen's list is pushed whole: it is short. On a contact's page log lines and units are pushed; a stage that
another person changed is *poked*: a hidden mark names it, and the page fetches it again as its reader may see it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html

from watchroom.assessment import queries as assessment
from watchroom.contacts import facts as contact_facts
from watchroom.contacts.chat import queries as chat_queries
from watchroom.contacts.chat import rules as chats
from watchroom.contacts.models import Contact, Line, Stage
from watchroom.desk.views import chat, handler
from watchroom.duties import kinds
from watchroom.foundation import clock, memory
from watchroom.foundation.facts import Told
from watchroom.foundation.live import Fragment
from watchroom.identity.flags import queries as flags
from watchroom.incidents import queries as incidents
from watchroom.incidents.views import log

STAGES_SHOWN = ("held", "resumed", "joined", "left", "passed", "interp_asked", "interp_joined", "interp_ended")
QUEUE, SEE = "contacts.queue", "contacts.see"


def ringing(told: Told) -> list[Fragment]:
    """The waiting screen's list. Topic `contacts`. Drawn once for all the facts that are read together."""
    html = memory.once("desk.ringing", lambda: render_to_string("desk/_ringing.html", {"ringing": handler.ringing(clock.now())}))
    return [Fragment(topic="contacts", target="#ringing", html=html, needs=QUEUE)]


def offered(told: Told) -> list[Fragment]:
    """Somebody who writes up another contact is asked to take an emergency, or need not any more: on the page that they have open."""
    asked = Stage.objects.filter(contact_id=told.fact.subject[1], stage="offered").values("member_id")
    held = Contact.objects.filter(owner_id__in=asked, state=Contact.State.ENDED).values_list("pk", flat=True)
    return _poke(told, held, "headline")


def line(told: Told) -> list[Fragment]:
    """A line of the log, on the page of every contact that belongs to it."""
    kind, pk = told.fact.subject
    incident = incidents.of_contact(pk) if kind == "contact" else None
    number = incident.pk if incident else pk if kind == "incident" else None
    lines = incidents.log(number) if number else incidents.contact_log(pk)
    wanted = _lines_of(told.fact)
    contacts = incidents.contacts_of(number) if number else Contact.objects.select_related("owner").filter(pk=pk)
    return [
        Fragment(
            topic=f"contact-{row.pk}",
            target=f"#log-lines-{row.pk}",
            swap="beforeend",
            html=render_to_string("incidents/_contact_line.html", {"shown": log.shown_line(found, row)}),
            needs=SEE,
        )
        for found in lines
        if found.key in wanted
        for row in contacts
        if found.origin != "unit" or assessment.is_saved(row.pk)  # nobody sees units before their risk is saved (R47)
    ]


def spoken(told: Told) -> list[Fragment]:
    """A message of a chat: in the conversation, and on the strip of whoever has it."""
    fact: Any = told.fact
    if fact.origin not in chats.SPOKEN:
        return []
    pk, row = fact.contact, Line.objects.get(pk=fact.line)
    html = render_to_string("desk/_chat_line.html", {"line": chat.shown_line(row)})
    return [
        Fragment(topic=f"contact-{pk}", target=f"#chat-lines-{pk}", swap="beforeend", html=html, needs=SEE),
        *chat_stands(told),
    ]


def chat_stands(told: Told) -> list[Fragment]:
    """Who waits for whom, and whether they have gone quiet. In a part of its own: the field one types in is not replaced."""
    pk, at = told.fact.subject[1], clock.now()
    row = chat_queries.of(pk)
    if row is None:
        return _call_stands(pk, at)
    one = chat_queries.shown(row.contact, at=at)
    shown = {"chat": row, "contact": row.contact, "is_open": row.contact.state == Contact.State.ANSWERED, "is_gone": one.is_gone}
    drawn = (("state", "desk/_chat_state.html", shown), ("tab", "desk/_chat_tab.html", {"one": one}))
    return [
        Fragment(topic=f"contact-{pk}", target=f"#chat-{name}-{pk}", html=render_to_string(template, context), needs=SEE)
        for name, template, context in drawn
    ]


def owes(told: Told) -> list[Fragment]:
    """A message did not arrive, or may not have: whoever owes something for it is told, whatever page of the desk they have open."""
    fact: Any = told.fact
    if fact.kind not in handler.MESSAGES or fact.subject_kind != "contact":
        return []
    found = _poke(told, [fact.subject_id], "stage-send")
    owner = getattr(fact, "owner", "")  # none where it is settled
    return [*found, _tell(owner, kinds.label(fact.kind))] if owner else found


def _call_stands(pk: int, at: datetime) -> list[Fragment]:
    """A call on the strip of whoever has it: still on the line, or not any more."""
    row = Contact.objects.get(pk=pk)
    if not row.is_call:
        return []
    html = render_to_string("desk/_chat_tab.html", {"one": chat_queries.shown(row, at=at)})
    return [Fragment(topic=f"contact-{pk}", target=f"#chat-tab-{pk}", html=html, needs=SEE)]


def chat_changed(told: Told) -> list[Fragment]:
    """Gone quiet, looked at, back, ended or passed on: the conversation is fetched again, as its reader may see it."""
    say = "Gone quiet: look what may have happened" if isinstance(told.fact, contact_facts.ChatWentQuiet) else ""
    return [*chat_stands(told), *_poke(told, [told.fact.subject[1]], "chat headline stage-send", say=say)]


def _lines_of(fact: Any) -> set[str]:
    """The keys of the lines that a fact brings into the log, or changes there."""
    if hasattr(fact, "attachment"):
        return {f"file-{fact.attachment}", f"unfile-{fact.attachment}"}
    return {f"line-{fact.line}" if hasattr(fact, "line") else f"entry-{fact.entry}"}


def units(told: Told) -> list[Fragment]:
    """How far the units of this incident are, for handlers whose risk is saved (R47): nothing is sent before."""
    incident = told.fact.subject[1]
    sent = handler.units_of(incident)
    return [
        Fragment(
            topic=f"contact-{row.pk}",
            target=f"#units-{row.pk}",
            html=render_to_string("desk/_units.html", {"contact": row, "units": sent}),
            needs=SEE,
        )
        for row in incidents.contacts_of(incident)
        if assessment.is_saved(row.pk)
    ]


def graded(told: Told) -> list[Fragment]:
    return _poke(told, _of_incident(told), "stage-grade stage-send headline log-box")


def headline(told: Told) -> list[Fragment]:
    return _poke(told, _of_incident(told), "headline log-box")


def headline_of_contact(told: Told) -> list[Fragment]:
    return _poke(told, [told.fact.subject[1]], "headline")


def moved(told: Told) -> list[Fragment]:
    """Place or type changed, or the log was opened or closed."""
    return _poke(told, _of_incident(told), "where stage-grade")


def judged(told: Told) -> list[Fragment]:
    return _poke(told, [told.fact.subject[1]], "stage-grade stage-send")


def asked(told: Told) -> list[Fragment]:
    """A question was answered: the panel goes on, the log has a line more, and the risk has words on offer."""
    return _poke(told, [told.fact.subject[1]], "asks log-box stage-risk evidence")


def evidence(told: Told) -> list[Fragment]:
    """It was noted, or said what became of it: on the page of every contact of the log."""
    incident = incidents.of_contact(told.fact.subject[1])
    contacts = list(incidents.contacts_of(incident.pk).values_list("pk", flat=True)) if incident else [told.fact.subject[1]]
    return _poke(told, contacts, "evidence log-box stage-send")


def risk_saved(told: Told) -> list[Fragment]:
    return _poke(told, [told.fact.subject[1]], "stage-risk stage-grade stage-send")


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


def call(told: Told) -> list[Fragment]:
    """The contact itself: answered, ended, cut off, located, written up."""
    how = getattr(told.fact, "how", "")
    say = {"cut_off": "Cut off: re-grade now", "caller": "The caller hung up"}.get(how, "")
    return _poke(told, [told.fact.subject[1]], "headline stage-send where", say=say)


def crossed(told: Told) -> list[Fragment]:
    """How a contact stands that was handed over to another force: what they say is said aloud, for it may be bad news."""
    state = getattr(told.fact, "state", "")
    say = {
        "accepted": "The other force has accepted it",
        "declined": "The other force has declined it: it is still ours",
        "withdrawn": "Taken back from the other force",
    }.get(state, "The other force is not reached yet" if hasattr(told.fact, "problem") else "")
    return _poke(told, [told.fact.subject[1]], "stage-send headline", say=say)


def who(told: Told) -> list[Fragment]:
    return _poke(told, [told.fact.subject[1]], "stage-who headline")


def researched(told: Told) -> list[Fragment]:
    """Another system was asked, has answered or failed; or somebody said what came of it: on every page of the log."""
    pk = told.fact.subject[1]
    incident = incidents.of_contact(pk)
    others = [row.pk for row in incidents.contacts_of(incident.pk) if row.pk != pk] if incident else []
    return [*_poke(told, [pk], "research log-box stage-send"), *_poke(told, others, "log-box")]


def flagged(told: Told) -> list[Fragment]:
    """A flag came, was put right or went: on every page that shows it, and on the waiting screen."""
    return [*_poke(told, flags.in_hand_with(told.fact.subject[1]), "stage-who headline"), *ringing(told)]


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
    ]
