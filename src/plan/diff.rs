//! What differs between wanted and live, field by field, without deciding what to do about it.
//!
//! Promises: a field the manifest does not mention never differs; a field the vendor does not show is compared with
//! what was last applied; lists are compared as sets by name or code; counters of completes never differ.

use crate::model::{Criterion, Field, LiveQuota, LiveSurvey, Quota, Status, SurveySpec, VendorId, Words};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A field of a survey that is compared as one value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldName {
    /// Title.
    Title,
    /// Locale.
    Locale,
    /// Completes wanted of the whole survey.
    Completes,
    /// Incidence rate.
    IncidenceRate,
    /// Length of interview.
    LengthOfInterview,
    /// Days in field.
    FieldDays,
    /// Start of fielding.
    Start,
    /// End of fielding.
    End,
    /// Price.
    Cpi,
    /// Ceiling of the price.
    MaxCpi,
    /// Entry URL.
    LiveUrl,
    /// Test URL.
    TestUrl,
    /// The qualifications as a whole; only used to ask how they may change.
    Qualifications,
    /// The criteria of quotas; only used to ask how they may change.
    QuotaCriteria,
    /// A setting of the vendor's own block.
    Attribute(String),
}

impl FieldName {
    /// Where the field stands in a manifest, as a JSON pointer.
    pub fn path(&self, vendor: VendorId) -> String {
        match self {
            Self::Title => "/title".to_owned(),
            Self::Locale => "/locale".to_owned(),
            Self::Completes => "/completes".to_owned(),
            Self::IncidenceRate => "/incidence_rate".to_owned(),
            Self::LengthOfInterview => "/length_of_interview".to_owned(),
            Self::FieldDays => "/field_days".to_owned(),
            Self::Start => "/field/start".to_owned(),
            Self::End => "/field/end".to_owned(),
            Self::Cpi => "/cpi".to_owned(),
            Self::MaxCpi => "/max_cpi".to_owned(),
            Self::LiveUrl => "/live_url".to_owned(),
            Self::TestUrl => "/test_url".to_owned(),
            Self::Qualifications => "/qualifications".to_owned(),
            Self::QuotaCriteria => "/quotas".to_owned(),
            Self::Attribute(name) => format!("/{}/{name}", vendor.key()),
        }
    }
}

/// A single value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldEdit {
    /// Which.
    pub field: FieldName,
    /// Live, or last applied where the vendor does not show it.
    pub before: Value,
    /// Wanted.
    pub after: Value,
    /// Somebody else moved it since the last apply.
    pub drift: bool,
}

/// A qualification that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualificationEdit {
    /// The vendor's code of the question.
    pub question: String,
    /// Live; `None` when it is new, or not known.
    pub before: Option<Criterion>,
    /// Wanted; `None` when it goes.
    pub after: Option<Criterion>,
    /// Whether it may or may not be at the vendor, because an earlier write of it was interrupted and cannot be seen.
    pub unsure: bool,
    /// Somebody else moved it since the last apply.
    pub drift: bool,
}

/// A quota that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuotaEdit {
    /// Not there yet.
    Add(Quota),
    /// Another number of completes, other criteria, or both.
    Change {
        /// As read.
        before: LiveQuota,
        /// Wanted.
        after: Quota,
        /// Somebody else moved it since the last apply.
        drift: bool,
    },
    /// Ours, and no longer wanted.
    Stop {
        /// As read.
        before: LiveQuota,
    },
}

impl QuotaEdit {
    /// The quota's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Add(quota) => &quota.name,
            Self::Change { after, .. } => &after.name,
            Self::Stop { before } => before.name.as_deref().unwrap_or(&before.id),
        }
    }

    /// Whether it changes who is counted, rather than how many.
    pub fn changes_criteria(&self) -> bool {
        match self {
            Self::Add(_) | Self::Stop { .. } => true,
            Self::Change { before, after, .. } => before.criteria != after.criteria,
        }
    }
}

/// All differences of one survey except its status and template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SurveyDiff {
    /// Single values, in the order of the manifest's fields.
    pub fields: Vec<FieldEdit>,
    /// Qualifications by question code.
    pub qualifications: Vec<QualificationEdit>,
    /// Quotas: wanted order, then the ones that go.
    pub quotas: Vec<QuotaEdit>,
    /// Live quotas nobody here manages.
    pub unmanaged_quotas: Vec<LiveQuota>,
    /// Live qualifications nobody here manages, by question code.
    pub unmanaged_qualifications: Vec<String>,
}

impl SurveyDiff {
    /// Whether nothing managed differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.qualifications.is_empty() && self.quotas.is_empty()
    }
}

/// A field as JSON; `Absent` and `Null` are both `null`.
fn json<T: Serialize>(field: &Field<T>) -> Value {
    match field {
        Field::Set(value) => serde_json::to_value(value).unwrap_or(Value::Null),
        Field::Absent | Field::Null => Value::Null,
    }
}

/// Collects the differences of single fields.
struct Comparison<'a> {
    unsure: &'a BTreeSet<String>,
    vendor: VendorId,
    edits: Vec<FieldEdit>,
}

impl Comparison<'_> {
    /// Compares one field of the three speakers.
    fn field<T: Serialize + PartialEq>(
        &mut self,
        field: FieldName,
        wanted: &Field<T>,
        applied: &Field<T>,
        live: &Field<T>,
    ) {
        if wanted.is_absent() {
            return;
        }
        let seen = if live.is_absent() { applied } else { live };
        // What was being written when an apply was interrupted, and is not shown, is not known.
        let unsure = live.is_absent() && self.unsure.contains(&field.path(self.vendor));
        // A vendor that does not show a field and never got it from us: clearing it is nothing to do.
        let same = match (wanted, seen) {
            _ if unsure => false,
            (Field::Null, Field::Absent) => true,
            (wanted, seen) => wanted == seen,
        };
        if !same {
            let drift = !live.is_absent() && !applied.is_absent() && live != applied;
            self.edits.push(FieldEdit {
                field,
                before: if unsure { Value::Null } else { json(seen) },
                after: json(wanted),
                drift,
            });
        }
    }
}

/// The path under which a qualification is remembered as not known for sure.
pub fn qualification_path(question: &str) -> String {
    format!("/qualifications/{question}")
}

/// What infield remembers of a survey, as far as it matters for what differs.
#[derive(Debug, Clone, Copy)]
pub struct Memory<'a> {
    /// Where the survey is.
    pub vendor: VendorId,
    /// What was applied last; it decides which quotas and qualifications are ours.
    pub applied: &'a SurveySpec,
    /// Paths of fields that an interrupted step may or may not have written.
    pub unsure: &'a BTreeSet<String>,
}

static NOTHING: BTreeSet<String> = BTreeSet::new();

impl<'a> Memory<'a> {
    /// What is remembered for certain.
    pub fn of(vendor: VendorId, applied: &'a SurveySpec) -> Self {
        Self {
            vendor,
            applied,
            unsure: &NOTHING,
        }
    }
}

/// Compares what a manifest wants with what the vendor shows.
pub fn diff(wanted: &SurveySpec, memory: Memory<'_>, live: &LiveSurvey) -> SurveyDiff {
    // Unpacked by name, so that a new field stops the build until somebody decides how it is compared.
    let SurveySpec {
        title,
        locale,
        completes,
        incidence_rate,
        length_of_interview,
        field_days,
        start,
        end,
        cpi,
        max_cpi,
        live_url,
        test_url,
        status: _,   // decided in `plan::survey`, because it is not ours alone
        template: _, // decided in `plan::survey`, because it can be applied only once
        qualifications,
        quotas,
        attributes,
    } = wanted;
    let (applied, seen) = (memory.applied, &live.spec);
    let mut f = Comparison {
        unsure: memory.unsure,
        vendor: memory.vendor,
        edits: Vec::new(),
    };
    f.field(FieldName::Title, title, &applied.title, &seen.title);
    f.field(FieldName::Locale, locale, &applied.locale, &seen.locale);
    f.field(
        FieldName::Completes,
        completes,
        &applied.completes,
        &seen.completes,
    );
    f.field(
        FieldName::IncidenceRate,
        incidence_rate,
        &applied.incidence_rate,
        &seen.incidence_rate,
    );
    f.field(
        FieldName::LengthOfInterview,
        length_of_interview,
        &applied.length_of_interview,
        &seen.length_of_interview,
    );
    f.field(
        FieldName::FieldDays,
        field_days,
        &applied.field_days,
        &seen.field_days,
    );
    f.field(FieldName::Start, start, &applied.start, &seen.start);
    f.field(FieldName::End, end, &applied.end, &seen.end);
    f.field(FieldName::Cpi, cpi, &applied.cpi, &seen.cpi);
    f.field(FieldName::MaxCpi, max_cpi, &applied.max_cpi, &seen.max_cpi);
    f.field(FieldName::LiveUrl, live_url, &applied.live_url, &seen.live_url);
    f.field(FieldName::TestUrl, test_url, &applied.test_url, &seen.test_url);
    for (name, value) in attributes {
        let absent = Field::Absent;
        f.field(
            FieldName::Attribute(name.clone()),
            value,
            applied.attributes.get(name).unwrap_or(&absent),
            seen.attributes.get(name).unwrap_or(&absent),
        );
    }
    let (qualifications, unmanaged_qualifications) =
        diff_qualifications(qualifications, memory, &live.qualifications);
    let (quotas, unmanaged_quotas) = diff_quotas(quotas, memory, &live.quotas);
    SurveyDiff {
        fields: f.edits,
        qualifications,
        quotas,
        unmanaged_quotas,
        unmanaged_qualifications,
    }
}

fn by_question(field: &Field<Vec<Criterion>>) -> BTreeMap<&str, &Criterion> {
    field
        .value()
        .into_iter()
        .flatten()
        .map(|c| (c.question.as_str(), c))
        .collect()
}

fn diff_qualifications(
    wanted: &Field<Vec<Criterion>>,
    memory: Memory<'_>,
    live: &Field<Vec<Criterion>>,
) -> (Vec<QualificationEdit>, Vec<String>) {
    let want = by_question(wanted);
    let ours = by_question(&memory.applied.qualifications);
    let shown = !live.is_absent();
    let seen = if shown { by_question(live) } else { ours.clone() };
    let prefix = qualification_path("");
    let unsure: BTreeSet<&str> = memory
        .unsure
        .iter()
        .filter(|_| !shown)
        .filter_map(|path| path.strip_prefix(&prefix))
        .collect();
    let mut edits = Vec::new();
    if !wanted.is_absent() {
        let questions: BTreeSet<&str> = want.keys().chain(ours.keys()).chain(&unsure).copied().collect();
        for question in questions {
            let unsure = unsure.contains(question);
            let before = seen.get(question).filter(|_| !unsure);
            let after = want.get(question);
            if unsure || before != after {
                edits.push(QualificationEdit {
                    question: question.to_owned(),
                    before: before.map(|c| (*c).clone()),
                    after: after.map(|c| (*c).clone()),
                    unsure,
                    drift: shown && ours.get(question).is_some_and(|applied| before != Some(applied)),
                });
            }
        }
    }
    let unmanaged = seen
        .keys()
        .filter(|q| shown && !want.contains_key(*q) && !ours.contains_key(*q))
        .map(|q| (*q).to_owned())
        .collect();
    (edits, unmanaged)
}

fn diff_quotas(
    wanted: &Field<Vec<Quota>>,
    memory: Memory<'_>,
    live: &[LiveQuota],
) -> (Vec<QuotaEdit>, Vec<LiveQuota>) {
    let applied = memory.applied.quotas.value();
    let ours: BTreeMap<&str, &Quota> = applied
        .into_iter()
        .flatten()
        .map(|q| (q.name.as_str(), q))
        .collect();
    let live = &filled(live, wanted, memory);
    let seen: BTreeMap<&str, &LiveQuota> = live
        .iter()
        .filter_map(|q| q.name.as_deref().map(|name| (name, q)))
        .collect();
    let want: BTreeMap<&str, &Quota> = wanted
        .value()
        .into_iter()
        .flatten()
        .map(|q| (q.name.as_str(), q))
        .collect();
    let mut edits = Vec::new();
    for quota in wanted.value().into_iter().flatten() {
        match seen.get(quota.name.as_str()) {
            None => edits.push(QuotaEdit::Add(quota.clone())),
            Some(before)
                if before.hidden
                    || before.completes != quota.completes
                    || before.criteria != quota.criteria =>
            {
                let drift = !before.hidden
                    && ours.get(quota.name.as_str()).is_some_and(|applied| {
                        applied.completes != before.completes || applied.criteria != before.criteria
                    });
                edits.push(QuotaEdit::Change {
                    before: (*before).clone(),
                    after: quota.clone(),
                    drift,
                });
            }
            Some(_) => {}
        }
    }
    if !wanted.is_absent() {
        for name in ours.keys().filter(|name| !want.contains_key(*name)) {
            // A quota at zero is stopped already: that is how a vendor that cannot delete keeps it.
            if let Some(before) = seen.get(name).filter(|q| q.hidden || q.completes > 0) {
                edits.push(QuotaEdit::Stop {
                    before: (*before).clone(),
                });
            }
        }
    }
    let unmanaged = live
        .iter()
        .filter(|q| q.hidden || q.completes > 0)
        .filter(|q| {
            q.name
                .as_deref()
                .is_none_or(|name| !want.contains_key(name) && !ours.contains_key(name))
        })
        .cloned()
        .collect();
    (edits, unmanaged)
}

/// The path under which a quota is remembered as not known for sure.
pub fn quota_path(name: &str) -> String {
    format!("/quotas/{name}")
}

/// Quotas with what the vendor does not show of them taken from what was applied last. One that stays hidden is not
/// known: nobody applied it, or the last write of it was interrupted.
///
/// Where the vendor keeps no names, a quota has the name under which its criteria were applied, or else are wanted.
pub fn filled(live: &[LiveQuota], wanted: &Field<Vec<Quota>>, memory: Memory<'_>) -> Vec<LiveQuota> {
    let applied = memory.applied.quotas.value().into_iter().flatten();
    let ours: BTreeMap<&str, &Quota> = applied.clone().map(|q| (q.name.as_str(), q)).collect();
    let named = |quota: &LiveQuota| {
        let mut known = applied.clone().chain(wanted.value().into_iter().flatten());
        known.find(|known| known.criteria == quota.criteria)
    };
    live.iter()
        .map(|quota| {
            if quota.nameless {
                return LiveQuota {
                    name: named(quota).map(|known| known.name.clone()),
                    ..quota.clone()
                };
            }
            let name = quota.name.as_deref().filter(|_| quota.hidden);
            let sure = name.filter(|name| !memory.unsure.contains(&quota_path(name)));
            match sure.and_then(|name| ours.get(name)) {
                Some(applied) => LiveQuota {
                    completes: applied.completes,
                    criteria: applied.criteria.clone(),
                    hidden: false,
                    ..quota.clone()
                },
                None => quota.clone(),
            }
        })
        .collect()
}

/// Criteria as a manifest would write them, for changes and messages.
pub fn criteria_json(book: &Words<'_>, criteria: &[Criterion]) -> Value {
    let mut map = serde_json::Map::new();
    for criterion in criteria {
        let (name, answers) = book.describe(criterion);
        map.insert(name.to_owned(), Value::from(answers));
    }
    Value::Object(map)
}

/// A status field's value, for changes.
pub fn status_json(status: Option<Status>) -> Value {
    status.map_or(Value::Null, |status| Value::from(status.to_string()))
}
