//! Groups.

use super::body;
use super::envelope::{Outcome, fail, ok};
use super::library;
use super::record::{Kind, LIVE, Record, find, make, may_become, save, status_word, wanted_status};
use super::switches;
use crate::{Call, Documents, Failure, World};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// What can be written of a group, with what an omitted optional key goes back to (assumed, but the values of the
/// vendor's sample).
const WRITABLE: [&str; 13] = [
    "Name",
    "N",
    "IncidenceRate",
    "LengthOfInterview",
    "EstCostPerInterview",
    "MaximumCostPerInterview",
    "LiveSurveyUrl",
    "TestSurveyUrl",
    "DeviceType",
    "Target",
    "Note",
    "Color",
    "Priority",
];

/// The time in field of the vendor's sample.
const FIELDING: SignedDuration = SignedDuration::from_millis(11 * 86_400_000 - 1);

/// The fields of a body, complete and checked.
fn fields(world: &World, mut body: Map<String, Value>) -> Result<Map<String, Value>, Failure> {
    let bad = |message: &str| Err(fail(world, StatusCode::BAD_REQUEST, message.to_owned()));
    let text = |key: &str| {
        body.get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let number = |key: &str| body.get(key).and_then(Value::as_f64);
    if text("Name").is_none() {
        return bad("Name is required");
    }
    if body.get("N").and_then(Value::as_u64).is_none_or(|n| n < 1) {
        return bad("N must be at least 1");
    }
    if number("IncidenceRate").is_none_or(|rate| !(1.0..=100.0).contains(&rate)) {
        return bad("IncidenceRate must be between 1 and 100");
    }
    if number("LengthOfInterview").is_none_or(|minutes| minutes < 1.0) {
        return bad("LengthOfInterview must be at least 1");
    }
    if text("LiveSurveyUrl").is_none() {
        return bad("LiveSurveyUrl is required");
    }
    let mut target = match body.remove("Target") {
        Some(Value::Object(target)) => target,
        _ => Map::new(),
    };
    let country = target.get("Country").and_then(Value::as_str).unwrap_or_default();
    if library::country_code(country).is_none() {
        return bad("Target.Country must be the English name of a country");
    }
    let language = target.get("Languages").map_or(Some("ENGLISH"), Value::as_str);
    let Some(id) = language.and_then(library::language_id) else {
        return bad("Target.Languages must be the upper-case name of a language");
    };
    target.insert("Languages".to_owned(), json!([id]));
    target.entry("GeoIPCheck").or_insert(json!(1));
    body.insert("Target".to_owned(), Value::Object(target));
    body.entry("TestSurveyUrl").or_insert(json!(""));
    body.entry("DeviceType").or_insert(json!(6));
    body.retain(|key, _| WRITABLE.contains(&key.as_str()));
    Ok(body)
}

/// The group in the shape of the vendor's sample.
pub(super) fn shown(world: &World, group: &Record) -> Value {
    let mut map = group.fields.clone();
    // The sample has none of these.
    for key in ["Note", "Color", "Priority"] {
        map.shift_remove(key);
    }
    let estimate = map.get("EstCostPerInterview").cloned().unwrap_or(json!(0));
    if !world.is_on(switches::ECHO_MAX_CPI) {
        map.shift_remove("EstCostPerInterview");
        map.shift_remove("MaximumCostPerInterview");
    }
    let country = map["Target"]["Country"].as_str().unwrap_or_default();
    let code = library::country_code(country);
    let language = map["Target"]["Languages"][0]
        .as_u64()
        .and_then(library::language_name);
    map.insert("CountryCode".to_owned(), json!(code));
    map.insert("Language".to_owned(), json!(language));
    map.insert("CostPerInterview".to_owned(), estimate);
    map.insert("Status".to_owned(), json!(group.status));
    map.insert("Id".to_owned(), json!(group.id));
    map.insert("JobId".to_owned(), json!(group.parent));
    map.insert("CompanyId".to_owned(), json!(44));
    map.insert("SID".to_owned(), json!(short_id(world, group.id)));
    let created = Timestamp::from_millisecond(group.created_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    map.insert("CreatedDate".to_owned(), json!(format!("{created:.3}")));
    // As long as in the sample; where the days come from is not documented.
    let ends = created.saturating_add(FIELDING).unwrap_or(created);
    map.insert(
        "Fielding".to_owned(),
        json!({"FieldingStartDate": format!("{created:.3}"), "FieldingEndDate": format!("{ends:.3}")}),
    );
    Value::Object(map)
}

fn short_id(world: &World, id: u64) -> String {
    let digest = Sha256::digest(format!("{} {id}", world.seed));
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn create(world: &World, call: &Call, job: &str) -> Outcome {
    let body = body(world, call)?;
    let group = world.store.write(|batch| {
        let job = find(batch, world, Kind::Job, job)?;
        let fields = fields(world, body)?;
        let mut group = make(batch, world, Kind::Group, job.id)?;
        group.fields = fields;
        save(batch, Kind::Group, &group)?;
        Ok::<_, Failure>(group)
    })?;
    ok("Group is created", "group", &shown(world, &group))
}

/// Replaces everything that can be written (assumed).
pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let body = body(world, call)?;
    let group = world.store.write(|batch| {
        let mut group = find(batch, world, Kind::Group, id)?;
        group.fields = fields(world, body)?;
        save(batch, Kind::Group, &group)?;
        Ok::<_, Failure>(group)
    })?;
    ok("Group is updated", "group", &shown(world, &group))
}

pub(super) fn read(world: &World, id: &str) -> Outcome {
    let group = world.store.read(|view| find(view, world, Kind::Group, id))?;
    ok("Group details", "group", &shown(world, &group))
}

pub(super) fn set_status(world: &World, call: &Call, id: &str) -> Outcome {
    let wanted = wanted_status(world, &body(world, call)?);
    let group = world.store.write(|batch| {
        let mut group = find(batch, world, Kind::Group, id)?;
        if let Some(to) = wanted {
            check_status(world, batch, &group, to)?;
            group.status = to;
            save(batch, Kind::Group, &group)?;
        }
        Ok::<_, Failure>(group)
    })?;
    let message = format!("Group status is set as {}", status_word(group.status));
    ok(&message, "group", &shown(world, &group))
}

fn check_status(world: &World, store: &impl Documents, group: &Record, to: i64) -> Result<(), Failure> {
    let conflict = |message: String| Err(fail(world, StatusCode::CONFLICT, message));
    if !may_become(group.status, to) {
        return conflict(format!(
            "Group cannot go from {} to {to}",
            status_word(group.status)
        ));
    }
    if to != LIVE || group.status == LIVE {
        return Ok(());
    }
    let ceiling = group
        .fields
        .get("MaximumCostPerInterview")
        .and_then(Value::as_f64);
    if ceiling.is_none_or(|money| money <= 0.0) {
        return conflict("MaximumCostPerInterview must be set before the group goes live".to_owned());
    }
    let job = find(store, world, Kind::Job, &group.parent.to_string())?;
    if job.status != LIVE {
        return conflict("The job of the group is not live".to_owned());
    }
    Ok(())
}
