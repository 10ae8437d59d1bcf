from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from crm_mirror.models import Employee

SALT = "callguard.models.Account.get_session_auth_hash"


class Account(AbstractUser):
    """Somebody who signs in here. `employee` says who that is in the portal; verdicts are asked in that name."""

    employee = models.ForeignKey(
        Employee,
        models.SET_NULL,
        to_field="portal_id",
        null=True,
        blank=True,
        db_constraint=False,
        related_name="accounts",
        verbose_name=_("employee"),
    )
    session_epoch = models.PositiveIntegerField(default=0, editable=False)  # one more ends all sessions (access.watch)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def get_session_auth_hash(self) -> str:
        """What a session must carry to go on: changes with the password, and with the epoch."""
        return self._session_auth_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        yield from map(self._session_auth_hash, settings.SECRET_KEY_FALLBACKS)

    def _session_auth_hash(self, secret: str) -> str:
        return salted_hmac(SALT, f"{self.session_epoch} {self.password}", secret=secret, algorithm="sha256").hexdigest()


class AdministratorList(models.Model):
    """At most one row: the list of the portal's administrators (Employee.is_portal_admin) was confirmed to be whole."""

    confirmed_at = models.DateTimeField(_("confirmed"))
    confirmed_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("list of administrators")
        verbose_name_plural = _("list of administrators")

    def __str__(self) -> str:
        return str(self.confirmed_at)
