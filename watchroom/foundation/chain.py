"""How is a fact sealed? The one text over which the hash is taken, for the database that seals and the checker that verifies."""

# Every column of the fact, in an encoding that does not depend on session settings. `f` is the fact, `s` its seal.
CANONICAL = """jsonb_build_array({seq}, {f}.id, {f}.force, {f}.kind, {f}.subject_kind, {f}.subject_id, {f}."by",
    to_char({f}."at" at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'),
    to_char({f}.recorded_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), {f}.body)::text"""

SEAL = f"""
create or replace function watchroom_seal() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
declare s bigint; h bytea;
begin  -- runs at COMMIT: every other row lock is already held, so the head row is always the last lock taken
  update foundation_head
     set seq = seq + 1,
         hash = sha256(hash || convert_to({CANONICAL.format(seq="seq + 1", f="new")}, 'UTF8'))
   where force = new.force returning seq, hash into s, h;
  if not found then
    raise exception 'force % has no chain of facts', new.force;
  end if;
  insert into foundation_seal (force, seq, fact_id, hash) values (new.force, s, new.id, h);
  perform pg_notify('watchroom_facts', new.force || ' ' || s);
  return null;
end $$;
drop trigger if exists seal on foundation_fact;
create constraint trigger seal after insert on foundation_fact deferrable initially deferred
  for each row execute function watchroom_seal();
"""

REFUSE = """
create or replace function watchroom_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'table % only grows: nothing in it is changed or removed', tg_table_name;
end $$;
"""

DROP = """
drop trigger if exists seal on foundation_fact;
drop function if exists watchroom_seal();
drop function if exists watchroom_refuse_change() cascade;
"""
