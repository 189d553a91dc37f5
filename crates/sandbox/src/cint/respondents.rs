//! What happens to a target group from outside: respondents, the vendor's own pauses, prices that move, a person at the
//! vendor's web interface.
//!
//! `POST /_sandbox/respondents` takes `group` (its id), and any of `completes`, `prescreens`, `terminations`,
//! `over_quotas`, `quota` (the name of a target whose cell is meant), `pause` (a reason code: the vendor pauses it) and
//! `cpi` (the price in effect, moved by the vendor).

use super::life::{self, change};
use super::money::{Money, time};
use super::profiling::Target;
use super::record::{self, Group, LIVE, PAUSED, save_group};
use crate::{Answer, Failure, World};
use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// OpenAPI `TargetGroupStatusChangeReasonCode`.
const REASONS: [&str; 14] = [
    "max_cpi_limit_reached",
    "live_respondent_unique_codes_exhausted",
    "past_scheduled_end_date",
    "total_completes_reached",
    "past_soft_launch_end_date",
    "no_completes_in_several_days",
    "no_completes_after_many_prescreens",
    "high_median_loi",
    "excessive_redirect_errors",
    "excessive_encryption_errors",
    "excessive_qualification_setup_errors",
    "high_drop_rates",
    "low_epc",
    "high_client_side_termination_rate",
];

const KNOWN: [&str; 11] = [
    "vendor",
    "survey",
    "group",
    "completes",
    "prescreens",
    "terminations",
    "over_quotas",
    "overquotas",
    "quota",
    "pause",
    "cpi",
];

/// Refuses a simulation in words.
pub(super) fn refuse(message: impl Into<String>) -> Failure {
    let message: String = message.into();
    Answer::json(StatusCode::BAD_REQUEST, &json!({"error": message})).into()
}

fn known(body: &Map<String, Value>, keys: &[&str]) -> Result<(), Failure> {
    match body.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(refuse(format!(
            "unknown key {key:?}; known are {}",
            keys.join(", ")
        ))),
        None => Ok(()),
    }
}

fn the_group(body: &Map<String, Value>) -> Result<&str, Failure> {
    body.get("group")
        .or_else(|| body.get("survey"))
        .and_then(Value::as_str)
        .ok_or_else(|| refuse("say which target group by its id, as group"))
}

/// People take part, or the vendor does something to a target group.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Result<Answer, Failure> {
    known(body, &KNOWN)?;
    let id = the_group(body)?;
    let count = |key: &str| match body.get(key) {
        None => Ok(0),
        Some(value) => value
            .as_u64()
            .filter(|count| *count <= 1_000_000)
            .ok_or_else(|| refuse(format!("{key} must be a whole number from 0 to 1000000"))),
    };
    let completes = count("completes")?;
    let prescreens = count("prescreens")?.max(completes);
    let terminations = count("terminations")?;
    let over = count("over_quotas")? + count("overquotas")?;
    let pause = match body.get("pause").map(Value::as_str) {
        None => None,
        Some(Some(reason)) if REASONS.contains(&reason) => Some(reason),
        Some(_) => return Err(refuse(format!("pause must be one of {}", REASONS.join(", ")))),
    };
    let quota = body.get("quota").and_then(Value::as_str);
    let group = world.store.write(|batch| {
        let project =
            record::project_of(batch, id)?.ok_or_else(|| refuse(format!("there is no target group {id}")))?;
        let mut group = life::open(batch, world, &project, id)?;
        let busy = completes + prescreens + terminations + over > 0;
        if (busy || pause.is_some()) && group.status() != LIVE {
            return Err(refuse(format!(
                "target group {id} is {}, not live",
                group.status()
            )));
        }
        let now = world.now_ms();
        if let Some(raw) = body.get("cpi") {
            move_price(&mut group, raw, now)?;
        }
        group.counts.entrants += prescreens + terminations + over;
        group.counts.prescreens += prescreens;
        group.counts.terminations += terminations;
        group.counts.overquotas += over;
        if busy {
            take_part(&mut group, quota, completes, prescreens, now)?;
        }
        if let Some(reason) = pause {
            life::become_(&mut group, PAUSED, now, None, Some(reason));
        }
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok::<_, Failure>(group)
    })?;
    Ok(Answer::json(
        StatusCode::OK,
        &json!({
            "group": group.id,
            "status": group.status(),
            "completes": group.counts.completes,
            "prescreens": group.counts.prescreens,
            "terminations": group.counts.terminations,
            "over_quotas": group.counts.overquotas,
            "cost": Money::new(group.counts.cost, &group.currency).shown(),
        }),
    ))
}

fn move_price(group: &mut Group, raw: &Value, now: i64) -> Result<(), Failure> {
    let value: Decimal = raw
        .as_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| refuse("cpi must be a decimal number in a string"))?;
    let before = life::price(group).shown();
    let price = Money::new(value, &group.currency);
    group.effective_cpi = Some(price.clone());
    group.updated_ms = now;
    life::note(
        group,
        now,
        None,
        vec![change("cpi_change", &before, &price.shown())],
    );
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
    if let Some(name) = quota {
        let exists = group.profiling.as_ref().is_some_and(|profiling| {
            profiling
                .profiles
                .iter()
                .flat_map(|profile| &profile.targets)
                .any(|target| is_called(target, name))
        });
        if !exists {
            return Err(refuse(format!(
                "target group {} has no target {name:?}",
                group.id
            )));
        }
    }
    count_completes(group, completes, now);
    if let Some(profiling) = &mut group.profiling {
        for profile in profiling.profiles.iter_mut().filter(|profile| profile.quotas) {
            let named = profile
                .targets
                .iter()
                .position(|target| quota.is_some_and(|name| is_called(target, name)));
            let all = profile.blend.is_none();
            spread(&mut profile.targets, named, (completes, prescreens), all);
        }
    }
    group.updated_ms = now;
    Ok(())
}

/// Counts completes and what they cost.
pub(super) fn count_completes(group: &mut Group, completes: u64, now: i64) {
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
        let part = if index == last && all {
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
pub(super) fn add_in_interface(world: &World, body: &Map<String, Value>) -> Result<Answer, Failure> {
    known(body, &["vendor", "group", "survey", "profile"])?;
    let id = the_group(body)?;
    let profile = body
        .get("profile")
        .ok_or_else(|| refuse("profile must be a profile as in a request"))?;
    world.store.write(|batch| {
        let project =
            record::project_of(batch, id)?.ok_or_else(|| refuse(format!("there is no target group {id}")))?;
        let mut group = life::open(batch, world, &project, id)?;
        let mut all = group.profiling.take().unwrap_or_default();
        let word = if all.nominal { "nominal" } else { "percentage" };
        let mut request = Map::new();
        request.insert("profile_adjustment_type".to_owned(), json!(word));
        request.insert("profiles".to_owned(), json!([profile]));
        let frame = super::rules::Frame {
            locale: group.text("locale"),
            goal: group.goal,
            sums: false,
        };
        let mut new = super::rules::read(&request, frame).map_err(|problems| {
            let words: Vec<String> = problems.iter().map(|problem| problem.plain().1).collect();
            refuse(words.join(", "))
        })?;
        super::draft::number_profiles(world, batch, &mut new)?;
        new.complete(group.goal);
        all.profiles.extend(new.profiles);
        group.profiling = Some(all);
        group.updated_ms = world.now_ms();
        save_group(batch, &group)?;
        Ok::<_, Failure>(())
    })?;
    Ok(Answer::json(
        StatusCode::OK,
        &json!({"group": id, "at": time(world.now_ms())}),
    ))
}
