//! What every command does that changes something at a vendor or in a state: lock the state, work, and put everything
//! back in its place.
//!
//! Promises that the lock is given back, what was committed is folded and an emulator is ended however the work ends. What
//! the work is, is left to the commands.

use super::{Project, Stop, Terminal, Vendors};
use crate::model::ResourceKind;
use crate::model::known::{Act, PausedBy};
use crate::plan::GuardRules;
use crate::state::{Keeper, Op, StateError};
use std::collections::BTreeSet;
use std::ops::Deref;

/// What there is to work with, where vendors are asked.
pub struct Connected<'a> {
    /// Manifests, settings and what the process gives.
    pub project: &'a Project,
    /// Somebody to tell and to ask.
    pub terminal: &'a dyn Terminal,
    /// The rules of the environment.
    pub guards: &'a GuardRules,
    /// Ways to the vendors.
    pub vendors: &'a Vendors,
}

/// The same, where something is changed: the state is locked.
pub struct Locked<'a> {
    connected: &'a Connected<'a>,
    /// The state.
    pub keeper: &'a Keeper,
    /// Freezes that the work undoes.
    pub undoes: BTreeSet<String>,
}

impl<'a> Locked<'a> {
    /// What is connected, with a state to write to.
    pub fn over(connected: &'a Connected<'a>, keeper: &'a Keeper) -> Self {
        Self {
            connected,
            keeper,
            undoes: BTreeSet::new(),
        }
    }
}

impl<'a> Deref for Locked<'a> {
    type Target = Connected<'a>;

    fn deref(&self) -> &Connected<'a> {
        self.connected
    }
}

/// Commands that keep history of what they do by themselves.
const TELLING: [&str; 6] = ["apply", "run", "freeze", "thaw", "reconcile", "accept-list"];

/// Remembers what was frozen while somebody else had the lock.
async fn fold(keeper: &Keeper) -> Result<(), StateError> {
    let stops = keeper.stops().await?;
    if stops.is_empty() {
        return Ok(());
    }
    let known = keeper.known().await;
    let mut ops = Vec::new();
    for freeze in &stops.freezes {
        for (address, resource) in freeze.paused.iter().filter_map(|paused| known.paused(paused)) {
            let mut resource = resource.clone();
            let ResourceKind::Survey(survey) = &mut resource.kind else {
                continue;
            };
            if survey.in_field && survey.paused_by.is_none() {
                survey.paused_by = Some(PausedBy {
                    at: freeze.at.parse().ok(),
                    ..PausedBy::now(Act::Freeze)
                });
                ops.push(Op::Put {
                    address: address.clone(),
                    resource: Box::new(resource),
                });
            }
        }
    }
    match ops.is_empty() {
        true => Ok(()),
        false => keeper.commit(ops).await,
    }
}

impl Project {
    /// Works on the locked state. A state that is not there yet begins, of this lineage where one is given. A problem of
    /// the work is told rather than one of the end.
    ///
    /// # Errors
    /// As the work; when somebody else has the lock, or the state cannot be used.
    pub async fn locked<T>(
        &self,
        purpose: &str,
        (terminal, lineage): (&dyn Terminal, Option<&str>),
        work: impl AsyncFnOnce(&Keeper) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let lineage = lineage.map_or_else(|| uuid::Uuid::new_v4().to_string(), ToOwned::to_owned);
        let holder = self.process.holder(purpose);
        let store = self.place()?.store;
        let keeper = Keeper::open_locked(store, &self.environment, lineage, &holder).await?;
        // What carries out plans tells their steps.
        let tells = !TELLING.contains(&purpose);
        let before = match tells {
            true => Some(keeper.known().await),
            false => None,
        };
        let outcome = work(&keeper).await;
        let acted = keeper.has_written().await;
        if let (true, Some(before), Ok(history)) = (acted, before, self.history()) {
            let after = keeper.known().await;
            history
                .tell_remembered(purpose, (&before, &after), terminal)
                .await;
        }
        let remembered = fold(&keeper).await;
        let folded = remembered.and(keeper.close().await);
        let value = outcome?;
        match folded {
            Err(error) if acted => {
                let stop = Stop::in_part(format!("all was done, and this was not: {error}"));
                Err(stop.help(
                    "nothing that was done is forgotten: the journal has it, and the next command reads it",
                ))
            }
            folded => Ok(folded.map(|()| value)?),
        }
    }

    /// Works with the vendors of the environment.
    ///
    /// # Errors
    /// As the work; when they cannot be reached with what is configured.
    pub async fn connected<T>(
        &self,
        terminal: &dyn Terminal,
        work: impl AsyncFnOnce(&Connected<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let guards = self.guards()?;
        let vendors = self.connect(terminal).await?;
        let connected = Connected {
            project: self,
            terminal,
            guards: &guards,
            vendors: &vendors,
        };
        let outcome = work(&connected).await;
        vendors.close().await;
        outcome
    }

    /// Works with both.
    ///
    /// # Errors
    /// As [`Self::locked`] and [`Self::connected`].
    pub async fn locked_and_connected<T>(
        &self,
        purpose: &str,
        terminal: &dyn Terminal,
        work: impl AsyncFnOnce(&Locked<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let with_keeper = async |keeper: &Keeper| {
            let with_vendors = async |connected: &Connected<'_>| work(&Locked::over(connected, keeper)).await;
            self.connected(terminal, with_vendors).await
        };
        self.locked(purpose, (terminal, None), with_keeper).await
    }
}
