//! More than one state: a second clone with its own, one that is lost as a whole or in part, an older one that is restored. And
//! one whose objects are spoiled.
//!
//! Two clones do not work at the same moment: that their states know nothing of each other is what a shared state is for.
//! Before another state is worked with, everything has arrived and lists show all there is.

use super::World;
use crate::objects::Spoiled;
use crate::sim::{Sabotage, Weather};
use crate::store::Durable;
use infield::state::Document;
use std::sync::Arc;
use std::time::Duration;

/// Until nothing is under way and lists have settled.
const SETTLED: Duration = Duration::from_secs(150);

impl World {
    /// Perhaps somebody works with another state.
    pub(super) async fn another_state(&mut self) {
        let forced = match self.sim.sabotage {
            Some(Sabotage::NoLook) => Some(1),
            Some(Sabotage::FreshStart) => Some(4),
            _ => None,
        };
        if !self.borders && forced.is_none() {
            return;
        }
        self.mend();
        // A stop mark stands beside one state.
        if self.durable.stops().is_empty() && (forced.is_some() || self.apart.percent(35)) {
            tokio::time::sleep(SETTLED).await;
            match forced.unwrap_or_else(|| self.apart.between(0, 5)) {
                0 | 3 => self.second_clone().await,
                1 => self.lose_the_state(),
                2 => self.restore_the_state(),
                4 => self.tear_the_state(),
                _ => self.lose_the_journal(),
            }
        }
        if self.apart.percent(60) && !self.lost && !self.durable.is_torn() {
            self.backup = self.durable.document();
        }
    }

    async fn second_clone(&mut self) {
        let (what, copy) = match self.apart.between(0, 2) {
            0 => ("no state", None),
            1 => ("an older state", self.backup.clone()),
            _ => ("a copy of the state", self.durable.document()),
        };
        self.sim.tell(format!("a second clone works with {what}"));
        self.sim.count(|count| count.second_clones += 1);
        let own = std::mem::replace(&mut self.durable, Arc::new(Durable::holding(copy.clone())));
        let left = self.sim.checker().begin_with(copy);
        std::mem::swap(&mut self.random, &mut self.apart);
        let permission = self.permission();
        std::mem::swap(&mut self.random, &mut self.apart);
        for _ in 0..2 {
            let ended = tokio::select! {
                biased;
                () = self.sim.stopped.notified() => None,
                (_, count) = self.apply(&permission, "second clone") => Some(count),
            };
            match ended {
                Some(count) => self.count += count,
                None if self.sim.violation().is_none() => self.count.crashes += 1,
                None => return,
            }
            self.sim.arm(None);
            self.durable.lease_runs_out();
        }
        tokio::time::sleep(SETTLED).await;
        self.sim.tell("the first clone goes on");
        self.durable = own;
        self.sim.checker().go_back_to(left);
    }

    /// Somebody's tool spoils the log of a state in an object store, and somebody else puts back what was there. Nothing is
    /// done in between.
    pub(super) async fn spoil_the_log(&mut self) {
        let Some(objects) = self.durable.objects().cloned() else {
            return;
        };
        if !self.rot.percent(40) {
            return;
        }
        let Some(spoiled) = Spoiled::some(&objects, &mut self.rot) else {
            return;
        };
        self.sim.tell(spoiled.what.as_str());
        self.sim.count(|count| count.spoiled_logs += 1);
        std::mem::swap(&mut self.random, &mut self.rot);
        let permission = self.permission();
        std::mem::swap(&mut self.random, &mut self.rot);
        let writes = self.sim.checker().writes;
        let weather = self.sim.weather();
        self.sim.set_weather(Weather::default());
        let (applied, _) = self.apply(&permission, "spoiled log").await;
        self.sim.set_weather(weather);
        if applied.is_some() || self.sim.checker().writes != writes {
            self.sim
                .fail(format!("an apply went on although {}", spoiled.what));
        }
        self.sim.tell("the log of the state is as it was");
        spoiled.undo(&objects);
    }

    fn lose_the_state(&mut self) {
        self.sim.tell("the state is lost");
        self.sim.count(|count| count.lost_states += 1);
        self.durable.put_by_hand(None);
        self.sim.checker().begin_with(None);
        self.last_reviewed = None;
        self.lost = true;
    }

    /// The document is gone and its journal is not: nothing is done until somebody puts it back.
    fn tear_the_state(&mut self) {
        if self.durable.document().is_some() {
            self.sim
                .tell("the document of the state is lost, and its journal is there");
            self.sim.count(|count| count.torn_states += 1);
            self.durable.tear(true);
            self.last_reviewed = None;
        }
    }

    /// Somebody finds the document that was lost, or puts an older one in its place.
    fn mend(&mut self) {
        if self.durable.is_torn() {
            self.sim.tell("the document of the state is found");
            self.durable.tear(false);
            if self.apart.percent(50) {
                self.restore_the_state();
            }
        }
    }

    fn lose_the_journal(&mut self) {
        let folded = self.durable.folded();
        let serial = |document: &Option<Document>| document.as_ref().map(|document| document.serial);
        if serial(&folded) == serial(&self.durable.document()) {
            return;
        }
        self.sim.tell("the journal of the state is lost");
        self.sim.count(|count| count.lost_journals += 1);
        self.durable.put_by_hand(folded.clone());
        self.sim.checker().begin_with(folded);
        self.last_reviewed = None;
    }

    fn restore_the_state(&mut self) {
        let Some(backup) = self.backup.clone() else {
            return;
        };
        self.sim
            .tell(format!("an older state is restored: {}", backup.serial));
        self.sim.count(|count| count.older_states += 1);
        self.durable.put_by_hand(Some(backup.clone()));
        self.sim.checker().begin_with(Some(backup));
        self.last_reviewed = None;
        self.lost = false;
    }

    /// Where the state was lost, somebody may have a copy.
    pub(super) async fn find_the_state(&mut self) {
        self.mend();
        if self.lost && self.durable.stops().is_empty() && self.apart.percent(60) {
            tokio::time::sleep(SETTLED).await;
            self.restore_the_state();
        }
    }
}
