"""The flows' typed parameters: what an operator fills in on the Prefect form, described and bounded."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

import hotel.loads

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
PropertyOrAll = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9][a-z0-9_-]{0,62})$")]
ChannelOrAll = PropertyOrAll
PushKind = Literal["availability", "restrictions", "rates"]


class Window(BaseModel):
    """A stretch of the source's modification time to read again, since included, until not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: AwareDatetime = Field(description="First instant to read, with its offset (2026-01-31T00:00:00Z).")
    until: AwareDatetime = Field(description="First instant not to read any more, with its offset.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since >= self.until:
            msg = "the window is empty: `since` must lie before `until`"
            raise ValueError(msg)
        return self

    def stretch(self) -> hotel.loads.Window:
        """Give the window in the language of the house."""
        return hotel.loads.Window(since=self.since, until=self.until)


class QuarantineChoice(BaseModel):
    """Which quarantined rows are meant; every given field narrows the choice."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: list[int] = Field(default=[], description="Rows by their quarantine_id; empty means any.")
    reason: str | None = Field(default=None, description="Only rows with this reason code, e.g. no_guests.")
    source: Slug | None = Field(default=None, description="Only rows of this source.")
    property_id: Slug | None = Field(default=None, description="Only rows of this property.")
    received_since: datetime | None = Field(default=None, description="Only rows first seen at or after this instant.")


class MessageChoice(BaseModel):
    """Which booking messages are meant: all that are stuck; every given field narrows the choice."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: list[int] = Field(default=[], description="Messages by their inbox_id, whatever became of them; empty: any.")
    reason: str | None = Field(
        default=None, description="Only those with this error code or status (unmapped, dead), or reason code of a row."
    )
    source: Slug | None = Field(default=None, description="Only messages of this source.")
    property_id: Slug | None = Field(default=None, description="Only messages of this property.")
    received_since: AwareDatetime | None = Field(
        default=None, description="Only those received at or after this instant."
    )
    received_until: AwareDatetime | None = Field(default=None, description="Only those received before this instant.")
    origin: Literal["inbox", "quarantine", "both"] = Field(
        default="both", description="Those stuck in the inbox, those of which rows are held in quarantine, or both."
    )
    with_done: bool = Field(
        default=False, description="Also messages that came to a good end; name a source or a window with it."
    )

    @model_validator(mode="after")
    def _not_everything(self) -> Self:
        if self.with_done and not (self.ids or self.source or self.received_since):
            msg = "with_done would read every message ever received: name ids, a source or since when"
            raise ValueError(msg)
        return self


class Release(BaseModel):
    """An operator's act: the chosen rows load although the gate held them. It is written to the audit log."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    actor: str = Field(min_length=2, max_length=80, description="Who decides, as the audit log shall name them.")
    reason: str = Field(
        min_length=8, max_length=400, description="Why these rows are right although the gate held them."
    )
