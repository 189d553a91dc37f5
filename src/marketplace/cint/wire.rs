//! What infield reads of the vendor's documents, as types (OpenAPI). A key that is missing here is let through; a word that
//! came later is a word.
//!
//! Ids are texts, except where the contract has numbers; prices are texts in an object with their currency; everything that
//! is counted is a number.

use crate::marketplace::http::json;
use crate::marketplace::http::wire::{Code, Count, Exact, Object, Time, Whole};
use crate::model::{Field, Money};
use iso_currency::Currency;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A project, also as an entry of the list of projects.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Project {
    pub(super) id: Field<String>,
    pub(super) name: Field<String>,
    pub(super) status: Field<String>,
    pub(super) project_manager_id: Field<String>,
    pub(super) project_customer_reference_number: Field<String>,
}

/// How a whole project goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProjectOverview {
    pub(super) statistics: Field<Object<Progress>>,
}

/// A target group: its draft, the details of a launched one, or an entry of a list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TargetGroup {
    pub(super) id: Field<String>,
    pub(super) name: Field<String>,
    /// Of entries only.
    pub(super) status: Field<String>,
    pub(super) locale: Field<String>,
    pub(super) completes_goal: Field<Count>,
    /// A share of one.
    pub(super) expected_incidence_rate: Field<Exact>,
    pub(super) expected_length_of_interview_minutes: Field<Exact>,
    pub(super) live_url: Field<String>,
    pub(super) test_url: Field<String>,
    pub(super) project_manager_id: Field<String>,
    pub(super) target_group_customer_reference_number: Field<String>,
    pub(super) business_unit_id: Field<Code>,
    pub(super) collects_pii: Field<bool>,
    pub(super) study_type_code: Field<String>,
    pub(super) industry_code: Field<String>,
    pub(super) industry_lockout_code: Field<String>,
    pub(super) client_id: Field<Count>,
    pub(super) client_cost_per_interview_note: Field<Price>,
    // Drafts show the rest as well.
    pub(super) cost_per_interview: Field<Price>,
    pub(super) fielding_specification: Field<Object<Times>>,
    pub(super) exclusion: Field<Object<Exclusion>>,
    pub(super) respondent_activity_exclusions: Field<Vec<Object<ActivityExclusion>>>,
    pub(super) fielding_assistant_assignment: Field<Object<Assistant>>,
    pub(super) allocations: Field<Object<Allocations>>,
    pub(super) filling_strategy: Field<String>,
    pub(super) profiling: Field<Object<Profiling>>,
}

/// When a draft is to be in field.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Times {
    pub(super) start_at: Field<Time>,
    pub(super) end_at: Field<Time>,
}

/// Whether respondents of other target groups of the project are kept out of a draft.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Exclusion {
    pub(super) enabled: Field<bool>,
}

/// The same of a launched one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ExclusionPolicy {
    pub(super) project_exclusion_enabled: Field<bool>,
}

/// Exclusions by activity of a launched one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ActivityExclusions {
    pub(super) respondent_activity_exclusions: Field<Vec<Object<ActivityExclusion>>>,
}

/// Who took part elsewhere is kept out for a time.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ActivityExclusion {
    #[serde(rename = "type")]
    pub(super) kind: Field<String>,
    pub(super) id: Field<String>,
    pub(super) duration: Field<String>,
}

/// What stands around the profiles of a draft.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profiling {
    pub(super) template_id: Field<String>,
}

/// How a launched target group goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Overview {
    pub(super) status: Field<String>,
    pub(super) pricing_model: Field<String>,
    pub(super) current_cost_per_interview: Field<Price>,
    pub(super) current_cost: Field<Price>,
    pub(super) progress: Field<Object<Progress>>,
    /// A share of one.
    pub(super) incidence_rate: Field<Exact>,
    pub(super) median_length_of_interview_seconds: Field<Exact>,
}

/// What is counted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Progress {
    pub(super) current_completes: Field<Count>,
    pub(super) current_prescreens: Field<Count>,
    pub(super) filling_strategy: Field<String>,
}

/// A fielding run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Run {
    pub(super) id: Field<String>,
    pub(super) start_fielding_at: Field<Time>,
    pub(super) end_fielding_at: Field<Time>,
}

/// The modules of the Fielding Assistant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Assistant {
    pub(super) pricing: Field<Object<Pricing>>,
    pub(super) quota_overlay: Field<Object<QuotaOverlay>>,
    pub(super) pacing: Field<Object<Pacing>>,
    pub(super) soft_launch: Field<Object<SoftLaunch>>,
}

/// Moves the price.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pricing {
    #[serde(rename = "type")]
    pub(super) kind: Field<String>,
    pub(super) total_budget: Field<Price>,
    pub(super) maximum_cpi: Field<Price>,
    pub(super) minimum_cpi: Field<Price>,
    pub(super) boost_cpi: Field<Price>,
}

/// Keeps quotas from running over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct QuotaOverlay {
    pub(super) prevent_overfill: Field<bool>,
    pub(super) balance_fill: Field<bool>,
}

/// Spreads completes over the time in field.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pacing {
    #[serde(rename = "type")]
    pub(super) kind: Field<String>,
    pub(super) increment_interval: Field<String>,
    pub(super) exposed_target_group_id: Field<String>,
}

/// Fields a part first.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SoftLaunch {
    pub(super) end_at: Field<Time>,
    pub(super) filling_goal_percentage: Field<Exact>,
    pub(super) demographics_strictness_percentage: Field<Exact>,
}

/// Which suppliers send respondents.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Allocations {
    pub(super) open_exchange_allocations: Field<Object<Exchange>>,
    pub(super) private_exchange_allocations: Field<Object<Exchange>>,
}

/// One exchange.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Exchange {
    pub(super) exchange_min_percentage: Field<Count>,
    pub(super) exchange_max_percentage: Field<Count>,
    pub(super) blocked_supplier_ids: Field<Vec<Supplier>>,
    pub(super) blocked_suppliers: Field<Vec<Supplier>>,
    pub(super) groups: Field<Vec<Object<SupplierGroup>>>,
}

/// Suppliers that share a part of the completes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SupplierGroup {
    pub(super) group_id: Field<Code>,
    pub(super) group_name: Field<String>,
    pub(super) min_percentage: Field<Count>,
    pub(super) max_percentage: Field<Count>,
    pub(super) suppliers: Field<Vec<Supplier>>,
    pub(super) supplier_ids: Field<Vec<Supplier>>,
    pub(super) supplier: Field<Supplier>,
    pub(super) supplier_id: Field<Supplier>,
}

/// A supplier: its number, the number as a text, or an object that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Supplier(pub(super) u64);

impl<'de> Deserialize<'de> for Supplier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let id = value.get("id").unwrap_or(&value);
        let number = json::count(id).map(Self);
        number.ok_or_else(|| D::Error::custom("expected the number of a supplier, found something else"))
    }
}

/// Money: the amount as a text, and its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Price(pub(super) Money);

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Amount {
            value: String,
            currency_code: String,
        }

        let Object(amount) = Object::<Amount>::deserialize(deserializer)?;
        let value = amount.value.trim().parse();
        let value = value.map_err(|_| {
            D::Error::custom(format!("expected an amount of money, found {:?}", amount.value))
        })?;
        let currency = Currency::from_code(&amount.currency_code);
        let currency = currency.ok_or_else(|| {
            D::Error::custom(format!("expected a currency, found {:?}", amount.currency_code))
        })?;
        Ok(Self(Money::new(value, currency)))
    }
}

/// What tells a profile that is read from one that is passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProfileKind {
    pub(super) blended_type: Field<String>,
}

/// A profile.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub(super) id: Field<String>,
    pub(super) object: Field<String>,
    pub(super) name: Field<String>,
    pub(super) quotas_enabled: Field<bool>,
    pub(super) targets: Field<Vec<Object<Target>>>,
}

/// A target of a profile.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Target {
    pub(super) id: Field<String>,
    pub(super) name: Field<String>,
    pub(super) conditions: Field<Vec<Object<Condition>>>,
    pub(super) quota: Field<Object<Quota>>,
}

/// What is counted of a target.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Quota {
    pub(super) name: Field<String>,
    pub(super) completes_goal: Field<Count>,
    pub(super) quota_nominal: Field<Count>,
    pub(super) completes: Field<Count>,
}

/// A condition of a target.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Condition {
    pub(super) object: Field<String>,
    pub(super) question_id: Field<Count>,
    pub(super) option: Field<Code>,
    pub(super) min: Field<Whole>,
    pub(super) max: Field<Whole>,
    pub(super) allow_all_values: Field<bool>,
    pub(super) open_ended_values: Field<Vec<Code>>,
}

/// Work that goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Job {
    pub(super) status: Field<String>,
}

/// What a page of a list says of the next one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Page {
    pub(super) has_more: Field<bool>,
    pub(super) next_cursor: Field<String>,
}
