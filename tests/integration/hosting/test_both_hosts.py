"""What a service may rely on, whichever host it runs on."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import Any

import pytest

from shared.hosting.clients import ServiceFailed, ServiceUnavailable
from shared.kernel.ids import is_id, new_id
from shared.kernel.refusals import Denied, Invalid, Refusal
from shared.testing.hosts import System
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.waiting import eventually


def county(system: System) -> dict[str, Any]:
    data = {"code": "430000", "name": "示范县"}
    answer: dict[str, Any] = system.client.call("registry", "register_division", data, token=system.bootstrap())
    return answer


def town(system: System, parent: str, **named: Any) -> dict[str, Any]:
    data = {"code": "430001", "name": "石桥镇", "parent": parent}
    token = system.bootstrap()
    answer: dict[str, Any] = system.client.call("registry", "register_division", data, token=token, **named)
    return answer


def person(system: System, role: str, division: str) -> str:
    """A member of staff who holds a role for a division, known to every service."""
    staff = system.client.call("registry", "register_staff", {"name": "王秀兰"}, token=system.bootstrap())["id"]
    data = {"staff": staff, "role": role, "division": division}
    system.client.call("registry", "grant_role", data, token=system.bootstrap())
    eventually(lambda: grants_known(system, staff, role), what="the grant in alerts")
    return str(staff)


def grants_known(system: System, staff: str, role: str) -> bool:
    try:
        system.client.call("alerts", "log_entries", {}, token=system.token(staff, role))
    except Denied as denied:
        return bool(denied.facts["permission"] != "role")
    return True


def bells(system: System) -> dict[str, Any]:
    """What alerts knows: bells by division, the number of divisions, names by staff."""
    answer: dict[str, Any] = system.client.call("alerts", "bells", {}, token=system.system("alerts"))
    return answer


def divisions(system: System) -> int:
    """How many divisions registry knows."""
    count: int = system.client.call("registry", "divisions", {}, token=system.bootstrap())["count"]
    return count


def test_a_command_is_answered_with_what_it_recorded(system: System) -> None:
    answer = county(system)

    assert is_id(answer["id"])
    assert [one["type"] for one in answer["events"]] == ["registry.division_registered"]


def test_a_command_that_is_repeated_is_done_once(system: System) -> None:
    parent, command = county(system)["id"], new_id(system.clock.now())
    before = divisions(system)

    first = town(system, parent, command_id=command)
    second = town(system, parent, command_id=command)

    assert not first["repeated"]
    assert second["repeated"]
    assert second["id"] == first["id"]
    assert divisions(system) == before + 1


def test_a_refusal_travels_with_its_facts(system: System) -> None:
    with pytest.raises(Refusal) as refused:
        system.client.call("registry", "register_division", {"code": "9", "name": "nowhere"}, token=system.bootstrap())

    assert (refused.value.code, refused.value.facts) == ("registry.nowhere", {"division": "9"})


def test_what_does_not_fit_its_schema_is_refused_by_field(system: System) -> None:
    with pytest.raises(Invalid) as refused:
        system.client.call("registry", "register_division", {"code": 9}, token=system.bootstrap())

    assert set(refused.value.facts["errors"]) == {"code", "name"}


def test_a_fault_tells_the_caller_its_incident_and_nothing_else(system: System) -> None:
    with pytest.raises(ServiceFailed) as failed:
        system.client.call("registry", "register_division", {"code": "9", "name": "fault"}, token=system.bootstrap())

    assert is_id(failed.value.incident)
    assert "王秀兰" not in repr(failed.value)


def test_a_door_that_is_not_there_is_unavailable(system: System) -> None:
    with pytest.raises(ServiceUnavailable):
        system.client.call("registry", "no_such_door", {}, token=system.bootstrap())


def test_a_service_that_does_not_run_is_unavailable_at_once(system: System) -> None:
    with pytest.raises(ServiceUnavailable):
        system.client.call("funding", "funds", {}, token=system.bootstrap())


def test_a_neighbour_hears_and_reacts_once(system: System) -> None:
    parent = county(system)["id"]
    village = town(system, parent)["id"]

    heard = eventually(lambda: (said := bells(system))["bells"].get(village) and said, what="a bell")

    assert heard["bells"][village] == ["waits"]
    assert heard["divisions"] == divisions(system)


def test_a_neighbour_opens_the_personal_parts_that_it_may(system: System) -> None:
    staff = system.client.call("registry", "register_staff", {"name": "欧阳·娜"}, token=system.bootstrap())["id"]

    heard = eventually(lambda: bells(system)["names"].get(staff), what="the name in alerts")

    assert heard == "欧阳·娜"


def test_a_timer_rings_when_the_clock_is_moved(system: System, clock: MovedClock) -> None:
    village = town(system, county(system)["id"])["id"]
    eventually(lambda: village in bells(system)["bells"], what="a bell")

    clock.move(minutes=29)
    before = bells(system)["bells"][village]
    clock.move(minutes=2)

    assert before == ["waits"]
    eventually(lambda: bells(system)["bells"][village] == ["rang"], what="the bell's ringing")


def test_many_threads_share_a_client_and_lose_no_call(system: System) -> None:
    parent = county(system)["id"]
    before = divisions(system)
    lost: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(5):
                town(system, parent, timeout=30.0)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            lost.append(error)

    threads = [threading.Thread(target=work) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert lost == []
    assert divisions(system) == before + 60
    eventually(lambda: bells(system)["divisions"] == before + 60, what="sixty towns in alerts")


def test_heads_tell_how_far_a_log_has_grown(system: System) -> None:
    heads: list[tuple[str, int]] = []
    stop = system.client.heads(lambda service, size: heads.append((service, size)))

    eventually(lambda: "registry" in dict(heads), what="the head of registry")
    before = dict(heads)["registry"]
    county(system)

    eventually(lambda: dict(heads)["registry"] == before + 1, what="the next head of registry")
    stop()


def test_the_outcome_of_a_command_can_be_asked_for_by_its_caller_alone(system: System) -> None:
    command = new_id(system.clock.now())
    answer = town(system, county(system)["id"], command_id=command)
    asked = {"command_id": command}

    mine = system.client.call("registry", "command_outcome", asked, token=system.bootstrap())
    others = system.client.call("registry", "command_outcome", asked, token=system.system("alerts"))

    assert mine == answer | {"repeated": True}
    assert others is None


def test_a_checkpoint_is_shown_to_everybody(system: System) -> None:
    shown = eventually(lambda: system.client.call("registry", "checkpoint", {}, token="")["note"], what="a checkpoint")

    assert shown.startswith("county.example/registry\n")


def test_a_service_reads_the_log_in_its_own_name_only(system: System) -> None:
    county(system)
    asked = {"after": -1, "reader": "casework"}

    with pytest.raises(Denied):
        system.client.call("registry", "read_log", asked, token=system.system("alerts"))
    eventually(
        lambda: system.client.call("registry", "read_log", asked | {"reader": "alerts"}, token=system.system("alerts")),
        what="a range",
    )


def test_keys_are_given_for_entitled_purposes_only(system: System) -> None:
    staff = system.client.call("registry", "register_staff", {"name": "王秀兰"}, token=system.bootstrap())["id"]
    token = system.system("funding")

    found = system.client.call("registry", "fetch_keys", {"pairs": [[staff, "identity"]]}, token=token)
    with pytest.raises(Refusal) as refused:
        system.client.call("registry", "fetch_keys", {"pairs": [[staff, "contact"]]}, token=token)

    assert [one["purpose"] for one in found["keys"]] == ["identity"]
    assert refused.value.code == "not_entitled"


def test_an_auditor_reads_entries_with_their_personal_parts_closed(system: System) -> None:
    auditor = person(system, "auditor", county(system)["id"])

    def page(**asked: Any) -> dict[str, Any]:
        token = system.token(auditor, "auditor")
        answer: dict[str, Any] = system.client.call("registry", "log_entries", asked, token=token)
        return answer

    first = page(person=auditor, limit=1)
    second = page(person=auditor, limit=1, after=first["next"])

    entries = [json.loads(one["entry"]) for one in first["items"] + second["items"]]
    assert [one["type"] for one in entries] == ["registry.staff_registered", "registry.role_granted"]
    assert [one["purpose"] for one in entries[0]["sealed"]] == ["identity", "contact"]
    assert "王秀兰" not in json.dumps(entries, ensure_ascii=False)
    assert second["next"] is None


def test_an_auditor_pages_through_what_a_reading_chooses_and_a_foreign_cursor_is_refused(system: System) -> None:
    auditor = person(system, "auditor", county(system)["id"])

    def page(**asked: Any) -> dict[str, Any]:
        token = system.token(auditor, "auditor")
        answer: dict[str, Any] = system.client.call("registry", "log_entries", asked, token=token)
        return answer

    def whole(**asked: Any) -> list[int]:
        found: list[int] = []
        after: str | None = None
        while True:
            one = page(**asked, **({"after": after} if after else {}), limit=2)
            found += [item["position"] for item in one["items"]]
            after = one["next"]
            if after is None:
                return found

    everything = whole()
    assert everything == list(range(page(limit=1)["size"]))
    assert whole(latest=True) == everything[::-1]
    granted = whole(type="registry.role_granted")
    assert granted
    assert whole(type="registry.role_granted", latest=True) == granted[::-1]
    assert whole(type="registry.role_granted", after=str(granted[0]))[:1] != granted[:1]
    assert whole(since="2100-01-01T00:00:00+08:00") == []
    assert whole(until="2100-01-01T00:00:00+08:00", person=auditor) == whole(person=auditor)
    person(system, "auditor", county(system)["id"])  # so that there is a second one, and a next page
    other = page(type="registry.role_granted", limit=1)["next"]
    for wrong in ("nonsense", other + "x", "-1"):
        with pytest.raises(Refusal) as refused:
            page(person=auditor, after=wrong)
        assert refused.value.code == "invalid"


def test_an_auditor_verifies_the_whole_log(system: System) -> None:
    auditor = person(system, "auditor", county(system)["id"])

    report = system.client.call("registry", "log_verify", {}, token=system.token(auditor, "auditor"))

    assert (report["outcome"], report["findings"]) == ("whole", [])
    assert report["signed_size"] == report["size"] > 2


def test_each_log_is_cosigned_by_its_neighbour(system: System, clock: MovedClock) -> None:
    parent = county(system)["id"]
    auditor = person(system, "auditor", parent)
    town(system, parent)
    eventually(lambda: standing(system, "alerts", auditor)["size"] > 0, what="a reaction")
    clock.move(minutes=6)  # the next signature is due, and whoever was away may be asked again

    for service, witness in (("registry", "alerts"), ("alerts", "registry")):
        signed = partial(is_cosigned, system, service, witness, auditor)
        eventually(signed, within=40, every=0.2, what=f"a cosignature of {witness}")
        assert standing(system, service, auditor)["contradicted"] == 0


def standing(system: System, service: str, auditor: str) -> dict[str, Any]:
    token = system.token(auditor, "auditor")
    answer: dict[str, Any] = system.client.call(service, "log_standing", {}, token=token)
    return answer | {"size": system.client.call(service, "log_entries", {"limit": 1}, token=token)["size"]}


def is_cosigned(system: System, service: str, witness: str, auditor: str) -> bool:
    said = standing(system, service, auditor)
    sizes = {one["witness"]: one["size"] for one in said["cosigned"]}
    return bool(said["checkpoint"] and sizes.get(witness) == said["checkpoint"]["size"] > 0)


def test_an_administrator_sees_how_the_engine_runs_and_an_auditor_does_not(system: System) -> None:
    division = county(system)["id"]
    admin, auditor = person(system, "county_admin", division), person(system, "auditor", division)

    status = system.client.call("alerts", "engine_status", {}, token=system.token(admin, "county_admin"))
    with pytest.raises(Denied):
        system.client.call("alerts", "engine_status", {}, token=system.token(auditor, "auditor"))

    assert status["leads"]
    assert status["failing"] == []
    assert {one["source"]: one["state"] for one in status["followed"]} == {
        "registry": "following",
        "casework": "following",
    }


def test_a_stranger_is_not_let_in(system: System) -> None:
    with pytest.raises(Refusal) as refused:
        system.client.call("registry", "divisions", {}, token="no token")

    assert refused.value.code == "unauthenticated"
