//! What an approval of a plan covers once the plan is begun: every one of its steps, in this run or a later one.
//!
//! Promises: pure; a step is covered only where all that it sends was approved for the same survey or group. What an
//! earlier run has made has an id by now where the approved plan has a placeholder; of a step with several calls, which a
//! run may leave half done, any part is covered, also from a value that was left unknown, and of a draft that was left half
//! made any of its values, and of a launch what follows it; nothing else is.

use super::hash::{Sent, digest, hash, of_change, of_step};
use super::{Action, Change, Plan, Record, Step};
use crate::model::call::{ID_PLACEHOLDER, encode_segment, path_placeholder};
use crate::model::{Address, Approved, Call, Money, Status};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Stands for the id of what an approval makes, and of the survey that holds it.
const MADE: &str = "{$made}";

fn makes(plan: &Plan) -> BTreeSet<Address> {
    let made = plan
        .intended()
        .filter(|step| matches!(step.action, Action::Create | Action::Replace));
    made.map(|step| step.address.clone()).collect()
}

/// What this plan's approval covers.
pub fn of(plan: &Plan) -> Approved {
    let makes = makes(plan);
    let ids = BTreeMap::new();
    // A step with one call and one change is done or is not, and which of them shows, unless the vendor hides what it writes.
    // Of several changes the vendor may show only some. Several edits may be one step the next time, or one of another kind.
    let mut edits: BTreeSet<&Address> = BTreeSet::new();
    let in_parts = plan.intended().filter(|step| {
        let again = step.action == Action::Update && !edits.insert(&step.address);
        let several = step.action == Action::Update && step.changes.len() > 1;
        again || several || step.calls.len() + step.resumes.len() > 1 || !step.hidden.is_empty()
    });
    let in_parts: BTreeSet<&Address> = in_parts.map(|step| &step.address).collect();
    let covers = plan.intended().flat_map(|step| {
        let made = Made::around(step, &makes, &ids);
        let parts = in_parts.contains(&step.address).then(|| {
            // What a run was interrupted at and the vendor hides is not known any more before it is written again.
            let again = (!step.hidden.is_empty()).then(|| made.out_of_unknown(step));
            [made.changes(step), again.unwrap_or_default(), made.calls(step)].concat()
        });
        // What is written once it is in field is an edit of its own when the launch was all that came through.
        let follows = matches!(step.action, Action::Launch | Action::Resume) && step.calls.len() > 1;
        let rest = follows.then(|| made.after_launch(step));
        let rest = rest.into_iter().flatten();
        parts.into_iter().flatten().chain(rest).chain([made.whole(step)])
    });
    Approved {
        name: hash(plan),
        covers: covers.collect(),
        ceilings: plan.ceilings.clone(),
        makes,
    }
}

/// Why a plan may not be carried out under an approval that an earlier run has begun with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beyond {
    /// Ids of steps that the approval does not cover.
    pub steps: Vec<String>,
    /// Surveys that may cost more than was approved: the most approved, and the most now; `None` is without bound.
    pub money: Vec<(Address, Option<Money>, Option<Money>)>,
}

impl Beyond {
    /// Whether the approval covers the plan.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.money.is_empty()
    }
}

/// What of a plan is beyond an approval. `ids` are the vendors' ids of what the state knows.
pub fn beyond(plan: &Plan, approved: &Approved, ids: &BTreeMap<Address, String>) -> Beyond {
    // What is still to be made has no id yet that counts.
    let still = makes(plan);
    let ids: BTreeMap<Address, String> = ids
        .iter()
        .filter(|(address, _)| approved.makes.contains(*address) && !still.contains(*address))
        .map(|(address, id)| (address.clone(), id.clone()))
        .collect();
    let covered = |step: &&Step| {
        let made = Made::around(step, &approved.makes, &ids);
        let all = |parts: Vec<String>| parts.iter().all(|part| approved.covers.contains(part));
        // What sends nothing, as forgetting does, has no calls that could say what it is.
        approved.covers.contains(&made.whole(step))
            || (step.action == Action::Update && !step.calls.is_empty() && all(made.after_launch(step)))
            || (!step.calls.is_empty()
                && all(made.changes(step))
                && (made.completes(step) || all(made.calls(step))))
    };
    let acting = || plan.steps.iter();
    let touched: BTreeSet<&Address> = acting().map(|step| &step.address).collect();
    let above = touched.into_iter().filter_map(|address| {
        let (now, then) = (*plan.ceilings.get(address)?, *approved.ceilings.get(address)?);
        above(then, now).then(|| (address.clone(), then, now))
    });
    Beyond {
        steps: acting()
            .filter(|step| !covered(step))
            .map(|step| step.id.clone())
            .collect(),
        money: above.collect(),
    }
}

/// Whether something may cost more than another time; `None` is without bound.
pub fn above(then: Option<Money>, now: Option<Money>) -> bool {
    match (then, now) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(then), Some(now)) => now.currency != then.currency || now.amount > then.amount,
    }
}

/// What a step is about and an approval makes, with the ids by which later plans name it.
struct Made<'a> {
    address: &'a Address,
    makes: bool,
    ids: Vec<&'a str>,
    placeholders: Vec<(String, &'a Address)>,
}

impl<'a> Made<'a> {
    fn around(step: &'a Step, makes: &'a BTreeSet<Address>, ids: &'a BTreeMap<Address, String>) -> Self {
        // A survey that is replaced has an id of its own, whatever takes its place.
        let former = matches!(step.record, Record::FormerClosed { .. });
        let parent = step.address.parent();
        let made = [Some(&step.address), parent.as_ref()].into_iter().flatten();
        let made: Vec<&Address> = made
            .filter_map(|address| makes.get(address))
            .filter(|_| !former)
            .collect();
        Self {
            address: &step.address,
            makes: makes.contains(&step.address),
            ids: made
                .iter()
                .filter_map(|address| ids.get(*address))
                .map(String::as_str)
                .collect(),
            placeholders: made
                .into_iter()
                .map(|address| (path_placeholder(address), address))
                .collect(),
        }
    }

    fn whole(&self, step: &Step) -> String {
        of_step(step, &|call| self.sent(call))
    }

    /// Whether a step only brings what was made, and is not in field, to values that it was to be made with: how that is
    /// written depends on how far it got.
    fn completes(&self, step: &Step) -> bool {
        let draft = matches!(step.record, Record::Survey { in_field: false, .. });
        self.makes && draft && step.action == Action::Update && step.resumes.is_empty()
    }

    /// Digests of a step's changes, each as a part of any step of the same survey or group.
    fn changes(&self, step: &Step) -> Vec<String> {
        // What is half made shows some values, and others not.
        let change = |change: &Change| self.change(change, !self.makes);
        // Out of field for a change, and back: an interruption leaves it in between.
        let back = Change::status(Some(Status::Paused), Status::Live);
        let back = (!step.resumes.is_empty()).then(|| change(&back));
        step.changes.iter().map(change).chain(back).collect()
    }

    /// The same changes from values that nobody knows.
    fn out_of_unknown(&self, step: &Step) -> Vec<String> {
        step.changes
            .iter()
            .map(|change| self.change(change, false))
            .collect()
    }

    fn change(&self, change: &Change, known: bool) -> String {
        let (path, before, after) = of_change(change);
        let before = before.filter(|_| known);
        digest(&(self.address, path, before, after))
    }

    /// Digests of a step's calls, as parts as well.
    fn calls(&self, step: &Step) -> Vec<String> {
        let calls = step.calls.iter().chain(&step.resumes);
        calls
            .map(|call| digest(&(self.address, self.ways(call))))
            .collect()
    }

    /// The same of what a launch sends, and of an edit that may be left of one.
    fn after_launch(&self, step: &Step) -> Vec<String> {
        let calls = self.calls(step).into_iter();
        calls.map(|call| digest(&("after a launch", call))).collect()
    }

    /// A call and what is sent instead where the vendor refuses it, whichever of them comes first.
    fn ways(&self, call: &Call) -> BTreeSet<String> {
        let ways = std::iter::successors(Some(call), |call| call.otherwise.as_deref());
        let alone = |call| Sent {
            otherwise: None,
            ..self.sent(call)
        };
        ways.map(|call| digest(&alone(call))).collect()
    }

    fn sent<'c>(&self, call: &'c Call) -> Sent<'c> {
        let sent = Sent::of(call);
        if self.placeholders.is_empty() {
            return sent;
        }
        Sent {
            path: Cow::Owned(self.path(&call.path)),
            body: call
                .body
                .as_ref()
                .map(|body| Cow::Owned(self.body(&body.value()).into())),
            otherwise: call.otherwise.as_deref().map(|call| Box::new(self.sent(call))),
            ..sent
        }
    }

    fn path(&self, path: &str) -> String {
        let made = |bare: &str| self.ids.iter().any(|id| encode_segment(id) == bare);
        let placeholders = self.placeholders.iter();
        // The address of a group has a slash of its own.
        let path = placeholders.fold(path.to_owned(), |path, (text, _)| path.replace(text, MADE));
        let segments = path.split_inclusive(['/', '?', '&', '=']).map(|segment| {
            let bare = segment.trim_end_matches(['/', '?', '&', '=']);
            match made(bare) {
                true => Cow::Owned(segment.replace(bare, MADE)),
                false => Cow::Borrowed(segment),
            }
        });
        segments.collect()
    }

    fn body(&self, body: &Value) -> Value {
        let placeholder = || json!({ ID_PLACEHOLDER: MADE });
        match body {
            Value::Object(map) => {
                let named = map.get(ID_PLACEHOLDER).and_then(Value::as_str);
                if named.is_some_and(|named| self.placeholders.iter().any(|(_, made)| made.as_str() == named))
                {
                    return placeholder();
                }
                let inner = map.iter().map(|(key, value)| (key.clone(), self.body(value)));
                Value::Object(inner.collect())
            }
            Value::Array(items) => items.iter().map(|item| self.body(item)).collect(),
            Value::String(text) if self.ids.contains(&text.as_str()) => placeholder(),
            Value::Number(number) if self.ids.contains(&number.to_string().as_str()) => placeholder(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => body.clone(),
        }
    }
}
