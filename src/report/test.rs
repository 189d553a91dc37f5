//! Tests of manifests, and how they went: as lines, as JSON (`infield.test/1`) and as JUnit's XML.

use super::json::pretty;
use super::words::clean;
use crate::diag::junit::{Case, suite};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How the tests of a project went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield test")]
pub struct TestReport {
    /// The format's name and version.
    pub format: Format,
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// All of them, in the order of their files.
    pub tests: Vec<Tested>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first.
    #[serde(rename = "infield.test/1")]
    V1,
}

/// A test that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tested {
    /// Its name.
    pub name: String,
    /// Where it stands: file, line and column.
    #[schemars(example = &"tests/launch.yaml:2:7")]
    pub place: String,
    /// Whether everything was as expected.
    pub passed: bool,
    /// What was not, in the order of its steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
}

/// Something that was not as expected, or a step that could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Where it was expected, or where the step stands: file, line and column.
    #[schemars(example = &"tests/launch.yaml:9:14")]
    pub place: String,
    /// What it is about, or why the step could not be done.
    pub what: String,
    /// What was expected; missing where a step could not be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What there is instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl TestReport {
    /// All of them, counted.
    pub fn new(tests: Vec<Tested>) -> Self {
        let passed = tests.iter().filter(|test| test.passed).count();
        Self {
            format: Format::V1,
            passed,
            failed: tests.len() - passed,
            tests,
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        pretty(self)
    }

    /// As JUnit's XML: a case for each test, which fails with what was not as expected.
    pub fn to_junit(&self) -> String {
        let case = |test: &Tested| {
            let file = test.place.split(':').next().unwrap_or_default().to_owned();
            let failure = test.failures.first().map(|first| {
                let all: Vec<String> = test.failures.iter().map(Failure::text).collect();
                ("failed".to_owned(), first.what.clone(), all.concat())
            });
            Case {
                class: file.clone(),
                name: test.name.clone(),
                file: Some(file),
                failure,
                says: String::new(),
            }
        };
        let cases: Vec<Case> = self.tests.iter().map(case).collect();
        suite("infield test", &cases)
    }

    /// What is said before the first of them runs.
    pub fn heading(count: usize) -> String {
        match count {
            1 => "running 1 test\n".to_owned(),
            many => format!("running {many} tests\n"),
        }
    }

    /// What is said once all of them ran: what failed and why, and how many did.
    pub fn conclusion(&self) -> String {
        let mut text = String::new();
        for test in self.tests.iter().filter(|test| !test.passed) {
            let _ = write!(text, "\n{}\n", clean(&test.name));
            for failure in &test.failures {
                text.push_str(&failure.text());
            }
        }
        let how = if self.failed == 0 { "ok" } else { "FAILED" };
        let _ = write!(
            text,
            "\ntest result: {how}. {} passed; {} failed\n",
            self.passed, self.failed
        );
        text
    }
}

impl Tested {
    /// Its line.
    pub fn line(&self) -> String {
        let how = if self.passed { "ok" } else { "FAILED" };
        format!("test {} ... {how}\n", clean(&self.name))
    }
}

impl Failure {
    /// In lines, below the name of its test.
    fn text(&self) -> String {
        let mut lines = self.what.lines();
        let first = lines.next().unwrap_or_default();
        let mut text = format!("  {}: {}\n", clean(&self.place), clean(first));
        for line in lines {
            let _ = writeln!(text, "    {}", clean(line));
        }
        for (word, value) in [
            ("expected", &self.expected),
            ("found", &self.found),
            ("help", &self.help),
        ] {
            if let Some(value) = value {
                let _ = writeln!(text, "    {word:8}  {}", clean(value));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_shown_with_its_place_and_counted() {
        let failure = Failure {
            place: "tests/launch.yaml:9:14".to_owned(),
            what: "calls of the plan".to_owned(),
            expected: Some("2".to_owned()),
            found: Some("3".to_owned()),
            help: None,
        };
        let stopped = Failure {
            place: "tests/launch.yaml:5:5".to_owned(),
            what: "the apply failed:\nsoda:create: no <such> thing".to_owned(),
            expected: None,
            found: None,
            help: Some("look at it".to_owned()),
        };
        let test = |name: &str, failures: Vec<Failure>| Tested {
            name: name.to_owned(),
            place: "tests/launch.yaml:2:7".to_owned(),
            passed: failures.is_empty(),
            failures,
        };
        let report = TestReport::new(vec![test("one", vec![]), test("two", vec![failure, stopped])]);
        assert_eq!((report.passed, report.failed), (1, 1));
        let lines: String = report.tests.iter().map(Tested::line).collect();
        assert_eq!(
            lines + &report.conclusion(),
            "test one ... ok\ntest two ... FAILED\n\ntwo\n  \
             tests/launch.yaml:9:14: calls of the plan\n    expected  2\n    found     3\n  \
             tests/launch.yaml:5:5: the apply failed:\n    soda:create: no <such> thing\n    help      look at it\n\n\
             test result: FAILED. 1 passed; 1 failed\n"
        );
        let junit = report.to_junit();
        assert!(
            junit.contains("<testsuite name=\"infield test\" tests=\"2\" failures=\"1\""),
            "{junit}"
        );
        assert!(
            junit.contains(
                "<testcase classname=\"tests/launch.yaml\" name=\"one\" file=\"tests/launch.yaml\"/>"
            )
        );
        assert!(junit.contains("no &lt;such&gt; thing"));
    }
}
