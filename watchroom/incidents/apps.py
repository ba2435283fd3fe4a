from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "watchroom.incidents"
    label = "incidents"

    def ready(self) -> None:
        from watchroom.identity.misuse.actions import SUBJECTS
        from watchroom.incidents.queries import touches

        SUBJECTS["incident"] = touches
