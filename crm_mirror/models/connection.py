"""The portal as an application is connected to it. With a webhook the settings alone say everything."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PortalConnection(models.Model):
    """Tokens of the local application, encrypted (crm_mirror.secrets); one row per portal. docs: settings/oauth"""

    member_id = models.CharField(_("portal's own ID"), max_length=64, unique=True)
    origin = models.CharField(_("portal"), max_length=255)  # https://portal.example
    access_token = models.TextField(editable=False)  # encrypted
    # encrypted; replaced at each renewal; empty once the authorization server has refused it for good
    refresh_token = models.TextField(editable=False, blank=True)
    application_token = models.TextField(editable=False, blank=True)  # encrypted; what events must carry
    expires_at = models.DateTimeField(_("access ends"))
    user_id = models.PositiveBigIntegerField(_("acts as"), null=True, blank=True)
    scopes = models.CharField(_("permissions"), max_length=255, blank=True)
    connected_at = models.DateTimeField(_("connected"))
    refreshed_at = models.DateTimeField(_("last renewed"), null=True, blank=True)
    # Until when the one process that renews the tokens has it to itself (crm_mirror.tokens); empty: nobody does.
    renewing_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")

    def __str__(self) -> str:
        return self.origin
