use super::*;
use crate::model::Address;

fn row(why: &str) -> Fieldwork {
    Fieldwork {
        verdict: Verdict::InField,
        why: why.to_owned(),
        ..Fieldwork::unmade(Address::survey("soda"), crate::marketplace::INNOVATEMR)
    }
}

#[test]
fn what_is_not_known_is_said_and_never_drawn() {
    let report = StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row("it is silent")]);
    let text = render(&report, true, &Style::default());
    assert!(
        text.contains("all  ····················  unknown of unknown"),
        "{text}"
    );
    assert!(text.contains("cost: unknown so far, unknown projected"), "{text}");
    assert!(
        text.contains("incidence rate: unknown, promised unknown"),
        "{text}"
    );
    assert!(text.contains("time: days left unknown"), "{text}");
    assert!(text.ends_with("1 survey: 1 in field.\n"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.to_text()).unwrap();
    assert_eq!(json["surveys"][0]["completes"], serde_json::Value::Null);
    assert_eq!(json["surveys"][0]["verdict"], "in-field");
    let validator = jsonschema::draft202012::new(&crate::report::json::schema_of::<StatusReport>()).unwrap();
    assert!(validator.is_valid(&json), "{json:#}");
}

#[test]
fn a_bar_is_full_when_the_goal_is_reached_and_not_before() {
    for (completes, goal, wanted) in [
        (0, 0, 20),
        (0, 9, 0),
        (1, 2, 10),
        (99, 100, 19),
        (5, 5, 20),
        (9, 5, 20),
    ] {
        assert_eq!(cells(completes, goal, 20), wanted, "{completes} of {goal}");
    }
    assert_eq!(cells(u64::MAX - 1, u64::MAX, 1000), 999);
}

#[test]
fn a_narrow_terminal_gets_shorter_bars_and_wrapped_lines() {
    let mut row = row("no complete for 61 hours, and nobody knows why that is");
    row.quotas.push(crate::fieldwork::QuotaFieldwork {
        name: "women-of-the-north-west-18-34".to_owned(),
        completes: Some(1),
        goal: Some(2),
        pace: None,
        forecast: None,
    });
    let report = StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row]);
    let style = Style {
        width: 40,
        ..Style::default()
    };
    let text = render(&report, true, &style);
    assert!(text.lines().all(|line| columns(line) <= 40), "{text}");
    assert!(
        text.contains("  women-of-the-north-west-18-34\n              ███░░░  1 of 2\n"),
        "{text}"
    );
    assert!(
        text.contains("\n  all         ······  unknown of unknown\n"),
        "{text}"
    );
}

#[test]
fn a_vendors_words_move_no_cursor() {
    let report = StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row("\u{1b}[2J gone")]);
    assert!(!render(&report, true, &Style::default()).contains('\u{1b}'));
}

#[test]
fn a_study_has_the_total_of_all_its_parts_and_is_unknown_where_one_is() {
    let part = |vendor, completes, verdict| Fieldwork {
        verdict,
        completes,
        goal: Some(100),
        cost: Some("50.00 USD".parse().unwrap()),
        projected_cost: Some("120.00 USD".parse().unwrap()),
        forecast: (verdict == Verdict::Slow).then_some(Forecast {
            completes: 80,
            low: 70,
            high: 90,
            full: None,
            recent: false,
        }),
        ..Fieldwork::unmade(Address::at("soda", vendor), vendor)
    };
    let (one, other) = (crate::marketplace::CINT, crate::marketplace::PURESPECTRUM);
    let report = |completes| {
        let parts = vec![
            part(one, Some(40), Verdict::Slow),
            part(other, completes, Verdict::Done),
        ];
        StatusReport::new("bench", Timestamp::UNIX_EPOCH, parts)
    };
    let text = render(
        &report(Some(100)),
        false,
        &Style {
            width: 200,
            ..Style::default()
        },
    );
    assert!(
        text.contains("study soda in 2 parts: 140 of 200 completes, about 180 at the end; 100.00 USD so far, 240.00 USD projected"),
        "{text}"
    );
    let unknown = &report(None).studies[0];
    assert_eq!(
        (unknown.completes, unknown.forecast, unknown.goal),
        (None, None, Some(200))
    );
}

#[test]
fn what_is_told_of_one_survey_alone_keeps_its_words_and_its_last_days() {
    let mut told = row("it is as it is");
    told.drop_off = Some(40.into());
    told.quality_terminations = Some(0.into());
    told.details = vec![crate::fieldwork::Detail {
        name: "entrants".to_owned(),
        value: "\u{1b}[2J12".to_owned(),
    }];
    let end = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
    let of_day = |day| Interval {
        ends: end(day),
        completes: u64::try_from(day).unwrap(),
    };
    told.intervals = (1..=20).map(of_day).collect();
    let said: Vec<String> = figures(&told)
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let said = said.join("\n");
    assert!(said.contains("drop-off: 40% of those who began"), "{said}");
    assert!(!said.contains("quality") && !said.contains('\u{1b}'), "{said}");
    assert!(said.contains("entrants: ") && said.contains("12"), "{said}");
    assert!(
        said.contains("completes over time: 7 by 01-08 00:00, 8 by"),
        "{said}"
    );
}

#[test]
fn sums_by_a_tag_keep_currencies_apart_and_say_what_is_not_known() {
    let priced = |name: &str, cost: Option<&str>, end: Option<&str>| Fieldwork {
        address: Address::survey(name),
        completes: Some(3),
        goal: Some(9),
        cost: cost.and_then(|cost| cost.parse().ok()),
        projected_cost: end.and_then(|end| end.parse().ok()),
        ..row("")
    };
    let unmade = Fieldwork::unmade(Address::survey("new"), crate::marketplace::INNOVATEMR);
    let rows = vec![
        priced("dollar", Some("2.00 USD"), Some("5.00 USD")),
        priced("more", Some("4.00 USD"), Some("6.00 USD")),
        priced("euro", Some("1.00 EUR"), None),
        priced("free", None, None),
        Fieldwork {
            completes: None,
            ..priced("plain", Some("1.00 USD"), Some("1.00 USD"))
        },
        unmade,
    ];
    let acme = ["client-acme".to_owned()].into();
    let tagged = |row: &Fieldwork| (row.address.as_str() != "plain").then_some(&acme);
    let by = ByTag::new("client", &rows, tagged);
    assert_eq!(by.groups.len(), 2);
    let group = &by.groups[0];
    assert_eq!(
        (group.surveys, group.completes, group.goal),
        (5, Some(12), Some(36))
    );
    assert_eq!(group.cost_unknown, 1);
    let money = |group: &TagGroup| {
        let shown = |money: &TagMoney| {
            (
                money.cost.to_string(),
                money.projected_cost.map(|end| end.to_string()),
            )
        };
        group.money.iter().map(shown).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        money(group),
        [
            ("1.00 EUR".to_owned(), None),
            ("6.00 USD".to_owned(), some("11.00 USD"))
        ]
    );
    assert_eq!((by.groups[1].values.len(), by.groups[1].completes), (0, None));
    let mut report = StatusReport::new("bench", Timestamp::UNIX_EPOCH, rows);
    report.by = Some(by);
    insta::assert_snapshot!(render(&report, true, &Style::default()), @"
    client          surveys     completes  cost so far  projected
    acme                  5      12 of 36     1.00 EUR    unknown
                                              6.00 USD  11.00 USD
    without client        1  unknown of 9     1.00 USD   1.00 USD

    acme: the cost of 1 survey is not known and not in it

    6 surveys: 5 in field, 1 not made yet.
    ");
}
