# What was promised before there was a table for it: copied, so that no promise is forgotten; then its old column goes.

from django.db import migrations

COPY = """
alter table resolution_resolution no force row level security;
alter table resolution_promise no force row level security;
insert into resolution_promise
    (force, incident_id, kind, text, due_at, next_at, by, at, kept_at, kept_by, is_missed, secret)
select force, incident_id, 'call_back', text, promised_for, promised_for, by, at, kept_at,
    case when kept_at is null then '' else by end, false, secret
from resolution_resolution
where promised_for is not null;
set constraints all immediate;
"""  # row-level security is forced again after every migration (foundation/protect.py)


class Migration(migrations.Migration):
    dependencies = [("resolution", "0002_promises")]

    operations = [
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.RemoveField(model_name="resolution", name="kept_at"),
    ]
