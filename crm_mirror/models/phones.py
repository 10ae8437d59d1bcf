"""Phone numbers of mirrored entities: the index that answers while a phone rings."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EntityType(models.TextChoices):
    COMPANY = "company", _("company")
    CONTACT = "contact", _("contact")
    LEAD = "lead", _("lead")


class PhoneNumber(models.Model):
    """One number of one mirrored entity. A CRM value holding two numbers makes two rows."""

    entity_type = models.CharField(_("kind"), max_length=16, choices=EntityType)
    entity_id = models.PositiveBigIntegerField(_("portal ID"))
    e164 = models.CharField(_("number"), max_length=16)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")
        constraints = [  # its index also serves callguard.lookup, the only search while a phone rings
            models.UniqueConstraint(fields=["e164", "entity_type", "entity_id"], name="phone_once_per_entity"),
        ]
        indexes = [  # sync.write replaces an entity's numbers
            models.Index(fields=["entity_type", "entity_id"], name="phone_by_entity"),
        ]

    def __str__(self) -> str:
        return self.e164


class UnreadablePhone(models.Model):
    """A CRM phone value that gave no number, kept word for word for cleaning."""

    entity_type = models.CharField(_("kind"), max_length=16, choices=EntityType)
    entity_id = models.PositiveBigIntegerField(_("portal ID"))
    value = models.CharField(_("text in the CRM"), max_length=255)
    kind = models.CharField(_("why"), max_length=16)  # phones.Kind: internal, hidden, unreadable

    class Meta:
        verbose_name = _("unreadable phone")
        verbose_name_plural = _("unreadable phones")
        indexes = [models.Index(fields=["entity_type", "entity_id"], name="unreadable_by_entity")]

    def __str__(self) -> str:
        return self.value
