"""Who is this person, by their code?"""

from watchroom.staff.models import Member

SYSTEM_NAMES = {"public": "Public", "system": "Watchroom", "link": "Telephone system"}


def names(codes: set[str]) -> dict[str, str]:
    """`staff:12` → full name, for as many codes as wanted in one query; other codes get the name of their kind."""
    ids = {int(code[6:]) for code in codes if code.startswith("staff:")}
    found = {f"staff:{pk}": name for pk, name in Member.objects.filter(pk__in=ids).values_list("pk", "full_name")}
    for code in codes:
        found.setdefault(code, SYSTEM_NAMES.get(code.split(":")[0], code))
    return found


def name(code: str) -> str:
    return names({code})[code]
