from importlib import import_module

from django.apps import AppConfig


class LinksTextsConfig(AppConfig):
    name = "watchroom.links.texts"
    label = "links_texts"

    def ready(self) -> None:
        from watchroom.contacts import unlogged
        from watchroom.links.texts import actions

        import_module("watchroom.links.texts.door")  # its operations stand at the machines' own door (`watchroom/api`)
        unlogged.by_text = unlogged.Way(why_not=actions.why_not, write=actions.write, settle=actions.settle)
