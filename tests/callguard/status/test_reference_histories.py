"""Whatever both sides do to the statuses, in whatever order and however answers are lost: in the end they agree."""

from __future__ import annotations

import random
from itertools import count

import pytest
from django.utils import timezone

from callguard.access.actors import Actor
from callguard.access.roles import Role
from callguard.models import About, History, Origin
from callguard.status import reference
from crm_mirror.models import OutboxCall, Status
from crm_mirror.rounds import deliver_outbox, read_changes
from crm_mirror.sync.run import sync
from tests.callguard.status.reference import Values

pytestmark = pytest.mark.django_db
ROOT = Actor("root", Role.ADMINISTRATOR)
STEPS = 25


class Life:
    """One history of edits on both sides; `chance` decides what happens next."""

    def __init__(self, office, chance):
        self.portal, self.there, self.chance = office.portal, Values(office.portal), chance
        self.names = (f"Статус {number}" for number in count(1))
        self.edits_here = 0

    def step(self):
        happens = [self.edit_here, self.edit_here, self.add_here, self.retire_here, self.bring_back_here]
        happens += [self.edit_there, self.edit_there, self.add_there, self.delete_there]
        happens += [self.look, self.look, deliver_outbox, read_changes, self.lose_an_answer]
        self.chance.choice(happens)()

    def edit_here(self):
        if rows := list(Status.objects.filter(in_portal=True)):
            wanted = self.chance.choice([{"name": next(self.names)}, {"sort": self.chance.randrange(1, 900)}])
            self._edit(self.chance.choice(rows), wanted)

    def add_here(self):
        reference.add(next(self.names), by=ROOT, origin=Origin.ADMIN, at=timezone.now())

    def retire_here(self):
        self._edit(self.chance.choice(list(Status.objects.all())), {"retired": True})

    def bring_back_here(self):
        if rows := list(Status.objects.filter(retired_at__isnull=False)):
            self._edit(self.chance.choice(rows), {"retired": False})

    def edit_there(self):
        name = self.chance.choice(self.there.names)
        if self.chance.random() < 0.5:
            self.there.rename(name, next(self.names))
        else:
            self.there.move(name, self.chance.randrange(1, 900))

    def add_there(self):
        self.there.add(next(self.names))

    def delete_there(self):
        if len(self.there.names) > 1:
            self.there.delete(self.chance.choice(self.there.names))

    def look(self):
        sync(full=False, only=["status"])
        read_changes()

    def lose_an_answer(self):
        """The portal is asked first, then carries it out and is not heard."""
        self.portal.fails_with("reset", method="batch", after=1, times=1)
        deliver_outbox()
        self.portal.heal()

    def calm_down(self):
        for _ in range(8):
            OutboxCall.objects.update(next_attempt_at=timezone.now())
            self.look()
            deliver_outbox()

    def _edit(self, row, wanted):
        self.edits_here += reference.edit({row.pk: wanted}, by=ROOT, origin=Origin.ADMIN, at=timezone.now())


@pytest.mark.parametrize("seed", range(6))
def test_both_sides_agree_in_the_end(office, seed):
    life = Life(office, random.Random(seed))
    for _ in range(STEPS):
        life.step()
    life.calm_down()
    ours = {(row.value, row.name, row.sort) for row in Status.objects.filter(in_portal=True)}
    there = life.there
    assert ours == {(there.id_of(name), name, int(there.row(name)["SORT"])) for name in there.names}
    assert len(there.names) == len(set(there.names))
    assert not Status.objects.filter(edited_at__isnull=False).exists()
    assert not OutboxCall.objects.filter(purpose="reference", state__in=["waiting", "sending", "dead"]).exists()
    in_history = History.objects.filter(about=About.REFERENCE, origin=Origin.ADMIN, before__isnull=False)
    assert in_history.count() == life.edits_here
