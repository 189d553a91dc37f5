//! Simulated respondents: people who take part in a survey, one after the other.
//!
//! Promises that a complete is counted only while there is room for it, in the survey and in every
//! quota it falls into; what finds no room is an over quota. Who falls into which quota is decided
//! by order alone, so that equal simulations give equal counts.

use super::prelude::*;
use super::targeting::{are_compatible, dimension};
use crate::simulation::{self, count, known, refuse, refuse_with};

const KNOWN: &str =
    "vendor, survey, completes, terminations, over_quotas, drops, quality_terminations, quota, force";

/// Reads the survey that a simulation is about, from `survey` or `survey_id`.
pub(super) fn survey_id(body: &Map<String, Value>) -> Result<String, Failure> {
    let id = simulation::id(body, &["survey", "survey_id"]);
    id.ok_or_else(|| refuse("say which survey by its number"))
}

fn quota_names(body: &Map<String, Value>) -> Result<Vec<String>, Failure> {
    match body.get("quota").or_else(|| body.get("quotas")) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(name)) => Ok(vec![name.clone()]),
        Some(names) => texts(names).ok_or_else(|| refuse("quota must be an id or an array of ids")),
    }
}

/// `POST /_sandbox/respondents`
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    let id = survey_id(body)?;
    known(body, KNOWN, "survey_id, overquotas, quotas")?;
    let completes = count(body, "completes")?;
    let terminations = count(body, "terminations")?;
    let over_quotas = count(body, "over_quotas")? + count(body, "overquotas")?;
    let drops = count(body, "drops")?;
    let quality_terminations = count(body, "quality_terminations")?;
    let names = quota_names(body)?;
    let force = body.get("force").map_or(Some(false), Value::as_bool);
    let force = force.ok_or_else(|| refuse("force must be true or false"))?;
    let now = world.now_ms();
    let missing = |what: String| refuse_with(StatusCode::NOT_FOUND, format!("there is no {what}"));
    let shown = world.store.write(|batch| {
        let found = id.parse().ok().map(|id| find(batch, id)).transpose()?.flatten();
        let found = found.filter(|survey| survey.account == OWN_ACCOUNT);
        let mut survey = found.ok_or_else(|| missing(format!("survey {id}")))?;
        let before = survey.status;
        if before != LIVE && !force {
            let message = format!("survey {id} has status {before}; only a live survey (22) collects");
            return Err(refuse_with(StatusCode::CONFLICT, message));
        }
        let named = names.iter().map(|name| {
            let at = survey.quotas.iter().position(|quota| quota.is_called(name));
            at.ok_or_else(|| missing(format!("quota {name}")))
        });
        let named = named.collect::<Result<Vec<_>, _>>()?;
        let (completes, turned_away) = field(&mut survey, completes, &named, now);
        survey.counts.terminations += terminations;
        survey.counts.over_quotas += over_quotas;
        survey.counts.drops += drops;
        survey.counts.quality_terminations += quality_terminations;
        survey.active_ms = Some(now);
        pause_if_full(&mut survey, now);
        save(batch, &survey, Some(before))?;
        Ok(summary(&survey, completes, turned_away))
    })?;
    ok(&shown)
}

fn summary(survey: &Survey, completes: u64, turned_away: u64) -> Value {
    let quota = |quota: &Quota| {
        json!({
            "buyer_quota_id": quota.buyer_quota_id, "ps_quota_id": quota.ps_quota_id,
            "required_count": quota.required, "completes": quota.fielded,
        })
    };
    json!({
        "vendor": "purespectrum", "survey": survey.id, "status": survey.status,
        "stopped_because": survey.stopped_because,
        "accepted": {"completes": completes, "over_quotas": turned_away},
        "counts": survey.counts,
        "quotas": survey.quotas.iter().map(quota).collect::<Value>(),
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
    survey.cost += cpi(survey);
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
        let others = dimensions.iter().filter(|members| !members.contains(&first));
        let others: Vec<&Vec<usize>> = others.collect();
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
    let fits = |at: &usize| {
        let criteria = &survey.quotas[*at].criteria;
        let mut taken = chosen.iter();
        taken.all(|other| are_compatible(criteria, &survey.quotas[*other].criteria))
    };
    let met: Vec<usize> = members.iter().copied().filter(fits).collect();
    if met.is_empty() {
        return extend(survey, chosen, rest);
    }
    let mut open = met.into_iter().filter(|at| survey.quotas[*at].is_open());
    open.find_map(|at| {
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
