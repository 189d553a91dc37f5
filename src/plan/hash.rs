//! A plan's name: a hash of all that it intends. Its beginning is short enough to say aloud in a review; only the whole
//! name approves anything, because another plan with the same beginning can be searched for.
//!
//! The name covers the environment; of each step its id, address, vendor and action, its fields before and after, its calls
//! with method, path and body (alternatives and resumes included), and what it waits for; and for each survey it touches the
//! most that it can cost in all ([`Plan::ceilings`]). Steps that a guard or a rule holds back belong to it as well: a
//! verdict is judged again when the plan is applied, and never changes what was meant.
//!
//! It does not cover what moves while people review: counters, exposure, remarks, reasons, notes, guards and their
//! verdicts, who moved a field, surveys that the plan does not touch, the state and its serial, and the headers of calls
//! (versions and idempotency keys; [`without_versions`] writes placeholders for them into saved plans). So whoever adds to
//! a step keeps out of `changes` and `calls` what only a counter or a clock decides: it belongs into a remark, or, where it
//! has to be sent, into a placeholder that is filled in when the call is.

use super::{Change, Plan, Step};
use crate::model::call::VERSION_PLACEHOLDER;
use crate::model::{Address, Call, Json, Method, Money, Status};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

/// The alphabet: without `l`, `o`, `0` and `1`, which are misread.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// Letters of a whole name, five bits each.
const LETTERS: usize = 28;
/// Letters of the short form.
const SHORT: usize = 8;

/// The plan's whole name, 140 bits as `k7m2-9qfd-…`: over everything that the module says, whatever the order of steps
/// that do not wait for each other.
pub fn hash(plan: &Plan) -> String {
    #[derive(Serialize)]
    struct Content<'a> {
        environment: &'a str,
        steps: Vec<(String, Vec<&'a str>)>,
        ceilings: &'a BTreeMap<Address, Option<Money>>,
    }
    fn step(step: &Step) -> (String, Vec<&str>) {
        let mut waits: Vec<&str> = step.depends_on.iter().map(String::as_str).collect();
        waits.sort_unstable();
        waits.dedup();
        (of_step(step, &Sent::of), waits)
    }
    let mut steps: Vec<_> = plan.intended().map(step).collect();
    steps.sort_unstable();
    digest(&Content {
        environment: &plan.environment,
        steps,
        ceilings: &plan.ceilings,
    })
}

/// What a call asks for: how it is sent and what a good answer is do not belong to it.
#[derive(Serialize)]
pub(super) struct Sent<'a> {
    pub(super) method: Method,
    pub(super) path: Cow<'a, str>,
    pub(super) body: Option<Cow<'a, Json>>,
    pub(super) otherwise: Option<Box<Sent<'a>>>,
}

impl<'a> Sent<'a> {
    pub(super) fn of(call: &'a Call) -> Self {
        Self {
            method: call.method,
            path: Cow::Borrowed(&call.path),
            body: call.body.as_ref().map(Cow::Borrowed),
            otherwise: call.otherwise.as_deref().map(Self::of).map(Box::new),
        }
    }
}

/// A field before and after, without remarks. What is closed is closed also where its vendor has paused it meanwhile, because
/// respondents have filled it.
pub(super) fn of_change(change: &Change) -> (&str, Option<&Json>, &Json) {
    let closes = change.path == "/status" && change.after == *Status::Closed.to_string();
    (&change.path, (!closes).then_some(&change.before), &change.after)
}

/// The digest of what a step does, without what it waits for, with its calls as `sent` shows them.
pub(super) fn of_step<'a>(step: &'a Step, sent: &dyn Fn(&'a Call) -> Sent<'a>) -> String {
    let changes: Vec<_> = step.changes.iter().map(of_change).collect();
    let calls: Vec<_> = step.calls.iter().map(sent).collect();
    let resumes: Vec<_> = step.resumes.iter().map(sent).collect();
    let what = (&step.id, &step.address, step.vendor, step.action);
    digest(&(what, changes, calls, resumes))
}

/// The digest of plain data, as a whole name.
pub(super) fn digest(content: &impl Serialize) -> String {
    let mut sum = Sum(Sha256::new());
    serde_json::to_writer(&mut sum, content)
        .expect("a plan consists of plain data, and a sum takes everything");
    spoken(&sum.0.finalize())
}

/// The plan with a placeholder for every version that was read: each is read again before it is sent.
pub fn without_versions(mut plan: Plan) -> Plan {
    fn hide(call: &mut Call) {
        if let Some(version) = call.headers.get_mut("if-match") {
            VERSION_PLACEHOLDER.clone_into(version);
        }
        call.otherwise.iter_mut().for_each(|call| hide(call));
    }
    for step in plan.steps.iter_mut().chain(&mut plan.held_back) {
        step.calls.iter_mut().chain(&mut step.resumes).for_each(hide);
    }
    plan
}

/// A digest as a whole name: one letter for each of its first 28 bytes, in groups of four.
pub fn spoken(digest: &[u8]) -> String {
    let mut text = String::with_capacity(LETTERS + LETTERS / 4);
    for (index, byte) in digest.iter().take(LETTERS).enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    text
}

/// The beginning of a whole name, for eyes: `k7m2-9qfd`. It approves nothing.
pub fn short(name: &str) -> &str {
    name.get(..SHORT + 1).unwrap_or(name)
}

/// Whether a text is a whole name.
pub fn is_whole(text: &str) -> bool {
    letters(text) == Some(LETTERS)
}

/// Whether a text is the short form of some name.
pub fn is_short(text: &str) -> bool {
    letters(text) == Some(SHORT)
}

/// The letters of a name, where it is one: groups of four.
fn letters(text: &str) -> Option<usize> {
    let group = |group: &str| group.len() == 4 && group.bytes().all(|byte| ALPHABET.contains(&byte));
    text.split('-')
        .all(group)
        .then(|| text.bytes().filter(|byte| *byte != b'-').count())
}

/// A writer that hashes bytes as they come, so that a plan of ten thousand surveys is not in memory twice.
struct Sum(Sha256);

impl io::Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
