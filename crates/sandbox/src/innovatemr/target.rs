//! Targets: one entry per question, stored as sent, in no answer.

use super::prelude::*;

fn no_target(world: &World, key: &str) -> Failure {
    fail(
        world,
        StatusCode::NOT_FOUND,
        format!("{key} is no target of the group"),
    )
}

/// Adds a target, or changes one.
pub(super) fn write(world: &World, call: &Call, id: &str, changes: bool) -> Outcome {
    let body = body(world, call)?;
    let question = body.count("QuestionId").and_then(library::by_id);
    let question = question.ok_or_else(|| bad(world, "QuestionId is unknown"))?;
    let (number, key) = (question["Id"].as_u64().unwrap_or(0), question.word("QuestionKey"));
    let options = body.copy("Options");
    library::check_options(question, &options).map_err(|message| bad(world, message))?;
    change(world, Kind::Group, id, |_, group| {
        let there = group.targets.insert(number, options.clone()).is_some();
        if there && !changes {
            let message = format!("{key} is already a target of the group");
            return Err(fail(world, StatusCode::CONFLICT, message));
        }
        if !there && changes && !world.is_on(switches::PUT_TARGET_UPSERTS) {
            return Err(no_target(world, key));
        }
        Ok(())
    })?;
    let shown = json!({"QuestionId": number, "Options": options});
    ok("Target is saved", "target", &shown)
}

/// Removes by key, not by id.
pub(super) fn remove(world: &World, id: &str, key: &str) -> Outcome {
    change(world, Kind::Group, id, |_, group| {
        let number = library::by_key(key).and_then(|question| question["Id"].as_u64());
        let gone = number.and_then(|number| group.targets.remove(&number));
        gone.map(|_| ()).ok_or_else(|| no_target(world, key))
    })?;
    ok("Target is removed", "target", &json!({"QuestionKey": key}))
}
