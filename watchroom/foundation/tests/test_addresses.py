"""Whoever writes a header must not be counted as somebody else."""

import pytest
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from watchroom.foundation import addresses

GUARD, CLIENT = "198.51.100.1", "192.0.2.7"


def of(forwarded: str | None) -> str:
    more = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return addresses.of(RequestFactory().get("/", REMOTE_ADDR=GUARD, **more))


def test_without_proxies_the_header_is_not_read(settings):
    assert settings.WATCHROOM_PROXIES == 0
    assert of("203.0.113.9") == of(None) == GUARD


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (1, CLIENT, CLIENT),
        (1, f"203.0.113.9, {CLIENT}", CLIENT),
        (2, f"203.0.113.9, {CLIENT}, 10.0.0.1", CLIENT),
        (1, f"{CLIENT}:4711", CLIENT),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:0DB8:0::7", "2001:db8::7"),
        (2, CLIENT, GUARD),
        (1, None, GUARD),
        (1, f"{CLIENT}, <script>", GUARD),
        (1, f"{CLIENT}, ", GUARD),
    ],
)
def test_the_client_is_the_nth_from_the_right_and_what_is_no_address_counts_as_the_proxy(settings, proxies, forwarded, counted):
    settings.WATCHROOM_PROXIES = proxies
    assert of(forwarded) == counted


@given(st.text(max_size=60), st.integers(1, 3))
def test_no_header_breaks_it_and_what_comes_out_is_an_address(forwarded, proxies):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.WATCHROOM_PROXIES", proxies)
        found = of(forwarded)
    assert found == GUARD or set(found) <= set("0123456789abcdef.:")


def wrong_passwords(tries: int, **headers: str) -> list[int]:
    return [
        Client()
        .post("/login/", {"username": "bryn@northmoor", "password": f"wrong-{n}"}, REMOTE_ADDR=GUARD, **headers)
        .status_code
        for n in range(tries)
    ]


def test_a_lock_out_counts_by_the_client_and_a_written_header_does_not_escape_it(northmoor, settings):
    settings.WATCHROOM_PROXIES = 1
    assert wrong_passwords(10, HTTP_X_FORWARDED_FOR=f"203.0.113.1, {CLIENT}")[-1] == 429
    assert wrong_passwords(1, HTTP_X_FORWARDED_FOR=f"203.0.113.2, {CLIENT}") == [429]
    assert wrong_passwords(1, HTTP_X_FORWARDED_FOR="192.0.2.8") == [401]


def test_guesses_at_the_portal_count_by_the_client(northmoor, settings):
    settings.WATCHROOM_PROXIES = 1
    browser = Client(REMOTE_ADDR=GUARD)

    def look(number: int, client: str) -> int:
        return browser.post(
            "/report/look/", {"code": "NP-2222-2222"}, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, {client}"
        ).status_code

    assert [look(n, CLIENT) for n in range(31)][-1] == 429
    assert look(32, "192.0.2.9") == 200
