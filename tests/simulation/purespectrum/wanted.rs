//! Whether a survey at the vendor is what a manifest wants: written from the vendor's documents, without infield's
//! encoder, decoder or differ.

use crate::market::{decimal, list};
use infield::model::{Answers, Criterion, Field, SurveySpec};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a survey lacks; empty when it is as wanted. Status and what the vendor does not show are left out.
pub(crate) fn differences(spec: &SurveySpec, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut text = |key: &str, field: &Field<String>| {
        let seen = document[key].as_str();
        match field {
            Field::Absent => {}
            Field::Null if document[key].is_null() => {}
            Field::Set(value) if seen == Some(value) => {}
            wanted => found.push(format!("{key} is {seen:?} instead of {wanted:?}")),
        }
    };
    text("survey_title", &spec.title);
    text("live_url", &spec.live_url);
    text("test_url", &spec.test_url);
    text(
        "survey_localization",
        &spec.locale.clone().map(|l| l.replace('-', "_")),
    );
    let mut number = |key: &str, field: Field<Decimal>| {
        let seen = decimal(&document[key]);
        match field {
            Field::Absent => {}
            Field::Null if seen.is_none() => {}
            Field::Set(value) if seen == Some(value) => {}
            wanted => found.push(format!("{key} is {seen:?} instead of {wanted:?}")),
        }
    };
    number("completes_required", spec.completes.clone().map(Decimal::from));
    number("expected_ir", spec.incidence_rate.clone());
    number("expected_loi", spec.length_of_interview.clone());
    number("field_time", spec.field_days.clone().map(Decimal::from));
    number("offer_price", spec.cpi.clone().map(|cpi| cpi.amount));
    number(
        "template_id",
        spec.template
            .value()
            .map_or(Field::Absent, |id| Field::Set((*id).into())),
    );
    if let Some(Field::Set(category)) = spec.attributes.get("category") {
        number(
            "survey_category_code",
            decimal(category).map_or(Field::Null, Field::Set),
        );
    }
    if let Some(Field::Set(quality)) = spec.attributes.get("data_quality")
        && document["is_dq_enable"] != *quality
    {
        found.push(format!(
            "is_dq_enable is {} instead of {quality}",
            document["is_dq_enable"]
        ));
    }
    for wanted in spec.qualifications.value().into_iter().flatten() {
        let here = list(&document["qualifications"])
            .iter()
            .any(|seen| meaning(seen) == said(wanted));
        if !here {
            found.push(format!("qualification {} is not as wanted", wanted.question));
        }
    }
    for wanted in spec.quotas.value().into_iter().flatten() {
        let Some(seen) = list(&document["quotas"])
            .iter()
            .find(|quota| quota["buyer_quota_id"] == wanted.name.as_str())
        else {
            found.push(format!("quota {} is missing", wanted.name));
            continue;
        };
        if seen["required_count"] != wanted.completes {
            found.push(format!(
                "quota {} wants {} instead of {}",
                wanted.name, seen["required_count"], wanted.completes
            ));
        }
        let criteria: BTreeSet<Meaning> = wanted.criteria.iter().map(said).collect();
        if criteria != list(&seen["criteria"]).iter().map(meaning).collect() {
            found.push(format!("quota {} counts somebody else", wanted.name));
        }
    }
    found
}

/// The question, the codes, and the ranges with their units.
type Meaning = (String, BTreeSet<String>, BTreeSet<(String, String, String)>);

fn meaning(criterion: &Value) -> Meaning {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let codes = list(&criterion["condition_codes"]).iter().map(text).collect();
    let ranges = list(&criterion["range_sets"])
        .iter()
        .map(|set| (text(&set["from"]), text(&set["to"]), text(&set["units"])))
        .collect();
    (text(&criterion["qualification_code"]), codes, ranges)
}

fn said(criterion: &Criterion) -> Meaning {
    let (codes, ranges) = match &criterion.answers {
        Answers::Codes(codes) => (codes.clone(), BTreeSet::new()),
        Answers::Ranges(ranges) => {
            let unit = criterion.unit.clone().unwrap_or_default();
            let ends = ranges
                .iter()
                .map(|range| (range.from.to_string(), range.to.to_string(), unit.clone()));
            (BTreeSet::new(), ends.collect())
        }
    };
    (criterion.question.clone(), codes, ranges)
}
