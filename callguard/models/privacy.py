"""Who looked at whose record, and how far the forgetting of personal data has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from callguard.models.accounts import Account


class Opened(models.TextChoices):
    """What was looked at."""

    PERSON = "person", _("figures of a person")
    CALLS = "calls", _("list of calls")
    CALL = "call", _("page of a call")
    EXPORT = "export", _("export")
    DATA = "data", _("personal data handed out")


class AccessLog(models.Model):
    """Somebody looked at another one's record. People by portal ID; the name as it was then.

    `about_id` None: an administrator's list or export about the whole company.
    """

    at = models.DateTimeField(_("time"))
    reader_id = models.PositiveBigIntegerField(_("employee"), null=True, blank=True)
    reader_name = models.CharField(_("who"), max_length=255, blank=True)
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    about_id = models.PositiveBigIntegerField(_("about"), null=True, blank=True)
    page = models.CharField(_("page"), max_length=16, choices=Opened)
    detail = models.CharField(_("detail"), max_length=255, blank=True)  # a call's ID, an export's question

    class Meta:
        verbose_name = _("look at a record")
        verbose_name_plural = pgettext_lazy("personal data", "access log")  # axes has words of its own for it
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at"], name="access_by_time"),  # the admin's list, and what is forgotten
            models.Index(fields=["about_id", "-at"], name="access_by_person"),  # who looked at me
        ]

    def __str__(self) -> str:
        return f"{self.reader_name} → {self.about_id}"


class Retention(models.Model):
    """At most one row (`slot`): the numbers of calls before this moment are masked, so none is looked through twice."""

    slot = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    masked_before = models.DateTimeField(_("numbers masked before"))

    class Meta:
        verbose_name = _("retention")
        verbose_name_plural = _("retention")

    def __str__(self) -> str:
        return str(self.masked_before)
