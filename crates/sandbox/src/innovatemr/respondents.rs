//! Simulated respondents, and the statistics that count them. The shape of statistics is not documented; this one is
//! assumed.

use super::prelude::*;
use super::record::{below, save};
use crate::simulation::People;

/// The people who come, and how they end.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Crowd {
    #[serde(alias = "survey")]
    group: Option<simulation::Id>,
    completes: People,
    /// People who begin, one for each complete that is wanted (assumed).
    starts: People,
    /// How many of those who take part come to the end: they complete in field and below the goal, and are over quotas
    /// otherwise (assumed).
    finishes: People,
    /// Completes of earlier that are taken back (assumed: they are not paid).
    reversals: People,
    terminations: People,
    #[serde(alias = "overquotas")]
    over_quotas: People,
    /// The title of the quota that the completes count in.
    quota: Option<String>,
}

/// People take part in a group.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    let crowd: Crowd = simulation::read(body)?;
    let id = simulation::named(crowd.group)?;
    let group = change(world, Kind::Group, &id, |batch, group| {
        let ends = crowd.finishes.0 + crowd.reversals.0 > 0;
        let begins = crowd.completes.0 + crowd.starts.0 > 0;
        if group.status != LIVE && (begins || !ends) {
            return Err(refuse(format!("group {id} is not live")));
        }
        let price = group.fields.get("MaximumCostPerInterview").and_then(decimal);
        let back = crowd.reversals.0.min(group.counts.completes);
        group.counts.completes -= back;
        let room = |group: &Record| {
            group
                .fields
                .count("N")
                .unwrap_or(0)
                .saturating_sub(group.counts.completes)
        };
        let finishes = crowd.finishes.0.min(group.inside);
        group.inside -= finishes;
        let paid = if group.status == LIVE {
            finishes.min(room(group))
        } else {
            0
        };
        let completes = crowd.completes.0 + paid;
        group.counts.completes += completes;
        group.inside += crowd.starts.0.min(room(group).saturating_sub(group.inside));
        group.cost += price.unwrap_or_default() * (Decimal::from(completes) - Decimal::from(back));
        group.counts.terminations += crowd.terminations.0;
        group.counts.over_quotas += crowd.over_quotas.0 + finishes - paid;
        if let Some(title) = crowd.quota {
            let mut quotas = below(batch, Kind::Quota, group.id)?.into_iter();
            let quota = quotas.find(|quota| quota.fields.word("Title") == title);
            let mut quota = quota.ok_or_else(|| refuse(format!("group {id} has no quota {title:?}")))?;
            quota.counts.completes += crowd.completes.0;
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
