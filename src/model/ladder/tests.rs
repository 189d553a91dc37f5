use super::*;
use crate::model::figures::Figure;
use crate::model::{Answers, Criterion};

fn quota(name: &str, question: &str, completes: u64) -> Quota {
    Quota {
        name: name.to_owned(),
        completes,
        criteria: vec![Criterion {
            question: question.to_owned(),
            unit: None,
            answers: Answers::Codes([name.to_owned()].into()),
        }]
        .into(),
    }
}

fn ladder(completes: u64, quotas: Vec<Quota>, stages: &[u64]) -> (SurveySpec, Ladder) {
    let spec = SurveySpec {
        completes: Field::Set(completes),
        quotas: Field::Set(quotas.into()),
        ..SurveySpec::default()
    };
    let named = stages.iter().enumerate();
    let named = named.map(|(at, completes)| (format!("s{at}"), *completes, Then::Continue));
    let ladder = Ladder::over(&spec, named);
    (spec, ladder)
}

#[test]
fn quotas_that_cover_the_whole_cover_every_stage_and_never_go_down() {
    let quotas = || {
        vec![
            quota("men", "211", 196),
            quota("women", "211", 205),
            quota("young", "212", 3),
            quota("old", "212", 398),
        ]
    };
    let stages: Vec<u64> = (2..=401).collect();
    let (_, ladder) = ladder(401, quotas(), &stages);
    for pair in ladder.rungs.windows(2) {
        for (name, completes) in &pair[0].quotas {
            assert!(*completes >= 1 && pair[1].quotas[name] >= *completes, "{name}");
        }
    }
    for rung in &ladder.rungs {
        for (one, other) in [("men", "women"), ("young", "old")] {
            assert_eq!(rung.quotas[one] + rung.quotas[other], rung.completes);
        }
    }
    let last = ladder.rungs.last().unwrap();
    let wanted = quotas()
        .into_iter()
        .map(|quota| (quota.name, quota.completes))
        .collect();
    assert_eq!(last.quotas, wanted, "the last stage is the whole");
}

#[test]
fn quotas_below_or_above_the_whole_keep_their_proportion_and_a_stopped_one_stays_stopped() {
    let quotas = vec![
        quota("few", "1", 100),
        quota("many", "2", 600),
        quota("none", "3", 0),
    ];
    let (_, ladder) = ladder(400, quotas, &[40, 399, 400]);
    let counts = |at: usize| ["few", "many", "none"].map(|name| ladder.rungs[at].quotas[name]);
    assert_eq!(counts(0), [10, 60, 0]);
    assert_eq!(counts(1), [99, 598, 0]);
    assert_eq!(counts(2), [100, 600, 0]);
}

#[test]
fn a_stage_has_a_complete_for_every_quota_that_wants_one() {
    let (spec, _) = ladder(
        100,
        vec![quota("a", "1", 50), quota("b", "1", 50), quota("c", "1", 0)],
        &[100],
    );
    assert_eq!(crowded(&spec, 1), Some(2));
    assert_eq!(crowded(&spec, 2), None);
    let none = SurveySpec {
        quotas: Field::Absent,
        ..spec
    };
    assert_eq!(crowded(&none, 1), None);
}

#[test]
fn a_survey_stands_on_one_stage_and_can_go_back_to_any_other() {
    let (mut spec, mut ladder) = ladder(100, vec![quota("men", "211", 100)], &[10, 50, 100]);
    let whole = spec.clone();
    assert_eq!((ladder.at, ladder.whole()), (2, 100));
    assert!(ladder.next().is_none());
    for (at, completes) in [(0, 10), (1, 50)] {
        ladder.stand(at, &mut spec);
        assert_eq!(spec.completes, Field::Set(completes));
        assert_eq!(spec.quotas.value().unwrap()[0].completes, completes);
        assert_eq!(ladder.rung().unwrap().completes, completes);
        assert_eq!(ladder.next().unwrap().name, format!("s{}", at + 1));
        ladder.stand(3, &mut spec);
        assert_eq!(ladder.at, at, "there is no such stage");
    }
    ladder.stand(2, &mut spec);
    assert_eq!(spec, whole);
    assert_eq!((ladder.place("s1"), ladder.place("soft")), (Some(1), None));
}

#[test]
fn how_long_a_stage_lasts_is_read_as_it_is_said() {
    for (text, wanted) in [
        ("90m", 90),
        ("1h", 60),
        ("24h", 1440),
        ("2d", 2880),
        ("365d", LONGEST),
    ] {
        assert_eq!(minutes(text), Some(wanted));
        assert_eq!(lasting(wanted), text);
    }
    assert_eq!((lasting(61).as_str(), lasting(120).as_str()), ("61m", "2h"));
    let wrong = [
        "",
        "m",
        "0h",
        "24",
        "1w",
        "-1h",
        "+1h",
        "1.5h",
        "366d",
        "1 h",
        "h1",
        "99999999999999999999d",
        "3ü",
    ];
    for text in wrong {
        assert_eq!(minutes(text), None, "{text}");
    }
}

#[test]
fn a_part_has_its_own_counts_and_everything_else_of_the_whole() {
    let (_, whole) = ladder(100, vec![quota("men", "211", 100)], &[10, 50, 100]);
    let counts = [6, 30, 60].map(|count| (count, BTreeMap::from([("men".to_owned(), count)])));
    let part = whole.part(counts);
    assert_eq!(part.at, whole.at);
    for ((part, whole), count) in part.rungs.iter().zip(&whole.rungs).zip([6, 30, 60]) {
        assert_eq!((part.completes, part.quotas["men"]), (count, count));
        assert_eq!((&part.name, part.then), (&whole.name, whole.then));
    }
}

#[test]
fn what_was_approved_of_a_stage_is_said_with_its_money() {
    let terms = |then, most: Option<&str>| Terms {
        rung: "soft".to_owned(),
        completes: 40,
        then,
        when: Vec::new(),
        minutes: None,
        most: most.map(|most| most.parse().unwrap()),
    };
    let hold = terms(Then::Hold, Some("150.00 USD")).sentence();
    assert_eq!(hold, "40 completes, at most 150.00 USD, then hold");
    let open = terms(Then::Continue, None).sentence();
    assert_eq!(open, "40 completes, market price: no bound");
    let mut checked = terms(Then::Continue, Some("150.00 USD"));
    checked.when = [
        (Figure::IncidenceRate, ">= 30.0"),
        (Figure::QualityTerminations, "<=5 %"),
    ]
    .into_iter()
    .filter_map(|(figure, text)| Check::read(figure, text))
    .collect();
    assert_eq!(
        checked.sentence(),
        "40 completes, at most 150.00 USD, on when incidence_rate >= 30 and quality_terminations <= 5"
    );
    checked.minutes = Some(36 * 60);
    assert_eq!(
        checked.comes(),
        "on by itself, after 36h at the latest when incidence_rate >= 30 and quality_terminations <= 5"
    );
    assert_eq!(terms(Then::Hold, None).comes(), "hold");
    assert_eq!(terms(Then::Continue, None).comes(), "on by itself");
    assert!(checked.sentence().contains(", for 36h at most, on when"));
    assert!(Climb::over().is_over());
    let climb = Climb {
        rung: "soft".to_owned(),
        ..Climb::default()
    };
    assert!(!climb.is_over());
}
