"""Which files belong to a contact?

Each is judged by its bytes, kept once, and stands in the log with its digest; taking one off is a line.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from watchroom.contacts import facts as told
from watchroom.contacts import rules
from watchroom.contacts.models import Attachment, Contact, Removal
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.vault import Incoming

LONGEST_WORDS = 500


def attach(
    *, contact: int, file: Incoming | None, about: str, origin: str, by: str, at: datetime, most: int | None = None
) -> Attachment:
    """Keep a file that came with a form, or a recording, for which the policy's limit is not meant: up to `most` bytes.

    Raises Invalid with why it is not taken; nothing of a refused file stays.
    """
    if file is None:
        raise Invalid(file="Choose a file.")
    policy = force.policy_at(at).policy
    if problem := rules.refuses_file(file.size or 0, file.head, policy, most):
        raise Invalid(file=problem)
    if len(about) > LONGEST_WORDS or "\0" in about:
        raise Invalid(about=f"Up to {LONGEST_WORDS} ordinary characters fit here; the rest belongs into the log.")
    kind = rules.kind_of(file.head, policy)
    if kind is None:
        raise ValueError("A file that is not refused is of a kind.")
    with transaction.atomic():
        row = Contact.objects.get(pk=contact)
        kept = Attachment.objects.create(
            contact=row,
            name=rules.file_name(file.given_name, kind),
            about=about.strip(),
            kind=kind.code,
            served_as=kind.served_as,
            size=file.size or 0,
            sha256=file.sha256,
            token=file.keep(),
            origin=origin,
            by=by,
            at=at,
        )
        sealed = digest.of(row.secret, *words(kept))
        fact = told.FileAttached(contact=row.pk, attachment=kept.pk, kind=kept.kind, size=kept.size, digest=sealed)
        facts.tell(fact, by=by, at=at)
        return kept


def words(row: Attachment) -> tuple[str, str, str]:
    """What the fact's digest is of: an inspector's check recomputes it from these."""
    return row.sha256, row.name, row.about


def remove(*, attachment: int, because: str, by: str, at: datetime) -> Removal:
    """It does not belong into this log, or not any more. The line and the bytes stay; whoever looks back may open it."""
    if len(because.strip()) < 3:
        raise Invalid(because="Say why it is taken off.")
    if len(because) > LONGEST_WORDS or "\0" in because:
        raise Invalid(because=f"Up to {LONGEST_WORDS} ordinary characters fit here.")
    with transaction.atomic():
        row = Attachment.objects.select_related("contact").get(pk=attachment)
        Contact.objects.select_for_update(of=("self",)).get(pk=row.contact_id)
        if Removal.objects.filter(attachment=row).exists():
            raise Refused("It was taken off already.")
        removal = Removal.objects.create(attachment=row, because=because.strip(), by=by, at=at)
        sealed = digest.of(row.contact.secret, removal.because)
        facts.tell(told.FileRemoved(contact=row.contact_id, attachment=row.pk, digest=sealed), by=by, at=at)
        return removal


def of(contacts: QuerySet[Contact] | list[int]) -> QuerySet[Attachment]:
    """The files of these contacts, oldest first, each with its removal if there is one."""
    return Attachment.objects.filter(contact__in=contacts).select_related("removal").order_by("at", "pk")
