//! Exclusion groups of the account (OpenAPI "Respondent Exclusions", `/exclusion-groups`).
//!
//! A tag may be that of several groups, a target group may be in several, and one holds at most 100. Putting in what is in it
//! already, and taking out what is not, changes nothing (assumed, a switch). Whether drafts are taken is not said (assumed, a
//! switch). Nobody is kept out here: people of simulations have no identity.

use super::envelope::{CONFLICT, bad_field};
use super::prelude::*;
use super::record::project_of;

const MOST: usize = 100;

/// A group as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    id: String,
    tag: String,
    description: String,
    created_ms: i64,
    updated_ms: Option<i64>,
    members: Vec<String>,
    /// Lists that will not show it yet.
    hidden_lists: u64,
}

impl Held {
    fn shown(&self) -> Value {
        let mut shown = json!({
            "exclusion_group_id": self.id, "tag": self.tag, "description": self.description,
            "create_date": time(self.created_ms),
        });
        shown.put_some("update_date", self.updated_ms.map(time));
        shown
    }
}

fn key(id: &str) -> String {
    format!("cint/exclusion_group/{id}")
}

fn load(documents: &impl Documents, id: &str) -> Result<Held, Failure> {
    let held: Option<Held> = documents.get_json(&key(id))?;
    Ok(held.ok_or(NOT_FOUND)?)
}

fn save(batch: &mut Batch<'_>, held: &Held) -> Result<(), StoreError> {
    batch.put_json(&key(&held.id), held)
}

/// Below `/demand/accounts/{account_id}/exclusion-groups`.
pub(super) fn route(world: &World, call: &Call, path: &[&str]) -> Outcome {
    match (call.method.as_str(), path) {
        ("GET", []) => list(world, call),
        ("POST", []) => create(world, call),
        ("GET", [id]) => ok(&load(&world.store.view()?, id)?.shown()),
        ("PUT", [id]) => put(world, call, id),
        ("DELETE", [id]) => delete(world, id),
        ("GET", [id, "target-groups"]) => members(world, call, id),
        ("POST", [id, "target-groups", "add"]) => add(world, call, id),
        ("POST", [id, "target-groups", "remove"]) => remove(world, call, id),
        _ => Err(NOT_FOUND.into()),
    }
}

/// A page of up to a thousand, under `data`, with the cursor behind it.
fn paged(call: &Call, items: Vec<(String, Value)>) -> Outcome {
    let page = page::cut(call, items, 1000, 1000)?;
    let mut body = json!({"data": page.items, "url": call.path.join("/")});
    body.put_some("next_cursor", page.next);
    ok(&body)
}

/// `get_exclusion_groups_by_account_id`: by their age. A look brings a new one closer.
fn list(world: &World, call: &Call) -> Outcome {
    let all: Vec<Held> = world.store.view()?.all("cint/exclusion_group/")?;
    if all.iter().any(|held| held.hidden_lists > 0) {
        world.store.write(|batch| {
            for held in all.iter().filter(|held| held.hidden_lists > 0) {
                let mut held = held.clone();
                held.hidden_lists -= 1;
                save(batch, &held)?;
            }
            Ok::<(), Failure>(())
        })?;
    }
    let shown = all.iter().filter(|held| held.hidden_lists == 0);
    paged(call, shown.map(|held| (held.id.clone(), held.shown())).collect())
}

/// Reads what a body says of a group.
fn fill(held: &mut Held, body: &Map<String, Value>) -> Result<(), Failure> {
    for (name, most, own) in [
        ("tag", 128, &mut held.tag),
        ("description", 500, &mut held.description),
    ] {
        match body.field(name) {
            None => {}
            Some(Value::String(text)) if text.chars().count() <= most => own.clone_from(text),
            Some(_) => {
                return Err(bad_field(
                    name,
                    &format!("must be a text of at most {most} characters"),
                ));
            }
        }
    }
    Ok(())
}

/// `create_exclusion_group`
fn create(world: &World, call: &Call) -> Outcome {
    let body = object(call)?;
    for name in ["tag", "description"] {
        if body.field(name).is_none() {
            return Err(bad_field(name, "is required"));
        }
    }
    world.store.write(|batch| {
        let shown_at = world.number(switches::EXCLUSION_GROUP_LISTED_AT_READ);
        let mut held = Held {
            id: ulid(batch, world)?,
            tag: String::new(),
            description: String::new(),
            created_ms: world.now_ms(),
            updated_ms: None,
            members: Vec::new(),
            hidden_lists: shown_at.saturating_sub(1),
        };
        fill(&mut held, &body)?;
        save(batch, &held)?;
        Ok(Answer::json(
            StatusCode::CREATED,
            &json!({"exclusion_group_id": held.id}),
        ))
    })
}

/// `update_exclusion_group_by_id`
fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let body = object(call)?;
    world.store.write(|batch| {
        let mut held = load(batch, id)?;
        fill(&mut held, &body)?;
        held.updated_ms = Some(world.now_ms());
        save(batch, &held)?;
        no_content()
    })
}

/// `delete_exclusion_group_by_id`: one that holds something stays.
fn delete(world: &World, id: &str) -> Outcome {
    world.store.write(|batch| {
        if !load(batch, id)?.members.is_empty() {
            return Err(CONFLICT.into());
        }
        batch.delete(&key(id))?;
        no_content()
    })
}

/// `get_exclusion_group_target_group_exclusions`
fn members(world: &World, call: &Call, id: &str) -> Outcome {
    let held = load(&world.store.view()?, id)?;
    let mut ids = held.members;
    ids.sort();
    paged(call, ids.into_iter().map(|id| (id.clone(), json!(id))).collect())
}

/// The ids that a body names.
fn named(call: &Call) -> Result<Vec<String>, Failure> {
    let body = object(call)?;
    typed(body.copy("data")).map_err(|reason: String| bad_field("data", &reason))
}

/// `add_target_groups_to_exclusion_group`
fn add(world: &World, call: &Call, id: &str) -> Outcome {
    let ids = named(call)?;
    world.store.write(|batch| {
        let mut held = load(batch, id)?;
        for id in ids {
            let group = match project_of(batch, &id)? {
                Some(project) => record::raw_group(batch, &project, &id)?,
                None => None,
            };
            let group = group.ok_or_else(|| bad_field("data", &format!("{id} is no target group")))?;
            if group.is_draft() && !world.is_on(switches::EXCLUSION_GROUPS_TAKE_DRAFTS) {
                return Err(bad_field("data", &format!("{id} is a draft")));
            }
            let known = held.members.contains(&id);
            if known && world.is_on(switches::EXCLUSION_TWICE_REFUSED) {
                return Err(bad_field("data", &format!("{id} is in the group already")));
            }
            if !known {
                held.members.push(id);
            }
        }
        if held.members.len() > MOST {
            return Err(bad_field("data", "a group holds at most 100 target groups"));
        }
        save(batch, &held)?;
        no_content()
    })
}

/// `remove_target_groups_from_exclusion_group`
fn remove(world: &World, call: &Call, id: &str) -> Outcome {
    let ids = named(call)?;
    world.store.write(|batch| {
        let mut held = load(batch, id)?;
        held.members.retain(|member| !ids.contains(member));
        save(batch, &held)?;
        no_content()
    })
}

/// `get_exclusion_groups_for_target_group`
pub(super) fn of_target_group(world: &World, call: &Call, target: &str) -> Outcome {
    let view = world.store.view()?;
    project_of(&view, target)?.ok_or(NOT_FOUND)?;
    let all: Vec<Held> = view.all("cint/exclusion_group/")?;
    let holding = all
        .iter()
        .filter(|held| held.members.iter().any(|member| member == target));
    paged(
        call,
        holding.map(|held| (held.id.clone(), held.shown())).collect(),
    )
}
