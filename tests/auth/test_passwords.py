"""Which passwords are good enough, and that hashing them never eats the machine."""

import threading

import pytest
from argon2 import PasswordHasher

from broadcaster.auth.passwords import COMMON, LENGTH_MAX, LENGTH_MIN, Passwords, fault
from broadcaster.errors import TooMany


@pytest.mark.parametrize(
    "password",
    [
        "fyra ord utan samband",
        "åäö ÅÄÖ 🚒 och mellanslag ",
        "abcdefghij" + "klmnp",
        "x" * 10 + "abcdefghijk" * 90,
        "anna går i fjällen",
    ],
)
def test_any_characters_are_welcome_if_there_are_enough_of_them(password: str) -> None:
    assert fault(password, "anna") is None


@pytest.mark.parametrize("length", [0, 1, LENGTH_MIN - 1, LENGTH_MAX + 1])
def test_too_short_and_too_long_say_how_many_characters_there_must_be(length: int) -> None:
    wrong = fault(("abcdefghijklmnopqrstuvwxz" * 50)[:length], "anna")
    assert wrong is not None and "15–1024" in wrong.message.sv and str(length) in wrong.message.sv


def test_length_counts_characters_and_not_bytes() -> None:
    assert fault("åäöéü" * 3, "anna") is None
    assert fault("åäöéü" * 2 + "åäöé", "anna") is not None


@pytest.mark.parametrize(
    "password", [*sorted(COMMON), "LösenordLösenord", "PASSWORDPASSWORD", "1" * 15, "ab" * 40]
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    wrong = fault(password, "anna")
    assert wrong is not None and wrong.pointer == "/password"


def test_the_list_of_common_ones_holds_only_what_length_would_let_through() -> None:
    assert min(map(len, COMMON)) >= LENGTH_MIN and all(word == word.casefold() for word in COMMON)


@pytest.mark.parametrize("password", ["anna.karlsson@region.example", "Anna.Karlsson@region.example2026"])
def test_the_persons_own_name_is_refused(password: str) -> None:
    wrong = fault(password, "anna.karlsson@region.example")
    assert wrong is not None and "ditt namn" in wrong.message.sv


def test_a_password_is_taken_exactly_as_typed(hashing: Passwords) -> None:
    kept = hashing.hash(" Fyra Ord Utan Samband ")
    assert kept.startswith("$argon2id$")
    assert hashing.check(kept, " Fyra Ord Utan Samband ").right
    for typed in ("Fyra Ord Utan Samband", " fyra ord utan samband ", " Fyra Ord Utan Samband  "):
        assert not hashing.check(kept, typed).right


def test_only_the_whole_password_opens_also_when_it_is_as_long_as_allowed(hashing: Passwords) -> None:
    longest = "å" * LENGTH_MAX
    kept = hashing.hash(longest)
    assert hashing.check(kept, longest).right
    assert not hashing.check(kept, longest + "å").right
    assert not hashing.check(kept, longest + "å" * 100_000).right


@pytest.mark.parametrize("kept", [None, "", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_nobody_and_a_broken_hash_open_for_nothing(kept: str | None, hashing: Passwords) -> None:
    for typed in ("", "nobody", "\udcff", "nonsense"):
        assert not hashing.check(kept, typed).right


def test_a_password_with_half_a_character_is_refused_as_new() -> None:
    assert fault("fyra ord utan samband\udcff", "anna") is not None


def test_a_hash_of_weaker_days_is_replaced_and_the_new_one_opens(hashing: Passwords) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    verdict = stronger.check(hashing.hash("fyra ord utan samband"), "fyra ord utan samband")
    assert verdict.right and verdict.better_hash is not None
    again = stronger.check(verdict.better_hash, "fyra ord utan samband")
    assert again.right and again.better_hash is None


def test_a_wrong_password_never_replaces_a_hash(hashing: Passwords) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    verdict = stronger.check(hashing.hash("fyra ord utan samband"), "fem ord utan samband alls")
    assert not verdict.right and verdict.better_hash is None


def test_a_flood_of_sign_ins_is_told_to_come_again_instead_of_holding_the_machine() -> None:
    hashing = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), at_once=2, wait_s=0.01)
    inside, leave = threading.Barrier(3), threading.Event()

    def sit() -> None:
        with hashing.slot():
            inside.wait(10)
            leave.wait(10)

    sitters = [threading.Thread(target=sit) for _ in range(2)]
    for sitter in sitters:
        sitter.start()
    inside.wait(10)
    with pytest.raises(TooMany) as refusal, hashing.slot():
        raise AssertionError("a third hashing at once")
    leave.set()
    for sitter in sitters:
        sitter.join(10)
    assert refusal.value.retry_after_s == 2
    with hashing.slot():
        assert hashing.hash("fyra ord utan samband")
