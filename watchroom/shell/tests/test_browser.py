"""In a browser, against a server that can fall silent: keys, drafts, forms, clocks, the live stream, the command bar."""

import json
import mimetypes
import queue
import re
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.template import Context, engines

from watchroom.shell import views
from watchroom.shell.tests.axe import barriers
from watchroom.shell.tests.test_views import ask

STATIC = Path(__file__).parents[1] / "static"
CSP = "; ".join(f"{name} {' '.join(values)}" for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items())

DESK = """
{% extends "shell/base.html" %}{% load shell %}
{% block live %}incidents{% endblock %}
{% block main %}
<section class="stage is-now"><h1>A desk</h1>
  <button type="button" id="send" data-key="a" data-say="Send the suggested unit" data-hint="send">Send <kbd>a</kbd></button>
  <button type="button" id="one" data-key="F8 1" data-say="Grade 1" data-hint="grade 1"><kbd>F8 1</kbd> Grade 1</button>
  <button id="notyet" type="button" data-key="s" aria-disabled="true" data-why="Three are owed.">Save <kbd>s</kbd></button>
  <form id="line-form" hx-post="/act" hx-target="#log" hx-swap="beforeend">
    <textarea name="text" id="line" aria-label="Line" data-key="F3" data-draft="{{ line }}"></textarea>
    <button>Send</button>
  </form>
  <form id="plain-form" method="post" action="/act"><input name="note" id="note" aria-label="Note"><button>Send</button></form>
  <details id="passing"><summary data-key="F9 f" data-say="Pass it on">Pass on</summary><form hx-post="/act">
    <select id="pass-to" name="to" aria-label="To"><option value="">Choose</option>
      <option value="northmoor">Northmoor Police</option><option value="southmere">Southmere Police</option></select>
    <textarea id="pass-why" name="why" aria-label="Why"></textarea><button>Pass</button></form></details>
  <ol id="log"></ol>
  <div id="incident-12">first</div>
  <div id="panel" hx-get="/panel" hx-trigger="live:resync from:body" hx-swap="outerHTML"><input id="other" aria-label="Other"></div>
  <div id="editing"><input id="inside" aria-label="Inside"></div>
  {% timer target start=started label="Attend by" %}
</section>
{% endblock %}
"""

VERBS = [
    {
        "verb": "send",
        "say": "Send a unit",
        "args": [{"name": "unit", "options": ["NH21", "NH14"]}, {"name": "job"}],
        "post": "/act",
    },
    {"verb": "cancel", "say": "Call a unit off", "args": [{"name": "unit"}, {"name": "job"}], "post": "/act"},
    {"verb": "grade", "say": "Grade 1", "press": "F8 1"},
    {
        "verb": "pass",
        "say": "Pass it on",
        "args": [{"name": "to", "into": "pass-to", "options": ["northmoor", "southmere"]}],
        "press": "F9 f",
    },
]


NUMBERS = count(1)


class House(ThreadingHTTPServer):
    """A server small enough to be broken on purpose."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.streams = []
        self.begin()
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def begin(self):
        """As it stands at the beginning of a test."""
        self.drafts, self.posts, self.asked = {}, [], []
        self.opened = []  # the queries with which /live was opened
        self.slow = 0.0  # seconds before a POST is answered
        self.slow_to_forget = 0.0  # seconds before a draft is deleted
        self.is_silent = False  # everything but pages and files is cut off
        self.answer = (200, "text/html", '<li class="log__line">written</li>')
        self.leads_to = ""  # where a POST's answer leads, as `answers.go` says it
        self.seq = 40
        self.line = f"contact:{next(NUMBERS)}:line"  # of its own for each test: the tab of the last one saves while it closes
        self.page = render(DESK, line=self.line)

    def tell(self, kind, event="watchroom", **fragment):
        self.seq += 1
        data = {"seq": self.seq, "kind": kind, "at": "2026-11-22T03:12:00Z", "fragments": [fragment] if fragment else []}
        for stream in list(self.streams):
            stream.put(f"id: {self.seq}\nevent: {event}\ndata: {json.dumps(data)}\n\n")

    def cut_streams(self):
        for stream in list(self.streams):
            stream.put(None)

    def handle_error(self, request, client_address):
        """A browser that leaves is no fault of this test."""


class Answer(BaseHTTPRequestHandler):
    server: House
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def reply(self, status, kind="text/plain", body="", cache="no-store"):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("Cache-Control", cache)
        if self.command == "POST" and self.server.leads_to:
            self.send_header("HX-Redirect", self.server.leads_to)
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def is_cut(self):
        if self.server.is_silent:
            self.close_connection = True
            self.connection.close()
        return self.server.is_silent

    def do_GET(self):
        path = urlsplit(self.path)
        if path.path.startswith("/static/"):
            file = STATIC / path.path.removeprefix("/static/")
            return self.reply(200, mimetypes.guess_type(file)[0] or "text/plain", file.read_bytes(), "max-age=600")
        if path.path == "/live":
            return None if self.is_cut() else self.live(parse_qs(path.query))
        if path.path == "/drafts/":
            if self.is_cut():
                return None
            self.server.asked.append(parse_qs(path.query)["key"])
            kept = {key: self.server.drafts[key] for key in self.server.asked[-1] if key in self.server.drafts}
            found = {key: {"text": text, "at": "2026-11-22T03:12:00Z"} for key, text in kept.items()}
            return self.reply(200, "application/json", json.dumps(found))
        if path.path.startswith("/drafts/"):  # whether one is still logged in
            return None if self.is_cut() else self.reply(404, "application/json", '{"problem": "none"}')
        page = '<div id="panel">fetched again</div>' if path.path == "/panel" else self.server.page
        return self.reply(200, "text/html; charset=utf-8", page)

    def do_PUT(self):
        text = self.body()
        if not self.is_cut():
            self.server.drafts[self.path.removeprefix("/drafts/")] = text
            self.reply(200, "application/json", "{}")

    def do_DELETE(self):
        text, key = self.body(), self.path.removeprefix("/drafts/")
        if not self.is_cut():
            time.sleep(self.server.slow_to_forget)
            if text in ("", self.server.drafts.get(key)):
                self.server.drafts.pop(key, None)
            self.reply(204)

    def do_POST(self):
        form = {name: values[0] for name, values in parse_qs(self.body(), keep_blank_values=True).items()}
        self.server.posts.append(form)
        if not self.is_cut():
            time.sleep(self.server.slow)
            self.reply(*self.server.answer)

    def live(self, query):
        stream = queue.Queue()
        self.server.opened.append(query)
        self.server.streams.append(stream)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            self.wfile.write(f'event: hello\ndata: {{"seq": {self.server.seq}}}\n\n'.encode())
            self.wfile.flush()
            while (message := stream.get()) is not None:
                self.wfile.write(message.encode())
                self.wfile.flush()
        finally:
            self.server.streams.remove(stream)
            self.close_connection = True


@pytest.fixture(scope="module")
def server():
    server = House()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def house(server):
    server.begin()
    yield server
    server.cut_streams()


@pytest.fixture(scope="module")
def machine(browser, server):
    """One desk's browser. Its files are fetched once; what it remembers is wiped before each test."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1366, "height": 768}, locale="en-GB")
    context.set_default_timeout(30_000)  # a page is many small files, and the machine may be busy
    yield context
    context.close()


@pytest.fixture
def desk(machine, house):
    """A desk page; `desk.open_again()` is a new tab of the same browser."""
    wipe = machine.new_page()
    wipe.goto("/static/shell/brand.svg")
    wipe.evaluate("localStorage.clear()")

    def open_tab():
        tab = machine.new_page()
        tab.goto("/")
        tab.wait_for_selector("[data-help]:not([hidden])")
        tab.open_again = open_tab
        return tab

    opened = open_tab()
    wipe.close()
    yield opened
    for tab in machine.pages:
        tab.close()


def render(source, **context):
    now = time.time()
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(now, UTC)
    shell = {
        "now": moment,
        "now_ms": round(now * 1000),
        "force": "Northmoor Police",
        "member": "Bryn Pugh",
        "member_code": "staff:12",
    }
    values = {
        "shell": shell,
        "verbs": VERBS,
        "started": datetime.fromtimestamp(now - 60, UTC),
        "target": datetime.fromtimestamp(now + 600, UTC),
        **context,
    }
    return engines["django"].from_string(source).template.render(Context(values))


def until(true, within=10.0):
    """Wait until `true()`, and say so if it never was."""
    deadline = time.monotonic() + within
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


def when(page, true, within=10.0):
    """Playwright's own wait_for_function evaluates in the page, which the content security policy forbids."""
    until(lambda: page.evaluate(true), within)


def presses(page, selector):
    """Count the clicks on an element from now on."""
    page.evaluate(
        "s => { window.pressed = window.pressed || {}; window.pressed[s] = 0;"
        " document.querySelector(s).addEventListener('click', () => window.pressed[s]++) }",
        selector,
    )
    return lambda: page.evaluate("s => window.pressed[s]", selector)


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_acts_outside_a_field_and_is_text_inside(desk):
    count = presses(desk, "#send")
    desk.keyboard.press("a")
    assert count() == 1
    desk.focus("#line")
    desk.keyboard.type("a man")
    assert count() == 1
    assert desk.input_value("#line") == "a man"


def test_two_steps_act_even_while_typing_and_type_nothing(desk):
    count = presses(desk, "#one")
    desk.focus("#line")
    desk.keyboard.type("knife ")
    desk.keyboard.press("F8")
    desk.keyboard.press("1")
    assert count() == 1
    desk.keyboard.type("1")
    assert count() == 1
    assert desk.input_value("#line") == "knife 1"


def test_a_key_puts_the_caret_in_its_field_and_escape_takes_it_out_and_discards_nothing(desk):
    desk.keyboard.press("F3")
    desk.keyboard.type("he is outside")
    desk.keyboard.press("Escape")
    assert desk.evaluate("document.activeElement === document.body")
    assert desk.input_value("#line") == "he is outside"


def test_what_is_not_possible_yet_says_why(desk):
    count = presses(desk, "#notyet")
    desk.keyboard.press("s")
    when(desk, "document.getElementById('say-politely').textContent === 'Three are owed.'")
    assert count() == 0


def test_the_hints_and_the_help_come_from_the_same_keys(desk):
    assert "send" in desk.inner_text("[data-key-hints]")
    desk.focus("#line")
    desk.keyboard.press("Escape")
    desk.keyboard.press("?")
    sheet = desk.inner_text("#keysheet")
    assert "Send the suggested unit" in sheet
    assert "Grade 1" in sheet
    desk.keyboard.press("Escape")
    assert desk.is_hidden("#keysheet")


def test_a_person_may_choose_another_key_and_keeps_it(desk):
    desk.keyboard.press("?")
    desk.click("button[aria-label='Change the key for: Send the suggested unit']")
    desk.keyboard.press("x")
    assert desk.inner_text("#send kbd") == "x"
    again = desk.open_again()
    count = presses(again, "#send")
    again.keyboard.press("a")
    assert count() == 0
    again.keyboard.press("x")
    assert count() == 1


def test_a_key_that_is_taken_is_not_given_twice(desk):
    desk.keyboard.press("?")
    desk.click("button[aria-label='Change the key for: Send the suggested unit']")
    desk.keyboard.press("s")
    when(desk, "document.getElementById('say-politely').textContent.includes('is already')")
    assert desk.inner_text("#send kbd") == "a"


# ── Drafts ───────────────────────────────────────────────────────────────────────────────────


def test_every_word_reaches_the_server_within_two_seconds(desk, house):
    desk.focus("#line")
    began = time.monotonic()
    desk.keyboard.type("He is shouting he will kick it in", delay=60)
    typed = time.monotonic()
    until(lambda: house.drafts.get(house.line, "").endswith("kick it in"), within=2.5)
    assert time.monotonic() - typed < 2.3
    assert typed - began > 1.5  # it was also sent while the typing went on: see LATEST in draft.js
    desk.wait_for_selector("#saved-state[data-state=well]")
    assert "Every word saved" in desk.inner_text("#saved-state")


def test_a_closed_tab_loses_nothing(desk, house):
    desk.focus("#line")
    desk.keyboard.type("the very last wor")
    again = desk.open_again()
    desk.close()
    assert again.input_value("#line") == "the very last wor"


def test_another_machine_gets_the_servers_copy(desk, house, browser):
    house.drafts[house.line] = "typed elsewhere"
    elsewhere = browser.new_context(base_url=house.url).new_page()
    elsewhere.goto("/")
    when(elsewhere, "document.getElementById('line').value === 'typed elsewhere'")
    elsewhere.context.close()


def test_a_field_drawn_anew_is_not_asked_for_again_until_words_were_kept(desk, house):
    until(lambda: house.asked)
    assert house.asked == [[house.line]], "one question for all fields of the page"
    drawn_anew = """() => {
        const field = document.getElementById('line'), fresh = field.cloneNode();
        delete fresh.dataset.draftAdopted;
        field.replaceWith(fresh);
        document.body.dispatchEvent(new CustomEvent('live:applied'));
    }"""
    desk.evaluate(drawn_anew)
    desk.evaluate("new Promise((done) => setTimeout(done, 100))")
    assert len(house.asked) == 1

    desk.focus("#line")
    desk.keyboard.type("wood cracking")
    until(lambda: house.drafts.get(house.line) == "wood cracking", within=3)
    desk.evaluate("localStorage.clear()")
    desk.evaluate(drawn_anew)
    when(desk, "document.getElementById('line').value === 'wood cracking'")


def test_while_the_server_is_away_the_words_are_kept_here_and_it_says_so(desk, house):
    house.is_silent = True
    desk.focus("#line")
    desk.keyboard.type("wood cracking")
    desk.wait_for_selector("#saved-state[data-state=trouble]")
    assert "Kept on this machine" in desk.inner_text("#saved-state")
    house.is_silent = False
    until(lambda: house.drafts.get(house.line) == "wood cracking", within=8)


def test_sent_words_are_forgotten_and_not_put_back(desk, house):
    desk.focus("#line")
    desk.keyboard.type("door bolted")
    until(lambda: house.line in house.drafts)
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector("#log li")
    until(lambda: house.line not in house.drafts)
    assert desk.evaluate("Object.keys(localStorage).filter(k => k.startsWith('watchroom.draft'))") == []


def test_they_are_forgotten_too_when_the_answer_leads_to_a_page(desk, house):
    house.answer, house.leads_to = (204,), "/?again"
    house.slow_to_forget = 0.5  # the page after asks for them while they are still there
    desk.focus("#line")
    desk.keyboard.type("door bolted")
    until(lambda: house.line in house.drafts)
    asked = len(house.asked)
    with desk.expect_navigation():
        desk.keyboard.press("Control+Enter")
    until(lambda: len(house.asked) > asked)
    assert house.line in house.drafts
    until(lambda: house.line not in house.drafts)
    assert desk.evaluate("Object.keys(localStorage).filter(k => k.startsWith('watchroom.draft'))") == []
    assert desk.input_value("#line") == ""


def test_words_typed_since_in_another_window_stay_when_the_older_ones_are_sent(desk, house):
    desk.focus("#line")
    desk.keyboard.type("door bolted")
    until(lambda: house.drafts.get(house.line) == "door bolted")
    house.slow = 1.0
    desk.keyboard.press("Control+Enter")
    other = desk.open_again()
    other.focus("#line")
    other.keyboard.type(", and he is back")
    until(lambda: house.drafts.get(house.line) == "door bolted, and he is back")
    desk.wait_for_selector("#log li")
    desk.wait_for_timeout(300)
    assert house.drafts[house.line] == "door bolted, and he is back"
    assert other.input_value("#line") == "door bolted, and he is back"


# ── Forms ────────────────────────────────────────────────────────────────────────────────────


def test_control_enter_sends_the_form_once_with_a_key(desk, house):
    house.slow = 0.4
    desk.fill("#line", "in one line")
    desk.focus("#line")
    for _ in range(3):
        desk.keyboard.press("Control+Enter")
    desk.wait_for_selector("#log li")
    time.sleep(0.3)
    assert [post["text"] for post in house.posts] == ["in one line"]
    assert re.fullmatch(r"[0-9a-f-]{36}", house.posts[0]["key"])


def test_a_repeat_after_silence_is_the_same_command_and_the_next_one_is_another(desk, house):
    desk.fill("#line", "he has a knife")
    desk.focus("#line")
    house.is_silent = True
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector("#line-form [data-form-said].fault")
    assert "kept" in desk.inner_text("#line-form [data-form-said]")
    assert desk.input_value("#line") == "he has a knife"
    house.is_silent = False
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector("#log li")
    desk.keyboard.press("Control+Enter")
    keys = until(lambda: len(found := [post["key"] for post in house.posts]) >= 3 and found)
    *same, other = keys  # the browser itself may repeat a request that was cut off
    assert len(set(same)) == 1
    assert other not in same


def test_a_refusal_is_said_at_the_field(desk, house):
    house.answer = (422, "application/json", json.dumps({"problem": "Not written.", "fields": {"text": "Write what was heard."}}))
    desk.focus("#line")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector("#line[aria-invalid=true]")
    assert desk.inner_text("#line-form .field-fault") == "Write what was heard."


def test_a_plain_form_carries_a_key_too(desk, house):
    desk.fill("#note", "by hand")
    desk.focus("#note")
    with desk.expect_navigation():
        desk.keyboard.press("Control+Enter")
    assert re.fullmatch(r"[0-9a-f-]{36}", house.posts[0]["key"])


# ── Live ─────────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_on_the_screen_within_a_second(desk, house):
    until(lambda: house.streams)
    house.tell("GradeRaised", topic="incidents", target="#incident-12", html='<div id="incident-12">second</div>')
    when(desk, "document.getElementById('incident-12').textContent === 'second'", within=1)


def test_other_topics_change_nothing_here(desk, house):
    until(lambda: house.streams)
    house.tell("UnitMoved", topic="units", target="#incident-12", html='<div id="incident-12">no</div>')
    house.tell("LineAdded", topic="incidents", target="#log", swap="beforeend", html='<li id="line-9">a line</li>')
    desk.wait_for_selector("#line-9")
    assert desk.inner_text("#incident-12") == "first"


def test_a_change_never_takes_the_caret(desk, house):
    until(lambda: house.streams)
    desk.focus("#inside")
    desk.keyboard.type("half a wo")
    house.tell("Changed", topic="incidents", target="#editing", html='<div id="editing">replaced</div>')
    house.tell("LineAdded", topic="incidents", target="#log", swap="beforeend", html='<li id="line-9">a line</li>')
    desk.wait_for_selector("#line-9")
    assert desk.input_value("#inside") == "half a wo"
    desk.keyboard.press("Escape")
    when(desk, "document.getElementById('editing').textContent === 'replaced'")


def test_a_line_told_twice_is_shown_once(desk, house):
    until(lambda: house.streams)
    for _ in range(2):
        house.tell("LineAdded", topic="incidents", target="#log", swap="beforeend", html='<li id="line-9">a line</li>')
    house.tell("GradeRaised", topic="incidents", target="#incident-12", html='<div id="incident-12">second</div>')
    when(desk, "document.getElementById('incident-12').textContent === 'second'")
    assert desk.locator("#line-9").count() == 1


def test_many_tabs_share_one_stream(desk, house):
    until(lambda: house.streams)
    tabs = [desk.open_again() for _ in range(3)]
    time.sleep(0.4)
    assert len(house.streams) == 1
    house.tell("GradeRaised", topic="incidents", target="#incident-12", html='<div id="incident-12">second</div>')
    for tab in (desk, *tabs):
        when(tab, "document.getElementById('incident-12').textContent === 'second'")


def test_when_the_leading_tab_closes_another_goes_on(desk, house):
    desk.wait_for_selector("#live-state[data-state=well]")  # until the stream stands, a tab that comes to the front opens it anew
    other = desk.open_again()
    house.tell("GradeRaised", topic="incidents", target="#incident-12", html='<div id="incident-12">second</div>')
    when(other, "document.getElementById('incident-12').textContent === 'second'")
    desk.close()
    until(lambda: len(house.opened) == 2)
    assert house.opened[1]["after"] == ["41"]


def test_after_a_break_it_goes_on_from_the_last_number(desk, house):
    until(lambda: house.streams)
    house.tell("GradeRaised", topic="incidents", target="#incident-12", html='<div id="incident-12">second</div>')
    when(desk, "document.getElementById('incident-12').textContent === 'second'")
    house.is_silent = True
    house.cut_streams()
    desk.wait_for_selector("#live-state[data-state=trouble]")
    house.is_silent = False
    desk.wait_for_selector("#live-state[data-state=well]")
    assert house.opened[-1]["after"] == ["41"]


def test_after_a_gap_the_page_is_told_to_fetch_again(desk, house):
    until(lambda: house.streams)
    desk.evaluate("document.body.addEventListener('live:resync', () => document.body.dataset.again = 'yes')")
    house.tell("", event="resync")
    desk.wait_for_selector("body[data-again=yes]")


def test_a_panel_that_fetches_itself_again_waits_for_the_caret(desk, house):
    until(lambda: house.streams)
    desk.focus("#other")
    desk.keyboard.type("half a wo")
    with desk.expect_response("**/panel"):
        house.tell("", event="resync")
    time.sleep(0.2)
    assert desk.input_value("#other") == "half a wo"
    desk.keyboard.press("Escape")
    when(desk, "document.getElementById('panel').textContent === 'fetched again'")


def test_each_fact_is_an_event_of_the_page(desk, house):
    until(lambda: house.streams)
    desk.evaluate("document.body.addEventListener('live:GradeRaised', e => document.body.dataset.heard = e.detail.seq)")
    house.tell("GradeRaised")
    desk.wait_for_selector("body[data-heard='41']")


# ── Clocks, commands, theme ──────────────────────────────────────────────────────────────────


def test_a_clock_ticks_and_says_when_its_time_is_over(browser, house):
    house.page = render(DESK, target=datetime.fromtimestamp(time.time() + 3, UTC))
    page = browser.new_context(base_url=house.url).new_page()
    page.goto("/")
    page.wait_for_selector(".timer--over", timeout=6000)
    assert "late" in page.inner_text(".timer [data-digits]")
    when(page, "document.getElementById('say-politely').textContent.includes('Attend by: time is over')")
    page.context.close()


def test_a_command_is_a_verb_and_arguments_by_name(desk, house):
    house.answer = (200, "application/json", '{"said": "NH21 is on the way."}')
    desk.keyboard.press("/")
    desk.keyboard.type("send unit nh21 job 0417")
    desk.keyboard.press("Enter")
    when(desk, "document.getElementById('command-said').textContent === 'NH21 is on the way.'")
    assert {name: house.posts[0][name] for name in ("unit", "job")} == {"unit": "nh21", "job": "0417"}


def test_changing_the_verb_keeps_the_arguments(desk):
    desk.keyboard.press("/")
    desk.keyboard.type("sen unit nh21 job 0417")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    assert desk.input_value("#command-line") == "send unit nh21 job 0417"


def test_the_last_command_comes_back(desk, house):
    house.answer = (409, "application/json", '{"problem": "NH21 is with a prisoner."}')
    desk.keyboard.press("/")
    desk.keyboard.type("send unit nh21 job 0417")
    desk.keyboard.press("Enter")
    when(desk, "document.getElementById('command-said').textContent === 'NH21 is with a prisoner.'")
    assert desk.input_value("#command-line") == "send unit nh21 job 0417"
    desk.fill("#command-line", "")
    desk.keyboard.press("ArrowUp")
    assert desk.input_value("#command-line") == "send unit nh21 job 0417"


def test_values_are_offered_and_what_is_missing_is_said(desk, house):
    desk.keyboard.press("/")
    desk.keyboard.type("send unit nh2")
    desk.keyboard.press("Tab")
    assert desk.input_value("#command-line") == "send unit NH21 "
    desk.keyboard.press("Enter")
    assert desk.inner_text("#command-said") == "send also needs: job."
    assert not house.posts


def test_a_verb_may_press_a_key_of_the_page(desk):
    count = presses(desk, "#one")
    desk.keyboard.press("/")
    desk.keyboard.type("grade")
    desk.keyboard.press("Enter")
    assert count() == 1


@pytest.mark.parametrize("named", ["southmere", "Southmere Police"])
def test_a_verb_may_open_a_form_with_its_argument_in_it_and_sends_nothing(desk, house, named):
    for _ in range(2):  # said again, it does not close what it opened
        desk.keyboard.press("Escape")
        desk.keyboard.press("/")
        desk.keyboard.type(f"pass {named}")
        desk.keyboard.press("Enter")
        assert desk.input_value("#pass-to") == "southmere"
        assert desk.evaluate("document.activeElement.id") == "pass-why", "what is missing is written next"
    assert not house.posts


def test_what_a_form_does_not_know_is_said_and_nothing_is_chosen_instead(desk, house):
    desk.keyboard.press("/")
    desk.keyboard.type("pass farshire")
    desk.keyboard.press("Enter")
    assert desk.inner_text("#command-said") == "“farshire” is none of: northmoor, southmere."
    assert desk.input_value("#pass-to") == ""
    assert not house.posts


def test_the_chosen_theme_is_remembered(desk):
    desk.emulate_media(color_scheme="light")
    desk.click("[data-theme-toggle]")
    assert desk.get_attribute("html", "data-theme") == "dark"
    assert desk.open_again().get_attribute("html", "data-theme") == "dark"


# ── The gallery ──────────────────────────────────────────────────────────────────────────────


def sheet(name):
    return getattr(views, name)(ask("GET", accept="text/html")).content.decode()


@pytest.mark.parametrize("name", ["gallery", "gallery_public"])
# two of the four: each sheet shows both themes, and the sizes differ in what they fold
@pytest.mark.parametrize(
    ("theme", "size"),
    [
        pytest.param("light", (1366, 768), id="light-1366"),
        pytest.param("dark", (1920, 1080), id="dark-1920", marks=pytest.mark.long),
    ],
)
def test_the_gallery_has_no_barrier_that_axe_can_find(browser, house, northmoor, name, theme, size):
    house.page = sheet(name)
    context = browser.new_context(base_url=house.url, viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    trouble = []
    page.on("console", lambda m: trouble.append(m.text) if m.type == "error" and "Failed to load" not in m.text else None)
    page.goto(f"/?theme={theme}")
    assert barriers(page, only_looks=theme == "dark") == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not trouble
    context.close()


def test_the_public_sheet_can_be_left_by_three_presses_of_shift(browser, house, northmoor):
    house.page = sheet("gallery_public")
    page = browser.new_context(base_url=house.url).new_page()
    gone = []
    page.route("https://www.bbc.co.uk/**", lambda route: (gone.append(route.request.url), route.fulfill(body="weather")))
    page.goto("/")
    page.wait_for_selector("body.js-enabled")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("https://www.bbc.co.uk/weather")
    assert gone
    page.context.close()
