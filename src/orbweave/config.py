"""Settings: flag > environment > ./orbweave.toml > $XDG_CONFIG_HOME/orbweave/config.toml > default."""

from __future__ import annotations

import os
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

import platformdirs
from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from orbweave.errors import InvalidInput

CONTACT_URL = "https://orbweave.example/bot"


def config_files() -> list[Path]:
    """The files read, weakest first."""
    return [Path(platformdirs.user_config_path("orbweave")) / "config.toml", Path("orbweave.toml")]


class Settings(BaseSettings):
    """Each field is ``ORBWEAVE_<NAME>`` in the environment and ``<name>`` in the TOML files; lists are comma-separated."""

    model_config = SettingsConfigDict(env_prefix="ORBWEAVE_", extra="forbid", validate_default=True)

    database_url: str | None = Field(
        None, validation_alias=AliasChoices("DATABASE_URL", "ORBWEAVE_DATABASE_URL", "database_url"),
        description="An external PostgreSQL; without it Orbweave runs its own.",
    )
    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_path("orbweave")),
        description="Where the embedded database, the local token and logs live.",
    )
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port the server listens on.")
    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=0, le=256, description="Worker processes of `serve`.")
    worker_concurrency: int = Field(64, ge=1, le=1000, description="Jobs a worker process runs at once.")
    heartbeat_timeout: float = Field(30.0, gt=0.2, description="Seconds after which a silent worker's jobs are taken over.")
    job_attempts: int = Field(5, ge=1, le=50, description="Times a job is started before it is failed.")
    campaign_inflight: int = Field(500, ge=1, description="Site (and verify) jobs of one campaign in the queue at once.")
    max_locations: int = Field(10_000, ge=1, description="Locations a campaign may have.")
    shutdown_grace: float = Field(20.0, ge=0, description="Seconds running jobs get to finish after SIGTERM.")
    rate_limit_per_minute: int = Field(100, ge=0, description="API requests a minute per client; 0 is unlimited.")
    rate_limit_burst: int = Field(20, ge=1, description="API requests a client may make at once.")

    nameservers: Annotated[list[str], NoDecode] = Field([], description="Resolvers, `address[:port]`; default the system's.")
    connect_to: Annotated[list[str], NoDecode] = Field(
        [], description="`HOST1:PORT1:HOST2:PORT2` as in curl's --connect-to: dial HOST2:PORT2 for HOST1:PORT1."
    )
    ca_file: Path | None = Field(None, description="PEM file of certificate authorities trusted besides the system's.")
    allow_networks: Annotated[list[str], NoDecode] = Field([], description="CIDRs exempt from the private-address block.")
    user_agent: str = Field(f"Orbweave/0.1 (+{CONTACT_URL})", description="User-Agent of the crawler; include a contact URL.")
    host_delay: float = Field(1.0, ge=0, description="Seconds between requests to one website.")
    host_connections: int = Field(2, ge=1, le=16, description="Connections to one website at once.")

    smtp_port: int = Field(25, ge=1, le=65535, description="Port mail servers are asked on.")
    smtp_from: str = Field("", description="MAIL FROM of probes; default the null sender.")
    smtp_hello: str = Field("", description="Name given in EHLO; default this host's name.")
    verify_retry_delays: Annotated[list[float], NoDecode] = Field(
        [60.0, 300.0, 900.0], description="Seconds after which a greylisted address is asked again."
    )

    log_level: str = Field("warning", description="debug, info, warning or error.")

    @field_validator("nameservers", "connect_to", "allow_networks", "verify_retry_delays", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("allow_networks")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for cidr in value:
            ip_network(cidr, strict=False)
        return value

    @cached_property
    def networks(self) -> list[IPv4Network | IPv6Network]:
        return [ip_network(cidr, strict=False) for cidr in self.allow_networks]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_files()))


def load(**flags: Any) -> Settings:
    """Settings with ``flags`` (None means not given) on top. Raises InvalidInput naming the setting and the reason."""
    try:
        return Settings(**{key: value for key, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"Setting {name} is not usable: {first['msg']}. See `orbweave config show --origin`.") from None
