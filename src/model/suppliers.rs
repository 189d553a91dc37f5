//! Who sends the respondents of a survey, and on which terms.
//!
//! Promises: equal lists mean the same. Each supplier stands in one entry, in one order, and an entry has the form in which
//! a manifest writes it.

use super::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a marketplace takes for a supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// A number of completes and a price. Who is left out of the list sends nobody.
    Counted,
    /// A share of the completes, or nothing at all. Who is left out of the list sends as many as there are.
    Shared,
}

/// The suppliers of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<Allotment>", into = "Vec<Allotment>")]
#[schemars(with = "Vec<Allotment>", inline)]
pub struct Suppliers(Vec<Allotment>);

/// What one supplier may send, or several together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Allotment {
    /// The supplier's number, where it stands alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<u64>,
    /// The name of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The numbers of several.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub suppliers: BTreeSet<u64>,
    /// Completes that they may send, where that is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completes: Option<u64>,
    /// Price per complete; the survey's where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpi: Option<Money>,
    /// Their share of the completes, where that is what is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// Whether nobody of them sends anybody.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
}

/// A share of the completes, percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// At least.
    pub min: u64,
    /// At most.
    pub max: u64,
}

impl Allotment {
    /// The numbers of the suppliers.
    pub fn members(&self) -> impl Iterator<Item = u64> {
        self.supplier.into_iter().chain(self.suppliers.iter().copied())
    }
}

impl From<Vec<Allotment>> for Suppliers {
    fn from(list: Vec<Allotment>) -> Self {
        let (blocked, mut list): (Vec<Allotment>, Vec<Allotment>) =
            list.into_iter().partition(|entry| entry.blocked);
        let blocked: BTreeSet<u64> = blocked.iter().flat_map(Allotment::members).collect();
        list.sort_by(|one, other| {
            let by = |entry: &Allotment| (entry.name.clone(), entry.members().collect::<Vec<_>>());
            by(one).cmp(&by(other))
        });
        list.extend(blocked.into_iter().map(|supplier| Allotment {
            supplier: Some(supplier),
            blocked: true,
            ..Allotment::default()
        }));
        Self(list)
    }
}

impl From<Suppliers> for Vec<Allotment> {
    fn from(suppliers: Suppliers) -> Self {
        suppliers.0
    }
}

impl Suppliers {
    /// The entries.
    pub fn iter(&self) -> impl Iterator<Item = &Allotment> {
        self.0.iter()
    }

    /// The numbers of those that may send somebody.
    pub fn senders(&self) -> BTreeSet<u64> {
        let open = self.iter().filter(|entry| !entry.blocked);
        open.flat_map(Allotment::members).collect()
    }

    /// The numbers of those that send nobody, as far as the list names them.
    pub fn blocked(&self) -> BTreeSet<u64> {
        let blocked = self.iter().filter(|entry| entry.blocked);
        blocked.flat_map(Allotment::members).collect()
    }

    /// The highest price of its own that any of them has.
    pub fn highest_price(&self) -> Option<Money> {
        let prices = self.iter().filter_map(|entry| entry.cpi);
        prices.max_by_key(|price| price.amount)
    }

    /// The same as a marketplace has it that takes these terms. Where completes are counted, an entry that says no number has
    /// the survey's, a price that is the survey's own is none of its own, and who is blocked is left out. A share that nobody
    /// says is any.
    #[must_use]
    pub fn on(self, terms: Terms, completes: Option<u64>, offer: Option<Money>) -> Self {
        if terms != Terms::Counted {
            let open = |entry: Allotment| Allotment {
                share: entry
                    .share
                    .or(Some(Share { min: 0, max: 100 }))
                    .filter(|_| !entry.blocked),
                ..entry
            };
            return Self::from(self.0.into_iter().map(open).collect::<Vec<_>>());
        }
        let settled = |entry: Allotment| Allotment {
            completes: entry.completes.or(completes),
            cpi: entry.cpi.filter(|cpi| Some(*cpi) != offer),
            ..entry
        };
        let nobody = |entry: &Allotment| entry.blocked || entry.completes == Some(0);
        let open = self.0.into_iter().filter(|entry| !nobody(entry));
        Self::from(open.map(settled).collect::<Vec<_>>())
    }

    /// Those that may send somebody with this list and none with another one, where a marketplace takes these terms.
    pub fn silenced_by(&self, after: &Self, terms: Terms) -> BTreeSet<u64> {
        let sent = self.senders();
        match terms {
            Terms::Counted => sent.difference(&after.senders()).copied().collect(),
            Terms::Shared => after.blocked().difference(&self.blocked()).copied().collect(),
        }
    }

    /// Whether more can come, or what comes can cost more, than with another list.
    pub fn may_bring_more_than(&self, before: &Self) -> bool {
        let dearer = match (before.highest_price(), self.highest_price()) {
            (Some(before), Some(after)) => after.currency != before.currency || after.amount > before.amount,
            (None, after) => after.is_some(),
            (Some(_), None) => false,
        };
        let of = |list: &Self, supplier: u64| {
            let entry = list
                .iter()
                .find(|entry| entry.members().any(|one| one == supplier));
            entry
                .filter(|entry| !entry.blocked)
                .map(|entry| entry.completes.unwrap_or(u64::MAX))
        };
        let more = |supplier: u64| of(self, supplier) > of(before, supplier);
        dearer
            || self.senders().into_iter().any(more)
            || before.blocked().difference(&self.blocked()).count() > 0
    }

    /// Whether every supplier stands alone and has what all others have, at the survey's price: what a survey is made with.
    pub fn are_alike(&self) -> bool {
        let plain = |entry: &Allotment| {
            entry.supplier.is_some() && entry.name.is_none() && entry.cpi.is_none() && !entry.blocked
        };
        let mut counts = self.iter().map(|entry| entry.completes);
        let first = counts.next();
        self.iter().all(plain) && counts.all(|count| Some(count) == first)
    }
}

/// Numbers of suppliers in words: `supplier 8`, `suppliers 8 and 10`.
pub fn named(suppliers: &BTreeSet<u64>) -> String {
    let numbers: Vec<String> = suppliers.iter().map(u64::to_string).collect();
    match numbers.as_slice() {
        [] => "no supplier".to_owned(),
        [one] => format!("supplier {one}"),
        [first @ .., last] => format!("suppliers {} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn list(json: Value) -> Suppliers {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn lists_that_mean_the_same_are_equal() {
        let one = list(
            json!([{"supplier": 9, "blocked": true}, {"supplier": 3}, {"suppliers": [7, 8], "blocked": true},
            {"name": "b", "suppliers": [2, 1]}]),
        );
        let other = list(json!([{"supplier": 3}, {"suppliers": [9, 8], "blocked": true},
            {"name": "b", "suppliers": [1, 2]}, {"supplier": 7, "blocked": true}]));
        assert_eq!(one, other);
        assert_eq!(one.senders(), [1, 2, 3].into());
        assert_eq!(one.blocked(), [7, 8, 9].into());
        let written = json!([{"supplier": 3}, {"name": "b", "suppliers": [1, 2]}, {"supplier": 7, "blocked": true},
            {"supplier": 8, "blocked": true}, {"supplier": 9, "blocked": true}]);
        assert_eq!(serde_json::to_value(&one).unwrap(), written);
    }

    #[test]
    fn what_is_left_out_is_the_surveys_where_completes_are_counted() {
        let written = json!([{"supplier": 3, "cpi": "4.00 USD"}, {"supplier": 6, "completes": 50, "cpi": "6 USD"},
            {"supplier": 8, "completes": 0}, {"supplier": 9, "blocked": true}]);
        let counted =
            json!([{"supplier": 3, "completes": 400}, {"supplier": 6, "completes": 50, "cpi": "6 USD"}]);
        let on = |terms| list(written.clone()).on(terms, Some(400), Some("4 USD".parse().unwrap()));
        assert_eq!(on(Terms::Counted), list(counted));
        let shared = on(Terms::Shared);
        assert_eq!(
            shared
                .iter()
                .filter(|entry| entry.share == Some(Share { min: 0, max: 100 }))
                .count(),
            3
        );
        assert_eq!(shared.clone().on(Terms::Shared, None, None), shared);
    }

    #[test]
    fn who_sends_nobody_any_more_is_named() {
        let all = list(json!([{"supplier": 1}, {"name": "b", "suppliers": [2, 3]}]));
        let few = list(json!([{"supplier": 1}, {"supplier": 2, "blocked": true}]));
        assert_eq!(all.silenced_by(&few, Terms::Counted), [2, 3].into());
        assert_eq!(few.silenced_by(&all, Terms::Counted), [].into());
        let shared = Terms::Shared;
        assert_eq!(all.silenced_by(&few, shared), [2].into());
        assert_eq!(few.silenced_by(&few, shared), [].into());
        assert_eq!(named(&[].into()), "no supplier");
        assert_eq!(named(&[8].into()), "supplier 8");
        assert_eq!(named(&[8, 10, 16].into()), "suppliers 8, 10 and 16");
    }

    #[test]
    fn more_can_come_of_a_list_that_names_more_or_pays_more() {
        let before =
            list(json!([{"supplier": 1, "completes": 5, "cpi": "4 USD"}, {"supplier": 2, "blocked": true}]));
        let more = |json: Value| list(json).may_bring_more_than(&before);
        let blocked = json!({"supplier": 2, "blocked": true});
        assert!(!more(
            json!([{"supplier": 1, "completes": 5, "cpi": "4 USD"}, blocked])
        ));
        assert!(!more(
            json!([{"supplier": 1, "completes": 4, "cpi": "3 USD"}, blocked])
        ));
        assert!(!more(json!([{"supplier": 1, "completes": 4}, blocked])));
        assert!(more(
            json!([{"supplier": 1, "completes": 6, "cpi": "4 USD"}, blocked])
        ));
        assert!(more(json!([{"supplier": 1, "cpi": "4 USD"}, blocked])));
        assert!(more(
            json!([{"supplier": 1, "completes": 5, "cpi": "4.5 USD"}, blocked])
        ));
        assert!(more(
            json!([{"supplier": 1, "completes": 5, "cpi": "3 EUR"}, blocked])
        ));
        assert!(more(
            json!([{"supplier": 1, "completes": 5}, {"supplier": 3, "completes": 1}, blocked])
        ));
        assert!(more(json!([{"supplier": 1, "completes": 5}])));
        assert!(more(
            json!([{"name": "b", "suppliers": [1, 4], "completes": 5}, blocked])
        ));
        let free = list(json!([{"supplier": 1, "completes": 5}]));
        assert!(before.may_bring_more_than(&free));
        assert!(!free.may_bring_more_than(&free));
    }

    #[test]
    fn what_a_survey_is_made_with_says_nothing() {
        assert!(list(json!([])).are_alike());
        assert!(list(json!([{"supplier": 1, "completes": 5}, {"supplier": 2, "completes": 5}])).are_alike());
        for other in [
            json!([{"supplier": 1, "completes": 5}, {"supplier": 2, "completes": 4}]),
            json!([{"supplier": 1, "completes": 5, "cpi": "2 USD"}]),
            json!([{"name": "b", "suppliers": [1, 2], "completes": 5}]),
            json!([{"supplier": 1, "blocked": true}]),
        ] {
            assert!(!list(other.clone()).are_alike(), "{other}");
        }
    }
}
