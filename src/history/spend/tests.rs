//! What completes cost in November, of surveys that are looked at in many ways.

use super::super::looks::Look;
use super::super::record::{Ending, Moved};
use super::super::who::By;
use super::*;
use crate::marketplace::PURESPECTRUM;
use crate::model::desired::Policy;
use crate::model::{KnownSurvey, Resource, ResourceKind};

fn at(time: &str) -> Timestamp {
    format!("{time}:00Z").parse().unwrap()
}

fn november() -> Period {
    Period {
        from: Some(at("2026-11-01T00:00")),
        until: Some(at("2026-12-01T00:00")),
    }
}

fn usd(amount: &str) -> Option<Money> {
    Some(format!("{amount} USD").parse().unwrap())
}

fn tags(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A survey that costs 2 USD a complete and is in field.
fn counted(id: &str, completes: u64) -> Counted {
    Counted {
        id: id.to_owned(),
        completes: Some(completes),
        price: usd("2.00"),
        tags: tags(&["client-acme"]),
        ..Counted::default()
    }
}

fn look(time: &str, name: &str, counted: Counted) -> Look {
    Look {
        at: at(time),
        surveys: BTreeMap::from([(Address::survey(name), counted)]),
    }
}

fn of(looks: Vec<Look>) -> Vec<Spent> {
    spent(
        &Looks::of(looks),
        &Known::default(),
        &Lives::default(),
        &november(),
    )
}

/// What of one survey is said.
fn said(looks: Vec<Look>) -> (Option<i64>, Option<Money>, Option<Money>, Option<Gap>) {
    let all = of(looks);
    assert_eq!(all.len(), 1, "{all:?}");
    let one = &all[0];
    (one.completes, one.money, one.may_be_earlier, one.gap)
}

fn known(name: &str, id: &str, words: &[&str], in_field: bool) -> Known {
    let survey = KnownSurvey {
        in_field,
        policy: Policy {
            tags: tags(words),
            ..Policy::default()
        },
        ..KnownSurvey::default()
    };
    let resource = Resource {
        vendor: PURESPECTRUM,
        kind: ResourceKind::Survey(Box::new(survey)),
        id: id.to_owned(),
    };
    Known {
        resources: BTreeMap::from([(Address::survey(name), resource)]),
        ..Known::default()
    }
}

#[test]
fn a_month_has_what_its_looks_saw_first() {
    let looks = vec![
        look("2026-10-30T08:00", "soda", counted("7", 10)),
        look("2026-11-02T08:00", "soda", counted("7", 14)),
        look("2026-11-29T08:00", "soda", counted("7", 50)),
        look("2026-12-02T08:00", "soda", counted("7", 80)),
    ];
    assert_eq!(said(looks.clone()), (Some(40), usd("80.00"), usd("8.00"), None));
    // All months together are the whole.
    let of = |from: &str, until: &str| {
        let period = Period {
            from: Some(at(from)),
            until: Some(at(until)),
        };
        spent(
            &Looks::of(looks.clone()),
            &Known::default(),
            &Lives::default(),
            &period,
        )[0]
        .completes
    };
    assert_eq!(of("2026-12-01T00:00", "2027-01-01T00:00"), Some(30));
    let all = Period::default();
    let all = spent(
        &Looks::of(looks.clone()),
        &Known::default(),
        &Lives::default(),
        &all,
    );
    assert_eq!(
        (all[0].completes, all[0].money, all[0].gap),
        (Some(80), usd("160.00"), None)
    );
}

#[test]
fn the_first_moment_of_a_month_is_of_it_and_that_of_the_next_is_not() {
    let looks = vec![
        look("2026-10-31T23:59", "soda", counted("7", 1)),
        look("2026-11-01T00:00", "soda", counted("7", 3)),
        look("2026-12-01T00:00", "soda", counted("7", 9)),
    ];
    assert_eq!(said(looks), (Some(2), usd("4.00"), usd("4.00"), None));
}

#[test]
fn what_came_before_the_first_look_counts_only_where_it_began_in_the_month() {
    let late = |started: Option<Timestamp>| {
        let late = |completes| Counted {
            started,
            ..counted("7", completes)
        };
        said(vec![
            look("2026-11-10T08:00", "soda", late(10)),
            look("2026-11-20T08:00", "soda", late(30)),
        ])
    };
    let gap = Some(Gap::Before(at("2026-11-10T08:00")));
    assert_eq!(late(None), (Some(20), usd("40.00"), None, gap));
    assert_eq!(
        late(Some(at("2026-10-31T23:59"))),
        (Some(20), usd("40.00"), None, gap)
    );
    assert_eq!(
        late(Some(at("2026-11-01T00:00"))),
        (Some(30), usd("60.00"), None, None)
    );
    // Nobody had come by the first look.
    let empty = vec![
        look("2026-11-10T08:00", "soda", counted("7", 0)),
        look("2026-11-20T08:00", "soda", counted("7", 30)),
    ];
    assert_eq!(said(empty), (Some(30), usd("60.00"), None, None));
}

#[test]
fn a_survey_that_was_made_in_the_month_began_in_it() {
    let mut run = Run::new(
        "1".to_owned(),
        "apply",
        at("2026-11-09T08:00"),
        "bench",
        By::default(),
    );
    let mut end = Ending::default().end("1", at("2026-11-09T08:01"), None);
    end.made.insert(Address::survey("soda"), "7".to_owned());
    run.end = Some(end);
    let mut lives = Lives::default();
    lives.see(&run);
    let looks = Looks::of([look("2026-11-10T08:00", "soda", counted("7", 10))]);
    let all = spent(&looks, &Known::default(), &lives, &november());
    assert_eq!(
        (all[0].completes, all[0].money, all[0].gap),
        (Some(10), usd("20.00"), None)
    );
}

#[test]
fn what_nobody_looked_at_is_said_unless_it_was_out_of_field() {
    let looks = vec![look("2026-10-30T08:00", "soda", counted("7", 10))];
    assert_eq!(
        said(looks),
        (None, None, None, Some(Gap::Since(at("2026-10-30T08:00"))))
    );
    let out = Counted {
        out_of_field: true,
        ..counted("7", 10)
    };
    assert!(of(vec![look("2026-10-30T08:00", "soda", out.clone())]).is_empty());
    assert!(of(vec![look("2026-12-30T08:00", "soda", counted("7", 10))]).is_empty());
    // It went in field again between two looks, in that month or before it began: nobody can tell.
    let looks = vec![
        look("2026-10-30T08:00", "soda", out),
        look("2026-11-02T08:00", "soda", counted("7", 12)),
    ];
    assert_eq!(said(looks), (Some(2), usd("4.00"), None, None));
    let never = spent(
        &Looks::default(),
        &known("soda", "7", &[], true),
        &Lives::default(),
        &november(),
    );
    assert_eq!((never[0].money, never[0].gap), (None, Some(Gap::Never)));
    let draft = spent(
        &Looks::default(),
        &known("soda", "7", &[], false),
        &Lives::default(),
        &november(),
    );
    assert!(draft.is_empty());
}

#[test]
fn completes_cost_what_the_vendor_says_or_else_their_price_when_they_were_seen() {
    let told = |time: &str, completes, cost: &str| {
        let counted = Counted {
            cost: usd(cost),
            price: None,
            ..counted("7", completes)
        };
        look(time, "soda", counted)
    };
    let looks = vec![
        told("2026-10-30T08:00", 10, "25.00"),
        told("2026-11-30T08:00", 20, "55.50"),
    ];
    assert_eq!(said(looks), (Some(10), usd("30.50"), usd("30.50"), None));
    // Some were taken back.
    let looks = vec![
        told("2026-10-30T08:00", 10, "25.00"),
        told("2026-11-30T08:00", 8, "20.00"),
    ];
    let back = Money::zero(usd("1.00").unwrap().currency).minus(usd("5.00").unwrap().amount);
    assert_eq!(said(looks), (Some(-2), Some(back), None, None));
    let dearer = Counted {
        price: usd("5.00"),
        ..counted("7", 12)
    };
    let looks = vec![
        look("2026-10-30T08:00", "soda", counted("7", 10)),
        look("2026-11-30T08:00", "soda", dearer.clone()),
    ];
    assert_eq!(said(looks), (Some(2), usd("10.00"), usd("10.00"), None));
    let free = Counted {
        price: None,
        ..counted("7", 12)
    };
    let looks = vec![
        look("2026-10-30T08:00", "soda", counted("7", 10)),
        look("2026-11-30T08:00", "soda", free),
    ];
    assert_eq!(said(looks), (Some(2), None, None, Some(Gap::NoPrice)));
    let euros = Counted {
        price: "5.00 EUR".parse().ok(),
        ..counted("7", 12)
    };
    let looks = vec![
        look("2026-10-30T08:00", "soda", counted("7", 10)),
        look("2026-11-30T08:00", "soda", euros),
    ];
    assert_eq!(said(looks), (Some(2), None, None, Some(Gap::NoPrice)));
}

#[test]
fn a_survey_that_was_renamed_is_one_and_another_one_under_its_old_name_is_another() {
    let mut run = Run::new(
        "1".to_owned(),
        "apply",
        at("2026-11-09T08:00"),
        "bench",
        By::default(),
    );
    run.moves.push(Moved {
        from: Address::survey("soda"),
        to: Address::survey("cola"),
    });
    let mut lives = Lives::default();
    lives.see(&run);
    let looks = Looks::of([
        look("2026-10-30T08:00", "soda", counted("7", 10)),
        look("2026-11-10T08:00", "cola", counted("7", 30)),
        look("2026-11-11T08:00", "soda", counted("8", 0)),
        look("2026-11-12T08:00", "soda", counted("8", 4)),
    ]);
    let mut known = known("cola", "7", &["client-globex"], true);
    known
        .resources
        .extend(self::known("soda", "8", &["client-new"], true).resources);
    let all = spent(&looks, &known, &lives, &november());
    let all: Vec<_> = all
        .iter()
        .map(|one| {
            (
                one.address.as_str(),
                one.completes,
                one.tags.first().unwrap().as_str(),
            )
        })
        .collect();
    // What is remembered has the tags that are remembered.
    assert_eq!(
        all,
        [
            ("cola", Some(20), "client-globex"),
            ("soda", Some(4), "client-new")
        ]
    );
}

#[test]
fn what_is_forgotten_has_the_tags_of_its_last_look_and_what_holds_groups_is_passed_over() {
    let mut looks = Looks::default();
    for (name, completes) in [("soda", 9), ("soda/main", 4), ("soda/more", 5)] {
        let address = match name.split_once('/') {
            Some((survey, group)) => Address::group(survey, group),
            None => Address::survey(name),
        };
        let started = Counted {
            started: Some(at("2026-11-02T08:00")),
            ..counted(name, completes)
        };
        looks.add(Look {
            at: at("2026-11-03T08:00"),
            surveys: BTreeMap::from([(address, started)]),
        });
    }
    let all = spent(&looks, &Known::default(), &Lives::default(), &november());
    let all: Vec<_> = all
        .iter()
        .map(|one| (one.address.as_str(), one.money, one.tags.contains("client-acme")))
        .collect();
    assert_eq!(
        all,
        [
            ("soda/main", usd("8.00"), true),
            ("soda/more", usd("10.00"), true)
        ]
    );
}
