//! Simulated respondents: people who take part in a survey, one after the other.
//!
//! Promises that a complete is counted only while there is room for it, in the survey and in every
//! quota it falls into; what finds no room is an over quota. Who falls into which quota is decided
//! by order alone, so that equal simulations give equal counts.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::envelope::{Outcome, ok};
use super::feasibility::market_price;
use super::lifecycle::pause_if_full;
use super::record::{LIVE, OWN_ACCOUNT, Survey, find, save};
use super::targeting::{are_compatible, dimension};
use crate::{Answer, Failure, World};

/// Refuses a simulation in words.
pub(super) fn refuse(status: StatusCode, message: impl Into<String>) -> Failure {
    let message: String = message.into();
    Answer::json(status, &json!({"error": message})).into()
}

fn bad(message: impl Into<String>) -> Failure {
    refuse(StatusCode::BAD_REQUEST, message)
}

/// Reads the survey that a simulation is about, from `survey` or `survey_id`.
pub(super) fn survey_id(body: &Map<String, Value>) -> Result<String, Failure> {
    match body.get("survey").or_else(|| body.get("survey_id")) {
        Some(Value::Number(id)) => Ok(id.to_string()),
        Some(Value::String(id)) => Ok(id.clone()),
        _ => Err(bad("say which survey by its number")),
    }
}

/// What a simulation asks for.
struct Crowd {
    completes: u64,
    terminations: u64,
    over_quotas: u64,
    drops: u64,
    quality_terminations: u64,
    quotas: Vec<String>,
    force: bool,
}

fn crowd(body: &Map<String, Value>) -> Result<Crowd, Failure> {
    let mut crowd = Crowd {
        completes: 0,
        terminations: 0,
        over_quotas: 0,
        drops: 0,
        quality_terminations: 0,
        quotas: Vec::new(),
        force: false,
    };
    for (key, value) in body {
        let count = || {
            value
                .as_u64()
                .filter(|count| *count <= 1_000_000)
                .ok_or_else(|| bad(format!("{key} must be a whole number from 0 to 1000000")))
        };
        match key.as_str() {
            "vendor" | "survey" | "survey_id" => {}
            "completes" => crowd.completes = count()?,
            "terminations" => crowd.terminations = count()?,
            "over_quotas" | "overquotas" => crowd.over_quotas = count()?,
            "drops" => crowd.drops = count()?,
            "quality_terminations" => crowd.quality_terminations = count()?,
            "quota" | "quotas" => crowd.quotas = quota_names(value)?,
            "force" => {
                crowd.force = value
                    .as_bool()
                    .ok_or_else(|| bad("force must be true or false"))?;
            }
            unknown => {
                return Err(bad(format!(
                    "unknown key {unknown:?}; known are vendor, survey, completes, terminations, \
                     over_quotas, drops, quality_terminations, quota, force"
                )));
            }
        }
    }
    Ok(crowd)
}

fn quota_names(value: &Value) -> Result<Vec<String>, Failure> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(name) => Ok(vec![name.clone()]),
        Value::Array(names) => names
            .iter()
            .map(|name| name.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| bad("quota must be an id or an array of ids")),
        _ => Err(bad("quota must be an id or an array of ids")),
    }
}

/// `POST /_sandbox/respondents`
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    let id = survey_id(body)?;
    let crowd = crowd(body)?;
    let now = world.now_ms();
    let shown = world.store.write(|batch| {
        let found = id.parse().ok().map(|id| find(batch, id)).transpose()?;
        let mut survey = found
            .flatten()
            .filter(|survey| survey.account == OWN_ACCOUNT)
            .ok_or_else(|| refuse(StatusCode::NOT_FOUND, format!("there is no survey {id}")))?;
        let before = survey.status;
        if before != LIVE && !crowd.force {
            return Err(refuse(
                StatusCode::CONFLICT,
                format!("survey {id} has status {before}; only a live survey (22) collects"),
            ));
        }
        let named = crowd
            .quotas
            .iter()
            .map(|name| {
                let mut quotas = survey.quotas.iter();
                quotas
                    .position(|quota| quota.is_called(name))
                    .ok_or_else(|| refuse(StatusCode::NOT_FOUND, format!("there is no quota {name}")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let (completes, turned_away) = field(&mut survey, crowd.completes, &named, now);
        survey.counts.terminations += crowd.terminations;
        survey.counts.over_quotas += crowd.over_quotas;
        survey.counts.drops += crowd.drops;
        survey.counts.quality_terminations += crowd.quality_terminations;
        survey.active_ms = Some(now);
        pause_if_full(&mut survey, now);
        save(batch, &survey, Some(before))?;
        Ok(summary(&survey, completes, turned_away))
    })?;
    ok(&shown)
}

fn summary(survey: &Survey, completes: u64, turned_away: u64) -> Value {
    let quotas: Vec<Value> = survey
        .quotas
        .iter()
        .map(|quota| {
            json!({
                "buyer_quota_id": quota.buyer_quota_id,
                "ps_quota_id": quota.ps_quota_id,
                "required_count": quota.required,
                "completes": quota.fielded,
            })
        })
        .collect();
    json!({
        "vendor": "purespectrum",
        "survey": survey.id,
        "status": survey.status,
        "stopped_because": survey.stopped_because,
        "accepted": {"completes": completes, "over_quotas": turned_away},
        "counts": {
            "completes": survey.counts.completes,
            "terminations": survey.counts.terminations,
            "over_quotas": survey.counts.over_quotas,
            "drops": survey.counts.drops,
            "quality_terminations": survey.counts.quality_terminations,
        },
        "quotas": quotas,
    })
}

/// Sends `wanted` respondents through, into the quotas at `named` or, when there are none, into
/// those a person would fall into. Returns how many completed and how many found no room.
fn field(survey: &mut Survey, wanted: u64, named: &[usize], now: i64) -> (u64, u64) {
    let mut completes = 0;
    let dimensions = dimensions(survey);
    while completes < wanted && survey.counts.completes < survey.goal() {
        let place = if named.is_empty() {
            let Some(place) = place(survey, &dimensions) else {
                break;
            };
            place
        } else if named.iter().all(|at| survey.quotas[*at].is_open()) {
            named.to_vec()
        } else {
            break;
        };
        for at in place {
            survey.quotas[at].fielded += 1;
        }
        count_complete(survey, now);
        completes += 1;
    }
    let turned_away = wanted - completes;
    survey.counts.over_quotas += turned_away;
    (completes, turned_away)
}

/// Counts a complete and what it costs; quotas are the caller's to count.
pub(super) fn count_complete(survey: &mut Survey, now: i64) {
    survey.counts.completes += 1;
    survey.cost += survey.price().unwrap_or_else(|| market_price(survey));
    survey.last_complete_ms = Some(now);
    survey.active_ms = Some(now);
}

/// Groups the quotas, by position, into those that divide people by the same qualifications.
fn dimensions(survey: &Survey) -> Vec<Vec<usize>> {
    let mut dimensions: Vec<Vec<usize>> = Vec::new();
    for (at, quota) in survey.quotas.iter().enumerate() {
        let codes = dimension(&quota.criteria);
        let same = dimensions
            .iter_mut()
            .find(|members| dimension(&survey.quotas[members[0]].criteria) == codes);
        match same {
            Some(members) => members.push(at),
            None => dimensions.push(vec![at]),
        }
    }
    dimensions
}

/// Finds the quotas of the next respondent: an open one first in order, and for every other
/// dimension an open one of those a person in all the quotas so far can fall into.
///
/// A dimension none of whose quotas such a person meets does not matter (vendor's supplier wiki
/// 33515296: a respondent is ended only by a quota that is met and full). `None` when nobody fits.
fn place(survey: &Survey, dimensions: &[Vec<usize>]) -> Option<Vec<usize>> {
    if survey.quotas.is_empty() {
        return Some(Vec::new());
    }
    let open = (0..survey.quotas.len()).filter(|at| survey.quotas[*at].is_open());
    for first in open {
        let others: Vec<&Vec<usize>> = dimensions
            .iter()
            .filter(|members| !members.contains(&first))
            .collect();
        if let Some(place) = extend(survey, vec![first], &others) {
            return Some(place);
        }
    }
    None
}

fn extend(survey: &Survey, chosen: Vec<usize>, left: &[&Vec<usize>]) -> Option<Vec<usize>> {
    let Some((members, rest)) = left.split_first() else {
        return Some(chosen);
    };
    let met: Vec<usize> = members
        .iter()
        .copied()
        .filter(|at| {
            let criteria = &survey.quotas[*at].criteria;
            let mut taken = chosen.iter();
            taken.all(|other| are_compatible(criteria, &survey.quotas[*other].criteria))
        })
        .collect();
    if met.is_empty() {
        return extend(survey, chosen, rest);
    }
    met.into_iter()
        .filter(|at| survey.quotas[*at].is_open())
        .find_map(|at| {
            let mut next = chosen.clone();
            next.push(at);
            extend(survey, next, rest)
        })
}

#[cfg(test)]
mod tests {
    use super::super::record::Quota;
    use super::*;

    fn survey(goal: u64, quotas: &[(&str, u64, Value)]) -> Survey {
        let mut survey = Survey::default();
        survey.fields.insert("completes_required".into(), json!(goal));
        survey.fields.insert("expected_ir".into(), json!(50));
        survey.quotas = quotas
            .iter()
            .map(|(id, required, criteria)| Quota {
                buyer_quota_id: (*id).to_owned(),
                required: *required,
                criteria: criteria.as_array().unwrap().clone(),
                ..Quota::default()
            })
            .collect();
        survey
    }

    fn counts(survey: &Survey) -> Vec<u64> {
        survey.quotas.iter().map(|quota| quota.fielded).collect()
    }

    fn gender(code: &str) -> Value {
        json!({"qualification_code": 211, "condition_codes": [code]})
    }

    fn ages(from: i64, to: i64) -> Value {
        json!({"qualification_code": 212, "range_sets": [{"units": 311, "from": from, "to": to}]})
    }

    #[test]
    fn layers_fill_side_by_side() {
        let mut survey = survey(
            10,
            &[
                ("m", 5, json!([gender("111")])),
                ("f", 5, json!([gender("112")])),
                ("young", 4, json!([ages(18, 34)])),
                ("old", 6, json!([ages(35, 99)])),
            ],
        );
        assert_eq!(field(&mut survey, 7, &[], 0), (7, 0));
        assert_eq!(counts(&survey), [5, 2, 4, 3]);
        assert_eq!(field(&mut survey, 9, &[], 0), (3, 6));
        assert_eq!(counts(&survey), [5, 5, 4, 6]);
        assert_eq!(survey.counts.over_quotas, 6);
    }

    #[test]
    fn a_person_outside_a_dimension_is_not_stopped_by_it() {
        let mut survey = survey(
            4,
            &[
                ("men", 2, json!([gender("111")])),
                ("young women", 2, json!([gender("112"), ages(18, 34)])),
            ],
        );
        assert_eq!(field(&mut survey, 4, &[], 0), (4, 0));
        assert_eq!(counts(&survey), [2, 2]);
    }

    #[test]
    fn a_full_quota_takes_nobody() {
        let mut survey = survey(9, &[("m", 2, json!([gender("111")]))]);
        assert_eq!(field(&mut survey, 5, &[0], 0), (2, 3));
        assert_eq!(counts(&survey), [2]);
    }
}
