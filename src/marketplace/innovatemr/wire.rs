//! What infield reads of the vendor's documents, as types. A key that is missing here is let through; numbers may come as
//! texts (one client compares loosely), and so may ids.

use crate::marketplace::http::json;
use crate::marketplace::http::wire::{Code, CountOrText, ExactOrText, Object, WholeOrText};
use crate::model::Field;
use indexmap::IndexMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
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
    pub(super) cost_per_interview: Field<ExactOrText>,
    pub(super) est_cost_per_interview: Field<ExactOrText>,
    pub(super) maximum_cost_per_interview: Field<ExactOrText>,
    pub(super) live_survey_url: Field<String>,
    pub(super) test_survey_url: Field<String>,
    pub(super) device_type: Field<CountOrText>,
    pub(super) priority: Field<CountOrText>,
    pub(super) color: Field<CountOrText>,
    pub(super) note: Field<String>,
    pub(super) target: Field<Object<Target>>,
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

/// Yes or no: a flag, or a number that is not zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let flag = value.as_bool().or_else(|| json::whole(&value).map(|n| n != 0));
        let flag = flag.map(Self);
        flag.ok_or_else(|| D::Error::custom("expected yes or no, found something else"))
    }
}
