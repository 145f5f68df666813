"""What the settings say of breaking the glass: when one person alone may let approved words out."""

from pydantic import BaseModel, ConfigDict, Field


class Glass(BaseModel):
    """How long past their approval words may still be used in an emergency, and how long somebody waits for a yes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    #: A yearly reading slips past a summer and a vacancy, not past a quarter of a year. 0: never.
    expired_days: float = Field(90, ge=0, le=366)
    #: Long enough for somebody who was rung up to sign in, short enough for a first message at night.
    wait_minutes: float = Field(10, ge=0, le=360)
