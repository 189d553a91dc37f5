//! Plans that are approved by their names: reviewed first, and applied later, while respondents answer, and once more after
//! a crash.

use super::sim::Sabotage;
use super::world::{Permission, World};
use infield::flow::approval::Standing;
use infield::model::{Address, Call};
use infield::plan::{Action, Plan, Step, approval, hash};
use infield::recover::recover;
use infield::report::PlanReport;
use infield::state::{Document, Keeper, Op};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A plan that somebody looked at and approved by its name.
#[derive(Clone)]
pub(super) struct Reviewed {
    pub(super) plan: Plan,
    name: String,
    /// What was asked for besides.
    resume: BTreeSet<Address>,
    /// Completes of everything at that time.
    counted: u64,
    /// Somebody has changed something since, or the vendor lies: it may be refused.
    spoilt: bool,
}

impl World {
    /// What the next apply is allowed: guards, or a plan by its name, perhaps the same as before.
    pub(super) async fn approved_by_name(&mut self) -> Permission {
        let mut permission = self.permission();
        let again = self.random.percent(70);
        if let Some(reviewed) = self.last_reviewed.clone().filter(|_| again) {
            permission.resume.clone_from(&reviewed.resume);
            permission.reviewed = Some(reviewed);
            return permission;
        }
        let spoils = self.sim.sabotage == Some(Sabotage::AnyPlanByName);
        let always = spoils || self.sim.sabotage == Some(Sabotage::CountersInName);
        if !always && !self.random.percent(25) {
            return permission;
        }
        let Some(mut reviewed) = self.review(&permission).await else {
            return permission;
        };
        self.respondents_after_review().await;
        if spoils || self.random.percent(10) {
            self.people_edit();
            reviewed.spoilt = true;
        }
        self.last_reviewed = Some(reviewed.clone());
        permission.reviewed = Some(reviewed);
        permission
    }

    /// What `infield plan` does, for somebody who approves what it shows; nothing where not everything could be read.
    async fn review(&self, permission: &Permission) -> Option<Reviewed> {
        let document = self.durable.document();
        let document = document.unwrap_or_else(|| Document::new("sandbox", String::new()));
        let known = document.known();
        let (readers, _) = self.connect();
        let recoveries = recover(&known, &readers, None).await;
        let planned = self.plan(permission, &readers, &known, &recoveries).await?;
        if !planned.unread.is_empty() {
            return None;
        }
        let name = hash::hash(&planned.plan);
        self.sim.count(|count| count.reviewed += 1);
        self.sim.tell(format!("{name} was reviewed"));
        Some(Reviewed {
            plan: planned.plan,
            name,
            resume: permission.resume.clone(),
            counted: self.completes(),
            spoilt: self.sim.weather().lies > 0,
        })
    }

    fn completes(&self) -> u64 {
        self.sim.checker().mirror.values().map(|seen| seen.fielded).sum()
    }

    async fn respondents_after_review(&mut self) {
        let minutes = *self.random.pick(&[0, 1, 300]);
        tokio::time::sleep(Duration::from_secs(minutes * 60)).await;
        for id in self.sim.in_field() {
            if self.random.percent(70) {
                let completes = self.random.between(1, 15);
                self.sim.collect(&id, completes);
            }
        }
        self.sim.let_time_work();
    }

    /// The name of the plan, where it is the approved one or what is left of it.
    pub(super) async fn stands(
        &self,
        plan: &Plan,
        reviewed: &Reviewed,
        keeper: &Keeper,
        who: &str,
    ) -> Option<String> {
        let state = keeper.document().await;
        let other_counters =
            self.sim.sabotage == Some(Sabotage::CountersInName) && reviewed.counted != self.completes();
        let names = (std::slice::from_ref(&reviewed.name), [].as_slice());
        let standing = match self.sim.sabotage {
            Some(Sabotage::AnyPlanByName) => Standing::Same(reviewed.name.clone()),
            _ => Standing::of(plan, names, Some(&state)),
        };
        match standing {
            Standing::Same(name) if !other_counters => {
                if !plan.is_empty() {
                    let approved = Box::new(approval::of(plan));
                    keeper.commit(vec![Op::Approve { approved }]).await.ok()?;
                }
                self.sim.count(|count| count.carried_out_by_name += 1);
                Some(name)
            }
            Standing::Left(name) if !other_counters => {
                self.sim.count(|count| count.went_on += 1);
                Some(name)
            }
            Standing::Same(_) | Standing::Left(_) | Standing::Other(..) => {
                self.sim.count(|count| count.stale += 1);
                let then = [PlanReport::from(&reviewed.plan)];
                let differ = Standing::of(plan, (names.0, &then), Some(&state));
                self.sim.tell(format!(
                    "{who}: this is not the plan {}: {differ:?}",
                    reviewed.name
                ));
                self.judge_stale(plan, reviewed, &state);
                None
            }
        }
    }

    /// An approved plan whose calls are unchanged is carried out, and so is what is left of one that was begun.
    fn judge_stale(&self, plan: &Plan, reviewed: &Reviewed, state: &Document) {
        let begun = state
            .approved(&reviewed.name)
            .is_some_and(|approved| !approved.covers.is_empty());
        let ids = state.ids();
        let (mut then, mut now) = (sent(&reviewed.plan, &ids), sent(plan, &ids));
        if !begun {
            // A change of who is asked is a step of its own in field, and needs an approval of its own. Once the vendor has
            // ended the field, it is another step with the same call.
            let asks = |plan: &Plan| -> Vec<String> {
                let asks = plan
                    .intended()
                    .filter(|step| step.id.ends_with(":update-targeting"));
                asks.map(|step| step.id.clone()).collect()
            };
            then.extend(asks(&reviewed.plan));
            now.extend(asks(plan));
        }
        let same = if begun { now.is_subset(&then) } else { now == then };
        // What was refused there is in none of its money.
        let refused = |step: &Step| reviewed.plan.held_back.iter().any(|held| held.id == step.id);
        let more = plan.steps.iter().any(|step| step.spends() && refused(step));
        if same && !more && !reviewed.spoilt {
            self.sim.fail(format!(
                "the plan {} was refused, although nothing else would be sent: {now:?}",
                reviewed.name
            ));
        }
    }

    /// Calm weather: what was reviewed is carried out although respondents answer.
    pub(super) async fn by_name_in_calm(&mut self, permission: &Permission) {
        if !self.random.percent(25) {
            return;
        }
        let Some(reviewed) = self.review(permission).await else {
            return;
        };
        self.respondents_after_review().await;
        let permission = Permission {
            reviewed: Some(reviewed),
            ..permission.clone()
        };
        let (applied, count) = self.apply(&permission, "by name").await;
        self.count += count;
        if let Some(applied) = applied {
            self.judge_calm(&applied);
        }
    }
}

/// Everything that a plan sends, in words; with the ids of what exists by now.
fn sent(plan: &Plan, ids: &BTreeMap<Address, String>) -> BTreeSet<String> {
    let words = |address: &Address, call: &Call| {
        let call = call.resolved(ids).unwrap_or_else(|_| call.clone());
        format!("{address}: {:?} {} {:?}", call.method, call.path, call.body)
    };
    // Another deed may send the same: what was to be launched, and is paused by now, would be resumed.
    let deed = |step: &Step| match step.action {
        Action::Resume => " to resume it",
        _ => "",
    };
    let mut all = BTreeSet::new();
    for step in plan.intended() {
        if step.calls.is_empty() {
            all.insert(step.id.clone());
        }
        for call in step.calls.iter().chain(&step.resumes) {
            let ways = std::iter::successors(Some(call), |call| call.otherwise.as_deref());
            all.extend(ways.map(|call| words(&step.address, call) + deed(step)));
        }
    }
    all
}
