from django.apps import AppConfig


class GazetteerConfig(AppConfig):
    name = "watchroom.gazetteer"
    label = "gazetteer"
