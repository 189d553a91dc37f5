//! The order of work that every command shares: settle what is open, look, plan, check.
//!
//! `plan` looks and shows; `apply` does the same with the state locked, records what was settled, and carries the plan
//! out. Simulations use exactly these functions.

use crate::marketplace::{Reader, Waited};
use crate::model::call::{Followup, Until};
use crate::model::{
    Address, Desired, DesiredSurvey, Field, Known, Live, Move, Quota, Reading, SurveySpec, VendorId,
};
use crate::plan::{
    self, Choices, Drift, GuardRules, Inputs, Marketplaces, Note, NoteKind, OwnRules, Plan, Record,
};
use crate::recover::{Outcome, Recovery, recover};
use crate::refresh::{
    Closer, Look, Parts, Readers, look_closer, moved, read_blocked_transitions, read_name_collisions,
    read_preflight_errors, refresh, touched,
};
use crate::state::{Keeper, StateError};
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What a plan is asked for.
pub struct Request<'a, L = Reader> {
    /// Name of the environment.
    pub environment: &'a str,
    /// What the manifests want.
    pub desired: &'a Desired,
    /// Ways to look.
    pub readers: &'a BTreeMap<VendorId, L>,
    /// The vendors' pure halves.
    pub markets: &'a dyn Marketplaces,
    /// The rules of the environment.
    pub guards: &'a GuardRules,
    /// What the user asked for.
    pub choices: &'a Choices,
    /// The project's own rules.
    pub own_rules: Option<&'a dyn OwnRules>,
    /// The time, for what depends on whether a date lies ahead.
    pub now: Timestamp,
}

impl<'a, L> Request<'a, L> {
    /// What a plan is made from, with what is remembered and what was read.
    pub fn inputs(&self, known: &'a Known, live: &'a Live) -> Inputs<'a> {
        Inputs {
            environment: self.environment,
            desired: self.desired,
            known,
            live,
            guards: self.guards,
            choices: self.choices,
            markets: self.markets,
        }
    }
}

/// A plan, and whether everything it needed could be read.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What could not be read, one line each.
    pub unread: Vec<String>,
    /// What was read.
    pub live: Live,
    /// What was asked for.
    pub choices: Choices,
}

/// A plan that breaks a rule no plan may break: a bug of infield.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this plan is not sound, and nothing was done: {}", .0.join("; "))]
pub struct Unsound(pub Vec<String>);

/// A new goal together with the quotas that infield does not manage: they stay as they are, and the goal must fit them.
/// `None` where the goal stays, or the manifest sets the quotas itself.
fn with_unmanaged_quotas(live: &Live, address: &Address, wanted: &SurveySpec) -> Option<SurveySpec> {
    let seen = live.surveys.get(address)?.present()?;
    let counted = !seen.quotas.is_empty() && !seen.quotas.iter().any(|quota| quota.hidden);
    let moved = !wanted.completes.is_absent() && wanted.completes != seen.spec.completes;
    if !wanted.quotas.is_absent() || !counted || !moved {
        return None;
    }
    let quotas = seen.quotas.iter().map(|quota| Quota {
        name: quota.name.clone().unwrap_or_else(|| quota.id.clone()),
        completes: quota.completes,
        criteria: quota.criteria.clone(),
    });
    Some(SurveySpec {
        quotas: Field::Set(quotas.collect()),
        // Who is let in besides says nothing about sums.
        qualifications: Field::Absent,
        ..wanted.clone()
    })
}

/// The state as it will be once recoveries are recorded and surveys have their new addresses, and those addresses.
fn believed<'a, L>(
    request: &Request<'_, L>,
    known: &'a Known,
    recoveries: &[Recovery],
) -> (Cow<'a, Known>, Vec<Move>) {
    let mut known = Cow::Borrowed(known);
    for recovery in recoveries {
        recovery.apply_to(known.to_mut());
    }
    let moves = plan::moves::moves(request.desired, &known, request.choices.whole_project);
    if !moves.is_empty() {
        known.to_mut().rename(&moves);
    }
    (known, moves)
}

/// How many surveys are counted at first where a limit decides, the dearest ones; then as many again, and so on.
const DEAREST: usize = 16;

/// What has to be looked at: everything, or what is asked for with all that belongs to it.
struct Scope<'a> {
    desired: Cow<'a, Desired>,
    known: Cow<'a, Known>,
    in_part: bool,
}

impl<'a> Scope<'a> {
    /// A limit on the total, or of a tag, is about everything. The rest of a manifest belongs to a part of it; and what has no
    /// manifest may be what was asked for under its old name.
    fn of<L>(request: &Request<'a, L>, known: &'a Known) -> Self {
        let (desired, choices) = (request.desired, request.choices);
        let guards = request.guards;
        let limited = !guards.max_total.is_empty() || !guards.budgets.is_empty();
        if choices.targets.is_empty() || limited {
            return Self {
                desired: Cow::Borrowed(desired),
                known: Cow::Borrowed(known),
                in_part: false,
            };
        }
        let wanted = desired.surveys.keys().chain(desired.groups.keys());
        let all = wanted.chain(known.resources.keys());
        let named: BTreeSet<&str> = all
            .filter(|address| choices.includes(address))
            .map(Address::manifest)
            .collect();
        let meant = |address: &Address| named.contains(address.manifest());
        let has_manifest =
            |address: &Address| desired.surveys.contains_key(address) || desired.groups.contains_key(address);
        let belongs = |address: &Address| meant(address) || !has_manifest(address);
        let mut rest = known.resources.iter().filter(|(address, _)| !belongs(address));
        Self {
            in_part: rest.any(|(_, rest)| rest.survey().is_some_and(|survey| survey.in_field)),
            desired: Cow::Owned(Desired {
                surveys: only(&desired.surveys, meant),
                groups: only(&desired.groups, meant),
                studies: desired.studies.clone(),
                ..Desired::default()
            }),
            known: Cow::Owned(Known {
                resources: only(&known.resources, belongs),
                ..Known::default()
            }),
        }
    }

    async fn refresh<L: Look>(&self, request: &Request<'_, L>, parts: Parts) -> Live {
        let now = Some(request.now);
        refresh(&self.desired, &self.known, request.readers, now, parts).await
    }
}

fn only<T: Clone>(all: &BTreeMap<Address, T>, meant: impl Fn(&Address) -> bool) -> BTreeMap<Address, T> {
    let meant = all.iter().filter(|(address, _)| meant(address));
    meant
        .map(|(address, one)| (address.clone(), one.clone()))
        .collect()
}

/// Looks and plans. `recoveries` are the findings about open creates; those not recorded in `known` yet are applied to
/// a copy, so that a plan shows what an apply would do.
///
/// # Errors
/// When the plan does not pass the audit.
pub async fn make_plan<L: Look>(
    request: &Request<'_, L>,
    known: &Known,
    recoveries: &[Recovery],
) -> Result<Planned, Unsound> {
    let (known, moves) = believed(request, known, recoveries);
    let scope = Scope::of(request, &known);
    let mut live = scope.refresh(request, Parts::Managed).await;
    // What is asked about is what is wanted of a survey at its stage.
    let staged = plan::ladder::settle(&request.inputs(&known, &live));
    let desired = staged.as_ref().unwrap_or(request.desired);
    let resolve = |address: &Address, survey: &DesiredSurvey| {
        if let Some(kept) = with_unmanaged_quotas(&live, address, &survey.spec) {
            return Some(kept);
        }
        let locale = survey.spec.locale.value().cloned().unwrap_or_default();
        let lexicon = live
            .lexicons
            .get(&(survey.vendor, locale))
            .and_then(Reading::present)?;
        request
            .markets
            .of(survey.vendor)
            .resolve(&survey.spec, lexicon)
            .ok()
    };
    let blocked_transitions = read_blocked_transitions(desired, &known, request.readers, &live.surveys).await;
    let asked = match &scope.desired {
        Cow::Borrowed(_) => Cow::Borrowed(desired),
        Cow::Owned(part) => Cow::Owned(Desired {
            surveys: only(&desired.surveys, |address| part.surveys.contains_key(address)),
            ..Desired::default()
        }),
    };
    live.preflight_errors = read_preflight_errors(&asked, &known, request.readers, resolve).await;
    live.blocked_transitions = blocked_transitions;
    let mut plan = plan::plan(&request.inputs(&known, &live));
    let mut looked = Closer::new();
    loop {
        let mut at = touched(&plan);
        let more = |address: &Address, whole: bool| {
            let before = looked.get(address);
            live.surveys.contains_key(address) && before.is_none_or(|before| whole && !before)
        };
        at.retain(|address, whole| more(address, *whole));
        if at.is_empty() {
            let dearest = plan::exposure::dearest_uncounted(&request.inputs(&known, &live), &plan);
            let dearest = dearest.into_iter().filter(|address| more(address, false));
            at = dearest
                .take(looked.len().max(DEAREST))
                .map(|address| (address, false))
                .collect();
        }
        if at.is_empty() {
            break;
        }
        if look_closer(desired, &known, request.readers, &mut live, &at).await {
            plan = plan::plan(&request.inputs(&known, &live));
        }
        looked.extend(at);
    }
    // Nothing is made before it was seen that it is not there yet.
    live.name_collisions = read_name_collisions(&plan, &known, request.readers, &live).await;
    let free = |reading: &Reading<Vec<String>>| reading.present().is_some_and(Vec::is_empty);
    if !live.name_collisions.values().all(free) {
        plan = plan::plan(&request.inputs(&known, &live));
    }
    if let Some(rules) = request.own_rules {
        plan::keep_own_rules(&request.inputs(&known, &live), rules, &mut plan);
    }
    plan.in_part = scope.in_part;
    for recovery in recoveries {
        add_note(&mut plan, recovery);
    }
    for (from, to) in moves {
        if let Some(message) = plan::moves::told(&from, &to, &known) {
            plan.notes.push(Note::new(&to, NoteKind::Moved, message));
        }
        plan.bookkeeping.push((to, Record::Moved { from }));
    }
    plan.notes.sort();
    let findings = plan::audit::audit(&plan);
    if !findings.is_empty() {
        return Err(Unsound(findings));
    }
    let mut unread = unread(&live, request);
    // A vendor of which nothing had to be read is asked all the same before anything is to be written there.
    let written: BTreeSet<VendorId> = plan.steps.iter().map(|step| step.vendor).collect();
    for (vendor, reader) in request
        .readers
        .iter()
        .filter(|(vendor, _)| written.contains(vendor))
    {
        let proven = reader.proven().await;
        unread.extend(proven.err().map(|why| format!("{}: {why}", vendor.name())));
    }
    Ok(Planned {
        plan,
        unread,
        live,
        choices: request.choices.clone(),
    })
}

/// What moved at the vendors, and whether everything could be read.
#[derive(Debug)]
pub struct Looked {
    /// What moved.
    pub drift: Drift,
    /// What could not be read, one line each.
    pub unread: Vec<String>,
    /// What was read.
    pub live: Live,
}

/// Looks, and says what moved since it was left.
pub async fn look_for_drift<L: Look>(
    request: &Request<'_, L>,
    known: &Known,
    recoveries: &[Recovery],
) -> Looked {
    let (known, _) = believed(request, known, recoveries);
    let mut live = Scope::of(request, &known).refresh(request, Parts::All).await;
    let mut drift = plan::drift::find(&request.inputs(&known, &live));
    let at = moved(&drift);
    if look_closer(request.desired, &known, request.readers, &mut live, &at).await {
        drift = plan::drift::find(&request.inputs(&known, &live));
    }
    let unread = unread(&live, request);
    Looked { drift, unread, live }
}

fn add_note(plan: &mut Plan, recovery: &Recovery) {
    match &recovery.outcome {
        Outcome::Made { .. } | Outcome::NotMade | Outcome::Recorded => {
            plan.notes.push(Note::new(
                &recovery.address,
                NoteKind::Advice,
                recovery.describe(),
            ));
        }
        // The plan has blocked the survey already; the reason goes with that note.
        Outcome::TooSoon { .. } | Outcome::Undecided { .. } => {
            let why = recovery.describe();
            for note in &mut plan.notes {
                if note.address == recovery.address && note.kind == NoteKind::Blocked {
                    note.message = format!("{}; {why}", note.message);
                }
            }
        }
    }
}

/// Finds out what became of open creates and records it. Lists that had no time to settle are waited for.
///
/// The state must be locked: that nobody else can send a create any more is what makes an absence in the lists a proof.
/// `tell` hears what was found and what is waited for.
///
/// # Errors
/// When the state cannot be written.
pub async fn settle(
    keeper: &Keeper,
    readers: &Readers,
    tell: &(dyn Fn(&str) + Send + Sync),
) -> Result<Vec<Recovery>, StateError> {
    let mut known = keeper.known().await;
    wait_for_jobs(&known, readers, tell).await;
    if known.intents.is_empty() {
        return Ok(Vec::new());
    }
    let locked = tokio::time::Instant::now();
    let alone_for = || SignedDuration::try_from(locked.elapsed()).ok();
    let mut recoveries = recover(&known, readers, Some(SignedDuration::ZERO)).await;
    let longest = recoveries.iter().filter_map(|recovery| match recovery.outcome {
        Outcome::TooSoon { wait } => Some(wait),
        Outcome::Made { .. } | Outcome::NotMade | Outcome::Recorded | Outcome::Undecided { .. } => None,
    });
    if let Some(wait) = longest.max() {
        let wait = wait.max(SignedDuration::from_secs(1));
        tell(&format!(
            "waiting {} s until the vendor's lists show what was created",
            wait.as_secs()
        ));
        tokio::time::sleep(wait.unsigned_abs()).await;
        known = keeper.known().await;
        recoveries = recover(&known, readers, alone_for()).await;
    }
    for recovery in &recoveries {
        tell(&format!("{}: {}", recovery.address, recovery.describe()));
        let ops = recovery.ops();
        if !ops.is_empty() {
            keeper.commit(ops).await?;
        }
    }
    Ok(recoveries)
}

/// Goes on waiting for work of vendors that an interrupted apply had started. How it ended shows when the plan looks.
async fn wait_for_jobs(known: &Known, readers: &Readers, tell: &(dyn Fn(&str) + Send + Sync)) {
    for (address, resource) in &known.resources {
        let job = resource.survey().and_then(|survey| survey.job.as_ref());
        let (Some(path), Some(reader)) = (
            job.and_then(|job| job.path.clone()),
            readers.get(&resource.vendor),
        ) else {
            continue;
        };
        tell(&format!(
            "{address}: waiting for what an interrupted apply had started"
        ));
        let until = Until::Finished;
        match reader.wait(&Followup { path, until }).await {
            Ok(Waited::Done | Waited::StillGoing) => {}
            Ok(Waited::Failed { why }) => tell(&format!("{address}: the vendor gave up: {why}")),
            Err(error) => tell(&format!("{address}: {error}")),
        }
    }
}

/// Everything that could not be read, one line each.
fn unread<L>(live: &Live, request: &Request<'_, L>) -> Vec<String> {
    fn line<T>(what: &str, reading: &Reading<T>) -> Option<String> {
        match reading {
            Reading::Unknown { why } => Some(format!("{what}: {why}")),
            Reading::Present(_) | Reading::Absent { .. } => None,
        }
    }
    let included = |address: &Address| request.choices.includes(address);
    let surveys = live.surveys.iter().filter(|(address, _)| included(address));
    let groups = live.groups.iter().filter(|(address, _)| included(address));
    let names = live.name_collisions.iter().filter(|(address, _)| {
        let survey = request.desired.surveys.get(*address);
        included(address) && survey.is_some_and(|survey| survey.vendor.facts().looks_for_twins)
    });
    let mut lines = Vec::new();
    lines.extend(surveys.filter_map(|(address, reading)| line(address.as_str(), reading)));
    lines.extend(groups.filter_map(|(address, reading)| line(address.as_str(), reading)));
    lines.extend(
        live.former
            .iter()
            .filter_map(|(id, reading)| line(&format!("survey {id}"), reading)),
    );
    lines.extend(
        live.templates
            .iter()
            .filter_map(|(vendor, reading)| line(&format!("templates of {}", vendor.name()), reading)),
    );
    lines.extend(live.lexicons.iter().filter_map(|((vendor, locale), reading)| {
        line(&format!("questions of {} in {locale}", vendor.name()), reading)
    }));
    lines.extend(names.filter_map(|(address, reading)| line(address.as_str(), reading)));
    lines
}
