//! What the vendor reports about fielding: counters, and money as strings with two decimals
//! (vendor wiki 2502819845). Money is decimal from end to end.

use super::prelude::*;
use rust_decimal::RoundingStrategy;

/// `GET /surveys/{id}/quotas/performance` (vendor wiki 33551187)
pub(super) fn quotas(survey: &Survey) -> Value {
    let shown = |quota: &Quota| {
        json!({
            "ps_quota_id": quota.ps_quota_id, "buyer_quota_id": quota.buyer_quota_id,
            "completes_goal": quota.required, "completes_fielded": quota.fielded,
        })
    };
    survey.quotas.iter().map(shown).collect()
}

/// `GET /surveys/{id}/performance`
pub(super) fn survey(survey: &Survey) -> Value {
    let goal = survey.goal();
    let fielded = survey.counts.completes;
    let current = charged(survey);
    let at_launch = survey.launch_cpi.unwrap_or(current);
    let remaining = goal.saturating_sub(fielded);
    let projected = survey.cost + current * Decimal::from(remaining);
    let paid = goal.max(fielded);
    let average = projected.checked_div(Decimal::from(paid)).unwrap_or(current);
    let loi = survey.number("expected_loi");
    let last_block = (fielded > 0).then_some(loi);
    let incidence = incidence(survey);
    json!({
        "ps_survey_status": survey.status,
        "completes_fielded": fielded,
        "completes_goal": goal,
        "cpi_forecast_at_launch": money(at_launch),
        "current_cpi": money(current),
        "projected_acpi": money(average),
        "total_cost_forecast_at_launch": money(at_launch * Decimal::from(goal)),
        "current_cost": money(survey.cost),
        "projected_total_cost": money(projected),
        "stated_loi": loi,
        "current_overall_loi": loi,
        "stated_incidence": survey.number("expected_ir"),
        "current_overall_incidence": incidence.unwrap_or(survey.number("expected_ir")),
        "last_block_loi": last_block,
        "last_block_incidence": incidence,
        "over_quota_count": survey.counts.over_quotas,
        "drop_off_count": survey.counts.drops,
        "quality_termination_count": survey.counts.quality_terminations,
        "termination_count": survey.counts.terminations,
    })
}

/// Completes as percent of completes, terminations, drops and over quotas (supplier wiki 33515296).
fn incidence(survey: &Survey) -> Option<u64> {
    let counts = survey.counts;
    let entered = counts.completes + counts.terminations + counts.drops + counts.over_quotas;
    (counts.completes * 100).checked_div(entered)
}

/// Shows an amount with two decimals, halves away from zero.
pub(super) fn money(amount: Decimal) -> String {
    let rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    format!("{rounded:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals() {
        for (amount, shown) in [("3", "3.00"), ("1.005", "1.01"), ("618.25", "618.25")] {
            assert_eq!(money(amount.parse().unwrap()), shown);
        }
    }
}
