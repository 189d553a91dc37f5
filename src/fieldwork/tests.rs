use super::*;
use crate::model::known::{Act, Finished, PausedBy};

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
        &Alarms::default(),
        now,
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
        criteria: Vec::new(),
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
            &Alarms::default(),
            at(day),
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
        &Alarms::default(),
        at(0),
    );
    assert_eq!((seen.verdict, seen.why.as_str()), (Verdict::Unread, "503"));
}
