from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "watchroom.duties"
    label = "duties"
