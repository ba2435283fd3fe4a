"""Does the interface do what its own description says, whatever it is sent? Cases are made up from the description.

`make test` tries a few dozen an operation; `make prove` sets WATCHROOM_CASES=1000 and tries the limits of every field too, whose cases
every process of a run would work out while it collects.
"""

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import schemathesis
from django.core.serializers.json import DjangoJSONEncoder
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS

from watchroom import testing
from watchroom.api import tokens
from watchroom.api.rest import api
from watchroom.foundation import clock, scope

CASES = int(os.environ.get("WATCHROOM_CASES", "20"))
# What is well formed may still be refused: a place the gazetteer does not know, a time that has not come yet.
NOT_PROMISED = {"positive_data_acceptance"}

described = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), cls=DjangoJSONEncoder))
schema = schemathesis.openapi.from_dict(described)
schema.app = get_wsgi_application()
# What is too long altogether is refused before anybody reads what is wrong in it.
schema.config.checks.negative_data_rejection.expected_statuses = [
    *map(str, (400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429)),
    "5xx",
]
schema.config.phases.coverage.enabled = "WATCHROOM_LONG" in os.environ


@pytest.fixture(scope="module")
def token(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A machine's token, on a database of this file's own where commits are real."""
    with django_db_blocker.unblock():
        name = testing.cluster.clone(testing.migrated())
        try:
            with testing.pointed_at(name), pytest.MonkeyPatch.context() as patch:
                patch.setattr("watchroom.api.door.RATE", {"limit": 10**9, "seconds": 60})
                with scope.use("northmoor"), transaction.atomic():
                    text = tokens.create(name="made-up", by="system:tests", at=clock.now())[1]
                yield text
        finally:
            testing.cluster.drop(name)


@schema.parametrize()
@settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
def test_the_interface_keeps_to_its_own_description(case: Any, token: str) -> None:
    """A wrong query whose wrong part cannot be written into an address (nothing, an empty list) arrives as a right one."""
    wanted = dict(case.query or {})
    written = parse_qs(urlsplit(requests.Request("GET", "http://x/", params=wanted).prepare().url).query, keep_blank_values=True)
    vanishes = not set(wanted) <= set(written)
    not_promised = NOT_PROMISED | {"negative_data_rejection"} if vanishes else NOT_PROMISED
    promised = [check for check in CHECKS.get_all() if check.__name__ not in not_promised]
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=promised)
