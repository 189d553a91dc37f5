//! What InnovateMR refuses or does differently than one expects, each with its source.

use super::locale;
use crate::diag::{Rule, Severity, code};
use crate::marketplace::shelf::rules::{Breach, Place};
use crate::model::{Field, Level, Money, Status, SurveySpec};
use iso_currency::Currency;

const fn rule(text: &'static str, source: &'static str) -> Rule {
    Rule {
        vendor: "InnovateMR",
        text,
        source,
    }
}

/// What happens when quotas sum to less than the completes.
pub const SUM_BELOW: Rule = rule(
    "what quotas below the group's N mean is not documented",
    "no public document",
);

/// What happens when quotas sum to more than the completes.
pub const SUM_ABOVE: Rule = rule(
    "what quotas above the group's N mean is not documented",
    "no public document",
);

/// Why a quota cannot fill when a wider one is smaller.
pub const ANY_FULL_QUOTA_ENDS: Rule = rule(
    "quotas are hard stops: who counts for a full one is turned away",
    "assumed from the key HardStop in a public client",
);

const REQUIRED: Rule = rule(
    "a group has a name, N, incidence rate, length of interview, URL and country",
    "call flow page, and a public client of the vendor's API",
);
const JOB_NAME: Rule = rule("a job has a name", "call flow page");
const CEILING: Rule = rule(
    "going live needs MaximumCostPerInterview on the group",
    "portal page Update Group Status",
);
const LOCALE: Rule = rule(
    "countries and languages are written by their English names",
    "portal page Update Group Status, and a public client",
);
const PLACEHOLDERS: Rule = rule(
    "the URL carries the transaction token and the respondent id",
    "portal page Update Group Status",
);
const CURRENCY: Rule = rule(
    "prices are in the account's currency",
    "assumed to be US dollars; no document names one",
);
/// Why times in field are not sent.
pub const DATES: Rule = rule(
    "how to write fielding dates is not documented",
    "call flow page names them without their keys",
);
const OFFER: Rule = rule(
    "the ceiling bounds the platform's price",
    "assumed from the names of the keys",
);
const TARGETED: Rule = rule(
    "quotas are made over questions that are targets of the group",
    "assumed: the only client seen does no other",
);
/// Why a group is not live under a job that is not.
pub const CONTAINER: Rule = rule(
    "a group is fielded below a job that is live",
    "a public client launches the job first",
);

fn breach(
    severity: Severity,
    code: crate::diag::Code,
    message: impl Into<String>,
    place: Place,
    rule: Rule,
) -> Breach {
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

/// Every rule that a job or a group breaks as the manifest states it.
pub fn check(level: Level, spec: &SurveySpec) -> Vec<Breach> {
    let mut out = Vec::new();
    if level == Level::Container {
        needs_a_name(spec, &mut out);
    } else {
        needs_fields(spec, &mut out);
        needs_url_and_ceiling_to_launch(spec, &mut out);
        has_words_for_the_locale(spec, &mut out);
        carries_placeholders(spec, &mut out);
        trades_in_one_currency(spec, &mut out);
        offers_no_more_than_the_ceiling(spec, &mut out);
        has_no_dates(spec, &mut out);
        counts_only_what_is_targeted(spec, &mut out);
    }
    out
}

fn needs_a_name(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if spec.title.value().is_none() {
        out.push(Breach {
            label: "this survey".to_owned(),
            missing: vec!["title"],
            help: "add `title: ...`".to_owned(),
            ..breach(
                Severity::Error,
                code::SURVEY_INCOMPLETE,
                "the job cannot be created without `title`",
                Place::Whole,
                JOB_NAME,
            )
        });
    }
}

fn needs_fields(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let missing: Vec<&'static str> = [
        ("title", spec.title.value().is_some()),
        ("locale", spec.locale.value().is_some()),
        ("completes", spec.completes.value().is_some()),
        ("incidence_rate", spec.incidence_rate.value().is_some()),
        ("length_of_interview", spec.length_of_interview.value().is_some()),
        ("live_url", spec.live_url.value().is_some()),
    ]
    .into_iter()
    .filter(|(_, given)| !given)
    .map(|(name, _)| name)
    .collect();
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        out.push(Breach {
            label: "this group".to_owned(),
            help: "add them to the group, or to the survey for all its groups".to_owned(),
            missing,
            ..breach(
                Severity::Error,
                code::SURVEY_INCOMPLETE,
                format!("the group cannot be created without {}", names.join(", ")),
                Place::Whole,
                REQUIRED,
            )
        });
    }
}

fn needs_url_and_ceiling_to_launch(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if spec.status == Field::Set(Status::Live) && spec.max_cpi.value().is_none() {
        out.push(Breach {
            label: "needs `max_cpi`".to_owned(),
            missing: vec!["max_cpi"],
            help: "add the most a complete may cost, such as `max_cpi: 3.75 USD`, or write `status: draft`"
                .to_owned(),
            ..breach(
                Severity::Error,
                code::SURVEY_LAUNCH_INCOMPLETE,
                "a live group needs `max_cpi`",
                Place::Field("status"),
                CEILING,
            )
        });
    }
}

fn has_words_for_the_locale(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if let Some(written) = spec.locale.value()
        && locale::place(written).is_none()
    {
        out.push(Breach {
            label: "no words for it".to_owned(),
            help: "write one language and one region, such as `en-US`".to_owned(),
            ..breach(
                Severity::Error,
                code::SURVEY_UNKNOWN_LOCALE,
                format!("infield does not know InnovateMR's words for {written}"),
                Place::Field("locale"),
                LOCALE,
            )
        });
    }
}

fn carries_placeholders(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let Some(url) = spec.live_url.value() else { return };
    let missing: Vec<&str> = ["[%%token%%]", "[%%pid%%]"]
        .into_iter()
        .filter(|placeholder| !url.contains(placeholder))
        .collect();
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
        out.push(Breach {
            label: "not filled in by the vendor".to_owned(),
            help: "write it such as `https://survey.example.com/s/1?tk=[%%token%%]&pid=[%%pid%%]`".to_owned(),
            ..breach(
                Severity::Warning,
                code::SURVEY_URL,
                format!("the live URL carries no {}", names.join(" and no ")),
                Place::Field("live_url"),
                PLACEHOLDERS,
            )
        });
    }
}

fn trades_in_one_currency(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let foreign = |money: &Money| money.currency != Currency::USD;
    for (field, money) in [("cpi", &spec.cpi), ("max_cpi", &spec.max_cpi)] {
        if money.value().is_some_and(foreign) {
            out.push(Breach {
                label: "another currency".to_owned(),
                help: "write US dollars; for an account in another currency, set `innovatemr.assumptions.currency` in \
                       infield.yaml"
                    .to_owned(),
                ..breach(
                    Severity::Warning,
                    code::MONEY_CURRENCY,
                    format!("`{field}` is not in US dollars"),
                    Place::Field(field),
                    CURRENCY,
                )
            });
        }
    }
}

fn offers_no_more_than_the_ceiling(spec: &SurveySpec, out: &mut Vec<Breach>) {
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
                format!("the estimated price {offer} is above its ceiling"),
                Place::Field("cpi"),
                OFFER,
            )
        });
    }
}

fn has_no_dates(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.field_days.is_absent() {
        out.push(Breach {
            label: "not sent".to_owned(),
            help: "remove it; dates the vendor wants can stand in `innovatemr.extra` under the keys it names"
                .to_owned(),
            ..breach(
                Severity::Warning,
                code::VENDOR_UNSUPPORTED,
                "InnovateMR takes no `field_days`",
                Place::Field("field_days"),
                DATES,
            )
        });
    }
}

fn counts_only_what_is_targeted(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let targets: Vec<&str> = spec
        .qualifications
        .value()
        .into_iter()
        .flatten()
        .map(|criterion| criterion.question.as_str())
        .collect();
    for (index, quota) in spec.quotas.value().into_iter().flatten().enumerate() {
        for criterion in &quota.criteria {
            if targets.contains(&criterion.question.as_str()) {
                continue;
            }
            let name = super::codebook::CODEBOOK.question_name(&criterion.question);
            let (label, message) = if spec.qualifications.is_absent() {
                (
                    "a target?",
                    format!("quotas count by `{name}`, and nothing here says whether the group targets it"),
                )
            } else {
                let quota = &quota.name;
                (
                    "no target",
                    format!("the quota `{quota}` counts by `{name}`, which the group does not target"),
                )
            };
            out.push(Breach {
                label: label.to_owned(),
                help: format!("add `{name}` to the qualifications, with all answers that the quotas count"),
                ..breach(
                    Severity::Warning,
                    code::QUOTA_UNTARGETED,
                    message,
                    Place::QuotaCriterion(index, criterion.question.clone()),
                    TARGETED,
                )
            });
            if spec.qualifications.is_absent() {
                // What is not managed may be there all the same: one question about it is enough.
                return;
            }
        }
    }
}
