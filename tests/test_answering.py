"""Answers from the night: by link, by SMS, by report; a preview never answers, and a stranger never does."""

from collections.abc import Iterator

import httpx
import pytest
from night import ANNA, BO, TROUBLE, FortySixElks, Night, night
from service import ServiceMaker

from broadcaster import gsm7


@pytest.fixture
def duty(make_service: ServiceMaker, elks: FortySixElks) -> Iterator[Night]:
    """Return a night in which Anna has been woken."""
    with night(make_service, elks) as found:
        found.raise_one()
        found.tell()
        yield found


def taken(duty: Night) -> str | None:
    by: str | None = duty.alarms()[0]["answered_by"]
    return by


class TestTheLink:
    def test_opening_it_shows_what_is_wrong_and_answers_nothing_however_often(self, duty: Night) -> None:
        """Telephones and mail filters open every link they see."""
        for _ in range(3):
            page = duty.open(duty.link(ANNA))
            assert page.status_code == 200 and TROUBLE.sv in page.text and "Jag tar det" in page.text
        assert httpx.head(duty.link(ANNA), trust_env=False).status_code == 200
        assert taken(duty) is None

    def test_the_button_takes_it_and_nobody_else_is_woken(self, duty: Night) -> None:
        page = duty.press(duty.link(ANNA))
        assert page.status_code == 200 and "Du har tagit larmet" in page.text
        assert taken(duty) == "duty:Anna"
        duty.pass_time(900, 60)
        assert BO not in duty.woken()

    def test_a_form_that_is_not_ours_takes_nothing(self, duty: Night) -> None:
        for form in ({}, {"csrf": "1.x.y"}):
            assert httpx.post(duty.link(ANNA), data=form, trust_env=False).status_code == 403
        assert taken(duty) is None

    def test_it_is_dead_after_the_answer_and_says_who_took_it(self, duty: Night) -> None:
        duty.pass_time(180, 60)
        anna, bo = duty.link(ANNA), duty.link(BO)
        duty.press(bo)
        page = duty.open(anna)
        assert page.status_code == 410 and "Bo har tagit larmet" in page.text and "Jag tar det" not in page.text
        duty.clock.advance(25 * 3600)
        assert duty.open(anna).status_code == 404

    def test_the_second_of_two_who_press_at_once_hears_that_it_was_taken(self, duty: Night) -> None:
        duty.pass_time(180, 60)
        anna, bo = duty.link(ANNA), duty.link(BO)
        token = duty.open(anna).text.split('name="csrf" value="')[1].split('"')[0]
        duty.press(bo)
        late = httpx.post(anna, data={"csrf": token}, trust_env=False)
        assert late.status_code == 410 and "Bo har tagit larmet" in late.text
        assert taken(duty) == "duty:Bo"
        assert len(duty.log("answered")) == 1

    def test_it_is_found_by_no_search_engine_kept_by_no_cache_and_tells_no_other_site(self, duty: Night) -> None:
        page = duty.open(duty.link(ANNA))
        assert "noindex" in page.text
        assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")

    def test_whoever_tries_wrong_links_is_slowed_down_and_the_right_one_never_is(self, duty: Night) -> None:
        found = [duty.open(f"{duty.url}/alarm/{n:022}").status_code for n in range(8)]
        assert found[:3] == [404, 404, 404] and found[-1] == 429
        assert duty.open(duty.link(ANNA)).status_code == 200

    def test_it_speaks_english_to_whoever_reads_english(self, duty: Night) -> None:
        assert "I will see to it" in duty.open(duty.link(ANNA) + "?lang=en").text


class TestTheReport:
    def test_one_that_is_nobodys_is_answered_as_any_other_and_does_nothing(self, duty: Night) -> None:
        address = f"{duty.url}/alarm/delivered/gissning"
        assert httpx.post(address, data={"status": "failed"}, trust_env=False).status_code == 204
        assert duty.told() == [("Anna", "sms", "sent")]
        duty.tell()
        assert duty.woken() == [ANNA]

    def test_guessing_is_slowed_down(self, duty: Night, elks: FortySixElks) -> None:
        address = f"{duty.url}/alarm/delivered/gissning"
        statuses = [httpx.post(address, data={}, trust_env=False).status_code for _ in range(8)]
        assert statuses[0] == 204 and statuses[-1] == 429
        assert elks.report(elks.sent[0], "delivered") == 204  # the right one never waits
        assert duty.told() == [("Anna", "sms", "delivered")]

    def test_opening_it_in_a_browser_does_nothing(self, duty: Night, elks: FortySixElks) -> None:
        assert httpx.get(elks.sent[0]["whendelivered"], trust_env=False).status_code in (404, 405)
        assert duty.told() == [("Anna", "sms", "sent")]

    def test_a_status_nobody_knows_changes_nothing(self, duty: Night, elks: FortySixElks) -> None:
        form = {"id": elks.sent[0]["id"], "status": "exploded"}
        assert httpx.post(elks.sent[0]["whendelivered"], data=form, trust_env=False).status_code == 204
        assert duty.told() == [("Anna", "sms", "sent")]

    def test_the_link_of_the_answer_is_no_report_and_the_report_no_answer(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        report = elks.sent[0]["whendelivered"].rsplit("/", 1)[1]
        assert duty.open(f"{duty.url}/alarm/{report}").status_code == 404


class TestBySms:
    @pytest.mark.parametrize(
        "text", ["JA {code}", "ja {code}", "{code}", "OK {code}!", "Jag tar det, {code}.", "Ja", "ok"]
    )
    def test_yes_with_the_code_or_alone_takes_it(self, duty: Night, text: str) -> None:
        assert duty.elks.reply(ANNA, text.format(code=duty.alarms()[0]["code"])) == 204
        assert taken(duty) == "duty:Anna"
        assert duty.log("answered")[0]["how"] == "sms"

    @pytest.mark.parametrize("text", ["", "vem är det?", "kan inte {code}", "JA 99999", "ok jag kan inte", "stopp"])
    def test_what_is_no_clear_yes_takes_nothing_and_stands_in_the_log(self, duty: Night, text: str) -> None:
        assert duty.elks.reply(ANNA, text.format(code=duty.alarms()[0]["code"])) == 200
        assert taken(duty) is None
        assert len(duty.log("unclear")) == 1

    def test_whoever_was_not_understood_hears_that_the_alarm_is_not_taken_and_how_to_take_it(self, duty: Night) -> None:
        """They would go back to sleep otherwise. A phone that answers by itself hears it once."""
        for _ in range(3):
            duty.elks.reply(ANNA, "Kör bil, svarar senare")
        (said,) = [words for words in duty.elks.phone(ANNA) if "INTE taget" in words]
        assert gsm7.septets(said) <= gsm7.ONE_PART
        duty.elks.reply(ANNA, f"JA {duty.alarms()[0]['code']}")
        assert taken(duty) == "duty:Anna"

    def test_nobody_is_written_to_who_has_no_alarm_to_take(self, duty: Night) -> None:
        duty.elks.reply(BO, "Vem är det?")
        duty.elks.reply(ANNA, "JA")
        duty.elks.reply(ANNA, "Tack")
        assert not [words for words in duty.elks.phone(ANNA) + duty.elks.phone(BO) if "INTE taget" in words]

    def test_no_gives_the_turn_to_the_next_at_once(self, duty: Night, elks: FortySixElks) -> None:
        elks.report(elks.sent[0], "delivered")
        assert duty.elks.reply(ANNA, "Nej") == 204
        duty.tell()
        assert duty.woken() == [ANNA, BO]
        assert taken(duty) is None and duty.told()[0] == ("Anna", "sms", "declined")

    def test_yes_alone_is_not_clear_where_two_alarms_are_open_and_the_code_is(self, duty: Night) -> None:
        duty.raise_one("other")
        duty.tell()
        duty.elks.reply(ANNA, "JA")
        assert {row["answered_by"] for row in duty.alarms()} == {None}
        code = next(row["code"] for row in duty.alarms() if row["kind"] == "other")
        duty.elks.reply(ANNA, f"JA {code}")
        assert {row["kind"]: row["answered_by"] for row in duty.alarms()} == {"service": None, "other": "duty:Anna"}

    def test_somebody_who_was_not_told_yet_or_is_not_on_the_roster_takes_nothing(self, duty: Night) -> None:
        code = duty.alarms()[0]["code"]
        assert duty.elks.reply(BO, f"JA {code}") == 204
        assert duty.elks.reply("+46709999999", f"JA {code}") == 204
        assert taken(duty) is None

    def test_a_wrong_address_is_nothing_at_all(self, duty: Night) -> None:
        assert duty.hand_on("JA", secret="gissning") == 404
        assert taken(duty) is None

    def test_the_same_sms_handed_on_again_tomorrow_answers_nothing_new(self, duty: Night) -> None:
        """46elks repeats what it thinks we did not get."""
        duty.hand_on("JA", sms_id="s1")
        duty.clock.advance(3600)
        duty.raise_one("later")
        duty.tell()
        duty.hand_on("JA", sms_id="s1")
        assert next(row for row in duty.alarms() if row["kind"] == "later")["answered_by"] is None
        duty.hand_on("JA", sms_id="s2")
        assert next(row for row in duty.alarms() if row["kind"] == "later")["answered_by"] == "duty:Anna"

    def test_whoever_answers_by_sms_is_told_that_it_was_heard(self, duty: Night, elks: FortySixElks) -> None:
        duty.elks.reply(ANNA, "JA")
        duty.tell()
        assert "Anna tog larmet" in elks.to(ANNA)[-1]["message"]
