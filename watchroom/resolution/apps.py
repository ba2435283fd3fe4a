from django.apps import AppConfig


class ResolutionConfig(AppConfig):
    name = "watchroom.resolution"
    label = "resolution"
