from django.apps import AppConfig


class LinksAsteriskConfig(AppConfig):
    name = "watchroom.links.asterisk"
    label = "links_asterisk"
