//! Lists of respondents to include or exclude, and traffic channels: the small endpoints.

use super::field::json as parse;
use super::prelude::*;

/// `POST /surveys/{id}/PSIDRef` replaces the list, `PATCH` adds to it. The body's form is assumed
/// from the supplier side's response (supplier wiki 41549825).
pub(super) fn put_psids(world: &World, call: &Call, id: &str, adds: bool) -> Outcome {
    let sent = match parse(&call.body)? {
        Value::Object(mut map) => map.remove("PSIDRef"),
        other => Some(other),
    };
    let psids = sent.as_ref().and_then(texts);
    let psids = psids.ok_or_else(|| invalid("PSIDRef must be an array of strings"))?;
    let survey = world.store.write(|batch| {
        let mut survey = load(batch, id)?;
        if survey.status == CLOSED {
            return Err(SURVEY_CLOSED.into());
        }
        if !adds {
            survey.psids.clear();
        }
        for psid in psids {
            if !survey.psids.contains(&psid) {
                survey.psids.push(psid);
            }
        }
        survey.psids_ms = Some(world.now_ms());
        save(batch, &survey, Some(survey.status))?;
        Ok::<_, Failure>(survey)
    })?;
    let status = if adds { StatusCode::OK } else { StatusCode::CREATED };
    Ok(Answer::json(status, &json!({"PSIDRef": survey.psids})))
}

/// `GET /surveys/{id}/PSIDRef`
pub(super) fn psids(world: &World, id: &str) -> Outcome {
    let survey = load(&world.store.view()?, id)?;
    let refresh = survey.psids_ms.unwrap_or(survey.created_ms);
    ok(&json!({"incl_excl": survey.number("incl_excl"), "refresh": refresh, "PSIDRef": survey.psids}))
}

/// `POST /surveys/{id}/channels` (vendor wiki 2380038153). The request is accepted; the channel
/// itself is not emulated.
pub(super) fn channel(world: &World, call: &Call, id: &str) -> Outcome {
    let body = object(&call.body)?;
    let survey = load(&world.store.view()?, id)?;
    if survey.status != LIVE {
        return Err(invalid("Survey is not in live status"));
    }
    if !["REP", "SPA", "TL"].contains(&body.word("type")) {
        return Err(invalid("type must be REP, SPA or TL"));
    }
    let message = json!({"message": "Traffic channel survey creation request accepted"});
    Ok(Answer::json(StatusCode::CREATED, &message))
}
