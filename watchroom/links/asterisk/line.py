"""One force's line to its exchange: what it hears becomes a contact, what the people want becomes sound.

One loop does everything: it takes in what came (events, a note that something was told, a second that passed), writes inwards what
is due, reads what is wanted, and has the exchange do what is missing. Each step may be done twice; so after an error, a restart, a
lost exchange or a lost database the next turn is the same as any other.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import structlog
from django.db import InterfaceError, OperationalError, connections, transaction

from watchroom.contacts.attendant import rules as attendant
from watchroom.force.policy import Policy
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Refused
from watchroom.foundation.vault import Incoming
from watchroom.links.asterisk import actions, rules, settings
from watchroom.links.asterisk.ari import CONNECTED, Ari, Gone
from watchroom.links.asterisk.rules import Channel, Command, Here, Key, Leg, Part

log = structlog.get_logger("watchroom.links.asterisk")
TURN_S = 1.0  # without any news
PAUSE_S = 0.5
ROUNDS = 5  # of plan and carry out, for one contact in one turn
FORGET_AFTER_S = 600  # a channel that is gone; what comes later finds the contact by its key
ASK_AGAIN_S = 30  # whether a callback can be promised, where it could not be
AT_ONCE = 4  # acts of the rooms
LONGEST_RECORDING = 2_000_000_000  # bytes, about 35 hours
FACTS, TICK = "_facts", "_tick"


class Line:
    """One force's line to its exchange."""

    def __init__(self, force: str, exchange: settings.Exchange) -> None:
        self.force, self.exchange = force, exchange
        self.ari = Ari(exchange.address)
        self.book: rules.Book = {}
        self.here: dict[int, Here] = {}
        self.contacts: dict[Key, int] = {}  # of calls on a trunk
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.is_synced = False
        self.telling: asyncio.Task | None = None
        self.fetching: dict[str, asyncio.Task] = {}
        self.number = int(time.time() * 1000)
        self.bridged: set[tuple[int, str]] = set()
        self.attended: dict[int, attendant.State] = {}  # where callers on 101 are whom no person has answered
        self.keys: dict[Key, list[str]] = {}  # pressed, and not looked at yet
        self.pressed: dict[Key, rules.Press] = {}  # the last one of each call
        self.asked_at: dict[int, datetime] = {}  # when it was last looked whether a callback can be promised
        self._database = ThreadPoolExecutor(AT_ONCE + 2, thread_name_prefix=f"asterisk-{force}")

    async def run(self) -> None:
        """Until we are cancelled."""
        hearing = [asyncio.create_task(self._hear()), asyncio.create_task(self._hear_facts())]
        try:
            while True:
                try:
                    await self._turn()
                except (httpx.HTTPError, OSError) as error:
                    log.warning("exchange_does_not_answer", error=type(error).__name__)
                    self.is_synced = False
                    await asyncio.sleep(PAUSE_S)
                except Exception as error:
                    log.error("exchange_turn_failed", error=type(error).__name__)
                    await asyncio.sleep(PAUSE_S)
        finally:
            for task in (*hearing, *self.fetching.values(), *([self.telling] if self.telling else [])):
                task.cancel()
            await self.ari.close()
            self._database.shutdown(wait=False, cancel_futures=True)

    # --- hearing

    async def _hear(self) -> None:
        async for event in self.ari.events():
            self.inbox.put_nowait(event)

    async def _hear_facts(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(os.environ["WATCHROOM_APP_URL"], autocommit=True) as heard:
                    await heard.execute("listen watchroom_facts")
                    async for notice in heard.notifies():
                        if notice.payload.split(" ")[0] == self.force:
                            self.inbox.put_nowait({"type": FACTS})
            except (psycopg.Error, OSError):
                await asyncio.sleep(PAUSE_S)

    async def _turn(self) -> None:
        for event in await self._news():
            if event["type"] == CONNECTED:
                self.is_synced = False
            elif event["type"] == "RecordingFinished":
                self._fetch(str((event.get("recording") or {}).get("name", "")))
            else:
                self._press(event)
                self._miss(event)
                rules.learn(self.book, event, self.exchange.trunks)
        if not self.is_synced:
            await self._sync()
        if self._new() and (self.telling is None or self.telling.done()):
            self.telling = asyncio.create_task(self._tell())  # beside: in a rush nobody who is answered waits for all who ring
        await self._settle()
        self._forget()

    async def _news(self) -> list[dict[str, Any]]:
        try:
            news = [await asyncio.wait_for(self.inbox.get(), TURN_S)]
        except TimeoutError:
            return [{"type": TICK}]
        while not self.inbox.empty():
            news.append(self.inbox.get_nowait())
        return news

    async def _sync(self) -> None:
        """After a connection was made: what is there now stands for what we missed."""
        known = list(self.book)
        channels = await self.ari.ask("/channels")
        bridges = {one["id"]: set(one.get("channels", ())) for one in await self.ari.ask("/bridges")}
        rules.resync(self.book, channels, known, self.exchange.trunks, clock.now())
        for contact, here in self.here.items():
            inside = bridges.get(rules.bridge(contact))
            here.bridge, here.inside = inside is not None, inside or set()
            here.rings = False
        for name, inside in bridges.items():
            before_us = rules.contact_of(name)
            if before_us and before_us not in self.here:
                self.here[before_us] = Here(bridge=True, inside=inside, records=True)  # of a process before us
        for key, channel in self.book.items():
            part = rules.part(key.id)
            if part and channel.is_here:
                self.here.setdefault(part.contact, Here()).made.add(key.id)
        for one in await self.ari.ask("/recordings/stored"):
            self._fetch(str(one.get("name", "")))
        self.is_synced = True
        log.info("exchange_synced", channels=len(channels))

    # --- inwards

    async def _tell(self) -> None:
        """Every call on a trunk is a contact, even one that was gone before we heard it ring."""
        while new := self._new():
            done = await asyncio.gather(*(self._ring(one) for one in new[:AT_ONCE]), return_exceptions=True)
            self.inbox.put_nowait({"type": TICK})
            for error in done:
                if isinstance(error, BaseException):
                    log.error("call_not_received", error=type(error).__name__)
                    return  # the next turn tries again

    def _new(self) -> list[Channel]:
        """Calls that are no contacts yet: 999 first, then who rang first."""
        new = [one for key, one in self.book.items() if one.trunk and key not in self.contacts]
        return sorted(new, key=lambda one: (one.trunk.split()[0] != "999", one.key.created))

    async def _ring(self, channel: Channel) -> None:
        key = channel.key
        contact = await self._do(actions.ring, key=key, trunk=channel.trunk, number=channel.number, at=clock.now())
        self.contacts[key] = contact
        self.here.setdefault(contact, Here()).caller = key

    async def _settle(self) -> None:
        for _ in range(ROUNDS):
            found, policy = await self._do(actions.look, set(self.here), at=clock.now())
            told = await asyncio.gather(*(self._tell_of(one) for one in found))
            found = await asyncio.gather(*(self._attend(one, policy) for one in found))
            done = await asyncio.gather(*(self._carry_out(one) for one in found), return_exceptions=True)
            for each in done:
                if isinstance(each, BaseException):
                    raise each
            if not any(told) and not any(done):
                return

    async def _tell_of(self, one: actions.Open) -> bool:
        """What became of this contact's call, inwards. Returns whether there was anything to tell."""
        wanted = one.wanted
        here = self.here.setdefault(wanted.contact, Here())
        if here.caller is None and one.is_ours:
            here.caller = next((key for key in self.book if key.call == one.call), None)
            if here.caller:
                self.contacts[here.caller] = wanted.contact
        legs = self._legs(here)
        line = rules.caller(here, self.book, legs)
        at = clock.now()
        last = self._last(here, legs)
        was_rung = any(leg.part.role == "caller" for leg in legs)
        # who was rung back may be on another telephone
        was_here = (was_rung and last is not None and last.is_up) if one.was_lost else one.is_ours
        if wanted.state in ("waiting", "answered") and line is None and was_here:
            how = last.how if last else "cut_off"
            await self._do(actions.go_down, contact=wanted.contact, at=last.gone_at if last and last.gone_at else at, how=how)
        elif wanted.state == "answered" and rules.has_hung_up(wanted, here, legs):
            await self._do(actions.go_down, contact=wanted.contact, at=at, how="handler")
        else:
            return await self._tell_of_legs(one, here, legs)
        return True

    async def _tell_of_legs(self, one: actions.Open, here: Here, legs: list[Leg]) -> bool:
        wanted, at = one.wanted, clock.now()
        partner = [leg.channel for leg in legs if (leg.part.role, leg.part.who) == ("partner", wanted.partner)]
        if any(each.is_here and each.is_up and each.key.id in here.inside for each in partner):
            await self._do(actions.partner_joined, contact=wanted.contact, by=actions.BY, at=at)
        is_lost = bool(partner) and not any(each.is_here for each in partner)
        if is_lost and (any(each.is_up for each in partner) or len(partner) >= rules.TRIES):
            await self._do(actions.let_partner_go, contact=wanted.contact, by=actions.BY, at=at)
            here.made -= {each.key.id for each in partner}
            return True
        mine = [leg.channel for leg in legs if (leg.part.role, leg.part.who) == ("handler", wanted.owner)]
        is_mute = wanted.state == "answered" and len(mine) >= rules.TRIES and not any(each.is_here or each.is_up for each in mine)
        if is_mute and not here.is_told:
            here.is_told = True
            text = "The telephone of whoever holds this call does not answer; the caller hears nobody."
            await self._do(actions.note, contact=wanted.contact, text=text, by=actions.BY, at=at)
        return False

    # --- the attendant

    def _press(self, event: dict[str, Any]) -> None:
        found = rules.pressed(event)
        if found is None:
            return
        before = self.pressed.get(found.key)
        if found.is_new(before):  # the same again, or late, would answer another question
            self.keys.setdefault(found.key, []).append(found.digit)
        if before is None or found.at > before.at:
            self.pressed[found.key] = found

    def _miss(self, event: dict[str, Any]) -> None:
        """Whoever cannot hear the question is put through: as if they had asked for a person."""
        playback = rules.unheard(event)
        contact = rules.contact_of(playback)
        here = self.here.get(contact) if contact else None
        line = self.book.get(here.caller) if here and here.caller else None
        if here and line and line.is_here and line.key.id not in here.hung and here.playback == playback:
            here.playback = ""
            log.error("saying_cannot_be_played", contact=contact)
            self.keys.setdefault(line.key, []).append(attendant.OPERATOR)

    async def _attend(self, one: actions.Open, policy: Policy) -> actions.Open:
        """What a machine says to this caller now. Whoever is answered, or rings as any call does, is left as they are."""
        contact, here = one.wanted.contact, self.here.setdefault(one.wanted.contact, Here())
        line = self.book.get(here.caller) if here.caller else None
        state, now = self.attended.get(contact), clock.now()
        is_told = one.wanted.state == "callback" and state is not None and state.place == attendant.AGREED
        if (
            line is None
            or not line.is_here
            or not line.is_in
            or not one.is_attended
            or not (one.wanted.state == "waiting" or is_told)
        ):
            self.attended.pop(contact, None)
            return one
        if state is None:
            if not one.is_in_menu and not line.is_up:
                return one
            state = await self._begin(contact, policy, is_new=not line.is_up)
        for key in (*self.keys.pop(line.key, ()), ""):
            may = not key and attendant.is_time_to_offer(state, now, policy) and await self._may_promise(contact)
            state = await self._take(contact, attendant.decide(state, key, now, policy, may_call_back=may), policy)
        self.attended[contact] = state
        is_saying = attendant.is_saying(state, now, policy)
        if state.place == attendant.AGREED and not is_saying:
            return one
        says = attendant.sound(state.saying, policy) if is_saying else ""
        return replace(one, wanted=replace(one.wanted, state="waiting", attended=True, says=says, saying=state.number))

    async def _begin(self, contact: int, policy: Policy, *, is_new: bool) -> attendant.State:
        """Somebody who has heard something already, and of whom we do not know where they were, is put through."""
        now = clock.now()
        if is_new:
            return await self._take(contact, attendant.begin(now, policy), policy)
        return await self._take(contact, attendant.Step(attendant.resumed(now), (attendant.Does("queued"),)), policy)

    async def _take(self, contact: int, step: attendant.Step, policy: Policy) -> attendant.State:
        state, now = step.state, clock.now()
        for does in step.does:
            if not await self._do(actions.attended, contact=contact, does=does, at=now):
                state = attendant.refused(state, now, policy)
        return state

    async def _may_promise(self, contact: int) -> bool:
        now = clock.now()
        if contact in self.asked_at and (now - self.asked_at[contact]).total_seconds() < ASK_AGAIN_S:
            return False
        self.asked_at[contact] = now
        return bool(await self._do(actions.may_promise, contact, at=now))

    def _legs(self, here: Here) -> list[Leg]:
        return [Leg(part, self.book[key]) for key in self.book if key.id in here.made and (part := rules.part(key.id))]

    def _last(self, here: Here, legs: list[Leg]) -> Channel | None:
        """On which the caller was last."""
        back = [leg for leg in legs if leg.part.role == "caller"]
        if back:
            return max(back, key=lambda leg: leg.part.number).channel
        return self.book.get(here.caller) if here.caller else None

    # --- outwards

    async def _carry_out(self, one: actions.Open) -> bool:
        """Have the exchange do what is missing. What fails is tried again at the next turn."""
        here = self.here[one.wanted.contact]
        todo = rules.plan(one.wanted, here, self.book, self._legs(here))
        for command in todo:
            try:
                await self._order(command, one, here)
            except Gone:
                return False
            except httpx.HTTPStatusError as error:
                log.error("exchange_refused", contact=one.wanted.contact, verb=command.verb, status=error.response.status_code)
                return False
        is_over = not todo and one.wanted.state not in ("waiting", "answered") and not one.wanted.ring_back
        legs = self._legs(here)
        if is_over and not any(leg.channel.is_here for leg in legs) and rules.caller(here, self.book, legs) is None:
            self.here.pop(one.wanted.contact, None)
        return bool(todo)

    async def _order(self, command: Command, one: actions.Open, here: Here) -> None:
        contact, channel = one.wanted.contact, quote(command.channel, safe="")
        bridge = rules.bridge(contact)
        match command.verb:
            case "ring":
                await self.ari.do("POST", f"/channels/{channel}/ring")
                here.rings = True
            case "answer":
                await self.ari.do("POST", f"/channels/{channel}/answer")
            case "bridge":
                await self.ari.do("POST", f"/bridges/{bridge}", type="mixing", name=bridge)
                here.bridge = True
            case "record":
                name = f"{bridge}.{self._next()}"
                await self.ari.do("POST", f"/bridges/{bridge}/record", name=name, format="wav", ifExists="fail")
                here.records = True
            case "call":
                await self._call(command, one, here)
            case "add":
                await self.ari.do("POST", f"/bridges/{bridge}/addChannel", channel=command.channel)
                here.inside.add(command.channel)
                self._measure(one, here)
            case "remove":
                here.inside.discard(command.channel)
                await self.ari.do("POST", f"/bridges/{bridge}/removeChannel", channel=command.channel)
            case "music":
                await self.ari.do("POST", f"/channels/{channel}/moh")
                here.music = True
            case "silence":
                here.music = False
                await self.ari.do("DELETE", f"/channels/{channel}/moh")
            case "say":
                here.playback, here.said = f"{bridge}.{self._next()}", one.wanted.saying
                await self.ari.do("POST", f"/channels/{channel}/play/{here.playback}", media=one.wanted.says)
            case "hush":
                playback, here.playback = here.playback, ""
                with contextlib.suppress(Gone):  # it is over
                    await self.ari.do("DELETE", f"/playbacks/{playback}")
            case "hang_up":
                here.hung.add(command.channel)
                await self.ari.do("DELETE", f"/channels/{channel}", reason="normal")
            case "destroy":
                here.bridge, here.records, here.inside = False, False, set()
                await self.ari.do("DELETE", f"/bridges/{bridge}")

    async def _call(self, command: Command, one: actions.Open, here: Here) -> None:
        part = Part(one.wanted.contact, command.role, command.who, self._next())
        endpoint = self.exchange.telephone_of(part, one.wanted.ring_back)
        here.made.add(part.id)
        try:
            if not endpoint:
                raise Gone("nobody said how this telephone is called")
            await self.ari.do(
                "POST",
                f"/channels/{part.id}",
                endpoint=endpoint,
                app=self.exchange.app,
                appArgs=part.role,
                timeout=str(self.exchange.ring_for_s),
                **({"callerId": self.exchange.shown} if self.exchange.shown and part.role == "caller" else {}),
            )
        except (Gone, httpx.HTTPStatusError):
            log.warning("telephone_cannot_be_rung", contact=part.contact, role=part.role)
            key = Key(part.id, clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f%z"))
            self.book[key] = Channel(key, gone_at=clock.now())

    def _measure(self, one: actions.Open, here: Here) -> None:
        """How long from the answer at the desk until the two hear each other: for whoever looks at the log."""
        legs = [leg for leg in self._legs(here) if (leg.part.role, leg.part.who) == ("handler", one.wanted.owner)]
        line = rules.caller(here, self.book, self._legs(here))
        pair = (one.wanted.contact, one.wanted.owner)
        if pair in self.bridged or not one.answered_at or not line or line.key.id not in here.inside:
            return
        if any(leg.channel.key.id in here.inside for leg in legs):
            self.bridged.add(pair)
            ms = (clock.now() - one.answered_at).total_seconds() * 1000
            log.info("bridged", contact=one.wanted.contact, ms=round(ms, 1))

    def _next(self) -> int:
        self.number += 1
        return self.number

    # --- recordings

    def _fetch(self, name: str) -> None:
        if rules.contact_of(name) and name not in self.fetching:
            task = asyncio.create_task(self._keep(name))
            self.fetching[name] = task
            task.add_done_callback(lambda _: self.fetching.pop(name, None))

    async def _keep(self, name: str) -> None:
        """Bring a recording into the vault, and only then have the exchange forget it. What fails is found at the next connection."""
        contact = rules.contact_of(name)
        if contact is None:
            return
        file = await self._do(Incoming, f"{name}.wav", LONGEST_RECORDING)
        try:
            async for data in self.ari.file(name):
                await asyncio.to_thread(file.take, data)
            await asyncio.to_thread(file.finish)
            await self._do(actions.keep_recording, contact=contact, name=name, file=file, at=clock.now())
            await self.ari.do("DELETE", f"/recordings/stored/{name}")
            log.info("recording_kept", contact=contact, size=file.size)
        except (Gone, Refused, httpx.HTTPError, OSError) as error:
            log.error("recording_not_kept", contact=contact, error=type(error).__name__)
        except Exception as error:
            log.error("recording_not_kept", contact=contact, error=type(error).__name__)
        finally:
            file.discard()

    # --- ground

    async def _do(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """An act of the rooms, in this force, in the one thread that speaks with the database; until the database is there."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await loop.run_in_executor(self._database, lambda: self._act(act, *args, **kwargs))
            except (OperationalError, InterfaceError) as error:
                log.warning("exchange_waits_for_database", error=type(error).__name__)
                await asyncio.sleep(PAUSE_S)

    def _act(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            with scope.use(self.force), transaction.atomic():
                return act(*args, **kwargs)
        finally:
            connections.close_all()  # back into the pool

    def _forget(self) -> None:
        now = clock.now()
        for call in [key for key in self.pressed if key not in self.book or not self.book[key].is_here]:
            del self.pressed[call]
            self.keys.pop(call, None)
        self.asked_at = {contact: at for contact, at in self.asked_at.items() if contact in self.attended}
        held = {one for here in self.here.values() for one in (here.caller,)}
        for key, channel in list(self.book.items()):
            if channel.trunk and key not in self.contacts:
                continue  # a call that is no contact yet is never forgotten, however long it has been gone
            if channel.gone_at and (now - channel.gone_at).total_seconds() > FORGET_AFTER_S and key not in held:
                del self.book[key]
                self.contacts.pop(key, None)
