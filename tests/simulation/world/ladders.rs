//! Worlds with stages: ladders of random heights and gates, respondents who come and people who are sent away, rounds that nobody
//! approves between applies that somebody does, crashes anywhere; and drivers that pass what holds.

use super::{Count, Permission, World, absent};
use crate::check::Ladders;
use crate::sim::{Sim, Violation, Weather};
use futures_util::FutureExt as _;
use infield::model::figures::{Check, Figure};
use infield::model::ladder::{Climb, Ladder, Then, crowded};
use infield::model::{Address, Desired, Field, Level, Status, VendorId};
use infield::plan::{Guard, GuardRules, Plan, Record, Rule};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Drivers that are broken, to prove that the checker sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Astray {
    /// A stage that holds goes on.
    SkipsHolds,
    /// Figures are not looked at.
    SkipsChecks,
    /// The whole is wanted at once.
    NoStages,
    /// A round does whatever is planned.
    DoesAllAlone,
}

impl Astray {
    pub(crate) const ALL: [Self; 4] = [
        Self::SkipsHolds,
        Self::SkipsChecks,
        Self::NoStages,
        Self::DoesAllAlone,
    ];

    /// Whether there is anything to break at a vendor.
    pub(crate) fn applies(self, vendor: VendorId) -> bool {
        match self {
            // What is not counted goes on by nothing that could be skipped.
            Self::SkipsHolds | Self::SkipsChecks => vendor.facts().counts_completes,
            Self::NoStages | Self::DoesAllAlone => true,
        }
    }
}

/// What a stage may ask for: enough who qualify.
fn check() -> Check {
    Check::read(Figure::IncidenceRate, ">= 30").expect("a check")
}

/// What an apply may do about stages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Climbs {
    /// Stages that somebody asks for.
    pub(super) advance: BTreeMap<Address, String>,
    /// Nobody is there: only what was approved before.
    pub(super) alone: bool,
}

/// Runs one world with stages to its end.
///
/// # Errors
/// With the first broken promise.
pub(crate) fn run(
    seed: u64,
    astray: Option<Astray>,
    keep: usize,
) -> (Result<Count, Box<Violation>>, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut world = World::new(seed, None, keep);
        world.builds_ladders(astray);
        let sim = Arc::clone(&world.sim);
        tokio::select! {
            biased;
            () = sim.broken.notified() => {}
            () = world.climb() => {}
        }
        let outcome = match sim.violation() {
            Some(violation) => Err(Box::new(violation)),
            None => Ok(world.count),
        };
        (outcome, sim.trace())
    })
}

impl World {
    /// Everything is wanted in field, and in stages wherever that can be.
    fn builds_ladders(&mut self, astray: Option<Astray>) {
        (self.astray, self.borders, self.unseen) = (astray, false, absent::Unseen::new());
        self.weather = Weather {
            held_back: false,
            lies: 0,
            ..self.weather
        };
        let vendor = self.sim.market.id();
        let random = &mut self.random;
        self.desired.groups.clear();
        self.desired
            .surveys
            .retain(|_, survey| survey.spec.template.is_absent());
        for (address, survey) in &mut self.desired.surveys {
            // What has none of its own is in field with what is in it.
            if !survey.spec.status.is_absent() {
                survey.spec.status = Field::Set(Status::Live);
            }
            survey.policy = infield::model::desired::Policy::default();
            let whole = survey.spec.completes.value().copied().unwrap_or_default();
            if Level::of(vendor, address) == Level::Container || random.percent(15) {
                continue;
            }
            let mut at = 0;
            let mut stages = Vec::new();
            for _ in 0..random.between(1, 3) {
                at += random.between(1, (whole / 3).max(1));
                let then = *random.pick(&[Then::Continue, Then::Continue, Then::Hold]);
                stages.push((format!("stage-{at}"), at, then));
            }
            stages.retain(|(_, count, _)| *count < whole);
            let fits = stages
                .first()
                .is_some_and(|(_, first, _)| crowded(&survey.spec, *first).is_none());
            if !fits {
                continue;
            }
            stages.push(("full".to_owned(), whole, Then::Continue));
            let mut ladder = Ladder::over(&survey.spec, stages);
            let checks = vendor.facts().counts_completes;
            for rung in ladder.rungs.iter_mut().filter(|_| checks) {
                if random.percent(40) {
                    rung.when = vec![check()];
                }
            }
            survey.ladder = Some(ladder);
        }
        let surveys = self.desired.surveys.iter();
        let ladders = surveys.filter_map(|(address, survey)| Some((address.clone(), survey.ladder.clone()?)));
        let ladders: Vec<_> = ladders.collect();
        for (address, ladder) in &ladders {
            let rungs = ladder.rungs.iter();
            let rungs: Vec<String> = rungs
                .map(|rung| format!("{} {:?} {:?}", rung.completes, rung.then, rung.when))
                .collect();
            self.sim.tell(format!("{address}: {}", rungs.join(", ")));
        }
        self.sim.checker().ladders = Ladders::of(ladders.into_iter());
    }

    /// What the manifests want, as a broken driver reads them.
    pub(super) fn astray<'a>(&self, wanted: Cow<'a, Desired>) -> Cow<'a, Desired> {
        let Some(astray) = self.astray else { return wanted };
        let mut wanted = wanted.into_owned();
        for survey in wanted.surveys.values_mut() {
            let Some(ladder) = &mut survey.ladder else {
                continue;
            };
            for rung in &mut ladder.rungs {
                match astray {
                    Astray::SkipsHolds => rung.then = Then::Continue,
                    Astray::SkipsChecks => rung.when.clear(),
                    Astray::NoStages | Astray::DoesAllAlone => {}
                }
            }
            if astray == Astray::NoStages {
                survey.ladder = None;
            }
        }
        Cow::Owned(wanted)
    }

    /// What is wanted by now of what has stages: the counts of the stage that a plan leads to, or that was told last. Which stage
    /// that may be is judged by what reaches the vendor.
    pub(super) fn stood(&self, plan: &Plan) -> Desired {
        let mut desired = self.desired.clone();
        if desired.surveys.values().all(|survey| survey.ladder.is_none()) {
            return desired;
        }
        let document = self.durable.document();
        for (address, survey) in &mut desired.surveys {
            let Some(ladder) = &mut survey.ladder else {
                continue;
            };
            let step = plan.steps.iter().rev().filter(|step| step.address == *address);
            let planned = step.filter_map(|step| match &step.record {
                Record::Survey { climb, .. } => climb.as_deref().cloned(),
                _ => None,
            });
            let known = document.iter().find_map(|document| {
                let survey = document.resources.get(address)?.survey()?;
                survey.climb.clone()
            });
            let climb: Option<Climb> = planned.into_iter().next().or(known);
            let at = climb.and_then(|climb| ladder.place(&climb.rung)).unwrap_or(0);
            ladder.stand(at, &mut survey.spec);
        }
        desired
    }

    async fn climb(&mut self) {
        for round in 0..self.random.between(3, 6).try_into().expect("small") {
            self.sim.set_round(round);
            self.sim.set_weather(self.weather);
            self.people_come(round).await;
            for _ in 0..self.random.between(1, 3) {
                let permission = self.climbing(round == 0);
                self.stormy_climb(&permission).await;
                if self.sim.violation().is_some() {
                    return;
                }
            }
        }
        self.sim.take_inventory();
        self.reach_the_end().await;
        let checker = self.sim.checker();
        self.count.writes = checker.writes;
        self.count.climbed = checker.ladders.climbed;
        self.count.climbed_alone = checker.ladders.climbed_alone;
        drop(checker);
        self.count += self.sim.counted();
    }

    /// Some complete, more of some than their stage wants; of others, ten are sent away for each who completes.
    async fn people_come(&mut self, round: usize) {
        if round > 0 {
            tokio::time::sleep(Duration::from_secs(3_600 * self.random.between(1, 20))).await;
        }
        for id in self.sim.in_field() {
            if self.random.percent(30) {
                let people = self.random.between(300, 600);
                self.sim.turn_away(&id, people);
            }
            if self.random.percent(70) {
                let completes = self.random.between(1, 25);
                self.sim.collect(&id, completes);
            }
        }
        self.sim.let_time_work();
    }

    /// What the next apply is allowed: by somebody, who may ask for stages, or by nobody.
    fn climbing(&mut self, first: bool) -> Permission {
        let alone = !first && self.random.percent(50);
        let mut advance = BTreeMap::new();
        for (address, survey) in &self.desired.surveys {
            let Some(ladder) = &survey.ladder else { continue };
            if !alone && !first && self.random.percent(15) {
                let stage = self.random.pick(&ladder.rungs).name.clone();
                advance.insert(address.clone(), stage);
            }
        }
        self.permits(Climbs { advance, alone })
    }

    fn permits(&self, climbs: Climbs) -> Permission {
        for (address, stage) in &climbs.advance {
            let ladder = self.desired.surveys[address]
                .ladder
                .as_ref()
                .expect("only where there is one");
            let place = ladder.place(stage).expect("its own");
            self.sim.checker().ladders.asked(address, place);
        }
        let mut guards = GuardRules::default();
        for guard in Guard::ALL {
            guards.set(guard, Rule::Ask);
        }
        let free = !climbs.alone || self.astray == Some(Astray::DoesAllAlone);
        self.sim.checker().ladders.alone = climbs.alone;
        Permission {
            guards,
            approved: Guard::ALL.into_iter().filter(|_| free).collect(),
            resume: BTreeSet::new(),
            reviewed: None,
            climbs: Climbs {
                alone: climbs.alone && !free,
                ..climbs
            },
        }
    }

    async fn stormy_climb(&mut self, permission: &Permission) {
        let crash = self.random.percent(self.weather.crashes);
        let left = crash.then(|| self.random.between(0, 60));
        self.sim.arm(left);
        self.sim
            .tell(format!("apply {:?}, crash {left:?}", permission.climbs));
        let done = tokio::select! {
            biased;
            () = self.sim.stopped.notified() => None,
            done = self.apply(permission, "first") => Some(done),
        };
        if self.sim.crashed() {
            self.count.crashes += 1;
            let _ = self.sim.stopped.notified().now_or_never();
        }
        if self.sim.violation().is_some() {
            return;
        }
        self.sim.arm(None);
        self.durable.lease_runs_out();
        if let Some((_, count)) = done {
            self.count += count;
        }
    }

    /// The storm is over: everything is asked for to its end, and collected.
    async fn reach_the_end(&mut self) {
        self.sim.tell("--- calm");
        self.sim.set_weather(Weather {
            list_lag: self.weather.list_lag,
            ..Weather::default()
        });
        self.settle_by_hand().await;
        let top = |(address, survey): (&Address, &infield::model::DesiredSurvey)| {
            let ladder = survey.ladder.as_ref()?;
            Some((address.clone(), ladder.rungs.last()?.name.clone()))
        };
        let climbs = Climbs {
            advance: self.desired.surveys.iter().filter_map(top).collect(),
            alone: false,
        };
        let permission = self.permits(climbs);
        for _ in 0..2 {
            let (applied, count) = self.apply(&permission, "calm").await;
            self.count += count;
            let Some(applied) = applied else {
                self.sim
                    .fail("an apply did not come to its end although nothing stands in its way");
                return;
            };
            self.judge_calm(&applied);
        }
        self.sim.checker().quiet = true;
        let (applied, _) = self.apply(&permission, "last").await;
        let Some(applied) = applied else { return };
        let left: Vec<&str> = applied.plan.steps.iter().map(|step| step.id.as_str()).collect();
        if !left.is_empty() {
            self.sim
                .fail(format!("two applies did not do it, left are {left:?}"));
        }
        // A round finds nothing to do either, and stays where it is.
        let alone = self.permits(Climbs {
            alone: true,
            ..Climbs::default()
        });
        let (round, _) = self.apply(&alone, "round").await;
        if round.is_some_and(|round| !round.plan.steps.is_empty()) {
            self.sim.fail("a round finds something to do at the end");
        }
        self.judge_end(&applied.plan);
        self.sim.take_inventory();
    }
}

impl Sim {
    /// People come and are sent away.
    fn turn_away(&self, id: &str, people: u64) {
        self.market.collect(self, id, ("terminations", people));
        self.tell(format!("{people} people are sent away from {id}"));
        self.look(id);
        self.checker().ladders.sent_away(id, people);
    }
}
