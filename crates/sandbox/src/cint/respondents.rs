//! What happens to a target group from outside: respondents, the vendor's own pauses, prices that move, a person at the
//! vendor's web interface.
//!
//! `POST /_sandbox/respondents` takes `group` (its id), and any of `completes`, `prescreens`, `terminations`,
//! `over_quotas`, `quota` (the name of a target whose cell is meant), `pause` (a reason code: the vendor pauses it) and
//! `cpi` (the price in effect, moved by the vendor).

use super::life::change;
use super::prelude::*;
use crate::simulation::{self, known, refuse};

/// OpenAPI `TargetGroupStatusChangeReasonCode`.
const REASONS: &str = "max_cpi_limit_reached, live_respondent_unique_codes_exhausted, past_scheduled_end_date, \
    total_completes_reached, past_soft_launch_end_date, no_completes_in_several_days, \
    no_completes_after_many_prescreens, high_median_loi, excessive_redirect_errors, \
    excessive_encryption_errors, excessive_qualification_setup_errors, high_drop_rates, low_epc, \
    high_client_side_termination_rate";

const KNOWN: &str = "vendor, survey, group, completes, prescreens, terminations, over_quotas, overquotas, quota, pause, \
    cpi";

/// The target group that a simulation is about: its project and its id.
fn the_group<'b>(world: &World, body: &'b Map<String, Value>) -> Result<(String, &'b str), Failure> {
    let id = body.text("group").or_else(|| body.text("survey"));
    let id = id.ok_or_else(|| refuse("say which target group by its id, as group"))?;
    let project = record::project_of(&world.store.view()?, id)?;
    Ok((
        project.ok_or_else(|| refuse(format!("there is no target group {id}")))?,
        id,
    ))
}

/// People take part, or the vendor does something to a target group.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    known(body, KNOWN, "")?;
    let count = |key: &str| simulation::count(body, key);
    let completes = count("completes")?;
    let prescreens = count("prescreens")?.max(completes);
    let terminations = count("terminations")?;
    let over = count("over_quotas")? + count("overquotas")?;
    let pause = match body.get("pause").map(Value::as_str) {
        None => None,
        Some(Some(reason)) if REASONS.split(", ").any(|known| known == reason) => Some(reason),
        Some(_) => return Err(refuse(format!("pause must be one of {REASONS}"))),
    };
    let quota = body.text("quota");
    let (project, id) = the_group(world, body)?;
    let group = life::write(world, &project, id, |_, group| {
        let busy = completes + prescreens + terminations + over > 0;
        if (busy || pause.is_some()) && group.status() != LIVE {
            return Err(refuse(format!(
                "target group {id} is {}, not live",
                group.status()
            )));
        }
        let now = world.now_ms();
        if let Some(raw) = body.get("cpi") {
            move_price(group, raw, now)?;
        }
        group.counts.entrants += prescreens + terminations + over;
        group.counts.prescreens += prescreens;
        group.counts.terminations += terminations;
        group.counts.overquotas += over;
        if busy {
            take_part(group, quota, completes, prescreens, now)?;
        }
        if let Some(reason) = pause {
            life::become_(group, PAUSED, now, None, Some(reason));
        }
        Ok(())
    })?;
    let counts = &group.counts;
    let shown = json!({
        "group": group.id, "status": group.status(), "completes": counts.completes,
        "prescreens": counts.prescreens, "terminations": counts.terminations, "over_quotas": counts.overquotas,
        "cost": Money::new(counts.cost, &group.currency).shown(),
    });
    ok(&shown)
}

fn move_price(group: &mut Group, raw: &Value, now: i64) -> Result<(), Failure> {
    let value: Option<Decimal> = raw.as_str().and_then(|text| text.parse().ok());
    let value = value.ok_or_else(|| refuse("cpi must be a decimal number in a string"))?;
    let before = life::price(group).shown();
    let price = Money::new(value, &group.currency);
    group.effective_cpi = Some(price.clone());
    group.updated_ms = now;
    let entry = change("cpi_change", &before, &price.shown());
    life::note(group, now, None, vec![entry]);
    Ok(())
}

/// Counts people: in the whole, and in one cell of every profile.
fn take_part(
    group: &mut Group,
    quota: Option<&str>,
    completes: u64,
    prescreens: u64,
    now: i64,
) -> Result<(), Failure> {
    let profiles = group.profiling.iter().flat_map(|profiling| &profiling.profiles);
    let mut targets = profiles.flat_map(|profile| &profile.targets);
    if let Some(name) = quota
        && !targets.any(|target| is_called(target, name))
    {
        let message = format!("target group {} has no target {name:?}", group.id);
        return Err(refuse(message));
    }
    count_completes(group, completes, now);
    let profiles = group
        .profiling
        .iter_mut()
        .flat_map(|profiling| &mut profiling.profiles);
    for profile in profiles.filter(|profile| profile.quotas) {
        let is_named = |target: &Target| quota.is_some_and(|name| is_called(target, name));
        let named = profile.targets.iter().position(is_named);
        let all = profile.blend.is_none();
        spread(&mut profile.targets, named, (completes, prescreens), all);
    }
    group.updated_ms = now;
    Ok(())
}

/// Counts completes and what they cost.
fn count_completes(group: &mut Group, completes: u64, now: i64) {
    if completes > 0 {
        group.counts.completes += completes;
        group.counts.cost += life::price(group).value * Decimal::from(completes);
        group.counts.log.push((now, completes));
    }
}

/// Into the named cell; or into the cells with room in their order. What is left over goes into the last one where
/// everybody is in a cell, which in a blend not everybody is.
fn spread(targets: &mut [Target], named: Option<usize>, mut left: (u64, u64), all: bool) {
    if let Some(target) = named.and_then(|index| targets.get_mut(index)) {
        target.completes += left.0;
        target.prescreens += left.1;
        return;
    }
    let last = targets.len().saturating_sub(1);
    for (index, target) in targets.iter_mut().enumerate() {
        let room = target.goal.saturating_sub(target.completes);
        let takes_all = index == last && all;
        let part = if takes_all {
            left
        } else {
            (left.0.min(room), left.1.min(room))
        };
        target.completes += part.0;
        target.prescreens += part.1;
        left = (left.0 - part.0, left.1 - part.1);
    }
}

fn is_called(target: &Target, name: &str) -> bool {
    target.name.as_deref() == Some(name) || target.quota_name.as_deref() == Some(name)
}

/// Somebody adds a profile in the vendor's web interface: `group`, and `profile` in the form of a request.
pub(super) fn add_in_interface(world: &World, body: &Map<String, Value>) -> Outcome {
    known(body, "vendor, group, survey, profile", "")?;
    let (project, id) = the_group(world, body)?;
    let profile = body.get("profile");
    let profile = profile.ok_or_else(|| refuse("profile must be a profile as in a request"))?;
    life::write(world, &project, id, |batch, group| {
        let mut all = group.profiling.take().unwrap_or_default();
        let request = [
            ("profile_adjustment_type".to_owned(), json!(all.word())),
            ("profiles".to_owned(), json!([profile])),
        ];
        let (locale, goal, sums) = (group.text("locale"), group.goal, false);
        let new = rules::read(&Map::from_iter(request), Frame::new(locale, goal, sums));
        let mut new = new.map_err(|problems| {
            let words: Vec<&str> = problems.iter().map(|problem| problem.plain().1).collect();
            refuse(words.join(", "))
        })?;
        super::draft::number_profiles(world, batch, &mut new)?;
        new.complete(group.goal);
        all.profiles.extend(new.profiles);
        group.profiling = Some(all);
        group.updated_ms = world.now_ms();
        Ok(())
    })?;
    let shown = json!({"group": id, "at": time(world.now_ms())});
    ok(&shown)
}
