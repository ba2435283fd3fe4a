"""The recipes of the keys are others (data/keys.toml), so every description gets its keys anew, and which keys too many share is counted anew."""

from django.db import migrations

from watchroom.identity.likeness import keys
from watchroom.identity.likeness.words import Said

AT_ONCE = 2000
TOLD = 100_000  # people between two lines on the screen

UNFORCED = """
alter table identity_description no force row level security;
alter table identity_common no force row level security;
"""  # it is forced again after every migration (foundation/protect.py)
COUNTED = """
delete from identity_common where field = 'key';
insert into identity_common (force, field, value, count)
select force, 'key', key::text, count(*) from identity_description, unnest(keys) key group by force, key having count(*) > %s;
insert into identity_common (force, field, value, count)
select force, 'town', town, count(*) from identity_description where town <> '' group by force, town
on conflict do nothing;
"""


def made_anew(apps, schema_editor):
    rows = apps.get_model("identity", "Description").objects.using(schema_editor.connection.alias).exclude(keys=[]).order_by("pk")
    done, last = 0, 0
    while batch := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        for row in batch:
            row.keys = keys.of_record(Said(**{field: getattr(row, field) for field in Said._fields}), row.force)
        rows.bulk_update(batch, ["keys"])
        done, last = done + len(batch), batch[-1].pk
        if done % TOLD < AT_ONCE:
            print(f"  the keys of {done:,} people are made anew", flush=True)
    if done:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(COUNTED, [keys.cap()])


class Migration(migrations.Migration):
    dependencies = [("identity", "0010_learnt")]

    operations = [
        migrations.RunSQL(UNFORCED, migrations.RunSQL.noop),
        migrations.RunPython(made_anew, migrations.RunPython.noop),
    ]
