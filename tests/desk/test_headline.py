"""The one sentence on top of the board: true of every channel, and what is to be done."""

import pytest

from broadcaster.desk.headline import Fact, Matters, Tally, headline, tally
from broadcaster.errors import Text

NAMES = {
    "own_web": Text("Egen webbsida", "Own web page"),
    "facebook": Text("Facebook", "Facebook"),
    "notice": Text("Notisen", "The notice"),
    "phone": Text("Talsvaret", "The voice message"),
    "intranet": Text("Intranätet", "The intranet"),
}


def fact(channel: str, state: str, intent: str = "publish", **more: bool) -> Fact:
    return Fact(channel, NAMES[channel], state, intent, **more)


def all_in(state: str, **others: str) -> list[Fact]:
    return [fact(key, others.get(key, state)) for key in NAMES]


CASES = {
    "nothing sent, one waits": (
        Matters(sent=False, waiting=1),
        "Inget är skickat än. Ett besked väntar på ja.",
        "Nothing has been sent yet. A message waits for a yes.",
        "wait",
    ),
    "all owed": (
        Matters(all_in("owed")),
        "Inte ute någonstans än. 5 kanaler skickas.",
        "Not out anywhere yet. 5 channels are being sent.",
        "busy",
    ),
    "one checked, one by a person": (
        Matters(all_in("published", facebook="uncertain", intranet="needs_person")),
        "Ute i 3 av 5 kanaler. Facebook kontrolleras. Du behöver göra 1 sak.",
        "Out in 3 of 5 channels. Facebook is being checked. You need to do 1 thing.",
        "wait",
    ),
    "all out": (
        Matters(all_in("published")),
        "Ute i alla 5 kanaler. Du behöver inte göra något nu.",
        "Out in all 5 channels. You need not do anything now.",
        "good",
    ),
    "one by hand": (
        Matters([*all_in("published")[:4], fact("intranet", "published", by_hand=True)]),
        "Ute i alla 5 kanaler, 1 för hand. Du behöver inte göra något nu.",
        "Out in all 5 channels, 1 by hand. You need not do anything now.",
        "good",
    ),
    "tried again": (
        Matters(all_in("published", facebook="retrying", notice="sending")),
        "Ute i 3 av 5 kanaler. Facebook försöks igen. Notisen skickas.",
        "Out in 3 of 5 channels. Facebook is tried again. The notice is being sent.",
        "busy",
    ),
    "failed, and struck": (
        Matters(all_in("published", facebook="failed", phone="affected")),
        "Ute i 3 av 4 kanaler. Facebook fick det inte. Drabbat av händelsen: Talsvaret.",
        "Out in 3 of 4 channels. Facebook did not get it. Struck by the event: The voice message.",
        "bad",
    ),
    "two doubts by name": (
        Matters(all_in("published", facebook="uncertain", notice="uncertain")),
        "Ute i 3 av 5 kanaler. Facebook och Notisen kontrolleras.",
        "Out in 3 of 5 channels. Facebook and The notice are being checked.",
        "wait",
    ),
    "nothing certain": (
        Matters(all_in("uncertain")),
        "Inte säkert ute någonstans. 5 kanaler kontrolleras.",
        "Not certainly out anywhere. 5 channels are being checked.",
        "wait",
    ),
    "nothing worked": (
        Matters(all_in("expired")),
        "Inte ute någonstans.",
        "Not out anywhere.",
        "bad",
    ),
    "a drill": (
        Matters(all_in("published"), drill=True),
        "ÖVNING, inget av detta är på riktigt. Ute i alla 5 kanaler. Du behöver inte göra något nu.",
        "EXERCISE, none of this is real. Out in all 5 channels. You need not do anything now.",
        "good",
    ),
    "one who may only read": (
        Matters(all_in("published", intranet="needs_person", notice="needs_person"), may_act=False),
        "Ute i 3 av 5 kanaler. 2 saker behöver göras av en person.",
        "Out in 3 of 5 channels. 2 things to be done by a person.",
        "wait",
    ),
    "late": (
        Matters(all_in("published"), late=True),
        "Ute i alla 5 kanaler. Nästa besked är försenat. Du behöver göra 1 sak.",
        "Out in all 5 channels. The next message is late. You need to do 1 thing.",
        "bad",
    ),
    "recalled": (
        Matters(
            [fact("own_web", "withdrawn", "withdraw"), fact("facebook", "owed", "withdraw")], recalled=True
        ),
        "Tillbakadraget. Borta i 1 av 2 kanaler. Facebook tas bort.",
        "Recalled. Gone from 1 of 2 channels. Facebook is being taken down.",
        "busy",
    ),
    "an older post gets its line": (
        Matters(all_in("published"), older=[fact("facebook", "owed", "update", has_receipt=True)]),
        "Ute i alla 5 kanaler. Äldre besked rättas eller kontrolleras: Facebook.",
        "Out in all 5 channels. Older messages are put right or checked: Facebook.",
        "busy",
    ),
    "in one language only": (
        Matters([fact("facebook", "published"), fact("facebook", "retrying"), fact("notice", "published")]),
        "Ute i 1 av 2 kanaler. Facebook försöks igen. Facebook är ute på en del av språken.",
        "Out in 1 of 2 channels. Facebook is tried again. Facebook is out in some languages.",
        "busy",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_sentence_is_true_in_both_languages(case: tuple[Matters, str, str, str]) -> None:
    matters, swedish, english, kind = case
    said = headline(matters)
    assert (said.words.sv, said.words.en, said.kind) == (swedish, english, kind)


def test_a_channel_that_needs_nothing_is_not_one_that_failed() -> None:
    facts = [fact("facebook", "published"), fact("notice", "skipped"), fact("phone", "affected")]
    assert tally(facts) == Tally(1, 1)


def test_what_is_out_stays_out_while_its_top_line_changes() -> None:
    assert tally([fact("facebook", "sending", "update", has_receipt=True)]) == Tally(1, 1)
    assert tally([fact("facebook", "sending")]) == Tally(0, 1)


def test_the_title_of_the_page_tells_of_trouble_and_of_success_and_of_nothing_else() -> None:
    titles = [headline(Matters(all_in(state))).title for state in ("needs_person", "failed", "published", "sending")]
    assert titles == ["(!) ", "(!) ", "✓ ", ""]


def test_a_person_counts_things_to_do_by_channel_and_not_by_language() -> None:
    both = [fact("intranet", "needs_person"), fact("intranet", "needs_person"), fact("facebook", "published")]
    assert headline(Matters(both)).tasks == 1
