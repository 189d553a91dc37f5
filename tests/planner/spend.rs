//! That nobody can spend more than was shown: random surveys, layers, counters, prices and edits against a model that tries
//! every respondent there could be.
//!
//! `INFIELD_MONEY_CASES` says how many cases; a few hundred without it.

use crate::layers::{gender, years_of};
use crate::support::*;
use infield::model::{Answers, Criterion, Field, LiveSurvey, Quota, Status, SurveySpec};
use infield::plan::{Action, Plan, Record};
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::HashMap;

/// A generator of numbers that gives the same ones every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn up_to(&mut self, most: u64) -> u64 {
        self.next() % (most + 1)
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.next() % all.len() as u64).unwrap()]
    }
}

const GENDERS: [&str; 3] = ["111", "112", "113"];
/// One of every group of ages that no quota here tells apart.
const AGES: [i64; 6] = [16, 20, 30, 40, 50, 70];

/// A survey as the marketplace keeps it, with the counters it really has.
#[derive(Debug, Clone)]
struct Model {
    goal: u64,
    fielded: u64,
    cents: u64,
    incidence: u64,
    throttles: bool,
    re_allocates: bool,
    who: Vec<Criterion>,
    quotas: Vec<(Quota, u64)>,
}

fn fits(criteria: &[Criterion], gender: &str, age: i64) -> bool {
    criteria.iter().all(|one| match &one.answers {
        Answers::Codes(codes) => codes.contains(gender),
        Answers::Ranges(ranges) => ranges.iter().any(|range| range.from <= age && age <= range.to),
    })
}

impl Model {
    /// The quotas of every kind of respondent that is let in.
    fn kinds(&self) -> Vec<Vec<usize>> {
        let mut kinds = Vec::new();
        for gender in GENDERS {
            for age in AGES {
                if !fits(&self.who, gender, age) {
                    continue;
                }
                let of = |at: &usize| fits(&self.quotas[*at].0.criteria, gender, age);
                let kind: Vec<usize> = (0..self.quotas.len()).filter(of).collect();
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
        }
        kinds
    }

    /// The most completes that can still come, over every order of every kind of respondent.
    fn most(&self) -> u64 {
        let goal = self.goal.saturating_sub(self.fielded);
        let kinds = self.kinds();
        if self.re_allocates || kinds.iter().any(Vec::is_empty) {
            return if kinds.is_empty() { 0 } else { goal };
        }
        // Who belongs to fewer quotas takes the place of who belongs to more.
        let inside = |kind: &Vec<usize>| {
            kinds
                .iter()
                .any(|other| other != kind && other.iter().all(|at| kind.contains(at)))
        };
        let kinds: Vec<Vec<usize>> = kinds.iter().filter(|kind| !inside(kind)).cloned().collect();
        let open = self
            .quotas
            .iter()
            .map(|(quota, fielded)| quota.completes.saturating_sub(*fielded));
        best(&kinds, open.collect(), &mut HashMap::new()).min(goal)
    }

    fn cost(&self) -> u64 {
        self.most() * self.cents
    }

    /// The same with everybody who is let in at once.
    fn with_people_under_way(&self) -> u64 {
        let most = self.most();
        let people = if self.throttles {
            most
        } else {
            (most * 100).div_ceil(self.incidence)
        };
        people * self.cents
    }

    /// Somebody completes, where somebody can.
    fn complete(&mut self, dice: &mut Dice) {
        let kinds = self.kinds();
        if kinds.is_empty() || self.fielded >= self.goal {
            return;
        }
        let kind = dice.pick(&kinds).clone();
        let full = |at: &usize| self.quotas[*at].1 >= self.quotas[*at].0.completes;
        if self.re_allocates || !kind.iter().any(full) {
            self.fielded += 1;
            kind.iter().for_each(|at| self.quotas[*at].1 += 1);
        }
    }

    /// A complete is reversed and not paid. Returns whether there was one.
    fn reverse(&mut self, dice: &mut Dice) -> bool {
        let there = self.fielded > 0;
        self.fielded = self.fielded.saturating_sub(1);
        for quota in self.quotas.iter_mut().filter(|_| there) {
            if dice.percent(50) {
                quota.1 = quota.1.saturating_sub(1);
            }
        }
        there
    }
}

fn best(kinds: &[Vec<usize>], open: Vec<u64>, seen: &mut HashMap<(usize, Vec<u64>), u64>) -> u64 {
    let Some((kind, rest)) = kinds.split_first() else {
        return 0;
    };
    if let Some(found) = seen.get(&(kinds.len(), open.clone())) {
        return *found;
    }
    let room = kind.iter().map(|at| open[*at]).min().unwrap_or(0);
    let with = |count: u64, seen: &mut HashMap<(usize, Vec<u64>), u64>| {
        let mut left = open.clone();
        kind.iter().for_each(|at| left[*at] -= count);
        count + best(rest, left, seen)
    };
    let most = (0..=room).map(|count| with(count, seen)).max().unwrap_or(0);
    seen.insert((kinds.len(), open), most);
    most
}

fn who(dice: &mut Dice) -> Vec<Criterion> {
    let mut who = Vec::new();
    if dice.percent(70) {
        let some: [&[&str]; 4] = [&["111", "112"], &["111"], &["112", "113"], &GENDERS];
        who.push(gender(dice.pick::<&[&str]>(&some)));
    }
    if dice.percent(70) {
        let (from, to) = *dice.pick(&[(18, 64), (18, 34), (25, 64)]);
        who.push(years_of(from, to));
    }
    who
}

fn criteria(dice: &mut Dice) -> Vec<Criterion> {
    let mut criteria = Vec::new();
    let over = dice.up_to(9);
    if over < 6 {
        let some: [&[&str]; 5] = [&["111"], &["112"], &["113"], &["111", "112"], &["112", "113"]];
        criteria.push(gender(dice.pick::<&[&str]>(&some)));
    }
    if (4..9).contains(&over) {
        let ages = [
            (18, 24),
            (25, 34),
            (18, 34),
            (35, 64),
            (35, 44),
            (45, 64),
            (18, 64),
        ];
        let (from, to) = *dice.pick(&ages);
        criteria.push(years_of(from, to));
    }
    criteria
}

/// Whole layers more often than not, as people write them.
fn random_quotas(dice: &mut Dice) -> Vec<Quota> {
    let mut all: Vec<Vec<Criterion>> = Vec::new();
    if dice.percent(55) {
        all.extend([vec![gender(&["111"])], vec![gender(&["112"])]]);
        all.extend(dice.percent(40).then(|| vec![gender(&["113"])]));
    }
    if dice.percent(40) {
        all.extend([vec![years_of(18, 34)], vec![years_of(35, 64)]]);
    }
    for _ in 0..dice.up_to(2) {
        all.push(criteria(dice));
    }
    let all = all.into_iter().take(5).enumerate();
    all.map(|(at, criteria)| quota(&format!("q{at}"), dice.up_to(4), criteria))
        .collect()
}

fn price(dice: &mut Dice) -> (u64, Field<infield::model::Money>) {
    let cents = 1 + dice.up_to(400);
    (
        cents,
        Field::Set(
            format!("{} USD", Decimal::new(i64::try_from(cents).unwrap(), 2))
                .parse()
                .unwrap(),
        ),
    )
}

fn survey(dice: &mut Dice) -> SurveySpec {
    let (_, cpi) = price(dice);
    let mut spec = SurveySpec {
        completes: Field::Set(1 + dice.up_to(11)),
        cpi,
        incidence_rate: Field::Set(Decimal::from(*dice.pick(&[10, 33, 50, 100]))),
        qualifications: Field::Set(infield::model::targeting::canonical(who(dice))),
        quotas: Field::Set(random_quotas(dice)),
        status: Field::Set(*dice.pick(&[
            Status::Live,
            Status::Live,
            Status::Live,
            Status::Draft,
            Status::Paused,
        ])),
        ..soda()
    };
    for setting in ["qlc", "quota_throttling"] {
        if dice.percent(25) {
            spec.attributes
                .insert(setting.to_owned(), Field::Set(json!(dice.percent(50))));
        }
    }
    spec
}

/// What somebody changes in the manifest.
fn edit(dice: &mut Dice, spec: &mut SurveySpec) {
    for _ in 0..=dice.up_to(2) {
        match dice.up_to(8) {
            0 => spec.completes = Field::Set(1 + dice.up_to(15)),
            1 => spec.cpi = price(dice).1,
            2 => spec.qualifications = Field::Set(infield::model::targeting::canonical(who(dice))),
            3 => spec.quotas = Field::Set(random_quotas(dice)),
            4 => spec.quotas = Field::Null,
            5 => {
                let on = dice.percent(50);
                spec.attributes.insert("qlc".to_owned(), Field::Set(json!(on)));
            }
            6 => spec.status = Field::Set(*dice.pick(&[Status::Live, Status::Paused])),
            _ => {
                if let Field::Set(quotas) = &mut spec.quotas
                    && !quotas.is_empty()
                {
                    let at = usize::try_from(dice.next() % quotas.len() as u64).unwrap();
                    match dice.up_to(3) {
                        0 => quotas[at].criteria = infield::model::targeting::canonical(criteria(dice)),
                        1 => drop(quotas.remove(at)),
                        _ => quotas[at].completes = dice.up_to(6),
                    }
                }
            }
        }
    }
}

fn on(spec: &SurveySpec, setting: &str) -> bool {
    spec.attributes.get(setting) == Some(&Field::Set(json!(true)))
}

fn cents(money: Decimal) -> u64 {
    u64::try_from(money * Decimal::ONE_HUNDRED).unwrap()
}

/// The marketplace's side of a survey that was read like this.
fn model(live: &LiveSurvey, dice: &mut Dice) -> Model {
    let goal = *live.spec.completes.value().unwrap();
    let asked = live.status != Some(Status::Draft);
    let mut count = |most: u64| {
        if asked && dice.percent(70) {
            dice.up_to(most)
        } else {
            0
        }
    };
    let quota = |quota: &infield::model::LiveQuota| Quota {
        name: quota.name.clone().unwrap(),
        completes: quota.completes,
        criteria: quota.criteria.clone(),
    };
    let quotas = live.quotas.iter().map(quota).map(|quota| {
        let fielded = count(quota.completes);
        (quota, fielded)
    });
    let quotas: Vec<(Quota, u64)> = quotas.collect();
    Model {
        goal,
        fielded: count(goal),
        cents: cents(live.spec.cpi.value().unwrap().amount),
        incidence: u64::try_from(*live.spec.incidence_rate.value().unwrap()).unwrap(),
        throttles: on(&live.spec, "quota_throttling"),
        re_allocates: on(&live.spec, "qlc"),
        who: live.qualifications.value().cloned().unwrap_or_default(),
        quotas,
    }
}

/// What the plan makes of it. A quota that goes turns nobody away any more, which is the worse of the two ways.
fn carried_out(plan: &Plan, before: &Model) -> Model {
    let mut after = before.clone();
    let updates = plan.steps.iter().filter(|step| step.action == Action::Update);
    let Some(Record::Survey { applied, .. }) = updates.map(|step| &step.record).next_back() else {
        return after;
    };
    after.goal = *applied.completes.value().unwrap();
    after.cents = cents(applied.cpi.value().unwrap().amount);
    if applied.attributes.contains_key("qlc") {
        after.re_allocates = on(applied, "qlc");
    }
    after.who = applied.qualifications.value().cloned().unwrap_or_default();
    let count = |quota: &Quota| {
        let same = |(other, _): &&(Quota, u64)| other.name == quota.name && other.criteria == quota.criteria;
        (
            quota.clone(),
            before.quotas.iter().find(same).map_or(0, |(_, fielded)| *fielded),
        )
    };
    after.quotas = applied.quotas.value().into_iter().flatten().map(count).collect();
    // What was stopped before stays, and goes on turning people away.
    let stays = |(quota, _): &&(Quota, u64)| {
        quota.completes == 0 && after.quotas.iter().all(|(other, _)| other.name != quota.name)
    };
    let stopped: Vec<(Quota, u64)> = before.quotas.iter().filter(stays).cloned().collect();
    after.quotas.extend(stopped);
    after
}

fn one(seed: u64) {
    let dice = &mut Dice(seed);
    let mut world = World::new();
    world.allow_everything();
    let spec = survey(dice);
    world.fielded("soda", spec.clone());
    let seen = world.seen("soda").clone();
    let before = model(&seen, dice);
    let unread = dice.percent(20);
    let live = world.seen("soda");
    live.fielded = Some(before.fielded).filter(|_| !unread || dice.percent(50));
    for (quota, (_, fielded)) in live.quotas.iter_mut().zip(&before.quotas) {
        quota.fielded = Some(*fielded).filter(|_| !unread || dice.percent(50));
    }
    edit(dice, world.spec("soda"));
    let plan = world.plan();
    let shown = plan.exposure.first().copied();
    let (said, will) = shown.map_or((0, 0), |e| (cents(e.before.amount), cents(e.after.amount)));
    let more = shown
        .and_then(|e| e.under_way)
        .map_or(0, |more| cents(more.amount));
    let story = || {
        format!(
            "seed {seed}: {before:#?}\nwanted {:#?}\n{plan:#?}",
            world.desired.surveys
        )
    };
    let was_live = seen.status == Some(Status::Live);
    if was_live {
        assert!(
            before.cost() <= said,
            "{} can be spent, {said} were said: {}",
            before.cost(),
            story()
        );
    }
    let mut after = carried_out(&plan, &before);
    let moved = |action: Action| plan.steps.iter().any(|step| step.action == action);
    let goes = moved(Action::Launch) || moved(Action::Resume);
    if !goes && (!was_live || moved(Action::Pause)) {
        return;
    }
    let cost = after.cost();
    assert!(cost <= will, "{cost} can be spent, {will} were said: {}", story());
    let all = after.with_people_under_way();
    assert!(
        all <= will + more,
        "{all} can be spent with people under way, {will} and {more} were said: {}",
        story()
    );
    // What goes on meanwhile makes it no more: completes are paid, and what is reversed is not.
    let (mut paid, mut reversed) = (0, 0);
    for _ in 0..dice.up_to(4) {
        let fielded = after.fielded;
        if dice.percent(70) {
            after.complete(dice);
            paid += (after.fielded - fielded) * after.cents;
        } else if after.reverse(dice) {
            reversed += after.cents;
        }
        let cost = after.cost() + paid;
        // A reversal opens a place in the goal, and one in each quota it was counted for.
        let opened = reversed * (1 + after.quotas.len() as u64);
        assert!(
            cost <= will + opened,
            "{cost} can be spent later, {will} were said: {}",
            story()
        );
    }
}

#[test]
fn nobody_can_spend_more_than_was_shown() {
    let cases = std::env::var("INFIELD_MONEY_CASES").ok();
    let cases: u64 = cases.map_or(400, |text| text.parse().unwrap());
    for seed in 0..cases {
        one(seed);
    }
}
