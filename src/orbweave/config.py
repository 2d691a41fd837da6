"""Settings: flag > environment > ./orbweave.toml > $XDG_CONFIG_HOME/orbweave/config.toml > default.

Every setting is a field of ``Settings``; its description is the text of docs/configuration.md and of the options.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from orbweave.errors import InvalidInput
from orbweave.user_agent import DEFAULT_USER_AGENT, names_contact

PREFIX = "ORBWEAVE_"

Strings = Annotated[list[str], NoDecode]
Numbers = Annotated[list[float], NoDecode]


def config_files() -> list[Path]:
    """The files read, weakest first."""
    return [Path(platformdirs.user_config_path("orbweave")) / "config.toml", Path("orbweave.toml")]


class Settings(BaseSettings):
    """Each field is ``ORBWEAVE_<NAME>`` in the environment, ``<name>`` in the files; lists are comma-separated."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", validate_default=True)

    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "ORBWEAVE_DATABASE_URL", "database_url"),
        description="An external PostgreSQL, `postgresql://…`; without it Orbweave runs its own.",
    )
    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_path("orbweave")),
        description="Where the embedded database, the local token and logs live.",
    )
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port the server listens on; 0 takes a free one.")
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=0, le=256, description="Worker processes of `serve`."
    )
    worker_concurrency: int = Field(64, ge=1, le=1000, description="Jobs a worker process runs at once.")
    heartbeat_timeout: float = Field(
        30.0, gt=0.2, description="Seconds after which a silent worker's jobs are taken over."
    )
    job_attempts: int = Field(5, ge=1, le=50, description="Times a job is started before it is failed.")
    job_retry_delays: Numbers = Field(
        [2.0, 15.0, 60.0, 300.0], description="Seconds before the second, third, … start of a job; the last repeats."
    )
    campaign_inflight: int = Field(500, ge=1, description="Crawls of one campaign in the queue at once.")
    max_locations: int = Field(10_000, ge=1, description="Locations a campaign may have.")
    shutdown_grace: float = Field(20.0, ge=0, description="Seconds running jobs get to finish after SIGTERM.")
    rate_limit_per_minute: int = Field(100, ge=0, description="API requests a minute per client; 0 is unlimited.")
    rate_limit_burst: int = Field(20, ge=1, description="API requests a client may make at once.")

    place_sources: Strings = Field(
        ["imported", "embedded", "overpass"],
        description="Where places come from, best first: the first that has the country answers. Names of plug-ins may"
        " stand here too.",
    )
    extracts_url: str = Field(
        "https://download.geofabrik.de",
        pattern=r"^https?://",
        description="Where `orbweave places add` gets a country's extract of OpenStreetMap.",
    )
    overture_url: str = Field(
        "https://overturemaps-us-west-2.s3.us-west-2.amazonaws.com",
        pattern=r"^https?://",
        description="Bucket that `orbweave places add --source overture` reads.",
    )
    overpass_url: SecretStr | None = Field(
        None,
        description="Interpreter of an Overpass server that you may use, `https://host/api/interpreter`, for countries"
        " without an import.",
    )
    overpass_days: float = Field(7.0, ge=0, description="Days that an answer of the Overpass server is used again.")

    nameservers: Strings = Field([], description="Resolvers, `address[:port]`; default the system's.")
    connect_to: Strings = Field(
        [],
        description="`HOST1:PORT1:HOST2:PORT2` as in curl's --connect-to: dial HOST2:PORT2 for HOST1:PORT1.",
    )
    ca_file: Path | None = Field(None, description="PEM file of certificate authorities trusted besides the system's.")
    allow_networks: Strings = Field([], description="CIDRs exempt from the private-address block.")
    user_agent: str = Field(
        DEFAULT_USER_AGENT,
        pattern=r"^[\x20-\x7e]+$",
        description="User-Agent of the crawler, with a URL or address where you can be reached: without one only "
        "`allow_networks` are crawled.",
    )
    host_delay: float = Field(1.0, ge=0, description="Seconds between requests to one website.")
    host_connections: int = Field(2, ge=1, le=16, description="Connections to one website at once.")

    browser_path: Path | None = Field(
        None, description="Chromium that renders pages which only scripts can build; default the first one found."
    )
    browser_pages: int = Field(
        2, ge=0, le=32, description="Pages a worker process renders at once in its browser; 0 renders none."
    )
    browser_memory_mb: int = Field(
        1024, ge=256, description="Megabytes the browser of a worker process may take; pages that take more are ended."
    )
    browser_timeout: float = Field(15.0, gt=0, description="Seconds the rendering of a page may take.")
    browser_sandbox: bool = Field(
        True, description="The browser's own sandbox; only for containers that forbid it, `false`."
    )

    never_hosts: Strings = Field([], description="Domains that are never crawled, with all below them.")
    page_cache_mb: int = Field(
        1000, ge=0, description="Megabytes of fetched pages kept, so that no page is fetched twice; 0 keeps none."
    )
    page_cache_days: float = Field(30.0, gt=0, description="Days that a fetched page is kept at most.")

    llm_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="OpenAI-compatible endpoint that answers what only a language model can, such as "
        "`http://127.0.0.1:11434/v1`; it is sent the texts of the sites it is asked about.",
    )
    llm_model: str | None = Field(None, description="Name of the model there.")
    llm_key: SecretStr | None = Field(None, description="Key for that endpoint, if it wants one.")
    llm_timeout: float = Field(60.0, gt=0, le=600, description="Seconds an answer of the model may take.")
    llm_input_price: float | None = Field(
        None, ge=0, description="USD per million tokens that the model reads; with the next, costs are counted."
    )
    llm_output_price: float | None = Field(None, ge=0, description="USD per million tokens that the model writes.")

    smtp_port: int = Field(25, ge=1, le=65535, description="Port mail servers are asked on.")
    smtp_from: str = Field("", description="MAIL FROM of probes, of a domain of your own; default the null sender.")
    smtp_hello: str = Field(
        "", description="Name given in EHLO, one that leads to this host in the DNS; default this host's name."
    )
    smtp_proxy: SecretStr | None = Field(
        None,
        description="SOCKS5 proxy that mail servers are asked through, `socks5://[user:password@]host:port`; for "
        "networks that close port 25.",
    )
    smtp_source: str | None = Field(None, description="Address of this machine that mail servers are asked from.")
    smtp_delay: float = Field(1.0, ge=0, description="Seconds between two sessions with one mail server.")
    smtp_limits: Strings = Field(
        [],
        description="`provider:sessions:seconds`, such as `google:4:0.25`: sessions with a provider at once, and "
        "seconds between two of them, instead of the built-in ones.",
    )
    disposable_list_url: str = Field(
        "https://raw.githubusercontent.com/disposable-email-domains/disposable-email-domains/main/"
        "disposable_email_blocklist.conf",
        pattern=r"^https://",
        description="What `orbweave lists update` downloads: disposable domains, one a line.",
    )
    dnsbl_zones: Strings = Field(
        [],
        description="Block lists asked for `check_dnsbl`, such as `dbl.spamhaus.org`; naming one says that you keep "
        "its terms (`orbweave lists show`).",
    )
    verify_retry_delays: Numbers = Field(
        [60.0, 300.0, 900.0], description="Seconds after which a greylisted address is asked again."
    )

    verdict_days: float = Field(30.0, ge=0, description="Days that a client's verdict on an address is reused.")
    unknown_verdict_hours: float = Field(6.0, ge=0, description="Hours that an `unknown` verdict is reused.")

    server: str | None = Field(
        None, pattern=r"^https?://", description="Server that `campaigns` and `run` talk to; default the local one."
    )
    token: SecretStr | None = Field(
        None, description="API token for that server; the local one's is in `home`/token and is sent to no other."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="What is logged on stderr.")

    @field_validator(
        *("nameservers", "connect_to", "allow_networks", "never_hosts", "verify_retry_delays", "job_retry_delays"),
        *("smtp_limits", "dnsbl_zones", "place_sources"),
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator(
        *("database_url", "ca_file", "browser_path", "server", "token", "llm_url", "llm_model", "llm_key"),
        *("smtp_proxy", "smtp_source", "overpass_url"),
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        """So that an empty variable can take back what a file sets."""
        return None if value == "" else value

    @field_validator("home", "ca_file", "browser_path")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("allow_networks")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for cidr in value:
            ip_network(cidr, strict=False)
        return value

    @field_validator("smtp_proxy")
    @classmethod
    def _socks(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith("socks5://"):
            raise ValueError("a proxy is written socks5://[user:password@]host:port")
        return value

    @field_validator("overpass_url")
    @classmethod
    def _web_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("an Overpass interpreter is written http(s)://host/api/interpreter")
        return value

    @field_validator("smtp_source")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return value and str(ip_address(value))

    @field_validator("connect_to")
    @classmethod
    def _mappings(cls, value: list[str]) -> list[str]:
        for mapping in value:
            if mapping.count(":") < 3:
                raise ValueError(f"{mapping!r} is not HOST1:PORT1:HOST2:PORT2")
        return value

    @cached_property
    def networks(self) -> list[IPv4Network | IPv6Network]:
        return [ip_network(cidr, strict=False) for cidr in self.allow_networks]

    @property
    def reachable(self) -> bool:
        """The User-Agent tells site owners whom to write to."""
        return names_contact(self.user_agent)

    @property
    def has_model(self) -> bool:
        """A language model is configured."""
        return self.llm_url is not None and self.llm_model is not None

    def environment(self) -> dict[str, str]:
        """The variables that give another process of ours these settings."""
        given = self.model_dump(include=self.model_fields_set - {"database_url", "server", "token"})
        return {variables(name)[0]: _written(value) for name, value in given.items() if value is not None}

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


def _written(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def load(**flags: Any) -> Settings:
    """Settings with ``flags`` (None means not given) on top. Raises InvalidInput naming the setting and the reason."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise InvalidInput(_explain(error.errors()[0], given)) from None
    except tomllib.TOMLDecodeError as error:
        broken = next(path for path in config_files() if _toml(path) is None)
        raise InvalidInput(f"{broken} is not valid TOML: {error}.") from None


def origins(flags: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Where each setting's value comes from: ``flag --port``, ``environment ORBWEAVE_PORT``, a file or ``default``."""
    given = {name for name, value in (flags or {}).items() if value is not None}
    environment = {name.lower(): name for name in os.environ}
    files = [(path, _toml(path) or {}) for path in reversed(config_files())]

    def origin(name: str) -> str:
        if name in given:
            return f"flag {flag(name)}"
        for variable in variables(name):
            if variable.lower() in environment:
                return f"environment {environment[variable.lower()]}"
        for path, content in files:
            if {name, *variables(name)} & content.keys():
                return f"file {path}"
        return "default"

    return {name: origin(name) for name in Settings.model_fields}


def variables(name: str) -> list[str]:
    """Environment variables that set it, strongest first."""
    variable = f"{PREFIX}{name.upper()}"
    return ["DATABASE_URL", variable] if name == "database_url" else [variable]


def flag(name: str) -> str:
    """The option that sets it: one value of a list at a time, hence the singular."""
    is_list = isinstance(Settings.model_fields[name].default, list)
    return "--" + (name.removesuffix("s") if is_list else name).replace("_", "-")


def unknown_variables() -> dict[str, str | None]:
    """``ORBWEAVE_*`` variables that set nothing, with the one that was probably meant."""
    known = [variable for name in Settings.model_fields for variable in variables(name)]
    names = (name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    return {name: next(iter(difflib.get_close_matches(name.upper(), known, 1, 0.75)), None) for name in names}


def _explain(error: ErrorDetails, flags: Mapping[str, Any]) -> str:
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        guess = next(iter(difflib.get_close_matches(name, Settings.model_fields, 1, 0.6)), None)
        where = next((path for path in reversed(config_files()) if name in (_toml(path) or {})), "the configuration")
        return f"There is no setting {name!r} ({where})." + (f" Did you mean {guess!r}?" if guess else "")
    field = next((known for known in Settings.model_fields if name in (known, *variables(known))), name)
    origin = origins(flags).get(field, "")
    reason = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    reason = reason[0].lower() + reason[1:]
    return (
        f"Setting {field} ({origin}) {reason}."
        if reason.startswith("should")
        else f"Setting {field} ({origin}): {reason}."
    )


def _toml(path: Path) -> dict[str, Any] | None:
    """Content of a file, {} when there is none, None when it is broken."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
