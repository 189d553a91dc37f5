//! Lists of respondents to include or exclude, and traffic channels: the small endpoints.

use super::prelude::*;
use super::record::change;

/// The field that says whether a survey is a recontact.
pub(super) const RECONTACT: &str = "incl_excl";

/// `POST /surveys/{id}/PSIDRef` replaces the list, `PATCH` adds to it. The body's form is assumed
/// from the supplier side's response (supplier wiki 41549825).
pub(super) fn put_psids(world: &World, call: &Call, id: &str, adds: bool) -> Outcome {
    let body: Value = body(call)?;
    let psids = texts(body.get("PSIDRef").unwrap_or(&body));
    let psids = psids.ok_or_else(|| invalid("PSIDRef must be an array of strings"))?;
    change(world, id, |survey| {
        survey.refuse_closed()?;
        if !adds {
            survey.psids.clear();
        }
        for psid in psids {
            if !survey.psids.contains(&psid) {
                survey.psids.push(psid);
            }
        }
        survey.psids_ms = Some(world.now_ms());
        let status = if adds { StatusCode::OK } else { StatusCode::CREATED };
        Ok(Answer::json(status, &json!({"PSIDRef": survey.psids})))
    })
}

/// `GET /surveys/{id}/PSIDRef`
pub(super) fn psids(survey: &Survey) -> Value {
    let refresh = survey.psids_ms.unwrap_or(survey.created_ms);
    json!({"incl_excl": survey.number("incl_excl"), "refresh": refresh, "PSIDRef": survey.psids})
}

/// `POST /surveys/{id}/channels` (vendor wiki 2380038153). The request is accepted; the channel
/// itself is not emulated.
pub(super) fn channel(call: &Call, survey: &Survey) -> Outcome {
    if survey.status != LIVE {
        return Err(invalid("Survey is not in live status"));
    }
    if !["REP", "SPA", "TL"].contains(&object(call)?.word("type")) {
        return Err(invalid("type must be REP, SPA or TL"));
    }
    let message = json!({"message": "Traffic channel survey creation request accepted"});
    Ok(Answer::json(StatusCode::CREATED, &message))
}
