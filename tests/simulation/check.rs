//! The independent checker: looks at every write that reaches the vendor and at every state that becomes durable, and
//! says which promise is broken.
//!
//! 1. Every survey infield made is known: to the state as a resource or one that is being replaced, or to an open
//!    intent with the content that was sent. So none is made twice, and none is lost.
//! 2. Nothing is sent that no approved step holds; nothing goes in field before everything its manifest wants is there.
//! 3. The money at stake never exceeds what was there before plus what was approved.
//! 4. A template goes along with the create and with nothing else.
//! 5. The state never goes backwards.
//! 8. Nothing is set below what is collected, nothing collected is removed, and what is not ours is left alone.

use super::vendor::{CLOSED, LIVE, PAUSED, Seen};
use super::wanted::{decimal, differences};
use infield::model::{Address, Desired, Field, Method};
use infield::plan::{Action, Plan, Record, Step};
use infield::state::Document;
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A writing request that reached the vendor.
pub(crate) struct Write {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) ok: bool,
    /// Its sender was gone already.
    pub(crate) late: bool,
    pub(crate) id: Option<String>,
    pub(crate) before: Option<Seen>,
    pub(crate) after: Option<Seen>,
}

/// What the apply under way may do.
pub(crate) struct Approved {
    pub(crate) plan: Plan,
    pub(crate) desired: Desired,
    /// The most that may be at stake meanwhile, in USD.
    pub(crate) ceiling: Decimal,
}

#[derive(Default)]
pub(crate) struct Checker {
    /// Every survey of the account.
    pub(crate) mirror: BTreeMap<String, Seen>,
    /// Surveys made by infield, with the body they were made from.
    made: BTreeMap<String, Value>,
    /// Surveys people made.
    pub(crate) by_hand: BTreeSet<String>,
    /// How often people worked on surveys that infield made and does not know yet.
    edits: BTreeMap<String, u32>,
    /// Surveys infield has let go of on purpose.
    released: BTreeSet<String>,
    state: Option<Document>,
    pub(crate) approved: Option<Approved>,
    /// Nothing may be written any more.
    pub(crate) quiet: bool,
    /// Writing calls seen.
    pub(crate) writes: u64,
}

impl Checker {
    /// The body a survey was made from, where infield made it.
    pub(crate) fn body_of(&self, id: &str) -> Option<Value> {
        self.made.get(id).cloned()
    }

    /// Whether people may work on a survey: on a lost one only so much.
    pub(crate) fn may_edit(&mut self, id: &str) -> bool {
        if !self.made.contains_key(id) || self.owned().contains(id) {
            return true;
        }
        let edits = self.edits.entry(id.to_owned()).or_default();
        *edits += 1;
        *edits <= 2
    }

    /// The vendor did not keep all of it: nobody may make it still harder to recognise.
    pub(crate) fn differs_already(&mut self, id: &str) {
        self.edits.insert(id.to_owned(), 2);
    }

    /// Surveys infield made so far.
    pub(crate) fn made(&self) -> usize {
        self.made.len()
    }

    /// Checks a write; the first broken promise, if any.
    pub(crate) fn written(&mut self, write: &Write) -> Option<String> {
        self.writes += 1;
        if self.quiet {
            return Some(format!(
                "{} {} in a world that is as wanted",
                write.method, write.path
            ));
        }
        if write.method != "POST" && mentions_template(write.body.as_ref()) {
            return Some(format!("a template was sent by {} {}", write.method, write.path));
        }
        let step = self.step_of(write);
        if step.is_none() && !write.late {
            return Some(format!("{} {} is in no approved step", write.method, write.path));
        }
        if !write.ok {
            return None;
        }
        if write.method == "POST" && write.path == "/surveys" {
            let (Some(id), Some(body)) = (&write.id, &write.body) else {
                return Some("a create without a body or an id".to_owned());
            };
            self.made.insert(id.clone(), body.clone());
            return self.all_known();
        }
        if let (Some(id), Some(before), Some(after)) = (&write.id, &write.before, &write.after) {
            if !self.owned().contains(id) {
                return Some(format!(
                    "{} {} touches a survey that is not ours",
                    write.method, write.path
                ));
            }
            if let Some(broken) = self.status_moved(id, before, after, step.as_ref()) {
                return Some(broken);
            }
            if let Some(broken) = self.counters_kept(id, before, after, step.as_ref()) {
                return Some(broken);
            }
        }
        self.within_ceiling()
    }

    /// The approved step that holds exactly this call.
    fn step_of(&self, write: &Write) -> Option<Step> {
        let ids: BTreeMap<Address, String> = self
            .state
            .iter()
            .flat_map(|state| &state.resources)
            .map(|(address, resource)| (address.clone(), resource.id.clone()))
            .collect();
        let approved = self.approved.as_ref()?;
        approved
            .plan
            .steps
            .iter()
            .find(|step| {
                step.calls.iter().any(|call| {
                    method(call.method) == write.method
                        && call
                            .resolved(&ids)
                            .is_ok_and(|call| call.path == write.path && call.body == write.body)
                })
            })
            .cloned()
    }

    fn status_moved(&self, id: &str, before: &Seen, after: &Seen, step: Option<&Step>) -> Option<String> {
        // The vendor pauses by itself what an edit has filled; nobody else's doing, nobody's fault.
        if before.status() == after.status() || (after.status() == PAUSED && before.fielded > 0) {
            return None;
        }
        let Some(step) = step else {
            return Some(format!("survey {id} changed its status without a step"));
        };
        let fits = match after.status() {
            LIVE => matches!(step.action, Action::Launch | Action::Resume),
            PAUSED => step.action == Action::Pause,
            CLOSED => step.action == Action::Close,
            _ => false,
        };
        if !fits {
            return Some(format!(
                "survey {id} went from {} to {} by a step that is to {}",
                before.status(),
                after.status(),
                step.action
            ));
        }
        if after.status() != LIVE {
            return None;
        }
        let Some(wanted) = self
            .approved
            .as_ref()
            .and_then(|a| a.desired.surveys.get(&step.address))
        else {
            return Some(format!("survey {id} went in field without a manifest"));
        };
        let lacking = differences(&wanted.spec, &before.document);
        (!lacking.is_empty()).then(|| format!("survey {id} went in field although {}", lacking.join("; ")))
    }

    fn counters_kept(&self, id: &str, before: &Seen, after: &Seen, step: Option<&Step>) -> Option<String> {
        let goal = |seen: &Seen| seen.document["completes_required"].as_u64().unwrap_or(0);
        if goal(after) != goal(before) && goal(after) < before.fielded {
            return Some(format!(
                "the goal of {id} was set to {}, {} are collected",
                goal(after),
                before.fielded
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
        let named = |quotas: Option<&Vec<infield::model::Quota>>, name: &str| {
            quotas.into_iter().flatten().any(|quota| quota.name == name)
        };
        for quota in before.quotas() {
            let name = quota["buyer_quota_id"].as_str().unwrap_or_default();
            let ps_id = quota["ps_quota_id"].as_str().unwrap_or_default();
            let fielded = before.quotas_fielded.get(ps_id).copied().unwrap_or(0);
            let now = after.quotas().iter().find(|other| other["ps_quota_id"] == ps_id);
            let managed = !name.is_empty() && (named(wanted, name) || named(ours, name));
            let count = |quota: &Value| quota["required_count"].as_u64().unwrap_or(0);
            match now {
                None if fielded > 0 => {
                    return Some(format!(
                        "quota {name:?} of {id} is gone with its {fielded} completes"
                    ));
                }
                None if !managed => return Some(format!("quota {ps_id} of {id} is not ours and is gone")),
                Some(now) if !managed && count(now) != count(quota) => {
                    return Some(format!("quota {ps_id} of {id} is not ours and was changed"));
                }
                // Zero is how a quota is stopped that is not wanted any more.
                Some(now)
                    if count(now) != count(quota)
                        && count(now) < fielded
                        && (count(now) > 0 || named(wanted, name)) =>
                {
                    return Some(format!(
                        "quota {name:?} of {id} was set to {}, {fielded} are collected",
                        count(now)
                    ));
                }
                _ => {}
            }
        }
        None
    }

    /// Surveys the state answers for.
    fn owned(&self) -> BTreeSet<String> {
        let resources = self.state.iter().flat_map(|state| state.resources.values());
        resources
            .filter_map(|resource| Some((resource.id.clone(), resource.survey()?.former.clone())))
            .flat_map(|(id, former)| former.into_iter().chain([id]))
            .collect()
    }

    /// What can still be spent on surveys of ours that are in field, in USD.
    pub(crate) fn at_stake(&self) -> Decimal {
        self.owned()
            .iter()
            .filter_map(|id| self.mirror.get(id))
            .filter(|seen| seen.status() == LIVE)
            .filter_map(|seen| {
                let goal = seen.document["completes_required"].as_u64()?;
                let price = decimal(&seen.document["offer_price"])?;
                Some(price * Decimal::from(goal.saturating_sub(seen.fielded)))
            })
            .sum()
    }

    fn within_ceiling(&self) -> Option<String> {
        let ceiling = self.approved.as_ref()?.ceiling;
        let stake = self.at_stake();
        (stake > ceiling).then(|| format!("{stake} USD are at stake, {ceiling} were approved"))
    }

    /// Invariant 1.
    fn all_known(&self) -> Option<String> {
        let owned = self.owned();
        let mut lost: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for (id, body) in &self.made {
            if !owned.contains(id) && !self.released.contains(id) {
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
        self.state = Some(next.clone());
        broken.or_else(|| self.all_known())
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
            let Some(new) = next.resources.get(address) else {
                let forgets = self
                    .approved
                    .iter()
                    .flat_map(|a| &a.plan.steps)
                    .any(|step| step.address == *address && matches!(step.record, Record::Forgotten));
                if !forgets {
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
                let status = self.mirror.get(id).map(Seen::status);
                if status.is_some_and(|status| status != CLOSED) {
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
                Some(seen) if wanted.as_deref() == Some("closed") && seen.status() == CLOSED => Vec::new(),
                Some(seen) => differences(&survey.spec, &seen.document),
                None if wanted.as_deref() == Some("closed") => Vec::new(),
                None => vec!["it does not exist".to_owned()],
            };
            let status = seen.map(|seen| match seen.status() {
                LIVE => "live",
                PAUSED => "paused",
                CLOSED => "closed",
                _ => "draft",
            });
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
