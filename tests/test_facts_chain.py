"""Is the record whole, and is every way of falsifying it found?"""

import threading

import pytest
from django.db import connections, transaction

from tests import world
from watchroom.foundation import access, anchors, facts, models, scope, verify


@pytest.fixture
def a_night(clone):
    with scope.use("northmoor"), transaction.atomic():
        world.a_whole_journey()
    return clone


def whole() -> verify.Verdict:
    return verify.verify("northmoor")


def test_a_journey_leaves_a_whole_chain_without_gaps(a_night):
    verdict = whole()
    assert verdict.first_bad is None
    assert verdict.facts > 30
    with scope.use("northmoor"), transaction.atomic():
        assert list(models.Seal.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, verdict.facts + 1))


def forge(as_owner, *statements: str) -> None:
    """As the owner of the tables, who switches their guards off first."""
    for table in ("foundation_fact", "foundation_seal", "foundation_head"):
        as_owner.execute(f"alter table {table} disable trigger user")
    keys = as_owner.execute(
        "select conname from pg_constraint where contype = 'f' and conrelid = 'foundation_seal'::regclass"
    ).fetchall()
    for (key,) in keys:
        as_owner.execute(f"alter table foundation_seal drop constraint {key}")
    for statement in statements:
        as_owner.execute(statement)


FIFTH = "(select fact_id from foundation_seal where force = 'northmoor' and seq = 5)"
EDIT = f"update foundation_fact set \"by\" = 'staff:99' where id = {FIFTH}"
REMOVE = "delete from foundation_fact where id = (select fact_id from foundation_seal where force = 'northmoor' and seq = 7)"
CUT = (
    "delete from foundation_fact where id in (select fact_id from foundation_seal where force = 'northmoor' and seq > 20)",
    "delete from foundation_seal where force = 'northmoor' and seq > 20",
    "update foundation_head set seq = 20, hash = (select hash from foundation_seal where force = 'northmoor' and seq = 20)"
    " where force = 'northmoor'",
)


def test_a_changed_fact_is_found_at_its_number(a_night, as_owner):
    forge(as_owner, EDIT)
    assert whole().first_bad == 5


def test_a_removed_fact_is_found_at_its_number(a_night, as_owner):
    forge(as_owner, REMOVE)
    assert whole().first_bad == 7


def test_a_fact_removed_with_its_seal_is_found(a_night, as_owner):
    forge(as_owner, REMOVE, "delete from foundation_seal where force = 'northmoor' and seq = 7")
    assert whole().first_bad == 7


def test_truncated_tables_are_found(a_night, as_owner):
    anchors.write_all()
    forge(as_owner, "truncate foundation_fact cascade")
    assert whole().first_bad is not None


def test_a_cut_tail_is_found_by_its_anchor_and_only_by_it(a_night, as_owner):
    anchors.write_all()
    forge(as_owner, *CUT)
    assert whole().first_bad == 21
    (anchors.folder() / "northmoor.jsonl").unlink()
    assert whole().first_bad is None  # what no anchor has seen cannot be missed: so the worker anchors every minute


def test_a_chain_that_was_hashed_anew_is_found_by_its_anchor(a_night, as_owner):
    anchors.write_all()
    forge(as_owner, EDIT)
    rehash(as_owner)
    verdict = whole()
    assert verdict.first_bad is not None
    assert "rewritten" in verdict.why


def rehash(as_owner) -> None:
    """What a forger would do who knows everything: seal every fact again."""
    import hashlib

    from watchroom.foundation import chain

    text = chain.CANONICAL.format(seq="s.seq", f="f")
    rows = as_owner.execute(
        f"select s.id, {text} from foundation_seal s join foundation_fact f on f.id = s.fact_id where s.force = 'northmoor' order by s.seq"
    ).fetchall()
    digest = b""
    for pk, canonical in rows:
        digest = hashlib.sha256(digest + canonical.encode()).digest()
        as_owner.execute("update foundation_seal set hash = %s where id = %s", [digest, pk])
    as_owner.execute("update foundation_head set hash = %s where force = 'northmoor'", [digest])


def test_a_fact_beside_the_chain_is_found(a_night, as_owner):
    forge(
        as_owner,
        'insert into foundation_fact (force, kind, subject_kind, subject_id, "by", at, recorded_at, body)'
        ' select force, kind, subject_kind, subject_id, "by", at, recorded_at, body from foundation_fact limit 1',
    )
    assert "outside the chain" in whole().why


def test_a_force_that_vanished_with_all_its_facts_is_missed(a_night, as_owner, capsys):
    anchors.write_all()
    (anchors.folder() / "gone.jsonl").write_text('{"seq": 3, "hash": "00"}\n')
    assert verify.run(json=True) == 1
    assert '"force": "gone"' in capsys.readouterr().out


@pytest.mark.parametrize("statement", ["update {} set force = 'x'", "delete from {}", "truncate {} cascade"])
@pytest.mark.parametrize("table", ["foundation_fact", "foundation_seal", "foundation_access", "contacts_line", "incidents_entry"])
def test_nobody_may_change_or_remove_what_only_grows(clone, as_owner, table, statement):
    """Not the application's role, and not the owner either while the guards are on."""
    statement = statement.format(table)
    with scope.use("northmoor"), pytest.raises(Exception, match="permission denied"), transaction.atomic():
        connections["default"].cursor().execute(statement)
    with scope.use("northmoor"), transaction.atomic():
        world.a_whole_journey(text="He’s got a knife.")
        access.log("consultation", subject=("person", 1), reason="opened", by="staff:1", at=world.NIGHT)
    with pytest.raises(Exception, match="only grows"):
        as_owner.execute(statement)


def test_a_fact_is_told_inside_a_transaction_and_says_by_whom(northmoor):
    told = facts.ReactionMended(fact=1, reaction="x")
    with pytest.raises(ValueError, match="by whom"):
        facts.tell(told, by="", at=world.NIGHT)


def test_many_writers_make_one_chain_without_gaps(clone):
    """Eight writers on one force, a fifth of them rolled back."""
    failures = []

    def write(number: int) -> None:
        try:
            for turn in range(12):
                try:
                    with scope.use("northmoor"), transaction.atomic():
                        facts.tell(facts.ReactionMended(fact=number, reaction=f"turn {turn}"), by="system:tests", at=world.NIGHT)
                        if (number + turn) % 5 == 0:
                            raise KeyError
                except KeyError:
                    pass
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not failures
    verdict = whole()
    assert verdict.first_bad is None
    assert verdict.facts > 70
