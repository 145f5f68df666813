"""The broken engines: what is taken out, and which promise a communicator then has no longer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """Text of a file of the package that stands there exactly once, and what stands there in the broken one."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Variant:
    """One engine with a rule missing. `breaks` is what it does to people, in their words."""

    name: str
    breaks: str
    edits: tuple[Edit, ...]


def _one(name: str, breaks: str, file: str, old: str, new: str) -> Variant:
    return Variant(name, breaks, (Edit(file, old, new),))


LEASES_AND_FENCES = (
    Variant(
        "no-fence",
        "a worker that was given up goes on writing over the one that took its place",
        (
            Edit("ledger.py", '(delivery_table.c.fence == bindparam("its_fence"))', '(bindparam("its_fence") >= 0)'),
            Edit("outbox.py", 'if row["fence"] != claim.fence:', "if False:"),
        ),
    ),
    _one(
        "own-lease-not-checked",
        "a machine that slept wakes up and sends what another has long taken over",
        "worker.py",
        "left = taken + following.lease_s - self._settle_s - self._clock()",
        "left = self.rules.call_timeout_s",
    ),
    _one(
        "wall-clock-lease",
        "a clock that is set back gives a worker more time than it has",
        "worker.py",
        "self._clock, self._sleep = clock, sleep",
        "self._clock, self._sleep = (lambda: store.clock().timestamp()), sleep",
    ),
    _one(
        "clock-steps-are-believed",
        "the clock jumps ahead, live calls look dead and doubts look old, and what is under way is sent again",
        "clock_steps.py",
        "if abs(step_s) < STEP_S:",
        "if step_s:",
    ),
    _one(
        "lease-of-nothing",
        "two workers make the same call at the same time",
        "ledger.py",
        "until = transaction.now + timedelta(seconds=lease_s)",
        "until = transaction.now",
    ),
    _one(
        "takeover-forgets-the-call",
        "what a dead worker may have published counts as not sent and is sent again",
        "ledger.py",
        "fact = Fact.UNCERTAIN if self.fact is None and self.can_publish else Fact.NOT_SENT",
        "fact = Fact.NOT_SENT",
    ),
    _one(
        "supersede-without-fence",
        "a running worker overwrites the stop and goes on sending",
        "stop.py",
        'after = ledger.change(transaction, row, fence=row["fence"] + 1, state=str(state), **values)',
        "after = ledger.change(transaction, row, state=str(state), **values)",
    ),
)

ONE_POST = (
    _one(
        "repeat-a-post-after-an-error",
        "Facebook answers 500 to a post it has published, and gets it again",
        "protocol.py",
        "            return case.doubt(Step.SEARCH)\n        case _:\n            return _refused(case, Step.POST)",
        "            return case.doubt(Step.POST)\n        case _:\n            return _refused(case, Step.POST)",
    ),
    _one(
        "no-grace",
        "a post that is still on its way counts as lost and is made again",
        "standing.py",
        "return last is None or self.now >= last + timedelta(seconds=self.policy.grace_s)",
        "return True",
    ),
    _one(
        "publish-an-unrecorded-draft",
        "a draft nobody knows of is published beside the recorded one",
        "outbox.py",
        'if row["fence"] != claim.fence:\n            return None',
        'if row["fence"] != claim.fence:\n            known = replace(claim.post, remote_id=got.remote_id)\n'
        "            mine = claim.step is Step.DRAFT and got.remote_id\n"
        "            return replace(claim, step=Step.PUBLISH, post=known) if mine else None",
    ),
    _one(
        "identical-counts-as-published",
        "a refusal because something identical stands there is taken for our post",
        "protocol.py",
        'return case.doubt(looking_step(on.way, on.remote_id if on.intent == "update" else None))',
        "return _published(case)",
    ),
    _one(
        "no-late-look",
        "orphan drafts, and the duplicate that was accepted, stay on the page for ever",
        "outbox.py",
        "return leftovers.owe(transaction, quiet_s) if quiet_s else 0",
        "return 0",
    ),
    _one(
        "sweep-too-early",
        "a draft that arrives after the sweep stays for ever",
        "outbox.py",
        "return leftovers.owe(transaction, quiet_s) if quiet_s else 0",
        "return leftovers.owe(transaction, 0)",
    ),
)

PROOF = (
    _one(
        "outcome-before-effect",
        "the call is written down as done before it is made",
        "worker.py",
        "got = await self._call(following, min(self.rules.call_timeout_s, left))",
        "got = Outcome(Fact.DONE, remote_id=following.post.remote_id or following.post.object_uuid,\n"
        "                              words=following.post.words, public=True)\n"
        "                await self._settle(following, got, taken + following.lease_s)\n"
        "                await self._call(following, min(self.rules.call_timeout_s, left))",
    ),
    _one(
        "audit-after-effect",
        "a call is made that the log knows nothing of when the worker dies",
        "ledger.py",
        "    audit.record(\n        transaction,\n        Event.ATTEMPT_OPENED,",
        "    dict(\n        _=transaction,\n        __=Event.ATTEMPT_OPENED,",
    ),
    _one(
        "call-without-a-row",
        "a call is made that no row knows of, so after a crash it never happened",
        "ledger.py",
        "    transaction.execute(\n        _NEW_ATTEMPT,",
        "    dict.fromkeys(\n        [_NEW_ATTEMPT],",
    ),
    _one(
        "words-are-not-proved",
        "whoever can change a row decides what the region says",
        "outbox.py",
        "prove(transaction, row)",
        "pass",
    ),
    _one(
        "drill-reaches-the-public",
        "an exercise is published as a real crisis",
        "worker.py",
        'return (self.drill if claim.mode == "drill" else self.live).get(claim.channel)',
        "return self.live.get(claim.channel)",
    ),
    _one(
        "nobody-is-told-after-a-minute",
        "a message hangs and everybody believes it is out",
        "overdue.py",
        "alarm.raise_for_delivery(transaction, row, _reason(row))",
        "pass",
    ),
    _one(
        "a-person-is-not-told",
        "the machine gives up and nobody hears of it",
        "standing.py",
        "return replace(self.next(State.NEEDS_PERSON), tell=tell)",
        "return replace(self.next(State.NEEDS_PERSON), tell=False)",
    ),
)

NEWEST_WORDS = (
    _one(
        "no-look-after-an-edit",
        "a first line that arrives late puts an older one back at the top of the post",
        "protocol.py",
        'if case.on.way == "upsert" or case.on.intent == "update":',
        'if case.on.way == "upsert":',
    ),
    _one(
        "let-go-for-nothing",
        "words let go because newer ones were to replace them stay when those are recalled",
        "stop.py",
        "elif not _replaced(transaction, dict(one)):",
        "elif False:",
    ),
    _one(
        "place-not-proved",
        "a changed row sends a withdrawal to the imitation, and the live post stands",
        "outbox.py",
        "else self.proof.check_place",
        "else lambda *_: None",
    ),
    _one(
        "expired-draft-stays",
        "a draft nobody will publish any more lies on the page for ever",
        "leftovers.py",
        'if row["way"] == "draft" and row["remote_id"] is not None and unpublished:',
        "if False:",
    ),
    _one(
        "no-revision",
        "the phone gateway cannot tell the older announcement from the newer",
        "acceptance.py",
        'row | {"revision": used.get(row["object_id"], 0) + 1}',
        'row | {"revision": 1}',
    ),
    _one(
        "no-order",
        "an update overtakes what it updates, and the older words end on top",
        "outbox.py",
        "match turn_of(transaction, row):",
        "match Turn.GO:",
    ),
    _one(
        "no-second-look",
        "an older call that arrives late puts the older words back, and they stay",
        "protocol.py",
        '    if case.on.way == "upsert" or case.on.intent == "update":\n',
        "    if False:\n",
    ),
    _one(
        "last-look-of-the-replaced",
        "looking after the older words once more puts them over the newer ones",
        "outbox.py",
        'if row["way"] == "upsert" and has_successor(transaction, row):',
        "if False:",
    ),
    _one(
        "recall-hits-the-newer",
        "recalling the older message takes down the newer one's words",
        "stop.py",
        'elif way == "upsert" and _replaced(transaction, row):',
        "elif False:",
    ),
    _one(
        "stop-does-not-pursue",
        "what was being sent when it was stopped stays out",
        "stop.py",
        "    else:\n        _pursue(transaction, row)\n\n\ndef _pursue",
        "    else:\n        _drop(transaction, row)\n\n\ndef _pursue",
    ),
    _one(
        "all-clear-is-skipped-in-doubt",
        "the first may be read by everybody, and nobody hears that it is over",
        "turns.py",
        'known = row["receipt"] is not None or row["ever_unsure"] or row["was_task"]',
        'known = row["receipt"] is not None',
    ),
)

LETTERS = (
    _one(
        "a-letter-in-doubt-goes-again",
        "a recipient whose answer was lost finds the same letter twice, though silence was preferred",
        "letters.py",
        'if policy.if_unsure == "duplicate" and unsure.doubts == 1:',
        "if unsure.doubts == 1:",
    ),
    _one(
        "another-id-for-each-attempt",
        "no mail program can tell that the second letter is the first once more",
        "letterbox.py",
        'return one, Letter(one.name, letter_id(row["id"], one.name), refers_to)',
        'return one, Letter(one.name, letter_id(row["id"], f"{one.name} {one.tries}"), refers_to)',
    ),
    _one(
        "the-refused-are-forgotten",
        "the board says that all have it, and those whose server said no hear nothing",
        "letters.py",
        "    if not left:\n",
        "    if left is not None:\n",
    ),
    _one(
        "the-older-letter-goes-on",
        "people get the older message after the newer one was accepted",
        "stop.py",
        'letterbox.end(transaction, row["id"], Has.DROPPED)\n    _until_answered',
        "return\n    _until_answered",
    ),
    Variant(
        "the-dead-are-not-asked-after",
        "a worker dies while it hands a letter over, and the recipient is asked for again as if nothing had left",
        (
            Edit("outbox.py", "import Outcome, Post, Reason, Step", "import Fact, Outcome, Post, Reason, Step"),
            Edit("outbox.py", "row, last.id, got,", "row, last.id, Outcome(Fact.NOT_SENT),"),
        ),
    ),
)

VARIANTS: tuple[Variant, ...] = (*LEASES_AND_FENCES, *ONE_POST, *PROOF, *NEWEST_WORDS, *LETTERS)
