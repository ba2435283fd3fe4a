"""Answering an account, only when it is safe; and posts to everybody, which a second person lets out."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts import sending
from watchroom.contacts.models import Contact
from watchroom.contacts.views import find, mine
from watchroom.force import queries as force
from watchroom.foundation import clock, live
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.identity.views import consult
from watchroom.links.social import actions, connections, publishing, queries, rules
from watchroom.links.social.models import Message, Post, Reply
from watchroom.shell import actions as drafts
from watchroom.shell import answers
from watchroom.shell import queries as kept
from watchroom.staff import queries as staff

SHOWN_FOR = timedelta(days=31)
POSTS_CHANGE_BY = (
    "PostWritten", "PostApproved", "PostDeclined", "PostSent", "PostFailed", "PostDoubted", "PostSettled", "PostWithdrawn",
    "PostTakenDown",
)  # fmt: skip


# --- to one account ---------------------------------------------------------------------------------------------------


@needs("contacts.write")
@require_GET
def panel(request: StaffRequest, contact: int) -> HttpResponse:
    """What was written to them, how far it is, and the field for the next; or why nobody may write."""
    row = find(contact)
    consult(request, row)
    return render(request, "social/_reply.html", _context(request, row))


@needs("contacts.write")
@require_POST
def reply(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `text`."""
    row, by, at = mine(request, contact), request.user.code, clock.now()
    text = request.POST.get("text", "")
    answers.once(request, "social.reply", lambda: actions.reply(contact=row.pk, text=text, by=by, at=at).pk)
    drafts.forget_draft(member=request.user.pk, key=_draft(row), sent=text)
    return _panel_after(request, row, "On its way.")


@needs("contacts.write")
@require_POST
def settle(request: StaffRequest, contact: int, reply: int) -> HttpResponse:
    """POST `was_sent`, yes or no: I looked whether it went out. Whoever wrote it may be off duty, so anybody who writes may say so."""
    row = find(contact)
    found = get_object_or_404(Reply, pk=reply, contact=row)
    was_sent = sending.looked(request.POST.get("was_sent", ""))
    actions.settle(kind="reply", pk=found.pk, was_sent=was_sent, by=request.user.code, at=clock.now())
    return _panel_after(request, row, "Kept: it was sent." if was_sent else "It goes out again.")


def _panel_after(request: StaffRequest, row: Contact, said: str) -> HttpResponse:
    def part() -> HttpResponse:
        return render(request, "social/_reply.html", _context(request, row))

    return answers.done(request, part, "wr:line", said=said)


def _context(request: StaffRequest, row: Contact) -> dict[str, Any]:
    return {
        "contact": row,
        "came": Message.objects.filter(contact=row).order_by("pk").last(),
        "replies": Reply.objects.filter(contact=row).order_by("at", "pk"),
        "refused": sending.may_write(row.safe_contact, row.safe_ways, "social", "social media"),
        "may_write": row.owner_id == request.user.pk and row.state in (Contact.State.ANSWERED, Contact.State.ENDED),
        "why_not": connections.why_not(),
        "most": actions.LONGEST_REPLY,
        "unsent": kept.draft(member=request.user.pk, key=_draft(row)),
        "draft": _draft(row),
    }


def _draft(row: Contact) -> str:
    return f"contact:{row.pk}:social"


# --- to everybody -----------------------------------------------------------------------------------------------------


@needs("social.publish")
@require_GET
def posts(request: StaffRequest) -> HttpResponse:
    """What waits for a second person first, with what in it could give somebody away; then what went out."""
    at = clock.now()
    rows = queries.posts(since=at - SHOWN_FOR)
    names = staff.names({code for row in rows for code in (row.by, row.answered_by, row.withdrawn_by) if code})
    policy = force.policy_at(at).policy.social
    asked = [row for row in rows if row.state == "asked"]
    warned = dict(zip((row.pk for row in asked), queries.warnings((row.text for row in asked), at=at), strict=True))
    shown = [
        {
            "post": row,
            "kind": rules.KINDS.get(row.kind, row.kind),
            "by": names[row.by],
            "answered_by": names.get(row.answered_by, ""),
            "withdrawn_by": names.get(row.withdrawn_by, ""),
            "warnings": {code: rules.WARNINGS[code] for code in warned.get(row.pk, row.warned) if code in rules.WARNINGS},
            "refused": rules.may_answer(written_by=row.by, by=request.user.code, is_open=row.state == "asked"),
            "due_at": row.at + timedelta(seconds=policy.approve_s),
        }
        for row in rows
    ]
    context = {
        "rows": shown,
        "now": at,
        "kinds": rules.KINDS,
        "most": rules.LONGEST_POST,
        "may_approve": request.user.may("social.approve"),
        "why_not": connections.why_not(),
        "unsent": kept.draft(member=request.user.pk, key="social:post"),
        "live_seq": live.sealed(),
        "changes_by": POSTS_CHANGE_BY,
    }
    template = "social/_posts.html" if request.headers.get("HX-Request") else "social/posts.html"
    return render(request, template, context)


@needs("social.publish")
@require_POST
def write(request: StaffRequest) -> HttpResponse:
    """POST `kind`, `text`. A second person is asked; nothing goes out by it."""
    by, at, text = request.user.code, clock.now(), request.POST.get("text", "")
    kind = request.POST.get("kind", "")
    answers.once(request, "social.post", lambda: publishing.write(kind=kind, text=text, by=by, at=at).pk)
    drafts.forget_draft(member=request.user.pk, key="social:post", sent=text)
    return answers.go(request, reverse("links_social:posts"), said="A second person is asked.")


@needs("social.approve")
@require_POST
def approve(request: StaffRequest, post: int) -> HttpResponse:
    """POST `has_read` yes, `seen` for each warning that stood there, and `answer` where there are any: it goes out."""
    row = _find(post)
    publishing.approve(
        post=row.pk,
        answer=request.POST.get("answer", ""),
        has_read=request.POST.get("has_read") == "yes",
        seen=request.POST.getlist("seen"),
        by=request.user.code,
        at=clock.now(),
    )
    return answers.go(request, reverse("links_social:posts"), said="Approved: it goes out.")


@needs("social.approve")
@require_POST
def decline(request: StaffRequest, post: int) -> HttpResponse:
    """POST `answer`: what is wrong with it."""
    row = _find(post)
    publishing.decline(post=row.pk, answer=request.POST.get("answer", ""), by=request.user.code, at=clock.now())
    return answers.go(request, reverse("links_social:posts"), said="Declined: it does not go out.")


@needs("social.publish")
@require_POST
def withdraw(request: StaffRequest, post: int) -> HttpResponse:
    """POST `because`."""
    row = _find(post)
    publishing.withdraw(post=row.pk, because=request.POST.get("because", ""), by=request.user.code, at=clock.now())
    return answers.go(request, reverse("links_social:posts"), said="Withdrawn.")


@needs("social.publish")
@require_POST
def down(request: StaffRequest, post: int) -> HttpResponse:
    """I looked: it stands nowhere any more."""
    publishing.taken_down(post=_find(post).pk, by=request.user.code, at=clock.now())
    return answers.go(request, reverse("links_social:posts"), said="Kept: it stands nowhere any more.")


@needs("social.publish")
@require_POST
def settle_post(request: StaffRequest, post: int) -> HttpResponse:
    """POST `was_sent`, yes or no: I looked whether it stands there."""
    row = _find(post)
    was_sent = sending.looked(request.POST.get("was_sent", ""))
    actions.settle(kind="post", pk=row.pk, was_sent=was_sent, by=request.user.code, at=clock.now())
    said = "Kept: it went out." if was_sent else "It goes out again."
    return answers.go(request, reverse("links_social:posts"), said=said)


def _find(post: int) -> Post:
    return get_object_or_404(Post, pk=post)
