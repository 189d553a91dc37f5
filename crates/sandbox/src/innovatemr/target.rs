//! Targets: one entry per question, stored as sent, in no answer.

use super::body;
use super::envelope::{Outcome, fail, ok};
use super::library;
use super::record::{Kind, find, save};
use super::switches;
use crate::{Call, Failure, World};
use http::StatusCode;
use serde_json::{Value, json};

pub(super) fn add(world: &World, call: &Call, id: &str) -> Outcome {
    write(world, call, id, false)
}

pub(super) fn change(world: &World, call: &Call, id: &str) -> Outcome {
    write(world, call, id, true)
}

fn write(world: &World, call: &Call, id: &str, change: bool) -> Outcome {
    let body = body(world, call)?;
    let bad = |message: String| fail(world, StatusCode::BAD_REQUEST, message);
    let question = body
        .get("QuestionId")
        .and_then(Value::as_u64)
        .and_then(library::by_id)
        .ok_or_else(|| bad("QuestionId is unknown".to_owned()))?;
    let options = body.get("Options").cloned().unwrap_or(Value::Null);
    library::check_options(question, &options).map_err(bad)?;
    world.store.write(|batch| {
        let mut group = find(batch, world, Kind::Group, id)?;
        let there = group.targets.contains_key(&question.id);
        if there && !change {
            let message = format!("{} is already a target of the group", question.key);
            return Err(fail(world, StatusCode::CONFLICT, message));
        }
        if !there && change && !world.is_on(switches::PUT_TARGET_UPSERTS) {
            let message = format!("{} is no target of the group", question.key);
            return Err(fail(world, StatusCode::NOT_FOUND, message));
        }
        group.targets.insert(question.id, options.clone());
        save(batch, Kind::Group, &group)?;
        Ok::<_, Failure>(())
    })?;
    ok(
        "Target is saved",
        "target",
        &json!({"QuestionId": question.id, "Options": options}),
    )
}

/// Removes by key, not by id.
pub(super) fn remove(world: &World, id: &str, key: &str) -> Outcome {
    world.store.write(|batch| {
        let mut group = find(batch, world, Kind::Group, id)?;
        let gone = library::by_key(key).and_then(|question| group.targets.remove(&question.id));
        if gone.is_none() {
            let message = format!("{key} is no target of the group");
            return Err(fail(world, StatusCode::NOT_FOUND, message));
        }
        save(batch, Kind::Group, &group)?;
        Ok::<_, Failure>(())
    })?;
    ok("Target is removed", "target", &json!({"QuestionKey": key}))
}
