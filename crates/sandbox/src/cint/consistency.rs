//! What is wrong with whole profiles whose cells are right, and what is wrong between profiles.

use super::prelude::*;
use super::rules::{Problem, Reader, rule};

/// OpenAPI: 1-200 targets per profile in one completes-goal call; nowhere is a larger number of targets seen.
const MOST_TARGETS: usize = 200;
/// What is wrong between profiles.
pub(super) fn among(profiles: &[Profile], problems: &mut Vec<Problem>) {
    let of = |blend: Option<Blend>| profiles.iter().filter(move |profile| profile.blend == blend);
    if of(Some(Blend::Interlock)).count() > 1 {
        problems.push(rule("blended_profile_cannot_be_more_than_1_034", &[]));
    }
    if of(Some(Blend::Control)).count() > 1 {
        let reason = "blended_profile_with_control_as_blended_type_cannot_be_more_than_1_066";
        problems.push(rule(reason, &[]));
    }
    let mut seen: Vec<u64> = Vec::new();
    for profile in profiles
        .iter()
        .filter(|profile| profile.blend != Some(Blend::Control))
    {
        let (twice, new): (Vec<u64>, Vec<u64>) = profile.questions().iter().partition(|id| seen.contains(id));
        if !twice.is_empty() {
            problems.push(rule("profile_not_unique_006", &twice));
        }
        seen.extend(new);
    }
    let regular: Vec<u64> = of(None).flat_map(Profile::questions).collect();
    let interlocked: Vec<u64> = of(Some(Blend::Interlock)).flat_map(Profile::questions).collect();
    for control in of(Some(Blend::Control)) {
        let questions = control.questions();
        if questions.iter().any(|id| interlocked.contains(id)) {
            problems.push(rule("blended_profile_with_control_as_blended_type_cannot_share_questions_with_blended_type_as_interlock_or_null_blended_type_068", &questions));
        } else if !questions.iter().any(|id| regular.contains(id)) {
            // Not every question needs a regular profile: the published example of a valid request has one without.
            let reason =
                "blended_profile_with_control_as_blended_type_should_match_with_regular_profiles_067";
            problems.push(rule(reason, &questions));
        }
    }
}

impl Reader<'_, '_> {
    /// What is wrong with a profile whose cells are right.
    pub(super) fn whole(&mut self, profile: &Profile) {
        let questions = profile.questions();
        match profile.blend {
            None => self.regular(profile, &questions),
            Some(blend) => self.blended(profile, blend, &questions),
        }
        if profile.targets.len() > MOST_TARGETS {
            let reason = "total_number_of_quotas_cannot_be_greater_than_max_030";
            self.wrong(reason, &questions);
        }
        let mut names = profile.targets.iter().filter_map(|target| target.name.as_ref());
        let mut seen = BTreeSet::new();
        if names.any(|name| !seen.insert(name)) {
            let reason = if profile.blend == Some(Blend::Control) {
                "blended_profile_with_control_as_blended_type_cannot_have_duplicate_target_or_quota_name_073"
            } else {
                "duplicate_quota_name_056"
            };
            self.wrong(reason, &questions);
        }
        if profile.quotas {
            self.sum(profile, &questions);
        }
    }

    fn regular(&mut self, profile: &Profile, questions: &[u64]) {
        if questions.len() > 1 {
            self.wrong(
                "regular_profile_cannot_have_more_than_one_question_048",
                questions,
            );
        }
        let conditions = profile.targets.iter().flat_map(|target| &target.conditions);
        let conditions: Vec<&Value> = conditions.collect();
        for (index, condition) in conditions.iter().enumerate() {
            if conditions[..index].contains(condition) {
                self.wrong("profile_condition_not_unique_003", questions);
                return;
            }
            let ends = |value: &Value| value["min"].as_u64().zip(value["max"].as_u64());
            let meets = |other: &&Value| {
                let both = ends(condition).zip(ends(other));
                both.is_some_and(|((min, max), (from, to))| min <= to && from <= max)
            };
            let overlap = conditions[..index].iter().any(meets);
            if overlap {
                self.wrong("profile_condition_ranges_should_not_overlap_014", questions);
                return;
            }
        }
    }

    fn blended(&mut self, profile: &Profile, blend: Blend, questions: &[u64]) {
        if !profile.quotas {
            self.wrong("quota_will_be_always_enabled_for_blended_profile_025", questions);
        }
        if profile.name.is_none() {
            self.misshapen("name", "is required for a blended profile");
        }
        if questions.len() < 2 {
            let reason = "profiles_to_be_blended_cannot_have_only_one_question_049";
            self.wrong(reason, questions);
        }
        if questions.len() > 3 {
            let reason = "blended_profiles_cannot_have_more_than_3_questions_023";
            self.wrong(reason, questions);
        }
        if profile.targets.iter().any(|target| target.conditions.len() < 2) {
            self.wrong("blended_profile_cannot_have_only_one_condition_058", questions);
        }
        if blend == Blend::Control && !profile.targets.iter().all(Target::is_named) {
            let reason = "blended_profile_with_control_as_blended_type_must_have_target_or_quota_name_072";
            self.wrong(reason, questions);
        }
    }

    fn sum(&mut self, profile: &Profile, questions: &[u64]) {
        let blended = profile.blend.is_some();
        let reason = if self.nominal {
            let sum: u64 = profile.targets.iter().map(|target| target.goal).sum();
            let fits = sum <= self.frame.goal && (blended || sum == self.frame.goal);
            match sum {
                0 => "at_least_one_quota_should_have_completes_goal_greater_than_zero_063",
                _ if self.frame.sums && !fits => "incorrect_sum_of_nominal_010",
                _ => return,
            }
        } else {
            let sum: Decimal = profile.targets.iter().map(|target| target.share).sum();
            let off = sum - Decimal::ONE_HUNDRED;
            let slack = Decimal::new(5, 2);
            match off > slack || (!blended && off < -slack) {
                _ if sum.is_zero() => {
                    "at_least_one_quota_should_have_completes_goal_percentage_greater_than_zero_064"
                }
                true if self.frame.sums => "incorrect_sum_of_percentage_009",
                _ => return,
            }
        };
        self.wrong(reason, questions);
    }
}
