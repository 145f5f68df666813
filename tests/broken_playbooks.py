"""
A sound playbook broken in one place at a time, and what is said about it: line, key and what to do.

Each row is a small edit of a file in `tests/sound`. `at` is text of the line where the writer is to look, or of one so
many lines above it, in the file as it is after the edit.
"""

from dataclasses import dataclass
from pathlib import Path

SOUND = Path(__file__).parent / "sound"
PLAYBOOK, REGISTER = "strommen.toml", "register.toml"
#: A line that somebody vouches for, put in before the checklist.
SOURCED = '[[sources]]\nsays = "{}"\nkind = "fact"\n{}\n\n[[checklist]]'


@dataclass(frozen=True)
class Broken:
    """One edit, and the exact reason given for the line that has `at`."""

    old: str
    new: str
    at: str
    key: str
    reason: str
    file: str = PLAYBOOK
    below: int = 0  #: how many lines below `at`
    times: int = 1  #: how often the edit is made


BROKEN: tuple[Broken, ...] = (
    # -- what works, what does not -----------------------------------------------------------------------------------
    Broken(
        "update_minutes = 60",
        'update_minutes = 60\nworks = ["orsak"]',
        at="choices = [",
        key="blanks.orsak.choices",
        reason="orsak must have the choices fungerar and fungerar-inte and no other; write both",
    ),
    Broken(
        "update_minutes = 60",
        'update_minutes = 60\nworks = ["akuten"]',
        at="works = ",
        key="works",
        reason="akuten is no blank and no contact that the texts use; add it, or remove it here",
    ),
    # -- the file itself ---------------------------------------------------------------------------------------------
    Broken(
        'editor = "eva"',
        'editor = "eva',
        at='editor = "eva',
        key="",
        reason=(
            "is not TOML: Illegal character '\\n' (at line 4, column 14); mend that line, and look for a quote"
            " or bracket that is not closed"
        ),
    ),
    Broken(
        'editor = "eva"\n',
        "",
        at="",
        key="editor",
        reason="is missing; add it",
    ),
    Broken(
        'editor = "eva"',
        'editer = "eva"\neditor = "eva"',
        at="editer",
        key="editer",
        reason="there is no such key here; write editor, or remove it",
    ),
    Broken(
        'editor = "eva"',
        'qwxz = "eva"\neditor = "eva"',
        at="qwxz",
        key="qwxz",
        reason="there is no such key here; remove it, or mend its spelling",
    ),
    Broken(
        "version = 1",
        'version = "1"',
        at="version",
        key="version",
        reason="'1' is of the wrong kind; write a whole number without quotes",
    ),
    Broken(
        "version = 1",
        "version = 0",
        at="version",
        key="version",
        reason="0 is too little; write 1 or more",
    ),
    Broken(
        'id = "strommen"',
        'id = "Strömmen"',
        at="id = ",
        key="id",
        reason="'Strömmen' cannot be a name here; use small letters, digits and hyphens, such as dricksvatten",
    ),
    Broken(
        'id = "strommen"',
        'id = "strom"',
        at="id = ",
        key="id",
        reason="its id is not the file's name; call the file strom.toml",
    ),
    Broken(
        'if_unsure = "silence"',
        'if_unsure = "both"',
        at="if_unsure",
        key="if_unsure",
        reason="'both' is none of the words for this; choose 'silence' or 'duplicate'",
    ),
    Broken(
        "update_minutes = 60",
        "update_minutes = 5",
        at="update_minutes",
        key="update_minutes",
        reason="5 is too little; write 15 or more",
    ),
    Broken(
        "update_minutes = 60",
        "update_minutes = 100000",
        at="update_minutes",
        key="update_minutes",
        reason="100000 is too much; write 1440 or less",
    ),
    Broken(
        'owner = "Driften"',
        'owner = "D"',
        at="owner",
        key="owner",
        reason="is too short; write at least 2 characters",
    ),
    Broken(
        'title = { sv = "Strömmen är borta", ',
        "title = { ",
        at="title",
        key="title.sv",
        reason="is missing; add it",
    ),
    Broken(
        'struck = ["vaxel"]',
        'struck = "vaxel"',
        at="struck",
        key="struck",
        reason="'vaxel' is of the wrong kind; write a list in square brackets",
    ),
    Broken(
        'struck = ["vaxel"]',
        'struck = ["vaxel"]\nseen = ["telefon"]',
        at="seen",
        key="seen.0",
        reason=(
            "'telefon' is none of the words for this; choose 'phone', 'computers', 'water', 'accident', "
            "'infection', 'premises' or 'other'"
        ),
    ),
    Broken(
        'struck = ["vaxel"]',
        'struck = ["vaxel"]\nseen = []',
        at="seen",
        key="seen",
        reason="is empty; list at least 1",
    ),
    Broken(
        'struck = ["vaxel"]',
        'struck = ["vaxel"]\nseen = ["water", "water"]',
        at="seen",
        key="seen",
        reason="names something twice; name each once",
    ),
    Broken(
        'category = ["Infra"]',
        'category = ["VMA"]',
        at="category",
        key="cap.category.0",
        reason=(
            "'VMA' is none of the words for this; choose 'Geo', 'Met', 'Safety', 'Security', 'Rescue', "
            "'Fire', 'Health', 'Env', 'Transport', 'Infra', 'CBRNE' or 'Other'"
        ),
    ),
    Broken(
        'category = ["Infra"]',
        "category = []",
        at="category",
        key="cap.category",
        reason="is empty; list at least 1",
    ),
    Broken(
        'certainty = "Observed"\n',
        "",
        at="[cap]",
        key="cap.certainty",
        reason="is missing; add it",
    ),
    # -- channels and languages --------------------------------------------------------------------------------------
    Broken(
        '["own_web", "facebook", "1177_phone"]',
        '["own_web", "facebook", "1177_phone", "facebook"]',
        at="channels =",
        key="channels",
        reason="names something twice; name each once",
    ),
    Broken(
        '"facebook", "1177_phone"]',
        '"facebook", "1177_phone", "p4"]',
        at="[texts.first.own_web]",
        key="texts.first.p4",
        reason="there are no words for first, p4, en; write them",
    ),
    Broken(
        'languages = ["sv", "en"]',
        'languages = ["en"]',
        at="languages =",
        key="languages",
        reason="has no Swedish; add sv, every playbook is in Swedish too",
    ),
    Broken(
        "languages_on = { facebook",
        "languages_on = { p4",
        at="languages_on",
        key="languages_on.p4",
        reason="names a channel or language the playbook has not; add or remove it",
    ),
    Broken(
        'languages_on = { facebook = ["sv"] }',
        "",
        at="",
        key="languages_on",
        reason='facebook gets one post in one language; write facebook = ["sv"]',
    ),
    Broken(
        'languages_on = { facebook = ["sv"] }',
        'languages_on = { facebook = ["sv", "fi"] }',
        at="languages_on",
        key="languages_on.facebook",
        reason="names a channel or language the playbook has not; add or remove it",
    ),
    Broken(
        'struck = ["vaxel"]',
        'struck = ["vaxeln"]',
        at="struck",
        key="struck.vaxeln",
        reason="vaxeln is no contact or system of the register; add it there, or mend the name",
    ),
    # -- texts -------------------------------------------------------------------------------------------------------
    Broken(
        "[texts.correction.",
        "[texts.false_alarm.",
        at="[texts.first.own_web]",
        key="texts",
        reason="there are no texts for the phase correction; write them for every channel",
        times=99,
    ),
    Broken(
        'en = "You have called us in ${omrade}. The power is out.',
        'fi = "You have called us. The power is out.',
        at="fi = ",
        key="texts.first.1177_phone.fi",
        reason="1177_phone in fi is not among the channels and languages; add it, or remove this",
    ),
    Broken(
        "${n112} ${plats} ${start} ${orsak} ${fragor} Vi",
        "${n112} ${platsen} ${start} ${orsak} ${fragor} Vi",
        at="${platsen}",
        key="texts.first.own_web.sv",
        reason="${platsen} is not declared, or cannot stand here; write ${plats}, or remove it",
    ),
    Broken(
        "${n112} ${plats} ${start} ${orsak} ${fragor} Vi",
        "${n112} ${sentence} ${plats} Vi",
        at="${sentence} ${plats}",
        key="texts.first.own_web.sv",
        reason="${sentence} is not declared, or cannot stand here; the free sentence stands in updates only, remove it",
    ),
    Broken(
        "${n112} ${plats} ${start} ${orsak} ${fragor} Vi",
        "${n112} $plats ${start} Vi",
        at="$plats",
        key="texts.first.own_web.sv",
        reason="has a $ that begins no hole; holes are written ${name}",
    ),
    Broken(
        "Strömmen är borta i ${omrade}\n\n${n112} ${plats}",
        "Strömmen är borta i ${omrade}\n${n112} ${plats}",
        at="[texts.first.own_web]",
        below=1,
        key="texts.first.own_web.sv",
        reason="must begin with a heading and then an empty line; add what is missing",
    ),
    Broken(
        "Strömmen är borta i ${omrade}\n\n${n112} ${plats}",
        "Strömmen är borta " * 6 + "i ${omrade}\n\n${n112} ${plats}",
        at="[texts.first.own_web]",
        below=1,
        key="texts.first.own_web.sv",
        reason="has a heading that can become 124 characters; 80 fit, shorten it",
    ),
    Broken(
        "Kan det vänta? Ring igen senare.",
        "Kan det vänta? " * 30 + "Ring igen senare.",
        at="[texts.first.1177_phone]",
        below=1,
        key="texts.first.1177_phone.sv",
        reason="can become 115 spoken words; 1177_phone holds 75, shorten the text",
    ),
    Broken(
        "Kan det vänta? Ring igen senare.",
        "Kan det vänta? Ring 1177 senare.",
        at="Ring 1177 senare",
        key="texts.first.1177_phone.sv",
        reason="has the digits 1177 for a voice to read; write them as words",
    ),
    Broken(
        "Kan det vänta? Ring igen senare.",
        "Se ${link}.",
        at="[texts.first.1177_phone]",
        below=1,
        key="texts.first.1177_phone.sv",
        reason="a voice cannot say ${link}; leave it out",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Vi arbetar. Ring 010-222 22 22.",
        at="010-222",
        key="texts.first.own_web.sv",
        reason="has the number 010-222 22 22; numbers come from the register or a blank, put it there",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Vi arbetar. Ring 112.",
        at="Ring 112",
        key="texts.first.own_web.sv",
        reason="sends people to 112 in running text; use its hole, so that it can be left out",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Det löser sig snart.",
        at="snart",
        key="texts.first.own_web.sv",
        reason="says 'snart', which goes stale; write an absolute time, or ${published}",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Vi arbetar med **reservkraft**.",
        at="**",
        key="texts.first.own_web.sv",
        reason="has markup (**); words are plain text, remove it",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Det här är ett VMA.",
        at="VMA",
        key="texts.first.own_web.sv",
        reason="says VMA, which only those with the right to may send; say what applies instead",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Vi beklagar eventuella olägenheter.",
        at="olägenheter",
        key="texts.first.own_web.sv",
        reason="says 'eventuella olägenheter'; write plainer, as you would say it",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "ARBETET pågår.",
        at="ARBETET",
        key="texts.first.own_web.sv",
        reason="shouts 'ARBETET'; write without capitals",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Vi arb\u200betar.",
        at="[texts.first.own_web]",
        below=1,
        key="texts.first.own_web.sv",
        reason="has an invisible character U+200B; type the word again by hand",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Vi \u202earbetar.",
        at="[texts.first.own_web]",
        below=1,
        key="texts.first.own_web.sv",
        reason="has an invisible character U+202E; type the word again by hand",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Vi \u0430rbetar.",
        at="[texts.first.own_web]",
        below=1,
        key="texts.first.own_web.sv",
        reason="has a letter that only looks usual (U+0430 in \u0430rbetar); type the word again by hand",
    ),
    Broken(
        "Vi arbetar med reservkraft.",
        "Vi arbetar {{7*7}}.",
        at="{{",
        key="texts.first.own_web.sv",
        reason="has markup ({{); words are plain text, remove it",
    ),
    Broken(
        "som är inlagd.\n\n${promise}",
        "som är inlagd.",
        at="[texts.first.own_web]",
        below=1,
        key="texts.first.own_web.sv",
        reason="never says ${next_update}; add it",
    ),
    Broken(
        "${n112} ${sentence}\n",
        "${n112}\n",
        at="[texts.update.own_web]",
        below=1,
        key="texts.update.own_web.sv",
        reason="never says ${sentence}; add it",
    ),
    Broken(
        "som är inlagd.\n\n${promise}\n\n${sender}",
        "som är inlagd.\n\n${promise}",
        at="[texts.first.own_web]",
        below=1,
        key="texts.first.own_web.sv",
        reason="never says ${mark}; add it",
    ),
    # -- blanks ------------------------------------------------------------------------------------------------------
    Broken(
        'type = "time"',
        'type = "clock"',
        at='type = "clock"',
        key="blanks.start.type",
        reason="'clock' is none of the words for this; choose 'place', 'time', 'phone', 'link', 'choice' or 'text'",
    ),
    Broken(
        'examples = ["2026-03-14T02:10"]',
        'examples = ["i natt"]',
        at="i natt",
        key="blanks.start.examples",
        reason=(
            "the example 'i natt' is not accepted; there is no such time. Write date and time like this: "
            "2026-03-14T02:10."
        ),
    ),
    Broken(
        'examples = ["010-000 00 00"]',
        'examples = ["112"]',
        at='"112"',
        key="blanks.fragor.examples",
        reason=(
            "the example '112' is not accepted; that is no telephone number. Write it with its area code, "
            "like this: 010-000 00 00. Short numbers such as 112 are in the register and are not filled in "
            "here."
        ),
    ),
    Broken(
        'examples = ["sjukhuset i Ekby"]',
        'examples = ["Ekby"]',
        at='"Ekby"',
        key="blanks.plats.examples",
        reason=(
            "the example 'Ekby' is not accepted; the place is not in the register. Choose one from the list "
            "or leave it empty."
        ),
    ),
    Broken(
        'examples = ["sjukhuset i Ekby"]',
        'examples = ["Ekby kommun"]',
        at='"Ekby kommun"',
        key="blanks.plats.examples",
        reason=(
            "the example 'Ekby kommun' is not accepted; that is another kind of place than this is about. "
            "Choose one from the list or leave it empty."
        ),
    ),
    Broken(
        'kinds = ["hospital"]',
        'kinds = ["care"]',
        at="[blanks.plats]",
        below=1,
        key="blanks.plats.type",
        reason="the register has nothing to choose a place of the kind care from; add some there",
    ),
    Broken(
        'kinds = ["hospital"]',
        'kinds = ["hospital"]\nopen = true',
        at="kinds",
        key="blanks.plats.kinds",
        reason="only a place that must be in the register has kinds; remove them",
    ),
    Broken(
        'choices = [{ key = "nat", sv = "ett fel i elnätet", en = "a fault in the grid" }]',
        "",
        at="[blanks.orsak]",
        key="blanks.orsak.choices",
        reason="a choice needs choices, and nothing else has any; add or remove them",
    ),
    Broken(
        'key = "nat"',
        'key = "Nät"',
        at="choices",
        key="blanks.orsak.choices.0.key",
        reason="'Nät' cannot be a name here; use small letters, digits and hyphens, and begin with a letter",
    ),
    Broken(
        "[blanks.plats",
        "[blanks.Plats",
        at="[blanks.Plats]",
        key="blanks.Plats",
        reason="'Plats' cannot be a name here; use small letters, digits and _, and begin with a letter",
        times=99,
    ),
    Broken(
        "[blanks.plats",
        "[blanks.vaxel",
        at="[blanks.vaxel]",
        key="blanks.vaxel",
        reason="vaxel is already a name of the register or the system; choose another",
        times=99,
    ),
    Broken(
        "${plats}",
        "Ekby",
        at="[blanks.plats]",
        key="blanks.plats",
        reason="the blank plats is used in no text; write ${plats} in one, or remove it",
        times=99,
    ),
    Broken(
        'sv = "Det gäller ${plats}."',
        'sv = "Det gäller Ekby."',
        at="[blanks.plats.known]",
        key="blanks.plats.known",
        reason="the sentence in sv for a known plats does not say ${plats}; add it",
    ),
    Broken(
        'sv = "Vi vet ännu inte var."',
        'sv = "Vi vet inte om ${plats}."',
        at="[blanks.plats.unknown]",
        key="blanks.plats.unknown",
        reason="the sentence for an unknown plats says ${plats}; there is nothing to say, remove it",
    ),
    Broken(
        'en = "We do not know where yet."\n',
        "",
        at="[blanks.plats]",
        key="blanks.plats",
        reason="plats has no 'unknown' sentence for own_web, en (first); write one, it may be empty",
    ),
    Broken(
        "[contacts.vaxel.on.facebook.working]",
        "[contacts.vaxel.on.faceboook.working]",
        at="faceboook",
        key="contacts.vaxel.on.faceboook",
        reason="faceboook is no channel or phase here; mend it, or remove it",
    ),
    Broken(
        "[contacts.vaxel.on.facebook.working]",
        "[contacts.vaxeln.on.facebook.working]",
        at="vaxeln",
        key="contacts.vaxeln",
        reason="vaxeln is no contact of the register; add it there, or mend the name",
    ),
    Broken(
        'sv = "Undrar du något? Ring ${vaxel}."',
        'sv = "Undrar du något? Ring ${n112}."',
        at="Ring ${n112}",
        key="contacts.vaxel.on.facebook.working.sv",
        reason=(
            "${n112} is not declared, or cannot stand here; what can is ${link}, ${mark}, ${next_update}, "
            "${omrade}, ${organisation}, ${published}, ${vaxel}"
        ),
    ),
    # -- the line on top of earlier posts ----------------------------------------------------------------------------
    Broken(
        'en = "The power is back. Written',
        'fi = "The power is back. Written',
        at="[top_line.all_clear]",
        key="top_line.all_clear",
        reason="there is no top line for all_clear, en; write it",
    ),
    Broken(
        "[top_line.correction]",
        "[top_line.first]",
        at="[top_line.first]",
        key="top_line.correction",
        reason="there is no top line for correction, sv; write it",
    ),
    Broken(
        'sv = "Rättat ${published}. Se ${link}."',
        'sv = "Rättat ${published}."',
        at='sv = "Rättat',
        key="top_line.correction.sv",
        reason="lacks ${published} or ${link}; a top line says when and where, add them",
    ),
    # -- the register ------------------------------------------------------------------------------------------------
    Broken(
        "[lines.promise]",
        "[lines.lofte]",
        at="[lines.sender]",
        key="lines",
        reason="the line promise is missing; every message needs it, add it",
        file=REGISTER,
    ),
    Broken(
        'sv = "ÖVNING:"',
        'sv = "Test:"',
        at="[lines.drill_before]",
        key="lines.drill_before",
        reason="a drill that does not begin with ÖVNING is taken for real; begin with it, in every language",
        file=REGISTER,
    ),
    Broken(
        'sv = "Detta är en övning."',
        'sv = "Slut."',
        at="[lines.drill_after]",
        key="lines.drill_after",
        reason="a drill that does not end by saying so is taken for real; write 'Detta är en övning.'",
        file=REGISTER,
    ),
    Broken(
        "[words.omrade]",
        "[words.mark]",
        at="[words.mark]",
        key="words.mark",
        reason="mark is already a name in the system; choose another",
        file=REGISTER,
    ),
    Broken(
        'domains = ["ek.example"]',
        'domains = ["https://ek.example"]',
        at="domains",
        key="domains",
        reason="https://ek.example is no domain; write it like 1177.se",
        file=REGISTER,
    ),
    Broken(
        "Ring ${vaxel}.",
        "Ring ${n112}.",
        at="frågor? Ring ${n112}",
        key="contacts.vaxel.working.sv",
        reason=(
            "${n112} is not declared, or cannot stand here; what can is ${link}, ${mark}, ${next_update}, "
            "${omrade}, ${organisation}, ${published}, ${vaxel}"
        ),
        file=REGISTER,
    ),
    Broken(
        'value = "010-111 11 11"',
        'value = "1"',
        at="[contacts.vaxel]",
        below=1,
        key="contacts.vaxel.value",
        reason="is too short; write at least 2 characters",
        file=REGISTER,
    ),
    Broken(
        'value = "010-111 11 11"',
        'value = "010\u200b-111 11 11"',
        at="[contacts.vaxel]",
        below=1,
        key="contacts.vaxel.value",
        reason="has an invisible character U+200B; type the word again by hand",
        file=REGISTER,
    ),
    Broken(
        'sv = "Växeln"',
        'sv = "Växe\u0406n"',
        at="[contacts.vaxel]",
        below=2,
        key="contacts.vaxel.name.sv",
        reason="has a letter that only looks usual (U+0406 in Växe\u0406n); type the word again by hand",
        file=REGISTER,
    ),
    Broken(
        'depends_on = ["natet", "1177_phone"]',
        'depend_on = ["natet", "1177_phone"]',
        at="depend_on",
        key="contacts.vaxel.depend_on",
        reason="there is no such key here; write depends_on, or remove it",
        file=REGISTER,
    ),
    Broken(
        'en = "Tallby Hospital", kind = "hospital"',
        'en = "Tallby Hospital"',
        at="Tallby Hospital",
        key="places",
        reason='sjukhuset i Tallby says no kind; write kind = "hospital", or what else it is',
        file=REGISTER,
    ),
    Broken(
        ', code = "1780"',
        "",
        at="Ekby municipality",
        key="places",
        reason="Ekby kommun is a municipality without its code; add code, the four digits of Statistics Sweden",
        file=REGISTER,
    ),
    Broken(
        'code = "1780"',
        'code = "1880"',
        at="Ekby municipality",
        key="places",
        reason="Ekby kommun has the code 1880, which is in another county; its code begins with that of [county]",
        file=REGISTER,
    ),
    Broken(
        'kind = "municipality", code',
        'kind = "area", code',
        at="Ekby municipality",
        key="places",
        reason=(
            "Ekby kommun has a code and is no municipality; remove the code, or write kind = \"municipality\""
        ),
        file=REGISTER,
    ),
    Broken(
        'sv = "sjukhuset i Tallby"',
        'sv = "sjukhuset i Ekby"',
        at="Ekby Hospital",
        key="places",
        reason="sjukhuset i Ekby is there twice, or has the name or code of another place; name each once",
        file=REGISTER,
    ),
    Broken(
        '[county]\ncode = "17"\nname = { sv = "Eklands län", en = "Ekland county" }\n',
        "",
        at="",
        key="county",
        reason='says no county; add [county] with its code, such as "17", and its name',
        file=REGISTER,
    ),
    Broken(
        'depends_on = ["natet", "1177_phone"]',
        'depends_on = ["natett"]',
        at="natett",
        key="contacts.vaxel.depends_on",
        reason="natett is no system, channel or contact; write natet, or remove it",
        file=REGISTER,
    ),
    Broken(
        'depends_on = ["elen"]',
        'depends_on = ["vatten"]',
        at='depends_on = ["vatten"]',
        key="systems.natet.depends_on",
        reason="vatten is no system; add it, or remove it here",
        file=REGISTER,
    ),
    Broken(
        'takes = ["1177_phone"]',
        'takes = ["1177_phones"]',
        at="takes",
        key="systems.natet.takes",
        reason="1177_phones is no channel; write 1177_phone, or remove it",
        file=REGISTER,
    ),
    Broken(
        'en = "The power" }',
        'en = "The power" }\ndepends_on = ["natet"]',
        at='depends_on = ["natet"]',
        key="systems.elen.depends_on",
        reason="elen depends on itself in the end; remove one of the steps",
        file=REGISTER,
    ),
    Broken(
        "[systems.elen]",
        "[systems.n112]",
        at="[contacts.n112]",
        key="contacts.n112",
        reason="n112 is already a name in systems; choose another",
        file=REGISTER,
    ),
    Broken(
        "[systems.natet]",
        '[systems.sms]\nname = { sv = "Sms", en = "SMS" }\n[systems.natet]',
        at="[systems.sms]",
        key="systems.sms",
        reason="sms is the key of a channel; choose another name",
        file=REGISTER,
    ),
    Broken(
        'code = "1780"',
        'code = "Ekby"',
        at="places = [",
        key="places.2.code",
        reason="'Ekby' cannot be a name here; write the digits in quotes: two for a county, four for a municipality",
        file=REGISTER,
    ),
    Broken(
        'code = "17"',
        'code = "16"',
        at='code = "16"',
        key="county.code",
        reason=(
            "16 is no county; there are 01 Stockholms län, 03 Uppsala län, 04 Södermanlands län, "
            "05 Östergötlands län, 06 Jönköpings län, 07 Kronobergs län, 08 Kalmar län, 09 Gotlands län, "
            "10 Blekinge län, 12 Skåne län, 13 Hallands län, 14 Västra Götalands län, 17 Värmlands län, "
            "18 Örebro län, 19 Västmanlands län, 20 Dalarnas län, 21 Gävleborgs län, 22 Västernorrlands län, "
            "23 Jämtlands län, 24 Västerbottens län, 25 Norrbottens län"
        ),
        file=REGISTER,
    ),
    # -- who vouches for a line --------------------------------------------------------------------------------------
    Broken(
        "[[checklist]]",
        SOURCED.format("Det vet vi inte längre.", 'source = "Elverket: Frågor och svar om avbrott, 2025"'),
        at="Det vet vi inte längre.",
        key="sources",
        reason="these words are in no text; a changed line needs a new source",
    ),
    Broken(
        "[[checklist]]",
        SOURCED.format("Det vet vi inte ännu.", ""),
        at="[[sources]]",
        below=1,
        key="sources",
        reason="has nobody who vouches for it; write exactly one of source, signed, needs_signoff",
    ),
    Broken(
        "[[checklist]]",
        SOURCED.format("Skrivet ${published}", 'source = "Elverket: Svar, 2025"\nneeds_signoff = "juristen"'),
        at="[[sources]]",
        below=1,
        key="sources",
        reason="has source and needs_signoff; write exactly one of source, signed, needs_signoff",
    ),
    Broken(
        "[[checklist]]",
        SOURCED.format("Skrivet ${published}", 'source = "Se https://www.elverket.example/avbrott"'),
        at="[[sources]]",
        below=1,
        key="sources",
        reason="names no source; write who published it and what it is called, an address alone moves",
    ),
    Broken(
        "[[checklist]]",
        SOURCED.format("Skrivet ${published}", 'signed = "driftchefen i våras"'),
        at="[[sources]]",
        below=1,
        key="sources",
        reason="does not say who signed and when; write signed = 'Chief physician, 2026-12-01'",
    ),
    Broken(
        "[[checklist]]",
        SOURCED.format("Skrivet ${published}", 'sign = "driftchefen, 2026-12-01"'),
        at="[[sources]]",
        key="sources.0.sign",
        reason="there is no such key here; write signed, or remove it",
    ),
    Broken(
        'question = { sv = "När kommer den tillbaka?"',
        'phases = ["later"]\nquestion = { sv = "När kommer den tillbaka?"',
        at="[[answers]]",
        key="answers.0.phases.0",
        reason=(
            "'later' is none of the words for this; choose"
            " 'first', 'update', 'correction', 'false_alarm' or 'all_clear'"
        ),
    ),
    Broken(
        'question = { sv = "När kommer den tillbaka?"',
        'phases = []\nquestion = { sv = "När kommer den tillbaka?"',
        at="[[answers]]",
        key="answers.0.phases",
        reason="is empty; list at least 1",
    ),
)
