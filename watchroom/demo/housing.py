"""A stand-in for another organisation's records, so that research can be tried in the demo: who lives where in Harrowby.

A small HTTP server on this machine alone, which speaks what `watchroom/links/records/README.md` says, with a token drawn at each
start. It answers from the demo's own invented people, and knows nothing else. No real system is like it.
"""

import hmac
import json
import os
import secrets
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from watchroom.demo.city import City
from watchroom.demo.people import People, Person

URL, TOKEN = "WATCHROOM_RECORDS_NORTHMOOR_HOUSING_URL", "WATCHROOM_RECORDS_NORTHMOOR_HOUSING_TOKEN"
LONGEST = 20_000  # bytes of a question
FLAGS = {"leanne-whitcombe": ["Moved here as an emergency; asks that nobody is told where"]}


def connect(port: int) -> None:
    """Tell the processes that are started after this where the stand-in listens. The demo asks nobody else."""
    os.environ[URL], os.environ[TOKEN] = f"http://127.0.0.1:{port}/records", secrets.token_urlsafe(24)


def find(subject: Mapping[str, Any], town: City, people: People, most: int) -> list[dict[str, Any]]:
    """Who is a tenant by this family name and initial, or at this address. One in three homes is let by it."""
    said = str(subject.get("name") or "").casefold().split()
    address = str(subject.get("address") or "").casefold()
    where = {home.uprn: home for home in town.addresses}
    found = []
    for person in people.people:
        home = where.get(people.home(person))
        if home is None or (int(home.uprn) % 3 and person.code not in FLAGS):
            continue
        is_named = len(said) > 1 and person.family.casefold() == said[-1] and person.given[:1].casefold() == said[0][:1]
        if is_named or (address and address.startswith(f"{home.line.casefold()},")):
            found.append(_record(person, home))
    return found[: most + 1]


def _record(person: Person, home: Any) -> dict[str, Any]:
    return {
        "reference": f"T-{person.code}",
        "given_name": person.given,
        "family_name": person.family,
        "born": person.born.isoformat(),
        "addresses": [{"street": home.line, "town": home.locality, "postcode": home.postcode}],
        "flags": FLAGS.get(person.code, []),
    }


def main() -> None:
    """Answer until we are ended."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from watchroom.demo import city as towns
    from watchroom.demo import people as histories

    town = towns.build()
    people = histories.build(town, at=datetime.now(ZoneInfo("Europe/London")))
    where, token = urlsplit(os.environ[URL]), os.environ[TOKEN]
    serving(where.port or 0, token, town, people).serve_forever()


def serving(port: int, token: str, town: City, people: People) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_POST(self) -> None:
            given = self.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                return self._say(401, {})
            try:
                size = int(self.headers.get("Content-Length", "0"))
                asked = json.loads(self.rfile.read(min(size, LONGEST)))
                most = int(asked["most"])
                found = find(asked["subject"], town, people, most)
            except (ValueError, KeyError, TypeError, AttributeError):
                return self._say(400, {})
            return self._say(200, {"records": found[:most], "more": len(found) > most})

        def _say(self, status: int, body: dict[str, Any]) -> None:
            said = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: Any) -> None:
            """Names stand in questions: nothing is written down."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    main()
