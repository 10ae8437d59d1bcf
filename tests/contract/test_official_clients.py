"""The vendor's SDK and the most used public client, unmodified, against the sandbox over real sockets.

If they can tell it from a portal, so could our own client: a misreading of the docs would show here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import aiohttp
import pytest
import trustme
from b24pysdk import BitrixWebhook, Config, errors
from fast_bitrix24 import BitrixAsync

from crm_mirror.sandbox.access import App
from crm_mirror.sandbox.server import SandboxServer, running

CLIENT_ID = "local.test.1"
EDITED = {"fields": {"TITLE": "Новое имя"}}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine and the authority that signed it, as files."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    chain, key, trusted = folder / "chain.pem", folder / "key.pem", folder / "ca.pem"
    for blob in leaf.cert_chain_pems:
        blob.write_to_path(chain, append=True)
    leaf.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(trusted)
    return str(chain), str(key), str(trusted)


@pytest.fixture(scope="module")
def portal(certificate) -> Iterator[SandboxServer]:
    """A cloud portal of 10,000 entities behind https, with the limits of one."""
    with running("10k", tls=certificate[:2]) as server:
        yield server


@pytest.fixture
def sdk(portal, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate[2])
    Config().configure(default_initial_retry_delay=0.01, default_retry_delay_increment=0.01)
    portal.portal.limits.reset()
    portal.heal()
    portal.log.clear()
    return BitrixWebhook(domain=portal.portal.config.host, webhook_token="1/sandbox0admin0token")


@pytest.fixture(scope="module")
def plain_portal() -> Iterator[SandboxServer]:
    with running("10k", apps={CLIENT_ID: App(secret="x")}) as server:
        yield server


@pytest.fixture
def fast(plain_portal):
    plain_portal.portal.limits.reset()
    plain_portal.heal()
    plain_portal.log.clear()
    return BitrixAsync(plain_portal.webhook, verbose=False)


def all_of(server, table):
    """IDs of every row, straight from the portal's data."""
    return sorted(row[0] for row in server.portal.store.rows(f"SELECT ID FROM {table}"))  # noqa: S608 - one of four names


def ids(rows):
    return sorted(int(row["ID"]) for row in rows)


class TestTheVendorsSdk:
    def test_learns_who_it_is(self, sdk):
        profile = sdk.get_client().profile().result
        assert (profile["ID"], profile["ADMIN"]) == ("1", True)

    def test_lists_a_page(self, sdk, portal):
        answer = sdk.get_client().crm.company.list(select=["ID", "TITLE"], order={"ID": "ASC"}).response
        assert ids(answer.result) == all_of(portal, "company")[:50]
        assert answer.total == len(all_of(portal, "company"))
        assert answer.next == 50

    def test_reads_a_whole_list_by_offsets(self, sdk, portal):
        answer = sdk.call_list("crm.lead.list", {"select": ["ID"], "order": {"ID": "ASC"}})
        assert ids(answer["result"]) == all_of(portal, "lead")

    def test_reads_a_whole_list_by_a_chain_of_keys(self, sdk, portal):
        answer = sdk.call_list_fast("crm.contact.list", {"select": ["ID", "PHONE"]})
        assert ids(answer["result"]) == all_of(portal, "contact")

    def test_reads_rows_of_the_item_api(self, sdk, portal):
        answer = sdk.call_list("crm.item.list", {"entityTypeId": 1, "select": ["id"], "order": {"id": "ASC"}})
        assert sorted(row["id"] for row in answer["result"]) == all_of(portal, "lead")

    def test_reads_chosen_ids(self, sdk, portal):
        wanted = all_of(portal, "company")[::20]
        answer = sdk.call_list("crm.company.list", {"filter": {"@ID": wanted}, "select": ["ID"]})
        assert ids(answer["result"]) == wanted

    def test_adds_reads_updates_and_deletes(self, sdk):
        company = sdk.get_client().crm.company
        added = company.add(fields={"TITLE": "Ромашка & Ко", "PHONE": [{"VALUE": "+7 916 000-00-00"}]}).result
        assert company.update(bitrix_id=added, **EDITED).result is True
        row = company.get(bitrix_id=added).result
        assert (row["TITLE"], row["PHONE"][0]["VALUE"]) == ("Новое имя", "+7 916 000-00-00")
        assert company.delete(bitrix_id=added).result is True

    def test_sends_a_batch_by_name(self, sdk):
        calls = {"me": ("profile", None), "wrong": ("crm.company.get", {"id": 1})}
        answer = sdk.call_batch(calls)["result"]
        assert answer["result"]["me"]["ID"] == "1"
        assert answer["result_error"]["wrong"] == {"error": "", "error_description": "Not found"}

    def test_sends_more_than_fifty_commands_in_several_batches(self, sdk, portal):
        answer = sdk.call_batches([("user.admin", None)] * 120)["result"]
        assert list(answer["result"].values()) == [True] * 120
        assert [len(entry.commands) for entry in portal.log] == [50, 50, 20]

    @pytest.mark.parametrize(
        ("method", "error"),
        [
            ("crm.nonsense", errors.BitrixAPINotFound),
            ("event.get", errors.BitrixAPIWrongAuthType),
            ("crm.company.get", errors.BitrixAPIBadRequest),
        ],
    )
    def test_understands_refusals(self, sdk, method, error):
        with pytest.raises(error):
            sdk.call_method(method, {"id": 1})

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            ("429", errors.BitrixAPIOperationTimeLimit),
            ("503", errors.BitrixAPIQueryLimitExceeded),
            ("overload", errors.BitrixAPIOverloadLimit),
            ("500", errors.BitrixAPIInternalServerError),
            ("unexpected", errors.BitrixAPIErrorUnexpectedAnswer),
            ("revoked", errors.BitrixAPIUnauthorized),
            ("scope", errors.BitrixAPIInsufficientScope),
            ("dismissed", errors.BitrixAPIInvalidCredentials),
            ("plan_ended", errors.BitrixAPIAccessDenied),
            ("deleted", errors.BitrixAPIPortalDeleted),
            ("html", errors.BitrixResponseJSONDecodeError),
            ("reset", errors.BitrixRequestError),
        ],
    )
    def test_understands_faults(self, sdk, portal, fault, error):
        portal.fails_with(fault)
        with pytest.raises(error):
            sdk.call_method("user.admin")

    def test_tries_again_when_the_portal_is_busy(self, sdk, portal):
        portal.fails_with("503", times=1)
        assert sdk.call_method("user.admin")["result"] is True
        assert [entry.status for entry in portal.log] == [503, 200]

    def test_follows_a_renamed_portal(self, sdk, portal):
        portal.fails_with("renamed", amount=portal.portal.config.host.replace("localhost", "127.0.0.1"))
        with pytest.raises(errors.BitrixRequestError):
            sdk.call_method("user.admin")
        assert sdk.domain == "127.0.0.1"  # it went there, without the port: real portals have none


class TestFastBitrix24:
    def test_gets_all_rows(self, fast, plain_portal):
        rows = asyncio.run(fast.get_all("crm.company.list", {"select": ["ID", "TITLE", "PHONE"]}))
        assert ids(rows) == all_of(plain_portal, "company")

    def test_gets_all_rows_of_the_item_api(self, fast, plain_portal):
        rows = asyncio.run(fast.get_all("crm.item.list", {"entityTypeId": 3, "select": ["id"]}))
        assert sorted(row["id"] for row in rows) == all_of(plain_portal, "contact")

    def test_gets_all_people(self, fast, plain_portal):
        rows = asyncio.run(fast.get_all("user.get"))
        assert ids(rows) == ids(user for user in plain_portal.portal.store.users() if not user.get("IS_HIDDEN"))

    def test_gets_rows_by_their_ids_in_batches(self, fast, plain_portal):
        wanted = all_of(plain_portal, "contact")[:120]
        rows = asyncio.run(fast.get_by_ID("crm.contact.get", wanted))
        assert ids(rows.values()) == wanted
        assert sorted(len(entry.commands) for entry in plain_portal.log) == [20, 50, 50]

    def test_updates_many_in_batches(self, fast, plain_portal):
        chosen = all_of(plain_portal, "lead")[:60]
        done = asyncio.run(fast.call("crm.lead.update", [{"ID": one} | EDITED for one in chosen]))
        assert list(done) == [True] * 60
        query = {"filter": {"TITLE": "Новое имя"}, "select": ["ID"]}
        assert ids(asyncio.run(fast.get_all("crm.lead.list", query))) == chosen

    def test_sends_a_batch_with_references(self, fast):
        commands = {"me": "profile", "user": "user.get?ID=$result[me][ID]"}
        answer = asyncio.run(fast.call_batch({"halt": 0, "cmd": commands}))
        assert answer["user"][0]["ID"] == answer["me"]["ID"]

    def test_tries_again_when_the_portal_is_busy(self, fast, plain_portal):
        plain_portal.fails_with("503", times=1)
        assert asyncio.run(fast.call("user.admin", raw=True))["result"] is True
        assert [entry.status for entry in plain_portal.log] == [503, 200]

    def test_gets_a_new_token_when_the_old_one_expired(self, plain_portal):
        plain_portal.portal.limits.reset()
        issued = []

        async def token():
            issued.append(plain_portal.portal.issue_tokens(CLIENT_ID, 1)["access_token"])
            return issued[-1]

        async def ask():
            client = BitrixAsync(f"{plain_portal.url}/rest/", token_func=token, verbose=False)
            first = await client.call("app.info", raw=True)
            plain_portal.portal.clock.advance(3600)
            return first["result"], (await client.call("app.info", raw=True))["result"]

        first, second = asyncio.run(ask())
        assert first == second
        assert len(issued) == 2

    def test_says_that_a_row_is_not_there(self, fast):
        with pytest.raises(aiohttp.ClientResponseError) as refused:
            asyncio.run(fast.call("crm.company.get", {"id": 1}, raw=True))
        assert refused.value.status == 400

    def test_says_which_command_of_a_batch_failed(self, fast):
        with pytest.raises(Exception, match="Not found"):
            asyncio.run(fast.call_batch({"halt": 0, "cmd": {"a": "crm.company.get?id=1"}}))
