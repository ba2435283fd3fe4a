"""Log in, log out."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from watchroom.force.models import Force
from watchroom.foundation import clock, facts, scope, sessions
from watchroom.foundation.permissions import StaffRequest, needs, public
from watchroom.shell import answers
from watchroom.staff import actions, auth
from watchroom.staff.facts import LoggedIn, LoggedOut
from watchroom.staff.states import CHOSEN, STATES

HOMES = {  # the first that a person may see is where they land
    "desk.handler": "/desk/",
    "desk.vulnerability": "/vulnerability/",
    "desk.supervisor": "/supervisor/",  # a supervisor may also see the despatcher's desk
    "desk.despatch": "/despatch/",
    "desk.replay": "/lookback/",
    "demand.see": "/demand/",
    "foundation.audit": "/audit/",
}


@public
@require_http_methods(["GET", "POST"])
def log_in(request: StaffRequest) -> HttpResponse:
    """GET the form; POST `username` (name@force) and `password`."""
    problem, username = "", request.POST.get("username", "")
    if request.method == "POST":
        at, (_, force) = clock.now(), auth.split(username)
        member = authenticate(request, username=username, password=request.POST.get("password", ""))
        if getattr(request, "axes_locked_out", False):
            return auth.locked_out(request)
        if member is not None:
            with scope.use(force), transaction.atomic():
                login(request, member)
                request.session.update(
                    {"force": force, "force_name": Force.objects.get(code=force).name, "desk_name": member.desk}
                )
                sessions.begin(request.session, at=at)
                facts.tell(LoggedIn(member=member.pk), by=member.code, at=at)
            return redirect(_next(request))
        problem = (
            "Your log-in name ends with your force, like handler@northmoor."
            if not force
            else "That name and password do not belong together. Nothing else was checked."
        )
    context = {"problem": problem, "username": username, "next": request.GET.get("next", ""), "demo": settings.DEMO}
    return render(request, "staff/login.html", context, status=401 if problem else 200)


def _next(request: StaffRequest) -> str:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return "/"


@needs("staff.self")
@require_POST
def log_out(request: StaffRequest) -> HttpResponse:
    facts.tell(LoggedOut(member=request.user.pk), by=request.user.code, at=clock.now())
    logout(request)
    return redirect("staff:login")


@needs("contacts.take")
@require_POST
def state(request: StaffRequest) -> HttpResponse:
    """POST `state`: ready, on a break, on other work, by one key."""
    chosen = request.POST.get("state", "")
    actions.choose_state(member=request.user, state=chosen, at=clock.now())
    return answers.done(request, lambda: render(request, "staff/_state.html", {"state": chosen, "choices": choices()}), said="")


def choices() -> list[dict[str, str]]:
    """What somebody may say of themselves, with its key, for `staff/_state.html`."""
    return [{"code": code, "label": STATES[code], "press": press} for code, press in CHOSEN.items()]


@public
def home(request: StaffRequest) -> HttpResponse:
    """Staff land on their desk; everybody else on the public page."""
    if not request.user.is_authenticated:
        return redirect("portal:start")
    for permission, url in HOMES.items():
        if request.user.may(permission):
            return redirect(url)
    return redirect("shell:gallery")
