//! One simulated world: a project, a vendor, a state, and the real planner, executor and recovery between them.

mod absent;
mod copies;
pub(crate) mod ladders;
mod planning;

use super::check::{Approved, Looked};
use super::market::market;
use super::network::Faulty;
use super::objects::Objects;
use super::random::Random;
use super::review::Reviewed;
use super::sim::{Sabotage, Sim, Violation, Weather};
use super::store::{Durable, SimStore};
use futures_util::FutureExt;
use infield::apply::{self, Context, Event, Tally};
use infield::marketplace::http::session::Patience;
use infield::marketplace::{Account, Markets, Reader, Writer};
use infield::model::{Address, Desired, Intent, Known, KnownSurvey, Resource, ResourceKind, VendorId};
use infield::plan::{Action, Guard, GuardRules, Note, NoteKind, Plan, Rule, drop_steps};
use infield::recover::{Outcome, Recovery, recover};
use infield::refresh::Readers;
use infield::state::keeper::LONGEST_REQUEST;
use infield::state::{Document, Keeper, LockInfo, Op, StateError, Store};
use infield::workflow;
use infield_sandbox::{Clock, Config, Sandbox};
use jiff::SignedDuration;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

macro_rules! counts {
    ($($name:ident,)*) => {
        /// What happened in a world, to see that the simulation reaches what it is about.
        #[derive(Debug, Default, Clone, Copy)]
        pub(crate) struct Count {
            $(pub(crate) $name: usize,)*
        }

        impl std::ops::AddAssign for Count {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

counts! {
    made,
    crashes,
    adopted,
    not_made,
    undecided,
    by_hand,
    blocked_at_end,
    launches,
    writes,
    lost_answers,
    lease_losses,
    take_overs,
    clock_jumps,
    reviewed,
    carried_out_by_name,
    went_on,
    stale,
    finished,
    reversals,
    renames,
    pairs_held,
    freezes,
    thaws,
    thawed,
    unseen_manifests,
    removed_manifests,
    second_clones,
    lost_states,
    lost_journals,
    torn_states,
    late_objects,
    doubled_objects,
    spoiled_logs,
    older_states,
    repeated_ids,
    moved_pages,
    climbed,
    climbed_alone,
}

/// Runs one world to its end.
///
/// # Errors
/// With the first broken promise.
pub(crate) fn run(
    seed: u64,
    sabotage: Option<Sabotage>,
    keep: usize,
) -> (Result<Count, Box<Violation>>, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut world = World::new(seed, sabotage, keep);
        let sim = Arc::clone(&world.sim);
        tokio::select! {
            biased;
            () = sim.broken.notified() => {}
            () = world.live() => {}
        }
        let outcome = match sim.violation() {
            Some(violation) => Err(Box::new(violation)),
            None => Ok(world.count),
        };
        (outcome, sim.trace())
    })
}

pub(super) struct World {
    pub(super) sim: Arc<Sim>,
    pub(super) durable: Arc<Durable>,
    pub(super) random: Random,
    pub(super) desired: Desired,
    weather: Weather,
    settle: Duration,
    pub(super) intents: AtomicU64,
    pub(super) count: Count,
    /// The plan that was approved last, which somebody may come back to.
    pub(super) last_reviewed: Option<Reviewed>,
    /// Chance for what was not in the worlds at first.
    apart: Random,
    /// Chance for what spoils the objects of a state.
    rot: Random,
    /// Whether there is more than one state, and manifests are not always read.
    borders: bool,
    /// Manifests that are there and are not read.
    unseen: absent::Unseen,
    /// A state as it was once.
    backup: Option<Document>,
    /// The state was lost, and nobody has found another one.
    lost: bool,
    /// A driver that is broken about stages.
    astray: Option<ladders::Astray>,
}

/// What an apply is allowed.
#[derive(Clone)]
pub(super) struct Permission {
    pub(super) guards: GuardRules,
    pub(super) approved: BTreeSet<Guard>,
    pub(super) resume: BTreeSet<Address>,
    /// A plan that was approved by its name, instead of guards.
    pub(super) reviewed: Option<Reviewed>,
    /// About stages.
    pub(super) climbs: ladders::Climbs,
}

/// How an apply ended that was not interrupted.
pub(super) struct Applied {
    pub(super) plan: Plan,
    tally: Tally,
    /// Everything could be read.
    complete: bool,
}

impl World {
    fn new(seed: u64, sabotage: Option<Sabotage>, keep: usize) -> Self {
        let mut random = Random::new(seed);
        let market = market(seed);
        let clock = Clock::manual("2026-11-21T08:00:00Z".parse().expect("a fixed time"));
        let config = Config {
            clock,
            seed,
            ..Config::default()
        };
        let sandbox = Sandbox::open(config, vec![market.emulator()]).expect("a store in memory");
        let settings = market.settings(&mut random);
        let skew = if random.percent(30) {
            SignedDuration::from_secs(random.between(0, 900).cast_signed() - 450)
        } else {
            SignedDuration::ZERO
        };
        let held_back = random.percent(4) || sabotage == Some(Sabotage::IgnoreLease);
        let lagging = held_back || random.percent(60);
        let (settle, list_lag, late) = if lagging {
            let lag = random.between(0, 30);
            (60, lag, random.between(if held_back { 15 } else { 0 }, 25))
        } else {
            (0, 0, 0)
        };
        let weather = Weather {
            requests: *random.pick(&[0, 3, 10, 30]),
            writes: *random.pick(&[0, 0, 5]),
            crashes: *random.pick(&[0, 30, 80]),
            lies: *random.pick(&[0, 0, 0, 10]),
            list_lag: Duration::from_secs(list_lag),
            late: Duration::from_secs(late),
            held_back,
            ..Weather::default()
        };
        let mut apart = Random::apart(seed);
        let newer = sabotage.is_none_or(Sabotage::is_of_borders);
        let borders = apart.percent(50) && newer;
        // Where states are lost and copied, that happens to files.
        let logged = seed % 2 == 1 && sabotage.is_none() && !borders;
        let weather = match newer {
            true => newer_weather(weather, &mut apart, sabotage),
            false => weather,
        };
        let large = random.percent(2);
        let desired = market.project(&mut random, large);
        let sim = Sim::new(seed, market, random.split(), sabotage, sandbox, skew, keep);
        let settle = if sabotage == Some(Sabotage::ImpatientRecovery) {
            0
        } else {
            settle
        };
        if !settings.is_null() {
            let (status, answer) = sim.direct(http::Method::POST, "/_sandbox/settings", Some(&settings));
            assert_eq!(status, 200, "{answer}");
        }
        sim.tell(format!(
            "{} {settings}, {weather:?}, skew {skew:?}, settle {settle} s",
            market.id()
        ));
        Self {
            sim,
            durable: Arc::new(Durable::new(logged, seed)),
            random,
            desired,
            weather,
            settle: Duration::from_secs(settle),
            intents: AtomicU64::new(0),
            count: Count::default(),
            last_reviewed: None,
            apart,
            rot: Random::apart(!seed),
            borders,
            unseen: absent::Unseen::new(),
            backup: None,
            lost: false,
            astray: None,
        }
    }

    /// Stormy rounds first, then calm ones in which everything has to come to rest.
    async fn live(&mut self) {
        let rounds = *self.random.pick(&[2, 2, 2, 3, 3, 6]);
        for round in 0..rounds {
            self.sim.set_round(round);
            self.sim.set_weather(self.weather);
            if round > 0 {
                self.between_rounds().await;
            }
            // Where creates are held back, somebody tries again at once.
            let impatient = self.weather.held_back && round == 0;
            let applies = *self.random.pick(&[1, 1, 2, 3]);
            for _ in 0..if impatient { 3 } else { applies } {
                self.stormy_apply().await;
                if self.sim.violation().is_some() {
                    return;
                }
                let pause = *self
                    .random
                    .pick(if impatient { &[0, 1] } else { &[0, 1, 45, 600] });
                tokio::time::sleep(Duration::from_secs(pause)).await;
            }
        }
        self.sim.take_inventory();
        self.sim.set_round(rounds);
        self.calm().await;
        self.count.made = self.sim.checker().made();
        self.count.writes = self.sim.checker().writes;
        self.count += self.sim.counted();
    }

    /// Hours or days pass; respondents answer, people edit manifests, and some work in the web interface.
    async fn between_rounds(&mut self) {
        let hours = *self.random.pick(&[0, 1, 30, 90, 270]);
        tokio::time::sleep(Duration::from_secs(hours * 3600)).await;
        for id in self.sim.in_field() {
            if self.random.percent(60) {
                let completes = self.random.between(1, 15);
                self.sim.collect(&id, completes);
            }
        }
        self.sim.let_time_work();
        if self.random.percent(40) {
            for _ in 0..self.random.between(1, 3) {
                self.sim.meddle();
            }
        }
        self.last_reviewed = None;
        self.people_edit();
        if self.random.percent(10) {
            self.rename_some();
        }
        if self.random.percent(50) {
            self.settle_by_hand().await;
        }
        if !self.durable.stops().is_empty() && self.random.percent(60) {
            let permission = self.permission();
            self.thaw(&permission).await;
        }
        self.another_state().await;
        self.spoil_the_log().await;
        self.hide_and_show();
    }

    /// People change their minds about manifests.
    pub(super) fn people_edit(&mut self) {
        let sim = Arc::clone(&self.sim);
        let market = self.sim.market;
        market.edit(&mut self.random, &mut self.desired, &mut |text| sim.tell(text));
    }

    /// What is remembered, as the driver reads it.
    fn remembered(&self, mut known: Known) -> Known {
        if self.sim.sabotage == Some(Sabotage::ForgetFinished) {
            for resource in known.resources.values_mut() {
                if let ResourceKind::Survey(survey) = &mut resource.kind {
                    survey.finished = None;
                }
            }
        }
        known
    }

    pub(super) fn permission(&mut self) -> Permission {
        let mut guards = GuardRules::default();
        for guard in Guard::ALL {
            let rule = *self.random.pick(&[Rule::Allow, Rule::Ask, Rule::Ask, Rule::Deny]);
            guards.set(guard, rule);
        }
        if self.random.percent(15) {
            let limit = format!("{} USD", self.random.between(20, 200))
                .parse()
                .expect("money");
            guards.max_increase.insert("USD".to_owned(), limit);
        }
        if self.random.percent(10) {
            let limit = format!("{} USD", self.random.between(50, 400))
                .parse()
                .expect("money");
            guards.max_total.insert("USD".to_owned(), limit);
        }
        if self.random.percent(10) {
            guards
                .max_cpi
                .insert("USD".to_owned(), "4 USD".parse().expect("money"));
        }
        let approved = Guard::ALL
            .into_iter()
            .filter(|_| self.random.percent(75))
            .collect();
        let resume = self
            .desired
            .surveys
            .keys()
            .filter(|_| self.random.percent(10))
            .cloned()
            .collect();
        Permission {
            guards,
            approved,
            resume,
            reviewed: None,
            climbs: ladders::Climbs::default(),
        }
    }

    /// A person looks for the outcome of creates that nothing else can settle, and says it with `state resolve`.
    async fn settle_by_hand(&mut self) {
        let Some(document) = self.durable.document() else {
            return;
        };
        let open: Vec<_> = document
            .intents
            .iter()
            .filter(|(_, intent)| self.sim.market.settled_by_hand(&intent.address))
            .filter(|(_, intent)| {
                let resource = document.resources.get(&intent.address);
                resource.is_none_or(|resource| intent.former.contains(&resource.id))
            })
            .collect();
        if open.is_empty() {
            return;
        }
        // Nobody looks before everything has arrived.
        tokio::time::sleep(Duration::from_secs(60)).await;
        self.everything_arrives().await;
        let weather = self.sim.weather();
        self.sim.set_weather(Weather::default());
        let store: Arc<dyn Store> = Arc::new(self.store());
        let lineage = format!("lineage of seed {}", self.sim.seed);
        let keeper = Keeper::open(store, "sandbox", lineage)
            .await
            .expect("calm weather");
        for (id, intent) in open {
            let found = self.sim.checker().found_by_hand(intent);
            // Where its job is gone from the state there is nowhere to put it.
            let parent = intent.address.parent();
            let lost_parent = parent.is_some_and(|parent| !document.resources.contains_key(&parent));
            let mut ops = vec![Op::CloseIntent { id: id.clone() }];
            self.sim.tell(format!("by hand: {} is {found:?}", intent.address));
            match found {
                Some(made) if lost_parent => self.sim.checker().release(made),
                Some(made) => ops.push(taken_over(intent, made)),
                None => {}
            }
            self.count.by_hand += 1;
            keeper.commit(ops).await.expect("calm weather");
        }
        self.sim.set_weather(weather);
    }

    /// Nothing is on its way to the state any more.
    async fn everything_arrives(&self) {
        if let Some(objects) = Objects::of(&self.sim, &self.durable) {
            objects.late_ones_arrive(100).await;
        }
    }

    pub(super) fn store(&self) -> SimStore {
        SimStore::new(&self.sim, &self.durable)
    }

    /// Respondents who do not wait until an apply is over.
    async fn respondents_meanwhile(&self, after: Duration, completes: u64) {
        tokio::time::sleep(after).await;
        let under_way = self.sim.checker().approved.is_some();
        if !under_way || self.sim.crashed() {
            return;
        }
        if let Some(id) = self.sim.in_field().first() {
            self.sim.collect(id, completes);
        }
    }

    async fn stormy_apply(&mut self) {
        if self.random.percent(10) {
            self.sim.jump(&mut self.sim.random());
        }
        let permission = self.approved_by_name().await;
        let crash = self.random.percent(self.weather.crashes);
        let left = crash.then(|| {
            let far = *self.random.pick(&[10, 40, 120]);
            self.random.between(0, far)
        });
        let meanwhile = self.random.percent(25).then(|| {
            let after = Duration::from_millis(self.random.between(0, 4000));
            (after, self.random.between(1, 30))
        });
        let frozen =
            (self.random.percent(12) || self.sim.sabotage == Some(Sabotage::IgnoreStops)).then(|| {
                let after = Duration::from_millis(self.random.between(0, 6000));
                (after, self.random.percent(50), self.random.split())
            });
        let lapses = (self.random.percent(8) || self.sim.sabotage == Some(Sabotage::IgnoreLease))
            .then(|| Duration::from_millis(self.random.between(0, 8000)));
        let jumps = (self.borders && self.apart.percent(15)).then(|| {
            let after = Duration::from_millis(self.apart.between(0, 8000));
            (after, self.apart.split())
        });
        let racing = self.random.percent(20) || self.sim.sabotage == Some(Sabotage::NoLock);
        let delay = Duration::from_millis(self.random.between(0, 1500));
        self.sim.arm(left);
        self.sim.tell(format!(
            "apply, approved {:?}, crash {left:?}",
            permission.approved
        ));
        let counts = {
            let first = self.apply(&permission, "first");
            let second = async {
                if !racing {
                    return None;
                }
                tokio::time::sleep(delay).await;
                self.sim.tell("another apply races for the lock");
                Some(self.apply(&permission, "second").await)
            };
            let jumps = async {
                if let Some((after, mut random)) = jumps {
                    tokio::time::sleep(after).await;
                    self.sim.jump(&mut random);
                }
            };
            let beside = async {
                if let Some((after, completes)) = meanwhile {
                    self.respondents_meanwhile(after, completes).await;
                }
                if let Some((after, everything, random)) = frozen {
                    tokio::time::sleep(after).await;
                    self.freeze(everything, random).await;
                }
            };
            let beside = async {
                futures_util::future::join(beside, jumps).await;
            };
            let takes_over = async {
                tokio::time::sleep(lapses?).await;
                if !self.durable.lose_lease() {
                    return None;
                }
                self.sim.tell("the lease is lost");
                self.sim.count(|count| count.lease_losses += 1);
                // Whoever takes it over waits until nothing that was sent can be under way.
                tokio::time::sleep(LONGEST_REQUEST + Duration::from_secs(1)).await;
                self.durable.lease_runs_out();
                self.sim.count(|count| count.take_overs += 1);
                let permission = Permission {
                    reviewed: None,
                    ..permission.clone()
                };
                Some(self.apply(&permission, "taker").await)
            };
            tokio::select! {
                biased;
                () = self.sim.stopped.notified() => None,
                (first, second, taker, ()) = futures_util::future::join4(first, second, takes_over, beside) => {
                    Some([Some(first), second, taker])
                }
            }
        };
        if self.sim.crashed() {
            self.count.crashes += 1;
            let _ = self.sim.stopped.notified().now_or_never();
        }
        let Some(counts) = counts else {
            if self.sim.violation().is_none() {
                self.sim.arm(None);
                self.durable.lease_runs_out();
            }
            return;
        };
        self.sim.arm(None);
        self.durable.lease_runs_out();
        for (_, count) in counts.into_iter().flatten() {
            self.count += count;
        }
    }

    /// What `infield apply` does, in the order in which it does it.
    pub(super) async fn apply(&self, permission: &Permission, who: &str) -> (Option<Applied>, Count) {
        let mut count = Count::default();
        let Some((keeper, turn)) = self.open(who).await else {
            return (None, count);
        };
        let outcome = self.work(&keeper, (permission, turn), who, &mut count).await;
        self.close(keeper, turn, who).await;
        (outcome, count)
    }

    /// Takes the lock and opens the state; the number of the lock goes along.
    pub(super) async fn open(&self, who: &str) -> Option<(Keeper, u64)> {
        let store = Arc::new(self.store());
        let info = LockInfo {
            owner: "ada@host".to_owned(),
            pid: 1,
            purpose: "apply".to_owned(),
            since: self.sim.wall().to_string(),
        };
        let lineage = format!("lineage of seed {}", self.sim.seed);
        let opened = Keeper::open_locked(Arc::clone(&store) as Arc<dyn Store>, "sandbox", lineage, &info);
        match opened.await {
            Ok(keeper) => Some((keeper, store.lease.load(Ordering::SeqCst))),
            Err(error) => {
                self.sim.tell(format!("{who}: {error}"));
                None
            }
        }
    }

    pub(super) async fn close(&self, keeper: Keeper, turn: u64, who: &str) {
        if let Err(error) = keeper.close().await {
            self.sim.tell(format!("{who}: {error}"));
        }
        let mut checker = self.sim.checker();
        // Somebody else may have taken over.
        if checker
            .approved
            .as_ref()
            .is_some_and(|approved| approved.turn == turn)
        {
            checker.approved = None;
        }
    }

    async fn work(
        &self,
        keeper: &Keeper,
        (permission, turn): (&Permission, u64),
        who: &str,
        count: &mut Count,
    ) -> Option<Applied> {
        let (readers, writers) = self.connect();
        let at_first = {
            let checker = self.sim.checker();
            (checker.at_stake(), checker.committed())
        };
        let tell = |text: &str| self.sim.tell(format!("{who}: {text}"));
        if self.sim.sabotage == Some(Sabotage::ForgetIntents) {
            for id in keeper.known().await.intents.into_keys() {
                keeper.commit(vec![Op::CloseIntent { id }]).await.ok()?;
            }
        }
        let settled = if self.sim.sabotage == Some(Sabotage::SettledSinceIntent) {
            self.settle_too_soon(keeper, &readers).await
        } else {
            workflow::settle(keeper, &readers, &tell).await
        };
        let recoveries = match settled {
            Ok(recoveries) => recoveries,
            Err(error) => {
                tell(&error.to_string());
                return None;
            }
        };
        for recovery in &recoveries {
            match recovery.outcome {
                Outcome::Made { .. } => count.adopted += 1,
                Outcome::NotMade | Outcome::Recorded => count.not_made += 1,
                Outcome::TooSoon { .. } | Outcome::Undecided { .. } => count.undecided += 1,
            }
        }
        let known = self.remembered(keeper.known().await);
        let since = self.sim.now();
        let planned = self.plan(permission, &readers, &known, &recoveries).await?;
        let mut looked = self.looked(since, &planned);
        let complete = planned.unread.is_empty();
        let mut plan = planned.plan;
        let everything = plan.clone();
        let name = match &permission.reviewed {
            None => {
                approve(&self.approved_by_driver(permission), &mut plan);
                looked.may_be_on_its_way =
                    Self::sent_before(&known, &everything) - Self::sent_before(&known, &plan);
                None
            }
            Some(reviewed) => Some(self.stands(&plan, reviewed, keeper, who).await?),
        };
        self.register(&plan, (complete, at_first), (turn, permission), looked);
        if self.sim.sabotage == Some(Sabotage::IgnoreApprovals) {
            plan = everything;
        }
        if self.sim.sabotage == Some(Sabotage::LaunchFirst) {
            launch_first(&mut plan);
        }
        for note in &plan.notes {
            tell(&format!("note {} {}: {}", note.address, note.kind, note.message));
        }
        let context = Context {
            writers: &writers,
            readers: &readers,
            keeper,
            markets: &Markets::default(),
            undoes: &std::collections::BTreeSet::new(),
            events: &|event| self.hear(who, &event),
            parallelism: 1 + usize::try_from(self.sim.seed % 6).expect("small"),
            stop: CancellationToken::new(),
            now: &|| self.sim.wall().to_string(),
            new_intent_id: &|| format!("i{:05}", self.intents.fetch_add(1, Ordering::SeqCst)),
        };
        let ended = apply::run(&plan, 0, &context).await;
        if self.sim.sabotage == Some(Sabotage::TakesAnyId) {
            self.take_any_id(keeper).await;
        }
        match ended {
            Ok(tally) => {
                // Whoever has lost the lease without sending anything does not notice, and what others did meanwhile is in
                // no plan of theirs.
                let knows = tally.calls > 0 || self.durable.is_held_by(turn);
                self.judge_money(&plan, &tally, complete && knows);
                if let Some(name) =
                    name.filter(|_| plan.held_back.is_empty() && tally.failed + tally.skipped == 0)
                {
                    keeper.commit(vec![Op::Finish { name }]).await.ok()?;
                }
                count.launches += plan
                    .steps
                    .iter()
                    .filter(|step| step.action == Action::Launch)
                    .count();
                Some(Applied {
                    plan,
                    tally,
                    complete,
                })
            }
            Err(error) => {
                tell(&error.to_string());
                None
            }
        }
    }

    /// In any weather: when every step is done, no more is at stake than the plan said. A state that is wrong about what is
    /// shown to nobody says less.
    fn judge_money(&self, plan: &Plan, tally: &Tally, complete: bool) {
        let exposure = plan.exposure.first();
        let before = exposure.map_or(Decimal::ZERO, |exposure| exposure.before.amount);
        // What is not approved is in no step any more.
        let added = plan.steps.iter().filter_map(|step| step.adds_exposure);
        let said = before + added.map(|money| money.amount).sum::<Decimal>();
        let found = self.sim.checker().at_stake();
        let knows = !self.sim.checker().may_be_wrong();
        if complete && knows && tally.failed + tally.skipped == 0 && found > said {
            self.sim.fail(format!(
                "everything is done and {found} USD are at stake, {said} were said"
            ));
        }
    }

    /// Sabotage: what `workflow::settle` does, with lists that settle since the create was announced.
    async fn settle_too_soon(&self, keeper: &Keeper, readers: &Readers) -> Result<Vec<Recovery>, StateError> {
        let known = keeper.known().await;
        let announced = known
            .intents
            .values()
            .filter_map(|intent| intent.at.parse().ok())
            .max();
        let since = |then: Option<jiff::Timestamp>| then.map(|then| self.sim.now().duration_since(then));
        let mut recoveries = recover(&known, readers, since(announced)).await;
        if recoveries
            .iter()
            .any(|found| matches!(found.outcome, Outcome::TooSoon { .. }))
        {
            tokio::time::sleep(self.settle).await;
            recoveries = recover(&known, readers, since(announced)).await;
        }
        for recovery in &recoveries {
            let ops = recovery.ops();
            if !ops.is_empty() {
                keeper.commit(ops).await?;
            }
        }
        Ok(recoveries)
    }

    /// Tells the checker what is about to be done, and holds the plan's money against the vendor's: what the vendor put in
    /// field while it was being read may be missing.
    pub(super) fn register(
        &self,
        plan: &Plan,
        (complete, at_first): (bool, (Decimal, Decimal)),
        (turn, permission): (u64, &Permission),
        looked: Looked,
    ) {
        let mut checker = self.sim.checker();
        // Whoever has lost the lease may still read, and plans for nothing: what counts is the plan of the one that has it.
        if checker.latest_turn > turn {
            return;
        }
        checker.costs_now();
        let (before, committed) = (checker.at_stake(), checker.committed());
        let on_its_way = looked.may_be_on_its_way;
        let added: Decimal = plan
            .steps
            .iter()
            .filter_map(|step| step.adds_exposure)
            .map(|money| money.amount.max(Decimal::ZERO))
            .sum();
        let said = plan
            .exposure
            .first()
            .map_or(Decimal::ZERO, |exposure| exposure.before.amount);
        let approved = Approved {
            turn,
            reviewed: permission.reviewed.as_ref().map(|reviewed| reviewed.plan.clone()),
            thaws: false,
            looked,
            owned: checker.owned(),
            may_remove: Approved::may_remove(permission),
            plan: plan.clone(),
            desired: self.stood(plan),
            // What the plan itself says is the most; what could not be read is in no plan.
            ceiling: (if complete { said + on_its_way } else { committed }) + added,
            counted: checker
                .mirror
                .iter()
                .map(|(id, seen)| (id.clone(), (seen.fielded, seen.quotas_fielded.clone())))
                .collect(),
        };
        checker.approve(approved);
        drop(checker);
        for step in &plan.steps {
            let adds = step.adds_exposure.map(|money| format!(", adds {money}"));
            self.sim.tell(format!(
                "  step {} ({}{})",
                step.id,
                step.reason,
                adds.unwrap_or_default()
            ));
        }
        self.sim.tell(format!("  {before} USD at stake, {said} said"));
        if complete && !self.sim.checker().may_be_wrong() && said < before.min(at_first.0) {
            self.sim
                .fail(format!("the plan says {said} USD are at stake, and {before} are"));
        }
        // What is on its way in field is said, or is launched once more by the plan as it was before approvals were asked for.
        // With an older state a price that the vendor hides is taken for the one that was applied then.
        let knows = !self.sim.checker().may_be_wrong();
        if complete && knows && said + added + on_its_way < committed.min(at_first.1) {
            self.sim.fail(format!(
                "the plan says {said} USD are at stake, and {committed} cannot be called back"
            ));
        }
    }

    pub(super) fn hear(&self, who: &str, event: &Event) {
        match event {
            Event::StepFailed { step, problem, .. } => {
                self.sim.tell(format!("{who}: {step} failed: {problem}"));
            }
            Event::StepSkipped { step, because, .. } => {
                self.sim.tell(format!("{who}: {step} skipped: {because}"));
            }
            Event::StepDone { step, .. } => self.sim.tell(format!("{who}: {step} done")),
            Event::Finished(tally) => self.sim.tell(format!("{who}: {tally:?}")),
            Event::Started { .. }
            | Event::Noted { .. }
            | Event::StepStarted { .. }
            | Event::Retrying { .. }
            | Event::CallDone { .. }
            | Event::Created { .. }
            | Event::StepRefused { .. } => {}
        }
    }

    pub(super) fn connect(&self) -> (Readers, BTreeMap<VendorId, Writer>) {
        let account = Account {
            vendor: self.sim.market.id(),
            base_url: Some(self.sim.market.base().to_owned()),
            token: "sandbox".to_owned().into(),
            client: self.sim.market.client(),
            requests_per_second: None,
            concurrency: Some(1 + usize::try_from(self.sim.seed % 5).expect("small")),
            lists_settle_after: Some(self.settle),
        };
        let patience = Patience {
            jitter_seed: Some(self.sim.seed),
            ..Patience::default()
        };
        let session = account
            .open(Arc::new(Faulty::new(Arc::clone(&self.sim))), patience)
            .expect("a good token");
        (
            BTreeMap::from([(self.sim.market.id(), Reader::new(Arc::clone(&session)))]),
            BTreeMap::from([(self.sim.market.id(), Writer::new(session))]),
        )
    }

    /// The storm is over: two applies bring everything to rest, a third one has nothing to do.
    async fn calm(&mut self) {
        self.sim.tell("--- calm");
        self.sim.set_weather(Weather {
            list_lag: self.weather.list_lag,
            page: self.weather.page,
            ..Weather::default()
        });
        self.everything_arrives().await;
        self.find_the_state().await;
        let mut guards = GuardRules::default();
        for guard in Guard::ALL {
            guards.set(guard, Rule::Ask);
        }
        let permission = Permission {
            guards,
            approved: Guard::ALL.into_iter().collect(),
            resume: BTreeSet::new(),
            reviewed: None,
            climbs: ladders::Climbs::default(),
        };
        if !self.durable.stops().is_empty() {
            self.thaw(&permission).await;
        }
        self.settle_by_hand().await;
        self.by_name_in_calm(&permission).await;
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
        let Some(applied) = applied else {
            return;
        };
        let left: Vec<&str> = applied.plan.steps.iter().map(|step| step.id.as_str()).collect();
        if !left.is_empty() && !self.sim.checker().may_be_wrong() {
            self.sim
                .fail(format!("two applies did not do it, left are {left:?}"));
        }
        self.judge_end(&applied.plan);
        // What is still wanted, or frozen because its thaw could not be carried out, is not at rest.
        if left.is_empty() && self.durable.stops().is_empty() {
            self.absent_at_rest(&permission).await;
            self.at_rest(&permission).await;
        }
        self.sim.take_inventory();
    }

    pub(super) fn judge_calm(&self, applied: &Applied) {
        // Which job a group belongs to is shown to nobody, and an older state may be wrong about it.
        if applied.tally.failed > 0 && !self.sim.checker().may_be_wrong() {
            self.sim.fail("a step failed in calm weather");
        }
        if !applied.complete {
            self.sim.fail("something could not be read in calm weather");
        }
        let exposure = applied.plan.exposure.first();
        let said = exposure.map_or(Decimal::ZERO, |e| e.after.amount);
        let at_most = exposure.is_some_and(|e| e.at_most);
        let found = self.sim.checker().at_stake();
        // Where quotas cap, a quota by hand or a gap between two leaves a plan in doubt, and in doubt it says the whole goal.
        let caps = self.sim.market.id().facts().quotas_stop;
        let at_most = at_most || caps.holds(&infield::model::attributes::Attributes::default());
        // What is forgotten stays at stake and leaves the books.
        let forgets = applied
            .plan
            .steps
            .iter()
            .any(|step| step.action == Action::Forget);
        if applied.tally.failed + applied.tally.skipped == 0
            && !self.sim.checker().may_be_wrong()
            && said != found
            && !(at_most && said > found)
            && !forgets
        {
            self.sim.fail(format!(
                "the plan promised {said} USD at stake, and it is {found}"
            ));
        }
    }

    /// Everything is as wanted, or a note says why not.
    pub(super) fn judge_end(&mut self, plan: &Plan) {
        self.judge_removed(plan);
        let may_be_wrong = self.sim.checker().may_be_wrong();
        let unfinished = match may_be_wrong {
            true => BTreeMap::new(),
            false => self.sim.checker().unfinished(&self.stood(plan)),
        };
        for (address, lacking) in unfinished {
            // What an interrupted apply has asked, and no manifest wants any more, is nobody's, and the plan says so.
            let asked = lacking
                .iter()
                .all(|what| what.ends_with("is asked, which nobody wants"));
            let named = plan.notes.iter().any(|note| {
                (note.address == address || Some(&note.address) == address.parent().as_ref())
                    && (explains(note) || asked && note.kind == NoteKind::Unmanaged)
            });
            if !named {
                self.sim.fail(format!(
                    "{address} is not as wanted and nobody says so: {}",
                    lacking.join("; ")
                ));
            }
        }
        self.count.blocked_at_end = plan
            .notes
            .iter()
            .filter(|note| note.kind == NoteKind::Blocked)
            .count();
    }
}

/// Whether a note may stand for something that is not as wanted. A draft that is wanted paused is one, and so is one that was
/// scheduled and taken off its schedule, and cannot become a draft again.
fn explains(note: &Note) -> bool {
    match note.kind {
        NoteKind::Blocked | NoteKind::Refused | NoteKind::Drift | NoteKind::Unsupported => true,
        NoteKind::Advice => {
            note.message.contains("cannot be paused") || note.message.contains("no way back to a draft")
        }
        NoteKind::Unmanaged | NoteKind::Moved => false,
        NoteKind::EndedShort | NoteKind::SoftLaunchWaiting | NoteKind::Held | NoteKind::Done => true,
    }
}

/// Takes out what is not approved, as the command line does.
pub(super) fn approve(permission: &Permission, plan: &mut Plan) {
    drop_steps(plan, |step| {
        let lacking = step.guards.iter().find(|guard| {
            permission.guards.rule(**guard) == Rule::Ask && !permission.approved.contains(guard)
        })?;
        Some(Note::new(
            &step.address,
            NoteKind::Refused,
            format!("{} needs the approval `{lacking}`", step.action),
        ))
    });
}

/// Adds what was not in the worlds at first.
fn newer_weather(weather: Weather, random: &mut Random, sabotage: Option<Sabotage>) -> Weather {
    let one_pass = sabotage == Some(Sabotage::OnePass);
    Weather {
        repeats: match sabotage {
            Some(Sabotage::TakesAnyId) => 60,
            _ => *random.pick(&[0, 0, 15]),
        },
        page: if one_pass { 2 } else { *random.pick(&[0, 2, 2, 3]) },
        moves: if one_pass { 60 } else { *random.pick(&[0, 30, 60]) },
        ..weather
    }
}

/// What a create has made, as it is remembered.
fn taken_over(intent: &Intent, id: String) -> Op {
    let survey = KnownSurvey {
        applied: intent.wanted.clone(),
        unsure: intent.hidden.iter().cloned().collect(),
        former: intent.former.clone(),
        ..KnownSurvey::default()
    };
    let resource = Resource {
        vendor: intent.vendor,
        kind: ResourceKind::Survey(Box::new(survey)),
        id,
    };
    Op::Put {
        address: intent.address.clone(),
        resource: Box::new(resource),
    }
}

/// Sabotage: launches wait for nothing but the survey itself.
fn launch_first(plan: &mut Plan) {
    for step in &mut plan.steps {
        if step.action == Action::Launch {
            step.depends_on.retain(|id| id.ends_with(":create"));
        }
    }
    plan.steps.sort_by_key(|step| match step.action {
        Action::Create | Action::Replace => 0,
        Action::Launch => 1,
        _ => 2,
    });
}
