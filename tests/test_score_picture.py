"""The picture of a score: what is seen is what was measured, and nothing in it can style or run."""

import re
from html.parser import HTMLParser

from broadcaster.score_picture import RIGHT, WIDTH, Bar, picture, scale_of


def widths(svg: str, kind: str) -> list[float]:
    return [float(found) for found in re.findall(rf'<rect class="{kind}"[^>]*? width="([\d.]+)"', svg)]


def test_a_bar_is_as_long_as_it_took_and_its_kind_says_whether_the_target_was_met() -> None:
    svg = picture([Bar("Släppt", 100, "1 min 40 s", 200), Bar("Ute", 200, "3 min 20 s", 150)], "slut")
    (met,), (late,) = widths(svg, "met"), widths(svg, "late")
    assert round(late / met, 1) == 2.0


def test_what_has_not_come_has_no_bar_and_still_its_words() -> None:
    svg = picture([Bar("Ute", None, "Behöver en person", 100)], "slut")
    assert widths(svg, "met") + widths(svg, "late") + widths(svg, "plain") == []
    assert "Behöver en person" in svg


def test_a_crisis_of_hours_does_not_press_the_minutes_into_nothing() -> None:
    bars = [Bar("Släppt", 120, "2 min", 300), Bar("Över", 40_000, "11 tim 6 min")]
    assert scale_of(bars) == 600
    svg = picture(bars, "10 min")
    assert 'class="on"' in svg
    assert max(widths(svg, "plain")) <= RIGHT


def test_earlier_exercises_are_dots_inside_the_picture() -> None:
    svg = picture([Bar("Släppt", 100, "1 min 40 s", 200, (50, 9000))], "slut")
    places = [float(found) for found in re.findall(r'cx="([\d.]+)"', svg)]
    assert len(places) == 2
    assert max(places) + 4.5 < WIDTH


def test_no_word_can_break_out_of_it_and_it_has_no_style_or_script() -> None:
    svg = picture([Bar("<script>alert(1)</script> & \"Ö\"", 1, "1 s")], "<b>")
    tags: list[str] = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    reader.feed(svg)
    assert {"script", "b"}.isdisjoint(tags)
    assert "style" not in svg
