"""Is the record whole? Recomputes every force's chain of facts outside the database and compares it with head and anchors."""

import hashlib
import json as jsonlib
from dataclasses import dataclass

from django.db import connections, transaction

from watchroom.foundation import anchors, chain, scope


@dataclass(frozen=True)
class Verdict:
    force: str
    facts: int
    first_bad: int | None = None
    why: str = ""


def verify(force: str, using: str = "default") -> Verdict:
    """Edit, removal, re-hash, a cut tail or a truncated table of one force's facts, each found."""
    with scope.use(force), transaction.atomic(using=using), connections[using].cursor() as cursor:
        scope.apply(connections[using], force)
        known = dict(anchors.read(force))
        query = f"""
            select s.seq, s.hash, f.id is not null, {chain.CANONICAL.format(seq="s.seq", f="f")}
            from foundation_seal s left join foundation_fact f on f.id = s.fact_id and f.force = s.force
            where s.force = %s order by s.seq"""
        seq, digest = 0, b""
        with connections[using].chunked_cursor() as rows:
            rows.execute(query, [force])
            for number, sealed, present, text in rows:
                if number != seq + 1:
                    return Verdict(force, seq, seq + 1, "A fact is missing from the chain.")
                if not present:
                    return Verdict(force, seq, number, "The fact of this number is gone.")
                digest = hashlib.sha256(digest + text.encode()).digest()
                if digest != bytes(sealed):
                    return Verdict(force, seq, number, "This fact is not the one that was sealed.")
                if number in known and known[number] != digest.hex():
                    return Verdict(force, seq, number, "The chain was rewritten: an anchor outside the database disagrees.")
                seq = number
        if known and max(known) > seq:
            return Verdict(force, seq, seq + 1, f"The chain was cut: an anchor has seen number {max(known)}.")
        cursor.execute("select seq, hash from foundation_head where force = %s", [force])
        head = cursor.fetchone()
        if head is None or head[0] != seq or bytes(head[1]) != digest:
            return Verdict(force, seq, seq + 1, "The head does not fit the last fact of the chain.")
        cursor.execute("select count(*) from foundation_fact where force = %s", [force])
        if (count := cursor.fetchone()[0]) != seq:
            return Verdict(force, seq, seq + 1, f"{count - seq} facts stand outside the chain.")
        return Verdict(force, seq)


def run(*, json: bool = False, using: str = "default") -> int:
    """The command `watchroom facts verify`: exit status 0 when every chain is whole. A whole chain is anchored anew."""
    known = set(scope.forces())
    # a force that was removed with all its facts still has its anchors
    orphans = {path.stem for path in anchors.folder().glob("*.jsonl")} - known
    verdicts = [verify(force, using) for force in sorted(known)]
    verdicts += [Verdict(force, 0, 1, "The force is gone, but an anchor knows its facts.") for force in sorted(orphans)]
    bad = [v for v in verdicts if v.first_bad is not None]
    if not bad:
        anchors.write_all()
    if json:
        first = {"force": bad[0].force, "seq": bad[0].first_bad, "why": bad[0].why} if bad else None
        answer = {"facts": sum(v.facts for v in verdicts), "forces": len(verdicts), "ok": not bad, "first_bad": first}
        print(jsonlib.dumps(answer))
    else:
        for v in verdicts:
            print(f"{v.force}: {v.facts:,} facts, " + (f"NOT whole at number {v.first_bad}: {v.why}" if v.why else "whole"))
    return 1 if bad else 0
