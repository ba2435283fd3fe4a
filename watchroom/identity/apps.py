from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "watchroom.identity"
    label = "identity"

    def ready(self) -> None:
        from watchroom.foundation import access
        from watchroom.identity.misuse.actions import watch

        if watch not in access.watchers:
            access.watchers.append(watch)
