from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "watchroom.referrals"
    label = "referrals"

    def ready(self) -> None:
        from watchroom.identity.misuse.actions import SUBJECTS
        from watchroom.referrals.queries import touches

        SUBJECTS["series_alert"] = touches
