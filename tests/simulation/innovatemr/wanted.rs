//! Whether a job or a group at the vendor is what a manifest wants: written from the vendor's documents, without
//! infield's encoder, decoder, library or differ.

use crate::market::{decimal, list};
use infield::model::{Answers, Criterion, Field, SurveySpec};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

struct Found(Vec<String>);

impl Found {
    fn check(&mut self, key: &str, seen: &Value, wanted: Option<Value>) {
        if let Some(wanted) = wanted
            && *seen != wanted
        {
            self.0.push(format!("{key} is {seen} instead of {wanted}"));
        }
    }

    fn number(&mut self, key: &str, seen: &Value, wanted: Option<Decimal>) {
        if let Some(wanted) = wanted
            && decimal(seen) != Some(wanted)
        {
            self.0.push(format!("{key} is {seen} instead of {wanted}"));
        }
    }
}

fn text(field: &Field<String>) -> Option<Value> {
    field.value().map(|text| json!(text))
}

/// What a job lacks.
pub(super) fn of_job(spec: &SurveySpec, document: &Value) -> Vec<String> {
    let mut found = Found(Vec::new());
    let fields = &document["fields"];
    found.check("Name", &fields["Name"], text(&spec.title));
    let category = spec.attributes.get("category").and_then(Field::value);
    found.check("Category", &fields["Category"], category.cloned());
    found.0
}

/// What a group lacks.
pub(super) fn of_group(spec: &SurveySpec, document: &Value) -> Vec<String> {
    let mut found = Found(Vec::new());
    let fields = &document["fields"];
    found.check("Name", &fields["Name"], text(&spec.title));
    found.check("LiveSurveyUrl", &fields["LiveSurveyUrl"], text(&spec.live_url));
    let test_url = match &spec.test_url {
        Field::Null => Some(json!("")),
        other => text(other),
    };
    found.check("TestSurveyUrl", &fields["TestSurveyUrl"], test_url);
    let mut number = |key: &str, wanted| found.number(key, &fields[key], wanted);
    number("N", spec.completes.value().map(|n| Decimal::from(*n)));
    number("IncidenceRate", spec.incidence_rate.value().copied());
    number("LengthOfInterview", spec.length_of_interview.value().copied());
    number("EstCostPerInterview", spec.cpi.value().map(|cpi| cpi.amount));
    number(
        "MaximumCostPerInterview",
        spec.max_cpi.value().map(|cpi| cpi.amount),
    );
    for (name, key) in [
        ("device_type", "DeviceType"),
        ("note", "Note"),
        ("priority", "Priority"),
    ] {
        let wanted = spec.attributes.get(name).and_then(Field::value);
        found.check(key, &fields[key], wanted.cloned());
    }
    let place = spec.locale.value().map(|locale| match locale.as_str() {
        "de-DE" => json!(["Germany", 3]),
        _ => json!(["United States", 1]),
    });
    let target = &fields["Target"];
    found.check(
        "Target",
        &json!([target["Country"], target["Languages"][0]]),
        place,
    );
    let geo = spec.attributes.get("geo_ip_check").and_then(Field::value);
    let geo = geo.map(|on| json!(u8::from(*on == json!(true))));
    found.check("GeoIPCheck", &target["GeoIPCheck"], geo);
    if let Field::Set(criteria) = &spec.qualifications {
        let wanted: BTreeMap<&str, Value> = criteria.iter().map(|c| (id_of(c), options(c))).collect();
        found.check("the targets", &document["targets"], Some(json!(wanted)));
    }
    for wanted in spec.quotas.value().into_iter().flatten() {
        let named: Vec<&Value> = list(&document["quotas"])
            .iter()
            .map(|quota| &quota["fields"])
            .filter(|quota| quota["Title"] == wanted.name.as_str())
            .collect();
        let [seen] = named.as_slice() else {
            found
                .0
                .push(format!("quota {} is there {} times", wanted.name, named.len()));
            continue;
        };
        let conditions: BTreeMap<&str, Value> = wanted
            .criteria
            .iter()
            .map(|criterion| (criterion.question.as_str(), options(criterion)))
            .collect();
        found.check(
            &format!("quota {}", wanted.name),
            &seen["N"],
            Some(json!(wanted.completes)),
        );
        found.check(
            &format!("who counts for quota {}", wanted.name),
            &seen["Conditions"],
            Some(json!(conditions)),
        );
    }
    found.0
}

fn id_of(criterion: &Criterion) -> &'static str {
    match criterion.question.as_str() {
        "AGE" => "1",
        "GENDER" => "2",
        other => panic!("{other} is in no manifest of the simulation"),
    }
}

fn options(criterion: &Criterion) -> Value {
    match &criterion.answers {
        Answers::Codes(texts) => {
            let ids = texts.iter().map(|text| if text == "Male" { 1 } else { 2 });
            let mut ids: Vec<u64> = ids.collect();
            ids.sort_unstable();
            json!(ids)
        }
        Answers::Ranges(ranges) => {
            let texts = ranges.iter().map(|range| format!("{}-{}", range.from, range.to));
            json!(texts.collect::<Vec<String>>())
        }
    }
}
