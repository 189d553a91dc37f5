use super::*;
use crate::model::hours::Opening;
use proptest::prelude::*;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + hour * 3600).unwrap()
}

fn outlook(hour: i64, completes: u64, goal: u64) -> Option<Outlook> {
    Time::new(at(0), at(100), at(hour))?.outlook(completes, goal, &[])
}

/// 100 completes wanted within 100 hours, at this hour with that many.
fn facts(hour: i64, completes: u64) -> Facts<'static> {
    Facts {
        vendor: crate::marketplace::PURESPECTRUM,
        status: Some(Status::Live),
        status_text: "live",
        reason: None,
        ended: None,
        left_in_field: true,
        own_act: None,
        hours: None,
        outlook: outlook(hour, completes, 100),
        completes: Some(completes),
        goal: Some(100),
        quotas: &[],
        started: Some(at(0)),
        ends: Some(at(100)),
        last_complete: (completes > 0).then(|| at(hour)),
        unread: None,
        now: at(hour),
    }
}

fn verdict(facts: &Facts<'_>) -> Verdict {
    judge(facts).0
}

#[test]
fn the_pace_decides_in_field() {
    for (hour, completes, wanted) in [
        (0, 0, Verdict::InField),
        (16, 1, Verdict::InField),
        (16, 16, Verdict::InField),
        (17, 14, Verdict::Slow),
        (17, 17, Verdict::OnTrack),
        (20, 16, Verdict::Slow),
        (20, 20, Verdict::OnTrack),
        // Close, and nobody can tell yet; close, and there is hardly any time left.
        (50, 48, Verdict::OnTrack),
        (98, 96, Verdict::Slow),
        (23, 0, Verdict::Slow),
        (24, 0, Verdict::Stalled),
        (50, 100, Verdict::Done),
        (50, 101, Verdict::OverquotaRisk),
        (100, 99, Verdict::Slow),
        (100, 100, Verdict::Done),
    ] {
        let facts = facts(hour, completes);
        assert_eq!(
            verdict(&facts),
            wanted,
            "{completes} at {hour}: {}",
            judge(&facts).1
        );
    }
}

#[test]
fn before_a_whole_day_with_its_night_was_seen_nothing_is_said_of_the_pace() {
    let said = |days: i64, hour: i64| {
        let time = Time::new(at(0), at(days * 24), at(hour)).unwrap();
        time.outlook(50, 400, &[]).is_some()
    };
    // Ten days from the second one on, three from their thirteenth hour on, and thirty once a twentieth is over.
    for (days, hour) in [(10, 24), (3, 12), (30, 36)] {
        assert!(!said(days, hour - 1), "{days} {hour}");
        assert!(said(days, hour), "{days} {hour}");
    }
}

#[test]
fn silence_for_a_day_is_a_stall_however_good_the_pace_was() {
    let mut facts = facts(60, 90);
    facts.last_complete = Some(at(36));
    assert_eq!(
        judge(&facts),
        (Verdict::Stalled, "no complete for 24 hours".to_owned())
    );
    facts.last_complete = Some(at(37));
    assert_eq!(verdict(&facts), Verdict::OnTrack);
    // Where nobody tells when the last one came, only none at all is silence.
    facts.last_complete = None;
    assert_eq!(verdict(&facts), Verdict::OnTrack);
    // What was resumed is not blamed for the time it was out.
    facts.started = Some(at(50));
    facts.last_complete = Some(at(10));
    assert_ne!(verdict(&facts), Verdict::Stalled);
}

#[test]
fn without_a_start_an_end_or_a_count_there_is_no_pace() {
    let full = facts(50, 10);
    for (missing, said) in [
        (
            Facts {
                started: None,
                ..full
            },
            "does not tell when it started",
        ),
        (Facts { ends: None, ..full }, "does not tell when it ends"),
        (
            Facts {
                completes: None,
                ..full
            },
            "does not tell how many completes",
        ),
        (Facts { goal: None, ..full }, "no goal is known"),
    ] {
        let (verdict, why) = judge(&Facts {
            outlook: None,
            ..missing
        });
        assert_eq!(verdict, Verdict::InField, "{why}");
        assert!(why.contains(said), "{why}");
    }
}

#[test]
fn out_of_field_only_the_goal_counts() {
    let short = Some(End::Short);
    for (status, end, left_in_field, wanted) in [
        (Status::Draft, None, true, Verdict::Draft),
        (Status::Paused, None, true, Verdict::Paused),
        (Status::Paused, Some(End::Done), true, Verdict::Done),
        (
            Status::Paused,
            Some(End::SoftLaunch),
            true,
            Verdict::SoftLaunchWaiting,
        ),
        (Status::Paused, short, true, Verdict::EndedShort),
        (Status::Closed, short, true, Verdict::EndedShort),
        (Status::Closed, short, false, Verdict::Closed),
        (Status::Closed, Some(End::Done), false, Verdict::Done),
    ] {
        let ended = end.map(|end| Ended {
            end,
            completes: Some(90),
            goal: Some(100),
            taken_back: 0,
        });
        let facts = Facts {
            status: Some(status),
            ended,
            left_in_field,
            ..facts(90, 90)
        };
        assert_eq!(verdict(&facts), wanted);
    }
    let strange = Facts {
        status: None,
        ..facts(1, 1)
    };
    assert_eq!(verdict(&strange), Verdict::Unclear);
    let later = Facts {
        now: at(-1),
        ..facts(0, 0)
    };
    assert_eq!(verdict(&later), Verdict::Scheduled);
}

#[test]
fn a_quota_over_its_goal_is_a_risk_and_a_full_one_is_not() {
    for (quotas, wanted) in [
        (vec![quota(50, Some(50), Some(50))], Verdict::OnTrack),
        (
            vec![quota(50, None, Some(0)), quota(50, Some(3), None)],
            Verdict::OnTrack,
        ),
        // Closed with what it had.
        (vec![quota(50, Some(30), Some(0))], Verdict::OnTrack),
        (vec![quota(50, Some(51), Some(50))], Verdict::OverquotaRisk),
    ] {
        let facts = Facts {
            quotas: &quotas,
            ..facts(50, 60)
        };
        assert_eq!(verdict(&facts), wanted);
    }
}

fn quota(hour: i64, completes: Option<u64>, goal: Option<u64>) -> QuotaFieldwork {
    let outlook = completes.zip(goal).and_then(|(n, goal)| outlook(hour, n, goal));
    QuotaFieldwork {
        name: "men".to_owned(),
        completes,
        goal,
        pace: outlook.map(|outlook| outlook.pace),
        forecast: outlook.map(|outlook| outlook.forecast),
    }
}

#[test]
fn the_worst_open_quota_decides_by_name() {
    let named = |name: &str, completes, goal| QuotaFieldwork {
        name: name.to_owned(),
        ..quota(60, Some(completes), Some(goal))
    };
    for (men, women, others, wanted, said) in [
        (
            50,
            10,
            0,
            Verdict::Slow,
            "quota women is at 33% of the pace that it needs, about 33 of 50 would be missing at the end",
        ),
        (50, 30, 0, Verdict::OnTrack, "of the pace that its goal needs"),
        (
            20,
            10,
            0,
            Verdict::Slow,
            "quota women is at 33% of the pace that it needs, about 33 of 50 would be missing at the end, and 1 more quota is slow",
        ),
        // One of a few people is chance.
        (40, 30, 3, Verdict::OnTrack, "of the pace that its goal needs"),
    ] {
        let quotas = [
            named("men", men, 50),
            named("women", women, 50),
            named("others", 0, others),
        ];
        let facts = Facts {
            quotas: &quotas,
            ..facts(60, 60)
        };
        let (verdict, why) = judge(&facts);
        assert_eq!(verdict, wanted, "{why}");
        assert!(why.contains(said), "{why}");
    }
}

#[test]
fn silence_is_judged_by_what_was_to_be_expected() {
    // Ten completes in a hundred hours: a day without one is nothing.
    let rare = |hour, last| Facts {
        goal: Some(10),
        outlook: None,
        last_complete: Some(at(last)),
        ..facts(hour, 6)
    };
    assert_ne!(verdict(&rare(60, 36)), Verdict::Stalled);
    assert_eq!(verdict(&rare(99, 30)), Verdict::Stalled);
    let none = Facts {
        goal: Some(10),
        outlook: None,
        ..facts(30, 0)
    };
    assert_ne!(verdict(&none), Verdict::Stalled);
    assert_eq!(verdict(&Facts { now: at(60), ..none }), Verdict::Stalled);
}

#[test]
fn the_word_for_programs_is_that_of_json() {
    for verdict in Verdict::ALL {
        assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.key());
    }
}

proptest! {
    #[test]
    fn any_numbers_give_a_verdict_and_more_completes_never_a_slower_pace(
        completes in any::<u64>(), more in any::<u64>(), goal in any::<u64>(),
        start in -1_000_000_i64..1_000_000, length in -1_000_000_i64..1_000_000,
    ) {
        let time = Time::new(at(start), at(start + length), at(0));
        let outlook = |completes| time?.outlook(completes, goal, &[]);
        let facts = |completes| Facts {
            completes: Some(completes),
            goal: Some(goal),
            outlook: outlook(completes),
            started: Some(at(start)),
            ends: Some(at(start + length)),
            last_complete: Some(at(0)),
            ..facts(0, 0)
        };
        let (few, many) = (facts(completes), facts(completes.saturating_add(more)));
        prop_assert!(!judge(&few).1.is_empty());
        if let (Some(few), Some(many)) = (few.outlook, many.outlook) {
            prop_assert!(few.pace <= many.pace);
            prop_assert!(few.forecast.completes <= many.forecast.completes);
            for forecast in [few.forecast, many.forecast] {
                prop_assert!(forecast.low <= forecast.completes && forecast.completes <= forecast.high);
            }
        }
        if verdict(&few) == Verdict::OnTrack {
            prop_assert!(few.outlook.is_some());
        }
    }
}

#[test]
fn what_a_stage_has_is_not_the_end_and_a_check_that_fails_is_said() {
    let stage = |ready, failing: &[&str], next: Option<&str>| Stage {
        name: "soft".to_owned(),
        number: 1,
        of: 2,
        completes: 10,
        whole: 100,
        next: next.map(str::to_owned),
        until: None,
        ready,
        failing: failing.iter().map(|one| (*one).to_owned()).collect(),
        waits: "waits".to_owned(),
    };
    let full = Some("full");
    let fails: &[&str] = &["incidence_rate is 22"];
    for (verdict, stage, wanted) in [
        (Verdict::Done, stage(true, &[], full), Verdict::SoftLaunchWaiting),
        (
            Verdict::SoftLaunchWaiting,
            stage(true, &[], full),
            Verdict::SoftLaunchWaiting,
        ),
        (Verdict::Done, stage(true, fails, full), Verdict::CheckFailed),
        (
            Verdict::SoftLaunchWaiting,
            stage(true, fails, full),
            Verdict::CheckFailed,
        ),
        (Verdict::OnTrack, stage(true, fails, full), Verdict::CheckFailed),
        // Nothing is asked of the figures before.
        (Verdict::OnTrack, stage(false, fails, full), Verdict::OnTrack),
        (Verdict::OnTrack, stage(true, &[], full), Verdict::OnTrack),
        // Nothing comes after the last one.
        (Verdict::Done, stage(true, fails, None), Verdict::Done),
        // What is worse stays, and so does what is out of field for another reason.
        (Verdict::Stalled, stage(true, fails, full), Verdict::Stalled),
        (Verdict::EndedShort, stage(true, fails, full), Verdict::EndedShort),
        (Verdict::Paused, stage(true, fails, full), Verdict::Paused),
        (Verdict::Closed, stage(true, &[], full), Verdict::Closed),
    ] {
        let (found, why) = on_stage((verdict, "why".to_owned()), Some(&stage));
        assert_eq!(found, wanted, "{verdict} {stage:?}");
        let told = found != verdict || verdict == Verdict::SoftLaunchWaiting;
        let said = if told {
            "why; the stage `soft`: waits"
        } else {
            "why"
        };
        assert_eq!(why, said);
    }
    assert_eq!(on_stage((Verdict::Done, "why".to_owned()), None).0, Verdict::Done);
}

#[test]
fn only_the_hours_in_which_it_is_in_field_count_as_silence() {
    // A Tuesday at 22:13; the last complete came on Wednesday at 08:13.
    let daily = Opening::read("daily 08:00-20:00").unwrap();
    let hours = Hours::new("UTC".to_owned(), vec![daily]);
    let stalled = |hours, hour| {
        let facts = Facts {
            hours,
            last_complete: Some(at(10)),
            ..facts(hour, 40)
        };
        verdict(&facts) == Verdict::Stalled
    };
    for (hour, without, with) in [
        (33, false, false),
        (34, true, false),
        (57, true, false),
        (60, true, true),
    ] {
        let found = (stalled(None, hour), stalled(Some(&hours), hour));
        assert_eq!(found, (without, with), "{hour}");
    }
}
