"""The imitation mailbox takes letters as a mail server does, from Python's own client, and fails on request."""

import base64
import smtplib
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.mail import PASSWORD, RECIPIENTS_MAX, SIZE_MAX, USER

PLAIN: dict[str, Any] = {"timeout": 10, "trust_env": False, "verify": False}
ANNA, BO = "anna@region.example", "bo@region.example"


@pytest.fixture
def sandbox(now: list[float]) -> Iterator[Sandbox]:
    """A sandbox that takes letters."""
    with Sandbox(clock=lambda: now[0], smtp_port=0) as running:
        yield running


@pytest.fixture
def post(sandbox: Sandbox) -> Iterator[smtplib.SMTP]:
    """A connection to it."""
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port or 0, timeout=60) as client:
        yield client


@pytest.fixture
def script(http: httpx.Client) -> Callable[..., None]:
    """Return what puts rules for the mail in force."""

    def put(*rules: tuple[str, str], times: int | None = 1) -> None:
        document = {"smtp": [{"on": on, "do": do, "times": times} for on, do in rules]}
        answer = http.put("/_script", json=document)
        assert answer.status_code == 200, answer.text

    return put


def letter(words: str = "Ring 1177.\n.\nTvå rader", **headers: str) -> EmailMessage:
    """Return a letter to Anna."""
    found = EmailMessage()
    given = {"Subject": "Störning på 1177", "From": BO, "To": ANNA, "Message-ID": "<a.1@region.example>"}
    for name, value in {**given, **headers}.items():
        found[name] = value
    found.set_content(words)
    return found


def mail(http: httpx.Client) -> list[dict[str, Any]]:
    """Return the letters that were taken."""
    found: list[dict[str, Any]] = http.get("/_state").json().get("mail", [])
    return found


class TestTaking:
    def test_a_letter_comes_out_as_it_was_written(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        """Also with lines that are one dot."""
        assert "mail" not in http.get("/_state").json()
        assert post.send_message(letter()) == {}
        assert mail(http) == [{
            "id": "<a.1@region.example>", "subject": "Störning på 1177", "text": "Ring 1177.\n.\nTvå rader",
            "from": BO, "to": [ANNA], "received_at": "2026-11-18T11:06:40.000Z",
        }]  # fmt: skip

    def test_the_envelope_says_who_has_it_and_not_the_letter(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        post.send_message(letter(), to_addrs=[BO, ANNA])
        assert mail(http)[0]["to"] == [BO, ANNA]

    def test_several_in_one_connection_and_one_that_was_given_up(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        post.send_message(letter())
        post.mail("kris@region.example")
        post.rset()
        post.send_message(letter(**{"Message-ID": "<a.2@region.example>"}))
        assert [one["id"] for one in mail(http)] == ["<a.1@region.example>", "<a.2@region.example>"]

    def test_the_same_letter_twice_is_there_twice(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        """A mail server compares nothing; whoever reads both sees it."""
        post.send_message(letter())
        post.send_message(letter())
        assert len(mail(http)) == 2

    def test_of_a_letter_with_words_and_html_the_words_are_shown(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        both = letter("Orden")
        both.add_alternative("<p>Orden</p>", subtype="html")
        post.send_message(both)
        assert mail(http)[0]["text"] == "Orden"

    def test_addresses_in_any_alphabet_where_the_client_says_so(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        post.ehlo()
        post.sendmail("kris@region.example", "åsa@länet.example", "Subject: x\n\nx", mail_options=["SMTPUTF8"])
        assert mail(http)[0]["to"] == ["åsa@länet.example"]

    def test_what_it_can_is_said_in_its_greeting(self, post: smtplib.SMTP) -> None:
        post.ehlo()
        for name in ("pipelining", "8bitmime", "smtputf8", "size"):
            assert post.has_extn(name), name
        assert not post.has_extn("starttls")
        assert post.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"]

    def test_an_old_client_that_says_helo_is_served(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        assert post.helo()[0] == 250
        post.sendmail(BO, [ANNA], "Subject: x\n\nx")
        assert len(mail(http)) == 1

    def test_commands_in_one_breath_are_answered_in_order(self, sandbox: Sandbox, http: httpx.Client) -> None:
        with socket.create_connection(("127.0.0.1", sandbox.smtp_port or 0), timeout=60) as line:
            line.sendall(b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\r\nhej\r\n.\r\nQUIT\r\n")
            said = b"".join(iter(lambda: line.recv(4096), b"")).decode()
        finals = [part[:3] for part in said.splitlines() if part[3] == " "]
        assert finals == ["220", "250", "250", "250", "354", "250", "221"]
        assert mail(http)[0]["text"] == "hej"

    def test_without_a_port_nothing_listens(self) -> None:
        nobody = Sandbox()
        assert nobody.smtp_port is None
        nobody.close()

    def test_a_reset_forgets_the_letters(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        post.send_message(letter())
        http.post("/_reset")
        assert mail(http) == []


class TestSigningIn:
    @pytest.mark.parametrize("way", ["auth_plain", "auth_login"])
    def test_the_published_name_and_password_are_good(self, post: smtplib.SMTP, way: str) -> None:
        post.ehlo()
        post.user, post.password = USER, PASSWORD
        name = way.partition("_")[2].upper()
        for at_once in (True, False):
            assert post.auth(name, getattr(post, way), initial_response_ok=at_once)[0] == 235

    def test_others_are_not(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            post.login(USER, "fel")
        assert refused.value.smtp_code == 535
        assert post.docmd("AUTH", "PLAIN !!!")[0] == 501
        assert post.docmd("AUTH", "NTLM")[0] == 501

    def test_no_password_is_in_the_log(self, post: smtplib.SMTP, http: httpx.Client) -> None:
        post.login(USER, PASSWORD)
        post.send_message(letter())
        log = http.get("/_log").text
        assert PASSWORD not in log and base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode() not in log
        found = [(one["method"], one["path"], one["status"]) for one in http.get("/_log").json()["items"]]
        assert ("RCPT", f"/{ANNA}", 250) in found and ("DATA", "/", 250) in found


class TestRefusing:
    @pytest.mark.parametrize(
        ("said", "code"),
        [
            (["MAIL FROM:<a@b>"], 503),
            (["EHLO"], 501),
            (["EHLO x", "RCPT TO:<a@b>"], 503),
            (["EHLO x", "DATA"], 503),
            (["EHLO x", "MAIL FROM:<a@b>", "DATA"], 503),
            (["EHLO x", "MAIL FROM:<a@b>", "MAIL FROM:<a@b>"], 503),
            (["EHLO x", "MAIL FROM:a@b"], 501),
            (["EHLO x", "MAIL FROM:<ab>"], 501),
            (["EHLO x", "MAIL FROM:<>"], 250),
            (["EHLO x", "MAIL FROM:<å@b>"], 553),
            (["EHLO x", "MAIL FROM:<å@b> SMTPUTF8"], 250),
            (["EHLO x", f"MAIL FROM:<a@b> SIZE={SIZE_MAX + 1} BODY=8BITMIME"], 552),
            (["EHLO x", "MAIL FROM:<a@b> RET=FULL"], 555),
            (["EHLO x", "MAIL FROM:<a@b>", "RCPT TO:<>"], 501),
            (["EHLO x", "MAIL FROM:<a@b>", "RCPT TO:<å@b>"], 553),
            (["NOOP"], 250),
            (["VRFY anna"], 252),
            (["STARTTLS"], 500),
            (["x" * 5000], 500),
        ],
    )
    def test_each_command_is_answered_as_the_standard_says(self, sandbox: Sandbox, said: list[str], code: int) -> None:
        with socket.create_connection(("127.0.0.1", sandbox.smtp_port or 0), timeout=60) as line:
            file = line.makefile("rb")
            assert file.readline().startswith(b"220 ")
            for words in said:
                line.sendall(words.encode() + b"\r\n")
                answer = file.readline()
                while answer[3:4] == b"-":
                    answer = file.readline()
        assert answer.startswith(f"{code} ".encode()), answer

    def test_a_letter_that_is_too_large_is_refused_and_the_next_is_taken(
        self, post: smtplib.SMTP, http: httpx.Client
    ) -> None:
        post.helo()  # without a size said in advance
        with pytest.raises(smtplib.SMTPDataError) as refused:
            post.sendmail(BO, [ANNA], b"Subject: x\r\n\r\n" + b"0123456789\r\n" * (SIZE_MAX // 12 + 1))
        assert refused.value.smtp_code == 552
        post.send_message(letter())
        assert len(mail(http)) == 1

    def test_too_many_recipients_are_told_so_and_the_others_have_it(
        self, post: smtplib.SMTP, http: httpx.Client
    ) -> None:
        everybody = [f"p{n}@region.example" for n in range(RECIPIENTS_MAX + 1)]
        refused = post.send_message(letter(), to_addrs=everybody)
        assert {who: code for who, (code, _) in refused.items()} == {everybody[-1]: 452}
        assert mail(http)[0]["to"] == everybody[:-1]


class TestFaults:
    def test_one_recipient_is_refused_for_good_and_the_other_has_the_letter(
        self, post: smtplib.SMTP, http: httpx.Client, script: Callable[..., None]
    ) -> None:
        script((f"RCPT /{ANNA}", "refused"))
        refused = post.send_message(letter(), to_addrs=[ANNA, BO])
        assert {who: code for who, (code, _) in refused.items()} == {ANNA: 550}
        assert mail(http)[0]["to"] == [BO]

    @pytest.mark.parametrize(
        ("do", "code", "taken"),
        [
            ("error_500", 451, 0),
            ("refused", 550, 0),
            ("rate_limited", 421, 0),
            ("applied_then_500", 451, 1),
            ("slow:0", 250, 1),
            ("lost", 250, 0),
        ],
    )
    def test_what_becomes_of_a_letter_and_what_is_said_of_it_are_two_things(
        self, post: smtplib.SMTP, http: httpx.Client, script: Callable[..., None], do: str, code: int, taken: int
    ) -> None:
        script(("DATA /", do))
        if code == 250:
            post.send_message(letter())
        else:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                post.send_message(letter())
            assert refused.value.smtp_code == code
        assert len(mail(http)) == taken

    @pytest.mark.parametrize("do", ["error_500", "refused", "applied_then_500"])
    def test_after_a_letter_that_failed_the_next_one_begins_anew(
        self, post: smtplib.SMTP, http: httpx.Client, script: Callable[..., None], do: str
    ) -> None:
        """Also for a client that does not say RSET."""
        script(("DATA /", do))
        post.ehlo()
        codes = []
        for to in (ANNA, BO):
            codes += [post.mail("kris@region.example")[0], post.rcpt(to)[0], post.docmd("DATA")[0]]
            post.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
            codes += [post.getreply()[0]]
        assert codes[4:] == [250, 250, 354, 250]
        assert mail(http)[-1]["to"] == [BO]

    @pytest.mark.parametrize(("do", "taken"), [("drop_before", 0), ("applied_then_drop", 1)])
    def test_a_connection_that_ends_before_the_reply_says_nothing_about_the_letter(
        self, post: smtplib.SMTP, http: httpx.Client, script: Callable[..., None], do: str, taken: int
    ) -> None:
        script(("DATA /", do))
        with pytest.raises(smtplib.SMTPServerDisconnected):
            post.send_message(letter())
        assert len(mail(http)) == taken

    def test_a_server_that_is_full_says_421_at_once_and_hangs_up(
        self, sandbox: Sandbox, script: Callable[..., None]
    ) -> None:
        script(("CONNECT /", "rate_limited"), ("CONNECT /", "drop_before"))
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("127.0.0.1", sandbox.smtp_port or 0, timeout=60)
        assert refused.value.smtp_code == 421
        with pytest.raises(smtplib.SMTPServerDisconnected):
            smtplib.SMTP("127.0.0.1", sandbox.smtp_port or 0, timeout=60)

    def test_a_password_can_be_dead(self, post: smtplib.SMTP, script: Callable[..., None]) -> None:
        script(("AUTH /", "token_dead"), times=None)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            post.login(USER, PASSWORD)

    @pytest.mark.parametrize("do", ["hang", "drip", "late:0"])
    def test_a_server_that_never_finishes_outlasts_the_client(
        self, sandbox: Sandbox, http: httpx.Client, script: Callable[..., None], do: str
    ) -> None:
        """`late` takes the letter all the same, when nobody listens any more."""
        script(("DATA /", do))
        with (
            socket.create_connection(("127.0.0.1", sandbox.smtp_port or 0), timeout=60) as line,
            line.makefile("rb") as file,
        ):
            line.sendall(b"HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n\r\nhej\r\n.\r\n")
            for _ in range(5):  # the greeting and four commands
                assert file.readline()[:3] in (b"220", b"250", b"354")
            if do == "drip":
                assert file.readline() == b"250-\r\n"
        if do == "late:0":
            while not mail(http):
                pass

    @pytest.mark.parametrize(
        ("on", "do", "words"),
        [
            ("POST /x", "hang", "commands are"),
            ("DATA", "hang", "commands are"),
            ("DATA /", "html_502", "over HTTP"),
            ("DATA /", "undelivered", "only means something for elks"),
            ("DATA /", "list_lag:1", "only means something for facebook"),
        ],
    )
    def test_a_script_that_means_nothing_to_mail_is_refused(
        self, http: httpx.Client, on: str, do: str, words: str
    ) -> None:
        answer = http.put("/_script", json={"smtp": [{"on": on, "do": do}]})
        assert answer.status_code == 400 and words in answer.json()["error"]

    def test_others_cannot_be_refused(self, http: httpx.Client) -> None:
        answer = http.put("/_script", json={"elks": [{"on": "POST /a1/sms", "do": "refused"}]})
        assert "only means something for smtp" in answer.json()["error"]
