"""What do all our parts look like, and how is each written? One file of templates/shell/gallery/ is one part."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.template import engines

HERE = Path(__file__).parent
FOLDER = HERE / "templates" / "shell" / "gallery"
HEAD = re.compile(r"\{# (?P<name>[^:]+): (?P<note>.+?) #\}\n")

VERBS = [
    {
        "verb": "send",
        "say": "Send a unit to a job",
        "args": [{"name": "unit", "options": ["NH21", "NH14", "NH03"]}, {"name": "job", "say": "log number"}],
        "post": "/gallery/",
    },
    {"verb": "cancel", "say": "Call a unit off a job", "args": [{"name": "unit"}, {"name": "job"}], "post": "/gallery/"},
    {"verb": "find", "say": "Jump to a part by its name", "args": [{"name": "part"}], "get": "/gallery/#{part}"},
    {"verb": "theme", "say": "Light or dark", "press": "t"},
]


@dataclass(frozen=True, kw_only=True)
class Part:
    slug: str
    name: str
    note: str
    source: str  # the template source, as one would write it
    light: str  # rendered, safe: the source is our own file
    dark: str
    is_wide: bool  # needs the whole width


def sheet(*, at: datetime) -> dict[str, Any]:
    """Everything the gallery page shows, as of `at`."""
    context = {
        "now": at,
        "started": at - timedelta(seconds=86),
        "answered": at - timedelta(seconds=58),
        "in_time": at + timedelta(minutes=13, seconds=34),
        "nearly": at + timedelta(minutes=4, seconds=12),
        "late": at - timedelta(minutes=6, seconds=20),
        "long_ago": at - timedelta(minutes=60),
        "owed_items": [
            {"what": "Tell her help is coming", "why": "Say it when the unit is moving."},
            {
                "what": "Ring back",
                "why": "Never leave a message.",
                "due_at": at + timedelta(minutes=4),
                "since": at - timedelta(minutes=56),
            },
            {"what": "Safe way to reach her", "why": "", "is_done": True},
        ],
        "icons": icons(),
        "tokens": tokens(),
        "form": DeskForm({"line": ""}),
    }
    return {"parts": [_part(path, context) for path in sorted(FOLDER.glob("*.html"))], "verbs": VERBS}


def public_sheet() -> dict[str, Any]:
    """The parts of the public pages: a form that was sent with two answers missing."""
    return {"form": PublicForm({"safe": "some"}), "force_name": "Northmoor Police"}


def icons() -> list[str]:
    """The names in the sprite."""
    return re.findall(r'<symbol id="([\w-]+)"', (HERE / "static/shell/icons.svg").read_text())


def tokens() -> list[str]:
    """The names of the colour tokens."""
    css = (HERE / "static/shell/css/tokens.css").read_text()
    return re.findall(r"--([\w-]+):\s*light-dark\(#", css)


def _part(path: Path, context: dict[str, Any]) -> Part:
    head, source = _read(path)
    template = engines["django"].from_string("{% load shell %}" + source)
    return Part(
        slug=path.stem.split("-", 1)[1],
        name=head["name"],
        note=head["note"].removesuffix(" (wide)"),
        source=source.strip(),
        light=template.render(context | {"t": "l", "night": ""}),
        dark=template.render(context | {"t": "d", "night": " by night"}),
        is_wide=head["note"].endswith("(wide)"),
    )


def _read(path: Path) -> tuple[dict[str, str], str]:
    text = path.read_text(encoding="utf-8")
    head = HEAD.match(text)
    if head is None:
        raise ValueError(f"{path.name} must begin with {{# Name: what it is for #}}")
    return head.groupdict(), text[head.end() :]


class DeskForm(forms.Form):
    line = forms.CharField(
        label="What was heard", help_text="In the caller’s own words.", error_messages={"required": "Write what was heard."}
    )


class PublicForm(forms.Form):
    """Is it safe to contact you? Written out here because it uses every public part at once."""

    safe = forms.ChoiceField(
        label="Is it safe for us to contact you?",
        help_text="Someone may see your phone, your post or your email. Tell us what is safe, and we will use nothing else.",
        choices=[("yes", "Yes, any way is safe"), ("some", "Only some ways are safe"), ("no", "No, do not contact me")],
        widget=forms.RadioSelect,
    )
    ways = forms.MultipleChoiceField(
        label="Which ways?",
        choices=[("phone", "Phone call"), ("text", "Text"), ("email", "Email")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    phone = forms.CharField(
        label="Phone number that only you answer", error_messages={"required": "Enter a phone number that only you answer"}
    )
    happened = forms.CharField(
        label="What happened?",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say what happened, in a few words"},
    )
    picture = forms.FileField(label="Pictures or files", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["safe"].reveals = {"some": ("ways", "phone")}  # type: ignore[attr-defined]
