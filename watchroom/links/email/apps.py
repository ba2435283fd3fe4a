from django.apps import AppConfig


class LinksEmailConfig(AppConfig):
    name = "watchroom.links.email"
    label = "links_email"
