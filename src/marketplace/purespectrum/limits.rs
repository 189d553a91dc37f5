//! What PureSpectrum refuses or does differently than one expects, each with its source.
//!
//! Promises: pure functions over the model; a [`Breach`] says which part of a survey is meant, and whoever knows the
//! file turns that into a label.

use crate::diag::{Rule, Severity, code};
use crate::marketplace::shelf::rules::{Breach, Place};
use crate::model::targeting::Range;
use crate::model::{Answers, Field, Money, Status, SurveySpec};
use serde_json::Value;
use std::collections::BTreeMap;

const fn rule(text: &'static str, source: &'static str) -> Rule {
    Rule {
        vendor: "PureSpectrum",
        text,
        source,
    }
}

/// Locales seen in the vendor's documents; its full list could not be read, so others only give a warning.
pub const KNOWN_LOCALES: [&str; 5] = ["en-US", "es-US", "en-CA", "en-GB", "en-AU"];

/// Why times in field are not sent.
pub const DAYS: Rule = rule(
    "the time in field is a number of days from the launch",
    "vendor wiki, field_time of a survey",
);

/// What happens when the quotas of a dimension sum to less than the completes.
pub const SUM_BELOW: Rule = rule(
    "quotas that sum to less than the completes are a soft launch: the survey pauses when they are full",
    "vendor docs, create a survey",
);

/// What happens when the quotas of a dimension sum to more than the completes.
pub const SUM_ABOVE: Rule = rule(
    "quotas that sum to more than the completes are flexibility: the survey pauses at its completes",
    "vendor docs, create a survey",
);

/// Why a quota cannot fill when a wider one is smaller.
pub const ANY_FULL_QUOTA_ENDS: Rule = rule(
    "a respondent who matches several quotas is ended if any of them has nothing open",
    "vendor wiki 33515296",
);

const REQUIRED: Rule = rule(
    "title, category, localization, completes, incidence, length of interview and time in field are needed to create a survey without a template",
    "vendor wiki 237502474",
);
const LAUNCH_URL: Rule = rule(
    "respondents are sent to the live URL",
    "assumed from vendor wiki 237502474, which marks it as required",
);
const LAUNCH_PRICE: Rule = rule(
    "without an offered price the vendor's market price applies",
    "assumed; the vendor's documents do not say",
);
const ONE_PRICE: Rule = rule(
    "a survey has one offered price per complete",
    "vendor wiki 237502474",
);
const CURRENCY: Rule = rule(
    "prices are in US dollars",
    "a public client of the vendor's API; the documents do not say",
);
const PACING: Rule = rule(
    "pacing must not exceed the time in field",
    "vendor wiki 2749038627",
);
const QLC: Rule = rule(
    "at least one quota of the buyer must exist for quota re-allocation",
    "vendor wiki 849707035",
);
const OVERLAP: Rule = rule(
    "overlapping ranges of one qualification in two quotas are refused with status 400",
    "vendor wiki 34700934",
);
const LOCALE: Rule = rule(
    "a survey has one localization of the form ll_CC",
    "vendor wiki 237502474",
);
const RECONTACT: Rule = rule(
    "a recontact survey cannot go live without its list of respondents",
    "vendor wiki 107839551",
);
const CHILDREN: Rule = rule(
    "questions about a child stand in quotas together with 218",
    "vendor wiki 54526015",
);
const PARENT: Rule = rule(
    "112 means parent in the legend, 111 in another sentence of the same page",
    "vendor wiki 33493049",
);

/// Every rule that a survey breaks as the manifest states it; what a template may supply is not missed.
pub fn check(spec: &SurveySpec) -> Vec<Breach> {
    let mut out = Vec::new();
    for rule in RULES {
        rule(spec, &mut out);
    }
    out
}

const RULES: &[fn(&SurveySpec, &mut Vec<Breach>)] = &[
    needs_fields_to_be_created,
    needs_url_and_price_to_launch,
    trades_in_dollars,
    has_one_price,
    has_locales_of_two_letters,
    paces_within_its_time_in_field,
    reallocates_between_quotas,
    recontacts_a_list,
    keeps_ranges_of_quotas_apart,
    asks_about_children_with_care,
];

fn setting<'a>(spec: &'a SurveySpec, key: &str) -> Option<&'a Value> {
    spec.attributes.get(key).and_then(Field::value)
}

fn needs_fields_to_be_created(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.template.is_absent() {
        return;
    }
    let mut missing = Vec::new();
    let mut names = Vec::new();
    for (name, given) in [
        ("title", spec.title.value().is_some()),
        ("locale", spec.locale.value().is_some()),
        ("completes", spec.completes.value().is_some()),
        ("incidence_rate", spec.incidence_rate.value().is_some()),
        ("length_of_interview", spec.length_of_interview.value().is_some()),
        ("field_days", spec.field_days.value().is_some()),
        ("category", setting(spec, "category").is_some()),
    ] {
        if !given {
            let block = if name == "category" { "purespectrum." } else { "" };
            missing.push(format!("`{block}{name}`"));
            names.push(name);
        }
    }
    if !missing.is_empty() {
        names.push("template_id");
        let missing = missing.join(", ");
        out.push(Breach {
            severity: Severity::Error,
            code: code::SURVEY_INCOMPLETE,
            message: format!("the survey cannot be created without {missing}"),
            place: Place::Whole,
            label: "this survey".to_owned(),
            also: None,
            missing: names,
            help: "add them, or name a template with `purespectrum: {template_id: ...}`".to_owned(),
            rule: REQUIRED,
        });
    }
}

fn needs_url_and_price_to_launch(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if spec.status != Field::Set(Status::Live) {
        return;
    }
    let mut miss = |what: &'static str, help: &str, rule| {
        out.push(Breach {
            severity: Severity::Error,
            code: code::SURVEY_LAUNCH_INCOMPLETE,
            message: format!("a live survey needs `{what}`"),
            place: Place::Field("status"),
            label: format!("needs `{what}`"),
            also: None,
            missing: vec![what],
            help: help.to_owned(),
            rule,
        });
    };
    if spec.live_url.value().is_none() {
        miss(
            "live_url",
            "add `live_url: https://...`, or write `status: draft`",
            LAUNCH_URL,
        );
    }
    if spec.cpi.is_absent() {
        miss(
            "cpi",
            "add a price such as `cpi: 3.75 USD`, or say `cpi: market` to take the market price",
            LAUNCH_PRICE,
        );
    }
}

fn has_one_price(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.max_cpi.is_absent() {
        out.push(Breach {
            severity: Severity::Error,
            code: code::VENDOR_UNSUPPORTED,
            message: "PureSpectrum has one price, and no ceiling beside it".to_owned(),
            place: Place::Field("max_cpi"),
            label: "not at this vendor".to_owned(),
            also: None,
            missing: Vec::new(),
            help: "write it as `cpi`; limits of your own stand in infield.yaml".to_owned(),
            rule: ONE_PRICE,
        });
    }
}

fn trades_in_dollars(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if let Some(Money { amount, currency }) = spec.cpi.value()
        && *currency != iso_currency::Currency::USD
    {
        out.push(Breach {
            severity: Severity::Error,
            code: code::MONEY_CURRENCY,
            message: format!("PureSpectrum does not take prices in {}", currency.code()),
            place: Place::Field("cpi"),
            label: "not in USD".to_owned(),
            also: None,
            missing: Vec::new(),
            help: format!(
                "give the price in US dollars; {amount} {} is not converted",
                currency.code()
            ),
            rule: CURRENCY,
        });
    }
}

fn has_locales_of_two_letters(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let Some(locale) = spec.locale.value() else {
        return;
    };
    let mut say = |severity, code, message: String, help: &str| {
        out.push(Breach {
            severity,
            code,
            message,
            place: Place::Field("locale"),
            label: "this locale".to_owned(),
            also: None,
            missing: Vec::new(),
            help: help.to_owned(),
            rule: LOCALE,
        });
    };
    let parts: Vec<_> = locale.split('-').collect();
    let plain = matches!(parts.as_slice(), [language, region] if language.len() == 2 && region.len() == 2);
    if !plain {
        let message = format!("`{locale}` is not a language of two letters with a region of two letters");
        say(
            Severity::Error,
            code::SURVEY_LOCALE,
            message,
            "write language and region, such as `en-US`",
        );
    } else if locale == "en-UK" {
        let message = "`en-UK` stands in one answer of the vendor, `en-GB` in its tables".to_owned();
        say(
            Severity::Warning,
            code::SURVEY_UNKNOWN_LOCALE,
            message,
            "write `en-GB`, or make sure that the vendor takes `en_UK`",
        );
    } else if !KNOWN_LOCALES.contains(&locale.as_str()) {
        let message = format!("infield does not know whether PureSpectrum has the locale `{locale}`");
        say(
            Severity::Warning,
            code::SURVEY_UNKNOWN_LOCALE,
            message,
            "known are en-US, es-US, en-CA, en-GB and en-AU; the vendor decides",
        );
    }
}

fn paces_within_its_time_in_field(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let (Some(feot), Some(days)) = (setting(spec, "feot"), spec.field_days.value()) else {
        return;
    };
    let Some(interval) = feot.get("interval").and_then(Value::as_u64) else {
        return;
    };
    let custom = feot.get("is_custom").and_then(Value::as_bool).unwrap_or(true);
    let hours = match feot.get("pacing").and_then(Value::as_str).filter(|_| custom) {
        Some("hours") => 1,
        Some("weeks") => 7 * 24,
        _ => 24,
    };
    if interval.saturating_mul(hours) > days.saturating_mul(24) {
        out.push(Breach {
            severity: Severity::Error,
            code: code::VENDOR_PACING,
            message: format!("pacing is longer than the {days} days in field"),
            place: Place::Attribute("feot/interval"),
            label: "too long".to_owned(),
            also: Some((Place::Field("field_days"), "time in field".to_owned())),
            missing: Vec::new(),
            help: format!(
                "the longest interval here is {days} days, which is {} hours",
                days.saturating_mul(24)
            ),
            rule: PACING,
        });
    }
}

fn reallocates_between_quotas(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let none = match &spec.quotas {
        Field::Set(quotas) => quotas.is_empty(),
        Field::Absent | Field::Null => true,
    };
    if setting(spec, "qlc") == Some(&Value::Bool(true)) && none {
        // A template may bring quotas, so they are not certainly missing then.
        let severity = if spec.template.is_absent() {
            Severity::Error
        } else {
            Severity::Warning
        };
        out.push(Breach {
            severity,
            code: code::VENDOR_REALLOCATION,
            message: "`qlc` needs at least one quota".to_owned(),
            place: Place::Attribute("qlc"),
            label: "nothing to re-allocate to".to_owned(),
            also: None,
            missing: vec!["quotas"],
            help: "add `quotas`, or remove `qlc`".to_owned(),
            rule: QLC,
        });
    }
}

fn recontacts_a_list(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if setting(spec, "recontact") == Some(&Value::Bool(true)) && spec.status == Field::Set(Status::Live) {
        out.push(Breach {
            severity: Severity::Warning,
            code: code::SURVEY_RECONTACT_LIST,
            message:
                "a recontact survey goes live only with a list of respondents, which infield does not manage"
                    .to_owned(),
            place: Place::Attribute("recontact"),
            label: "needs a list".to_owned(),
            also: None,
            missing: Vec::new(),
            help: "keep `status: draft`, upload the list at the vendor, then write `status: live`".to_owned(),
            rule: RECONTACT,
        });
    }
}

fn keeps_ranges_of_quotas_apart(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let mut by_question: BTreeMap<&str, Vec<(Range, usize)>> = BTreeMap::new();
    for (index, quota) in spec.quotas.value().into_iter().flatten().enumerate() {
        for criterion in &quota.criteria {
            if let Answers::Ranges(ranges) = &criterion.answers {
                let list = by_question.entry(&criterion.question).or_default();
                list.extend(ranges.iter().map(|range| (*range, index)));
            }
        }
    }
    for (question, mut ranges) in by_question {
        ranges.sort_unstable();
        // Equal ranges in several quotas are how dimensions are nested; the first stands for all.
        ranges.dedup_by_key(|(range, _)| *range);
        let mut widest: Option<(Range, usize)> = None;
        for (range, index) in ranges {
            if let Some((before, other)) = widest.filter(|(before, _)| before.overlaps(&range)) {
                // Inside one quota the answer list itself is at fault, which is reported elsewhere.
                if other != index {
                    out.push(Breach {
                        severity: Severity::Error,
                        code: code::QUOTA_OVERLAPPING_RANGES,
                        message: format!(
                            "the ranges {}-{} and {}-{} of two quotas overlap",
                            before.from, before.to, range.from, range.to
                        ),
                        place: Place::QuotaCriterion(index, question.to_owned()),
                        label: "overlaps".to_owned(),
                        also: Some((
                            Place::QuotaCriterion(other, question.to_owned()),
                            "with this".to_owned(),
                        )),
                        missing: Vec::new(),
                        help: format!(
                            "both ends belong to a range: start at {}, or use exactly the same range",
                            before.to.saturating_add(1)
                        ),
                        rule: OVERLAP,
                    });
                }
            }
            if widest.is_none_or(|(before, _)| range.to >= before.to) {
                widest = Some((range, index));
            }
        }
    }
}

fn asks_about_children_with_care(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let conflict = |place| Breach {
        severity: Severity::Warning,
        code: code::TARGETING_CONFLICTING_DOCS,
        message: "the vendor's documents disagree whether 111 or 112 means parent".to_owned(),
        place,
        label: "check this code".to_owned(),
        also: None,
        missing: Vec::new(),
        help: "ask the vendor, or test with a draft, before going live".to_owned(),
        rule: PARENT,
    };
    let parent = |question: &str| question == "218";
    for criterion in spec
        .qualifications
        .value()
        .into_iter()
        .flatten()
        .filter(|c| parent(&c.question))
    {
        out.push(conflict(Place::Qualification(criterion.question.clone())));
    }
    for (index, quota) in spec.quotas.value().into_iter().flatten().enumerate() {
        let asked = quota.criteria.iter().any(|c| parent(&c.question))
            || spec
                .qualifications
                .value()
                .into_iter()
                .flatten()
                .any(|c| parent(&c.question));
        for criterion in &quota.criteria {
            let place = Place::QuotaCriterion(index, criterion.question.clone());
            if parent(&criterion.question) {
                out.push(conflict(place));
            } else if ["220", "230"].contains(&criterion.question.as_str()) && !asked {
                out.push(Breach {
                    severity: Severity::Warning,
                    code: code::TARGETING_QUOTA_ONLY,
                    message: "questions about a child go together with the question for parents".to_owned(),
                    place,
                    label: "without 218".to_owned(),
                    also: None,
                    missing: Vec::new(),
                    help: "add `\"218\": [...]` with the vendor's code for parents".to_owned(),
                    rule: CHILDREN,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Criterion, Quota};
    use serde_json::json;

    fn complete() -> SurveySpec {
        SurveySpec {
            title: Field::Set("t".into()),
            locale: Field::Set("en-US".into()),
            completes: Field::Set(100),
            incidence_rate: Field::Set(50.into()),
            length_of_interview: Field::Set(5.into()),
            field_days: Field::Set(10),
            attributes: [("category".to_owned(), Field::Set(json!(232)))].into(),
            ..SurveySpec::default()
        }
    }

    fn codes(spec: &SurveySpec) -> Vec<&'static str> {
        check(spec).into_iter().map(|breach| breach.code.id()).collect()
    }

    fn age(name: &str, from: i64, to: i64) -> Quota {
        let answers = Answers::ranges([Range { from, to }]);
        Quota {
            name: name.into(),
            completes: 1,
            criteria: vec![Criterion {
                question: "212".into(),
                unit: None,
                answers,
            }],
        }
    }

    #[test]
    fn a_complete_draft_breaks_nothing() {
        assert_eq!(codes(&complete()), Vec::<&str>::new());
        let template = SurveySpec {
            template: Field::Set(15),
            ..SurveySpec::default()
        };
        assert_eq!(codes(&template), Vec::<&str>::new());
    }

    #[test]
    fn launching_needs_a_url_and_a_decision_about_the_price() {
        let mut spec = SurveySpec {
            status: Field::Set(Status::Live),
            ..complete()
        };
        assert_eq!(codes(&spec).len(), 2);
        spec.live_url = Field::Set("https://a".into());
        spec.cpi = Field::Null;
        assert_eq!(codes(&spec), Vec::<&str>::new());
    }

    #[test]
    fn ranges_may_be_equal_or_apart_but_not_overlap() {
        let with = |quotas| SurveySpec {
            quotas: Field::Set(quotas),
            ..complete()
        };
        assert!(codes(&with(vec![age("a", 18, 34), age("b", 35, 64), age("c", 18, 34)])).is_empty());
        let breaches = check(&with(vec![age("a", 18, 34), age("b", 20, 22), age("c", 34, 64)]));
        assert_eq!(breaches.len(), 2);
        assert!(
            breaches
                .iter()
                .all(|breach| breach.code == code::QUOTA_OVERLAPPING_RANGES)
        );
    }

    #[test]
    fn pacing_is_compared_in_hours() {
        let with = |feot| {
            let mut spec = complete();
            spec.attributes.insert("feot".into(), Field::Set(feot));
            codes(&spec)
        };
        assert!(with(json!({"pacing": "hours", "interval": 240, "is_custom": true})).is_empty());
        assert_eq!(with(json!({"pacing": "hours", "interval": 241})).len(), 1);
        assert_eq!(with(json!({"pacing": "weeks", "interval": 2})).len(), 1);
        assert!(with(json!({"pacing": "weeks", "interval": 2, "is_custom": false})).is_empty());
    }
}
