use super::*;

fn hours(timezone: &str, open: &[&str]) -> Hours {
    let open = open.iter().map(|text| Opening::read(text).unwrap()).collect();
    Hours::new(zone(timezone).unwrap().0, open)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When they open and close from a time on, as the clock of Greenwich shows it.
fn turns(hours: &Hours, from: &str, to: &str) -> Vec<String> {
    let (mut now, to) = (time(from), time(to));
    let mut turns = Vec::new();
    let mut open = hours.is_open(now);
    while now < to {
        now += SignedDuration::from_mins(5);
        if hours.is_open(now) != open {
            open = !open;
            turns.push(now.strftime("%a %H:%M").to_string());
        }
    }
    turns
}

#[test]
fn hours_open_at_their_first_minute_and_close_at_their_last() {
    let hours = hours("America/New_York", &["sat 10:00-18:00", "mon-fri 08:00-22:00"]);
    assert_eq!(
        hours.to_string(),
        "mon-fri 08:00-22:00, sat 10:00-18:00 New York",
        "in the order of the week"
    );
    // A Friday in winter: five hours behind.
    for (now, open, next) in [
        ("2026-11-20T12:59:59Z", false, Some("Fri 08:00 New York")),
        ("2026-11-20T13:00:00Z", true, None),
        ("2026-11-21T02:59:59Z", true, None),
        ("2026-11-21T03:00:00Z", false, Some("Sat 10:00 New York")),
        ("2026-11-21T23:00:00Z", false, Some("Mon 08:00 New York")),
    ] {
        let now = time(now);
        assert_eq!(hours.is_open(now), open, "{now}");
        let opens = hours.opens(now).map(|at| hours.told(at));
        assert_eq!(opens.as_deref(), next, "{now}");
    }
}

#[test]
fn a_change_of_the_clock_moves_hours_with_it() {
    let days = ["daily 08:00-22:00"];
    let (new_york, berlin) = (hours("America/New_York", &days), hours("Europe/Berlin", &days));
    // 8 March and 1 November in New York, 29 March and 25 October in Berlin.
    assert_eq!(
        turns(&new_york, "2026-03-07T06:00:00Z", "2026-03-09T06:00:00Z"),
        ["Sat 13:00", "Sun 03:00", "Sun 12:00", "Mon 02:00"]
    );
    assert_eq!(
        turns(&new_york, "2026-10-31T06:00:00Z", "2026-11-02T06:00:00Z"),
        ["Sat 12:00", "Sun 02:00", "Sun 13:00", "Mon 03:00"]
    );
    assert_eq!(
        turns(&berlin, "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z"),
        ["Sat 07:00", "Sat 21:00", "Sun 06:00", "Sun 20:00"]
    );
    assert_eq!(
        turns(&berlin, "2026-10-24T00:00:00Z", "2026-10-26T00:00:00Z"),
        ["Sat 06:00", "Sat 20:00", "Sun 07:00", "Sun 21:00"]
    );
}

#[test]
fn an_hour_that_the_clock_skips_is_later_and_one_that_it_repeats_is_the_first() {
    let turns = |open: &str, from: &str, to: &str| turns(&hours("America/New_York", &[open]), from, to);
    let march = |open| turns(open, "2026-03-08T05:00:00Z", "2026-03-09T05:00:00Z");
    // At 02:00 it is 03:00, which is 07:00 in Greenwich.
    assert_eq!(march("sun 02:30-04:00"), ["Sun 07:30", "Sun 08:00"]);
    assert_eq!(march("sun 01:00-02:30"), ["Sun 06:00", "Sun 07:30"]);
    assert_eq!(
        march("sun 02:30-03:15"),
        [""; 0],
        "they would end before they begin"
    );
    let november = |open| turns(open, "2026-11-01T04:30:00Z", "2026-11-02T05:00:00Z");
    // From 01:00 to 02:00 comes twice, first at 05:00 in Greenwich.
    assert_eq!(november("sun 01:00-01:30"), ["Sun 05:00", "Sun 05:30"]);
    assert_eq!(november("sun 01:30-03:00"), ["Sun 05:30", "Sun 08:00"]);
    assert_eq!(november("sun 00:45-01:15"), ["Sun 04:45", "Sun 05:15"]);
}

#[test]
fn hours_that_touch_at_midnight_are_one() {
    let hours = hours("UTC", &["fri 20:00-24:00", "sat 00:00-02:00"]);
    let now = time("2026-11-20T19:00:00Z");
    assert_eq!(
        turns(&hours, "2026-11-20T19:00:00Z", "2026-11-21T19:00:00Z"),
        ["Fri 20:00", "Sat 02:00"]
    );
    assert_eq!(
        hours.opens(now).map(|at| hours.told(at)).as_deref(),
        Some("Fri 20:00 UTC")
    );
    let always = self::hours("UTC", &["daily 00:00-24:00"]);
    assert!(always.is_open(now));
    assert_eq!((always.opens(now), always.longest_closed()), (None, 0));
}

#[test]
fn only_the_time_in_which_they_are_open_is_counted() {
    let hours = hours("Europe/Berlin", &["mon-fri 09:00-17:00"]);
    let between = |from: &str, to: &str| hours.open_between(time(from), time(to)).as_hours();
    // From Friday noon to Monday noon in Berlin.
    assert_eq!(between("2026-11-20T11:00:00Z", "2026-11-23T11:00:00Z"), 5 + 3);
    assert_eq!(between("2026-11-21T11:00:00Z", "2026-11-22T11:00:00Z"), 0);
    assert_eq!(between("2026-11-20T11:00:00Z", "2026-11-20T11:00:00Z"), 0);
    assert_eq!(between("2026-11-02T00:00:00Z", "2026-11-30T00:00:00Z"), 4 * 40);
}

#[test]
fn the_longest_time_without_hours_goes_over_the_weekend() {
    let closed = |open: &[&str]| hours("UTC", open).longest_closed();
    assert_eq!(closed(&["mon-fri 08:00-22:00"]), (2 + 48 + 8) * 60);
    assert_eq!(closed(&["wed 12:00-13:00"]), 7 * 24 * 60 - 60);
    assert_eq!(closed(&["sun-mon 10:00-20:00"]), 5 * 24 * 60 + 14 * 60);
    assert_eq!(closed(&["mon 08:00-12:00", "mon 09:00-10:00"]), 7 * 24 * 60 - 240);
    assert_eq!(
        Hours::new("UTC".to_owned(), Vec::new()).longest_closed(),
        7 * 24 * 60
    );
}

#[test]
fn what_says_no_hours_says_what_to_write() {
    for good in [
        "mon 08:00-22:00",
        "mon-fri 08:00-22:00",
        "sat-mon 00:00-24:00",
        "daily 10:30-10:31",
    ] {
        assert_eq!(Opening::read(good).unwrap().to_string(), good);
    }
    for (text, why, help) in [
        ("mon", "says no hours", "write days and hours"),
        ("mon 8:00-22:00", "says no hours", "write days"),
        ("mon 08:00", "says no hours", "write days"),
        ("mon 08:60-22:00", "says no hours", "write days"),
        ("mon 08:00-24:01", "says no hours", "write days"),
        ("monday 08:00-22:00", "names no day", "days are mon, tue"),
        ("mon-feb 08:00-22:00", "names no day", "days are mon, tue"),
        ("mon 08:00-08:00", "is no time at all", "write a later end"),
        ("mon 24:00-24:00", "is no time at all", "write a later end"),
        (
            "fri-sun 22:00-02:00",
            "ends before it begins",
            "write `fri-sun 22:00-24:00`, and `sat-mon 00:00-02:00`",
        ),
        (
            "fri 22:00-00:00",
            "ends before it begins",
            "write `fri 22:00-24:00`",
        ),
    ] {
        let no = Opening::read(text).unwrap_err();
        assert_eq!(no.to_string(), why, "{text}");
        assert!(no.help.contains(help), "{text}: {}", no.help);
    }
    let one = |text| Opening::read(text).unwrap();
    for (other, overlaps) in [
        ("fri 21:00-23:00", true),
        ("fri 22:00-23:00", false),
        ("sat 09:00-10:00", false),
        ("sun-mon 07:00-08:30", true),
        ("daily 07:00-08:00", false),
    ] {
        assert_eq!(
            one("mon-fri 08:00-22:00").overlaps(one(other)),
            overlaps,
            "{other}"
        );
        assert_eq!(
            one(other).overlaps(one("mon-fri 08:00-22:00")),
            overlaps,
            "{other}"
        );
    }
}

#[test]
fn hours_are_remembered_as_they_are_written() {
    let hours = hours("america/new_york", &["mon-fri 08:00-22:00"]);
    let text = serde_json::to_string(&hours).unwrap();
    assert_eq!(
        text,
        r#"{"timezone":"America/New_York","open":["mon-fri 08:00-22:00"]}"#
    );
    assert_eq!(serde_json::from_str::<Hours>(&text).unwrap(), hours);
    assert!(serde_json::from_str::<Opening>(r#""fri 22:00-02:00""#).is_err());
    let gone = Hours::new("Mars/Base".to_owned(), hours.open.clone());
    assert!(
        !gone.is_open(time("2026-11-20T15:00:00Z")),
        "nobody knows what time it is there"
    );
}

#[test]
fn a_zone_has_a_region_so_that_it_knows_of_summer() {
    for name in ["EST", "CET", "EST5EDT", "New York", ""] {
        assert!(zone(name).is_none(), "{name}");
    }
    for name in ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC"] {
        assert_eq!(zone(name).unwrap().0, name);
    }
    assert!(zones().len() > 300);
    assert_eq!(place("America/Argentina/Buenos_Aires"), "Buenos Aires");
    let new_year = time("2027-01-01T02:00:00Z");
    assert_eq!(
        date("America/New_York", new_year),
        Some("2026-12-31".parse().unwrap())
    );
    assert_eq!(date("Mars/Base", new_year), None);
}
