//! Taking surveys out of field at once: a plan made from the state alone.

use crate::model::known::{Act, PausedBy};
use crate::model::{Address, Field, Known, Level, Money, Reading, ResourceKind, Status};
use crate::plan::{Action, Change, Marketplaces, Plan, Record, Step, exposure};
use crate::refresh::{Readers, refresh};
use rust_decimal::Decimal;
use std::cmp::Reverse;

/// What a freeze would do.
#[derive(Debug)]
pub struct Frozen {
    /// One pause per survey in field, the most money at stake first.
    pub plan: Plan,
    /// Surveys that could not be read, one line each: they may be in field.
    pub unread: Vec<String>,
}

/// Plans to pause every survey in field whose name matches one of the patterns, or every one where there are none.
///
/// The survey stays `in field` in the state: it was stopped, not wanted stopped, so the next plan reports it and does
/// not resume it unasked.
pub async fn make_plan(
    environment: &str,
    known: &Known,
    readers: &Readers,
    patterns: &[String],
    markets: &dyn Marketplaces,
) -> Frozen {
    let live = refresh(&crate::model::Desired::default(), known, readers, None).await;
    let mut steps = Vec::new();
    let mut unread = Vec::new();
    for (address, resource) in &known.resources {
        let ResourceKind::Survey(survey) = &resource.kind else {
            continue;
        };
        if !patterns.is_empty() && !patterns.iter().any(|pattern| means(pattern, address)) {
            continue;
        }
        match live.surveys.get(address) {
            Some(Reading::Present(seen)) if seen.status == Some(Status::Live) => {
                let mut applied = survey.applied.clone();
                applied.status = Field::Set(Status::Live);
                let record = Record::survey(applied, true, survey.policy, survey.orphaned)
                    .because(Some(PausedBy::now(Act::Freeze)), survey.finished);
                let market = markets.of(resource.vendor);
                steps.push(Step {
                    changes: vec![Change::status(Some(Status::Live), Status::Paused)],
                    calls: market.out_of_field(address, seen, Status::Paused, None),
                    adds_exposure: exposure::ended(seen, &survey.applied),
                    ..Step::new(address, resource.vendor, Action::Pause, "frozen by hand", record)
                });
            }
            Some(Reading::Unknown { why }) => unread.push(format!("{address}: {why}")),
            Some(Reading::Present(_) | Reading::Absent { .. }) | None => {}
        }
    }
    // Equal ones keep the order of names. What only holds groups costs nothing by itself.
    steps.sort_by_key(|step| {
        let holds = Level::of(step.vendor, &step.address) == Level::Container;
        (holds, urgency(step.adds_exposure))
    });
    let plan = Plan {
        environment: environment.to_owned(),
        steps,
        ..Plan::default()
    };
    Frozen { plan, unread }
}

/// Whether a pattern selects an address. A survey is selected with all of its groups and at all of its marketplaces, unless one
/// is named.
pub fn means(pattern: &str, address: &Address) -> bool {
    names(address).iter().any(|name| matches(pattern, name))
}

/// The names by which a pattern can select an address.
pub fn names(address: &Address) -> [Address; 4] {
    [
        address.clone(),
        address.alone(),
        Address::survey(address.survey_name()),
        Address::survey(address.manifest()),
    ]
}

/// The order of the pauses: first surveys of unknown cost, because the vendor makes their price, then the most money.
fn urgency(ended: Option<Money>) -> (bool, Reverse<Decimal>) {
    (
        ended.is_some(),
        Reverse(ended.map_or(Decimal::ZERO, |money| money.amount.abs())),
    )
}

/// Whether a name matches a pattern in which `*` stands for anything.
fn matches(pattern: &str, address: &Address) -> bool {
    let name = address.as_str();
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_cost_anything_goes_first_then_the_most_money() {
        let ended = |amount: i64| Some(Money::new(Decimal::new(-amount, 2), iso_currency::Currency::USD));
        let mut all = [ended(100), None, ended(30000), ended(2500)];
        all.sort_by_key(|money| urgency(*money));
        assert_eq!(all, [None, ended(30000), ended(2500), ended(100)]);
    }

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, wanted) in [
            ("soda", "soda", true),
            ("soda", "soda-2", false),
            ("soda*", "soda-2", true),
            ("*-w3", "soda-w3", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("*", "x", true),
            ("ab*b", "ab", false),
        ] {
            assert_eq!(
                matches(pattern, &Address::survey(name)),
                wanted,
                "{pattern} {name}"
            );
        }
    }
}
