//! Counters of surveys as they were seen at one time, and the series that many looks make.
//!
//! Promises: pure. A counter that nobody told is left out, never zero. What a replacement collects is another series than
//! what the replaced one did.

use crate::fieldwork::Past;
use crate::model::{Address, KnownSurvey, LiveSurvey, Money, Status, VendorId};
use crate::plan::diff::{Memory, filled};
use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One look at counters. It names only surveys that were not as the look before had them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// When, by the clock of the vendors' counters, UTC.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Surveys and groups by their names in the project.
    pub surveys: BTreeMap<Address, Counted>,
}

/// What was counted of one survey or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// The vendor's id. Counters of another id are those of another survey.
    pub id: String,
    /// Completes collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<u64>,
    /// When it went in field, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub started: Option<Timestamp>,
    /// Respondents who qualify, percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub incidence_rate: Option<Decimal>,
    /// Length of the interview, minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub length_of_interview: Option<Decimal>,
    /// What the completes so far cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// Completes of its quotas, by name, or by the vendor's id where a quota has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quotas: BTreeMap<String, u64>,
}

impl Counted {
    /// What is counted of a survey that is at the vendor under this id; none for a draft, and where nothing is counted.
    pub fn of(vendor: VendorId, id: &str, known: &KnownSurvey, live: &LiveSurvey) -> Option<Self> {
        let quotas = filled(&live.quotas, &known.applied.quotas, Memory::unsure(vendor, known));
        let quotas = quotas.into_iter().filter_map(|quota| {
            let completes = quota.fielded?;
            Some((quota.name.unwrap_or(quota.id), completes))
        });
        let told = live.performance.clone().unwrap_or_default();
        let counted = Self {
            id: id.to_owned(),
            completes: live.fielded,
            started: told.started,
            incidence_rate: told.incidence_rate.map(|rate| rate.normalize()),
            length_of_interview: told.length_of_interview.map(|minutes| minutes.normalize()),
            cost: told.cost,
            quotas: quotas.collect(),
        };
        let says = counted.completes.is_some() || !counted.quotas.is_empty();
        (says && live.status != Some(Status::Draft)).then_some(counted)
    }
}

/// How many completes there were at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// Completes by then.
    pub completes: u64,
}

/// Many looks, as the series of each survey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looks {
    surveys: BTreeMap<Address, BTreeMap<Timestamp, Counted>>,
}

impl Looks {
    /// Looks in any order, each as often as it likes.
    pub fn of(looks: impl IntoIterator<Item = Look>) -> Self {
        let mut all = Self::default();
        for look in looks {
            all.add(look);
        }
        all
    }

    /// Adds one.
    pub fn add(&mut self, look: Look) {
        for (address, counted) in look.surveys {
            self.surveys.entry(address).or_default().insert(look.at, counted);
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.surveys.is_empty()
    }

    /// What was counted of a survey while it had this id at the vendor, oldest first. Between two times nobody saw anything
    /// else than the first of them says.
    pub fn of_survey<'a>(
        &'a self,
        address: &Address,
        id: &'a str,
    ) -> impl Iterator<Item = (Timestamp, &'a Counted)> {
        let all = self.surveys.get(address).into_iter().flatten();
        all.filter(move |(_, counted)| counted.id == id)
            .map(|(at, counted)| (*at, counted))
    }

    /// What was collected of a survey while it had this id, for a forecast.
    pub fn past(&self, address: &Address, id: &str) -> Past {
        let mut past = Past::default();
        for (at, counted) in self.of_survey(address, id) {
            past.whole
                .extend(counted.completes.map(|completes| (at, completes)));
            for (quota, completes) in &counted.quotas {
                let series = past.quotas.entry(quota.clone()).or_default();
                series.push((at, *completes));
            }
        }
        past
    }

    /// Its completes, oldest first.
    pub fn completes(&self, address: &Address, id: &str) -> Vec<Point> {
        let all = self.of_survey(address, id);
        all.filter_map(|(at, counted)| {
            let completes = counted.completes?;
            Some(Point { at, completes })
        })
        .collect()
    }

    /// The completes of one of its quotas, oldest first.
    pub fn quota(&self, address: &Address, id: &str, quota: &str) -> Vec<Point> {
        let all = self.of_survey(address, id);
        all.filter_map(|(at, counted)| {
            let completes = *counted.quotas.get(quota)?;
            Some(Point { at, completes })
        })
        .collect()
    }

    /// What the last look had of a survey.
    pub fn last(&self, address: &Address) -> Option<&Counted> {
        let (_, counted) = self.surveys.get(address)?.last_key_value()?;
        Some(counted)
    }

    /// The part of a look that these do not say already; none where they say all of it.
    pub fn news(&self, mut look: Look) -> Option<Look> {
        look.surveys
            .retain(|address, counted| self.last(address) != Some(counted));
        (!look.surveys.is_empty()).then_some(look)
    }

    /// All of them again, oldest first.
    pub fn into_looks(self) -> Vec<Look> {
        let mut looks: BTreeMap<Timestamp, BTreeMap<Address, Counted>> = BTreeMap::new();
        for (address, series) in self.surveys {
            for (at, counted) in series {
                looks.entry(at).or_default().insert(address.clone(), counted);
            }
        }
        let looks = looks.into_iter();
        looks.map(|(at, surveys)| Look { at, surveys }).collect()
    }

    /// Keeps of each series what `keep` says; it is given the times of one, oldest first.
    pub(super) fn retain(&mut self, keep: impl Fn(&[Timestamp]) -> Vec<bool>) {
        for series in self.surveys.values_mut() {
            let times: Vec<Timestamp> = series.keys().copied().collect();
            let mut kept = keep(&times).into_iter();
            series.retain(|_, _| kept.next().unwrap_or(true));
        }
        self.surveys.retain(|_, series| !series.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LiveQuota;

    fn counted(id: &str, completes: u64, men: u64) -> Counted {
        Counted {
            id: id.to_owned(),
            completes: Some(completes),
            started: None,
            incidence_rate: None,
            length_of_interview: None,
            cost: None,
            quotas: BTreeMap::from([("men".to_owned(), men)]),
        }
    }

    fn look(hour: i64, address: &str, counted: Counted) -> Look {
        Look {
            at: Timestamp::from_second(hour * 3600).unwrap(),
            surveys: BTreeMap::from([(Address::survey(address), counted)]),
        }
    }

    fn figures(points: &[Point]) -> Vec<(i64, u64)> {
        points
            .iter()
            .map(|point| (point.at.as_second() / 3600, point.completes))
            .collect()
    }

    #[test]
    fn looks_in_any_order_and_twice_make_one_series_for_each_survey_and_quota() {
        let looks = [
            look(2, "soda", counted("7", 20, 9)),
            look(1, "soda", counted("7", 10, 4)),
            look(2, "soda", counted("7", 20, 9)),
            look(3, "other", counted("8", 1, 1)),
        ];
        let looks = Looks::of(looks);
        let soda = Address::survey("soda");
        assert_eq!(figures(&looks.completes(&soda, "7")), [(1, 10), (2, 20)]);
        assert_eq!(figures(&looks.quota(&soda, "7", "men")), [(1, 4), (2, 9)]);
        assert_eq!(looks.quota(&soda, "7", "women"), []);
        assert_eq!(looks.completes(&Address::survey("none"), "7"), []);
        assert_eq!(Looks::of(looks.clone().into_looks()), looks);
    }

    #[test]
    fn what_replaced_a_survey_begins_a_series_of_its_own() {
        let looks = [
            look(1, "soda", counted("7", 10, 4)),
            look(2, "soda", counted("8", 1, 0)),
        ];
        let looks = Looks::of(looks);
        let soda = Address::survey("soda");
        assert_eq!(figures(&looks.completes(&soda, "7")), [(1, 10)]);
        assert_eq!(figures(&looks.completes(&soda, "8")), [(2, 1)]);
    }

    #[test]
    fn a_look_that_changes_nothing_is_no_news() {
        let mut looks = Looks::default();
        assert!(looks.is_empty());
        let first = look(1, "soda", counted("7", 10, 4));
        assert_eq!(looks.news(first.clone()), Some(first.clone()));
        looks.add(first);
        assert!(!looks.is_empty());
        assert_eq!(looks.news(look(2, "soda", counted("7", 10, 4))), None);
        let mut both = look(3, "soda", counted("7", 10, 4));
        both.surveys.insert(Address::survey("other"), counted("8", 1, 1));
        let news = looks.news(both).unwrap();
        assert_eq!(
            news.surveys.keys().collect::<Vec<_>>(),
            [&Address::survey("other")]
        );
    }

    #[test]
    fn a_draft_and_what_nobody_counts_is_not_kept() {
        let vendor = crate::marketplace::PURESPECTRUM;
        let known = KnownSurvey::default();
        let of = |live: &LiveSurvey| Counted::of(vendor, "7", &known, live);
        let live = LiveSurvey {
            status: Some(Status::Live),
            fielded: Some(0),
            ..LiveSurvey::default()
        };
        assert_eq!(of(&live).unwrap().completes, Some(0));
        let draft = LiveSurvey {
            status: Some(Status::Draft),
            ..live.clone()
        };
        assert_eq!(of(&draft), None);
        let uncounted = LiveSurvey {
            fielded: None,
            ..live.clone()
        };
        assert_eq!(of(&uncounted), None);
        let quota = |name: Option<&str>, id: &str, fielded| LiveQuota {
            name: name.map(str::to_owned),
            id: id.to_owned(),
            completes: 10,
            fielded,
            criteria: Vec::new(),
            nameless: false,
            hidden: false,
        };
        let only_quotas = LiveSurvey {
            quotas: vec![
                quota(Some("men"), "1", Some(3)),
                quota(None, "2", Some(4)),
                quota(Some("women"), "3", None),
            ],
            ..uncounted
        };
        let quotas = BTreeMap::from([("men".to_owned(), 3), ("2".to_owned(), 4)]);
        assert_eq!(of(&only_quotas).unwrap().quotas, quotas);
    }
}
