from django.apps import AppConfig


class LinksTrunkConfig(AppConfig):
    name = "watchroom.links.trunk"
    label = "links_trunk"
