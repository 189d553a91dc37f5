//! How far surveys got, and how rounds of `infield run` went, as OpenMetrics text, for Prometheus and its like.
//!
//! Promises: what is not known has no sample; amounts are in the currency that a label names; nothing is rounded.

use super::status::StatusReport;
use crate::fieldwork::Fieldwork;
use crate::model::Money;
use jiff::Timestamp;
use std::fmt::Write as _;

/// One family of samples: all of one thing.
struct Family {
    name: &'static str,
    unit: &'static str,
    help: &'static str,
    samples: fn(&Fieldwork) -> Vec<Sample>,
}

/// Labels besides those that every sample has, and the value.
type Sample = (Vec<(&'static str, String)>, String);

const FAMILIES: [Family; 13] = [
    Family {
        name: "infield_survey_verdict",
        unit: "",
        help: "What to think of a survey; always 1, the verdict is a label.",
        samples: |row| vec![(vec![("verdict", row.verdict.key())], "1".to_owned())],
    },
    Family {
        name: "infield_survey_alarms",
        unit: "",
        help: "Figures that are worse than what was promised.",
        samples: |row| plain(Some(row.alarms.len())),
    },
    Family {
        name: "infield_survey_completes",
        unit: "",
        help: "Completes collected.",
        samples: |row| plain(row.completes),
    },
    Family {
        name: "infield_survey_goal",
        unit: "",
        help: "Completes wanted.",
        samples: |row| plain(row.goal),
    },
    Family {
        name: "infield_survey_forecast",
        unit: "",
        help: "Completes at the end, if it goes on as it went.",
        samples: |row| plain(row.forecast.map(|forecast| forecast.completes)),
    },
    Family {
        name: "infield_survey_pace_percent",
        unit: "percent",
        help: "Completes collected, in percent of those that an even pace would have brought.",
        samples: |row| plain(row.pace),
    },
    Family {
        name: "infield_survey_end_time_seconds",
        unit: "seconds",
        help: "When it goes out of field, in seconds since 1970.",
        samples: |row| plain(row.ends.map(jiff::Timestamp::as_second)),
    },
    Family {
        name: "infield_survey_cost",
        unit: "",
        help: "What the completes so far cost, in the currency of the label.",
        samples: |row| money(row.cost),
    },
    Family {
        name: "infield_survey_projected_cost",
        unit: "",
        help: "What it will have cost at its end, in the currency of the label.",
        samples: |row| money(row.projected_cost),
    },
    Family {
        name: "infield_survey_incidence_rate_percent",
        unit: "percent",
        help: "Respondents who qualify, as promised and as measured.",
        samples: |row| promise(&row.incidence_rate),
    },
    Family {
        name: "infield_survey_length_of_interview_minutes",
        unit: "minutes",
        help: "Length of the interview, as promised and as measured.",
        samples: |row| promise(&row.length_of_interview),
    },
    Family {
        name: "infield_quota_completes",
        unit: "",
        help: "Completes collected of a quota.",
        samples: |row| quotas(row, |quota| quota.completes),
    },
    Family {
        name: "infield_quota_goal",
        unit: "",
        help: "Completes wanted of a quota.",
        samples: |row| quotas(row, |quota| quota.goal),
    },
];

/// The text.
pub fn render(report: &StatusReport) -> String {
    let mut text = Text::default();
    for Family {
        name,
        unit,
        help,
        samples,
    } in FAMILIES
    {
        text.family((name, "gauge"), unit, help);
        for row in &report.surveys {
            for (labels, value) in samples(row) {
                let own = [
                    ("environment", report.environment.clone()),
                    ("survey", row.address.to_string()),
                    ("vendor", row.vendor.to_string()),
                ];
                text.sample(name, own.into_iter().chain(labels), &value);
            }
        }
    }
    text.end()
}

/// Figures of rounds of what was approved before, since the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFigures {
    /// The environment.
    pub environment: String,
    /// Rounds that were made.
    pub rounds: u64,
    /// Those of them that failed, or were done in part.
    pub failed: u64,
    /// Steps that were done.
    pub steps: u64,
    /// Calls that changed something.
    pub calls: u64,
    /// What waited for somebody in the last round that could look; `None` where none could.
    pub pending: Option<u64>,
    /// When the last one ended.
    pub last_round: Option<Timestamp>,
    /// When the last one ended that did not fail.
    pub last_success: Option<Timestamp>,
    /// When the next one is due; `None` where none is.
    pub next_round: Option<Timestamp>,
}

const LAST_SUCCESS: &str = "infield_run_last_success_timestamp_seconds";

/// The text of figures of rounds.
pub fn run(figures: &RunFigures) -> String {
    let time = |time: Option<Timestamp>| time.map(|time| time.as_second().to_string());
    let mut text = Text::default();
    let mut one = |name: &str, (kind, unit): (&str, &str), help: &str, value: Option<String>| {
        text.family((name, kind), unit, help);
        let total = if kind == "counter" { "_total" } else { "" };
        if let Some(value) = value {
            let environment = ("environment", figures.environment.clone());
            text.sample(&format!("{name}{total}"), [environment], &value);
        }
    };
    let counted = [
        ("infield_run_rounds", "Rounds made.", figures.rounds),
        (
            "infield_run_failed_rounds",
            "Rounds that failed, or were done in part.",
            figures.failed,
        ),
        ("infield_run_steps", "Steps done.", figures.steps),
        (
            "infield_run_calls",
            "Calls that changed something.",
            figures.calls,
        ),
    ];
    for (name, help, value) in counted {
        one(name, ("counter", ""), help, Some(value.to_string()));
    }
    let pending = figures.pending.map(|pending| pending.to_string());
    let help = "What waits for somebody, as the last round that could look saw it.";
    one("infield_run_pending", ("gauge", ""), help, pending);
    let times = [
        (
            "infield_run_last_round_timestamp_seconds",
            "When the last round ended, in seconds since 1970.",
            figures.last_round,
        ),
        (
            LAST_SUCCESS,
            "When the last round ended that did not fail, in seconds since 1970.",
            figures.last_success,
        ),
        (
            "infield_run_next_round_timestamp_seconds",
            "When the next round is due, in seconds since 1970.",
            figures.next_round,
        ),
    ];
    for (name, help, at) in times {
        one(name, ("gauge", "seconds"), help, time(at));
    }
    text.end()
}

/// When the last round ended that did not fail, as an earlier text has it.
pub fn last_success(text: &str, environment: &str) -> Option<Timestamp> {
    let begins = format!("{LAST_SUCCESS}{{environment=\"{}\"}} ", escaped(environment));
    let second = text.lines().find_map(|line| line.strip_prefix(&begins))?;
    Timestamp::from_second(second.parse().ok()?).ok()
}

/// A text as it is written: families with their samples, and an end.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, (name, kind): (&str, &str), unit: &str, help: &str) {
        let _ = writeln!(self.0, "# TYPE {name} {kind}");
        if !unit.is_empty() {
            let _ = writeln!(self.0, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.0, "# HELP {name} {}", escaped(help));
    }

    fn sample(&mut self, name: &str, labels: impl IntoIterator<Item = (&'static str, String)>, value: &str) {
        let labels = labels.into_iter();
        let labels: Vec<String> = labels
            .map(|(key, value)| format!("{key}=\"{}\"", escaped(&value)))
            .collect();
        let _ = writeln!(self.0, "{name}{{{}}} {value}", labels.join(","));
    }

    fn end(mut self) -> String {
        self.0.push_str("# EOF\n");
        self.0
    }
}

fn plain<T: ToString + Copy>(value: Option<T>) -> Vec<Sample> {
    value
        .iter()
        .map(|value| (Vec::new(), value.to_string()))
        .collect()
}

fn money(money: Option<Money>) -> Vec<Sample> {
    let sample = |money: Money| {
        (
            vec![("currency", money.currency.code().to_owned())],
            money.amount.to_string(),
        )
    };
    money.map(sample).into_iter().collect()
}

fn promise(promise: &crate::fieldwork::Promise) -> Vec<Sample> {
    let sides = [("promised", promise.promised), ("measured", promise.actual)];
    let sample = |(side, value): (&str, Option<rust_decimal::Decimal>)| {
        Some((vec![("figure", side.to_owned())], value?.to_string()))
    };
    sides.into_iter().filter_map(sample).collect()
}

fn quotas(row: &Fieldwork, value: fn(&crate::fieldwork::QuotaFieldwork) -> Option<u64>) -> Vec<Sample> {
    // Two quotas of one name would be one sample twice.
    let mut seen = std::collections::BTreeSet::new();
    let quotas = row.quotas.iter().filter(|quota| seen.insert(quota.name.as_str()));
    quotas
        .filter_map(|quota| Some((vec![("quota", quota.name.clone())], value(quota)?.to_string())))
        .collect()
}

/// Text in which nothing ends a label or a line.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fieldwork::QuotaFieldwork;
    use crate::model::Address;

    #[test]
    fn names_are_escaped_and_the_unknown_has_no_sample() {
        let quota = QuotaFieldwork {
            name: "men \"18\\24\"\n".to_owned(),
            completes: Some(7),
            goal: None,
            pace: None,
            forecast: None,
        };
        let row = Fieldwork {
            completes: Some(31),
            cost: Some("77.50 USD".parse().unwrap()),
            quotas: vec![quota.clone(), quota],
            ..Fieldwork::unmade(Address::survey("soda"), crate::marketplace::CINT)
        };
        let text = render(&StatusReport::new("bench", Timestamp::UNIX_EPOCH, vec![row]));
        let survey = r#"environment="bench",survey="soda",vendor="cint""#;
        for line in [
            format!("infield_survey_completes{{{survey}}} 31\n"),
            format!("infield_survey_cost{{{survey},currency=\"USD\"}} 77.50\n"),
            format!("infield_survey_verdict{{{survey},verdict=\"unmade\"}} 1\n"),
            format!(r#"infield_quota_completes{{{survey},quota="men \"18\\24\"\n"}} 7"#),
        ] {
            assert_eq!(text.matches(&line).count(), 1, "{line}\n{text}");
        }
        assert!(
            !text.contains("infield_quota_goal{") && !text.contains("projected_cost{"),
            "{text}"
        );
        assert!(text.ends_with("# EOF\n"), "{text}");
    }

    #[test]
    fn figures_of_rounds_are_counters_and_times_and_the_last_success_is_read_again() {
        let figures = RunFigures {
            environment: "be\"nch".to_owned(),
            rounds: 3,
            failed: 1,
            steps: 4,
            calls: 9,
            pending: Some(2),
            last_round: Timestamp::from_second(1_600).ok(),
            last_success: Timestamp::from_second(1_000).ok(),
            next_round: None,
        };
        let text = run(&figures);
        for (line, value) in [
            ("rounds_total", 3),
            ("failed_rounds_total", 1),
            ("steps_total", 4),
            ("calls_total", 9),
            ("pending", 2),
            ("last_round_timestamp_seconds", 1_600),
            ("last_success_timestamp_seconds", 1_000),
        ] {
            let line = format!("\ninfield_run_{line}{{environment=\"be\\\"nch\"}} {value}\n");
            assert_eq!(text.matches(&line).count(), 1, "{line}\n{text}");
        }
        assert!(!text.contains("next_round_timestamp_seconds{"), "{text}");
        assert!(text.contains("# TYPE infield_run_rounds counter\n"), "{text}");
        assert_eq!(last_success(&text, "be\"nch"), figures.last_success);
        assert_eq!(last_success(&text, "bench"), None);
        let never = RunFigures::default();
        assert_eq!(last_success(&run(&never), ""), None);
    }
}
