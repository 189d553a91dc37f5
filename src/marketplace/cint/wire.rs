//! What infield reads of the vendor's documents, as types (OpenAPI). A key that is missing here is let through; a word that
//! came later is a word.
//!
//! Ids are texts, except where the contract has numbers; prices are texts in an object with their currency; everything that
//! is counted is a number. Profiles are also written, in the order of their keys here.

mod leaf;

use crate::marketplace::http::wire::{Code, Count, Exact, Object, Time, Whole};
use crate::marketplace::shelf::estimates::Bounds;
use crate::model::{Field, LiveSurvey, Money};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use std::collections::BTreeMap;

pub(super) use leaf::{Days, Percent, Supplier};

/// Types of documents: any key may be left out, or be null, and what was left out is not written.
macro_rules! documents {
    ($($(#[$meta:meta])* $name:ident { $($(#[$more:meta])* $key:ident: $type:ty,)* })*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(default)]
        pub(super) struct $name {
            $($(#[$more])* #[serde(skip_serializing_if = "Field::is_absent")] pub(super) $key: Field<$type>,)*
        }
    )* };
}

/// Profiles, as one list.
pub(super) type Profiles = Vec<Object<Profile>>;

documents! {
    /// A project, also as an entry of the list of projects.
    Project {
        id: String,
        name: String,
        status: String,
        project_manager_id: String,
        project_customer_reference_number: String,
        #[serde(rename = "@etag")]
        etag: String,
    }

    /// A target group: its draft, the details of a launched one, or an entry of a list. The status is of entries only, and
    /// what follows the note on the price is of drafts only.
    TargetGroup {
        id: String,
        name: String,
        status: String,
        locale: String,
        completes_goal: Count,
        expected_incidence_rate: Percent,
        expected_length_of_interview_minutes: Exact,
        live_url: String,
        test_url: String,
        project_manager_id: String,
        target_group_customer_reference_number: String,
        business_unit_id: Code,
        collects_pii: bool,
        study_type_code: String,
        industry_code: String,
        industry_lockout_code: String,
        client_id: Count,
        client_cost_per_interview_note: Price,
        cost_per_interview: Price,
        fielding_specification: Object<Times>,
        exclusion: Object<Exclusion>,
        respondent_activity_exclusions: Vec<Object<ActivityExclusion>>,
        fielding_assistant_assignment: Object<Assistant>,
        allocations: Object<Allocations>,
        filling_strategy: String,
        profiling: Object<Profiling>,
        /// In the vendor's own words.
        re_entry_configuration: Value,
        /// To try it out (OpenAPI `TargetGroupLinks`).
        links: Value,
    }

    /// When a draft is to be in field.
    Times {
        start_at: Time,
        end_at: Time,
    }

    /// Whether respondents of other target groups of the project are kept out; the other name is that of a launched one.
    Exclusion {
        #[serde(alias = "project_exclusion_enabled")]
        enabled: bool,
    }

    /// Who took part elsewhere is kept out for a time.
    ActivityExclusion {
        #[serde(rename = "type")]
        kind: String,
        id: String,
        duration: Days,
    }

    /// A page of exclusion groups.
    ExclusionGroups {
        data: Vec<ExclusionGroup>,
    }

    /// A page of what an exclusion group holds.
    ExclusionGroupMembers {
        data: Vec<String>,
    }

    /// An exclusion group of the account, without what it holds.
    ExclusionGroup {
        exclusion_group_id: String,
        tag: String,
        description: String,
    }

    /// The profiles of a draft, or of a launched one, and what stands around them.
    Profiling {
        template_id: String,
        profiles: Profiles,
    }

    /// How a launched target group goes, or a whole project, which has statistics.
    Overview {
        project_id: String,
        statistics: Object<Progress>,
        status: String,
        pricing_model: String,
        current_cost_per_interview: Price,
        current_cost: Price,
        progress: Object<Progress>,
        incidence_rate: Percent,
        drop_off_rate: Percent,
        median_length_of_interview_seconds: Exact,
    }

    /// What is counted.
    Progress {
        current_completes: Count,
        current_prescreens: Count,
        filling_strategy: String,
    }

    /// How respondents fared.
    Stats {
        entrants: Count,
        prescreens: Count,
        completes: Count,
        last_complete: Time,
        conversion_rate: Percent,
        respondent_analysis: Object<Analysis>,
    }

    /// How they came back; those of tests stand apart.
    Analysis {
        live: Vec<Object<Returned>>,
    }

    /// So many came back like this.
    Returned {
        label: String,
        count: Count,
    }

    /// Completes over time.
    Intervals {
        aggregated_completes_intervals: Vec<Object<Interval>>,
    }

    /// Those of one interval, with its end.
    Interval {
        timestamp: Time,
        count: Count,
    }

    /// The rate card of a target group, or of a business unit in a country.
    RateCard {
        country_code: String,
        predicted_rate_card: Object<Card>,
        bound_rate_card: Object<Card>,
        rate_card_data: Object<Card>,
    }

    /// Prices by the length of the interview, a row each, and the incidence rate, a column each.
    Card {
        length_of_interview_minutes: Vec<Count>,
        incidence_rate_percents: Vec<Count>,
        pricing_table_currency_code: String,
        pricing_table_data: Vec<Vec<Exact>>,
    }

    /// The list of fielding runs.
    Runs {
        data: Vec<Object<Run>>,
    }

    /// A fielding run.
    Run {
        id: String,
        start_fielding_at: Time,
        end_fielding_at: Time,
        #[serde(rename = "@etag")]
        etag: String,
    }

    /// The modules of the Fielding Assistant.
    #[derive(Serialize)]
    Assistant {
        pricing: Object<Pricing>,
        quota_overlay: Object<QuotaOverlay>,
        pacing: Object<Pacing>,
        soft_launch: Object<SoftLaunch>,
        #[serde(rename = "@etag")]
        etag: String,
    }

    /// Which suppliers send respondents.
    Allocations {
        open_exchange_allocations: Object<Exchange>,
        private_exchange_allocations: Object<Exchange>,
    }

    /// One exchange. Suppliers are ids in drafts, and objects in field.
    Exchange {
        exchange_min_percentage: Count,
        exchange_max_percentage: Count,
        blocked_supplier_ids: Vec<Supplier>,
        blocked_suppliers: Vec<Supplier>,
        groups: Vec<Object<SupplierGroup>>,
    }

    /// Suppliers that share a part of the completes; one in the private exchange.
    SupplierGroup {
        group_id: Code,
        group_name: String,
        min_percentage: Count,
        max_percentage: Count,
        suppliers: Vec<Supplier>,
        supplier_ids: Vec<Supplier>,
        supplier: Supplier,
        supplier_id: Supplier,
    }

    /// A profile, or a question of the library of a locale.
    #[derive(Serialize)]
    Profile {
        id: String,
        object: String,
        blended_type: String,
        name: String,
        quotas_enabled: bool,
        targets: Vec<Object<Target>>,
    }

    /// A target of a profile, or an answer of a question, with its text in the language of the locale and in English.
    #[derive(Serialize)]
    Target {
        id: String,
        name: String,
        text: String,
        text_translated: String,
        conditions: Vec<Object<Condition>>,
        quota: Object<Quota>,
    }

    /// What is counted of a target.
    #[derive(Serialize)]
    Quota {
        name: String,
        completes_goal: Count,
        quota_nominal: Count,
        completes: Count,
    }

    /// A condition of a target.
    #[derive(Serialize)]
    Condition {
        object: String,
        question_id: Count,
        option: Code,
        min: Whole,
        max: Whole,
        allow_all_values: bool,
        open_ended_values: Vec<Code>,
    }

    /// What is kept of a project or a target group, for writes that must send back what they do not change.
    #[derive(Serialize)]
    Kept {
        etag: String,
        phase: String,
        profiles: Profiles,
        template: String,
        run: String,
        run_etag: String,
        run_start: Time,
        run_end: Time,
        assistant_etag: String,
        /// Ids of groups of suppliers by their names.
        allocation_groups: BTreeMap<String, Code>,
    }

    /// Work that goes on.
    Job {
        status: String,
        failure_reason: Object<Failure>,
        failed_target_groups: Object<Left>,
        partial_success_reason: Object<Failure>,
    }

    /// What a job over many target groups could not do.
    Left {
        data: Vec<Object<LeftGroup>>,
    }

    /// A target group that such a job left as it was.
    LeftGroup {
        target_group_id: String,
        failure_reason: Object<Failure>,
    }

    /// Why a job failed, or one of several reasons for it.
    Failure {
        code: String,
        description: String,
        detail: String,
        reason: String,
        reasons: Vec<Object<Failure>>,
    }

    /// What a page of a list says of the next one.
    Page {
        has_more: bool,
        next_cursor: String,
    }

    /// Who changed what and when.
    Changelog {
        changelog: Vec<Object<Entry>>,
    }

    /// Changes that were made together.
    Entry {
        occurred_at: String,
        user: Object<Author>,
        changes: Vec<Object<Change>>,
    }

    /// Who made them.
    Author {
        #[serde(rename = "type")]
        kind: String,
        las_user_id: String,
    }

    /// One of them.
    Change {
        object: String,
        reason_code: String,
    }

    /// Which changes of status are allowed now.
    Transitions {
        is_pause_allowed: bool,
        is_resume_allowed: bool,
        is_relaunch_allowed: bool,
        is_finish_allowed: bool,
        is_launch_allowed: bool,
    }

    /// An estimate.
    Feasibility {
        suggested_price: Price,
        suggested_price_range: Object<Bounds<Price>>,
        suggested_completes_goal_range: Object<Bounds<Count>>,
    }

    /// What became of a list of respondents, or of the part of it that is of one target group; its other counts are only
    /// shown.
    Upload {
        request_id: String,
        target_group_id: String,
        status: String,
        expired_count: Count,
        invalid_count: Count,
    }

    /// A definition that manifests name: a business unit, a user, a supplier, a client, a code.
    Definition {
        id: Code,
        code: String,
        name: String,
        email: String,
        currency_code: String,
        pricing_models: Vec<String>,
    }

    /// A country with its languages.
    Locale {
        country: Object<Definition>,
        languages: Vec<Object<Definition>>,
    }
}

/// A text, empty where none is shown.
pub(super) fn word(shown: &Field<String>) -> &str {
    shown.value().map_or("", String::as_str)
}

/// What is in a list, nothing where none is shown.
pub(super) fn items<T>(shown: &Field<Vec<T>>) -> &[T] {
    shown.value().map_or(&[], Vec::as_slice)
}

/// What is in an object, nothing where none is shown.
pub(super) fn inside<T: Default>(shown: Field<Object<T>>) -> T {
    match shown {
        Field::Set(Object(inside)) => inside,
        Field::Absent | Field::Null => T::default(),
    }
}

impl Kept {
    /// What was kept of the answer that showed this; nothing where nothing was. `None` where it is of a version that cannot
    /// be read.
    pub(super) fn of(live: &LiveSurvey) -> Option<Self> {
        live.kept.read().map(Option::unwrap_or_default)
    }
}

/// Moves the price. A module without what makes it one is another thing, and none that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Pricing {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    total_budget: Field<Price>,
    #[serde(default)]
    pub(super) maximum_cpi: Field<Price>,
    #[serde(default)]
    minimum_cpi: Field<Price>,
    #[serde(default)]
    boost_cpi: Field<Price>,
}

/// Keeps quotas from running over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct QuotaOverlay {
    prevent_overfill: bool,
    balance_fill: bool,
}

/// Spreads completes over the time in field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Pacing {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    increment_interval: Field<String>,
    #[serde(default)]
    exposed_target_group_id: Field<String>,
}

/// Fields a part first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct SoftLaunch {
    end_at: Time,
    filling_goal_percentage: Number,
    demographics_strictness_percentage: Number,
}

/// Money: read as an amount in a text and its currency, written in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Price(pub(super) Money);
