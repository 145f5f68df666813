"""
What each of Facebook's errors means for the people who have to act, by `code`, then `error_subcode`.

Three parts, because three people read them: what happened and what it means, what whoever is on duty does now, and how
an administrator mends it. The board and the alarm say all three; a preflight, where nothing waits to be sent, leaves
out the middle one. Codes and subcodes: Meta's table of Graph API errors, and reports from the field.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from broadcaster.errors import Text

_BY_HAND = Text(
    "Publicera för hand i Meta Business Suite nu och kvittera här.",
    "Publish by hand in Meta Business Suite now and acknowledge here.",
)
#: What waits cannot be acknowledged, so what is pasted meanwhile would come out a second time.
_WAITS = Text(
    "Beskedet väntar och skickas av sig självt. Publicera det inte för hand: då kommer det ut två gånger. "
    "Brådskar det: använd de andra kanalerna.",
    "The message waits and is sent by itself. Do not publish it by hand: it would come out twice. "
    "If it is urgent: use the other channels.",
)
_LOOKING = Text(
    "Vi tittar efter innan vi skickar igen. Titta gärna själv, och kvittera här om du ser det.",
    "We look before we send again. Please look too, and acknowledge here if you see it.",
)
_HANDS_OFF = Text(
    "Försök inte själv med samma konto, för fler försök kan göra spärren längre. Använd de andra kanalerna.",
    "Do not try yourself with the same account, as more attempts may lengthen the block. Use the other channels.",
)
_MAYBE_BY_HAND = Text(
    "Att publicera för hand kan också bli nekat. Pröva med en kollegas konto, och använd de andra kanalerna.",
    "Publishing by hand may be refused too. Try a colleague's account, and use the other channels.",
)
_OTHER_WORDS = Text(
    "Samma text blir nekad igen. Använd de andra kanalerna, och pröva en uppdatering med andra godkända ord.",
    "The same text will be refused again. Use the other channels, and try an update with other approved words.",
)
_NEW_KEY = Text("Skapa sedan en ny nyckel och lägg in den.", "Then create a new key and install it.")
_FILE_REPORT = Text(
    "Administratören läser felkoden vid försöket och kontrollerar page_id, api_version och appens hemlighet.",
    "The administrator reads the error code at the attempt and checks page_id, api_version and the app's secret.",
)
_APPEAL = Text(
    "Administratören läser Facebooks besked på sidan och begär omprövning.",
    "The administrator reads Facebook's notice on the Page and asks for a review.",
)
_NONE = Text("", "")


@dataclass(frozen=True)
class Trouble:
    """One error in words: `what` happened and means, what to do `now`, and how to `mend` it."""

    what: Text
    now: Text
    mend: Text = _NONE

    @property
    def whole(self) -> Text:
        """What the board and the alarm say."""
        return _joined(self.what, self.now, self.mend)

    @property
    def left_to_hands(self) -> Text:
        """What they say of a limit once no machine tries again."""
        return _joined(self.what, _BY_HAND, self.mend)

    @property
    def at_rest(self) -> Text:
        """What a preflight says: nothing waits to be sent, so only what it means and how to mend it."""
        return _joined(self.what, self.mend)


def name_of(code: int, subcode: int | None = None) -> str | None:
    """Return the name of the trouble that this error is, `facebook:190/460`; None where we have no words for it."""
    group = 200 if 200 <= code < 300 else 80000 if 80000 <= code <= 80014 else code
    for key in (f"{code}/{subcode}", f"*/{subcode}", f"{code}", f"{group}"):
        name = f"facebook:{_SAME_AS.get(key, key)}"
        if name in TROUBLES:
            return name
    return None


def _joined(*parts: Text) -> Text:
    return Text(" ".join(part.sv for part in parts if part.sv), " ".join(part.en for part in parts if part.en))


_KEYS: Mapping[str, Trouble] = {
    "102": Trouble(
        Text("inloggningen bakom vår nyckel gäller inte längre.", "the sign-in behind our key is no longer valid."),
        _BY_HAND, _NEW_KEY),
    "190": Trouble(
        Text("Facebook godtar inte vår nyckel.", "Facebook does not accept our key."), _BY_HAND, _NEW_KEY),
    "190/458": Trouble(
        Text("appen är borttagen från kontot bakom vår nyckel.",
             "the app was removed from the account behind our key."),
        _BY_HAND,
        Text("Lägg sedan till appen för kontot igen, skapa en ny nyckel och lägg in den.",
             "Then add the app to the account again, create a new key and install it.")),
    "190/459": Trouble(
        Text("Facebook vill att kontots ägare loggar in och visar vem det är. Till dess gäller inte vår nyckel.",
             "Facebook wants the owner of the account to sign in and prove who it is. Until then our key is void."),
        _BY_HAND,
        Text("Kontots ägare loggar in på facebook.com och följer anvisningarna. Gäller nyckeln inte då: skapa en ny.",
             "The owner signs in on facebook.com and follows the steps. If the key stays void: create a new one.")),
    "190/460": Trouble(
        Text("lösenordet till kontot bakom vår nyckel har ändrats. Då slutade nyckeln att gälla.",
             "the password of the account behind our key was changed. That made the key void."),
        _BY_HAND,
        Text("Skapa sedan en ny nyckel, helst för en systemanvändare. En sådan överlever byten av lösenord.",
             "Then create a new key, preferably for a system user. Such a key survives changes of passwords.")),
    "190/463": Trouble(
        Text("vår nyckel har gått ut.", "our key has expired."), _BY_HAND,
        Text("Skapa sedan en ny nyckel utan slutdatum och lägg in den.",
             "Then create a new key without an end date and install it.")),
    "190/464": Trouble(
        Text("kontot bakom vår nyckel är inte bekräftat.", "the account behind our key is not confirmed."), _BY_HAND,
        Text("Kontots ägare bekräftar kontot på facebook.com. Skapa sedan en ny nyckel.",
             "The owner confirms the account on facebook.com. Then create a new key.")),
    "190/467": Trouble(
        Text("vår nyckel är ogiltig: återkallad, eller inte hel när den lades in.",
             "our key is invalid: revoked, or not whole when it was installed."), _BY_HAND, _NEW_KEY),
    "190/492": Trouble(
        Text("kontot bakom vår nyckel har inte längre någon roll på sidan.",
             "the account behind our key no longer has a role on the Page."), _BY_HAND,
        Text("En ny nyckel räcker inte. Ge kontot rollen tillbaka, eller skapa nyckeln från ett konto som har den.",
             "A new key is not enough. Give the account its role back, or create the key from one that has it.")),
    "190/2069032": Trouble(
        Text("vår nyckel är en persons, men det här kräver sidans egen.",
             "our key is a person's, but this takes the Page's own."), _BY_HAND,
        Text("Hämta sidans nyckel med personens, och lägg in sidans.",
             "Get the Page's key with the person's, and install the Page's.")),
}

_RIGHTS: Mapping[str, Trouble] = {
    "3": Trouble(
        Text("appen har inte den funktion som behövs.", "the app lacks the feature this takes."), _BY_HAND,
        Text("Administratören ser över appens funktioner hos Meta.",
             "The administrator reviews the app's features at Meta.")),
    "5": Trouble(
        Text("appen tar inte emot anrop från vår adress på nätet.",
             "the app takes no calls from our network address."), _BY_HAND,
        Text("Administratören lägger till serverns adress bland dem som appen tillåter.",
             "The administrator adds the server's address to those the app allows.")),
    "10": Trouble(
        Text("behörigheten är borta. Facebook drar in en behörighet som inte har använts på 90 dagar.",
             "the permission is gone. Facebook withdraws a permission that was not used for 90 days."), _BY_HAND,
        Text("Ge sedan appen pages_manage_posts och pages_read_engagement på nytt.",
             "Then give the app pages_manage_posts and pages_read_engagement again.")),
    "200": Trouble(
        Text("vi får inte publicera på sidan: en behörighet saknas, eller rätten att skapa innehåll.",
             "we may not publish on the Page: a permission is missing, or the right to create content."), _BY_HAND,
        Text("Ge sedan appen pages_manage_posts och pages_read_engagement, och kontot rätt att skapa innehåll.",
             "Then give the app pages_manage_posts and pages_read_engagement, and the account content rights.")),
    "1705": Trouble(
        Text("Facebook tog oss för en person och inte för sidan.", "Facebook took us for a person, not for the Page."),
        _BY_HAND,
        Text("Administratören lägger in sidans egen nyckel.", "The administrator installs the Page's own key.")),
    "*/1404006": Trouble(
        Text("Facebook kräver en säkerhetskontroll innan någon får publicera som sidan.",
             "Facebook demands a security check before anybody may publish as the Page."), _MAYBE_BY_HAND,
        Text("Kontots ägare loggar in på facebook.com och gör kontrollen.",
             "The owner of the account signs in on facebook.com and does the check.")),
    "*/4854002": Trouble(
        Text("Facebook kräver att kontots ägare styrker sin identitet innan sidan får publicera.",
             "Facebook demands that the owner of the account proves their identity before the Page may publish."),
        _MAYBE_BY_HAND,
        Text("Kontots ägare loggar in på facebook.com och styrker sin identitet.",
             "The owner of the account signs in on facebook.com and proves their identity.")),
    "*/1404078": Trouble(
        Text("sidan behöver Metas särskilda tillstånd att publicera (Page Publishing Authorization).",
             "the Page needs Meta's special leave to publish (Page Publishing Authorization)."), _MAYBE_BY_HAND,
        Text("Sidans ansvariga söker tillståndet på facebook.com.",
             "Those in charge of the Page apply for it on facebook.com.")),
    "page": Trouble(
        Text("Facebook säger att sidan inte finns. Den kan vara borttagen eller dold för vår nyckel.",
             "Facebook says that the Page does not exist. It may be removed, or hidden from our key."), _BY_HAND,
        Text("Administratören kontrollerar page_id, och att nyckeln är skapad för just den sidan.",
             "The administrator checks page_id, and that the key was made for this very Page.")),
}

_LIMITS: Mapping[str, Trouble] = {
    "4": Trouble(
        Text("appen har frågat Facebook för många gånger.", "the app has asked Facebook too many times."), _WAITS,
        Text("Händer det ofta: se efter vad mer som använder appen.",
             "If it happens often: see what else uses the app.")),
    "17": Trouble(
        Text("kontot bakom vår nyckel har frågat Facebook för många gånger.",
             "the account behind our key has asked Facebook too many times."), _WAITS,
        Text("Händer det ofta: lägg in sidans egen nyckel.", "If it happens often: install the Page's own key.")),
    "32": Trouble(
        Text("för många anrop om sidan med en persons nyckel.", "too many calls about the Page with a person's key."),
        _WAITS,
        Text("Administratören lägger in sidans egen nyckel, som har en gräns för sig.",
             "The administrator installs the Page's own key, which has a limit of its own.")),
    "341": Trouble(
        Text("Facebook tar inte emot fler inlägg från appen just nu.",
             "Facebook takes no more posts from the app right now."), _WAITS,
        Text("Det här brukar dröja. Se efter vad mer som publicerar på sidan.",
             "This one tends to last. See what else publishes on the Page.")),
    "613": Trouble(
        Text("våra anrop till Facebook kom för tätt.", "our calls to Facebook came too close together."), _WAITS),
    "80001": Trouble(
        Text("sidans utrymme för anrop är slut. En sida som få rör vid just nu har litet.",
             "the Page's budget of calls is used up. A Page that few people touch right now has little."), _WAITS),
    "80000": Trouble(
        Text("en gräns för Metas tjänster är nådd.", "a limit of Meta's services is reached."), _WAITS,
        Text("Händer det ofta: se efter vad mer som använder appen.",
             "If it happens often: see what else uses the app.")),
    "paused": Trouble(
        Text("Facebook har sagt att sidans utrymme för anrop är slut. Vi frågar inte, för det förlänger spärren.",
             "Facebook has said that the Page's budget of calls is used up. We do not ask, as that prolongs it."),
        _WAITS),
}

_BLOCKS: Mapping[str, Trouble] = {
    "368": Trouble(
        Text("Facebook har spärrat kontot för en tid, för något som ska ha brutit mot reglerna.",
             "Facebook has blocked the account for a time, for something said to break the rules."),
        _HANDS_OFF, _APPEAL),
    "*/1390008": Trouble(
        Text("Facebook har spärrat kontot för en tid, för att inläggen kom för tätt.",
             "Facebook has blocked the account for a time because posts came too close together."),
        _HANDS_OFF,
        Text("Administratören ser efter vad mer som publicerar på sidan.",
             "The administrator sees what else publishes on the Page.")),
    "368/1346003": Trouble(
        Text("Facebook har spärrat kontot för en tid och kallar innehållet kränkande.",
             "Facebook has blocked the account for a time and calls the content abusive."), _HANDS_OFF, _APPEAL),
    "*/1404112": Trouble(
        Text("Facebook har begränsat kontot i flera dygn.", "Facebook has limited the account for several days."),
        Text("Be någon med ett annat konto på sidan att publicera, och kvittera här. Använd de andra kanalerna.",
             "Ask somebody with another account on the Page to publish, and acknowledge here. Use the other channels."),
        _APPEAL),
}

_SAME = Text("Vi tittar efter och skickar inget mer så länge. Ser du det själv: kvittera här.",
             "We are looking, and send nothing more meanwhile. If you see it yourself: acknowledge here.")  # fmt: skip
_POSTS: Mapping[str, Trouble] = {
    "506": Trouble(
        Text("sidans senaste inlägg har precis den här texten. Troligen är beskedet redan ute.",
             "the Page's latest post has this very text. The message is probably out."), _SAME),
    "already": Trouble(
        Text("Facebook säger att den här texten redan är publicerad. Troligen är beskedet redan ute.",
             "Facebook says that this text is already published. The message is probably out."), _SAME),
    "100/33": Trouble(
        Text("inlägget finns inte på Facebook. Någon kan ha tagit bort det, eller så är det för nytt för att visas.",
             "the post is not on Facebook. Somebody may have removed it, or it is too new to be shown."),
        Text("Titta efter. Ska det vara ute: försök igen eller publicera för hand.",
             "Please look. If it should be out: try again or publish by hand.")),
    "1": Trouble(
        Text("Facebook svarar att något gick fel. Inlägget kan ha kommit ut ändå.",
             "Facebook answers that something went wrong. The post may be out all the same."), _LOOKING),
    "2": Trouble(
        Text("Facebook svarar att tjänsten är nere för stunden. Inlägget kan ha kommit ut ändå.",
             "Facebook answers that the service is down for the moment. The post may be out all the same."), _LOOKING),
    "*/1363047": Trouble(
        Text("Facebook svarar att publicering inte går just nu. Inlägget kan ha kommit ut ändå.",
             "Facebook answers that publishing is unavailable. The post may be out all the same."), _LOOKING),
    "*/1609010": Trouble(
        Text("Facebook svarar att länken inte går att ta emot just nu. Inlägget kan ha kommit ut ändå.",
             "Facebook answers that the link cannot be taken right now. The post may be out all the same."), _LOOKING),
}

_UNREADABLE = Text("Publicera för hand nu, utan länkens förhandsvisning, och kvittera här.",
                   "Publish by hand now, without the preview of the link, and acknowledge here.")  # fmt: skip
_UPDATE = Text("Administratören uppdaterar tjänsten.", "The administrator updates the service.")
_CONTENT: Mapping[str, Trouble] = {
    "100": Trouble(
        Text("Facebook godtog inte anropet. Felet är tjänstens eller inställningarnas, inte din texts.",
             "Facebook did not accept the call. The fault is the service's or its settings', not your text's."),
        _BY_HAND, _FILE_REPORT),
    "2500": Trouble(
        Text("Facebook förstod inte anropet. Felet är tjänstens, inte din texts.",
             "Facebook did not understand the call. The fault is the service's, not your text's."),
        _BY_HAND, _FILE_REPORT),
    "3001": Trouble(
        Text("Facebook förstod inte frågan om statistik. Beskedet påverkas inte.",
             "Facebook did not understand the question about figures. The message is not affected."),
        _BY_HAND, _FILE_REPORT),
    "1609005": Trouble(
        Text("Facebook kunde inte läsa sidan som länken går till.",
             "Facebook could not read the page the link leads to."), _UNREADABLE,
        Text("Administratören ser efter att sidan går att nå utifrån.",
             "The administrator checks that the page can be reached from outside.")),
    "*/1609008": Trouble(
        Text("Facebook nekar länkar till facebook.com.", "Facebook refuses links to facebook.com."), _BY_HAND,
        Text("Ta bort länken ur krismallen.", "Remove the link from the playbook.")),
    "*/2061006": Trouble(
        Text("Facebook säger att länkens adress är fel.", "Facebook says that the address of the link is wrong."),
        _UNREADABLE, Text("Rätta länken i krismallen.", "Correct the link in the playbook.")),
    "*/1349125": Trouble(
        Text("Facebook godtog inte innehållets form.", "Facebook did not accept the form of the content."),
        _BY_HAND, _FILE_REPORT),
    "*/1366046": Trouble(
        Text("Facebook godtog inte bilden: för stor, eller av fel sort.",
             "Facebook did not accept the picture: too large, or of the wrong kind."), _BY_HAND,
        Text("Byt bilden mot en mindre.", "Replace the picture with a smaller one.")),
    "*/1404102": Trouble(
        Text("Facebook säger att texten bryter mot deras regler.", "Facebook says that the text breaks their rules."),
        _OTHER_WORDS, _APPEAL),
    "*/2069019": Trouble(
        Text("Facebook kunde inte läsa filen.", "Facebook could not read the file."), _BY_HAND,
        Text("Byt filen.", "Replace the file.")),
    "*/2069030": Trouble(
        Text("Facebook har tagit bort den väg som tjänsten använder för den här sidan.",
             "Facebook has removed the way the service uses for this Page."), _BY_HAND, _UPDATE),
    "*/2069031": Trouble(
        Text("Facebook har tagit bort en uppgift som tjänsten frågar efter.",
             "Facebook has removed a field the service asks for."), _BY_HAND, _UPDATE),
    "*/2069033": Trouble(
        Text("Facebook har tagit bort funktionen för sidor av den nya sorten.",
             "Facebook has removed this for Pages of the new kind."), _BY_HAND, _UPDATE),
}

#: The same trouble under another number.
_SAME_AS: Mapping[str, str] = {"459": "190/459", "*/1455006": "506", "*/1609005": "1609005"}
_ALL = (_KEYS, _RIGHTS, _LIMITS, _BLOCKS, _POSTS, _CONTENT)
#: Every trouble by its name, which is also what the API says beside the reason.
TROUBLES: Mapping[str, Trouble] = {f"facebook:{key}": one for part in _ALL for key, one in part.items()}
