//! Quotas of groups.

use super::body;
use super::envelope::{Outcome, fail, ok};
use super::library;
use super::record::{Kind, Record, all, find, make, save};
use super::respondents::refuse;
use crate::{Answer, Call, Failure, World};
use http::StatusCode;
use serde_json::{Map, Value, json};

const WRITABLE: [&str; 6] = ["Title", "N", "GroupId", "HardStop", "HardStopType", "Conditions"];

fn shown(quota: &Record) -> Value {
    let mut map = quota.fields.clone();
    map.insert("Id".to_owned(), json!(quota.id));
    Value::Object(map)
}

fn fields(world: &World, mut body: Map<String, Value>) -> Result<(u64, Map<String, Value>), Failure> {
    let bad = |message: String| fail(world, StatusCode::BAD_REQUEST, message);
    if body
        .get("Title")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        return Err(bad("Title is required".to_owned()));
    }
    if body.get("N").and_then(Value::as_u64).is_none() {
        return Err(bad("N must be a whole number".to_owned()));
    }
    let group = body
        .get("GroupId")
        .and_then(Value::as_u64)
        .ok_or_else(|| bad("GroupId is required".to_owned()))?;
    let conditions = body.get("Conditions").and_then(Value::as_object);
    let conditions = conditions.ok_or_else(|| bad("Conditions are required".to_owned()))?;
    for (key, options) in conditions {
        let question = library::by_key(key).ok_or_else(|| bad(format!("{key} is no question")))?;
        library::check_options(question, options).map_err(bad)?;
    }
    body.entry("HardStop").or_insert(json!(true));
    body.entry("HardStopType").or_insert(json!(0));
    body.retain(|key, _| WRITABLE.contains(&key.as_str()));
    Ok((group, body))
}

fn store(world: &World, fields: Map<String, Value>, group: u64) -> Result<Record, Failure> {
    world.store.write(|batch| {
        find(batch, world, Kind::Group, &group.to_string())?;
        let mut quota = make(batch, world, Kind::Quota, group)?;
        quota.fields = fields;
        save(batch, Kind::Quota, &quota)?;
        Ok(quota)
    })
}

pub(super) fn add(world: &World, call: &Call) -> Outcome {
    let (group, fields) = fields(world, body(world, call)?)?;
    let quota = store(world, fields, group)?;
    ok("Quota is added", "Quota", &shown(&quota))
}

/// Replaces the quota; its group comes in the body as well.
pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let (group, fields) = fields(world, body(world, call)?)?;
    let quota = world.store.write(|batch| {
        let mut quota = find(batch, world, Kind::Quota, id)?;
        if quota.parent != group {
            let message = "GroupId is not the group of the quota";
            return Err(fail(world, StatusCode::BAD_REQUEST, message));
        }
        quota.fields = fields;
        save(batch, Kind::Quota, &quota)?;
        Ok::<_, Failure>(quota)
    })?;
    ok("Quota is updated", "Quota", &shown(&quota))
}

pub(super) fn list(world: &World, group: &str) -> Outcome {
    let quotas = world.store.read(|view| {
        let group = find(view, world, Kind::Group, group)?;
        let mut quotas = all(view, Kind::Quota)?;
        quotas.retain(|quota| quota.parent == group.id);
        Ok::<_, Failure>(quotas)
    })?;
    let quotas: Vec<Value> = quotas.iter().map(shown).collect();
    ok("Quotas", "Quotas", &Value::Array(quotas))
}

/// A quota made by hand in the vendor's interface: `survey` is the group's id, the rest is as in the API.
pub(super) fn add_in_interface(world: &World, body: &Map<String, Value>) -> Result<Answer, Failure> {
    let group = body
        .get("survey")
        .or_else(|| body.get("group"))
        .and_then(Value::as_u64)
        .ok_or_else(|| refuse("say which group by its number"))?;
    let mut quota = body.clone();
    quota.insert("GroupId".to_owned(), json!(group));
    quota.entry("Title").or_insert(json!("made by hand"));
    quota.entry("N").or_insert(json!(10));
    quota.entry("Conditions").or_insert(json!({"GENDER": [1]}));
    let (group, fields) = fields(world, quota)?;
    let quota = store(world, fields, group)?;
    Ok(Answer::json(StatusCode::OK, &shown(&quota)))
}
