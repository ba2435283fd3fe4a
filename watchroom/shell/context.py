"""What does every page know about who is looking at it, and when?"""

from typing import Any

from django.http import HttpRequest

from watchroom.foundation import clock, scope


def shell(request: HttpRequest) -> dict[str, Any]:
    """The variable `shell` of every template: whose page it is, the server's time, and how to log out.

    The names of force and desk are whatever the session holds (`force_name`, `desk_name`: the staff room puts
    them there at log-in); the shell asks no later room.
    """
    member = getattr(request, "user", None)
    known = bool(member and member.is_authenticated)
    session = getattr(request, "session", {})
    now = clock.now()
    return {
        "shell": {
            "now": now,
            "now_ms": round(now.timestamp() * 1000),
            "force": session.get("force_name") or scope.current() or "",
            "desk": session.get("desk_name", ""),
            "member": _name(member) if known else "",
            "member_code": member.code if known else "",
            "is_logged_in": known,
        }
    }


def _name(member: Any) -> str:
    for attribute in ("full_name", "name"):
        if value := getattr(member, attribute, ""):
            return str(value)
    return str(member)
