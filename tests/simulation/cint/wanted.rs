//! Whether a project or a target group at the vendor is what a manifest wants: written from the vendor's documents,
//! without infield's encoder, decoder, library or differ.

use super::money;
use crate::market::{decimal, list};
use infield::model::{Answers, Criterion, Field, Quota, SurveySpec};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Who is meant by conditions: answers by question, in an order of their own.
type Cell = BTreeMap<u64, BTreeSet<String>>;

struct Found(Vec<String>);

impl Found {
    fn check(&mut self, key: &str, seen: &Value, wanted: Option<Value>) {
        if let Some(wanted) = wanted
            && *seen != wanted
        {
            self.0.push(format!("{key} is {seen} instead of {wanted}"));
        }
    }

    fn number(&mut self, key: &str, seen: Option<Decimal>, wanted: Option<Decimal>) {
        if let Some(wanted) = wanted
            && seen != Some(wanted)
        {
            self.0.push(format!("{key} is {seen:?} instead of {wanted}"));
        }
    }
}

fn text(field: &Field<String>) -> Option<Value> {
    field.value().map(|text| json!(text))
}

/// A setting of the block; what is to be nothing is null.
fn setting(spec: &SurveySpec, key: &str) -> Option<Value> {
    match spec.attributes.get(key)? {
        Field::Set(value) => Some(value.clone()),
        Field::Null => Some(Value::Null),
        Field::Absent => None,
    }
}

/// What a project lacks.
pub(super) fn of_project(spec: &SurveySpec, document: &Value) -> Vec<String> {
    let mut found = Found(Vec::new());
    found.check("name", &document["name"], text(&spec.title));
    found.check("manager", &document["manager"], setting(spec, "project_manager"));
    found.check(
        "reference",
        &document["reference"],
        setting(spec, "project_reference"),
    );
    found.0
}

/// What a target group lacks.
pub(super) fn of_group(spec: &SurveySpec, document: &Value) -> Vec<String> {
    let mut found = Found(Vec::new());
    let fields = &document["fields"];
    let launched = !document["run"].is_null();
    found.check("name", &fields["name"], text(&spec.title));
    found.check("live_url", &fields["live_url"], text(&spec.live_url));
    found.check("test_url", &fields["test_url"], text(&spec.test_url));
    let locale = spec.locale.value().map(|locale| match locale.as_str() {
        "de-DE" => json!("deu_de"),
        _ => json!("eng_us"),
    });
    found.check("locale", &fields["locale"], locale);
    for (ours, key) in [
        ("reference", "target_group_customer_reference_number"),
        ("project_manager", "project_manager_id"),
        ("business_unit", "business_unit_id"),
        ("study_type", "study_type_code"),
        ("industry_lockout", "industry_lockout_code"),
    ] {
        found.check(key, &fields[key], setting(spec, ours));
    }
    let length = "expected_length_of_interview_minutes";
    let minutes = spec.length_of_interview.value().copied();
    found.number(length, decimal(&fields[length]), minutes);
    let rate = "expected_incidence_rate";
    let share = spec
        .incidence_rate
        .value()
        .map(|rate| *rate / Decimal::ONE_HUNDRED);
    found.number(rate, decimal(&fields[rate]), share);
    found.check(
        "the goal",
        &document["goal"],
        spec.completes.value().map(|n| json!(n)),
    );
    let cpi = spec.cpi.value().map(|cpi| cpi.amount);
    found.number("the price", money(&document["cpi"]), cpi);
    let most = &document["assistant"]["pricing"]["maximum_cpi"];
    let ceiling = spec.max_cpi.value().map(|cpi| cpi.amount);
    found.number("the highest price", money(most), ceiling);
    if spec.max_cpi == Field::Null && !most.is_null() {
        found
            .0
            .push(format!("the highest price is {most} instead of none"));
    }
    // Where its times stand for a pause, they are its own again when it goes on.
    let parked = super::never_starts(document);
    let end = if launched {
        &document["run"]["end_ms"]
    } else {
        &document["end_ms"]
    };
    let wanted_end = spec.end.value().map(|end| json!(end.as_millisecond()));
    found.check("the end", end, wanted_end.filter(|_| !parked));
    // Once in field, the start is when that was.
    if document["run"]["status"] == "scheduled" && !parked {
        let wanted = spec.start.value().map(|start| json!(start.as_millisecond()));
        found.check("the start", &document["run"]["start_ms"], wanted);
    }
    found.check(
        "exclusion",
        &document["exclusion"],
        setting(spec, "exclude_within_project"),
    );
    // A draft takes none.
    if launched {
        found.check(
            "what fills it",
            &document["strategy"],
            setting(spec, "filling_strategy"),
        );
    }
    if let Some(allocations) = setting(spec, "allocations") {
        let seen = &document["allocations"]["open_exchange_allocations"];
        let numbers = list(&seen["blocked_supplier_ids"]).iter();
        let numbers = numbers.map(|id| id.as_str().and_then(|id| id.parse::<u64>().ok()));
        found.check(
            "the exchange's share",
            &seen["exchange_max_percentage"],
            Some(allocations["exchange"]["max"].clone()),
        );
        let blocked = allocations.get("blocked_suppliers").cloned();
        found.check(
            "blocked suppliers",
            &json!(numbers.collect::<Vec<_>>()),
            Some(blocked.unwrap_or(json!([]))),
        );
    }
    who(spec, document, &mut found);
    found.0
}

/// Who is asked, and how many of them.
fn who(spec: &SurveySpec, document: &Value, found: &mut Found) {
    let mut asked = Cell::new();
    let mut counted = BTreeSet::new();
    let mut cells: Vec<(Cell, u64)> = Vec::new();
    for profile in list(&document["profiling"]["profiles"]) {
        let counts = profile["quotas"] == true;
        for target in list(&profile["targets"]) {
            let cell = seen_cell(&target["conditions"]);
            for (question, answers) in &cell {
                asked.entry(*question).or_default().extend(answers.clone());
                if counts {
                    counted.insert(*question);
                }
            }
            if counts {
                cells.push((cell, target["goal"].as_u64().unwrap_or(0)));
            }
        }
    }
    let quotas = spec.quotas.value().map_or(&[] as &[Quota], |all| all.as_slice());
    for quota in quotas {
        let wanted = cell(&quota.criteria);
        let there: Vec<u64> = cells
            .iter()
            .filter(|(cell, _)| *cell == wanted)
            .map(|(_, count)| *count)
            .collect();
        if there != [quota.completes] {
            found.0.push(format!(
                "quota {} is {there:?} instead of {}",
                quota.name, quota.completes
            ));
        }
    }
    if !spec.quotas.is_absent() {
        let wanted: Vec<Cell> = quotas.iter().map(|quota| cell(&quota.criteria)).collect();
        for (cell, count) in &cells {
            let ours = cell.keys().all(|question| [AGE, GENDER].contains(question));
            if ours && !wanted.contains(cell) {
                found
                    .0
                    .push(format!("{count} of {cell:?} are counted, which nobody wants"));
            }
        }
    }
    if let Field::Set(criteria) = &spec.qualifications {
        // A question stands once, and lets in whom its quotas count.
        let wanted = ranges_merged(cell(criteria));
        let asked = ranges_merged(asked);
        for (question, answers) in &wanted {
            if asked.get(question) != Some(answers) {
                found.0.push(format!(
                    "question {question} lets in {:?} instead of {answers:?}",
                    asked.get(question)
                ));
            }
        }
        for question in [AGE, GENDER, ZIP] {
            let here = asked.contains_key(&question) && !counted.contains(&question);
            if here && !wanted.contains_key(&question) {
                found
                    .0
                    .push(format!("question {question} is asked, which nobody wants"));
            }
        }
    }
}

const AGE: u64 = 42;
const GENDER: u64 = 43;
const ZIP: u64 = 45;

/// 18-34 and 35-64 let in the same people as 18-64.
fn ranges_merged(mut cell: Cell) -> Cell {
    if let Some(answers) = cell.get_mut(&AGE) {
        let mut years = BTreeSet::new();
        for range in answers.iter() {
            let (from, to) = range.split_once('-').expect("a range");
            years.extend(from.parse::<u64>().expect("years")..=to.parse().expect("years"));
        }
        *answers = years.iter().map(u64::to_string).collect();
    }
    cell
}

fn cell(criteria: &[Criterion]) -> Cell {
    let mut cell = Cell::new();
    for criterion in criteria {
        let answers = match &criterion.answers {
            Answers::Codes(codes) => codes.clone(),
            Answers::Ranges(ranges) => ranges
                .iter()
                .map(|range| format!("{}-{}", range.from, range.to))
                .collect(),
        };
        cell.insert(criterion.question.parse().expect("a number"), answers);
    }
    cell
}

/// The conditions of a target, as stored.
pub(super) fn seen_cell(conditions: &Value) -> Cell {
    let mut cell = Cell::new();
    for condition in list(conditions) {
        let answers = cell
            .entry(condition["question_id"].as_u64().unwrap_or(0))
            .or_default();
        match condition["object"].as_str() {
            Some("range") => {
                answers.insert(format!("{}-{}", condition["min"], condition["max"]));
            }
            Some("open_ended") => answers.extend(
                list(&condition["open_ended_values"])
                    .iter()
                    .filter_map(|value| Some(value.as_str()?.to_owned())),
            ),
            _ => {
                answers.insert(condition["option"].as_str().unwrap_or_default().to_owned());
            }
        }
    }
    cell
}
