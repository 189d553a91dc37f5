//! How far surveys got as OpenMetrics text, for Prometheus and its like.
//!
//! Promises: what is not known has no sample; amounts are in the currency that a label names; nothing is rounded.

use super::status::StatusReport;
use crate::fieldwork::Fieldwork;
use crate::model::Money;
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
    let mut text = String::new();
    for Family {
        name,
        unit,
        help,
        samples,
    } in FAMILIES
    {
        let _ = writeln!(text, "# TYPE {name} gauge");
        if !unit.is_empty() {
            let _ = writeln!(text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(text, "# HELP {name} {}", escaped(help));
        for row in &report.surveys {
            for (labels, value) in samples(row) {
                let own = [
                    ("environment", report.environment.clone()),
                    ("survey", row.address.to_string()),
                    ("vendor", row.vendor.to_string()),
                ];
                let labels: Vec<String> = own
                    .into_iter()
                    .chain(labels)
                    .map(|(key, value)| format!("{key}=\"{}\"", escaped(&value)))
                    .collect();
                let _ = writeln!(text, "{name}{{{}}} {value}", labels.join(","));
            }
        }
    }
    text.push_str("# EOF\n");
    text
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
    use jiff::Timestamp;

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
}
