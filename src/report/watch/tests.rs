use super::*;
use crate::fieldwork::QuotaFieldwork;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn row(name: &str, verdict: Verdict, completes: u64) -> Fieldwork {
    Fieldwork {
        verdict,
        why: format!("{name} is so"),
        id: Some("7".to_owned()),
        completes: Some(completes),
        goal: Some(100),
        cost: Some("1234.50 USD".parse().unwrap()),
        projected_cost: Some("2000.00 USD".parse().unwrap()),
        quotas: vec![QuotaFieldwork {
            name: "men".to_owned(),
            completes: Some(completes / 2),
            goal: Some(50),
            pace: None,
            forecast: None,
        }],
        ..Fieldwork::unmade(Address::survey(name), crate::marketplace::CINT)
    }
}

fn report(rows: Vec<Fieldwork>) -> StatusReport {
    StatusReport::new("bench", "2026-11-29T14:48:03Z".parse().unwrap(), rows)
}

fn board(rows: Vec<Fieldwork>) -> Board {
    Board::new(report(rows), Order::Trouble, seconds(60), seconds(0))
}

fn three() -> Board {
    board(vec![
        row("apple", Verdict::OnTrack, 50),
        row("pear", Verdict::Stalled, 12),
        row("plum", Verdict::Slow, 40),
    ])
}

fn text(board: &mut Board, at: u64, width: usize, height: usize) -> Vec<String> {
    let lines = board.lines(seconds(at), width, height);
    let line = |line: &Line| line.iter().map(|span| span.text.as_str()).collect::<String>();
    lines.iter().map(|one| line(one).trim_end().to_owned()).collect()
}

/// The names in the list, with a mark before the chosen one.
fn names(board: &mut Board) -> Vec<String> {
    let all = ["apple", "pear", "plum"];
    let named = |line: &String| {
        let name = line.trim_start_matches(['›', ' ']).split(' ').next()?;
        let mark = if line.starts_with('›') { "›" } else { "" };
        all.contains(&name).then(|| format!("{mark}{name}"))
    };
    text(board, 0, 100, 20).iter().filter_map(named).collect()
}

fn types(board: &mut Board, keys: &str) {
    for key in keys.chars() {
        assert_eq!(board.press(Key::Char(key)), Wish::Nothing, "{key}");
    }
}

#[test]
fn a_screen_has_the_time_the_totals_and_the_most_pressing_on_top() {
    let lines = text(&mut three(), 20, 100, 9);
    assert_eq!(
        lines,
        [
            "infield status of bench, 2026-11-29 14:48:03 UTC                         read 20 s ago, next in 40 s",
            "3 surveys: 1 stalled, 1 slow, 1 on track",
            "3,703.50 USD spent, 6,000.00 USD at the end",
            "› pear   stalled   █░░░░░░░░░  12 of 100  pear is so",
            "  plum   slow      ████░░░░░░  40 of 100  plum is so",
            "  apple  on track  █████░░░░░  50 of 100  apple is so",
            "",
            "",
            "1/3, by trouble  q leave  ↑↓ move  Enter details  / filter  o only trouble  s sort  r read now",
        ]
    );
}

#[test]
fn a_small_screen_is_filled_and_nothing_is_wider_or_longer_than_it() {
    let mut board = three();
    assert_eq!(
        text(&mut board, 20, 40, 10),
        [
            "infield status of bench, 2026-11-29 14:…",
            "read 20 s ago, next in 40 s",
            "3 surveys: 1 stalled, 1 slow, 1 on track",
            "› pear   stalled   12 of 100",
            "  plum   slow      40 of 100",
            "  apple  on track  50 of 100",
            "",
            "",
            "",
            "1/3, by trouble  q leave  ↑↓ move",
        ]
    );
    let many = (0..500).map(|n| {
        row(
            &format!("a-survey-with-a-long-name-{n}"),
            Verdict::SoftLaunchWaiting,
            n,
        )
    });
    let mut many = Board::new(report(many.collect()), Order::Name, seconds(60), seconds(0));
    many.failed("no answer within 30 s, ".repeat(20), seconds(9));
    many.said("東京".repeat(200));
    for keys in ["", "\n", "\u{1b}/", "a"] {
        for key in keys.chars() {
            many.press(match key {
                '\n' => Key::Enter,
                '\u{1b}' => Key::Escape,
                key => Key::Char(key),
            });
        }
        for width in (0..16).chain([20, 39, 40, 41, 71, 72, 73, 100, 129]) {
            for height in 0..14 {
                let lines = text(&mut many, 70, width, height);
                assert!(lines.len() <= height, "{width}x{height}: {lines:?}");
                let widest = lines.iter().map(|line| textwrap::core::display_width(line)).max();
                assert!(widest.unwrap_or(0) <= width, "{width}x{height}: {lines:?}");
            }
        }
    }
}

#[test]
fn the_clock_counts_and_says_when_a_look_is_due_and_under_way() {
    let mut board = three();
    let clock = |board: &mut Board, at| {
        text(board, at, 100, 9)[0]
            .split("UTC")
            .nth(1)
            .unwrap()
            .trim()
            .to_owned()
    };
    assert!(!board.is_due(seconds(59)) && board.is_due(seconds(60)));
    assert_eq!(clock(&mut board, 59), "read 59 s ago, next in 1 s");
    board.reads();
    assert!(!board.is_due(seconds(60)), "it is under way");
    assert_eq!(clock(&mut board, 130), "read 2 min ago, reading now");
    assert_eq!(board.press(Key::Char('r')), Wish::Nothing, "it reads already");
    board.saw(report(vec![]), seconds(130));
    assert_eq!(clock(&mut board, 130), "read 0 s ago, next in 60 s");
    assert_eq!(board.press(Key::Char('r')), Wish::Read);
    assert!(!board.is_due(seconds(189)) && board.is_due(seconds(190)));
}

#[test]
fn a_look_that_fails_keeps_the_last_picture_and_says_since_when() {
    let mut board = three();
    board.failed("the state cannot be read".to_owned(), seconds(60));
    board.failed("the state is\u{1b}[2J away".to_owned(), seconds(120));
    assert!(!board.is_due(seconds(179)) && board.is_due(seconds(180)));
    let lines = text(&mut board, 150, 100, 12);
    assert!(lines[0].ends_with("read 2 min ago, next in 30 s"), "{lines:?}");
    assert_eq!(lines[3], r"no look worked for 90 s: the state is\u{1b}[2J away");
    assert!(
        lines[4].starts_with("› pear   stalled   █░░░░░░░░░  12 of 100"),
        "{lines:?}"
    );
    board.saw(report(vec![row("pear", Verdict::OnTrack, 60)]), seconds(180));
    let lines = text(&mut board, 180, 100, 12).join("\n");
    assert!(
        !lines.contains("no look worked") && lines.contains("60 of 100"),
        "{lines}"
    );
}

#[test]
fn a_survey_that_cannot_be_read_keeps_its_figures_with_their_time_until_it_can() {
    let mut board = three();
    let unread = Fieldwork {
        completes: None,
        quotas: Vec::new(),
        why: "503 Service Unavailable".to_owned(),
        cost: None,
        ..row("plum", Verdict::Unread, 0)
    };
    for at in [60, 120] {
        board.saw(
            report(vec![row("pear", Verdict::Stalled, 13), unread.clone()]),
            seconds(at),
        );
    }
    let lines = text(&mut board, 121, 110, 12);
    assert_eq!(lines[1], "2 surveys: 1 not read, 1 stalled");
    assert_eq!(lines[2], "2,469.00 USD spent, 4,000.00 USD at the end");
    let there = "› plum  not read  ████░░░░░░  40 of 100  figures of 11-29 14:48; 503 Service Unavailable";
    assert_eq!(lines[3], there);
    board.press(Key::Enter);
    let lines = text(&mut board, 121, 110, 30).join("\n");
    for said in [
        "not read, 503 Service Unavailable",
        "Last read 2026-11-29 14:48:03 UTC:",
        "men",
        "20 of 50",
    ] {
        assert!(lines.contains(said), "{said}\n{lines}");
    }
    board.press(Key::Escape);
    board.saw(report(vec![row("plum", Verdict::Slow, 44)]), seconds(180));
    let lines = text(&mut board, 181, 110, 12).join("\n");
    assert!(
        lines.contains("44 of 100") && !lines.contains("figures of"),
        "{lines}"
    );
}

#[test]
fn what_somebody_moved_to_stays_chosen_while_the_order_changes_around_it() {
    let mut board = three();
    assert_eq!(names(&mut board), ["›pear", "plum", "apple"]);
    board.press(Key::Down);
    types(&mut board, "jjj");
    assert_eq!(names(&mut board), ["pear", "plum", "›apple"]);
    types(&mut board, "s");
    assert_eq!(names(&mut board), ["›apple", "pear", "plum"]);
    types(&mut board, "G");
    types(&mut board, "ss");
    assert_eq!(names(&mut board), ["pear", "›plum", "apple"]);
    board.saw(
        report(vec![
            row("apple", Verdict::Gone, 0),
            row("pear", Verdict::OnTrack, 90),
            row("plum", Verdict::Slow, 41),
        ]),
        seconds(60),
    );
    assert_eq!(names(&mut board), ["apple", "›plum", "pear"]);
    types(&mut board, "kkg");
    assert_eq!(names(&mut board), ["›apple", "plum", "pear"]);
    board.saw(
        report(vec![
            row("apple", Verdict::OnTrack, 80),
            row("pear", Verdict::Slow, 9),
        ]),
        seconds(120),
    );
    assert_eq!(
        names(&mut board),
        ["›pear", "apple"],
        "the first of all stays on top"
    );
}

#[test]
fn trouble_alone_and_a_filter_choose_what_is_shown() {
    let mut board = three();
    types(&mut board, "o");
    assert_eq!(names(&mut board), ["›pear", "plum"]);
    types(&mut board, "/PL");
    let foot = text(&mut board, 0, 100, 9).pop().unwrap();
    assert_eq!(foot, "/PL▏ Enter keeps it  Esc clears it");
    assert_eq!(names(&mut board), ["›plum"]);
    types(&mut board, "q");
    assert_eq!(text(&mut board, 0, 100, 9)[3], "No survey is like that.");
    board.press(Key::Backspace);
    board.press(Key::Enter);
    let foot = text(&mut board, 0, 100, 9).pop().unwrap();
    assert!(
        foot.starts_with("1/1, /PL, only trouble, by trouble  q leave"),
        "{foot}"
    );
    board.press(Key::Escape);
    assert_eq!(names(&mut board), ["pear", "›plum"]);
    types(&mut board, "o/stalled");
    board.press(Key::Enter);
    assert_eq!(names(&mut board), ["›pear"], "a verdict is found, too");
    board.press(Key::Char('/'));
    board.press(Key::Escape);
    board.saw(report(vec![row("apple", Verdict::OnTrack, 80)]), seconds(60));
    types(&mut board, "o");
    assert_eq!(
        text(&mut board, 0, 100, 9)[3],
        "Nothing that somebody has to look at."
    );
}

#[test]
fn details_have_all_that_is_known_and_scroll_and_go_with_their_survey() {
    let mut board = three();
    assert_eq!(board.press(Key::Enter), Wish::Nothing);
    let lines = text(&mut board, 0, 100, 40);
    assert!(
        lines[3].starts_with("pear (Cint 7): stalled, pear is so"),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.ends_with("6 of 50")), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "q leave  Esc back  ↑↓ scroll  r read now");
    // On a small screen the end is reached, and one key back is one line back.
    let bottom = {
        types(&mut board, "G");
        text(&mut board, 0, 100, 8)
    };
    types(&mut board, "j");
    assert_eq!(text(&mut board, 0, 100, 8), bottom);
    types(&mut board, "k");
    assert_ne!(text(&mut board, 0, 100, 8), bottom);
    board.saw(report(vec![row("plum", Verdict::Slow, 41)]), seconds(60));
    assert_eq!(names(&mut board), ["›plum"], "it is not there any more");
    board.press(Key::Enter);
    board.press(Key::Char('h'));
    assert_eq!(names(&mut board), ["›plum"]);
}

#[test]
fn it_is_left_by_its_letter_but_for_a_filter_and_by_ctrl_c_always() {
    let mut board = three();
    assert_eq!(board.press(Key::Char('q')), Wish::Leave);
    board.press(Key::Char('/'));
    assert_eq!(board.press(Key::Char('q')), Wish::Nothing);
    assert_eq!(board.press(Key::Leave), Wish::Leave);
}

#[test]
fn a_long_list_keeps_what_is_chosen_on_the_screen() {
    let many = (0..100).map(|n| row(&format!("s{n:02}"), Verdict::Slow, n));
    let mut board = Board::new(report(many.collect()), Order::Name, seconds(60), seconds(0));
    text(&mut board, 0, 80, 14);
    for (key, chosen) in [
        (Key::PageDown, "› s10"),
        (Key::End, "› s99"),
        (Key::PageUp, "› s89"),
        (Key::Up, "› s88"),
        (Key::Home, "› s00"),
    ] {
        board.press(key);
        let lines = text(&mut board, 0, 80, 14);
        let marked: Vec<&String> = lines.iter().filter(|line| line.starts_with('›')).collect();
        assert!(
            matches!(marked[..], [line] if line.starts_with(chosen)),
            "{lines:?}"
        );
    }
}
