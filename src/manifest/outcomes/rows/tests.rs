use super::super::list::parse;
use super::*;

fn survey() -> Named {
    Named {
        survey: SurveyRef::Id("7".to_owned()),
        file: "".into(),
        path: PathBuf::new(),
        place: Bytes::default(),
    }
}

fn read_text(text: &str) -> Listed {
    let defaults = Defaults {
        survey: Some(survey()),
        ..Defaults::default()
    };
    parse(text, Path::new("rejects.csv"), &"rejects.csv".into(), defaults)
}

/// Code, line, column and labelled text of each problem.
fn told(text: &str) -> Vec<(String, usize, usize, String)> {
    let listed = read_text(text);
    let source = SourceFile::new("rejects.csv".into(), text.into());
    let problems = listed.problems.iter();
    problems
        .map(|problem| {
            let span = problem.span().unwrap();
            let at = source.position(span.start as usize);
            let code = problem.code.id().replace("infield::outcome::", "");
            (code, at.line, at.column, text[span.range()].to_owned())
        })
        .collect()
}

#[test]
fn what_spreadsheets_export_is_read() {
    let plain = read_text("transaction_id,outcome,reason\na1,reject,Suspected Fraud\nb2,complete,\n");
    for text in [
        "\u{feff}transaction_id,outcome,reason\r\na1,reject,Suspected Fraud\r\nb2,complete,\r\n",
        "Transaction ID;Outcome;Reason\n a1 ; Reject ;\"Suspected Fraud\"\n\"b2\";complete;\n;;\n",
        "\u{feff}sep=;\r\nTransaction ID;Outcome;Reason\r\na1;reject;Suspected Fraud\r\nb2;complete;\r\n",
        "\"SEP=|\"\ntransaction_id|outcome|reason\na1|reject|Suspected Fraud\nb2|complete|\n",
        "reason\toutcome\ttransaction_id\nSuspected Fraud\treject\ta1\n\n\tcomplete\tb2",
    ] {
        let listed = read_text(text);
        assert_eq!(listed.problems, [], "{text}");
        let rows = |listed: &Listed| -> Vec<(String, Outcome, Option<String>)> {
            let rows = listed.rows.iter();
            rows.map(|row| {
                (
                    row.id.to_string(),
                    row.outcome,
                    row.reason.as_deref().map(str::to_owned),
                )
            })
            .collect()
        };
        assert_eq!(rows(&listed), rows(&plain), "{text}");
        for row in &listed.rows {
            assert_eq!(&text[span(row.place).range()], &*row.id);
        }
    }
}

#[test]
fn every_problem_has_its_line_and_column() {
    let text = "transaction_id,outcome,reason\r\nx1,regect,\r\n\r\n\"x 2\",reject,\r\nx3,reject,\r\nx4,,\r\nx3,reject,\r\nx1,a,b,c\r\n1.2E+21,reject,\r\n,reject,q\r\n";
    let word = |text: &str| text.to_owned();
    assert_eq!(
        told(text),
        [
            (word("unknown"), 2, 4, word("regect")),
            (word("transaction"), 4, 2, word("x 2")),
            (word("unknown"), 6, 4, word("")),
            (word("list"), 8, 8, word("c")),
            (word("transaction"), 9, 1, word("1.2E+21")),
            (word("transaction"), 10, 1, word("")),
            (word("duplicate"), 7, 1, word("x3")),
        ]
    );
}

#[test]
fn a_list_whose_quotes_take_in_rows_is_refused_at_the_quote() {
    for (text, line, column) in [
        (
            "transaction_id,outcome\na1,reject\n\"a2,reject\na3,reject\n",
            3,
            1,
        ),
        (
            "transaction_id,outcome,reason\na1,reject,\"x \"\"y\"\"\na2,reject,\n",
            2,
            11,
        ),
        ("transaction_id,outcome,reason\na1,reject,\"", 2, 11),
        // Another quote ends it by chance, and would begin a field of its own.
        (
            "transaction_id,outcome,mine\na1,reject,\"x\na2,reject,y\na3,reject,\"z\"\n",
            2,
            11,
        ),
        (
            "transaction_id,outcome,mine\na1,reject,\"x\na2,reject,\"\n",
            2,
            11,
        ),
        ("transaction_id,outcome,reason\na1,reject,\"x\"y\n", 2, 11),
    ] {
        let told = told(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(
            (&*told[0].0, told[0].1, told[0].2),
            ("list", line, column),
            "{text}"
        );
        assert!(read_text(text).rows.is_empty(), "{text}");
    }
    for text in [
        "transaction_id,outcome,reason\na1,reject,5\" screen\n",
        "transaction_id,outcome,reason\na1,reject,\"x, y\"\n",
        "transaction_id,outcome,reason\na1,reject,\"\"\"\"\n",
        "transaction_id,outcome,mine\r\n\"a1\" ,\"reject\",\"x, y\nand z\"\r\n",
    ] {
        // A column that means nothing is told.
        let told = told(text).into_iter().filter(|told| told.0 != "column");
        assert_eq!(told.count(), 0, "{text}");
    }
}

#[test]
fn a_contradiction_is_more_than_a_repetition() {
    let text = "transaction_id,outcome\na,reject\nb,reject\na,complete\nb,reject\n";
    let codes: Vec<String> = told(text).into_iter().map(|told| told.0).collect();
    assert_eq!(codes, ["contradiction", "duplicate"]);
}

#[test]
fn without_a_header_nothing_is_guessed() {
    assert_eq!(told("a1,reject\na2,reject\n")[0].0, "list");
    assert_eq!(told("transaction_id\na1\n")[0].0, "list");
    assert_eq!(told("")[0].0, "empty");
    assert_eq!(told("transaction_id,outcome\n")[0].0, "empty");
    assert_eq!(
        told("transaction_id,outcome,outcome\na,reject,reject\n")[0].0,
        "column"
    );
}

#[test]
fn a_column_that_means_nothing_is_told() {
    let listed = read_text("transaction_id,outcome,resaon\na1,reject,x\n");
    assert_eq!(listed.rows.len(), 1);
    assert_eq!(listed.problems[0].help.as_deref(), Some("did you mean `reason`?"));
    assert_eq!(listed.problems[0].severity, crate::diag::Severity::Warning);
}

#[test]
fn rows_may_name_surveys_and_quotas() {
    let text = "transaction_id,outcome,survey,quota_ids\na,complete,soda,men; women\nb,reject,1000002,\nc,reject,,\nd,reject,,men\n";
    let listed = read_text(text);
    assert_eq!(listed.problems.len(), 1, "{:?}", listed.problems);
    let names: Vec<String> = listed
        .surveys
        .iter()
        .map(|named| named.survey.to_string())
        .collect();
    assert_eq!(names, ["soda", "1000002", "7"]);
    assert_eq!(listed.rows[0].quotas.as_deref().unwrap(), ["men", "women"]);
    assert_eq!(listed.rows[2].survey, 2);
}

#[test]
fn many_problems_are_counted_and_not_all_told() {
    let mut text = String::from("transaction_id,outcome\n");
    for _ in 0..1000 {
        text.push_str("a,reject\n");
    }
    let listed = read_text(&text);
    assert_eq!(listed.problems.len(), MAX_PROBLEMS + 1);
    assert!(listed.problems.last().unwrap().message.starts_with("949 more"));
}

proptest::proptest! {
    /// Any text gives rows or problems, every problem with a place inside of the text.
    #[test]
    fn any_text_gives_an_answer(body in "(\\PC|[\"\n\r,;\t\u{feff}]){0,80}", begin in 0usize..3) {
        let text = format!("{}{body}", ["", "transaction_id,outcome\n", "\u{feff}transaction_id;outcome;survey\r\n"][begin]);
        let listed = read_text(&text);
        for problem in &listed.problems {
            if let Some(span) = problem.span() {
                proptest::prop_assert!(text.get(span.range()).is_some(), "{problem:?} in {text:?}");
            }
        }
        for row in &listed.rows {
            proptest::prop_assert_eq!(&text[span(row.place).range()], &*row.id);
        }
        proptest::prop_assert!(!listed.rows.is_empty() || !listed.problems.is_empty());
    }
}

#[test]
fn a_survey_is_named_by_id_by_name_or_at_one_of_its_marketplaces() {
    let name = |text: &str| SurveyRef::Name(crate::model::Address::survey(text));
    for named in ["soda", "soda/us", "soda@cint", "soda@cint/us"] {
        assert_eq!(survey_ref(named), Some(name(named)));
    }
    assert_eq!(survey_ref("383244"), Some(SurveyRef::Id("383244".to_owned())));
    for wrong in [
        "soda@",
        "soda@nobody",
        "@cint",
        "soda/us/men",
        "soda@cint@cint",
        "",
    ] {
        assert_eq!(survey_ref(wrong), None, "{wrong}");
    }
}

#[test]
fn one_uuid_in_two_cases_is_one_respondent_and_other_ids_have_their_case() {
    let uuid = "0f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0";
    let list =
        |one: &str, other: &str| told(&format!("transaction_id,outcome\n{one},reject\n{other},reject\n"));
    let found = list(uuid, &uuid.to_uppercase());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0.as_str(), found[0].1), ("duplicate", 3));
    assert_eq!(list("aB3dE6gH9jK2mN5pQ8sT1v", "Ab3dE6gH9jK2mN5pQ8sT1v"), []);
}
