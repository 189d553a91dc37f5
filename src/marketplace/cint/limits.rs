//! What Cint refuses or does differently than one expects, each with its source.

use super::encode::attribute;
use super::{fit, locale};
use crate::diag::{Rule, code};
use crate::marketplace::shelf::rules::{Breach, Place, QuotaRules};
use crate::model::{Field, Level, Money, Status, SurveySpec};
use iso_currency::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

const fn rule(text: &'static str, source: &'static str) -> Rule {
    Rule {
        vendor: "Cint",
        text,
        source,
    }
}

/// What its documents say of quotas.
pub const QUOTAS: QuotaRules = QuotaRules {
    below: SUM,
    above: SUM,
    any_full_ends: rule(
        "a respondent has to fit into every profile",
        "inferred from the contract's examples",
    ),
};
const SUM: Rule = rule(
    "quotas of one question sum to the goal, interlocked ones to no more",
    "OpenAPI, profile_validation_error_010; the exact rule is not published",
);

const REQUIRED: Rule = rule(
    "a target group has a name, business unit, locale, project manager, dates, goal, length and incidence rate",
    "OpenAPI, CreateDraftTargetGroupRequest",
);
const PROJECT: Rule = rule(
    "a project has a name and a project manager",
    "OpenAPI, ProjectInfo",
);
const NAME: Rule = rule("a name has 5 to 128 characters", "OpenAPI, ProjectInfo");
const LENGTH: Rule = rule(
    "the length of interview is 1 to 45 minutes",
    "OpenAPI, CreateDraftTargetGroupRequest",
);
const GOAL: Rule = rule(
    "the goal is at most 10000",
    "OpenAPI, calculate_target_group_feasibility",
);
const URLS: Rule = rule("URLs are https", "OpenAPI, TargetGroupDetailsUpdateRequest");
const PLACEHOLDER: Rule = rule("the URL carries the respondent's id", "OpenAPI, live_url");
const LAUNCH: Rule = rule(
    "the details of a launched target group cannot be written without both URLs",
    "OpenAPI, TargetGroupDetailsUpdateRequest",
);
const LOCALE: Rule = rule("locales are ISO 639-2/T and ISO 3166", "OpenAPI, get_locales");
const CEILING: Rule = rule(
    "the price is at most 105 USD or its equivalent",
    "OpenAPI, update_cost_per_interview",
);
const MARKET: Rule = rule(
    "a price is set by the buyer, or by the business unit's rate card",
    "OpenAPI, CreateDraftTargetGroupRequest",
);
const AMOUNT: Rule = rule(
    "an amount is a decimal of zero or more with its currency",
    "OpenAPI, MonetaryAmount",
);
const CURRENCIES: Rule = rule(
    "the business unit decides the currency",
    "portal page Create a target group, guide of 2025-02",
);
const DAYS: Rule = rule(
    "a target group is fielded between two times",
    "OpenAPI, fielding_specification",
);
const PRICING: Rule = rule(
    "a budget and a highest price exclude each other",
    "OpenAPI, ModuleDynamicPricing",
);

const SOFT_LAUNCH: Rule = rule(
    "a soft launch ends while the target group is fielded",
    "OpenAPI, ModuleSoftLaunch",
);
const EXCLUDED: Rule = rule(
    "exclusions name target groups and projects by their ids",
    "OpenAPI, SetRespondentActivityExclusionsRequest",
);

/// Currencies of business units (guide of 2025-02).
const TRADED: [&str; 12] = [
    "AUD", "GBP", "EUR", "INR", "SGD", "USD", "JPY", "SEK", "TRY", "CAD", "ZAR", "CNY",
];

/// Why suppliers have shares.
const SHARES: Rule = rule(
    "suppliers have a share of the completes, or are blocked",
    "OpenAPI, allocations of a target group",
);

/// Every rule that a project or a target group breaks as the manifest states it.
pub fn check(level: Level, spec: &SurveySpec) -> Vec<Breach> {
    let title = ("title", spec.title.value().is_some());
    let manager = (
        "cint.project_manager",
        attribute(spec, "project_manager").is_some(),
    );
    let mut out = Vec::from_iter(length_of_name(spec));
    if level == Level::Container {
        out.extend(lacks("the project", [title, manager], PROJECT));
        return out;
    }
    let fields = [
        title,
        ("locale", spec.locale.value().is_some()),
        ("completes", spec.completes.value().is_some()),
        ("incidence_rate", spec.incidence_rate.value().is_some()),
        ("length_of_interview", spec.length_of_interview.value().is_some()),
        ("field.end", spec.end.value().is_some()),
        ("cint.business_unit", attribute(spec, "business_unit").is_some()),
        manager,
    ];
    out.extend(lacks("the target group", fields, REQUIRED));
    out.extend(length_of_interview(spec));
    out.extend(suppliers(spec));
    out.extend(super::respondents::are_too_large(spec));
    out.extend(Breach::not_whole(
        "length_of_interview",
        &spec.length_of_interview,
        LENGTH,
    ));
    out.extend(goal(spec));
    out.extend(
        ["live_url", "test_url"]
            .iter()
            .filter_map(|field| url(spec, field)),
    );
    out.extend(placeholder(spec));
    out.extend(unknown_locale(spec));
    out.extend(market_price(spec));
    for (field, money) in [("cpi", &spec.cpi), ("max_cpi", &spec.max_cpi)] {
        let money = money.value();
        out.extend(money.and_then(|money| currency(Place::Field(field), money)));
        out.extend(money.and_then(|money| ceiling(field, money)));
    }
    out.extend(above_own_ceiling(spec));
    out.extend(amounts(spec));
    out.extend(budget(spec));
    out.extend(days(spec));
    out.extend(soft_launch(spec));
    out.extend(excluded_ids(spec));
    out.extend(conflicts(spec));
    out
}

fn lacks<const N: usize>(what: &str, fields: [(&'static str, bool); N], rule: Rule) -> Option<Breach> {
    let help = "add them to the group, or to the survey for all its groups";
    Breach::incomplete(what, fields, rule).map(|breach| breach.label("this one").help(help))
}

fn length_of_name(spec: &SurveySpec) -> Option<Breach> {
    let length = spec.title.value()?.trim().chars().count();
    let message = "Cint takes no title of this length";
    let breach = Breach::error(code::VENDOR_LIMIT, Place::Field("title"), message, NAME)
        .label(format!("{length} characters"))
        .help("write a title of 5 to 128 characters; a group without one has the survey's title and its own name");
    (!(5..=128).contains(&length)).then_some(breach)
}

fn length_of_interview(spec: &SurveySpec) -> Option<Breach> {
    let minutes = spec.length_of_interview.value()?;
    let place = Place::Field("length_of_interview");
    let message = format!("Cint fields no interviews of {minutes} minutes");
    let breach = Breach::error(code::VENDOR_LIMIT, place, message, LENGTH)
        .label("1 to 45")
        .help("shorten the interview");
    (*minutes < Decimal::ONE || *minutes > Decimal::from(45)).then_some(breach)
}

fn suppliers(spec: &SurveySpec) -> Vec<Breach> {
    let Some(list) = spec.suppliers.value() else {
        return Vec::new();
    };
    let place = || Place::Field("suppliers");
    let mut out = Vec::new();
    for entry in list.iter() {
        let given = [
            ("completes", entry.completes.is_some()),
            ("cpi", entry.cpi.is_some()),
        ];
        for (key, _) in given.into_iter().filter(|(_, given)| *given) {
            let message = format!("Cint takes no `{key}` of a supplier");
            let breach = Breach::error(code::VENDOR_UNSUPPORTED, place(), message, SHARES);
            let help = format!("write `share: {{min: 0, max: 40}}` in place of `{key}`");
            out.push(breach.label("not at this vendor").help(help));
        }
    }
    if attribute(spec, "allocations").is_some() {
        let message = "`suppliers` and `cint.allocations` both say who sends respondents";
        let breach = Breach::error(code::SURVEY_CONFLICTING_POLICY, place(), message, SHARES);
        let breach = breach.also(Place::Attribute("allocations"), "and here");
        out.push(breach.label("said here").help("remove one of them"));
    }
    out
}

fn goal(spec: &SurveySpec) -> Option<Breach> {
    let goal = spec.completes.value().filter(|goal| **goal > 10_000)?;
    let message = format!("Cint estimates no goal of {goal} completes");
    let breach = Breach::warning(code::VENDOR_LIMIT, Place::Field("completes"), message, GOAL);
    let help = "split it into several target groups";
    Some(breach.label("more than 10000").help(help))
}

fn url(spec: &SurveySpec, field: &'static str) -> Option<Breach> {
    let url = if field == "live_url" {
        &spec.live_url
    } else {
        &spec.test_url
    };
    match url.value() {
        Some(url) if !url.starts_with("https://") => {
            let message = format!("Cint takes no `{field}` without TLS");
            let breach = Breach::error(code::SURVEY_URL, Place::Field(field), message, URLS);
            Some(breach.label("not https").help("write an https URL"))
        }
        None if spec.status == Field::Set(Status::Live) => {
            let message = format!("a live target group needs `{field}`");
            let code = code::SURVEY_LAUNCH_INCOMPLETE;
            let breach = Breach::error(code, Place::Field("status"), message, LAUNCH)
                .label(format!("needs `{field}`"))
                .missing([field])
                .help(format!("add `{field}`, or write `status: draft`"));
            Some(breach)
        }
        Some(_) | None => None,
    }
}

fn placeholder(spec: &SurveySpec) -> Option<Breach> {
    spec.live_url.value().filter(|url| !url.contains("[%RID%]"))?;
    let message = "the live URL carries no `[%RID%]`";
    let breach = Breach::warning(code::SURVEY_URL, Place::Field("live_url"), message, PLACEHOLDER)
        .label("not filled in by the vendor")
        .help("write it such as `https://survey.example.com/s/1?rid=[%RID%]`");
    Some(breach)
}

fn unknown_locale(spec: &SurveySpec) -> Option<Breach> {
    let written = spec
        .locale
        .value()
        .filter(|tag| locale::to_vendor(tag).is_none())?;
    let message = format!("infield does not know Cint's code for {written}");
    let breach = Breach::error(
        code::SURVEY_UNKNOWN_LOCALE,
        Place::Field("locale"),
        message,
        LOCALE,
    )
    .label("no code for it")
    .help("write one language and one region, such as `en-US`");
    Some(breach)
}

fn market_price(spec: &SurveySpec) -> Option<Breach> {
    let message = "Cint has no market price";
    let breach = Breach::error(code::VENDOR_UNSUPPORTED, Place::Field("cpi"), message, MARKET)
        .label("no market price")
        .help(
            "write a price; leave `cpi` out where the business unit has a rate card, or let the Fielding Assistant \
             move it below `max_cpi`",
        );
    (spec.cpi == Field::Null).then_some(breach)
}

/// What in the block is an amount of money, by its place there.
pub(super) const AMOUNTS: [&str; 4] = [
    "client_cpi_note",
    "fielding_assistant/pricing/total_budget",
    "fielding_assistant/pricing/minimum_cpi",
    "fielding_assistant/pricing/boost_cpi",
];

/// The text of an amount of the block.
pub(super) fn amount<'a>(spec: &'a SurveySpec, place: &str) -> Option<&'a str> {
    let (key, below) = place.split_at(place.find('/').unwrap_or(place.len()));
    attribute(spec, key)?.pointer(below)?.as_str()
}

/// Amounts in the block are read as prices are: what is none would go to the vendor as it stands, and count as no bound.
fn amounts(spec: &SurveySpec) -> impl Iterator<Item = Breach> {
    let given = AMOUNTS
        .into_iter()
        .filter_map(|place| Some((place, amount(spec, place)?)));
    given.filter_map(|(place, text)| match text.parse::<Money>() {
        Ok(money) => currency(Place::Attribute(place), &money),
        Err(error) => {
            let breach = Breach::error(
                code::MONEY_INVALID,
                Place::Attribute(place),
                error.to_string(),
                AMOUNT,
            );
            let help = "write an amount and a currency, such as `3.75 USD`";
            Some(breach.label("not an amount").help(help))
        }
    })
}

fn currency(place: Place, money: &Money) -> Option<Breach> {
    let currency = money.currency.code();
    let message = format!("no business unit of Cint trades in {currency}");
    let breach = Breach::error(code::MONEY_CURRENCY, place, message, CURRENCIES)
        .label("not traded there")
        .help("write the currency of the business unit");
    (!TRADED.contains(&currency)).then_some(breach)
}

fn ceiling(field: &'static str, money: &Money) -> Option<Breach> {
    let highest = Money::new(Decimal::from(105), Currency::USD);
    let message = format!("Cint takes no `{field}` of {money}");
    let breach = Breach::error(code::VENDOR_LIMIT, Place::Field(field), message, CEILING)
        .label(format!("more than {highest}"))
        .help("lower it");
    (money.currency == highest.currency && money.amount > highest.amount).then_some(breach)
}

fn above_own_ceiling(spec: &SurveySpec) -> Option<Breach> {
    let (offer, ceiling) = (spec.cpi.value()?, spec.max_cpi.value()?);
    let message = format!("the price {offer} is above its ceiling");
    let breach = Breach::error(code::MONEY_ABOVE_CEILING, Place::Field("cpi"), message, CEILING)
        .label(format!("more than {ceiling}"))
        .also(Place::Field("max_cpi"), "the ceiling")
        .help("raise `max_cpi`, or lower `cpi`");
    (offer.currency == ceiling.currency && offer.amount > ceiling.amount).then_some(breach)
}

fn budget(spec: &SurveySpec) -> Option<Breach> {
    spec.max_cpi.value()?;
    attribute(spec, "fielding_assistant")?.pointer("/pricing/total_budget")?;
    let message = "`max_cpi` and a total budget cannot stand together";
    let budget = Place::Attribute("fielding_assistant/pricing/total_budget");
    let breach = Breach::error(code::VENDOR_LIMIT, Place::Field("max_cpi"), message, PRICING)
        .label("and a budget")
        .also(budget, "the budget")
        .help("keep one of them");
    Some(breach)
}

fn days(spec: &SurveySpec) -> Option<Breach> {
    let message = "Cint takes no `field_days`";
    let breach = Breach::warning(
        code::VENDOR_UNSUPPORTED,
        Place::Field("field_days"),
        message,
        DAYS,
    )
    .label("not sent")
    .help("write `field: {start: ..., end: ...}` instead");
    (!spec.field_days.is_absent()).then_some(breach)
}

/// Where the end of a soft launch stands in the block.
pub(super) const SOFT_LAUNCH_END: &str = "fielding_assistant/soft_launch/end_at";

/// When the soft launch ends; none where there is none, or its end is no time.
pub(super) fn soft_launch_end(spec: &SurveySpec) -> Option<Timestamp> {
    soft_launch_text(spec)?.parse().ok()
}

fn soft_launch_text(spec: &SurveySpec) -> Option<&str> {
    attribute(spec, "fielding_assistant")?
        .pointer("/soft_launch/end_at")?
        .as_str()
}

fn soft_launch(spec: &SurveySpec) -> Option<Breach> {
    let text = soft_launch_text(spec)?;
    let (message, help) = match (soft_launch_end(spec), spec.start.value(), spec.end.value()) {
        (None, _, _) => (
            format!("`{text}` is not a time"),
            "write date, time and `Z` for UTC, such as `2026-12-01T09:00:00Z`",
        ),
        (Some(end), Some(start), _) if end <= *start => (
            "the soft launch ends before the target group starts".to_owned(),
            "write a time between `field.start` and `field.end`",
        ),
        (Some(end), _, Some(last)) if end > *last => (
            "the soft launch ends after the target group".to_owned(),
            "write a time before `field.end`",
        ),
        _ => return None,
    };
    let breach = Breach::error(
        code::VENDOR_LIMIT,
        Place::Attribute(SOFT_LAUNCH_END),
        message,
        SOFT_LAUNCH,
    );
    Some(breach.label("not then").help(help))
}

/// Ids of exclusions are the vendor's: ULIDs, as the contract's examples have them; UUIDs are let through.
fn excluded_ids(spec: &SurveySpec) -> Vec<Breach> {
    let list = attribute(spec, "activity_exclusions").and_then(Value::as_array);
    let items = || list.into_iter().flatten();
    let strange = items().filter_map(|item| {
        let id = item["id"].as_str().filter(|id| !id.is_empty())?;
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let fits = plain && (id.len() == 26 && !id.contains('-') || id.len() == 36);
        (!fits).then_some(id)
    });
    let breach = |id: &str| {
        let message = format!("`{id}` is no id of Cint's");
        let place = Place::Attribute("activity_exclusions");
        Breach::error(code::VENDOR_LIMIT, place, message, EXCLUDED)
            .label("an id such as 01KH2714RHRTGCGQV47FHHY8S8")
            .help("write the vendor's id, or `survey: NAME` for a survey of this project")
    };
    let nobody = items().any(|item| item["id"] == "");
    let incomplete = nobody.then(|| {
        let message = "an exclusion names neither a survey nor something by type and id, or both";
        let place = Place::Attribute("activity_exclusions");
        Breach::error(code::VENDOR_LIMIT, place, message, EXCLUDED)
            .label("one of the two")
            .help("write `survey: NAME`, or `type` and `id`")
    });
    strange.map(breach).chain(incomplete).collect()
}

fn conflicts(spec: &SurveySpec) -> impl Iterator<Item = Breach> {
    let (qualifications, quotas) = fit::targeting(spec);
    let conflicts = fit::conflicts(qualifications, quotas).into_iter();
    conflicts.map(|conflict| {
        let place = match conflict.quota {
            Some(index) => Place::QuotaCriterion(index, conflict.question),
            None => Place::Qualification(conflict.question),
        };
        let rule = rule(conflict.rule, "OpenAPI");
        Breach::error(code::QUOTA_PROFILES, place, conflict.message, rule)
            .label("does not fit")
            .help(conflict.help)
    })
}
