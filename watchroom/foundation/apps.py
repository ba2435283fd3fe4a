from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FoundationConfig(AppConfig):
    name = "watchroom.foundation"
    label = "foundation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from watchroom.foundation import protect

        post_migrate.connect(protect.after_migrate, dispatch_uid="watchroom.protect")
