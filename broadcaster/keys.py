"""
What every key of a playbook and of the register is for, in the words an editor shows while somebody writes.

Each is named after its part and itself, as `manuscript` declares them; one that is missing here stops `schema`.
"""

from collections.abc import Mapping

from broadcaster.errors import Text

KEYS: Mapping[str, Text] = {
    # -- one playbook ------------------------------------------------------------------------------------------------
    "Playbook.id": Text(
        "Mallens namn: små bokstäver, siffror och bindestreck. Filen heter likadant.",
        "The playbook's name: small letters, digits and hyphens. The file is called the same.",
    ),
    "Playbook.version": Text("Höj den för varje ändring.", "Raise it with every change."),
    "Playbook.editor": Text(
        "Den som ändrade sist. Får inte godkänna.", "Who changed it last, and therefore may not approve it."
    ),
    "Playbook.title": Text("Vad mallen heter för er.", "What you call the playbook."),
    "Playbook.use": Text("När den ska väljas. Börja med ”Välj”.", "When to choose it. Begin with 'Choose'."),
    "Playbook.owner": Text("Vem som äger faktan i mallen.", "Who owns the facts in it."),
    "Playbook.if_unsure": Text(
        "När det inte går att veta om ett inlägg kom ut: duplicate skickar igen, silence låter en person titta först.",
        "When it cannot be known whether a post came out: duplicate sends again, silence lets a person look first.",
    ),
    "Playbook.update_minutes": Text(
        "Nästa besked lovas inom så många minuter, avrundat uppåt till en kvart.",
        "The next message is promised within so many minutes, rounded up to a quarter of an hour.",
    ),
    "Playbook.stop_seconds": Text(
        "Så många sekunder kan den som skickade från sidan stoppa det, innan något har gått ut. Utan den: inga.",
        "For so many seconds whoever sent it from the page can stop it, before anything has left. Without it: none.",
    ),
    "Playbook.channels": Text(
        "Kanaler mallen har ord för, i den ordning de visas.", "Channels it has words for, in the order they are shown."
    ),
    "Playbook.languages": Text("Språk, svenska med: sv, en, ar …", "Languages, Swedish among them: sv, en, ar …"),
    "Playbook.languages_on": Text(
        "Kanaler som bara har några av språken. Facebook har ett.",
        "Channels that have only some of the languages. Facebook has one.",
    ),
    "Playbook.struck": Text(
        "Kontakter och system ur registret som är nere i den här krisen, tills den är över.",
        "Contacts and systems of the register that are down in this crisis, until it is over.",
    ),
    "Playbook.blanks": Text("Uppgifter att fylla i. Ingen måste.", "What can be filled in. Nothing must be."),
    "Playbook.contacts": Text(
        "Mallens egna meningar om kontakter ur registret.", "The playbook's own sentences about contacts."
    ),
    "Playbook.texts": Text(
        "Texterna: skede, kanal, språk. Första raden är rubrik, sedan en tom rad. Hål skrivs ${namn}.",
        "The texts: phase, channel, language. A heading, an empty line, paragraphs. Holes are written ${name}.",
    ),
    "Playbook.top_line": Text(
        "Raden som läggs överst i tidigare inlägg, med ${published} och ${link}.",
        "The line put on top of earlier posts, with ${published} and ${link}.",
    ),
    "Playbook.answers": Text(
        "Färdiga svar till den som läser kommentarerna.", "Prepared answers for whoever watches the comments."
    ),
    "Playbook.checklist": Text("Det som är lätt att glömma klockan tre på natten.", "What is forgotten at 3 a.m."),
    "Playbook.pictures": Text(
        "Bilder bredvid orden. De följer med när det går; orden väntar aldrig på dem.",
        "Pictures beside the words. They go along where they can; words never wait for them.",
    ),
    "Playbook.sources": Text(
        "Vem som står för rader om vård, om lag och om annat som kan skada om det är fel.",
        "Who vouches for lines about care, the law and whatever else does harm if it is wrong.",
    ),
    "Playbook.seen": Text(
        "Vad man ser när den behövs: rubrikerna den står under på första sidan. Saknas den står den under Annat.",
        "What one sees when it is needed: the headings it stands under on the first page. Without it, under Other.",
    ),
    "Playbook.works": Text(
        "Frågan ”Vad fungerar, vad fungerar inte?”: dess rader i ordning, uppgifter och kontakter. En uppgift är ett "
        "val mellan fungerar och fungerar-inte.",
        "The question 'What works, what does not?': its rows in order, blanks and contacts. A blank is a choice "
        "between fungerar and fungerar-inte.",
    ),
    "Playbook.cap": Text(
        "Så sorterar andra varningssystem krisen (CAP 1.2). Saknas den sägs allt vara okänt.",
        "How warning systems sort the crisis (CAP 1.2). Without it everything is unknown.",
    ),
    "Cap.category": Text("Slag av händelse.", "Kind of event."),
    "Cap.severity": Text("Hur allvarligt. Vet ni inte: Unknown.", "How grave. If you do not know: Unknown."),
    "Cap.urgency": Text("Hur bråttom.", "How urgent."),
    "Cap.certainty": Text("Hur säkert.", "How certain."),
    "Cap.response": Text("Vad människor ska göra.", "What people should do."),
    # -- a picture ---------------------------------------------------------------------------------------------------
    "PictureSpec.file": Text(
        "Filens namn i mappen pictures: .png eller .jpg.", "The file's name in the folder pictures: .png or .jpg."
    ),
    "PictureSpec.alt": Text(
        "Vad bilden säger, i ord, på varje språk den visas på.",
        "What the picture says, in words, in each language it is shown in.",
    ),
    "PictureSpec.channels": Text("Kanaler som visar den.", "Channels that show it."),
    "PictureSpec.phases": Text("Skeden som visar den.", "Phases that show it."),
    "PictureSpec.languages": Text("Språk, om den inte är för alla.", "Languages, where it is not for all."),
    # -- a blank -----------------------------------------------------------------------------------------------------
    "BlankSpec.type": Text(
        "Vad som går att fylla i: plats, tid, telefon, länk, val eller kort text.",
        "What can be filled in: place, time, phone, link, choice or a short text.",
    ),
    "BlankSpec.label": Text("Vad uppgiften heter i formuläret.", "What the form calls it."),
    "BlankSpec.help": Text("Hjälpen under fältet.", "The help below the field."),
    "BlankSpec.examples": Text(
        "Värden som går att använda. Utan dem tas en plats eller länk ur registret.",
        "Values that can be used. Without them, a place or a link is one of the register's.",
    ),
    "BlankSpec.max_length": Text("Högst så många tecken, om färre än vanligt.", "At most so many characters."),
    "BlankSpec.open": Text(
        "true: en plats får också vara en som inte finns i registret.",
        "true: a place may also be one that is not in the register.",
    ),
    "BlankSpec.kinds": Text(
        "Sorters platser som går att välja, för typen place. Utan raden går alla.",
        "Kinds of place that can be chosen, for the type place. Without it, all can.",
    ),
    "BlankSpec.choices": Text("Det som går att välja, för typen choice.", "What can be chosen, for the type choice."),
    "BlankSpec.known": Text(
        "Meningen när uppgiften är ifylld, med hålet i.", "The sentence when it is filled in, with its hole."
    ),
    "BlankSpec.unknown": Text(
        "Meningen när den inte är det; får vara tom.", "The sentence when it is not; it may be empty."
    ),
    "BlankSpec.on": Text(
        "Andra meningar i en kanal, ett skede eller ”kanal/skede”.",
        "Other sentences in a channel, a phase or 'channel/phase'.",
    ),
    "BlankCase.known": Text("Meningen här när uppgiften är ifylld.", "The sentence here when it is filled in."),
    "BlankCase.unknown": Text("Meningen här när den inte är det.", "The sentence here when it is not."),
    "Choice.key": Text("Det som sparas: små bokstäver och bindestreck.", "What is stored: small letters and hyphens."),
    "Choice.sv": Text("Orden på svenska.", "The words in Swedish."),
    "Choice.en": Text("Orden på engelska.", "The words in English."),
    "Both.sv": Text("På svenska.", "In Swedish."),
    "Both.en": Text("På engelska.", "In English."),
    "Question.question": Text("Frågan, som människor ställer den.", "The question, as people ask it."),
    "Question.answer": Text("Svaret, med faktaägarens ja.", "The answer, with the yes of the facts' owner."),
    "Question.phases": Text("Skeden svaret gäller i. Utelämnat: alla.", "Phases it is for. Left out: all."),
    "Question.owner": Text(
        "Vem som äger det svaret säger, om det inte är mallens ägare.",
        "Who owns what it says, if that is not the playbook's owner.",
    ),
    "SourceSpec.says": Text(
        "Orden, precis så som de står i någon av texterna.", "The words, exactly as they stand in one of the texts."
    ),
    "SourceSpec.kind": Text("Vård, lag eller fakta.", "Care, law or fact."),
    "SourceSpec.source": Text(
        "Vem som har gett ut källan och vad den heter, med årtal om ni vet det.",
        "Who published the source and what it is called, with the year if you know it.",
    ),
    "Translation.swedish": Text(
        "Fingeravtrycket av den svenska som signaturen gäller. broadcaster playbooks sign skriver det.",
        "The digest of the Swedish the signature is for. broadcaster playbooks sign writes it.",
    ),
    "SourceSpec.signed": Text(
        "Vem som har sagt ja och när: namn eller funktion, 2026-12-01.",
        "Who said yes and when: a name or function, 2026-12-01.",
    ),
    "SourceSpec.needs_signoff": Text(
        "Vem som måste säga ja. Innan dess går mallen inte att godkänna.",
        "Who must say yes. Before that the playbook cannot be approved.",
    ),
    # -- the register ------------------------------------------------------------------------------------------------
    "Register.systems": Text(
        "Det som nummer och kanaler står på och som kan gå ner: växel, telenät, webbplats.",
        "What numbers and channels stand on and what can go down: switchboard, telephone network, website.",
    ),
    "System.name": Text("Vad systemet heter för er.", "What you call it."),
    "System.depends_on": Text("System som drar med sig det när de är nere.", "Systems that take it with them."),
    "System.takes": Text("Kanaler som inte går att använda utan det.", "Channels that cannot be used without it."),
    "Register.contacts": Text(
        "Nummer och webbplatser som vi skickar människor till.", "Numbers and sites that we send people to."
    ),
    "Register.county": Text("Länet som registret gäller.", "The county whose register this is."),
    "County.code": Text("Länets två siffror hos SCB, som i inställningarna.", "Its two digits by Statistics Sweden."),
    "County.name": Text("Länets namn.", "The county's name."),
    "Place.sv": Text("På svenska, som det står i en mening.", "In Swedish, as it stands in a sentence."),
    "Place.en": Text("På engelska.", "In English."),
    "Place.kind": Text(
        "Sorts plats: emergency (sjukhus med akut), hospital, hospitals (alla), health_centre, health_centres (alla), "
        "care (all vård), municipality eller area.",
        "Kind of place: emergency (a hospital with an emergency department), hospital, hospitals (all of them), "
        "health_centre, health_centres (all), care (all of it), municipality or area.",
    ),
    "Place.code": Text("Kommunens fyra siffror hos SCB.", "The municipality's four digits by Statistics Sweden."),
    "Register.places": Text("Platser att välja bland.", "Places to choose from."),
    "Register.domains": Text("Adresser som länkar får gå till.", "Addresses that links may lead to."),
    "Register.words": Text("Korta värden som får stå mitt i en mening.", "Short values within a sentence."),
    "Register.lines": Text(
        "Rader som mallarna delar: sender, promise, sentence, drill_before och drill_after måste finnas.",
        "Lines that playbooks share: sender, promise, sentence, drill_before and drill_after must be there.",
    ),
    "Contact.value": Text("Numret eller adressen.", "The number or the address."),
    "Contact.name": Text("Vad kontakten heter för er.", "What you call it."),
    "Contact.also_name": Text(
        "true: värdet är också ett namn, som 1177, och får nämnas i text.",
        "true: the value is also a name, as 1177 is, and texts may say it.",
    ),
    "Contact.depends_on": Text(
        "System, kanaler och andra kontakter som drar med sig kontakten när de är nere.",
        "Systems, channels and other contacts that take it with them when they are down.",
    ),
    "Contact.spoken": Text("Hur en röst säger den.", "How a voice says it."),
    "Contact.working": Text("Meningen när kontakten fungerar.", "The sentence when it works."),
    "Contact.affected": Text("Meningen när händelsen har drabbat den.", "The sentence when the event has struck it."),
    "Contact.on": Text(
        "Andra meningar i en kanal, ett skede eller ”kanal/skede”.",
        "Other sentences in a channel, a phase or 'channel/phase'.",
    ),
    "ContactWords.working": Text("Mallens mening när kontakten fungerar.", "The playbook's sentence when it works."),
    "ContactWords.affected": Text(
        "Mallens mening när den är drabbad.", "The playbook's sentence when it is struck."
    ),
    "ContactWords.on": Text(
        "Andra meningar i en kanal, ett skede eller ”kanal/skede”.",
        "Other sentences in a channel, a phase or 'channel/phase'.",
    ),
    "ContactCase.working": Text("Meningen här när kontakten fungerar.", "The sentence here when it works."),
    "ContactCase.affected": Text("Meningen här när den är drabbad.", "The sentence here when it is struck."),
    "Line.text": Text("Orden på varje språk.", "The words in every language."),
    "Line.on": Text(
        "Andra ord i en kanal, ett skede eller ”kanal/skede”.", "Other words in a channel, a phase or 'channel/phase'."
    ),
    # -- a translation -----------------------------------------------------------------------------------------------
    **{
        f"{part}.{key}": said
        for part in ("Translation", "RegisterTranslation")
        for key, said in (
            (
                "needs_review",
                Text(
                    "true: ingen som kan språket har skrivit under. Orden sparas och följer inte med i meddelanden.",
                    "true: nobody who knows the language has signed. The words are kept and left out of messages.",
                ),
            ),
            (
                "signed",
                Text(
                    "Vem som står för orden: namn, funktion och datum. Då följer de med, när två personer godkänt.",
                    "Who vouches for the words: name, function and date. They then go along, once two people approve.",
                ),
            ),
        )
    },
    "Translation.texts": Text(
        "Texterna: skede och kanal. Skriv alla skeden för varje kanal.",
        "The texts: phase and channel. Write every phase of a channel.",
    ),
    "Translation.blanks": Text("Uppgifternas meningar på språket.", "The blanks' sentences in the language."),
    "Translation.contacts": Text(
        "Mallens egna meningar om kontakter, på språket.", "The playbook's own sentences about contacts."
    ),
    "RegisterTranslation.words": Text("Registrets ord på språket.", "The register's words in the language."),
    "RegisterTranslation.words_on": Text(
        "Andra ord i en kanal, ett skede eller ”kanal/skede”.", "Other words in a channel, a phase or 'channel/phase'."
    ),
    "RegisterTranslation.contacts": Text("Kontakternas meningar på språket.", "The contacts' sentences."),
    "RegisterTranslation.lines": Text("Raderna på språket.", "The lines in the language."),
    "RegisterTranslation.lines_on": Text(
        "Andra ord i en kanal, ett skede eller ”kanal/skede”.", "Other words in a channel, a phase or 'channel/phase'."
    ),
    "RegisterTranslation.places": Text(
        "Platsens svenska namn, och vad den heter på språket.", "A place's Swedish name, and its name in the language."
    ),
    "BlankWords.known": Text("Meningen när uppgiften är ifylld.", "The sentence when it is filled in."),
    "BlankWords.unknown": Text("Meningen när den inte är det.", "The sentence when it is not."),
    "BlankWords.choices": Text("Orden för varje val, efter valets key.", "The words for each choice, by its key."),
    "BlankWords.on": Text(
        "Andra meningar i en kanal, ett skede eller ”kanal/skede”.",
        "Other sentences in a channel, a phase or 'channel/phase'.",
    ),
    "BlankCaseWords.known": Text("Meningen här när uppgiften är ifylld.", "The sentence here when it is filled in."),
    "BlankCaseWords.unknown": Text("Meningen här när den inte är det.", "The sentence here when it is not."),
    "ContactTranslation.working": Text("Meningen när kontakten fungerar.", "The sentence when it works."),
    "ContactTranslation.affected": Text("Meningen när den är drabbad.", "The sentence when it is struck."),
    "ContactTranslation.spoken": Text("Hur en röst säger den.", "How a voice says it."),
    "ContactTranslation.on": Text(
        "Andra meningar i en kanal, ett skede eller ”kanal/skede”.",
        "Other sentences in a channel, a phase or 'channel/phase'.",
    ),
    "ContactCaseWords.working": Text("Meningen här när kontakten fungerar.", "The sentence here when it works."),
    "ContactCaseWords.affected": Text("Meningen här när den är drabbad.", "The sentence here when it is struck."),
}
