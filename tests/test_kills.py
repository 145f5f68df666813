"""`kill -9` of webs, workers and PostgreSQL itself, hundreds of times, while messages are sent and channels err."""

from pathlib import Path

from kills.cluster import Cluster
from kills.run import Plan, run
from kills.stage import Stage
from kills.tally import Tally


def check(tally: Tally, kills: int) -> None:
    """Assert that so many were killed and every promise was kept; say the one line and what is wrong if not."""
    said = "\n".join([tally.line(), *tally.faults])
    print(said)  # noqa: T201 - the one line a run is read by
    assert tally.clean, said
    assert tally.kills + tally.database_kills >= kills and tally.accepted > 0, said


def test_a_hundred_killed_processes_lose_double_and_age_nothing(database_url: str, tmp_path: Path) -> None:
    """Workers and webs die many times a second on either database; then everything is where it should be, once."""
    with Stage(tmp_path, database_url) as stage:
        check(run(stage, Plan(seed=1177, kills=100)), 100)


def test_postgresql_itself_may_be_killed_in_the_middle_of_everything(tmp_path: Path) -> None:
    """The server, or one of its connections, dies under load; the service waits for it and nothing is lost."""
    with Cluster() as cluster, Stage(tmp_path, cluster.database("broadcaster")) as stage:
        check(run(stage, Plan(seed=2026, kills=10, database_kills=5, database_pause_s=1.0), cluster), 15)


def test_clients_whose_web_dies_ask_again_and_no_key_ever_makes_two_messages(tmp_path: Path) -> None:
    """Only webs die, in the middle of requests: every request ends with its one answer."""
    plan = Plan(seed=7, kills=40, webs=2, workers=1, clients=5, pace_s=0.2, of_workers=0.0, pause_s=0.05)
    with Stage(tmp_path, f"sqlite:///{tmp_path / 'b.db'}") as stage:
        check(run(stage, plan), 40)
