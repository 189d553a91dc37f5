//! Quotas of a template or made by hand stand beside those of a manifest. Where the two would overlap, the vendor refuses the
//! edit, and that is said before anything is sent.

use super::limits::OVERLAP;
use crate::model::{Answers, Criterion};
use crate::plan::Refusal;
use crate::plan::diff::{QuotaEdit, quota_path};
use crate::plan::market::Edits;

/// Who a quota counts once edits are written.
struct Counted<'a> {
    name: &'a str,
    criteria: &'a [Criterion],
    /// Whether the edits decide it.
    edited: bool,
}

/// Refuses edits of quotas whose ranges would overlap those of a quota that is left alone (vendor wiki 34700934). Among the
/// manifest's own, its check has said so.
pub(super) fn stay_apart(edits: &Edits<'_>) -> Result<(), Refusal> {
    let after = after(edits);
    let (edited, left): (Vec<_>, Vec<_>) = after.iter().partition(|quota| quota.edited);
    for quota in edited {
        let Some(other) = left.iter().find(|other| overlap(quota.criteria, other.criteria)) else {
            continue;
        };
        let message = format!(
            "the ranges of `{}` overlap those of the quota {} at the vendor, which no manifest has: {}",
            quota.name, other.name, OVERLAP.text
        );
        return Err(Refusal::new(message)
            .help(
                "set that quota to 0 at the vendor, write ranges beside its own, or ask exactly what it asks",
            )
            .at(quota_path(quota.name)));
    }
    Ok(())
}

/// The quotas that count anybody afterwards. What the vendor does not show is not compared.
fn after<'a>(edits: &Edits<'a>) -> Vec<Counted<'a>> {
    let all = || edits.written.quotas.iter().chain(edits.quotas);
    let mut found = Vec::new();
    for live in edits.live.quotas.iter().filter(|live| !live.hidden) {
        let of = |edit: &&QuotaEdit| match edit {
            QuotaEdit::Change { before, .. } | QuotaEdit::Stop { before } => before.id == live.id,
            QuotaEdit::Add(_) => false,
        };
        let (criteria, completes, name, edited) = match all().rfind(of) {
            Some(QuotaEdit::Change { after, .. }) => (
                &after.criteria,
                after.completes,
                after.name.as_str(),
                after.criteria != live.criteria || live.completes == 0,
            ),
            Some(_) => continue,
            None => (
                &live.criteria,
                live.completes,
                live.name.as_deref().unwrap_or(&live.id),
                false,
            ),
        };
        if completes > 0 {
            found.push(Counted {
                name,
                criteria,
                edited,
            });
        }
    }
    found.extend(all().filter_map(|edit| match edit {
        QuotaEdit::Add(quota) if quota.completes > 0 => Some(Counted {
            name: &quota.name,
            criteria: &quota.criteria,
            edited: true,
        }),
        _ => None,
    }));
    found
}

/// Whether two quotas divide the same people by ranges, and somebody is in both. Quotas over other questions are nested in
/// each other, which the vendor takes (vendor wiki 33506458).
fn overlap(one: &[Criterion], other: &[Criterion]) -> bool {
    let same = |criterion: &Criterion| other.iter().find(|other| other.question == criterion.question);
    one.len() == other.len()
        && one
            .iter()
            .any(|criterion| matches!(criterion.answers, Answers::Ranges(_)))
        && one
            .iter()
            .all(|criterion| same(criterion).is_some_and(|other| meet(&criterion.answers, &other.answers)))
}

/// Whether one answer can be in both.
fn meet(one: &Answers, other: &Answers) -> bool {
    match (one, other) {
        (Answers::Ranges(one), Answers::Ranges(other)) => one
            .iter()
            .any(|range| other.iter().any(|other| range.overlaps(other))),
        (Answers::Codes(one), Answers::Codes(other)) => !one.is_disjoint(other),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::targeting::Range;
    use crate::model::{Address, LiveQuota, LiveSurvey, Quota, SurveySpec};
    use crate::plan::diff::SurveyDiff;
    use crate::plan::market::Subject;

    fn ages(from: i64, to: i64) -> Vec<Criterion> {
        vec![Criterion {
            question: "212".into(),
            unit: None,
            answers: Answers::ranges([Range { from, to }]),
        }]
    }

    fn men(mut criteria: Vec<Criterion>) -> Vec<Criterion> {
        criteria.push(Criterion {
            question: "211".into(),
            unit: None,
            answers: Answers::Codes(["111".to_owned()].into()),
        });
        criteria
    }

    fn live(name: &str, completes: u64, criteria: Vec<Criterion>) -> LiveQuota {
        LiveQuota {
            name: Some(name.to_owned()),
            id: format!("id-{name}"),
            completes,
            fielded: None,
            criteria: criteria.into(),
            nameless: false,
            hidden: false,
        }
    }

    fn quota(name: &str, completes: u64, criteria: Vec<Criterion>) -> Quota {
        Quota {
            name: name.to_owned(),
            completes,
            criteria: criteria.into(),
        }
    }

    fn refused(quotas: Vec<LiveQuota>, edits: &[QuotaEdit]) -> Option<String> {
        let (address, spec, written) = (Address::survey("s"), SurveySpec::default(), SurveyDiff::default());
        let live = LiveSurvey {
            quotas,
            ..LiveSurvey::default()
        };
        let refusal = stay_apart(&Edits {
            subject: Subject {
                address: &address,
                lexicon: None,
            },
            live: &live,
            applied: &spec,
            wanted: &spec,
            fields: &[],
            qualifications: &[],
            quotas: edits,
            written: &written,
            begun: None,
            as_of: None,
        });
        refusal
            .err()
            .map(|refusal| format!("{} {}", refusal.path, refusal.message))
    }

    #[test]
    fn what_overlaps_a_quota_of_nobodys_manifest_is_not_sent() {
        let add = |criteria| [QuotaEdit::Add(quota("young", 10, criteria))];
        let template = |criteria| vec![live("t", 5, criteria)];
        let told = refused(template(ages(18, 24)), &add(ages(24, 39))).unwrap_or_default();
        assert!(
            told.starts_with("/quotas/young the ranges of `young` overlap"),
            "{told}"
        );
        assert_eq!(refused(template(ages(18, 24)), &add(ages(25, 39))), None);
        assert_eq!(
            refused(template(ages(18, 24)), &add(men(ages(18, 39)))),
            None,
            "nested"
        );
        assert!(refused(template(men(ages(18, 24))), &add(men(ages(18, 39)))).is_some());
        assert_eq!(
            refused(vec![live("t", 0, ages(18, 24))], &add(ages(18, 39))),
            None,
            "stopped"
        );
    }

    #[test]
    fn only_what_an_edit_opens_or_moves_is_held_against_the_rest() {
        let change = |before: &LiveQuota, after| QuotaEdit::Change {
            before: before.clone(),
            after,
            drift: false,
        };
        let (ours, theirs) = (live("young", 10, ages(18, 39)), live("t", 5, ages(18, 24)));
        let all = || vec![ours.clone(), theirs.clone()];
        let goal = change(&ours, quota("young", 20, ages(18, 39)));
        assert_eq!(refused(all(), &[goal]), None, "it is so already");
        let moved = change(&ours, quota("young", 10, ages(20, 39)));
        assert!(refused(all(), std::slice::from_ref(&moved)).is_some());
        let stopped = QuotaEdit::Stop {
            before: theirs.clone(),
        };
        assert_eq!(refused(all(), &[moved, stopped]), None);
        let closed = live("young", 0, ages(18, 39));
        let opened = change(&closed, quota("young", 10, ages(18, 39)));
        assert!(refused(vec![closed, theirs], &[opened]).is_some());
    }
}
