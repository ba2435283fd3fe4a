from django.apps import AppConfig


class LinksSocialConfig(AppConfig):
    name = "watchroom.links.social"
    label = "links_social"

    def ready(self) -> None:
        from watchroom.contacts import unlogged
        from watchroom.links.social import actions

        unlogged.writers["social"] = actions.write_back
