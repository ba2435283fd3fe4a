from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "watchroom.assessment"
    label = "assessment"
