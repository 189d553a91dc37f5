//! From our vocabulary to the vendor's bodies.

use super::assumptions::{Assumptions, HARD_STOP};
use super::codebook::{AGE, ZIPCODES};
use super::locale;
use crate::marketplace::http::json::number;
use crate::model::{Answers, Criterion, Field, Lexicon, Money, Quota, SurveySpec};
use crate::plan::Refusal;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// The body of a job: everything but its status, which has a call of its own, and `extra` as it is.
pub(super) fn job(spec: &SurveySpec) -> Map<String, Value> {
    let mut body = Map::new();
    if let Some(title) = spec.title.value() {
        body.insert("Name".to_owned(), Value::from(title.as_str()));
    }
    if let Some(category) = attribute(spec, "category") {
        body.insert("Category".to_owned(), category.clone());
    }
    if let Some(Value::Object(extra)) = attribute(spec, "extra") {
        for (key, value) in extra {
            body.insert(key.clone(), value.clone());
        }
    }
    body
}

fn attribute<'a>(spec: &'a SurveySpec, key: &str) -> Option<&'a Value> {
    spec.attributes.get(key).and_then(Field::value)
}

/// What is written of a group by PUT only: a public client sends these keys on update and never on create.
pub(super) const AFTER_CREATE: [(&str, &str); 3] =
    [("note", "Note"), ("priority", "Priority"), ("color", "Color")];

/// The body of a group. It is always complete, because PUT may replace (a public client reads before it writes, and
/// sends every key).
///
/// # Errors
/// When the locale has no words at this vendor, or a price is in another currency than the account.
pub(super) fn group(
    table: &Assumptions,
    spec: &SurveySpec,
    create: bool,
) -> Result<Map<String, Value>, Refusal> {
    for (path, price) in [("/cpi", &spec.cpi), ("/max_cpi", &spec.max_cpi)] {
        if let Some(price) = price.value().filter(|price| price.currency != table.currency) {
            let account = table.currency.code();
            return Err(Refusal::new(format!(
                "{price} cannot be sent: the account is taken to be in {account}"
            ))
            .help(
                "write the price in that currency, or set `innovatemr.assumptions.currency` in infield.yaml",
            )
            .at(path));
        }
    }
    let text = |field: &Field<String>| field.value().map(|text| Value::from(text.as_str()));
    let exact = |field: &Field<Decimal>| field.value().map(|exact| number(*exact));
    let money = |money: Option<&Money>| money.map(|money| number(money.amount));
    // The call flow names the estimate among the keys that are needed: the ceiling stands in for it.
    let estimate = spec.cpi.value().or(spec.max_cpi.value());
    let fields = [
        ("Name", text(&spec.title)),
        ("N", spec.completes.value().map(|n| Value::from(*n))),
        ("IncidenceRate", exact(&spec.incidence_rate)),
        ("LengthOfInterview", exact(&spec.length_of_interview)),
        ("EstCostPerInterview", money(estimate)),
        ("MaximumCostPerInterview", money(spec.max_cpi.value())),
        ("LiveSurveyUrl", text(&spec.live_url)),
        (
            "TestSurveyUrl",
            Some(text(&spec.test_url).unwrap_or_else(|| json!(""))),
        ),
        ("DeviceType", attribute(spec, "device_type").cloned()),
    ];
    let after = AFTER_CREATE.into_iter().filter(|_| !create);
    let after = after.map(|(key, wire)| (wire, attribute(spec, key).cloned()));
    let said = fields.into_iter().chain(after);
    let mut body: Map<String, Value> = said
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect();
    let mut target = Map::new();
    if let Some(written) = spec.locale.value() {
        let place = locale::place(written).ok_or_else(|| {
            Refusal::new(format!(
                "infield does not know InnovateMR's words for the locale {written}"
            ))
            .help("write language and region such as `en-US`")
            .at("/locale")
        })?;
        target.insert("Country".to_owned(), Value::from(place.country));
        target.insert("Languages".to_owned(), Value::from(place.language));
    }
    if let Some(check) = attribute(spec, "geo_ip_check").and_then(Value::as_bool) {
        target.insert("GeoIPCheck".to_owned(), Value::from(u8::from(check)));
    }
    if !target.is_empty() {
        body.insert("Target".to_owned(), Value::Object(target));
    }
    Ok(body)
}

/// The answers of a question as targets and quotas carry them: option ids as numbers, ages as `min-max`, postal codes as
/// texts with their leading zeros.
pub(super) fn options(criterion: &Criterion) -> Value {
    match &criterion.answers {
        Answers::Ranges(ranges) => ranges
            .iter()
            .map(|range| Value::from(format!("{}-{}", range.from, range.to)))
            .collect(),
        Answers::Codes(codes) if criterion.question == ZIPCODES => {
            codes.iter().map(|code| Value::from(code.as_str())).collect()
        }
        Answers::Codes(codes) => codes
            .iter()
            .map(|code| {
                code.parse::<u64>()
                    .map_or_else(|_| Value::from(code.as_str()), Value::from)
            })
            .collect(),
    }
}

/// The body of a target. One question per call.
///
/// # Errors
/// When the library does not have the question any more.
pub(super) fn target(criterion: &Criterion, lexicon: Option<&Lexicon>) -> Result<Value, Refusal> {
    let question = lexicon.and_then(|lexicon| lexicon.question(&criterion.question));
    let Some(question) = question else {
        return Err(Refusal::new(format!(
            "the library of this locale has no question {}",
            criterion.question
        )));
    };
    let id = question
        .id
        .parse::<u64>()
        .map_or_else(|_| Value::from(question.id.as_str()), Value::from);
    Ok(json!({"QuestionId": id, "Options": options(criterion)}))
}

/// The body of a quota. `group` is an id or a placeholder.
pub(super) fn quota(quota: &Quota, group: &Value) -> Value {
    let conditions: Map<String, Value> = quota
        .criteria
        .iter()
        .map(|criterion| (criterion.question.clone(), options(criterion)))
        .collect();
    json!({
        "Title": quota.name,
        "N": quota.completes,
        "GroupId": group,
        "HardStop": HARD_STOP.0,
        "HardStopType": HARD_STOP.1,
        "Conditions": conditions,
    })
}

/// Whether a question is answered in ranges.
pub(super) fn is_range(key: &str, numeric: bool) -> bool {
    key == AGE || (numeric && key != ZIPCODES)
}

/// The body of a question for estimates.
///
/// # Errors
/// When the locale has no words at this vendor.
pub(super) fn estimate(table: &Assumptions, spec: &SurveySpec, days: u64) -> Result<Value, Refusal> {
    let group = group(table, spec, true)?;
    let target = group.get("Target");
    let of = |key: &str| group.get(key).cloned().unwrap_or(Value::Null);
    Ok(json!({
        "Country": target.and_then(|target| target.get("Country")),
        "Languages": target.and_then(|target| target.get("Languages")),
        "DaysInField": days,
        "IncidenceRate": of("IncidenceRate"),
        "N": of("N"),
        "LengthOfInterview": of("LengthOfInterview"),
    }))
}
