"""What the vulnerability desk does about a series; its page is in `desk`."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from watchroom.foundation import clock
from watchroom.foundation.permissions import StaffRequest, needs
from watchroom.referrals import actions
from watchroom.referrals.models import Alert
from watchroom.shell import answers

HERE = "/vulnerability/"


@needs("referrals.work")
@require_POST
def take(request: StaffRequest, alert: int) -> HttpResponse:
    """It is mine to look at."""
    row = get_object_or_404(Alert.objects, pk=alert)
    actions.take(alert=row.pk, member=request.user.pk, by=request.user.code, at=clock.now())
    return answers.go(request, f"{HERE}?alert={row.pk}", said="Taken.")


@needs("referrals.work")
@require_POST
def work(request: StaffRequest, alert: int) -> HttpResponse:
    """POST `what` (contact, advice, referral) and `text`."""
    row, by, at = get_object_or_404(Alert.objects, pk=alert), request.user.code, clock.now()
    what, text = request.POST.get("what", ""), request.POST.get("text", "")
    answers.once(request, "referrals.work", lambda: actions.work(alert=row.pk, what=what, text=text, by=by, at=at).pk)
    return answers.go(request, f"{HERE}?alert={row.pk}", said="Written down.")


@needs("referrals.work")
@require_POST
def settle(request: StaffRequest, alert: int) -> HttpResponse:
    """POST `contribution` and `conclusion`."""
    row = get_object_or_404(Alert.objects, pk=alert)
    actions.settle(
        alert=row.pk,
        contribution=request.POST.get("contribution", ""),
        conclusion=request.POST.get("conclusion", ""),
        by=request.user.code,
        at=clock.now(),
    )
    return answers.go(request, HERE, said="Settled.")
