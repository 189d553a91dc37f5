//! What InnovateMR estimates: a figure for a number of days in field, whose meaning no document gives.

use super::assumptions::Assumptions;
use super::client;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::estimates::{Asked, Estimate, Opaque, needed};
use crate::model::Reading;

/// Asks for an estimate.
pub(super) async fn ask(session: &Session, table: &Assumptions, asked: Asked<'_>) -> Reading<Estimate> {
    let spec = asked.spec;
    let wanted = needed(&spec.completes, "completes")
        .and(needed(&spec.incidence_rate, "incidence_rate"))
        .and(needed(&spec.length_of_interview, "length_of_interview"))
        .and(needed(&spec.locale, "locale").map(drop));
    if let Err(proof) = wanted {
        return Reading::Absent { proof };
    }
    let days = spec.field_days.value().copied().unwrap_or(asked.days);
    match client::estimates(session, table, spec, days).await {
        Ok(rows) => match rows.into_iter().find(|(row, _)| *row == days) {
            Some((days, figure)) => Reading::Present(Estimate {
                opaque: Some(Opaque { days, figure }),
                ..Estimate::default()
            }),
            None => Reading::Unknown {
                why: format!("the vendor's answer has no figure for {days} days"),
            },
        },
        Err(error) => Reading::Unknown {
            why: error.to_string(),
        },
    }
}
