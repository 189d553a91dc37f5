//! Counters of surveys as they were seen at one time, and the series that many looks make.
//!
//! Promises: pure. A counter that nobody told is left out, never zero. What a replacement collects is another series than
//! what the replaced one did. That nothing came while somebody looked is seen as well: a rate is over the time in which it
//! came, to within an hour.

use crate::fieldwork::Past;
use crate::model::{Address, KnownSurvey, LiveSurvey, Money, Status, VendorId};
use crate::plan::diff::{Memory, filled};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is in field and counts as before is told again once so much time has passed: nobody came, and somebody looked.
const UNCHANGED_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// One look at counters. It names only surveys that were not as the look before had them, and those in field that have not
/// been told for an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Look {
    /// When, by the clock of the vendors' counters, UTC.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Surveys and groups by their names in the project.
    pub surveys: BTreeMap<Address, Counted>,
}

/// What was counted of one survey or group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// The vendor's id. Counters of another id are those of another survey.
    pub id: String,
    /// Completes collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<u64>,
    /// Whether it was out of field.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub out_of_field: bool,
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
    /// What a complete costs, where the vendor does not tell what all of them cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Completes of its quotas, by name, or by the vendor's id where a quota has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quotas: BTreeMap<String, u64>,
    /// Its tags, for the day nothing else remembers it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
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
            out_of_field: live.status != Some(Status::Live),
            started: told.started,
            incidence_rate: told.incidence_rate.map(|rate| rate.normalize()),
            length_of_interview: told.length_of_interview.map(|minutes| minutes.normalize()),
            cost: told.cost.filter(|_| !told.cost_by_price),
            price: told.price.filter(|_| told.cost_by_price),
            quotas: quotas.collect(),
            tags: known.policy.tags.clone(),
        };
        let says = counted.completes.is_some() || !counted.quotas.is_empty();
        (says && live.status != Some(Status::Draft)).then_some(counted)
    }

    /// The same, with what another look saw and this one did not.
    fn and(mut self, other: Self) -> Self {
        self.completes = self.completes.or(other.completes);
        self.started = self.started.or(other.started);
        self.incidence_rate = self.incidence_rate.or(other.incidence_rate);
        self.length_of_interview = self.length_of_interview.or(other.length_of_interview);
        self.cost = self.cost.or(other.cost);
        self.price = self.price.or(other.price);
        for (quota, completes) in other.quotas {
            self.quotas.entry(quota).or_insert(completes);
        }
        self
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

    /// Adds one. Of two looks at the same time each may have seen what the other one did not.
    pub fn add(&mut self, look: Look) {
        for (address, counted) in look.surveys {
            let series = self.surveys.entry(address).or_default();
            match series.remove(&look.at) {
                Some(other) if other.id == counted.id => series.insert(look.at, counted.and(other)),
                _ => series.insert(look.at, counted),
            };
        }
    }

    /// Adds others.
    pub(super) fn join(&mut self, others: &Self) {
        for (address, series) in &others.surveys {
            let ours = self.surveys.entry(address.clone()).or_default();
            ours.extend(series.iter().map(|(at, counted)| (*at, counted.clone())));
        }
    }

    /// What was last seen of each survey, when it was seen.
    pub(super) fn last_of_each(self) -> Self {
        let last = |(address, mut series): (Address, BTreeMap<Timestamp, Counted>)| {
            Some((address, BTreeMap::from([series.pop_last()?])))
        };
        Self {
            surveys: self.surveys.into_iter().filter_map(last).collect(),
        }
    }

    /// How many surveys they are of.
    pub(super) fn len(&self) -> usize {
        self.surveys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.surveys.is_empty()
    }

    /// What was counted of a survey while it had this id at the vendor, oldest first.
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
            if let (Some(completes), Some(price)) = (counted.completes, counted.price) {
                let (before, spent) = past.spent.unwrap_or((0, Money::zero(price.currency)));
                // What came since the look before came at this price.
                let more = price.times(completes.saturating_sub(before));
                past.spent = spent.and(more).map(|spent| (completes.max(before), spent));
            }
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

    /// The looks at each survey under each of its ids, oldest first.
    pub fn series(&self) -> BTreeMap<(&Address, &str), Vec<(Timestamp, &Counted)>> {
        let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (address, series) in &self.surveys {
            for (at, counted) in series {
                let one = all.entry((address, counted.id.as_str())).or_default();
                one.push((*at, counted));
            }
        }
        all
    }

    /// What the last look had of a survey.
    pub fn last(&self, address: &Address) -> Option<(Timestamp, &Counted)> {
        let (at, counted) = self.surveys.get(address)?.last_key_value()?;
        Some((*at, counted))
    }

    /// The part of a look that these do not say already; none where they say all of it. Of what is in field they do not say
    /// for long that nobody came.
    pub fn news(&self, mut look: Look) -> Option<Look> {
        let now = look.at;
        look.surveys.retain(|address, counted| {
            self.last(address).is_none_or(|(at, last)| {
                let in_field = !counted.out_of_field;
                // A look that saw less says nothing new by that.
                let same = counted.clone().and(last.clone()) == *last;
                !same || (in_field && now.duration_since(at) >= UNCHANGED_AFTER)
            })
        });
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
            quotas: BTreeMap::from([("men".to_owned(), men)]),
            ..Counted::default()
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
        let mut soon = look(2, "soda", counted("7", 10, 4));
        soon.at = soon.at.saturating_sub(SignedDuration::from_secs(1)).unwrap();
        assert_eq!(looks.news(soon.clone()), None);
        let mut both = soon;
        both.surveys.insert(Address::survey("other"), counted("8", 1, 1));
        let news = looks.news(both).unwrap();
        assert_eq!(
            news.surveys.keys().collect::<Vec<_>>(),
            [&Address::survey("other")]
        );
    }

    #[test]
    fn that_nobody_came_is_news_of_what_is_in_field_once_an_hour() {
        let mut looks = Looks::of([look(1, "soda", counted("7", 10, 4))]);
        let still = look(2, "soda", counted("7", 10, 4));
        assert_eq!(looks.news(still.clone()), Some(still.clone()));
        looks.add(still);
        let soda = Address::survey("soda");
        assert_eq!(figures(&looks.completes(&soda, "7")), [(1, 10), (2, 10)]);
        // So that ten completes of the third hour came in an hour and not in two.
        looks.add(look(3, "soda", counted("7", 20, 9)));
        assert_eq!(figures(&looks.completes(&soda, "7")), [(1, 10), (2, 10), (3, 20)]);
        let out = || Counted {
            out_of_field: true,
            ..counted("7", 20, 9)
        };
        // That it went out of field is news, and that it still is out of it is none.
        assert_eq!(looks.news(look(3, "soda", out())), Some(look(3, "soda", out())));
        looks.add(look(4, "soda", out()));
        assert_eq!(looks.news(look(400, "soda", out())), None);
    }

    #[test]
    fn completes_cost_what_a_complete_cost_when_they_were_first_seen() {
        let priced = |hour, completes, price: &str| {
            let counted = Counted {
                price: price.parse().ok(),
                ..counted("7", completes, 0)
            };
            look(hour, "soda", counted)
        };
        let spent = |looks: Vec<Look>| Looks::of(looks).past(&Address::survey("soda"), "7").spent;
        let money = |text: &str| text.parse::<Money>().unwrap();
        let mut looks = vec![priced(1, 10, "2.00 USD"), priced(2, 30, "2.00 USD")];
        assert_eq!(spent(looks.clone()), Some((30, money("60.00 USD"))));
        looks.push(priced(3, 40, "5.00 USD"));
        // Some are taken back, and others come for them.
        looks.push(priced(4, 38, "5.00 USD"));
        looks.push(priced(5, 41, "5.00 USD"));
        assert_eq!(spent(looks), Some((41, money("115.00 USD"))));
        // The vendor says what all cost, or nothing.
        assert_eq!(spent(vec![priced(1, 10, "none")]), None);
        assert_eq!(
            spent(vec![priced(1, 10, "2.00 USD"), priced(2, 20, "2.00 EUR")]),
            None
        );
    }

    #[test]
    fn a_look_that_saw_less_takes_nothing_from_another_one() {
        let whole = look(1, "soda", counted("7", 10, 4));
        let less = || Counted {
            quotas: BTreeMap::new(),
            ..counted("7", 10, 4)
        };
        for looks in [
            Looks::of([whole.clone(), look(1, "soda", less())]),
            Looks::of([look(1, "soda", less()), whole.clone()]),
        ] {
            assert_eq!(looks, Looks::of([whole.clone()]));
            let mut soon = look(1, "soda", less());
            soon.at = soon.at.saturating_add(SignedDuration::from_secs(1)).unwrap();
            assert_eq!(looks.news(soon.clone()), None);
            // Another survey under the same name is another one.
            soon.surveys.insert(Address::survey("soda"), counted("8", 10, 4));
            assert!(looks.news(soon).is_some());
        }
        let other = look(1, "soda", counted("8", 1, 1));
        let looks = Looks::of([whole, other.clone()]);
        assert_eq!(looks, Looks::of([other]));
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
        assert!(!of(&live).unwrap().out_of_field);
        let paused = LiveSurvey {
            status: Some(Status::Paused),
            ..live.clone()
        };
        assert!(of(&paused).unwrap().out_of_field);
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
            criteria: Vec::new().into(),
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
        let mut tagged = KnownSurvey::default();
        tagged.policy.tags.insert("client-acme".to_owned());
        let seen = Counted::of(vendor, "7", &tagged, &live).unwrap();
        assert_eq!(seen.tags, tagged.policy.tags);
    }
}
