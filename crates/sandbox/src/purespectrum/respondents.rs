//! Simulated respondents: people who take part in a survey, one after the other.
//!
//! Promises that a complete is counted only while there is room for it, in the survey and in every
//! quota it falls into; what finds no room is an over quota. Who falls into which quota is decided
//! by order alone, so that equal simulations give equal counts.

use super::prelude::*;
use super::targeting::{are_compatible, dimension};
use crate::simulation::People;

/// The people who come, and how they end.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Crowd {
    #[serde(alias = "survey_id")]
    survey: Option<simulation::Id>,
    completes: People,
    /// Completes of earlier that are taken back, of a survey in whatever status.
    reversals: People,
    terminations: People,
    #[serde(alias = "overquotas")]
    over_quotas: People,
    drops: People,
    quality_terminations: People,
    /// The quotas of the completes.
    #[serde(alias = "quotas")]
    quota: Option<Named>,
    force: bool,
}

/// One quota or some.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    One(String),
    Some(Vec<String>),
}

/// `POST /_sandbox/respondents`
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    let crowd: Crowd = simulation::read(body)?;
    let id = simulation::named(crowd.survey)?;
    let names = match crowd.quota {
        None => Vec::new(),
        Some(Named::One(name)) => vec![name],
        Some(Named::Some(names)) => names,
    };
    let now = world.now_ms();
    let missing = |what: String| refuse_with(StatusCode::NOT_FOUND, format!("there is no {what}"));
    let none = || missing(format!("survey {id}"));
    world.store.write(|batch| {
        let mut survey = load(batch, &id).map_err(|failure| failure.or(none))?;
        let before = survey.status;
        let only_back = crowd.reversals.0 > 0 && crowd.completes.0 == 0;
        if before != LIVE && !crowd.force && !only_back {
            let message = format!("survey {id} has status {before}; only a live survey (22) collects");
            return Err(refuse_with(StatusCode::CONFLICT, message));
        }
        let position = |name: &String| {
            survey
                .position(name)
                .ok_or_else(|| missing(format!("quota {name}")))
        };
        let named = names.iter().map(position).collect::<Result<Vec<_>, _>>()?;
        take_back(&mut survey, crowd.reversals.0);
        let (completes, turned_away) = field(&mut survey, crowd.completes.0, &named, now);
        survey.counts.terminations += crowd.terminations.0;
        survey.counts.over_quotas += crowd.over_quotas.0;
        survey.counts.drops += crowd.drops.0;
        survey.counts.quality_terminations += crowd.quality_terminations.0;
        survey.active_ms = Some(now);
        pause_if_full(&mut survey, now);
        save(batch, &survey)?;
        ok(&summary(&survey, completes, turned_away))
    })
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

/// Takes completes back: out of the whole, and in every dimension out of its last quotas that have any.
fn take_back(survey: &mut Survey, people: u64) {
    let people = people.min(survey.counts.completes);
    survey.counts.completes -= people;
    for members in dimensions(survey) {
        let mut left = people;
        for at in members.into_iter().rev() {
            let taken = left.min(survey.quotas[at].fielded);
            survey.quotas[at].fielded -= taken;
            left -= taken;
        }
    }
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
    let mut dimensions: Vec<(BTreeSet<i64>, Vec<usize>)> = Vec::new();
    for (at, quota) in survey.quotas.iter().enumerate() {
        let codes = dimension(&quota.criteria);
        match dimensions.iter_mut().find(|(same, _)| *same == codes) {
            Some((_, members)) => members.push(at),
            None => dimensions.push((codes, vec![at])),
        }
    }
    dimensions.into_iter().map(|(_, members)| members).collect()
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
    let mut open = (0..survey.quotas.len()).filter(|at| survey.quotas[*at].is_open());
    open.find_map(|first| {
        let others = dimensions.iter().filter(|members| !members.contains(&first));
        extend(survey, vec![first], &others.collect::<Vec<_>>())
    })
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
                criteria: serde_json::from_value(criteria.clone()).unwrap(),
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

    #[test]
    fn a_complete_that_is_taken_back_leaves_the_whole_and_every_dimension() {
        let halves = [
            ("m", 5, json!([gender("111")])),
            ("f", 5, json!([gender("112")])),
            ("young", 10, json!([ages(18, 34)])),
        ];
        let mut survey = survey(10, &halves);
        field(&mut survey, 7, &[], 0);
        take_back(&mut survey, 3);
        assert_eq!((survey.counts.completes, counts(&survey)), (4, vec![4, 0, 4]));
        take_back(&mut survey, 9);
        assert_eq!((survey.counts.completes, counts(&survey)), (0, vec![0, 0, 0]));
    }
}
