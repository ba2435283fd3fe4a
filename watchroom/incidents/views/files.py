"""Files in a log: added with a form, opened as a consultation, taken off with a reason."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from watchroom.contacts import files
from watchroom.contacts.models import Attachment, Contact
from watchroom.contacts.views import find
from watchroom.force import queries as force
from watchroom.foundation import access, clock, vault
from watchroom.foundation.errors import Refused
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.incidents import queries
from watchroom.incidents.models import Incident
from watchroom.incidents.views import log
from watchroom.shell import answers


def most_bytes() -> int:
    return force.policy_at(clock.now()).policy.files.most_bytes


@needs("contacts.write")
@require_POST
@vault.streamed(most_bytes)
def attach(request: StaffRequest, contact: int) -> HttpResponse:
    """POST `file`, `about`: a file that the caller sent or the handler has. Refused files say why; nothing of them stays."""
    row = find(contact)
    if row.state == Contact.State.WAITING:
        raise Refused("Answer it first.")
    _attach(request, row.pk, origin="handler")
    return answers.done(request, lambda: render(request, "incidents/_log.html", log.context(row)), "wr:file", said="Attached.")


@needs("incidents.write")
@require_POST
@vault.streamed(most_bytes)
def attach_to_job(request: StaffRequest, incident: int) -> HttpResponse:
    """The same at a job: it belongs to the contact that opened it. The line comes by the live stream."""
    row = get_object_or_404(Incident, pk=incident)
    first = queries.contacts_of(row.pk).first()
    if first is None:
        raise Refused("This log has no contact yet.")
    _attach(request, first.pk, origin="despatch" if request.user.may("dispatch.send") else "handler")
    return answers.done(request, lambda: render(request, "incidents/_attach_job.html", {"incident": row}), said="Attached.")


def _attach(request: StaffRequest, contact: int, *, origin: str) -> None:
    file, about, at = request.FILES.get("file"), request.POST.get("about", ""), clock.now()
    given = file if isinstance(file, vault.Incoming) else None

    def do() -> int:
        return files.attach(contact=contact, file=given, about=about, origin=origin, by=request.user.code, at=at).pk

    answers.once(request, "contacts.attach", do, also=given.sha256 if given else "")


@needs("incidents.see")
@require_GET
def fetch(request: StaffRequest, attachment: int) -> HttpResponse:
    """The file, to be saved. Opening it is a consultation (DPA 2018 s.62). One that was taken off is for who looks back."""
    row = get_object_or_404(Attachment.objects.select_related("removal"), pk=attachment)
    if hasattr(row, "removal") and not request.user.may("desk.replay"):
        raise Refused("This file was taken off the log. Whoever looks back may open it.")
    path = vault.read(row.token, sha256=row.sha256)
    reason = f"opened the attached file {row.pk}"
    access.log("consultation", subject=("contact", row.contact_id), reason=reason, by=request.user.code, at=clock.now())
    response = FileResponse(path.open("rb"), as_attachment=True, filename=row.name, content_type=row.served_as)
    vault.sealed_off(response)
    return response  # type: ignore[return-value]  # it streams, and to its types that is another kind of answer


@needs("incidents.write")
@require_POST
def remove(request: StaffRequest, attachment: int) -> HttpResponse:
    """POST `because`: it does not belong here. Line and bytes stay; the live stream brings the line that says so."""
    row = get_object_or_404(Attachment, pk=attachment)
    at, because = clock.now(), request.POST.get("because", "")
    answers.once(
        request,
        "contacts.remove_file",
        lambda: files.remove(attachment=row.pk, because=because, by=request.user.code, at=at).pk,
    )
    return answers.done(request, answers.nothing, "wr:file", said="Taken off; the line and the file stay on record.")
