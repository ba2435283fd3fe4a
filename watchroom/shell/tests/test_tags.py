"""The parts say in words what they show in shapes, and write nothing a caller said as markup."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, engines

AT = datetime(2026, 11, 22, 3, 12, 58, tzinfo=UTC)


def render(source, **context):
    return engines["django"].from_string("{% load shell %}" + source).template.render(Context({"now": AT, **context}))


def test_a_sign_is_decoration_unless_it_has_a_label():
    assert 'aria-hidden="true"' in render('{% icon "knife" %}')
    assert 'role="img" aria-label="Knife"' in render('{% icon "knife" label="Knife" %}')


@pytest.mark.parametrize("grade", ["immediate", "1"])
def test_a_grade_is_spoken_and_has_its_digit(grade):
    html = render("{% grade value %}", value=grade)
    assert "grade--1" in html
    assert '<span class="sr">Grade </span>1' in html


def test_what_a_caller_said_is_never_markup():
    said = "<script>alert(1)</script>"
    html = render(
        "{% mark said %}{% flag said said %}{% log_line said now who=said %}{% empty said said %}{% timer now label=said %}"
        '{% sure 1 said %}{% owed items %}{% stage "x" said note=said %}{{ said }}{% endstage %}',
        said=said,
        items=[{"what": said, "why": said}],
    )
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_timer_carries_its_moments_for_the_script():
    html = render(
        '{% timer target start=start label="Attend by" %}', start=AT - timedelta(minutes=1), target=AT + timedelta(minutes=9)
    )
    assert f'data-start="{round((AT - timedelta(minutes=1)).timestamp() * 1000)}"' in html
    assert "9:00" in html
    assert 'stroke-dasharray="90 100"' in html
    assert 'role="timer"' in html


def test_a_late_timer_says_late_and_has_another_shape():
    html = render('{% timer target label="Attend by" %}', target=AT - timedelta(minutes=6, seconds=20))
    assert "timer--over" in html
    assert "6:20 late" in html


def test_a_stage_is_one_section_that_fetches_itself_after_a_gap():
    html = render('{% stage "risk" "Risk" state="now" url="/risk/3" reload_on="live:GradeRaised" %}<p>in</p>{% endstage %}')
    assert '<section class="stage is-now" id="stage-risk"' in html
    assert 'hx-trigger="live:resync from:body, live:GradeRaised from:body"' in html
    assert "<p>in</p>" in html


def test_a_stage_without_an_address_fetches_nothing():
    assert "hx-get" not in render('{% stage "risk" "Risk" %}{% endstage %}')


def test_nothing_is_chosen_beforehand_on_a_scale():
    assert "checked" not in render('{% scale "threat" "Threat" %}')
    assert render('{% scale "threat" "Threat" 3 %}').count("checked") == 1


def test_nobody_is_asked_for_drafts_when_nobody_is_logged_in():
    html = render('{% draft_area "contact:12:line" "text" "What is happening" cap="F3" %}')
    assert 'data-draft="contact:12:line"' in html
    assert "data-draft-at" not in html


class Report(forms.Form):
    safe = forms.ChoiceField(label="Is it safe?", choices=[("yes", "Yes"), ("some", "Some ways")], widget=forms.RadioSelect)
    phone = forms.CharField(label="Phone", help_text="Only yours", error_messages={"required": "Enter a phone number"})

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["safe"].reveals = {"some": ("phone",)}


def test_the_error_summary_leads_to_each_field():
    html = render("{% error_summary form %}", form=Report({}))
    assert '<a href="#id_safe_0">' in html
    assert '<a href="#id_phone">Enter a phone number</a>' in html


def test_there_is_no_error_summary_before_anything_was_sent():
    assert render("{% error_summary form %}", form=Report()).strip() == ""


def test_a_public_field_ties_hint_and_error_to_its_control():
    html = render("{% public_field form.phone %}", form=Report({"safe": "yes"}))
    assert 'aria-describedby="id_phone-hint id_phone-error"' in html
    assert 'aria-invalid="true"' in html


def test_a_choice_may_reveal_further_questions():
    html = render("{% public_field form.safe heading=True %}", form=Report({"safe": "some"}))
    assert html.index('id="id_safe_1-more"') < html.index('id="id_phone"')
    assert "<h1" in html
