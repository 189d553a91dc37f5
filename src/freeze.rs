//! Taking surveys out of field at once, and back: plans made from the state alone.

use crate::model::known::{Act, PausedBy};
use crate::model::stops::Paused;
use crate::model::{
    Address, Call, Desired, Field, Known, KnownSurvey, Level, Live, LiveSurvey, Money, Pattern, Reading,
    Resource, ResourceKind, Status, VendorId,
};
use crate::plan::exposure::ceiling;
use crate::plan::hours::outside;
use crate::plan::market::StatusChange;
use crate::plan::stake::Fielding;
use crate::plan::{Action, Change, Guard, Marketplaces, Plan, Record, Step};
use crate::refresh::{Parts, Readers, glance, refresh};
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What such a plan is made with.
pub struct Request<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// What is remembered.
    pub known: &'a Known,
    /// Ways to look.
    pub readers: &'a Readers,
    /// The vendors' pure halves.
    pub markets: &'a dyn Marketplaces,
    /// The time.
    pub now: Timestamp,
}

/// What a freeze would do.
#[derive(Debug)]
pub struct Frozen {
    /// One pause per survey in field, the most money at stake first.
    pub plan: Plan,
    /// What it takes out of field, as it is left for whoever thaws it.
    pub paused: Vec<Paused>,
    /// Why surveys could not be read: they may be in field.
    pub unread: BTreeMap<Address, String>,
    /// What is out of field for now already.
    pub out: BTreeSet<Address>,
    /// Calls that pause many of these at once, where vendors take such.
    pub many: Vec<Many>,
}

/// A call that pauses many at once. Whether it did is known only once each was read again.
#[derive(Debug)]
pub struct Many {
    /// Whose.
    pub vendor: VendorId,
    /// The call, its placeholders resolved.
    pub call: Call,
    /// What it is to pause.
    pub addresses: BTreeSet<Address>,
}

impl Frozen {
    /// The steps that one of these calls has pauses of, and the others.
    pub fn parted(&self) -> (Plan, Plan) {
        let by_many = |step: &&Step| {
            self.many
                .iter()
                .any(|many| many.addresses.contains(&step.address))
        };
        let (many, rest): (Vec<_>, Vec<_>) = self.plan.steps.iter().partition(by_many);
        let plan = |steps: Vec<&Step>| Plan {
            environment: self.plan.environment.clone(),
            steps: steps.into_iter().cloned().collect(),
            ..Plan::default()
        };
        (plan(many), plan(rest))
    }

    /// What is left to do of `plan` after calls that paused many of it, by what was read since: nothing but to remember it
    /// where it is out of field, a pause by itself where it is in field still, or could not be read.
    pub fn after_many(&self, mut plan: Plan) -> Plan {
        plan.steps.retain_mut(|step| {
            let still = self.plan.steps.iter().find(|again| again.address == step.address);
            match still {
                Some(again) => *step = again.clone(),
                None if self.out.contains(&step.address) => step.calls.clear(),
                // It ended by itself meanwhile, or is gone: nobody pauses that.
                None => return self.unread.contains_key(&step.address),
            }
            true
        });
        plan
    }
}

/// What is looked at and paused at once, after the first one by itself.
const FEW: usize = 19;

/// Every survey that one of the patterns means.
pub fn meant(known: &Known, patterns: &[Pattern]) -> BTreeSet<Address> {
    let meant = |(address, resource): &(&Address, &Resource)| {
        let named = resource.named(address);
        resource.survey().is_some() && patterns.iter().any(|pattern| pattern.means(&named))
    };
    let found = known.resources.iter().filter(meant);
    found.map(|(address, _)| address.clone()).collect()
}

/// The same in the order in which they are looked at and paused, so that nothing that spends waits until everything was
/// read: what was left in field, first the one that can cost most, then a few, then the rest with all that was left out of
/// field and may be in field all the same.
pub fn batches(request: &Request<'_>, patterns: &[Pattern]) -> Vec<BTreeSet<Address>> {
    let mut rest = meant(request.known, patterns);
    let cost = |address: &Address| {
        let resource = request.known.resources.get(address)?;
        let survey = resource.survey().filter(|survey| survey.in_field)?;
        let holds = Level::of(resource.vendor, address) == Level::Container;
        let most = ceiling(request.markets.of(resource.vendor), &survey.applied);
        (!holds).then(|| (urgency(most), address.clone()))
    };
    let mut spending: Vec<_> = rest.iter().filter_map(cost).collect();
    spending.sort();
    let mut spending = spending.into_iter().map(|(_, address)| address);
    let first: BTreeSet<Address> = spending.by_ref().take(1).collect();
    let few: BTreeSet<Address> = spending.take(FEW).collect();
    rest.retain(|address| !first.contains(address) && !few.contains(address));
    let mut batches = vec![first, few, rest];
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// Plans to pause what is in field of these surveys. Nobody is asked for counters: what is at stake is said without them.
///
/// The survey stays `in field` in the state: it was stopped, not wanted stopped.
pub async fn make_plan(request: &Request<'_>, meant: &BTreeSet<Address>) -> Frozen {
    let all = &request.known.resources;
    // What holds a group is needed to find it.
    let wanted = meant
        .iter()
        .flat_map(|address| [Some(address.clone()), address.parent()]);
    let wanted: BTreeSet<Address> = wanted.flatten().collect();
    let known = wanted
        .iter()
        .filter_map(|address| Some((address.clone(), all.get(address)?.clone())));
    let known = Known {
        resources: known.collect(),
        ..Known::default()
    };
    let live = glance(
        &Desired::default(),
        &known,
        request.readers,
        Some(request.now),
        Parts::All,
    )
    .await;
    let mut steps = Vec::new();
    let (mut unread, mut out) = (BTreeMap::new(), BTreeSet::new());
    for (address, resource) in &known.resources {
        let ResourceKind::Survey(survey) = &resource.kind else {
            continue;
        };
        if !meant.contains(address) {
            continue;
        }
        match live.surveys.get(address) {
            Some(Reading::Present(seen)) if seen.status == Some(Status::Live) => {
                steps.push((
                    pause(request, (address, resource, survey), &live, seen),
                    paused(address, resource, seen),
                ));
            }
            Some(Reading::Unknown { why }) => drop(unread.insert(address.clone(), why.clone())),
            Some(Reading::Present(seen)) if seen.status == Some(Status::Paused) => {
                out.insert(address.clone());
            }
            Some(Reading::Present(_) | Reading::Absent { .. }) | None => {}
        }
    }
    let many = many(request, &known, &live, meant);
    // Equal ones keep the order of names. What only holds groups costs nothing by itself.
    steps.sort_by_key(|(step, _)| {
        let holds = Level::of(step.vendor, &step.address) == Level::Container;
        (holds, urgency(step.adds_exposure))
    });
    let (steps, paused) = steps.into_iter().unzip();
    let plan = Plan {
        environment: request.environment.to_owned(),
        steps,
        ..Plan::default()
    };
    Frozen {
        plan,
        paused,
        unread,
        out,
        many,
    }
}

/// Calls that pause many of what is in field at once.
fn many(request: &Request<'_>, known: &Known, live: &Live, meant: &BTreeSet<Address>) -> Vec<Many> {
    let mut in_field: BTreeMap<VendorId, Vec<(&Address, &LiveSurvey)>> = BTreeMap::new();
    for (address, reading) in &live.surveys {
        let vendor = known.resources.get(address).map(|resource| resource.vendor);
        if let (Some(vendor), Reading::Present(seen)) = (vendor, reading)
            && meant.contains(address)
            && seen.status == Some(Status::Live)
        {
            in_field.entry(vendor).or_default().push((address, seen));
        }
    }
    let ids = known.resources.iter();
    let ids: BTreeMap<Address, String> = ids
        .map(|(address, resource)| (address.clone(), resource.id.clone()))
        .collect();
    let calls = in_field.into_iter().flat_map(|(vendor, surveys)| {
        let calls = request.markets.of(vendor).pause_many(&surveys).into_iter();
        calls.map(move |(call, addresses)| (vendor, call, addresses))
    });
    let resolved = calls.filter_map(|(vendor, call, addresses)| {
        let mut sent = call.resolved(&ids).ok()?;
        if let Some(then) = &call.then {
            sent.then = Some(then.placed(&ids).ok()?);
        }
        let addresses = addresses.into_iter().collect();
        Some(Many {
            vendor,
            call: sent,
            addresses,
        })
    });
    resolved.collect()
}

fn pause(
    request: &Request<'_>,
    (address, resource, survey): (&Address, &Resource, &KnownSurvey),
    live: &Live,
    seen: &LiveSurvey,
) -> Step {
    let market = request.markets.of(resource.vendor);
    let record = in_field(survey).because(Some(PausedBy::now(Act::Freeze)), survey.finished);
    Step {
        changes: vec![Change::status(Some(Status::Live), Status::Paused)],
        calls: market.out_of_field(address, seen, Status::Paused, live.now_at(resource.vendor)),
        ..Step::new(address, resource.vendor, Action::Pause, "frozen by hand", record).ending(
            market,
            seen,
            &survey.applied,
        )
    }
}

fn in_field(survey: &KnownSurvey) -> Record {
    let mut applied = survey.applied.clone();
    applied.status = Field::Set(Status::Live);
    Record::survey(applied, true, survey.policy.clone(), survey.orphaned)
}

/// What is left in the stop mark of something that is taken out of field.
pub fn paused(address: &Address, resource: &Resource, seen: &LiveSurvey) -> Paused {
    Paused {
        address: address.clone(),
        vendor: resource.vendor,
        id: resource.id.clone(),
        times: seen.scheduled,
    }
}

/// What a thaw would do.
#[derive(Debug, Default)]
pub struct Thawed {
    /// One resume per survey that the freeze has paused, what holds groups first.
    pub plan: Plan,
    /// What was read.
    pub live: Live,
    /// What is not resumed any more, with why.
    pub settled: Vec<(Paused, String)>,
    /// What could not be read, one line each.
    pub unread: Vec<String>,
}

/// Plans to resume what freezes have paused, and nothing else.
pub async fn make_thaw(request: &Request<'_>, paused: &[Paused]) -> Thawed {
    let known = request.known;
    let mut thawed = Thawed {
        live: refresh(
            &Desired::default(),
            known,
            request.readers,
            Some(request.now),
            Parts::All,
        )
        .await,
        ..Thawed::default()
    };
    thawed.plan.environment = request.environment.to_owned();
    let mut steps: Vec<(&Paused, Step)> = Vec::new();
    for one in paused {
        let found = known.paused(one);
        let found = found.and_then(|(address, resource)| Some((address, resource, resource.survey()?)));
        let Some((address, resource, survey)) = found else {
            thawed
                .settled
                .push((one.clone(), "it is not in the state any more".to_owned()));
            continue;
        };
        match resume(request, one, (address, resource, survey), &thawed.live) {
            Resume::Step(step) => steps.push((one, *step)),
            Resume::Settled(why) => thawed.settled.push((one.clone(), why)),
            Resume::Unread(why) => thawed.unread.push(format!("{address}: {why}")),
        }
    }
    let back: BTreeSet<Address> = steps.iter().map(|(_, step)| step.address.clone()).collect();
    let mut kept = Vec::new();
    for (one, step) in steps {
        match stays_out(&step, &back, &thawed.live) {
            Some(why) => thawed.settled.push((one.clone(), why)),
            None => kept.push(step),
        }
    }
    let mut steps = kept;
    steps.sort_by_key(|step| step.address.is_group());
    let ids: Vec<(Address, String)> = steps
        .iter()
        .map(|step| (step.address.clone(), step.id.clone()))
        .collect();
    for step in &mut steps {
        let parent = step.address.parent();
        let first = ids.iter().filter(|(address, _)| Some(address) == parent.as_ref());
        step.depends_on.extend(first.map(|(_, id)| id.clone()));
    }
    thawed.plan.steps = steps;
    thawed
}

/// Why a group stays out of field: what holds it is out of field, and does not go back with it.
fn stays_out(step: &Step, back: &BTreeSet<Address>, live: &Live) -> Option<String> {
    let parent = step.address.parent()?;
    if !step.vendor.containers_have_status() || back.contains(&parent) {
        return None;
    }
    let around = live.surveys.get(&parent)?.present()?;
    let noun = step.vendor.noun(Level::Container);
    let out = around.status != Some(Status::Live);
    out.then(|| {
        format!(
            "its {noun} {parent} is {} by now, and no freeze did that",
            around.status_text
        )
    })
}

enum Resume {
    Step(Box<Step>),
    Settled(String),
    Unread(String),
}

fn resume(
    request: &Request<'_>,
    one: &Paused,
    (address, resource, survey): (&Address, &Resource, &KnownSurvey),
    seen: &Live,
) -> Resume {
    let settled = |why: &str| Resume::Settled(why.to_owned());
    let live = match seen.surveys.get(address) {
        Some(Reading::Present(live)) => live,
        Some(Reading::Absent { proof }) => return Resume::Settled(format!("it is gone: {proof}")),
        Some(Reading::Unknown { why }) => return Resume::Unread(why.clone()),
        None => return Resume::Unread("it was not read".to_owned()),
    };
    if live.status == Some(Status::Live) {
        return settled("it is in field already");
    }
    if survey.orphaned {
        return settled("its manifest is gone by now, so it stays out of field");
    }
    if !survey.in_field {
        let why = "it is wanted out of field by now, or was put there by hand";
        let name =
            format!("`infield apply --resume {address}` puts it back where its manifest wants it in field");
        return Resume::Settled(format!("{why}: {name}"));
    }
    let hours = survey.climb.as_ref().and_then(|climb| climb.hours.as_ref());
    let now = seen.now_at(resource.vendor);
    if hours.is_some_and(|hours| now.is_none_or(|now| !hours.is_open(now))) {
        let why = outside(hours, now);
        let name = format!("`infield apply --resume {address}` puts it back in field within them");
        return Resume::Settled(format!("it is {why}; {name}"));
    }
    if live.status != Some(Status::Paused) {
        return Resume::Settled(format!("it is {} by now, not paused", live.status_text));
    }
    let market = request.markets.of(resource.vendor);
    if let Err(refusal) = market.transition(Status::Paused, Status::Live) {
        return Resume::Unread(refusal.message);
    }
    let mut after = live.spec.over(&survey.applied);
    after.start = Field::Absent;
    if let Some(times) = one.times {
        (after.start, after.end) = (Field::Set(times.start), Field::Set(times.end));
    }
    let calls = market.set_status(&StatusChange {
        address,
        id: &live.id,
        live: Some(live),
        after: &after,
        to: Status::Live,
        as_of: now,
    });
    let stake = Fielding::shown(resource.vendor, live, &survey.applied).stake(market);
    let step = Step {
        changes: vec![Change::status(Some(Status::Paused), Status::Live)],
        calls,
        guards: vec![Guard::Launch],
        adds_exposure: stake.map(|stake| stake.most),
        ..Step::new(
            address,
            resource.vendor,
            Action::Resume,
            "a freeze had paused it",
            in_field(survey),
        )
    };
    Resume::Step(Box::new(step.at_stake(stake.map(|stake| stake.ended()), stake)))
}

/// The order of the pauses: first surveys of unknown cost, because the vendor makes their price, then the most money.
fn urgency(ended: Option<Money>) -> (bool, Reverse<Decimal>) {
    (
        ended.is_some(),
        Reverse(ended.map_or(Decimal::ZERO, |money| money.amount.abs())),
    )
}

#[cfg(test)]
mod tests;
