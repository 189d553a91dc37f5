//! What infield reads of the vendor's documents, as types. A key that is missing here is let through; numbers may come as
//! texts (one client compares loosely), and so may ids.

use crate::marketplace::http::wire::{
    AmountOrText, Code, CountOrText, ExactOrText, Flag, Object, WholeOrText,
};
use crate::model::Field;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A job.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Job {
    pub(super) id: Field<Code>,
    pub(super) status: Field<WholeOrText>,
    pub(super) name: Field<String>,
    pub(super) category: Field<CountOrText>,
}

/// A group, also as an entry of a job.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Group {
    pub(super) id: Field<Code>,
    pub(super) status: Field<WholeOrText>,
    pub(super) name: Field<String>,
    pub(super) country_code: Field<String>,
    pub(super) language: Field<String>,
    pub(super) n: Field<CountOrText>,
    pub(super) incidence_rate: Field<ExactOrText>,
    pub(super) length_of_interview: Field<ExactOrText>,
    pub(super) cost_per_interview: Field<AmountOrText>,
    pub(super) est_cost_per_interview: Field<AmountOrText>,
    pub(super) maximum_cost_per_interview: Field<AmountOrText>,
    pub(super) live_survey_url: Field<String>,
    pub(super) test_survey_url: Field<String>,
    pub(super) device_type: Field<CountOrText>,
    pub(super) priority: Field<CountOrText>,
    pub(super) color: Field<CountOrText>,
    pub(super) note: Field<String>,
    pub(super) target: Field<Object<Target>>,
    pub(super) fielding: Field<Object<Fielding>>,
}

/// What a group shows of its target.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Target {
    #[serde(rename = "GeoIPCheck")]
    pub(super) geo_ip_check: Field<Flag>,
}

/// A quota of a group.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Quota {
    pub(super) id: Field<Code>,
    pub(super) title: Field<String>,
    pub(super) n: Field<CountOrText>,
    /// Answers by the key of their question.
    pub(super) conditions: Field<IndexMap<String, Vec<Code>>>,
}

/// When a group is fielded, which no call can write (sample of Get Group Details).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Fielding {
    pub(super) fielding_start_date: Value,
    pub(super) fielding_end_date: Value,
}

/// What is kept of a job: its groups, where its details carry them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Kept {
    #[serde(alias = "groups", skip_serializing_if = "Field::is_absent")]
    pub(super) groups: Field<Value>,
}

/// A question of the library. Rows may lack anything, and two clients name the same things differently.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Question {
    pub(super) id: Field<CountOrText>,
    pub(super) question_id: Field<CountOrText>,
    pub(super) question_key: Field<Code>,
    pub(super) question_type: Field<Code>,
    pub(super) question_text: Field<Code>,
    pub(super) options: Field<Vec<Option<Object<Answer>>>>,
    pub(super) question_options: Field<Vec<Option<Object<Answer>>>>,
}

/// An answer of the library.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Answer {
    pub(super) id: Field<CountOrText>,
    #[serde(rename = "id")]
    pub(super) small_id: Field<CountOrText>,
    pub(super) option_id: Field<CountOrText>,
    pub(super) option_text: Field<Code>,
}

/// An estimate for a number of days in field; what the figure counts is not documented.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Estimated {
    pub(super) days: Field<CountOrText>,
    pub(super) estimate: Value,
}
