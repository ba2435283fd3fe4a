from django.apps import AppConfig


class LinksEmailConfig(AppConfig):
    name = "watchroom.links.email"
    label = "links_email"

    def ready(self) -> None:
        from watchroom.contacts import unlogged
        from watchroom.links.email import actions

        unlogged.writers["email"] = actions.write_back
