"""How a playbook is sorted for warning systems (CAP 1.2), in words that those who approve it can judge."""

from collections.abc import Sequence

from broadcaster.errors import Text
from broadcaster.language import say
from broadcaster.manuscript import Cap

_KINDS = {
    "Geo": Text("mark, ras och skred", "ground, landslides"),
    "Met": Text("väder", "weather"),
    "Safety": Text("allmän säkerhet", "public safety"),
    "Security": Text("brott och hot", "crime and threats"),
    "Rescue": Text("räddning", "rescue"),
    "Fire": Text("brand", "fire"),
    "Health": Text("hälsa och vård", "health and care"),
    "Env": Text("miljö", "environment"),
    "Transport": Text("trafik", "transport"),
    "Infra": Text("teknik och försörjning", "technical systems and supplies"),
    "CBRNE": Text("farliga ämnen", "dangerous substances"),
    "Other": Text("annat", "other"),
}
_UNKNOWN = Text("okänt", "unknown")
_SEVERITY = {
    "Extreme": Text("mycket stort hot mot liv eller egendom", "extraordinary threat to life or property"),
    "Severe": Text("stort hot mot liv eller egendom", "significant threat to life or property"),
    "Moderate": Text("möjligt hot mot liv eller egendom", "possible threat to life or property"),
    "Minor": Text("litet eller inget känt hot", "little or no known threat"),
    "Unknown": _UNKNOWN,
}
_URGENCY = {
    "Immediate": Text("gör något genast", "act at once"),
    "Expected": Text("gör något inom en timme", "act within an hour"),
    "Future": Text("gör något längre fram", "act later on"),
    "Unknown": _UNKNOWN,
}
_CERTAINTY = {
    "Observed": Text("har hänt", "has happened"),
    "Likely": Text("troligt", "likely"),
    "Possible": Text("möjligt", "possible"),
    "Unlikely": Text("inte troligt", "not likely"),
    "Unknown": _UNKNOWN,
}
_RESPONSE = {
    "Shelter": Text("sök skydd", "take shelter"),
    "Evacuate": Text("ge dig av", "leave the area"),
    "Prepare": Text("förbered dig", "prepare"),
    "Execute": Text("gör det som står", "do what it says"),
    "Avoid": Text("håll dig undan", "stay away"),
    "Monitor": Text("håll dig underrättad", "keep informed"),
    "Assess": Text("bedöm själv", "judge for yourself"),
    "None": Text("inget", "nothing"),
}
_ROWS = (
    (Text("Slag", "Kind"), _KINDS),
    (Text("Allvar", "Severity"), _SEVERITY),
    (Text("Brådska", "Urgency"), _URGENCY),
    (Text("Hur säkert det är", "Certainty"), _CERTAINTY),
    (Text("Vad man ska göra", "What to do"), _RESPONSE),
)


def sorting(cap: Cap) -> list[tuple[str, str]]:
    """Return each question and its answer, in the page's language with the standard's own word behind it."""
    chosen: Sequence[Sequence[str]] = (cap.category, [cap.severity], [cap.urgency], [cap.certainty], cap.response)
    return [
        (say(label), ", ".join(f"{say(words[one])} ({one})" for one in values))
        for (label, words), values in zip(_ROWS, chosen, strict=True)
        if values
    ]
