from importlib import import_module

from django.apps import AppConfig


class LinksEisecAmlConfig(AppConfig):
    name = "watchroom.links.eisec_aml"
    label = "links_eisec_aml"

    def ready(self) -> None:
        import_module("watchroom.links.eisec_aml.door")  # its operation stands at the machines' own door (`watchroom/api`)
