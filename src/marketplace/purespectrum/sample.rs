//! A first survey at PureSpectrum.

use crate::marketplace::shelf::sample::{Sample, line};

/// What it says. Category 232 is that of the vendor's own examples.
pub(super) const SAMPLE: Sample = Sample {
    fields: &[
        line("field_days", "7"),
        line("cpi", "2.50 USD").about("price per complete; `market` takes the vendor's market price"),
        line("live_url", "https://survey.example.com/s/<name>?tk=[%%token%%]"),
    ],
    settings: &[line("category", "232")],
    quotas_are_targets: false,
    // U.S. census of 2020, rounded.
    regions: Some((
        "us_region",
        &[
            ("northeast", "17.4%"),
            ("midwest", "20.8%"),
            ("south", "38.1%"),
            ("west", "23.7%"),
        ],
    )),
    account: &[line("token", "\"${PURESPECTRUM_TOKEN}\"")],
};
