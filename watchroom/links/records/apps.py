from django.apps import AppConfig


class LinksRecordsConfig(AppConfig):
    name = "watchroom.links.records"
    label = "links_records"

    def ready(self) -> None:
        from watchroom.identity.research import queries
        from watchroom.links.records import connections

        if connections.why_not not in queries.connected:
            queries.connected.append(connections.why_not)
