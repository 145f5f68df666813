"""The rules as a page: what each asks for, why, where that comes from, and the examples that are its tests."""

from collections.abc import Iterator

from broadcaster.errors import Text
from broadcaster.wording import RULES
from broadcaster.wording.rule import Passage, Rule

#: The twelve questions a reader scores a text by, as the rules number them.
CRITERIA: tuple[Text, ...] = (
    Text("Första meningen säger vad och var", "The first sentence says what and where"),
    Text("Gör så här, det allvarligaste först", "What to do, the gravest first"),
    Text("Vem det gäller, vad som fungerar, samma fakta överallt", "Whom it concerns, what works, the same facts"),
    Text("Tider med datum", "Times with their date"),
    Text("Känt, okänt och det som görs", "What is known, unknown and being done"),
    Text("Nästa besked, när och var", "The next word, when and where"),
    Text("Ett nummer för varje behov", "One number a purpose"),
    Text("Vem som talar, och hur det kontrolleras", "Who speaks, and how to check it"),
    Text("Klarspråk", "Plain language"),
    Text("Lugn ton", "A calm tone"),
    Text("Gjord för kanalen", "Made for the channel"),
    Text("Tål att delas, läsas upp och översättas", "Survives being shared, read out and translated"),
)
_HEAD = """# Skrivreglerna

*English in italics.* Den här sidan görs av `python -m broadcaster.wording`: ändra reglerna i `broadcaster/wording/`, \
inte här. *This page is made from the rules; change them and not the page.*

{errors} regler är **fel**: en mall som bryter mot en av dem går varken att starta eller godkänna. {warnings} är \
**varningar**: de visas av `broadcaster playbooks check` och på mallens sida, och hindrar ingenting. En varning kan ha \
fel om en viss text. Då får texten stå, och de två som godkänner har sett varningen.

*{errors} rules are errors: a playbook that breaks one neither starts nor is approved. {warnings} are warnings: shown \
by `broadcaster playbooks check` and on the playbook's page, never blocking. A warning may be wrong about a text; then \
the text may stay, and the two who approve have seen the warning.*

Reglerna läser svenska och engelska. På andra språk kontrolleras längd, form, tecken och att samma uppgifter finns med.

| en bra kristext | regler / rules |
|---|---|
"""


def page() -> str:
    """Return the page in Markdown."""
    errors = sum(one.severity == "error" for one in RULES)
    head = _HEAD.format(errors=errors, warnings=len(RULES) - errors)
    table = "".join(f"| {number}. {text.sv} | {_listed(number)} |\n" for number, text in enumerate(CRITERIA, 1))
    return head + table + "".join(_sections())


def _listed(criterion: int) -> str:
    return ", ".join(f"[`{one.name}`](#{one.name})" for one in RULES if one.criterion == criterion)


def _sections() -> Iterator[str]:
    for number, text in enumerate(CRITERIA, 1):
        yield f"\n## {number}. {text.sv}\n\n*{text.en}*\n"
        for one in RULES:
            if one.criterion == number:
                yield _section(one)


def _section(one: Rule) -> str:
    severity = "fel / error" if one.severity == "error" else "varning / warning"
    lines = [
        f"\n### {one.name}\n",
        f"**{severity}.** {one.reason.sv} *{one.reason.en}*\n",
        f"Källa / source: {one.source}.\n",
        "| | exempel / example | var / where |",
        "|---|---|---|",
        *(_row("nej / no", passage, one) for passage in one.bad),
        *(_row("ja / yes", passage, one) for passage in one.good),
    ]
    return "\n".join(lines) + "\n"


def _row(verdict: str, passage: Passage, one: Rule) -> str:
    words = _shown(passage.words)
    if passage.beside is not None:
        words += f" *— bredvid / beside:* {_shown(passage.beside.words)}"
    where = [passage.channel, passage.language, *([passage.phase] if passage.phase != "first" else [])]
    if passage.beside is not None:
        where.append(f"({passage.beside.channel}, {passage.beside.language})")
    if verdict.startswith("nej") and (said := one(passage)):
        words += f"<br>→ *{_escaped(said.sv)}*"
    return f"| {verdict} | {words} | {' '.join(where)} |"


def _shown(words: str) -> str:
    """Return `words` on one line of a table, what cannot be seen as its code, and long ones cut."""
    cut = words if len(words) <= 200 else f"{words[:60]}… ({len(words)} tecken)"
    seen = "".join(mark if mark == "\n" or mark.isprintable() else f"[U+{ord(mark):04X}]" for mark in cut)
    return f"`{seen.replace('|', ' ').replace(chr(10) * 2, ' ¶ ').replace(chr(10), ' ⏎ ')}`"


def _escaped(words: str) -> str:
    seen = "".join(mark if mark.isprintable() else f"[U+{ord(mark):04X}]" for mark in words)
    return seen.replace("|", " ").replace("<", "&lt;").replace("*", "\\*")
