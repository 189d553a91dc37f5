//! The independent checker: looks at every write that reaches the vendor and at every state that becomes durable, and
//! says which promise is broken.
//!
//! 1. Every survey infield made is known: to the state as a resource or one that is being replaced, or to an open
//!    intent with the content that was sent. So none is made twice, and none is lost.
//! 2. Nothing is sent that no approved step holds; nothing goes in field before everything its manifest wants is there.
//! 3. The money at stake never exceeds what was there before plus what was approved. Under an approval by name no survey
//!    that the approved plan does not touch is touched, and none costs more than that plan says.
//! 4. A template goes along with the create and with nothing else.
//! 5. The state never goes backwards.
//! 6. An idempotency key stands for one request.
//! 7. After a freeze nothing that it means is put in field or raised until it is thawed.
//! 8. Nothing is set below what is collected, nothing collected is removed, and what is not ours is left alone.
//!
//! What holds where several states meet and where manifests are not read is in `borders`.

mod borders;
mod ladders;

use super::market::{Does, Market, Phase, Seen};
use infield::model::{Address, Desired, Field, Method};
use infield::model::{Call, Intent};
use infield::plan::{Action, Guard, NoteKind, Plan, Record, Step};
use infield::state::Document;

pub(crate) use borders::Looked;
pub(crate) use ladders::Ladders;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A writing request that reached the vendor.
pub(crate) struct Write {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    /// The idempotency key and the version it carries.
    pub(crate) key: Option<String>,
    pub(crate) version: Option<String>,
    /// It makes a survey, a job or a group, inside of this one.
    pub(crate) makes: bool,
    pub(crate) parent: Option<String>,
    pub(crate) ok: bool,
    /// When it was sent; `None` where its sender was gone by the time it arrived.
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) id: Option<String>,
    pub(crate) before: Option<Seen>,
    pub(crate) after: Option<Seen>,
}

/// A freeze that stands: the name it means, or everything, and since when.
pub(crate) type Frozen = (Option<String>, Timestamp);

/// What the apply under way may do.
pub(crate) struct Approved {
    /// Who has the lock.
    pub(crate) turn: u64,
    /// The plan that was approved by its name.
    pub(crate) reviewed: Option<Plan>,
    /// It only undoes a freeze: what goes back in field is what was there.
    pub(crate) thaws: bool,
    pub(crate) plan: Plan,
    pub(crate) desired: Desired,
    /// The most that may be at stake meanwhile, in USD.
    pub(crate) ceiling: Decimal,
    /// What the plan knows of what is there already.
    pub(crate) looked: Looked,
    /// What the state answered for when the plan was made.
    pub(crate) owned: BTreeSet<String>,
    /// What is in field and was removed may be stopped.
    pub(crate) may_remove: bool,
    /// What had been collected when the plan was made, by id; the rest came too late to be minded.
    pub(crate) counted: BTreeMap<String, (u64, BTreeMap<String, u64>)>,
}

pub(crate) struct Checker {
    market: &'static dyn Market,
    /// Everything the account has.
    pub(crate) mirror: BTreeMap<String, Seen>,
    /// When it was first seen.
    pub(crate) born: BTreeMap<String, Timestamp>,
    /// Made and looked at by people so thoroughly that nobody may also make a copy of it.
    rewritten: BTreeSet<String>,
    /// There are copies of it.
    copied: BTreeSet<String>,
    /// Surveys made by infield, with the body they were made from.
    made: BTreeMap<String, Value>,
    /// What they were made in, where they are in something.
    made_in: BTreeMap<String, String>,
    /// What each idempotency key was sent with.
    keys: BTreeMap<String, String>,
    /// Surveys people made.
    pub(crate) by_hand: BTreeSet<String>,
    /// Lost surveys of which the vendor kept only a part.
    kept_in_part: BTreeSet<String>,
    /// What those lacked that were taken out of field for a change, when they were.
    held: BTreeMap<String, Vec<String>>,
    /// Surveys infield has let go of on purpose.
    released: BTreeSet<String>,
    /// Surveys that a plan was to let go of: that may be written late, after everybody was told that it was not.
    forgetting: BTreeSet<String>,
    /// Surveys that only another state knows.
    elsewhere: BTreeSet<String>,
    /// More than one state was worked with.
    pub(crate) estranged: bool,
    /// Manifests that are there and are not read.
    pub(crate) unseen: BTreeSet<String>,
    state: Option<Document>,
    pub(crate) approved: Option<Approved>,
    /// The turn of whoever had a plan approved last.
    pub(crate) latest_turn: u64,
    /// What a freeze pauses, whoever has the lock.
    pub(crate) pauses: Option<(Plan, BTreeMap<Address, String>)>,
    pub(crate) frozen: Vec<Frozen>,
    /// The most that each survey could cost when the last of them, or the last apply, began; in USD.
    most: BTreeMap<String, Decimal>,
    /// Nothing may be written any more.
    pub(crate) quiet: bool,
    /// What is fielded in stages.
    pub(crate) ladders: Ladders,
    /// Writing calls seen.
    pub(crate) writes: usize,
}

impl Checker {
    pub(crate) fn new(market: &'static dyn Market) -> Self {
        Self {
            market,
            mirror: BTreeMap::new(),
            born: BTreeMap::new(),
            rewritten: BTreeSet::new(),
            copied: BTreeSet::new(),
            made: BTreeMap::new(),
            made_in: BTreeMap::new(),
            keys: BTreeMap::new(),
            by_hand: BTreeSet::new(),
            kept_in_part: BTreeSet::new(),
            held: BTreeMap::new(),
            released: BTreeSet::new(),
            forgetting: BTreeSet::new(),
            elsewhere: BTreeSet::new(),
            estranged: false,
            unseen: BTreeSet::new(),
            state: None,
            approved: None,
            latest_turn: 0,
            pauses: None,
            frozen: Vec::new(),
            most: BTreeMap::new(),
            quiet: false,
            ladders: Ladders::default(),
            writes: 0,
        }
    }

    /// The body a survey was made from, where infield made it and a copy may be made by hand. A lost survey that people
    /// change altogether while they make a copy of what it was is beyond anybody: the copy is taken for it. That is the
    /// known limit of matching by content, and of this simulation.
    pub(crate) fn body_to_copy(&mut self, id: &str) -> Option<Value> {
        let body = self.made.get(id)?.clone();
        let twins = self.made.iter().filter(|(_, other)| **other == body);
        if twins.into_iter().any(|(id, _)| self.rewritten.contains(id)) {
            return None;
        }
        self.copied.insert(body.to_string());
        Some(body)
    }

    /// Whether infield made it and the state does not know it yet.
    pub(crate) fn is_lost(&self, id: &str) -> bool {
        self.made.contains_key(id) && !self.owned().contains(id)
    }

    /// Whether people may work on a survey; not on a lost one that differs from what was sent and has copies.
    pub(crate) fn may_edit(&mut self, id: &str) -> bool {
        !self.kept_in_part.contains(id) || self.may_rewrite(id)
    }

    /// Whether people may change a survey so much that it is not recognised by its content. Notes that they do.
    pub(crate) fn may_rewrite(&mut self, id: &str) -> bool {
        if !self.is_lost(id) {
            return true;
        }
        let copied = self
            .made
            .get(id)
            .is_some_and(|body| self.copied.contains(&body.to_string()));
        if !copied {
            self.rewritten.insert(id.to_owned());
        }
        !copied
    }

    /// The vendor did not keep all of it.
    pub(crate) fn differs_already(&mut self, id: &str) {
        self.kept_in_part.insert(id.to_owned());
    }

    /// What a person finds who looks for the outcome of a lost create: what was made from that body, where it was sent to, and
    /// is nobody's; the last one, where somebody with another state made one before.
    pub(crate) fn found_by_hand(&self, intent: &Intent) -> Option<String> {
        let owned = self.owned();
        let body = intent.body.as_ref()?;
        let path = intent.call.split_once(' ')?.1;
        let Does::Makes { parent } = self.market.does(&http::Method::POST, path, Some(body)) else {
            return None;
        };
        let nobodys = |id: &str| !owned.contains(id) && !self.released.contains(id);
        let found = self
            .made
            .iter()
            .filter(|(id, made)| *made == body && self.made_in.get(*id) == parent.as_ref() && nobodys(id));
        let last = found.max_by_key(|(id, _)| self.born.get(*id));
        last.map(|(id, _)| id.clone())
    }

    /// A person lets go of it.
    pub(crate) fn release(&mut self, id: String) {
        self.released.insert(id);
    }

    /// Surveys infield made so far.
    pub(crate) fn made(&self) -> usize {
        self.made.len()
    }

    /// Checks a write; the first broken promise, if any.
    pub(crate) fn written(&mut self, write: &Write) -> Option<String> {
        self.writes += 1;
        if self.quiet && !self.may_be_wrong() {
            return Some(format!(
                "{} {} in a world that is as wanted",
                write.method, write.path
            ));
        }
        if write.method != "POST" && mentions_template(write.body.as_ref()) {
            return Some(format!("a template was sent by {} {}", write.method, write.path));
        }
        let step = self.step_of(write);
        let takes_out = step.is_none() && self.takes_out(write);
        if step.is_none() && write.sent_at.is_some() && !takes_out {
            return Some(format!("{} {} is in no approved step", write.method, write.path));
        }
        if let Some(broken) = self.key_used(write) {
            return Some(broken);
        }
        if !write.ok {
            return None;
        }
        if let Some(broken) = self.climbs(write) {
            return Some(broken);
        }
        if write.makes {
            if let Some(parent) = write
                .parent
                .as_ref()
                .filter(|parent| !self.owned().contains(*parent))
            {
                return Some(format!(
                    "{} is made inside {parent}, which is not ours",
                    write.path
                ));
            }
            let (Some(id), Some(body)) = (&write.id, &write.body) else {
                return Some("a create without a body or an id".to_owned());
            };
            self.made.insert(id.clone(), body.clone());
            if let Some(parent) = &write.parent {
                self.made_in.insert(id.clone(), parent.clone());
            }
            return self
                .all_known()
                .or_else(|| self.made_beside(write, step.as_ref()));
        }
        if let (Some(id), Some(before), Some(after)) = (&write.id, &write.before, &write.after) {
            // A freeze means what was there when it began, also where an apply beside it lets go of that.
            let frozen = |(_, ids): &(Plan, BTreeMap<Address, String>)| ids.values().any(|other| other == id);
            if !self.owned().contains(id) && !self.pauses.as_ref().is_some_and(frozen) {
                return Some(format!(
                    "{} {} touches a survey that is not ours",
                    write.method, write.path
                ));
            }
            if takes_out {
                return None;
            }
            if let Some(broken) = self.status_moved(id, before, after, step.as_ref()) {
                return Some(broken);
            }
            if let Some(broken) = self.removed(id, (before.phase, after.phase), step.as_ref()) {
                return Some(broken);
            }
            if let Some(broken) = self.stays_frozen(id, (before, after), write.sent_at, step.as_ref()) {
                return Some(broken);
            }
            if let Some(broken) = self.as_reviewed(id, before, after, step.as_ref()) {
                return Some(broken);
            }
            self.grows_unseen(id, before, after);
            if let Some(broken) = self.counters_kept(id, before, after, step.as_ref()) {
                return Some(broken);
            }
        }
        // What is taken out of field is never dearer for it, and is nobody's plan whose money was said.
        let spends = |seen: &Seen| matches!(seen.phase, Phase::Launching | Phase::Live);
        let leaves = |(before, after): (&Seen, &Seen)| spends(before) && !spends(after);
        if takes_out
            || write
                .before
                .as_ref()
                .zip(write.after.as_ref())
                .is_some_and(leaves)
        {
            return None;
        }
        self.within_ceiling()
    }

    /// The address that answers for something.
    fn address_of(&self, id: &str) -> Option<&Address> {
        let mut all = self.state.iter().flat_map(|state| &state.resources);
        all.find(|(_, resource)| resource.id == id)
            .map(|(address, _)| address)
    }

    /// Whether a freeze that began before then means it.
    pub(crate) fn is_frozen(&self, id: &str, then: Timestamp) -> bool {
        self.address_of(id).is_some_and(|address| {
            self.frozen.iter().any(|(name, since)| {
                name.as_ref().is_none_or(|name| address.manifest() == name) && *since < then
            })
        })
    }

    /// A freeze begins.
    pub(crate) fn freezes(&mut self, name: Option<String>, at: Timestamp) {
        self.frozen.push((name, at));
        self.costs_now();
    }

    /// Remembers what each can cost, before an apply or a freeze writes anything: somebody may have raised it by hand.
    pub(crate) fn costs_now(&mut self) {
        let costs = |(id, seen): (&String, &Seen)| Some((id.clone(), most(seen)?));
        self.most = self.mirror.iter().filter_map(costs).collect();
    }

    /// What has another name stays frozen.
    fn stay_frozen(&mut self, before: &Document, next: &Document) {
        for (old, resource) in &before.resources {
            let mut all = next.resources.iter();
            let new = all.find(|(new, other)| other.id == resource.id && new.is_group() == old.is_group());
            let Some((new, _)) = new.filter(|(new, _)| new.manifest() != old.manifest()) else {
                continue;
            };
            let means = |(name, _): &&Frozen| name.as_deref() == Some(old.manifest());
            let since = self.frozen.iter().find(means).map(|(_, since)| *since);
            self.frozen
                .extend(since.map(|since| (Some(new.manifest().to_owned()), since)));
        }
    }

    /// What a freeze catches on its way in field is taken out again by whoever puts it there.
    fn takes_out(&self, write: &Write) -> bool {
        let (Some(id), Some(before), Some(after), Some(at)) =
            (&write.id, &write.before, &write.after, write.sent_at)
        else {
            return false;
        };
        let out = Seen {
            document: before.document.clone(),
            phase: before.phase,
            ..after.clone()
        };
        self.is_frozen(id, at) && after.phase == Phase::Paused && out == *before
    }

    fn stays_frozen(
        &self,
        id: &str,
        (before, after): (&Seen, &Seen),
        sent_at: Option<Timestamp>,
        step: Option<&Step>,
    ) -> Option<String> {
        if !self.is_frozen(id, sent_at?) {
            return None;
        }
        let spends = |seen: &Seen| matches!(seen.phase, Phase::Launching | Phase::Live);
        // A step that makes it cheaper may lower one thing first, and then raise another to no more than what was there.
        let lowers = step
            .and_then(|step| step.adds_exposure)
            .is_some_and(|adds| adds.amount <= Decimal::ZERO);
        let began = self.most.get(id).copied().filter(|_| lowers);
        let then = began.max(most(before));
        let raised = spends(before) && spends(after) && most(after) > then;
        let goes = !spends(before) && spends(after);
        (raised || goes).then(|| format!("survey {id} is frozen, and was put in field or raised"))
    }

    /// Under an approval by name, what is touched and what it may cost are what was reviewed.
    fn as_reviewed(&self, id: &str, before: &Seen, after: &Seen, step: Option<&Step>) -> Option<String> {
        let approved = self.approved.as_ref()?;
        let (reviewed, step) = (approved.reviewed.as_ref()?, step?);
        // A freeze beside it has a plan of its own.
        if !approved.plan.steps.iter().any(|other| other.id == step.id) {
            return None;
        }
        let address = &step.address;
        if !reviewed.intended().any(|other| other.address == *address) {
            return Some(format!("{address} is in no step of the plan that was approved"));
        }
        let ceiling = reviewed.ceilings.get(address).copied().flatten()?;
        let spends =
            matches!(after.phase, Phase::Launching | Phase::Live) && self.address_of(id) == Some(address);
        let more = most(after) > most(before) || before.phase != after.phase;
        let above = most(after).filter(|most| spends && more && *most > ceiling.amount)?;
        Some(format!(
            "{address} may cost {above} USD, {ceiling} were approved by name"
        ))
    }

    /// Promise 6: an idempotency key stands for one request, and while the vendor is at work nothing asks for the same
    /// work under another key.
    fn key_used(&mut self, write: &Write) -> Option<String> {
        let key = write.key.as_ref()?;
        let what = format!("{} {} {:?}", write.method, write.path, write.body);
        let at_work = write
            .before
            .as_ref()
            .is_some_and(|seen| seen.phase == Phase::Launching);
        let other = self
            .keys
            .iter()
            .find(|(other, sent)| *other != key && **sent == what);
        if let (true, true, Some((other, _))) = (at_work, write.ok, other) {
            return Some(format!(
                "{what} was asked for under the keys {other} and {key}, and the vendor is at work"
            ));
        }
        match self.keys.insert(key.clone(), what.clone()) {
            Some(before) if before != what => Some(format!(
                "the key {key} was sent with {before}, and then with {what}"
            )),
            _ => None,
        }
    }

    /// The approved step that holds exactly this call.
    fn step_of(&self, write: &Write) -> Option<Step> {
        let ids: BTreeMap<Address, String> = self
            .state
            .iter()
            .flat_map(|state| &state.resources)
            .map(|(address, resource)| (address.clone(), resource.id.clone()))
            .collect();
        let plans = self.approved.iter().map(|approved| (&approved.plan, &ids));
        plans
            .chain(self.pauses.iter().map(|(plan, ids)| (plan, ids)))
            .flat_map(|(plan, ids)| plan.steps.iter().map(move |step| (step, ids)))
            .find(|(step, ids)| {
                let alternatives = |call: &Call| call.otherwise.as_deref().cloned();
                let calls = step.calls.iter().chain(&step.resumes);
                calls
                    .flat_map(|call| [Some(call.clone()), alternatives(call)])
                    .flatten()
                    .any(|call| {
                        let carried = |header: &str, value: &Option<String>| {
                            call.headers.contains_key(header) == value.is_some()
                        };
                        method(call.method) == write.method
                            // Their values are only known when they are sent.
                            && carried("idempotency-key", &write.key)
                            && carried("if-match", &write.version)
                            && call
                                .resolved(ids)
                                .is_ok_and(|call| call.path == write.path && alike(call.body.map(|body| body.value()).as_ref(), write.body.as_ref()))
                    })
            })
            .map(|(step, _)| step.clone())
    }

    fn status_moved(&mut self, id: &str, before: &Seen, after: &Seen, step: Option<&Step>) -> Option<String> {
        let to = self.market.moved(before, after)?;
        let Some(step) = step else {
            return Some(format!("survey {id} changed its status without a step"));
        };
        // Some changes need a pause of their own.
        let holds = !step.resumes.is_empty();
        let goes = matches!(to, Phase::Launching | Phase::Live);
        let fits = match to {
            Phase::Launching | Phase::Live => holds || matches!(step.action, Action::Launch | Action::Resume),
            Phase::Paused => holds || step.action == Action::Pause,
            Phase::Closed => step.action == Action::Close,
            Phase::Draft => false,
        };
        if !fits {
            return Some(format!(
                "survey {id} went from {} to {} by a step that is to {}",
                before.phase.word(),
                to.word(),
                step.action
            ));
        }
        let wanted = self
            .approved
            .as_ref()
            .and_then(|a| a.desired.surveys.get(&step.address));
        let thaws = self.approved.as_ref().is_some_and(|approved| approved.thaws);
        let lacked = wanted.map(|wanted| self.market.differences(&step.address, wanted, &before.document));
        if !goes {
            if let (true, Phase::Live, Some(lacked)) = (holds, before.phase, lacked) {
                self.held.insert(id.to_owned(), lacked);
            }
            return None;
        }
        if thaws {
            return None;
        }
        let Some(mut lacking) = lacked else {
            return Some(format!("survey {id} went in field without a manifest"));
        };
        if holds {
            // What it was in field without before is for another step, or for nobody.
            let lacked = self.held.remove(id).unwrap_or_default();
            lacking.retain(|what| !lacked.contains(what));
        }
        // What this plan writes right after it, or says that only the next one can.
        let follows = self.approved.as_ref().is_some_and(|approved| {
            let later = approved.plan.steps.iter();
            let mut notes = approved.plan.notes.iter();
            later
                .filter(|later| later.address == step.address && later.action == Action::Update)
                .any(|later| later.depends_on.contains(&step.id))
                || notes.any(|note| note.kind == NoteKind::Blocked && note.address == step.address)
        });
        let document = &before.document;
        lacking.retain(|what| !(follows && self.market.changes_in_field_only(document, what)));
        if self.may_be_wrong() {
            return None;
        }
        (!lacking.is_empty()).then(|| format!("survey {id} went in field although {}", lacking.join("; ")))
    }

    fn counters_kept(&self, id: &str, before: &Seen, after: &Seen, step: Option<&Step>) -> Option<String> {
        let goal = |seen: &Seen| seen.goal.unwrap_or(0);
        let counted = self
            .approved
            .as_ref()
            .and_then(|approved| approved.counted.get(id));
        let known = counted.map_or(0, |(fielded, _)| *fielded);
        if goal(after) != goal(before) && goal(after) < known {
            return Some(format!(
                "the goal of {id} was set to {}, {known} are collected",
                goal(after),
            ));
        }
        let wanted = step.and_then(|step| {
            let survey = self.approved.as_ref()?.desired.surveys.get(&step.address)?;
            survey.spec.quotas.value()
        });
        let ours = step.and_then(|step| {
            let survey = self.state.as_ref()?.resources.get(&step.address)?.survey()?;
            survey.applied.quotas.value()
        });
        let named = |quotas: Option<&infield::model::Quotas>, name: &str| {
            quotas.into_iter().flatten().any(|quota| quota.name == name)
        };
        // Who is asked changes with an approval of its own; where nobody is asked any more it needs none.
        let asked = before.phase == Phase::Closed
            || step.is_some_and(|step| step.guards.contains(&Guard::EditLiveTargeting));
        for quota in &before.quotas {
            let name = quota.name.as_str();
            let fielded = counted
                .and_then(|(_, quotas)| quotas.get(&quota.id))
                .copied()
                .unwrap_or(0);
            let now = after.quotas.iter().find(|other| other.id == quota.id);
            let managed = !name.is_empty() && (named(wanted, name) || named(ours, name));
            match now {
                None if fielded > 0 && (self.market.keeps_quotas() || !asked) => {
                    return Some(format!(
                        "quota {name:?} of {id} is gone with its {fielded} completes"
                    ));
                }
                // What is in the way of what is wanted goes, and the plan has said so.
                None if !managed && says_gone(step, quota.wanted) => {}
                None if !managed => {
                    return Some(format!("quota {} of {id} is not ours and is gone", quota.id));
                }
                Some(now) if !managed && now.wanted != quota.wanted => {
                    return Some(format!("quota {} of {id} is not ours and was changed", quota.id));
                }
                // Zero is how a quota is stopped that is not wanted any more.
                Some(now)
                    if now.wanted != quota.wanted
                        && now.wanted < fielded
                        && (now.wanted > 0 || named(wanted, name)) =>
                {
                    return Some(format!(
                        "quota {name:?} of {id} was set to {}, {fielded} are collected",
                        now.wanted
                    ));
                }
                _ => {}
            }
        }
        let twice = after.quotas.iter().enumerate().find(|(index, quota)| {
            !quota.name.is_empty()
                && after.quotas[..*index]
                    .iter()
                    .any(|other| other.name == quota.name)
        });
        twice.map(|(_, quota)| format!("{id} has the quota {} twice", quota.name))
    }

    /// Surveys the state answers for.
    pub(crate) fn owned(&self) -> BTreeSet<String> {
        let resources = self.state.iter().flat_map(|state| state.resources.values());
        resources
            .filter_map(|resource| Some((resource.id.clone(), resource.survey()?.former.clone())))
            .flat_map(|(id, former)| former.into_iter().chain([id]))
            .collect()
    }

    /// What can still be spent on surveys of ours that are in field, in USD.
    pub(crate) fn at_stake(&self) -> Decimal {
        self.left_of(|phase| phase == Phase::Live)
    }

    /// The same with what is on its way in field, which cannot be called back.
    pub(crate) fn committed(&self) -> Decimal {
        self.left_of(|phase| matches!(phase, Phase::Live | Phase::Launching))
    }

    fn left_of(&self, counts: fn(Phase) -> bool) -> Decimal {
        self.owned()
            .iter()
            .filter_map(|id| self.mirror.get(id))
            .filter(|seen| counts(seen.phase))
            .filter_map(|seen| Some(seen.price? * Decimal::from(seen.left()?)))
            .sum()
    }

    /// A launch whose answer was lost is shown by nobody while the vendor works on it: what is written meanwhile is taken
    /// for an edit of a draft, which costs nothing yet. That is the known limit of launches that are jobs.
    fn grows_unseen(&mut self, id: &str, before: &Seen, after: &Seen) {
        let resources = self.state.iter().flat_map(|state| state.resources.values());
        let known = resources.filter(|resource| resource.id == *id);
        let mut jobs = known.filter_map(|resource| resource.survey()?.job.as_ref());
        let unseen = before.phase == Phase::Launching && jobs.any(|job| job.path.is_none());
        if let (true, Some(approved)) = (unseen, &mut self.approved) {
            let left = |seen: &Seen| seen.price.unwrap_or_default() * Decimal::from(seen.goal.unwrap_or(0));
            approved.ceiling += (left(after) - left(before)).max(Decimal::ZERO);
        }
    }

    fn within_ceiling(&self) -> Option<String> {
        let ceiling = self.approved.as_ref()?.ceiling;
        let stake = self.committed();
        (stake > ceiling && !self.may_be_wrong())
            .then(|| format!("{stake} USD are at stake, {ceiling} were approved"))
    }

    /// Invariant 1.
    fn all_known(&self) -> Option<String> {
        let owned = self.owned();
        let mut lost: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for (id, body) in &self.made {
            if !owned.contains(id) && !self.released.contains(id) && !self.elsewhere.contains(id) {
                lost.entry(body.to_string()).or_default().push(id);
            }
        }
        for (body, ids) in lost {
            let intents = self.state.iter().flat_map(|state| state.intents.values());
            let open = intents
                .filter(|intent| intent.body.as_ref().map(Value::to_string).as_ref() == Some(&body))
                .count();
            if ids.len() > open {
                return Some(format!(
                    "surveys {ids:?} were made from one content, {open} open intents know of it, and no resource does"
                ));
            }
        }
        None
    }

    /// Checks a state that has become durable; the first broken promise, if any.
    pub(crate) fn state_changed(&mut self, before: Option<&Document>, next: &Document) -> Option<String> {
        let broken = before.and_then(|before| self.went_backwards(before, next));
        let broken = broken.or_else(|| self.borders_kept(before, next));
        if let Some(before) = before {
            self.stay_frozen(before, next);
        }
        self.state = Some(next.clone());
        broken.or_else(|| self.all_known())
    }

    /// What is carried out from now on.
    pub(crate) fn approve(&mut self, approved: Approved) {
        let known = |step: &Step| Some(self.state.as_ref()?.resources.get(&step.address)?.id.clone());
        let steps = approved.plan.steps.iter();
        let forgets = steps.filter(|step| matches!(step.record, Record::Forgotten));
        self.forgetting.extend(forgets.filter_map(known));
        self.latest_turn = approved.turn;
        self.approved = Some(approved);
    }

    fn went_backwards(&mut self, before: &Document, next: &Document) -> Option<String> {
        if before.lineage != next.lineage {
            return Some("the state began anew".to_owned());
        }
        if next.serial < before.serial {
            return Some(format!(
                "the state went from {} to {}",
                before.serial, next.serial
            ));
        }
        for (address, old) in &before.resources {
            let Some(old_survey) = old.survey() else {
                if !next.resources.contains_key(address) {
                    return Some(format!("the group {address} was forgotten"));
                }
                continue;
            };
            // It may have another name by now.
            let goes_on = |resource: &&infield::model::Resource| resource.ids().any(|id| id == old.id);
            let elsewhere = next.resources.values().find(goes_on);
            let Some(new) = elsewhere.or_else(|| next.resources.get(address)) else {
                let forgets = self
                    .approved
                    .iter()
                    .flat_map(|a| &a.plan.steps)
                    .any(|step| step.address == *address && matches!(step.record, Record::Forgotten));
                if !forgets && !self.forgetting.contains(&old.id) {
                    return Some(format!("{address} was forgotten, and no step does that"));
                }
                self.released.insert(old.id.clone());
                self.released.extend(old_survey.former.iter().cloned());
                continue;
            };
            let former = new
                .survey()
                .map(|survey| survey.former.as_slice())
                .unwrap_or_default();
            let known = |id: &String| *id == new.id || former.contains(id);
            if !known(&old.id) {
                return Some(format!(
                    "{address} was {} and is {} now, without a trace",
                    old.id, new.id
                ));
            }
            for id in old_survey.former.iter().filter(|id| !known(id)) {
                let status = self.mirror.get(id).map(|seen| seen.phase);
                if status.is_some_and(|status| status != Phase::Closed) {
                    return Some(format!(
                        "{id}, replaced under {address}, is forgotten with status {status:?}"
                    ));
                }
                self.released.insert(id.clone());
            }
        }
        None
    }

    /// What is not as wanted, by address.
    pub(crate) fn unfinished(&self, desired: &Desired) -> BTreeMap<Address, Vec<String>> {
        let mut all = BTreeMap::new();
        for (address, survey) in &desired.surveys {
            let resource = self.state.as_ref().and_then(|state| state.resources.get(address));
            let seen = resource.and_then(|resource| self.mirror.get(&resource.id));
            let wanted = match survey.spec.status {
                Field::Set(status) => Some(status.to_string()),
                Field::Absent | Field::Null => None,
            };
            let mut lacking = match seen {
                // Nothing about a closed survey matters any more.
                Some(seen) if wanted.as_deref() == Some("closed") && seen.phase == Phase::Closed => {
                    Vec::new()
                }
                Some(seen) => {
                    let mut found = self.market.differences(address, survey, &seen.document);
                    // Another state may have written a price that nobody is shown as it was asked for.
                    let moved = self.estranged && self.market.moves_price(&seen.document);
                    found.retain(|what| !(moved && what.starts_with("the price is ")));
                    found
                }
                None if wanted.as_deref() == Some("closed") => Vec::new(),
                None => vec!["it does not exist".to_owned()],
            };
            let status = seen.map(|seen| seen.phase.word());
            if let (Some(wanted), Some(status)) = (wanted, status)
                && wanted != status
            {
                lacking.push(format!("it is {status} instead of {wanted}"));
            }
            if !lacking.is_empty() {
                all.insert(address.clone(), lacking);
            }
        }
        all
    }
}

/// Whether a step says that a quota of nobody's goes that counts so many.
fn says_gone(step: Option<&Step>, wanted: u64) -> bool {
    let mut changes = step.into_iter().flat_map(|step| &step.changes);
    changes.any(|change| {
        let quota = change.path.starts_with("/quotas/") && change.path.ends_with("/completes");
        quota && change.before.as_u64() == Some(wanted) && change.after.as_u64().is_none()
    })
}

/// The most that something can cost, in USD.
fn most(seen: &Seen) -> Option<Decimal> {
    Some(Decimal::from(seen.goal?) * seen.price?)
}

/// Whether a body was sent as planned. Times that are reckoned when it is sent are only known then.
fn alike(planned: Option<&Value>, sent: Option<&Value>) -> bool {
    match (planned, sent) {
        (Some(Value::Object(planned)), Some(Value::String(_))) => planned.contains_key("$soon"),
        (Some(Value::Object(planned)), Some(Value::Object(sent))) => {
            planned.len() == sent.len()
                && planned
                    .iter()
                    .all(|(key, value)| alike(Some(value), sent.get(key)))
        }
        (planned, sent) => planned == sent,
    }
}

fn mentions_template(body: Option<&Value>) -> bool {
    match body {
        Some(Value::Object(map)) => map.contains_key("template_id"),
        Some(Value::Array(items)) => items.iter().any(|item| item["path"] == "/template_id"),
        _ => false,
    }
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}
