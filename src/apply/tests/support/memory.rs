//! A state in memory that tells what is written to it, and a lock that can be lost.

use crate::model::{Resource, Stops};
use crate::state::store::{ChangeStops, Entry, Lock, LockInfo, StateError, Store};
use crate::state::{Document, Op};
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What reached the vendor and the state, in order.
#[derive(Clone, Default)]
pub(super) struct Log(pub(super) Arc<Mutex<Vec<String>>>);

impl Log {
    pub(super) fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

/// A store that only remembers, tells every commit, and fails when it is told to.
pub(super) struct Memory {
    pub(super) document: Mutex<Document>,
    pub(super) log: Log,
    /// Commits until one fails; 0 for never.
    pub(super) fails_in: AtomicUsize,
    /// How long a commit takes.
    pub(super) takes: Mutex<Duration>,
    /// What is frozen by now.
    pub(super) stops: Mutex<Stops>,
}

impl Memory {
    fn broken() -> StateError {
        StateError::Io {
            place: "memory".to_owned(),
            doing: "written",
            problem: "the disk is full".to_owned(),
        }
    }
}

impl Store for Memory {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<Document>, StateError>> {
        let document = self.document.lock().unwrap().clone();
        Box::pin(async move { Ok(Some(document)) })
    }

    fn append<'a>(
        &'a self,
        entries: &'a [Entry],
        _before: &'a Document,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        Box::pin(async move {
            let takes = *self.takes.lock().unwrap();
            tokio::time::sleep(takes).await;
            let fails = self
                .fails_in
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if fails == Ok(1) {
                self.log.push("state: cannot be written".to_owned());
                return Err(Self::broken());
            }
            let ops: Vec<String> = entries.iter().map(|entry| told(&entry.op)).collect();
            self.log.push(format!("state: {}", ops.join("; ")));
            let mut document = self.document.lock().unwrap();
            for entry in entries {
                document.apply(&entry.op);
            }
            Ok(())
        })
    }

    fn checkpoint<'a>(&'a self, _document: &'a Document) -> BoxFuture<'a, Result<(), StateError>> {
        panic!("carrying out a plan folds nothing")
    }

    fn lock<'a>(&'a self, _info: &'a LockInfo) -> BoxFuture<'a, Result<Box<dyn Lock>, StateError>> {
        panic!("the lock is taken before a plan is carried out")
    }

    fn unlock(&self) -> BoxFuture<'_, Result<Option<String>, StateError>> {
        panic!("nobody takes a lock away")
    }

    fn stops(&self) -> BoxFuture<'_, Result<Stops, StateError>> {
        let stops = self.stops.lock().unwrap().clone();
        Box::pin(async { Ok(stops) })
    }

    fn change_stops<'a>(&'a self, change: &'a ChangeStops<'a>) -> BoxFuture<'a, Result<Stops, StateError>> {
        change(&mut self.stops.lock().unwrap());
        self.stops()
    }
}

/// A lock that can be lost.
pub(super) struct Lease(pub(super) Arc<AtomicBool>);

impl Lock for Lease {
    fn check(&self, _lasting: Duration) -> Result<(), StateError> {
        if self.0.load(Ordering::SeqCst) {
            return Err(StateError::Moved {
                place: "memory".to_owned(),
            });
        }
        Ok(())
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

/// An operation in a line of the log.
fn told(op: &Op) -> String {
    match op {
        Op::Put { address, resource } => {
            let facts = facts(resource);
            let facts = if facts.is_empty() {
                facts
            } else {
                format!(" ({facts})")
            };
            format!("put {address} {}{facts}", resource.id)
        }
        Op::Remove { address } => format!("remove {address}"),
        Op::Move { moves } => {
            let moved: Vec<String> = moves.iter().map(|(from, to)| format!("{from} to {to}")).collect();
            format!("move {}", moved.join(", "))
        }
        Op::OpenIntent { id, intent } => format!("open {id} of {}", intent.address),
        Op::CloseIntent { id } => format!("close {id}"),
        Op::NoneOf { address, ids } => format!("{address} is none of {ids:?}"),
        Op::UseSavedPlan { id } => format!("use {id}"),
        Op::Approve { approved } => format!("approve {}", approved.name),
        Op::Finish { name } => format!("finish {name}"),
    }
}

/// What is remembered of a survey beside its values.
fn facts(resource: &Resource) -> String {
    let Some(survey) = resource.survey() else {
        return "group".to_owned();
    };
    let flag = |on: bool, word: &str| on.then(|| word.to_owned());
    let job = survey.job.as_ref().map(|job| match &job.path {
        Some(path) => format!("job {} at {path}", job.key),
        None => format!("job {}", job.key),
    });
    let unsure: Vec<&str> = survey.unsure.iter().map(String::as_str).collect();
    let facts = [
        flag(survey.in_field, "in field"),
        flag(survey.paused_for_edit, "held"),
        flag(survey.orphaned, "orphaned"),
        job,
        flag(!unsure.is_empty(), &format!("unsure {}", unsure.join(" "))),
        flag(
            !survey.former.is_empty(),
            &format!("former {}", survey.former.join(" ")),
        ),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
