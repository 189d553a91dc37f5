//! How far a survey in field got, and what to think of it: numbers → verdict.
//!
//! Promises: pure; what a vendor does not tell stays unknown and is never taken for zero; no verdict about the pace is
//! made without a start, an end and a count; the same numbers at the same time give the same verdict. Reading is left to
//! `refresh`, showing to `report`, the time to whoever asks.

mod alarm;
mod forecast;
mod layers;
mod parts;
mod recent;
mod stage;
mod verdict;

use crate::model::known::Act;
use crate::model::ladder::Climb;
use crate::model::{
    Address, Alarms, Field, KnownSurvey, Links, LiveSurvey, Money, Performance, Reading, Status, VendorId,
};
use crate::plan::diff::{Memory, filled};
use crate::plan::finished::{self, End, Ended};
use crate::plan::hours::outside;
use crate::plan::ladder;
use forecast::Time;
use jiff::{SignedDuration, Timestamp};
use parts::rounded;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use alarm::price as price_alarm;
pub use forecast::{Forecast, Outlook};
pub use parts::{Detail, Interval, Promise, QuotaFieldwork};
pub use recent::{Past, Series};
pub use stage::Stage;
pub use verdict::{Facts, Verdict, judge};

/// One survey or group: what was promised, what came, and what to think of it. `null` is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fieldwork {
    /// Its name in the project.
    pub address: Address,
    /// Where it is fielded.
    pub vendor: VendorId,
    /// The vendor's id.
    pub id: Option<String>,
    /// The vendor's word for its status.
    pub status: Option<String>,
    /// What to think of it.
    pub verdict: Verdict,
    /// Why, in words.
    pub why: String,
    /// Completes collected.
    pub completes: Option<u64>,
    /// Completes wanted.
    pub goal: Option<u64>,
    /// The stage of its ladder that it is on, where it is fielded in stages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// Quotas of every origin.
    pub quotas: Vec<QuotaFieldwork>,
    /// Respondents who qualify, percent.
    pub incidence_rate: Promise,
    /// Length of the interview, minutes.
    pub length_of_interview: Promise,
    /// Respondents who left in the middle, in percent of those who began.
    #[schemars(with = "Option<String>")]
    pub drop_off: Option<Decimal>,
    /// Respondents who were sent away for their quality, in percent of those who began.
    #[schemars(with = "Option<String>")]
    pub quality_terminations: Option<Decimal>,
    /// What the completes so far cost.
    pub cost: Option<Money>,
    /// What it will have cost at its end, as forecast; where nothing can be forecast, when the goal is reached.
    pub projected_cost: Option<Money>,
    /// When it went in field.
    #[schemars(with = "Option<String>")]
    pub started: Option<Timestamp>,
    /// When it goes out of field.
    #[schemars(with = "Option<String>")]
    pub ends: Option<Timestamp>,
    /// Days until then, begun ones counted.
    pub days_left: Option<u64>,
    /// Until when it can be put back in field, where the vendor ends what is out of it.
    #[schemars(with = "Option<String>")]
    pub resume_by: Option<Timestamp>,
    /// What the vendor is about to end, and by which rule.
    pub warning: Option<String>,
    /// Completes collected, in percent of those that an even pace would have brought by now.
    pub pace: Option<u64>,
    /// What it will end with if it goes on as it went.
    pub forecast: Option<Forecast>,
    /// Figures that are worse than what was promised, in words.
    pub alarms: Vec<String>,
    /// What of this rests on something that no document of the vendor says.
    pub assumed: Option<String>,
    /// What of this could not be read, and why.
    pub unread: Option<String>,
    /// Where somebody tries it out, where the vendor shows that.
    #[serde(default, skip_serializing_if = "Links::is_none")]
    pub links: Links,
    /// What else the vendor tells, in its own words; only where it was asked for by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
    /// Completes over time as the vendor tells them, oldest first; only where it was asked for by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<Interval>,
    /// Completes over the time in field, as far as they were seen, until now; for pictures.
    #[serde(skip)]
    pub curve: Series,
}

/// What a survey is looked at with.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    /// How far figures may be from what was promised.
    pub limits: &'a Alarms,
    /// What earlier looks saw of it.
    pub past: &'a Past,
    /// What time it is.
    pub now: Timestamp,
}

impl Fieldwork {
    /// What comes first where the most pressing does: the verdict, then what its worst part will miss.
    pub fn trouble(&self) -> (Verdict, bool, u64, Address) {
        let share = |goal: Option<u64>, forecast: Option<Forecast>| {
            let (end, goal) = (u128::from(forecast?.completes), u128::from(goal?));
            u64::try_from((end * 1000).checked_div(goal)?).ok()
        };
        let quotas = self.quotas.iter().filter(|quota| quota.is_open());
        let parts = quotas.map(|quota| share(quota.goal, quota.forecast));
        let worst = parts.chain([share(self.goal, self.forecast)]).flatten().min();
        (
            self.verdict,
            self.alarms.is_empty(),
            worst.unwrap_or(u64::MAX),
            self.address.clone(),
        )
    }

    /// Whether somebody should look.
    pub fn needs_a_look(&self) -> bool {
        self.verdict.needs_a_look() || !self.alarms.is_empty() || self.warning.is_some()
    }

    /// How long it is still in field, from the last moment that was seen.
    pub fn left(&self) -> Option<SignedDuration> {
        let (now, _) = self.curve.last()?;
        Some(self.ends?.duration_since(*now)).filter(|left| *left > SignedDuration::ZERO)
    }

    /// How much of the time in field is over, in thousandths; until the last moment that was seen.
    pub fn passed(&self) -> Option<u64> {
        let (start, end, (now, _)) = (self.started?, self.ends?, self.curve.last()?);
        let whole = end.duration_since(start).as_secs();
        let passed = now.duration_since(start).as_secs().clamp(0, whole.max(0));
        u64::try_from(passed.checked_mul(1000)?.checked_div(whole)?).ok()
    }

    /// What is not made yet.
    pub fn unmade(address: Address, vendor: VendorId) -> Self {
        Self {
            address,
            vendor,
            id: None,
            status: None,
            verdict: Verdict::Unmade,
            why: "`infield apply` makes it".to_owned(),
            completes: None,
            goal: None,
            stage: None,
            quotas: Vec::new(),
            incidence_rate: Promise::default(),
            length_of_interview: Promise::default(),
            drop_off: None,
            quality_terminations: None,
            cost: None,
            projected_cost: None,
            started: None,
            ends: None,
            days_left: None,
            resume_by: None,
            warning: None,
            pace: None,
            forecast: None,
            alarms: Vec::new(),
            assumed: None,
            unread: None,
            links: Links::default(),
            details: Vec::new(),
            intervals: Vec::new(),
            curve: Series::new(),
        }
    }

    /// What was read of something that state knows under this id.
    pub fn read(
        address: Address,
        vendor: VendorId,
        id: &str,
        known: &KnownSurvey,
        reading: &Reading<LiveSurvey>,
        lens: &Lens<'_>,
    ) -> Self {
        let blank = Self {
            id: Some(id.to_owned()),
            ..Self::unmade(address, vendor)
        };
        match reading {
            Reading::Present(live) => blank.filled(known, live, lens),
            Reading::Absent { proof } => Self {
                verdict: Verdict::Gone,
                why: proof.clone(),
                ..blank
            },
            Reading::Unknown { why } => Self {
                verdict: Verdict::Unread,
                why: why.clone(),
                ..blank
            },
        }
    }

    fn filled(self, known: &KnownSurvey, live: &LiveSurvey, lens: &Lens<'_>) -> Self {
        let now = lens.now;
        let (shown, applied) = (&live.spec, &known.applied);
        let nothing = Performance::default();
        let told = live.performance.as_ref().unwrap_or(&nothing);
        let details = told.details.clone().unwrap_or_default();
        let own_past = recent::cumulated(&details.intervals);
        // What was looked at before is finer than what the vendor keeps.
        let whole_past = match lens.past.whole.is_empty() {
            true => &own_past,
            false => &lens.past.whole,
        };
        let goal = either(&shown.completes, &applied.completes);
        let memory = Memory::unsure(self.vendor, known);
        let started = told.started.filter(|_| live.status != Some(Status::Draft));
        let ends = shown.end.value().copied().or(told.ends).or_else(|| {
            let days = either(&shown.field_days, &applied.field_days)?;
            let hours = i64::try_from(days).ok()?.checked_mul(24)?;
            started?.checked_add(SignedDuration::from_hours(hours)).ok()
        });
        let time = (live.status == Some(Status::Live))
            .then(|| Time::new(started?, ends?, now))
            .flatten();
        let outlook = |completes: Option<u64>, goal: Option<u64>, past: Option<&Series>| {
            time?.outlook(completes?, goal?, past.map_or(&[], Vec::as_slice))
        };
        let live_quotas = filled(&live.quotas, &applied.quotas, memory);
        let quotas: Vec<QuotaFieldwork> = live_quotas
            .iter()
            .map(|quota| {
                let goal = (!quota.hidden).then_some(quota.completes);
                let name = quota.name.clone().unwrap_or_else(|| quota.id.clone());
                let outlook = outlook(quota.fielded, goal, lens.past.quotas.get(&name));
                QuotaFieldwork {
                    goal,
                    completes: quota.fielded,
                    pace: outlook.map(|outlook| outlook.pace),
                    forecast: outlook.map(|outlook| outlook.forecast),
                    name,
                }
            })
            .collect();
        let whole = outlook(live.fielded, goal, Some(whole_past)).map(|outlook| Outlook {
            forecast: layers::within(outlook.forecast, goal, &live_quotas, &quotas),
            ..outlook
        });
        let ended = finished::ended(self.vendor, known, live, None, Some(now));
        let paced = known.climb.as_ref().and_then(|climb| paced(climb, ended?));
        let ended = ended.filter(|_| paced.is_none());
        let ended = ended.map(|ended| ladder::goes_on(known, ended));
        let hours = known.climb.as_ref().and_then(|climb| climb.hours.as_ref());
        let own_act = match known.paused_by.filter(|by| by.act == Act::Hours).and(hours) {
            Some(hours) if hours.is_open(now) => {
                Some("its hours, which are open: the next apply puts it back in field".to_owned())
            }
            Some(hours) => Some(format!("infield: it is {}", outside(Some(hours), Some(now)))),
            None => paced.or_else(|| finished::own_act(known)),
        };
        let lapse = lapse(self.vendor, (known, live), told, ended, now);
        let facts = Facts {
            ended,
            left_in_field: known.in_field,
            own_act: own_act.as_deref(),
            hours,
            vendor: self.vendor,
            status: live.status,
            status_text: &live.status_text,
            reason: live.status_reason.as_deref(),
            completes: live.fielded,
            goal,
            outlook: whole,
            quotas: &quotas,
            started,
            ends,
            last_complete: told.last_complete.or(details.last_complete),
            unread: told.unread.as_deref(),
            now,
        };
        let reached = ended.is_some_and(|ended| ended.end != finished::End::Short);
        let counted = (live.fielded, reached);
        let stage = stage::of((&self.address, self.vendor), known, told, counted, now);
        let stage = stage.filter(|_| live.status != Some(Status::Draft));
        let (verdict, why) = verdict::on_stage(judge(&facts), stage.as_ref());
        let promise = |shown: Option<Decimal>, actual: Option<Decimal>| Promise {
            promised: shown.map(|shown| shown.normalize()),
            actual: actual.map(rounded),
        };
        let incidence_rate = promise(
            either(&shown.incidence_rate, &applied.incidence_rate),
            told.incidence_rate,
        );
        let length_of_interview = promise(
            either(&shown.length_of_interview, &applied.length_of_interview),
            told.length_of_interview,
        );
        let price = told.price.or_else(|| either(&shown.cpi, &applied.cpi));
        // At a vendor that tells no cost, a price that was raised counts for what came since.
        let paid = lens.past.spent.filter(|_| told.cost_by_price);
        let paid = paid.and_then(|(completes, spent)| {
            let more = live.fielded?.saturating_sub(completes);
            spent.and(told.price?.times(more))
        });
        let cost = paid.or(told.cost).or_else(|| {
            // A draft costs nothing, whatever nobody says.
            let draft = live.status == Some(Status::Draft);
            price.filter(|_| draft).map(|price| Money::zero(price.currency))
        });
        Self {
            status: Some(live.status_text.clone()),
            verdict,
            why,
            completes: live.fielded,
            goal,
            stage,
            alarms: alarm::alarms(
                lens.limits,
                live.fielded,
                &incidence_rate,
                &length_of_interview,
                told,
            ),
            incidence_rate,
            length_of_interview,
            drop_off: told.drop_off.map(rounded),
            quality_terminations: told.quality_terminations.map(rounded),
            cost,
            projected_cost: match whole {
                // Nothing more will come.
                _ if live.status == Some(Status::Closed) || ends.is_some_and(|ends| ends <= now) => cost,
                Some(outlook) => projected(cost, price, Some(outlook.forecast.completes), live.fielded),
                None => told
                    .projected_cost
                    .or_else(|| projected(cost, price, goal, live.fielded)),
            },
            started,
            days_left: ends
                .filter(|_| live.status != Some(Status::Closed))
                .map(|ends| days(now, ends)),
            ends,
            resume_by: lapse
                .filter(|_| live.status != Some(Status::Live))
                .map(|(at, _)| at),
            warning: lapse.and_then(|(at, rule)| warning(at, rule, now)),
            // What is done needs no pace and no forecast, although it may still be in field.
            pace: whole
                .map(|outlook| outlook.pace)
                .filter(|_| verdict != Verdict::Done),
            forecast: whole
                .map(|outlook| outlook.forecast)
                .filter(|_| verdict != Verdict::Done),
            quotas,
            curve: recent::curve(whole_past, started, now, live.fielded),
            assumed: told.assumed.clone(),
            unread: told.unread.clone(),
            // Lists show less than a look at one alone does.
            links: match live.links.is_none() {
                true => known.links.clone(),
                false => live.links.clone(),
            },
            details: details
                .figures
                .into_iter()
                .map(|(name, value)| Detail { name, value })
                .collect(),
            intervals: details
                .intervals
                .into_iter()
                .map(|(ends, completes)| Interval { ends, completes })
                .collect(),
            ..self
        }
    }
}

/// By which pace something is full until the end of the day.
fn paced(climb: &Climb, ended: Ended) -> Option<String> {
    let (pace, day) = (climb.pace.as_ref()?, climb.day?);
    let full =
        ended.end == End::Done && ended.goal == Some(pace.until(day)) && ended.goal < Some(climb.whole);
    full.then(|| format!("its pace of {pace}: the first apply of the next day goes on"))
}

/// How long before the vendor ends something it is said.
const WARNED_BEFORE: SignedDuration = SignedDuration::from_hours(72);

/// When the vendor ends something by itself, so that it cannot be put back in field, and by which rule.
fn lapse(
    vendor: VendorId,
    (known, live): (&KnownSurvey, &LiveSurvey),
    told: &Performance,
    ended: Option<Ended>,
    now: Timestamp,
) -> Option<(Timestamp, &'static str)> {
    let lapses = vendor.facts().lapses;
    if live.status == Some(Status::Live) {
        let silent = lapses.silent.filter(|_| live.fielded == Some(0))?;
        // On its first day nobody wonders.
        let started = told
            .started
            .filter(|at| now.duration_since(*at) >= SignedDuration::from_hours(24))?;
        return Some((finished::after_days(started, silent.days)?, silent.rule));
    }
    let (at, rule) = finished::last_day(vendor, known, live)?;
    // What stops at its goal stops with its last complete.
    let stopped = told
        .last_complete
        .filter(|_| ended.is_some() && live.status == Some(Status::Paused));
    let last = || finished::after_days(stopped?, lapses.paused?.days);
    Some((last().or(at)?, rule))
}

/// What is said when that is near.
fn warning(at: Timestamp, rule: &str, now: Timestamp) -> Option<String> {
    let left = at.duration_since(now);
    (left > SignedDuration::ZERO && left <= WARNED_BEFORE).then(|| {
        let left = match left.as_hours() {
            0 => "less than an hour is left".to_owned(),
            1 => "1 hour is left".to_owned(),
            hours => format!("{hours} hours are left"),
        };
        let at = at.strftime("%Y-%m-%d %H:%M UTC");
        format!("{left}, until {at}: {rule}")
    })
}

/// What the vendor shows, or else what was applied last.
fn either<T: Copy>(shown: &Field<T>, applied: &Field<T>) -> Option<T> {
    shown.value().or(applied.value()).copied()
}

/// What is spent, and the rest at today's price.
fn projected(
    cost: Option<Money>,
    price: Option<Money>,
    at_the_end: Option<u64>,
    completes: Option<u64>,
) -> Option<Money> {
    let rest = price?.times(at_the_end?.saturating_sub(completes?));
    cost?.and(rest)
}

/// Days until then, begun ones counted; none when it has passed.
fn days(now: Timestamp, then: Timestamp) -> u64 {
    const DAY: u64 = 86_400;
    u64::try_from(then.duration_since(now).as_secs()).map_or(0, |left| left.div_ceil(DAY))
}

#[cfg(test)]
mod tests;
