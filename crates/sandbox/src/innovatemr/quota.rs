//! Quotas of groups.

use super::prelude::*;

const WRITABLE: [&str; 6] = ["Title", "N", "GroupId", "HardStop", "HardStopType", "Conditions"];

/// What has to be there.
const FIELDS: [(&str, Shape); 4] = [
    ("Title", Shape::Text),
    ("N", Shape::Whole(0, ANY)),
    ("GroupId", Shape::Whole(0, ANY)),
    ("Conditions", Shape::Object),
];

fn shown(quota: &Record) -> Value {
    let mut map = quota.fields.clone();
    map.put("Id", quota.id);
    Value::Object(map)
}

fn fields(world: &World, mut body: Map<String, Value>) -> Result<(u64, Map<String, Value>), Failure> {
    shape::check(&body, &FIELDS).map_err(|message| bad(world, message))?;
    let group = body.count("GroupId").unwrap_or(0);
    let conditions = body["Conditions"].as_object().into_iter().flatten();
    for (key, options) in conditions {
        let question = library::by_key(key).ok_or_else(|| bad(world, format!("{key} is no question")))?;
        library::check_options(question, options).map_err(|message| bad(world, message))?;
    }
    body.entry("HardStop").or_insert(json!(true));
    body.entry("HardStopType").or_insert(json!(0));
    body.retain(|key, _| WRITABLE.contains(&key.as_str()));
    Ok((group, body))
}

fn store(world: &World, body: Map<String, Value>) -> Result<Record, Failure> {
    let (group, fields) = fields(world, body)?;
    world.store.write(|batch| {
        find(batch, world, Kind::Group, &group.to_string())?;
        Ok(make(batch, world, Kind::Quota, group, fields)?)
    })
}

pub(super) fn add(world: &World, call: &Call) -> Outcome {
    let quota = store(world, body(world, call)?)?;
    ok("Quota is added", "Quota", &shown(&quota))
}

/// Replaces the quota; its group comes in the body as well.
pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let (group, fields) = fields(world, body(world, call)?)?;
    let quota = change(world, Kind::Quota, id, |_, quota| {
        if quota.parent != group {
            return Err(bad(world, "GroupId is not the group of the quota"));
        }
        quota.fields = fields;
        Ok(())
    })?;
    ok("Quota is updated", "Quota", &shown(&quota))
}

pub(super) fn list(world: &World, group: &str) -> Outcome {
    let (_, quotas) = children(world, Kind::Group, group)?;
    ok("Quotas", "Quotas", &quotas.iter().map(shown).collect())
}

/// A quota made by hand in the vendor's interface: `survey` is the group's id, the rest is as in the API.
pub(super) fn add_in_interface(world: &World, body: &Map<String, Value>) -> Outcome {
    let group = body.get("survey").or_else(|| body.get("group"));
    let group = group.and_then(Value::as_u64);
    let group = group.ok_or_else(|| refuse("say which group by its number"))?;
    let mut quota = body.clone();
    quota.put("GroupId", group);
    quota.entry("Title").or_insert(json!("made by hand"));
    quota.entry("N").or_insert(json!(10));
    quota.entry("Conditions").or_insert(json!({"GENDER": [1]}));
    Ok(Answer::ok(&shown(&store(world, quota)?)))
}
