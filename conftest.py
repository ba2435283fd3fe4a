"""The fixtures of all tests; what they stand on, and when to use which, is told in `watchroom/testing.py`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings as hypothesis

from watchroom import testing
from watchroom.foundation import roles, supervise
from watchroom.testing import LiveSite, cluster

# The machine is shared: how long an example takes proves nothing. `make prove` tries more of them.
hypothesis.register_profile("shared", deadline=None, max_examples=int(os.environ.get("WATCHROOM_EXAMPLES", "40")))
hypothesis.load_profile("shared")

# --- The order


# The longest first. The first of them makes the demo's town, for which the other browser tests would wait: what needs none comes between.
SLOW = (
    "tests/browser/test_despatch",
    "tests/test_access_matrix",
    "watchroom/shell/tests/test_browser",
    "tests/test_reactions",
    "tests/browser/test_one_contacts_journey",
    "tests/browser/test_handler",
    "tests/browser",
    "tests/processes",
    "watchroom/api/tests/test_schema",
    "watchroom/replay/tests/test_worker",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The files that take longest first: else one worker ends alone with the longest, and the others wait for it.

    What is marked `long` is left to `make prove`.
    """
    if "WATCHROOM_LONG" not in os.environ:
        left = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left)
    items.sort(key=lambda item: next((place for place, start in enumerate(SLOW) if item.nodeid.startswith(start)), len(SLOW)))


# --- Fixtures without a browser


@pytest.fixture(autouse=True)
def no_count_from_another_test() -> None:
    """All tests of a process send from one address: what one of them sent must not count against the next (`rates.py`).

    Nor must what one counted of names, which its rollback has undone.
    """
    from django.core.cache import cache

    from watchroom.identity import finding

    cache.clear()
    finding._counts.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's own: the migrated template's clone, seen as the application."""
    with django_db_blocker.unblock():
        name = cluster.clone(testing.migrated())
        with testing.pointed_at(name):
            yield
        cluster.drop(name)


@pytest.fixture
def clone(django_db_setup: None, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own, where commits are real; its name. Anchors are apart, too."""
    settings.WATCHROOM_DATA = tmp_path
    with django_db_blocker.unblock():
        name = cluster.clone(testing.migrated())
        try:
            with testing.pointed_at(name):
                yield name
        finally:
            cluster.drop(name)


def _in_force(request: pytest.FixtureRequest, force: str) -> Iterator[str]:
    from watchroom.foundation import scope

    request.getfixturevalue("clone" if "clone" in request.fixturenames else "db")
    with scope.use(force):
        yield force


@pytest.fixture
def northmoor(request: pytest.FixtureRequest) -> Iterator[str]:
    """In the scope of Northmoor Police, in this test's transaction (or its `clone`)."""
    yield from _in_force(request, "northmoor")


@pytest.fixture
def southmere(request: pytest.FixtureRequest) -> Iterator[str]:
    """In the scope of the other force, whose people must see nothing of the first."""
    yield from _in_force(request, "southmere")


@pytest.fixture
def as_owner(request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """A connection as the database's owner, who passes row-level security: for what only an intruder or a migration does."""
    from django.db import connections

    request.getfixturevalue("clone" if "clone" in request.fixturenames else "db")
    with roles.connect(cluster.owner_url(connections.settings["default"]["NAME"])) as connection:
        yield connection


# --- A live site, and a browser


@pytest.fixture(scope="module")
def live_site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[LiveSite]:
    """Web and worker as they are in life, for the tests of one file."""
    data: Path = tmp_path_factory.mktemp("site")
    with django_db_blocker.unblock():
        name = cluster.clone(testing.demo_city())
    port = testing.free_port()
    environment = {**os.environ, "WATCHROOM_DATA": str(data), "WATCHROOM_APP_URL": cluster.app_url(name)}
    environment.pop("WATCHROOM_OWNER_URL", None)
    log = data / "console.log"
    processes = [
        supervise.start([sys.executable, "-m", "watchroom.web", "127.0.0.1", str(port)], env=environment, log=log),
        supervise.start([sys.executable, "-m", "watchroom.cli", "worker"], env=environment, log=log),
    ]
    try:
        testing.wait_until_well(f"http://127.0.0.1:{port}", data)
        yield LiveSite(f"http://127.0.0.1:{port}", name, data)
    finally:
        supervise.end_all(processes)
        cluster.drop(name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, for the tests of one file: while it is there, this thread has a running loop and `asyncio.run` refuses."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # a slow machine is no fault
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # For the same reason Django would refuse to look behind the site's back.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=testing.chromium(), args=testing.CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, live_site: LiveSite) -> Iterator[Any]:
    """A page at 1366×768 that fails its test when a script fails or the content security policy refuses something."""
    context = browser.new_context(base_url=live_site.url, viewport={"width": 1366, "height": 768}, locale="en-GB")
    context.set_default_timeout(30_000)  # a slow machine is no fault; what must be quick is measured by the benches
    trouble: list[str] = []
    opened = context.new_page()

    def said(message: Any) -> None:
        # a refusal (409, 422) is an answer, which the page shows
        if (
            message.type == "error"
            and "Failed to load resource" not in message.text
            and not re.search(r"Error Code (409|422)", message.text)
        ):
            trouble.append(message.text)

    context.on("console", said)
    context.on("weberror", lambda error: trouble.append(str(error.error)))
    yield opened
    context.close()
    assert not trouble, "The browser complained:\n" + "\n".join(trouble)


@pytest.fixture
def log_in(live_site: LiveSite) -> Callable[..., None]:
    """`log_in(page, "handler@northmoor")`, as a person would."""

    return testing.log_in
