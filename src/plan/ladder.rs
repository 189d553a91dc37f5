//! Staged fieldwork: which stage of its ladder a survey stands on, what was approved of the ladder, and what waits.
//!
//! Promises: pure. A survey stands on the stage that it was told last, or that somebody asks for. It goes on by itself only
//! where the completes of the stage are known to be collected, what the stage asks of the figures holds, and nothing else
//! holds there, one stage after the other; what is not told is not collected, and no check holds of it. Whatever is planned
//! further on wants the counts of that stage and no more. A step up needs the approval of a launch, unless the whole ladder
//! was approved before, with these hours, at these counts, gates and prices. Marketplaces that field a survey together stand
//! on one stage.

mod team;

use super::approval::above;
use super::change::Change;
use super::collected::goal;
use super::exposure;
use super::finished::{End, Ended};
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::pace;
use super::planner::Planner;
use super::step::{Action, Record, Step};
use super::study::parts::studies;
use crate::model::guard::Guard;
use crate::model::ladder::{Climb, Ladder, Rung, Terms, Then, lasting};
use crate::model::{Address, Desired, Field, KnownSurvey, LiveSurvey, Money, Study, SurveySpec};
use rust_decimal::Decimal;
use serde_json::Value;
use team::Team;

/// The wanted surveys, each with the counts of the stage and the day that it stands on. `None` where none has stages or a
/// pace.
pub fn settle(inputs: &Inputs<'_>) -> Option<Desired> {
    let mut all = inputs.desired.surveys.values();
    let mut desired = all
        .any(|survey| survey.ladder.as_ref().is_some_and(Ladder::is_partial))
        .then(|| inputs.desired.clone())?;
    let studies = studies(inputs);
    for (address, wanted) in &inputs.desired.surveys {
        let partial = wanted.ladder.as_ref().is_some_and(Ladder::is_partial);
        let Some(team) = Team::of(inputs, &studies, address, wanted).filter(|_| partial) else {
            continue;
        };
        let at = team.standing();
        if let Some(survey) = desired.surveys.get_mut(address)
            && let Some(ladder) = &mut survey.ladder
        {
            ladder.stand(at, &mut survey.spec);
            pace::settle(inputs, address, survey.vendor, ladder, &mut survey.spec);
        }
        // What marketplaces share is what is wanted at the stage.
        let study = desired.studies.get_mut(&Address::survey(address.manifest()));
        let lot = address.group_name().unwrap_or(Study::ONLY);
        if let Some(study) = study
            && let (Some(ladder), Some(lot)) = (study.ladders.get_mut(lot), study.lots.get_mut(lot))
        {
            ladder.at = at;
            *lot = lot.at(ladder, at);
        }
    }
    Some(desired)
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
fn covers<'a>(approved: &'a [Terms], now: &'a [Terms]) -> bool {
    let same = |(then, now): (&'a Terms, &'a Terms)| {
        let gate = |terms: &'a Terms| {
            (
                &terms.rung,
                terms.completes,
                terms.then,
                &terms.when,
                terms.minutes,
            )
        };
        gate(then) == gate(now) && !above(then.most, now.most)
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
            minutes: rung.minutes,
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
        // What was approved was approved with its hours and its pace.
        let approved = before.filter(|climb| climb.hours == ladder.hours && climb.pace == ladder.pace);
        Some(Climb {
            rung: rung.name.clone(),
            whole: ladder.whole(),
            since: before
                .filter(|climb| climb.rung == rung.name)
                .and_then(|climb| climb.since),
            approved: approved.map(|climb| climb.approved.clone()).unwrap_or_default(),
            hours: ladder.hours.clone(),
            pace: ladder.pace.clone(),
            day: ladder.day,
        })
    }

    /// Whether everything that its ladder and its hours lead to was approved with a launch.
    pub(super) fn is_approved(&self, known: Option<&KnownSurvey>, after: &SurveySpec) -> bool {
        let now = self.ladder().map(|(ladder, _)| self.terms(ladder, after));
        let climb = self.climb(known);
        now.zip(climb)
            .is_some_and(|(now, climb)| covers(&climb.approved, &now))
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
            // What one marketplace has collected beyond its share counts there, and lets nobody in.
            let same = step
                .money
                .is_some_and(|money| money.after.amount <= money.before.amount);
            let nothing = step.action == Action::Update && covered && same;
            // More than its share was not approved, although the whole is.
            let within = goal(after) <= ladder.rung().map_or(0, |rung| rung.completes);
            // Without a bound nobody has approved how much it is.
            if let Some(rise) = rises.filter(|_| goes_on && covered && within) {
                step.guards.retain(|guard| *guard != Guard::Launch);
                step.adds_later = Some(Money::new(-rise.amount, rise.currency));
            } else if goes_on && !nothing && !step.guards.contains(&Guard::Launch) {
                step.guards.push(Guard::Launch);
            }
            step.approved_before = covered && ladder.is_only_climbed(step, goes_on, &now);
            if step.guards.contains(&Guard::Launch) && !covered {
                step.adds_later = later(&now, exposure::ceiling(self.market, after));
                if ladder.is_staged() {
                    step.changes.extend(approves(&climb.approved, &now));
                }
                step.changes.extend(rhythm(known, ladder));
                notes = self.waits_later(ladder);
                notes.extend(self.hours_later(now.iter().all(|terms| terms.most.is_some())));
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
        let Some(place) = ladder.place(before).filter(|place| *place < ladder.at) else {
            return self.day_because(known);
        };
        let asked = self.inputs.choices.advance.get(self.address);
        if let Some(asked) = asked.filter(|asked| **asked == rung.name) {
            return Some(format!("--advance asks for the stage `{asked}`"));
        }
        let left = &ladder.rungs[place];
        let team = Team::of(
            self.inputs,
            &self.inputs.desired.studies,
            self.address,
            self.desired,
        )?;
        let full = team
            .ladder
            .rungs
            .get(place)
            .is_some_and(|rung| team.is_full(rung));
        let how = match left.minutes.filter(|_| !full) {
            Some(minutes) => format!("has lasted {}", lasting(minutes)),
            None => "is collected".to_owned(),
        };
        Some(format!(
            "the stage `{}` {how}, and `{}` follows",
            left.name, rung.name
        ))
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
                "what {name} counts is not documented: its stages go on with --advance, by time, or once it says that the \
                 goal is reached"
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
        if let Some(waits) = self.day_waits(known, live, ended) {
            return Some(waits);
        }
        let (own, _) = self.ladder()?;
        let team = Team::of(
            self.inputs,
            &self.inputs.desired.studies,
            self.address,
            self.desired,
        )?;
        let (rung, next) = (team.ladder.rungs.get(own.at)?, team.ladder.rungs.get(own.at + 1)?);
        let counted = self.inputs.live.counted.get(self.address).copied();
        let got = match team.is_several() {
            true => team.told(),
            false => team.told().or(live.fielded).or(counted),
        };
        let together = if team.is_several() {
            " at all marketplaces"
        } else {
            ""
        };
        let whole = format!("of {} in all{together}", team.ladder.whole());
        let wanted = rung.completes;
        let over = rung.minutes.filter(|_| team.is_over(own.at, rung));
        let ended = ended.filter(|ended| ended.end != End::Short);
        let known_full = team.is_full(rung);
        let full = known_full || got >= Some(wanted);
        let (count, waits) = match (ended, got) {
            _ if full => (format!("has its {wanted} completes {whole}"), true),
            _ if let Some(minutes) = over => (format!("has lasted {}", lasting(minutes)), true),
            // The others go on collecting it.
            (Some(ended), got) if team.is_several() => {
                let got = got.map_or_else(
                    || "not all tell how many completes".to_owned(),
                    |got| format!("{got}"),
                );
                let part = ended.goal.map_or_else(String::new, |goal| format!("{goal} "));
                (
                    format!("has its {part}completes here, and {got} of {wanted} at all marketplaces"),
                    false,
                )
            }
            (Some(_), Some(got)) => (
                format!("has {got} of its {wanted} completes, and the vendor stopped it {whole}"),
                true,
            ),
            (Some(_), None) => (
                format!("has reached its goal of {wanted} completes {whole}"),
                true,
            ),
            (None, _) => return None,
        };
        let (facts, name) = (self.desired.vendor.facts(), self.desired.vendor.name());
        let why = match rung.then {
            _ if !waits => String::new(),
            Then::Continue if !known_full && over.is_none() && !facts.counts_completes && !live.counts => {
                format!(", because what {name} counts is not documented")
            }
            Then::Continue | Then::Hold => match team.failing(own.at, rung) {
                none if none.is_empty() => String::new(),
                failing => format!(", because {}", failing.join(" and ")),
            },
        };
        let back = self.back_until(known, live);
        let waits = if waits { ", and waits" } else { "" };
        let message = format!("the stage `{}` {count}{waits}{why}{back}", rung.name);
        let help = format!(
            "`infield apply --advance {}={}` goes on to {} completes",
            self.climbs_as(&team),
            next.name,
            next.completes
        );
        let note = self.note(NoteKind::SoftLaunchWaiting, message);
        Some(note.help(help).at("/stages"))
    }

    /// The name under which stages are asked for: of several marketplaces that of their survey.
    fn climbs_as(&self, team: &Team<'_>) -> Address {
        match self.address.group_name() {
            _ if !team.is_several() => self.address.clone(),
            Some(Study::ONLY) | None => Address::survey(self.address.manifest()),
            Some(_) => self.address.alone(),
        }
    }
}

/// What later stages and days may add to what it costs `here`; `None` where nothing bounds that, or nothing comes.
fn later(terms: &[Terms], here: Option<Money>) -> Option<Money> {
    let (whole, here) = (terms.last()?.most?, here?);
    let more = whole.minus(here.amount);
    (whole.currency == here.currency && more.amount > Decimal::ZERO).then_some(more)
}

/// The hours and the pace that are approved, as changes of those that were approved before.
fn rhythm(known: Option<&KnownSurvey>, ladder: &Ladder) -> impl Iterator<Item = Change> {
    fn text(told: Option<&impl ToString>) -> Value {
        told.map_or(Value::Null, |told| Value::from(told.to_string()))
    }
    let before = known.and_then(|known| known.climb.as_ref());
    let before = before.filter(|climb| !climb.approved.is_empty());
    let hours = text(before.and_then(|climb| climb.hours.as_ref()));
    let pace = text(before.and_then(|climb| climb.pace.as_ref()));
    let changes = [
        Change::new("/windows", hours, text(ladder.hours.as_ref())),
        Change::new("/pace", pace, text(ladder.pace.as_ref())),
    ];
    changes.into_iter().filter(|change| change.before != change.after)
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
