//! Simulated respondents: people who take part in a survey, one after the other.
//!
//! Promises that a complete is counted only while there is room for it, in the survey and in every
//! quota it falls into; what finds no room is an over quota. Who falls into which quota is decided
//! by order alone, so that equal simulations give equal counts.
//!
//! Of a recontact only listed people come, and who completes leaves its list (supplier wiki 41549825).
//!
//! Who has begun may come to the end whatever has become of the survey by then, full, paused or closed, and is paid: as many
//! are let in as `quota_throttling` allows for the places of the survey and of each quota (vendor wiki 849674364). What is
//! taken back are people, each out of the quotas that had counted them.

use super::prelude::*;
use super::recontact::RECONTACT;
use super::record::Party;
use super::targeting::{are_compatible, dimension};
use crate::simulation::People;

/// The people who come, and how they end.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Crowd {
    #[serde(alias = "survey_id")]
    survey: Option<simulation::Id>,
    completes: People,
    /// People who begin, and take part until they come to the end.
    starts: People,
    /// How many of those who take part complete now, in whatever status the survey is.
    finishes: People,
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
        let ends = crowd.reversals.0 + crowd.finishes.0 > 0;
        let only_back = ends && crowd.completes.0 + crowd.starts.0 == 0;
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
        finish(&mut survey, crowd.finishes.0, now);
        start(&mut survey, crowd.starts.0);
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
    let mut summary = json!({
        "vendor": "purespectrum", "survey": survey.id, "status": survey.status,
        "stopped_because": survey.stopped_because,
        "inside": survey.inside.iter().map(|some| some.people).sum::<u64>(),
        "cost": super::performance::money(survey.cost),
        "accepted": {"completes": completes, "over_quotas": turned_away},
        "counts": survey.counts,
        "quotas": survey.quotas.iter().map(quota).collect::<Value>(),
    });
    if survey.number(RECONTACT) == 1 {
        summary["listed"] = survey.psids.len().into();
    }
    summary
}

/// Sends `wanted` respondents through, into the quotas at `named` or, when there are none, into
/// those a person would fall into. Returns how many completed and how many found no room.
fn field(survey: &mut Survey, wanted: u64, named: &[usize], now: i64) -> (u64, u64) {
    let wanted = wanted.min(invited(survey));
    let mut completes = 0;
    let dimensions = dimensions(survey);
    while completes < wanted && survey.counts.completes < survey.goal() {
        let place = if named.is_empty() {
            let Some(place) = place(survey, &dimensions, &Quota::is_open) else {
                break;
            };
            place
        } else if named.iter().all(|at| survey.quotas[*at].is_open()) {
            named.to_vec()
        } else {
            break;
        };
        let quotas = place.iter().map(|at| survey.quotas[*at].ps_quota_id.clone());
        count_in(survey, quotas.collect(), now);
        completes += 1;
    }
    let turned_away = wanted - completes;
    survey.counts.over_quotas += turned_away;
    (completes, turned_away)
}

/// How many may still come: those of the list who have not completed and do not take part now, and anybody where there is none.
fn invited(survey: &Survey) -> u64 {
    if survey.number(RECONTACT) != 1 {
        return u64::MAX;
    }
    let inside: u64 = survey.inside.iter().map(|some| some.people).sum();
    (survey.psids.len() as u64).saturating_sub(inside)
}

/// Counts somebody who completes: in the whole, in the quotas, and among those who can be taken back.
fn count_in(survey: &mut Survey, quotas: Vec<String>, now: i64) {
    if survey.number(RECONTACT) == 1 && !survey.psids.is_empty() {
        survey.psids.remove(0);
    }
    for quota in survey.named(&quotas) {
        quota.fielded += 1;
    }
    count_complete(survey, now);
    let price = Some(charged(survey));
    add(
        &mut survey.done,
        Party {
            quotas,
            price,
            people: 1,
        },
    );
}

/// One more of the same, or of others.
fn add(all: &mut Vec<Party>, one: Party) {
    match all.last_mut() {
        Some(last) if last.quotas == one.quotas && last.price == one.price => last.people += one.people,
        _ => all.push(one),
    }
}

/// One less of those at a place.
fn take(all: &mut Vec<Party>, at: usize) -> Party {
    let one = Party {
        people: 1,
        ..all[at].clone()
    };
    all[at].people -= 1;
    if all[at].people == 0 {
        all.remove(at);
    }
    one
}

/// People begin, where they are let in; the others find no room.
fn start(survey: &mut Survey, wanted: u64) {
    let dimensions = dimensions(survey);
    let throttles = survey.fields.copy("quota_throttling") == true;
    let rate = survey.number("expected_ir").max(1);
    let let_in = |places: u64| {
        if throttles {
            places
        } else {
            (places * 100).div_ceil(rate)
        }
    };
    for _ in 0..wanted.min(invited(survey)) {
        let inside = |quota: Option<&Quota>| {
            let of = |some: &&Party| quota.is_none_or(|quota| some.quotas.contains(&quota.ps_quota_id));
            survey
                .inside
                .iter()
                .filter(of)
                .map(|some| some.people)
                .sum::<u64>()
        };
        let has_room = |quota: &Quota| {
            let open = quota.required.saturating_sub(quota.fielded);
            quota.is_open() && inside(Some(quota)) < let_in(open)
        };
        let open = survey.goal().saturating_sub(survey.counts.completes);
        let lets_in = open > 0 && inside(None) < let_in(open);
        let found = lets_in.then(|| place(survey, &dimensions, &has_room)).flatten();
        let Some(found) = found else {
            survey.counts.over_quotas += 1;
            continue;
        };
        let quotas = found.iter().map(|at| survey.quotas[*at].ps_quota_id.clone());
        let (quotas, price) = (quotas.collect(), None);
        add(
            &mut survey.inside,
            Party {
                quotas,
                price,
                people: 1,
            },
        );
    }
}

/// So many of those who take part complete, those who began first.
fn finish(survey: &mut Survey, wanted: u64, now: i64) {
    for _ in 0..wanted {
        if survey.inside.is_empty() {
            break;
        }
        let one = take(&mut survey.inside, 0);
        count_in(survey, one.quotas, now);
    }
}

/// Takes completes back, the last ones first: out of the whole, out of the quotas that had counted them, and out of what is
/// paid. Of whom nothing is known, out of the whole and in every dimension out of its last quotas that have any.
fn take_back(survey: &mut Survey, people: u64) {
    let people = people.min(survey.counts.completes);
    survey.counts.completes -= people;
    let mut unknown = people;
    while unknown > 0 && !survey.done.is_empty() {
        let last = survey.done.len() - 1;
        let one = take(&mut survey.done, last);
        survey.cost -= one.price.unwrap_or_default();
        for quota in survey.named(&one.quotas) {
            quota.fielded = quota.fielded.saturating_sub(1);
        }
        unknown -= 1;
    }
    for members in dimensions(survey) {
        let mut left = unknown;
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
    survey.cost += charged(survey);
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
fn place(
    survey: &Survey,
    dimensions: &[Vec<usize>],
    has_room: &dyn Fn(&Quota) -> bool,
) -> Option<Vec<usize>> {
    if survey.quotas.is_empty() {
        return Some(Vec::new());
    }
    let mut open = (0..survey.quotas.len()).filter(|at| has_room(&survey.quotas[*at]));
    open.find_map(|first| {
        let others = dimensions.iter().filter(|members| !members.contains(&first));
        extend(survey, vec![first], &others.collect::<Vec<_>>(), has_room)
    })
}

fn extend(
    survey: &Survey,
    chosen: Vec<usize>,
    left: &[&Vec<usize>],
    has_room: &dyn Fn(&Quota) -> bool,
) -> Option<Vec<usize>> {
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
        return extend(survey, chosen, rest, has_room);
    }
    let mut open = met.into_iter().filter(|at| has_room(&survey.quotas[*at]));
    open.find_map(|at| {
        let mut next = chosen.clone();
        next.push(at);
        extend(survey, next, rest, has_room)
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
                ps_quota_id: (*id).to_owned(),
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
    fn of_a_recontact_only_listed_people_come_and_whoever_completes_leaves_the_list() {
        let mut survey = survey(10, &[]);
        survey.fields.insert(RECONTACT.into(), json!(1));
        assert_eq!(field(&mut survey, 4, &[], 0), (0, 0), "nobody is listed");
        survey.psids = ["a", "b", "c"].map(str::to_owned).into();
        start(&mut survey, 9);
        assert_eq!(invited(&survey), 0);
        assert_eq!(
            field(&mut survey, 4, &[], 0),
            (0, 0),
            "everybody listed takes part"
        );
        finish(&mut survey, 2, 0);
        assert_eq!((survey.counts.completes, survey.psids.len()), (2, 1));
        survey.inside.clear();
        assert_eq!(field(&mut survey, 4, &[], 0), (1, 0));
        assert!(survey.psids.is_empty() && survey.counts.over_quotas == 0);
    }

    #[test]
    fn who_has_begun_completes_although_it_is_full_and_no_more_are_let_in_than_the_rate_asks_for() {
        let halves = [("m", 2, json!([gender("111")])), ("f", 2, json!([gender("112")]))];
        let mut survey = survey(10, &halves);
        start(&mut survey, 20);
        let inside = |survey: &Survey| survey.inside.iter().map(|some| some.people).sum::<u64>();
        assert_eq!(inside(&survey), 8, "twice as many as there are places at 50 %");
        assert_eq!(field(&mut survey, 9, &[], 0), (4, 5));
        finish(&mut survey, 3, 0);
        assert_eq!((survey.counts.completes, counts(&survey)), (7, vec![5, 2]));
        survey.fields.insert("quota_throttling".into(), json!(true));
        take_back(&mut survey, 7);
        survey.inside.clear();
        start(&mut survey, 20);
        assert_eq!(inside(&survey), 4, "one for each place");
    }

    #[test]
    fn what_is_taken_back_are_people_with_what_they_cost() {
        let overlapping = [
            ("men", 9, json!([gender("111")])),
            ("young women", 9, json!([gender("112"), ages(18, 34)])),
        ];
        let mut survey = survey(18, &overlapping);
        survey.fields.insert("offer_price".into(), json!(2));
        field(&mut survey, 1, &[1], 0);
        field(&mut survey, 2, &[0], 0);
        assert_eq!(counts(&survey), [2, 1]);
        take_back(&mut survey, 1);
        assert_eq!((counts(&survey), survey.cost), (vec![1, 1], Decimal::from(4)));
        take_back(&mut survey, 2);
        assert_eq!((counts(&survey), survey.cost), (vec![0, 0], Decimal::ZERO));
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
