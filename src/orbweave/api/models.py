"""Request bodies: limits, defaults and aliases of the wire format. Unknown fields are ignored."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)
from pydantic.functional_validators import AfterValidator

from orbweave.campaigns.spec import CampaignSpec, LocationFilter, SiteStage, VerifyStage, Workflow
from orbweave.errors import InvalidInput
from orbweave.site.request import CrawlRequest

INT4_MAX = 2**31 - 1
INT53_MAX = 2**53 - 1

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]
PageKind = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
CountryCode = Annotated[str, StringConstraints(pattern="^[A-Za-z]{2}$", to_upper=True)]
Population = Annotated[int, Field(ge=0, le=INT4_MAX)]
LocationId = Annotated[int, Field(ge=1, le=INT53_MAX)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Seconds = int | float
SiteMode = Literal["contacts", "compendium", "leads", "full"]
CrawlStrategy = Literal["bestfirst", "bfs", "dfs"]
JobType = Literal["spiderMaps", "spiderSite", "spiderVerify"]
JobState = Literal["queued", "processing", "completed", "failed", "cancelled"]
CampaignState = Literal["active", "paused", "completed", "stopped"]


def _is_web_address(url: str) -> str:
    AnyHttpUrl(url)
    return url


WebAddress = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048), AfterValidator(_is_web_address)
]


class Fields(BaseModel):
    """Null is as good as absent."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


class Payload(Fields):
    """Passed on whole, as it was given: an unknown field is ignored, but makes the payload a different one.

    What is documented here is checked in full by the service that gets it (``from_payload``).
    """

    model_config = ConfigDict(extra="allow")

    test: bool = Field(default=False, description="Never answered from an earlier identical job.")

    def given(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_unset=True)


class MapsPayload(Payload):
    search_query: Text = Field(
        validation_alias=AliasChoices("search_query", "query"),
        examples=["dentists in Vaduz"],
        description="Alias: query.",
    )
    max_results: int = Field(default=20, ge=1, le=100)
    lang: str | None = Field(default=None, max_length=35)
    country: CountryCode | None = None
    location_id: LocationId | None = None
    validate_phones: bool = True
    source: str | None = Field(default=None, max_length=100)


class CompendiumOptions(Fields):
    model_config = ConfigDict(extra="allow")

    enabled: bool = True
    cleanup_level: Literal["raw", "fit", "citations", "minimal"] = Field(
        default="fit",
        description="raw: the whole page; fit: its content; citations: links as numbers, listed at the end; "
        "minimal: no links, images or emphasis.",
    )
    max_chars: int = Field(default=100_000, ge=1, le=1_000_000, description="Cut between two blocks of text.")
    include_in_response: bool = True
    remove_duplicates: bool = True
    separator: str = Field(default="\n\n---\n\n", max_length=100, description="Between two pages.")
    priority_sections: list[PageKind] = Field(
        default=[], max_length=50, description="Page kinds, or words of headings, that come first."
    )


class CustomPrompt(Fields):
    """A question of your own about the site. Needs a language model."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    enabled: bool = Field(default=False, description="On when there is a user_prompt, unless it is given.")
    user_prompt: str | None = Field(default=None, max_length=20_000, examples=["Which services do they offer?"])
    system_prompt: str | None = Field(default=None, max_length=20_000)
    json_schema: dict[str, Any] | None = Field(default=None, description="What the answer must fit; default text.")
    output_field_name: str = Field(default="custom_analysis", pattern="^[A-Za-z_][A-Za-z0-9_]{0,63}$")
    model: str | None = Field(default=None, max_length=200, description="Default the configured one.")
    temperature: float = Field(default=0.2, ge=0, le=2)
    max_tokens: int = Field(default=1024, ge=1, le=32_000)


class SitePayload(Payload):
    url: WebAddress = Field(examples=["https://www.example.com"])
    mode: SiteMode = Field(
        default="contacts", description="A preset of max_pages and of what is extracted; explicit fields win."
    )
    max_pages: int = Field(default=10, ge=1, le=100)
    crawl_strategy: CrawlStrategy = "bestfirst"
    target_pages: list[PageKind] = Field(default=["contact", "about", "team", "news", "blog"], max_length=50)
    timeout: Seconds = Field(default=30, ge=10, le=120, description="Per page.")
    enable_spa: bool = True
    spa_timeout: Seconds = Field(default=30, ge=10, le=120)
    extract_team: bool = False
    extract_company_info: bool = False
    extract_pain_points: bool = Field(default=False, description="Needs a language model.")
    product_description: Description | None = Field(default=None, description="With icp_description or not at all.")
    icp_description: Description | None = None
    compendium: CompendiumOptions | StrictBool | None = Field(
        default=None, description="The pages as one Markdown text; on in the modes compendium and full."
    )
    custom_ai_prompt: CustomPrompt | None = None
    stop_early: bool = Field(
        default=True, description="In the mode contacts: stop when the remaining pages can add nothing."
    )


Address = Annotated[str, StringConstraints(max_length=1024)]


class VerifyPayload(Payload):
    """Exactly one of ``email`` and ``emails``."""

    email: Address | None = Field(default=None, examples=["info@example.com"])
    emails: list[Address] | None = Field(default=None, min_length=1, max_length=100)
    check_gravatar: bool = False
    check_dnsbl: bool = False
    smtp_timeout_secs: Seconds = Field(default=10, ge=10, le=120)
    from_email: str | None = Field(default=None, max_length=320)
    hello_name: str | None = Field(default=None, max_length=253)


class Submission(Fields):
    priority: int = Field(default=0, ge=0, le=10, description="Higher first.")


class MapsSubmission(Submission):
    payload: MapsPayload


class SiteSubmission(Submission):
    payload: SitePayload


class VerifySubmission(Submission):
    payload: VerifyPayload


class LegacySubmission(BaseModel):
    """The flat form of old clients: the payload's own fields stand beside these two."""

    model_config = ConfigDict(extra="allow")

    job_type: str = Field(examples=["spiderSite"], description="spiderSite or spiderMaps.")
    url: str | None = Field(default=None, max_length=2048, description="The website, or for spiderMaps what to search.")
    priority: int = Field(default=0, ge=0, le=10)


NEEDS = {
    "population": "min_population",
    "regions": "admin_regions",
    "city": "parent_city",
    "custom": "location_ids",
    "bbox": "bbox",
    "polygon": "polygon",
}


class FilterConfig(Fields):
    mode: Literal["all", "cities_only", "population", "regions", "city", "custom", "bbox", "polygon"] = "all"
    min_population: Population | None = None
    max_population: Population | None = None
    admin_regions: list[Text] | None = Field(default=None, min_length=1, max_length=1000)
    parent_city: Text | None = None
    location_ids: list[LocationId] | None = Field(default=None, min_length=1, max_length=100_000)
    bbox: tuple[Longitude, Latitude, Longitude, Latitude] | None = Field(
        default=None, description="West, south, east, north in degrees; west > east crosses the 180th meridian."
    )
    polygon: dict[str, Any] | None = Field(
        default=None, description="GeoJSON: Polygon, MultiPolygon, Feature or FeatureCollection."
    )
    include_postcodes: bool = Field(default=False, description="Replace each city that has postcodes by them.")

    @model_validator(mode="after")
    def _complete(self) -> FilterConfig:
        needed = NEEDS.get(self.mode)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"The filter mode {self.mode} needs {needed}.")
        if (
            self.min_population is not None
            and self.max_population is not None
            and self.max_population < self.min_population
        ):
            raise ValueError("max_population must not be below min_population.")
        if self.bbox and self.bbox[1] > self.bbox[3]:
            raise ValueError("bbox is [west, south, east, north]: south must not exceed north.")
        return self

    def filter(self) -> LocationFilter:
        return LocationFilter(
            mode=self.mode,
            min_population=self.min_population,
            max_population=self.max_population,
            admin_regions=tuple(self.admin_regions or ()),
            parent_city=self.parent_city,
            location_ids=tuple(self.location_ids or ()),
            bbox=self.bbox,
            polygon=self.polygon,
            include_postcodes=self.include_postcodes,
            given={"mode": self.mode, **self.model_dump(mode="json", exclude_unset=True, exclude_none=True)},
        )


class SiteConfig(Fields):
    enabled: bool = False
    max_pages: int = Field(default=25, ge=1, le=100)
    mode: SiteMode | None = None
    crawl_strategy: CrawlStrategy = "bestfirst"
    extract_team: bool = False
    extract_company_info: bool = False
    extract_pain_points: bool = Field(default=False, description="Needs a language model.")
    product_description: Description | None = Field(default=None, description="With icp_description or not at all.")
    icp_description: Description | None = None

    @model_validator(mode="after")
    def _crawlable(self) -> SiteConfig:
        """What every crawl would refuse is refused now."""
        try:
            self.check(model=True)
        except InvalidInput as error:
            raise ValueError(str(error)) from None
        return self

    def check(self, *, model: bool) -> None:
        """Raises InvalidInput for what a crawl would refuse, with a language model or without one."""
        CrawlRequest.from_payload({**self.config(), "url": "https://example.com/"}, model=model)

    def config(self) -> dict[str, Any]:
        """What holds for each crawl; a mode brings its own defaults, which ours must not overrule."""
        return self.model_dump(mode="json", exclude_none=True, exclude_unset=self.mode is not None)


class VerifyConfig(Fields):
    enabled: bool = False
    max_emails_per_business: int = Field(default=10, ge=1, le=50)
    check_gravatar: bool = False
    check_dnsbl: bool = False
    smtp_timeout_secs: Seconds = Field(default=45, ge=10, le=120)

    def options(self) -> dict[str, Any]:
        """What holds for each check."""
        return self.model_dump(mode="json", exclude={"enabled", "max_emails_per_business"})


class WorkflowConfig(Fields):
    spidersite: SiteConfig = SiteConfig()
    spiderverify: VerifyConfig = VerifyConfig()
    filter_social_media: bool = True
    filter_review_sites: bool = True
    filter_directories: bool = True
    filter_maps: bool = True

    @model_validator(mode="after")
    def _in_order(self) -> WorkflowConfig:
        if self.spiderverify.enabled and not self.spidersite.enabled:
            raise ValueError("spiderverify checks what spidersite finds: enable spidersite too.")
        return self

    def workflow(self) -> Workflow | None:
        """None when every stage is off."""
        if not self.spidersite.enabled:
            return None
        site = self.spidersite.config()
        filters = self.model_dump(exclude={"spidersite", "spiderverify"})
        return Workflow(
            site=SiteStage(enabled=True, payload={key: value for key, value in site.items() if key != "enabled"}),
            verify=VerifyStage(
                enabled=self.spiderverify.enabled,
                max_emails_per_business=self.spiderverify.max_emails_per_business,
                payload=self.spiderverify.options(),
            ),
            **filters,
            given={"spidersite": site, "spiderverify": self.spiderverify.model_dump(mode="json"), **filters},
        )


class Dispatch(Fields):
    mode: Literal["manual", "auto"] = Field(default="manual", description="auto: Orbweave itself calls next.")
    max_inflight: int = Field(default=50, ge=1, le=500, description="Locations at once, when auto.")


class CampaignSubmission(Fields):
    query: Text = Field(
        validation_alias=AliasChoices("query", "search_query"),
        examples=["restaurants"],
        description="What to search, without a place. Alias: search_query.",
    )
    country_code: CountryCode = Field(examples=["LI"], description="ISO 3166 alpha-2, any case.")
    filter: FilterConfig | None = None
    max_results: int = Field(default=100, ge=1, le=500, description="Businesses per location.")
    name: Text | None = None
    test: bool = False
    workflow: WorkflowConfig | None = None
    dispatch: Dispatch | None = None
    source: str | None = Field(default=None, max_length=100)
    webhook_url: WebAddress | None = None
    lang: str | None = Field(default=None, max_length=35)

    def spec(self, *, model: bool) -> CampaignSpec:
        """``model``: is a language model configured? Raises InvalidInput for what needs one."""
        if self.workflow:
            self.workflow.spidersite.check(model=model)
        dispatch = self.dispatch or Dispatch()
        return CampaignSpec(
            query=self.query,
            country_code=self.country_code,
            filter=(self.filter or FilterConfig()).filter(),
            max_results=self.max_results,
            name=self.name,
            test=self.test,
            workflow=self.workflow.workflow() if self.workflow else None,
            dispatch=dispatch.mode,
            max_inflight=dispatch.max_inflight,
            source=self.source,
            webhook_url=self.webhook_url,
            lang=self.lang,
        )


class CampaignChange(Fields):
    name: Text


class Retry(Fields):
    retry_mode: Literal["full", "site", "verify"] = "full"
