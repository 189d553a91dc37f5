//! What happens to a target group from outside: respondents, the vendor's own pauses, prices that move, a person at the
//! vendor's web interface.
//!
//! `POST /_sandbox/respondents` takes `group` (its id), and any of `completes`, `prescreens`, `terminations`, `starts` (people
//! who begin and take part, one for each complete that is wanted), `finishes` (so many of them come to the end: they complete
//! in field and below the goal, and are over quotas otherwise; both assumed), `reversals` (completes that are taken back, whatever its status), `over_quotas`, `quota` (the name of a target whose cell is meant), `pause` (a reason code: the vendor pauses it) and
//! `cpi` (the price in effect, moved by the vendor).

use super::life::change;
use super::prelude::*;
use crate::simulation::{self, People, refuse};

/// OpenAPI `TargetGroupStatusChangeReasonCode`.
const REASONS: &str = "max_cpi_limit_reached, live_respondent_unique_codes_exhausted, past_scheduled_end_date, \
    total_completes_reached, past_soft_launch_end_date, no_completes_in_several_days, \
    no_completes_after_many_prescreens, high_median_loi, excessive_redirect_errors, \
    excessive_encryption_errors, excessive_qualification_setup_errors, high_drop_rates, low_epc, \
    high_client_side_termination_rate";

/// The people who come and how they end, and what else happens to a target group.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Crowd {
    #[serde(alias = "survey")]
    group: String,
    completes: People,
    starts: People,
    finishes: People,
    reversals: People,
    prescreens: People,
    terminations: People,
    #[serde(alias = "overquotas")]
    over_quotas: People,
    quota: Option<String>,
    pause: Option<String>,
    cpi: Option<Decimal>,
}

/// The project of the target group that a simulation is about.
pub(super) fn project_of(store: &impl Documents, group: &str) -> Result<String, Failure> {
    let project = record::project_of(store, group)?;
    project.ok_or_else(|| refuse(format!("there is no target group {group}")))
}

/// People take part, or the vendor does something to a target group.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    let crowd: Crowd = simulation::read(body)?;
    let id = &crowd.group;
    let (prescreens, terminations) = (crowd.prescreens.0, crowd.terminations.0);
    let pause = crowd.pause.as_deref();
    if pause.is_some_and(|reason| !REASONS.split(", ").any(|known| known == reason)) {
        return Err(refuse(format!("pause must be one of {REASONS}")));
    }
    let project = project_of(&world.store.view()?, id)?;
    let (group, ()) = life::write(world, &project, id, |_, group| {
        let (mut completes, mut over) = (crowd.completes.0, crowd.over_quotas.0);
        let busy = completes + crowd.starts.0 + prescreens + terminations + over > 0;
        let status = group.status().to_owned();
        if (busy || pause.is_some()) && status != LIVE {
            return Err(refuse(format!("target group {id} is {status}, not live")));
        }
        take_back(group, crowd.reversals.0);
        // Of listed people nobody comes twice (assumed).
        let here = group.counts.completes + group.inside;
        let listed = group
            .lists
            .invited()
            .map(|listed| (listed as u64).saturating_sub(here));
        let listed = listed.unwrap_or(u64::MAX);
        completes = completes.min(listed);
        let room = |group: &Group| group.goal.saturating_sub(group.counts.completes);
        let finishes = crowd.finishes.0.min(group.inside);
        group.inside -= finishes;
        let paid = if status == LIVE {
            finishes.min(room(group))
        } else {
            0
        };
        completes += paid;
        over += finishes - paid;
        let starts = crowd
            .starts
            .0
            .min(room(group).saturating_sub(completes + group.inside))
            .min(listed.saturating_sub(completes));
        group.inside += starts;
        let prescreens = prescreens.max(completes);
        let busy = busy || paid > 0;
        let now = world.now_ms();
        if let Some(cpi) = crowd.cpi {
            let before = life::price(group).shown();
            let price = Money::new(cpi, &group.currency);
            let entry = change("cpi_change", &before, &price.shown());
            group.effective_cpi = Some(price);
            group.updated_ms = now;
            life::note(group, now, None, vec![entry]);
        }
        group.counts.entrants += prescreens + terminations + over;
        group.counts.prescreens += prescreens;
        group.counts.terminations += terminations;
        group.counts.overquotas += over;
        if busy {
            take_part(group, crowd.quota.as_deref(), completes, prescreens, now)?;
        }
        if pause.is_some() {
            life::become_(group, PAUSED, now, None, pause);
        }
        Ok(())
    })?;
    let counts = &group.counts;
    ok(&json!({
        "group": group.id, "status": group.status(), "completes": counts.completes,
        "prescreens": counts.prescreens, "terminations": counts.terminations, "over_quotas": counts.overquotas,
        "cost": Money::new(counts.cost, &group.currency).shown(),
    }))
}

/// Counts people: in the whole, and in one cell of every profile.
fn take_part(
    group: &mut Group,
    quota: Option<&str>,
    completes: u64,
    prescreens: u64,
    now: i64,
) -> Result<(), Failure> {
    let is_named = |target: &Target| quota.is_some_and(|name| target.is_called(name));
    let known = group
        .profiles()
        .any(|profile| profile.targets.iter().any(is_named));
    if let Some(name) = quota.filter(|_| !known) {
        let message = format!("target group {} has no target {name:?}", group.id);
        return Err(refuse(message));
    }
    count_completes(group, completes, now);
    let profiles = group
        .profiling
        .iter_mut()
        .flat_map(|profiling| &mut profiling.profiles);
    for profile in profiles.filter(|profile| profile.quotas) {
        let named = profile.targets.iter().position(is_named);
        let all = profile.blend.is_none();
        spread(&mut profile.targets, named, (completes, prescreens), all);
    }
    group.updated_ms = now;
    Ok(())
}

/// Takes completes back: out of the whole, and in every profile out of its last cells that have any.
fn take_back(group: &mut Group, people: u64) {
    let people = people.min(group.counts.completes);
    group.counts.completes -= people;
    group.counts.cost -= life::price(group).value * Decimal::from(people);
    let profiles = group
        .profiling
        .iter_mut()
        .flat_map(|profiling| &mut profiling.profiles);
    for profile in profiles.filter(|profile| profile.quotas) {
        let mut left = people;
        for target in profile.targets.iter_mut().rev() {
            let taken = left.min(target.completes);
            target.completes -= taken;
            left -= taken;
        }
    }
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

/// A profile that somebody makes by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    #[serde(alias = "survey")]
    group: String,
    profile: Value,
}

/// Somebody adds a profile in the vendor's web interface: `group`, and `profile` in the form of a request.
pub(super) fn add_in_interface(world: &World, body: &Map<String, Value>) -> Outcome {
    let by_hand: ByHand = simulation::read(body)?;
    let id = &by_hand.group;
    let project = project_of(&world.store.view()?, id)?;
    life::write(world, &project, id, |batch, group| {
        let mut all = group.profiling.take().unwrap_or_default();
        let request = [
            ("profile_adjustment_type".to_owned(), json!(all.word())),
            ("profiles".to_owned(), json!([by_hand.profile])),
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
    ok(&json!({"group": id, "at": time(world.now_ms())}))
}
