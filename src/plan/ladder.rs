//! Staged fieldwork: which stage of its ladder a survey stands on, what was approved of the ladder, and what waits.
//!
//! Promises: pure. A survey stands on the stage that it was told last, or that somebody asks for. It goes on by itself only
//! where the completes of the stage are known to be collected, what the stage asks of the figures holds, and nothing else
//! holds there, one stage after the other; what is not told is not collected, and no check holds of it. Whatever is planned further on wants the counts of that stage and no more. A step up needs the
//! approval of a launch, unless the whole ladder was approved before, at these counts, gates and prices.

use super::approval::above;
use super::change::Change;
use super::collected::earlier;
use super::exposure;
use super::finished::{End, Ended};
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use super::step::{Action, Record, Step};
use crate::model::figures::Check;
use crate::model::guard::Guard;
use crate::model::ladder::{Climb, Ladder, Rung, Terms, Then};
use crate::model::live::Stop;
use crate::model::{
    Address, Desired, Field, KnownSurvey, LiveSurvey, Money, Reading, Status, SurveySpec, VendorId,
};
use rust_decimal::Decimal;
use serde_json::Value;

/// The wanted surveys, each with the counts of the stage that it stands on. `None` where none has stages.
pub fn settle(inputs: &Inputs<'_>) -> Option<Desired> {
    let mut all = inputs.desired.surveys.values();
    let mut desired = all
        .any(|survey| survey.ladder.is_some())
        .then(|| inputs.desired.clone())?;
    for (address, survey) in &mut desired.surveys {
        if let Some(ladder) = &mut survey.ladder {
            let at = standing(inputs, address, survey.vendor, ladder);
            ladder.stand(at, &mut survey.spec);
        }
    }
    Some(desired)
}

/// The stage that a survey stands on.
fn standing(inputs: &Inputs<'_>, address: &Address, vendor: VendorId, ladder: &Ladder) -> usize {
    let asked = inputs.choices.advance.get(address);
    let asked = asked.and_then(|name| ladder.place(name)).unwrap_or(0);
    let Some(known) = inputs.known.survey(address) else {
        return asked;
    };
    let live = inputs.live.surveys.get(address).and_then(Reading::present);
    let got = live.and_then(|live| collected(inputs, address, known, live));
    let told = known.climb.as_ref().and_then(|climb| ladder.place(&climb.rung));
    let told = told.unwrap_or_else(|| found(ladder, known, live, got));
    let mut at = told.max(asked);
    let is_full = |rung: &Rung| live.is_some_and(|live| is_full(vendor, known, live, got, rung));
    let goes_on = |at: usize| {
        let next = ladder.rungs.get(at + 1);
        let rung = ladder.rungs.get(at).filter(|_| next.is_some());
        rung.is_some_and(|rung| {
            rung.then == Then::Continue && is_full(rung) && failing(inputs, address, rung).is_empty()
        })
    };
    while goes_on(at) {
        at += 1;
    }
    at
}

/// What does not hold of what a stage asks for before the next one comes; what is not told does not.
fn failing(inputs: &Inputs<'_>, address: &Address, rung: &Rung) -> Vec<String> {
    let figures = inputs.live.figures.get(address);
    let fails = |check: &Check| {
        let told = figures.and_then(|figures| figures.get(&check.figure));
        let figure = &check.figure;
        match told {
            Some(told) if check.holds(*told) => None,
            Some(told) => {
                let told = told.round_dp(2).normalize();
                Some(format!("{figure} is {told}, and {} is wanted", check.wants()))
            }
            None => Some(format!("{figure} is not told, and {} is wanted", check.wants())),
        }
    };
    rung.when.iter().filter_map(fails).collect()
}

/// The stage of something that has none in the state: no higher than what it was told, and no higher than what is collected
/// of it.
fn found(ladder: &Ladder, known: &KnownSurvey, live: Option<&LiveSurvey>, got: Option<u64>) -> usize {
    if live.is_some_and(|live| live.status == Some(Status::Draft)) {
        return 0;
    }
    let told = known.applied.completes.value().copied().unwrap_or_default();
    let within = |most: u64| ladder.rungs.iter().rposition(|rung| rung.completes <= most);
    let told = within(told).unwrap_or(0);
    let open = |got: u64| ladder.rungs.iter().position(|rung| rung.completes > got);
    got.and_then(open).map_or(told, |open| open.min(told))
}

/// Completes of a survey, those of what it goes on with included; `None` where nobody tells.
fn collected(inputs: &Inputs<'_>, address: &Address, known: &KnownSurvey, live: &LiveSurvey) -> Option<u64> {
    let here = live.fielded.or(inputs.live.counted.get(address).copied())?;
    let before = match known.continues {
        true => earlier(inputs, address).0.completes,
        false => 0,
    };
    Some(here.saturating_add(before))
}

/// Whether a stage is known to be collected: its completes are counted, or else the vendor says that its goal is reached.
fn is_full(vendor: VendorId, known: &KnownSurvey, live: &LiveSurvey, got: Option<u64>, rung: &Rung) -> bool {
    let counts = vendor.facts().counts_completes;
    let confirmed = known
        .finished
        .is_some_and(|finished| finished.goal == rung.completes);
    let told = live.stopped == Some(Stop::GoalReached)
        && live.status != Some(Status::Live)
        && live.spec.completes == Field::Set(rung.completes);
    match got.filter(|_| counts) {
        Some(got) => got >= rung.completes,
        None => told || counts && confirmed,
    }
}

/// What stages come after the one whose goal is told at the vendor, by what is remembered: then its goal is not the end.
pub fn goes_on(known: &KnownSurvey, ended: Ended) -> Ended {
    match known
        .climb
        .as_ref()
        .filter(|climb| Some(climb.whole) > ended.goal)
    {
        Some(climb) if ended.end == End::Done => Ended {
            end: End::SoftLaunch,
            goal: Some(climb.whole),
            ..ended
        },
        _ => ended,
    }
}

/// Whether a ladder was approved: the same stages with the same counts and gates, none of them dearer.
fn covers(approved: &[Terms], now: &[Terms]) -> bool {
    let same = |(then, now): (&Terms, &Terms)| {
        (&then.rung, then.completes, then.then, &then.when) == (&now.rung, now.completes, now.then, &now.when)
            && !above(then.most, now.most)
    };
    approved.len() == now.len() && approved.iter().zip(now).all(same)
}

impl Planner<'_> {
    /// What each stage comes to, with the values that a survey has otherwise.
    fn terms(&self, ladder: &Ladder, after: &SurveySpec) -> Vec<Terms> {
        let terms = |rung: &Rung| Terms {
            rung: rung.name.clone(),
            completes: rung.completes,
            then: rung.then,
            when: rung.when.clone(),
            most: exposure::ceiling(
                self.market,
                &SurveySpec {
                    completes: Field::Set(rung.completes),
                    ..after.clone()
                },
            ),
        };
        ladder.rungs.iter().map(terms).collect()
    }

    /// How far it is on its ladder, with what was approved of that before; nothing where it has none and had none.
    pub(super) fn climb(&self, known: Option<&KnownSurvey>) -> Option<Climb> {
        let before = known.and_then(|known| known.climb.as_ref());
        let Some((ladder, rung)) = self.ladder() else {
            return before.map(|_| Climb::over());
        };
        Some(Climb {
            rung: rung.name.clone(),
            whole: ladder.whole(),
            approved: before.map(|climb| climb.approved.clone()).unwrap_or_default(),
        })
    }

    fn ladder(&self) -> Option<(&Ladder, &Rung)> {
        let ladder = self.desired.ladder.as_ref()?;
        Some((ladder, ladder.rung()?))
    }

    /// Says with a step that is priced already how far it leads, and what is approved with it: all of the ladder, with the
    /// first step that needs the approval of a launch. What was approved needs no further one where `goes_on` says that the
    /// step does nothing but that. Returns what is good to know before the ladder is approved.
    pub(super) fn climbs(&self, step: &mut Step, after: &SurveySpec, goes_on: bool) -> Vec<Note> {
        let known = self.inputs.known.survey(self.address);
        let mut climb = self.climb(known);
        let mut notes = Vec::new();
        if let (Some((ladder, _)), Some(climb)) = (self.ladder(), &mut climb) {
            let now = self.terms(ladder, after);
            let rises = step.adds_exposure.filter(|rise| rise.amount > Decimal::ZERO);
            let covered = covers(&climb.approved, &now);
            // Without a bound nobody has approved how much it is.
            if let Some(rise) = rises.filter(|_| goes_on && covered) {
                step.guards.retain(|guard| *guard != Guard::Launch);
                step.adds_later = Some(Money::new(-rise.amount, rise.currency));
            } else if goes_on && !step.guards.contains(&Guard::Launch) {
                step.guards.push(Guard::Launch);
            }
            step.approved_before = covered && ladder.is_only_climbed(step, goes_on, &now);
            if step.guards.contains(&Guard::Launch) && !covered {
                step.adds_later = later(&now, ladder.at);
                step.changes.extend(approves(&climb.approved, &now));
                notes = self.waits_later(ladder);
                climb.approved = now;
            }
        }
        let record = std::mem::replace(&mut step.record, Record::Forgotten);
        step.record = record.climbing(climb);
        notes
    }

    /// Whether an edit in field raises it to another stage, or to another count of its stage.
    pub(super) fn steps_up(&self, step: &Step) -> bool {
        let up = |change: &Change| {
            change.path.ends_with("/completes") && change.after.as_u64() > change.before.as_u64()
        };
        self.desired.ladder.is_some() && step.action == Action::Update && step.changes.iter().any(up)
    }

    /// Why the counts of a stage are written that is another one than it was told last.
    pub(super) fn up_because(&self, known: &KnownSurvey) -> Option<String> {
        let (ladder, rung) = self.ladder()?;
        let before = &known.climb.as_ref()?.rung;
        let place = ladder.place(before).filter(|place| *place < ladder.at)?;
        let asked = self.inputs.choices.advance.get(self.address);
        Some(match asked.filter(|asked| **asked == rung.name) {
            Some(asked) => format!("--advance asks for the stage `{asked}`"),
            None => format!(
                "the stage `{}` is collected, and `{}` follows",
                ladder.rungs[place].name, rung.name
            ),
        })
    }

    /// What is good to know of stages that wait, before they are approved.
    fn waits_later(&self, ladder: &Ladder) -> Vec<Note> {
        let (facts, name) = (self.desired.vendor.facts(), self.desired.vendor.name());
        let below = || ladder.rungs.iter().filter(|rung| ladder.whole() > rung.completes);
        let holds = below().find(|rung| rung.then == Then::Hold);
        let lapse = holds.zip(facts.lapses.paused);
        let lapse = lapse.map(|(rung, lapse)| {
            format!(
                "the stage `{}` holds until somebody goes on with --advance, and {}",
                rung.name, lapse.rule
            )
        });
        let untold = (!facts.counts_completes && below().next().is_some()).then(|| {
            format!(
                "what {name} counts is not documented: its stages go on with --advance, or once it says that the goal is \
                 reached"
            )
        });
        let notes = lapse.into_iter().chain(untold);
        notes
            .map(|message| self.note(NoteKind::Advice, message).at("/stages"))
            .collect()
    }

    /// The note that a stage is collected and the next one waits for somebody; of what is in field only where it is
    /// collected, of what has ended with how it did.
    pub(super) fn stage_waits(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        ended: Option<&Ended>,
    ) -> Option<Note> {
        let (ladder, rung) = self.ladder()?;
        let next = ladder.next()?;
        let got = collected(self.inputs, self.address, known, live);
        let count = match (ended, got) {
            (_, Some(got)) if got >= rung.completes => format!("has its {} completes", rung.completes),
            (Some(ended), Some(got)) if ended.end != End::Short => {
                format!(
                    "has {got} of its {} completes, and the vendor stopped it",
                    rung.completes
                )
            }
            (Some(ended), None) if ended.end != End::Short => {
                format!("has reached its goal of {} completes", rung.completes)
            }
            _ => return None,
        };
        let (facts, name) = (self.desired.vendor.facts(), self.desired.vendor.name());
        let why = match rung.then {
            Then::Continue if !facts.counts_completes => {
                format!(", because what {name} counts is not documented")
            }
            Then::Continue | Then::Hold => match failing(self.inputs, self.address, rung) {
                none if none.is_empty() => String::new(),
                failing => format!(", because {}", failing.join(" and ")),
            },
        };
        let back = self.back_until(known, live);
        let message = format!(
            "the stage `{}` {count} of {} in all, and waits{why}{back}",
            rung.name,
            ladder.whole()
        );
        let help = format!(
            "`infield apply --advance {}={}` goes on to {} completes",
            self.address, next.name, next.completes
        );
        let note = self.note(NoteKind::SoftLaunchWaiting, message);
        Some(note.help(help).at("/stages"))
    }
}

/// What the stages above one may add to it; `None` where nothing bounds that, or nothing comes.
fn later(terms: &[Terms], at: usize) -> Option<Money> {
    let (whole, here) = (terms.last()?.most?, terms.get(at)?.most?);
    let more = whole.minus(here.amount);
    (whole.currency == here.currency && more.amount > Decimal::ZERO).then_some(more)
}

/// The stages that are approved, as changes of what was approved before.
fn approves(before: &[Terms], now: &[Terms]) -> Vec<Change> {
    let of = |terms: &[Terms], rung: &str| {
        let found = terms.iter().find(|one| one.rung == rung);
        found.map_or(Value::Null, |found| Value::from(found.sentence()))
    };
    let gone = before
        .iter()
        .filter(|old| !now.iter().any(|new| new.rung == old.rung));
    let names = now.iter().chain(gone).map(|terms| &terms.rung);
    names
        .map(|rung| Change::new(format!("/stages/{rung}"), of(before, rung), of(now, rung)))
        .filter(|change| change.before != change.after)
        .collect()
}
