"""How many wait changes within minutes, and a tenth of all contacts there ever were, upon which PostgreSQL would count anew, takes days."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contacts", "0012_speaking")]

    operations = [
        migrations.RunSQL(
            "alter table contacts_contact set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000)",
            "alter table contacts_contact reset (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)",
        )
    ]
