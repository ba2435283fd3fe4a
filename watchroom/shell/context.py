"""What does every page know about who is looking at it, and when?"""

from typing import Any

from django.http import HttpRequest

from watchroom.foundation import clock, scope


def shell(request: HttpRequest) -> dict[str, Any]:
    """The variable `shell` of every template: whose page it is, the server's time, and whether to offer a log-out.

    The name of the force is whatever the session holds (`force_name`, which the staff room may put there at log-in),
    else its code; the shell asks no later room.
    """
    member = getattr(request, "user", None)
    known = bool(member and member.is_authenticated)
    session = getattr(request, "session", {})
    now = clock.now()
    return {
        "shell": {
            "now": now,
            "now_ms": round(now.timestamp() * 1000),
            "force": session.get("force_name") or (scope.current() or "").title(),
            "desk": getattr(member, "desk", "") if known else "",
            "member": str(member) if known else "",
            "member_code": getattr(member, "code", "") if known else "",
            "is_logged_in": known,
        }
    }
