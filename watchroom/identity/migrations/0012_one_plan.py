"""Who is described under some keys is always asked the same way, so it is planned once a connection and not at each call.

PostgreSQL would plan it anew each time: of keys that it knows it expects few, of keys that come it expects many. Planning takes a third of
such a lookup (docs/benchmarks.md). Whoever connects while nobody is on record would keep a plan without the index, so there is none.
"""

from django.db import migrations

FUNCTION = "alter function watchroom_described(bigint[])"


class Migration(migrations.Migration):
    dependencies = [("identity", "0011_other_keys")]

    operations = [
        migrations.RunSQL(
            f"{FUNCTION} set plan_cache_mode = force_generic_plan; {FUNCTION} set enable_seqscan = off",
            f"{FUNCTION} reset plan_cache_mode; {FUNCTION} reset enable_seqscan",
        )
    ]
