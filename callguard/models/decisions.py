"""What people say of a conflict: a decision of whoever answers for the caller, and comments."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from callguard.models.calls import Call


class Decision(models.Model):
    """The word that counts on one call. `number`: the how manieth it is; whoever decides names the one he has seen."""

    call = models.OneToOneField(Call, models.CASCADE, related_name="decision", verbose_name=_("call"))
    excuses = models.BooleanField(_("excuses"))
    words = models.TextField(_("what was said"), max_length=2000)
    at = models.DateTimeField(_("time"))
    by_id = models.PositiveBigIntegerField(_("by"), null=True, blank=True)  # portal ID, where it is known
    by_name = models.CharField(_("by"), max_length=255)
    number = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.call_id}: {self.excuses}"


class Comment(models.Model):
    """Said about a call by somebody who may see it; neither changed nor taken back."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="comments", verbose_name=_("call"))
    text = models.TextField(_("comment"), max_length=2000)
    at = models.DateTimeField(_("time"))
    by_id = models.PositiveBigIntegerField(_("by"), null=True, blank=True)  # portal ID, where it is known
    by_name = models.CharField(_("by"), max_length=255)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["id"]
        indexes = [models.Index(fields=["by_id"], name="comment_by_person")]  # what one person has said (privacy)

    def __str__(self) -> str:
        return f"{self.call_id}: {self.text}"
