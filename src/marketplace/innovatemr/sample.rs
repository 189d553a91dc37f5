//! A first survey at InnovateMR.

use crate::marketplace::shelf::sample::{Sample, line};

/// What it says. Category 7 is one of the vendor's 43.
pub(super) const SAMPLE: Sample = Sample {
    fields: &[
        line("max_cpi", "3.75 USD").about("the most a complete may cost; without it nothing goes live"),
        line(
            "live_url",
            "https://survey.example.com/s/<name>?tk=[%%token%%]&pid=[%%pid%%]",
        ),
        line("test_url", "https://survey.example.com/s/<name>?test=1"),
    ],
    settings: &[line("category", "7")],
    quotas_are_targets: true,
    regions: None,
    account: &[line("token", "\"${INNOVATEMR_TOKEN}\"")],
};
