//! Freezes beside applies, and what undoes them.

use super::check::Looked;
use super::random::Random;
use super::world::{Permission, World, approve};
use infield::apply::{self, Context, Tally};
use infield::freeze::{self, Request};
use infield::marketplace::Markets;
use infield::model::stops::{Freeze, Paused};
use infield::model::{Desired, Pattern, Stops};
use infield::plan::{Choices, Inputs, Plan, keep_rules};
use infield::state::{Aside, Keeper, StateError, Store};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio_util::sync::CancellationToken;

impl World {
    /// What `infield freeze` does, whoever has the lock.
    pub(super) async fn freeze(&self, everything: bool, mut random: Random) -> Option<()> {
        let document = self.durable.document()?;
        let names: Vec<&str> = document
            .resources
            .keys()
            .map(infield::model::Address::manifest)
            .collect();
        if names.is_empty() {
            return None;
        }
        let name = (!everything).then(|| (*random.pick(&names)).to_owned());
        let patterns = vec![name.as_deref().map_or_else(Pattern::everything, Pattern::new)];
        self.sim.tell(format!("freeze: {}", patterns[0]));
        let store = self.store();
        let freeze = Freeze {
            id: format!("f{:05}", self.intents.fetch_add(1, Ordering::SeqCst)),
            at: self.sim.wall().to_string(),
            by: "bob@host".to_owned(),
            patterns: patterns.clone(),
            thawed: Vec::new(),
            paused: Vec::new(),
        };
        let leave = |stops: &mut Stops| stops.freezes.push(freeze.clone());
        store.change_stops(&leave).await.ok()?;
        self.sim.checker().freezes(name, self.sim.now());
        self.sim.count(|count| count.freezes += 1);
        let known = document.known();
        let (readers, _) = self.connect();
        let request = Request {
            environment: "sandbox",
            known: &known,
            readers: &readers,
            markets: &Markets::default(),
            now: self.sim.wall(),
        };
        let frozen = freeze::make_plan(&request, &freeze::meant(&known, &patterns)).await;
        let note = |stops: &mut Stops| {
            let mine = stops.freezes.iter_mut().find(|other| other.id == freeze.id);
            if let Some(mine) = mine {
                mine.paused.extend(frozen.paused.iter().cloned());
            }
        };
        store.change_stops(&note).await.ok()?;
        self.sim.checker().pauses = Some((frozen.plan.clone(), document.ids()));
        let lineage = document.lineage.clone();
        let aside = Keeper::open(Arc::new(Aside(document)), "sandbox", lineage)
            .await
            .ok()?;
        let ended = self
            .carry_out(&frozen.plan, &aside, &BTreeSet::new(), "freeze")
            .await;
        self.sim.checker().pauses = None;
        ended.ok().map(drop)
    }

    async fn carry_out(
        &self,
        plan: &Plan,
        keeper: &Keeper,
        undoes: &BTreeSet<String>,
        who: &str,
    ) -> Result<Tally, StateError> {
        let (readers, writers) = self.connect();
        let context = Context {
            writers: &writers,
            readers: &readers,
            keeper,
            markets: &Markets::default(),
            undoes,
            events: &|event| self.hear(who, &event),
            parallelism: 4,
            stop: CancellationToken::new(),
            now: &|| self.sim.wall().to_string(),
            new_intent_id: &|| format!("i{:05}", self.intents.fetch_add(1, Ordering::SeqCst)),
        };
        apply::run(plan, 0, &context).await
    }

    /// What `infield thaw` does without names.
    pub(super) async fn thaw(&self, permission: &Permission) {
        let Some((keeper, turn)) = self.open("thaw").await else {
            return;
        };
        self.sim.count(|count| count.thaws += 1);
        if let Err(error) = self.thaw_locked(&keeper, permission, turn).await {
            self.sim.tell(format!("thaw: {error}"));
        }
        self.close(keeper, turn, "thaw").await;
    }

    async fn thaw_locked(
        &self,
        keeper: &Keeper,
        permission: &Permission,
        turn: u64,
    ) -> Result<(), StateError> {
        let stops = keeper.stops().await?;
        let undoes: BTreeSet<String> = stops.freezes.iter().map(|freeze| freeze.id.clone()).collect();
        let mut paused: Vec<Paused> = Vec::new();
        for one in stops.freezes.iter().flat_map(|freeze| &freeze.paused) {
            if !paused.iter().any(|other| other.id == one.id) {
                paused.push(one.clone());
            }
        }
        let known = keeper.known().await;
        let (readers, _) = self.connect();
        let markets = Markets::default();
        let request = Request {
            environment: "sandbox",
            known: &known,
            readers: &readers,
            markets: &markets,
            now: self.sim.wall(),
        };
        let thawed = freeze::make_thaw(&request, &paused).await;
        let mut plan = thawed.plan;
        let (desired, choices) = (Desired::default(), Choices::default());
        let inputs = Inputs {
            environment: "sandbox",
            desired: &desired,
            known: &known,
            live: &thawed.live,
            guards: &permission.guards,
            choices: &choices,
            markets: &markets,
        };
        keep_rules(&inputs, &mut plan);
        approve(permission, &mut plan);
        // It makes nothing.
        let looked = Looked::default();
        self.register(&plan, (false, Default::default()), (turn, permission), looked);
        if let Some(approved) = &mut self.sim.checker().approved {
            approved.thaws = true;
        }
        let frozen = std::mem::take(&mut self.sim.checker().frozen);
        let tally = self.carry_out(&plan, keeper, &undoes, "thaw").await?;
        self.sim.count(|count| count.thawed += tally.done);
        let mut left = Vec::new();
        if tally.failed + tally.skipped + plan.held_back.len() + thawed.unread.len() > 0 {
            let again = freeze::make_thaw(&request, &paused).await;
            let settled = |one: &Paused| again.settled.iter().any(|(settled, _)| settled == one);
            left.extend(paused.into_iter().filter(|one| !settled(one)));
            let since = self.sim.now();
            let stay = frozen.into_iter().map(|(name, _)| (name, since));
            self.sim.checker().frozen.extend(stay);
        }
        let end = |stops: &mut Stops| {
            for freeze in &mut stops.freezes {
                freeze.paused.retain(|one| left.contains(one));
            }
            stops
                .freezes
                .retain(|freeze| !left.is_empty() || !undoes.contains(&freeze.id));
        };
        keeper.change_stops(&end).await?;
        if left.is_empty() {
            self.sim.checker().frozen.clear();
        }
        Ok(())
    }
}
