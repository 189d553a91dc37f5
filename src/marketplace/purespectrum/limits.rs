//! What PureSpectrum refuses or does differently than one expects, each with its source.
//!
//! Promises: pure functions over the model; a [`Breach`] says which part of a survey is meant, and whoever knows the
//! file turns that into a label.

use crate::diag::{Rule, code};
use crate::marketplace::shelf::rules::{Breach, Place, QuotaRules};
use crate::model::targeting::Range;
use crate::model::{Answers, Criterion, Field, Money, Status, SurveySpec};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) const fn rule(text: &'static str) -> Rule {
    Rule::of("PureSpectrum", text)
}

/// Locales seen in the vendor's documents; its full list could not be read, so others only give a warning.
pub const KNOWN_LOCALES: [&str; 5] = ["en-US", "es-US", "en-CA", "en-GB", "en-AU"];

/// Why times in field are not sent.
pub const DAYS: Rule = rule("the time in field is a number of days from the launch")
    .source("vendor wiki, field_time of a survey");

/// What its documents say of quotas.
pub const QUOTAS: QuotaRules = QuotaRules {
    below: rule(
        "quotas that sum to less than the completes are a soft launch: the survey pauses when they are full",
    )
    .source("vendor docs, create a survey"),
    above: rule(
        "quotas that sum to more than the completes are flexibility: the survey pauses at its completes",
    )
    .source("vendor docs, create a survey"),
    any_full_ends: rule("a respondent who matches several quotas is ended if any of them has nothing open")
        .source("vendor wiki 33515296"),
};

const REQUIRED: Rule = rule("title, category, localization, completes, incidence, length of interview and time in field are needed to create a survey without a template").source("vendor wiki 237502474");
const WHOLE: Rule = rule("incidence is a whole number of percent, length of interview one of minutes")
    .source("vendor wiki 237502474");
const LAUNCH_URL: Rule = rule("respondents are sent to the live URL")
    .source("assumed from vendor wiki 237502474, which marks it as required");
const LAUNCH_PRICE: Rule = rule("without an offered price the vendor's market price applies")
    .source("assumed; the vendor's documents do not say");
const ONE_PRICE: Rule = rule("a survey has one offered price per complete").source("vendor wiki 237502474");
const CURRENCY: Rule =
    rule("prices are in US dollars").source("a public client of the vendor's API; the documents do not say");
const PACING: Rule = rule("pacing must not exceed the time in field").source("vendor wiki 2749038627");
const QLC: Rule = rule("at least one quota of the buyer must exist for quota re-allocation")
    .source("vendor wiki 849707035");
pub(super) const OVERLAP: Rule =
    rule("overlapping ranges of one qualification in two quotas are refused with status 400")
        .source("vendor wiki 34700934");
const LOCALE: Rule = rule("a survey has one localization of the form ll_CC").source("vendor wiki 237502474");
const CHILDREN: Rule =
    rule("questions about a child stand in quotas together with 218").source("vendor wiki 54526015");
const PARENT: Rule = rule("112 means parent in the legend, 111 in another sentence of the same page")
    .source("vendor wiki 33493049");

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
    counts_in_whole_numbers,
    trades_in_dollars,
    has_one_price,
    super::suppliers::have_completes_and_a_price,
    has_locales_of_two_letters,
    paces_within_its_time_in_field,
    reallocates_between_quotas,
    super::recontact::recontacts_a_list,
    super::recontact::excludes_nobody_by_name,
    keeps_ranges_of_quotas_apart,
    asks_about_children_with_care,
];

pub(super) fn setting<'a>(spec: &'a SurveySpec, key: &str) -> Option<&'a Value> {
    spec.attributes.get(key).and_then(Field::value)
}

fn needs_fields_to_be_created(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.template.is_absent() {
        return;
    }
    let fields = [
        ("title", spec.title.value().is_some()),
        ("locale", spec.locale.value().is_some()),
        ("completes", spec.completes.value().is_some()),
        ("incidence_rate", spec.incidence_rate.value().is_some()),
        ("length_of_interview", spec.length_of_interview.value().is_some()),
        ("field_days", spec.field_days.value().is_some()),
        ("purespectrum.category", setting(spec, "category").is_some()),
    ];
    out.extend(
        Breach::incomplete("the survey", fields, REQUIRED).map(|mut breach| {
            breach.missing.push("template_id");
            let times = !spec.start.is_absent() || !spec.end.is_absent();
            let help = match breach.missing[..] {
                ["field_days", _] if times => {
                    "say `field_days`, days from the launch, in place of `field`; or name a template with `purespectrum: \
                     {template_id: ...}`"
                }
                _ => "add them, or name a template with `purespectrum: {template_id: ...}`",
            };
            breach.label("this survey").help(help)
        }),
    );
}

fn counts_in_whole_numbers(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let numbers = [
        ("incidence_rate", &spec.incidence_rate),
        ("length_of_interview", &spec.length_of_interview),
    ];
    out.extend(
        numbers
            .into_iter()
            .filter_map(|(field, number)| Breach::not_whole(field, number, WHOLE)),
    );
}

fn needs_url_and_price_to_launch(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let mut miss = |what: &'static str, help: &str, rule| {
        let message = format!("a live survey needs `{what}`");
        out.push(
            Breach::error(
                code::SURVEY_LAUNCH_INCOMPLETE,
                Place::Field("status"),
                message,
                rule,
            )
            .label(format!("needs `{what}`"))
            .missing([what])
            .help(help),
        );
    };
    let live = spec.status == Field::Set(Status::Live);
    if live && spec.live_url.value().is_none() {
        let help = "add `live_url: https://...`, or write `status: draft`";
        miss("live_url", help, LAUNCH_URL);
    }
    if live && spec.cpi.is_absent() {
        let help = "add a price such as `cpi: 3.75 USD`, or say `cpi: market` to take the market price";
        miss("cpi", help, LAUNCH_PRICE);
    }
}

fn has_one_price(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if !spec.max_cpi.is_absent() {
        let message = "PureSpectrum has one price, and no ceiling beside it";
        out.push(
            Breach::error(
                code::VENDOR_UNSUPPORTED,
                Place::Field("max_cpi"),
                message,
                ONE_PRICE,
            )
            .label("not at this vendor")
            .help("write it as `cpi`; limits of your own stand in infield.yaml"),
        );
    }
}

fn trades_in_dollars(spec: &SurveySpec, out: &mut Vec<Breach>) {
    if let Some(Money { amount, currency }) = spec.cpi.value()
        && *currency != iso_currency::Currency::USD
    {
        let currency = currency.code();
        let message = format!("PureSpectrum does not take prices in {currency}");
        out.push(
            Breach::error(code::MONEY_CURRENCY, Place::Field("cpi"), message, CURRENCY)
                .label("not in USD")
                .help(format!(
                    "give the price in US dollars; {amount} {currency} is not converted"
                )),
        );
    }
}

fn has_locales_of_two_letters(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let Some(locale) = spec.locale.value() else {
        return;
    };
    let place = Place::Field("locale");
    let unknown = |message| Breach::warning(code::SURVEY_UNKNOWN_LOCALE, place.clone(), message, LOCALE);
    let parts: Vec<_> = locale.split('-').collect();
    let breach = if !matches!(parts.as_slice(), [language, region] if language.len() == 2 && region.len() == 2)
    {
        let message = format!("`{locale}` is not a language of two letters with a region of two letters");
        Breach::error(code::SURVEY_LOCALE, place, message, LOCALE)
            .help("write language and region, such as `en-US`")
    } else if locale == "en-UK" {
        unknown("`en-UK` stands in one answer of the vendor, `en-GB` in its tables".to_owned())
            .help("write `en-GB`, or make sure that the vendor takes `en_UK`")
    } else if !KNOWN_LOCALES.contains(&locale.as_str()) {
        unknown(format!(
            "infield does not know whether PureSpectrum has the locale `{locale}`"
        ))
        .help("known are en-US, es-US, en-CA, en-GB and en-AU; the vendor decides")
    } else {
        return;
    };
    out.push(breach.label("this locale"));
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
        let message = format!("pacing is longer than the {days} days in field");
        let most = days.saturating_mul(24);
        out.push(
            Breach::error(
                code::VENDOR_PACING,
                Place::Attribute("feot/interval"),
                message,
                PACING,
            )
            .label("too long")
            .also(Place::Field("field_days"), "time in field")
            .help(format!(
                "the longest interval here is {days} days, which is {most} hours"
            )),
        );
    }
}

fn reallocates_between_quotas(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let none = spec.quotas.value().is_none_or(|all| all.is_empty());
    if setting(spec, "qlc") == Some(&Value::Bool(true)) && none {
        let message = "`qlc` needs at least one quota";
        // A template may bring quotas, so they are not certainly missing then.
        let breach = match spec.template.is_absent() {
            true => Breach::error,
            false => Breach::warning,
        };
        out.push(
            breach(code::VENDOR_REALLOCATION, Place::Attribute("qlc"), message, QLC)
                .label("nothing to re-allocate to")
                .missing(["quotas"])
                .help("add `quotas`, or remove `qlc`"),
        );
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
                    let message = format!(
                        "the ranges {}-{} and {}-{} of two quotas overlap",
                        before.from, before.to, range.from, range.to
                    );
                    let place = |index| Place::QuotaCriterion(index, question.to_owned());
                    let next = before.to.saturating_add(1);
                    out.push(
                        Breach::error(code::QUOTA_OVERLAPPING_RANGES, place(index), message, OVERLAP)
                            .label("overlaps")
                            .also(place(other), "with this")
                            .help(format!(
                                "both ends belong to a range: start at {next}, or use exactly the same range"
                            )),
                    );
                }
            }
            if widest.is_none_or(|(before, _)| range.to >= before.to) {
                widest = Some((range, index));
            }
        }
    }
}

fn asks_about_children_with_care(spec: &SurveySpec, out: &mut Vec<Breach>) {
    let conflict = |place| {
        let message = "the vendor's documents disagree whether 111 or 112 means parent";
        Breach::warning(code::TARGETING_CONFLICTING_DOCS, place, message, PARENT)
            .label("check this code")
            .help("ask the vendor, or test with a draft, before going live")
    };
    let parent = |criterion: &&Criterion| criterion.question == "218";
    // Who asks for both, or for neither, gets the same people whatever they mean.
    let one_of_both = |criterion: &&Criterion| {
        let Answers::Codes(codes) = &criterion.answers else {
            return true;
        };
        codes.contains("111") != codes.contains("112")
    };
    let asked_of_all = spec.qualifications.value().into_iter().flatten().filter(parent);
    out.extend(
        asked_of_all
            .clone()
            .filter(one_of_both)
            .map(|criterion| conflict(Place::Qualification(criterion.question.clone()))),
    );
    for (index, quota) in spec.quotas.value().into_iter().flatten().enumerate() {
        let asked = asked_of_all
            .clone()
            .chain(quota.criteria.iter().filter(parent))
            .count()
            > 0;
        for criterion in &quota.criteria {
            let place = Place::QuotaCriterion(index, criterion.question.clone());
            if parent(&criterion) {
                out.extend(one_of_both(&criterion).then(|| conflict(place)));
            } else if ["220", "230"].contains(&criterion.question.as_str()) && !asked {
                let message = "questions about a child go together with the question for parents";
                out.push(
                    Breach::warning(code::TARGETING_QUOTA_ONLY, place, message, CHILDREN)
                        .label("without 218")
                        .help("add `\"218\": [...]` with the vendor's code for parents"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Quota;
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
            }]
            .into(),
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
        let with = |quotas: Vec<Quota>| SurveySpec {
            quotas: Field::Set(quotas.into()),
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
    fn what_a_code_of_parents_means_matters_where_one_of_the_two_is_asked_for() {
        let asks = |codes: &[&str]| Criterion {
            question: "218".into(),
            unit: None,
            answers: Answers::codes(codes.iter().copied()),
        };
        let of_all = |criterion: Criterion| SurveySpec {
            qualifications: Field::Set(vec![criterion].into()),
            ..complete()
        };
        let of_quota = |criterion: Criterion| {
            let quota = Quota {
                criteria: vec![criterion].into(),
                ..age("a", 18, 34)
            };
            SurveySpec {
                quotas: Field::Set(vec![quota].into()),
                ..complete()
            }
        };
        for (asked, warned) in [
            (&["111"][..], 1),
            (&["112"], 1),
            (&["111", "112"], 0),
            (&["113"], 0),
        ] {
            let warnings = |spec: SurveySpec| {
                let found = check(&spec);
                let own = found
                    .iter()
                    .filter(|breach| breach.code == code::TARGETING_CONFLICTING_DOCS);
                own.count()
            };
            assert_eq!(warnings(of_all(asks(asked))), warned, "{asked:?}");
            assert_eq!(warnings(of_quota(asks(asked))), warned, "{asked:?}");
        }
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
