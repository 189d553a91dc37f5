//! What an edit leaves alone, and what it refuses.

use super::place::Document;
use super::splice::spliced;
use super::{Asks, QuotaBecomes, Reason, What};
use crate::yaml::{self, Options};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The text after an edit of its first document.
fn edited(text: &str, place: &str, what: &What) -> Result<String, Reason> {
    edited_alike(text, place, &[], what)
}

/// The same, where other groups wish it too.
fn edited_alike(text: &str, place: &str, alike: &[&str], what: &What) -> Result<String, Reason> {
    let (tree, problems) = yaml::parse(text, Options { comments: true });
    assert_eq!(problems, [], "{text}");
    let root = tree.documents().next().unwrap();
    let document = Document {
        tree: &tree,
        text,
        root,
        place,
        alike,
        written: &|pointer| Ok(pointer.to_owned()),
    };
    Ok(spliced(text, document.splices(what)?))
}

fn set(pointer: &str, value: Value) -> What {
    What::Value {
        pointer: pointer.to_owned(),
        value,
    }
}

fn asks(name: &str, answers: &[&str]) -> Asks {
    Asks {
        names: vec![name.to_owned(), format!("{name}-code")],
        answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
        same: false,
    }
}

fn quota(name: &str, becomes: QuotaBecomes) -> What {
    What::Quota {
        name: name.to_owned(),
        becomes,
    }
}

const SURVEY: &str = "# head\r\ntitle:   'Soda''s'  # t\r\ncompletes: 100\r\ncpi:\r\nlive_url: \"https://a\"\r\n\
                      qualifications: # who\r\n  age: [18-24, '25-34']\r\n  # men only\r\n  gender:\r\n    - Male  # m\r\n    \
                      - female\r\nquotas:\r\n  # first\r\n  - name: men # n\r\n    completes: 49%\r\n    \
                      where: {gender: male, age: [18-24]}\r\n  - {name: women, completes: 50, where: {gender: female}}\r\n\
                      status: live";

#[test]
fn values_keep_their_quotes_and_everything_around_them() {
    for (what, from, to) in [
        (set("/title", json!("It's")), "'Soda''s'", "'It''s'"),
        (set("/title", json!("a\tb")), "'Soda''s'", "\"a\\tb\""),
        (set("/completes", json!(80)), "100", "80"),
        (set("/cpi", json!("2.50 USD")), "cpi:", "cpi: 2.50 USD"),
        (
            set("/live_url", json!("https://b#c")),
            "\"https://a\"",
            "\"https://b#c\"",
        ),
        (set("/status", json!("paused")), "live\u{0}", "paused\u{0}"),
        (
            What::Qualification(asks("age", &["18-24", "35-44"])),
            "[18-24, '25-34']",
            "[18-24, 35-44]",
        ),
        (
            What::Qualification(asks("gender", &["male"])),
            "    - female\r\n",
            "",
        ),
        (
            What::Qualification(asks("gender", &["female", "5"])),
            "    - Male  # m\r\n    - female\r\n",
            "    - female\r\n    - \"5\"\r\n",
        ),
        (
            What::Qualification(asks("gender", &["other"])),
            "    - Male  # m\r\n    - female\r\n",
            "    - other\r\n",
        ),
        (
            What::Qualification(asks("AGE", &[])),
            "  age: [18-24, '25-34']\r\n",
            "",
        ),
        (
            quota("women", QuotaBecomes::Gone),
            "  - {name: women, completes: 50, where: {gender: female}}\r\n",
            "",
        ),
        (
            quota(
                "women",
                QuotaBecomes::Changed {
                    completes: Some(40),
                    asks: None,
                },
            ),
            "completes: 50",
            "completes: 40",
        ),
        (
            quota(
                "women",
                QuotaBecomes::Changed {
                    completes: None,
                    asks: Some(vec![
                        asks("gender", &["female", "other"]),
                        asks("229", &["91945"]),
                    ]),
                },
            ),
            "{gender: female}",
            "{gender: [female, other], \"229\": [\"91945\"]}",
        ),
        (
            quota(
                "men",
                QuotaBecomes::Changed {
                    completes: None,
                    asks: Some(vec![asks("gender", &["male"])]),
                },
            ),
            "{gender: male, age: [18-24]}",
            "{gender: male}",
        ),
    ] {
        let text = format!("{SURVEY}\u{0}");
        let expected = text.replacen(from, to, 1);
        assert_ne!(text, expected, "{from}");
        assert_eq!(
            edited(SURVEY, "", &what).unwrap(),
            expected.trim_end_matches('\u{0}'),
            "{what:?}"
        );
    }
}

#[test]
fn the_last_of_a_list_leaves_an_empty_one() {
    let text = "quotas: # c\n  - name: a\n    completes: 1\nqualifications: {age: 18-24}\nq: 1\n";
    assert_eq!(
        edited(text, "", &quota("a", QuotaBecomes::Gone)).unwrap(),
        "quotas: [] # c\nqualifications: {age: 18-24}\nq: 1\n"
    );
    let gone = What::Qualification(asks("age", &[]));
    assert!(edited(text, "", &gone).unwrap().contains("qualifications: {}\n"));
}

#[test]
fn what_would_change_something_else_is_refused() {
    let groups = "cpi: 1 USD\ngroups:\n  - name: a\n    completes: 5\n  - name: b\n";
    assert_eq!(
        edited(groups, "/groups/0", &set("/cpi", json!("2 USD"))),
        Err(Reason::Inherited)
    );
    assert_eq!(
        edited(groups, "/groups/0", &set("/completes", json!(6))).unwrap(),
        groups.replace('5', "6")
    );
    let one = "cpi: 1 USD\ngroups: [{name: a}]\n";
    assert_eq!(
        edited(one, "/groups/0", &set("/cpi", json!("2 USD"))).unwrap(),
        one.replace("1 USD", "2 USD")
    );
    for (text, pointer, reason) in [
        ("a: &x 1\nb: *x\n", "/a", Reason::Anchored),
        ("a: &x 1\nb: *x\n", "/b", Reason::Alias),
        ("m: &m {a: 1}\n<<: *m\n", "/a", Reason::Merged),
        ("m: &m {a: 1}\nn: {<<: *m}\n", "/m/a", Reason::Anchored),
        ("a: !!str 1\n", "/a", Reason::Tagged),
        ("a: |\n  x\n", "/a", Reason::Lines),
        ("a: x\n  y\n", "/a", Reason::Lines),
        ("a: {b: 1, # c\n  d: 2}\n", "/a", Reason::Commented),
        ("a:\n  b: 1\n", "/a", Reason::Layout),
        ("a: 1\n", "/b", Reason::NotHere),
    ] {
        assert_eq!(
            edited(text, "", &set(pointer, json!("new"))),
            Err(reason),
            "{text}"
        );
    }
    let share = quota(
        "men",
        QuotaBecomes::Changed {
            completes: Some(5),
            asks: None,
        },
    );
    assert_eq!(edited(SURVEY, "", &share), Err(Reason::Share));
    let file = "qualifications: {zip: {file: a.txt}}\n";
    assert_eq!(
        edited(file, "", &What::Qualification(asks("zip", &["1"]))),
        Err(Reason::ListFile)
    );
}

#[test]
fn what_groups_have_from_their_survey_is_written_where_all_that_read_it_wish_the_same() {
    let text = "cpi: 1 USD\ngroups:\n  - name: a\n  - {name: b, cpi: 3 USD}\n  - name: c\n";
    let wish = set("/cpi", json!("2 USD"));
    assert_eq!(edited(text, "/groups/0", &wish), Err(Reason::Inherited));
    assert_eq!(
        edited_alike(text, "/groups/0", &["/groups/1"], &wish),
        Err(Reason::Inherited)
    );
    assert_eq!(
        edited_alike(text, "/groups/0", &["/groups/2"], &wish).unwrap(),
        text.replace("1 USD", "2 USD")
    );
}

#[test]
fn of_a_mapping_only_what_differs_is_written() {
    let text = "a:\n  # one\n  b: {c: 1, d: 'x'}   # two\n  e: 2\n";
    let new = |d: &str| set("/a", json!({"e": 2, "b": {"c": 1, "d": d}}));
    assert_eq!(edited(text, "", &new("y")).unwrap(), text.replace("'x'", "'y'"));
    assert_eq!(edited(text, "", &new("x")).unwrap(), text);
    let other = set("/a", json!({"e": 2, "f": 3}));
    assert_eq!(edited(text, "", &other), Err(Reason::Layout));
}

/// An anchor that nothing repeats is only a mark.
#[test]
fn an_anchor_without_aliases_stays() {
    assert_eq!(
        edited("a: &x 1\n", "", &set("/a", json!(2))).unwrap(),
        "a: &x 2\n"
    );
}

proptest! {
    /// Any text as a value is read back as itself, and nothing else moves.
    #[test]
    fn any_text_is_written_so_that_it_is_read_back(
        new in "\\PC{0,12}|[ -~]{0,12}|(no|yes|null|~|1e3|0x1|01|-|- a|a: b|a #b|[0-9]{1,6}|'|\"|a:)",
        old in prop::sample::select(vec!["x", "'x'", "\"x\"", "1", "null", ""]),
        flow in any::<bool>(),
    ) {
        let text = match flow {
            true => format!("# ü\nb: {{k: [1, 2], a: {old}}} # c\nz: 1\n"),
            false => format!("# ü\nb:\n  k: [1, 2]\n  a: {old}\n  # c\nz: 1\n"),
        };
        let after = edited(&text, "", &set("/b/a", json!(new))).unwrap();
        let (tree, problems) = yaml::parse(&after, Options { comments: true });
        prop_assert_eq!(&problems, &[], "{}", after);
        let root = tree.documents().next().unwrap();
        let (json, _) = yaml::to_json(root, &mut yaml::Budget::default());
        let wanted = json!({"b": {"k": [1, 2], "a": new}, "z": 1});
        prop_assert_eq!(&json.unwrap(), &wanted, "{}", after);
        prop_assert_eq!(serde_yaml::from_str::<Value>(&after).unwrap(), wanted, "{}", after);
        prop_assert_eq!(tree.comments().len(), 2);
        let at = text.find("a: ").unwrap() + 3;
        prop_assert!(after.starts_with(text[..at].trim_end()));
        prop_assert!(after.ends_with(&text[at + old.len()..]));
    }
}
