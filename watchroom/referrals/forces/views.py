"""Handing over to another force, and answering what one of them hands over to us."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts.models import Contact
from watchroom.contacts.rules import shown_number
from watchroom.contacts.views import find, mine
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import clock
from watchroom.foundation.live import sealed
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.referrals.forces import live, more, queries, receiving, rules, sending
from watchroom.referrals.forces.document import Document
from watchroom.referrals.models import ToForce
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.staff import queries as staff


@needs("referrals.hand_over")
@require_POST
def hand_over(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `to` (a force of the policy), `because`, `risk`: a copy crosses, and it stays ours until it is accepted there."""
    row, at = mine(request, contact), clock.now()
    to, because, risk = (request.POST.get(name, "") for name in ("to", "because", "risk"))
    answers.once(
        request,
        "referrals.hand_over",
        lambda: sending.hand_over(contact=row.pk, to=to, because=because, risk=risk, by=request.user.code, at=at).pk,
    )
    for name, words in (("force-why", because), ("force-risk", risk)):
        drafts.forget_draft(member=request.user.pk, key=f"contact:{row.pk}:{name}", sent=words)
    label = queries.label(to, force.policy_at(at).policy)
    return answers.done(
        request, answers.nothing, "wr:contact", "wr:line", said=f"On its way to {label}. Ours until they accept it."
    )


@needs("referrals.hand_over")
@require_POST
def recall(request: StaffRequest, contact: int) -> HttpResponse:
    """POST: it is wanted back; the other force says whether somebody there was quicker."""
    sending.recall(contact=find(contact).pk, by=request.user.code, at=clock.now())
    return answers.done(
        request, answers.nothing, "wr:contact", "wr:line", said="Asked back. It is ours until they say otherwise."
    )


@needs("referrals.hand_over")
@require_POST
def keep(request: StaffRequest, contact: int) -> HttpResponse:
    """POST: it was declined, and we deal with it."""
    sending.keep(contact=find(contact).pk, by=request.user.code, at=clock.now())
    return answers.done(request, answers.nothing, "wr:contact", "wr:line", said="Taken up here again.")


@needs("desk.supervisor")
@require_GET
def under_way(request: StaffRequest) -> HttpResponse:
    """What no other force has accepted yet, and what came from one and nobody here has accepted. By reference only."""
    policy, seq = force.policy_at(clock.now()).policy, sealed()
    sent = queries.unsettled()
    names = staff.names({row.by for row in sent})
    context = {
        "sent": [{"row": row, "by": names[row.by], **_says(row, policy)} for row in sent],
        "came": queries.to_accept(),
        "stirred_by": [fact.__name__ for fact in live.STIRRED_BY],
        "live_seq": seq,
    }
    return render(request, "referrals/_between.html" if request.headers.get("HX-Request") else "referrals/forces.html", context)


@needs("contacts.take")
@require_GET
def came(request: StaffRequest, contact: int) -> HttpResponse:
    """What another force says of somebody whom it hands over to us, before one of us accepts or declines."""
    row, seq = find(contact), sealed()
    found = queries.came(row.pk)
    if found is None or found.document is None:
        raise Http404
    consult(request, row)
    document, since = Document.model_validate(found.document), more.kept(found)
    there = force.policy_at(clock.now()).policy.handing_over.force(found.sender.removeprefix("force:"))
    context = {
        "since": since,
        "newest": since.lines[::-1],
        "gone": more.gone(since.gone, found.label) if since.gone else "",
        "ring": there.ring if there else "",
        "read_again": [fact.__name__ for fact in live.READ_AGAIN],
        "live_seq": seq,
        "contact": row,
        "came": found,
        "document": document,
        "number": shown_number(document.caller.number),
        "words": rules.CAME.get(found.state, found.state),
        "by": staff.name(found.answered_by) if found.answered_by else "",
        "is_waiting": found.state == "waiting" and row.state == Contact.State.WAITING,
    }
    return render(request, "referrals/_since.html" if request.headers.get("HX-Request") else "referrals/from_force.html", context)


@needs("contacts.take")
@require_POST
def decline(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `answer`: why it is not ours. It stays theirs, and they read who said so."""
    row, by, answer = find(contact), request.user.code, request.POST.get("answer", "")
    receiving.decline(contact=row.pk, member=request.user, answer=answer, by=by, at=clock.now())
    drafts.forget_draft(member=request.user.pk, key=f"contact:{row.pk}:decline", sent=answer)
    return answers.go(request, reverse("desk:waiting"), said="Declined. They are told, and it stays theirs.")


def shown(contact: Contact) -> dict[str, Any]:
    """What the handler's page says and offers: the last handing over of this contact, and to whom it could go."""
    policy = force.policy_at(clock.now()).policy
    row = queries.newest(contact.pk) if contact.answered_at else None
    return {"row": row, "others": policy.handing_over.forces, **(_says(row, policy) if row else {})}


def _says(row: ToForce, policy: Policy) -> dict[str, Any]:
    return {
        "label": queries.label(row.to, policy),
        "there": policy.handing_over.force(row.to),
        "words": rules.SENT[row.state],
        "problem": rules.PROBLEMS.get(row.problem, ""),
        "is_open": row.state in rules.OPEN,
        "is_to_be_kept": row.state == "declined" and row.kept_at is None,
    }
