"""Which exchange is whose? A file of the state folder, `asterisk.toml`, with a part for each force; the README shows one."""

import os
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from watchroom.links.asterisk.ari import Address
from watchroom.links.asterisk.rules import Part

FILE = "asterisk.toml"


class Exchange(BaseModel):
    """One force's exchange, and how its telephones are called there. `{name}` is a log-in name, `{number}` +447700900417."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://[^/?#@]+$")
    user: str
    password: SecretStr = SecretStr("")  # or in the environment: WATCHROOM_ASTERISK_PASSWORD
    app: str = "watchroom"
    trunks: dict[str, str] = {"999": "999", "101": "101"}  # number called → channel, and how they speak: "999 text_relay"
    telephone: str = "PJSIP/{name}"
    telephones: dict[str, str] = {}  # log-in name → telephone, where it is not called like its owner
    partners: dict[str, str] = {}  # agency of the policy → telephone
    ring_back: str = "PJSIP/{number}@public"
    shown: str = ""  # the number that is shown to whoever is rung back
    ring_for_s: int = Field(default=25, ge=1, le=300)

    @property
    def address(self) -> Address:
        password = self.password.get_secret_value() or os.environ.get("WATCHROOM_ASTERISK_PASSWORD", "")
        return Address(self.url, self.user, password, self.app)

    def telephone_of(self, part: Part, number: str) -> str:
        """What is dialled for this part of a call; empty when nobody said how."""
        if part.role == "partner":
            return self.partners.get(part.who, "")
        if part.role == "caller":
            return self.ring_back.format(number=number)
        return self.telephones.get(part.who) or self.telephone.format(name=part.who)


def path(data: Path) -> Path:
    return Path(os.environ.get("WATCHROOM_ASTERISK") or data / FILE)


def read(data: Path) -> dict[str, Exchange]:
    """The exchange of each force; none without the file. Raises ValueError (pydantic's, tomllib's) for one that makes no sense."""
    where = path(data)
    if not where.is_file():
        return {}
    return {force: Exchange.model_validate(given) for force, given in tomllib.loads(where.read_text()).items()}
