//! Simulated respondents, and the statistics that count them. The shape of statistics is not documented; this one is
//! assumed.

use super::envelope::{Outcome, ok};
use super::record::{Counts, Kind, LIVE, Record, change, children, find, records, save};
use crate::json::Fields as _;
use crate::simulation::{self, refuse};
use crate::{Answer, Failure, World};
use http::StatusCode;
use serde_json::{Map, Value, json};

const KNOWN: &str = "vendor, survey, group, completes, terminations, over_quotas, overquotas, quota";

/// People take part in a group. `quota` names the quotas, by title, that their completes count in.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Result<Answer, Failure> {
    simulation::known(body, KNOWN, "")?;
    let id = simulation::id(body, &["group", "survey"]);
    let id = id.ok_or_else(|| refuse("say which group by its number"))?;
    let count = |key: &str| simulation::count(body, key);
    let completes = count("completes")?;
    let terminations = count("terminations")?;
    let over_quotas = count("over_quotas")? + count("overquotas")?;
    let group = change(world, Kind::Group, &id, |batch, group| {
        if group.status != LIVE {
            return Err(refuse(format!("group {id} is not live")));
        }
        group.counts.completes += completes;
        group.counts.terminations += terminations;
        group.counts.over_quotas += over_quotas;
        if let Some(title) = body.text("quota") {
            let mut quotas = records(batch, Kind::Quota)?.into_iter();
            let is_meant =
                |quota: &Record| quota.parent == group.id && quota.fields.text("Title") == Some(title);
            let quota = quotas.find(is_meant);
            let mut quota = quota.ok_or_else(|| refuse(format!("group {id} has no quota {title:?}")))?;
            quota.counts.completes += completes;
            save(batch, Kind::Quota, &quota)?;
        }
        Ok(())
    })?;
    Ok(Answer::json(StatusCode::OK, &counted(group.counts)))
}

fn counted(counts: Counts) -> Value {
    json!({
        "Completes": counts.completes, "Terminations": counts.terminations, "OverQuotas": counts.over_quotas,
    })
}

pub(super) fn group_stats(world: &World, id: &str) -> Outcome {
    let group = find(&world.store.view()?, world, Kind::Group, id)?;
    ok("Group stats", "stats", &counted(group.counts))
}

pub(super) fn job_stats(world: &World, id: &str) -> Outcome {
    let (_, groups) = children(world, Kind::Job, id)?;
    let line = |group: &Record| {
        let mut stats = counted(group.counts);
        stats["GroupId"] = json!(group.id);
        stats
    };
    ok("Job stats", "stats", &groups.iter().map(line).collect())
}

pub(super) fn quota_stats(world: &World, id: &str) -> Outcome {
    let (_, quotas) = children(world, Kind::Group, id)?;
    let line = |quota: &Record| {
        let mut stats = counted(quota.counts);
        stats["QuotaId"] = json!(quota.id);
        stats["Title"] = quota.fields.copy("Title");
        stats
    };
    ok("Quota stats", "stats", &quotas.iter().map(line).collect())
}
