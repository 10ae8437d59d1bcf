"""/healthz, /readyz and /metrics: what a watcher sees when all is well, and when each part is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone, translation

from callguard.health import letters_on_their_way
from callguard.models import Letter
from crm_mirror.diagnosis import finding
from crm_mirror.models import DeltaCursor, Quarantine
from tests.card import bearer, ringing
from tests.cast import IVAN, mirror_synced, mirrored_company, mirrored_people
from tests.living import allowance, changed, compared, requested, to_deliver, told


def parts_of(answer) -> dict[str, bool]:
    return {name: part["ok"] for name, part in answer.json()["parts"].items()}


# --- Alive and ready -------------------------------------------------------------------------------------------------
def test_alive_asks_no_database(client):
    answer = client.get("/healthz")  # without the django_db mark a query would fail the test
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_with_everything_in_place(client):
    mirror_synced()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert parts_of(answer) == {"database": True, "migrations": True, "broker": True, "mirror": True}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_not_ready_before_the_first_sync(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert parts_of(answer) == {"database": True, "migrations": True, "broker": True, "mirror": False}


@pytest.mark.django_db
def test_not_ready_with_a_stale_mirror(client, settings):
    mirror_synced(ago=timedelta(seconds=settings.MIRROR_STALE_AFTER - 5))
    assert client.get("/readyz").status_code == 200
    mirror_synced(ago=timedelta(seconds=settings.MIRROR_STALE_AFTER + 5))
    assert not parts_of(client.get("/readyz"))["mirror"]


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(client):
    mirror_synced()
    newest = MigrationLoader(connection).graph.leaf_nodes("callguard")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert [name for name, ok in parts_of(answer).items() if not ok] == ["migrations"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["redis://:hunter2@127.0.0.1:1/0", "amqp://u:hunter2@127.0.0.1:1//", "nonsense://hunter2"]
)
def test_not_ready_without_its_broker_and_no_word_of_where_it_should_be(client, settings, url):
    mirror_synced()
    settings.CELERY_BROKER_URL = url
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert [name for name, ok in parts_of(answer).items() if not ok] == ["broker"]
    assert "hunter2" not in answer.content.decode()


@pytest.mark.django_db
def test_ready_with_a_word_of_what_a_person_should_see_to_and_none_of_the_portals(client):
    mirror_synced()
    assert client.get("/readyz").json()["alerts"] == []
    allowance(blocked_until=timezone.now().timestamp() + 60, halted_because="OVERLOAD_LIMIT hunter2")
    answer = client.get("/readyz", headers={"accept-language": "en"})
    assert answer.status_code == 200
    [alert] = answer.json()["alerts"]
    assert alert["code"] == "portal-halted"
    assert alert["text"].startswith("The portal has locked us out")
    assert "hunter2" not in answer.content.decode()


ASK_ALL = """
import json, django
django.setup()
from django.test import Client
token = {token!r}
answers = {{path: Client(SERVER_NAME="localhost").get(path, headers={{"Authorization": token}}) for path in {paths!r}}}
print(json.dumps({{path: [answer.status_code, answer.content.decode()] for path, answer in answers.items()}}))
"""


def test_without_its_database_the_server_is_alive_not_ready_and_never_stumbles():
    paths = ["/healthz", "/readyz", "/metrics", "/api/v1/verdict/?phone=1"]
    program = ASK_ALL.format(token=bearer(IVAN)["Authorization"], paths=paths)
    environment = {
        "DATABASE_URL": "postgres://nobody:hunter2@127.0.0.1:1/nothing",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    assert {path: status for path, (status, _) in answers.items()} == dict(
        zip(paths, (200, 503, 200, 503), strict=True)
    )
    parts = json.loads(answers["/readyz"][1])["parts"]
    assert {name: part["ok"] for name, part in parts.items()} == {
        "database": False,
        "migrations": False,
        "broker": True,
        "mirror": False,
    }
    assert "callguard_database_up 0.0" in answers["/metrics"][1]
    assert not any("hunter2" in body or "nothing" in body for _, body in answers.values())


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_watchers_only_read(client, path):
    assert client.post(path).status_code == 405


# --- Metrics ---------------------------------------------------------------------------------------------------------
def figures(client: Client) -> dict[str, float]:
    lines = client.get("/metrics").content.decode().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}


@pytest.mark.django_db
def test_metrics_say_how_old_the_mirror_is_and_what_it_could_not_read(client):
    mirror_synced(ago=timedelta(seconds=300))
    for portal_id in (1, 2):
        Quarantine.objects.create(kind="company", portal_id=portal_id, reason="?", row={}, seen_at=timezone.now())
    figures_ = figures(client)
    assert 300 <= figures_["callguard_mirror_age_seconds"] < 310
    assert figures_['callguard_quarantine_rows{kind="company"}'] == 2
    assert figures_["callguard_database_up"] == 1


@pytest.mark.django_db
def test_metrics_say_of_each_kind_how_true_it_is(client):
    mirror_synced(ago=timedelta(seconds=300))
    DeltaCursor.objects.create(kind="lead", backlog_since=timezone.now() - timedelta(seconds=60))
    changed("company", lag=4.0)
    compared("deal", left=3)
    figures_ = figures(client)
    assert 300 <= figures_['callguard_mirror_kind_age_seconds{kind="lead"}'] < 310
    assert figures_['callguard_mirror_lag_seconds{kind="company",quantile="0.95"}'] == 4
    assert 60 <= figures_['callguard_mirror_backlog_seconds{kind="lead"}'] < 70
    assert figures_['callguard_mirror_backlog_seconds{kind="deal"}'] == 0
    assert figures_['callguard_mirror_drift_rows{kind="deal"}'] == 3
    assert figures_['callguard_alert{code="drift"}'] == 1


@pytest.mark.django_db
def test_metrics_say_what_waits_in_inbox_and_outbox(client):
    told(ago=30)
    told("failed")
    to_deliver(ago=90)
    to_deliver("dead")
    figures_ = figures(client)
    assert (figures_["callguard_inbox_waiting"], figures_["callguard_inbox_dead"]) == (1, 1)
    assert (figures_["callguard_outbox_waiting"], figures_["callguard_outbox_dead"]) == (1, 1)
    assert 90 <= figures_["callguard_outbox_oldest_seconds"] < 100


@pytest.mark.django_db
def test_metrics_say_what_was_asked_of_the_portal(client):
    allowance(level=10.0, pace=0.5)
    for ago in (0, 1):  # whichever is the last whole minute by the time they are read
        requested("delta", sent=9, refused=2, minutes_ago=ago)
    figures_ = figures(client)
    assert 0.5 <= figures_["callguard_portal_pace"] < 0.6
    assert figures_["callguard_portal_allowance_room"] == 48
    assert figures_["callguard_portal_halted"] == 0
    assert figures_['callguard_portal_requests_last_minute{purpose="delta"}'] == 9
    assert figures_['callguard_portal_refused_last_minute{purpose="delta"}'] == 2


@pytest.mark.django_db
def test_metrics_of_a_mirror_that_never_was_have_no_age(client):
    assert "callguard_mirror_age_seconds" not in figures(client)


@pytest.mark.django_db
def test_metrics_count_calls_by_colour_once_each_and_time_their_verdicts(client):
    mirrored_people()
    mirror_synced()
    mirrored_company("Ромашка", phone="+79161234567", status="В работе")
    red, count = 'callguard_calls_total{colour="red"}', 'callguard_verdict_seconds_count{request="call"}'
    before = figures(client)
    body = ringing("+79161234567")
    for _ in range(2):
        client.post("/api/v1/calls/", json.dumps(body), "application/json", headers=bearer(IVAN))
    after = figures(client)
    assert after[red] - before.get(red, 0) == 1
    assert after[count] - before.get(count, 0) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "from_where",
    [
        {"REMOTE_ADDR": "10.0.0.7"},
        {"HTTP_X_FORWARDED_FOR": "10.0.0.7"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_FORWARDED": "for=10.0.0.7"},
        {"HTTP_VIA": "1.1 proxy"},
    ],
)
def test_without_a_token_metrics_are_for_this_machine_only(client, from_where):
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", **from_where).status_code == 403


def test_behind_a_proxy_nobody_reads_metrics_without_a_token(client, settings):
    settings.BEHIND_PROXY = True
    assert client.get("/metrics").status_code == 403


@pytest.mark.django_db
def test_with_a_token_metrics_are_for_whoever_has_it(client, settings):
    settings.METRICS_TOKEN = "token-of-prometheus"
    right = {"HTTP_AUTHORIZATION": f"Bearer {settings.METRICS_TOKEN}"}
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7", **right).status_code == 200
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer wrong").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "age", "said"),
    [
        ("dead", 0, "Letters given up: 1."),
        ("waiting", 90, "Letters waiting for more than an hour: 1."),
        ("waiting", 5, "on their way: 1"),
        ("sent", 90, "on their way: 0"),
    ],
)
def test_letters_that_were_given_up_or_wait_for_long_are_a_persons_business(settings, state, age, said):
    settings.EMAIL_CONFIGURED = True
    now = timezone.now()
    written = now - timedelta(minutes=age)
    Letter.objects.create(key="d", to="m@example.com", created_at=written, next_attempt_at=now, state=state)
    with translation.override("en"):
        found = finding("letters", partial(letters_on_their_way, at=now))
    assert (found.detail, found.ok) == (said, said.startswith("on their way"))
