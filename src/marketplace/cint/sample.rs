//! A first survey at Cint.

use crate::marketplace::shelf::sample::{Sample, line};

/// What it says. The manager and the unit are those of the sandbox.
pub(super) const SAMPLE: Sample = Sample {
    fields: &[
        line("field", "{end: <end>}").about("UTC; without a start it goes in field when it is launched"),
        line("cpi", "2.75 USD").about("price per complete"),
        line("live_url", "https://survey.example.com/s/<name>?rid=[%RID%]"),
        line(
            "test_url",
            "https://survey.example.com/s/<name>?test=1&rid=[%RID%]",
        ),
    ],
    settings: &[
        line("project_manager", "b551326b-ac9d-4d32-8823-4f025787dab9")
            .about("yours: `infield lookup users` at your account"),
        line("business_unit", "3337").about("decides the currency and how prices are made"),
    ],
    quotas_are_targets: false,
    regions: None,
    account: &[
        line("account_id", "1").about("the number of your account"),
        line("client_id", "\"${CINT_CLIENT_ID}\""),
        line("client_secret", "\"${CINT_CLIENT_SECRET}\""),
    ],
};
