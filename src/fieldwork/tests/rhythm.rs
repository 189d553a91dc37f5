//! What is out of field for its hours, or until the next day.

use super::*;
use crate::model::hours::{Hours, Opening};
use crate::model::ladder::Climb;
use crate::model::pace::{Day, Pace};

#[test]
fn what_is_out_of_field_for_its_hours_says_when_they_open() {
    let open = Opening::read("daily 08:00-22:00").unwrap();
    let hours = Hours::new("America/New_York".to_owned(), vec![open]);
    let known = |act| KnownSurvey {
        paused_by: Some(PausedBy { act, at: Some(at(0)) }),
        climb: Some(Climb {
            hours: Some(hours.clone()),
            ..Climb::default()
        }),
        ..KnownSurvey::default()
    };
    let mut paused = live();
    (paused.status, paused.fielded) = (Some(Status::Paused), Some(10));
    let reading = Reading::Present(paused);
    let why = |act, now: &str| {
        let now = now.parse().unwrap();
        let address = Address::survey("soda");
        let seen = Fieldwork::read(
            address,
            crate::marketplace::CINT,
            "7",
            &known(act),
            &reading,
            &look(now),
        );
        assert_eq!(seen.verdict, Verdict::Paused);
        assert!(!seen.needs_a_look());
        seen.why
    };
    let (night, day) = ("2023-11-16T04:00:00Z", "2023-11-16T15:00:00Z");
    let outside = "by infield: it is outside of its hours, which open Thu 08:00 New York";
    assert!(
        why(Act::Hours, night).ends_with(outside),
        "{}",
        why(Act::Hours, night)
    );
    let open = "by its hours, which are open: the next apply puts it back in field";
    assert!(why(Act::Hours, day).ends_with(open), "{}", why(Act::Hours, day));
    assert!(why(Act::Freeze, night).contains("by infield freeze"));
}

#[test]
fn what_is_full_for_the_day_is_paused_by_its_pace_and_not_done() {
    let known = |whole| KnownSurvey {
        in_field: true,
        climb: Some(Climb {
            whole,
            pace: Some(Pace {
                completes_per_day: 80,
                timezone: "America/New_York".to_owned(),
            }),
            day: Some(Day {
                date: "2023-11-15".parse().unwrap(),
                start: 20,
            }),
            ..Climb::default()
        }),
        ..KnownSurvey::default()
    };
    let mut full = live();
    (full.status, full.fielded) = (Some(Status::Paused), Some(100));
    let seen = |whole, live: &LiveSurvey| {
        let address = Address::survey("soda");
        let reading = Reading::Present(live.clone());
        Fieldwork::read(
            address,
            crate::marketplace::CINT,
            "7",
            &known(whole),
            &reading,
            &look(at(1)),
        )
    };
    let day = seen(400, &full);
    assert_eq!(day.verdict, Verdict::Paused);
    let why = "by its pace of 80 completes a day New York: the first apply of the next day goes on";
    assert!(day.why.ends_with(why), "{}", day.why);
    // All of it, and what another bound has stopped.
    assert_eq!(seen(100, &full).verdict, Verdict::Done);
    full.spec.completes = Field::Set(90);
    assert_eq!(seen(400, &full).verdict, Verdict::SoftLaunchWaiting);
}
