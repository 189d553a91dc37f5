use super::*;
use crate::model::LiveQuota;
use crate::model::known::{Act, Finished, PausedBy};
use std::sync::LazyLock;

mod rhythm;

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap()
}

fn live() -> LiveSurvey {
    let mut live = LiveSurvey {
        id: "7".to_owned(),
        status: Some(Status::Live),
        status_text: "live".to_owned(),
        ..LiveSurvey::default()
    };
    live.spec.completes = Field::Set(100);
    live.spec.cpi = Field::Set("2.50 USD".parse().unwrap());
    live.spec.field_days = Field::Set(10);
    live
}

/// With the limits that there are by default, for the first time.
fn look(now: Timestamp) -> Lens<'static> {
    static LIMITS: LazyLock<Alarms> = LazyLock::new(Alarms::default);
    static PAST: LazyLock<Past> = LazyLock::new(Past::default);
    Lens {
        limits: &LIMITS,
        past: &PAST,
        now,
    }
}

fn read(live: LiveSurvey, now: Timestamp) -> Fieldwork {
    let known = KnownSurvey::default();
    let address = Address::survey("soda");
    let reading = Reading::Present(live);
    Fieldwork::read(
        address,
        crate::marketplace::PURESPECTRUM,
        "7",
        &known,
        &reading,
        &look(now),
    )
}

#[test]
fn what_is_not_told_is_not_zero() {
    let seen = read(live(), at(5));
    assert_eq!(
        (
            seen.completes,
            seen.cost,
            seen.projected_cost,
            seen.pace,
            seen.days_left,
            seen.ends
        ),
        (None, None, None, None, None, None)
    );
    assert_eq!(seen.incidence_rate.actual, None);
    assert_eq!(seen.verdict, Verdict::InField);
    assert!(seen.why.contains("PureSpectrum does not tell"), "{}", seen.why);
}

#[test]
fn days_and_money_are_projected_from_what_is_known() {
    let mut live = live();
    live.fielded = Some(60);
    live.performance = Some(Performance {
        cost: Some("150.00 USD".parse().unwrap()),
        started: Some(at(0)),
        ..Performance::default()
    });
    let seen = read(live.clone(), at(4));
    assert_eq!(seen.projected_cost.unwrap().to_string(), "250.00 USD");
    assert_eq!((seen.days_left, seen.pace), (Some(6), Some(150)));
    assert_eq!(seen.verdict, Verdict::OnTrack);
    assert_eq!(read(live.clone(), at(40)).days_left, Some(0));
    live.status = Some(Status::Closed);
    let closed = read(live, at(4));
    assert_eq!(closed.projected_cost, closed.cost);
    assert_eq!((closed.verdict, closed.days_left), (Verdict::Closed, None));
}

#[test]
fn other_currencies_are_not_added_up() {
    let money = |text: &str| text.parse::<Money>().unwrap();
    let rest =
        |cost: &str, price: &str, end| projected(Some(money(cost)), Some(money(price)), Some(end), Some(5));
    assert_eq!(rest("1 USD", "1 EUR", 10), None);
    assert_eq!(rest("1.00 USD", "2.00 USD", 3), Some(money("1 USD")));
}

#[test]
fn a_hidden_quota_has_the_goal_that_was_applied_or_none() {
    let mut live = live();
    live.quotas = vec![LiveQuota {
        name: Some("men".to_owned()),
        id: "q".to_owned(),
        completes: 0,
        fielded: None,
        criteria: Vec::new().into(),
        nameless: false,
        hidden: true,
    }];
    let seen = read(live, at(0));
    assert_eq!(seen.quotas[0].goal, None);
    assert_eq!(seen.quotas[0].completes, None);
}

#[test]
fn what_the_vendor_is_about_to_end_is_told_72_hours_before() {
    let known = |act: Option<i64>, finished: Option<i64>| KnownSurvey {
        in_field: true,
        paused_by: act.map(|day| PausedBy {
            act: Act::Freeze,
            at: Some(at(day)),
        }),
        finished: finished.map(|day| Finished {
            goal: 100,
            completes: 100,
            at: Some(at(day)),
        }),
        ..KnownSurvey::default()
    };
    let seen = |vendor, known: &KnownSurvey, live: &LiveSurvey, day| {
        let reading = Reading::Present(live.clone());
        let seen = Fieldwork::read(
            Address::survey("soda"),
            vendor,
            "7",
            known,
            &reading,
            &look(at(day)),
        );
        (seen.resume_by, seen.warning)
    };
    let purespectrum = crate::marketplace::PURESPECTRUM;
    let mut paused = live();
    (paused.status, paused.fielded) = (Some(Status::Paused), Some(10));
    for (known, last) in [(known(Some(0), None), 10), (known(None, Some(1)), 11)] {
        for (day, warns) in [
            (last - 4, false),
            (last - 3, true),
            (last - 1, true),
            (last, false),
        ] {
            let (by, warning) = seen(purespectrum, &known, &paused, day);
            assert_eq!((by, warning.is_some()), (Some(at(last)), warns), "{day}");
        }
    }
    let (by, warning) = seen(purespectrum, &known(None, None), &paused, 9);
    assert_eq!((by, warning), (None, None), "nobody knows since when");
    // What stops at its goal stops with its last complete.
    paused.fielded = Some(100);
    paused.performance = Some(Performance {
        last_complete: Some(at(2)),
        ..Performance::default()
    });
    let (by, _) = seen(purespectrum, &known(None, Some(5)), &paused, 6);
    assert_eq!(by, Some(at(12)));
    // Another vendor waits until the end.
    let mut ended = live();
    (ended.status, ended.fielded) = (Some(Status::Closed), Some(60));
    ended.spec.end = Field::Set(at(20));
    let (by, warning) = seen(crate::marketplace::CINT, &known(None, None), &ended, 18);
    assert_eq!((by, warning.is_some()), (Some(at(20)), true));
    assert_eq!(
        seen(purespectrum, &known(None, None), &ended, 18),
        (None, None),
        "closed for good"
    );
    // In field without a complete, from the second day on.
    let mut silent = live();
    silent.fielded = Some(0);
    silent.performance = Some(Performance {
        started: Some(at(0)),
        ..Performance::default()
    });
    let warned = |silent: &LiveSurvey, day| seen(purespectrum, &known(None, None), silent, day);
    assert_eq!(warned(&silent, 0), (None, None));
    let (by, warning) = warned(&silent, 1);
    assert_eq!(by, None);
    assert!(warning.unwrap().contains("48 hours are left"));
    silent.fielded = Some(1);
    assert_eq!(warned(&silent, 1), (None, None));
}

#[test]
fn what_was_not_read_says_why() {
    let known = KnownSurvey::default();
    let unknown = Reading::Unknown {
        why: "503".to_owned(),
    };
    let seen = Fieldwork::read(
        Address::survey("a"),
        crate::marketplace::CINT,
        "7",
        &known,
        &unknown,
        &look(at(0)),
    );
    assert_eq!((seen.verdict, seen.why.as_str()), (Verdict::Unread, "503"));
}

/// A survey of ten days at Cint on its sixth, with these quotas of men and women.
fn sixth_day(men: (u64, u64), women: (u64, u64)) -> LiveSurvey {
    let quota = |name: &str, (fielded, completes): (u64, u64)| LiveQuota {
        name: Some(name.to_owned()),
        id: name.to_owned(),
        completes,
        fielded: Some(fielded),
        criteria: Vec::new().into(),
        nameless: false,
        hidden: false,
    };
    let mut live = live();
    live.spec.completes = Field::Set(men.1 + women.1);
    live.fielded = Some(men.0 + women.0);
    live.quotas = vec![quota("men", men), quota("women", women)];
    live.performance = Some(Performance {
        started: Some(at(0)),
        last_complete: Some(at(6)),
        cost: Some(Money::zero("1 USD".parse::<Money>().unwrap().currency)),
        ..Performance::default()
    });
    live
}

#[test]
fn fields_whose_women_do_not_come_are_slow_however_many_men_do() {
    for (men, women, missing) in [
        (
            (200, 200),
            (10, 200),
            "quota women is at 8% of the pace that it needs, about 183 of 200",
        ),
        (
            (174, 196),
            (0, 204),
            "quota women is at 0% of the pace that it needs, about 204 of 204",
        ),
    ] {
        let seen = read(sixth_day(men, women), at(6));
        assert_eq!(seen.verdict, Verdict::Slow, "{}", seen.why);
        assert!(seen.why.starts_with(missing), "{}", seen.why);
    }
    // A quota that was taken away is closed with what it had.
    let seen = read(sixth_day((270, 400), (30, 0)), at(6));
    assert_eq!(seen.verdict, Verdict::OnTrack, "{}", seen.why);
}

#[test]
fn what_is_over_costs_no_more_than_it_did() {
    let mut over = sixth_day((200, 200), (165, 200));
    over.performance.as_mut().unwrap().cost = Some("912.50 USD".parse().unwrap());
    let seen = read(over, at(10));
    assert_eq!(seen.why, "its time is over at 365 of 400 completes");
    assert_eq!(
        (seen.cost, seen.projected_cost),
        (Some("912.50 USD".parse().unwrap()), seen.cost)
    );
}

#[test]
fn a_day_without_completes_is_no_stall_where_hardly_any_were_to_be_expected() {
    let mut rare = live();
    rare.spec.completes = Field::Set(30);
    rare.fielded = Some(15);
    rare.performance = Some(Performance {
        started: Some(at(0)),
        last_complete: Some(at(4)),
        incidence_rate: Some(43.into()),
        ..Performance::default()
    });
    rare.spec.incidence_rate = Field::Set(50.into());
    let seen = read(rare, at(5));
    assert_eq!(
        (seen.verdict, seen.pace),
        (Verdict::OnTrack, Some(100)),
        "{}",
        seen.why
    );
    assert_eq!(seen.alarms, ["the incidence rate is 43%, and 50% was promised"]);
    assert!(seen.needs_a_look());
}

#[test]
fn the_past_is_what_looks_saw_of_a_survey_and_its_quotas_under_its_id() {
    use crate::history::{Counted, Look, Looks};
    let look = |day: i64, id: &str, completes: u64| {
        let counted = Counted {
            id: id.to_owned(),
            completes: Some(completes),
            quotas: [("men".to_owned(), completes / 2)].into(),
            ..Counted::default()
        };
        Look {
            at: at(day),
            surveys: [(Address::survey("soda"), counted)].into(),
        }
    };
    let looks = Looks::of([look(2, "7", 20), look(1, "7", 10), look(3, "8", 2)]);
    let past = looks.past(&Address::survey("soda"), "7");
    assert_eq!(past.whole, [(at(1), 10), (at(2), 20)]);
    assert_eq!(past.quotas["men"], [(at(1), 5), (at(2), 10)]);
    assert_eq!(looks.past(&Address::survey("tea"), "7"), Past::default());
}

#[test]
fn a_price_that_was_raised_counts_for_what_came_since() {
    let money = |text: &str| text.parse::<Money>().unwrap();
    let seen = |cost_by_price, spent| {
        let mut live = live();
        live.fielded = Some(300);
        live.performance = Some(Performance {
            started: Some(at(0)),
            price: Some(money("4.00 USD")),
            cost: Some(money("1200.00 USD")),
            cost_by_price,
            ..Performance::default()
        });
        let past = Past {
            spent,
            ..Past::default()
        };
        let lens = Lens {
            past: &past,
            ..look(at(5))
        };
        let known = KnownSurvey::default();
        let vendor = crate::marketplace::INNOVATEMR;
        let reading = Reading::Present(live);
        Fieldwork::read(Address::survey("soda"), vendor, "7", &known, &reading, &lens).cost
    };
    let spent = Some((200, money("500.00 USD")));
    assert_eq!(seen(true, spent), Some(money("900.00 USD")));
    // Nobody looked before; and where the vendor tells the cost, that is it.
    assert_eq!(seen(true, None), Some(money("1200.00 USD")));
    assert_eq!(seen(false, spent), Some(money("1200.00 USD")));
    assert_eq!(
        seen(true, Some((200, money("500.00 EUR")))),
        Some(money("1200.00 USD"))
    );
}

#[test]
fn earlier_looks_decide_what_is_still_to_come() {
    let live = |completes| {
        let mut live = live();
        live.fielded = Some(completes);
        live.performance = Some(Performance {
            started: Some(at(0)),
            ..Performance::default()
        });
        Reading::Present(live)
    };
    let told = |counts: &[u64], day: i64| {
        let whole = counts.iter().zip(1..).map(|(count, day)| (at(day), *count));
        let past = Past {
            whole: whole.collect(),
            ..Past::default()
        };
        let lens = Lens {
            past: &past,
            ..look(at(day))
        };
        let known = KnownSurvey::default();
        let vendor = crate::marketplace::PURESPECTRUM;
        Fieldwork::read(Address::survey("soda"), vendor, "7", &known, &live(60), &lens)
    };
    // As many by now, and once nearly all of them on the first days.
    let dries = told(&[40, 55, 58, 59], 5);
    let rises = told(&[1, 3, 10, 30], 5);
    let even = told(&[], 5);
    let end = |seen: &Fieldwork| seen.forecast.unwrap().completes;
    assert!(
        end(&dries) < 95 && end(&even) == 100 && end(&rises) == 100,
        "{dries:#?}"
    );
    assert!(dries.forecast.unwrap().recent && !even.forecast.unwrap().recent);
    assert_eq!(dries.verdict, Verdict::Slow);
    assert!(
        dries.why.starts_with("at the rate of its last days about "),
        "{}",
        dries.why
    );
    // With the rate that it has by now it is full sooner.
    assert!(rises.forecast.unwrap().full < even.forecast.unwrap().full);
    let curve: Vec<u64> = rises.curve.iter().map(|(_, count)| *count).collect();
    assert_eq!(curve, [0, 1, 3, 10, 30, 60]);
    // What is told of the vendor's own days does as well.
    let mut told = live(60);
    let Reading::Present(live) = &mut told else {
        unreachable!()
    };
    live.performance.as_mut().unwrap().details = Some(crate::model::Details {
        intervals: [40, 15, 3, 1, 1]
            .into_iter()
            .zip(1..)
            .map(|(n, day)| (at(day), n))
            .collect(),
        ..Default::default()
    });
    let known = KnownSurvey::default();
    let seen = Fieldwork::read(
        Address::survey("soda"),
        crate::marketplace::CINT,
        "7",
        &known,
        &told,
        &look(at(5)),
    );
    assert_eq!(seen.forecast, dries.forecast);
    assert_eq!(seen.intervals.len(), 5);
}

mod simulated;
