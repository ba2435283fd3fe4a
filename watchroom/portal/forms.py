"""The questions, one form a page. Nothing is required but what happened; nothing is ever cut.

No field has a `maxlength`: browsers cut pasted text at it without a word. Too long is said, and the text stays.
"""

from typing import Any

from django import forms
from django.core.validators import validate_email

from watchroom.contacts.actions import MAX_TEXT
from watchroom.portal import rules


class Words(forms.CharField):
    """Text as somebody typed it: line ends counted once, refused when it is too long, never cut."""

    default_error_messages = {"null_characters_not_allowed": "This holds a character that cannot be kept. Write it without it."}

    def __init__(self, *, most: int, widget: forms.Widget | None = None, **kwargs: Any) -> None:
        self.most = most
        super().__init__(required=False, widget=widget or forms.TextInput(attrs={"autocomplete": "off"}), **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.most:
            over = len(value) - self.most
            raise forms.ValidationError(
                f"This is {len(value):,} characters and {self.most:,} fit. "
                f"Shorten it by {over:,}, or send two reports. Nothing was cut."
            )


class SafeForm(forms.Form):
    safe = forms.ChoiceField(
        required=False,
        label="Is it safe for us to contact you?",
        help_text="Someone may see your phone or your email. Tell us what is safe, and we will use nothing else. "
        "If you leave this empty, we will not contact you.",
        choices=[("any", "Yes, any way is safe"), ("some", "Only some ways are safe"), ("no", "No, do not contact me")],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the three answers."},
    )
    ways = forms.MultipleChoiceField(
        required=False,
        label="Which ways?",
        choices=list(rules.WAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from these ways."},
    )
    phone = Words(
        most=40,
        label="Phone number that only you answer",
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )
    email = Words(
        most=200,
        label="Email address that only you read",
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off", "spellcheck": "false"}),
    )
    times = Words(most=200, label="When is it safe?", help_text="For example: weekdays between 9 and 3")
    message = forms.ChoiceField(
        required=False,
        label="May we leave a message?",
        help_text="If you leave this empty, we will not.",
        choices=[("no", "No, ring off"), ("yes", "Yes")],
        widget=forms.RadioSelect,
    )
    safe.reveals = {"some": ("ways", "phone", "email", "times", "message")}  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("safe") != "some":  # what stands below a choice that was not made was not said, right or wrong
            for name in ("ways", "phone", "email", "times", "message"):
                self.errors.pop(name, None)
            contact = {} if data.get("safe") == "any" else {"phone": "", "email": ""}
            return {"safe": data.get("safe", ""), "ways": [], "times": "", "message": "", **contact}
        ways = data.get("ways") or []
        if "ways" not in self.errors and not ways:
            self.add_error("ways", "Choose at least one way that is safe")
        if {"call", "text"} & set(ways):
            _check_phone(self, "Enter a phone number that only you answer", is_required=True)
        else:
            data["phone"], data["message"] = "", ""
        if "email" in ways:
            _check_email(self, "Enter an email address that only you read", is_required=True)
        else:
            data["email"] = ""
        return data


class WhatForm(forms.Form):
    text = Words(
        most=MAX_TEXT,
        label="What happened?",
        help_text="In your own words, in any order. You can leave out what you do not want to say.",
        widget=forms.Textarea(attrs={"rows": 10, "autocomplete": "off"}),
    )

    def clean_text(self) -> str:
        if not self.cleaned_data["text"].strip():
            raise forms.ValidationError("Write what happened. A few words are enough.")
        return self.cleaned_data["text"]


class WhereForm(forms.Form):
    place = Words(
        most=200,
        label="Where did it happen?",
        help_text="An address, a street, or how you would tell somebody to get there. Leave it empty if you do not know.",
    )


class PlaceForm(forms.Form):
    """The second page of where: which address was meant?"""

    place_reference = forms.ChoiceField(
        required=False,
        label="Is it one of these?",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of these, or “None of these”."},
    )

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [*places, ("", "None of these. Use what I wrote")]
        self.fields["place_reference"].choices = choices  # type: ignore[attr-defined]


class WhenForm(forms.Form):
    when = forms.ChoiceField(
        required=False,
        label="When did it happen?",
        choices=list(rules.WHEN.items()),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of these answers, or none."},
    )
    when_text = Words(
        most=200, label="What else do you know about when? (optional)", help_text="For example: last Tuesday evening"
    )


class YouForm(forms.Form):
    """Asks only for what was not said before: the safe number is not asked for again (WCAG 2.2, 3.3.7)."""

    name = Words(most=120, label="Your name (optional)")
    phone = Words(
        most=40,
        label="Phone number (optional)",
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )
    email = Words(
        most=200,
        label="Email address (optional)",
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, answers: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rules.safe_contact(answers or {}) != "any":
            del self.fields["phone"], self.fields["email"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "phone" in self.fields:
            _check_phone(self, "Enter a whole phone number, or leave it empty")
            _check_email(self, "Enter an email address like name@example.com, or leave it empty")
        return data


class SendForm(forms.Form):
    """Nothing to answer for people. A machine that fills in every field meets one that must stay empty."""

    website = Words(most=200, label="Leave this empty", widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError("Leave this field empty, then send once more. Nothing you wrote is lost.")
        return ""


class NowForm(forms.Form):
    """Before a chat begins: is it safe to write at this moment?"""

    now = forms.ChoiceField(
        required=False,
        label="Is it safe for you to write here now?",
        help_text="Somebody may come in, or look at this screen later. If you are not sure, choose no: we show you other ways.",
        choices=[("yes", "Yes, it is safe now"), ("no", "No, or I am not sure")],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the two answers."},
    )

    def clean_now(self) -> str:
        if not self.cleaned_data["now"]:
            raise forms.ValidationError("Choose one of the two answers. We begin only when it is safe.")
        return self.cleaned_data["now"]


class BeginForm(forms.Form):
    """The first words, by which somebody in the control room sees how urgent it is."""

    text = Words(
        most=MAX_TEXT,
        label="What is it about?",
        help_text="A few words are enough to begin with. Somebody answers as soon as they can; you see it here.",
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
    )
    website = Words(most=200, label="Leave this empty", widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))

    def clean_text(self) -> str:
        if not self.cleaned_data["text"].strip():
            raise forms.ValidationError("Write a few words: we ask the rest.")
        return self.cleaned_data["text"]

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError("Leave this field empty, then send once more. Nothing you wrote is lost.")
        return ""


class MessageForm(forms.Form):
    """One message. Too long is said, and the text stays."""

    text = Words(most=MAX_TEXT, label="Your message", widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}))

    def clean_text(self) -> str:
        if not self.cleaned_data["text"].strip():
            raise forms.ValidationError("Write something first.")
        return self.cleaned_data["text"]


class LookForm(forms.Form):
    code = Words(
        most=60,
        label="What is your code?",
        help_text="For example NP-7KQF-3XW9. Capitals, spaces and dashes do not matter.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def clean_code(self) -> str:
        if not self.cleaned_data["code"].strip():
            raise forms.ValidationError("Enter the code that you were shown when you sent your report.")
        return self.cleaned_data["code"]


def _check_phone(form: forms.Form, problem: str, *, is_required: bool = False) -> None:
    typed = form.cleaned_data.get("phone", "")
    if "phone" not in form.errors and (typed or is_required) and not rules.is_phone_number(typed):
        form.add_error("phone", problem)


def _check_email(form: forms.Form, problem: str, *, is_required: bool = False) -> None:
    typed = form.cleaned_data.get("email", "")
    if "email" in form.errors or not (typed or is_required):
        return
    try:
        validate_email(typed)
    except forms.ValidationError:
        form.add_error("email", problem)
