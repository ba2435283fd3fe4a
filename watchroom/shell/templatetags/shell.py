"""The parts of the visual language, as template tags. Each is shown, with its markup, at `/gallery/`."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from watchroom.foundation import clock as foundation_clock
from watchroom.shell import queries, rules

register = template.Library()


# ── Signs ─────────────────────────────────────────────────────────────────────────────────────


@lru_cache
def _sprite() -> str:
    return static("shell/icons.svg")


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """A sign of the sprite. Without a label it is decoration and a screen reader passes it by."""
    classes = f"i i--{size}" if size else "i"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', classes, label, _sprite(), name
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, _sprite(), name)


@register.simple_tag
def key(name: str) -> SafeString:
    """One key cap. Inside an element with `data-key` the script keeps it in step with a remapped key."""
    return format_html("<kbd>{}</kbd>", name)


@register.simple_tag
def grade(value: int | str, size: str = "") -> SafeString:
    """The shape of a grade with its digit; `value` is 1–5 or a canonical code. Sizes: sm, lg."""
    number = rules.grade_number(value)
    return format_html(
        '<span class="grade grade--{}{}"><span class="sr">Grade </span>{}</span>',
        number,
        f" grade--{size}" if size else "",
        number,
    )


@register.filter
def grade_name(value: int | str) -> str:
    """`immediate` or 1 → Immediate."""
    return rules.GRADE_NAMES[rules.grade_number(value)]


@register.simple_tag
def level(value: int, words: bool = True) -> SafeString:
    """Rising bars with digit and word: 0 none, 1 low, 2 medium, 3 high. Without words the label is spoken only."""
    number = max(0, min(3, int(value)))
    bars = mark_safe("<i></i><i></i><i></i>")
    said = f"{number} {rules.LEVELS[number]}"
    if words:
        return format_html(
            '<span class="nowrap"><span class="level level--{}" aria-hidden="true">{}</span> {}</span>', number, bars, said
        )
    return format_html('<span class="level level--{}" role="img" aria-label="{}">{}</span>', number, said, bars)


@register.simple_tag
def sure(value: int, word: str = "") -> SafeString:
    """How sure a match is, 1–4, as ink bars and a word. It is not risk, so it has no colour."""
    number = max(1, min(4, int(value)))
    return format_html(
        '<span class="nowrap"><span class="sure sure--{}" aria-hidden="true"><i></i><i></i><i></i><i></i></span> {}</span>',
        number,
        word or rules.SURENESS[number],
    )


@register.simple_tag(name="mark")
def mark_(text: str, icon: str = "", level: int = 0, solid: bool = False) -> SafeString:
    """A fact worth a glance. Level 1 may kill, 2 is serious, 0 carries no risk and no colour."""
    kind = "solid" if solid else (level or "")
    return format_html(
        '<span class="mark{}">{}{}</span>',
        f" mark--{kind}" if kind else "",
        _sign(icon),
        text,
    )


@register.simple_tag
def chip(text: str) -> SafeString:
    """A quiet word: a category, a filter that is on."""
    return format_html('<span class="chip">{}</span>', text)


@register.simple_tag
def flag(
    title: str,
    text: str = "",
    icon: str = "danger",
    level: int = 0,
    whose: str = "",
    source: str = "",
    doubts: str = "",
    url: str = "",
) -> SafeString:
    """What is already known and may hurt someone. An `<li>` for `<ul class="flags">`.

    `whose` it is, `source` who says so and since when (left out where a desk is narrow), `doubts` why not to lean on it, `url`
    the page with its history.
    """
    ended = text if not text or text[-1] in ".!?”" else f"{text}."
    return format_html(
        '<li class="flag{}"><span class="flag__icon">{}</span><p class="flag__text"><b>{}</b>{}{}{}{}</p></li>',
        f" flag--{level}" if level else "",
        _sign(icon),
        format_html('<a href="{}">{}</a>', url, title) if url else title,
        format_html('<span class="flag__whose">{}.</span> ', whose) if whose else "",
        ended,
        format_html(' <span class="flag__source">{}</span>', source) if source else "",
        format_html(' <span class="flag__doubts">{} {}</span>', _sign("clock"), doubts) if doubts else "",
    )


@register.simple_tag
def silence(because: str) -> SafeString:
    """First among flags: what is on record must not be spoken of to whoever is calling. Nothing where it may be."""
    if not because:
        return SafeString("")
    what = format_html("Do not speak of earlier calls or flags; ask safe questions. {}", because)
    return format_html(
        '<li class="flag flag--silence"><span class="flag__icon">{}</span><p class="flag__text"><b>Do not disclose</b>{}</p></li>',
        _sign("ear"),
        what,
    )


@register.simple_tag
def dot(state: str = "") -> SafeString:
    """done, now, or (nothing) owed: a dashed ring is something still owed to this person."""
    if state == "done":
        return format_html('<span class="dot dot--done">{}</span>', _sign("check"))
    return format_html('<span class="dot{}"></span>', " dot--now" if state == "now" else "")


@register.simple_tag
def status(number: int) -> SafeString:
    """Radio status 0–16 in the shape that says whether the unit can be sent."""
    shape = rules.STATUS_SHAPES.get(int(number), "")
    return format_html('<span class="st{}"><span class="sr">Status </span>{}</span>', f" st--{shape}" if shape else "", number)


def _sign(name: str) -> SafeString:
    return icon(name) if name else SafeString("")


# ── Time ──────────────────────────────────────────────────────────────────────────────────────


@register.filter
def span(seconds: float | None) -> str:
    """Seconds as the room says them: 0:58, 13:34, 8 h 40, 3 days."""
    return "" if seconds is None else rules.span(seconds)


@register.simple_tag(takes_context=True)
def timer(
    context: template.Context,
    target: datetime | None = None,
    start: datetime | None = None,
    label: str = "",
    counts: str = "",
    soon: float | None = None,
    at: datetime | None = None,
) -> SafeString:
    """Digits say how long, the ring how much is left, the spoken label which clock.

    Counts down to `target`, or up from `start` when there is no target or `counts="up"`. Give `start` with a
    target for the ring. The script ticks it from the server's time and announces only soon and over.
    """
    reading, data = _timer(context, target=target, start=start, counts=counts, soon=soon, at=at)
    has_ring = target is not None and start is not None
    return format_html(
        '<span class="timer{}" role="timer" {}>{}{}<span class="sr">{}: </span><span data-digits>{}</span></span>',
        f" timer--{reading.state}" if reading.state else "",
        data,
        _ring(reading.left) if has_ring else "",
        format_html('<span class="timer__late">{}</span>', _sign("clock")),
        label or "Time",
        reading.text,
    )


@register.simple_tag(takes_context=True)
def clock(
    context: template.Context,
    label: str,
    target: datetime | None = None,
    start: datetime | None = None,
    counts: str = "",
    soon: float | None = None,
    at: datetime | None = None,
    still: str = "",
) -> SafeString:
    """The large clock of the headline, with its label above. `still` shows a settled time that no longer runs."""
    if still:
        return format_html(
            '<div class="clock"><span class="clock__label">{}</span><span class="clock__time">{}</span></div>',
            label,
            still,
        )
    reading, data = _timer(context, target=target, start=start, counts=counts, soon=soon, at=at)
    return format_html(
        '<div class="clock{}" role="timer" {}><span class="clock__label">{}</span>'
        '<span class="clock__time" data-digits>{}</span></div>',
        f" clock--{reading.state}" if reading.state else "",
        data,
        label,
        reading.text,
    )


def _timer(
    context: template.Context,
    *,
    target: datetime | None,
    start: datetime | None,
    counts: str,
    soon: float | None,
    at: datetime | None,
) -> tuple[rules.Reading, SafeString]:
    at = at or context.get("now") or (context.get("shell") or {}).get("now") or foundation_clock.now()
    up = counts == "up" or target is None
    reading = rules.read_timer(at=at, start=start, target=target, counts_up=up, soon=soon)
    pairs = [("data-timer", "up" if up else "down"), ("data-state", reading.state)]
    if start:
        pairs.append(("data-start", str(_epoch_ms(start))))
    if target:
        pairs.append(("data-target", str(_epoch_ms(target))))
    if soon is not None:
        pairs.append(("data-soon", str(int(soon))))
    return reading, format_html_join(" ", '{}="{}"', pairs)


def _epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _ring(left: int) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 18 18" aria-hidden="true"><circle pathLength="100" cx="9" cy="9" r="6.5"/>'
        '<circle pathLength="100" cx="9" cy="9" r="6.5" stroke-dasharray="{} 100" data-left/></svg>',
        left,
    )


# ── The journey ───────────────────────────────────────────────────────────────────────────────


@register.simple_tag
def steps(done: int, of: int = 5, label: str = "", closed: bool = False) -> SafeString:
    """The journey in a row: `done` steps are behind, the next one is now, the rest are owed."""
    marks = ["d" if n < done else ("n" if n == done and not closed else "") for n in range(of)]
    return format_html(
        '<span class="steps" role="img" aria-label="{}">{}</span>',
        label or f"{done} of {of} done",
        format_html_join("", '<i class="{}"></i>', ((m,) for m in marks)),
    )


@register.simple_tag
def meter(done: int, of: int, begun: bool = False, label: str = "") -> SafeString:
    """How many of a few are written; `begun` half-fills the next."""
    marks = ["d" if n < done else ("n" if n == done and begun else "") for n in range(of)]
    return format_html(
        '<div class="meter" role="img" aria-label="{}">{}</div>',
        label or f"{done} of {of}",
        format_html_join("", '<i class="{}"></i>', ((m,) for m in marks)),
    )


@register.simple_tag
def bar(value: float, promise: float | None = None, label: str = "") -> SafeString:
    """A share in per cent against what was promised. Widths are SVG attributes, so the strict CSP holds."""
    value = max(0.0, min(100.0, float(value)))
    line = format_html('<line class="promise" x1="{0}%" x2="{0}%" y1="0" y2="18"/>', promise) if promise is not None else ""
    return format_html(
        '<svg class="bar" role="img" aria-label="{}"><rect class="all" y="3" width="100%" height="12" rx="3"/>'
        '<rect class="got" y="3" width="{}%" height="12" rx="3"/>{}</svg>',
        label or f"{value:g} per cent",
        f"{value:g}",
        line,
    )


@register.simple_block_tag
def stage(
    content: str,
    slug: str,
    name: str,
    state: str = "",
    note: str = "",
    number: int | str = "",
    key: str = "",
    url: str = "",
    reload_on: str = "",
    body: str = "",
    sign: str = "",
) -> SafeString:
    """One stage of the journey: `{% stage "risk" "Risk" state="now" note="3 of 6 written" %}…{% endstage %}`.

    `state`: done, now, or nothing (owed). `key` jumps to it. With `url` it is fetched again after a gap in the
    live stream, and on the DOM events named in `reload_on`. `body` adds classes to the body, `sign` an icon to the disc.
    """
    return SafeString(
        render_to_string(
            "shell/parts/stage.html",
            {
                "content": content,
                "slug": slug,
                "name": name,
                "state": state,
                "note": note,
                "number": number,
                "key": key,
                "url": url,
                "triggers": ", ".join(f"{event} from:body" for event in ["live:resync", *reload_on.replace(",", " ").split()]),
                "body": body,
                "sign": sign,
            },
        )
    )


@register.inclusion_tag("shell/parts/stage_frame.html")
def stage_frame(slug: str, name: str, url: str, number: int | str = "") -> dict[str, Any]:
    """The place of a stage before its room has rendered it: fetched once, replaced whole."""
    return {"slug": slug, "name": name, "url": url, "number": number}


@register.inclusion_tag("shell/parts/owed.html", takes_context=True)
def owed(context: template.Context, items: Iterable[Any]) -> dict[str, Any]:
    """What this contact still needs: items with `what`, and optionally `why`, `is_done`, `due_at`, `since`."""
    return {"items": items, "now": context.get("now"), "shell": context.get("shell", {})}


@register.inclusion_tag("shell/parts/log_line.html")
def log_line(
    text: str, at: datetime, since: datetime | None = None, kind: str = "", who: str = "", id: str = ""
) -> dict[str, Any]:
    """One line of a log. Kinds: nothing (said or typed), told (by the system), pin (the headline).

    With `since` the time is how long after it (0:19); without, the time of day.
    """
    local = timezone.localtime(at)
    shown = rules.span((at - since).total_seconds()) if since else local.strftime("%H:%M")
    return {"text": text, "at": at, "shown": shown, "kind": kind, "who": who, "id": id}


@register.inclusion_tag("shell/parts/empty.html")
def empty(title: str, text: str = "") -> dict[str, Any]:
    """Nothing to show, said in words."""
    return {"title": title, "text": text}


@register.inclusion_tag("shell/parts/scale.html")
def scale(name: str, label: str, value: int | None = None, form: str = "") -> dict[str, Any]:
    """None, low, medium, high as four choices with their keys; nothing is chosen beforehand."""
    words = ("None", "Low", "Medium", "High")
    return {"name": name, "label": label, "form": form, "choices": [(n, w, n == value) for n, w in enumerate(words)]}


@register.inclusion_tag("shell/parts/draft_area.html", takes_context=True)
def draft_area(
    context: template.Context, key: str, name: str, label: str, rows: int = 2, css: str = "field", cap: str = "", hint: str = ""
) -> dict[str, Any]:
    """A text box whose every word is kept, with what its writer left in it.

    `{% draft_area "contact:12:line" "text" "What is happening" cap="F3" %}`
    """
    user = getattr(context.get("request"), "user", None)
    kept = queries.draft(member=user.pk, key=key) if user and user.is_authenticated else None
    return {
        "key": key,
        "name": name,
        "label": label,
        "rows": rows,
        "css": css,
        "cap": cap,
        "hint": hint,
        "text": kept.text if kept else "",
        "at": _epoch_ms(kept.at) if kept else "",
    }


# ── Public forms, in the markup of GOV.UK Frontend ────────────────────────────────────────────


@register.inclusion_tag("shell/parts/error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """All errors of a form at the top of the page, each a link to its field. Empty when there are none."""
    errors = _errors(form)
    words = {1: "One answer is missing or needs a change", 2: "Two answers are missing or need a change"}
    return {"errors": errors, "title": words.get(len(errors), f"{len(errors)} answers are missing or need a change")}


def _errors(form: Any) -> list[tuple[str, str]]:
    if not form or not form.is_bound or not form.errors:
        return []
    found = [("", message) for message in form.non_field_errors()]
    for field in form:
        target = field.id_for_label or f"id_{field.html_name}"
        if field.widget_type in {"radioselect", "checkboxselectmultiple"}:
            target = f"id_{field.html_name}_0"
        found += [(target, message) for message in field.errors]
    return found


@register.inclusion_tag("shell/parts/public_field.html")
def public_field(field: Any, heading: bool = False, width: str = "", inline: bool = False, small: bool = False) -> dict[str, Any]:
    """One Django form field as a GOV.UK component, with label, hint, error and the right `aria-describedby`.

    `heading` makes the label the page's `<h1>` (one question a page); `width` is a GOV.UK width class such as
    `govuk-input--width-10`. Text, textarea, select, file, one checkbox, radios and checkboxes are known.
    A form field may have `reveals = {"some": ("phone", "email")}`: those fields stand below that choice,
    hidden by script until it is chosen, and visible without script.
    """
    kind = field.widget_type
    choices = []
    if kind in {"radioselect", "checkboxselectmultiple"}:
        reveals = getattr(field.field, "reveals", {})
        choices = [(c, [field.form[name] for name in reveals.get(str(c.data["value"]), ())]) for c in field]
    describedby = " ".join(
        part
        for part in (f"{field.auto_id}-hint" if field.help_text else "", f"{field.auto_id}-error" if field.errors else "")
        if part
    )
    return {
        "field": field,
        "kind": kind,
        "choices": choices,
        "input_class": f"govuk-input {width}".strip(),
        "heading": heading,
        "inline": inline,
        "small": small,
        "describedby": describedby,
    }


@register.inclusion_tag("shell/parts/desk_field.html")
def desk_field(field: Any, draft: str = "", key: str = "") -> dict[str, Any]:
    """One Django form field on a desk or a plain page: label, control, fault. `draft` keeps every word of it."""
    return {"field": field, "draft": draft, "key": key}


@register.simple_tag
def control(field: Any, **attributes: Any) -> SafeString:
    """A bound field's widget with more attributes: underscores become hyphens, empty values are left out."""
    clean = {name.replace("_", "-"): value for name, value in attributes.items() if value not in ("", None, False)}
    if "css" in clean:
        clean["class"] = clean.pop("css")
    if field.errors:
        clean["aria-invalid"] = "true"
    return SafeString(field.as_widget(attrs=clean))
