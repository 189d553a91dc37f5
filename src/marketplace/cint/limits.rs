//! What Cint refuses or does differently than one expects, each with its source.

use super::encode::attribute;
use super::{fit, locale};
use crate::diag::{Code, Rule, Severity, code};
use crate::marketplace::shelf::rules::{Breach, Place};
use crate::model::{Criterion, Field, Level, Money, Quota, Status, SurveySpec};
use iso_currency::Currency;
use rust_decimal::Decimal;

const fn rule(text: &'static str, source: &'static str) -> Rule {
    Rule {
        vendor: "Cint",
        text,
        source,
    }
}

/// What happens when quotas sum to less than the completes.
pub const SUM_BELOW: Rule = rule(
    "quotas of one question sum to the goal, interlocked ones to no more",
    "OpenAPI, profile_validation_error_010; the exact rule is not published",
);

/// What happens when quotas sum to more than the completes.
pub const SUM_ABOVE: Rule = SUM_BELOW;

/// Why a quota cannot fill when a wider one is smaller.
pub const ANY_FULL_QUOTA_ENDS: Rule = rule(
    "a respondent has to fit into every profile",
    "inferred from the contract's examples",
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

/// Currencies of business units (guide of 2025-02).
const TRADED: [Currency; 12] = [
    Currency::AUD,
    Currency::GBP,
    Currency::EUR,
    Currency::INR,
    Currency::SGD,
    Currency::USD,
    Currency::JPY,
    Currency::SEK,
    Currency::TRY,
    Currency::CAD,
    Currency::ZAR,
    Currency::CNY,
];

fn breach(severity: Severity, code: Code, message: impl Into<String>, place: Place, rule: Rule) -> Breach {
    Breach {
        severity,
        code,
        message: message.into(),
        place,
        label: String::new(),
        also: None,
        missing: Vec::new(),
        help: String::new(),
        rule,
    }
}

/// Every rule that a project or a target group breaks as the manifest states it.
pub fn check(level: Level, spec: &SurveySpec) -> Vec<Breach> {
    let mut out = Vec::new();
    has_a_name_of_some_length(spec, &mut out);
    if level == Level::Container {
        needs(
            &[
                ("title", spec.title.value().is_some()),
                (
                    "cint.project_manager",
                    attribute(spec, "project_manager").is_some(),
                ),
            ],
            "the project",
            PROJECT,
            &mut out,
        );
    } else {
        needs(
            &[
                ("title", spec.title.value().is_some()),
                ("locale", spec.locale.value().is_some()),
                ("completes", spec.completes.value().is_some()),
                ("incidence_rate", spec.incidence_rate.value().is_some()),
                ("length_of_interview", spec.length_of_interview.value().is_some()),
                ("field.end", spec.end.value().is_some()),
                ("cint.business_unit", attribute(spec, "business_unit").is_some()),
                (
                    "cint.project_manager",
                    attribute(spec, "project_manager").is_some(),
                ),
            ],
            "the target group",
            REQUIRED,
            &mut out,
        );
        stays_within_numbers(spec, &mut out);
        needs_urls_to_launch(spec, &mut out);
        has_a_known_locale(spec, &mut out);
        has_good_prices(spec, &mut out);
        takes_times_and_not_days(spec, &mut out);
        fits_into_profiles(spec, &mut out);
    }
    out
}

fn needs(fields: &[(&'static str, bool)], what: &str, rule: Rule, out: &mut Vec<Breach>) {
    let missing: Vec<&'static str> = fields
        .iter()
        .filter(|(_, given)| !given)
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return;
    }
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    // What was refused is known by the last part of its name.
    let last = |name: &&'static str| name.rsplit('.').next().unwrap_or(name);
    out.push(Breach {
        label: "this one".to_owned(),
        help: "add them to the group, or to the survey for all its groups".to_owned(),
        missing: missing.iter().map(last).collect(),
        ..breach(
            Severity::Error,
            code::SURVEY_INCOMPLETE,
            format!("{what} cannot be created without {}", names.join(", ")),
            Place::Whole,
            rule,
        )
    });
}

fn has_a_name_of_some_length(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let Some(title) = spec.title.value() else { return };
    let length = title.trim().chars().count();
    if !(5..=128).contains(&length) {
        out.push(Breach {
            label: format!("{length} characters"),
            help: "write a title of 5 to 128 characters; a group without one has the survey's title and its own name"
                .to_owned(),
            ..breach(
                Severity::Error,
                code::VENDOR_LIMIT,
                "Cint takes no title of this length",
                Place::Field("title"),
                NAME,
            )
        });
    }
}

fn stays_within_numbers(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if let Some(minutes) = spec.length_of_interview.value()
        && (*minutes < Decimal::ONE || *minutes > Decimal::from(45))
    {
        out.push(Breach {
            label: "1 to 45".to_owned(),
            help: "shorten the interview".to_owned(),
            ..breach(
                Severity::Error,
                code::VENDOR_LIMIT,
                format!("Cint fields no interviews of {minutes} minutes"),
                Place::Field("length_of_interview"),
                LENGTH,
            )
        });
    }
    if let Some(goal) = spec.completes.value()
        && *goal > 10_000
    {
        out.push(Breach {
            label: "more than 10000".to_owned(),
            help: "split it into several target groups".to_owned(),
            ..breach(
                Severity::Warning,
                code::VENDOR_LIMIT,
                format!("Cint estimates no goal of {goal} completes"),
                Place::Field("completes"),
                GOAL,
            )
        });
    }
}

fn needs_urls_to_launch(spec: &SurveySpec, out: &mut Vec<Breach>) {
    for (field, url) in [("live_url", &spec.live_url), ("test_url", &spec.test_url)] {
        match url.value() {
            Some(url) if !url.starts_with("https://") => out.push(Breach {
                label: "not https".to_owned(),
                help: "write an https URL".to_owned(),
                ..breach(
                    Severity::Error,
                    code::SURVEY_URL,
                    format!("Cint takes no `{field}` without TLS"),
                    Place::Field(field),
                    URLS,
                )
            }),
            Some(_) => {}
            None if spec.status == Field::Set(Status::Live) => out.push(Breach {
                label: format!("needs `{field}`"),
                missing: vec![field],
                help: format!("add `{field}`, or write `status: draft`"),
                ..breach(
                    Severity::Error,
                    code::SURVEY_LAUNCH_INCOMPLETE,
                    format!("a live target group needs `{field}`"),
                    Place::Field("status"),
                    LAUNCH,
                )
            }),
            None => {}
        }
    }
    if let Some(url) = spec.live_url.value()
        && !url.contains("[%RID%]")
    {
        out.push(Breach {
            label: "not filled in by the vendor".to_owned(),
            help: "write it such as `https://survey.example.com/s/1?rid=[%RID%]`".to_owned(),
            ..breach(
                Severity::Warning,
                code::SURVEY_URL,
                "the live URL carries no `[%RID%]`",
                Place::Field("live_url"),
                PLACEHOLDER,
            )
        });
    }
}

fn has_a_known_locale(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if let Some(written) = spec.locale.value()
        && locale::to_vendor(written).is_none()
    {
        out.push(Breach {
            label: "no code for it".to_owned(),
            help: "write one language and one region, such as `en-US`".to_owned(),
            ..breach(
                Severity::Error,
                code::SURVEY_UNKNOWN_LOCALE,
                format!("infield does not know Cint's code for {written}"),
                Place::Field("locale"),
                LOCALE,
            )
        });
    }
}

fn has_good_prices(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if spec.cpi == Field::Null {
        out.push(Breach {
            label: "no market price".to_owned(),
            help: "write a price; leave `cpi` out where the business unit has a rate card, or let the Fielding Assistant \
                   move it below `max_cpi`"
                .to_owned(),
            ..breach(
                Severity::Error,
                code::VENDOR_UNSUPPORTED,
                "Cint has no market price",
                Place::Field("cpi"),
                MARKET,
            )
        });
    }
    for (field, money) in [("cpi", &spec.cpi), ("max_cpi", &spec.max_cpi)] {
        let Some(money) = money.value() else { continue };
        if !TRADED.contains(&money.currency) {
            out.push(Breach {
                label: "not traded there".to_owned(),
                help: "write the currency of the business unit".to_owned(),
                ..breach(
                    Severity::Error,
                    code::MONEY_CURRENCY,
                    format!("no business unit of Cint trades in {}", money.currency.code()),
                    Place::Field(field),
                    CURRENCIES,
                )
            });
        }
        let highest = Money::new(Decimal::from(105), Currency::USD);
        if money.currency == highest.currency && money.amount > highest.amount {
            out.push(Breach {
                label: format!("more than {highest}"),
                help: "lower it".to_owned(),
                ..breach(
                    Severity::Error,
                    code::VENDOR_LIMIT,
                    format!("Cint takes no `{field}` of {money}"),
                    Place::Field(field),
                    CEILING,
                )
            });
        }
    }
    if let (Some(offer), Some(ceiling)) = (spec.cpi.value(), spec.max_cpi.value())
        && offer.currency == ceiling.currency
        && offer.amount > ceiling.amount
    {
        out.push(Breach {
            label: format!("more than {ceiling}"),
            also: Some((Place::Field("max_cpi"), "the ceiling".to_owned())),
            help: "raise `max_cpi`, or lower `cpi`".to_owned(),
            ..breach(
                Severity::Error,
                code::MONEY_ABOVE_CEILING,
                format!("the price {offer} is above its ceiling"),
                Place::Field("cpi"),
                CEILING,
            )
        });
    }
    let budget =
        attribute(spec, "fielding_assistant").and_then(|modules| modules.pointer("/pricing/total_budget"));
    if budget.is_some() && spec.max_cpi.value().is_some() {
        out.push(Breach {
            label: "and a budget".to_owned(),
            also: Some((
                Place::Attribute("fielding_assistant/pricing/total_budget"),
                "the budget".to_owned(),
            )),
            help: "keep one of them".to_owned(),
            ..breach(
                Severity::Error,
                code::VENDOR_LIMIT,
                "`max_cpi` and a total budget cannot stand together",
                Place::Field("max_cpi"),
                PRICING,
            )
        });
    }
}

fn takes_times_and_not_days(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.field_days.is_absent() {
        out.push(Breach {
            label: "not sent".to_owned(),
            help: "write `field: {start: ..., end: ...}` instead".to_owned(),
            ..breach(
                Severity::Warning,
                code::VENDOR_UNSUPPORTED,
                "Cint takes no `field_days`",
                Place::Field("field_days"),
                DAYS,
            )
        });
    }
}

fn fits_into_profiles(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let quotas = spec.quotas.value().map_or(&[] as &[Quota], Vec::as_slice);
    let qualifications = spec
        .qualifications
        .value()
        .map_or(&[] as &[Criterion], Vec::as_slice);
    for conflict in fit::conflicts(qualifications, quotas) {
        let place = match conflict.quota {
            Some(index) => Place::QuotaCriterion(index, conflict.question),
            None => Place::Qualification(conflict.question),
        };
        out.push(Breach {
            label: "does not fit".to_owned(),
            help: conflict.help.to_owned(),
            ..breach(
                Severity::Error,
                code::QUOTA_PROFILES,
                conflict.message,
                place,
                rule(conflict.rule, "OpenAPI"),
            )
        });
    }
}
