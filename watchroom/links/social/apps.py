from django.apps import AppConfig


class LinksSocialConfig(AppConfig):
    name = "watchroom.links.social"
    label = "links_social"
