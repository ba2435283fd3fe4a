from django.db import migrations

from watchroom.foundation import chain


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [migrations.RunSQL([chain.REFUSE, chain.SEAL], chain.DROP)]
