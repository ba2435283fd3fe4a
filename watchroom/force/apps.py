from django.apps import AppConfig


class ForceConfig(AppConfig):
    name = "watchroom.force"
    label = "force"
