from importlib import import_module

from django.apps import AppConfig


class LinksForcesConfig(AppConfig):
    name = "watchroom.links.forces"
    label = "links_forces"

    def ready(self) -> None:
        from watchroom.links.forces import actions
        from watchroom.referrals.forces import queries

        import_module("watchroom.links.forces.door")  # its operation stands at the machines' own door (`watchroom/api`)
        if actions.why_not not in queries.carriers:
            queries.carriers.append(actions.why_not)
