//! Simulated respondents, and the statistics that count them. The shape of statistics is not documented; this one is
//! assumed.

use super::prelude::*;
use super::record::save;
use crate::simulation::{self, refuse};

const KNOWN: &str = "vendor, survey, group, completes, terminations, over_quotas, overquotas, quota";

/// People take part in a group. `quota` names the quotas, by title, that their completes count in.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
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
    Ok(Answer::ok(&counted(&group, json!({}))))
}

/// What is counted of a group or a quota, behind what says which one it is.
fn counted(record: &Record, mut stats: Value) -> Value {
    stats["Completes"] = json!(record.counts.completes);
    stats["Terminations"] = json!(record.counts.terminations);
    stats["OverQuotas"] = json!(record.counts.over_quotas);
    stats
}

pub(super) fn group_stats(world: &World, id: &str) -> Outcome {
    let group = find(&world.store.view()?, world, Kind::Group, id)?;
    ok("Group stats", "stats", &counted(&group, json!({})))
}

pub(super) fn job_stats(world: &World, id: &str) -> Outcome {
    let (_, groups) = children(world, Kind::Job, id)?;
    let line = |group: &Record| counted(group, json!({"GroupId": group.id}));
    ok("Job stats", "stats", &groups.iter().map(line).collect())
}

pub(super) fn quota_stats(world: &World, id: &str) -> Outcome {
    let (_, quotas) = children(world, Kind::Group, id)?;
    let named = |quota: &Record| json!({"QuotaId": quota.id, "Title": quota.fields.copy("Title")});
    let line = |quota: &Record| counted(quota, named(quota));
    ok("Quota stats", "stats", &quotas.iter().map(line).collect())
}
