//! Simulated respondents, and the statistics that count them. The shape of statistics is not documented; this one is
//! assumed.

use super::envelope::{Outcome, ok};
use super::record::{Counts, Kind, LIVE, Record, all, find, save};
use crate::{Answer, Failure, World};
use http::StatusCode;
use serde_json::{Map, Value, json};

/// Refuses a simulation in words.
pub(super) fn refuse(message: impl Into<String>) -> Failure {
    let message: String = message.into();
    Answer::json(StatusCode::BAD_REQUEST, &json!({"error": message})).into()
}

/// People take part in a group. `quota` names the quotas, by title, that their completes count in.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Result<Answer, Failure> {
    let known = [
        "vendor",
        "survey",
        "group",
        "completes",
        "terminations",
        "over_quotas",
        "overquotas",
        "quota",
    ];
    if let Some(key) = body.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(refuse(format!(
            "unknown key {key:?}; known are {}",
            known.join(", ")
        )));
    }
    let id = match body.get("group").or_else(|| body.get("survey")) {
        Some(Value::Number(id)) => id.to_string(),
        Some(Value::String(id)) => id.clone(),
        _ => return Err(refuse("say which group by its number")),
    };
    let count = |key: &str| match body.get(key) {
        None => Ok(0),
        Some(value) => value
            .as_u64()
            .filter(|count| *count <= 1_000_000)
            .ok_or_else(|| refuse(format!("{key} must be a whole number from 0 to 1000000"))),
    };
    let completes = count("completes")?;
    let terminations = count("terminations")?;
    let over_quotas = count("over_quotas")? + count("overquotas")?;
    let quota = body.get("quota").and_then(Value::as_str).map(str::to_owned);
    let group = world.store.write(|batch| {
        let mut group = find(batch, world, Kind::Group, &id)?;
        if group.status != LIVE {
            return Err(refuse(format!("group {id} is not live")));
        }
        group.counts.completes += completes;
        group.counts.terminations += terminations;
        group.counts.over_quotas += over_quotas;
        save(batch, Kind::Group, &group)?;
        if let Some(title) = &quota {
            let mut quotas = all(batch, Kind::Quota)?;
            quotas
                .retain(|quota| quota.parent == group.id && quota.fields.get("Title") == Some(&json!(title)));
            let Some(quota) = quotas.first_mut() else {
                return Err(refuse(format!("group {id} has no quota {title:?}")));
            };
            quota.counts.completes += completes;
            save(batch, Kind::Quota, quota)?;
        }
        Ok::<_, Failure>(group)
    })?;
    Ok(Answer::json(StatusCode::OK, &counted(group.counts)))
}

fn counted(counts: Counts) -> Value {
    json!({
        "Completes": counts.completes,
        "Terminations": counts.terminations,
        "OverQuotas": counts.over_quotas,
    })
}

pub(super) fn group_stats(world: &World, id: &str) -> Outcome {
    let group = world.store.read(|view| find(view, world, Kind::Group, id))?;
    ok("Group stats", "stats", &counted(group.counts))
}

pub(super) fn job_stats(world: &World, id: &str) -> Outcome {
    let groups: Vec<Record> = world.store.read(|view| {
        let job = find(view, world, Kind::Job, id)?;
        let mut groups = all(view, Kind::Group)?;
        groups.retain(|group| group.parent == job.id);
        Ok::<_, Failure>(groups)
    })?;
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| {
            let mut stats = counted(group.counts);
            stats["GroupId"] = json!(group.id);
            stats
        })
        .collect();
    ok("Job stats", "stats", &Value::Array(groups))
}

pub(super) fn quota_stats(world: &World, id: &str) -> Outcome {
    let quotas: Vec<Record> = world.store.read(|view| {
        let group = find(view, world, Kind::Group, id)?;
        let mut quotas = all(view, Kind::Quota)?;
        quotas.retain(|quota| quota.parent == group.id);
        Ok::<_, Failure>(quotas)
    })?;
    let quotas: Vec<Value> = quotas
        .iter()
        .map(|quota| {
            let mut stats = counted(quota.counts);
            stats["QuotaId"] = json!(quota.id);
            stats["Title"] = quota.fields.get("Title").cloned().unwrap_or(Value::Null);
            stats
        })
        .collect();
    ok("Quota stats", "stats", &Value::Array(quotas))
}
