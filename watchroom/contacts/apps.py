from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "watchroom.contacts"
    label = "contacts"
