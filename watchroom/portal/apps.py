from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "watchroom.portal"
    label = "portal"
