//! That nobody can spend more than was shown: random surveys (`spend_case`) against a model (`spend_model`) that tries every
//! respondent there could be: now, after the plan, with who takes part meanwhile, when completes are taken back, and after a
//! plan that was interrupted.
//!
//! `INFIELD_MONEY_CASES` says how many cases; some thousand without it. They are spread over all cores.

use crate::spend_case::{Case, Fault, Shown, case, edit, whole, written};
use crate::spend_model::{Dice, Model};
use infield::model::{Field, FieldName, ResourceKind, Status, SurveySpec};
use infield::plan::diff::{Memory, diff};
use infield::plan::{Action, Plan};
use rust_decimal::Decimal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// One survey, one edit, one plan, and what comes of it. An error tells a case in which more can be spent than was shown.
fn one(seed: u64, fault: Fault) -> Result<(), String> {
    let dice = &mut Dice(seed);
    let mut case = case(dice, fault);
    let before = case.before(dice);
    let name = case.address.clone();
    let seen = case.world.seen(name.as_str()).clone();
    let was_live = seen.status == Some(Status::Live);
    let applied = case.world.known.survey(&name).unwrap().applied.clone();
    edit(case.vendor, dice, case.wanted());
    let plan = case.plan();
    let mut shown = Shown::by(&plan, &name);
    if fault == Fault::UnderWay {
        shown.under_way = Decimal::ZERO;
    }
    if was_live && before.cost().is_some() {
        case.hold("now", before.cost(), shown.before, &plan)?;
    }
    let here = plan.steps.iter().filter(|step| step.address == name);
    let does = |action: Action| here.clone().any(|step| step.action == action);
    let goes = does(Action::Launch) || does(Action::Resume);
    let leaves = does(Action::Pause) || does(Action::Close);
    let beside = shown.after + shown.under_way;
    if leaves && was_live {
        return case.hold("stopped", Some(before.cost_inside()), beside, &plan);
    }
    if !goes && !was_live {
        return Ok(());
    }
    let mut after = before.clone();
    if let Some(values) = written(&plan, &name, &whole(&seen, &applied)) {
        after = before.become_(case.vendor, &values, case.suppliers);
    }
    case.hold("afterwards", after.cost(), shown.after, &plan)?;
    if after.price.is_some() {
        case.hold(
            "who takes part afterwards",
            Some(after.cost_inside()),
            beside,
            &plan,
        )?;
    }
    later(&case, after, &shown, &plan, dice)?;
    if was_live {
        interrupted(&mut case, &before, &plan, fault, dice)?;
    }
    Ok(())
}

/// What goes on meanwhile makes it no more: completes are paid, and what is reversed is not. A reversal opens a place in each
/// quota that had counted it.
fn later(case: &Case, mut now: Model, shown: &Shown, plan: &Plan, dice: &mut Dice) -> Result<(), String> {
    let Some(price) = now.price else {
        return Ok(());
    };
    let bound = shown.after + shown.under_way;
    let (mut paid, mut opened) = (Decimal::ZERO, Decimal::ZERO);
    for _ in 0..dice.up_to(8) {
        match dice.up_to(9) {
            0..5 => now.begin(dice),
            5..9 => {
                if now.complete(dice, true) {
                    paid += price;
                }
            }
            _ => {
                if let Some(quotas) = now.reverse(dice) {
                    paid -= price;
                    let places = u64::try_from(quotas.max(1)).unwrap();
                    opened += price * Decimal::from(places * now.let_in(1));
                }
            }
        }
        // Of a budget, what is spent is not spent again.
        let cost = now.cost().filter(|_| now.budget.is_none());
        let cost = cost.map(|cost| (paid + cost).max(paid + now.cost_inside()));
        if now.budget.is_none() {
            case.hold("later", cost, bound + opened, plan)?;
        }
    }
    Ok(())
}

/// A step that was cut off anywhere: what it was about to write is there, or is not. The next plan says no less than can be
/// spent by then.
fn interrupted(
    case: &mut Case,
    before: &Model,
    plan: &Plan,
    fault: Fault,
    dice: &mut Dice,
) -> Result<(), String> {
    let name = case.address.clone();
    let wanted = case.world.desired.surveys[&name].spec.clone();
    let steps = plan
        .steps
        .iter()
        .filter(|step| step.address == name && step.action == Action::Update);
    let hidden: Vec<String> = steps.flat_map(|step| step.hidden.clone()).collect();
    if !plan
        .steps
        .iter()
        .any(|step| step.address == name && step.action == Action::Update)
    {
        return Ok(());
    }
    let known = case.world.known.resources.get_mut(&name).unwrap();
    let ResourceKind::Survey(known) = &mut known.kind else {
        return Ok(());
    };
    let memory = Memory::unsure(case.vendor, known);
    let live = case.world.live.surveys[&name].present().unwrap().clone();
    let edits = diff(&wanted, memory, &live);
    let applied = known.applied.clone();
    if fault != Fault::Interrupted {
        known.about_to_write(Some(&wanted), &hidden);
    }
    // What the marketplace has by then, of which it shows what it always shows.
    let mut there = whole(&live, &applied);
    for edit in edits.fields.iter().filter(|_| dice.percent(50)) {
        there.take(&edit.field, &wanted);
    }
    if !edits.qualifications.is_empty() && dice.percent(50) {
        there.qualifications = Field::Set(wanted.qualifications.value().cloned().unwrap_or_default());
    }
    let mut now = live.clone();
    let mut quotas = there.quotas.value().cloned().unwrap_or_default();
    for quota in wanted.quotas.value().into_iter().flatten() {
        let own = quotas.iter_mut().find(|other| other.name == quota.name);
        let shown = now
            .quotas
            .iter_mut()
            .find(|other| other.name.as_ref() == Some(&quota.name));
        if let (Some(own), Some(shown), true) = (own, shown, dice.percent(50)) {
            if own.criteria != quota.criteria {
                shown.fielded = Some(0);
            }
            (shown.completes, shown.criteria) = (quota.completes, quota.criteria.clone());
            *own = quota.clone();
        }
    }
    there.quotas = Field::Set(quotas);
    let prices = [FieldName::Cpi, FieldName::MaxCpi];
    let hidden = live.spec.cpi.is_absent();
    let hides = |field: &FieldName| hidden && prices.contains(field);
    let shows: Vec<_> = there.mentioned().filter(|field| !hides(field)).collect();
    now.spec = SurveySpec {
        status: live.spec.status.clone(),
        qualifications: Field::Absent,
        quotas: Field::Absent,
        ..there.only(&shows)
    };
    if !live.qualifications.is_absent() {
        now.qualifications = there.qualifications.clone();
    }
    let model = before.become_(case.vendor, &there, case.suppliers);
    case.world
        .live
        .surveys
        .insert(name.clone(), infield::model::Reading::Present(now));
    let plan = case.plan();
    let shown = Shown::by(&plan, &name);
    match model.cost() {
        Some(cost) => case.hold("after an interruption", Some(cost), shown.before, &plan),
        None => Ok(()),
    }
}

/// The first case of so many in which more can be spent than was shown, on every core.
fn found(cases: u64, fault: Fault) -> Option<String> {
    let (next, found) = (AtomicU64::new(0), Mutex::new(None));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= cases || found.lock().unwrap().is_some() {
                        break;
                    }
                    if let Err(told) = one(seed, fault) {
                        *found.lock().unwrap() = Some(told);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

#[test]
fn nobody_can_spend_more_than_was_shown() {
    let cases = std::env::var("INFIELD_MONEY_CASES").ok();
    let cases = cases.map_or(2000, |text| text.parse().unwrap());
    if let Some(told) = found(cases, Fault::None) {
        panic!("{told}");
    }
}

#[test]
fn whatever_is_left_out_of_the_money_is_found() {
    for fault in [
        Fault::Layers,
        Fault::Reversals,
        Fault::Boost,
        Fault::Suppliers,
        Fault::UnderWay,
        Fault::Interrupted,
    ] {
        assert!(found(1000, fault).is_some(), "{fault:?}");
    }
}
