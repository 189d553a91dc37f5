//! The stage of its ladder that a survey is on, as the state has it, and what it waits for.
//!
//! Promises: pure. Of several marketplaces it is the part of one: what the others have is not seen here.

use crate::model::figures::Figure;
use crate::model::ladder::Then;
use crate::model::{Address, KnownSurvey, Performance, Study, VendorId};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The stage of its ladder that a survey is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Its place among the stages, the first is 1.
    pub number: usize,
    /// How many stages there are.
    pub of: usize,
    /// Completes in all until it is left.
    pub completes: u64,
    /// Completes wanted in all, at the last stage.
    pub whole: u64,
    /// The stage that comes next; `null` at the last one.
    pub next: Option<String>,
    /// When it has lasted as long as it may, where it has a time.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// Whether it is collected, or its time is over.
    pub ready: bool,
    /// Which of its checks do not hold by the figures of now, in words.
    pub failing: Vec<String>,
    /// What comes, or what it waits for, in words.
    pub waits: String,
}

/// The stage that a survey is on, where its ladder was approved.
pub(super) fn of(
    (address, vendor): (&Address, VendorId),
    known: &KnownSurvey,
    told: &Performance,
    (completes, reached): (Option<u64>, bool),
    now: Timestamp,
) -> Option<Stage> {
    // Hours and a pace alone make no stages.
    let climb = known.climb.as_ref().filter(|climb| climb.approved.len() > 1)?;
    let at = climb.approved.iter().position(|terms| terms.rung == climb.rung)?;
    let (terms, next) = (&climb.approved[at], climb.approved.get(at + 1));
    let lasts = terms.minutes.and_then(|minutes| i64::try_from(minutes).ok());
    let until = climb.since.zip(lasts);
    let until = until.and_then(|(since, lasts)| since.checked_add(SignedDuration::from_mins(lasts)).ok());
    let over = until.is_some_and(|until| until <= now);
    let ready = reached || over || completes.is_some_and(|completes| completes >= terms.completes);
    let figures = Figure::told(told);
    let mine = terms
        .when
        .iter()
        .filter(|check| vendor.facts().figures.contains(&check.figure));
    let failing: Vec<String> = mine
        .filter_map(|check| check.fails(figures.get(&check.figure).copied(), ""))
        .collect();
    let asked = match address.group_name() {
        _ if address.vendor().is_none() => address.clone(),
        Some(Study::ONLY) | None => Address::survey(address.manifest()),
        Some(_) => address.alone(),
    };
    let waits = match next {
        None => "the last one".to_owned(),
        Some(next) if !ready => {
            let then = match terms.then {
                Then::Hold => "then it holds".to_owned(),
                Then::Continue => format!("then `{}`", next.rung),
            };
            let time =
                until.map(|until| format!(", at the latest from {}", until.strftime("%Y-%m-%d %H:%M UTC")));
            format!("{then}{}", time.unwrap_or_default())
        }
        Some(next) => match (terms.then, failing.as_slice()) {
            (Then::Hold, _) => format!("waits for `infield apply --advance {asked}={}`", next.rung),
            (Then::Continue, []) => format!(
                "`{}` comes with the next apply, where nothing else holds",
                next.rung
            ),
            (Then::Continue, failing) => format!("waits, because {}", failing.join(" and ")),
        },
    };
    Some(Stage {
        name: terms.rung.clone(),
        number: at + 1,
        of: climb.approved.len(),
        completes: terms.completes,
        whole: climb.whole,
        next: next.map(|next| next.rung.clone()),
        until,
        ready,
        failing,
        waits,
    })
}

impl Stage {
    /// Whether what it asks of the figures keeps it from going on.
    pub fn is_held_by_checks(&self) -> bool {
        self.ready && self.next.is_some() && !self.failing.is_empty()
    }

    /// The same in words: `soft, 1 of 3: 10 of 100 completes, then it holds`.
    pub fn sentence(&self) -> String {
        format!(
            "{}, {} of {}: {} of {} completes, {}",
            self.name, self.number, self.of, self.completes, self.whole, self.waits
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::figures::Check;
    use crate::model::ladder::{Climb, Terms};

    const PS: VendorId = crate::marketplace::PURESPECTRUM;

    fn terms(rung: &str, completes: u64, then: Then, when: Option<Check>) -> Terms {
        Terms {
            rung: rung.to_owned(),
            completes,
            then,
            when: when.into_iter().collect(),
            minutes: (rung == "ramp").then_some(90),
            most: None,
        }
    }

    fn on(rung: &str) -> KnownSurvey {
        let check = Check::read(Figure::IncidenceRate, ">= 30");
        KnownSurvey {
            climb: Some(Climb {
                rung: rung.to_owned(),
                whole: 100,
                since: "2026-11-20T00:00:00Z".parse().ok(),
                approved: vec![
                    terms("soft", 10, Then::Hold, None),
                    terms("ramp", 50, Then::Continue, check),
                    terms("full", 100, Then::Continue, None),
                ],
                ..Climb::default()
            }),
            ..KnownSurvey::default()
        }
    }

    fn seen(address: &str, rung: &str, completes: u64, rate: Option<i64>, time: &str) -> Stage {
        let told = Performance {
            incidence_rate: rate.map(Into::into),
            ..Performance::default()
        };
        let address: Address = serde_json::from_value(address.into()).unwrap();
        let counted = (Some(completes), false);
        of((&address, PS), &on(rung), &told, counted, time.parse().unwrap()).unwrap()
    }

    const EARLY: &str = "2026-11-20T01:29:59Z";
    const LATE: &str = "2026-11-20T01:30:00Z";

    #[test]
    fn a_stage_says_what_comes_and_what_it_waits_for() {
        let said = |rung, completes, rate, time| seen("soda", rung, completes, rate, time).sentence();
        assert_eq!(
            said("soft", 9, None, EARLY),
            "soft, 1 of 3: 10 of 100 completes, then it holds"
        );
        assert_eq!(
            said("soft", 10, None, EARLY),
            "soft, 1 of 3: 10 of 100 completes, waits for `infield apply --advance soda=ramp`"
        );
        assert_eq!(
            said("ramp", 49, Some(20), EARLY),
            "ramp, 2 of 3: 50 of 100 completes, then `full`, at the latest from 2026-11-20 01:30 UTC"
        );
        for (completes, time) in [(50, EARLY), (49, LATE)] {
            assert!(
                said("ramp", completes, Some(30), time)
                    .ends_with("`full` comes with the next apply, where nothing else holds")
            );
            assert!(
                said("ramp", completes, Some(29), time)
                    .ends_with("waits, because incidence_rate is 29, and >= 30 is wanted")
            );
            assert!(seen("soda", "ramp", completes, None, time).is_held_by_checks());
        }
        assert!(!seen("soda", "ramp", 49, Some(20), EARLY).is_held_by_checks());
        assert!(said("full", 100, None, LATE).ends_with("the last one"));
        assert!(!seen("soda", "full", 100, None, LATE).is_held_by_checks());
    }

    #[test]
    fn a_part_of_a_study_is_asked_for_under_the_name_of_its_survey() {
        for (address, name) in [
            ("soda@purespectrum", "soda"),
            ("soda@cint/main", "soda"),
            ("soda@cint/us", "soda/us"),
            ("soda/us", "soda/us"),
        ] {
            let stage = seen(address, "soft", 10, None, EARLY);
            assert!(
                stage.waits.contains(&format!("--advance {name}=ramp")),
                "{}",
                stage.waits
            );
        }
    }

    #[test]
    fn what_the_vendor_says_is_reached_is_ready_although_nothing_is_counted() {
        let now = EARLY.parse().unwrap();
        let address = Address::survey("soda");
        let ready = |reached| {
            let stage = of(
                (&address, PS),
                &on("soft"),
                &Performance::default(),
                (None, reached),
                now,
            );
            stage.unwrap().ready
        };
        assert_eq!([ready(false), ready(true)], [false, true]);
        assert_eq!(
            of(
                (&address, PS),
                &on("gone"),
                &Performance::default(),
                (None, true),
                now
            ),
            None
        );
    }
}
